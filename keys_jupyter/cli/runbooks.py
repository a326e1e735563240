"""``runbook …``: finding, reading, checking and customising runbooks.

Not here: what the use cases do. Each function parses what is left to parse, makes one call and prints the answer.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from keys_jupyter.cli import authoring
from keys_jupyter.cli.printing import answer

if TYPE_CHECKING:
    from keys_jupyter.cli.printing import Add, Command, Commands, Group
    from keys_jupyter.cli.surroundings import Desk


EXAMPLES = {
    "runbook list": "jupyter keys runbook list --find stripe",
    "runbook find": 'jupyter keys runbook find "StripeWebhookDeliveryFailing success_rate=0.71"',
    "runbook show": "jupyter keys runbook show stripe-webhook-failure",
    "runbook ready": "jupyter keys runbook ready stripe-webhook-failure",
    "runbook customise": "jupyter keys runbook customise stripe-webhook-failure",
    "runbook diff": "jupyter keys runbook diff stripe-webhook-failure-custom",
}


def add_commands(commands: Commands, add: Add, group: Group) -> None:
    """Add the commands of this room."""
    runbook = group(commands, "runbook", "find, read and check runbooks")
    listing = add(runbook, "list", "list the runbooks", group="runbook")
    listing.add_argument("--find", metavar="TEXT", help="only runbooks with these words")
    finding = add(runbook, "find", "find the runbook for an alert's text", group="runbook")
    finding.add_argument("text", metavar="TEXT", help="the alert; - reads it from stdin")
    for name, does in (
        ("show", "show one runbook"),
        ("ready", "say whether it could be worked now; 1 when not"),
        ("diff", "show what a customised runbook says otherwise"),
    ):
        command = add(runbook, name, does, group="runbook")
        command.add_argument("name", metavar="SLUG|PATH")
    copying = add(runbook, "customise", "copy it into the workspace to change it", group="runbook")
    copying.add_argument("name", metavar="SLUG")
    copying.add_argument("--as", dest="copy", metavar="NAME", help="what the copy is called")
    authoring.add_lint(runbook, add)


def runbook_list(desk: Desk, parsed: argparse.Namespace) -> int:
    """List runbooks."""
    from keys_jupyter.cli import incident_words as words

    reply = desk.service.runbooks.all()
    wanted = (parsed.find or "").casefold().split()
    about = {row.slug: row for row in desk.service.catalogue.catalog().keys}
    rows = []
    for row in reply.runbooks:
        key = about.get(row.slug) or about.get(row.origin or "")
        said = [row.slug, row.title, *(key.tags if key else []), key.description if key else ""]
        if all(word in " ".join(said).casefold() for word in wanted):
            rows.append(row)
    reply = reply.model_copy(update={"runbooks": rows})
    return answer(parsed, reply, words.runbooks(rows))


def runbook_find(desk: Desk, parsed: argparse.Namespace) -> int:
    """Find the runbook for an alert."""
    from keys_jupyter.cli import incident_words as words

    text = sys.stdin.read() if parsed.text == "-" else parsed.text
    reply = desk.service.runbooks.find(text)
    return answer(parsed, reply, words.matches(reply))


def runbook_show(desk: Desk, parsed: argparse.Namespace) -> int:
    """Show one runbook."""
    from keys_jupyter.cli import words

    reply = desk.service.runbooks.runbook(_meant(desk, parsed.name))
    return answer(parsed, reply, words.runbook(reply))


def runbook_ready(desk: Desk, parsed: argparse.Namespace) -> int:
    """Say whether a runbook could be worked now."""
    from keys_jupyter.cli import incident_words as words

    reply = desk.service.readying.ready(_meant(desk, parsed.name))
    answer(parsed, reply, words.readiness(reply))
    return 0 if reply.ready else 1


def runbook_customise(desk: Desk, parsed: argparse.Namespace) -> int:
    """Copy a runbook into the workspace."""
    from keys_jupyter.cli import incident_words as words

    reply = desk.service.customising.customise(parsed.name, parsed.copy)
    return answer(parsed, reply, words.customised(reply))


def runbook_diff(desk: Desk, parsed: argparse.Namespace) -> int:
    """Show what a customised runbook says otherwise."""
    from keys_jupyter.cli import incident_words as words

    reply = desk.service.customising.differences(_meant(desk, parsed.name))
    return answer(parsed, reply, words.differences(reply))


def _meant(desk: Desk, name: str) -> str:
    """Name a place from the workspace's root, where the person named it from here."""
    if "/" in name or name.endswith(".md"):
        return "./" + desk.service.runs.from_workspace(desk.here / name)
    return name


COMMANDS: dict[str, Command] = {
    "runbook list": runbook_list,
    "runbook find": runbook_find,
    "runbook show": runbook_show,
    "runbook ready": runbook_ready,
    "runbook customise": runbook_customise,
    "runbook diff": runbook_diff,
}
