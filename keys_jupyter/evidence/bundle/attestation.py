"""The signed side of a bundle: an in-toto statement in a DSSE envelope, and the same bytes for openssl."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from keys_jupyter.evidence.bundle.layout import (
    ENVELOPE,
    SIGNATURE,
    SIGNED_BYTES,
    STATEMENT,
    TAG_MANIFEST,
)
from keys_jupyter.ledger.checkpoint import SPKI_PREFIX, fingerprint_of

PAYLOAD_TYPE = "application/vnd.in-toto+json"
PREDICATE_TYPE = "https://github.com/keys-jupyter/keys-jupyter/evidence-bundle/v1"


def pretty(document: Any) -> bytes:
    """Return a JSON document in the one form that files of a bundle have."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, sort_keys=True, indent=1)
    return text.encode("utf-8") + b"\n"


def statement(
    facts: Mapping[str, Any], tag_manifest_sha256: str, payload: Mapping[str, str]
) -> bytes:
    """Return what is signed: the digests of the tag manifest and of every payload file, and of what they are."""
    subjects = [{"name": TAG_MANIFEST, "digest": {"sha256": tag_manifest_sha256}}]
    subjects += [{"name": name, "digest": {"sha256": payload[name]}} for name in sorted(payload)]
    return pretty(
        {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": subjects,
            "predicateType": PREDICATE_TYPE,
            "predicate": {
                "kind": facts["kind"],
                "name": facts["name"],
                "counts": facts["counts"],
                "ledger": facts["ledger"],
                "limits": facts["limits"],
                "missing": facts["missing"],
            },
        }
    )


def signed_bytes(payload: bytes) -> bytes:
    """Return DSSE's pre-authentication encoding, the very bytes a signature is over."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def attested(payload: bytes, public: bytes, signature: bytes) -> dict[str, bytes]:
    """Return the files of a signed statement."""
    envelope = {
        "payload": base64.b64encode(payload).decode("ascii"),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [
            {"keyid": fingerprint_of(public), "sig": base64.b64encode(signature).decode("ascii")}
        ],
    }
    return {
        STATEMENT: payload,
        ENVELOPE: pretty(envelope),
        SIGNED_BYTES: signed_bytes(payload),
        SIGNATURE: signature,
    }


def pem(public: bytes) -> bytes:
    """Return a public key as the text that other tools read."""
    body = base64.b64encode(SPKI_PREFIX + public)
    return b"-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n" % body


def public_key(text: bytes) -> bytes | None:
    """Return the 32 bytes of a key from its text; None where it is spelled in any other way."""
    lines = text.split(b"\n")
    try:
        raw = base64.b64decode(lines[1], validate=True)[len(SPKI_PREFIX) :] if lines[1:] else b""
    except ValueError:
        return None
    return raw if len(raw) == 32 and pem(raw) == text else None
