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

if TYPE_CHECKING:
    from keys_jupyter.authoring.report import Report

    Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
    Add: TypeAlias = Callable[..., argparse.ArgumentParser]

EXAMPLES = {
    "library new": "jupyter keys library new runbook order-service-failure --type incident",
    "library validate": "jupyter keys library validate my-library --json",
    "library build": "jupyter keys library build my-library -o built-library --against released",
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
    "runbook lint": lint,
}
