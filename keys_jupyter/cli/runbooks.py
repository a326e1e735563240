"""``runbook …``: reading runbooks.

Not here: what the use cases do. Each function parses what is left to parse, makes one call and prints the answer.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from keys_jupyter.cli import authoring
from keys_jupyter.cli.printing import answer, says

if TYPE_CHECKING:
    from keys_jupyter.cli.printing import Add, Command, Commands, Group
    from keys_jupyter.cli.surroundings import Desk


EXAMPLES = {
    "runbook list": "jupyter keys runbook list",
    "runbook show": "jupyter keys runbook show stripe-webhook-failure",
}


def add_commands(commands: Commands, add: Add, group: Group) -> None:
    """Add the commands of this room."""
    runbook = group(commands, "runbook", "read runbooks")
    listing = add(runbook, "list", "list the runbooks", group="runbook")
    listing.add_argument("--find", metavar="TEXT", help="only runbooks with these words")
    show = add(runbook, "show", "show one runbook", group="runbook")
    show.add_argument("name", metavar="SLUG|PATH")
    authoring.add_lint(runbook, add)


def runbook_list(desk: Desk, parsed: argparse.Namespace) -> int:
    """List runbooks."""
    from keys_jupyter.cli import words

    rows = [
        row
        for row in desk.service.catalogue.catalog().keys
        if row.kind == "runbook" and says(row, parsed.find)
    ]
    slugs = {row.slug for row in rows}
    reply = desk.service.runbooks.all()
    reply = reply.model_copy(update={"runbooks": [r for r in reply.runbooks if r.slug in slugs]})
    return answer(parsed, reply, words.keys(rows))


def runbook_show(desk: Desk, parsed: argparse.Namespace) -> int:
    """Show one runbook."""
    from keys_jupyter.cli import words

    name = parsed.name
    if "/" in name or name.endswith(".md"):
        name = "./" + desk.service.runs.from_workspace(desk.here / name)
    reply = desk.service.runbooks.runbook(name)
    return answer(parsed, reply, words.runbook(reply))


COMMANDS: dict[str, Command] = {
    "runbook list": runbook_list,
    "runbook show": runbook_show,
}
