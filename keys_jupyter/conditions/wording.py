"""A condition's words taken apart: subject, comparator, values, unit; nothing may be left over.

Not here: which result the subject names and whether the condition is true of it (the package itself).
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Condition:
    """A condition taken apart; ``op`` is empty for a subject alone, ``own`` is one an author wrote as a fix."""

    subject: str
    op: str
    values: tuple[str, ...]
    unit: str
    own: bool


# Characters; a longer text is a paragraph, and the expressions below are not meant for one.
_LONGEST = 300
PERCENT = frozenset(("%", "percent", "pct", "percentage"))
_NUMBER = r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_COMPARATORS = (
    (
        "<=",
        r"<=|=<|≤|⩽|(?:less|lower|fewer|smaller) than or equal(?: to)?|at most|(?:no|not) (?:more|greater|higher) than"
        r"|up to",
    ),
    (
        ">=",
        r">=|=>|≥|⩾|(?:more|greater|higher|larger) than or equal(?: to)?|at least|(?:no|not) (?:less|fewer|lower) than",
    ),
    ("!=", r"!=|≠|<>|(?:does not|doesn't) equal|(?:is )?not equal(?: to)?"),
    ("==", r"={1,3}|equals?(?: to)?|exactly"),
    ("<", r"<|below|under|(?:less|lower|fewer|smaller) than"),
    (">", r">|above|over|exceed(?:s|ing)?|(?:more|greater|higher|larger) than"),
)
_COMPARATOR = re.compile(
    "|".join(f"(?P<c{at}>{forms})" for at, (_, forms) in enumerate(_COMPARATORS))
)
_BETWEEN = re.compile(
    rf"(?P<subject>.*?)\s*\b(?:is |are )?between (?P<low>{_NUMBER})\s*(?P<unit1>[^\d\s,]*)"
    rf" and (?P<high>{_NUMBER})\s*(?P<unit>[^\d\s,]*)"
)
_SIMPLE = re.compile(rf"(?P<value>{_NUMBER}|zero|one)(?![\w.,/:-])\s*(?P<rest>.*)")
_OR_MORE = re.compile(
    rf"(?P<value>{_NUMBER})\s*(?P<unit>\S*?)\s*,?\s*or (?P<way>more|higher|above|greater|less|lower|below|fewer)"
)
_IS_VALUE = re.compile(rf"(?P<subject>.+?) (?:is|are) (?P<value>(?:{_NUMBER}|zero|true|false)\b.*)")
_LEAD = re.compile(
    r"(?:if|when)\b|(?:the )?(?:report|analysis|output|notebook|key|result)s? (?:shows?|reports?|finds?)\b"
    r"|there (?:is|are)\b|you see\b|the\b|an?\b|any\b"
)
_VERB = re.compile(
    r"(?:\b(?:is|are|of|has|have|goes|go|drops?|falls?|rises?|climbs?|shows|reads)|[:,])$"
)
_PRESENT = re.compile(
    r" (?:(?:is|are) )?(?:present|found|detected|reported|shown|seen|exists?|occur|occurs)$"
)
# The "and" of a range stands before a number, the one between two conditions before a name.
_AND = re.compile(r" and (?![-\d])", re.I)
OTHERWISE = re.compile(
    r"otherwise|else|in (?:all|any) other cases?|none of (?:these|the above)(?: (?:is|are) true| appl(?:y|ies))?"
)


def tidy(text: str) -> str:
    """Return a condition in small letters without Markdown marks, its "if" and its full stop."""
    text = html.unescape(text).replace("\u00a0", " ").replace("\u202f", " ")
    text = re.sub(r"[*`\\]|(?<!\w)_|_(?!\w)", "", text).replace("’", "'").lower()
    text = re.sub(r"\s+", " ", text).strip(" .:;")
    while match := _LEAD.match(text):
        text = text[match.end() :].strip()
    return text


def joined(text: str) -> list[str]:
    """Return the conditions that "and" joins, in order; a text too long for a condition stays whole."""
    return [text] if len(text) > _LONGEST else _AND.split(text)


def take_apart(text: str, *, own: bool) -> Condition | str:
    """Return a condition's parts, or the sentence that says why it has none."""
    if len(text) > _LONGEST:
        return "The condition is too long to be one comparison."
    text = tidy(text)
    between = _BETWEEN.fullmatch(text)
    if between:
        return _between(between, own=own)
    found = [match for match in _COMPARATOR.finditer(text) if _stands_alone(match, text)]
    if not found:
        return _without_comparator(text, own=own)
    if len(found) > 1:
        return "More than one comparison in one condition."
    op = next(name for at, (name, _) in enumerate(_COMPARATORS) if found[0].group(f"c{at}"))
    subject = text[: found[0].start()].strip()
    return _compared(subject, op, text[found[0].end() :].strip(), own=own)


