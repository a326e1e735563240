"""What the server says of itself, of errors, and of the notebook a person looks at."""

from __future__ import annotations

from keys_jupyter.model.base import Record
from keys_jupyter.model.catalog import Reference
from keys_jupyter.model.evidence import EvidenceItem
from keys_jupyter.model.incident import StepState
from keys_jupyter.model.run import Run
from keys_jupyter.model.runbook import Step
from keys_jupyter.model.working import Candidate


class ParameterProblem(Record):
    """What is wrong with one parameter, so that a form can say it at its field."""

    name: str
    code: str
    message: str
    hint: str


class ErrorReply(Record):
    """The one shape of every error; ``problems`` says which parameters are wrong, where it is about them."""

    code: str
    message: str
    hint: str
    request_id: str
    problems: list[ParameterProblem]


class Status(Record):
    """The server half: its version and where it keeps what."""

    version: str
    workspace: str
    writable: bool
    demo: bool
    open_runs: int


class Context(Record):
    """Which run, incident and step a notebook belongs to; ``run`` is None for a notebook of no run.

    ``copy_of`` names the run whose notebook this is a copy of. ``attached`` says that a person put the run under its
    step afterwards. ``candidates`` are the steps of open incidents that call this notebook's key, where it belongs to
    none; ``runbooks`` are the runbooks that call it.
    """

    path: str
    run: Run | None
    copy_of: str | None
    incident: str | None
    incident_number: int | None
    runbook: str | None
    runbook_title: str | None
    severity: str | None
    section: str | None
    step: Step | None
    state: StepState | None
    evidence: list[EvidenceItem]
    attached: bool = False
    candidates: list[Candidate] = []
    runbooks: list[Reference] = []


class ContextRequest(Record):
    """A notebook by its path in the workspace and the run named in its metadata."""

    path: str
    run: str | None = None


class Change(Record):
    """The event's data: something is at record ``n``; the reader asks for what is newer."""

    kind: str
    id: str
    n: int
