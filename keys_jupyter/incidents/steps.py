"""The steps of a runbook as an incident works them: in order, by id, with the words they are called by.

Not here: what happened in a step (`state`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from keys_jupyter.errors import NotAvailable
from keys_jupyter.model.runbook import KeyReference, Runbook, Section, Step

ADDED = "added"
"""The section of analyses that people added to an incident."""

_HEADING_WORD = re.compile(r"[#>\s*_]*([A-Za-z]+)\s+#?(?:\d|[A-Z]\b)")
_WORD = re.compile(r"[A-Za-z]+")


def steps_of(runbook: Runbook) -> list[tuple[Section, Step]]:
    """Return every step of a runbook with its section, in order."""
    return [(section, step) for section in runbook.sections for step in section.steps]


def step_of(runbook: Runbook, step_id: str) -> tuple[Section, Step]:
    """Return one step with its section.

    Raises:
        NotAvailable: the runbook has no such step.
    """
    for section, step in steps_of(runbook):
        if step.id == step_id:
            return section, step
    known = ", ".join(step.id for _, step in steps_of(runbook))
    raise NotAvailable(
        "UNKNOWN_STEP",
        f"This runbook has no step {ascii(step_id)[:80]}.",
        f"Its steps are: {known}.",
    )


def first_of(runbook: Runbook) -> str | None:
    """Return the step an incident begins with: the first safety check, else the first step there is."""
    ids = [(section.name, step.id) for section, step in steps_of(runbook)]
    return next((step for name, step in ids if name == "safety"), ids[0][1] if ids else None)


def label(section: Section, step: Step) -> str:
    """Return what a person calls a step: its heading's own word with its number, "Check 1"."""
    heading = step.text.lstrip().split("\n", 1)[0]
    word = _HEADING_WORD.match(heading)
    if word and word[1].lower() not in (section.name, "the"):
        return f"{word[1].capitalize()} {step.number}"
    return f"{section.name.replace('-', ' ').capitalize()} {step.number}"


def labels(runbook: Runbook) -> dict[str, str]:
    """Return every step's id with what it is called."""
    return {step.id: label(section, step) for section, step in steps_of(runbook)}


def confirmation_of(step: Step) -> str | None:
    """Return what must be typed before an irreversible action is done; None where nothing must.

    It is another word for every action, so that no hand types it by habit.
    """
    if step.reversible is not False:
        return None
    word = _WORD.search(step.title)
    return f"{(word[0] if word else 'confirm').upper()} {step.number}".strip()


def added_step(number: int, data: Mapping[str, str]) -> Step:
    """Return the step that an added analysis becomes."""
    title = data["title"] or data["key"]
    reference = KeyReference(
        slug=data["key"],
        input="",
        output="",
        questions=[],
        when=data.get("text", ""),
        next_steps="",
        location="",
    )
    return Step(
        id=f"{ADDED}-{number}",
        number=str(number),
        title=title,
        text=f"### Analysis {number}: {title}\n\n{data.get('text', '')}\n",
        when="",
        action=f"Run {data['key']}.",
        commands=[],
        expected="",
        branches=[],
        keys=[reference],
        reversible=None,
    )


def with_added(runbook: Runbook, added: list[Step]) -> Runbook:
    """Return a runbook with the analyses that were added to its incident as a last section."""
    if not added:
        return runbook
    section = Section(name=ADDED, title="Added Analyses", text="", steps=added)
    return runbook.model_copy(update={"sections": [*runbook.sections, section]})
