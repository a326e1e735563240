"""Which step a notebook belongs to, and which it could belong to.

The binding in a notebook is only a name; what the store says of that run decides.
"""

from __future__ import annotations

import re
from typing import Any

from keys_jupyter.incidents import Fold, step_of, steps_of
from keys_jupyter.model.run import Run
from keys_jupyter.model.wire import Context, ContextRequest
from keys_jupyter.model.working import Candidate
from keys_jupyter.service.incidents.folding import Folds
from keys_jupyter.service.incidents.recording import Recorder
from keys_jupyter.service.incidents.working import Incidents
from keys_jupyter.service.keys.runbooks import Runbooks
from keys_jupyter.service.runs.reading import RunReader
from keys_jupyter.store import Store

_INSTALLED = re.compile(r"keys/(?P<slug>[a-z0-9-]+)/[^/]+/.*\.ipynb")


class Placing:
    """Places notebooks in incidents."""

    def __init__(
        self,
        store: Store,
        folds: Folds,
        recorder: Recorder,
        runbooks: Runbooks,
        runs: RunReader,
        incidents: Incidents,
    ) -> None:
        """Take how incidents stand, which runbooks there are, and what reads runs."""
        self._store = store
        self._folds = folds
        self._recorder = recorder
        self._runbooks = runbooks
        self._runs = runs
        self._incidents = incidents

    def context(self, request: ContextRequest) -> Context:
        """Say which run, incident and step a notebook belongs to, or which it could be attached to."""
        run, copy_of = self._runs.find(request.path, request.run)
        known = run or (self._runs.run(copy_of) if copy_of else None)
        place = self._place(known) if known else None
        if place is None:
            return self._unplaced(request.path, run, copy_of, known)
        incident = self._incidents.incident(place[0])
        section, step = step_of(self._recorder.pinned(incident.id), place[1])
        kept = self._incidents.evidence(incident.id).evidence
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
            evidence=[item for item in kept if item.step == step.id],
            attached=known is not None and known.incident is None,
        )

    def _place(self, run: Run) -> tuple[str, str] | None:
        if run.incident and run.step:
            return run.incident, run.step
        return self._incidents.attached_to(run.id)

    def _unplaced(
        self, path: str, run: Run | None, copy_of: str | None, known: Run | None
    ) -> Context:
        installed = _INSTALLED.fullmatch(path)
        key = known.key if known else installed["slug"] if installed else None
        nowhere: dict[str, Any] = dict.fromkeys(
            ("incident", "incident_number", "runbook", "runbook_title", "severity", "section")
        )
        return Context(
            path=path,
            run=run,
            copy_of=copy_of,
            **nowhere,
            step=None,
            state=None,
            evidence=[],
            candidates=self.candidates(key) if key else [],
            runbooks=self._runbooks.calling(key) if key else [],
        )

    def candidates(self, key: str) -> list[Candidate]:
        """Return the steps of open incidents that call a key, newest incident first."""
        found: list[Candidate] = []
        for incident in self._store.incidents():
            found += self._folds.see(incident, lambda fold: _calling(fold, key))
        return found


def _calling(fold: Fold, key: str) -> list[Candidate]:
    if fold.state.closing:
        return []
    opened = fold.state.opened["data"]
    return [
        Candidate(
            **{name: opened[name] for name in ("incident", "number", "runbook", "title")},
            step=step.id,
            step_title=step.title,
        )
        for _, step in steps_of(fold.runbook)
        if any(reference.slug == key for reference in step.keys)
    ]
