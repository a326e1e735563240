"""The marketplace a person uses: signing in and out, what is bought and looked at before, and what it offers.

Without one, everything here says so and nothing else is affected.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from keys_jupyter.archive import VerifiedPack
from keys_jupyter.credentials import Credentials, Secret, from_environment, open_store
from keys_jupyter.errors import InputError, KeysError, NotAvailable, SurroundingsError
from keys_jupyter.model.marketplace import (
    CheckoutPage,
    Entitlement,
    Preview,
    Session,
    SignInRequest,
)
from keys_jupyter.service.incidents.recording import Announce
from keys_jupyter.service.keys.chosen import Choice, Chosen
from keys_jupyter.sources import Listing, Progress
from keys_jupyter.sources.library import problem_of
from keys_jupyter.sources.marketplace import Marketplace, MarketplaceSettings, origin_of
from keys_jupyter.sources.marketplace.asking import Asking, StillAsking
from keys_jupyter.transport import Settings

# How long a page waits for a marketplace before it is shown without.
_PATIENCE = 3.0
_SLOW_HOLDS = 10.0
_SLOW = {
    "code": "UNREACHABLE_SLOW",
    "message": "The marketplace has not answered yet; what is shown is from before.",
    "hint": "Look again in a moment.",
}


@dataclass(frozen=True)
class Configuration:
    """What a site set about its marketplace."""

    url: str = ""
    auth_url: str = ""
    auth_anon_key: Secret = field(default_factory=lambda: Secret(""))
    pages_url: str = ""
    store_class: str = ""
    transport: Settings = field(default_factory=Settings)
    own_machine: bool = False
    """It is a command of the person's own, which may name private addresses itself."""


