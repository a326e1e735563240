"""Every branch leads somewhere, and every step can be reached from the first safety check."""

from __future__ import annotations

import re
from collections.abc import Iterator

from keys_jupyter.authoring.lint.page import Page, called
from keys_jupyter.authoring.report import Findings
from keys_jupyter.model.runbook import Branch, Step
from keys_jupyter.runbook.layout import SectionPlace

# These are always on screen: nobody has to be led there.
_ALWAYS = ("rollback", "follow-ups", "evidence", "scope", "when", "when-not", "other")
_WORKED = ("safety", "diagnosis", "action", "verification")
_AFTER = {"safety": "diagnosis", "diagnosis": "action", "action": "verification"}
_LEAVES = ("rollback", "runbook:", "evidence", "follow-ups")
# What ends a path in words: the incident is over, somebody else takes over, or the same is done again.
_ENDS = re.compile(
    r"\b(?:clos(?:e|ed) (?:the |this )?(?:incident|runbook|decision)|stop\b|done\b|no (?:further )?action"
    r"|nothing (?:more )?to do|finished|wait\b|again\b|repeat\b|page\b|call\b|escalat\w*|hand (?:it )?over)",
    re.I,
)


def check(page: Page, findings: Findings) -> None:
    """Check branches and reachability."""
    for branch, line in branches(page):
        if branch.goto is None and not _ENDS.search(branch.outcome):
            said = (
                f"“If {branch.condition}” leads nowhere: name a step, an action, a section"
                " or a runbook."
            )
            findings.problem(page.path, line, "BRANCH_NOWHERE", said)
    reached = _reached(page)
    for _, place, step in page.steps(*_WORKED):
        if step.id not in reached:
            said = f"{called(place)} cannot be reached: no branch leads here."
            findings.problem(page.path, place.start + 1, "STEP_UNREACHABLE", said)


def branches(page: Page) -> Iterator[tuple[Branch, int]]:
    """Yield every branch with its line, those of sections' own text first."""
    for place in page.layout.sections:
        end = place.steps[0].start if place.steps else place.end
        for branch in page.read(place).branches:
            yield branch, page.line_of_branch(branch, place.body, end)
    for _, step_place, step in page.steps():
        for branch in step.branches:
            yield branch, page.line_of_branch(branch, step_place.start, step_place.end)


def _reached(page: Page) -> set[str]:
    """Follow branches, and the text's order where a step has none, from the first step on."""
    ways = _ways(page)
    first = next((step.id for _, _, step in page.steps("safety", "diagnosis", "action")), None)
    waiting = [first] if first else []
    for place in page.layout.sections:
        waiting += _targets(page, page.read(place).branches)
        if place.name in _ALWAYS:
            waiting += [step.id for step in place.steps]
    reached: set[str] = set()
    while waiting:
        here = waiting.pop()
        if here not in reached:
            reached.add(here)
            waiting += ways.get(here, [])
    return reached


def _ways(page: Page) -> dict[str, list[str]]:
    ways: dict[str, list[str]] = {}
    for section, place, step in page.steps():
        ways[step.id] = _targets(page, step.branches)
        if _goes_on(step):
            at = section.steps.index(place)
            follow = section.steps[at + 1].id if at + 1 < len(section.steps) else ""
            # An action is chosen, so the way on from it is either the next one or to verify it.
            onward = _first_of(page, _AFTER.get(section.name, ""))
            ways[step.id] += [follow] if follow and section.name != "action" else []
            ways[step.id] += [follow, onward] if section.name == "action" or not follow else []
    return {here: [there for there in on if there] for here, on in ways.items()}


def _goes_on(step: Step) -> bool:
    """Whether a person simply goes on: no branch, or only branches for leaving."""
    return all((branch.goto or "rollback").startswith(_LEAVES) for branch in step.branches)


def _targets(page: Page, leading: list[Branch]) -> list[str]:
    steps = [_first_of(page, branch.goto or "") or branch.goto or "" for branch in leading]
    return [step for step in steps if step]


def _first_of(page: Page, section: str) -> str:
    places: list[SectionPlace] = page.sections(section) if section else []
    return next((step.id for place in places for step in place.steps), "")
