"""A code cell in, the few words a person knows it by out; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

LONGEST = 80
"""Characters of a title."""

_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)
_COMMENT = re.compile(r"^\s*(?:#|//|--)+\s*(?:%%\s*)?(\S.*)$")


def cell_title(cells: Sequence[Mapping[str, Any]], index: int) -> str:
    """The heading just above a cell, else the comment it begins with, else its first line of code."""
    title = _heading_above(cells, index) or _first_words(text(cells[index]))
    return title if len(title) <= LONGEST else title[: LONGEST - 1] + "…"


def text(cell: Mapping[str, Any]) -> str:
    """A cell's source, which a file may hold as a list of lines."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def _heading_above(cells: Sequence[Mapping[str, Any]], index: int) -> str:
    if index == 0 or cells[index - 1]["cell_type"] != "markdown":
        return ""
    headings = _HEADING.findall(text(cells[index - 1]))
    return headings[-1] if headings else ""


def _first_words(source: str) -> str:
    for line in source.splitlines():
        if line.strip():
            comment = _COMMENT.match(line)
            return comment[1].strip() if comment else line.strip()
    return ""
