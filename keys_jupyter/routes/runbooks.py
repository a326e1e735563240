"""The runbooks. Each verb parses, makes one call, replies."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from keys_jupyter.routes.base import SLUG, Base, Operation


class RunbooksHandler(Base):
    """The runbooks."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer all runbooks."""
        await self.ask(lambda service: service.runbooks.all())


class RunbookHandler(Base):
    """One runbook."""

    @web.authenticated
    @authorized
    async def get(self, slug: str) -> None:
        """Answer its sections, steps and keys."""
        await self.ask(lambda service: service.runbooks.runbook(slug))


ROUTES: list[tuple[str, type[Base]]] = [
    ("runbooks", RunbooksHandler),
    (f"runbooks/{SLUG}", RunbookHandler),
]

OPERATIONS: list[Operation] = [
    Operation("get", "runbooks", "The runbooks, most severe first", "RunbookList"),
    Operation("get", "runbooks/{slug}", "One runbook", "Runbook"),
]
