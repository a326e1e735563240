"""The honest state of every cell of a run in, one digest out: the record of a run's end binds what its bundle tells."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from keys_jupyter.ledger.encoding import encode

# Named, so that a record made by an older version can still be checked when cells are told more of.
_BOUND = (
    "index",
    "number",
    "type",
    "title",
    "state",
    "started_at",
    "duration",
    "error",
    "outputs",
)


def cells_digest(cells: Sequence[Mapping[str, Any]]) -> str:
    """Return the sha256 over what is told of each cell."""
    told = [{name: cell.get(name) for name in _BOUND} for cell in cells]
    return hashlib.sha256(encode({"cells": told})).hexdigest()
