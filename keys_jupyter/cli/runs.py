"""``run`` and ``runs …``: running a key, what ran, ending and repeating it.

Not here: what the use cases do. Each function parses what is left to parse, makes one call and prints the answer.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from keys_jupyter.cli import run_options
from keys_jupyter.cli.interrupts import LOOK_SECONDS, Asked
from keys_jupyter.cli.printing import answer, notebook
from keys_jupyter.errors import InputError

if TYPE_CHECKING:
    from keys_jupyter.cli.printing import Add, Command, Commands, Group
    from keys_jupyter.cli.surroundings import Desk
    from keys_jupyter.model.run import Run, RunRequest


EXAMPLES = {
    "run": "jupyter keys run jupyter-webhook-event-analysis -p input_csv logs.csv",
    "runs list": "jupyter keys runs list",
    "runs show": "jupyter keys runs show 4f1c22d0 --json",
    "runs cancel": "jupyter keys runs cancel 4f1c22d0",
    "runs rerun": "jupyter keys runs rerun 4f1c22d0 -p limit 20",
    "runs collect": "jupyter keys runs collect 4f1c22d0",
}


def add_commands(commands: Commands, add: Add, group: Group) -> None:
    """Add the commands of this room."""
    run = add(commands, "run", "run a key headless, in a folder of its own")
    run.add_argument("target", metavar="SLUG[@VERSION]|NOTEBOOK")
    run_options.add_values(run)
    run.add_argument("--timeout", type=float, metavar="S", help="seconds for the whole run")
    run.add_argument("--cell-timeout", type=float, metavar="S", help="seconds for each cell")
    run.add_argument("--kernel", metavar="NAME", help="another kernel than the notebook names")
    run.add_argument("--incident", metavar="ID", help="the incident this run belongs to")
    run.add_argument("--step", metavar="STEP", help="the step that calls it")
    run.add_argument(
        "--interactive",
        action="store_true",
        help="prepare the notebook for you to run in JupyterLab; nothing is run here",
    )
    runs = group(commands, "runs", "look at runs, end and repeat them")
    listed = add(runs, "list", "list runs, newest first", group="runs")
    listed.add_argument("--key", metavar="SLUG", help="only runs of this key")
    listed.add_argument("--incident", metavar="ID", help="only runs of this incident")
    for name, does in (
        ("show", "show one run with every cell"),
        ("cancel", "end a run, whichever server or command runs it"),
        ("rerun", "run the same once more, with the same or other values"),
        ("collect", "end a run that you ran in JupyterLab with what its notebook shows"),
    ):
        one = add(runs, name, does, group="runs")
        one.add_argument("id", metavar="ID")
        if name == "rerun":
            run_options.add_values(one)


def run(desk: Desk, parsed: argparse.Namespace) -> int:
    """Run a key and wait for its end, or prepare it for a person."""
    from keys_jupyter.model.run import RunRequest

    key, _, version = parsed.target.partition("@")
    target = notebook(desk, key)
    values, texts = run_options.values(desk, target, version or None, parsed)
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
        mode="interactive" if parsed.interactive else "headless",
        secrets=run_options.secrets(desk, parsed),
    )
    return _followed(desk, parsed, desk.service.runs.start(request, folder=desk.here, texts=texts))


def _positive(option: str, seconds: float | None) -> float | None:
    if seconds is not None and not 0 < seconds < float("inf"):
        raise InputError(
            "BAD_SECONDS", f"{option} needs seconds above zero.", f"For example {option} 60."
        )
    return seconds


def _followed(desk: Desk, parsed: argparse.Namespace, started: Run) -> int:
    """Wait for a run's end and answer it; a run that a person runs is answered as it is prepared."""
    from keys_jupyter.cli import run_words

    if started.mode == "interactive":
        return answer(parsed, started, run_words.prepared(started))
    ended, interrupted = _wait(desk, started)
    answer(parsed, ended, run_words.run(ended))
    if interrupted:
        return 130
    return 0 if ended.state.value == "SUCCEEDED" else 1


def _wait(desk: Desk, run: Run) -> tuple[Run, bool]:
    """Follow a run to its kept outcome; the first Ctrl-C cancels it, and its end is still recorded."""
    from keys_jupyter.cli import run_words

    progress = run_words.Progress(sys.stderr)
    asked, told = Asked(), False
    try:
        with asked.listening():
            while not desk.service.runs.settled(run.id):
                desk.bell.wait(LOOK_SECONDS)
                desk.bell.clear()
                if asked.to_stop and not told:
                    told = True
                    desk.service.runs.cancel(run.id)
                progress.show(desk.service.runs.run(run.id))
            progress.show(desk.service.runs.run(run.id))
    finally:
        progress.end()
    return desk.service.runs.run(run.id), asked.to_stop


def runs_list(desk: Desk, parsed: argparse.Namespace) -> int:
    """List runs."""
    from keys_jupyter.cli import run_words

    reply = desk.service.runs.all(incident=parsed.incident, key=parsed.key)
    return answer(parsed, reply, run_words.runs(reply.runs))


def runs_show(desk: Desk, parsed: argparse.Namespace) -> int:
    """Show one run."""
    from keys_jupyter.cli import run_words

    reply = desk.service.runs.run(parsed.id)
    return answer(parsed, reply, run_words.run(reply))


def runs_cancel(desk: Desk, parsed: argparse.Namespace) -> int:
    """End a run and wait until it has ended."""
    from keys_jupyter.cli import run_words

    asked = desk.service.runs.cancel(parsed.id)
    ended, _ = _wait(desk, asked)
    return answer(parsed, ended, run_words.run(ended))


def runs_rerun(desk: Desk, parsed: argparse.Namespace) -> int:
    """Run the same once more."""
    request = desk.service.runs.again(parsed.id)
    given = _given_again(desk, request, parsed)
    secrets = run_options.secrets(desk, parsed)
    missing = set(desk.service.runs.secret_names(parsed.id)) - set(secrets)
    if missing and request.mode == "headless":
        name = sorted(missing)[0]
        raise InputError(
            "SECRET_NEEDED",
            f"The run had the secret `{name}`, which nobody kept.",
            f"Give it again with --secret {name}.",
        )
    nulls = [name for name in request.nulls if name not in given] + parsed.set_null
    kept = {name: of for name, of in request.parameters.items() if name not in parsed.set_null}
    changed = {"parameters": {**kept, **given}, "nulls": nulls, "secrets": secrets}
    return _followed(desk, parsed, desk.service.runs.start(request.model_copy(update=changed)))


def _given_again(desk: Desk, request: RunRequest, parsed: argparse.Namespace) -> dict[str, Any]:
    """Return the values given now: typed, and files named from where the person is."""
    values, texts = run_options.values(desk, request.key, request.version, parsed)
    if texts:
        values = run_options.typed(desk, request.key, request.version, values)
    takes = desk.service.runs.parameters(request.key, request.version).parameters
    files = {parameter.name for parameter in takes if parameter.file}
    return {
        name: str(desk.here / str(value)) if name in files and value is not None else value
        for name, value in values.items()
    }


def runs_collect(desk: Desk, parsed: argparse.Namespace) -> int:
    """End a run that a person ran."""
    from keys_jupyter.cli import run_words

    reply = desk.service.runs.collect(parsed.id)
    answer(parsed, reply, run_words.run(reply))
    return 0 if reply.state.value == "SUCCEEDED" else 1


COMMANDS: dict[str, Command] = {
    "run": run,
    "runs list": runs_list,
    "runs show": runs_show,
    "runs cancel": runs_cancel,
    "runs rerun": runs_rerun,
    "runs collect": runs_collect,
}
