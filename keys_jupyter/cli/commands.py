"""One function a command: parse what is left to parse, make one call, print the answer."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from keys_jupyter import parameters
from keys_jupyter.cli import words
from keys_jupyter.cli.surroundings import Desk
from keys_jupyter.errors import InputError
from keys_jupyter.model.catalog import KeyRow
from keys_jupyter.model.incident import Act, OpenRequest
from keys_jupyter.model.run import Run, RunRequest

Command = Callable[[Desk, argparse.Namespace], int]


def _print(parsed: argparse.Namespace, reply: BaseModel | dict[str, Any], text: str) -> int:
    """Print the one JSON document, or the words."""
    if parsed.json:
        data = reply.model_dump(mode="json") if isinstance(reply, BaseModel) else reply
        sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write(text.rstrip("\n") + "\n")
    return 0


def catalog(desk: Desk, parsed: argparse.Namespace) -> int:
    """List keys by the filters given."""
    found = desk.service.catalog()
    keys = [row for row in found.keys if _wanted(row, parsed)]
    reply = found.model_copy(update={"keys": keys})
    for problem in found.problems:
        sys.stderr.write(f"{problem.message}\n{problem.hint}\n")
    return _print(parsed, reply, words.keys(keys))


def _wanted(row: KeyRow, parsed: argparse.Namespace) -> bool:
    same = all(
        getattr(parsed, name) in (None, getattr(row, name))
        for name in ("kind", "category", "maturity", "outcome")
    )
    return (
        same
        and (not parsed.installed or bool(row.installed))
        and (not parsed.entitled or row.entitled)
        and (not parsed.updates or row.update is not None)
        and _says(row, parsed.search)
    )


def _says(row: KeyRow, text: str | None) -> bool:
    content = " ".join([row.slug, row.title, row.description, *row.tags]).casefold()
    return all(word in content for word in (text or "").casefold().split())


def info(desk: Desk, parsed: argparse.Namespace) -> int:
    """Show one key."""
    detail = desk.service.key(parsed.slug)
    return _print(parsed, detail, words.detail(detail))


def install(desk: Desk, parsed: argparse.Namespace) -> int:
    """Install one key."""
    slug, _, version = parsed.slug.partition("@")
    done = desk.service.install(slug, version or None)
    return _print(parsed, done, words.installed(done))


def installed(desk: Desk, parsed: argparse.Namespace) -> int:
    """List what is installed."""
    rows = desk.service.installed()
    return _print(parsed, rows, words.installs(rows))


def takes(desk: Desk, parsed: argparse.Namespace) -> int:
    """Show what a notebook takes."""
    slug, _, version = parsed.target.partition("@")
    reply = desk.service.parameters(_notebook(desk, slug), version or None)
    shown = reply.model_dump(mode="json")
    shown["schema"] = shown.pop("json_schema")
    return _print(parsed, shown, words.parameters(reply))


def _notebook(desk: Desk, name: str) -> str:
    """Name a notebook from the workspace's root, as the service does, where the person named it from here."""
    return desk.service.from_workspace(desk.here / name) if name.endswith(".ipynb") else name


def run(desk: Desk, parsed: argparse.Namespace) -> int:
    """Run a key and wait for its end."""
    key, _, version = parsed.target.partition("@")
    target = _notebook(desk, key)
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
    started = desk.service.start_run(request, folder=desk.here, texts=texts)
    ended, interrupted = _wait(desk, started)
    _print(parsed, ended, words.run(ended))
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
    return {**document, **desk.service.typed(target, version, given)}, False


def _wait(desk: Desk, run: Run) -> tuple[Run, bool]:
    """Follow a run to its kept outcome; the first Ctrl-C cancels it, and its end is still recorded."""
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
        while not desk.service.settled(run.id):
            desk.bell.wait(0.5)
            desk.bell.clear()
            if asked and not told:
                told = True
                desk.service.cancel(run.id)
            progress.show(desk.service.run(run.id))
        progress.show(desk.service.run(run.id))
    finally:
        signal.signal(signal.SIGINT, before)
        progress.end()
    return desk.service.run(run.id), asked


