"""The ways on from a step: on which condition, what then, and where that leads.

A branch begins a line or a list item with "If …" (bold or not), stands in a table whose head says so, or
is an "Otherwise". Where a branch leads is said only when the words name one place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from keys_jupyter.model.runbook import Branch
from keys_jupyter.runbook.names import OTHER, plain, section_name, slugify
from keys_jupyter.runbook.patterns import BRANCH_START, COMMENT_WHEN, ITEM, label_at
from keys_jupyter.runbook.scan import Scan

_BOLD_IF = re.compile(
    r"(?:\W{0,8}?)(?:\*\*|__)(?P<condition>(?:if\s+[^\s*_:]|otherwise\b|else\b).*?)(?P<colon>:)?(?:\*\*|__)[ \t]*"
    r"(?P<sign>:|→|->|=>|⇒|,|-|–|—)?[ \t]*(?P<outcome>.*)",
    re.I,
)
_SIGNED_IF = re.compile(
    r"[^\w<>]{0,8}?(?P<condition>(?:(?:else |otherwise )?if\b|otherwise|else|in all other cases|in any other case|none of (?:these|the above)).*?)"
    r"[ \t]*(?P<sign>:(?=\s|$|\*)|→|->|=>|⇒|\bthen\b|,|(?<=\s)[-–—](?=\s))[ \t]*(?P<outcome>.*)",
    re.I,
)
_ARROW = re.compile(r"(?P<condition>[^→⇒]+?)[ \t]*(?:→|->|=>|⇒)[ \t]*(?P<outcome>.+)")
_TOLD = re.compile(r"(?P<condition>.+?)(?:\*\*)?(?::(?:\*\*)?|\s[-–—→]|\.)\s+(?P<outcome>.+)")
_OPENING = re.compile(r"(?:(?:else|otherwise)\s+)?(?:if|when)\b\s*", re.I)
_GO = (
    r"(?:see|go(?: back)?(?: on)? to|continue (?:to|with|at|in)|proceed (?:to|with)|skip to|jump to"
    r"|move (?:on )?to|return to|back to|follow|start|begin|open|use|run|work|repeat|re-?run|re-?do|take|apply"
    r"|perform|execute|do|then|next)"
)
# A place is gone to only after a verb of going, or where the outcome begins with it: "lift the freeze of
# Check 4, then continue to Window 2" leads to Window 2.
_PLACE = re.compile(
    rf"(?:\b{_GO}\b[: ]+(?:with )?(?:the )?|^\W*|\()[\"“*_\[]*"
    r"(?:(?P<section>safety|diagnosis|diagnostic|action|verification|rollback|follow-?up)s?,?\s+)?"
    r"(?P<word>step|action|check|window|phase|task)s?\s+#?(?P<number>\d{1,3}(?:\.\d{1,3})*[a-z]?|[A-Z])\b",
    re.I,
)
_SECTION = re.compile(
    rf"(?:\b{_GO}[: ]+(?:the )?|^|→\s*)[\"“*_\[]*"
    r"(?P<name>(?:immediate )?safety checks?|diagnosis(?: flow)?|action steps?|actions|verification|rollback|escalat(?:e|ion)"
    r"|roll back|verify|evidence(?: & audit notes)?|(?:post-incident )?follow-?ups)\b",
    re.I,
)
_LINKED = re.compile(
    r"\[(?P<words>[^\]]*)\]\((?:[^)\s]*/)?(?P<slug>[a-z0-9]+(?:-[a-z0-9]+)+)(?:/(?:README\.md)?)?(?:#[^)]*)?\)"
)
_QUOTED = re.compile(
    r"`(?P<slug>(?!jupyter-|node-|next-)[a-z0-9]+(?:-[a-z0-9]+)+)`(?:\*\*)?\s*runbook"
    r"|runbook(?:\*\*)?\s*:?\s*(?:\*\*)?`(?P<slug2>(?!jupyter-|node-|next-)[a-z0-9]+(?:-[a-z0-9]+)+)`",
    re.I,
)
_NAMED = re.compile(
    rf"\b(?:{_GO})\b[: ]+(?:with )?(?:the )?[\"“*_]*(?P<words>[A-Z][\w&/' -]*?)\s+runbook\b", re.I
)
_TITLED = re.compile(
    rf"\b(?:{_GO})\b(?P<words>[^.`]*?)\brunbook\b[*_\"” ]*\(`?(?P<slug>[a-z0-9]+(?:-[a-z0-9]+)+)`?\)",
    re.I,
)
_HOMES = {"action": ("action",), "window": ("verification",)}
_TABLE_ROW = re.compile(r"[ \t]*\|(.*)\|[ \t]*$")
_TABLE_IF = re.compile(
    r"\b(?:if|condition|result|finding|you see|symptom|observation|when)\b", re.I
)
_TABLE_THEN = re.compile(r"\b(?:then|go to|next|action|do|outcome|continue|see)\b", re.I)


@dataclass(frozen=True)
class Place:
    """A step a branch can lead to; ``word`` is what its heading calls it ("step", "action"), if anything."""

    section: str
    number: str
    word: str
    id: str


@dataclass(frozen=True)
class Places:
    """Where a branch can lead: the steps and the sections there are."""

    steps: Sequence[Place]
    sections: frozenset[str]

    def step(self, word: str, number: str, section: str, here: str) -> str | None:
        """Return the one step that "Step 4" or "Action 1" names from a section; None where two could be meant."""
        number, word = number.lower(), word.lower()
        wanted = _section_word(section)
        shorter = re.sub(r"(?:\.\d+|[a-z])$", "", number)
        for digits in dict.fromkeys((number, shorter)):
            fits = [p for p in self.steps if digits and p.number == digits]
            fits = [p for p in fits if p.section == wanted] if wanted else fits
            # A heading's own word decides: "Step 1" in the safety checks is not "Check 1".
            called = [p for p in fits if p.word == word]
            nameless = [
                p for p in fits if not p.word and p.section in _HOMES.get(word, (p.section,))
            ]
            found = (
                _only(called, here)
                or _only(nameless, here)
                or (_only(fits, here) if wanted else None)
            )
            if found:
                return found
        return None


def _only(fits: Sequence[Place], here: str) -> str | None:
    """Return the single fit: of this section, else of the diagnosis, else of the whole runbook."""
    for near in (here, "diagnosis"):
        inside = [place.id for place in fits if place.section == near]
        if inside:
            return inside[0] if len(inside) == 1 else None
    return fits[0].id if len(fits) == 1 else None


def _section_word(word: str) -> str:
    word = word.lower().replace("diagnostic", "diagnosis")
    return "follow-ups" if word.startswith("follow") else word


def target(text: str, places: Places, here: str) -> str | None:
    """Return where words lead: a step id, a section's name, ``runbook:<slug>``, or None.

    Args:
        text: the outcome of a branch.
        places: the steps and sections of this runbook.
        here: the section the branch stands in.
    """
    found: list[tuple[int, int, str]] = []
    for match in _PLACE.finditer(text):
        step = places.step(match["word"], match["number"], match["section"] or "", here)
        if step:
            found.append((match.start(), 0, step))
    found.extend(_runbooks_in(text))
    section = _SECTION.search(text)
    if section:
        name = "action" if section["name"].lower() == "actions" else section_name(section["name"])
        if name in places.sections and name != OTHER:
            found.append((section.start(), 3, name))
    return min(found)[2] if found else None


def _runbooks_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the runbooks that words name, with where they begin and how sure that is."""
    if "](" in text:
        for match in _LINKED.finditer(text):
            yield match.start(), 1, f"runbook:{match['slug']}"
    if "runbook" not in text.lower():
        return
    for match in _QUOTED.finditer(text):
        yield match.start(), 1, f"runbook:{match['slug'] or match['slug2']}"
    for match in _TITLED.finditer(text):
        # A slug behind a runbook's title is that runbook, wherever the title begins.
        yield match.start(), 0, f"runbook:{match['slug']}"
    for match in _NAMED.finditer(text):
        if slugify(match["words"]) not in ("this", "other", "right", "linked", "related"):
            yield match.start(), 2, f"runbook:{slugify(match['words'])}"


