"""The server half itself, the keys of all sources, and what they take. Each verb parses, makes one call, replies."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from keys_jupyter.routes.base import SLUG, Base, Operation


class StatusHandler(Base):
    """The server half itself."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer version and state."""
        await self.ask(lambda service: service.status())


class CatalogHandler(Base):
    """The keys of all sources."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer all keys; 304 where they are the ones known already."""
        await self.ask_written(lambda service: service.catalogue.written())


class KeyHandler(Base):
    """One key."""

    @web.authenticated
    @authorized
    async def get(self, slug: str) -> None:
        """Answer the key whole."""
        await self.ask(lambda service: service.catalogue.detail(slug))


class ParametersHandler(Base):
    """What one key takes."""

    @web.authenticated
    @authorized
    async def get(self, slug: str) -> None:
        """Answer its parameters and the schema of its form."""
        version = self.get_query_argument("version", "") or None
        await self.ask(lambda service: service.runs.parameters(slug, version))


class CellHandler(Base):
    """The cell a run would inject."""

    @web.authenticated
    @authorized
    async def post(self, slug: str) -> None:
        """Answer its source; nothing is changed."""
        from keys_jupyter.model.parameters import CellPreviewRequest

        request = self.body(CellPreviewRequest)
        await self.ask(lambda service: service.runs.preview_cell(slug, request))


ROUTES: list[tuple[str, type[Base]]] = [
    ("status", StatusHandler),
    ("catalog", CatalogHandler),
    (f"keys/{SLUG}", KeyHandler),
    (f"keys/{SLUG}/parameters", ParametersHandler),
    (f"keys/{SLUG}/cell", CellHandler),
]

OPERATIONS: list[Operation] = [
    Operation("get", "status", "The server half: version and state", "Status"),
    Operation("get", "catalog", "The keys of all sources", "Catalog"),
    Operation("get", "keys/{slug}", "One key whole", "KeyDetail"),
    Operation(
        "get", "keys/{slug}/parameters", "What a key takes", "ParametersReply", query=("version",)
    ),
    Operation(
        "post",
        "keys/{slug}/cell",
        "The cell a run would inject",
        "CellPreview",
        "CellPreviewRequest",
    ),
]
