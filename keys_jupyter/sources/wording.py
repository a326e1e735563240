"""Others' words as they may be shown: nothing in them moves a cursor, turns a line around, hides, or breaks an encoding.

What they *say* is left as it is; markup stays the text that it is, and whoever draws it must not read it as more.
"""

from __future__ import annotations

import unicodedata
from typing import Any

_LINE = (
    "title", "category", "maturity", "outcome", "difficulty", "severity_level", "license_spdx",
    "about",
)  # fmt: skip
_LISTS = ("tags", "key_type", "references")


def shown(text: str, most: int | None = None) -> str:
    """Return a text as one line.

    Invisible characters are left out, every kind of space is a space, and what no screen has a picture for is ``?``.

    Args:
        text: written by somebody else.
        most: how many characters of it.
    """
    cut = text if most is None else text[:most]
    return cut if cut.isprintable() else "".join(map(_picture, cut))


def shown_lines(text: str, most: int | None = None) -> str:
    """Return a text of several lines, each as :func:`shown` returns it."""
    cut = text if most is None else text[:most]
    return "\n".join(shown(line) for line in cut.replace("\r\n", "\n").split("\n"))


def shown_row(row: dict[str, Any]) -> dict[str, Any]:
    """Return a library's row with its words as they may be shown; what is of another type is left to its model."""
    made = dict(row)
    for name in _LINE:
        if isinstance(row.get(name), str):
            made[name] = shown(row[name])
    if isinstance(row.get("description"), str):
        made["description"] = shown_lines(row["description"])
    for name in _LISTS:
        if isinstance(row.get(name), list):
            made[name] = [shown(one) if isinstance(one, str) else one for one in row[name]]
    return made


def _picture(char: str) -> str:
    if char.isprintable():
        return char
    if char.isspace():
        return " "
    # Cf: direction marks, zero-width characters, tags
    return "" if unicodedata.category(char) == "Cf" else "?"
