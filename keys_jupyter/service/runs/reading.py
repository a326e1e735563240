"""A run as it stands: its row, its journal while it is open, and its kept outcome once it has ended."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keys_jupyter.errors import InputError, NotAvailable
from keys_jupyter.model.run import Environment, OutputTail, Run, RunState
from keys_jupyter.runner import journal
from keys_jupyter.runner.following import Following
from keys_jupyter.service.runs.saved import STANDING
from keys_jupyter.store import Store
from keys_jupyter.workspace import Workspace, read_notebook

# The most of a run's printed text that one answer carries.
_TAIL_BYTES = 64 * 1024
# How much of an id lists show, and so how much of it names a run.
_SHORT = 8

_COLUMNS = (
    "id",
    "key",
    "version",
    "state",
    "reason",
    "requested_at",
    "started_at",
    "ended_at",
    "incident",
    "step",
)
_SHOWN = ("title", "pack_sha256", "mode", "folder", "notebook", "kernel", "parameters", "inputs")


class RunReader:
    """Reads runs, and remembers where their notebooks were moved; changes none."""

    def __init__(self, workspace: Workspace, store: Store) -> None:
        """Take where run folders are and where runs are recorded."""
        self._workspace = workspace
        self._store = store
        self._open: dict[str, Following] = {}

    def run(self, run_id: str) -> Run:
        """Return a run as it stands.

        Raises:
            NotAvailable: there is no such run.
        """
        return self._read(self.row(run_id))

    def settled(self, run_id: str) -> bool:
        """Say whether a run has ended and its outcome is kept."""
        return self.row(run_id)["outcome"] is not None

    def all(self, *, incident: str | None = None, key: str | None = None) -> list[Run]:
        """Return the runs of this workspace, newest first."""
        here = str(self._workspace.root)
        rows = self._store.runs(incident=incident, key=key)
        return [self._read(row) for row in rows if row["workspace"] == here]

    def environment(self, run_id: str) -> Environment:
        """Return what a run's kernel had around it.

        Raises:
            NotAvailable: there is no such run, or it was made before environments were recorded.
        """
        recorded = self.row(run_id)["facts"].get("environment")
        if recorded is None:
            raise NotAvailable(
                "NO_ENVIRONMENT", "This run's environment was not recorded.", "Run it again."
            )
        return Environment.model_validate(recorded)

    def tail(self, run_id: str, offset: int | None) -> OutputTail:
        """Return what a run has printed, from a byte offset, or its end when none is given."""
        row = self.row(run_id)
        return tail_of(self._store.journal_dir(row["id"]) / journal.TAIL, offset)

    def find(self, path: str, run_id: str | None) -> tuple[Run | None, str | None]:
        """Return the run a notebook belongs to, and of which run it is only a copy.

        The file at the recorded path is the run's notebook. A notebook elsewhere with the run's id in it
        is the run's when the recorded path is empty (it was renamed or moved), else a copy. Where it went is
        remembered, so that a copy of a moved one is a copy as well.
        """
        for row in self._store.runs():
            if row["facts"]["notebook"] == path:
                return self._read(row), None
        named = self._store.run(run_id) if run_id else None
        if named is None:
            return None, None
        run_id = str(named["id"])
        if (self._workspace.root / named["facts"]["notebook"]).is_file():
            return None, run_id
        moved = self._store.place(run_id)
        if moved != path:
            if moved and (self._workspace.root / moved).is_file():
                return None, run_id
            self._store.set_place(run_id, path)
        return self._read(named), None

    def row(self, run_id: str) -> dict[str, Any]:
        """Return a run as it is recorded, by its id or by the start of it that no other run has.

        Raises:
            NotAvailable: there is no such run.
        """
        row = self._store.run(run_id)
        if row is None and len(run_id) >= _SHORT:
            alike = [found for found in self._store.runs() if found["id"].startswith(run_id)]
            row = alike[0] if len(alike) == 1 else None
        if row is None:
            raise NotAvailable(
                "UNKNOWN_RUN",
                f"There is no run {ascii(run_id)[:50]}.",
                'List them with "jupyter keys runs list".',
            )
        return row

    def _read(self, row: dict[str, Any]) -> Run:
        facts, outcome = row["facts"], row["outcome"]
        lines = 0
        cells: list[Any] = []
        results: list[Any] = []
        artifacts: list[Any] = []
        if outcome:
            lines = outcome["lines"]
            cells, results, artifacts = outcome["cells"], outcome["results"], outcome["artifacts"]
            self._open.pop(row["id"], None)
        else:
            seen = self._followed(row["id"]).lines()
            lines = len(seen)
            cells, results = self._cells(row, seen), journal.results(seen)
        return Run.model_validate(
            {
                **{name: facts[name] for name in _SHOWN},
                **{name: row[name] for name in _COLUMNS},
                "n": row["n"] + lines,
                "cells": cells,
                "results": results,
                "artifacts": artifacts,
                "usual_seconds": self._usual(row["key"], row["version"]),
                "cancelled_by": facts.get("cancelled_by"),
                "notes": (outcome or {}).get("notes", _standing(facts)),
                "reason": (outcome or {}).get("reason", row["reason"]),
            }
        )

    def _followed(self, run_id: str) -> Following:
        return self._open.setdefault(run_id, Following(self._store.journal_dir(run_id)))

    def _cells(self, row: dict[str, Any], seen: list[dict[str, Any]]) -> list[Any]:
        return list(journal.cells(self.notebook(row), seen, RunState(row["state"])))

    def notebook(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the notebook whose cells a run is told of: as prepared, or as a person saved it.

        The file in the run's folder is the person's to change or move, so it comes last.
        """
        kept = self._store.journal_dir(row["id"])
        by_hand = row["facts"]["mode"] == "interactive"
        places = [
            *([kept / journal.EXECUTED] if by_hand else []),
            kept / journal.PREPARED,
            self._workspace.root / row["facts"]["notebook"],
        ]
        for place in places:
            try:
                return read_notebook(place)
            except (NotAvailable, InputError):
                continue
        return {"cells": []}

    def _usual(self, key: str, version: str) -> float | None:
        spans = [
            row["outcome"]["seconds"]
            for row in self._store.runs(key=key)[:20]
            if row["version"] == version and row["state"] == "SUCCEEDED"
            if row["outcome"] and row["outcome"].get("seconds")
            if row["facts"]["mode"] == "headless"
        ]
        return round(statistics.median(spans), 1) if spans else None

    def ended_as(self, run_id: str, outcome: Mapping[str, Any]) -> Run:
        """Return a run with an outcome that is not kept yet."""
        return self._read({**self.row(run_id), "outcome": outcome})


def _standing(facts: Mapping[str, Any]) -> list[str]:
    return [*([STANDING] if facts["mode"] == "interactive" else []), *sample_notes(facts)]


def sample_notes(facts: Mapping[str, Any]) -> list[str]:
    """Return which files of a run were the key's own samples, so that nobody takes its results for theirs."""
    samples = facts.get("samples", ())
    if not samples:
        return []
    left = " and ".join(f"{one['parameter']} at {one['path']}" for one in samples)
    return [
        f"Ran on sample data that comes with the key ({left}): what came of it says nothing about your own data."
    ]


def tail_of(path: Path, offset: int | None) -> OutputTail:
    """Return a text file from a byte offset, or its end when none is given; a file that is not there is empty."""
    size = path.stat().st_size if path.is_file() else 0
    start = max(0, size - _TAIL_BYTES) if offset is None else min(max(offset, 0), size)
    data = b""
    if size:
        with path.open("rb") as file:
            file.seek(start)
            data = file.read(_TAIL_BYTES)
    return OutputTail(
        text=data.decode("utf-8", errors="replace"), offset=start, end=start + len(data)
    )
