"""``incident step``, ``branch``, ``close`` and their like: what a person does, each one record.

Not here: which of it is possible; that is decided where the record is written.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from keys_jupyter.cli.printing import answer
from keys_jupyter.errors import InputError

if TYPE_CHECKING:
    from keys_jupyter.cli.printing import Add, Command, Commands
    from keys_jupyter.cli.surroundings import Desk

_CLOSING = '--root-cause "full disk" --resolution "freed it" --verification "both windows ok"'
EXAMPLES = {
    "incident step": 'jupyter keys incident step 1 safety-1 skipped --text "no deploy is running"',
    "incident undo": 'jupyter keys incident undo 1 safety-1 --text "wrong window"',
    "incident branch": 'jupyter keys incident branch 1 diagnosis-3 1 --text "91 % delivered"',
    "incident confirm": 'jupyter keys incident confirm 1 action-8 "RESEND 8"',
    "incident note": 'jupyter keys incident note 1 "the provider called" --step diagnosis-2',
    "incident fact": 'jupyter keys incident fact 1 "<app_host>" web-1',
    "incident claim": "jupyter keys incident claim 1",
    "incident handover": 'jupyter keys incident handover 1 --to Ada --text "see step 3"',
    "incident timer": 'jupyter keys incident timer 1 start --minutes 10 --text "look again"',
    "incident escalate": 'jupyter keys incident escalate 1 escalation-1 --text "called the lead"',
    "incident tick": "jupyter keys incident tick 1 entry-2",
    "incident add-analysis": "jupyter keys incident add-analysis 1 jupyter-log-analysis",
    "incident close": f"jupyter keys incident close 1 {_CLOSING}",
    "incident reopen": 'jupyter keys incident reopen 1 --text "it failed again"',
}
_TIMERS = {"start": "timer.started", "postpone": "timer.postponed", "stop": "timer.stopped"}


def add_commands(incident: Commands, add: Add) -> None:
    """Add the verbs that append one record."""
    step = _add(incident, add, "step", "record what was done in a step", "step")
    step.add_argument("mark", choices=["done", "failed", "skipped", "note", "focus"])
    branch = _add(incident, add, "branch", "record which branch was taken", "step")
    branch.add_argument("branch", type=int, metavar="N", help="counted from 1")
    branch.add_argument("--result", metavar="NAME", help="the result it rests on")
    for command in (step, branch):
        command.add_argument(
            "--confirm", default="", metavar="WORDS", help="what an irreversible action asks for"
        )
    _add(incident, add, "undo", "take back what was marked last in a step", "step")
    _add(incident, add, "confirm", "unlock an irreversible action", "step", "words")
    note = _add(incident, add, "note", "leave a note", "note")
    note.add_argument("--step", metavar="STEP", help="the step it belongs to")
    _add(incident, add, "fact", "keep a value by its name", "name", "value")
    _add(incident, add, "claim", "say who owns the incident").add_argument(
        "--to", metavar="NAME", help="who; yourself when not given"
    )
    _add(incident, add, "handover", "hand over with a note").add_argument(
        "--to", metavar="NAME", required=True, help="who takes over"
    )
    _timers(incident, add)
    _add(incident, add, "tick", "tick what is kept or written down", "item").add_argument(
        "--undo", action="store_true", help="take the tick back"
    )
    _add(incident, add, "add-analysis", "add an analysis as a step of its own", "key")
    closing = _add(incident, add, "close", "close it; what is missing is recorded")
    for name in ("root-cause", "resolution", "verification"):
        closing.add_argument(f"--{name}", required=True, metavar="TEXT")
    _add(incident, add, "reopen", "open it again with a reason")


def _timers(incident: Commands, add: Add) -> None:
    timer = _add(incident, add, "timer", "start, postpone or stop a timer")
    timer.add_argument("doing", choices=sorted(_TIMERS))
    timer.add_argument(
        "timer", nargs="?", metavar="TIMER", help="one of the incident's; a new one when not given"
    )
    timer.add_argument("--minutes", type=float, metavar="M", help="from now")
    timer.add_argument("--step", metavar="STEP", help="the step it belongs to")
    _add(incident, add, "escalate", "say that somebody was called", "timer")


def _add(
    incident: Commands, add: Add, name: str, does: str, *places: str
) -> argparse.ArgumentParser:
    command = add(incident, name, does, group="incident")
    command.add_argument("id", metavar="ID")
    for place in places:
        command.add_argument(place, metavar=place.upper())
    command.add_argument("--text", default="", help="the reason or the note")
    command.add_argument(
        "--after",
        type=int,
        metavar="N",
        help="the last record you saw: refused when somebody changed this since",
    )
    return command


def _branch(parsed: argparse.Namespace) -> dict[str, Any]:
    if parsed.branch < 1:
        raise InputError(
            "UNKNOWN_BRANCH", "Branches are counted from 1.", "Look at the step again."
        )
    return {
        "type": "branch.taken",
        "branch": parsed.branch - 1,
        "result": parsed.result,
        "confirmation": parsed.confirm,
    }


_ACTS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "step": lambda p: {"type": f"step.{p.mark}", "confirmation": p.confirm},
    "undo": lambda _: {"type": "step.undone"},
    "branch": _branch,
    "confirm": lambda p: {"type": "action.confirmed", "confirmation": p.words},
    "note": lambda p: {
        "type": "step.note" if p.step else "incident.note",
        "text": f"{p.note} {p.text}".strip(),
    },
    "fact": lambda p: {"type": "incident.fact", "name": p.name, "text": p.value},
    "claim": lambda p: {"type": "incident.claimed", "to": p.to},
    "handover": lambda p: {"type": "incident.handover", "to": p.to},
    "timer": lambda p: {"type": _TIMERS[p.doing], "timer": p.timer, "minutes": p.minutes},
    "escalate": lambda p: {"type": "escalation.raised", "timer": p.timer},
    "tick": lambda p: {"type": "item.unticked" if p.undo else "item.ticked", "item": p.item},
    "add-analysis": lambda p: {"type": "analysis.added", "key": p.key},
    "close": lambda p: {
        "type": "incident.closed",
        "root_cause": p.root_cause,
        "resolution": p.resolution,
        "verification": p.verification,
    },
    "reopen": lambda _: {"type": "incident.reopened"},
}


def act(desk: Desk, parsed: argparse.Namespace) -> int:
    """Record what a person did, and show the incident as it then stands."""
    from pydantic import ValidationError

    from keys_jupyter.cli import incident_words as words
    from keys_jupyter.model.incident import Act

    verb = parsed.full.removeprefix("incident ")
    said = {"step": getattr(parsed, "step", None), "text": parsed.text, "after": parsed.after}
    try:
        done = Act.model_validate({**said, **_ACTS[verb](parsed)})
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in fault["loc"])
        raise InputError(
            "BAD_ACT", f"{where} is not understood: {fault['msg']}.", "Correct it."
        ) from error
    reply = desk.service.incidents.act(parsed.id, done)
    return answer(parsed, reply, words.incident(reply))


COMMANDS: dict[str, Command] = {f"incident {verb}": act for verb in _ACTS}
