"""Every action says whether it can be undone, when it may be done, how it is verified and how undone."""

from __future__ import annotations

from keys_jupyter.authoring.lint.page import Page, called
from keys_jupyter.authoring.report import Findings
from keys_jupyter.runbook.fields import Label
from keys_jupyter.runbook.layout import StepPlace
from keys_jupyter.runbook.patterns import label_at

_NEEDED = (
    ("ACTION_WITHOUT_PRECONDITION", "Precondition", ("precondition", "preconditions")),
    ("ACTION_WITHOUT_VERIFICATION", "Verification", ("verification", "verify")),
    ("ACTION_WITHOUT_ROLLBACK", "Rollback", ("rollback", "roll back")),
)


def check(page: Page, findings: Findings) -> None:
    """Check every step of the action section."""
    for _, place, step in page.steps("action"):
        line = place.start + 1
        if step.reversible is None:
            said = f"{called(place)} says neither REVERSIBLE nor IRREVERSIBLE."
            findings.problem(page.path, line, "ACTION_NOT_MARKED", said)
        labels = page.labels(place)
        for code, shown, words in _NEEDED:
            own = [label for label in labels if label.word in words]
            if not any(_says(page, place, label) for label in own):
                said = f"{called(place)} has no **{shown}**."
                where = own[0].line + 1 if own else line
                findings.problem(page.path, where, code, said)


def _says(page: Page, place: StepPlace, label: Label) -> bool:
    """Whether a label has words behind it, or something below it before the next label."""
    if label.value:
        return True
    for line in page.found.lines[label.end : place.end]:
        if line.strip():
            return not line.startswith("#") and label_at(line) is None
    return False
