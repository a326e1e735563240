"""Everything in a bundle that follows from its sources: the maker writes it, the verifier makes it again.

The sources are the records with their proofs and checkpoint, the runbook, the runs, the kept files, and what
the bundle says of itself. Facts, report, crate, manifests, guide and statement follow from those and from
nothing else, byte for byte; so two exports are equal, and a changed report is found even if it is signed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from keys_jupyter.evidence.bundle.attestation import pem, pretty, statement
from keys_jupyter.evidence.bundle.bag import bag_files, manifest
from keys_jupyter.evidence.bundle.container import Measure, measured
from keys_jupyter.evidence.bundle.crate import crate_file
from keys_jupyter.evidence.bundle.facts import incident_facts
from keys_jupyter.evidence.bundle.guide import guide
from keys_jupyter.evidence.bundle.layout import (
    CHECKPOINT,
    CRATE,
    DESCRIPTION,
    FACTS,
    FORMATS,
    GUIDE,
    INCIDENT,
    LEFT,
    RECORDS,
    REPORT,
    RUNBOOK_READ,
    SIGNER,
    STATEMENT,
    TAG_MANIFEST,
    VERIFIER,
    run_path,
)
from keys_jupyter.evidence.bundle.period import period_facts
from keys_jupyter.evidence.bundle.period_report import period_report
from keys_jupyter.evidence.bundle.report import incident_report
from keys_jupyter.ledger.checkpoint import fingerprint_of, opened
from keys_jupyter.ledger.encoding import decode


def lines_of(data: bytes) -> list[dict[str, Any]]:
    """Read records, one to a line.

    Raises:
        ValueError: a line is no record in its one byte form, or the last one has no end.
    """
    if data and not data.endswith(b"\n"):
        raise ValueError("The last record has no end.")
    return [decode(line) for line in data.split(b"\n")[:-1]]


def document_of(data: bytes) -> Any:
    """Read a JSON document, and accept it only as :func:`pretty` writes it.

    Raises:
        ValueError: it is not JSON, or could be read in two ways.
    """
    try:
        document = json.loads(data.decode("utf-8"))
    except RecursionError:
        raise ValueError("A document is nested too deeply.") from None
    if pretty(document) != data:
        raise ValueError("A document is not in its one byte form.")
    return document


def facts_of(read: Callable[[str], bytes], public: bytes) -> dict[str, Any]:
    """Return what the report states, from the sources.

    Args:
        read: returns the bytes of a source by its path in the bundle.
        public: the key that signed the checkpoint.
    """
    description = document_of(read(DESCRIPTION))
    records, left = lines_of(read(RECORDS)), lines_of(read(LEFT))
    if description["kind"] == "incident":
        facts = incident_facts(
            records,
            document_of(read(RUNBOOK_READ)),
            document_of(read(INCIDENT)),
            description,
            left,
            lambda run: document_of(read(run_path(run))),
        )
        head = facts["incident"]
        facts["title"] = f"Incident {head['number']}: {head['title']}"
        facts["name"] = f"incident {head['id']} at record {head['at']}"
    else:
        facts = period_facts(records, description, left)
        period = facts["period"]
        facts["title"] = f"Incidents and runs, {period['from']} to {period['to']}"
        facts["name"] = f"period {period['from']} to {period['to']}"
    if description["format"] > FORMATS[0]:
        facts["format"] = description["format"]
    facts["program"] = description["program"]
    facts["last_at"] = records[-1]["at"]
    facts["ledger"] = _ledger(read(CHECKPOINT).decode("utf-8"), public)
    return facts


def _ledger(text: str, public: bytes) -> dict[str, Any]:
    checkpoint = opened(text).checkpoint
    return {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "fingerprint": fingerprint_of(public),
        "checkpoint": text,
    }


def derived(
    read: Callable[[str], bytes],
    sources: Mapping[str, Measure],
    public: bytes,
    verifier: bytes,
) -> dict[str, bytes]:
    """Return every file that follows, up to the statement that is to be signed.

    Args:
        read: returns the bytes of a source by its path in the bundle.
        sources: each source's measure.
        public: the signing key's 32 bytes.
        verifier: the verifier that goes with the bundle.
    """
    facts = facts_of(read, public)
    is_incident = facts["kind"] == "incident"
    made = {
        FACTS: pretty(facts),
        REPORT: incident_report(facts, read) if is_incident else period_report(facts),
    }
    payload = dict(sources)
    payload.update((name, measured([data])) for name, data in made.items())
    made[CRATE] = crate_file(facts, payload)
    payload[CRATE] = measured([made[CRATE]])
    tags = bag_files(facts, payload)
    tags.update({GUIDE: guide(facts), VERIFIER: verifier, SIGNER: pem(public)})
    digests = [(name, measured([tags[name]]).sha256) for name in sorted(tags)]
    tags[TAG_MANIFEST] = manifest(digests)
    signed = measured([tags[TAG_MANIFEST]]).sha256
    payload_digests = {name: measure.sha256 for name, measure in payload.items()}
    made.update(tags)
    made[STATEMENT] = statement(facts, signed, payload_digests)
    return made
