"""A bundle with its sources read, for the checks to look at; nothing is believed yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from keys_jupyter.evidence.bundle.attestation import public_key
from keys_jupyter.evidence.bundle.container import Measure
from keys_jupyter.evidence.bundle.derive import document_of, lines_of
from keys_jupyter.evidence.bundle.layout import (
    BAG_INFO,
    BAGIT,
    CHECKPOINT,
    CRATE,
    DESCRIPTION,
    FACTS,
    FORMATS,
    GUIDE,
    INCIDENT,
    LEFT,
    MANIFESTS,
    PROOFS,
    RECORDS,
    REPORT,
    RUNBOOK,
    RUNBOOK_READ,
    SIGNER,
    TAG_MANIFEST,
    VERIFIER,
    kept_path,
    run_path,
)
from keys_jupyter.ledger.checkpoint import Checkpoint, opened

_DERIVED = (
    BAGIT,
    BAG_INFO,
    *MANIFESTS,
    TAG_MANIFEST,
    GUIDE,
    VERIFIER,
    SIGNER,
    FACTS,
    REPORT,
    CRATE,
)


class Problem(Exception):
    """Something does not hold; the message says what and where."""


class Unproved(Exception):
    """Something neither holds nor does not: what would show it is not in the bundle; the message says what would."""


class Opened(NamedTuple):
    """The parts of a bundle as they were read."""

    found: Mapping[str, memoryview]
    measures: Mapping[str, Measure]
    public: bytes
    description: dict[str, Any]
    records: list[dict[str, Any]]
    left: list[dict[str, Any]]
    proofs: dict[str, Any]
    checkpoint: Checkpoint
    sources: tuple[str, ...]
    derived_names: tuple[str, ...]

    def read(self, name: str) -> bytes:
        """Return a file's bytes."""
        return bytes(self.found[name])

    def bodies(self, name: str) -> list[bytes]:
        """Return the lines of a file of records as they were hashed."""
        return self.read(name).split(b"\n")[:-1]


def signer_of(found: Mapping[str, memoryview]) -> bytes:
    """Return the signing key that lies in the bundle.

    Raises:
        Problem: it is not there, or not in its one form.
    """
    public = public_key(bytes(found.get(SIGNER, b"")))
    if public is None:
        raise Problem(f"{SIGNER} is not an Ed25519 public key in its one form.")
    return public


def opened_bundle(found: Mapping[str, memoryview], measures: Mapping[str, Measure]) -> Opened:
    """Read the sources.

    Raises:
        Problem: one is not there, or the bundle is of a form that this verifier does not know.
        ValueError: one is not in its one form.
    """
    for name in (DESCRIPTION, RECORDS, LEFT, PROOFS, CHECKPOINT):
        if name not in found:
            raise Problem(f"{name} is not there.")
    description = document_of(bytes(found[DESCRIPTION]))
    if description["format"] not in FORMATS or description["kind"] not in ("incident", "period"):
        raise Problem(
            f"The bundle is of form {description['format']!a}, this verifier knows "
            f"{' and '.join(map(str, FORMATS))}; "
            "use a verify.py of its own time from a place you trust."
        )
    records = lines_of(bytes(found[RECORDS]))
    if not records:
        raise Problem("There are no records.")
    return Opened(
        found=found,
        measures=measures,
        public=signer_of(found),
        description=description,
        records=records,
        left=lines_of(bytes(found[LEFT])),
        proofs=document_of(bytes(found[PROOFS])),
        checkpoint=opened(bytes(found[CHECKPOINT]).decode("utf-8")).checkpoint,
        sources=_sources(description, records),
        derived_names=_DERIVED,
    )


def _sources(description: Mapping[str, Any], records: list[dict[str, Any]]) -> tuple[str, ...]:
    names = {DESCRIPTION, RECORDS, LEFT, PROOFS, CHECKPOINT}
    if description["kind"] == "incident":
        names |= {RUNBOOK, RUNBOOK_READ, INCIDENT}
        for record in records:
            if record["type"] in ("run.ended", "run.attached"):
                names.add(run_path(record["data"]["run"]))
            if (
                record["type"] == "evidence.kept"
                and str(record["seq"]) not in description["absent"]
            ):
                names.add(kept_path(record))
    return tuple(sorted(names))