def runs_list(desk: Desk, parsed: argparse.Namespace) -> int:
    """List runs."""
    reply = desk.service.runs()
    return _print(parsed, reply, words.runs(reply.runs))


def runs_show(desk: Desk, parsed: argparse.Namespace) -> int:
    """Show one run."""
    reply = desk.service.run(parsed.id)
    return _print(parsed, reply, words.run(reply))


def runbook_list(desk: Desk, parsed: argparse.Namespace) -> int:
    """List runbooks."""
    rows = [
        row
        for row in desk.service.catalog().keys
        if row.kind == "runbook" and _says(row, parsed.find)
    ]
    slugs = {row.slug for row in rows}
    reply = desk.service.runbooks()
    reply = reply.model_copy(update={"runbooks": [r for r in reply.runbooks if r.slug in slugs]})
    return _print(parsed, reply, words.keys(rows))


def runbook_show(desk: Desk, parsed: argparse.Namespace) -> int:
    """Show one runbook."""
    name = parsed.name
    if "/" in name or name.endswith(".md"):
        name = "./" + desk.service.from_workspace(desk.here / name)
    reply = desk.service.runbook(name)
    return _print(parsed, reply, words.runbook(reply))


def incident_open(desk: Desk, parsed: argparse.Namespace) -> int:
    """Open an incident."""
    reply = desk.service.open_incident(
        OpenRequest(runbook=parsed.runbook, rehearsal=parsed.rehearsal)
    )
    return _print(parsed, reply, words.incident(reply))


def incident_list(desk: Desk, parsed: argparse.Namespace) -> int:
    """List incidents."""
    reply = desk.service.incidents()
    return _print(parsed, reply, words.incidents(reply.incidents))


def incident_show(desk: Desk, parsed: argparse.Namespace) -> int:
    """Show an incident."""
    reply = desk.service.incident(parsed.id)
    return _print(parsed, reply, words.incident(reply))


def incident_timeline(desk: Desk, parsed: argparse.Namespace) -> int:
    """Show an incident's records."""
    reply = desk.service.timeline(parsed.id)
    return _print(parsed, reply, words.timeline(reply))


def incident_step(desk: Desk, parsed: argparse.Namespace) -> int:
    """Record what was done in a step."""
    act = Act(type=f"step.{parsed.mark}", step=parsed.step, text=parsed.text)
    reply = desk.service.act(parsed.id, act)
    return _print(parsed, reply, words.incident(reply))


def incident_branch(desk: Desk, parsed: argparse.Namespace) -> int:
    """Record which branch was taken."""
    if parsed.branch < 1:
        raise InputError(
            "UNKNOWN_BRANCH", "Branches are counted from 1.", "Look at the step again."
        )
    act = Act(type="branch.taken", step=parsed.step, branch=parsed.branch - 1)
    reply = desk.service.act(parsed.id, act)
    return _print(parsed, reply, words.incident(reply))


def evidence_list(desk: Desk, parsed: argparse.Namespace) -> int:
    """List what is kept under an incident."""
    reply = desk.service.evidence(parsed.id)
    return _print(parsed, reply, words.evidence(reply.evidence))


COMMANDS: dict[str, Command] = {
    "catalog": catalog,
    "info": info,
    "install": install,
    "installed": installed,
    "parameters": takes,
    "run": run,
    "runs list": runs_list,
    "runs show": runs_show,
    "runbook list": runbook_list,
    "runbook show": runbook_show,
    "incident open": incident_open,
    "incident list": incident_list,
    "incident show": incident_show,
    "incident timeline": incident_timeline,
    "incident step": incident_step,
    "incident branch": incident_branch,
    "evidence list": evidence_list,
}
