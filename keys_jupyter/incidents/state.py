"""The fold: one record after another in, what they add up to out. It is the only state an incident has.

A record of a type this version does not know changes nothing and stays in the timeline.

Not here: what a person is shown of it (`view`), and which acts are refused (`acts`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from keys_jupyter.incidents.facts import Before, Clock, Mark, RunFacts, Taken
from keys_jupyter.incidents.steps import added_step, first_of, steps_of
from keys_jupyter.model.evidence import EvidenceItem
from keys_jupyter.model.incident import Actor, Closing, Handover, Link, Note
from keys_jupyter.model.run import Result
from keys_jupyter.model.runbook import Runbook, Step

Entry = Mapping[str, Any]

MARKS = {"step.done": "done", "step.failed": "failed", "step.skipped": "skipped"}


@dataclass
class State:
    """What the records have added up to so far."""

    runbook: Runbook
    order: list[str]
    opened: Entry = field(default_factory=dict)
    n: int = -1
    focus: str | None = None
    unlocked: str | None = None
    marks: dict[str, Mark] = field(default_factory=dict)
    taken: dict[str, Taken] = field(default_factory=dict)
    before: list[Before] = field(default_factory=list)
    added: list[Step] = field(default_factory=list)
    back_to: dict[str, str | None] = field(default_factory=dict)
    runs: dict[str, RunFacts] = field(default_factory=dict)
    results: dict[str, list[Result]] = field(default_factory=dict)
    result_runs: dict[str, str] = field(default_factory=dict)
    evidence: list[EvidenceItem] = field(default_factory=list)
    notes: dict[str | None, list[Note]] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    owner: str | None = None
    handovers: list[Handover] = field(default_factory=list)
    links: dict[str, Link] = field(default_factory=dict)
    clocks: dict[str, Clock] = field(default_factory=dict)
    ticks: dict[str, tuple[str, str]] = field(default_factory=dict)
    closing: Closing | None = None
    amended: bool = False

    @classmethod
    def of(cls, runbook: Runbook) -> State:
        """Return the state before the first record."""
        order = [step.id for _, step in steps_of(runbook)]
        return cls(runbook=runbook, order=order, focus=first_of(runbook))

    def apply(self, record: Entry) -> None:
        """Take in the next record."""
        if not self.opened:
            self.opened = record
        self.n = record["seq"]
        handler = _HANDLERS.get(record["type"])
        if handler:
            handler(self, record)
        if self.closing and record["type"] not in ("incident.closed", "incident.reopened"):
            self.amended = True

    def last_action_at(self) -> str | None:
        """Return when an action was last done or tried; verification windows count from there."""
        times = [
            mark.at
            for step, mark in self.marks.items()
            if step.startswith("action-") and mark.state != "skipped"
        ]
        return max(times, default=None)

    def after(self, step: str) -> str:
        """Return the step that follows: the next one, and after an added analysis the one it was added at."""
        if step in self.back_to:
            return self.back_to[step] or step
        at = self.order.index(step) + 1 if step in self.order else len(self.order)
        return self.order[at] if at < len(self.order) else step

    def knows(self, step: str | None) -> bool:
        """Say whether a step is one of this incident's."""
        return step in self.order or step in self.back_to

    def look_at(self, step: str) -> None:
        """Put a step into focus; an action that was unlocked is locked again when it is left."""
        if step != self.focus:
            self.unlocked = None
        self.focus = step


def by(record: Entry) -> str:
    """Return who made a record, as a person is called."""
    return Actor.model_validate(record["actor"]).person


def _remember(state: State, record: Entry, goto: str | None = None) -> None:
    step = record["step"]
    goto_mark = state.marks.get(goto) if goto else None
    state.before.append(
        Before(record["seq"], step, state.marks.get(step), state.taken.get(step), goto, goto_mark)
    )


def _opened(state: State, record: Entry) -> None:
    data = record["data"]
    state.facts.update(data.get("facts", {}))
    origin = data.get("linked_from")
    if origin:
        state.links[origin["incident"]] = Link(
            **{name: origin[name] for name in ("incident", "number", "runbook", "title", "step")},
            direction="from",
            at=record["at"],
            upto=origin["upto"],
        )


def _marked(state: State, record: Entry) -> None:
    step = record["step"]
    _remember(state, record)
    words = record["data"].get("text", "")
    state.marks[step] = Mark(MARKS[record["type"]], record["at"], by(record), words)
    if step == state.focus and record["type"] != "step.failed":
        state.look_at(state.after(step))


def _focused(state: State, record: Entry) -> None:
    if state.knows(record["step"]):
        state.look_at(record["step"])
        state.marks.pop(record["step"], None)


def _undone(state: State, record: Entry) -> None:
    step = record["step"]
    last = next((one for one in reversed(state.before) if one.step == step), None)
    if last is None:
        return
    state.before.remove(last)
    _put_back(state.marks, step, last.mark)
    _put_back(state.taken, step, last.taken)
    if last.goto and last.goto_mark and last.goto not in state.marks:
        state.marks[last.goto] = last.goto_mark
    state.look_at(step)


def _put_back(where: dict[str, Any], step: str, value: Any) -> None:
    if value is None:
        where.pop(step, None)
    else:
        where[step] = value


