"""What holds for a whole runbook: what must not be done, and which artifacts to keep."""

from __future__ import annotations

import re

from keys_jupyter.runbook.layout import Layout
from keys_jupyter.runbook.lists import CHECKBOX, heads_list, items_under, whole_item
from keys_jupyter.runbook.names import is_prohibition, plain
from keys_jupyter.runbook.patterns import ITEM
from keys_jupyter.runbook.scan import Scan

_NOT_HERE = ("when-not", "when", "scope")
_FORBIDS = re.compile(r"\W*(?:\*\*|__)?(?:DO NOT|DON'T|NEVER)\b")
_FORBIDS_ANYHOW = re.compile(r"\W*(?:do not|don't|never)\b", re.I)
_ARTIFACTS = re.compile(
    r"(?:required )?artifacts?(?: to (?:save|keep|collect|attach))?|what to save|save these.*", re.I
)


def prohibitions(found: Scan, layout: Layout) -> list[str]:
    """Return what the runbook says not to do, in its order, each once."""
    said: dict[str, None] = {}
    for section in layout.sections:
        if section.name in _NOT_HERE:
            continue
        anyhow = section.name == "safety"
        at = section.body
        while at < section.end:
            if not found.marks[at] and heads_list(found, at, is_prohibition):
                items, at = items_under(found, at, section.end)
                said.update(dict.fromkeys(items))
                continue
            words = _forbidden(found, at, section.end, anyhow=anyhow)
            if words:
                said[words] = None
            at += 1
    return list(said)


def _forbidden(found: Scan, at: int, end: int, *, anyhow: bool) -> str:
    line = found.lines[at]
    if found.marks[at] or not line.strip() or line.lstrip().startswith("#"):
        return ""
    item = ITEM.match(line)
    words = item["text"] if item else line.strip(" \t\r\n>")
    words = CHECKBOX.sub("", words, count=1)
    if not (_FORBIDS.match(words) or (anyhow and _FORBIDS_ANYHOW.match(words))):
        return ""
    return whole_item(found, at, end, words)


def artifacts(found: Scan, layout: Layout) -> list[str]:
    """Return the top items of every list under "Artifacts to Save"."""
    kept: dict[str, None] = {}
    for section in layout.sections:
        if section.name in _NOT_HERE:
            continue
        start = section.start if section.name == "evidence" else section.body
        for at in range(start, section.end):
            if not found.marks[at] and heads_list(found, at, _names_artifacts):
                kept.update(dict.fromkeys(items_under(found, at, section.end)[0]))
    return list(kept)


def _names_artifacts(words: str) -> bool:
    return _ARTIFACTS.fullmatch(re.sub(r"^[\W\d_]+", "", plain(words)).strip(" :")) is not None
