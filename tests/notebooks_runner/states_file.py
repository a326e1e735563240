"""A store that is a file: what a child says of its run, one JSON line each, ended runs immutable."""

from __future__ import annotations

import json
from pathlib import Path

OPEN = {"REQUESTED", "PREPARED", "STARTING", "RUNNING"}


class StatesFile:
    def __init__(self, folder: Path) -> None:
        self.path = Path(folder) / "states.jsonl"

    def rows(self, run_id: str) -> list[dict[str, str]]:
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        return [row for row in map(json.loads, lines) if row["run"] == run_id]

    def advance(self, run_id: str, state: str, *, reason: str = "", at: str | None = None) -> bool:
        if any(row["state"] not in OPEN for row in self.rows(run_id)):
            return False
        with self.path.open("a") as stream:
            stream.write(json.dumps({"run": run_id, "state": state, "reason": reason}) + "\n")
        return True
