"""A failed attempt's words go in, the kind of its failure and what its message shares come out."""

from __future__ import annotations

import re
from collections.abc import Iterable

from table_values import without_secrets

ERROR_TYPES = ("resource", "timeout", "dependency", "permission", "code", "data", "other")


def _any_of(words: str) -> re.Pattern[str]:
    return re.compile(words, re.IGNORECASE)


FETCH = _any_of(r"fetch failed|network ?error|request to \S+ failed")
CODE_FIRST = re.compile(
    r"^(Uncaught )?(TypeError|ReferenceError|AttributeError|NameError)\b"
    r"|(column|relation|function|table) \S+ does not exist"
)
# The first that matches decides: a time-out of a dependency is a time-out.
PATTERNS = {
    "resource": _any_of(
        r"out of memory|heap|\boom\b|oom-?kill|ENOMEM|ENOSPC|no space left|disk (is )?full|EMFILE"
        r"|too many open files|memory limit|MemoryError|SIGKILL|exit(ed)? (with )?(code )?137"
    ),
    "permission": _any_of(
        r"permission denied|not permitted|unauthori[sz]ed|forbidden|access denied|EACCES|EPERM"
        r"|row.level security|jwt expired|(invalid|expired|revoked) (api[ _-]?)?(key|token|credential)"
        r"|authentication failed|(status|code|http)\D{0,12}\b40[13]\b"
    ),
    "timeout": _any_of(
        r"time[sd]?[\s_-]*out|deadline exceeded|took too long|deadlock|lock wait|lock timeout"
        r"|canceling statement|stalled"
    ),
    "dependency": _any_of(
        r"ECONN\w+|ENOTFOUND|EAI_AGAIN|EPIPE|EHOSTUNREACH|ENETUNREACH|getaddrinfo|socket hang up"
        r"|connection (refused|reset|terminated|closed|failed|error)|(could not|cannot) connect"
        r"|connection slots|too many (clients|connections|requests)|rate.?limit|quota|throttl"
        r"|bad gateway|service unavailable|internal server error|upstream|overloaded|certificate"
        r"|(status|code|http)\D{0,12}\b(429|5\d\d)\b|fetch failed|network ?error"
    ),
    "data": _any_of(
        r"validation|zoderror|schema|invalid (input|value|json|payload|date|email|argument|uuid"
        r"|type|byte|data|format|amount|currency)|violates|duplicate key|null value in column"
        r"|out of range|unexpected (token|end)|malformed|missing (required )?(field|value|key)"
        r"|is required|cannot be (null|empty|blank)|no such (customer|user|record|object|order)"
        r"|(record|row|object|customer|user|order)\b.{0,20}not found|ValueError|parse|encoding"
        r"|too long for type|constraint"
    ),
    "code": _any_of(
        r"\b(Type|Reference|Syntax|Range|Attribute|Name|Key|Index|Import|Assertion|NoMethod"
        r"|ModuleNotFound|ZeroDivision|NotImplemented)Error\b|cannot find module|is not a function"
        r"|undefined|null pointer|NullPointer|traceback|unhandled|panic|segfault|segmentation"
        r"|no such (table|column)|NoneType"
    ),
}
VARIABLE = re.compile(r"0x[0-9a-f]+|\b[0-9a-f]{8,}(-[0-9a-f]+)*\b|\d+|\"[^\"]*\"|'[^']*'", re.I)
CREDENTIALS = re.compile(r"(://[^\s:/@]*:)[^\s@/]+@|\b(bearer\s+)\S{8,}|\beyJ[\w-]+\.[\w.-]+", re.I)


def error_type(text: str) -> str:
    """Name the kind of a failure by its words."""
    if CODE_FIRST.search(text) and not FETCH.search(text):
        return "code"
    return next((kind for kind, words in PATTERNS.items() if words.search(text)), "other")


def error_types(texts: Iterable[str]) -> list[str]:
    """Name the kind of each of several distinct texts."""
    return [error_type(text) for text in texts]


def message_pattern(text: str) -> str:
    """Return what messages of one cause share: the text without numbers, ids and quoted words."""
    return VARIABLE.sub("#", text[:300])


def one_line(text: str) -> str:
    """Return a text on one line, without the keys, tokens and passwords that it may quote."""
    return " ".join(CREDENTIALS.sub(r"\1\2(removed) ", without_secrets(text)).split())
