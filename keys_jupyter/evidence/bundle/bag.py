"""The BagIt side of a bundle (RFC 8493): declaration, manifests, and what the bag says of itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from keys_jupyter.evidence.bundle.container import Measure
from keys_jupyter.evidence.bundle.layout import BAG_INFO, BAGIT, MANIFESTS, form_of

_DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def bag_files(facts: Mapping[str, Any], payload: Mapping[str, Measure]) -> dict[str, bytes]:
    """Return the declaration, the two manifests of the payload, and the bag's own data."""
    total = sum(measure.size for measure in payload.values())
    rows = [(name, payload[name]) for name in sorted(payload)]
    return {
        BAGIT: _DECLARATION,
        BAG_INFO: _info(facts, total, len(payload)),
        MANIFESTS[0]: manifest([(name, measure.sha256) for name, measure in rows]),
        MANIFESTS[1]: manifest([(name, measure.sha512) for name, measure in rows]),
    }


def manifest(rows: Sequence[tuple[str, str]]) -> bytes:
    """Return a manifest: a digest, two spaces and a path to a line, as sha256sum writes it."""
    return "".join(f"{digest}  {name}\n" for name, digest in rows).encode("ascii")


def _info(facts: Mapping[str, Any], size: int, count: int) -> bytes:
    lines = {
        "Bag-Software-Agent": f"keys-jupyter {facts['program']}",
        "Bagging-Date": facts["last_at"][:10],
        "Bundle-Format": str(form_of(facts)),
        "Bundle-Kind": facts["kind"],
        "External-Identifier": facts["name"],
        "Ledger-Checkpoint": f"{facts['ledger']['size']} {facts['ledger']['root']}",
        "Payload-Oxum": f"{size}.{count}",
        "Signing-Key": f"SHA256:{facts['ledger']['fingerprint']}",
    }
    return "".join(f"{name}: {value}\n" for name, value in lines.items()).encode("utf-8")
