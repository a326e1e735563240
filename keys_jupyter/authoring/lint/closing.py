"""How a runbook ends: three windows of verification, a time to escalate, artifacts and audit entries."""

from __future__ import annotations

import re

from keys_jupyter.authoring.lint.page import Page
from keys_jupyter.authoring.report import Findings
from keys_jupyter.runbook.layout import SectionPlace

_HOURS = {"m": 1 / 60, "h": 1.0, "d": 24.0, "w": 168.0}
_NUMBERS = {"a": 1, "an": 1, "one": 1, "first": 1, "next": 1, "two": 2, "three": 3, "four": 4}
_NUMBERS |= {"five": 5, "six": 6, "seven": 7, "eight": 8, "twelve": 12}
_DURATION = re.compile(
    r"\b(?P<number>\d+(?:\.\d+)?|" + "|".join(_NUMBERS) + r")[ -](?:working |business )?"
    r"(?P<unit>minutes?|mins?|hours?|h|days?|weeks?)\b",
    re.I,
)
_DUE = re.compile(
    rf"\b(?:after|within|for|in|longer than|older than|more than|over|lasts?)\s+{_DURATION.pattern}",
    re.I,
)
_AUDIT = re.compile(
    r"(?m)^\W*(?:#+\W*)?(?:\w+ )?audit (?:entries|entry|notes|records?|log)\b", re.I
)
_WINDOWS = 3
_FIRST_WITHIN = 2.0
_LAST_FROM = 24.0


def check(page: Page, findings: Findings) -> None:
    """Check verification, escalation and evidence."""
    for place in page.sections("verification")[:1]:
        _windows(page, place, findings)
    for place in page.sections("rollback")[:1]:
        words = "".join(page.words_of(each) for each in page.sections("rollback"))
        if not _DUE.search(words):
            said = "No escalation trigger has a time, such as “unresolved after 30 minutes”."
            findings.problem(page.path, place.start + 1, "NO_ESCALATION_TIME", said)
    for place in page.sections("evidence")[:1]:
        line = place.start + 1
        if not page.book.artifacts:
            said = "There is no list of artifacts to save."
            findings.problem(page.path, line, "NO_ARTIFACTS", said)
        if not _AUDIT.search("".join(page.found.lines[place.body : place.end])):
            said = "There are no required audit entries."
            findings.problem(page.path, line, "NO_AUDIT_ENTRIES", said)


def _windows(page: Page, place: SectionPlace, findings: Findings) -> None:
    hours = sorted(set(_hours(page, place)))
    right = len(hours) >= _WINDOWS and hours[0] <= _FIRST_WITHIN and hours[-1] >= _LAST_FROM
    if not right:
        said = (
            "Verification needs three windows: one within 2 hours, one of hours, one of a day"
            " or more; each step says its time."
        )
        findings.problem(page.path, place.start + 1, "VERIFICATION_WINDOWS", said)


def _hours(page: Page, place: SectionPlace) -> list[float]:
    """Return the time of each step; of each line where the section has not a step for each window."""
    steps = [(step.title, page_step.when) for _, step, page_step in page.steps("verification")]
    if len(steps) < _WINDOWS:
        rows = range(place.body, place.end)
        steps = [(page.found.lines[at], "") for at in rows if not page.found.marks[at]]
    found = (_DURATION.search(title) or _DURATION.search(when) for title, when in steps)
    return [_in_hours(match) for match in found if match]


def _in_hours(match: re.Match[str]) -> float:
    number = match["number"].lower()
    count = float(_NUMBERS.get(number) or number)
    return count * _HOURS[match["unit"][0].lower()]
