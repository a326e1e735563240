"""Every key names exactly the shared modules it needs, and keeps the rules of a notebook pack."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import library_pack as packs
import pytest

KEYS = sorted(path.parent for path in (packs.LIBRARY / "jupyter-keys").glob("*/key.json"))


def imports(source: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def notebook_code(key: Path) -> str:
    (path,) = (key / "notebooks").glob("*.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_modules_are_named_and_needed(key: Path) -> None:
    shared = {path.stem for path in packs.SHARED.glob("*.py")}
    named = json.loads((key / "key.json").read_text(encoding="utf-8")).get("modules", [])
    own = {path.stem: path for path in key.glob("*.py")}
    assert not own.keys() & shared, "a module of the key would hide a shared one"
    needed: set[str] = set()
    left = imports(notebook_code(key)).union(*(imports(p.read_text()) for p in own.values()))
    while left := (left & shared) - needed:
        needed |= left
        left = set().union(*(imports((packs.SHARED / f"{m}.py").read_text()) for m in left))
    assert sorted(named) == sorted(needed)


def test_an_import_inside_a_function_counts() -> None:
    assert imports("def f():\n    from a.b import c\n    import d.e") == {"a", "d"}
