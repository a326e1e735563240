"""A parsed notebook read as far as its cells and tags, and written with one injected cell; pure.

What is inside a parameters cell is read elsewhere.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from keys_jupyter.errors import InputError

_INJECTED = "injected-parameters"


def cells_of(notebook: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the cells of a notebook of format 4.

    Raises:
        InputError: the document is not such a notebook.
    """
    cells = notebook.get("cells")
    well_formed = isinstance(cells, list) and all(isinstance(cell, dict) for cell in cells)
    if not well_formed or notebook.get("nbformat") != 4:
        raise InputError(
            "MALFORMED_NOTEBOOK",
            "This is not a notebook of format 4.",
            "Open it in JupyterLab and save it again.",
        )
    return list(notebook["cells"])


def source_of(cell: Mapping[str, Any]) -> str:
    """Return a cell's text, however it is stored.

    Raises:
        InputError: the source is neither text nor a list of texts.
    """
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        return "".join(source)
    if isinstance(source, str):
        return source
    raise InputError("MALFORMED_NOTEBOOK", "A cell of this notebook has a source that is not text.")


def tagged(cells: list[dict[str, Any]], tag: str) -> list[int]:
    """Return the indices of the cells that carry a tag."""
    return [index for index, cell in enumerate(cells) if tag in _tags(cell)]


def _tags(cell: Mapping[str, Any]) -> list[Any]:
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, Mapping) else None
    return tags if isinstance(tags, list) else []


def inject(
    notebook: Mapping[str, Any],
    source: str,
    *,
    cell_id: str,
    metadata: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a copy of a notebook with one injected cell right after its parameters cell.

    Cells injected by an earlier run are taken out. With an empty source nothing is put in.

    Args:
        notebook: the parsed document, format 4; it is not changed.
        source: what ``cell_source`` made.
        cell_id: the new cell's id, used where the format has ids (4.5 and later).
        metadata: the new cell's metadata, besides its tag.

    Raises:
        InputError: there is something to inject and not exactly one parameters cell, or the id is taken or invalid.
    """
    result: dict[str, Any] = copy.deepcopy(dict(notebook))
    cells = cells_of(result)
    places = tagged(cells, "parameters")
    if not places and not source.strip():
        return result
    if len(places) != 1:
        raise InputError(
            "NO_PARAMETERS_CELL",
            f"{len(places)} cells are tagged `parameters`; values need exactly one.",
            "Tag the cell that declares the parameters.",
        )
    anchor = cells[places[0]]
    cells = [cell for cell in cells if cell is anchor or _INJECTED not in _tags(cell)]
    if source.strip():
        with_ids = int(result.get("nbformat_minor", 0)) >= 5
        if with_ids:
            _check_id(cell_id, cells)
        place = next(index for index, cell in enumerate(cells) if cell is anchor)
        cells.insert(place + 1, _cell(source, cell_id if with_ids else None, metadata or {}))
    result["cells"] = cells
    return result


def _cell(source: str, cell_id: str | None, metadata: Mapping[str, Any]) -> dict[str, Any]:
    own = copy.deepcopy(dict(metadata))
    tags = [tag for tag in own.get("tags", []) if tag != _INJECTED]
    cell: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {**own, "tags": [*tags, _INJECTED]},
        "outputs": [],
        "source": source,
    }
    return cell if cell_id is None else {**cell, "id": cell_id}


def _check_id(cell_id: str, cells: list[dict[str, Any]]) -> None:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", cell_id):
        raise InputError("BAD_CELL_ID", "A cell id is 1 to 64 letters, digits, `-` or `_`.")
    if any(cell.get("id") == cell_id for cell in cells):
        raise InputError("BAD_CELL_ID", "Another cell of this notebook already has that id.")
