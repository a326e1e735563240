"""What a step says: when, what to do, what to expect, which keys it calls, whether it can be undone.

Read from labels ("**Expected**: …", "- Input: …"), bold or not, in bullets or not. Nothing is taken out of
the step's text; a label that is not known stays text only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from keys_jupyter.model.runbook import KeyReference
from keys_jupyter.runbook.names import plain
from keys_jupyter.runbook.patterns import (
    BRANCH_START,
    ITEM,
    KEY_SLUG,
    LABEL_NAMES,
    SLUG,
    calls_key,
    label_at,
)
from keys_jupyter.runbook.scan import Fence, Scan

_ANY_SLUG = re.compile(rf"`({SLUG})`|\[({SLUG})\]|\b({KEY_SLUG})\b")
_LABELLED_SLUG = re.compile(rf"[`\[]*({SLUG})\b")
_KEY_WORDS = re.compile(KEY_SLUG)
_MARKED = re.compile(r"(?<![\w-])(?:IRREVERSIBLE|NOT REVERSIBLE|NON-REVERSIBLE)\b")
_UNDOABLE = re.compile(r"(?<![\w-])REVERSIBLE\b")


@dataclass
class Label:
    """A label, its value with the lines below it, and the fences it takes in."""

    name: str
    word: str
    value: str
    line: int
    end: int
    items: list[str] = field(default_factory=list)
    fences: list[Fence] = field(default_factory=list)


def labels_of(found: Scan, start: int, end: int) -> list[Label]:
    """Return the labels between two lines with what belongs to each."""
    labels: list[Label] = []
    for at in range(start, end):
        line = found.lines[at]
        if found.marks[at] or (":" not in line and "**" not in line and "__" not in line):
            continue
        match = label_at(line)
        if match:
            labels.append(_label(found, at, end, match))
    return labels


def _label(found: Scan, at: int, end: int, match: re.Match[str]) -> Label:
    name = next(name for name in LABEL_NAMES if match.group(name))
    value = re.sub(r"<!--.*?-->", "", match.group("value")).strip()
    label = Label(name, match.group("word").lower(), value, at, at + 1)
    lists = not value or value.endswith(":")
    margin = _width(match.group("indent")) if match.group("item") else -1
    while label.end < end and _belongs(found, label, margin, lists=lists):
        label.end += 1
    _gather(found, label)
    return label


def _width(text: str) -> int:
    return len(text.expandtabs(4))


def _belongs(found: Scan, label: Label, margin: int, *, lists: bool) -> bool:
    """Whether the line at ``label.end`` still belongs to the label above it."""
    at = label.end
    line = found.lines[at]
    if found.marks[at]:
        return label.name == "expected" or _inside(found, label)
    if line.lstrip(" \t").startswith("#") or label_at(line):
        return False
    indent = _width(line[: len(line) - len(line.lstrip(" \t"))])
    item = ITEM.match(line)
    if item:
        branch = BRANCH_START.match(item.group("text")) and label.name != "questions"
        return not branch and (indent > margin if margin >= 0 else lists)
    if not line.strip():
        return _more_follows(found, label, margin, lists=lists)
    if BRANCH_START.match(line.lstrip()) and label.name != "questions":
        return False
    if found.lines[at - 1].strip() and not found.marks[at - 1]:
        return margin < 0 or indent > margin
    return margin >= 0 and indent > margin


def _inside(found: Scan, label: Label) -> bool:
    """Whether a fence line continues a fence the label has already taken in."""
    return (
        any(f.line < label.end < f.after and f.line > label.line for f in found.fences)
        and bool(found.marks[label.end - 1])
        and label.name == "expected"
    )


def _more_follows(found: Scan, label: Label, margin: int, *, lists: bool) -> bool:
    """Look over blank lines: a nested line, a list under a bare label, or an expected output."""
    for at in range(label.end + 1, len(found.lines)):
        line = found.lines[at]
        if not line.strip():
            continue
        if found.marks[at]:
            return label.name == "expected" and label.end == label.line + 1 and lists
        item = ITEM.match(line)
        indent = _width(line[: len(line) - len(line.lstrip(" \t"))])
        if label_at(line):
            return False
        return (bool(item) and lists and margin < 0) or (margin >= 0 and indent > margin)
    return False


def _gather(found: Scan, label: Label) -> None:
    """Join the lines below a label to its value; remember list items and fences apart."""
    below = [line.rstrip() for line in found.lines[label.line + 1 : label.end]]
    while below and not below[-1].strip():
        below.pop()
    label.fences = [f for f in found.fences if label.line < f.line < label.end]
    label.items = [
        plain(match.group("text")) for line in below if (match := ITEM.match(line)) is not None
    ]
    margin = min((_width(_margin(line)) for line in below if line.strip()), default=0)
    parts = [label.value, *(line.expandtabs(4)[margin:] for line in below)]
    label.value = "\n".join(parts).strip()


def _margin(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def first_of(labels: Sequence[Label], *names: str) -> str:
    """Return the value of the first label of these names, in the order of the names."""
    for name in names:
        for label in labels:
            if label.name == name and label.value:
                return label.value
    return ""


def expected_of(labels: Sequence[Label]) -> str:
    """Return what a step expects; a key's *Expected Output* counts where nothing else is said."""
    plainly = first_of(labels, "expected")
    outputs = (x.value for x in labels if x.name == "output" and x.word.startswith("expected"))
    return plainly or next(outputs, "")


