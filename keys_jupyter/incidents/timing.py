"""What comes due in an incident: verification windows, escalation triggers, and what people set themselves.

Every time is the server's. A window counts from the last action, a trigger from the incident's start; a person may
start, postpone or stop each, which is a record like any other.

    >>> window("15 minutes after the last action.")
    15.0
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from keys_jupyter.incidents.facts import Clock
from keys_jupyter.incidents.state import State
from keys_jupyter.incidents.steps import steps_of
from keys_jupyter.model.incident import Timer
from keys_jupyter.model.runbook import Runbook

OVERDUE_MINUTES = 5
"""How long something is due before it is overdue."""

_MINUTES = {
    "second": 1 / 60,
    "minute": 1,
    "min": 1,
    "hour": 60,
    "h": 60,
    "day": 1440,
    "week": 10080,
}
_SPAN = r"(?P<number>\d+(?:\.\d+)?)[ -]*(?P<unit>seconds?|minutes?|mins?|min|hours?|hrs?|h|days?|weeks?)"
_WINDOW = re.compile(
    rf"\b{_SPAN}\s+after\s+(?:the\s+)?(?:last|final|your|an?|each|this|the)\b", re.I
)
# Only what counts from the incident's own start is a timer: "oldest event is older than 48 hours" is not.
_UNRESOLVED = re.compile(
    r"\b(?:unresolved|not\s+(?:yet\s+)?(?:resolved|fixed|solved|recovered)|no\s+(?:fix|progress|cause)"
    rf"|still\s+(?:failing|broken|open|down))\b[^.;]*?\b(?:after|within|for|in)\s+{_SPAN}"
    rf"|\bafter\s+{_SPAN.replace('number', 'number2').replace('unit', 'unit2')}\s+(?:it\s+is\s+)?"
    r"(?:still\s+)?(?:unresolved|without)",
    re.I,
)
_TRIGGER = re.compile(
    r"^[ \t]*[-*+][ \t]+(?:\*\*|__)(?P<name>[^*_\n]+?):?(?:\*\*|__):?[ \t]*(?P<words>\S.*)$", re.M
)


@dataclass(frozen=True)
class Plan:
    """A timer that the runbook itself asks for; ``minutes`` is None for a trigger without a time."""

    id: str
    kind: str
    title: str
    words: str
    step: str | None
    minutes: float | None


def window(words: str) -> float | None:
    """Return how many minutes after an action a step is due, where its words say so."""
    found = _WINDOW.search(words)
    return _span(found["number"], found["unit"]) if found else None


def unresolved(words: str) -> float | None:
    """Return after how many minutes without a resolution a trigger comes due, where its words say so."""
    found = _UNRESOLVED.search(words)
    if not found:
        return None
    number, unit = found["number"] or found["number2"], found["unit"] or found["unit2"]
    return _span(number, unit)


def _span(number: str, unit: str) -> float:
    short = unit.lower().rstrip("s")
    return float(number) * _MINUTES.get({"hr": "h"}.get(short, short), 1)


def plans(runbook: Runbook) -> list[Plan]:
    """Return every timer that a runbook asks for, windows first."""
    return [*_windows(runbook), *_escalations(runbook)]


def _windows(runbook: Runbook) -> Iterator[Plan]:
    for section, step in steps_of(runbook):
        minutes = window(step.when) if section.name == "verification" else None
        if minutes is not None:
            yield Plan(step.id, "window", step.title, step.when, step.id, minutes)


def _escalations(runbook: Runbook) -> Iterator[Plan]:
    number = 0
    for section in runbook.sections:
        if section.name != "rollback":
            continue
        for step, text in [(None, section.text), *((s.id, s.text) for s in section.steps)]:
            for found in _TRIGGER.finditer(text):
                number += 1
                words = found["words"].strip()
                yield Plan(
                    f"escalation-{number}",
                    "escalation",
                    found["name"].strip(),
                    words,
                    step,
                    unresolved(words),
                )


def timers(state: State, planned: list[Plan], now: datetime) -> list[Timer]:
    """Return every timer as it stands now: the runbook's in its order, then those that people set."""
    known = {plan.id for plan in planned}
    rows = [_planned(state, plan, now) for plan in planned]
    for name, clock in state.clocks.items():
        if name not in known:
            plan = Plan(name, "reminder", clock.title, clock.title, clock.step, clock.minutes)
            rows.append(_timer(state, plan, clock, now))
    return rows


def next_due(rows: list[Timer]) -> str | None:
    """Return when the next running timer comes due."""
    return min((row.due_at for row in rows if row.state == "running" and row.due_at), default=None)


def _planned(state: State, plan: Plan, now: datetime) -> Timer:
    clock = state.clocks.get(plan.id)
    if clock is None and plan.minutes is not None:
        start = state.opened["at"] if plan.kind == "escalation" else state.last_action_at()
        clock = Clock(start, plan.minutes) if start else None
    return _timer(state, plan, clock, now)


def _timer(state: State, plan: Plan, clock: Clock | None, now: datetime) -> Timer:
    due = moment(clock.started_at) + timedelta(minutes=clock.minutes) if clock else None
    ended = clock is not None and clock.state in ("raised", "stopped")
    return Timer(
        id=plan.id,
        kind=plan.kind,
        title=plan.title,
        words=plan.words,
        step=plan.step,
        minutes=clock.minutes if clock and not ended else plan.minutes,
        started_at=clock.started_at if clock else None,
        due_at=said(due) if due and not ended else None,
        state=_state(state, plan, clock, due, now),
        reason=clock.reason if clock else "",
    )


def _state(
    state: State, plan: Plan, clock: Clock | None, due: datetime | None, now: datetime
) -> str:
    mark = state.marks.get(plan.step or "") if plan.kind != "escalation" else None
    if clock is not None and clock.state != "running":
        return clock.state
    if mark is not None and mark.state != "failed":
        return "done"
    if due is None and plan.minutes is None:
        return "listed"
    if state.closing:
        return "stopped"
    if due is None:
        return "waiting"
    if now < due:
        return "running"
    return "due" if now < due + timedelta(minutes=OVERDUE_MINUTES) else "overdue"


def moment(text: str) -> datetime:
    """Return a record's time."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def said(when: datetime) -> str:
    """Return a time as every record holds it."""
    utc = when.astimezone(timezone.utc)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z"
