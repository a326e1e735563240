"""The notebook of a run: read once, written whole or not at all, never over somebody's edit.

What is *not* here: running it.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from keys_jupyter.errors import InputError


class NotebookFile:
    """A run's notebook in its folder, and the tree it holds."""

    def __init__(self, path: Path) -> None:
        """Read it; its outputs, which are of an earlier run, are dropped from the tree.

        Raises:
            InputError: it is not there, or is no notebook.
        """
        try:
            data = path.read_bytes()
        except OSError as problem:
            raise _unreadable(path) from problem
        self.path = path
        self.tree = _tree(path, data)
        self._seen = hashlib.sha256(data).digest()
        for cell in self.tree["cells"]:
            if cell["cell_type"] == "code":
                cell["outputs"], cell["execution_count"] = [], None

    def write(self) -> bool:
        """Write the tree to the run's folder; False when the file was edited or removed meanwhile.

        Raises:
            OSError: the disk does not take it; the file is as it was.
        """
        try:
            current = hashlib.sha256(self.path.read_bytes()).digest()
        except FileNotFoundError:
            return False
        if current != self._seen:
            return False
        data = self.encoded()
        replace(self.path, data, self.path.stat().st_mode & 0o777)
        self._seen = hashlib.sha256(data).digest()
        return True

    def encoded(self) -> bytes:
        """The tree's bytes, as Jupyter writes them."""
        text = json.dumps(self.tree, indent=1, sort_keys=True, ensure_ascii=False)
        # A kernel may send half a surrogate pair, which no encoding has a place for.
        return text.encode("utf-8", "replace") + b"\n"


def _unreadable(path: Path) -> InputError:
    return InputError("NOTEBOOK_UNREADABLE", f"The notebook {path.name!r} cannot be read.")


def _tree(path: Path, data: bytes) -> dict[str, Any]:
    """The notebook in version 4, with all in it that a run relies on."""
    try:
        tree = json.loads(data)
        if isinstance(tree, dict) and tree.get("nbformat") in (2, 3):
            tree = _converted(data.decode())
    except ValueError as problem:
        raise _unreadable(path) from problem
    if not isinstance(tree, dict) or tree.get("nbformat") != 4:
        raise _unreadable(path)
    cells = tree.get("cells")
    if not isinstance(cells, list) or not all(map(_is_cell, cells)):
        raise _unreadable(path)
    if not isinstance(tree.setdefault("metadata", {}), dict):
        raise _unreadable(path)
    return tree


def _is_cell(cell: Any) -> bool:
    return (
        isinstance(cell, dict)
        and isinstance(cell.get("cell_type"), str)
        and isinstance(cell.get("source"), str | list)
        and isinstance(cell.setdefault("metadata", {}), dict)
    )


def _converted(text: str) -> Any:
    """A notebook of an older version in version 4; rare, so what it needs is imported only here."""
    import nbformat

    try:
        return nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    except (AttributeError, KeyError, TypeError, nbformat.ValidationError) as problem:
        raise ValueError("not a notebook of any version") from problem


def replace(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Put data in a file's place so that at every moment the old or the new one is there, whole.

    Raises:
        OSError: the disk does not take it; nothing has changed.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        target = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
        with os.fdopen(target, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
