"""Whether the manifests name every byte, and whether the statement over them is signed."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping

from keys_jupyter.evidence.bundle.attestation import attested, signed_bytes
from keys_jupyter.evidence.bundle.container import Measure
from keys_jupyter.evidence.bundle.layout import (
    ATTESTATION,
    ENVELOPE,
    MANIFESTS,
    SIGNATURE,
    SIGNER,
    STATEMENT,
    TAG_MANIFEST,
)
from keys_jupyter.evidence.verify.opened import Problem, signer_of
from keys_jupyter.ledger.checkpoint import fingerprint_of
from keys_jupyter.ledger.ed25519 import signature_holds

_LINE = re.compile(r"([0-9a-f]{64}|[0-9a-f]{128})  (\S+)")


def check_digests(found: Mapping[str, memoryview], measures: Mapping[str, Measure]) -> str:
    """Check every digest of the three manifests, and that they name every file once.

    Raises:
        Problem: a file differs, is missing, or is named nowhere.
    """
    payload = {name for name in found if name.startswith("data/")}
    tags = set(found) - payload - set(ATTESTATION) - {TAG_MANIFEST}
    wrong = _differing(MANIFESTS[0], payload, found, {n: measures[n].sha256 for n in measures})
    wrong += _differing(MANIFESTS[1], payload, found, {n: measures[n].sha512 for n in measures})
    wrong += _differing(TAG_MANIFEST, tags, found, {n: measures[n].sha256 for n in measures})
    if wrong:
        raise Problem("; ".join(list(dict.fromkeys(wrong))[:20]))
    return f"{len(payload)} payload files and {len(tags)} others have their digests."


def _differing(
    manifest: str, names: set[str], found: Mapping[str, memoryview], digests: Mapping[str, str]
) -> list[str]:
    if manifest not in found:
        return [f"{manifest} is not there"]
    said: dict[str, str] = {}
    for line in bytes(found[manifest]).decode("ascii", "replace").split("\n")[:-1]:
        match = _LINE.fullmatch(line)
        if not match or match[2] in said:
            return [f"{manifest} is not in its one form"]
        said[match[2]] = match[1]
    wrong = [f"{name} is not in {manifest}" for name in sorted(names - set(said))]
    wrong += [f"{name} is not there" for name in sorted(set(said) - names)]
    both = sorted(names & set(said))
    return wrong + [f"{name} has changed" for name in both if digests[name] != said[name]]


def check_signature(found: Mapping[str, memoryview], key: str | None) -> str:
    """Check the envelope, its twins for other tools, and the signature; and the key where one is expected.

    Raises:
        Problem: it is not signed by the key in the bundle, or that key is another than the expected one.
    """
    public = signer_of(found)
    payload, signature = bytes(found[STATEMENT]), bytes(found[SIGNATURE])
    if not signature_holds(public, signed_bytes(payload), signature):
        raise Problem(
            f"{STATEMENT}, {SIGNATURE} and {SIGNER} do not belong together: not signed by that key."
        )
    for name, data in attested(payload, public, signature).items():
        if bytes(found.get(name, b"")) != data:
            raise Problem(f"{name} does not hold the signed statement in its one form.")
    fingerprint = fingerprint_of(public)
    if key is not None and key.strip().lower().replace("sha256:", "") != fingerprint:
        raise Problem(f"It is signed by the key {fingerprint}, and another one was expected.")
    known = "the expected key" if key else "the key in the bundle; compare its fingerprint"
    return f"Signed by {known}, SHA256:{fingerprint}."


def check_subjects(found: Mapping[str, memoryview], measures: Mapping[str, Measure]) -> str:
    """Check that the signed statement names the digest of every payload file and of the tag manifest.

    Raises:
        Problem: a file is not covered, or has another digest.
    """
    envelope = json.loads(bytes(found[ENVELOPE]).decode("utf-8"))
    signed = json.loads(base64.b64decode(envelope["payload"]).decode("utf-8"))
    said = {one["name"]: one["digest"]["sha256"] for one in signed["subject"]}
    names = {name for name in found if name.startswith("data/")} | {TAG_MANIFEST}
    wrong = sorted(name for name in names | set(said) if said.get(name) != _digest(measures, name))
    if wrong or len(said) != len(signed["subject"]):
        raise Problem(f"The signed statement does not cover: {', '.join(wrong[:20])}.")
    return f"The signed statement names {len(said)} files with the digests they have."


def _digest(measures: Mapping[str, Measure], name: str) -> str:
    return measures[name].sha256 if name in measures else "not there"
