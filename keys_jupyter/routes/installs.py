"""Versions in the workspace. Each verb parses, makes one call, replies."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from keys_jupyter.routes.base import SLUG, Base, Operation


class InstalledHandler(Base):
    """What is installed."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer the versions in the workspace and which files of them were edited."""
        await self.ask(lambda service: service.installs.installed())


class OutdatedHandler(Base):
    """What could be newer."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer the keys that have a newer version."""
        await self.ask(lambda service: service.installs.outdated())


class InstallingHandler(Base):
    """What is being installed."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer how far each install of this server is."""
        await self.ask(lambda service: service.installs.underway.listed())


class InstallHandler(Base):
    """Installing one key."""

    @web.authenticated
    @authorized
    async def post(self, slug: str) -> None:
        """Fetch, verify and unpack a version; it is then the one in use."""
        from keys_jupyter.model.installs import InstallRequest

        request = self.body(InstallRequest)
        await self.ask(lambda service: service.installs.install(slug, request.version))

    @web.authenticated
    @authorized
    async def delete(self, slug: str) -> None:
        """Stop an install that is going on."""
        await self.ask(lambda service: service.installs.underway.cancel(slug))


class UseHandler(Base):
    """Which installed version is in use."""

    @web.authenticated
    @authorized
    async def post(self, slug: str) -> None:
        """Use an installed version from now on."""
        from keys_jupyter.model.installs import UseRequest

        request = self.body(UseRequest)
        await self.ask(lambda service: service.installs.use(slug, request.version))


class RemoveHandler(Base):
    """Taking a key away."""

    @web.authenticated
    @authorized
    async def post(self, slug: str) -> None:
        """Take one version, or all, away; edited files and runs stay."""
        from keys_jupyter.model.installs import InstallRequest

        request = self.body(InstallRequest)
        await self.ask(lambda service: service.installs.remove(slug, request.version))


ROUTES: list[tuple[str, type[Base]]] = [
    ("installed", InstalledHandler),
    ("outdated", OutdatedHandler),
    ("installing", InstallingHandler),
    (f"keys/{SLUG}/install", InstallHandler),
    (f"keys/{SLUG}/use", UseHandler),
    (f"keys/{SLUG}/remove", RemoveHandler),
]

OPERATIONS: list[Operation] = [
    Operation("get", "installed", "What is installed in the workspace", "InstalledList"),
    Operation("get", "outdated", "What has a newer version", "OutdatedList"),
    Operation("get", "installing", "How far installs are", "InstallingList"),
    Operation(
        "post", "keys/{slug}/install", "Verify a key and unpack it", "Installed", "InstallRequest"
    ),
    Operation("delete", "keys/{slug}/install", "Stop its install", "InstallingList"),
    Operation("post", "keys/{slug}/use", "Use an installed version", "InstalledList", "UseRequest"),
    Operation("post", "keys/{slug}/remove", "Take versions away", "Removed", "InstallRequest"),
]
