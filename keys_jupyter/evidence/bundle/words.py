"""A record as one sentence for the timeline of a report; a record of an unknown kind is shown as it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_SENTENCES = {
    "incident.opened": "Incident opened on {title}, version {version}.",
    "incident.closed": "Incident closed. Root cause: {root_cause}. Resolution: {resolution}.",
    "incident.reopened": "Incident reopened.",
    "incident.note": "Note.",
    "incident.fact": "Fact recorded: {name}.",
    "incident.linked": "Linked with incident {number}, {title}.",
    "incident.claimed": "{to} took the incident.",
    "incident.handover": "Handed over to {to}.",
    "step.focus": "Went to this step.",
    "step.done": "Step done.",
    "step.failed": "Step failed.",
    "step.skipped": "Step skipped.",
    "step.undone": "The last mark of this step was taken back.",
    "step.note": "Note.",
    "branch.taken": "Branch taken: {condition}, so: {outcome}",
    "action.confirmed": "An action that cannot be undone was confirmed.",
    "analysis.added": "An analysis was added: {key}.",
    "timer.started": "Timer of {minutes} minutes started.",
    "timer.postponed": "Timer postponed to {minutes} minutes.",
    "timer.stopped": "Timer stopped.",
    "escalation.raised": "Escalation raised.",
    "item.ticked": "Ticked by hand as kept: {item}.",
    "item.unticked": "No longer ticked as kept: {item}.",
    "run.requested": "Run {run} of {key} {version} requested.",
    "run.attached": "Run {run} of {key} {version} attached.",
    "run.ended": "Run {run} ended as {state}.",
    "evidence.kept": "Kept: {name}.",
    "evidence.cleared": "Finding {commitment} of {rule} is no secret: {reason}.",
    "checkpoint.left": "A checkpoint of {size} records left this machine.",
    "bundle.exported": "A bundle of {size} records was exported.",
}
# Shown already, in the sentence or elsewhere in the report.
_NOT_REPEATED = ("incident", "sha256", "id")


def sentence(record: Mapping[str, Any]) -> str:
    """Return what happened, in one sentence."""
    data = record["data"]
    template = _SENTENCES.get(record["type"])
    if template is None:
        return _as_it_is(record["type"], data)
    said = template.format_map(_Values(data))
    reason = str(data.get("reason") or "") if record["type"] == "run.ended" else ""
    added = str(data.get("text") or "") or reason
    return f"{said.rstrip('.')}. {added}" if added else said


def who(record: Mapping[str, Any]) -> str:
    """Return who made a record and how that is known."""
    actor = record["actor"]
    name = actor.get("claimed_name")
    if name:
        return f"{name} (name as given; account {actor['display']})"
    return str(actor["display"])


def moment(at: str) -> str:
    """Return a record's time for people, in UTC."""
    return f"{at[:10]} {at[11:19]} UTC" if at else ""


class _Values(dict):  # type: ignore[type-arg]
    """A record's data, where what is missing reads as a dash, a run and a commitment as their start."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)

    def __getitem__(self, name: str) -> Any:
        value = self.get(name)
        if name in ("run", "commitment") and isinstance(value, str):
            return value[:8]
        if isinstance(value, (list, dict)):
            return json.dumps(value, ensure_ascii=False, sort_keys=True)
        return "–" if value is None else str(value).strip().rstrip(".")

    def __missing__(self, name: str) -> str:
        return "–"


def _as_it_is(kind: str, data: Mapping[str, Any]) -> str:
    shown = [
        f"{name}: {value}"
        for name, value in sorted(data.items())
        if name not in _NOT_REPEATED and isinstance(value, (str, int, float)) and value != ""
    ]
    return f"{kind}. {'; '.join(shown)[:400]}".strip()
