"""What one text of an output's log can mean: an ending, a yes or no, a rating."""

from __future__ import annotations

import re

import numpy as np
from table_values import number


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


YES = _words("t true yes y 1 1.0 valid ok pass passed")
NO = _words("f false no n 0 0.0 invalid fail failed")
ENDINGS = {
    "complete": _words(
        "stop endturn eos completed complete finished done stopsequence toolcalls tooluse "
        "functioncall success succeeded ok"
    ),
    "cut off": _words("length maxtokens maxoutputtokens truncated incomplete cutoff"),
    "refused": _words(
        "contentfilter refusal refused safety blocked blocklist prohibitedcontent recitation "
        "guardrailintervened moderation"
    ),
    "error": _words("error failed timeout cancelled canceled exception"),
}


def ending(text: str) -> str:
    """Read why an answer ended: complete, cut off, refused, error, or unknown."""
    word = re.sub(r"[^a-z]", "", text.lower())
    return next((kind for kind, words in ENDINGS.items() if word in words), "unknown")


def yes_or_no(text: str) -> float:
    """Read 1 for yes and 0 for no; not a number when it is neither."""
    word = text.lower()
    return 1.0 if word in YES else 0.0 if word in NO else np.nan


def thumb(text: str) -> float:
    """Read a user's rating as a number; words for thumbs count as 1 and -1."""
    word = text.lower().removeprefix("thumbs_")
    if word in ("up", "positive"):
        return 1.0
    return -1.0 if word in ("down", "negative") else number(text)
