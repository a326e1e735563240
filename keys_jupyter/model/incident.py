"""Incidents: the records appended, and the state folded from them."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from keys_jupyter.model.base import Record

LONG = 10_000
"""The most characters of a note, a reason or a resolution."""


class Actor(Record):
    """Who did something, and how we know."""

    subject: str
    display: str
    method: str
    os_user: str
    host: str
    claimed_name: str | None

    @property
    def person(self) -> str:
        """Return the name a person is shown under."""
        return self.claimed_name or self.display


class LedgerRecord(Record):
    """One appended record. ``seq`` counts within the incident, ``index`` in the whole ledger.

    ``text`` says the record in one sentence; it is made for the reader and is no part of what is hashed.
    """

    seq: int
    index: int
    at: str
    monotonic: float
    actor: Actor
    type: str
    step: str | None
    data: dict[str, Any]
    leaf: str
    text: str = ""
    # In what is hashed, so that no record can be moved to another incident; a timeline has it once.
    incident: str = Field(default="", exclude=True)


class Timeline(Record):
    """An incident's records in order."""

    incident: str
    records: list[LedgerRecord]


class BranchState(Record):
    """A branch of a step as it stands: whether its condition is true, and why we say so.

    ``result`` names the result that decided; ``why`` is what the person said who took it.
    """

    condition: str
    outcome: str
    goto: str | None
    true: bool | None
    suggested: bool
    reason: str
    taken: bool
    result: str | None = None
    taken_at: str | None = None
    taken_by: str | None = None
    why: str = ""


class Note(Record):
    """Words somebody left at a step, or at the incident when they belong to no step."""

    at: str
    by: str
    text: str


class StepState(Record):
    """A step as it stands in one incident.

    ``confirmation`` is what must be typed before an irreversible action can be done; ``unlocked`` says that it was.
    ``undoable`` says that there is a mark or a branch to take back. ``marked_at``, ``marked_by`` and ``text`` say
    when the mark was set, by whom, and why.
    """

    id: str
    section: str
    number: str
    title: str
    state: str
    runs: list[str]
    evidence: int
    branches: list[BranchState]
    label: str = ""
    keys: list[str] = []
    marked_at: str | None = None
    marked_by: str | None = None
    text: str = ""
    notes: list[Note] = []
    reversible: bool | None = None
    confirmation: str | None = None
    unlocked: bool = False
    undoable: bool = False


class Timer(Record):
    """Something that comes due, by the server's clock.

    ``kind`` is window (a verification window), escalation (a trigger of the runbook), or reminder (set by a person).
    ``state`` is waiting (nothing started it yet), running, due, overdue, raised, stopped, done, or listed (a trigger
    without a time). ``words`` are the runbook's own.
    """

    id: str
    kind: str
    title: str
    words: str
    step: str | None
    minutes: float | None
    started_at: str | None
    due_at: str | None
    state: str
    reason: str = ""


class ItemState(Record):
    """One line of what is to be kept or written down.

    ``kind`` is artifact or entry; ``state`` is missing, part, kept (evidence of this incident shows it) or ticked (a
    person says so). ``have`` and ``lack`` name what is there and what is not.
    """

    id: str
    kind: str
    text: str
    state: str
    have: list[str] = []
    lack: list[str] = []
    at: str | None = None
    by: str | None = None


class Handover(Record):
    """One person passing the incident to another."""

    at: str
    by: str
    to: str
    text: str


class Link(Record):
    """Another incident that this one led to, or came from; ``upto`` is the record it was at."""

    incident: str
    number: int
    runbook: str
    title: str
    direction: str
    at: str
    upto: int
    step: str | None = None


class Newer(Record):
    """A runbook of this name with other words than the pinned one; it is never taken by itself."""

    runbook: str
    version: str
    source: str
    sha256: str


class Closing(Record):
    """What was said when the incident was closed, and what was missing then."""

    at: str
    by: str
    root_cause: str
    resolution: str
    verification: str
    missing: list[str]


class Incident(Record):
    """The state of an incident: a fold over its records up to ``n``, with timers as of ``now``.

    ``next_due`` is when the next running timer comes due. ``missing`` are the artifacts that the runbook asks for and
    nothing shows. ``amended`` says that something was recorded after the incident was closed.
    """

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
    now: str = ""
    trigger: str = ""
    symptoms: str = ""
    facts: dict[str, str] = {}
    owner: str | None = None
    notes: list[Note] = []
    handovers: list[Handover] = []
    linked: list[Link] = []
    timers: list[Timer] = []
    next_due: str | None = None
    items: list[ItemState] = []
    missing: list[str] = []
    closing: Closing | None = None
    amended: bool = False
    newer: list[Newer] = []


class IncidentList(Record):
    """Incidents, open ones first, newest first."""

    incidents: list[Incident]


class OpenRequest(Record):
    """Which runbook to open an incident on, and what called for it.

    ``trigger`` is the alert's own text; ``facts`` are values known from the start, such as those of a link that were
    shown and confirmed.
    """

    runbook: str
    rehearsal: bool = False
    claimed_name: str | None = Field(default=None, max_length=120)
    trigger: str = Field(default="", max_length=20_000)
    symptoms: str = Field(default="", max_length=LONG)
    facts: dict[str, str] = Field(default={}, max_length=100)


class Act(Record):
    """Something a person does in an incident.

    ``after`` is the last record the person saw: an act that rests on how things stood is refused when somebody changed
    just that since. ``branch`` counts from 0 and goes with ``branch.taken``, together with what supported it where the
    server cannot tell (``run``, ``result``); ``confirmation`` is what was typed for an irreversible action; ``timer``
    and ``minutes`` go with ``timer.*`` and ``escalation.raised``; ``item`` with ``item.*``; ``to`` with
    ``incident.handover`` and ``incident.claimed``; ``key`` with ``analysis.added``; ``name`` with ``incident.fact``.
    """

    type: str = Field(
        pattern=r"^(step\.(focus|done|failed|skipped|note|undone)|branch\.taken|action\.confirmed"
        r"|timer\.(started|postponed|stopped)|escalation\.raised|item\.(ticked|unticked)"
        r"|analysis\.added|incident\.(note|fact|claimed|handover|closed|reopened))$"
    )
    step: str | None = None
    text: str = Field(default="", max_length=LONG)
    branch: int | None = Field(default=None, ge=0)
    after: int | None = Field(default=None, ge=-1)
    confirmation: str = Field(default="", max_length=200)
    run: str | None = Field(default=None, max_length=64)
    result: str | None = Field(default=None, max_length=200)
    timer: str | None = Field(default=None, max_length=100)
    minutes: float | None = Field(default=None, gt=0, le=60 * 24 * 366)
    item: str | None = Field(default=None, max_length=100)
    to: str | None = Field(default=None, max_length=120)
    key: str | None = Field(default=None, max_length=100)
    name: str | None = Field(default=None, max_length=120)
    root_cause: str = Field(default="", max_length=LONG)
    resolution: str = Field(default="", max_length=LONG)
    verification: str = Field(default="", max_length=LONG)
