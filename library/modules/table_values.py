"""What one text of a table can mean: an outcome, an HTTP status, a duration, a number, no secret."""

from __future__ import annotations

import math
import re

from table_columns import UNITS_MS


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SUCCEEDED = _words(
    "succeeded success successful delivered ok processed complete completed done finished sent "
    "accepted true t yes"
)
FAILED = _words(
    "failed failure fail error errored err undelivered rejected exception dead discarded "
    "unsuccessful false f no"
)
PENDING = _words(
    "pending retrying scheduled queued processing waiting received new running active started "
    "enqueued"
)
HTTP_CODE = re.compile(r"(?:http\S*\s+)?([1-5]\d\d)(?:\.0+)?(?:\s.*)?", re.IGNORECASE)
SECRET = re.compile(r"\b(whsec|sk_live|sk_test|rk_live|rk_test)_[A-Za-z0-9+/=]{6,}")


def http_code(text: str) -> int:
    """Read 200, 200.0, "200 OK" or "HTTP/1.1 200 OK"; 0 means that nothing answered."""
    match = HTTP_CODE.fullmatch(text)
    return int(match.group(1)) if match else 0


def verdict(text: str) -> str:
    """Read a status in words or as an HTTP code: succeeded, failed, pending or unknown."""
    code = http_code(text)
    if code:
        return "succeeded" if 200 <= code < 300 else "failed"
    words = " ".join(re.findall(r"[a-z]+", text.lower()))
    if words in FAILED or re.search(r"fail|error|timed? ?out|not delivered|dead letter", words):
        return "failed"
    if words in SUCCEEDED or text == "1":
        return "succeeded"
    if words in PENDING or words.startswith(("retry", "in progress", "not attempted")):
        return "pending"
    return "failed" if text in {"0", "0.0"} else "unknown"


def milliseconds(text: str, unit: float = 1.0) -> float:
    """Read a duration such as 350, "350 ms" or "1.2s"; not a number when it is none."""
    match = re.fullmatch(r"(\d+(?:\.\d*)?(?:e[+-]?\d+)?)\s*([a-z]*)", text.lower())
    if not match or (match.group(2) and match.group(2) not in UNITS_MS):
        return math.nan
    return float(match.group(1)) * UNITS_MS.get(match.group(2), unit)


def number(text: str) -> float:
    """Read 12, -0.5, 1e3, "12.5 %" or "1,234.50"; not a number when it is none."""
    plain = text.removesuffix("%").rstrip()
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", plain):
        plain = plain.replace(",", "")
    try:
        value = float(plain)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def without_secrets(text: str) -> str:
    """Remove Stripe keys and signing secrets that a text quotes."""
    return SECRET.sub(r"\1_(removed)", text) if "_" in text else text


def is_http(text: str) -> bool:
    """Say whether a text is an HTTP status, or 0 for none."""
    return bool(http_code(text)) or text in {"0", "0.0"}


def is_verdict(text: str) -> bool:
    """Say whether a text is a known outcome."""
    return verdict(text) != "unknown"


def is_duration(text: str) -> bool:
    """Say whether a text is a duration."""
    return milliseconds(text) >= 0


def is_number(text: str) -> bool:
    """Say whether a text is a number."""
    return not math.isnan(number(text))
