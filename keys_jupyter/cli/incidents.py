"""``incident …`` and ``evidence list``: working an incident and what is kept under it.

Not here: acts that are one record each (`acts`), and what the use cases do. Each function parses what is left to parse,
makes one call and prints the answer.
"""

from __future__ import annotations

import argparse
import base64
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from keys_jupyter.cli import acts
from keys_jupyter.cli.printing import answer
from keys_jupyter.errors import InputError

if TYPE_CHECKING:
    from keys_jupyter.cli.printing import Add, Command, Commands, Group
    from keys_jupyter.cli.surroundings import Desk


EXAMPLES = {
    "incident open": "jupyter keys incident open stripe-webhook-failure --rehearsal",
    "incident list": "jupyter keys incident list",
    "incident show": "jupyter keys incident show 1",
    "incident timeline": "jupyter keys incident timeline 1 --after 20",
    "incident checklist": "jupyter keys incident checklist 1",
    "incident keys": "jupyter keys incident keys 1 diagnosis-3",
    "incident prefill": "jupyter keys incident prefill 1 diagnosis-3 jupyter-log-analysis",
    "incident analyses": "jupyter keys incident analyses 1",
    "incident link": "jupyter keys incident link 1 order-service-failure",
    "incident attach": "jupyter keys incident attach 1 probe.txt --step diagnosis-2",
    "incident attach-run": "jupyter keys incident attach-run 1 diagnosis-3 4f1c22d0",
    **acts.EXAMPLES,
}


def add_commands(commands: Commands, add: Add, group: Group) -> None:
    """Add the commands of this room."""
    incident = group(commands, "incident", "work an incident")
    opening = add(incident, "open", "open an incident on a runbook", group="incident")
    opening.add_argument("runbook", metavar="RUNBOOK")
    opening.add_argument(
        "--rehearsal", action="store_true", help="mark every record as a rehearsal"
    )
    opening.add_argument(
        "--trigger", default="", metavar="TEXT", help="the alert's own text; - reads it from stdin"
    )
    opening.add_argument(
        "--fact",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        help="a value known from the start; may be repeated",
    )
    add(incident, "list", "list incidents, open ones first", group="incident")
    for name, does in (
        ("show", "show an incident as it stands"),
        ("timeline", "show its records in order"),
        ("checklist", "print its checklist with its state, as Markdown"),
        ("analyses", "list the keys that suit its type of runbook"),
    ):
        command = add(incident, name, does, group="incident")
        command.add_argument("id", metavar="ID")
        if name == "timeline":
            command.add_argument(
                "--after", type=int, default=-1, metavar="N", help="only records behind N"
            )
    _around(incident, add)
    acts.add_commands(incident, add)


def _around(incident: Commands, add: Add) -> None:
    keys = add(incident, "keys", "show the keys that a step calls", group="incident")
    prefill = add(incident, "prefill", "show values a key's form can begin with", group="incident")
    for command in (keys, prefill):
        command.add_argument("id", metavar="ID")
        command.add_argument("step", metavar="STEP")
    prefill.add_argument("key", metavar="SLUG")
    link = add(incident, "link", "go on in another runbook", group="incident")
    link.add_argument("id", metavar="ID")
    link.add_argument("runbook", metavar="RUNBOOK")
    attach = add(incident, "attach", "keep a file as evidence", group="incident")
    attach.add_argument("id", metavar="ID")
    attach.add_argument("file", type=Path, metavar="FILE")
    for command in (link, attach):
        command.add_argument("--step", metavar="STEP", help="the step it belongs to")
        command.add_argument("--text", default="", help="what it shows, or why")
    run = add(incident, "attach-run", "put a run under a step", group="incident")
    for name in ("id", "step", "run"):
        run.add_argument(name, metavar=name.upper())


def incident_open(desk: Desk, parsed: argparse.Namespace) -> int:
    """Open an incident."""
    from keys_jupyter.cli import incident_words as words
    from keys_jupyter.model.incident import OpenRequest

    trigger = sys.stdin.read() if parsed.trigger == "-" else parsed.trigger
    request = OpenRequest(
        runbook=parsed.runbook,
        rehearsal=parsed.rehearsal,
        trigger=trigger[:20_000],
        facts=dict(parsed.fact),
    )
    reply = desk.service.incidents.open(request)
    return answer(parsed, reply, words.incident(reply))