def branches_of(found: Scan, start: int, end: int, places: Places, here: str) -> list[Branch]:
    """Return the branches between two lines, in order."""
    branches: list[Branch] = []
    waiting: str | None = None
    at = start
    while at < end:
        line = found.lines[at]
        if found.marks[at] or not line.strip():
            at += 1
            continue
        when = COMMENT_WHEN.search(line) if "<!--" in line else None
        if when and not re.sub(r"<!--.*?-->", "", line).strip():
            waiting = _own_line(found, at, end, when[1], branches)
            at += 1
            continue
        if line.lstrip(" \t")[0] == "|":
            at = _table(found, at, end, branches, places, here)
            continue
        branch, at = _line(found, at, end, places, here)
        if branch:
            fixed = when[1] if when else waiting
            branches.append(branch.model_copy(update={"when": fixed}) if fixed else branch)
            waiting = None
    return branches


def _own_line(found: Scan, at: int, end: int, condition: str, branches: list[Branch]) -> str | None:
    """Give a condition on a line of its own to the branch below it, else to the one above."""
    below = next((line for line in found.lines[at + 1 : end] if line.strip()), "")
    indented = len(found.lines[at]) - len(found.lines[at].lstrip()) > len(below) - len(
        below.lstrip()
    )
    if _read(below) and not indented:
        return condition
    if branches and branches[-1].when is None:
        branches[-1] = branches[-1].model_copy(update={"when": condition})
        return None
    return condition


