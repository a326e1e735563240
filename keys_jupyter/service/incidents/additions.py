"""What is added to an incident from outside its runbook: another incident, a file, a run begun elsewhere."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from keys_jupyter import evidence
from keys_jupyter.errors import InputError, NotAvailable, StateError
from keys_jupyter.incidents import Fold, step_of
from keys_jupyter.incidents.attachments import MOST_BYTES, checked, mime_of, name_of
from keys_jupyter.incidents.steps import label
from keys_jupyter.model.evidence import EvidenceList
from keys_jupyter.model.incident import Actor, Incident, OpenRequest
from keys_jupyter.model.working import AttachRequest, LinkRequest, RunAttachRequest
from keys_jupyter.service.evidence.redacting import Redacting
from keys_jupyter.service.incidents.folding import Folds
from keys_jupyter.service.incidents.recording import Recorder
from keys_jupyter.service.incidents.working import Incidents
from keys_jupyter.service.keys.runbooks import Runbooks
from keys_jupyter.service.runs.outcomes import Outcomes, end_of
from keys_jupyter.service.runs.reading import RunReader
from keys_jupyter.store import Store
from keys_jupyter.workspace import Workspace


class Additions:
    """Links, attachments and attached runs."""

    def __init__(
        self,
        workspace: Workspace,
        store: Store,
        folds: Folds,
        recorder: Recorder,
        runbooks: Runbooks,
        runs: RunReader,
        outcomes: Outcomes,
        incidents: Incidents,
        redacting: Redacting,
    ) -> None:
        """Take where files are and are kept, how incidents stand, who records, what reads runs, what is redacted."""
        self._workspace = workspace
        self._store = store
        self._folds = folds
        self._recorder = recorder
        self._runbooks = runbooks
        self._runs = runs
        self._outcomes = outcomes
        self._incidents = incidents
        self._redacting = redacting

    # another runbook -----------------------------------------------------------------------------

    def link(self, name: str, request: LinkRequest) -> Incident:
        """Go on in another runbook: open it as an incident of its own that knows where it comes from.

        It carries the trigger, the facts, the inputs of runs and a reference to the timeline up to here. Asking again
        answers the linked incident that is open already.

        Raises:
            NotAvailable: no such incident, step or runbook.
        """
        parent = self._folds.incident_id(name)
        if request.step is not None:
            step_of(self._recorder.pinned(parent), request.step)
        runbook = self._runbooks.runbook(request.runbook)
        child = self._linked_already(parent, runbook.slug)
        if child is None:
            carried = self._folds.see(parent, lambda fold: _carried(fold, request))
            opened = OpenRequest(
                runbook=request.runbook,
                rehearsal=carried["rehearsal"],
                trigger=carried["trigger"],
                symptoms=carried["symptoms"],
                facts=carried["facts"],
            )
            child = self._incidents.open(opened, linked_from=carried).id
        self._record_link(parent, child, request)
        return self._incidents.incident(child)

    def _linked_already(self, parent: str, slug: str) -> str | None:
        for incident in self._store.incidents():
            opened, closing = self._folds.see(incident, lambda f: (f.state.opened, f.state.closing))
            origin = opened["data"].get("linked_from", {})
            same = origin.get("incident") == parent and opened["data"]["runbook"] == slug
            if same and closing is None:
                return incident
        return None

    def _record_link(self, parent: str, child: str, request: LinkRequest) -> None:
        """Say in the incident one came from where it went on; once."""
        if child in self._folds.see(parent, lambda fold: list(fold.state.links)):
            return
        there = self._folds.see(child, _named)
        data = {**there, "direction": "to", "text": request.text}
        self._recorder.append(parent, "incident.linked", data, request.step)

    # a file --------------------------------------------------------------------------------------

    def attach(self, name: str, request: AttachRequest) -> EvidenceList:
        """Keep a file, or a pasted picture, as evidence of an incident; secrets are taken out before it is kept.

        How many were found stands in the list that is answered.

        Raises:
            NotAvailable: no such incident, step or file.
            InputError: the file is empty, too large, or outside the workspace.
            SurroundingsError: the disk does not take it.
        """
        incident = self._folds.incident_id(name)
        if request.step is not None:
            step_of(self._recorder.pinned(incident), request.step)
        data, given = self._bytes(request)
        shown = name_of(request.name or given, data)
        item = evidence.capture_file(
            shown, mime_of(data, shown), data, self._redacting.of_incident(incident)
        )
        kept = {
            "run": None,
            "sha256": self._store.keep(item.data),
            "size": len(item.data),
            **item.facts(),
            "text": request.text,
        }
        if request.path:
            kept["path"] = request.path

        def content(
            fold: Fold, _actor: Actor, _newer: Sequence[Mapping[str, Any]]
        ) -> dict[str, Any]:
            count = sum(item.run is None for item in fold.state.evidence)
            return {"id": f"attached-{count + 1}", **kept}

        self._recorder.decide(incident, "evidence.kept", request.step, content)
        return self._incidents.evidence(incident)

    def _bytes(self, request: AttachRequest) -> tuple[bytes, str]:
        if bool(request.path) == bool(request.data):
            raise InputError(
                "WHICH_FILE",
                "Either the bytes of a file are sent or a file of the workspace is named, not both.",
                "Give one of the two.",
            )
        if request.path:
            return self._file(request.path), request.path
        try:
            return checked(base64.b64decode(request.data, validate=True)), ""
        except (binascii.Error, ValueError) as error:
            raise InputError(
                "NOT_BASE64", "The bytes of the file are not in base64.", "Send them again."
            ) from error

    def _file(self, name: str) -> bytes:
        path = self._workspace.inside(name)
        try:
            with path.open("rb") as file:
                return checked(file.read(MOST_BYTES + 1))
        except OSError as error:
            raise NotAvailable(
                "NO_FILE",
                f"There is no file {ascii(name)[:120]} that can be read.",
                "Name a file from the workspace's root.",
            ) from error

    # a run ---------------------------------------------------------------------------------------

    def attach_run(self, request: RunAttachRequest) -> Incident:
        """Put a run that was begun outside any step under one, with its results and its evidence.

        Raises:
            NotAvailable: no such run, incident or step.
            StateError: the run has not ended yet, or belongs to a step already.
        """
        incident = self._folds.incident_id(request.incident)
        run = self._runs.run(request.run)
        section, step = step_of(self._recorder.pinned(incident), request.step)
        if not self._runs.settled(run.id):
            raise StateError(
                "RUN_OPEN", "This run has not ended, so it was not attached.", "Wait for its end."
            )
        if run.incident is not None:
            raise StateError(
                "RUN_BOUND",
                f"This run belongs to {run.step} of an incident already.",
                "Run the key again from the other step.",
            )
        facts = {
            "run": run.id,
            "key": run.key,
            "version": run.version,
            "pack_sha256": run.pack_sha256,
            "parameters": run.parameters,
            "inputs": [one.model_dump(mode="json") for one in run.inputs],
            "title": step.title,
            "label": label(section, step),
            **end_of(run),
        }

        def content(
            fold: Fold, _actor: Actor, _newer: Sequence[Mapping[str, Any]]
        ) -> dict[str, Any]:
            if run.id in fold.state.runs:
                raise StateError(
                    "RUN_BOUND",
                    "This run is attached to this incident already.",
                    "Look at its step.",
                )
            return facts

        self._recorder.decide(incident, "run.attached", step.id, content)
        self._outcomes.record_evidence(run, incident, step.id)
        return self._incidents.incident(incident)


def _carried(fold: Fold, request: LinkRequest) -> dict[str, Any]:
    """Return what a linked incident brings along: where it is from, and what is known there."""
    opened = fold.state.opened["data"]
    return {
        **_named(fold),
        "step": request.step,
        "text": request.text,
        "trigger": opened.get("trigger", ""),
        "symptoms": opened.get("symptoms", ""),
        "facts": dict(fold.state.facts),
        "rehearsal": opened["rehearsal"],
        "runs": list(fold.state.runs),
    }


def _named(fold: Fold) -> dict[str, Any]:
    opened = fold.state.opened["data"]
    names = ("incident", "number", "runbook", "title")
    return {**{name: opened[name] for name in names}, "upto": fold.n}
