"""``FakeMarketplace``: a marketplace on loopback over a library folder, and everything a test does to it.

It is a real HTTP server with two origins, the API and the project (sign-in and storage), on two host names. Nothing
leaves the machine. It behaves as a running marketplace was seen to, faults of its own included; other faults
are added to :attr:`FakeMarketplace.faults`.
"""

from __future__ import annotations

import datetime as dt
import secrets
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keys_jupyter.marketplace_fake import (
    buying,
    catalogue,
    fetching,
    limits,
    project,
    publishing,
    signing_in,
    tokens,
)
from keys_jupyter.marketplace_fake.accounts import (
    Accounts,
    ApiKey,
    Entitlement,
    Organisation,
    Session,
    User,
)
from keys_jupyter.marketplace_fake.clock import Clock
from keys_jupyter.marketplace_fake.faults import Faults
from keys_jupyter.marketplace_fake.routing import Checkout, Route, Router, State
from keys_jupyter.marketplace_fake.server import Application, Origin
from keys_jupyter.marketplace_fake.shelf import KeyEntry, KeyVersion, Shelf, built_library
from keys_jupyter.marketplace_fake.wire import RequestLog

if TYPE_CHECKING:
    from keys_jupyter.marketplace_fake.certificates import Certificates, Tls

When = dt.datetime | dt.timedelta | None
"""A time, or how long from now, or never."""