def keys_of(found: Scan, start: int, end: int, labels: Sequence[Label]) -> list[KeyReference]:
    """Return the keys called between two lines, each with the labels that follow it."""
    calls = _calls(found, start, end)
    references = []
    for position, (at, slug) in enumerate(calls):
        low = start if position == 0 else at
        high = calls[position + 1][0] if position + 1 < len(calls) else end
        own = [label for label in labels if low <= label.line < high]
        references.append(_reference(slug, own, [x for x in own if x.line > at]))
    return references


def _calls(found: Scan, start: int, end: int) -> list[tuple[int, str]]:
    calls: list[tuple[int, str]] = []
    for at in range(start, end):
        line = found.lines[at]
        if found.marks[at] or "-" not in line:
            continue
        for slug in _called(line):
            if slug not in {known for _, known in calls}:
                calls.append((at, slug))
    return calls


def _called(line: str) -> list[str]:
    """Return the slugs of the keys one line calls."""
    label = label_at(line)
    if label and label.group("key"):
        match = _LABELLED_SLUG.search(label.group("value"))
        return [match.group(1)] if match else []
    if not calls_key(line):
        return []
    found = (next(group for group in groups if group) for groups in _ANY_SLUG.findall(line))
    return [slug for slug in dict.fromkeys(found) if _KEY_WORDS.fullmatch(slug)]


def _reference(slug: str, own: list[Label], after: list[Label]) -> KeyReference:
    questions = next((x for x in own if x.name == "questions"), None)
    asked = [] if questions is None else questions.items or [plain(questions.value)]
    return KeyReference(
        slug=slug,
        input=first_of(own, "input"),
        output=first_of(own, "output", "review"),
        questions=[words for words in asked if words],
        when=first_of(own, "when_run") or first_of(after, "when") or first_of(own, "when"),
        next_steps=first_of(own, "next"),
        location=plain(first_of(own, "location")),
    )


def reversible_of(title: str, text: str, labels: Sequence[Label]) -> bool | None:
    """Return whether a step can be undone, None where it does not say; a warning outweighs a promise."""
    said = next((x.value for x in labels if x.name == "reversible"), "").lower()
    if _MARKED.search(text) or re.search(r"\b(?:irreversible|not reversible)\b", title, re.I):
        return False
    if said:
        return not re.match(r"\W*(?:no\b|not\b|irreversible|false|never)", said)
    if _UNDOABLE.search(text) or re.search(r"\breversible\b", title, re.I):
        return True
    return None
