"""The one byte form of a record: sorted names, no spaces, UTF-8."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def encode(record: Mapping[str, Any]) -> bytes:
    """Return the one byte form of a record: sorted names, no spaces, UTF-8.

    Raises:
        ValueError: the record holds NaN or an infinity, which JSON cannot say.
    """
    text = json.dumps(
        record, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )
    return text.encode("utf-8")


def decode(body: bytes) -> dict[str, Any]:
    """Read a record, and accept it only in its one byte form.

    Raises:
        ValueError: it is not JSON, not an object, or could be read in two ways.
    """
    try:
        record = json.loads(body.decode("utf-8"))
    except RecursionError:
        raise ValueError("The record is nested too deeply.") from None
    if not isinstance(record, dict) or encode(record) != body:
        raise ValueError("The record is not in its one byte form.")
    return record
