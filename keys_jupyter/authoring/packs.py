"""What every pack must bring, whatever its kind: files, a changelog of its version, a licence, no secrets."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from keys_jupyter.archive import verify
from keys_jupyter.authoring.folders import files_of, pack_folder
from keys_jupyter.authoring.leaks import leaks
from keys_jupyter.authoring.positions import line_at, lines_of
from keys_jupyter.authoring.report import Findings
from keys_jupyter.errors import InputError, KeysError
from keys_jupyter.model.pack import KeyMetadata, PackMetadata

_MOST_BYTES = 20_000_000
_NOT_TEXT = frozenset(
    f".{suffix}"
    for row in (
        "png jpg jpeg gif webp ico pdf woff woff2",
        "parquet feather arrow avro orc npy npz h5 nc xlsx ods",
        "gz bz2 xz zst",
    )
    for suffix in row.split()
)


def listed(folder: Path, shown: str, findings: Findings) -> dict[str, Path] | None:
    """Return the files of a pack by name; None, and a problem, where it holds a link."""
    try:
        return dict(files_of(folder))
    except InputError as error:
        findings.problem(shown, 1, "LINK", error.message)
        return None


def read(path: Path, shown: str, findings: Findings) -> str | None:
    """Return a file's text; None, and a problem, where it is not UTF-8."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        findings.problem(shown, 1, "NOT_UTF8", "This file is not UTF-8 text.")
        return None


def check_files(
    files: Mapping[str, Path], required: tuple[str, ...], shown: str, findings: Findings
) -> None:
    """Check that the required files are there with something in them, and that none holds a secret."""
    for name in required:
        if name not in files:
            said = f"{name} is missing."
            findings.problem(f"{shown}/{name}", 1, "FILE_MISSING", said)
        elif not files[name].read_bytes().strip():
            findings.problem(f"{shown}/{name}", 1, "FILE_EMPTY", f"{name} is empty.")
    for name, path in files.items():
        if path.suffix.lower() not in _NOT_TEXT and path.stat().st_size <= _MOST_BYTES:
            for line, what in leaks(path.read_text("utf-8", errors="replace")):
                said = f"This looks like {what}. Take it out, and revoke it where it is real."
                findings.problem(f"{shown}/{name}", line, "SECRET", said)


def check_stated(
    metadata: PackMetadata,
    files: Mapping[str, Path],
    shown: str,
    named: tuple[str, str],
    findings: Findings,
) -> None:
    """Check slug, documentation and changelog against the folder.

    Args:
        metadata: what the pack states.
        files: what it brings.
        shown: its folder, for problems.
        named: the folder's own name and the name of the metadata file.
        findings: takes every problem.
    """
    folder, name = named
    path = f"{shown}/{name}"
    lines = lines_of(files[name].read_text("utf-8"))
    if metadata.slug != folder:
        said = f"The slug is {metadata.slug!a} and the folder {folder!a}; they must be equal."
        findings.problem(path, line_at(lines, ("slug",)), "SLUG_NOT_FOLDER", said)
    for what, document in metadata.documentation.items():
        if document not in files:
            said = f"documentation.{what} names {document!a}, which is not there."
            line = line_at(lines, ("documentation", what))
            findings.problem(path, line, "DOCUMENT_MISSING", said)
    changelog = metadata.documentation.get("changelog", "CHANGELOG.md")
    if changelog in files:
        text = files[changelog].read_text("utf-8", errors="replace")
        version = re.escape(metadata.version)
        if not re.search(rf"(?m)^#+.*(?<![\w.+-]){version}(?![\w+-]|\.\d)", text):
            said = f"There is no heading for version {metadata.version}."
            findings.problem(f"{shown}/{changelog}", 1, "CHANGELOG_LACKS_VERSION", said)


def check_packs(
    folder: Path, metadata: PackMetadata, shared: Mapping[str, Path], shown: str, findings: Findings
) -> None:
    """Check that a zip of this folder is one that anybody may install."""
    try:
        data = pack_folder(folder, shared)
        verify(data, sha256=hashlib.sha256(data).hexdigest(), slug=metadata.slug)
    except KeysError as error:
        findings.problem(shown, 1, error.code, error.message)


def shared_modules(
    folder: Path, metadata: KeyMetadata, modules: Path, shown: str, findings: Findings
) -> dict[str, Path]:
    """Return the shared modules a key names, by their names in its pack; absent ones are problems."""
    lines = lines_of((folder / "key.json").read_text("utf-8"))
    found: dict[str, Path] = {}
    for at, name in enumerate(metadata.modules):
        line = line_at(lines, ("modules", at))
        path = modules / f"{name}.py"
        if not path.is_file():
            said = f"There is no {name}.py in the library's modules/."
            findings.problem(f"{shown}/key.json", line, "MODULE_MISSING", said)
        elif (folder / path.name).exists():
            said = f"{name}.py is both here and in modules/; keep one."
            findings.problem(f"{shown}/key.json", line, "MODULE_TWICE", said)
        else:
            found[path.name] = path
    return found
