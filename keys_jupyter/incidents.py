"""An incident as a fold over its ledger records: the records in order in, the state they add up to out.

The fold is the only state: nothing about an incident is kept anywhere else, so that closing the server in
mid-step loses nothing and another person simply appends. A record of a type this version does not know
changes nothing and stays in the timeline.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from keys_jupyter import conditions
from keys_jupyter.errors import NotAvailable, StateError
from keys_jupyter.model.evidence import EvidenceItem
from keys_jupyter.model.incident import Act, Actor, BranchState, Incident, StepState
from keys_jupyter.model.run import Result
from keys_jupyter.model.runbook import Runbook, Section, Step

_MARKS = {"step.done": "done", "step.failed": "failed", "step.skipped": "skipped"}


@dataclass
class _State:
    """What the records have added up to so far."""

    opened: Mapping[str, Any]
    n: int = 0
    focus: str | None = None
    marks: dict[str, str] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)
    runs: list[str] = field(default_factory=list)
    run_steps: dict[str, str] = field(default_factory=dict)
    results: dict[str, list[Result]] = field(default_factory=dict)
    evidence: list[EvidenceItem] = field(default_factory=list)


Records = Sequence[Mapping[str, Any]]


def fold(records: Records, runbook: Runbook) -> Incident:
    """Return the state of an incident.

    Args:
        records: all its records in order; the first opened it.
        runbook: the runbook as it was pinned when the incident was opened.
    """
    state = _folded(records, runbook)
    opened = state.opened["data"]
    return Incident(
        id=opened["incident"],
        n=state.n,
        number=opened["number"],
        runbook=opened["runbook"],
        title=opened["title"],
        runbook_version=opened["version"],
        runbook_sha256=opened["sha256"],
        severity=opened["severity"],
        rehearsal=opened["rehearsal"],
        state="open",
        opened_at=state.opened["at"],
        opened_by=Actor.model_validate(state.opened["actor"]),
        closed_at=None,
        focus=state.focus,
        steps=[_step(state, section, step) for section, step in steps_of(runbook)],
        runs=state.runs,
        evidence=len(state.evidence),
    )


def evidence(records: Records) -> list[EvidenceItem]:
    """Return what has been kept, in order."""
    return [_item(record) for record in records if record["type"] == "evidence.kept"]


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
        "UNKNOWN_STEP", f'This runbook has no step "{step_id[:80]}".', f"Its steps are: {known}."
    )


def act_data(act: Act, runbook: Runbook, incident: Incident) -> dict[str, Any]:
    """Return the content of the record an act becomes, with what supports it.

    Raises:
        NotAvailable: no such step or branch.
        StateError: a reason is missing where one is asked for.
    """
    _, step = step_of(runbook, act.step)
    if act.type in ("step.skipped", "step.note") and not act.text.strip():
        raise StateError(
            "TEXT_MISSING", "A skip and a note need words, so nothing was recorded.", "Say why."
        )
    data: dict[str, Any] = {"title": step.title, "text": act.text}
    if act.type == "branch.taken":
        data |= _branch_data(act, step, incident)
    return data


def _branch_data(act: Act, step: Step, incident: Incident) -> dict[str, Any]:
    if act.branch is None or act.branch >= len(step.branches):
        raise NotAvailable(
            "UNKNOWN_BRANCH",
            f"Step {step.number} has {len(step.branches)} branches, counted from 0.",
            "Look at the step again.",
        )
    branch = step.branches[act.branch]
    state = next(s for s in incident.steps if s.id == step.id).branches[act.branch]
    return {
        "branch": act.branch,
        "condition": branch.condition,
        "outcome": branch.outcome,
        "goto": branch.goto,
        "true": state.true,
        "suggested": state.suggested,
        "reason": state.reason,
    }


# the fold ----------------------------------------------------------------------------------------


def _folded(records: Records, runbook: Runbook) -> _State:
    order = [step.id for _, step in steps_of(runbook)]
    state = _State(opened=records[0], focus=order[0] if order else None)
    for record in records:
        state.n = record["seq"]
        handler = _HANDLERS.get(record["type"])
        if handler:
            handler(state, record, order)
    return state


def _marked(state: _State, record: Mapping[str, Any], order: list[str]) -> None:
    step = record["step"]
    state.marks[step] = _MARKS[record["type"]]
    if step == state.focus and record["type"] != "step.failed" and step in order:
        after = order.index(step) + 1
        state.focus = order[after] if after < len(order) else step


def _focused(state: _State, record: Mapping[str, Any], order: list[str]) -> None:
    if record["step"] in order:
        state.focus = record["step"]
        state.marks.pop(record["step"], None)


def _branched(state: _State, record: Mapping[str, Any], order: list[str]) -> None:
    step, data = record["step"], record["data"]
    state.taken[step] = data["branch"]
    state.marks[step] = "done"
    if data["goto"] in order:
        state.focus = data["goto"]
        state.marks.pop(data["goto"], None)


def _requested(state: _State, record: Mapping[str, Any], _order: list[str]) -> None:
    state.runs.append(record["data"]["run"])
    state.run_steps[record["data"]["run"]] = record["step"] or ""


def _ended(state: _State, record: Mapping[str, Any], _order: list[str]) -> None:
    # A later run of a step replaces an earlier one's results, whether or not it has any: a branch must
    # never rest on a run that somebody repeated because it was wrong.
    if record["step"]:
        rows = record["data"]["results"]
        state.results[record["step"]] = [Result.model_validate(row) for row in rows]


def _kept(state: _State, record: Mapping[str, Any], _order: list[str]) -> None:
    state.evidence.append(_item(record))


_HANDLERS: dict[str, Callable[[_State, Mapping[str, Any], list[str]], None]] = {
    "step.done": _marked,
    "step.failed": _marked,
    "step.skipped": _marked,
    "step.focus": _focused,
    "branch.taken": _branched,
    "run.requested": _requested,
    "run.ended": _ended,
    "evidence.kept": _kept,
}


def _item(record: Mapping[str, Any]) -> EvidenceItem:
    data = record["data"]
    return EvidenceItem(
        id=data["id"],
        run=data["run"],
        step=record["step"],
        kind=data["kind"],
        name=data["name"],
        mime=data["mime"],
        sha256=data["sha256"],
        size=data["size"],
        redactions=data["redactions"],
        at=record["at"],
    )


def _step(state: _State, section: Section, step: Step) -> StepState:
    return StepState(
        id=step.id,
        section=section.name,
        number=step.number,
        title=step.title,
        state=state.marks.get(step.id, "not_started"),
        runs=[run for run, where in state.run_steps.items() if where == step.id],
        evidence=sum(item.step == step.id for item in state.evidence),
        branches=_branches(state, step),
    )


def _branches(state: _State, step: Step) -> list[BranchState]:
    verdicts = conditions.suggest(step.branches, state.results.get(step.id, []))
    return [
        BranchState(
            condition=branch.condition,
            outcome=branch.outcome,
            goto=branch.goto,
            true=verdict.true,
            suggested=verdict.suggested,
            reason=verdict.reason,
            taken=state.taken.get(step.id) == number,
        )
        for number, (branch, verdict) in enumerate(zip(step.branches, verdicts, strict=True))
    ]
