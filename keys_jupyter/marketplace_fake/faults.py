"""Which faults there are, where each strikes, and the plan of a test: what to imitate, where, how often.

What a fault does to a reply on the wire is in :mod:`keys_jupyter.marketplace_fake.transfer`; faults of what is
said (outages, damaged rows, digests) are asked for by the routes.
"""

from __future__ import annotations

import enum
import fnmatch
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from keys_jupyter.marketplace_fake.shapes import Shape
from keys_jupyter.marketplace_fake.wire import Received


class Place(enum.Enum):
    """A kind of request."""

    ANY = "any"
    LIST = "list"
    DETAIL = "detail"
    DOWNLOAD = "download"
    OBJECT = "object"
    ENTITLEMENTS = "entitlements"
    API_KEYS = "api keys"
    SIGN_IN = "sign in"
    ADMIN = "admin"
    OTHER = "other"


class Part(enum.Enum):
    """What stands behind the API and can be out."""

    SUPABASE = "supabase"
    GOTRUE = "gotrue"
    KEY_ROW = "key row"
    ORGANISATION = "organisation"
    ENTITLEMENT = "entitlement"
    VERSION = "version"
    STORAGE = "storage"
    STORAGE_STALL = "storage stall"


class Fault(enum.Enum):
    """Everything that can be imitated."""

    CUT = "cut"
    STALL = "stall"
    DRIP = "drip"
    WRONG_BYTES = "wrong bytes"
    WRONG_RANGE = "wrong range"
    IGNORE_RANGE = "ignore range"
    MANY_RANGES = "many ranges"
    NOT_SATISFIABLE = "not satisfiable"
    CHANGED = "changed"
    IGNORE_IF_RANGE = "ignore if-range"
    NO_VALIDATORS = "no validators"
    EXPIRED_LINK = "expired link"
    LENGTH = "length"
    ENDLESS = "endless"
    GZIP = "gzip"
    HTML = "html"
    BROKEN_JSON = "broken json"
    REDIRECT = "redirect"
    ERROR = "error"
    HEADERS = "headers"
    RAW = "raw"
    HANG_UP = "hang up"
    OUTAGE = "outage"
    UNPINNED = "unpinned"
    NULL_DIGEST = "null digest"
    WRONG_DIGEST = "wrong digest"
    DAMAGED_ROWS = "damaged rows"


_LISTS = (Place.LIST, Place.DETAIL)

# Where each strikes when the test does not say, and its options with their defaults.
_FAULTS: dict[Fault, tuple[tuple[Place, ...], dict[str, Any]]] = {
    Fault.CUT: ((Place.OBJECT,), {"at": 0, "reset": False}),
    Fault.STALL: ((Place.OBJECT,), {"at": None}),
    Fault.DRIP: ((Place.OBJECT,), {"size": 1, "every": 0.01}),
    Fault.WRONG_BYTES: ((Place.OBJECT,), {"at": 0}),
    Fault.WRONG_RANGE: ((Place.OBJECT,), {"by": 1, "lie": False, "header": None}),
    Fault.IGNORE_RANGE: ((Place.OBJECT,), {}),
    Fault.MANY_RANGES: ((Place.OBJECT,), {}),
    Fault.NOT_SATISFIABLE: ((Place.OBJECT,), {}),
    Fault.CHANGED: ((Place.OBJECT,), {"at": 0, "data": None, "keep_etag": False}),
    Fault.IGNORE_IF_RANGE: ((Place.OBJECT,), {}),
    Fault.NO_VALIDATORS: ((Place.OBJECT,), {"weak": False}),
    Fault.EXPIRED_LINK: ((Place.OBJECT,), {}),
    Fault.LENGTH: ((Place.OBJECT,), {"by": 0, "value": None, "missing": False, "chunked": False}),
    Fault.ENDLESS: ((Place.OBJECT,), {"size": 1 << 40, "declared": False, "byte": b"\0"}),
    Fault.GZIP: ((Place.OBJECT,), {"bomb": 0}),
    Fault.HTML: (_LISTS, {"status": 200}),
    Fault.BROKEN_JSON: (_LISTS, {}),
    Fault.REDIRECT: ((Place.OBJECT,), {"to": None, "status": 302, "size": 0}),
    Fault.ERROR: ((Place.ANY,), {"status": 500, "shape": Shape.NESTED, "message": "It failed"}),
    Fault.HEADERS: ((Place.ANY,), {"headers": ()}),
    Fault.RAW: ((Place.ANY,), {"data": b"\x00\x01 not http\r\n\r\n"}),
    Fault.HANG_UP: ((Place.ANY,), {}),
    Fault.OUTAGE: ((Place.ANY,), {"of": Part.SUPABASE}),
    Fault.UNPINNED: ((Place.DOWNLOAD,), {"mislabelled": False}),
    Fault.NULL_DIGEST: ((Place.DETAIL,), {}),
    Fault.WRONG_DIGEST: ((Place.DETAIL,), {"value": "0" * 64}),
    Fault.DAMAGED_ROWS: ((Place.LIST,), {}),
}


