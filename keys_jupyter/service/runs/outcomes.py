"""What an ended run left: gathered once from its journal and folder, and recorded under its incident."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from keys_jupyter import evidence
from keys_jupyter.evidence.bundle.cells import cells_digest
from keys_jupyter.model.run import Artifact, Run, RunState
from keys_jupyter.runner import journal
from keys_jupyter.runner.identity import alive
from keys_jupyter.runner.job import ending
from keys_jupyter.runner.leftover import Leftover
from keys_jupyter.service.evidence.redacting import Redacting, redacted_outcome
from keys_jupyter.service.incidents.recording import Recorder
from keys_jupyter.service.runs.reading import RunReader, sample_notes
from keys_jupyter.store import Store
from keys_jupyter.workspace import Workspace

# A clock that is kept in step moves less than this in any run.
_CLOCK_SET_SECONDS = 30


class Outcomes:
    """Settles runs."""

    def __init__(
        self,
        workspace: Workspace,
        store: Store,
        reader: RunReader,
        recorder: Recorder,
        redacting: Redacting,
    ) -> None:
        """Take where runs are, how they are read, where their ends are recorded, and what is redacted of them."""
        self._workspace = workspace
        self._store = store
        self._reader = reader
        self._recorder = recorder
        self._redacting = redacting
        # Keeping an outcome appends several records; two threads must not both find it not kept yet.
        self._keeping = threading.Lock()

    def exited(self, run_id: str, code: int) -> None:
        """Write the end of a run whose process could not."""
        end = ending(code)
        if end:
            self._end(run_id, end.state, end.reason)

    def _end(self, run_id: str, state: RunState, reason: str) -> None:
        """Write a run's end into the store and its journal; what its own process wrote there last goes first."""
        folder = self._store.journal_dir(run_id)
        state, reason = journal.told_end(folder) or (state, reason)
        self._store.advance(run_id, state.value, reason=reason)
        row = self._reader.row(run_id)
        with suppress(OSError):
            # A disk that takes nothing any more; what the journal lacks, the store has.
            journal.salvage(folder, RunState(row["state"]), row["reason"])

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
        """Return the runs of this workspace whose process is gone and which are open or not kept yet.

        A run that a person works on has no process; it stays open.
        """
        here = str(self._workspace.root)
        return [
            row["id"]
            for row in self._store.unfinished_runs()
            if row["workspace"] == here and not alive(row["owner"]) and not by_hand(row)
        ]

    def gone(self, run_id: str) -> bool:
        """Say whether nothing of a run whose owner ended is at work any more."""
        return not Leftover(self._store.journal_dir(run_id)).at_work()

    def take_up(self, run_id: str) -> None:
        """End a run whose owner ended: wait for its process to end by itself, else end it, then write how it stands."""
        Leftover(self._store.journal_dir(run_id)).end()
        self._end(run_id, RunState.INTERRUPTED, "The server or command that ran it ended.")
        self.keep(run_id)

    def _outcome(self, run_id: str) -> dict[str, Any] | None:
        """Gather what an ended run left; None while it is open, and when it is kept already."""
        row = self._reader.row(run_id)
        if row["outcome"] is not None or not RunState(row["state"]).terminal:
            return None
        seen = journal.read(self._store.journal_dir(run_id))
        folder = self._workspace.root / row["facts"]["folder"]
        before = [*row["facts"].get("before", ()), PurePosixPath(row["facts"]["notebook"]).name]
        cells = journal.cells(self._reader.notebook(row), seen, RunState(row["state"]))
        outcome = {
            "lines": len(seen),
            "reason": row["reason"],
            "notes": [*_notes(seen), *sample_notes(row["facts"])],
            "seconds": journal.seconds(seen),
            "cells": [cell.model_dump(mode="json") for cell in cells],
            "results": [result.model_dump(mode="json") for result in journal.results(seen)],
            "artifacts": [
                artifact.model_dump(mode="json")
                for artifact in evidence.artifacts_in(folder, before)
            ],
        }
        return redacted_outcome(outcome, self._redacting.of_run(run_id, row["incident"]))

    def _record_end(self, run: Run) -> None:
        """Append the run's end and its evidence, leaving out what is there from before a crash."""
        incident = str(run.incident)
        there = self._store.records(incident)
        if not any(r["type"] == "run.ended" and r["data"]["run"] == run.id for r in there):
            self._recorder.append(incident, "run.ended", end_of(run), run.step)
        self.record_evidence(run, incident, run.step)

    def record_evidence(self, run: Run, incident: str, step: str | None) -> None:
        """Append what an ended run left as evidence of a step, leaving out what is there already."""
        there = self._store.records(incident)
        kept = {r["data"]["id"] for r in there if r["type"] == "evidence.kept"}
        for number, item in enumerate(self._captured(run, incident), 1):
            name = f"{run.id[:8]}-{number}"
            if name not in kept:
                digest = self._store.keep(item.data)
                self._recorder.append(
                    incident,
                    "evidence.kept",
                    {
                        "id": name,
                        "run": run.id,
                        "sha256": digest,
                        "size": len(item.data),
                        **item.facts(),
                    },
                    step,
                )

    def _captured(self, run: Run, incident: str) -> list[evidence.Captured]:
        """Return what is kept of an ended run as evidence."""
        seen = journal.read(self._store.journal_dir(run.id))
        root = self._workspace.root
        return list(
            evidence.capture(
                journal.outputs(seen),
                journal.results(seen),
                root / run.notebook,
                root / run.folder,
                _found(root / run.folder, run.artifacts),
                self._redacting.of_incident(incident),
            )
        )


def _found(folder: Path, artifacts: Sequence[Artifact]) -> list[Artifact]:
    """Return artifacts by the names their files have; one whose name held a secret is found by its bytes."""
    renamed = {one.sha256 for one in artifacts if not (folder / one.path).is_file()}
    there = evidence.artifacts_in(folder, ()) if renamed else []
    names = {one.sha256: one.path for one in there if one.sha256 in renamed}
    return [one.model_copy(update={"path": names.get(one.sha256, one.path)}) for one in artifacts]


def _notes(seen: list[dict[str, Any]]) -> list[str]:
    """Return what the record of a run cannot prove, as far as the run itself tells."""
    notes = [note for line in seen if line["type"] == "end" for note in line.get("notes", ())]
    shift = journal.clock_shift(seen)
    if abs(shift) >= _CLOCK_SET_SECONDS:
        notes.append(
            f"This machine slept, or its clock was set, during the run (about {shift:+.0f} s); durations are not affected."
        )
    return notes


def by_hand(row: Mapping[str, Any]) -> bool:
    """Say whether a run is open for a person: prepared, and nothing of ours is to run it."""
    return (row["facts"]["mode"], row["state"]) == ("interactive", RunState.PREPARED.value)


def end_of(run: Run) -> dict[str, Any]:
    """Return what an incident's record says of a run's end."""
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
        "cells_sha256": cells_digest([cell.model_dump(mode="json") for cell in run.cells]),
        "results": [result.model_dump(mode="json") for result in run.results],
        "artifacts": [artifact.model_dump(mode="json") for artifact in run.artifacts],
    }
