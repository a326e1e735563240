r"""A text as it would read decoded, and for any part of that reading, where it stands in the text.

A view is made by edits: parts replaced by what they stand for (``%41``, ``&amp;``, ``\n``) or left out (colours, tags).
What was left out stays where it is when what is around it is redacted, so that a tag or a colour still ends.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache
from urllib.parse import unquote

Spans = list[tuple[int, int]]
Meaning = Callable[["re.Match[str]"], str]

_LONGEST_LINE, _BEFORE, _AFTER = 1024, 128, 256
"""Characters looked back for the beginning of a line, and looked at in any case."""
_DENSE = 512
"""Characters for one edit, on average, below which a reading is looked at as a whole."""

_ESCAPE = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[\"'\\/bfnrt])")
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_COLOUR = re.compile(
    r"\x1b(?:\[[0-9;:?]{0,32}[A-Za-z]|\][^\x07\x1b\x00]{0,256}(?:\x07|\x1b\\)|[()][A-Z0-9])"
)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_TAG = re.compile(r"</?[A-Za-z][^<>\x00]{0,4096}>|<!--[^<>\x00]{0,4096}-->")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2})*")
_WRAP = re.compile(
    r"\r\n(?<=[A-Za-z0-9+/_=-]{48}\r\n)(?=[A-Za-z0-9+/_-])|\n(?<=[A-Za-z0-9+/_=-]{48}\n)(?=[A-Za-z0-9+/_-])"
)
_DOUBLED = re.compile(r"\"\"(?:(?<=[^\s,=:(\[{\x00\"]\"\")(?!\")|(?=\w))")
_SPACE = re.compile(r"\s+")


class View:
    """A reading of a text, with the way back, which is worked out when it is needed."""

    def __init__(self, text: str, pattern: re.Pattern[str], means: Meaning) -> None:
        """Read a text with all that matches a pattern replaced by its meaning."""
        self._source = text
        self._pattern = pattern
        self._means = means
        # Nothing is called for what is left out: a table has ten tags in a row.
        self.text, self.count = pattern.subn("" if means is _left_out else means, text)

    @property
    def is_dense(self) -> bool:
        """Whether there are so many edits that there is nothing far from one."""
        return self.count * _DENSE > len(self.text)

    @cached_property
    def _edits(self) -> list[tuple[int, int, int, int]]:
        """Each edit: its start and end in this reading, and in the text."""
        edits = []
        shift = 0
        for match in self._pattern.finditer(self._source):
            start, end = match.span()
            length = len(self._means(match))
            edits.append((start + shift, start + shift + length, start, end))
            shift += length - (end - start)
        return edits

    @cached_property
    def _ends(self) -> list[int]:
        return [edit[1] for edit in self._edits]

    def source(self, start: int, end: int) -> Spans:
        """Return the parts of the text that a part of this reading stands for."""
        at = bisect_right(self._ends, start)
        shift = self._edits[at - 1][3] - self._edits[at - 1][1] if at else 0
        found: Spans = []
        while start < end:
            if at == len(self._edits) or self._edits[at][0] >= end:
                found.append((start + shift, end + shift))
                break
            view_start, view_end, from_, to = self._edits[at]
            if view_start > start:
                found.append((start + shift, from_))
            if view_end > view_start:
                found.append((from_, to))
            start, shift, at = max(start, view_end), to - view_end, at + 1
        return _joined(found)

    def near_edits(self) -> Iterator[tuple[int, int]]:
        """Yield the parts of this reading that an edit can have changed the meaning of, apart and in order.

        These are the lines around edits: what else a secret consists of stands on its line, or follows.
        """
        last_start, last_end = 0, -1
        for view_start, view_end, _, _ in self._edits:
            start = view_start - _BEFORE
            if start > last_end:
                line = self.text.rfind("\n", max(0, view_start - _LONGEST_LINE), view_start)
                start = min(start, line if line >= 0 else view_start - _LONGEST_LINE)
            if start > last_end >= 0:
                yield last_start, last_end
            if start > last_end or last_end < 0:
                last_start = max(0, start)
            last_end = view_end + _AFTER
        if last_end >= 0:
            yield last_start, last_end


def _joined(spans: Spans) -> Spans:
    merged: Spans = []
    for start, end in spans:
        if merged and merged[-1][1] == start:
            merged[-1] = (merged[-1][0], end)
        elif end > start:
            merged.append((start, end))
    return merged


def _edited(text: str, pattern: re.Pattern[str], means: Meaning) -> View | None:
    view = View(text, pattern, means)
    return view if view.count else None


def _left_out(_: re.Match[str]) -> str:
    return ""


def _plain_quote(_: re.Match[str]) -> str:
    return '"'


def _unescaped(escape: re.Match[str]) -> str:
    name = escape[0][1]
    return chr(int(escape[0][2:], 16)) if name in "ux" else _ESCAPED.get(name, name)


def _entity(entity: re.Match[str]) -> str:
    return _of_entity(entity[0])


@lru_cache(maxsize=1024)
def _of_entity(entity: str) -> str:
    return html.unescape(entity)


def _characters(escapes: re.Match[str]) -> str:
    return unquote(escapes[0], errors="replace")


def unescaped(text: str) -> View | None:
    r"""Read the escapes of JSON and Python strings."""
    return _edited(text, _ESCAPE, _unescaped) if "\\" in text else None


def undoubled(text: str) -> View | None:
    """Read quotes as a cell of a CSV file holds them; two of an empty string are left."""
    return _edited(text, _DOUBLED, _plain_quote) if '""' in text else None


def uncoloured(text: str) -> View | None:
    """Leave out what steers a terminal."""
    return _edited(text, _COLOUR, _left_out) if "\x1b" in text else None


def entities_read(text: str) -> View | None:
    """Read the entities of HTML."""
    return _edited(text, _ENTITY, _entity) if "&" in text else None


def untagged(text: str) -> View | None:
    """Leave out the tags of HTML."""
    return _edited(text, _TAG, _left_out) if "<" in text else None


def unquoted(text: str) -> View | None:
    """Read the escapes of an address."""
    return _edited(text, _PERCENT, _characters) if "%" in text else None


def unwrapped(text: str) -> View | None:
    """Join long lines of what may be one encoded value."""
    return _edited(text, _WRAP, _left_out) if "\n" in text else None


def squeezed(text: str) -> View | None:
    """Leave out all white space."""
    return _edited(text, _SPACE, _left_out)
