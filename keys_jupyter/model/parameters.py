"""What a notebook takes: its parameters and the JSON Schema a form is made from."""

from __future__ import annotations

from typing import Any

from keys_jupyter.model.base import Record


class Parameter(Record):
    """One declared parameter of a notebook.

    ``type`` is the declaration as a person reads it (``int | None``); ``default`` is JSON: a date is its ISO
    text, a path its text; ``required`` is true when the cell declares the name without a value; ``computed`` is
    true when the cell's default is no literal, so that only the kernel knows it and ``default`` is None. A secret
    never has a default here.
    """

    name: str
    type: str
    default: Any
    required: bool
    title: str
    help: str
    unit: str | None
    choices: list[Any] | None
    optional: bool
    secret: bool
    file: bool
    output_folder: bool
    minimum: float | None
    maximum: float | None
    pattern: str | None
    computed: bool = False


class ParameterSet(Record):
    """All parameters of one notebook, with the schema of a form; ``cell`` is None where no cell is tagged."""

    parameters: list[Parameter]
    schema_: dict[str, Any]
    cell: int | None
    language: str


class ParametersReply(Record):
    """What one version of a key takes."""

    slug: str | None
    version: str | None
    notebook: str
    kernel: str
    has_cell: bool
    parameters: list[Parameter]
    json_schema: dict[str, Any]


class CellPreviewRequest(Record):
    """Values to look at before a run."""

    version: str | None = None
    values: dict[str, Any] = {}
    nulls: list[str] = []


class CellPreview(Record):
    """The exact cell a run with these values would inject."""

    source: str
    language: str
