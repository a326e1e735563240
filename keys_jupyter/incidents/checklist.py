"""An incident with its runbook in, its checklist as Markdown out: what is printed when screens fail.

Everything that came from a person stands as text: a note cannot become a heading, a link or a picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from keys_jupyter.incidents.steps import step_of
from keys_jupyter.model.incident import Incident, StepState
from keys_jupyter.model.runbook import Runbook

_BOX = {"done": "[x]", "skipped": "[-]", "failed": "[!]", "not_started": "[ ]"}
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|!~])")


def checklist(incident: Incident, runbook: Runbook) -> str:
    """Return the checklist of an incident as it stands."""
    return "\n".join(_lines(incident, runbook)).rstrip() + "\n"


def _lines(incident: Incident, runbook: Runbook) -> Iterator[str]:
    yield from _head(incident, runbook)
    for section in runbook.sections:
        steps = [step for step in incident.steps if step.section == section.name]
        if steps:
            yield from ("", f"## {section.title}", "")
        for step in steps:
            yield from _step(step, runbook)
    yield from _rest(incident)


def _head(incident: Incident, runbook: Runbook) -> Iterator[str]:
    kind = "Rehearsal" if incident.rehearsal else "Incident"
    severity = f", {incident.severity.upper()}" if incident.severity else ""
    yield f"# {kind} {incident.number}: {_plain(incident.title)}{severity}"
    yield ""
    version = incident.runbook_version or "without a version"
    yield f"Runbook {incident.runbook} {version}, sha256 {incident.runbook_sha256[:12]}"
    yield f"Opened {incident.opened_at} by {_plain(incident.opened_by.person)}; {incident.state}"
    yield f"As of record {incident.n}, {incident.now}"
    if incident.owner:
        yield f"Owner: {_plain(incident.owner)}"
    if incident.trigger:
        yield f"Trigger: {_plain(incident.trigger)}"
    if runbook.do_not:
        yield from ("", "**DO NOT**", "")
        yield from (f"- {_plain(rule)}" for rule in runbook.do_not)


def _step(state: StepState, runbook: Runbook) -> Iterator[str]:
    mark = {True: " (REVERSIBLE)", False: " (IRREVERSIBLE)", None: ""}[state.reversible]
    yield f"- {_BOX[state.state]} {state.label}: {_plain(state.title)}{mark}"
    if state.marked_at:
        words = f": {_plain(state.text)}" if state.text else ""
        yield f"  - {state.state} {state.marked_at} by {_plain(state.marked_by or '')}{words}"
    for branch in state.branches:
        if branch.taken:
            yield f"  - taken: {_plain(branch.condition)} → {_plain(branch.outcome)}"
    for note in state.notes:
        yield f"  - note {note.at} by {_plain(note.by)}: {_plain(note.text)}"
    _, step = step_of(runbook, state.id)
    if state.state == "not_started":
        yield from (f"  - if {_plain(b.condition)}: {_plain(b.outcome)}" for b in step.branches)


def _rest(incident: Incident) -> Iterator[str]:
    if incident.items:
        yield from ("", "## To Keep and to Write Down", "")
        for item in incident.items:
            box = "[x]" if item.state in ("kept", "ticked") else "[ ]"
            lack = f" (missing: {_plain(', '.join(item.lack))})" if item.lack else ""
            yield f"- {box} {_plain(item.text)}{lack if box == '[ ]' else ''}"
    timers = [timer for timer in incident.timers if timer.due_at]
    if timers:
        yield from ("", "## Comes Due", "")
        yield from (f"- {t.due_at} {_plain(t.title)} ({t.state})" for t in timers)
    if incident.closing:
        yield from ("", "## Closed", "")
        yield f"- {incident.closing.at} by {_plain(incident.closing.by)}"
        for name in ("root_cause", "resolution", "verification"):
            words = _plain(getattr(incident.closing, name))
            yield f"- {name.replace('_', ' ').capitalize()}: {words}"


def _plain(text: str) -> str:
    """Return words of a person on one line, with nothing that Markdown would take for its own."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