def _branched(state: State, record: Entry) -> None:
    step, data = record["step"], record["data"]
    _remember(state, record, data["goto"])
    state.taken[step] = Taken(data["branch"], record["at"], by(record), data.get("text", ""))
    state.marks[step] = Mark("done", record["at"], by(record), data.get("text", ""))
    if data["goto"] in state.order:
        state.look_at(data["goto"])
        state.marks.pop(data["goto"], None)


def _confirmed(state: State, record: Entry) -> None:
    state.look_at(record["step"])
    state.unlocked = record["step"]


def _noted(state: State, record: Entry) -> None:
    note = Note(at=record["at"], by=by(record), text=record["data"]["text"])
    state.notes.setdefault(record["step"], []).append(note)


def _fact(state: State, record: Entry) -> None:
    state.facts[record["data"]["name"]] = record["data"]["text"]


def _requested(state: State, record: Entry) -> None:
    data = record["data"]
    state.runs[data["run"]] = RunFacts(
        data["run"],
        data.get("key", ""),
        record["step"] or "",
        data.get("parameters", {}),
    )


def _ended(state: State, record: Entry) -> None:
    # A later run of a step replaces an earlier one's results, whether or not it has any: a branch must
    # never rest on a run that somebody repeated because it was wrong.
    data, step = record["data"], record["step"]
    known = state.runs.get(data["run"], RunFacts(data["run"], data.get("key", ""), step or ""))
    files = tuple(artifact["path"] for artifact in data.get("artifacts", ()))
    state.runs[data["run"]] = RunFacts(
        known.id,
        known.key,
        known.step,
        known.parameters,
        data.get("state", ""),
        files,
    )
    if step:
        state.results[step] = [Result.model_validate(row) for row in data["results"]]
        state.result_runs[step] = data["run"]


def _attached_run(state: State, record: Entry) -> None:
    _requested(state, record)
    _ended(state, record)


def _kept(state: State, record: Entry) -> None:
    state.evidence.append(item_of(record))


def _linked(state: State, record: Entry) -> None:
    data = record["data"]
    state.links[data["incident"]] = Link(
        **{name: data[name] for name in ("incident", "number", "runbook", "title")},
        direction=data["direction"],
        at=record["at"],
        upto=data["upto"],
        step=record["step"],
    )


def _claimed(state: State, record: Entry) -> None:
    state.owner = record["data"]["to"]


def _handed_over(state: State, record: Entry) -> None:
    data = record["data"]
    state.owner = data["to"]
    state.handovers.append(
        Handover(at=record["at"], by=by(record), to=data["to"], text=data["text"])
    )


def _timer_started(state: State, record: Entry) -> None:
    data = record["data"]
    state.clocks[data["timer"]] = Clock(
        record["at"], data["minutes"], title=data.get("text", ""), step=record["step"]
    )


def _timer_postponed(state: State, record: Entry) -> None:
    data, old = record["data"], state.clocks.get(record["data"]["timer"])
    state.clocks[data["timer"]] = Clock(
        record["at"],
        data["minutes"],
        title=old.title if old else "",
        step=old.step if old else record["step"],
        reason=data["text"],
    )


def _timer_ended(state: State, record: Entry) -> None:
    data, old = record["data"], state.clocks.get(record["data"]["timer"])
    ended = "raised" if record["type"] == "escalation.raised" else "stopped"
    state.clocks[data["timer"]] = Clock(
        old.started_at if old else record["at"],
        old.minutes if old else 0,
        state=ended,
        title=old.title if old else "",
        step=old.step if old else record["step"],
        reason=data.get("text", ""),
    )


def _ticked(state: State, record: Entry) -> None:
    state.ticks[record["data"]["item"]] = (record["at"], by(record))


def _unticked(state: State, record: Entry) -> None:
    state.ticks.pop(record["data"]["item"], None)


def _analysis_added(state: State, record: Entry) -> None:
    step = added_step(len(state.added) + 1, record["data"])
    state.added.append(step)
    state.back_to[step.id] = state.focus
    state.look_at(step.id)


def _closed(state: State, record: Entry) -> None:
    said = {name: record["data"][name] for name in ("root_cause", "resolution", "verification")}
    missing = record["data"]["missing"]
    state.closing = Closing(at=record["at"], by=by(record), **said, missing=missing)
    state.unlocked = None
    state.amended = False


def _reopened(state: State, _record: Entry) -> None:
    state.closing = None
    state.amended = False


def item_of(record: Entry) -> EvidenceItem:
    """Return the kept thing that a record speaks of."""
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
        scanned=not data.get("redaction", {}).get("not_scanned"),
        standing=data.get("standing", ""),
    )


_HANDLERS: dict[str, Callable[[State, Entry], None]] = {
    "incident.opened": _opened,
    "step.done": _marked,
    "step.failed": _marked,
    "step.skipped": _marked,
    "step.focus": _focused,
    "step.undone": _undone,
    "step.note": _noted,
    "branch.taken": _branched,
    "action.confirmed": _confirmed,
    "run.requested": _requested,
    "run.ended": _ended,
    "run.attached": _attached_run,
    "evidence.kept": _kept,
    "incident.note": _noted,
    "incident.fact": _fact,
    "incident.linked": _linked,
    "incident.claimed": _claimed,
    "incident.handover": _handed_over,
    "incident.closed": _closed,
    "incident.reopened": _reopened,
    "timer.started": _timer_started,
    "timer.postponed": _timer_postponed,
    "timer.stopped": _timer_ended,
    "escalation.raised": _timer_ended,
    "item.ticked": _ticked,
    "item.unticked": _unticked,
    "analysis.added": _analysis_added,
}
