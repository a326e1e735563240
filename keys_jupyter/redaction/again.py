"""Where a text has to be read a second time: around its markers, since nothing else has changed.

Lines are what is read, with their neighbours; where a line is too long to be told apart, there is nothing to be saved and
the whole text is read.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from keys_jupyter.redaction.leaves import APART
from keys_jupyter.redaction.views import Spans

_MARKER = re.compile(r"\[redacted [a-z0-9-]{1,80} [0-9a-f]{4}(?: continued)?\]")
_LONGEST = 8192


class Excerpt:
    """Parts of a text as one, and where they stand in it."""

    def __init__(self, text: str, parts: Spans) -> None:
        """Put the parts one after another, kept apart."""
        self._parts = parts
        self._begins: list[int] = []
        length = 0
        for start, end in parts:
            self._begins.append(length)
            length += end - start + 1
        self.text = APART.join((*(text[start:end] for start, end in parts), ""))

    def source(self, spans: Spans) -> Spans:
        """Return where spans stand in the text."""
        found = []
        for start, end in spans:
            number = bisect_right(self._begins, start) - 1
            shift = self._parts[number][0] - self._begins[number]
            found.append((start + shift, min(end + shift, self._parts[number][1])))
        return found


def around_markers(text: str) -> Excerpt:
    """Return the lines of a text with markers; all of it, where there are none to tell apart."""
    parts: Spans = []
    for match in _MARKER.finditer(text):
        if parts and match.end() <= parts[-1][1]:
            continue
        start, end = _before(text, match.start()), _after(text, match.end())
        if start is None or end is None:
            return Excerpt(text, [(0, len(text))])
        if parts and start <= parts[-1][1]:
            parts[-1] = (parts[-1][0], end)
        else:
            parts.append((start, end))
    return Excerpt(text, parts)


def _before(text: str, at: int) -> int | None:
    """Where the line before the one at an offset begins."""
    for _ in range(2):
        low = max(0, at - _LONGEST)
        found = max(text.rfind("\n", low, at), text.rfind(APART, low, at))
        if found < 0:
            return None if low else 0
        at = found
    return at + 1


def _after(text: str, at: int) -> int | None:
    """Where the line after the one at an offset ends."""
    for _ in range(2):
        high = min(len(text), at + _LONGEST)
        ends = [end for end in (text.find("\n", at, high), text.find(APART, at, high)) if end >= 0]
        if not ends:
            return None if high < len(text) else high
        at = min(ends) + 1
    return at
