"""Evidence: what was kept, with its digests; what redaction found in it; looking at it; collecting by hand."""

from __future__ import annotations

from pydantic import Field

from keys_jupyter.model.base import Record
from keys_jupyter.model.redaction import RedactionReport


class EvidenceItem(Record):
    """One kept thing: an output, a result table, a notebook, an artifact, with the digest of its bytes.

    ``redactions`` counts what was taken out of it; ``scanned`` is false where nobody could look, as in a picture;
    ``standing`` says what it cannot prove, where that is less than usual.
    """

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
    scanned: bool = True
    standing: str = ""


class EvidenceList(Record):
    """All that is kept under an incident, in the order it was kept."""

    incident: str
    evidence: list[EvidenceItem]


class EvidencePreview(Record):
    """A kept thing to be looked at: nothing of it is to be executed.

    ``form`` is text, image, other or absent. ``text`` is its beginning where it is text, HTML and SVG among it;
    ``data`` a picture's bytes in base64. ``cut`` when there is more than is shown. ``redaction`` is None where nobody
    recorded one.
    """

    item: EvidenceItem
    form: str
    text: str = ""
    data: str = ""
    cut: bool = False
    redaction: RedactionReport | None = None
    note: str = ""


class Clearing(Record):
    """That a person decided that a finding is no secret, and why."""

    reason: str
    by: str
    at: str


class RedactionFinding(Record):
    """A secret that was found in kept things: by rule and commitment, never by itself.

    ``items`` are the kept things it was taken out of, or left in once it was cleared; ``held`` when it is a secret that
    this server holds itself, which nobody can clear.
    """

    commitment: str
    rule: str
    length: str
    count: int
    items: list[str]
    held: bool
    cleared: Clearing | None


class FindingList(Record):
    """What redaction found in all that is kept under an incident, in the order it was found."""

    incident: str
    findings: list[RedactionFinding]


class ClearRequest(Record):
    """Which finding is no secret, by its commitment or the beginning of it, and why."""

    commitment: str = Field(pattern=r"^[0-9a-f]{4,64}$")
    reason: str = Field(min_length=1, max_length=2000)


class CollectRequest(Record):
    """A notebook of the workspace to collect; where it belongs, if it is not the notebook of a run."""

    path: str = Field(max_length=4096)
    incident: str | None = None
    step: str | None = None


class Collection(Record):
    """What collecting a notebook kept; ``already`` counts what was there from before.

    ``standing`` says what it cannot prove.
    """

    path: str
    incident: str | None
    step: str | None
    run: str | None
    kept: list[EvidenceItem]
    already: int
    redactions: int
    standing: str
    summary: str
