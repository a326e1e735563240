"""Working an incident: opened on a runbook, acted in, read back; every act is a record."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from keys_jupyter import incidents
from keys_jupyter.errors import InputError
from keys_jupyter.incidents.sentences import sentence
from keys_jupyter.model.evidence import EvidenceList
from keys_jupyter.model.incident import (
    Act,
    Actor,
    Incident,
    IncidentList,
    Newer,
    OpenRequest,
    Timeline,
)
from keys_jupyter.model.runbook import Runbook
from keys_jupyter.service.incidents.folding import Folds
from keys_jupyter.service.incidents.recording import Recorder
from keys_jupyter.service.keys.runbooks import Runbooks
from keys_jupyter.store.discreet import DiscreetStore


class Incidents:
    """The incidents of one data directory."""

    def __init__(
        self,
        store: DiscreetStore,
        folds: Folds,
        recorder: Recorder,
        runbooks: Runbooks,
        *,
        demo: bool = False,
    ) -> None:
        """Take where records are, who writes them, and where runbooks are found.

        Args:
            store: where records and kept bytes are.
            folds: how incidents stand.
            recorder: appends records.
            runbooks: finds runbooks to open.
            demo: this is a demonstration, and what it records says so.
        """
        self._store = store
        self._folds = folds
        self._recorder = recorder
        self._runbooks = runbooks
        self._demo = demo

    def open(self, request: OpenRequest, *, linked_from: dict[str, Any] | None = None) -> Incident:
        """Open an incident on a runbook, which is pinned as it is now.

        Args:
            request: which runbook, and what called for it.
            linked_from: the incident this one goes on from, with what it brings along.
        """
        runbook, source = self._runbooks.source(request.runbook)
        if not incidents.steps_of(runbook):
            raise InputError(
                "NO_STEPS",
                f"{runbook.title or request.runbook} has no steps to work through.",
                "Give it numbered steps under its sections.",
            )
        incident_id = uuid.uuid4().hex
        # The bundle holds these bytes, and the record holds their digest.
        pinned = self._store.keep(self._store.text(incident_id, "README.md", source))
        data = {
            "incident": incident_id,
            "runbook": runbook.slug,
            "title": runbook.title,
            "version": runbook.version,
            "sha256": pinned,
            "severity": runbook.severity,
            "key_types": runbook.key_types,
            "compliance_relevance": self._runbooks.frameworks(request.runbook),
            "rehearsal": request.rehearsal,
            "demo": self._demo,
            "trigger": request.trigger,
            "symptoms": request.symptoms,
            "facts": request.facts,
        }
        if pinned != runbook.sha256:
            data["original_sha256"] = runbook.sha256
        if linked_from:
            data["linked_from"] = linked_from
        self._recorder.begin(
            incident_id,
            lambda: {**data, "number": len(self._store.incidents()) + 1},
            claimed=request.claimed_name,
        )
        return self.incident(incident_id)

    def all(self, state: str | None = None) -> IncidentList:
        """Return all incidents, or those in one state, open ones first, newest first."""
        current = self._runbooks.current()
        found = [
            self._seen(name, current)
            for name in self._store.incidents()
            if state in (None, self._folds.see(name, lambda fold: fold.open_or_closed))
        ]
        return IncidentList(incidents=sorted(found, key=lambda one: one.state != "open"))

    def incident(self, name: str) -> Incident:
        """Return the state of an incident by its id, the start of it, or its number."""
        return self._seen(self._folds.incident_id(name), self._runbooks.current())

    def _seen(self, incident_id: str, current: Sequence[tuple[str, Newer]]) -> Incident:
        def look(fold: incidents.Fold) -> Incident:
            opened = fold.state.opened["data"]
            newer = [
                one for slug, one in current if slug == opened["runbook"] and _is_other(one, opened)
            ]
            return fold.incident(newer=newer)

        return self._folds.see(incident_id, look)

    def timeline(self, name: str, after: int = -1) -> Timeline:
        """Return an incident's records behind ``after``, each with its sentence."""
        incident_id = self._folds.incident_id(name)
        records = self._store.records(incident_id, after)
        return Timeline.model_validate(
            {
                "incident": incident_id,
                "records": [{**record, "text": sentence(record)} for record in records],
            }
        )

    def act(self, name: str, act: Act) -> Incident:
        """Record what a person did, and return the incident as it then stands.

        Raises:
            StateError: ``STALE`` where it rests on what somebody changed since the person looked; others where it
                cannot be done as things stand.
            NotAvailable: there is no such step, branch, timer, item or run.
        """
        incident_id = self._folds.incident_id(name)
        if act.key:
            title = self._runbooks.title_of_key(act.key).removeprefix("Jupyter Keys: ")
            act = act.model_copy(update={"name": title})

        def content(
            fold: incidents.Fold, actor: Actor, newer: Sequence[Mapping[str, Any]]
        ) -> dict[str, Any]:
            incidents.refuse_stale(act, newer, actor.person, sentence)
            return incidents.act_data(act, fold, actor.person)

        self._recorder.decide(incident_id, act.type, act.step, content, after=act.after)
        return self.incident(incident_id)

    def evidence(self, name: str) -> EvidenceList:
        """Return what is kept under an incident."""
        incident_id = self._folds.incident_id(name)
        items = self._folds.see(incident_id, lambda fold: list(fold.state.evidence))
        return EvidenceList(incident=incident_id, evidence=items)

    def pinned_runbook(self, name: str) -> Runbook:
        """Return the runbook of an incident as it was when it was opened, with the analyses added since."""
        return self._recorder.pinned(self._folds.incident_id(name))

    def attached_to(self, run_id: str) -> tuple[str, str] | None:
        """Return the incident and the step that a run was put under after it began."""
        for incident in self._store.incidents():
            run = self._folds.see(incident, lambda fold: fold.state.runs.get(run_id))
            if run is not None:
                return incident, run.step
        return None


def _is_other(one: Newer, opened: Mapping[str, Any]) -> bool:
    """Say whether a runbook's words are others than those pinned; a library's are told by their version."""
    if one.sha256:
        return bool(one.sha256 != opened.get("original_sha256", opened["sha256"]))
    return bool(one.version != opened["version"])
