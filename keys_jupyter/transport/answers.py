"""Every shape in which a marketplace or its storage says "error", turned into one.

The shapes: ``error`` a text, with or without ``message`` and ``details``; ``error`` an object with code and message;
``status: "error"`` with a code; plain text; ``valid: false`` with status 200; the storage's ``statusCode`` within 400.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from keys_jupyter.credentials.secret import without_secrets
from keys_jupyter.transport.faults import Answered

_CODES = {
    400: "REQUEST_REFUSED",
    401: "NOT_ACCEPTED",
    403: "ACCESS_DENIED",
    404: "NOT_FOUND",
    408: "REQUEST_TIMEOUT",
    409: "REQUEST_REFUSED",
    422: "REQUEST_REFUSED",
    429: "RATE_LIMITED",
}
_PROVES_NOTHING = "One such answer proves nothing, and nothing here was removed. Try again in a moment, or ask whoever runs it."
_HINTS = {
    "NOT_ACCEPTED": _PROVES_NOTHING,
    "ACCESS_DENIED": _PROVES_NOTHING,
    "RATE_LIMITED": "It asks for a pause of {pause}.",
    "REQUEST_TIMEOUT": "Try again in a moment.",
    "TROUBLE": "Try again later; what is installed here is not affected.",
}
_SHOWN = 200
_DETAILS = 50
_LONGEST_PAUSE = 3600.0


def error_of(status: int, headers: Mapping[str, str], body: bytes, host: str) -> Answered:
    """Return the one error for an answer that says no.

    Args:
        status: of the answer.
        headers: of the answer.
        body: of the answer, at least its beginning.
        host: who answered.
    """
    remote, said = _said(body)
    code = _CODES.get(status, "TROUBLE" if status >= 500 else "REQUEST_REFUSED")
    pause = _pause(headers, body)
    shown = _clean(said)
    return Answered(
        code,
        f"{host} answered {status}" + (f": {shown}" if shown else "."),
        _HINTS.get(code, "").format(pause=f"{pause:.0f} s" if pause else "some minutes"),
        http_status=status,
        remote=_clean(remote)[:60],
        retry_after=pause,
        details=_details(body),
    )


def hidden_error(data: object) -> bool:
    """Say whether an answer with status 200 says "error" all the same."""
    return isinstance(data, dict) and (data.get("valid") is False or data.get("status") == "error")


def _said(body: bytes) -> tuple[str, str]:
    """Return the other side's code and its message."""
    data = _json(body)
    if not isinstance(data, dict):
        text = body.decode("utf-8", "replace").strip()
        return "", "" if text.startswith(("<", "{", "[")) else text
    inner = data.get("error")
    if isinstance(inner, dict):
        return _text(inner.get("code")), _text(inner.get("message"))
    code = (
        _text(data.get("code"))
        or _text(data.get("error_code"))
        or (_text(inner) if "statusCode" in data else "")
    )
    message = _text(data.get("message")) or _text(data.get("msg"))
    said = ": ".join(part for part in dict.fromkeys((_text(inner), message)) if part)
    return code, message if "statusCode" in data else said


def _details(body: bytes) -> tuple[str, ...]:
    """Return what was said of single fields, by handlers and by the check of a body."""
    data = _json(body)
    if not isinstance(data, dict):
        return ()
    given = data.get("details")
    inner = data.get("error")
    if isinstance(inner, dict) and isinstance(inner.get("context"), dict):
        given = inner["context"].get("errors")
    rows = [row for row in given if isinstance(row, dict)] if isinstance(given, list) else []
    return tuple(_clean(f"{_place(row)}: {_text(row.get('message'))}") for row in rows[:_DETAILS])


def _place(row: dict[str, Any]) -> str:
    path = row.get("path")
    return ".".join(str(part) for part in path) if isinstance(path, list) else _text(path)


def _pause(headers: Mapping[str, str], body: bytes) -> float | None:
    given: Any = headers.get("Retry-After")
    data = _json(body)
    if given is None and isinstance(data, dict) and isinstance(data.get("error"), dict):
        context = data["error"].get("context")
        given = context.get("retryAfter") if isinstance(context, dict) else None
    try:
        return min(max(float(given), 0.0), _LONGEST_PAUSE)
    except (TypeError, ValueError):
        return None


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _clean(text: str) -> str:
    """Return others' words as one short line that can neither lie nor carry a credential."""
    line = re.sub(r"\s+", " ", without_secrets(text[:2000])).strip()
    plain = "".join(char if char.isprintable() else "?" for char in line)
    return plain[:_SHOWN]
