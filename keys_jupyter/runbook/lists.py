"""Lists under a heading or a bare label: where they end, and their outermost items in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable

from keys_jupyter.runbook.names import plain
from keys_jupyter.runbook.patterns import ITEM
from keys_jupyter.runbook.scan import Scan

CHECKBOX = re.compile(r"\[[ xX]\][ \t]+")
_LABEL = re.compile(
    r"[ \t>]*(?:[-*+][ \t]+)?\W{0,3}(?:\*\*|__)?([^*_:\r\n]+?)(?:\*\*|__)?[ \t]*:?(?:\*\*|__)?[ \t]*[\r\n]*\Z"
)


def heads_list(found: Scan, at: int, test: Callable[[str], bool]) -> bool:
    """Whether a line is a heading or a bare label whose words pass a test."""
    line = found.lines[at]
    bare = line.lstrip(" \t>")
    if bare.startswith("#"):
        return test(bare.strip("# \t\r\n"))
    labelled = bare.rstrip().endswith((":", ":**", "**", "__"))
    match = _LABEL.match(line) if labelled else None
    return match is not None and test(match[1])


def items_under(found: Scan, at: int, end: int) -> tuple[list[str], int]:
    """Return the outermost items of the list that follows a heading or label, and the line after it."""
    items: list[str] = []
    label = ITEM.match(found.lines[at])
    floor = len(label["indent"].expandtabs(4)) if label else -1
    margin: int | None = None
    at += 1
    while at < end:
        line = found.lines[at]
        item = None if found.marks[at] else ITEM.match(line)
        if item:
            indent = len(item["indent"].expandtabs(4))
            if indent <= floor:
                break
            margin = indent if margin is None else margin
            if indent <= margin:
                words = CHECKBOX.sub("", item["text"], count=1)
                items.append(whole_item(found, at, end, words))
        elif line.strip() and not line[0].isspace() and not found.marks[at]:
            break_here = margin is not None or line.startswith("#") or heads_list(found, at, bool)
            if break_here and not (margin is not None and found.lines[at - 1].strip()):
                break
        at += 1
    return items, at


def whole_item(found: Scan, at: int, end: int, words: str) -> str:
    """Return an item's words with the lines they wrap onto, plain."""
    parts = [words.strip()]
    for line in found.lines[at + 1 : end]:
        if not line.strip() or ITEM.match(line) or line.lstrip()[0] in "#`~|<":
            break
        parts.append(line.strip(" \t\r\n>"))
    return plain(" ".join(parts)).strip(" :")
