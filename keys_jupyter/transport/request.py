"""One request before it is sent: its secrets are written out only here, and only for the origin they belong to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keys_jupyter.credentials.secret import Secret
from keys_jupyter.transport.addresses import Policy

if TYPE_CHECKING:
    from requests import PreparedRequest


@dataclass(frozen=True, repr=False)
class Request:
    """One request before it is prepared; never shown, since its headers and its URL may hold secrets."""

    method: str
    url: str
    headers: Mapping[str, str | Secret]
    policy: Policy
    body: Any = None
    data: bytes | None = None  # sent as they are, in place of a document
    same_origin: bool = True  # a redirect to another origin is refused


def prepared(request: Request, url: str, *, with_secrets: bool) -> PreparedRequest:
    """Return what goes on the wire; without secrets on a hop to another origin."""
    import requests

    from keys_jupyter.places import version

    headers = {
        "User-Agent": f"keys-jupyter/{version()}",
        "Accept-Encoding": "identity",
        # A kept connection may be closed by the other side while we begin to use it.
        "Connection": "close",
    }
    for name, value in request.headers.items():
        if not isinstance(value, Secret):
            headers[name] = value
        elif with_secrets:
            headers[name] = value.reveal()
    body = request.data
    if request.body is not None:
        body = json.dumps(request.body, default=_revealed).encode()
    return requests.Request(request.method, url, headers=headers, data=body).prepare()


def _revealed(value: object) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    raise TypeError(f"{type(value).__name__} is not JSON")


def bearer(authorization: Secret | None) -> dict[str, str | Secret]:
    """Return the header of a bearer token, still as a secret."""
    return {"Authorization": Secret(f"Bearer {authorization.reveal()}")} if authorization else {}
