"""What an ended run left: gathered once from its journal and folder, and recorded under its incident."""

from __future__ import annotations

import threading
from pathlib import PurePosixPath
from typing import Any

from keys_jupyter import evidence
from keys_jupyter.errors import InputError, NotAvailable
from keys_jupyter.model.run import Run, RunState
from keys_jupyter.runner import journal
from keys_jupyter.runner.job import ending
from keys_jupyter.service.owner import alive
from keys_jupyter.service.reading import RunReader
from keys_jupyter.service.recording import Recorder
from keys_jupyter.store import Store
from keys_jupyter.workspace import Workspace, read_notebook


class Outcomes:
    """Settles runs."""

    def __init__(
        self, workspace: Workspace, store: Store, reader: RunReader, recorder: Recorder
    ) -> None:
        """Take where runs are, how they are read, and where their ends are recorded."""
        self._workspace = workspace
        self._store = store
        self._reader = reader
        self._recorder = recorder
        # Keeping an outcome appends several records; two threads must not both find it not kept yet.
        self._keeping = threading.Lock()

    def exited(self, run_id: str, code: int) -> None:
        """Write the end of a run whose process could not."""
        end = ending(code)
        if end:
            self._store.advance(run_id, end.state.value, reason=end.reason)

    def keep(self, run_id: str) -> None:
        """Record what a run left under its incident, and only then call the run settled.

        In that order, because a crash in between then leaves something to take up again and nothing to lose.
        """
        with self._keeping:
            outcome = self._outcome(run_id)
            if outcome is not None:
                run = self._reader.ended_as(run_id, outcome)
                if run.incident:
                    self._record_end(run)
                self._store.set_outcome(run_id, outcome)

    def left_over(self) -> list[str]:
        """End the runs whose process is gone, and return those whose outcome is not kept yet."""
        found = []
        for row in self._store.unfinished_runs():
            if row["workspace"] == str(self._workspace.root) and not alive(row["owner"]):
                self._store.advance(
                    row["id"], "INTERRUPTED", reason="The server or command that ran it ended."
                )
                found.append(row["id"])
        return found

    def _outcome(self, run_id: str) -> dict[str, Any] | None:
        """Gather what an ended run left; None while it is open, and when it is kept already."""
        row = self._reader.row(run_id)
        if row["outcome"] is not None or not RunState(row["state"]).terminal:
            return None
        seen = journal.read(self._store.journal_dir(run_id))
        folder = self._workspace.root / row["facts"]["folder"]
        before = [*row["facts"].get("before", ()), PurePosixPath(row["facts"]["notebook"]).name]
        cells = journal.cells(self._notebook_or_empty(row), [*seen, _end_line(row)])
        return {
            "lines": len(seen),
            "cells": [cell.model_dump(mode="json") for cell in cells],
            "results": [result.model_dump(mode="json") for result in journal.results(seen)],
            "artifacts": [
                artifact.model_dump(mode="json")
                for artifact in evidence.artifacts_in(folder, before)
            ],
        }

    def _notebook_or_empty(self, row: dict[str, Any]) -> dict[str, Any]:
        try:
            return read_notebook(self._workspace.root / row["facts"]["notebook"])
        except (NotAvailable, InputError):
            return {"cells": []}

    def _record_end(self, run: Run) -> None:
        """Append the run's end and its evidence, leaving out what is there from before a crash."""
        incident = str(run.incident)
        there = self._store.records(incident)
        if not any(r["type"] == "run.ended" and r["data"]["run"] == run.id for r in there):
            self._recorder.append(incident, "run.ended", _end_of(run), run.step)
        kept = {r["data"]["id"] for r in there if r["type"] == "evidence.kept"}
        for number, item in enumerate(self._captured(run), 1):
            name = f"{run.id[:8]}-{number}"
            if name not in kept:
                digest = self._store.keep(item.data)
                self._recorder.append(
                    incident,
                    "evidence.kept",
                    {
                        "id": name,
                        "run": run.id,
                        "kind": item.kind,
                        "name": item.name,
                        "mime": item.mime,
                        "sha256": digest,
                        "size": len(item.data),
                        "redactions": 0,
                    },
                    run.step,
                )

    def _captured(self, run: Run) -> list[evidence.Captured]:
        """Return what is kept of an ended run as evidence."""
        seen = journal.read(self._store.journal_dir(run.id))
        root = self._workspace.root
        return list(
            evidence.capture(
                journal.outputs(seen),
                run.results,
                root / run.notebook,
                root / run.folder,
                run.artifacts,
            )
        )


def _end_of(run: Run) -> dict[str, Any]:
    counts: dict[str, int] = {}
    for cell in run.cells:
        counts[cell.state.value] = counts.get(cell.state.value, 0) + 1
    return {
        "run": run.id,
        "state": run.state.value,
        "reason": run.reason,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "cells": counts,
        "results": [result.model_dump(mode="json") for result in run.results],
        "artifacts": [artifact.model_dump(mode="json") for artifact in run.artifacts],
    }


def _end_line(row: dict[str, Any]) -> dict[str, Any]:
    """Return the journal's last word for a run whose own process could not write it."""
    return {"type": "state", "state": row["state"], "reason": row["reason"], "at": row["ended_at"]}
