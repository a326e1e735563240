"""Evidence: what was kept of a run, with its digests."""

from __future__ import annotations

from keys_jupyter.model.base import Record


class EvidenceItem(Record):
    """One kept thing: an output, a result table, a notebook, an artifact, with the digest of its bytes."""

    id: str
    run: str | None
    step: str | None
    kind: str
    name: str
    mime: str
    sha256: str
    size: int
    redactions: int
    at: str


class EvidenceList(Record):
    """All that is kept under an incident, in the order it was kept."""

    incident: str
    evidence: list[EvidenceItem]
