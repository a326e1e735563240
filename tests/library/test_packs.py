"""Each key of the library says the same in its key.json, its notebook and its folder's name."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from tests.library.library_pack import LIBRARY

PACKS = sorted(path.parent for path in (LIBRARY / "jupyter-keys").glob("*/key.json"))


def test_the_nine_keys_are_here():
    assert len(PACKS) == 9


@pytest.mark.parametrize("pack", PACKS, ids=lambda path: path.name)
def test_key_and_notebook_agree(pack: Path) -> None:
    meta = json.loads((pack / "key.json").read_text(encoding="utf-8"))
    notebook = nbformat.read(pack / meta["entry"], as_version=4)
    nbformat.validate(notebook)
    assert meta["slug"] == pack.name
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    (parameters,) = [c for c in cells if "parameters" in c.metadata.get("tags", [])]
    named = [line.split(":")[0] for line in parameters.source.splitlines() if ": " in line]
    assert named == list(meta["parameters"])
    assert not any(cell.outputs or cell.execution_count for cell in cells)
    assert all(len(cell.source.splitlines()) <= 20 for cell in cells)
