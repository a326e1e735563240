"""A checklist has one item for each step of its runbook, in the runbook's order and words."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from keys_jupyter.authoring.lint.page import CANONICAL, Page
from keys_jupyter.authoring.report import Findings
from keys_jupyter.runbook.layout import StepPlace
from keys_jupyter.runbook.names import plain
from keys_jupyter.runbook.patterns import ITEM

_TICKED = ("safety", "diagnosis", "action", "verification", "follow-ups")
_MAY_BE = (*_TICKED, "rollback", "evidence")
_NUMBER = re.compile(r"^\d+[.)]\s+")
_BOX = re.compile(r"[ \t]*[-*+][ \t]+\[[ xX]\][ \t]+(?P<words>\S.*)")


def check(page: Page, path: str, text: str, findings: Findings) -> None:
    """Compare the items of a checklist with the steps of its runbook."""
    items = [
        (at, _bare(match["words"]))
        for at, line in enumerate(text.splitlines(), start=1)
        if (match := _BOX.match(line))
    ]
    needed = [_names(page, place) for _, place, _ in page.steps(*_TICKED) if place.number != "0"]
    allowed = [_names(page, place) for _, place, _ in page.steps(*_MAY_BE)]
    if needed and not items:
        findings.problem(path, 1, "CHECKLIST_EMPTY", "There is no item such as `- [ ] Step 1: …`.")
        return
    said = [words for _, words in items]
    for names in needed:
        if not names & set(said):
            shown = max(names, key=len)
            message = f"The runbook's “{shown}” is not in the checklist."
            findings.problem(path, 1, "CHECKLIST_MISSES_STEP", message)
    for line, words in items:
        if not any(words in names for names in allowed):
            message = f"“{words}” is no step of the runbook."
            findings.problem(path, line, "CHECKLIST_UNKNOWN_ITEM", message)
    _order(items, allowed, path, findings)


def _order(
    items: list[tuple[int, str]], allowed: list[set[str]], path: str, findings: Findings
) -> None:
    places = [(line, words, _place(words, allowed)) for line, words in items]
    known = [(line, words, place) for line, words, place in places if place is not None]
    numbers = [place for _, _, place in known]
    kept = SequenceMatcher(None, numbers, sorted(numbers), autojunk=False).get_matching_blocks()
    right = {at for block in kept for at in range(block.a, block.a + block.size)}
    for at, (line, words, _) in enumerate(known):
        if at not in right:
            message = f"“{words}” stands in another order than in the runbook."
            findings.problem(path, line, "CHECKLIST_ORDER", message)


def _place(words: str, allowed: list[set[str]]) -> int | None:
    return next((at for at, names in enumerate(allowed) if words in names), None)


def _names(page: Page, place: StepPlace) -> set[str]:
    """Return what an item may call a step: its heading, with or without a bare number, or its title."""
    heading = _heading(page, place)
    return {heading, _NUMBER.sub("", heading), _bare(place.title)} - {""}


def _heading(page: Page, place: StepPlace) -> str:
    """Return a step's heading as it is printed; its title where it begins without one."""
    line = page.found.lines[place.start]
    printed = line.startswith(("#", "**", "__")) and ITEM.match(line) is None
    return (_bare(line.lstrip("# ")) if printed else "") or _bare(place.title) or place.id


def _bare(words: str) -> str:
    return " ".join(plain(words).split()).rstrip(":").strip()


def checklist(page: Page) -> str:
    """Write the checklist of a runbook: what ``check`` finds nothing wrong with."""
    lines = [f"# {page.layout.title} Checklist", "", "One line a step, in the runbook's order."]
    titles = dict(CANONICAL)
    for section in page.layout.sections:
        if section.name in _TICKED and section.steps:
            lines += ["", f"## {titles[section.name]}", ""]
            steps = [place for place in section.steps if place.number != "0"]
            lines += [f"- [ ] {_heading(page, place)}" for place in steps]
    return "\n".join(lines) + "\n"
