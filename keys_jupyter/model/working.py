"""What is asked and answered around an incident: links, attachments, prefilled values, cards, readiness, finding."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from keys_jupyter.model.base import Record


class LinkRequest(Record):
    """Which runbook to go on with in a linked incident, from which step, and why."""

    runbook: str
    step: str | None = None
    text: str = Field(default="", max_length=10_000)


class AttachRequest(Record):
    """A file to keep as evidence: its bytes in base64 under a name, or a file of the workspace."""

    name: str = Field(default="", max_length=255)
    data: str = ""
    path: str | None = None
    step: str | None = None
    text: str = Field(default="", max_length=10_000)


class RunAttachRequest(Record):
    """A run that was begun outside any step, and the step it belongs to."""

    run: str
    incident: str
    step: str


class Prefill(Record):
    """Values for a key's form from what this incident already knows; ``origin`` says by name where each is from."""

    key: str
    values: dict[str, Any]
    origin: dict[str, str]


class Card(Record):
    """A key as a step calls it, in the runbook's words.

    ``runnable`` is false for keys of other tools: they are shown and fetched, and never executed here. ``code`` are
    the step's own commands beside such a key.
    """

    slug: str
    kind: str
    title: str | None
    entitled: bool
    installed: list[str]
    version: str | None
    runnable: bool
    input: str
    output: str
    questions: list[str]
    when: str
    location: str
    code: list[str]
    problem: str


class CardList(Record):
    """The keys of one step, in its order."""

    step: str
    cards: list[Card]


class SuitedKey(Record):
    """A key that does a kind of analysis usual for this type of runbook; ``called`` when a step calls it already."""

    kind: str
    key_type: str
    slug: str
    title: str
    entitled: bool
    installed: list[str]
    called: bool


class SuitedList(Record):
    """The keys that suit an incident's runbook; ``unknown`` are kinds of analysis no key at hand does."""

    keys: list[SuitedKey]
    unknown: list[str]


class Check(Record):
    """One thing that was looked at; ``key`` is None for what concerns all, ``looked`` False where it could not be."""

    key: str | None
    name: str
    ok: bool
    message: str
    hint: str = ""
    looked: bool = True


class Readiness(Record):
    """Whether a runbook could be worked now: every check, and ``ready`` when all that could be looked at hold."""

    runbook: str
    title: str
    version: str
    ready: bool
    checks: list[Check]


class Match(Record):
    """A runbook found for a text, with the words that led to it; the highest ``score`` fits best."""

    slug: str
    title: str
    severity: str | None
    source: str
    score: float
    reasons: list[str]
    warning: str = ""


class MatchList(Record):
    """Runbooks ranked for a text, best first; none where nothing fits."""

    matches: list[Match]


class FindRequest(Record):
    """The text of an alert, or words of a person."""

    text: str = Field(max_length=20_000)


class CustomiseRequest(Record):
    """The name of the copy; made from the original's when none is given."""

    name: str | None = Field(default=None, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)


class Customised(Record):
    """A copy of a runbook in the workspace, and what it was made from."""

    slug: str
    path: str
    origin: str
    origin_version: str
    origin_sha256: str


class SectionDifference(Record):
    """What one section of a customised runbook says otherwise: a unified difference; ``change`` in one word."""

    section: str
    title: str
    change: str
    diff: str


class Differences(Record):
    """What a customised runbook says otherwise than its original; ``outdated`` when the original moved on."""

    slug: str
    origin: str
    origin_version: str
    same: bool
    outdated: bool
    sections: list[SectionDifference]


class Finding(Record):
    """One thing that checking found in a runbook's text."""

    path: str
    line: int
    code: str
    message: str


class LintReport(Record):
    """What checking a runbook found; ``ok`` when there is no problem, whatever the notes say."""

    slug: str
    ok: bool
    problems: list[Finding]
    notes: list[Finding]


class Checklist(Record):
    """An incident's checklist with its state, as Markdown that can be printed."""

    incident: str
    n: int
    markdown: str


class Candidate(Record):
    """A step of an open incident that a notebook could belong to."""

    incident: str
    number: int
    runbook: str
    title: str
    step: str
    step_title: str
