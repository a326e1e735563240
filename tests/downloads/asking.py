"""A client as plain as can be, of the standard library, that shows what a server really sent."""

import http.client
import json
import ssl
import urllib.parse
from dataclasses import dataclass


@dataclass
class Answer:
    """What came back; ``whole`` is false when the body ended before its stated length."""

    status: int
    headers: dict[str, str]
    body: bytes
    whole: bool = True

    def json(self):
        return json.loads(self.body)


def ask(url, method="GET", body=None, *, token=None, ca=None, timeout=20, **headers):
    """Send one request on its own connection."""
    parts = urllib.parse.urlsplit(url)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    if isinstance(body, dict | list):
        body = json.dumps(body)
        sent.setdefault("Content-Type", "application/json")
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=ca)
        wire = http.client.HTTPSConnection(
            parts.hostname, parts.port, timeout=timeout, context=context
        )
    else:
        wire = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    try:
        wire.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, sent)
        return _read(wire.getresponse())
    finally:
        wire.close()


def _read(response):
    whole = True
    try:
        body = response.read()
    except http.client.IncompleteRead as error:
        body, whole = error.partial, False
    return Answer(response.status, dict(response.headers), body, whole)
