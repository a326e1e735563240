"""The session with a marketplace, and what comes before a right. Each verb parses, makes one call, replies."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from keys_jupyter.routes.base import SLUG, Base, Operation

# An address, an e-mail address and a password; nothing else is ever sent here.
_SIGN_IN_BYTES = 16 * 1024


class SessionHandler(Base):
    """Who we are at the marketplace."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer the session, and never a token."""
        await self.ask(lambda service: service.marketplace.session())


class SignInHandler(Base):
    """Signing in."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Answer the session that came of it."""
        from keys_jupyter.model.marketplace import SignInRequest

        request = self.body(SignInRequest, most=_SIGN_IN_BYTES)
        await self.ask(lambda service: service.marketplace.sign_in(request))


class SignOutHandler(Base):
    """Signing out."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Answer the session that is left."""
        await self.ask(lambda service: service.marketplace.sign_out())


class RefreshHandler(Base):
    """Asking the marketplace anew."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Answer the session; the catalogue is then as new as it can be."""
        await self.ask(lambda service: service.marketplace.refresh())


class CheckoutHandler(Base):
    """Buying a key."""

    @web.authenticated
    @authorized
    async def post(self, slug: str) -> None:
        """Answer the page on which it is bought."""
        await self.ask(lambda service: service.marketplace.checkout(slug))


class EntitlementHandler(Base):
    """The right to a key."""

    @web.authenticated
    @authorized
    async def post(self, slug: str) -> None:
        """Ask anew and answer it."""
        await self.ask(lambda service: service.marketplace.entitlement(slug))


class PreviewHandler(Base):
    """The preview of a key."""

    @web.authenticated
    @authorized
    async def get(self, slug: str) -> None:
        """Answer its HTML inside JSON, so that no browser renders it by itself."""
        await self.ask(lambda service: service.documents.preview(slug))


class ChangesHandler(Base):
    """What a version changes."""

    @web.authenticated
    @authorized
    async def get(self, slug: str, version: str) -> None:
        """Answer it as far as it can be read before it is fetched."""
        await self.ask(lambda service: service.documents.changes(slug, version))


ROUTES: list[tuple[str, type[Base]]] = [
    ("marketplace/session", SessionHandler),
    ("marketplace/sign-in", SignInHandler),
    ("marketplace/sign-out", SignOutHandler),
    ("marketplace/refresh", RefreshHandler),
    (f"keys/{SLUG}/checkout", CheckoutHandler),
    (f"keys/{SLUG}/entitlement", EntitlementHandler),
    (f"keys/{SLUG}/preview", PreviewHandler),
    (rf"keys/{SLUG}/changes/(?P<version>[^/?]+)", ChangesHandler),
]

OPERATIONS: list[Operation] = [
    Operation("get", "marketplace/session", "Who we are at the marketplace", "Session"),
    Operation("post", "marketplace/sign-in", "Sign in", "Session", "SignInRequest"),
    Operation("post", "marketplace/sign-out", "Sign out", "Session"),
    Operation("post", "marketplace/refresh", "Ask the marketplace anew", "Session"),
    Operation("post", "keys/{slug}/checkout", "Begin to buy a key", "CheckoutPage"),
    Operation("post", "keys/{slug}/entitlement", "Ask for the right to a key", "Entitlement"),
    Operation("get", "keys/{slug}/preview", "The preview of a key", "Preview"),
    Operation("get", "keys/{slug}/changes/{version}", "What a version changes", "Changes"),
]
