"""What a person does in, the content of the record it becomes out; what cannot be is refused before it is recorded.

Each check is made against the state that the record will follow, inside the transaction that appends it, so that no
second person can come in between.

Not here: what the record then changes (`state`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from keys_jupyter.errors import InputError, NotAvailable, StateError
from keys_jupyter.incidents.state import MARKS, Entry, State, by
from keys_jupyter.incidents.steps import confirmation_of, label, step_of
from keys_jupyter.incidents.view import Fold
from keys_jupyter.model.incident import Act
from keys_jupyter.model.runbook import Step

_WHEN_CLOSED = (
    "incident.reopened",
    "incident.note",
    "step.note",
    "item.ticked",
    "item.unticked",
)
_NEED_STEP = (*MARKS, "step.focus", "step.note", "step.undone", "branch.taken", "action.confirmed")
_NEED_WORDS = {
    "step.skipped": "A skip needs its reason",
    "step.note": "A note needs words",
    "incident.note": "A note needs words",
    "incident.handover": "A handover needs a note for who takes over",
    "incident.reopened": "Opening an incident again needs its reason",
    "timer.postponed": "Postponing needs its reason",
    "incident.fact": "A fact needs its value",
}
# Acts that rest on how one thing stood: what they touch, and which records change it.
_TOUCHING = (*MARKS, "step.undone", "branch.taken", "step.focus")


def act_data(act: Act, fold: Fold, person: str) -> dict[str, Any]:
    """Return the content of the record an act becomes, with what supports it.

    Args:
        act: what the person does.
        fold: the incident as it stands.
        person: who does it, as people are called.

    Raises:
        NotAvailable: no such step, branch, timer, item or run.
        InputError: something an act of this type needs is missing.
        StateError: it cannot be done as things stand.
    """
    state = fold.state
    if state.closing and act.type not in _WHEN_CLOSED:
        raise StateError(
            "INCIDENT_CLOSED",
            f"This incident was closed by {state.closing.by}, so nothing was recorded.",
            "Open it again with a reason, or leave a note.",
        )
    if act.type in _NEED_WORDS and not act.text.strip():
        raise StateError(
            "TEXT_MISSING", f"{_NEED_WORDS[act.type]}, so nothing was recorded.", "Say why."
        )
    data: dict[str, Any] = {"text": act.text}
    if act.step is not None or act.type in _NEED_STEP:
        section, step = step_of(fold.runbook, act.step or "")
        data |= {"title": step.title, "label": label(section, step)}
    made = _MADE.get(act.type)
    return data | (made(act, fold, person) if made else {})


def _done(act: Act, fold: Fold, _person: str) -> dict[str, Any]:
    return _confirmation(act, fold)


def _confirmation(act: Act, fold: Fold) -> dict[str, Any]:
    """Return what was typed for an irreversible action; refuse it where nothing fitting was."""
    step = step_of(fold.runbook, act.step or "")[1]
    wanted = confirmation_of(step)
    if wanted is None or (fold.state.unlocked == step.id and act.type != "action.confirmed"):
        return {"confirmed": True} if wanted else {}
    if act.confirmation.strip() == wanted:
        return {"confirmation": wanted}
    typed = bool(act.confirmation.strip())
    raise StateError(
        "CONFIRMATION_WRONG" if typed else "CONFIRMATION_MISSING",
        f"“{step.title}” cannot be undone, and {'something else' if typed else 'nothing'} was typed "
        "to confirm it. Nothing was recorded.",
        f"Type exactly: {wanted}",
    )


def _confirmed(act: Act, fold: Fold, _person: str) -> dict[str, Any]:
    step = step_of(fold.runbook, act.step or "")[1]
    if confirmation_of(step) is None:
        raise StateError(
            "NOTHING_TO_CONFIRM",
            f"“{step.title}” is not irreversible, so there is nothing to confirm.",
            "Mark it done when it is.",
        )
    return _confirmation(act, fold)


def _focus(act: Act, fold: Fold, _person: str) -> dict[str, Any]:
    return {"from": fold.state.focus, "reopened": act.step in fold.state.marks}


def _undone(act: Act, fold: Fold, _person: str) -> dict[str, Any]:
    last = next((one for one in reversed(fold.state.before) if one.step == act.step), None)
    if last is None:
        raise StateError(
            "NOTHING_TO_UNDO",
            "Nothing was marked in this step that could be taken back.",
            "Look at the timeline for what was recorded.",
        )
    mark = fold.state.marks.get(last.step)
    return {"undoes": last.seq, "was": mark.state if mark else None}


def _branch(act: Act, fold: Fold, _person: str) -> dict[str, Any]:
    step = step_of(fold.runbook, act.step or "")[1]
    if act.branch is None or act.branch >= len(step.branches):
        raise NotAvailable(
            "UNKNOWN_BRANCH",
            f"“{step.title}” has no such branch; it has {len(step.branches)}. Nothing was recorded.",
            "Look at the step again.",
        )
    branch, verdict = step.branches[act.branch], fold.verdicts(step)[act.branch]
    return {
        **_confirmation(act, fold),
        "branch": act.branch,
        "condition": branch.condition,
        "outcome": branch.outcome,
        "goto": branch.goto,
        "true": verdict.true,
        "suggested": verdict.suggested,
        "reason": verdict.reason,
        "support": _support(act, fold.state, step, verdict.result),
    }


def _support(act: Act, state: State, step: Step, decided: str | None) -> dict[str, Any] | None:
    """Return the run and the result that a branch rests on: what decided it, else what the person names."""
    name = decided or act.result
    if name is None:
        return None
    run = state.result_runs.get(step.id)
    found = next((row for row in state.results.get(step.id, []) if row.name == name), None)
    if found is None or (act.run and act.run != run):
        raise NotAvailable(
            "UNKNOWN_RESULT",
            f"The latest run of this step has no result {ascii(name)[:80]}.",
            "Name one of its results, or none.",
        )
    return {"run": run, "result": name, "value": found.value, "unit": found.unit}


def _timer(act: Act, fold: Fold, _person: str) -> dict[str, Any]:
    """Start a timer of the runbook, or one of one's own."""
    plan = next((one for one in fold.plans if one.id == act.timer), None)
    minutes = act.minutes or (plan.minutes if plan else None)
    if act.timer is not None and plan is None and act.timer not in fold.state.clocks:
        raise _no_timer(act.timer)
    if minutes is None:
        raise InputError(
            "MINUTES_MISSING", "A timer needs its minutes, so none was started.", "Say how many."
        )
    name = act.timer or f"reminder-{fold.n + 1}"
    # What comes due is told by its words, so that it never goes without any.
    title = plan.title if plan else f"reminder after {minutes:g} min"
    return {"timer": name, "minutes": minutes, "text": act.text or title}


