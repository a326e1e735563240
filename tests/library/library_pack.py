"""A key as its tests need it: its modules imported apart from other keys', or its whole tree."""

from __future__ import annotations

import importlib
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

LIBRARY = Path(__file__).parents[2] / "library"
SHARED = LIBRARY / "modules"
RESULT_MIME = "application/vnd.keys.result+json"


@contextmanager
def imported(pack: Path, *names: str) -> Iterator[SimpleNamespace]:
    """Import modules of a pack and shared ones; everything they define, in one namespace.

    The pack's own modules are forgotten at the end: another key may name its own the same.
    """
    own = [path.stem for path in pack.glob("*.py")]
    before = {name: sys.modules.pop(name, None) for name in own}
    places = [str(pack), str(SHARED)]
    sys.path[:0] = places
    try:
        modules = [vars(importlib.import_module(name)) for name in names]
        merged = {k: v for module in modules for k, v in module.items() if not k.startswith("__")}
        yield SimpleNamespace(**merged)
    finally:
        for place in places:
            sys.path.remove(place)
        for name in own:
            sys.modules.pop(name, None)
            if before[name] is not None:
                sys.modules[name] = before[name]


def assembled(pack: Path, target: Path) -> Path:
    """Copy a pack together with the shared modules it names, as a person receives it."""
    shutil.copytree(pack, target, ignore=shutil.ignore_patterns("__pycache__", "artifacts"))
    meta = json.loads((pack / "key.json").read_text(encoding="utf-8"))
    for name in meta["modules"]:
        shutil.copy(SHARED / f"{name}.py", target)
    return target


def one_message(key: SimpleNamespace, path: Path, told: str, load: Callable[[], object]) -> str:
    """Let loading fail, and return its one message: the file, what was wrong, and how to export it right."""
    with pytest.raises(key.InputProblem) as caught:
        load()
    message = str(caught.value)
    assert told in message
    assert message.startswith(f"{path.name}: ")
    named = [line.split(":")[0] for line in message.splitlines()[1:]]
    assert named == ["Expected", "Found", "What to do"]
    return message


def run_notebook(pack: Path, folder: str = ".", **parameters: Any) -> SimpleNamespace:
    """Execute the notebook of an assembled pack as a run does: parameters, then every cell.

    Returns its `result` document, the result `rows` by name, `text` (the results' plain twin),
    the number of `plots` and the names of the written `artifacts`.
    """
    import nbformat
    from nbclient import NotebookClient

    (path,) = (pack / "notebooks").glob("*.ipynb")
    notebook = nbformat.read(path, as_version=4)
    tags = [cell.metadata.get("tags", []) for cell in notebook.cells]
    given = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    at = next(i for i, names in enumerate(tags) if "parameters" in names) + 1
    notebook.cells.insert(at, nbformat.v4.new_code_cell(given))
    resources = {"metadata": {"path": str(pack / folder)}}
    NotebookClient(notebook, timeout=120, resources=resources).execute()
    outputs = [o["data"] for c in notebook.cells for o in c.get("outputs", []) if "data" in o]
    (found,) = [data for data in outputs if RESULT_MIME in data]
    return SimpleNamespace(
        result=found[RESULT_MIME],
        rows={row["name"]: row for row in found[RESULT_MIME]["results"]},
        text=found["text/plain"],
        plots=sum("image/png" in data for data in outputs),
        artifacts=sorted(path.name for path in (pack / "artifacts").iterdir()),
    )