def _line(found: Scan, at: int, end: int, places: Places, here: str) -> tuple[Branch | None, int]:
    line = found.lines[at]
    read = _read(line) or (_elsewhere(line) if here == "when-not" else None)
    if not read:
        return None, at + 1
    condition, outcome, sure = read
    item = ITEM.match(line)
    margin = len(item["indent"].expandtabs(4)) if item else -1
    after, below = _continuation(found, at + 1, end, margin)
    outcome = "; ".join(
        part for part in (" ".join([outcome, *below[0]]).strip(), *below[1]) if part
    )
    goto = target(outcome, places, here)
    if not outcome or not (sure or goto):
        return None, at + 1
    return Branch(condition=condition, outcome=outcome, goto=goto), after


def _read(line: str) -> tuple[str, str, bool] | None:
    """Return condition, outcome and whether the line is surely a branch; None where it is none."""
    if not _may_branch(line.lower()):
        return None
    text = re.sub(r"<!--.*?-->", "", line).strip(" \t\r\n>")
    item = ITEM.match(text)
    words = item["text"] if item else text
    words = re.sub(r"^\[[ xX]\]\s+", "", words)
    match = _BOLD_IF.match(words)
    if match and (match["colon"] or match["sign"] or match["outcome"]):
        return _parts(match, sure=True)
    if BRANCH_START.match(words):
        match = _SIGNED_IF.match(words.replace("**", ""))
        if match:
            return _parts(match, sure=match["sign"] not in (",", "-", "–", "—"))
        return None
    if item and not label_at(line):
        match = _ARROW.match(words)
        if match:
            return _parts(match, sure=False)
    return None


def _may_branch(line: str) -> bool:
    """Whether a line, in small letters, has what every branch has; most lines have not."""
    return (
        "if" in line
        or "else" in line
        or "otherwise" in line
        or "other case" in line
        or "none of" in line
        or "→" in line
        or "->" in line
        or "=>" in line
        or "⇒" in line
    )


def _elsewhere(line: str) -> tuple[str, str, bool] | None:
    """Read "one user only: see the … Runbook", which needs no "if" where a runbook says what it is not for."""
    item = ITEM.match(line.strip(" \t\r\n>"))
    match = _TOLD.match(item["text"]) if item else None
    return (
        (plain(match["condition"]).strip(" :,"), match["outcome"].strip(), False) if match else None
    )


def _parts(match: re.Match[str], *, sure: bool) -> tuple[str, str, bool]:
    condition = plain(match["condition"]).strip(" :,")
    condition = _OPENING.sub("", condition, count=1)
    return condition, match["outcome"].strip().strip("*").strip(), sure


def _continuation(
    found: Scan, at: int, end: int, margin: int
) -> tuple[int, tuple[list[str], list[str]]]:
    """Collect the lines that go on with a branch: wrapped words, and bullets nested under it."""
    wrapped: list[str] = []
    nested: list[str] = []
    while at < end and not found.marks[at] and found.lines[at].strip():
        line = found.lines[at]
        indent = len(_indent(line).expandtabs(4))
        item = ITEM.match(line)
        inner = item is not None and margin >= 0 and indent > margin
        if _read(line) or (item and not inner) or line.lstrip()[0] in "#|" or label_at(line):
            break
        if "<!--" in line or (margin >= 0 and indent <= margin and not item and nested):
            break
        if item:
            nested.append(item["text"].strip())
        elif nested:
            nested[-1] += " " + line.strip()
        else:
            wrapped.append(line.strip())
        at += 1
    return at, (wrapped, nested)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _table(
    found: Scan, at: int, end: int, branches: list[Branch], places: Places, here: str
) -> int:
    """Read a table whose head says "if" and "then" as branches; return the line after it."""
    rows: list[tuple[list[str], str]] = []
    while (
        at < end and not found.marks[at] and (match := _TABLE_ROW.match(found.lines[at].rstrip()))
    ):
        rows.append(([cell.strip() for cell in match[1].split("|")], found.lines[at]))
        at += 1
    if len(rows) < 3 or len(rows[0][0]) < 2:
        return at if rows else at + 1
    head = rows[0][0]
    if not (_TABLE_IF.search(plain(head[0])) and _TABLE_THEN.search(plain(head[-1]))):
        return at
    for cells, line in rows[2:]:
        outcome = re.sub(r"<!--.*?-->", "", cells[-1]).strip()
        when = COMMENT_WHEN.search(line)
        condition = _OPENING.sub("", plain(cells[0]), count=1)
        branches.append(
            Branch(
                condition=condition,
                outcome=outcome,
                goto=target(outcome, places, here),
                when=when[1] if when else None,
            )
        )
    return at
