"""What helps a person along in an incident and changes nothing: cards, prefilled values, suited keys, the checklist."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from keys_jupyter import alignment
from keys_jupyter.incidents import Fold, step_of, steps_of
from keys_jupyter.incidents.checklist import checklist
from keys_jupyter.incidents.prefill import Earlier, prefilled
from keys_jupyter.model.catalog import KeyRow
from keys_jupyter.model.parameters import ParametersReply
from keys_jupyter.model.runbook import KeyReference, Step
from keys_jupyter.model.working import (
    Card,
    CardList,
    Checklist,
    Prefill,
    SuitedKey,
    SuitedList,
)
from keys_jupyter.service.incidents.folding import Folds
from keys_jupyter.service.incidents.recording import Recorder
from keys_jupyter.service.incidents.working import Incidents
from keys_jupyter.service.keys.catalogue import Catalogue
from keys_jupyter.service.runs.reading import RunReader

_FOREIGN = ("node", "next")
_FURTHEST = 5
"""How many linked incidents back values are looked for."""


class Assistance:
    """Looks things up for who works an incident."""

    def __init__(
        self,
        folds: Folds,
        recorder: Recorder,
        catalogue: Catalogue,
        runs: RunReader,
        incidents: Incidents,
        parameters: Callable[[str], ParametersReply],
    ) -> None:
        """Take how incidents stand, which keys there are and what they take, and what reads runs."""
        self._folds = folds
        self._recorder = recorder
        self._catalogue = catalogue
        self._runs = runs
        self._incidents = incidents
        self._parameters = parameters

    def cards(self, name: str, step_id: str) -> CardList:
        """Return the keys that a step calls, in the runbook's words, with what is known of them here.

        Raises:
            NotAvailable: no such incident or step.
        """
        step = self._step(name, step_id)
        rows = {row.slug: row for row in self._catalogue.catalog().keys}
        cards = [_card(reference, step, rows.get(reference.slug)) for reference in step.keys]
        return CardList(step=step.id, cards=cards)

    def prefill(self, name: str, step_id: str, key: str) -> Prefill:
        """Return values for a key's form from earlier runs of this incident and of those it was linked from.

        Raises:
            NotAvailable: no such incident, step or key.
        """
        step = self._step(name, step_id)
        takes = self._parameters(key).parameters
        said = next((reference.input for reference in step.keys if reference.slug == key), "")
        return prefilled(key, takes, said, self._earlier(self._folds.incident_id(name)))

    def suited(self, name: str) -> SuitedList:
        """Return the keys that suit an incident's type of runbook, those that no step calls first.

        Raises:
            NotAvailable: no such incident.
        """
        runbook = self._recorder.pinned(self._folds.incident_id(name))
        called = {key.slug for _, step in steps_of(runbook) for key in step.keys}
        rows = {row.slug: row for row in self._catalogue.catalog().keys}
        found: dict[str, SuitedKey] = {}
        unknown: list[str] = []
        for key_type in runbook.key_types or list(alignment.SUITED):
            for analysis in alignment.SUITED.get(key_type, ()):
                here = [rows[slug] for slug in analysis.slugs if slug in rows]
                if not here:
                    unknown.append(analysis.kind)
                for row in here:
                    suited = _suited(row, analysis.kind, key_type, called)
                    found.setdefault(row.slug, suited)
        keys = sorted(found.values(), key=lambda one: one.called)
        return SuitedList(keys=keys, unknown=unknown)

    def checklist(self, name: str) -> Checklist:
        """Return an incident's checklist with its state, for paper.

        Raises:
            NotAvailable: no such incident.
        """
        incident = self._incidents.incident(name)
        text = checklist(incident, self._recorder.pinned(incident.id))
        return Checklist(incident=incident.id, n=incident.n, markdown=text)

    def _step(self, name: str, step_id: str) -> Step:
        return step_of(self._recorder.pinned(self._folds.incident_id(name)), step_id)[1]

    def _earlier(self, incident: str) -> list[Earlier]:
        """Return the runs values may come from, newest first, this incident's before those it was linked from."""
        found: list[Earlier] = []
        seen: set[str] = set()
        while incident not in seen and len(seen) < _FURTHEST:
            seen.add(incident)
            facts, origin = self._folds.see(
                incident, lambda fold: (list(fold.state.runs.values()), _origin(fold))
            )
            for run in reversed(facts):
                folder = self._runs.row(run.id)["facts"]["folder"]
                files = [f"{folder}/{path}" for path in run.artifacts]
                succeeded = run.state == "SUCCEEDED"
                found.append(
                    Earlier(run.id, run.step, run.key, succeeded, _given(run.parameters), files)
                )
            if origin is None:
                break
            incident = origin
        return found


def _origin(fold: Fold) -> str | None:
    origin = fold.state.opened["data"].get("linked_from")
    return str(origin["incident"]) if origin else None


def _given(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if value is not None}


def _card(reference: KeyReference, step: Step, row: KeyRow | None) -> Card:
    kind = row.kind if row else _kind(reference.slug)
    foreign = kind not in ("jupyter",)
    problem = "" if row else f"No source at hand has {reference.slug}."
    return Card(
        slug=reference.slug,
        kind=kind,
        title=row.title if row else None,
        entitled=row.entitled if row else False,
        installed=row.installed if row else [],
        version=row.version if row else None,
        runnable=row is not None and not foreign,
        input=reference.input,
        output=reference.output,
        questions=reference.questions,
        when=reference.when,
        location=reference.location,
        code=[command.text for command in step.commands] if foreign else [],
        problem=problem,
    )


def _kind(slug: str) -> str:
    first = slug.split("-", 1)[0]
    return first if first in _FOREIGN else "jupyter"


def _suited(row: KeyRow, kind: str, key_type: str, called: set[str]) -> SuitedKey:
    return SuitedKey(
        kind=kind,
        key_type=key_type,
        slug=row.slug,
        title=row.title,
        entitled=row.entitled,
        installed=row.installed,
        called=row.slug in called,
    )
