"""A parsed notebook in, its declared parameters out; pure.

Python cells are read by ``ast`` and ``tokenize``, cells of other languages line by line in ``languages``. Nothing is
imported, evaluated or executed. Cells are counted from 1, over all cells, as a person counts them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from keys_jupyter.errors import InputError
from keys_jupyter.model.pack import ParameterNotes
from keys_jupyter.model.parameters import Parameter
from keys_jupyter.parameters import kinds, languages, values
from keys_jupyter.parameters.cell import Declared, read_cell
from keys_jupyter.parameters.literals import as_json
from keys_jupyter.parameters.notebook import cells_of, source_of, tagged
from keys_jupyter.parameters.problems import printable, shown

_MAX_SOURCE = 200_000
# Names that the injected cell itself speaks, or that Python does.
_TAKEN = {"float", "set", "Path", "_datetime", "_getpass"}


@dataclass(frozen=True)
class Declaration:
    """What one notebook takes.

    ``cell`` is the index of the tagged cell, None where no cell is tagged; ``source`` is that cell's text; ``kernel``
    is the kernelspec's name, empty where the notebook names none.
    """

    parameters: list[Parameter]
    cell: int | None
    language: str
    kernel: str
    source: str

    @property
    def names(self) -> list[str]:
        """The declared names, in order."""
        return [parameter.name for parameter in self.parameters]


def declared(
    notebook: Mapping[str, Any], notes: Mapping[str, ParameterNotes] | None = None
) -> Declaration:
    """Read the parameters of a notebook from its cell tagged ``parameters``.

    Args:
        notebook: the parsed document, format 4.
        notes: what key.json adds, by name; notes for names this notebook does not declare are not used.

    Raises:
        InputError: the document is no notebook, several cells are tagged, or the cell cannot be read.
    """
    cells = cells_of(notebook)
    language, kernel = languages.language_of(notebook)
    indices = tagged(cells, "parameters")
    if len(indices) > 1:
        listed = ", ".join(str(index + 1) for index in indices)
        raise InputError(
            "SEVERAL_PARAMETERS_CELLS",
            f"Cells {listed} (counting all cells) are all tagged `parameters`; only one may be.",
            "Remove the tag from all but one cell.",
        )
    if not indices:
        return Declaration([], None, language, kernel, "")
    index = indices[0]
    where = f"Cell {index + 1} of {len(cells)} (counting all cells)"
    if cells[index].get("cell_type") != "code":
        raise malformed(where, "is tagged `parameters` but is not a code cell")
    source = source_of(cells[index])
    if len(source) > _MAX_SOURCE:
        raise malformed(where, f"is longer than {_MAX_SOURCE} characters")
    found = _read(source, language, where)
    parameters = [_parameter(item, (notes or {}).get(item.name), where) for item in found]
    return Declaration(parameters, index, language, kernel, source)


def malformed(where: str, reason: str) -> InputError:
    """Return the error for a parameters cell that cannot be read."""
    return InputError(
        "MALFORMED_PARAMETERS_CELL",
        f"{where} {reason}.",
        "A parameters cell holds one assignment per name, such as `limit: int = 10`.",
    )


def _read(source: str, language: str, where: str) -> list[Declared]:
    try:
        found = (
            read_cell(source) if language == "python" else languages.read_lines(source, language)
        )
    except ValueError as error:
        raise malformed(where, printable(str(error))) from None
    seen: set[str] = set()
    for item in found:
        if item.name in seen:
            raise malformed(where, f"declares `{item.name}` twice")
        if language == "python" and (item.name in _TAKEN or re.fullmatch(r"__.*__", item.name)):
            raise malformed(
                where, f"declares `{item.name}`, a name the injected cell or Python needs"
            )
        seen.add(item.name)
    return found


def _parameter(item: Declared, notes: ParameterNotes | None, where: str) -> Parameter:
    notes = notes or ParameterNotes()
    item = _typed(item, where)
    _check_pattern(item.name, notes.pattern)
    choices = [c for kind in _members(item.kind) if kind.name == "Literal" for c in kind.choices]
    default, lost = (None, False) if notes.secret else _default(item)
    return Parameter(
        name=item.name,
        type=str(item.kind),
        default=default,
        required=item.required,
        title=notes.title or item.name.replace("_", " ").strip().capitalize() or item.name,
        help=item.help if notes.help is None else notes.help,
        unit=notes.unit,
        choices=choices or None,
        optional=item.kind.optional,
        secret=notes.secret,
        file=notes.file,
        output_folder=notes.output_folder,
        minimum=notes.minimum,
        maximum=notes.maximum,
        pattern=notes.pattern,
        computed=item.computed or lost,
    )


def _default(item: Declared) -> tuple[Any, bool]:
    """Return the default as JSON, and whether JSON cannot carry it, so that only the kernel has it."""
    default = as_json(item.default)
    if item.required or item.computed:
        return None, False
    try:
        lost = values.convert(item.kind, default) != item.default
    except values.Mismatch:
        lost = True
    return (None, True) if lost else (default, False)


def _members(kind: kinds.Kind) -> tuple[kinds.Kind, ...]:
    return kind.args if kind.name == "union" else (kind,)


def _typed(item: Declared, where: str) -> Declared:
    if item.required or item.computed:
        return item
    if item.default is None:
        return replace(
            item, kind=kinds.union([item.kind, kinds.NONE]) if not item.kind.optional else item.kind
        )
    try:
        return replace(item, default=values.convert(item.kind, item.default))
    except values.Mismatch:
        said = f"declares `{item.name}` as {item.kind}, but its default is {shown(item.default)}"
        raise malformed(where, said) from None


def _check_pattern(name: str, pattern: str | None) -> None:
    try:
        re.compile(pattern or "")
    except re.error:
        raise InputError(
            "BAD_PATTERN",
            f"The pattern that key.json gives for `{name}` is not a regular expression.",
            "Tell the key's author, or correct it in key.json.",
        ) from None
