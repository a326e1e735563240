"""Texts in, the same texts without a run's secrets out; pure.

A secret is found as it is and in the spellings that programs give it: escaped by Python, JSON, HTML and addresses, in
hexadecimal, and in base64 wherever in the encoded text it stands. What is cut up, reversed or computed from it is not found.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

SHORTEST = 4
"""Characters; replacing anything shorter would damage outputs that have nothing to do with it."""
_SHORTEST_INSIDE = 6
"""Bytes a secret needs to be looked for in the middle of base64, where its ends are blurred."""


class SecretText:
    """Knows the secrets of one run."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        """Take values by name; too short ones are not looked for."""
        self._names = {
            form: name
            for name, value in secrets.items()
            if len(value) >= SHORTEST
            for form in _forms(value)
        }
        longest_first = sorted(self._names, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if self._names else None
        self._longest = max(map(len, self._names), default=0)

    def __bool__(self) -> bool:
        return self._pattern is not None

    def clean(self, text: str) -> str:
        """Return a text with names for secrets."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: f"[secret {self._names[found[0]]}]", text)

    def clean_all(self, value: Any) -> Any:
        """Return a copy of JSON with names for secrets in every text and every key."""
        if self._pattern is None:
            return value
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, Mapping):
            return {self.clean_all(key): self.clean_all(of) for key, of in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.clean_all(entry) for entry in value]
        return value

    def part(self, text: str) -> tuple[str, str]:
        """Split a text that goes on later: what cannot be the start of a secret any more, and what can."""
        for length in range(min(len(text), self._longest - 1), 0, -1):
            end = text[-length:]
            if any(form.startswith(end) for form in self._names):
                return text[:-length], end
        return text, ""


def _forms(value: str) -> Iterator[str]:
    """Every spelling of a secret that is looked for."""
    data = value.encode("utf-8", "surrogatepass")
    yield value
    yield repr(value)[1:-1]
    yield ascii(value)[1:-1]
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield html.escape(value)
    yield html.escape(value, quote=False)
    yield quote(data, safe="")
    yield quote(data)
    yield quote_plus(data)
    yield data.hex()
    yield data.hex().upper()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        whole = encode(data).decode()
        yield whole
        yield whole.rstrip("=")
        if len(data) >= _SHORTEST_INSIDE:
            yield from _inside(data, encode)


def _inside(data: bytes, encode: Any) -> Iterator[str]:
    """What of a secret is sure to be seen in base64 of a longer text, for each of the three places it may begin at."""
    for before in range(3):
        text = encode(b"\0" * before + data).decode().rstrip("=")
        # The first characters mix in what stands before; the last one mixes in what comes after.
        first = -(-before * 8 // 6)
        last = (before + len(data)) * 8 // 6
        yield text[first:last]
