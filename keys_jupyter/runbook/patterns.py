"""How runbooks mark list items, labels, branches and calls of keys; the dialects live in these expressions."""

from __future__ import annotations

import re
from functools import lru_cache

SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)+"
KEY_SLUG = r"(?:jupyter|node|next)-[a-z0-9]+(?:-[a-z0-9]+)*"

ITEM = re.compile(
    r"(?P<indent>[ \t]*)(?P<mark>[-*+•]|(?P<number>\d{1,4})[.)])[ \t]+(?P<text>\S[^\r\n]*)"
)

# A label is a few words and a colon, bold or first in a bullet; the colon inside or outside the bold.
_LABELS = {
    "key": r"(?:run (?:the )?)?(?:jupyter |node |next |next\.js |analysis )?keys?",
    "run": r"run|use|call|execute|invoke",
    "input": r"(?:what )?inputs?(?: (?:data|files?|required))?",
    "output": r"(?:what )?(?:expected )?outputs?|report",
    "expected": r"expect(?:ed|ation)?s?(?: (?:results?|outcome|response|state|if healthy|value))?"
    r"|what (?:good|you should see|to expect)(?: looks like)?|you should see|good(?: looks like)?|success looks like",
    "questions": r"(?:what )?questions?(?: answered| it answers| to answer)?|answers",
    "when_run": r"when to run(?: it)?",
    "when": r"when|only when|precondition|do this when|use when",
    "next": r"next steps?|then|afterwards|follow(?:ing)? up",
    "location": r"locations?|notebook|path|notebook path",
    "review": r"review|look for|look at",
    "action": r"actions?|do|do this|what to do|task",
    "reversible": r"reversib(?:le|ility)|can be undone|undo(?:able)?",
    "other": r"evidence|verification|verify|rollback|roll back|precondition|prerequisites?|note|notes|warning|why"
    r"|owner|time|duration|commands?|interpret(?: results)?|impact|risk|artifacts(?: to save)?|do not|severity|type"
    r"|version|escalat(?:e|ion)|if it fails|permissions|access|audit(?: entry)?|record",
}
LABEL = re.compile(
    r"(?P<indent>[ \t>]*)(?:(?P<item>[-*+•]|\d{1,4}[.)])[ \t]+)?(?:\[[ xX]\][ \t]+)?(?:[^\w\s*]{1,3}[ \t]*)?"
    r"(?:\*\*|__)?[ \t]*(?P<word>"
    + "|".join(f"(?P<{name}>{words})" for name, words in _LABELS.items())
    + r")(?:[ \t]*\([^)\r\n]{0,40}\))?(?:(?:\*\*|__)?[ \t]*:(?!//)[ \t]*(?:\*\*|__)?|(?:\*\*|__)[ \t]*(?=[\r\n]|\Z))"
    r"[ \t]*(?P<value>[^\r\n]*)",
    re.I,
)
LABEL_NAMES = tuple(_LABELS)
LABEL_START = re.compile(
    r"(?:\*\*|__)?(?:"
    + "|".join(f"(?:{words})" for words in _LABELS.values())
    + r")(?:\*\*|__)?[ \t]*:",
    re.I,
)

BRANCH_START = re.compile(
    r"[^\w<>]{0,8}?(?:\*\*|__)?(?:(?:else |otherwise )?if\b|otherwise\b|else\b|in all other cases|in any other case|none of (?:these|the above))",
    re.I,
)

KEY_CALL = re.compile(
    rf"\b(?:keys?|run|use|call|execute|invoke)\b[^`\r\n]{{0,60}}?[`\[]+(?:{KEY_SLUG})`?"
    rf"|`{KEY_SLUG}`[\])]*(?:\([^)\s]*\))?\s+keys?\b"
    rf"|\bkeys?(?:\*\*|__)?\s*:(?:\*\*|__)?\s*[`\[]*{KEY_SLUG}"
    rf"|\b(?:run|use|call|execute|invoke)(?:\*\*|__)?\s*:?(?:\*\*|__)?\s*(?:the )?{KEY_SLUG}\b"
    rf"|\bkeys?(?:\*\*|__)?\s*:(?:\*\*|__)?\s*`{SLUG}`",
    re.I,
)
COMMENT_WHEN = re.compile(r"<!--\s*when\s*:\s*(.*?)\s*-->", re.I | re.S)


@lru_cache(maxsize=4096)  # each line is looked at from above, from its own step and from below
def label_at(line: str) -> re.Match[str] | None:
    """Return the label a line begins with, without trying lines that can have none."""
    return LABEL.match(line) if ":" in line or "**" in line or "__" in line else None


def calls_key(line: str) -> bool:
    """Whether a line calls a key, without trying lines that name neither a key nor a slug of one."""
    low = line.lower()
    named = "key" in low or "jupyter-" in low or "node-" in low or "next-" in low
    return named and KEY_CALL.search(line) is not None