def incident_list(desk: Desk, parsed: argparse.Namespace) -> int:
    """List incidents."""
    from keys_jupyter.cli import incident_words as words

    reply = desk.service.incidents.all()
    return answer(parsed, reply, words.incidents(reply.incidents))


def incident_show(desk: Desk, parsed: argparse.Namespace) -> int:
    """Show an incident."""
    from keys_jupyter.cli import incident_words as words

    reply = desk.service.incidents.incident(parsed.id)
    return answer(parsed, reply, words.incident(reply))


def incident_timeline(desk: Desk, parsed: argparse.Namespace) -> int:
    """Show an incident's records."""
    from keys_jupyter.cli import incident_words as words

    reply = desk.service.incidents.timeline(parsed.id, parsed.after)
    return answer(parsed, reply, words.timeline(reply))


def incident_checklist(desk: Desk, parsed: argparse.Namespace) -> int:
    """Print an incident's checklist."""
    reply = desk.service.assistance.checklist(parsed.id)
    return answer(parsed, reply, reply.markdown)


def incident_keys(desk: Desk, parsed: argparse.Namespace) -> int:
    """Show the keys of a step."""
    from keys_jupyter.cli import incident_words as words

    reply = desk.service.assistance.cards(parsed.id, parsed.step)
    return answer(parsed, reply, words.cards(reply))


def incident_prefill(desk: Desk, parsed: argparse.Namespace) -> int:
    """Show values for a key's form."""
    from keys_jupyter.cli import incident_words as words

    reply = desk.service.assistance.prefill(parsed.id, parsed.step, parsed.key)
    return answer(parsed, reply, words.prefill(reply))


def incident_analyses(desk: Desk, parsed: argparse.Namespace) -> int:
    """List the keys that suit an incident."""
    from keys_jupyter.cli import incident_words as words

    reply = desk.service.assistance.suited(parsed.id)
    return answer(parsed, reply, words.suited(reply))


def incident_link(desk: Desk, parsed: argparse.Namespace) -> int:
    """Go on in another runbook."""
    from keys_jupyter.cli import incident_words as words
    from keys_jupyter.model.working import LinkRequest

    request = LinkRequest(runbook=parsed.runbook, step=parsed.step, text=parsed.text)
    reply = desk.service.additions.link(parsed.id, request)
    return answer(parsed, reply, words.incident(reply))


def incident_attach(desk: Desk, parsed: argparse.Namespace) -> int:
    """Keep a file as evidence."""
    from keys_jupyter.cli import words
    from keys_jupyter.incidents.attachments import checked
    from keys_jupyter.model.working import AttachRequest

    try:
        data = checked((desk.here / parsed.file).read_bytes())
    except OSError as error:
        raise InputError(
            "NO_FILE", f"The file {str(parsed.file)!a} cannot be read.", "Check its name."
        ) from error
    request = AttachRequest(
        name=parsed.file.name[-255:],
        data=base64.b64encode(data).decode(),
        step=parsed.step,
        text=parsed.text,
    )
    reply = desk.service.additions.attach(parsed.id, request)
    return answer(parsed, reply, words.evidence(reply.evidence))


def incident_attach_run(desk: Desk, parsed: argparse.Namespace) -> int:
    """Put a run under a step."""
    from keys_jupyter.cli import incident_words as words
    from keys_jupyter.model.working import RunAttachRequest

    request = RunAttachRequest(run=parsed.run, incident=parsed.id, step=parsed.step)
    reply = desk.service.additions.attach_run(request)
    return answer(parsed, reply, words.incident(reply))


COMMANDS: dict[str, Command] = {
    "incident open": incident_open,
    "incident list": incident_list,
    "incident show": incident_show,
    "incident timeline": incident_timeline,
    "incident checklist": incident_checklist,
    "incident keys": incident_keys,
    "incident prefill": incident_prefill,
    "incident analyses": incident_analyses,
    "incident link": incident_link,
    "incident attach": incident_attach,
    "incident attach-run": incident_attach_run,
    **acts.COMMANDS,
}
