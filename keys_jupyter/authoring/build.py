"""A folder of keys in, a library out: ``library.json`` and one zip for each pack, the same bytes every time.

Nothing depends on the clock, the file system's order, permissions or who builds. The rules of a pack
are those of :func:`keys_jupyter.archive.verify`, which every zip passes before it is written; how good
a key or runbook is (the quality bar) is judged elsewhere.

::

    python -m keys_jupyter.authoring.build library/ dist-library/

What several keys use stands once in ``modules/``; a key names it in key.json's ``modules``, and it is put at the root
of its pack, which so stays complete in itself.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import sys
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from keys_jupyter.archive import VerifiedPack, verify
from keys_jupyter.errors import InputError, KeysError, NotAvailable
from keys_jupyter.model.pack import KeyMetadata, LibraryIndex, LibraryPack, RunbookMetadata

_FORMAT = "1.0.0"
_DATE = (1980, 1, 1, 0, 0, 0)
_FILE_MODE = 0o100644 << 16
_UNIX = 3
_LEVEL = 9
_LEFT_OUT = {"__pycache__"}
_RUN_OUTPUT = "artifacts"


@dataclass(frozen=True)
class _Kind:
    """What one kind of key must bring."""

    folder: str
    metadata: str
    model: type[KeyMetadata] | type[RunbookMetadata]
    tool: str
    required: tuple[str, ...]


_KINDS = (
    _Kind(
        "jupyter-keys",
        "key.json",
        KeyMetadata,
        "jupyter",
        ("key.json", "README.md", "CHANGELOG.md", "LICENSE.txt"),
    ),
    _Kind(
        "runbook-keys",
        "pack.json",
        RunbookMetadata,
        "operational",
        ("pack.json", "README.md", "checklist.md", "CHANGELOG.md", "LICENSE.txt"),
    ),
)


def build(source: Path, out: Path, *, against: Path | None = None) -> LibraryIndex:
    """Build a library.

    Args:
        source: a folder with ``jupyter-keys/<slug>/`` and ``runbook-keys/<slug>/``.
        out: where ``library.json`` and ``packs/<slug>/<version>/pack.zip`` go; made when absent.
        against: a library built before; a key that lost a parameter or a result since its versions
            there, and is no new major version, is then a problem.

    Returns:
        The index that was written; each row carries its pack's digest.

    Raises:
        InputError: ``LIBRARY_INVALID`` with every problem of every key; nothing was written then.
        NotAvailable: ``against`` has no library.
        IntegrityError: ``against`` holds a pack that is not the one its index describes.
    """
    problems: list[str] = []
    packs: dict[str, VerifiedPack] = {}
    for kind in _KINDS:
        for folder in _folders(source / kind.folder):
            pack = _build_pack(folder, kind, problems)
            if pack is not None and packs.setdefault(pack.slug, pack) is not pack:
                problems.append(f"{kind.folder}/{folder.name}: another kind of key has this slug")
    if against is not None:
        problems.extend(_broken_promises(packs, against))
    if not packs and not problems:
        problems.append("there is no key in jupyter-keys/ or runbook-keys/")
    if problems:
        listed = "".join(f"\n- {problem}" for problem in problems)
        raise InputError(
            "LIBRARY_INVALID",
            f"The library has {len(problems)} problem(s); nothing was written:{listed}\n",
            "Correct them and build again.",
        )
    ordered = [packs[slug] for slug in sorted(packs)]
    index = LibraryIndex(version=_FORMAT, packs=[_row(pack) for pack in ordered])
    _write(out, index, ordered)
    return index


def _broken_promises(packs: Mapping[str, VerifiedPack], against: Path) -> Iterator[str]:
    """Yield what keys have lost within a major version."""
    from keys_jupyter.authoring.interface import lost, same_major
    from keys_jupyter.sources.library import FolderLibrary

    if not (against / "library.json").is_file():
        raise NotAvailable(
            "LIBRARY_MISSING",
            f"{against.as_posix()!a} has no library.json to compare with.",
            "Name a folder that was built before.",
        )
    library = FolderLibrary(against, against.name)
    for row in library.listing().packs:
        new = packs.get(row.slug)
        if new is None or new.kind != "jupyter" or not same_major(row.version, new.version):
            continue
        for loss in lost(library.fetch(row.slug, row.version), new):
            yield f"jupyter-keys/{row.slug}: {loss}; that needs a new major version"


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


def _folders(parent: Path) -> list[Path]:
    found = parent.iterdir() if parent.is_dir() else iter(())
    return sorted(path for path in found if path.is_dir() and not path.name.startswith("."))


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
        if not path.is_dir():
            yield name, path
        elif name != _RUN_OUTPUT:
            yield from files_of(path, name + "/")


def _build_pack(folder: Path, kind: _Kind, problems: list[str]) -> VerifiedPack | None:
    """Return the checked pack of one folder, or None with everything that is wrong in ``problems``."""
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


def _shared(folder: Path, files: Mapping[str, Path], kind: _Kind) -> dict[str, Path]:
    """Return the shared modules a key names, by their names in its pack."""
    if kind.model is not KeyMetadata:
        return {}
    metadata = KeyMetadata.model_validate_json(files[kind.metadata].read_bytes())
    modules = folder.parent.parent / "modules"
    return {f"{name}.py": modules / f"{name}.py" for name in metadata.modules}


def _metadata_problems(path: Path | None, slug: str, kind: _Kind) -> list[str]:
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


def _notebook_problems(files: dict[str, Path], kind: _Kind) -> list[str]:
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


def _row(pack: VerifiedPack) -> dict[str, object]:
    stated = pack.metadata.model_dump()
    row = LibraryPack.model_validate(
        {
            **{name: value for name, value in stated.items() if name in LibraryPack.model_fields},
            "kind": pack.kind,
            "assets": {"zip": _zip_path(pack)},
            "sha256": pack.sha256,
        }
    )
    return row.model_dump(exclude_none=True)


def _zip_path(pack: VerifiedPack) -> str:
    return f"packs/{pack.slug}/{pack.version}/pack.zip"


def _write(out: Path, index: LibraryIndex, packs: list[VerifiedPack]) -> None:
    """Write the zips first and the index last, so that an index never names what is not there."""
    for pack in packs:
        target = out / _zip_path(pack)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(pack.zip_bytes)
    text = json.dumps(index.model_dump(exclude_none=True), indent=2, ensure_ascii=False)
    (out / "library.json").write_text(text + "\n", encoding="utf-8", newline="\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Build from the command line, one printed line for each pack, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m keys_jupyter.authoring.build", description="Build a library of keys."
    )
    parser.add_argument("source", type=Path, help="folder with jupyter-keys/ and runbook-keys/")
    parser.add_argument("out", type=Path, help="folder to write library.json and packs/ into")
    parser.add_argument(
        "--against",
        type=Path,
        help="a library built before, whose keys must not have lost anything",
    )
    given = parser.parse_args(arguments)
    try:
        index = build(given.source, given.out, against=given.against)
    except KeysError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    for row in index.packs:
        print(f"{row['kind']:8} {row['slug']} {row['version']} {row['sha256'][:12]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
