"""A runbook as its parser understands it; field names are those of the command line's JSON."""

from __future__ import annotations

from keys_jupyter.model.base import Record


class Command(Record):
    """One command of a code fence: what a person would enter at once."""

    text: str
    language: str
    lines: int
    placeholders: list[str]


class Branch(Record):
    """One way on from a step. ``when`` is the author's own condition where one is written in a comment."""

    condition: str
    outcome: str
    goto: str | None
    when: str | None = None


class KeyReference(Record):
    """A step's call of a key, in the runbook's words."""

    slug: str
    input: str
    output: str
    questions: list[str]
    when: str
    next_steps: str
    location: str


class Step(Record):
    """One numbered step of a section. ``text`` is its whole Markdown, nothing left out."""

    id: str
    number: str
    title: str
    text: str
    when: str
    action: str
    commands: list[Command]
    expected: str
    branches: list[Branch]
    keys: list[KeyReference]
    reversible: bool | None


class Section(Record):
    """One section. ``text`` is the Markdown before its first step, ``branches`` are those of that text.

    ``name`` is the canonical name or "other".
    """

    name: str
    title: str
    text: str
    branches: list[Branch] = []
    steps: list[Step]


class Runbook(Record):
    """A runbook whole."""

    slug: str
    title: str
    version: str
    sha256: str
    key_types: list[str]
    severity: str | None
    sections: list[Section]
    artifacts: list[str]
    do_not: list[str]


class RunbookRow(Record):
    """One runbook of a list.

    ``path`` is where a runbook of the workspace lies, ``origin`` the one it was customised from.
    """

    slug: str
    title: str
    version: str
    key_types: list[str]
    severity: str | None
    source: str
    installed: list[str]
    path: str | None = None
    origin: str | None = None


class RunbookList(Record):
    """All runbooks at hand."""

    runbooks: list[RunbookRow]
