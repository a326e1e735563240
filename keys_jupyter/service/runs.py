"""Runs from request to kept outcome: prepared in a folder of their own, started, read, ended once."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from keys_jupyter import incidents
from keys_jupyter.errors import InputError
from keys_jupyter.model.parameters import CellPreview, CellPreviewRequest, ParametersReply
from keys_jupyter.model.run import OutputTail, Run, RunList, RunRequest
from keys_jupyter.runner.spawner import Runner
from keys_jupyter.service.installs import Installs
from keys_jupyter.service.outcomes import Outcomes
from keys_jupyter.service.owner import this_process
from keys_jupyter.service.preparation import Preparation
from keys_jupyter.service.reading import RunReader
from keys_jupyter.service.recording import Announce, Recorder
from keys_jupyter.store import Store
from keys_jupyter.workspace import Workspace


class Runs:
    """The runs of one workspace."""

    def __init__(
        self,
        workspace: Workspace,
        store: Store,
        installs: Installs,
        recorder: Recorder,
        reader: RunReader,
        announce: Announce,
        start_runner: Callable[[Callable[[str, int], None], Callable[[str, int], None]], Runner],
    ) -> None:
        """Take up what an ended process left, and be ready to run.

        Args:
            workspace: where run folders are made.
            store: where runs are recorded.
            installs: where keys come from.
            recorder: appends to a run's incident.
            reader: reads runs.
            announce: told of every change as kind, id and number.
            start_runner: makes the runner from what it is to call on progress and at a run's end.
        """
        self._workspace = workspace
        self._store = store
        self._installs = installs
        self._recorder = recorder
        self._reader = reader
        self._announce = announce
        self._preparation = Preparation(workspace, store, installs)
        self._outcomes = Outcomes(workspace, store, reader, recorder)
        self._runner = start_runner(self._progressed, self._exited)
        for run_id in self._outcomes.left_over():
            self._settle(run_id)

    def close(self) -> None:
        """End every run of this process."""
        self._runner.close()

    # what a notebook takes -----------------------------------------------------------------------

    def parameters(self, name: str, version: str | None = None) -> ParametersReply:
        """Return what a key, or a notebook of the workspace, takes."""
        return self._preparation.parameters(name, version)

    def preview_cell(self, name: str, request: CellPreviewRequest) -> CellPreview:
        """Return the exact cell a run with these values would inject."""
        return self._preparation.preview(name, request.version, request.values, request.nulls)

    def typed(self, name: str, version: str | None, texts: Mapping[str, str]) -> dict[str, Any]:
        """Return a command line's texts as values of their parameters' types."""
        return self._preparation.typed(name, version, texts)

    def from_workspace(self, path: Path) -> str:
        """Name a file from the workspace's root.

        Raises:
            InputError: it is not inside.
        """
        return self._workspace.named(path)

    # starting and cancelling ---------------------------------------------------------------------

    def start(self, request: RunRequest, *, folder: Path | None = None, texts: bool = False) -> Run:
        """Run a key in a folder of its own; its key is installed first where it is not yet.

        The same id again answers the run that is there.

        Args:
            request: what to run, with which values, for which step.
            folder: what file parameters are relative to; the workspace's root when None.
            texts: values are texts of a command line.
        """
        request = self._placed(request)
        self._install(request)
        run = self._request(request, folder, texts)
        self._announce("run", run.id, run.n)
        return run

    def cancel(self, run_id: str) -> Run:
        """Ask a run to end; it ends within five seconds."""
        self._reader.run(run_id)
        self._runner.cancel(run_id)
        return self._reader.run(run_id)

    def _placed(self, request: RunRequest) -> RunRequest:
        """Return the request with its incident's whole id, once the step is known to be there."""
        if (request.incident is None) != (request.step is None):
            raise InputError(
                "INCIDENT_AND_STEP",
                "A run belongs to a step of an incident: both are named, or neither.",
                "Give the other one too.",
            )
        if request.incident is None or request.step is None:
            return request
        incident = self._recorder.incident_id(request.incident)
        incidents.step_of(self._recorder.pinned(incident), request.step)
        return request.model_copy(update={"incident": incident})

    def _install(self, request: RunRequest) -> None:
        if request.key.endswith(".ipynb"):
            return
        rows = self._installs.rows(request.key)
        if not any(request.version in (None, row["version"]) for row in rows):
            # A runbook, or a notebook that cannot be read, is refused here and not installed first.
            self.parameters(request.key, request.version)
            self._installs.install(request.key, request.version)

    def _request(self, request: RunRequest, folder: Path | None, texts: bool) -> Run:
        run_id = request.id or uuid.uuid4().hex
        if self._store.run(run_id):
            return self.run(run_id)
        wanted = self._preparation.wanted(run_id, request, folder=folder, texts=texts)
        row = {
            "id": run_id,
            "workspace": str(self._workspace.root),
            "key": wanted.target.key,
            "version": wanted.target.version,
            "incident": request.incident,
            "step": request.step,
            "owner": this_process(),
            "facts": wanted.facts,
        }
        if not self._store.add_run(row):
            return self.run(run_id)
        self._record_request(row)
        try:
            job = self._preparation.write(wanted)
        except BaseException:
            self._store.advance(run_id, "START_FAILED", reason="The run could not be prepared.")
            self._settle(run_id)
            raise
        self._store.advance(run_id, "PREPARED")
        self._runner.start(job)
        return self.run(run_id)

    def _record_request(self, row: Mapping[str, Any]) -> None:
        if row["incident"]:
            self._recorder.append(
                row["incident"],
                "run.requested",
                {
                    "run": row["id"],
                    "key": row["key"],
                    "version": row["version"],
                    "pack_sha256": row["facts"]["pack_sha256"],
                    "parameters": row["facts"]["parameters"],
                    "inputs": row["facts"]["inputs"],
                },
                row["step"],
            )

    # looking -------------------------------------------------------------------------------------

    def run(self, run_id: str) -> Run:
        """Return a run as it stands."""
        return self._reader.run(run_id)

    def all(self, *, incident: str | None = None, key: str | None = None) -> RunList:
        """Return runs, newest first."""
        return RunList(runs=self._reader.all(incident=incident, key=key))

    def settled(self, run_id: str) -> bool:
        """Say whether a run has ended and all it left is kept."""
        return self._reader.settled(run_id)

    def output(self, run_id: str, offset: int | None = None) -> OutputTail:
        """Return what a run has printed so far."""
        return self._reader.tail(run_id, offset)

    def open_here(self) -> int:
        """Return how many runs of this process have not ended."""
        return len(self._runner.running())

    # what the runner tells -----------------------------------------------------------------------

    def _progressed(self, run_id: str, n: int) -> None:
        self._announce("run", run_id, n)

    def _exited(self, run_id: str, code: int) -> None:
        self._outcomes.exited(run_id, code)
        self._settle(run_id)

    def _settle(self, run_id: str) -> None:
        self._outcomes.keep(run_id)
        self._announce("run", run_id, self._reader.run(run_id).n)
