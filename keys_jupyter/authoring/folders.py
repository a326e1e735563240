"""One folder of an author in, its checked pack out, or everything that keeps it from being one.

Not here: how good a key or runbook is (that is validation), and where packs are written (`build`).
"""

from __future__ import annotations

import hashlib
import io
import json
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from keys_jupyter.archive import VerifiedPack, verify
from keys_jupyter.errors import InputError, KeysError
from keys_jupyter.model.pack import KeyMetadata, RunbookMetadata

PREVIEW = "preview.html"
_DATE = (1980, 1, 1, 0, 0, 0)
_FILE_MODE = 0o100644 << 16
_UNIX = 3
_LEVEL = 9
_LEFT_OUT = {"__pycache__"}
_RUN_OUTPUT = "artifacts"


@dataclass(frozen=True)
class Kind:
    """What one kind of key must bring."""

    folder: str
    metadata: str
    model: type[KeyMetadata] | type[RunbookMetadata]
    tool: str
    required: tuple[str, ...]


JUPYTER, RUNBOOK = KINDS = (
    Kind(
        "jupyter-keys",
        "key.json",
        KeyMetadata,
        "jupyter",
        ("key.json", "README.md", "CHANGELOG.md", "LICENSE.txt"),
    ),
    Kind(
        "runbook-keys",
        "pack.json",
        RunbookMetadata,
        "operational",
        ("pack.json", "README.md", "checklist.md", "CHANGELOG.md", "LICENSE.txt"),
    ),
)


def pack_folder(folder: Path, shared: Mapping[str, Path] | None = None) -> bytes:
    """Zip one key's folder: sorted names, one fixed date, fixed permissions, no folder entries.

    Hidden files, caches and the outputs of runs stay out.

    Args:
        folder: the key as its author keeps it.
        shared: files from elsewhere that belong to the pack, by their names in it.

    Raises:
        InputError: ``LIBRARY_INVALID`` when the folder holds a link.
    """
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as made:
        for name, path in sorted({**dict(files_of(folder)), **(shared or {})}.items()):
            info = zipfile.ZipInfo(name, _DATE)
            info.create_system = _UNIX
            info.external_attr = _FILE_MODE
            info.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(info, path.read_bytes(), compresslevel=_LEVEL)
    return raw.getvalue()


def files_of(folder: Path, prefix: str = "") -> Iterator[tuple[str, Path]]:
    """Yield the files of a key that belong into its pack, by their names in it.

    Raises:
        InputError: ``LIBRARY_INVALID`` when the folder holds a link.
    """
    for path in folder.iterdir():
        if path.name.startswith(".") or path.name in _LEFT_OUT or path.suffix == ".pyc":
            continue
        name = prefix + unicodedata.normalize("NFC", path.name)
        if path.is_symlink():
            raise InputError("LIBRARY_INVALID", f"{name!a} is a link; packs hold plain files.")
        if name == PREVIEW:  # it is published beside the pack, and a run needs no copy of it
            continue
        if not path.is_dir():
            yield name, path
        elif name != _RUN_OUTPUT:
            yield from files_of(path, name + "/")


def folders_in(parent: Path) -> list[Path]:
    """Return the folders of keys below a folder, by name; hidden ones are none of them."""
    found = parent.iterdir() if parent.is_dir() else iter(())
    return sorted(path for path in found if path.is_dir() and not path.name.startswith("."))


def pack_of(folder: Path, kind: Kind, problems: list[str]) -> VerifiedPack | None:
    """Return the checked pack of one folder, or None with everything that is wrong in ``problems``.

    Args:
        folder: the key as its author keeps it, in the folder of its kind in a library.
        kind: which kind it must be.
        problems: grows by a sentence for everything that is wrong.
    """
    where = f"{kind.folder}/{folder.name}"
    try:
        files = dict(files_of(folder))
        found = [f"{name} is missing" for name in kind.required if name not in files]
        found += _metadata_problems(files.get(kind.metadata), folder.name, kind)
        shared = {} if found else _shared(folder, files, kind)
        found += [
            f"modules: there is no {path.name}" for path in shared.values() if not path.is_file()
        ]
        found += [f"modules: {name} is in the key's folder too" for name in shared if name in files]
        found += _notebook_problems(files, kind)
        if not found:
            data = pack_folder(folder, shared)
            return verify(data, sha256=hashlib.sha256(data).hexdigest(), slug=folder.name)
    except KeysError as error:
        found = [f"{error.message} ({error.code})"]
    problems.extend(f"{where}: {problem}" for problem in found)
    return None


def _shared(folder: Path, files: Mapping[str, Path], kind: Kind) -> dict[str, Path]:
    """Return the shared modules a key names, by their names in its pack."""
    if kind.model is not KeyMetadata:
        return {}
    metadata = KeyMetadata.model_validate_json(files[kind.metadata].read_bytes())
    modules = folder.parent.parent / "modules"
    return {f"{name}.py": modules / f"{name}.py" for name in metadata.modules}


def _metadata_problems(path: Path | None, slug: str, kind: Kind) -> list[str]:
    if path is None:
        return []
    try:
        metadata = kind.model.model_validate_json(path.read_bytes())
    except ValidationError as error:
        return [
            f"{kind.metadata}: {'.'.join(map(str, one['loc'])) or 'file'}: {one['msg']}"
            for one in error.errors()
        ]
    found = []
    if metadata.slug != slug:
        found.append(f"{kind.metadata}: slug is {metadata.slug} and not the folder's name")
    if metadata.tool != kind.tool:
        found.append(f"{kind.metadata}: tool must be {kind.tool!r}")
    return found


def _notebook_problems(files: dict[str, Path], kind: Kind) -> list[str]:
    notebooks = [name for name in files if name.casefold().endswith(".ipynb")]
    found = [
        f"{name} holds outputs; clear them, since they may carry somebody's data"
        for name in sorted(notebooks)
        if _has_outputs(files[name])
    ]
    if kind.model is KeyMetadata and not notebooks:
        found.append("there is no notebook")
    return found


def _has_outputs(path: Path) -> bool:
    """Whether a cell keeps outputs; a file that is no notebook is left to the archive to refuse."""
    try:
        notebook = json.loads(path.read_bytes())
    except ValueError:
        return False
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    return any(cell.get("outputs") for cell in cells or [] if isinstance(cell, dict))
