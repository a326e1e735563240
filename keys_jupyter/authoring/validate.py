"""A key, a runbook or a whole library in, every problem out, with file, line and code.

Nothing is run, nothing is written, and the network is not asked.

    >>> validate(Path("library")).ok
    True
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from keys_jupyter.authoring.conditions import known_results
from keys_jupyter.authoring.keys import check_key
from keys_jupyter.authoring.lint import Page
from keys_jupyter.authoring.report import Findings, Problem, Report, joined
from keys_jupyter.authoring.runbooks import Neighbours, check_runbook, check_text
from keys_jupyter.errors import InputError

__all__ = ["Problem", "Report", "joined", "lint_runbook", "validate"]

KEYS, RUNBOOKS, MODULES = "jupyter-keys", "runbook-keys", "modules"


def validate(path: Path) -> Report:
    """Check a key's folder, a runbook's folder or a library's folder.

    A key or runbook that lies in a library is checked against that library.

    Raises:
        InputError: ``NOTHING_TO_VALIDATE`` where the path is none of these.
    """
    findings = Findings()
    shown = path.as_posix()
    folder = path.resolve()
    if _is_key(folder):
        check_key(folder, shown, folder.parent.parent / MODULES, findings)
    elif _is_runbook(folder):
        check_runbook(folder, shown, _around(folder), findings)
    elif (folder / KEYS).is_dir() or (folder / RUNBOOKS).is_dir():
        _library(folder, shown, findings)
    elif not folder.exists():
        raise InputError(
            "NOTHING_TO_VALIDATE",
            f"There is no {shown!a} here.",
            "Name a key's, a runbook's or a library's folder; a slug is found in the library one stands in.",
        )
    else:
        raise InputError(
            "NOTHING_TO_VALIDATE",
            f"{shown!a} holds neither a key (key.json), nor a runbook (pack.json), nor a library"
            f" ({KEYS}/, {RUNBOOKS}/).",
            "Name such a folder.",
        )
    return findings.report()


def lint_runbook(path: Path) -> Report:
    """Check a runbook: its folder, its README.md, or any Markdown file that is to be one.

    Raises:
        InputError: ``NOTHING_TO_LINT`` where the path is none of these or is not UTF-8 text.
    """
    folder = path.parent if path.name == "README.md" else path
    if _is_runbook(folder.resolve()):
        return validate(folder)
    if path.suffix.lower() not in (".md", ".markdown") or not path.is_file():
        raise InputError(
            "NOTHING_TO_LINT",
            f"{path.as_posix()!a} is neither a runbook's folder nor a Markdown file.",
            "Name a folder with pack.json and README.md, or a .md file.",
        )
    try:
        source = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            "NOTHING_TO_LINT", f"{path.as_posix()!a} is not UTF-8 text.", "Save it as UTF-8."
        ) from error
    findings = Findings()
    check_text(Page(path.as_posix(), source), findings)
    return findings.report()


def _is_key(folder: Path) -> bool:
    return (folder / "key.json").is_file() or (folder.parent.name == KEYS and folder.is_dir())


def _is_runbook(folder: Path) -> bool:
    return (folder / "pack.json").is_file() or (folder.parent.name == RUNBOOKS and folder.is_dir())


def _library(folder: Path, shown: str, findings: Findings) -> None:
    keys, runbooks = _folders(folder / KEYS), _folders(folder / RUNBOOKS)
    if not keys and not runbooks:
        findings.problem(shown, 1, "LIBRARY_EMPTY", f"There is no key in {KEYS}/ or {RUNBOOKS}/.")
    neighbours = _neighbours(keys, runbooks)
    for key in keys:
        check_key(key, f"{shown}/{KEYS}/{key.name}", folder / MODULES, findings)
    for runbook in runbooks:
        where = f"{shown}/{RUNBOOKS}/{runbook.name}"
        check_runbook(runbook, where, neighbours, findings)
        if runbook.name in {key.name for key in keys}:
            said = "A key has this slug, too; each is used once in a library."
            findings.problem(where, 1, "SLUG_TWICE", said)


def _around(folder: Path) -> Neighbours | None:
    """Return the library a runbook lies in; None where it stands alone."""
    if folder.parent.name != RUNBOOKS:
        return None
    library = folder.parent.parent
    return _neighbours(_folders(library / KEYS), _folders(library / RUNBOOKS))


def _neighbours(keys: Sequence[Path], runbooks: Sequence[Path]) -> Neighbours:
    titles = {path.name: _title(path / "pack.json") for path in runbooks}
    results = {path.name: known_results(path) for path in keys}
    return Neighbours(frozenset(results), titles, results)


def _title(path: Path) -> str:
    try:
        stated = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return ""
    title = stated.get("title") if isinstance(stated, dict) else None
    return title if isinstance(title, str) else ""


def _folders(parent: Path) -> list[Path]:
    found = parent.iterdir() if parent.is_dir() else iter(())
    return sorted(path for path in found if path.is_dir() and not path.name.startswith("."))
