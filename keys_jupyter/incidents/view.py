"""A fold's state in, what a person is shown out; nothing is decided here and nothing remembered.

Not here: how records add up (`state`), and what comes due (`timing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone

from keys_jupyter import conditions
from keys_jupyter.conditions import Suggestion
from keys_jupyter.incidents import items as kept
from keys_jupyter.incidents import timing
from keys_jupyter.incidents.state import Entry, State, item_of
from keys_jupyter.incidents.steps import confirmation_of, label, steps_of, with_added
from keys_jupyter.model.evidence import EvidenceItem
from keys_jupyter.model.incident import Actor, BranchState, Incident, Newer, StepState
from keys_jupyter.model.runbook import Runbook, Section, Step


class Fold:
    """One incident's records folded so far; new ones are added to it, so that looking again costs little."""

    def __init__(self, runbook: Runbook) -> None:
        """Begin with the runbook as it was pinned when the incident was opened."""
        self.state = State.of(runbook)
        self._plans = timing.plans(runbook)
        self._verdicts: dict[str, tuple[str, list[Suggestion]]] = {}

    @property
    def n(self) -> int:
        """Return the last record taken in; -1 before the first."""
        return self.state.n

    @property
    def plans(self) -> list[timing.Plan]:
        """Return the timers that the runbook asks for."""
        return self._plans

    @property
    def open_or_closed(self) -> str:
        """Return the incident's state in one word."""
        return "closed" if self.state.closing else "open"

    @property
    def runbook(self) -> Runbook:
        """Return the pinned runbook with the analyses that were added."""
        return with_added(self.state.runbook, self.state.added)

    def take(self, records: Sequence[Entry]) -> None:
        """Take in records in order; those taken in before are passed over."""
        for record in records:
            if record["seq"] > self.state.n:
                self.state.apply(record)

    def verdicts(self, step: Step) -> list[Suggestion]:
        """Return what the latest run of a step says of its branches."""
        run = self.state.result_runs.get(step.id, "")
        known = self._verdicts.get(step.id)
        if known is None or known[0] != run:
            found = conditions.suggest(step.branches, self.state.results.get(step.id, []))
            known = self._verdicts[step.id] = (run, found)
        return known[1]

    def incident(self, now: datetime | None = None, newer: Sequence[Newer] = ()) -> Incident:
        """Return the state of the incident at a time.

        Args:
            now: the server's clock; the present when None.
            newer: runbooks of its name with other words.
        """
        state, opened = self.state, self.state.opened["data"]
        moment = now or datetime.now(timezone.utc)
        timers = timing.timers(state, self._plans, moment)
        rows = kept.items(state)
        return Incident(
            id=opened["incident"],
            n=state.n,
            number=opened["number"],
            runbook=opened["runbook"],
            title=opened["title"],
            runbook_version=opened["version"],
            runbook_sha256=opened["sha256"],
            severity=opened["severity"],
            rehearsal=opened["rehearsal"],
            state=self.open_or_closed,
            opened_at=state.opened["at"],
            opened_by=Actor.model_validate(state.opened["actor"]),
            closed_at=state.closing.at if state.closing else None,
            focus=state.focus,
            steps=self._steps(),
            runs=list(state.runs),
            evidence=len(state.evidence),
            now=timing.said(moment),
            trigger=opened.get("trigger", ""),
            symptoms=opened.get("symptoms", ""),
            facts=dict(state.facts),
            owner=state.owner,
            notes=state.notes.get(None, []),
            handovers=state.handovers,
            linked=list(state.links.values()),
            timers=timers,
            next_due=timing.next_due(timers),
            items=rows,
            missing=kept.missing(rows),
            closing=state.closing,
            amended=state.amended,
            newer=list(newer),
        )

    def _steps(self) -> list[StepState]:
        runs: dict[str, list[str]] = {}
        for run in self.state.runs.values():
            runs.setdefault(run.step, []).append(run.id)
        count: dict[str | None, int] = {}
        for item in self.state.evidence:
            count[item.step] = count.get(item.step, 0) + 1
        undoable = {before.step for before in self.state.before}
        return [
            self._step(section, step, runs.get(step.id, []), count.get(step.id, 0), undoable)
            for section, step in steps_of(self.runbook)
        ]

    def _step(
        self, section: Section, step: Step, runs: list[str], evidence: int, undoable: set[str]
    ) -> StepState:
        mark = self.state.marks.get(step.id)
        return StepState(
            id=step.id,
            section=section.name,
            number=step.number,
            title=step.title,
            state=mark.state if mark else "not_started",
            runs=runs,
            evidence=evidence,
            branches=self._branches(step),
            label=label(section, step),
            keys=[key.slug for key in step.keys],
            marked_at=mark.at if mark else None,
            marked_by=mark.by if mark else None,
            text=mark.text if mark else "",
            notes=self.state.notes.get(step.id, []),
            reversible=step.reversible,
            confirmation=confirmation_of(step),
            unlocked=self.state.unlocked == step.id,
            undoable=step.id in undoable,
        )

    def _branches(self, step: Step) -> list[BranchState]:
        taken = self.state.taken.get(step.id)
        rows = []
        for number, verdict in enumerate(self.verdicts(step)):
            branch = step.branches[number]
            here = taken if taken and taken.branch == number else None
            rows.append(
                BranchState(
                    condition=branch.condition,
                    outcome=branch.outcome,
                    goto=branch.goto,
                    true=verdict.true,
                    suggested=verdict.suggested,
                    reason=verdict.reason,
                    taken=here is not None,
                    result=verdict.result,
                    taken_at=here.at if here else None,
                    taken_by=here.by if here else None,
                    why=here.why if here else "",
                )
            )
        return rows


def fold(records: Sequence[Entry], runbook: Runbook) -> Incident:
    """Return the state of an incident.

    Args:
        records: all its records in order; the first opened it.
        runbook: the runbook as it was pinned when the incident was opened.
    """
    folded = Fold(runbook)
    folded.take(records)
    return folded.incident()


def evidence(records: Sequence[Entry]) -> list[EvidenceItem]:
    """Return what has been kept, in order."""
    return [item_of(record) for record in records if record["type"] == "evidence.kept"]
