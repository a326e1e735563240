"""The listing of a marketplace: both lists joined, each key with our right to it, and what went wrong with asking."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from keys_jupyter.credentials import Credential, Secret
from keys_jupyter.errors import InputError, KeysError, NetworkError
from keys_jupyter.model.catalog import Problem
from keys_jupyter.model.marketplace import Entitlement
from keys_jupyter.sources import Listing
from keys_jupyter.sources.marketplace.asking import Asking, StillAsking
from keys_jupyter.sources.marketplace.lists import Heard, Lists, still_asking
from keys_jupyter.sources.marketplace.rights import Rights, text_of
from keys_jupyter.sources.marketplace.rows import Joined, joined
from keys_jupyter.sources.marketplace.settings import MarketplaceSettings


@dataclass(frozen=True)
class _Rights:
    """What is known of our rights, and whether anything is."""

    by_slug: dict[str, Entitlement]
    known: bool
    heard: float | None
    until: float | None  # when the first of them ends
    fault: KeysError | None

    def to(self, slug: str) -> Entitlement:
        state = "none" if self.known else "unknown"
        return self.by_slug.get(slug) or Entitlement.model_validate({"slug": slug, "state": state})


class Catalogue:
    """Puts together what a marketplace offers us; the same until something was heard or has run out."""

    def __init__(
        self,
        name: str,
        settings: MarketplaceSettings,
        lists: Lists,
        rights: Rights,
        credential: Callable[[], Credential | None],
        now: Callable[[], float],
    ) -> None:
        """Take the lists, the rights and who is asking."""
        self._name = name
        self._settings = settings
        self._lists = lists
        self._rights = rights
        self._credential = credential
        self._now = now
        self._asking = Asking()
        self._lock = threading.Lock()
        self._failed: dict[Secret, tuple[float, KeysError]] = {}
        self._rows: tuple[object, Joined] | None = None
        self._known: tuple[object, _Rights] | None = None
        self._listing: tuple[object, float | None, Listing] | None = None

    def listing(self, *, refresh: bool) -> Listing:
        """Return what is offered; never raises for the network."""
        if not refresh:
            self._begin()
        keys, packs = self._lists.both(refresh=refresh)
        token, rights = self._our_rights(refresh=refresh)
        faults = [one for one in (keys.fault, packs.fault, rights.fault) if one]
        state = (keys.at, packs.at, token, rights.heard, tuple(id(one) for one in faults))
        with self._lock:
            made = self._listing
            if made and made[0] == state and (made[1] is None or self._now() < made[1]):
                return made[2]
            listing = self._made(keys, packs, rights, faults)
            self._listing = (state, rights.until, listing)
            return listing

    def right(self, slug: str, *, refresh: bool) -> Entitlement:
        """Return the right to one key."""
        return self._our_rights(refresh=refresh)[1].to(slug)

    def _made(self, keys: Heard, packs: Heard, rights: _Rights, faults: list[KeysError]) -> Listing:
        if self._rows is None or self._rows[0] != (keys.at, packs.at):
            self._rows = ((keys.at, packs.at), joined(keys.rows, packs.rows))
        found = self._rows[1]
        problems = {fault.code: fault for fault in faults}.values()
        return Listing(
            packs=found.packs,
            problems=[self._problem(fault) for fault in problems],
            damaged=found.damaged,
            entitlements={pack.slug: rights.to(pack.slug) for pack in found.packs},
            not_installable=found.not_installable,
            stale_since=_stale_since((keys, packs)),
        )

    # rights --------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Ask for the rights where it is time to, beside the lists; they are waited for afterwards."""
        with suppress(KeysError):
            found = self._credential()
            if found:
                self._asked(found.token, refresh=False, wait=False)

    def _our_rights(self, *, refresh: bool) -> tuple[Secret | None, _Rights]:
        try:
            found = self._credential()
        except KeysError as error:
            return None, _Rights({}, False, None, None, error)
        if found is None:
            return None, _Rights({}, True, None, None, None)
        token = found.token
        fault = self._asked(token, refresh=refresh, wait=True)
        heard = self._rights.heard(token)
        if heard is None:
            return token, _Rights({}, False, None, None, fault)
        return token, self._read(token, heard, fault)

    def _read(self, token: Secret, heard: float, fault: KeysError | None) -> _Rights:
        """Return the rights as last heard; the same ones until something was heard or one of them has ended."""
        state = (token, heard, fault is None)
        known = self._known
        if known and known[0] == state and (known[1].until is None or self._now() < known[1].until):
            return replace(known[1], fault=fault)
        rights = self._rights.all(token, stale=fault is not None)
        made = _Rights(rights, True, heard, self._rights.next_end(token), fault)
        self._known = (state, made)
        return made

    def _asked(self, token: Secret, *, refresh: bool, wait: bool) -> KeysError | None:
        """Ask where it is time to, and return what went wrong with it."""
        heard, failed = self._rights.heard(token), self._failed.get(token)
        if not refresh and failed and self._now() - failed[0] < self._settings.failed_seconds:
            return failed[1]
        young = heard is not None and self._now() - heard < self._settings.fresh_seconds
        if not refresh and young and not failed:
            return None
        patience = (
            self._settings.first_seconds if heard is None else self._settings.patience_seconds
        )
        try:
            self._asking.ask(
                str(hash(token)),
                lambda: self._ask(token),
                None if refresh else patience if wait else 0.0,
            )
        except StillAsking:
            return still_asking()
        failed = self._failed.get(token)
        return failed[1] if failed else None

    def _ask(self, token: Secret) -> None:
        try:
            self._rights.refresh(token)
        except (NetworkError, InputError) as error:
            self._failed[token] = (self._now(), error)
        else:
            self._failed.pop(token, None)

    def _problem(self, error: KeysError) -> Problem:
        return Problem(source=self._name, code=error.code, message=error.message, hint=error.hint)


def _stale_since(lists: tuple[Heard, Heard]) -> str | None:
    """Return the age of the oldest list that could not be asked for anew."""
    ages = [one.at for one in lists if one.fault and one.at is not None]
    return text_of(min(ages)) if ages else None
