"""Whether a runbook could be worked right now: every key it calls is looked at before it is needed.

Nothing is installed, started or changed by looking. What could not be looked at says so and is no tick.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Protocol

from keys_jupyter.errors import KeysError
from keys_jupyter.incidents import steps_of
from keys_jupyter.incidents.timing import moment
from keys_jupyter.model.catalog import KeyRow
from keys_jupyter.model.marketplace import Session
from keys_jupyter.model.parameters import ParametersReply
from keys_jupyter.model.requirements import Requirements
from keys_jupyter.model.runbook import Runbook
from keys_jupyter.model.working import Check, Readiness
from keys_jupyter.service.keys.catalogue import Catalogue
from keys_jupyter.service.keys.installs import Installs
from keys_jupyter.service.keys.runbooks import Runbooks

SOON = timedelta(hours=72)
"""A sign-in that ends sooner than this is about to end: the longest night plus a weekend."""


class Market(Protocol):
    """What is asked of the marketplace."""

    @property
    def name(self) -> str:
        """Return the name its keys are listed under."""
        ...

    def session(self) -> Session:
        """Ask it who we are."""
        ...


class Readying:
    """Looks at runbooks before they are needed."""

    def __init__(
        self,
        runbooks: Runbooks,
        catalogue: Catalogue,
        installs: Installs,
        parameters: Callable[[str], ParametersReply],
        requirements: Callable[[str], Requirements],
        marketplace: Market,
    ) -> None:
        """Take what is asked.

        Args:
            runbooks: finds runbooks.
            catalogue: knows keys and entitlements.
            installs: knows what is installed and edited.
            parameters: says what a key takes.
            requirements: compares what a key needs with what its kernel has.
            marketplace: where keys with a right to them come from.
        """
        self._runbooks = runbooks
        self._catalogue = catalogue
        self._installs = installs
        self._parameters = parameters
        self._requirements = requirements
        self._marketplace = marketplace

    def ready(self, name: str) -> Readiness:
        """Return every check of a runbook.

        Raises:
            NotAvailable: there is none of that name.
        """
        runbook = self._runbooks.runbook(name)
        checks = list(self._checks(runbook))
        return Readiness(
            runbook=runbook.slug,
            title=runbook.title,
            version=runbook.version,
            ready=all(check.ok for check in checks if check.looked),
            checks=checks,
        )

    def _checks(self, runbook: Runbook) -> Iterator[Check]:
        steps = steps_of(runbook)
        yield Check(
            key=None,
            name="steps",
            ok=bool(steps),
            message=f"{len(steps)} steps can be worked." if steps else "It has no steps.",
            hint="" if steps else "Give it numbered steps under its sections.",
        )
        yield self._linked(runbook)
        rows = {row.slug: row for row in self._catalogue.catalog().keys}
        called = dict.fromkeys(key.slug for _, step in steps for key in step.keys)
        for slug in called:
            yield from self._key(slug, rows.get(slug))
        sources = {rows[slug].source for slug in called if slug in rows}
        if self._marketplace.name in sources:
            yield self._sign_in()

    def _sign_in(self) -> Check:
        try:
            return _holds(self._marketplace.session())
        except KeysError as error:
            return Check(key=None, name="sign-in", ok=False, message=error.message, hint=error.hint)

    def _linked(self, runbook: Runbook) -> Check:
        """Look whether every runbook that a branch leads to is at hand."""
        branches = [
            branch
            for section in runbook.sections
            for branch in (*section.branches, *(b for step in section.steps for b in step.branches))
        ]
        wanted = dict.fromkeys(
            branch.goto for branch in branches if branch.goto and branch.goto.startswith("runbook:")
        )
        gone = [goto.removeprefix("runbook:") for goto in wanted if not self._is_there(goto)]
        return Check(
            key=None,
            name="runbooks",
            ok=not gone,
            message=f"It leads to runbooks that are not at hand: {', '.join(gone)}."
            if gone
            else f"All {len(wanted)} runbooks it leads to are at hand.",
            hint="Add their library, or correct the names." if gone else "",
        )

    def _is_there(self, name: str) -> bool:
        try:
            self._runbooks.source(name)
        except KeysError:
            return False
        return True

    def _key(self, slug: str, row: KeyRow | None) -> Iterator[Check]:
        if row is None:
            yield _bad(
                slug,
                "entitled",
                f"{slug} is in no source at hand.",
                "Sign in to the marketplace that has it, or add its library.",
            )
            return
        if not row.entitled:
            ended = " any more" if row.right == "expired" else ""
            yield _bad(
                slug,
                "entitled",
                f"Your organisation is not entitled to {row.title}{ended}.",
                "Get it at the marketplace, then look again.",
            )
        elif row.right_until and _soon(row.right_until):
            yield _bad(
                slug,
                "entitled",
                f"The right to {row.title} ends at {row.right_until}.",
                "Have it prolonged at the marketplace; an installed version stays.",
            )
        else:
            yield Check(key=slug, name="entitled", ok=True, message="Entitled.")
        if row.kind == "jupyter":
            yield self._installed(slug, row)
            yield self._parameters_of(slug)
            yield from self._kernel(slug)

    def _installed(self, slug: str, row: KeyRow) -> Check:
        if not row.installed:
            return _bad(
                slug, "installed", "Not installed.", f'Install it: "jupyter keys install {slug}".'
            )
        rows = [one for one in self._installs.installed(slug).installed if one.default]
        edited = sorted({name for one in rows for name in one.edited})
        if edited:
            return _bad(
                slug,
                "unchanged",
                f"{len(edited)} of its installed files are not as they were verified: {edited[0]}.",
                "Move its folder aside and install it again; a run uses the verified files.",
            )
        return Check(
            key=slug,
            name="installed",
            ok=True,
            message=f"Installed {', '.join(row.installed)}, every file as it was verified.",
        )

    def _parameters_of(self, slug: str) -> Check:
        try:
            takes = self._parameters(slug)
        except KeysError as error:
            return _bad(slug, "parameters", error.message, error.hint)
        count = len(takes.parameters)
        return Check(
            key=slug, name="parameters", ok=True, message=f"{count} parameters can be filled in."
        )

    def _kernel(self, slug: str) -> Iterator[Check]:
        try:
            needs = self._requirements(slug)
        except KeysError as error:
            yield _bad(slug, "kernel", error.message, error.hint)
            return
        if not needs.known:
            gone = "no kernel" in needs.note or "does not answer" in needs.note
            yield Check(
                key=slug,
                name="kernel",
                ok=False,
                looked=gone,
                message=needs.note if gone else f"Not checked. {needs.note}",
                hint=f"Install the kernel {needs.kernel}, or choose another." if gone else "",
            )
            return
        yield Check(
            key=slug,
            name="kernel",
            ok=True,
            message=f"The kernel {needs.kernel} is here, Python {needs.python}.",
        )
        lacking = [package.wanted for package in needs.packages if not package.satisfied]
        if lacking or needs.refused:
            said = ", ".join([*lacking, *needs.refused])
            yield _bad(
                slug,
                "requirements",
                f"The kernel {needs.kernel} lacks: {said}.",
                "Install them into that kernel from the key's page.",
            )
        else:
            yield Check(
                key=slug,
                name="requirements",
                ok=True,
                message=f"All {len(needs.packages)} requirements are met.",
            )


def _holds(session: Session) -> Check:
    ends = session.expires_at
    hint = "Sign in again now; what is installed works without it."
    if session.state == "unreachable":
        message = "Not checked. The marketplace could not be reached; what is installed works."
        return Check(key=None, name="sign-in", ok=False, looked=False, message=message)
    if session.state != "valid":
        word = (
            "Nobody is signed in" if session.state == "signed_out" else "The sign-in is not valid"
        )
        message = f"{word} at the marketplace that some of its keys come from."
        return Check(key=None, name="sign-in", ok=False, message=message, hint=hint)
    if ends and _soon(ends):
        message = f"The sign-in to the marketplace ends at {ends}."
        return Check(key=None, name="sign-in", ok=False, message=message, hint=hint)
    until = f" until {ends}" if ends else ""
    return Check(key=None, name="sign-in", ok=True, message=f"The sign-in holds{until}.")


def _soon(ends: str) -> bool:
    until = moment(ends)
    if until.tzinfo is None:
        until = until.replace(tzinfo=timezone.utc)
    return until - datetime.now(timezone.utc) < SOON


def _bad(key: str, name: str, message: str, hint: str) -> Check:
    return Check(key=key, name=name, ok=False, message=message, hint=hint)
