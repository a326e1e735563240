"""The runbooks. Each verb parses, makes one call, replies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_server.auth.decorator import authorized
from tornado import web

from keys_jupyter.routes.base import SLUG, Base, Operation

if TYPE_CHECKING:
    from keys_jupyter.model.working import LintReport
    from keys_jupyter.service.keys.runbooks import Runbooks


class RunbooksHandler(Base):
    """The runbooks."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer all runbooks."""
        await self.ask(lambda service: service.runbooks.all())


class FindHandler(Base):
    """Finding a runbook."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Answer the runbooks that fit the text of an alert; nothing is changed."""
        from keys_jupyter.model.working import FindRequest

        request = self.body(FindRequest)
        await self.ask(lambda service: service.runbooks.find(request.text))


class RunbookHandler(Base):
    """One runbook."""

    @web.authenticated
    @authorized
    async def get(self, slug: str) -> None:
        """Answer its sections, steps and keys."""
        await self.ask(lambda service: service.runbooks.runbook(slug))


class ReadinessHandler(Base):
    """Whether one runbook could be worked now."""

    @web.authenticated
    @authorized
    async def get(self, slug: str) -> None:
        """Answer every check."""
        await self.ask(lambda service: service.readying.ready(slug))


class LintHandler(Base):
    """What is wrong with one runbook's text."""

    @web.authenticated
    @authorized
    async def get(self, slug: str) -> None:
        """Answer every problem with its line."""
        await self.ask(lambda service: linted(service.runbooks, slug))


class DifferencesHandler(Base):
    """What one customised runbook says otherwise."""

    @web.authenticated
    @authorized
    async def get(self, slug: str) -> None:
        """Answer the differences from its original, section by section."""
        await self.ask(lambda service: service.customising.differences(slug))


class CustomiseHandler(Base):
    """Customising one runbook."""

    @web.authenticated
    @authorized
    async def post(self, slug: str) -> None:
        """Copy it into the workspace."""
        from keys_jupyter.model.working import CustomiseRequest

        request = self.body(CustomiseRequest)
        await self.ask(
            lambda service: service.customising.customise(slug, request.name), status=201
        )


def linted(runbooks: Runbooks, name: str) -> LintReport:
    """Check a runbook's text by the rules of the author's tools.

    Raises:
        NotAvailable: there is none of that name.
    """
    from keys_jupyter.authoring.lint import Page
    from keys_jupyter.authoring.report import Findings
    from keys_jupyter.authoring.runbooks import check_text
    from keys_jupyter.model.working import Finding, LintReport

    book, source = runbooks.source(name)
    findings = Findings()
    check_text(Page(runbooks.place(name), source.decode("utf-8")), findings)
    report = findings.report()
    problems, notes = (
        [Finding(path=p.path, line=p.line, code=p.code, message=p.message) for p in rows]
        for rows in (report.problems, report.notes)
    )
    return LintReport(slug=book.slug, ok=report.ok, problems=problems, notes=notes)


ROUTES: list[tuple[str, type[Base]]] = [
    ("runbooks", RunbooksHandler),
    ("runbooks/find", FindHandler),
    (f"runbooks/{SLUG}", RunbookHandler),
    (f"runbooks/{SLUG}/readiness", ReadinessHandler),
    (f"runbooks/{SLUG}/lint", LintHandler),
    (f"runbooks/{SLUG}/differences", DifferencesHandler),
    (f"runbooks/{SLUG}/customise", CustomiseHandler),
]

OPERATIONS: list[Operation] = [
    Operation("get", "runbooks", "The runbooks, most severe first", "RunbookList"),
    Operation("post", "runbooks/find", "The runbooks that fit a text", "MatchList", "FindRequest"),
    Operation("get", "runbooks/{slug}", "One runbook", "Runbook"),
    Operation("get", "runbooks/{slug}/readiness", "Whether it could be worked now", "Readiness"),
    Operation("get", "runbooks/{slug}/lint", "What is wrong with its text", "LintReport"),
    Operation("get", "runbooks/{slug}/differences", "What a copy says otherwise", "Differences"),
    Operation(
        "post",
        "runbooks/{slug}/customise",
        "Copy it into the workspace",
        "Customised",
        "CustomiseRequest",
        status=201,
    ),
]
