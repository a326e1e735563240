"""``run`` and ``runs …``: running a key headless, and what ran.

Not here: what the use cases do. Each function parses what is left to parse, makes one call and prints the answer.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keys_jupyter.cli.printing import answer, notebook
from keys_jupyter.errors import InputError

if TYPE_CHECKING:
    from keys_jupyter.cli.printing import Add, Command, Commands, Group
    from keys_jupyter.cli.surroundings import Desk
    from keys_jupyter.model.run import Run


EXAMPLES = {
    "run": "jupyter keys run jupyter-webhook-event-analysis -p input_csv logs.csv",
    "runs list": "jupyter keys runs list",
    "runs show": "jupyter keys runs show 4f1c22d0 --json",
}


def add_commands(commands: Commands, add: Add, group: Group) -> None:
    """Add the commands of this room."""
    run = add(commands, "run", "run a key headless, in a folder of its own")
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
    runs = group(commands, "runs", "look at runs")
    add(runs, "list", "list runs, newest first", group="runs")
    add(runs, "show", "show one run with every cell", group="runs").add_argument("id", metavar="ID")


def run(desk: Desk, parsed: argparse.Namespace) -> int:
    """Run a key and wait for its end."""
    from keys_jupyter.cli import words
    from keys_jupyter.model.run import RunRequest

    key, _, version = parsed.target.partition("@")
    target = notebook(desk, key)
    values, texts = _values(desk, target, version or None, parsed)
    request = RunRequest(
        key=target,
        version=version or None,
        parameters=values,
        nulls=parsed.set_null,
        kernel=parsed.kernel,
        timeout=_positive("--timeout", parsed.timeout),
        cell_timeout=_positive("--cell-timeout", parsed.cell_timeout),
        incident=parsed.incident,
        step=parsed.step,
    )
    started = desk.service.runs.start(request, folder=desk.here, texts=texts)
    ended, interrupted = _wait(desk, started)
    answer(parsed, ended, words.run(ended))
    if interrupted:
        return 130
    return 0 if ended.state.value == "SUCCEEDED" else 1


def _positive(option: str, seconds: float | None) -> float | None:
    if seconds is not None and not 0 < seconds < float("inf"):
        raise InputError(
            "BAD_SECONDS", f"{option} needs seconds above zero.", f"For example {option} 60."
        )
    return seconds


def _values(
    desk: Desk, target: str, version: str | None, parsed: argparse.Namespace
) -> tuple[dict[str, Any], bool]:
    """Join the file's values, which are typed, with the command line's, which are texts."""
    from keys_jupyter import parameters

    given = dict(parsed.values)
    if not parsed.file:
        return given, True
    path = desk.here / parsed.file
    try:
        document = parameters.from_document(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "NO_PARAMETERS_FILE",
            f"The file {str(parsed.file)!a} cannot be read.",
            "Check its name.",
        ) from error
    return {**document, **desk.service.runs.typed(target, version, given)}, False


def _wait(desk: Desk, run: Run) -> tuple[Run, bool]:
    """Follow a run to its kept outcome; the first Ctrl-C cancels it, and its end is still recorded."""
    from keys_jupyter.cli import words

    progress = words.Progress(sys.stderr)
    asked = False

    def cancel(_signal: int, _frame: object) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        desk.bell.set()

    before = signal.signal(signal.SIGINT, cancel)
    told = False
    try:
        while not desk.service.runs.settled(run.id):
            desk.bell.wait(0.5)
            desk.bell.clear()
            if asked and not told:
                told = True
                desk.service.runs.cancel(run.id)
            progress.show(desk.service.runs.run(run.id))
        progress.show(desk.service.runs.run(run.id))
    finally:
        signal.signal(signal.SIGINT, before)
        progress.end()
    return desk.service.runs.run(run.id), asked


def runs_list(desk: Desk, parsed: argparse.Namespace) -> int:
    """List runs."""
    from keys_jupyter.cli import words

    reply = desk.service.runs.all()
    return answer(parsed, reply, words.runs(reply.runs))


def runs_show(desk: Desk, parsed: argparse.Namespace) -> int:
    """Show one run."""
    from keys_jupyter.cli import words

    reply = desk.service.runs.run(parsed.id)
    return answer(parsed, reply, words.run(reply))


COMMANDS: dict[str, Command] = {
    "run": run,
    "runs list": runs_list,
    "runs show": runs_show,
}
