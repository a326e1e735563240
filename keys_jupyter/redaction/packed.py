"""What base64 and hexadecimal runs of a text hold, as one reading, and where each part of it stands.

A run may begin after any character that both joins words and is base64, so each alignment these suggest is read; ASCII in
base64 always has capitals, so runs without are passed over. Of bytes that are no text only the
readable stretches are kept, as one sees them with ``strings``; images therefore cost little and say nothing.
"""

from __future__ import annotations

import binascii
import re
from bisect import bisect_right
from collections.abc import Iterator

from keys_jupyter.redaction.views import Spans

_RUN = re.compile(r"[A-Za-z0-9+/_-]{16,}")
_GLUE = re.compile(r"[+/_-]")
_SHORTEST_HEX = 24
_HEX = re.compile(r"[0-9A-Fa-f]{24,}")
# Ten readable bytes fill two whole groups of four characters at least, and their high bits are zero; most that looks
# like base64 and is a digest, a name or a picture has no such groups, and need not be decoded.
_GROUP = "[CDGI-Za-f][A-HQ-Xg-nw-z0-3][ABEFIJMNQRUVYZcdghklopstwx014589][A-Za-z0-9+/_-]"
_MAY_HOLD_TEXT = re.compile(_GROUP * 2)
_MAY_HOLD_TEXT_IN_HEX = re.compile("(?:[2-7][0-9A-Fa-f]|0[9AaDd]|1[Bb])" * 10)
_FILL = ("AAAA", "AAAAAAA", "AAAAAA", "AAAAA")
_READABLE = re.compile(rb"[\t\n\r\x1b -~]{10,}")
_FAR = 256
"""Characters of a run in which something may be glued to its front, such as the path of an address."""
_URL_SAFE = str.maketrans("-_", "+/")
_APART = "\x00"


class Packed:
    """The readable stretches of what was packed, in one text."""

    __slots__ = ("_parts", "_starts", "text")

    def __init__(self, parts: list[tuple[str, int, int]]) -> None:
        """Join stretches; with each comes where its bytes begin in the text and how many characters a group has."""
        self._parts: list[tuple[int, int, int]] = []
        self._starts: list[int] = []
        length = 0
        for stretch, at, first in parts:
            self._starts.append(length)
            self._parts.append((at, first, len(stretch)))
            length += len(stretch) + 1
        self.text = _APART.join(stretch for stretch, _, _ in parts)

    def source(self, start: int, end: int) -> Spans:
        """Return the parts of the text that a part of this reading stands for, whole groups of characters."""
        found: Spans = []
        at = bisect_right(self._starts, start) - 1
        while at < len(self._starts) and self._starts[at] < end:
            origin, first, size = self._parts[at]
            begin = max(start - self._starts[at], 0)
            stop = min(end - self._starts[at], size)
            if stop > begin:
                found.append(self._characters(origin, first, begin, stop))
            at += 1
        return found

    def _characters(self, origin: int, first: int, begin: int, stop: int) -> tuple[int, int]:
        if first < 0:
            return origin + 2 * begin, origin + 2 * stop
        begin, stop = begin + first, stop + first
        return origin + begin * 4 // 3, origin + (stop * 4 + 2) // 3


def unpacked(text: str, near: tuple[tuple[int, int], ...] | None = None) -> Packed | None:
    """Read all base64 and hexadecimal runs of a text, or of parts of it; None when they hold nothing readable."""
    sixty_four: list[tuple[str, int]] = []
    hexadecimal: list[tuple[str, int]] = []
    parts_of = near or ((0, len(text)),)
    for match in (run for start, end in parts_of for run in _RUN.finditer(text, start, end)):
        run, at = match[0], match.start()
        if run != run.lower() and _MAY_HOLD_TEXT.search(run):
            sixty_four.append((run, at))
            if _GLUE.search(run, 0, _FAR):
                sixty_four += ((run[skipped:], at + skipped) for skipped in _after_glue(run))
        if len(run) >= _SHORTEST_HEX and _MAY_HOLD_TEXT_IN_HEX.search(run):
            hexadecimal += [(found[0], at + found.start()) for found in _HEX.finditer(run)]
    parts = [*_from_base64(sixty_four), *_from_hexadecimal(hexadecimal)]
    return Packed(parts) if parts else None


def _after_glue(run: str) -> set[int]:
    """The other alignments at which something may begin."""
    return {glue.end() % 4 for glue in _GLUE.finditer(run, 0, _FAR)} - {0}


def _from_base64(runs: list[tuple[str, int]]) -> Iterator[tuple[str, int, int]]:
    """Decode all runs in one go, each filled up to whole groups and followed by zeros."""
    pieces: list[str] = []
    begins: list[int] = []
    length = 0
    for run, _ in runs:
        begins.append(length // 4 * 3)
        fill = _FILL[len(run) % 4]
        pieces += (run, fill)
        length += len(run) + len(fill)
    data = binascii.a2b_base64("".join(pieces).translate(_URL_SAFE))
    for found in _READABLE.finditer(data):
        number = bisect_right(begins, found.start()) - 1
        run, at = runs[number]
        first = found.start() - begins[number]
        yield found[0].decode("ascii")[: len(run) * 3 // 4 - first], at, first


def _from_hexadecimal(runs: list[tuple[str, int]]) -> Iterator[tuple[str, int, int]]:
    """Decode all runs in one go, each followed by a zero."""
    pieces: list[str] = []
    begins: list[int] = []
    length = 0
    for run, _ in runs:
        begins.append(length)
        pieces.append(run if len(run) % 2 == 0 else run[:-1])
        length += len(run) // 2 + 1
    pieces.append("")
    data = bytes.fromhex("00".join(pieces))
    for found in _READABLE.finditer(data):
        number = bisect_right(begins, found.start()) - 1
        at = runs[number][1] + 2 * (found.start() - begins[number])
        yield found[0].decode("ascii"), at, -1
