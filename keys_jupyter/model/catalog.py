"""The catalogue as it is shown: rows from every source, joined with what is installed."""

from __future__ import annotations

from keys_jupyter.model.base import Record


class KeyRow(Record):
    """One key of the catalogue.

    ``update`` is a newer version than the one in use; ``breaking`` says that its major number grew. ``right`` is the
    right to fetch it as last heard, until ``right_until``; ``blocked`` says why it cannot be installed. ``about`` is what
    it is for, in its own words, for searching: questions it answers, when to use it, symptoms, alert names.
    """

    slug: str
    kind: str
    title: str
    version: str
    source: str
    entitled: bool
    installed: list[str]
    update: str | None
    breaking: bool = False
    category: str | None
    maturity: str | None
    outcome: str | None
    severity: str | None
    key_type: list[str]
    tags: list[str]
    description: str
    right: str = "active"
    right_until: str | None = None
    blocked: str = ""
    about: str = ""


class Problem(Record):
    """One thing that is wrong with a source; the rest of the catalogue is not affected."""

    source: str
    code: str
    message: str
    hint: str


class Catalog(Record):
    """All keys of all sources, and what could not be read."""

    keys: list[KeyRow]
    stale_since: str | None
    problems: list[Problem]


class Reference(Record):
    """A key by name, with its title where it is known here."""

    slug: str
    title: str | None


class KeyDetail(KeyRow):
    """One key whole; ``preview`` says whether one may be asked for."""

    versions: list[str]
    readme: str
    preview: bool = False
    changelog: str
    questions: list[str]
    referenced_by: list[Reference]
    references: list[Reference]


class Changes(Record):
    """What a version of a key changes, as its author wrote it; not ``known`` where that comes only with the key."""

    slug: str
    version: str
    text: str
    known: bool