def _postponed(act: Act, fold: Fold, _person: str) -> dict[str, Any]:
    title = _title_of(act, fold)
    if act.minutes is None:
        raise InputError(
            "MINUTES_MISSING",
            "Postponing needs minutes, so nothing was recorded.",
            "Say for how many minutes from now.",
        )
    return {"timer": act.timer, "timer_title": title, "minutes": act.minutes}


def _ended(act: Act, fold: Fold, _person: str) -> dict[str, Any]:
    return {"timer": act.timer, "timer_title": _title_of(act, fold)}


def _title_of(act: Act, fold: Fold) -> str:
    plan = next((one for one in fold.plans if one.id == act.timer), None)
    clock = fold.state.clocks.get(act.timer or "")
    if plan is None and clock is None:
        raise _no_timer(act.timer or "")
    return plan.title if plan else clock.title if clock else ""


def _no_timer(name: str) -> NotAvailable:
    return NotAvailable(
        "UNKNOWN_TIMER", f"There is no timer {ascii(name)[:60]}.", "See the incident's timers."
    )


def _item(act: Act, fold: Fold, _person: str) -> dict[str, Any]:
    row = next((one for one in fold.incident().items if one.id == act.item), None)
    if row is None:
        raise NotAvailable(
            "UNKNOWN_ITEM",
            f"There is no item {ascii(act.item or '')[:60]} in this incident.",
            "See the incident's items.",
        )
    return {"item": row.id, "item_text": row.text}


def _claimed(act: Act, fold: Fold, person: str) -> dict[str, Any]:
    return {"to": _named(act.to) or person, "from": fold.state.owner}


