"""A notebook of the workspace as plain data: its digest, its bytes, and its reading."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keys_jupyter.errors import InputError, NotAvailable


def digest_of(path: Path) -> tuple[str, int]:
    """Return a file's sha256 and its size."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
        return digest.hexdigest(), file.tell()


def notebook_bytes(notebook: Mapping[str, Any]) -> bytes:
    """Return a notebook as Jupyter writes it, so that the first save shows no difference."""
    return (json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def read_notebook(path: Path) -> dict[str, Any]:
    """Return a notebook of the workspace as plain data.

    Raises:
        NotAvailable: no such file.
        InputError: it is not a notebook of format 4.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NotAvailable(
            "NO_NOTEBOOK",
            f'There is no notebook "{path.name}" that can be read.',
            "Check its name and place.",
        ) from error
    return parse_notebook(data, path.name)


def parse_notebook(data: bytes, name: str) -> dict[str, Any]:
    """Return a notebook's bytes as plain data.

    Raises:
        InputError: they are not a notebook of format 4.
    """
    try:
        notebook = json.loads(data)
    except (ValueError, RecursionError):
        notebook = None
    if not isinstance(notebook, dict) or notebook.get("nbformat") != 4:
        raise InputError(
            "NOT_A_NOTEBOOK",
            f'"{name}" is not a notebook of format 4.',
            "Open it in JupyterLab and save it again.",
        )
    return notebook
