"""A marketplace as a source: what it offers and who may have it, fetched, kept, and shown with its age.

* Its being down, slow or wrong costs at most what is newer there; installed keys never ask it.
* No answer of it removes a token, a right or a key.
* What is fetched passes the same door as every other pack.

::

    market = Marketplace(MarketplaceSettings("https://keys.example.com"), credentials, data_dir)
    market.sign_in_with_key(Secret("kx_live_…"))
    market.listing().packs
    pack = market.fetch("stripe-webhook-failure", "1.1.0")
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

from keys_jupyter.archive import VerifiedPack
from keys_jupyter.credentials import Credential, Credentials, Secret
from keys_jupyter.errors import NetworkError, NotAvailable
from keys_jupyter.model.marketplace import CheckoutPage, Entitlement, KeyVersion, Session
from keys_jupyter.sources import Listing, Progress
from keys_jupyter.sources.marketplace.answers import Answers
from keys_jupyter.sources.marketplace.api import Api
from keys_jupyter.sources.marketplace.buying import checkout, preview, wait_for_right
from keys_jupyter.sources.marketplace.catalogue import Catalogue
from keys_jupyter.sources.marketplace.fetching import Fetching
from keys_jupyter.sources.marketplace.lists import Lists
from keys_jupyter.sources.marketplace.rights import Rights
from keys_jupyter.sources.marketplace.settings import MarketplaceSettings
from keys_jupyter.sources.marketplace.signing_in import SigningIn
from keys_jupyter.transport import Transport, target

__all__ = ["Marketplace", "MarketplaceSettings"]


class Marketplace:
    """One marketplace; every method may be called from any thread."""

    def __init__(
        self,
        settings: MarketplaceSettings,
        credentials: Credentials,
        data_dir: Path,
        *,
        transport: Transport | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Take the address; nothing is asked yet.

        Args:
            settings: which marketplace, and the limits.
            credentials: where tokens live.
            data_dir: below it answers are kept and downloads are put.
            transport: the door to the network, where not one of its own.
            now: seconds since 1970.

        Raises:
            AddressRefused: the address may not be asked.
            SurroundingsError: a file named in the settings is not there.
        """
        self._settings = settings
        self._transport = transport or Transport(settings.transport)
        at = self._transport.readable(settings.base)
        self._name = at.host
        folder = data_dir / "marketplaces" / hashlib.sha256(settings.base.encode()).hexdigest()[:16]
        answers = Answers(folder)
        api = Api(settings, self._transport)
        self._api = api
        rights = Rights(api, answers, now)
        self._signing = SigningIn(settings, credentials, api, rights, now)
        self._catalogue = Catalogue(
            self._name,
            settings,
            Lists(settings, api, answers, now),
            rights,
            self._signing.credential,
            now,
        )
        self._fetching = Fetching(api, self._transport, data_dir / "staging", self.entitlement)

    @property
    def name(self) -> str:
        """Return the host, by which a person knows it."""
        return self._name

    @property
    def url(self) -> str:
        """Return the root of its API."""
        return self._settings.base

    # who we are ----------------------------------------------------------------------------------

    def session(self) -> Session:
        """Ask who we are; raises only when this machine's store of credentials cannot be used."""
        return self._signing.session()

    def sign_in_with_key(self, key: Secret) -> Session:
        """Sign in with an API key; it is kept only when the answer is ``valid``.

        Raises:
            InputError: it is not the shape of a key.
            SurroundingsError: the store of credentials does not take it.
        """
        return self._signing.with_key(key)

    def sign_in_with_password(self, email: str, password: Secret) -> Session:
        """Sign in once with e-mail and password, and keep an API key made by that.

        Raises:
            InputError: this is not configured for the marketplace.
            SurroundingsError: the store of credentials does not take it.
        """
        return self._signing.with_password(email, password)

    def sign_out(self) -> Session:
        """Forget the token, and revoke it where it was made here.

        Raises:
            SurroundingsError: the store of credentials does not let go of it.
        """
        return self._signing.out()

    # what there is -------------------------------------------------------------------------------

    def listing(self, *, refresh: bool = False) -> Listing:
        """Return the catalogue, from what is kept where that is young or nobody answers.

        Args:
            refresh: ask now, however young it is, and wait for the answer.
        """
        return self._catalogue.listing(refresh=refresh)

    def entitlement(self, slug: str, *, refresh: bool = False) -> Entitlement:
        """Return the right to a key, as last heard."""
        return self._catalogue.right(slug, refresh=refresh)

    def versions(self, slug: str) -> list[str]:
        """Return the versions of a key, the current one first; what the list says when nobody answers."""
        try:
            return [row.version for row in self._fetching.versions(slug)]
        except (NetworkError, NotAvailable):
            return [pack.version for pack in self.listing().packs if pack.slug == slug]

    def version_rows(self, slug: str) -> list[KeyVersion]:
        """Return the versions of a key with their dates.

        Raises:
            NotAvailable: the marketplace has no such key.
            NetworkError: nobody answered.
        """
        return self._fetching.versions(slug)

    # getting -------------------------------------------------------------------------------------

    def fetch(
        self,
        slug: str,
        version: str,
        *,
        on_progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> VerifiedPack:
        """Return one verified pack.

        Raises:
            NotAvailable: not signed in, no such key or version, or no right to it.
            NetworkError: nobody answered, or nothing that can be used.
            IntegrityError: something else came than was asked for, or it is not safe to unpack.
            Cancelled: a person stopped it.
        """
        return self._fetching.fetch(
            slug,
            version,
            self._must_be_signed_in().token,
            private=self._transport.is_private(self._settings.base),
            on_progress=on_progress,
            cancelled=cancelled,
        )

    def preview(self, slug: str) -> str:
        """Return the HTML of a key's preview; it is not safe and belongs into a sandbox without scripts.

        Raises:
            NotAvailable: there is none for us.
            NetworkError: nobody answered.
        """
        found = self._signing.credential()
        return preview(
            self._api, self._transport, self._settings, slug, found.token if found else None
        )

    def checkout(self, slug: str) -> CheckoutPage:
        """Return the page on which a key is bought; open it in the browser.

        Raises:
            NotAvailable: not signed in, or the marketplace sells nothing now.
            NetworkError: nobody answered.
        """
        return checkout(self._api, self._settings, slug, self._must_be_signed_in().token)

    def wait_for_entitlement(
        self,
        slug: str,
        *,
        seconds: float = 600.0,
        every: float = 5.0,
        cancelled: Callable[[], bool] | None = None,
    ) -> Entitlement:
        """Ask again and again after a checkout, until the right is there or the time is over."""
        return wait_for_right(
            lambda: self.entitlement(slug, refresh=True),
            seconds=seconds,
            every=every,
            cancelled=cancelled,
        )

    # how -----------------------------------------------------------------------------------------

    def _must_be_signed_in(self) -> Credential:
        found = self._signing.credential()
        if found is None:
            raise NotAvailable(
                "NOT_SIGNED_IN",
                f"You are not signed in at {self._name}.",
                'Sign in with "jupyter keys login", or in the panel.',
            )
        return found


def origin_of(url: str) -> str:
    """Return the origin by which the tokens of a marketplace are kept.

    Raises:
        ValueError: the URL cannot be read.
    """
    return target(url.rstrip("/")).origin
