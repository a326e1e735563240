"""What the words of a heading mean: a canonical section, a step's number, or nothing.

Whatever the case, the numbering and the emoji: ``## 5️⃣ DIAGNOSIS FLOW`` and ``## Diagnosis`` are one.
"""

from __future__ import annotations

import re

OTHER = "other"

_SECTIONS = (
    (
        "when-not",
        r"when (?:you should |do |should you )?(?:not|never)\b.*"
        r"|(?:do not|dont|don t|not) (?:use|for)\b.*|(?:explicit )?exclusions?|out of scope"
        r"|not covered.*|wrong runbook.*",
    ),
    (
        "when",
        r"when|when to (?:use|run|apply)\b.*|use (?:this (?:runbook )?)?when.*"
        r"|triggers?\b.*|symptoms?\b.*|alerts?|use this runbook (?:if|when|for).*",
    ),
    (
        "scope",
        r"(?:title (?:and )?)?scope\b.*|overview|summary|purpose|about(?: this runbook)?",
    ),
    (
        "follow-ups",
        r"(?:post ?(?:incident|mortem|recovery)\b.*)|follow ?ups?\b.*|after the incident.*"
        r"|lessons(?: learned)?|(?:incident )?review|retrospective",
    ),
    (
        "evidence",
        r"evidence\b.*|audit\b.*|artifacts?\b.*|what to record.*|records?(?: to keep)?",
    ),
    (
        "safety",
        r"(?:immediate )?safety\b.*|immediate (?:actions?|checks?|steps?)|before you (?:start|begin).*"
        r"|first(?: of all)? do no harm.*|stop the bleeding.*|pre ?(?:flight )?checks?.*",
    ),
    ("diagnosis", r"diagnos(?:is|e|tics?|ing)\b.*|triage\b.*|investigat(?:e|ion|ing)\b.*"),
    (
        "verification",
        r"verif(?:y|ication|ying)\b.*|validation\b.*|confirm (?:the )?(?:fix|resolution|recovery).*",
    ),
    (
        "rollback",
        r"roll ?back\b.*|escalat(?:e|ion)\b.*|revert(?:ing)?\b.*|when to (?:stop|escalate).*",
    ),
    (
        "action",
        r"actions?(?: (?:steps?|plan|items))?|remediation\b.*|resolution(?: steps?)?|mitigations?\b.*"
        r"|fix(?:es)?|recovery (?:steps?|procedure|actions?)|repair(?: steps?)?|resolve",
    ),
)
# One expression, for a heading that is none of them would be held against each.
_SECTION = re.compile("|".join(f"({pattern})" for _, pattern in _SECTIONS))
_NOISE = re.compile(r"[^\w&+/ .:)-]+")
_LEAD = re.compile(
    r"^(?:(?:section|part|chapter)\s+)?(?:\d+(?:\.\d+)*|[ivx]+(?=[.)]))?\s*[.):\-]*\s*", re.I
)
_STEP_WORD = r"(?P<word>step|action|check|phase|window|task|stage|part|decision|question|option|test|fix|procedure)"
_NUMBER = r"(?P<number>\d{1,3}(?:\.\d{1,3})*[a-z]?|[A-Z])"
_WORDED = re.compile(
    rf"(?:\w+ )?{_STEP_WORD}\s+#?{_NUMBER}(?=$|\s|[:.)\-–—])\s*[:.)\-–—]*\s*(?P<title>.*)", re.I
)
_PLAIN = re.compile(rf"{_NUMBER}(?:[.):](?!\d)\s*|\s+[-–—]\s+)(?P<title>\S.*)")
_LOOSE = re.compile(
    r"(?P<number>\d{1,2}(?:\.\d{1,2})*)\s+(?!(?:hours?|minutes?|mins?|days?|weeks?|h|d)\b)(?P<title>[A-Z].*)"
)
_EMPHASIS = re.compile(r"\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)|`")
_MARKS = re.compile(r"[*_`\[<]")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def plain(text: str) -> str:
    """Return Markdown words without emphasis, code marks, link targets and comments."""
    if _MARKS.search(text) is None:
        return text.strip()
    text = re.sub(r"<!--.*?-->", "", text)
    return _EMPHASIS.sub("", _LINK.sub(r"\1", text)).strip()


def section_name(heading: str) -> str:
    """Return the canonical section a heading opens, or "other"."""
    words = _NOISE.sub(" ", plain(heading)).strip()
    words = _LEAD.sub("", words).lower()
    words = re.sub(r"[^a-z0-9]+", " ", words).strip()
    found = _SECTION.fullmatch(words)
    return _SECTIONS[found.lastindex - 1][0] if found and found.lastindex else OTHER


def step_number(heading: str) -> tuple[str, str]:
    """Return a heading's number and the words after it; no number is an empty string."""
    words = plain(heading)
    bare = words
    if words and not words[0].isalnum():
        bare = words.lstrip("".join(c for c in words if not c.isalnum()))
    # The keycap emoji is a digit followed by two joiners.
    bare = bare.replace("\ufe0f\u20e3", ".")
    for pattern in (_WORDED, _PLAIN, _LOOSE):
        match = pattern.match(bare)
        if match:
            return match.group("number"), match.group("title").strip() or words
    return "", bare.strip()


def step_word(heading: str) -> str:
    """Return what a heading calls its step ("step", "action", "check"), or nothing."""
    match = _WORDED.match(plain(heading))
    return match.group("word").lower() if match else ""


def is_worded_step(heading: str) -> bool:
    """Whether a heading says "Step 3", whatever its depth."""
    return step_word(heading) != ""


def is_prohibition(text: str) -> bool:
    """Whether a heading or label introduces what must not be done."""
    words = re.sub(r"[^a-z]+", " ", plain(text).lower()).strip()
    return bool(
        re.fullmatch(
            r"(?:what )?(?:do not|don t|dont|never)(?: (?:do|do these|do this|list|run))?(?: .{0,30})?",
            words,
        )
    )


def slugify(words: str) -> str:
    """Return words as a slug: small letters and figures joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower().replace("'", "")).strip("-")
