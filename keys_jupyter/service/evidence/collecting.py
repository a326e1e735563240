"""Any notebook of the workspace, collected by hand: what it shows as it is saved, once, under an incident's step.

The notebook of a run belongs where its run belongs; an open one of a person's is collected as that run's end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from keys_jupyter import evidence
from keys_jupyter.errors import InputError, StateError
from keys_jupyter.incidents import Fold, step_of
from keys_jupyter.model.evidence import Collection, CollectRequest, EvidenceItem
from keys_jupyter.model.incident import Actor
from keys_jupyter.model.run import Run
from keys_jupyter.runner import journal
from keys_jupyter.service.evidence.redacting import Redacting
from keys_jupyter.service.incidents.folding import Folds
from keys_jupyter.service.incidents.recording import Recorder
from keys_jupyter.service.incidents.working import Incidents
from keys_jupyter.service.runs.reading import RunReader
from keys_jupyter.service.runs.running import Runs
from keys_jupyter.service.runs.saved import STANDING, seen_cells, validated
from keys_jupyter.store import Store
from keys_jupyter.workspace import Workspace, parse_notebook, read_notebook


@dataclass(frozen=True)
class _Saved:
    """A notebook as it is saved: its path in the workspace, its bytes, and what they say."""

    path: str
    data: bytes
    content: dict[str, Any]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


class EvidenceCollecting:
    """Collects notebooks by hand."""

    def __init__(
        self,
        workspace: Workspace,
        store: Store,
        folds: Folds,
        recorder: Recorder,
        reader: RunReader,
        runs: Runs,
        incidents: Incidents,
        redacting: Redacting,
    ) -> None:
        """Take where files are and are kept, how incidents and runs stand, who records, and what is redacted."""
        self._workspace = workspace
        self._store = store
        self._folds = folds
        self._recorder = recorder
        self._reader = reader
        self._runs = runs
        self._incidents = incidents
        self._redacting = redacting

    def collect(self, request: CollectRequest) -> Collection:
        """Keep what a notebook shows as it is saved; what is kept already is not kept again.

        Raises:
            NotAvailable: no such notebook, incident or step.
            InputError: it is no notebook, or belongs to another incident, or to none and none is named.
            StateError: it is the notebook of a run that has not ended.
            SurroundingsError: the disk does not take it.
        """
        saved = self._saved(request.path)
        bound = (saved.content.get("metadata") or {}).get("keys_jupyter") or {}
        run, _copied = self._reader.find(saved.path, bound.get("run"))
        if run is None:
            return self._by_hand(saved, *self._named(request), None)
        if not self._reader.settled(run.id):
            return self._open_run(saved, run)
        incident, step = self._place_of(run, request)
        return self._by_hand(saved, incident, step, run)

    def _saved(self, name: str) -> _Saved:
        path = self._workspace.inside(name)
        relative = self._workspace.relative(path)
        read_notebook(path)
        data = path.read_bytes()
        return _Saved(relative, data, validated(parse_notebook(data, path.name)))

    def _named(self, request: CollectRequest) -> tuple[str, str | None]:
        if request.incident is None:
            raise InputError(
                "WHICH_INCIDENT",
                f"{ascii(request.path)[:120]} is not the notebook of a run under an incident.",
                "Name the incident it belongs to, and the step.",
            )
        incident = self._folds.incident_id(request.incident)
        if request.step is not None:
            step_of(self._recorder.pinned(incident), request.step)
        return incident, request.step

    def _place_of(self, run: Run, request: CollectRequest) -> tuple[str, str | None]:
        """Return where the notebook of an ended run belongs: where its run does, else where it is put."""
        attached = self._incidents.attached_to(run.id)
        place = (run.incident, run.step) if run.incident else attached
        if place is None or place[0] is None:
            return self._named(request)
        asked = request.incident and self._folds.incident_id(request.incident)
        if (asked and asked != place[0]) or (request.step and request.step != place[1]):
            raise InputError(
                "RUN_ELSEWHERE",
                f"This is the notebook of a run of {place[1]}, in another place than the one named.",
                "Leave incident and step out: a run's notebook belongs where its run belongs.",
            )
        return place[0], place[1]

    # the notebook of an open run -----------------------------------------------------------------

    def _open_run(self, saved: _Saved, run: Run) -> Collection:
        if run.mode == "headless":
            raise StateError(
                "RUN_OPEN",
                "This is the notebook of a run that has not ended, so nothing was collected.",
                "Wait for its end: its evidence is kept then without being asked for.",
            )
        ended = self._runs.collect(run.id)
        kept = self._kept(ended.incident, run.id)
        return Collection(
            path=saved.path,
            incident=ended.incident,
            step=ended.step,
            run=run.id,
            kept=kept,
            already=0,
            redactions=sum(item.redactions for item in kept),
            standing=STANDING,
            summary=f"Collected: run {run.id[:8]} ended as {ended.state.value}.",
        )

    def _kept(self, incident: str | None, run_id: str) -> list[EvidenceItem]:
        if incident is None:
            return []
        return self._folds.see(
            incident, lambda fold: [item for item in fold.state.evidence if item.run == run_id]
        )

    # any other -----------------------------------------------------------------------------------

    def _by_hand(
        self, saved: _Saved, incident: str, step: str | None, run: Run | None
    ) -> Collection:
        names: list[str] = []
        already = self._count(incident, saved.sha256)
        if not already:
            names, already = self._record(saved, incident, step, run)
        kept = self._folds.see(
            incident, lambda fold: [item for item in fold.state.evidence if item.id in names]
        )
        redactions = sum(item.redactions for item in kept)
        return Collection(
            path=saved.path,
            incident=incident,
            step=step,
            run=run.id if run else None,
            kept=kept,
            already=already,
            redactions=redactions,
            standing=STANDING,
            summary=_summary(len(kept), already, redactions),
        )

    def _count(self, incident: str, sha256: str) -> int:
        """Return how many things are kept already where a run has kept this very notebook; else none."""
        kept = [r["data"] for r in self._store.records(incident) if r["type"] == "evidence.kept"]
        same = [
            one
            for one in kept
            if one["run"] and one.get("original_sha256", one["sha256"]) == sha256
        ]
        return sum(one["run"] == same[0]["run"] for one in kept) if same else 0

    def _record(
        self, saved: _Saved, incident: str, step: str | None, run: Run | None
    ) -> tuple[list[str], int]:
        """Append what is not kept yet, and return the ids of that, and how much was there."""
        names, already = [], 0
        items = self._captured(saved, incident)
        for number, item in enumerate(items, 1):
            facts = {
                "id": f"saved-{saved.sha256[:12]}-{number}",
                "run": None,
                "sha256": self._store.keep(item.data),
                "size": len(item.data),
                **item.facts(),
                "path": saved.path,
                "standing": STANDING,
                **({"after_run": run.id} if run else {}),
            }
            if self._append(incident, step, facts):
                names.append(str(facts["id"]))
            else:
                already += 1
        return names, already

    def _captured(self, saved: _Saved, incident: str) -> list[evidence.Captured]:
        lines: list[dict[str, Any]] = []
        for cell in seen_cells(saved.content):
            at = {"index": cell.at, "number": cell.number}
            lines.append({"type": "cell", **at})
            lines += [
                {"type": "output", **at, "output": output, "sha256": ""} for output in cell.outputs
            ]
        return list(
            evidence.capture_saved(
                saved.path.rsplit("/", 1)[-1],
                saved.data,
                journal.outputs(lines),
                journal.results(lines),
                self._redacting.of_incident(incident),
            )
        )

    def _append(self, incident: str, step: str | None, facts: Mapping[str, Any]) -> bool:
        """Append one kept thing; False where it is there, also when another process was faster."""

        def content(
            fold: Fold, _actor: Actor, _newer: Sequence[Mapping[str, Any]]
        ) -> Mapping[str, Any]:
            if any(item.id == facts["id"] for item in fold.state.evidence):
                raise _AlreadyKeptError
            return facts

        try:
            self._recorder.decide(incident, "evidence.kept", step, content)
        except _AlreadyKeptError:
            return False
        return True


class _AlreadyKeptError(Exception):
    """This very thing is kept already."""


def _summary(kept: int, already: int, redactions: int) -> str:
    if not kept:
        return "This notebook is collected already as it is saved; nothing was kept a second time."
    said = f"Collected: {kept} {'thing' if kept == 1 else 'things'} kept"
    there = f", {already} kept already" if already else ""
    times = "once" if redactions == 1 else f"{redactions} times"
    taken = f" Something secret was taken out {times}." if redactions else ""
    return f"{said}{there}.{taken}"