def _stands_alone(match: re.Match[str], text: str) -> bool:
    """Whether a comparator's letters are whole words ("over" is none in "overview")."""
    if not match[0][0].isalpha():
        return True
    before = text[match.start() - 1 : match.start()]
    after = text[match.end() : match.end() + 1]
    return not (before.isalnum() or before in ("_", "-") or after.isalnum() or after in ("_", "-"))


def _between(match: re.Match[str], *, own: bool) -> Condition | str:
    if match["unit1"] and match["unit1"] != match["unit"]:
        return "Two units in one range."
    subject = _subject(match["subject"])
    return Condition(subject, "between", (match["low"], match["high"]), match["unit"], own)


def _compared(subject: str, op: str, rest: str, *, own: bool) -> Condition | str:
    match = _SIMPLE.fullmatch(rest)
    if not match:
        word = re.fullmatch(r"[\"']?([a-z][\w-]*)[\"']?", rest)
        if word and op in ("==", "!="):
            return Condition(_subject(subject), op, (word[1],), "word", own)
        return f"“{rest}” is not a number that can be compared."
    value = {"zero": "0", "one": "1"}.get(match["value"], match["value"])
    subject, behind = _subject(subject), match["rest"].strip()
    if subject:
        return Condition(subject, op, (value,), behind, own)
    # "More than 5 signature errors": the subject stands behind the value.
    first, _, others = behind.partition(" ")
    if first in PERCENT:
        return Condition(_subject(others), op, (value,), first, own)
    return Condition(_subject(behind), op, (value,), "", own)


def _without_comparator(text: str, *, own: bool) -> Condition | str:
    stated = _IS_VALUE.fullmatch(text)
    if stated:
        return _stated(stated, own=own)
    if re.search(r"\d", _without_names(text)):
        return "The condition names a number without a comparison."
    return Condition(_subject(text), "", (), "", own)


def bare_subject(subject: str) -> str:
    """Return "signature errors" for "signature errors are found"."""
    return _subject(_PRESENT.sub("", subject))


def _without_names(text: str) -> str:
    """Take away words that merely contain figures, such as p95."""
    return re.sub(r"\b[a-z]+\d+\w*", "", text.replace("_", " "))


def _stated(match: re.Match[str], *, own: bool) -> Condition | str:
    """Read "is 0", "is 95 % or higher", "is true"."""
    more = _OR_MORE.fullmatch(match["value"])
    subject = _subject(match["subject"])
    if more:
        op = ">=" if more["way"] in ("more", "higher", "above", "greater") else "<="
        return Condition(subject, op, (more["value"],), more["unit"], own)
    return _compared(match["subject"], "==", match["value"], own=own)


def _subject(text: str) -> str:
    text = text.strip(" :,\"'“”")
    while match := _VERB.search(text):
        text = text[: match.start()].strip(" :,\"'“”")
    return text


def words(text: str) -> tuple[str, ...]:
    """Return a name's words without plural endings; other endings change the meaning and stay."""
    found = re.findall(r"[^\W_]+", text.lower())
    return tuple(singular(word) for word in found if word not in ("the", "a", "an"))


def singular(word: str) -> str:
    """Return a word without its plural ending."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if re.search(r"(?:ch|sh|x|ss|z)es$", word):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and word[-2:] not in ("ss", "us", "is"):
        return word[:-1]
    return word
