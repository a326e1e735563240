"""``jupyter keys``: every use case as a command, with the same words and the same answers as the panel.

With ``--json`` exactly one JSON document goes to standard output; progress and words go to standard error. An error is
one document ``{"error": {"code", "message", "hint"}}`` and an exit code by family.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from keys_jupyter.cli import authoring
from keys_jupyter.errors import KeysError

if TYPE_CHECKING:
    _Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

EXAMPLES = {
    "catalog": "jupyter keys catalog --kind runbook",
    "info": "jupyter keys info stripe-webhook-failure",
    "install": "jupyter keys install jupyter-webhook-event-analysis",
    "installed": "jupyter keys installed --json",
    "parameters": "jupyter keys parameters jupyter-webhook-event-analysis",
    "run": "jupyter keys run jupyter-webhook-event-analysis -p input_csv logs.csv",
    "runs list": "jupyter keys runs list",
    "runs show": "jupyter keys runs show 4f1c22d0 --json",
    "runbook list": "jupyter keys runbook list",
    "runbook show": "jupyter keys runbook show stripe-webhook-failure",
    "incident open": "jupyter keys incident open stripe-webhook-failure --rehearsal",
    "incident list": "jupyter keys incident list",
    "incident show": "jupyter keys incident show 1",
    "incident timeline": "jupyter keys incident timeline 1",
    "incident step": 'jupyter keys incident step 1 safety-1 skipped --text "no deploy is running"',
    "incident branch": "jupyter keys incident branch 1 diagnosis-3 1",
    "evidence list": "jupyter keys evidence list 1",
    **authoring.EXAMPLES,
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
    _catalog_commands(commands)
    _run_commands(commands)
    _runbook_commands(commands)
    _incident_commands(commands)
    authoring.add_library(_group(commands, "library", "write keys and runbooks"), _add)
    return top


def _catalog_commands(commands: _Commands) -> None:
    catalog = _add(commands, "catalog", "list the keys of all sources")
    for name in ("kind", "category", "maturity", "outcome"):
        catalog.add_argument(f"--{name}", metavar=name[0].upper(), help=f"only this {name}")
    catalog.add_argument("--search", metavar="TEXT", help="only keys with these words")
    for name in ("installed", "entitled", "updates"):
        catalog.add_argument(f"--{name}", action="store_true", help=f"only keys with: {name}")
    _add(commands, "info", "show one key whole").add_argument("slug", metavar="SLUG")
    install = _add(commands, "install", "verify a key and unpack it into the workspace")
    install.add_argument("slug", metavar="SLUG[@VERSION]")
    _add(commands, "installed", "list what is installed in this workspace")
    takes = _add(commands, "parameters", "show what a notebook takes")
    takes.add_argument("target", metavar="SLUG|NOTEBOOK")


def _run_commands(commands: _Commands) -> None:
    run = _add(commands, "run", "run a key headless, in a folder of its own")
    run.add_argument("target", metavar="SLUG[@VERSION]|NOTEBOOK")
    run.add_argument(
        "-p",
        dest="values",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        help="one parameter; may be repeated",
    )
    run.add_argument(
        "-f", dest="file", type=Path, metavar="FILE", help="parameters from a YAML or JSON file"
    )
    run.add_argument(
        "--set-null",
        action="append",
        default=[],
        metavar="NAME",
        help="set an optional parameter to nothing",
    )
    run.add_argument("--timeout", type=float, metavar="S", help="seconds for the whole run")
    run.add_argument("--cell-timeout", type=float, metavar="S", help="seconds for each cell")
    run.add_argument("--kernel", metavar="NAME", help="another kernel than the notebook names")
    run.add_argument("--incident", metavar="ID", help="the incident this run belongs to")
    run.add_argument("--step", metavar="STEP", help="the step that calls it")
    runs = _group(commands, "runs", "look at runs")
    _add(runs, "list", "list runs, newest first", group="runs")
    _add(runs, "show", "show one run with every cell", group="runs").add_argument(
        "id", metavar="ID"
    )


def _runbook_commands(commands: _Commands) -> None:
    runbook = _group(commands, "runbook", "read runbooks")
    listing = _add(runbook, "list", "list the runbooks", group="runbook")
    listing.add_argument("--find", metavar="TEXT", help="only runbooks with these words")
    show = _add(runbook, "show", "show one runbook", group="runbook")
    show.add_argument("name", metavar="SLUG|PATH")
    authoring.add_lint(runbook, _add)


def _incident_commands(commands: _Commands) -> None:
    incident = _group(commands, "incident", "work an incident")
    opening = _add(incident, "open", "open an incident on a runbook", group="incident")
    opening.add_argument("runbook", metavar="RUNBOOK")
    opening.add_argument(
        "--rehearsal", action="store_true", help="mark every record as a rehearsal"
    )
    _add(incident, "list", "list incidents, newest first", group="incident")
    for name, does in (
        ("show", "show an incident as it stands"),
        ("timeline", "show its records in order"),
    ):
        _add(incident, name, does, group="incident").add_argument("id", metavar="ID")
    step = _add(incident, "step", "record what was done in a step", group="incident")
    step.add_argument("id", metavar="ID")
    step.add_argument("step", metavar="STEP")
    step.add_argument("mark", choices=["done", "failed", "skipped", "note"])
    step.add_argument("--text", default="", help="the reason or the note")
    branch = _add(incident, "branch", "record which branch was taken", group="incident")
    branch.add_argument("id", metavar="ID")
    branch.add_argument("step", metavar="STEP")
    branch.add_argument("branch", type=int, metavar="N", help="counted from 1")
    evidence = _group(commands, "evidence", "look at evidence")
    _add(evidence, "list", "list what is kept under an incident", group="evidence").add_argument(
        "id", metavar="ID"
    )


def _group(commands: _Commands, name: str, does: str) -> _Commands:
    group = commands.add_parser(name, help=does, description=does.capitalize() + ".")
    return group.add_subparsers(dest="verb", required=True, metavar="VERB")


def _add(commands: _Commands, name: str, does: str, *, group: str = "") -> argparse.ArgumentParser:
    full = f"{group} {name}".strip()
    command = commands.add_parser(
        name, help=does, description=does.capitalize() + ".", epilog=f"Example: {EXAMPLES[full]}"
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
    from keys_jupyter.cli.commands import COMMANDS
    from keys_jupyter.cli.surroundings import opened

    with opened(parsed.workspace) as desk:
        return COMMANDS[parsed.full](desk, parsed)


def _fail(parsed: argparse.Namespace, error: KeysError) -> int:
    if parsed.json:
        fault = {"code": error.code, "message": error.message, "hint": error.hint}
        sys.stdout.write(json.dumps({"error": fault}, ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stderr.write(f"{error.message}\n{error.hint}\n".rstrip("\n") + "\n")
    return error.exit_code


def _version() -> str:
    from keys_jupyter.places import version

    return version()
