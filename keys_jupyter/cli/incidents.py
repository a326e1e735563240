"""``incident …`` and ``evidence …``: working an incident and what is kept under it.

Not here: what the use cases do. Each function parses what is left to parse, makes one call and prints the answer.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from keys_jupyter.cli.printing import answer
from keys_jupyter.errors import InputError

if TYPE_CHECKING:
    from keys_jupyter.cli.printing import Add, Command, Commands, Group
    from keys_jupyter.cli.surroundings import Desk


EXAMPLES = {
    "incident open": "jupyter keys incident open stripe-webhook-failure --rehearsal",
    "incident list": "jupyter keys incident list",
    "incident show": "jupyter keys incident show 1",
    "incident timeline": "jupyter keys incident timeline 1",
    "incident step": 'jupyter keys incident step 1 safety-1 skipped --text "no deploy is running"',
    "incident branch": "jupyter keys incident branch 1 diagnosis-3 1",
    "evidence list": "jupyter keys evidence list 1",
}


def add_commands(commands: Commands, add: Add, group: Group) -> None:
    """Add the commands of this room."""
    incident = group(commands, "incident", "work an incident")
    opening = add(incident, "open", "open an incident on a runbook", group="incident")
    opening.add_argument("runbook", metavar="RUNBOOK")
    opening.add_argument(
        "--rehearsal", action="store_true", help="mark every record as a rehearsal"
    )
    add(incident, "list", "list incidents, newest first", group="incident")
    for name, does in (
        ("show", "show an incident as it stands"),
        ("timeline", "show its records in order"),
    ):
        add(incident, name, does, group="incident").add_argument("id", metavar="ID")
    step = add(incident, "step", "record what was done in a step", group="incident")
    step.add_argument("id", metavar="ID")
    step.add_argument("step", metavar="STEP")
    step.add_argument("mark", choices=["done", "failed", "skipped", "note"])
    step.add_argument("--text", default="", help="the reason or the note")
    branch = add(incident, "branch", "record which branch was taken", group="incident")
    branch.add_argument("id", metavar="ID")
    branch.add_argument("step", metavar="STEP")
    branch.add_argument("branch", type=int, metavar="N", help="counted from 1")
    evidence = group(commands, "evidence", "look at evidence")
    add(evidence, "list", "list what is kept under an incident", group="evidence").add_argument(
        "id", metavar="ID"
    )


def incident_open(desk: Desk, parsed: argparse.Namespace) -> int:
    """Open an incident."""
    from keys_jupyter.cli import words
    from keys_jupyter.model.incident import OpenRequest

    reply = desk.service.incidents.open(
        OpenRequest(runbook=parsed.runbook, rehearsal=parsed.rehearsal)
    )
    return answer(parsed, reply, words.incident(reply))


def incident_list(desk: Desk, parsed: argparse.Namespace) -> int:
    """List incidents."""
    from keys_jupyter.cli import words

    reply = desk.service.incidents.all()
    return answer(parsed, reply, words.incidents(reply.incidents))


def incident_show(desk: Desk, parsed: argparse.Namespace) -> int:
    """Show an incident."""
    from keys_jupyter.cli import words

    reply = desk.service.incidents.incident(parsed.id)
    return answer(parsed, reply, words.incident(reply))


def incident_timeline(desk: Desk, parsed: argparse.Namespace) -> int:
    """Show an incident's records."""
    from keys_jupyter.cli import words

    reply = desk.service.incidents.timeline(parsed.id)
    return answer(parsed, reply, words.timeline(reply))


def incident_step(desk: Desk, parsed: argparse.Namespace) -> int:
    """Record what was done in a step."""
    from keys_jupyter.cli import words
    from keys_jupyter.model.incident import Act

    act = Act(type=f"step.{parsed.mark}", step=parsed.step, text=parsed.text)
    reply = desk.service.incidents.act(parsed.id, act)
    return answer(parsed, reply, words.incident(reply))


def incident_branch(desk: Desk, parsed: argparse.Namespace) -> int:
    """Record which branch was taken."""
    from keys_jupyter.cli import words
    from keys_jupyter.model.incident import Act

    if parsed.branch < 1:
        raise InputError(
            "UNKNOWN_BRANCH", "Branches are counted from 1.", "Look at the step again."
        )
    act = Act(type="branch.taken", step=parsed.step, branch=parsed.branch - 1)
    reply = desk.service.incidents.act(parsed.id, act)
    return answer(parsed, reply, words.incident(reply))


def evidence_list(desk: Desk, parsed: argparse.Namespace) -> int:
    """List what is kept under an incident."""
    from keys_jupyter.cli import words

    reply = desk.service.incidents.evidence(parsed.id)
    return answer(parsed, reply, words.evidence(reply.evidence))


COMMANDS: dict[str, Command] = {
    "incident open": incident_open,
    "incident list": incident_list,
    "incident show": incident_show,
    "incident timeline": incident_timeline,
    "incident step": incident_step,
    "incident branch": incident_branch,
    "evidence list": evidence_list,
}
