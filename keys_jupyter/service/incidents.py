"""Working an incident: opened on a runbook, acted in, read back; every act is a record."""

from __future__ import annotations

import uuid

from keys_jupyter import incidents
from keys_jupyter.errors import InputError
from keys_jupyter.model.evidence import EvidenceList
from keys_jupyter.model.incident import Act, Incident, IncidentList, OpenRequest, Timeline
from keys_jupyter.model.run import Run
from keys_jupyter.model.runbook import Runbook
from keys_jupyter.model.wire import Context, ContextRequest
from keys_jupyter.service.reading import RunReader
from keys_jupyter.service.recording import Recorder
from keys_jupyter.service.runbooks import Runbooks
from keys_jupyter.store import Store


class Incidents:
    """The incidents of one data directory."""

    def __init__(
        self,
        store: Store,
        recorder: Recorder,
        runbooks: Runbooks,
        runs: RunReader,
        *,
        demo: bool = False,
    ) -> None:
        """Take where records are, who writes them, and where runbooks and runs are read.

        Args:
            store: where records and kept bytes are.
            recorder: appends records.
            runbooks: finds runbooks to open.
            runs: reads runs.
            demo: this is a demonstration, and what it records says so.
        """
        self._store = store
        self._recorder = recorder
        self._runbooks = runbooks
        self._runs = runs
        self._demo = demo

    def open(self, request: OpenRequest) -> Incident:
        """Open an incident on a runbook, which is pinned as it is now."""
        runbook, source = self._runbooks.source(request.runbook)
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
        self._recorder.append(
            incident_id, "incident.opened", data, None, claimed=request.claimed_name
        )
        return self.incident(incident_id)

    def all(self) -> IncidentList:
        """Return all incidents, newest first."""
        return IncidentList(incidents=[self.incident(name) for name in self._store.incidents()])

    def incident(self, name: str) -> Incident:
        """Return the state of an incident by its id, the start of it, or its number."""
        incident_id = self._recorder.incident_id(name)
        return incidents.fold(self._store.records(incident_id), self._recorder.pinned(incident_id))

    def timeline(self, name: str, after: int = -1) -> Timeline:
        """Return an incident's records behind ``after``."""
        incident_id = self._recorder.incident_id(name)
        return Timeline.model_validate(
            {"incident": incident_id, "records": self._store.records(incident_id, after)}
        )

    def act(self, name: str, act: Act) -> Incident:
        """Record what a person did to a step, and return the incident as it then stands."""
        incident = self.incident(name)
        data = incidents.act_data(act, self._recorder.pinned(incident.id), incident)
        self._recorder.append(incident.id, act.type, data, act.step)
        return self.incident(incident.id)

    def evidence(self, name: str) -> EvidenceList:
        """Return what is kept under an incident."""
        incident_id = self._recorder.incident_id(name)
        items = incidents.evidence(self._store.records(incident_id))
        return EvidenceList(incident=incident_id, evidence=items)

    def pinned_runbook(self, name: str) -> Runbook:
        """Return the runbook of an incident as it was when the incident was opened."""
        return self._recorder.pinned(self._recorder.incident_id(name))

    def context(self, request: ContextRequest) -> Context:
        """Say which run, incident and step a notebook belongs to."""
        run, copy_of = self._runs.find(request.path, request.run)
        known = run or (self._runs.run(copy_of) if copy_of else None)
        if known is None or not known.incident or not known.step:
            return _no_step(request.path, run, copy_of)
        incident = self.incident(known.incident)
        runbook = self._recorder.pinned(incident.id)
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
