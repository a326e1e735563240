"""What a pack and a library say of themselves: key.json, pack.json, library.json."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from keys_jupyter.model.base import Document

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]
Version = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z.+-]{0,49}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Author(Document):
    """Who made a pack."""

    name: str
    email: str | None = None


class ParameterNotes(Document):
    """What key.json adds to a parameter that its cell cannot say."""

    title: str | None = None
    help: str | None = None
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None
    file: bool = False
    secret: bool = False
    output_folder: bool = False


class PackMetadata(Document):
    """What key.json and pack.json have in common."""

    slug: Slug
    title: str = Field(max_length=200)
    description: str = Field(default="", max_length=5000)
    tool: str
    key_type: list[str] = []
    version: Version
    license_spdx: str
    outcome: str | None = None
    maturity: str | None = None
    tags: list[str] = []
    author: Author | None = None
    documentation: dict[str, str] = {}


class KeyMetadata(PackMetadata):
    """A jupyter pack's key.json."""

    category: str | None = None
    difficulty: str | None = None
    runtime_minutes: int | None = None
    entry: str | None = None
    environment: list[str] = []
    modules: list[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]] = []
    questions: list[str] = []
    parameters: dict[str, ParameterNotes] = {}


class RunbookMetadata(PackMetadata):
    """A runbook pack's pack.json."""

    severity_level: str | None = None
    runtime_dependency: str | None = None
    required_access_level: str | None = None
    produces_evidence: bool = False
    compliance_relevance: list[str] = []
    references_jupyter_keys: list[str] = []
    references_node_keys: list[str] = []
    related_runbooks: list[str] = []


class LibraryPack(Document):
    """One version of one key in a library.json.

    ``about`` is what it is for in its own words, and ``references`` the keys it calls; None where whoever built the
    library did not say, and only the pack itself tells.
    """

    slug: Slug
    title: str
    description: str = ""
    kind: str = "jupyter"
    version: Version
    license_spdx: str
    category: str | None = None
    maturity: str | None = None
    outcome: str | None = None
    difficulty: str | None = None
    severity_level: str | None = None
    runtime_minutes: int | None = None
    tags: list[str] = []
    key_type: list[str] = []
    about: str | None = None
    references: list[str] | None = None
    assets: dict[str, str]
    sha256: Sha256 | None = None


class LibraryIndex(Document):
    """A library's library.json; rows are checked one by one, so that one torn row costs only itself."""

    version: str
    generated_at: str | None = None
    packs: list[dict[str, Any]]
