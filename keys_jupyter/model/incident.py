"""Incidents: the records appended, and the state folded from them."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from keys_jupyter.model.base import Record


class Actor(Record):
    """Who did something, and how we know."""

    subject: str
    display: str
    method: str
    os_user: str
    host: str
    claimed_name: str | None


class LedgerRecord(Record):
    """One appended record. ``seq`` counts within the incident, ``index`` in the whole ledger."""

    seq: int
    index: int
    at: str
    monotonic: float
    actor: Actor
    type: str
    step: str | None
    data: dict[str, Any]
    leaf: str


class Timeline(Record):
    """An incident's records in order."""

    incident: str
    records: list[LedgerRecord]


class BranchState(Record):
    """A branch of a step as it stands: whether its condition is true, and why we say so."""

    condition: str
    outcome: str
    goto: str | None
    true: bool | None
    suggested: bool
    reason: str
    taken: bool


class StepState(Record):
    """A step as it stands in one incident."""

    id: str
    section: str
    number: str
    title: str
    state: str
    runs: list[str]
    evidence: int
    branches: list[BranchState]


class Incident(Record):
    """The state of an incident: a fold over its records up to ``n``."""

    id: str
    n: int
    number: int
    runbook: str
    title: str
    runbook_version: str
    runbook_sha256: str
    severity: str | None
    rehearsal: bool
    state: str
    opened_at: str
    opened_by: Actor
    closed_at: str | None
    focus: str | None
    steps: list[StepState]
    runs: list[str]
    evidence: int


class IncidentList(Record):
    """Incidents, open ones first, newest first."""

    incidents: list[Incident]


class OpenRequest(Record):
    """Which runbook to open an incident on."""

    runbook: str
    rehearsal: bool = False
    claimed_name: str | None = Field(default=None, max_length=120)


class Act(Record):
    """Something a person does to a step of an incident.

    ``type`` is one of ``step.focus``, ``step.done``, ``step.failed``, ``step.skipped``, ``step.note``,
    ``branch.taken``; ``branch`` counts from 0 and goes with ``branch.taken`` only.
    """

    type: str = Field(pattern=r"^(step\.(focus|done|failed|skipped|note)|branch\.taken)$")
    step: str
    text: str = Field(default="", max_length=10_000)
    branch: int | None = Field(default=None, ge=0)
