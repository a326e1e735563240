"""What comes in and what goes out: requests as they were received, replies as they will be sent.

How they travel is in :mod:`keys_jupyter.marketplace_fake.server`.
"""

from __future__ import annotations

import json
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Received:
    """One request, whole, and what became of it."""

    origin: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    client: str
    status: int | None = None
    """The status that was answered; None while it is not."""
    sent: int = 0
    """How many bytes of a body were given to the connection."""

    @property
    def path(self) -> str:
        """Return the target without its query, still encoded."""
        if self.target.startswith("/"):
            # not urlsplit: it takes what follows a doubled slash for a host
            return self.target.partition("?")[0]
        return urllib.parse.urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """Return the query; of a name given twice, the last."""
        query = self.target.partition("?")[2]
        return dict(urllib.parse.parse_qsl(query, keep_blank_values=True))

    def header(self, name: str) -> str | None:
        """Return one header, or None."""
        return next((v for k, v in self.headers if k.casefold() == name.casefold()), None)

    def text(self) -> str:
        """Return all that was received as one text, for searching."""
        lines = [f"{self.method} {self.target}", *(f"{k}: {v}" for k, v in self.headers), ""]
        return "\n".join(lines) + self.body.decode("utf-8", "replace")


class RequestLog:
    """Every request in the order of its arrival; safe to read while more arrive."""

    def __init__(self) -> None:
        """Begin empty."""
        self._all: list[Received] = []
        self._bell = threading.Condition()

    def add(self, received: Received) -> None:
        """Keep one request."""
        with self._bell:
            self._all.append(received)
            self._bell.notify_all()

    def __iter__(self) -> Iterator[Received]:
        with self._bell:
            return iter(list(self._all))

    def __len__(self) -> int:
        with self._bell:
            return len(self._all)

    def __getitem__(self, index: int) -> Received:
        with self._bell:
            return self._all[index]

    def where(
        self, *, origin: str | None = None, method: str | None = None, path: str | None = None
    ) -> list[Received]:
        """Return the requests of one origin, one method, or with this text in their path."""
        return [
            one
            for one in self
            if (origin is None or one.origin == origin)
            and (method is None or one.method == method)
            and (path is None or path in one.path)
        ]

    def holding(self, text: str) -> list[Received]:
        """Return the requests that hold a text anywhere: target, headers or body."""
        return [one for one in self if text in one.text()]

    def wait_for(self, count: int, seconds: float = 30) -> None:
        """Return as soon as this many requests have arrived.

        Raises:
            TimeoutError: they have not.
        """
        with self._bell:
            if not self._bell.wait_for(lambda: len(self._all) >= count, seconds):
                raise TimeoutError(f"{len(self._all)} of {count} requests in {seconds} s")

    def clear(self) -> None:
        """Forget all."""
        with self._bell:
            self._all.clear()


Headers = list[tuple[str, str]]


@dataclass
class Reply:
    """One answer; ``pieces`` replaces the body on the wire, but not in the headers."""

    status: int
    body: bytes = b""
    headers: Headers = field(default_factory=list)
    pieces: Iterator[bytes] | None = None
    before: Callable[[], None] | None = None
    """Called before the first byte is sent; it may block."""
    length: str | None = "right"
    """``right`` for the true length, None for no such header, else the value to send."""
    chunked: bool = False
    end: str = "keep"
    """What follows: ``keep`` the connection, say so and ``close``, ``hang up`` without a word, ``reset``."""
    raw: bytes | None = None
    """Sent in place of everything."""

    def header(self, name: str) -> str | None:
        """Return one header, or None."""
        return next((v for k, v in self.headers if k.casefold() == name.casefold()), None)

    def drop(self, *names: str) -> None:
        """Take headers out."""
        gone = {name.casefold() for name in names}
        self.headers = [(k, v) for k, v in self.headers if k.casefold() not in gone]


def json_reply(status: int, document: Any, *headers: tuple[str, str]) -> Reply:
    """Return a JSON reply."""
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    # Half a pair is written as JavaScript writes it: escaped.
    body = text.encode("utf-8", "backslashreplace")
    return Reply(status, body, [("Content-Type", "application/json; charset=utf-8"), *headers])


def text_reply(status: int, text: str, kind: str = "text/html; charset=utf-8") -> Reply:
    """Return a reply of plain text, which calls itself HTML as the marketplace's does."""
    return Reply(status, text.encode(), [("Content-Type", kind)])
