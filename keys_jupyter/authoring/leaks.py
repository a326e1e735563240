"""Text in, the lines out that hold something shaped like a real secret; the secret itself is never repeated.

A few structured rules only: what has a prefix and a length of its own. A value made of very few different
characters is somebody's placeholder.
"""

from __future__ import annotations

import re

_LENGTH = 200
_FEWEST_CHARACTERS = 6
_RULES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (what, re.compile(pattern))
    for what, pattern in (
        ("an API key of a marketplace", r"\bkx_(?:live|test)_(?P<body>[A-Za-z0-9]{16,})"),
        ("a Stripe key", r"\b[srp]k_(?:live|test)_(?P<body>[A-Za-z0-9]{20,})"),
        ("a webhook signing secret", r"\bwhsec_(?P<body>[A-Za-z0-9+/=]{24,})"),
        ("an AWS access key", r"\bAKIA(?P<body>[0-9A-Z]{16})\b"),
        ("a GitHub token", r"\bgh[pousr]_(?P<body>[A-Za-z0-9]{36,})"),
        ("a Supabase key", r"\bsb_secret_(?P<body>[A-Za-z0-9_-]{20,})"),
        ("a private key", r"-----BEGIN (?P<body>(?:[A-Z]+ )*PRIVATE KEY)-----"),
        (
            "a JSON web token",
            r"\beyJ[A-Za-z0-9_-]{10,}\.(?P<body>eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,})",
        ),
        (
            "a password in an address",
            r"\b(?:postgres(?:ql)?|mysql|mongodb(?:\+srv)?|redis|amqps?|https?)://[^\s:/@<>$'\"`]+"
            r":(?P<body>(?!pass(?:word)?@|secret@)[^\s:/@<>$'\"`{}*\[\]]{6,})@",
        ),
    )
)


def leaks(text: str) -> list[tuple[int, str]]:
    """Return line and kind of everything that looks like a secret, in order."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        for what, rule in _RULES:
            if any(_real(match["body"]) for match in rule.finditer(line)):
                found.append((number, what))
    return found


def _real(body: str) -> bool:
    return len(set(body[:_LENGTH])) >= _FEWEST_CHARACTERS
