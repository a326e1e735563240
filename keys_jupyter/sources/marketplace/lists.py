"""The catalogue of a marketplace as last heard, with its age: asked anew when old, shown as it was when nobody answers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from keys_jupyter.errors import InputError, KeysError, NetworkError
from keys_jupyter.sources.marketplace.answers import Answer, Answers
from keys_jupyter.sources.marketplace.api import Api
from keys_jupyter.sources.marketplace.asking import Asking, StillAsking
from keys_jupyter.sources.marketplace.settings import MarketplaceSettings
from keys_jupyter.transport import InvalidAnswer, Unreachable


@dataclass(frozen=True)
class Heard:
    """One list, and what went wrong with asking for it anew."""

    rows: list[Any]
    at: float | None  # when it was last heard to hold; None: never
    fault: KeysError | None


class Lists:
    """The two lists, each asked for at most once in a while."""

    def __init__(
        self, settings: MarketplaceSettings, api: Api, answers: Answers, now: Callable[[], float]
    ) -> None:
        """Take how the marketplace is asked and where answers are kept."""
        self._settings = settings
        self._api = api
        self._answers = answers
        self._now = now
        self._asking = Asking()
        self._failed: dict[str, tuple[float, KeysError]] = {}

    def both(self, *, refresh: bool) -> tuple[Heard, Heard]:
        """Return the lists ``keys`` and ``packs``; never raises for the network.

        Both are asked for at once, so that one that does not come costs no more than two.

        Args:
            refresh: ask now and wait for the answer.
        """
        asked = [what for what in ("keys", "packs") if refresh or not self._holds(what)]
        for what in asked:
            with suppress(StillAsking):
                self._asking.ask(what, partial(self._ask, what), 0.0)
        keys, packs = (self._waited_for(what, asked, refresh=refresh) for what in ("keys", "packs"))
        return keys, packs

    def _waited_for(self, what: str, asked: list[str], *, refresh: bool) -> Heard:
        if what not in asked:
            return self._heard(what)
        known = self._known(what)
        patience = self._settings.patience_seconds if known else self._settings.first_seconds
        try:
            self._asking.join(what, None if refresh else patience)
        except StillAsking:
            return Heard(known.data if known else [], known.at if known else None, still_asking())
        return self._heard(what)

    def _holds(self, what: str) -> bool:
        """Say whether there is no need to ask: the answer is young, or nobody answered just now."""
        failed = self._failed.get(what)
        if failed:
            return self._now() - failed[0] < self._settings.failed_seconds
        known = self._known(what)
        return known is not None and self._now() - known.at < self._settings.fresh_seconds

    def _heard(self, what: str) -> Heard:
        known, failed = self._known(what), self._failed.get(what)
        return Heard(
            known.data if known else [], known.at if known else None, failed[1] if failed else None
        )

    def _ask(self, what: str) -> None:
        known = self._known(what)
        try:
            reply = self._api.list_of(what, known.etag if known else "")
            rows = known.data if reply.status == 304 and known else _rows(reply.data, what)
        except (NetworkError, InputError) as error:
            self._failed[what] = (self._now(), error)
            return
        etag = reply.etag or (known.etag if known and reply.status == 304 else "")
        self._answers.put(what, Answer(rows, etag, self._now()))
        self._failed.pop(what, None)

    def _known(self, what: str) -> Answer | None:
        known = self._answers.get(what)
        return known if known and isinstance(known.data, list) else None


def still_asking() -> Unreachable:
    """Return the fault of a marketplace that has not answered yet."""
    return Unreachable(
        "UNREACHABLE_SLOW",
        "The marketplace has not answered yet; what is shown is from before.",
        "Look again in a moment.",
    )


def _rows(data: Any, what: str) -> list[Any]:
    rows = data.get(what) if isinstance(data, dict) else None
    if isinstance(rows, list):
        return rows
    raise InvalidAnswer(
        "ANSWER_UNUSABLE",
        f"The marketplace cannot be understood: its answer holds no list of {what}.",
        "Check its address; it may be newer than this program.",
    )
