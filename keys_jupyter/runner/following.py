"""A growing journal in, what is needed to say how its run stands out; each line is read once.

A panel asks for an open run several times a second, and its journal may have grown to a hundred megabytes by then. Of outputs
only what is counted and what is a result is remembered.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keys_jupyter.runner import journal


class Following:
    """One journal, read on from where it was left; safe to call from any thread."""

    def __init__(self, folder: Path) -> None:
        """Remember where it is; it may not have begun."""
        self._path = folder / journal.JOURNAL
        self._lock = threading.Lock()
        self._read = 0
        self._lines: list[dict[str, Any]] = []

    def lines(self) -> list[dict[str, Any]]:
        """Return all lines so far, outputs without their content."""
        with self._lock:
            self._read_on()
            return list(self._lines)

    def _read_on(self) -> None:
        try:
            with self._path.open("rb") as stream:
                stream.seek(self._read)
                for line in stream:
                    if not line.endswith(b"\n"):
                        return
                    self._read += len(line)
                    self._lines.append(_slim(json.loads(line)))
        except FileNotFoundError:
            return


def _slim(line: dict[str, Any]) -> dict[str, Any]:
    if line["type"] != "output":
        return line
    output: Mapping[str, Any] = line["output"]
    kept: dict[str, Any] = {"name": output["name"]} if "name" in output else {}
    data = output.get("data") or {}
    if journal.RESULT_MIME in data:
        kept["data"] = {journal.RESULT_MIME: data[journal.RESULT_MIME]}
    return {**line, "output": kept}
