"""One key's folder in, everything out that keeps it from being installed, understood and run anywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath

from keys_jupyter.authoring.notebooks import Notebook, check_notebook
from keys_jupyter.authoring.packs import (
    check_files,
    check_packs,
    check_stated,
    listed,
    read,
    shared_modules,
)
from keys_jupyter.authoring.positions import line_at, lines_of
from keys_jupyter.authoring.previews.check import check_preview
from keys_jupyter.authoring.report import Findings
from keys_jupyter.authoring.schema import KeySchema, check_metadata
from keys_jupyter.model.pack import KeyMetadata
from keys_jupyter.model.parameters import Parameter

REQUIRED = ("key.json", "README.md", "CHANGELOG.md", "LICENSE.txt", "requirements.txt")
_PREFIX = "jupyter-"
_SECRET = re.compile(
    r"(?:^|_)(?:passw(?:or)?d|secret|(?:api|access|auth|bearer)_?token|token|api_?key|private_key"
    r"|access_key|database_url|dsn|connection_string)$",
    re.I,
)
_REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(?P<range>[^;#@]*)(?:;[^#]*)?(?:#.*)?"
)
_LOWER = re.compile(r"(?:>=|>|==|~=)\s*[\w.*+!-]+")
_UPPER = re.compile(r"(?:<=|<|==|~=)\s*[\w.*+!-]+")


def check_key(folder: Path, shown: str, modules: Path, findings: Findings) -> KeyMetadata | None:
    """Check one key.

    Args:
        folder: the key as its author keeps it.
        shown: how problems name the folder.
        modules: where the library keeps what several keys use.
        findings: takes every problem.

    Returns:
        What key.json says, where it could be read.
    """
    before = len(findings)
    files = listed(folder, shown, findings)
    if files is None:
        return None
    check_files(files, REQUIRED, shown, findings)
    text = read(files["key.json"], f"{shown}/key.json", findings) if "key.json" in files else None
    if text is None:
        return None
    metadata = check_metadata(f"{shown}/key.json", text, KeySchema, findings)
    if not isinstance(metadata, KeyMetadata):
        return None
    check_stated(metadata, files, shown, (folder.name, "key.json"), findings)
    if not metadata.slug.startswith(_PREFIX):
        said = f"Runbooks can name only keys whose slug begins with {_PREFIX}."
        findings.note(f"{shown}/key.json", 1, "SLUG_PREFIX", said)
    shared = shared_modules(folder, metadata, modules, shown, findings)
    _notebooks(files, metadata, text, shown, findings)
    if "requirements.txt" in files:
        _requirements(files["requirements.txt"], f"{shown}/requirements.txt", findings)
    check_preview(folder, metadata, {**files, **shared}, shown, findings)
    if len(findings) == before:
        check_packs(folder, metadata, shared, shown, findings)
    return metadata


def _notebooks(
    files: Mapping[str, Path], metadata: KeyMetadata, text: str, shown: str, findings: Findings
) -> None:
    path = f"{shown}/key.json"
    lines = lines_of(text)
    names = sorted(name for name in files if name.casefold().endswith(".ipynb"))
    if not names:
        said = "There is no notebook; it belongs into notebooks/."
        findings.problem(f"{shown}/notebooks", 1, "NO_NOTEBOOK", said)
        return
    if metadata.entry is not None and metadata.entry not in names:
        said = f"entry names {metadata.entry!a}, which is no notebook of this key."
        findings.problem(path, line_at(lines, ("entry",)), "ENTRY_MISSING", said)
    elif metadata.entry is None and len(names) > 1:
        said = f"There are {len(names)} notebooks: entry must name the one that is run."
        findings.problem(path, 1, "ENTRY_MISSING", said)
    declared: set[str] = set()
    for name in names:
        source = read(files[name], f"{shown}/{name}", findings)
        if source is None:
            continue
        book = check_notebook(f"{shown}/{name}", source, metadata.parameters, findings)
        if book:
            declared |= {one.name for one in book.parameters}
            _declared(book, files, findings)
    for name in metadata.parameters if declared else ():
        if name not in declared:
            said = f"No notebook declares a parameter {name!a}; what is said of it does nothing."
            line = line_at(lines, ("parameters", name))
            findings.problem(path, line, "UNKNOWN_PARAMETER", said)


def _declared(book: Notebook, files: Mapping[str, Path], findings: Findings) -> None:
    folders = [one.name for one in book.parameters if one.output_folder]
    if len(folders) > 1:
        said = f"Several parameters are the output folder: {', '.join(folders)}."
        line = book.parameter_line(folders[1])
        findings.problem(book.path, line, "OUTPUT_FOLDER_TWICE", said)
    for one in book.parameters:
        line = book.parameter_line(one.name)
        if _SECRET.search(one.name) and not one.secret:
            said = f'`{one.name}` sounds like a secret; mark it `"secret": true` in key.json.'
            findings.problem(book.path, line, "SECRET_NOT_MARKED", said)
        if one.secret and not (one.required or _empty(book, one)):
            said = f"`{one.name}` is a secret and must not have a default."
            findings.problem(book.path, line, "SECRET_WITH_DEFAULT", said)
        _sample(book, one, files, line, findings)


def _empty(book: Notebook, one: Parameter) -> bool:
    """Whether a secret's default is nothing; what it is was left out when it was read."""
    from keys_jupyter import parameters

    plainly = parameters.declared(book.document).parameters
    return next((other.default for other in plainly if other.name == one.name), None) in (None, "")


def _sample(
    book: Notebook, one: Parameter, files: Mapping[str, Path], line: int, findings: Findings
) -> None:
    """Check that a file parameter's default is sample data of the pack, so that the key runs as it comes."""
    default = one.default
    if not one.file:
        if isinstance(default, str) and default.startswith("sample/"):
            said = f'`{one.name}` names a file; mark it `"file": true` in key.json.'
            findings.problem(book.path, line, "FILE_NOT_MARKED", said)
        return
    if default is None and one.optional:
        return
    if not isinstance(default, str) or not default:
        said = f"`{one.name}` is a file and has no sample data as its default."
        findings.problem(book.path, line, "NO_SAMPLE", said)
    elif PurePosixPath(default).is_absolute() or PureWindowsPath(default).drive:
        said = f"`{one.name}` has a path of one machine as its default; name a file of the key."
        findings.problem(book.path, line, "NO_SAMPLE", said)
    elif PurePosixPath(default).as_posix() not in files:
        said = f"`{one.name}` has the default {default!a}, which is no file of this key."
        findings.problem(book.path, line, "NO_SAMPLE", said)


def _requirements(path: Path, shown: str, findings: Findings) -> None:
    for number, row in enumerate(path.read_text("utf-8", errors="replace").splitlines(), start=1):
        words = row.strip()
        if not words or words.startswith("#"):
            continue
        match = _REQUIREMENT.fullmatch(words)
        ranged = match and _LOWER.search(match["range"]) and _UPPER.search(match["range"])
        if not ranged:
            said = f"{words!a} has no range with both ends, such as `pandas>=2.0,<4`."
            findings.problem(shown, number, "REQUIREMENT_UNPINNED", said)
