"""What an author's key.json and pack.json must hold: stricter than what a reader tolerates.

Limits, patterns and enumerations are those of the marketplace's publishing contract. A field that is nearly
spelled like a known one is a problem, since it silently does nothing; any other unknown field is a note.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from keys_jupyter.authoring.positions import line_at, lines_of
from keys_jupyter.authoring.report import Findings
from keys_jupyter.model.pack import KeyMetadata, ParameterNotes, RunbookMetadata, Slug

RUNBOOK_TYPES = ("incident", "failure-mode", "decision", "recovery")

_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Semver = Annotated[
    str,
    StringConstraints(
        pattern=r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$",
        max_length=50,
    ),
]
_JupyterKey = Annotated[str, StringConstraints(pattern=r"^jupyter-[a-z0-9-]+$", max_length=100)]
_NodeKey = Annotated[str, StringConstraints(pattern=r"^(node|next)-[a-z0-9-]+$", max_length=100)]


class _Strict(BaseModel):
    """No conversions: a number in quotes is a mistake; unknown fields are judged apart."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class _Author(_Strict):
    """Who made it."""

    name: _Words
    email: str | None = None


class _Documentation(_Strict):
    """Which files tell about it."""

    readme: _Words
    changelog: _Words


class _RunbookDocumentation(_Documentation):
    """A runbook has its checklist as well."""

    checklist: _Words


class _Metadata(_Strict):
    """What both kinds state."""

    slug: Slug
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    description: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000)
    ]
    version: _Semver
    license_spdx: _Words
    outcome: _Words
    maturity: Literal["starter", "operator", "scale", "enterprise"]
    tags: list[_Words] = []
    author: _Author


class _Parameter(_Strict):
    """What key.json says of one parameter: nothing unknown, as a misspelt ``secret`` protects nothing."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    title: str | None = None
    help: str | None = None
    unit: str | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None
    pattern: str | None = None
    file: bool = False
    secret: bool = False
    output_folder: bool = False


class KeySchema(_Metadata):
    """A key.json as an author writes it."""

    tool: Literal["jupyter"]
    key_type: Annotated[list[Literal["notebook"]], Field(min_length=1, max_length=1)]
    category: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    difficulty: Literal["beginner", "intermediate", "advanced", "expert"] | None = None
    runtime_minutes: Annotated[int, Field(gt=0)] | None = None
    preview_public: bool = True
    documentation: _Documentation
    assets: dict[str, str] = {}
    entry: str | None = None
    environment: list[Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]] = []
    modules: list[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]] = []
    questions: list[_Words] = []
    results: list[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]] = []
    parameters: dict[str, _Parameter] = {}


class RunbookSchema(_Metadata):
    """A pack.json as an author writes it."""

    tool: Literal["operational"]
    key_type: Annotated[
        list[Literal["incident", "failure-mode", "decision", "recovery"]], Field(min_length=1)
    ]
    documentation: _RunbookDocumentation
    severity_level: Literal["p0", "p1", "p2", "p3", "p4"] | None = None
    runtime_dependency: Literal["human", "assisted", "automated"] | None = None
    required_access_level: Literal["read", "write", "admin"] | None = None
    produces_evidence: bool = False
    compliance_relevance: list[Literal["SOC2", "PCI-DSS", "GDPR", "HIPAA", "ISO27001"]] = []
    references_jupyter_keys: list[_JupyterKey] = []
    references_node_keys: list[_NodeKey] = []
    related_runbooks: list[Slug] = []


_READ: dict[type[_Metadata], type[KeyMetadata] | type[RunbookMetadata]] = {
    KeySchema: KeyMetadata,
    RunbookSchema: RunbookMetadata,
}


def check_metadata(
    path: str, text: str, schema: type[KeySchema] | type[RunbookSchema], findings: Findings
) -> KeyMetadata | RunbookMetadata | None:
    """Check a metadata file and return it as the product reads it; None where it cannot be read.

    Args:
        path: the file, for problems.
        text: its text.
        schema: which of the two it must be.
        findings: takes every problem.
    """
    import json

    try:
        stated = json.loads(text)
    except (ValueError, RecursionError) as error:
        findings.problem(
            path, getattr(error, "lineno", 1), "NOT_JSON", f"This is not JSON: {error}."
        )
        return None
    if not isinstance(stated, dict):
        findings.problem(path, 1, "NOT_JSON", "The file must hold one JSON object.")
        return None
    lines = lines_of(text)
    _unknown(path, stated, lines, schema, findings)
    try:
        schema.model_validate_json(text)
    except ValidationError as error:
        for one in error.errors():
            place = [part for part in one["loc"] if part != "[key]"]
            name = ".".join(map(str, place)) or "the file"
            said = f"{name}: {_told(one['msg'])}"
            findings.problem(path, line_at(lines, place), "METADATA", said)
    try:
        return _READ[schema].model_validate(stated)
    except ValidationError:
        return None


def _unknown(
    path: str,
    stated: dict[str, object],
    lines: dict[tuple[str | int, ...], int],
    schema: type[KeySchema] | type[RunbookSchema],
    findings: Findings,
) -> None:
    known = list(schema.model_fields)
    for name in stated:
        if name in known:
            continue
        near = get_close_matches(name.lower(), known, n=1, cutoff=0.8)
        line = line_at(lines, (name,))
        if near:
            said = f"{name!a} is unknown; is it a misspelt “{near[0]}”?"
            findings.problem(path, line, "UNKNOWN_FIELD", said)
        else:
            findings.note(path, line, "UNKNOWN_FIELD", f"{name!a} is not used by anything here.")


def _told(message: str) -> str:
    message = message[0].lower() + message[1:]
    if "extra inputs" in message:
        known = ", ".join(ParameterNotes.model_fields)
        return f"unknown here; a parameter may have {known}"
    return "is missing" if message == "field required" else message
