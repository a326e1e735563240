"""``jupyter keys library …`` and ``runbook lint``: the tools of authors, which need no store and no workspace.

Not here: what the tools do. Each function parses what is left to parse, makes one call and prints the answer.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from keys_jupyter.cli import publishing

if TYPE_CHECKING:
    from keys_jupyter.authoring.rehearse import Rehearsal
    from keys_jupyter.authoring.report import Report

    Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
    Add: TypeAlias = Callable[..., argparse.ArgumentParser]

EXAMPLES = {
    "library new": "jupyter keys library new runbook order-service-failure --type incident",
    "library validate": "jupyter keys library validate my-library --json",
    "library build": "jupyter keys library build my-library -o built-library --against released",
    "library previews": "jupyter keys library previews my-library --only-old",
    "library publish": publishing.EXAMPLE,
    "library rehearse": "jupyter keys library rehearse stripe-webhook-failure",
    "runbook lint": "jupyter keys runbook lint my-library/runbook-keys/order-service-failure",
}
_TYPES = ("incident", "failure-mode", "decision", "recovery")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def add_library(library: Commands, add: Add) -> None:
    """Add the verbs of ``library`` to its group."""
    new = add(library, "new", "make a key or a runbook that already validates", group="library")
    new.add_argument("kind", choices=["key", "runbook"])
    new.add_argument("slug", metavar="SLUG", help="such as jupyter-order-analysis")
    new.add_argument(
        "--in",
        dest="folder",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="the library's folder; the current one when not given",
    )
    new.add_argument("--type", default="incident", choices=_TYPES, help="the type of a new runbook")
    checked = add(library, "validate", "check keys, runbooks or a whole library", group="library")
    checked.add_argument("paths", type=Path, nargs="+", metavar="PATH")
    built = add(
        library, "build", "write library.json and one zip for each version", group="library"
    )
    built.add_argument("folder", type=Path, metavar="DIR", help="the library as authors write it")
    built.add_argument(
        "-o", dest="out", type=Path, required=True, metavar="OUT", help="the folder to write to"
    )
    built.add_argument(
        "--against",
        type=Path,
        metavar="OLD",
        help="a library built before: a parameter or result that vanished since is an error",
    )
    previews = add(
        library,
        "previews",
        "run each key's notebook on its sample data and write preview.html beside it",
        group="library",
    )
    previews.add_argument("paths", type=Path, nargs="+", metavar="PATH", help="a key or a library")
    previews.add_argument(
        "--only-old",
        action="store_true",
        help="leave alone what is of the notebook, modules and samples as they are",
    )
    rehearsed = add(
        library,
        "rehearse",
        "run every key a runbook calls on its sample data, and judge its branches",
        group="library",
    )
    rehearsed.add_argument("runbook", metavar="RUNBOOK", help="a slug, or a folder in a library")
    publishing.add_publish(library, add)


def add_lint(runbook: Commands, add: Add) -> None:
    """Add ``lint`` to the group of runbooks."""
    lint = add(runbook, "lint", "check runbooks as a tired reader would", group="runbook")
    lint.add_argument(
        "paths", type=Path, nargs="+", metavar="PATH", help="a runbook's folder or a .md file"
    )


def new(parsed: argparse.Namespace) -> int:
    """Make a key or a runbook."""
    from keys_jupyter.authoring.scaffold import new_key, new_runbook

    if parsed.kind == "key":
        made = new_key(parsed.slug, parsed.folder)
    else:
        made = new_runbook(parsed.slug, parsed.folder, key_type=parsed.type)
    files = sorted(path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file())
    reply = {
        "slug": parsed.slug,
        "kind": parsed.kind,
        "path": made.as_posix(),
        "files": files,
    }
    listed = "\n".join(f"  {name}" for name in files)
    check = f"jupyter keys library validate {made.as_posix()}"
    return _print(parsed, reply, f"Made {made.as_posix()}:\n{listed}\nCheck it with: {check}")


def validate(parsed: argparse.Namespace) -> int:
    """Check keys, runbooks or libraries."""
    from keys_jupyter.authoring.validate import joined
    from keys_jupyter.authoring.validate import validate as check

    return _report(parsed, joined([check(_meant(path)) for path in parsed.paths]))


def lint(parsed: argparse.Namespace) -> int:
    """Check runbooks."""
    from keys_jupyter.authoring.validate import joined, lint_runbook

    return _report(parsed, joined([lint_runbook(_meant(path)) for path in parsed.paths]))


def build(parsed: argparse.Namespace) -> int:
    """Build a library."""
    from keys_jupyter.authoring.build import build as make

    index = make(parsed.folder, parsed.out, against=parsed.against)
    reply = {"path": parsed.out.as_posix(), "packs": index.packs}
    rows = [
        f"{row['kind']:8} {row['slug']} {row['version']} {row['sha256'][:12]}"
        for row in index.packs
    ]
    return _print(parsed, reply, "\n".join(rows))


def previews(parsed: argparse.Namespace) -> int:
    """Run notebooks and write their previews; each is told as soon as it is there."""
    from keys_jupyter.authoring.previews import make_previews

    rows = []
    for path in parsed.paths:
        for made in make_previews(_meant(path), only_old=parsed.only_old):
            rows.append({"slug": made.slug, "path": made.path.as_posix(), "size": made.size})
            rows[-1]["changed"] = made.changed
            state = "new" if made.changed else "unchanged"
            sys.stderr.write(f"{made.slug}: {made.size:,} bytes, {state}\n")
    count = f"{len(rows)} preview{'s' * (len(rows) != 1)} made."
    return _print(parsed, {"previews": rows}, count)


def rehearse(parsed: argparse.Namespace) -> int:
    """Rehearse a runbook; 1 when a run fails."""
    from keys_jupyter.authoring.rehearse import RehearsedKey
    from keys_jupyter.authoring.rehearse import rehearse as run_all

    def told(key: RehearsedKey) -> None:
        took = f" in {key.seconds:g} s" if key.seconds is not None else ""
        sys.stderr.write(f"{key.key}: {key.state}{took}\n")

    done = run_all(parsed.runbook, here=Path.cwd(), on_run=told)
    _print(parsed, done.model_dump(mode="json"), rehearsal_text(done))
    return 0 if done.ok else 1


def rehearsal_text(done: Rehearsal) -> str:
    """Return a rehearsal as a person reads it: each step, its runs, and its branches with reasons."""
    if not done.steps:
        return "No step of this runbook calls a key, so nothing was run."
    marks = {True: "true", False: "false", None: "open"}
    lines = []
    for step in done.steps:
        lines.append(f"{step.step} {step.title}")
        for key in step.keys:
            why = f": {key.reason}" if key.state != "SUCCEEDED" else ""
            named = f"{key.key} {key.version}".rstrip()
            lines.append(f"  {named} {key.state}{why}")
        for branch in step.branches:
            mark = "suggested" if branch.suggested else marks[branch.true]
            lines.append(f"  [{mark}] If {branch.condition} -> {branch.goto or branch.outcome}")
            lines.append(f"      {branch.reason}")
    ended = {key.key: key.state for step in done.steps for key in step.keys}
    failed = sum(state != "SUCCEEDED" for state in ended.values())
    several = f"{failed} keys" if failed > 1 else "1 key"
    lines.append("Every key ran to its end." if done.ok else f"{several} did not run to the end.")
    return "\n".join(lines)


def _meant(path: Path) -> Path:
    """Take a bare slug for the key or runbook of that name in the library one stands in."""
    if not path.exists() and _SLUG.fullmatch(str(path)):
        for kind in ("jupyter-keys", "runbook-keys"):
            if (Path(kind) / path).is_dir():
                return Path(kind) / path
    return path


def _report(parsed: argparse.Namespace, report: Report) -> int:
    lines = [f"{one.path}:{one.line}: {one.message} [{one.code}]" for one in report.problems]
    lines += [f"{one.path}:{one.line}: note: {one.message}" for one in report.notes]
    count = len(report.problems)
    lines.append("No problems." if report.ok else f"{count} problem{'s' * (count > 1)}.")
    _print(parsed, report.model_dump(mode="json"), "\n".join(lines))
    return 0 if report.ok else 1


def _print(parsed: argparse.Namespace, reply: dict[str, Any], text: str) -> int:
    if parsed.json:
        text = json.dumps(reply, ensure_ascii=False, indent=1)
    sys.stdout.write(text + "\n")
    return 0


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "library new": new,
    "library validate": validate,
    "library build": build,
    "library previews": previews,
    "library publish": publishing.publish,
    "library rehearse": rehearse,
    "runbook lint": lint,
}
