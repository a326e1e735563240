"""What keys need installed and installing it. Each verb parses, makes one call, replies."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from keys_jupyter.routes.base import SLUG, Base, Operation


class RequirementsHandler(Base):
    """One key's requirements beside one kernel."""

    @web.authenticated
    @authorized
    async def get(self, slug: str) -> None:
        """Answer what is needed, what is there, and how the last installation stands."""
        version = self.get_query_argument("version", "") or None
        kernel = self.get_query_argument("kernel", "") or None
        await self.ask(lambda service: service.requirements.of(slug, version, kernel))

    @web.authenticated
    @authorized
    async def post(self, slug: str) -> None:
        """Begin to install what is missing."""
        from keys_jupyter.model.requirements import InstallingRequest

        request = self.body(InstallingRequest)
        await self.ask(
            lambda service: service.requirements.install(slug, request.version, request.kernel),
            status=201,
        )


class InstallationLogHandler(Base):
    """What an installation prints."""

    @web.authenticated
    @authorized
    async def get(self, slug: str) -> None:
        """Answer text from an offset, or the end of it."""
        version = self.get_query_argument("version", "") or None
        kernel = self.get_query_argument("kernel", "") or None
        offset = self.number("offset", None)
        await self.ask(lambda service: service.requirements.log(slug, version, kernel, offset))


ROUTES: list[tuple[str, type[Base]]] = [
    (f"keys/{SLUG}/requirements", RequirementsHandler),
    (f"keys/{SLUG}/requirements/log", InstallationLogHandler),
]

OPERATIONS: list[Operation] = [
    Operation(
        "get",
        "keys/{slug}/requirements",
        "What a key needs beside what a kernel has",
        "Requirements",
        query=("version", "kernel"),
    ),
    Operation(
        "post",
        "keys/{slug}/requirements",
        "Install what is missing into a kernel",
        "Installing",
        "InstallingRequest",
        status=201,
    ),
    Operation(
        "get",
        "keys/{slug}/requirements/log",
        "What the last installation into a kernel printed",
        "OutputTail",
        query=("version", "kernel", "offset"),
    ),
]
