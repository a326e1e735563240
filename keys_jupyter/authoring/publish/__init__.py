"""A built library sent to a marketplace, pack by pack; doing it again is safe, and what is published is never replaced.

* Everything is checked here, and once by the marketplace without a change, before anything is sent.
* A pack is entered after its files are stored, so a marketplace never shows what it does not have.
* Other bytes under a version that is published, and a step back to an older version, are refused.
* When it ends early, it says of every pack whether it was published; where that cannot be known, it says so.

::

    with signed_in(settings, transport, email, password) as session:
        done = publish(read_built(folder), Admin(settings, transport, session))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from keys_jupyter.authoring.publish.admin import Admin, signed_in
from keys_jupyter.authoring.publish.built import Asset, Built, read_built
from keys_jupyter.errors import (
    InputError,
    IntegrityError,
    KeysError,
    NetworkError,
    NotAvailable,
    StateError,
)
from keys_jupyter.sources.library import newer
from keys_jupyter.transport import Answered, InvalidAnswer

__all__ = ["Admin", "Asset", "Built", "Published", "Result", "publish", "read_built", "signed_in"]

# What a marketplace answers that did nothing; after any other answer it may still be at work.
_REFUSED = frozenset({400, 404, 409, 413, 422, 429})
State = Literal["created", "updated", "unchanged", "refused", "unknown", "not sent"]


@dataclass(frozen=True)
class Result:
    """What became of one pack."""

    slug: str
    version: str
    state: State
    message: str = ""


@dataclass(frozen=True)
class Published:
    """What became of all of them, and the first fault, if any."""

    results: tuple[Result, ...]
    fault: KeysError | None


@dataclass(frozen=True)
class _Plan:
    """What is to be done with one pack."""

    pack: Built
    state: State
    over: bool = True  # files of it may be replaced, since nobody was shown this version yet
    fault: KeysError | None = None
    message: str = ""


def publish(
    packs: Sequence[Built],
    admin: Admin,
    *,
    dry_run: bool = False,
    on_result: Callable[[Result], None] | None = None,
) -> Published:
    """Send packs to a marketplace.

    Args:
        packs: as :func:`read_built` gives them.
        admin: an administrator's session.
        dry_run: say what would be done, and change nothing.
        on_result: told what became of each pack as soon as it is known.

    Raises:
        NotAvailable: the session is not accepted; nothing was sent.
        InputError: the marketplace does not take the rows; nothing was sent.
        NetworkError: nobody answered before anything was sent.
    """
    would = admin.enter([pack.row for pack in packs], dry_run=True)
    plans = [_plan(pack, admin, *would.get(pack.slug, ("", ""))) for pack in packs]
    results: list[Result] = []
    fault: KeysError | None = None
    ended = False
    for plan in plans:
        if ended:
            result = Result(plan.pack.slug, plan.pack.version, "not sent", "it ended before this")
        else:
            result, failed = _carried_out(plan, admin, dry_run=dry_run)
            ended = failed is not None and result.state != "refused"
            fault = failed if ended else fault or failed
        results.append(result)
        if on_result:
            on_result(result)
    return Published(tuple(results), fault)


def _plan(pack: Built, admin: Admin, status: str, message: str) -> _Plan:
    if status not in ("created", "updated"):
        return _refused(pack, _not_taken(pack, status, message))
    known = admin.known(pack.slug)
    if known is None:
        if status == "updated":
            raise InvalidAnswer(
                "MARKETPLACE_TROUBLE",
                f"The marketplace contradicts itself: it knows {pack.slug} and does not find it. Nothing was sent.",
                "It does so in an outage; try again in some minutes.",
            )
        return _Plan(pack, "created")
    there, digest = str(known.get("version") or ""), known.get("sha256")
    if there and newer(there, pack.version):
        return _refused(pack, _older(pack, there))
    if there != pack.version:
        return _Plan(pack, "updated")
    if digest == pack.sha256:
        return _Plan(pack, "unchanged")
    if digest:
        return _refused(pack, _other_bytes(pack, str(digest)))
    note = "no digest is shown there, so files that are there were left as they are"
    return _Plan(pack, "updated", over=False, message=note)


def _carried_out(plan: _Plan, admin: Admin, *, dry_run: bool) -> tuple[Result, KeysError | None]:
    pack = plan.pack

    def result(state: State, message: str = plan.message) -> Result:
        return Result(pack.slug, pack.version, state, message)

    if plan.fault or plan.state == "unchanged" or dry_run:
        return result(plan.state), plan.fault
    try:
        for asset in pack.assets:
            admin.store(asset.path, asset.read(), asset.kind, over=plan.over)
    except (NetworkError, NotAvailable, StateError) as error:
        return result("not sent", error.message), error
    try:
        status, message = admin.enter([pack.row], dry_run=False).get(pack.slug, ("", ""))
    except KeysError as error:
        return result(_after(error, plan, admin), error.message), error
    if status not in ("created", "updated"):
        return result("refused", message or status), _not_taken(pack, status, message)
    return result(plan.state), None


def _after(error: KeysError, plan: _Plan, admin: Admin) -> State:
    """Return what became of a pack whose entering was answered by an error, by looking whether it is there."""
    shown: dict[str, Any] | None = None
    with suppress(NetworkError):
        shown = admin.known(plan.pack.slug)
    if shown and plan.over and shown.get("version") == plan.pack.version:
        return plan.state
    nothing = isinstance(error, NotAvailable | InputError) or (
        isinstance(error, Answered) and error.http_status in _REFUSED
    )
    return "not sent" if nothing else "unknown"


def _refused(pack: Built, fault: KeysError) -> _Plan:
    return _Plan(pack, "refused", fault=fault, message=fault.message)


def _not_taken(pack: Built, status: str, message: str) -> StateError:
    said = ascii(message or status)[1:-1][:200] or "it said nothing of it"
    return StateError(
        "PACK_REFUSED",
        f"The marketplace does not take {pack.slug} {pack.version}: {said}.",
        "Correct the pack, or ask whoever runs the marketplace.",
    )


def _older(pack: Built, there: str) -> StateError:
    return StateError(
        "NEWER_PUBLISHED",
        f"{pack.slug} {ascii(there)[1:-1][:50]} is published there; {pack.version} is older and was not sent.",
        "Give the pack a newer version.",
    )


def _other_bytes(pack: Built, digest: str) -> IntegrityError:
    return IntegrityError(
        "CHANGED_UNDER_VERSION",
        f"Other bytes are published as {pack.slug} {pack.version}: sha256 {ascii(digest)[1:9]}… there, "
        f"{pack.sha256[:8]}… here. They were left as they are.",
        "A changed pack needs a new version.",
    )
