"""``catalog``, ``info``, ``parameters``: which keys there are and what they take.

Not here: what the use cases do. Each function parses what is left to parse, makes one call and prints the answer.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from keys_jupyter.cli.printing import answer, notebook, plain, says

if TYPE_CHECKING:
    from keys_jupyter.cli.printing import Add, Command, Commands
    from keys_jupyter.cli.surroundings import Desk
    from keys_jupyter.model.catalog import Catalog, KeyRow


EXAMPLES = {
    "catalog": "jupyter keys catalog --kind runbook",
    "info": "jupyter keys info stripe-webhook-failure",
    "parameters": "jupyter keys parameters jupyter-webhook-event-analysis",
}


_FILTERS = ("kind", "category", "maturity", "outcome")
_STATES = {
    "installed": "only keys that are installed",
    "entitled": "only keys there is a right to",
    "updates": "only installed keys with a newer version",
}


def add_commands(commands: Commands, add: Add) -> None:
    """Add the commands of this room."""
    catalog = add(commands, "catalog", "list the keys of all sources")
    for name in _FILTERS:
        catalog.add_argument(f"--{name}", metavar=name[0].upper(), help=f"only this {name}")
    catalog.add_argument(
        "--search",
        metavar="TEXT",
        help="only keys with all these words; the text of an alert finds its runbook",
    )
    for name, does in _STATES.items():
        catalog.add_argument(f"--{name}", action="store_true", help=does)
    add(commands, "info", "show one key whole").add_argument("slug", metavar="SLUG")
    takes = add(commands, "parameters", "show what a notebook takes")
    takes.add_argument("target", metavar="SLUG|NOTEBOOK")


def catalog(desk: Desk, parsed: argparse.Namespace) -> int:
    """List keys by the filters given."""
    from keys_jupyter.cli import words

    # What is new is asked for anew; a list to look at may be as old as the panel's.
    found = desk.service.catalogue.catalog(refresh=parsed.updates)
    wanted = [row for row in found.keys if _wanted(row, parsed)]
    keys = [row for row in wanted if says(row, parsed.search)]
    if parsed.search and not keys:
        keys = _fitting(desk, parsed.search, wanted)
    tell_of_sources(found)
    _tell_of_filters(found, parsed)
    reply = found.model_copy(update={"keys": keys})
    return answer(parsed, reply, words.keys(keys))


def tell_of_sources(found: Catalog) -> None:
    """Say on standard error which sources did not answer, and as of when their keys are shown."""
    if found.stale_since:
        sys.stderr.write(
            f"A source does not answer; its keys are shown as of {found.stale_since}.\n"
        )
    for problem in found.problems:
        sys.stderr.write(plain(f"{problem.message}\n{problem.hint}") + "\n")


def _tell_of_filters(found: Catalog, parsed: argparse.Namespace) -> None:
    """Say on standard error which filter no key can pass, and what it could be: new words are no fault of the person's."""
    for name in _FILTERS:
        known = sorted({getattr(row, name) for row in found.keys} - {None, ""})
        asked = getattr(parsed, name)
        if asked is not None and asked not in known:
            words = f"No key has the {name} {asked!a}. There are: {', '.join(known) or 'none'}."
            sys.stderr.write(plain(words) + "\n")


def _wanted(row: KeyRow, parsed: argparse.Namespace) -> bool:
    same = all(getattr(parsed, name) in (None, getattr(row, name)) for name in _FILTERS)
    return (
        same
        and (not parsed.installed or bool(row.installed))
        and (not parsed.entitled or row.entitled)
        and (not parsed.updates or row.update is not None)
    )


def _fitting(desk: Desk, text: str, rows: list[KeyRow]) -> list[KeyRow]:
    """Return the runbooks that fit the text of an alert, best first, where no key has all of its words."""
    by_slug = {row.slug: row for row in rows}
    fits = desk.service.runbooks.find(text).matches
    return [by_slug[match.slug] for match in fits if match.slug in by_slug]


def info(desk: Desk, parsed: argparse.Namespace) -> int:
    """Show one key."""
    from keys_jupyter.cli import words

    detail = desk.service.catalogue.detail(parsed.slug)
    return answer(parsed, detail, words.detail(detail))


def takes(desk: Desk, parsed: argparse.Namespace) -> int:
    """Show what a notebook takes."""
    from keys_jupyter.cli import words

    slug, _, version = parsed.target.partition("@")
    reply = desk.service.runs.parameters(notebook(desk, slug), version or None)
    shown = reply.model_dump(mode="json")
    shown["schema"] = shown.pop("json_schema")
    return answer(parsed, shown, words.parameters(reply))


COMMANDS: dict[str, Command] = {
    "catalog": catalog,
    "info": info,
    "parameters": takes,
}