class FakeMarketplace:
    """A marketplace that listens from its making until it is closed."""

    def __init__(
        self,
        library: Path | str | None = None,
        *,
        digests: bool = False,
        tls: Tls | None = None,
        storage_tls: Tls | None = None,
        public_names: tuple[str, str] | None = None,
    ) -> None:
        """Stock the library and listen.

        Args:
            library: a folder as ``jupyter keys library build`` makes it, or its source, which is then built
                once per process; empty when absent.
            digests: details carry sha256, which a running marketplace mostly does not have.
            tls: the API speaks https so.
            storage_tls: the project speaks https so.
            public_names: what API and project call themselves, in place of loopback; they are then reached
                through a proxy that knows :attr:`addresses`.
        """
        self.clock = Clock()
        self.faults = Faults()
        self.requests = RequestLog()
        self.bundles: list[buying.Bundle] = []
        self._folder = tempfile.TemporaryDirectory(prefix="marketplace-")
        self._certificates: Certificates | None = None
        self._state = self._new_state(digests)
        if library is not None:
            self._state.shelf.stock(built_library(Path(library)))
        self._tls = (tls, storage_tls)
        self._names = public_names
        self._ports = (0, 0)
        self._origins: list[Origin] = []
        self._past_failures: list[BaseException] = []
        self.start()

    def _new_state(self, digests: bool) -> State:
        secret = secrets.token_bytes(32)
        anon_key = tokens.sign({"role": "anon", "iss": "supabase"}, secret)
        accounts = Accounts(self.clock)
        return State(self.clock, accounts, Shelf(), self.faults, anon_key, digests=digests)

    # where it is

    @property
    def url(self) -> str:
        """Return the API's address."""
        return self._state.url

    @property
    def project_url(self) -> str:
        """Return the address of sign-in and storage, another host than the API's."""
        return self._state.project_url

    @property
    def anon_key(self) -> str:
        """Return the project's public key, which signing in with a password needs."""
        return self._state.anon_key

    @property
    def ca_file(self) -> Path:
        """Return the authority a client must know to trust :attr:`Tls.TRUSTED`."""
        return self._authority().ca_file

    @property
    def addresses(self) -> dict[str, tuple[str, int]]:
        """Return where its public names really lead, as :class:`ForwardProxy` takes it."""
        return {
            f"{name}:{443 if origin.scheme == 'https' else 80}": ("127.0.0.1", origin.port)
            for origin, name in zip(self._origins, self._names or (), strict=False)
        }

    @property
    def failures(self) -> list[BaseException]:
        """Return what went wrong in the servers themselves; a test that leaves some proves nothing."""
        return self._past_failures + [one for origin in self._origins for one in origin.failures]

    def start(self) -> None:
        """Listen again after :meth:`stop`, at the same addresses."""
        if self._origins:
            return
        api: list[Route] = [
            *catalogue.ROUTES,
            *fetching.ROUTES,
            *buying.routes(self.bundles),
            *signing_in.ROUTES,
            *publishing.ROUTES,
        ]
        listening = (("api", "127.0.0.1", api), ("project", "localhost", project.ROUTES))
        for place, (name, host, routes) in enumerate(listening):
            router = Router(self._state, routes, limits.count, limits.show)
            self._origins.append(self._open(name, host, router, place))
        self._ports = (self._origins[0].port, self._origins[1].port)
        called = self._names or (None, None)
        self._state.url, self._state.project_url = (
            origin.url if name is None else f"{origin.scheme}://{name}"
            for origin, name in zip(self._origins, called, strict=True)
        )

    def _open(self, name: str, host: str, router: Application, place: int) -> Origin:
        kind, port = self._tls[place], self._ports[place]
        if kind is None:
            return Origin(name, router, self.requests, host=host, port=port)
        context = self._authority().context(kind)
        return Origin(
            name, router, self.requests, host=host, port=port, tls=context, scheme="https"
        )

    def _authority(self) -> Certificates:
        if self._certificates is None:
            from keys_jupyter.marketplace_fake.certificates import Certificates

            self._certificates = Certificates(Path(self._folder.name), self._names or ())
        return self._certificates

    def stop(self) -> None:
        """Be down: connections are refused until :meth:`start`; all that is known stays."""
        self.faults.clear()
        for origin in self._origins:
            origin.close()
            self._past_failures += origin.failures
        self._origins = []

    def close(self) -> None:
        """Stop for good."""
        self.stop()
        self._folder.cleanup()

    def __enter__(self) -> FakeMarketplace:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # who there is

    def user(
        self,
        email: str = "reader@example.com",
        password: str = f"correct horse {tokens.MARK}",
        *,
        admin: bool = False,
    ) -> User:
        """Make an account."""
        return self._state.accounts.add_user(email, password, admin=admin)

    def organisation(self, *members: User, name: str = "Example Ltd") -> Organisation:
        """Make an organisation; its members act for it from now on, and their own rights are ignored."""
        made = Organisation(str(uuid.uuid4()), name, list(members))
        self._state.accounts.organisations.append(made)
        return made

    def key(
        self,
        user: User,
        *,
        prefix: str = "kx_live",
        expires: When = None,
        scopes: tuple[str, ...] = ("marketplace:download",),
        name: str = "JupyterLab",
    ) -> ApiKey:
        """Make an API key; its ``token`` is what a client sends."""
        return self._state.accounts.add_key(
            user, name=name, prefix=prefix, scopes=list(scopes), expires=self._moment(expires)
        )

    def revoke(self, key: ApiKey) -> None:
        """Revoke an API key."""
        key.status = "revoked"

    def session(self, user: User) -> Session:
        """Sign a user in; its ``access_token`` is what a client sends."""
        return self._state.accounts.open_session(user)

    # what they may have

    def grant(
        self, holder: User | Organisation, slug: str, until: When = None, *, status: str = "active"
    ) -> Entitlement:
        """Give a right to a key, in place of an earlier one.

        Raises:
            KeyError: there is no such key.
        """
        self._state.shelf.keys[slug]
        self.withdraw(holder, slug)
        made = Entitlement(holder.id, slug, self._moment(until), status)
        self._state.accounts.entitlements.append(made)
        return made

    def grant_all(self, holder: User | Organisation, until: When = None) -> None:
        """Give a right to every key there is."""
        for slug in list(self._state.shelf.keys):
            self.grant(holder, slug, until)

    def withdraw(self, holder: User | Organisation, slug: str) -> None:
        """Take a right away."""
        accounts = self._state.accounts
        accounts.entitlements = [
            one for one in accounts.entitlements if (one.tenant, one.slug) != (holder.id, slug)
        ]

    @property
    def checkouts(self) -> list[Checkout]:
        """Return the purchases that were begun and not delivered; a test pays them."""
        return self._state.checkouts

    def bundle(self, slug: str, *keys: str, price_cents: int = 3900) -> None:
        """Offer several keys at one price."""
        self.bundles.append(buying.Bundle(slug, slug.replace("-", " ").title(), keys, price_cents))

    # what there is

    @property
    def digests(self) -> bool:
        """Say whether details carry sha256."""
        return self._state.digests

    @digests.setter
    def digests(self, carried: bool) -> None:
        self._state.digests = carried

    @property
    def frontend(self) -> str:
        """Return the origin that checkout's addresses must have."""
        return self._state.frontend

    @property
    def slugs(self) -> list[str]:
        """Return the slugs of all keys, sorted."""
        return sorted(self._state.shelf.keys)

    def entry(self, slug: str) -> KeyEntry:
        """Return one key as the marketplace keeps it; changing it changes what is answered.

        Raises:
            KeyError: there is no such key.
        """
        return self._state.shelf.keys[slug]

    def put(self, pack: bytes, about: dict[str, Any] | None = None) -> KeyEntry:
        """Put a pack up as the current version of its key.

        Args:
            pack: the zip.
            about: its row in a library.json; read from the zip's metadata when absent.
        """
        return self._state.shelf.put(pack, about)

    def pack(self, slug: str, version: str | None = None) -> bytes:
        """Return the true bytes of a version, the current one when none is named.

        Raises:
            KeyError: there is no such key, version or object.
        """
        return self._state.shelf.objects[self._path(slug, version)].data

    def replace(self, slug: str, version: str, pack: bytes) -> None:
        """Change the bytes of a version, as an upload over it does."""
        self._state.shelf.replace(slug, version, pack)

    def lose(self, slug: str, version: str | None = None) -> None:
        """Delete a version's object and keep its row.

        Raises:
            KeyError: there is no such key, version or object.
        """
        del self._state.shelf.objects[self._path(slug, version)]

    def announce(self, slug: str, version: str) -> None:
        """Enter a version that has no object, such as one whose upload failed.

        Raises:
            KeyError: there is no such key.
        """
        entry = self.entry(slug)
        entry.versions.insert(0, KeyVersion(version, None, self.clock.now()))

    def preview(self, slug: str, html: str, *, public: bool = True) -> None:
        """Give a pack of v1 a preview.

        Raises:
            KeyError: there is no such pack.
        """
        pack = self._state.shelf.packs[slug]
        pack.preview_path = f"packs/{slug}/{pack.version}/preview.html"
        pack.about = {**pack.about, "preview_public": public}
        # whatever it was uploaded as, storage calls it plain text
        self._state.shelf.store(pack.preview_path, html.encode(), "text/plain")

    def signed_url(self, slug: str, version: str | None = None) -> str:
        """Return a link to a version's object, as the download route gives it.

        Raises:
            KeyError: there is no such key or version.
        """
        return fetching.signed_url(self._state, self._path(slug, version))

    def _path(self, slug: str, version: str | None) -> str:
        entry = self._state.shelf.keys[slug]
        row = entry.find(version or entry.version)
        if row is None or row.path is None:
            raise KeyError(f"{slug} {version}")
        return row.path

    def _moment(self, when: When) -> dt.datetime | None:
        if isinstance(when, dt.timedelta):
            return self.clock.now() + when
        if when is not None and when.tzinfo is None:
            return when.replace(tzinfo=dt.timezone.utc)
        return when
