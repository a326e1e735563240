"""One notebook of a key, looked at and never run: cells, tags, parameters, and that nothing is stored in it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from keys_jupyter import parameters
from keys_jupyter.authoring.positions import line_at, lines_of
from keys_jupyter.authoring.report import Findings
from keys_jupyter.errors import InputError
from keys_jupyter.model.pack import ParameterNotes
from keys_jupyter.model.parameters import Parameter
from keys_jupyter.parameters.notebook import cells_of, source_of, tagged

_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_VERIFIED = re.compile(r"last[ -]verified\W*(\d{4}-\d{2}-\d{2})?", re.I)
_WITH_IDS = 5


@dataclass(frozen=True)
class Notebook:
    """A notebook that could be read; ``lines`` are its values' lines by path."""

    path: str
    document: Mapping[str, Any]
    cells: list[dict[str, Any]]
    lines: Mapping[tuple[str | int, ...], int]
    parameters: list[Parameter] = field(default_factory=list)

    def line(self, *place: str | int) -> int:
        """Return the line of one of its values."""
        return line_at(self.lines, place)

    def parameter_line(self, name: str) -> int:
        """Return the line that declares a parameter."""
        for index in tagged(self.cells, "parameters"):
            source = self.cells[index].get("source")
            rows = source if isinstance(source, list) else []
            for at, row in enumerate(rows):
                if re.match(rf"\s*{re.escape(name)}\b", row):
                    return self.line("cells", index, "source", at)
            return self.line("cells", index)
        return 1


def check_notebook(
    path: str, text: str, notes: Mapping[str, ParameterNotes], findings: Findings
) -> Notebook | None:
    """Check one notebook and return it; None where it is none.

    Args:
        path: the file, for problems.
        text: its text.
        notes: what key.json says of parameters.
        findings: takes every problem.
    """
    book = _read(path, text, findings)
    if book is None:
        return None
    _kernel(book, findings)
    for index, cell in enumerate(book.cells):
        _nothing_stored(book, index, cell, findings)
    _ids(book, findings)
    _last_verified(book, findings)
    return _parameters(book, notes, findings)


def _read(path: str, text: str, findings: Findings) -> Notebook | None:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        findings.problem(path, line, "NOT_A_NOTEBOOK", f"This is not JSON: {error}.")
        return None
    try:
        cells = cells_of(document if isinstance(document, dict) else {})
        for cell in cells:
            source_of(cell)
    except InputError as error:
        findings.problem(path, 1, "NOT_A_NOTEBOOK", error.message)
        return None
    return Notebook(path, document, cells, lines_of(text))


def _kernel(book: Notebook, findings: Findings) -> None:
    metadata = book.document.get("metadata")
    kernel = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    name = kernel.get("name") if isinstance(kernel, dict) else None
    if not (isinstance(name, str) and name):
        said = "The notebook names no kernel (`metadata.kernelspec.name`)."
        findings.problem(book.path, book.line("metadata"), "NO_KERNELSPEC", said)


def _nothing_stored(
    book: Notebook, index: int, cell: Mapping[str, Any], findings: Findings
) -> None:
    if cell.get("outputs"):
        said = f"Cell {index + 1} keeps outputs; clear them, they may carry somebody's data."
        line = book.line("cells", index, "outputs")
        findings.problem(book.path, line, "STORED_OUTPUTS", said)
    elif cell.get("execution_count") is not None:
        said = f"Cell {index + 1} keeps the count of a run; clear all outputs."
        line = book.line("cells", index, "execution_count")
        findings.problem(book.path, line, "STORED_OUTPUTS", said)


def _ids(book: Notebook, findings: Findings) -> None:
    minor = book.document.get("nbformat_minor")
    if not isinstance(minor, int) or minor < _WITH_IDS:
        said = "The notebook is older than format 4.5, which gives cells ids; save it anew."
        findings.problem(book.path, book.line("nbformat_minor"), "NO_CELL_IDS", said)
        return
    seen: set[str] = set()
    for index, cell in enumerate(book.cells):
        name = cell.get("id")
        if not isinstance(name, str) or not _CELL_ID.fullmatch(name):
            said = f"Cell {index + 1} has no id of 1 to 64 letters, digits, `-` or `_`."
            findings.problem(book.path, book.line("cells", index), "NO_CELL_IDS", said)
        elif name in seen:
            said = f"Cell {index + 1} has the id of a cell above."
            findings.problem(book.path, book.line("cells", index, "id"), "CELL_ID_TWICE", said)
        else:
            seen.add(name)


def _last_verified(book: Notebook, findings: Findings) -> None:
    for index, cell in enumerate(book.cells):
        match = _VERIFIED.search(source_of(cell)) if cell.get("cell_type") == "markdown" else None
        if match is None:
            continue
        try:
            date.fromisoformat(match[1] or "")
        except ValueError:
            said = "Last verified needs a date written as YYYY-MM-DD."
            findings.problem(book.path, book.line("cells", index), "LAST_VERIFIED", said)
        return
    said = "No Markdown cell says “Last verified: YYYY-MM-DD”."
    findings.problem(book.path, 1, "LAST_VERIFIED", said)


def _parameters(
    book: Notebook, notes: Mapping[str, ParameterNotes], findings: Findings
) -> Notebook:
    places = tagged(book.cells, "parameters")
    if not places:
        said = "No cell is tagged `parameters`: nobody could give this notebook a value."
        findings.problem(book.path, 1, "NO_PARAMETERS_CELL", said)
        return book
    try:
        found = parameters.declared(book.document, notes)
    except InputError as error:
        line = book.line("cells", places[-1])
        findings.problem(book.path, line, error.code, error.message)
        return book
    if not found.parameters:
        said = "The parameters cell declares nothing."
        line = book.line("cells", places[0])
        findings.problem(book.path, line, "NO_PARAMETERS", said)
    return Notebook(book.path, book.document, book.cells, book.lines, found.parameters)
