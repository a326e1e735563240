"""A marketplace that is steered by lines of JSON, for tests that are not written in Python.

One line in, one line out: ``{"do": "grant", "slug": "…"}`` is answered with ``{"ok": true, …}``, what cannot be done
with ``{"ok": false, "error": "…"}``.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from keys_jupyter.marketplace_fake.accounts import User
from keys_jupyter.marketplace_fake.faults import Fault, Part, Place, Rule
from keys_jupyter.marketplace_fake.market import FakeMarketplace
from keys_jupyter.marketplace_fake.shapes import Shape
from keys_jupyter.marketplace_fake.wire import Received

_NAMED: dict[str, type[Place | Part | Shape]] = {"on": Place, "of": Part, "shape": Shape}


class Control:
    """The commands of one marketplace with one user."""

    def __init__(self, market: FakeMarketplace, user: User) -> None:
        """Take both over."""
        self._market = market
        self._user = user
        self._rules: list[Rule] = []
        self._does: dict[str, Callable[..., dict[str, Any] | None]] = {
            "add": self._add,
            "advance": lambda seconds: market.clock.advance(seconds),
            "clear": lambda: market.faults.clear(),
            "grant": self._grant,
            "key": self._key,
            "pay": self._pay,
            "release": self._release,
            "requests": self._requests,
            "start": lambda: market.start(),
            "stop": lambda: market.stop(),
            "withdraw": lambda slug: market.withdraw(user, slug),
        }

    def greeting(self) -> dict[str, Any]:
        """Return where the marketplace is and who can sign in."""
        return {
            "ok": True,
            "url": self._market.url,
            "project_url": self._market.project_url,
            "anon_key": self._market.anon_key,
            "email": self._user.email,
            "password": self._user.password,
            "slugs": self._market.slugs,
        }

    def obey(self, line: str) -> dict[str, Any]:
        """Do what one line says."""
        try:
            given = json.loads(line)
            done = self._does[given.pop("do")](**given)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            return {"ok": False, "error": f"{type(error).__name__}: {error}"}
        return {"ok": True, **(done or {})}

    def _add(self, fault: str, **options: Any) -> dict[str, Any]:
        for name, kind in _NAMED.items():
            if options.get(name) in kind.__members__:
                options[name] = kind[options[name]]
        self._rules.append(self._market.faults.add(Fault[fault], **options))
        return {"rule": len(self._rules) - 1}

    def _release(self, rule: int) -> None:
        self._rules[rule].release()

    def _grant(self, slug: str, seconds: float | None = None) -> None:
        until = None if seconds is None else dt.timedelta(seconds=seconds)
        self._market.grant(self._user, slug, until)

    def _key(self, seconds: float | None = None) -> dict[str, Any]:
        expires = None if seconds is None else dt.timedelta(seconds=seconds)
        return {"token": self._market.key(self._user, expires=expires).token}

    def _pay(self, after_reads: int = 0) -> dict[str, Any]:
        for checkout in self._market.checkouts:
            checkout.pay(after_reads)
        return {"paid": [checkout.slug for checkout in self._market.checkouts]}

    def _requests(self, holding: str = "", whole: bool = False) -> dict[str, Any]:
        found = self._market.requests.holding(holding)
        if whole:
            return {"requests": [_whole(one) for one in found]}
        return {"requests": [f"{one.origin} {one.method} {one.target}" for one in found]}


def _whole(one: Received) -> dict[str, Any]:
    body = one.body.decode("latin-1")
    return {**asdict(one), "headers": [list(pair) for pair in one.headers], "body": body}
