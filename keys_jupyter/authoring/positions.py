"""The text of a JSON document in, the line of each of its values out.

The document has been read by ``json`` before: here it is only walked. Values deeper than a few levels have
the line of what they are in.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence

Path = tuple[str | int, ...]
_DEPTH = 8
_BLANK = " \t\r\n"


def lines_of(text: str) -> dict[Path, int]:
    """Return the line of every value of a valid document by its path; the document's own path is ``()``."""
    walk = _Walk(text)
    walk.value(walk.skip(0), ())
    return walk.lines


def line_at(lines: Mapping[Path, int], path: Sequence[str | int]) -> int:
    """Return the line of a value, else that of the nearest value around it."""
    place = tuple(path)
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


class _Walk:
    """Goes through a document once."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {}
        self._text = text
        self._ends = [at for at, character in enumerate(text) if character == "\n"]
        self._decoder = json.JSONDecoder()

    def skip(self, at: int) -> int:
        """Return the place of the next character that is not blank."""
        while at < len(self._text) and self._text[at] in _BLANK:
            at += 1
        return at

    def value(self, at: int, path: Path) -> int:
        """Place the value that begins here; return the place behind it."""
        self.lines.setdefault(path, bisect_right(self._ends, at) + 1)
        opened = self._text[at]
        if opened not in "{[" or len(path) >= _DEPTH:
            return self._decoder.raw_decode(self._text, at)[1]
        at = self.skip(at + 1)
        number = 0
        while self._text[at] not in "}]":
            name: str | int = number
            if opened == "{":
                begin = at
                name, at = self._decoder.raw_decode(self._text, at)
                # A field's line is its name's: the value may begin further down.
                self.lines.setdefault((*path, name), bisect_right(self._ends, begin) + 1)
                at = self.skip(self.skip(at) + 1)
            at = self.skip(self.value(at, (*path, name)))
            at = self.skip(at + 1) if self._text[at] == "," else at
            number += 1
        return at + 1
