"""What travels in headers and addresses: credentials, cookies, passwords of connections."""

from __future__ import annotations

import re

from keys_jupyter.redaction.rule import Rule

_ASSIGN = r"[\"']?\s{0,4}(?:=>|[:=\x01,])\s{0,4}[\"']?"
_MARKED = r"(?!\[redacted )"
_PLACEHOLDER = re.compile(
    r"(?i)[*.x_-]+|\$.*|%[sdv(].*|\{.*\}?|<.*|pass(?:word)?|passwd|pwd|secret|redacted|token|your.*|changeme|example|user|none|null"
)
_DATABASES = re.compile(
    r"(?i)(?:postgres|postgresql|pgsql|mysql|mariadb|mongodb|redis|rediss|valkey|amqp|amqps|mssql|sqlserver|oracle|clickhouse|cockroachdb|cassandra|neo4j|bolt|kafka|nats|snowflake|redshift|ldap|ldaps|smtp|smtps|jdbc|couchdb|influxdb|db2|sqlite)(?:\+[a-z0-9+]{1,24})?"
)
_DIGIT = re.compile(r"\d")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}$")
_LOGIN = r"://[^\s:/@?#\"'<>\\\x00]{0,200}:(?P<secret>(?!\[redacted )[^\s/\"'<>\\`\x00]{1,256})@(?=[A-Za-z0-9\[_%$-])"


def _scheme(match: re.Match[str]) -> str:
    found = _SCHEME.search(match.string, max(0, match.start() - 31), match.start())
    return found[0] if found else ""


def _password(match: re.Match[str]) -> bool:
    return not _PLACEHOLDER.fullmatch(match["secret"])


def _of_database(match: re.Match[str]) -> bool:
    return bool(_DATABASES.fullmatch(_scheme(match))) and _password(match)


def _of_other(match: re.Match[str]) -> bool:
    return bool(_scheme(match)) and _password(match)


def _is_value(match: re.Match[str]) -> bool:
    """A header's value, not a word about it: it has a digit, or is long and of mixed case."""
    value = match["secret"]
    if _PLACEHOLDER.fullmatch(value):
        return False
    return bool(_DIGIT.search(value)) or (
        len(value) >= 16 and value != value.lower() and value != value.upper()
    )


def _is_encoded(match: re.Match[str]) -> bool:
    value = match["secret"]
    return len(value) % 4 == 0 or not value.endswith("=")


WEB: tuple[Rule, ...] = (
    Rule(
        "connection-string-password",
        "Password in a connection string",
        re.compile(_LOGIN),
        marks=("://",),
        check=_of_database,
        literal=True,
    ),
    Rule(
        "basic-auth-url",
        "Password in an address",
        re.compile(_LOGIN),
        marks=("://",),
        check=_of_other,
        literal=True,
    ),
    Rule(
        "basic-auth-header",
        "Basic credentials",
        re.compile(r"(?i:basic)\s{1,4}(?P<secret>[A-Za-z0-9+/]{8,1024}={0,2})(?![A-Za-z0-9+/=])"),
        words=("basic ",),
        check=lambda match: (
            _is_value(match) and _is_encoded(match) and len(match["secret"]) % 4 == 0
        ),
    ),
    Rule(
        "bearer-token",
        "Bearer token",
        re.compile(r"(?i:bearer)(?:\s|%20|\+){1,4}(?P<secret>[A-Za-z0-9._~+/=-]{12,4096})"),
        words=("bearer",),
        check=_is_value,
    ),
    Rule(
        "authorization-header",
        "Authorization header",
        re.compile(
            rf"(?i:authorization){_ASSIGN}(?i:(?:bearer|basic|token|digest|apikey|api-key|negotiate|key|aws4-hmac-sha256|hawk)\s{{1,4}})?(?P<secret>{_MARKED}[^\s\"'\\<>\x00]{{8,1024}})"
        ),
        words=("authorization",),
        check=_is_value,
    ),
    Rule(
        "api-key-header",
        "API key in a header",
        re.compile(
            rf"(?i:x-api-key|apikey|api-key|x-auth-token|x-access-token|x-vault-token|private-token|x-goog-api-key|ocp-apim-subscription-key|x-csrf-token|x-xsrf-token|x-session-token|x-api-token|x-functions-key|x-token){_ASSIGN}(?P<secret>{_MARKED}[^\s\"'\\<>,;&\x00]{{8,512}})"
        ),
        words=(
            "x-api-key",
            "apikey",
            "api-key",
            "x-auth-token",
            "x-access-token",
            "x-vault-token",
            "private-token",
            "x-goog-api-key",
            "ocp-apim-subscription-key",
            "x-csrf-token",
            "x-xsrf-token",
            "x-session-token",
            "x-api-token",
            "x-functions-key",
            "x-token",
        ),
        check=_is_value,
    ),
    Rule(
        "set-cookie",
        "Value of a cookie that is set",
        re.compile(
            rf"(?i:set-cookie){_ASSIGN}[^\s=;\"'\\<>\x00]{{1,128}}=(?P<secret>{_MARKED}[^\s;\"'\\<>,\x00]{{6,4096}})"
        ),
        words=("set-cookie",),
    ),
    Rule(
        "cookie",
        "Cookies of a request",
        re.compile(
            rf"(?<![A-Za-z-])(?i:cookies?){_ASSIGN}(?P<secret>{_MARKED}(?:[^\s=;\"'\\<>\x00]{{1,128}}=[^\s;\"'\\<>\x00]{{1,4096}})(?:;\s?[^\s=;\"'\\<>\x00]{{1,128}}=[^\s;\"'\\<>\x00]{{0,4096}}){{0,64}})"
        ),
        words=("cookie",),
        check=lambda match: any(
            len(part.partition("=")[2]) >= 6 for part in match["secret"].split(";")
        ),
    ),
)
