"""Where everything lies in a bundle: every path is made here, and nothing else may be in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

FORMAT = 4
# The forms that can be made again. In 3 the records' own words were not counted among the redactions, and the guide
# did not speak of what is not proved.
FORMATS = (3, 4)

DESCRIPTION = "data/bundle.json"
FACTS = "data/facts.json"
REPORT = "data/report.html"
CRATE = "data/ro-crate-metadata.json"
RECORDS = "data/ledger/records.jsonl"
LEFT = "data/ledger/left.jsonl"
PROOFS = "data/ledger/proofs.json"
CHECKPOINT = "data/ledger/checkpoint.txt"
RUNBOOK = "data/runbook/runbook.md"
RUNBOOK_READ = "data/runbook/runbook.json"
INCIDENT = "data/incident.json"

BAGIT = "bagit.txt"
BAG_INFO = "bag-info.txt"
MANIFESTS = ("manifest-sha256.txt", "manifest-sha512.txt")
TAG_MANIFEST = "tagmanifest-sha256.txt"
GUIDE = "VERIFY.md"
VERIFIER = "verify.py"
SIGNER = "attestation/signer.pem"
STATEMENT = "attestation/statement.json"
ENVELOPE = "attestation/envelope.dsse.json"
SIGNED_BYTES = "attestation/envelope.pae"
SIGNATURE = "attestation/envelope.sig"
# Signed over the tag manifest, so it cannot be in it.
ATTESTATION = (ENVELOPE, SIGNED_BYTES, SIGNATURE, STATEMENT)

_ENDINGS = {
    "application/json": ".json",
    "application/x-ipynb+json": ".ipynb",
    "application/vnd.keys.result+json": ".json",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/svg+xml": ".svg",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/markdown": ".md",
    "text/plain": ".txt",
}
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,10}")


def form_of(facts: Mapping[str, Any]) -> int:
    """Return the form that facts are of; the first that can be made again did not say it in them."""
    return int(facts.get("format", FORMATS[0]))


def run_path(run: str) -> str:
    """Return where what is known of a run lies."""
    return f"data/runs/{run}.json"


def kept_path(record: Mapping[str, Any]) -> str:
    """Return where the bytes lie that an ``evidence.kept`` record speaks of."""
    data = record["data"]
    stem, ending = str(data["name"]).rsplit("/", 1)[-1], _ENDINGS.get(data["mime"], "")
    head, point, tail = stem.rpartition(".")
    if point and head and _ENDING.fullmatch(f".{tail}"):
        stem, ending = head, ending or f".{tail}"
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-")[:60]
    return f"data/evidence/{record['seq']:04d}-{plain or 'file'}{ending or '.bin'}"
