"""A key's notebook is run on its sample data, and what it showed is kept beside it as ``preview.html``.

The only part of authoring that runs a notebook, besides a rehearsal; building and validating read what is there.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from keys_jupyter.archive import VerifiedPack
from keys_jupyter.authoring.folders import JUPYTER, PREVIEW, folders_in, pack_of
from keys_jupyter.authoring.leaks import leaks
from keys_jupyter.authoring.previews.check import MOST_BYTES
from keys_jupyter.authoring.previews.head import Head, entry_of, head_in, sources_digest
from keys_jupyter.authoring.previews.page import page, results_in
from keys_jupyter.errors import InputError, StateError
from keys_jupyter.model.run import Result

__all__ = ["Made", "make_previews", "previewed"]

_CELL_SECONDS = 600


@dataclass(frozen=True)
class Made:
    """One preview: where it is, how large, and whether its bytes differ from what was there."""

    slug: str
    path: Path
    size: int
    changed: bool


def make_previews(path: Path, *, only_old: bool = False) -> Iterator[Made]:
    """Run the notebooks of a key, or of every key of a library, and write their previews.

    Args:
        path: a key's folder or a library's.
        only_old: leave keys alone whose preview is of the files as they are.

    Yields:
        each preview as it is written.

    Raises:
        InputError: ``NOTHING_TO_PREVIEW`` where the path is neither, ``LIBRARY_INVALID`` where a key is no
            pack, ``PREVIEW_…`` where a page would be too large, or name this machine or a secret.
        StateError: ``PREVIEW_FAILED`` where a notebook does not run to its end.
    """
    for folder in _keys(path):
        problems: list[str] = []
        pack = pack_of(folder.resolve(), JUPYTER, problems)
        if pack is None:
            listed = "".join(f"\n- {problem}" for problem in problems)
            raise InputError("LIBRARY_INVALID", f"This key is no pack yet:{listed}", "Correct it.")
        if not (only_old and _is_of(folder / PREVIEW, pack)):
            yield _write(folder / PREVIEW, pack)


def _keys(path: Path) -> list[Path]:
    if (path / "key.json").is_file():
        return [path]
    keys = [one for one in folders_in(path / JUPYTER.folder) if (one / "key.json").is_file()]
    if not keys:
        raise InputError(
            "NOTHING_TO_PREVIEW",
            f"{path.as_posix()!a} is neither a key (key.json) nor a library with keys ({JUPYTER.folder}/).",
            "Name such a folder; runbooks have no preview.",
        )
    return keys


def _is_of(path: Path, pack: VerifiedPack) -> bool:
    head = head_in(path)
    return head is not None and replace(head, results=()) == _head(pack)


def _head(pack: VerifiedPack) -> Head:
    entry = entry_of(pack.files, getattr(pack.metadata, "entry", None))
    if entry is None:
        raise InputError(
            "ENTRY_MISSING",
            f"{pack.slug} has several notebooks, and key.json's entry names none of them.",
            "Name the one that is run in key.json's entry.",
        )
    return Head(
        pack.slug,
        pack.version,
        entry,
        hashlib.sha256(pack.files[entry]).hexdigest(),
        sources_digest(dict.fromkeys(pack.files), pack.files.__getitem__),
    )


def _write(path: Path, pack: VerifiedPack) -> Made:
    text = previewed(pack)
    data = text.encode("utf-8")
    _refuse(pack.slug, text, len(data))
    before = path.read_bytes() if path.is_file() else None
    if before != data:
        path.write_bytes(data)
    return Made(pack.slug, path, len(data), before != data)


def previewed(pack: VerifiedPack) -> str:
    """Run a pack's notebook in a folder of its own and return what it showed as a page.

    Raises:
        StateError: ``PREVIEW_FAILED`` when a cell fails, or a result is none.
    """
    head = _head(pack)
    with tempfile.TemporaryDirectory(prefix="preview-") as name:
        folder = Path(name).resolve()
        for file, data in pack.files.items():
            target = folder / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        notebook = _executed(folder, head)
        results = _checked(head, results_in(notebook))
        text = page(notebook, replace(head, results=results), pack.metadata.title)
        # A notebook may well name the folder it worked in; that is nobody's but this run's.
        return text.replace(f"{folder}{os.sep}", "").replace(str(folder), ".")


def _checked(head: Head, rows: list[dict[str, Any]]) -> tuple[Result, ...]:
    try:
        return tuple(map(Result.model_validate, rows))
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(map(str, fault["loc"]))
        raise StateError(
            "PREVIEW_FAILED",
            f"{head.slug}: a result of {head.notebook} is none: {where}: {fault['msg']}.",
            "Give each result a name, and a value that is a number, a text, true, false or null.",
        ) from error


def _executed(folder: Path, head: Head) -> Mapping[str, Any]:
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    source = (folder / head.notebook).read_text("utf-8")
    notebook: Any = nbformat.reads(source, as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(
        notebook, timeout=_CELL_SECONDS, resources={"metadata": {"path": str(folder)}}
    )
    try:
        # What a kernel says on its own account is about this machine, not about the notebook.
        client.execute(stderr=subprocess.DEVNULL)
    except CellExecutionError as error:
        raise _failed(head, f"{error.ename}: {error.evalue}", notebook) from error
    except CellTimeoutError as error:
        said = f"a cell took more than {_CELL_SECONDS // 60} minutes"
        raise _failed(head, said, notebook) from error
    except DeadKernelError as error:
        raise _failed(head, "the kernel died", notebook) from error
    found: Mapping[str, Any] = notebook
    return found


def _failed(head: Head, said: str, notebook: Mapping[str, Any]) -> StateError:
    codes = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    ran = [at for at, cell in enumerate(codes, 1) if cell.get("execution_count")]
    return StateError(
        "PREVIEW_FAILED",
        f"{head.slug}: code cell {max(ran, default=1)} of {len(codes)} in {head.notebook} failed on the"
        f" sample data: {said}",
        "Open the notebook, Restart & Run All, and make the preview again.",
    )


def _refuse(slug: str, text: str, size: int) -> None:
    """Let no page out that is too large, or that tells of this machine or a secret."""
    if size > MOST_BYTES:
        raise InputError(
            "PREVIEW_TOO_LARGE",
            f"{slug}: the preview would have {size:,} bytes, and at most {MOST_BYTES:,} are wanted.",
            "Show fewer rows, or smaller plots.",
        )
    for place in (Path.home(), Path(sys.prefix), Path(sys.base_prefix)):
        if f"{place}{os.sep}" in text:
            raise InputError(
                "PREVIEW_NAMES_MACHINE",
                f"{slug}: an output of the notebook names a folder of this machine.",
                "Let the notebook print paths relative to its folder, and no warnings.",
            )
    for _, what in leaks(text):
        raise InputError(
            "PREVIEW_SECRET", f"{slug}: an output of the notebook holds {what}.", "Take it out."
        )
