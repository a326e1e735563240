"""The use cases: what a person can do, one method each, the same for the server and the command line.

A method takes and returns models, raises only :class:`~keys_jupyter.errors.KeysError`, and may be called from any
thread. What it announces through ``on_change`` is a hint that something is newer; the store is the truth.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from keys_jupyter import incidents
from keys_jupyter import runbook as parser
from keys_jupyter.errors import InputError, NotAvailable
from keys_jupyter.model.catalog import Catalog, Installed, KeyDetail
from keys_jupyter.model.evidence import EvidenceList
from keys_jupyter.model.incident import Act, Actor, Incident, IncidentList, OpenRequest, Timeline
from keys_jupyter.model.parameters import CellPreview, CellPreviewRequest, ParametersReply
from keys_jupyter.model.run import OutputTail, Run, RunList, RunRequest
from keys_jupyter.model.runbook import Runbook, RunbookList
from keys_jupyter.model.wire import Context, ContextRequest, Status
from keys_jupyter.runner.job import DEFAULT_KERNEL_MANAGER
from keys_jupyter.runner.spawner import Runner
from keys_jupyter.service.actor import os_actor
from keys_jupyter.service.catalogue import Catalogue
from keys_jupyter.service.runs import Runs
from keys_jupyter.sources import Source
from keys_jupyter.store import Store, utc_now
from keys_jupyter.workspace import Workspace

Announce = Callable[[str, str, int], None]


def _silent(_kind: str, _id: str, _n: int) -> None:
    """Tell nobody."""


class Service:
    """Everything that can be done, over one workspace and one store."""

    def __init__(
        self,
        workspace: Path,
        data_dir: Path,
        sources: Sequence[Source],
        *,
        on_change: Announce = _silent,
        kernel_manager_class: str = DEFAULT_KERNEL_MANAGER,
        max_running: int | None = None,
        actor: Callable[[], Actor] = os_actor,
        demo: bool = False,
    ) -> None:
        """Open the store and take up what an ended process left.

        Args:
            workspace: the folder a person sees.
            data_dir: where the store is.
            sources: where keys come from, first one first.
            on_change: told of every change as kind, id and number.
            kernel_manager_class: dotted name of the class that starts kernels.
            max_running: how many runs at once; the number of cores when None.
            actor: says who is acting.
            demo: this is a demonstration, and what it records says so.

        Raises:
            SurroundingsError: the workspace or the store cannot be used.
        """
        self._workspace = Workspace(workspace)
        self._store = Store(data_dir)
        self._announce = on_change
        self._actor = actor
        self._demo = demo
        # Keeping an outcome appends several records; two threads must not both find it not kept yet.
        self._keeping = threading.Lock()
        self._catalogue = Catalogue(self._workspace, self._store, sources)
        options: dict[str, Any] = {"kernel_manager_class": kernel_manager_class}
        if max_running:
            options["max_running"] = max_running
        self._runner = Runner(data_dir, self._progressed, self._exited, **options)
        self._runs = Runs(
            self._workspace, self._store, self._catalogue, self._runner.start, self._keep_outcome
        )
        for run_id in self._runs.left_over():
            self._keep_outcome(run_id)

    def close(self) -> None:
        """End every run of this process and let go of the store."""
        self._runner.close()
        self._store.close()

    # the server ----------------------------------------------------------------------------------

    def status(self) -> Status:
        """Say which server this is and whether it can work."""
        from keys_jupyter.places import version

        return Status(
            version=version(),
            workspace=self._workspace.root.name,
            writable=self._workspace.writable(),
            demo=self._demo,
            open_runs=len(self._runner.running()),
        )

    def open_runs(self) -> int:
        """Return how many runs of this process have not ended."""
        return len(self._runner.running())

    def data_version(self) -> int:
        """Return a number that changes when another process has written to the store."""
        return self._store.data_version()

    # keys ----------------------------------------------------------------------------------------

    def catalog(self) -> Catalog:
        """Return the keys of all sources."""
        return self._catalogue.catalog()

    def key(self, slug: str) -> KeyDetail:
        """Return one key whole."""
        return self._catalogue.detail(slug)

    def install(self, slug: str, version: str | None = None) -> Installed:
        """Verify a key and unpack it into the workspace."""
        installed = self._catalogue.install(slug, version)
        self._announce("catalog", slug, 0)
        return installed

    def installed(self) -> dict[str, Any]:
        """Return what is installed here, and which of its files were edited since."""
        rows = self._catalogue.installed()
        newest = {row["slug"]: row["version"] for row in rows}
        return {
            "installed": [
                {
                    "slug": row["slug"],
                    "version": row["version"],
                    "default": newest[row["slug"]] == row["version"],
                    "sha256": row["sha256"],
                    "path": row["path"],
                    "edited": self._workspace.edited(row["path"], row["files"]),
                }
                for row in rows
            ]
        }

    def from_workspace(self, path: Path) -> str:
        """Name a file from the workspace's root.

        Raises:
            InputError: it is not inside.
        """
        return self._workspace.named(path)

    def typed(self, name: str, version: str | None, texts: Mapping[str, str]) -> dict[str, Any]:
        """Return a command line's texts as values of their parameters' types."""
        return self._runs.typed(name, version, texts)

    def parameters(self, name: str, version: str | None = None) -> ParametersReply:
        """Return what a key, or a notebook of the workspace, takes."""
        return self._runs.parameters(name, version)

    def preview_cell(self, name: str, request: CellPreviewRequest) -> CellPreview:
        """Return the exact cell a run with these values would inject."""
        return self._runs.preview(name, request.version, request.values, request.nulls)

    def runbooks(self) -> RunbookList:
        """Return the runbooks, most severe first."""
        return RunbookList(runbooks=self._catalogue.runbooks())

    def runbook(self, name: str) -> Runbook:
        """Return a runbook by its slug or its place in the workspace."""
        return self._catalogue.runbook(name)[0]

    # runs ----------------------------------------------------------------------------------------

    def start_run(
        self, request: RunRequest, *, folder: Path | None = None, texts: bool = False
    ) -> Run:
        """Run a key in a folder of its own; its key is installed first where it is not yet.

        Args:
            request: what to run, with which values, for which step.
            folder: what file parameters are relative to; the workspace's root when None.
            texts: values are texts of a command line.
        """
        if (request.incident is None) != (request.step is None):
            raise InputError(
                "INCIDENT_AND_STEP",
                "A run belongs to a step of an incident: both are named, or neither.",
                "Give the other one too.",
            )
        if request.incident and request.step:
            request = request.model_copy(update={"incident": self._incident_id(request.incident)})
            incidents.step_of(self._pinned(str(request.incident)), str(request.step))
        self._install_for_run(request)
        run = self._runs.request(request, folder=folder, texts=texts, announce=self._run_requested)
        self._announce("run", run.id, run.n)
        return run

    def run(self, run_id: str) -> Run:
        """Return a run as it stands."""
        return self._runs.run(run_id)

    def runs(self, *, incident: str | None = None, key: str | None = None) -> RunList:
        """Return runs, newest first."""
        return RunList(runs=self._runs.runs(incident=incident, key=key))

    def cancel(self, run_id: str) -> Run:
        """Ask a run to end; it ends within five seconds."""
        self._runs.run(run_id)
        self._runner.cancel(run_id)
        return self._runs.run(run_id)

    def settled(self, run_id: str) -> bool:
        """Say whether a run has ended and all it left is kept."""
        return self._runs.settled(run_id)

    def output(self, run_id: str, offset: int | None = None) -> OutputTail:
        """Return what a run has printed so far."""
        return self._runs.tail(run_id, offset)

    def _install_for_run(self, request: RunRequest) -> None:
        if request.key.endswith(".ipynb"):
            return
        rows = self._catalogue.installed(request.key)
        if not any(request.version in (None, row["version"]) for row in rows):
            # A runbook, or a notebook that cannot be read, is refused here and not installed first.
            self._runs.parameters(request.key, request.version)
            self.install(request.key, request.version)

    def _run_requested(self, row: Mapping[str, Any]) -> None:
        if row["incident"]:
            self._append(
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

    def _progressed(self, run_id: str, n: int) -> None:
        self._announce("run", run_id, n)

    def _exited(self, run_id: str, code: int) -> None:
        self._runs.ended(run_id, code)

    def _keep_outcome(self, run_id: str) -> None:
        """Record what a run left under its incident, and only then call the run settled.

        In that order, because a crash in between then leaves something to take up again and nothing to lose.
        """
        with self._keeping:
            outcome = self._runs.outcome(run_id)
            if outcome is not None:
                run = self._runs.ended_as(run_id, outcome)
                if run.incident:
                    self._record_end(run)
                self._runs.keep(run_id, outcome)
        self._announce("run", run_id, self._runs.run(run_id).n)

    def _record_end(self, run: Run) -> None:
        """Append the run's end and its evidence, leaving out what is there from before a crash."""
        incident = str(run.incident)
        there = self._store.records(incident)
        if not any(r["type"] == "run.ended" and r["data"]["run"] == run.id for r in there):
            self._append(incident, "run.ended", _end_of(run), run.step)
        kept = {r["data"]["id"] for r in there if r["type"] == "evidence.kept"}
        for number, item in enumerate(self._runs.captured(run), 1):
            name = f"{run.id[:8]}-{number}"
            if name not in kept:
                digest = self._store.keep(item.data)
                self._append(
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

    # incidents -----------------------------------------------------------------------------------

    def open_incident(self, request: OpenRequest) -> Incident:
        """Open an incident on a runbook, which is pinned as it is now."""
        runbook, source = self._catalogue.runbook(request.runbook)
        if not incidents.steps_of(runbook):
            raise InputError(
                "NO_STEPS",
                f"{runbook.title or request.runbook} has no steps to work through.",
                "Give it numbered steps under its sections.",
            )
        self._store.keep(source)
        incident_id = uuid.uuid4().hex
        data = {
            "incident": incident_id,
            "runbook": runbook.slug,
            "title": runbook.title,
            "version": runbook.version,
            "sha256": runbook.sha256,
            "severity": runbook.severity,
            "key_types": runbook.key_types,
            "rehearsal": request.rehearsal,
            "demo": self._demo,
            "number": len(self._store.incidents()) + 1,
        }
        self._append(incident_id, "incident.opened", data, None, claimed=request.claimed_name)
        return self.incident(incident_id)

    def incidents(self) -> IncidentList:
        """Return all incidents, newest first."""
        return IncidentList(incidents=[self.incident(name) for name in self._store.incidents()])

    def incident(self, name: str) -> Incident:
        """Return the state of an incident by its id, the start of it, or its number."""
        incident_id = self._incident_id(name)
        return incidents.fold(self._store.records(incident_id), self._pinned(incident_id))

    def timeline(self, name: str, after: int = -1) -> Timeline:
        """Return an incident's records behind ``after``."""
        incident_id = self._incident_id(name)
        return Timeline.model_validate(
            {"incident": incident_id, "records": self._store.records(incident_id, after)}
        )

    def act(self, name: str, act: Act) -> Incident:
        """Record what a person did to a step, and return the incident as it then stands."""
        incident = self.incident(name)
        data = incidents.act_data(act, self._pinned(incident.id), incident)
        self._append(incident.id, act.type, data, act.step)
        return self.incident(incident.id)

    def evidence(self, name: str) -> EvidenceList:
        """Return what is kept under an incident."""
        incident_id = self._incident_id(name)
        items = incidents.evidence(self._store.records(incident_id))
        return EvidenceList(incident=incident_id, evidence=items)

    def pinned_runbook(self, name: str) -> Runbook:
        """Return the runbook of an incident as it was when the incident was opened."""
        return self._pinned(self._incident_id(name))

    def context(self, request: ContextRequest) -> Context:
        """Say which run, incident and step a notebook belongs to."""
        run, copy_of = self._runs.find(request.path, request.run)
        known = run or (self._runs.run(copy_of) if copy_of else None)
        if known is None or not known.incident or not known.step:
            return _no_step(request.path, run, copy_of)
        incident = self.incident(known.incident)
        runbook = self._pinned(incident.id)
        section, step = incidents.step_of(runbook, known.step)
        return Context(
            path=request.path,
            run=run,
            copy_of=copy_of,
            incident=incident.id,
            incident_number=incident.number,
            runbook=incident.runbook,
            runbook_title=incident.title,
            severity=incident.severity,
            section=section.title,
            step=step,
            state=next(state for state in incident.steps if state.id == step.id),
            evidence=[item for item in self.evidence(incident.id).evidence if item.step == step.id],
        )

    def _incident_id(self, name: str) -> str:
        found = self._store.incidents()
        if name.isdigit() and len(name) < 8 and 0 < int(name) <= len(found):
            return found[-int(name)]
        matches = [one for one in found if one.startswith(name)] if len(name) >= 8 else []
        if len(matches) == 1:
            return matches[0]
        raise NotAvailable(
            "UNKNOWN_INCIDENT",
            f"There is no incident {ascii(name)[:50]}.",
            'List them with "jupyter keys incident list".',
        )

    def _pinned(self, incident_id: str) -> Runbook:
        opened = self._store.records(incident_id)[0]["data"]
        return _read_pinned(
            self._store.blob(opened["sha256"]),
            opened["runbook"],
            opened["version"],
            opened["severity"],
            tuple(opened["key_types"]),
        )

    def _append(
        self,
        incident: str,
        kind: str,
        data: Mapping[str, Any],
        step: str | None,
        *,
        claimed: str | None = None,
    ) -> None:
        actor = self._actor()
        if claimed:
            actor = actor.model_copy(update={"claimed_name": claimed})
        record = self._store.append(
            incident,
            lambda seq, index: {
                "seq": seq,
                "index": index,
                "at": utc_now(),
                "monotonic": round(time.monotonic(), 6),
                "actor": actor.model_dump(mode="json"),
                "type": kind,
                "step": step,
                "data": dict(data),
            },
        )
        if record:
            self._announce("incident", incident, record["seq"])


@lru_cache(maxsize=32)
def _read_pinned(
    path: Path, slug: str, version: str, severity: str | None, key_types: tuple[str, ...]
) -> Runbook:
    # What is kept under a digest never changes, so what was parsed once holds.
    parsed = parser.parse(path.read_text("utf-8"), slug=slug, version=version)
    return parsed.model_copy(update={"severity": severity, "key_types": list(key_types)})


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


def _no_step(path: str, run: Run | None, copy_of: str | None) -> Context:
    return Context(
        path=path,
        run=run,
        copy_of=copy_of,
        incident=None,
        incident_number=None,
        runbook=None,
        runbook_title=None,
        severity=None,
        section=None,
        step=None,
        state=None,
        evidence=[],
    )
