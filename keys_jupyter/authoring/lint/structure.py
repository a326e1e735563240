"""Ten sections in their order, each with something in it, and steps that say what to do."""

from __future__ import annotations

import re

from keys_jupyter.authoring.lint.page import CANONICAL, Page, called
from keys_jupyter.authoring.report import Findings
from keys_jupyter.model.runbook import Step
from keys_jupyter.runbook.layout import SectionPlace, StepPlace
from keys_jupyter.runbook.scan import Fence
from keys_jupyter.runbook.standing import prohibitions

_TITLES = dict(CANONICAL)
_ORDER = [name for name, _ in CANONICAL]
_WORKED = ("safety", "diagnosis", "action", "verification")
_EXPECTING = ("safety", "diagnosis", "verification")
_MARK = re.compile(r"`{3,}|~{3,}")
_OPENING = re.compile(r"[ \t>]*(?P<mark>`{3,}|~{3,})[ \t]*\w")


def check(page: Page, findings: Findings) -> None:
    """Check title, fences, sections and what every step must say."""
    if not page.layout.title:
        findings.problem(page.path, 1, "NO_TITLE", "The file has no title: begin it with `# …`.")
    for fence in page.found.fences:
        if _unclosed(page, fence):
            said = "This code fence is not closed: what stands below it is read as code."
            findings.problem(page.path, fence.line + 1, "UNCLOSED_FENCE", said)
    _sections(page, findings)
    _prohibited(page, findings)
    for section, place, step in page.steps(*_WORKED):
        _step(page, section, place, step, findings)
    _placeholders(page, findings)


def _unclosed(page: Page, fence: Fence) -> bool:
    """Whether a fence runs to the end, or into the beginning of the next one."""
    mark = _MARK.search(page.found.lines[fence.line])
    inside = page.found.lines[fence.line + 1 : fence.end]
    opens = mark is not None and any(
        (again := _OPENING.match(line)) is not None and again["mark"].startswith(mark[0])
        for line in inside
    )
    return opens or fence.end == len(page.found.lines)


def _sections(page: Page, findings: Findings) -> None:
    places = {place.name: place for place in reversed(page.layout.sections)}
    names = [place.name for place in page.layout.sections if place.name in _TITLES]
    if "scope" not in names and any(section.name == "scope" for section in page.book.sections):
        names.insert(0, "scope")
    for name in _ORDER:
        if name not in names:
            said = f"The section “{_TITLES[name]}” is missing; every runbook has all ten."
            findings.problem(page.path, 1, "SECTION_MISSING", said)
    _order(page, names, findings)
    for name in _WORKED:
        place = places.get(name)
        if place and not place.steps:
            said = f"“{place.title}” has no steps: give each a heading such as `### Step 1: …`."
            findings.problem(page.path, place.start + 1, "NO_STEPS", said)
    for place in page.layout.sections:
        body = "".join(page.found.lines[place.body : place.end])
        if place.name in _TITLES and not body.strip():
            findings.problem(
                page.path, place.start + 1, "SECTION_EMPTY", f"“{place.title}” says nothing."
            )


def _order(page: Page, names: list[str], findings: Findings) -> None:
    seen: list[str] = []
    rows = iter(place for place in page.layout.sections if place.name in _TITLES)
    implied = len(names) - sum(place.name in _TITLES for place in page.layout.sections)
    for name in names:
        line = 1 if implied and not seen else next(rows).start + 1
        if name in seen:
            said = f"“{_TITLES[name]}” stands here a second time."
            findings.problem(page.path, line, "SECTION_TWICE", said)
        elif seen and _ORDER.index(name) < max(_ORDER.index(other) for other in seen):
            last = max(seen, key=_ORDER.index)
            said = f"“{_TITLES[name]}” belongs before “{_TITLES[last]}”."
            findings.problem(page.path, line, "SECTION_ORDER", said)
        seen.append(name)


def _prohibited(page: Page, findings: Findings) -> None:
    for place in page.sections("safety")[:1]:
        if not prohibitions(page.found, page.layout):
            said = "There is no DO NOT list: say what makes things worse."
            findings.problem(page.path, place.start + 1, "NO_DO_NOT", said)


def _step(
    page: Page, section: SectionPlace, place: StepPlace, step: Step, findings: Findings
) -> None:
    line = place.start + 1
    twice = [other for other in section.steps if other.number == place.number]
    if len(twice) > 1 and place is twice[1]:
        said = f"{called(place)}: another step here has this number."
        findings.problem(page.path, line, "STEP_NUMBER_TWICE", said)
    if not (step.commands or step.keys or step.action.strip()):
        said = f"{called(place)} says nothing to do: no command, no key, no **Action**."
        findings.problem(page.path, line, "STEP_WITHOUT_ACTION", said)
    if section.name in _EXPECTING and (step.commands or step.keys) and not step.expected.strip():
        said = f"{called(place)} does not say what is **Expected**."
        findings.problem(page.path, line, "STEP_WITHOUT_EXPECTATION", said)


def _placeholders(page: Page, findings: Findings) -> None:
    """Every ``<name>`` a command asks for is explained somewhere outside the commands."""
    told = "".join(
        line for line, mark in zip(page.found.lines, page.found.marks, strict=True) if not mark
    )
    asked: set[str] = set()
    for _, place, step in page.steps():
        for command in step.commands:
            for name in command.placeholders:
                if name.startswith("<") and name not in told and name not in asked:
                    asked.add(name)
                    line = page.line_of(name, place.start, place.end)
                    said = f"A command asks for {name}, and nothing says what to put there."
                    findings.problem(page.path, line, "PLACEHOLDER_UNEXPLAINED", said)
