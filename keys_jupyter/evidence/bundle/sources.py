"""Plain data in, the source files of a bundle out: records, proofs, checkpoint, runbook, runs, kept files.

Nothing here knows of a store, a server or a person; where the data comes from is the service's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keys_jupyter.evidence.bundle import layout
from keys_jupyter.evidence.bundle.attestation import pretty
from keys_jupyter.evidence.bundle.files import Told, measure, silent
from keys_jupyter.ledger import Tree, decode

Content = bytes | Path
Rules = tuple[str, ...]
# A file's name, type and bytes in, bytes without secrets and the rules that took something out.
Redact = Callable[[str, str, bytes], tuple[bytes, Rules]]


@dataclass(frozen=True)
class IncidentMaterial:
    """What a bundle of one incident is made from, up to its last record.

    ``records`` and ``left`` are bytes as the ledger holds them; ``runs`` holds the runs that had ended by the
    last record; ``kept`` answers where the bytes of a digest are; ``state`` is the incident as it was folded. Files in
    which secrets were looked for by the rules of the version ``searched`` are not searched again.
    """

    records: Sequence[bytes]
    left: Sequence[bytes]
    runbook_source: bytes
    runbook: Mapping[str, Any]
    state: Mapping[str, Any]
    runs: Mapping[str, Mapping[str, Any]]
    controls: Sequence[str]
    kept: Callable[[str], Path]
    redact: Redact | None = None
    searched: str = ""


@dataclass(frozen=True)
class PeriodMaterial:
    """What a bundle of a period is made from.

    ``records`` are those of the period and the earlier ones of its incidents, each with the id of the incident
    it belongs to ("" for none); ``first`` and ``last`` are the period's first and last index in the ledger.
    """

    start: str
    end: str
    first: int
    last: int
    records: Sequence[tuple[str, bytes]]
    left: Sequence[bytes]
    runs: Sequence[Mapping[str, Any]]
    controls: Mapping[str, Sequence[str]]


@dataclass
class Sources:
    """The source files by their path, and the size of the tree they are proved in."""

    size: int
    files: dict[str, Content] = field(default_factory=dict)


def incident_sources(material: IncidentMaterial, program: str, told: Told = silent) -> Sources:
    """Return the sources of an incident's bundle, without proofs and checkpoint.

    Args:
        material: what it is made from.
        program: the version of this program.
        told: told of every piece of a kept file that was compared with its digest.
    """
    records = [decode(body) for body in material.records]
    sources = Sources(size=records[-1]["index"] + 1)
    absent, redacted = {}, {}
    for record in records:
        if record["type"] == "evidence.kept":
            seq = str(record["seq"])
            content, why, change = _kept(record, material, told)
            if content is None:
                absent[seq] = why
            else:
                sources.files[layout.kept_path(record)] = content
            if change:
                redacted[seq] = change
    sources.files |= _ledger_files(material.records, material.left, sources.size)
    sources.files[layout.RUNBOOK] = material.runbook_source
    sources.files[layout.RUNBOOK_READ] = pretty(material.runbook)
    sources.files[layout.INCIDENT] = pretty(material.state)
    for run, facts in material.runs.items():
        sources.files[layout.run_path(run)] = pretty(facts)
    sources.files[layout.DESCRIPTION] = pretty(
        {
            "format": layout.FORMAT,
            "kind": "incident",
            "program": program,
            "controls": sorted(material.controls),
            "absent": absent,
            "redacted": redacted,
        }
    )
    return sources


def period_sources(material: PeriodMaterial, program: str) -> Sources:
    """Return the sources of a period's bundle, without proofs and checkpoint."""
    bodies = [body for _, body in material.records]
    sources = Sources(size=material.last + 1)
    sources.files |= _ledger_files(bodies, material.left, sources.size)
    owners = {str(decode(body)["index"]): owner for owner, body in material.records}
    sources.files[layout.DESCRIPTION] = pretty(
        {
            "format": layout.FORMAT,
            "kind": "period",
            "program": program,
            "controls": {name: sorted(found) for name, found in material.controls.items()},
            "owners": owners,
            "period": {
                "from": material.start,
                "to": material.end,
                "first": material.first,
                "last": material.last,
            },
            "runs": list(material.runs),
        }
    )
    return sources


def proofs(records: Sequence[bytes], left: Sequence[bytes], tree: Tree, size: int) -> bytes:
    """Return the proofs of every record, and of every checkpoint that left, in the tree of that size."""
    inclusion = {
        str(index): [step.hex() for step in tree.inclusion(index, size)]
        for index in (decode(body)["index"] for body in [*records, *left])
    }
    sizes = {decode(body)["data"]["size"] for body in left}
    consistency = {
        str(old): [step.hex() for step in tree.consistency(old, size)] for old in sorted(sizes)
    }
    return pretty({"size": size, "inclusion": inclusion, "consistency": consistency})


def _ledger_files(records: Sequence[bytes], left: Sequence[bytes], size: int) -> dict[str, Content]:
    before = [body for body in left if decode(body)["index"] < size]
    return {
        layout.RECORDS: b"".join(body + b"\n" for body in records),
        layout.LEFT: b"".join(body + b"\n" for body in before),
    }


def _kept(
    record: Mapping[str, Any], material: IncidentMaterial, told: Told
) -> tuple[Content | None, str, dict[str, Any] | None]:
    """Return a kept file, or why it is not there, and what had to be taken out of it only now."""
    data = record["data"]
    path = material.kept(data["sha256"])
    if not path.is_file():
        return None, "its bytes are no longer kept here", None
    if measure(path, told).sha256 != data["sha256"]:
        return None, "its bytes have changed since they were kept", None
    searched = data.get("redaction", {}).get("rules") == material.searched
    if material.redact is None or searched:
        return path, "", None
    before = path.read_bytes()
    after, rules = material.redact(data["name"], data["mime"], before)
    if after == before:
        return path, "", None
    from hashlib import sha256

    changed = {"sha256": sha256(after).hexdigest(), "size": len(after), "rules": sorted(rules)}
    return after, "", changed
