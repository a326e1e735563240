"""Every call of a key says what goes in, what comes out, which questions it answers, when, and what then."""

from __future__ import annotations

from keys_jupyter.alignment import not_called
from keys_jupyter.authoring.lint.page import Page, called
from keys_jupyter.authoring.report import Findings
from keys_jupyter.model.runbook import KeyReference

_FIELDS = (
    ("input", "Input"),
    ("output", "Output"),
    ("questions", "Questions Answered"),
    ("when", "When to Run"),
    ("next_steps", "Next Steps"),
)


def check(page: Page, findings: Findings) -> None:
    """Check every call, and name kinds of analysis that runbooks of this type usually call."""
    kept = "".join(page.words_of(place) for place in page.sections("evidence"))
    asked: set[str] = set()
    for _, place, step in page.steps():
        for key in step.keys:
            line = page.line_of(key.slug, place.start, place.end)
            _fields(page, key, line, called(place), findings)
            if key.slug not in kept and key.slug not in asked and page.sections("evidence"):
                said = f"The output of `{key.slug}` is not among the artifacts to save."
                findings.problem(page.path, line, "KEY_NOT_EVIDENCE", said)
            asked.add(key.slug)
    for key_type in page.book.key_types:
        for one in not_called(key_type, asked):
            said = f"Runbooks of type {key_type} usually call {one.kind.lower()} (`{one.slug}`)."
            findings.note(page.path, 1, "ANALYSIS_NOT_CALLED", said)


def _fields(page: Page, key: KeyReference, line: int, where: str, findings: Findings) -> None:
    for name, shown in _FIELDS:
        if not getattr(key, name):
            said = f"{where} calls `{key.slug}` without **{shown}**."
            findings.problem(page.path, line, "KEY_FIELD_MISSING", said)


def called_keys(page: Page) -> dict[str, int]:
    """Return the keys a runbook calls, each with the line of its first call."""
    lines: dict[str, int] = {}
    for _, place, step in page.steps():
        for key in step.keys:
            lines.setdefault(key.slug, page.line_of(key.slug, place.start, place.end))
    return lines
