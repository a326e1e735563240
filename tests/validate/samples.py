"""A sample changed in one place, and what is found in it."""

from __future__ import annotations

import json
from pathlib import Path

from keys_jupyter.authoring.validate import validate


def change(path, old, new):
    text = path.read_text("utf-8")
    assert text.count(old) == 1, (old, text.count(old))
    path.write_text(text.replace(old, new), encoding="utf-8")


def found(path):
    """Return (file, code) pairs and the problems."""
    problems = validate(path).problems
    return {(Path(one.path).name, one.code) for one in problems}, problems


def line_of(path, words):
    rows = path.read_text("utf-8").splitlines()
    return next(at for at, row in enumerate(rows, start=1) if words in row)


def notebook(key):
    return key / "notebooks" / "small.ipynb"


def edited(key, edit):
    book = json.loads(notebook(key).read_text("utf-8"))
    edit(book)
    notebook(key).write_text(json.dumps(book, indent=1), encoding="utf-8")


def cell(name):
    return lambda book: next(one for one in book["cells"] if one["id"] == name)


def put(name, field, value):
    def edit(book):
        cell(name)(book)[field] = value

    return edit
