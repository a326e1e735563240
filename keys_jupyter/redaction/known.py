"""A secret we hold in, every spelling it is looked for in out."""

from __future__ import annotations

import base64
import html
import json
import re
import shlex
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

from keys_jupyter.redaction.policy import SHORTEST_KNOWN, Known, encoded
from keys_jupyter.redaction.views import squeezed

_SHORTEST_PART = 8
"""Characters of a spelling that holds a secret only in part; shorter ones appear by chance."""


class Needles:
    """All spellings of all secrets we hold."""

    def __init__(self, known: tuple[Known, ...]) -> None:
        """Leave out what is too short to be looked for."""
        held = [secret for secret in known if len(secret.value) >= SHORTEST_KNOWN]
        self._plain = {secret.value: secret for secret in held}
        self._spelled: dict[str, Known] = {}
        for secret in held:
            for spelling in spellings(secret.value):
                self._spelled.setdefault(spelling, secret)
        self._squeezed = _either(
            {"".join(spelling.split()): secret for spelling, secret in self._spelled.items()}
        )
        self._by_squeezed = {
            "".join(spelling.split()): secret for spelling, secret in self._spelled.items()
        }

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self._plain)

    def in_text(self, text: str) -> Iterator[tuple[Known, list[tuple[int, int]]]]:
        """Yield each secret in a text as it is, in any spelling, also broken over lines."""
        there = self._present(text)
        for match in _either(there).finditer(text) if there else ():
            yield self._spelled[match[0]], [match.span()]
        bare = "".join(text.split())
        if len(bare) < len(text) and any(spelling in bare for spelling in self._by_squeezed):
            view = squeezed(text)
            if view is not None:
                for match in self._squeezed.finditer(view.text):
                    yield self._by_squeezed[match[0]], view.source(*match.span())

    def _present(self, text: str) -> list[str]:
        """Return the spellings that stand in a text; looking for each is quicker than for all at once."""
        return [spelling for spelling in self._spelled if spelling in text]

    def in_reading(self, text: str) -> Iterator[tuple[Known, list[tuple[int, int]]]]:
        """Yield each secret in a decoded reading of a text."""
        there = [value for value in self._plain if value in text]
        for match in _either(there).finditer(text) if there else ():
            yield self._plain[match[0]], [match.span()]


def _either(needles: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(needles, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")


def spellings(value: str) -> set[str]:
    """Return a secret as it is and as shells, addresses, JSON, HTML and encodings spell it, also backwards."""
    data = encoded(value)
    found = {
        value,
        value[::-1],
        *(json.dumps(value, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)),
        repr(value)[1:-1],
        shlex.quote(value).removeprefix("'").removesuffix("'"),
        html.escape(value),
        html.escape(value, quote=False),
        data.hex(),
        data.hex().upper(),
    }
    if value.isprintable():
        found |= {quote(data, safe=""), quote(data), quote_plus(data)}
    found |= set(_in_base64(data))
    return {spelling for spelling in found if len(spelling) >= SHORTEST_KNOWN}


def _in_base64(data: bytes) -> Iterator[str]:
    """A secret within something larger: at each alignment, the characters that hold nothing but it."""
    for before in range(3):
        packed = base64.b64encode(bytes(before) + data).decode("ascii")
        first = (before * 8 + 5) // 6
        last = (before + len(data)) * 8 // 6
        part = packed[first:last]
        if len(part) >= _SHORTEST_PART:
            yield part
            yield part.translate(str.maketrans("+/", "-_"))
