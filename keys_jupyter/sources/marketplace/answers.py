"""Answers of a marketplace kept on disk with their age, so that its being down changes nothing that is known.

No token and no signed URL is ever kept here. A damaged file is as good as none, and is written anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keys_jupyter.store import write_beside

_MOST = 128 * 1024 * 1024


@dataclass(frozen=True)
class Answer:
    """One answer and when it was last heard to hold."""

    data: Any
    etag: str
    at: float  # seconds since 1970


class Answers:
    """The kept answers of one marketplace."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; it is made when something is kept."""
        self._folder = folder
        self._lock = threading.Lock()
        self._known: dict[str, Answer] = {}

    def get(self, name: str) -> Answer | None:
        """Return a kept answer."""
        with self._lock:
            if name not in self._known and (found := self._read(name)):
                self._known[name] = found
            return self._known.get(name)

    def put(self, name: str, answer: Answer) -> None:
        """Keep an answer; a disk that does not take it costs only its being known after a restart."""
        row = {"name": name, "etag": answer.etag, "at": answer.at, "data": answer.data}
        with self._lock:
            self._known[name] = answer
            with contextlib.suppress(OSError):
                self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                write_beside(self._path(name), json.dumps(row).encode())

    def _path(self, name: str) -> Path:
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:24]}.json"

    def _read(self, name: str) -> Answer | None:
        path = self._path(name)
        try:
            if path.stat().st_size > _MOST:
                return None
            row = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        if not isinstance(row, dict) or row.get("name") != name or "data" not in row:
            return None
        etag, at = row.get("etag"), row.get("at")
        if not isinstance(etag, str) or not isinstance(at, int | float):
            return None
        return Answer(row["data"], etag, float(at))
