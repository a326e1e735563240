"""Runs: what is asked for, what happened in every cell, what came out."""

from __future__ import annotations

from enum import Enum
from typing import Any, Literal

from pydantic import Field

from keys_jupyter.model.base import Document, Record
from keys_jupyter.model.incident import Actor


class RunState(str, Enum):
    """The states of a run; the last eight are terminal."""

    REQUESTED = "REQUESTED"
    PREPARED = "PREPARED"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    CELL_ERROR = "CELL_ERROR"
    TIMED_OUT = "TIMED_OUT"
    KERNEL_DIED = "KERNEL_DIED"
    CANCELLED = "CANCELLED"
    START_FAILED = "START_FAILED"
    CAPTURE_FAILED = "CAPTURE_FAILED"
    INTERRUPTED = "INTERRUPTED"

    @property
    def terminal(self) -> bool:
        """Whether nothing can follow this state."""
        return self.value not in ("REQUESTED", "PREPARED", "STARTING", "RUNNING")


class CellState(str, Enum):
    """How a cell ended; ``pending`` and ``running`` only while the run is open."""

    PENDING = "pending"
    RUNNING = "running"
    OK = "ok"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    KERNEL_DIED = "kernel_died"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    SKIPPED = "skipped"
    ALLOWED_ERROR = "allowed_error"
    NEVER_RAN = "never_ran"


class CellError(Record):
    """What a cell raised."""

    name: str
    message: str
    traceback: str


class Cell(Record):
    """One code cell of a run; ``number`` counts code cells from 1, ``index`` all cells from 0."""

    index: int
    number: int
    type: str
    title: str
    state: CellState
    started_at: str | None
    duration: float | None
    error: CellError | None
    outputs: int


class Expectation(Document):
    """What a result should be."""

    op: str
    value: Any


class Result(Document):
    """One named result a key reports."""

    name: str
    label: str = ""
    value: float | int | str | bool | None = None
    unit: str | None = None
    expected: Expectation | None = None
    ok: bool | None = None


class Artifact(Record):
    """A file a run left behind."""

    path: str
    sha256: str
    size: int


class InputFile(Record):
    """A file a run read, by its parameter."""

    parameter: str
    path: str
    sha256: str
    size: int


class RunRequest(Record):
    """What to run, with which values, and for which step.

    ``id`` is a name the caller chooses: the same id again answers the same run instead of starting another.
    ``mode`` interactive prepares the same copy and starts nothing: the person opens it, runs it, and has it
    collected. ``secrets`` are values that only the kernel may know; a secret parameter's value may also stand
    in ``parameters``. Neither is written anywhere.
    """

    key: str
    version: str | None = None
    parameters: dict[str, Any] = {}
    nulls: list[str] = []
    kernel: str | None = None
    timeout: float | None = Field(default=None, gt=0)
    cell_timeout: float | None = Field(default=None, gt=0)
    incident: str | None = None
    step: str | None = None
    id: str | None = Field(default=None, pattern=r"^[0-9a-f]{32}$")
    mode: Literal["headless", "interactive"] = "headless"
    secrets: dict[str, str] = Field(default={}, repr=False)


class Asked(Record):
    """Who asked for something, and when."""

    actor: Actor
    at: str


class Package(Record):
    """One installed package of an environment."""

    name: str
    version: str


class Environment(Record):
    """What a run's kernel had around it when the run was prepared.

    ``python`` is None where the kernel is not a Python of this machine; ``image`` names the container image
    where the system tells one.
    """

    kernel: str
    language: str
    python: str | None
    packages: list[Package]
    system: str
    machine: str
    image: str | None


class Run(Record):
    """A run whole. ``n`` grows with every change, so that a reader can ask for what is newer.

    ``queue_position`` counts from 1 while the run waits for its turn in the process that was asked. ``notes``
    say what the record of this run cannot prove, such as the order of cells that a person ran.
    """

    id: str
    n: int
    key: str
    title: str
    version: str
    pack_sha256: str
    mode: str
    state: RunState
    reason: str
    requested_at: str
    started_at: str | None
    ended_at: str | None
    folder: str
    notebook: str
    kernel: str
    parameters: dict[str, Any]
    inputs: list[InputFile]
    incident: str | None
    step: str | None
    cells: list[Cell]
    results: list[Result]
    artifacts: list[Artifact]
    usual_seconds: float | None
    queue_position: int | None = None
    cancelled_by: Asked | None = None
    notes: list[str] = []


class RunList(Record):
    """Runs, newest first."""

    runs: list[Run]


class OutputTail(Record):
    """The end of what a run has printed so far, from a byte offset."""

    text: str
    offset: int
    end: int
