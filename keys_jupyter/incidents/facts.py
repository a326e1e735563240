"""The small things a fold remembers: marks, branches taken, runs, timers; each as one record left it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Mark:
    """How a step was left: done, failed or skipped, when, by whom, with which words."""

    state: str
    at: str
    by: str
    text: str


@dataclass(frozen=True)
class Taken:
    """A branch that was taken."""

    branch: int
    at: str
    by: str
    why: str


@dataclass(frozen=True)
class Before:
    """How a step stood before a mark or a branch, so that it can be taken back."""

    seq: int
    step: str
    mark: Mark | None
    taken: Taken | None
    goto: str | None
    goto_mark: Mark | None


@dataclass(frozen=True)
class RunFacts:
    """A run of this incident: its key, what it was given and what it left."""

    id: str
    key: str
    step: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    state: str = ""
    artifacts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Clock:
    """A timer as the records left it: since when, for how long, and why it stands still."""

    started_at: str
    minutes: float
    state: str = "running"
    title: str = ""
    step: str | None = None
    reason: str = ""
