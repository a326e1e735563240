"""A key as its tests need it: its modules imported apart from other keys', or its whole tree."""

from __future__ import annotations

import csv
import gzip
import importlib
import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

LIBRARY = Path(__file__).parents[2] / "library"
SHARED = LIBRARY / "modules"
# What an error text of an export may quote, and must not stand in an artifact.
SECRETS = ("sk_live_" + "abcDEF123456", "hunter2secret", "abcdefgh12345678")
ERROR_WITH_SECRETS = f"{SECRETS[0]} postgres://app:{SECRETS[1]}@db.example/x Bearer {SECRETS[2]}"
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


def table(path: Path, header: str, rows: Iterable[Iterable[Any]]) -> Path:
    """Write a CSV file for a key to read, and return its path."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header.split(","))
        writer.writerows(rows)
    return path


def values_of(document: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a key's result document by name."""
    assert document["schema"] == "keys.result/1"
    return {row["name"]: row["value"] for row in document["results"]}


def unreadable(good: str) -> dict[str, tuple[bytes, str]]:
    """Return what no key can read, whatever it is for: the bytes, and words of the message.

    Args:
        good: a header and one row that the key reads.
    """
    header, row = good.splitlines()
    columns = header.count(",") + 1
    return {
        "empty": (b"", "the file is empty"),
        "latin-1": (good.encode().rstrip() + b"\xe9\n", "the encoding is wrong"),
        "ragged": (f"{good}{row},more\n".encode(), f"line 3 has {columns + 1}"),
        "utf-16": (good.encode("utf-16"), "the encoding is wrong"),
        "excel": (b"PK\x03\x04rest", "Excel"),
        "binary": (b"a\x00b", "binary data"),
        "html": (b"<!DOCTYPE html><p>Sign in", "this is a web page"),
        "cut gzip": (gzip.compress(good.encode() * 500)[:-12], "gzip file is damaged"),
    }


def one_message(
    key: SimpleNamespace, path: Path, bad: tuple[bytes, str], load: Callable[[Path], object]
) -> str:
    """Load a bad file, and return its one message: the file, what was wrong, and how to export it right."""
    data, told = bad
    path.write_bytes(data)
    with pytest.raises(key.InputProblem) as caught:
        load(path)
    message = str(caught.value)
    assert told in message
    assert message.startswith(f"{path.name}: ")
    named = [line.split(":")[0] for line in message.splitlines()[1:]]
    assert named == ["Expected", "Found", "What to do"]
    return message


def table_rows(table: bytes) -> list[dict[str, str]]:
    """Return the rows of an artifact that is a CSV table."""
    return list(csv.DictReader(table.decode().splitlines()))


def same_twice(folder: Path, write: Callable[[Path], Iterable[Path]]) -> dict[str, bytes]:
    """Let a key write its artifacts twice; return them by name, after they were the same each time."""
    first, second = (
        {path.name: path.read_bytes() for path in write(folder / name)} for name in ("a", "b")
    )
    assert first == second
    return first


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
