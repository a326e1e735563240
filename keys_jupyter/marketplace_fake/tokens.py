"""Signed tokens as the marketplace's backend makes them: JWTs with HS256, and opaque API keys."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any

MARK = "cAnArY7kX"
"""Stands in every key and session that is made here, so that one search of anything finds a leak of any of them."""


class TokenInvalid(Exception):
    """A token that is not one, or not ours; its text is what the storage host answers."""


def sign(payload: dict[str, Any], secret: bytes) -> str:
    """Return a JWT."""
    head = _encode(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    body = _encode(json.dumps(payload).encode())
    return f"{head}.{body}.{_encode(_mac(f'{head}.{body}', secret))}"


def read(token: str, secret: bytes) -> dict[str, Any]:
    """Return the payload of a JWT of ours; whether it has expired is for the caller to see.

    Raises:
        TokenInvalid: it is no JWT, or its signature is not ours.
    """
    parts = token.split(".")
    try:
        signature = _decode(parts[2])
        payload = json.loads(_decode(parts[1]))
    except (IndexError, ValueError) as error:
        raise TokenInvalid("Invalid Compact JWS") from error
    expected = _mac(f"{parts[0]}.{parts[1]}", secret)
    if len(parts) != 3 or not isinstance(payload, dict):
        raise TokenInvalid("Invalid Compact JWS")
    if not hmac.compare_digest(signature, expected):
        raise TokenInvalid("signature verification failed")
    return payload


def new_api_key(prefix: str) -> str:
    """Return a new API key: the prefix, ``_`` and 43 base64url characters, the mark among them."""
    return f"{prefix}_{marked(32)}"


def marked(size: int) -> str:
    """Return as many random bytes as text, the first characters replaced by the mark."""
    return MARK + secrets.token_urlsafe(size)[len(MARK) :]


def _mac(text: str, secret: bytes) -> bytes:
    return hmac.new(secret, text.encode(), hashlib.sha256).digest()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