@dataclass
class Rule:
    """One fault of a plan; its options are attributes of ``options``."""

    fault: Fault
    places: tuple[Place, ...]
    target: str | None
    options: dict[str, Any]
    times: int | None
    skip: int
    hits: int = 0
    """How often it struck."""
    reached: threading.Event = field(default_factory=threading.Event)
    """Set when it strikes first; with a stall, when everything before the stall is sent."""
    gate: threading.Event = field(default_factory=threading.Event)
    """A stall waits for it."""

    def release(self) -> None:
        """Let everything that stalls go on."""
        self.gate.set()

    def remove(self) -> None:
        """Imitate it no more."""
        self.times = 0
        self.gate.set()

    def fits(self, received: Received, place: Place) -> bool:
        """Say whether it is meant for a request."""
        if self.target is not None:
            pattern = self.target.casefold()
            return fnmatch.fnmatchcase(f"{received.method} {received.path}".casefold(), pattern)
        return Place.ANY in self.places or place in self.places


class Faults:
    """The plan: faults in the order they were added; several may strike one request."""

    def __init__(self) -> None:
        """Begin without any."""
        self._rules: list[Rule] = []
        self._lock = threading.Lock()

    def add(
        self,
        fault: Fault,
        *,
        on: Place | Iterable[Place] | str | None = None,
        times: int | None = None,
        skip: int = 0,
        **options: Any,
    ) -> Rule:
        """Imitate a fault from now on.

        Args:
            fault: which.
            on: where, if not at its usual place: kinds of requests, or a pattern such as
                ``"GET /marketplace/keys/*"``.
            times: for how many requests; for all of them when absent.
            skip: how many fitting requests pass unharmed before.
            options: what the fault takes; the table in the documentation names them.

        Raises:
            ValueError: the fault has no such option.
        """
        places, defaults = _FAULTS[fault]
        if unknown := sorted(set(options) - set(defaults)):
            raise ValueError(f"{fault.name} takes {sorted(defaults)}, not {unknown}")
        target = on if isinstance(on, str) else None
        if isinstance(on, Place):
            places = (on,)
        elif on is not None and not isinstance(on, str):
            places = tuple(on)
        rule = Rule(fault, places, target, {**defaults, **options}, times, skip)
        with self._lock:
            self._rules.append(rule)
        return rule

    def clear(self) -> None:
        """Imitate nothing more, and let what stalls go on."""
        with self._lock:
            rules, self._rules = self._rules, []
        for rule in rules:
            rule.release()

    def striking(self, received: Received, place: Place) -> list[Rule]:
        """Return the faults that strike a request, and count them."""
        with self._lock:
            return [rule for rule in self._rules if rule.fits(received, place) and _strikes(rule)]


def _strikes(rule: Rule) -> bool:
    if rule.skip > 0:
        rule.skip -= 1
        return False
    if rule.times is not None and rule.hits >= rule.times:
        return False
    rule.hits += 1
    if rule.fault is not Fault.STALL:
        rule.reached.set()
    return True