class Marketplaces:
    """The one marketplace there is at a time, as a use case and as a source of keys."""

    def __init__(
        self,
        data_dir: Path,
        configuration: Configuration,
        announce: Announce,
        *,
        given: Callable[[], Secret | None] = from_environment,
    ) -> None:
        """Take the key that the surroundings give, and ask nobody.

        Args:
            data_dir: where the choice, the answers and the tokens are.
            configuration: what the site set.
            announce: told when the catalogue may be another.
            given: returns the key of the surroundings.

        Raises:
            SurroundingsError: the key file of the surroundings cannot be used.
            InputError: the configured store of credentials is not there.
        """
        self._data_dir = data_dir
        self._configuration = configuration
        self._chosen = Chosen(data_dir, configuration.url)
        self._announce = announce
        self._lock = threading.Lock()
        self._made: tuple[Choice, Marketplace] | None = None
        self._asking = Asking()
        self._heard: Session | None = None
        self._holds_until = 0.0
        self._versions: dict[tuple[str, str], list[str]] = {}
        self._credentials = Credentials(
            open_store(data_dir, configuration.store_class),
            configured=_origin(configuration.url),
            given=given,
        )

    @property
    def name(self) -> str:
        """Return the marketplace's host, by which a person knows it."""
        try:
            market = self._current()
        except KeysError:
            market = None
        return market.name if market else "marketplace"

    def secrets(self) -> dict[str, str]:
        """Return the token of the session by a label, so that it is never kept as evidence."""
        chosen = self._chosen.now()
        origin = _origin(chosen.url) if chosen else None
        try:
            found = self._credentials.find(origin) if origin else None
        except SurroundingsError:
            return {}  # a store that cannot be read gives nobody a token either
        return {"marketplace-token": found.token.reveal()} if found else {}

    # the session ---------------------------------------------------------------------------------

    def session(self, *, seconds: float | None = _PATIENCE) -> Session:
        """Ask the marketplace who we are; one that is slow is answered for by what was heard last.

        It is asked on then, and a change is announced when it has answered.

        Args:
            seconds: how long to wait for it; None waits for its end.

        Raises:
            InputError: its configured address may not be asked.
            SurroundingsError: the store of credentials cannot be used.
        """
        market = self._current()
        if market is None:
            return Session(state="signed_out", marketplace=None)
        last = self._heard
        if last and last.marketplace == market.url and time.monotonic() < self._holds_until:
            return last
        try:
            self._asking.ask(f"session {market.url}", lambda: self._hear(market), seconds)
        except StillAsking:
            known = last if last and last.marketplace == market.url else None
            return (known or Session(state="unreachable", marketplace=market.url)).model_copy(
                update=_SLOW
            )
        return self._heard or market.session()

    def _hear(self, market: Marketplace) -> None:
        began = time.monotonic()
        self._heard = market.session()
        if time.monotonic() - began > _PATIENCE:
            # Whoever was put off asks again when told, and is not put off again.
            self._holds_until = time.monotonic() + _SLOW_HOLDS
            self._announce("catalog", "", 0)

    def sign_in(self, request: SignInRequest, *, vouched: bool = False) -> Session:
        """Sign in with a key, or once with e-mail and password.

        The marketplace that is named takes the place of the one before only when it accepts us.

        Args:
            request: where, and with what.
            vouched: the person says that the private address is theirs; counts on their own machine only.

        Raises:
            InputError: something is missing, or the address may not be asked.
            SurroundingsError: the store of credentials does not take it.
        """
        choice = self._chosen.wanted(request.marketplace, vouched=vouched)
        market = self._market(choice)
        if request.key is not None:
            session = market.sign_in_with_key(Secret(request.key.get_secret_value()))
        elif request.email and request.password is not None:
            password = Secret(request.password.get_secret_value())
            session = market.sign_in_with_password(request.email, password)
        else:
            raise InputError(
                "NO_CREDENTIALS",
                "There is nothing to sign in with.",
                "Give an API key, or an e-mail address and a password.",
            )
        if session.state == "valid":
            self._chosen.keep(choice)
            self._heard = session.model_copy(update={"warning": ""})
            self._announce("catalog", "", 0)
        return session

    def sign_out(self) -> Session:
        """Forget the token; the marketplace stays chosen, and installed keys stay.

        Raises:
            NotAvailable: there is no marketplace.
            SurroundingsError: the store of credentials does not let go of it.
        """
        session = self._must().sign_out()
        self._heard, self._holds_until = None, 0.0
        self._announce("catalog", "", 0)
        return session

    def refresh(self) -> Session:
        """Ask for the lists and the rights anew, however young they are, and say who we are."""
        market = self._current()
        if market:
            market.listing(refresh=True)
            self._announce("catalog", "", 0)
        return self.session(seconds=None)

    # before a right ------------------------------------------------------------------------------

    def checkout(self, slug: str) -> CheckoutPage:
        """Return the page on which a key is bought.

        Raises:
            NotAvailable: there is no marketplace, nobody is signed in, or nothing is sold.
            NetworkError: nobody answered.
        """
        return self._must().checkout(slug)

    def entitlement(self, slug: str) -> Entitlement:
        """Ask anew for the right to a key, as after a checkout.

        Raises:
            NotAvailable: there is no marketplace.
        """
        right = self._must().entitlement(slug, refresh=True)
        self._announce("catalog", slug, 0)
        return right

    def preview(self, slug: str) -> Preview:
        """Return a key's preview, to be shown without scripts.

        Raises:
            NotAvailable: there is none for us.
            NetworkError: nobody answered.
        """
        return Preview(slug=slug, html=self._must().preview(slug))

    # as a source ---------------------------------------------------------------------------------

    def listing(self, *, refresh: bool = False) -> Listing:
        """Return what the marketplace offers; nothing without one."""
        try:
            market = self._current()
            return market.listing(refresh=refresh) if market else Listing([], [])
        except KeysError as error:
            return Listing([], [problem_of(error, self.name)])

    def versions(self, slug: str) -> list[str]:
        """Return the versions of a key, the current one first; of a slow marketplace those heard of before."""
        market = self._current()
        listing = market.listing() if market else Listing([], [])
        listed = [pack.version for pack in listing.packs if pack.slug == slug]
        if market is None or not listed:
            return []
        name = (market.url, slug)
        if listing.stale_since is None:
            with suppress(StillAsking):
                self._asking.ask(f"versions {name}", lambda: self._count(market, slug), _PATIENCE)
        return self._versions.get(name) or listed

    def _count(self, market: Marketplace, slug: str) -> None:
        self._versions[market.url, slug] = market.versions(slug)

    def fetch(
        self,
        slug: str,
        version: str,
        *,
        on_progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> VerifiedPack:
        """Return one verified pack; raises as :meth:`Marketplace.fetch` does."""
        return self._must().fetch(slug, version, on_progress=on_progress, cancelled=cancelled)

    # which one -----------------------------------------------------------------------------------

    def _must(self) -> Marketplace:
        market = self._current()
        if market is None:
            raise NotAvailable(
                "NO_MARKETPLACE",
                "No marketplace is chosen.",
                'Sign in at one with "jupyter keys login --marketplace URL", or in the panel.',
            )
        return market

    def _current(self) -> Marketplace | None:
        choice = self._chosen.now()
        return self._market(choice) if choice else None

    def _market(self, choice: Choice) -> Marketplace:
        with self._lock:
            if self._made is None or self._made[0] != choice:
                made = Marketplace(self._settings(choice), self._credentials, self._data_dir)
                self._made = (choice, made)
            return self._made[1]

    def _settings(self, choice: Choice) -> MarketplaceSettings:
        site = self._configuration
        transport = site.transport
        if choice.vouched and site.own_machine:
            named = (*transport.allowed_marketplaces, choice.url)
            transport = replace(transport, allowed_marketplaces=named)
        ours = _origin(choice.url) == _origin(site.url)
        return MarketplaceSettings(
            choice.url,
            # Another marketplace has another project: a password goes to its own or nowhere.
            auth_url=site.auth_url if ours else "",
            auth_anon_key=site.auth_anon_key,
            return_url=site.pages_url if ours else "",
            transport=transport,
        )


def _origin(url: str) -> str | None:
    try:
        return origin_of(url) if url else None
    except ValueError:
        return None
