"""Runs from request to kept outcome: prepared in a folder of their own, started, read, ended once."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from keys_jupyter import incidents
from keys_jupyter.errors import InputError, KeysError, StateError, SurroundingsError
from keys_jupyter.model.incident import Actor
from keys_jupyter.model.parameters import CellPreview, CellPreviewRequest, ParametersReply
from keys_jupyter.model.run import Environment, OutputTail, Run, RunList, RunRequest, RunState
from keys_jupyter.runner import asking
from keys_jupyter.runner.identity import alive, this_process
from keys_jupyter.runner.python import Pythons
from keys_jupyter.runner.spawner import Runner
from keys_jupyter.service.incidents.recording import Announce, Recorder
from keys_jupyter.service.keys.installs import Installs
from keys_jupyter.service.runs.attending import Attendant
from keys_jupyter.service.runs.handiwork import Handiwork
from keys_jupyter.service.runs.outcomes import Outcomes, by_hand
from keys_jupyter.service.runs.preparation import Preparation
from keys_jupyter.service.runs.reading import RunReader
from keys_jupyter.service.runs.targets import Targets
from keys_jupyter.store import Store, utc_now
from keys_jupyter.workspace import Workspace


class Runs:
    """The runs of one workspace."""

    def __init__(
        self,
        workspace: Workspace,
        store: Store,
        installs: Installs,
        targets: Targets,
        pythons: Pythons,
        recorder: Recorder,
        reader: RunReader,
        outcomes: Outcomes,
        announce: Announce,
        actor: Callable[[], Actor],
        start_runner: Callable[[Callable[[str, int], None], Callable[[str, int], None]], Runner],
    ) -> None:
        """Take up what an ended process left, and be ready to run.

        Args:
            workspace: where run folders are made.
            store: where runs are recorded.
            installs: where keys come from.
            targets: finds notebooks.
            pythons: knows what kernels have installed.
            recorder: appends to a run's incident.
            reader: reads runs.
            outcomes: keeps what they left.
            announce: told of every change as kind, id and number.
            actor: says who is acting.
            start_runner: makes the runner from what it is to call on progress and at a run's end.
        """
        self._workspace = workspace
        self._store = store
        self._installs = installs
        self._targets = targets
        self._recorder = recorder
        self._reader = reader
        self._announce = announce
        self._actor = actor
        self._preparation = Preparation(workspace, store, targets, pythons)
        self._outcomes = outcomes
        self._handiwork = Handiwork(workspace, store, reader)
        self._attendant = Attendant(self._look)
        self._runner = start_runner(self._progressed, self._exited)
        for run_id in self._outcomes.left_over():
            self._begin_with(run_id)

    def close(self) -> None:
        """End every run of this process."""
        self._runner.close()
        self._attendant.close()

    # what a notebook takes -----------------------------------------------------------------------

    def parameters(self, name: str, version: str | None = None) -> ParametersReply:
        """Return what a key, or a notebook of the workspace, takes."""
        return self._targets.parameters(name, version)

    def preview_cell(self, name: str, request: CellPreviewRequest) -> CellPreview:
        """Return the exact cell a run with these values would inject."""
        return self._targets.preview(name, request.version, request.values, request.nulls)

    def typed(self, name: str, version: str | None, texts: Mapping[str, str]) -> dict[str, Any]:
        """Return a command line's texts as values of their parameters' types."""
        return self._targets.typed(name, version, texts)

    def from_workspace(self, path: Path) -> str:
        """Name a file from the workspace's root.

        Raises:
            InputError: it is not inside.
        """
        return self._workspace.named(path)

    # starting ------------------------------------------------------------------------------------

    def start(self, request: RunRequest, *, folder: Path | None = None, texts: bool = False) -> Run:
        """Run a key in a folder of its own; its key is installed first where it is not yet.

        The same id again answers the run that is there. An interactive run is prepared and left to the person.

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

    def again(self, run_id: str) -> RunRequest:
        """Return the request that would run the same once more: same key, version, values and limits.

        Secrets are not in it, because nobody kept them; file values are named from the workspace's root.

        Raises:
            NotAvailable: there is no such run.
        """
        row = self._reader.row(run_id)
        facts, asked = row["facts"], row["facts"].get("asked", {})
        values = facts["parameters"]
        secrets = facts.get("secrets", [])
        nulls = asked.get("nulls", [name for name, value in values.items() if value is None])
        return RunRequest(
            key=row["key"],
            version=row["version"] or None,
            parameters={
                name: value
                for name, value in values.items()
                if name not in secrets and name not in nulls
            },
            nulls=nulls,
            kernel=asked.get("kernel"),
            timeout=asked.get("timeout"),
            cell_timeout=asked.get("cell_timeout"),
            incident=row["incident"],
            step=row["step"],
            mode=facts["mode"],
        )

    def secret_names(self, run_id: str) -> list[str]:
        """Return the names of a run's secrets, which running it again needs anew."""
        return list(self._reader.row(run_id)["facts"].get("secrets", []))

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
            self._store.advance(run_id, "PREPARED")
            if request.mode == "headless":
                self._attendant.start()
                self._runner.start(job)
        except BaseException as fault:
            reason = fault.message if isinstance(fault, KeysError) else "It could not be prepared."
            self._store.advance(run_id, "START_FAILED", reason=reason)
            self._settle(run_id)
            raise
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

    # ending --------------------------------------------------------------------------------------

    def cancel(self, run_id: str) -> Run:
        """Ask a run to end, whichever process runs it; it ends within five seconds.

        Who asked is recorded. A run that has ended stays as it ended.
        """
        row = self._reader.row(run_id)
        run_id = row["id"]
        if not RunState(row["state"]).terminal:
            asked = {"actor": self._actor().model_dump(mode="json"), "at": utc_now()}
            # While a run is being prepared its facts are still being written, and by somebody else.
            if "cancelled_by" not in row["facts"] and row["state"] != RunState.REQUESTED.value:
                self._store.set_facts(run_id, {**row["facts"], "cancelled_by": asked})
            self._end(row)
        return self.run(run_id)

    def _end(self, row: Mapping[str, Any]) -> None:
        """End an open run in the way its kind and its owner ask for."""
        run_id = row["id"]
        if by_hand(row):
            self._store.advance(run_id, "CANCELLED", reason="Given up before it was collected.")
            self._settle(run_id)
        elif self._runner.cancel(run_id):
            return
        elif alive(row["owner"]):
            asking.ask_to_cancel(self._store.journal_dir(run_id))
        else:
            self._take_up(run_id)

    def collect(self, run_id: str) -> Run:
        """End a run that a person ran: take what its saved notebook shows as what happened.

        Raises:
            NotAvailable: there is no such run, or its notebook is not at its place.
            StateError: it is no interactive run, has ended, or shows no cell that was run.
            InputError: the file at its place is not its notebook.
        """
        row = self._reader.row(run_id)
        if not by_hand(row):
            raise StateError(
                "NOT_COLLECTABLE",
                "Only an open run that a person runs can be collected.",
                "A run that has ended stays as it ended; run the key again.",
            )
        self._handiwork.collect(row)
        self._settle(row["id"])
        return self.run(row["id"])

    def _look(self) -> None:
        """See to requests that other processes left for runs of this one."""
        for run_id in self._runner.running():
            if asking.asked_to_cancel(self._store.journal_dir(run_id)):
                self._runner.cancel(run_id)

    # looking -------------------------------------------------------------------------------------

    def run(self, run_id: str) -> Run:
        """Return a run as it stands."""
        return self._with_turn(self._reader.run(run_id), self._runner.waiting())

    def all(self, *, incident: str | None = None, key: str | None = None) -> RunList:
        """Return runs, newest first."""
        turns = self._runner.waiting()
        runs = self._reader.all(incident=incident, key=key)
        return RunList(runs=[self._with_turn(run, turns) for run in runs])

    def environment(self, run_id: str) -> Environment:
        """Return what a run's kernel had around it when it was prepared."""
        return self._reader.environment(run_id)

    def settled(self, run_id: str) -> bool:
        """Say whether a run has ended and all it left is kept.

        Raises:
            KeysError: what it left could not be kept, when that was last tried.
        """
        refusal = self._attendant.refusal(run_id)
        if refusal is not None:
            raise refusal
        return self._reader.settled(run_id)

    def output(self, run_id: str, offset: int | None = None) -> OutputTail:
        """Return what a run has printed so far."""
        return self._reader.tail(run_id, offset)

    def open_here(self) -> int:
        """Return how many runs of this process have not ended; those that a person runs are not at work."""
        return len(self._runner.running())

    def _with_turn(self, run: Run, turns: list[str]) -> Run:
        if run.id not in turns:
            return run
        return run.model_copy(update={"queue_position": turns.index(run.id) + 1})

    # what the runner tells -----------------------------------------------------------------------

    def _progressed(self, run_id: str, n: int) -> None:
        self._announce("run", run_id, n)

    def _exited(self, run_id: str, code: int) -> None:
        self._attendant.do(run_id, lambda: self._ended(run_id, code))

    def _ended(self, run_id: str, code: int) -> None:
        self._outcomes.exited(run_id, code)
        self._settle(run_id)
        for waiting in self._runner.waiting():
            # Its turn has come nearer; nothing else of it has changed.
            self._announce("run", waiting, self._reader.run(waiting).n)

    def _take_up(self, run_id: str) -> None:
        """End what an ended process left: at once where nothing is at work any more, else as soon as that is so."""
        if self._outcomes.gone(run_id):
            self._took_up(run_id)
        else:
            self._attendant.do(run_id, lambda: self._took_up(run_id))

    def _begin_with(self, run_id: str) -> None:
        try:
            self._take_up(run_id)
        except SurroundingsError as fault:
            if fault.code != "STORE_UNWRITABLE":
                raise
            # Who cannot write can still read; what is left over is tried again until there is room.
            self._attendant.do(run_id, lambda: self._took_up(run_id))

    def _took_up(self, run_id: str) -> None:
        self._outcomes.take_up(run_id)
        self._announce("run", run_id, self._reader.run(run_id).n)

    def _settle(self, run_id: str) -> None:
        self._outcomes.keep(run_id)
        self._announce("run", run_id, self._reader.run(run_id).n)
