"""``jupyter keys``: every use case as a command, with the same words and the same answers as the panel.

With ``--json`` exactly one JSON document goes to standard output; progress and words go to standard error. An error is
one document ``{"error": {"code", "message", "hint"}}`` and an exit code by family.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from keys_jupyter.cli import (
    authoring,
    catalog,
    evidence,
    incidents,
    installs,
    marketplace,
    runbooks,
    runs,
)
from keys_jupyter.cli.printing import document, plain
from keys_jupyter.errors import KeysError

if TYPE_CHECKING:
    from keys_jupyter.cli.printing import Command, Commands

# Rooms whose commands stand alone, and rooms whose commands are verbs of a group.
_PLAIN = (catalog, marketplace, installs)
_GROUPED = (runs, runbooks, incidents, evidence)
_ROOMS = (*_PLAIN, *_GROUPED)
EXAMPLES = {
    name: example for room in (*_ROOMS, authoring) for name, example in room.EXAMPLES.items()
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 done, 1 a run or check failed, 2 wrong input, 3 not available, 4 network, 5 integrity, 130 interrupted.
    """
    parsed = parser().parse_args(arguments)
    try:
        return _run(parsed)
    except KeysError as error:
        return _fail(parsed, error)
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return 130
    except BrokenPipeError:
        # The reader went away, as in `… | head`; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    top = argparse.ArgumentParser(
        prog="jupyter keys", description="Keys for Jupyter on the command line."
    )
    top.add_argument("--version", action="version", version=_version())
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for room in _PLAIN:
        room.add_commands(commands, _add)
    for grouped in _GROUPED:
        grouped.add_commands(commands, _add, _group)
    authoring.add_library(_group(commands, "library", "write keys and runbooks"), _add)
    return top


def _sentence(does: str) -> str:
    return f"{does[0].upper()}{does[1:]}."


def _group(commands: Commands, name: str, does: str) -> Commands:
    group = commands.add_parser(name, help=does, description=_sentence(does))
    return group.add_subparsers(dest="verb", required=True, metavar="VERB")


def _add(commands: Commands, name: str, does: str, *, group: str = "") -> argparse.ArgumentParser:
    full = f"{group} {name}".strip()
    command = commands.add_parser(
        name, help=does, description=_sentence(does), epilog=f"Example: {EXAMPLES[full]}"
    )
    command.add_argument(
        "--json", action="store_true", help="exactly one JSON document on standard output"
    )
    command.add_argument(
        "--workspace",
        type=Path,
        metavar="DIR",
        help="another workspace than the one found from here",
    )
    command.set_defaults(full=full)
    return command


def _run(parsed: argparse.Namespace) -> int:
    if parsed.full in authoring.COMMANDS:
        return authoring.COMMANDS[parsed.full](parsed)
    from keys_jupyter.cli.surroundings import opened

    commands: dict[str, Command] = {}
    for room in _ROOMS:
        commands |= room.COMMANDS
    with opened(parsed.workspace) as desk:
        return commands[parsed.full](desk, parsed)


def _fail(parsed: argparse.Namespace, error: KeysError) -> int:
    if parsed.json:
        fault = {"code": error.code, "message": error.message, "hint": error.hint}
        sys.stdout.write(document({"error": fault}) + "\n")
    else:
        sys.stderr.write(plain(f"{error.message}\n{error.hint}".rstrip("\n")) + "\n")
    return error.exit_code


def _version() -> str:
    from keys_jupyter.places import version

    return version()