def _handover(act: Act, fold: Fold, person: str) -> dict[str, Any]:
    to = _named(act.to)
    if not to:
        raise InputError(
            "NOBODY_NAMED",
            "A handover needs who takes over, so nothing was recorded.",
            "Name the person.",
        )
    return {"to": to, "from": fold.state.owner or person}


def _named(name: str | None) -> str:
    return " ".join((name or "").split())


def _fact(act: Act, _fold: Fold, _person: str) -> dict[str, Any]:
    name = _named(act.name)
    if not name:
        raise InputError("NAME_MISSING", "A fact needs a name.", "Name what the value is of.")
    return {"name": name}


def _analysis(act: Act, fold: Fold, _person: str) -> dict[str, Any]:
    if not act.key:
        raise InputError("KEY_MISSING", "Which analysis to add is not said.", "Name its key.")
    return {"key": act.key, "title": act.name or act.key, "at_step": fold.state.focus}


def _closed(act: Act, fold: Fold, _person: str) -> dict[str, Any]:
    said = {
        "root_cause": act.root_cause.strip(),
        "resolution": act.resolution.strip(),
        "verification": act.verification.strip(),
    }
    empty = [name.replace("_", " ") for name, words in said.items() if not words]
    if empty:
        raise StateError(
            "CLOSING_INCOMPLETE",
            f"Closing needs {', '.join(empty)}, so the incident stays open.",
            "Say what is known, even if that is “unknown”.",
        )
    return {**said, "missing": fold.incident().missing}


def _reopened(_act: Act, fold: Fold, _person: str) -> dict[str, Any]:
    if fold.state.closing is None:
        raise StateError("NOT_CLOSED", "This incident is open already.", "Go on with it.")
    return {}


_MADE: dict[str, Callable[[Act, Fold, str], dict[str, Any]]] = {
    "step.done": _done,
    "step.focus": _focus,
    "step.undone": _undone,
    "branch.taken": _branch,
    "action.confirmed": _confirmed,
    "timer.started": _timer,
    "timer.postponed": _postponed,
    "timer.stopped": _ended,
    "escalation.raised": _ended,
    "item.ticked": _item,
    "item.unticked": _item,
    "incident.claimed": _claimed,
    "incident.handover": _handover,
    "incident.fact": _fact,
    "incident.closed": _closed,
    "incident.reopened": _reopened,
    "analysis.added": _analysis,
}


# somebody else was faster -------------------------------------------------------------------------


def refuse_stale(
    act: Act, newer: Sequence[Entry], person: str, say: Callable[[Entry], str]
) -> None:
    """Refuse an act that rests on what somebody changed since the person looked.

    Args:
        act: what the person does; without ``after`` it is never refused.
        newer: the records behind ``after``, in order.
        person: who acts; moving the focus is in nobody's way but another person's.
        say: tells a record in one sentence.

    Raises:
        StateError: ``STALE``, with what was recorded since.
    """
    changed = [record for record in newer if _touches(act, record, person)]
    if act.after is None or not changed:
        return
    told = " ".join(f"{by(one)} at {one['at'][11:16]} UTC: {say(one)}" for one in changed[-3:])
    raise StateError(
        "STALE",
        f"Somebody changed this since you looked, so nothing was recorded. {told}",
        "Look at it as it stands now, then decide again.",
    )


def _touches(act: Act, record: Entry, person: str) -> bool:
    kind, data = record["type"], record["data"]
    if act.type == "step.focus":
        return kind in _TOUCHING and by(record) != person
    if act.type in (*MARKS, "step.undone", "branch.taken", "action.confirmed"):
        return kind in _TOUCHING and record["step"] == act.step
    if act.type.startswith(("timer.", "escalation.")) and act.timer is not None:
        return bool(data.get("timer") == act.timer)
    if act.type.startswith("item."):
        return bool(data.get("item") == act.item)
    group = {
        "incident.claimed": ("incident.claimed", "incident.handover"),
        "incident.handover": ("incident.claimed", "incident.handover"),
        "incident.closed": ("incident.closed", "incident.reopened"),
        "incident.reopened": ("incident.closed", "incident.reopened"),
        "incident.fact": ("incident.fact",),
    }.get(act.type, ())
    return kind in group and (kind != "incident.fact" or data["name"] == act.name)
