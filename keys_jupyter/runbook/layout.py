"""Where the sections and steps of a scanned runbook begin and end; every line belongs to exactly one.

A step is a numbered heading below a section; where a section has none, an unnumbered one; where it has no
headings at all, an item of its list. Sections that describe (scope, when, evidence) have steps only where
the author numbered headings.

Not here: what a step says (`fields`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from keys_jupyter.runbook.lists import CHECKBOX, heads_list, items_under
from keys_jupyter.runbook.names import (
    OTHER,
    is_prohibition,
    is_worded_step,
    plain,
    section_name,
    step_number,
    step_word,
)
from keys_jupyter.runbook.patterns import BRANCH_START, ITEM, LABEL_START, calls_key
from keys_jupyter.runbook.scan import Heading, Scan

_STEPS_IN = ("safety", "diagnosis", "action", "verification", "rollback", "follow-ups")
_BULLET_STEPS_IN = ("safety", "diagnosis", "action", "verification")
_LISTED_STEPS_IN = ("safety", "diagnosis", "action")
_PROMOTE_FROM = (OTHER, "scope", "when")


@dataclass
class StepPlace:
    """A step's lines, its number, title and id; ``word`` is what its heading calls it, in small letters."""

    start: int
    end: int
    number: str
    title: str
    id: str = ""
    word: str = ""


@dataclass
class SectionPlace:
    """A section's lines: heading from ``start``, text from ``body``, up to ``end``."""

    name: str
    title: str
    start: int
    body: int
    level: int
    end: int = 0
    heads: list[Heading] = field(default_factory=list)
    steps: list[StepPlace] = field(default_factory=list)


@dataclass
class Layout:
    """A runbook's title, the lines before its first section, and its sections."""

    title: str
    preamble: tuple[int, int]
    sections: list[SectionPlace]


def lay_out(found: Scan) -> Layout:
    """Find the sections of a scanned file and the steps of each."""
    title = _title(found.headings)
    heads = [head for head in found.headings if head is not title]
    sections = _sections(heads)
    for section, following in zip(sections, [*sections[1:], None]):  # noqa: B905
        section.end = following.start if following else len(found.lines)
    first = sections[0].start if sections else len(found.lines)
    begin = title.after if title and title.after <= first else 0
    taken: set[str] = set()
    for section in sections:
        section.steps = _steps(found, section)
        _name_steps(section, taken)
    return Layout(plain(title.text) if title else "", (begin, first), sections)


def _title(heads: Sequence[Heading]) -> Heading | None:
    if not heads:
        return None
    first, rest = heads[0], heads[1:]
    if any(head.level <= first.level for head in rest) and first.level > 1:
        return None
    named = section_name(first.text) != OTHER or is_worded_step(first.text)
    if not named:
        return first
    lonely = first.level == 1 and all(head.level > 1 for head in rest)
    return first if lonely and any(section_name(head.text) != OTHER for head in rest) else None


def _sections(heads: Sequence[Heading]) -> list[SectionPlace]:
    names = {head.line: section_name(head.text) for head in heads}
    _name_worded(heads, names)
    named = [head for head in heads if names[head.line] != OTHER]
    depth = min((head.level for head in named or heads), default=1)
    present = {names[head.line] for head in heads if head.level <= depth}
    sections: list[SectionPlace] = []
    for head in heads:
        opened = _opens(head, names[head.line], depth, present, sections)
        if opened:
            sections.append(opened)
        if sections and (not opened or opened.body == head.line):
            sections[-1].heads.append(head)
    return sections


def _name_worded(heads: Sequence[Heading], names: dict[int, str]) -> None:
    """Read "Step 5: Diagnosis Flow" as a section where the file numbers its sections so."""
    worded = [head for head in heads if is_worded_step(head.text)]
    inner = {head.line: section_name(step_number(head.text)[1]) for head in worded}
    top = min((head.level for head in worded), default=0)
    hits = [head for head in worded if head.level == top and inner[head.line] != OTHER]
    if len(hits) >= 4 and len({inner[head.line] for head in hits}) >= 4:
        for head in hits:
            names[head.line] = inner[head.line]


def _opens(
    head: Heading, name: str, depth: int, present: set[str], sections: list[SectionPlace]
) -> SectionPlace | None:
    """Return the section a heading opens, or None where it belongs to the one before."""
    current = sections[-1] if sections else None
    if name == OTHER and is_worded_step(head.text):
        return _implied(head, depth, current)
    if head.level <= depth:
        return SectionPlace(name, plain(head.text), head.line, head.after, head.level)
    lost = name != OTHER and name not in present
    if current is None or (lost and current.level <= head.level and _may_promote(current, depth)):
        return SectionPlace(name, plain(head.text), head.line, head.after, head.level)
    return None


def _may_promote(current: SectionPlace, depth: int) -> bool:
    return current.name in _PROMOTE_FROM or current.level > depth


def _implied(head: Heading, depth: int, current: SectionPlace | None) -> SectionPlace | None:
    """Open a section without a heading of its own for steps that stand beside the sections."""
    action = plain(head.text).lower().startswith("action")
    if current is None or (
        head.level <= depth and (current.name == OTHER or (action and current.name == "diagnosis"))
    ):
        name = "action" if action else "diagnosis"
        return SectionPlace(name, name.capitalize(), head.line, head.line, depth)
    return None


def _steps(found: Scan, section: SectionPlace) -> list[StepPlace]:
    steps = _headed_steps(found, section)
    if not steps and section.name in _STEPS_IN and not _step_heads(section):
        steps = _listed_steps(found, section, section.body, section.end)
    lead_end = steps[0].start if steps else section.end
    if section.name in _STEPS_IN or section.name == OTHER:
        lead = _lead_step(found, section, lead_end, alone=not steps)
        if lead:
            steps.insert(0, lead)
    return steps


def _step_heads(section: SectionPlace) -> list[Heading]:
    return [head for head in section.heads if not is_prohibition(head.text)]


def _headed_steps(found: Scan, section: SectionPlace) -> list[StepPlace]:
    numbered = [head for head in section.heads if step_number(head.text)[0]]
    if not numbered and section.name not in _STEPS_IN:
        return []
    heads = numbered or _step_heads(section)
    if not heads:
        return []
    depth = _depth(heads)
    if not numbered and len(heads) == 1 and section.name in _LISTED_STEPS_IN:
        listed = _listed_steps(found, section, heads[0].after, _reach(section, heads[0]))
        if len(listed) > 1:
            listed[0].start = heads[0].line
            return _closed(listed, section)
    # A heading above the steps' own depth only groups them: it opens with its first step.
    steps: list[StepPlace] = []
    group: int | None = None
    for head in section.heads:
        number, title = step_number(head.text)
        if head.level > depth or (is_prohibition(head.text) and not number):
            continue
        if _groups(found, section, head, depth, number):
            group = head.line if group is None else group
            continue
        start = head.line if group is None else group
        title = title or plain(head.text)
        steps.append(StepPlace(start, 0, number, title, word=step_word(head.text)))
        group = None
    return _closed(steps, section)


def _depth(heads: Sequence[Heading]) -> int:
    """Return the depth of the steps; phases and parts only hold steps where there are any below."""
    fine = [
        head.level for head in heads if step_word(head.text) not in ("", "phase", "part", "stage")
    ]
    return min(fine or [head.level for head in heads])


def _groups(found: Scan, section: SectionPlace, head: Heading, depth: int, number: str) -> bool:
    """Whether a heading only holds the steps below it."""
    if head.level < depth:
        end = _reach(section, head)
        return any(head.line < o.line < end and o.level == depth for o in section.heads)
    return not number and (section.name not in _STEPS_IN or _only_groups(found, section, head))


def _only_groups(found: Scan, section: SectionPlace, head: Heading) -> bool:
    """Whether nothing stands between a heading and the deeper or equal heading after it."""
    following = [other for other in section.heads if other.line > head.line]
    return bool(following) and not any(
        line.strip() for line in found.lines[head.after : following[0].line]
    )


def _reach(section: SectionPlace, head: Heading) -> int:
    lower = (o.line for o in section.heads if o.line > head.line and o.level <= head.level)
    return min(lower, default=section.end)


def _closed(steps: list[StepPlace], section: SectionPlace) -> list[StepPlace]:
    for step, following in zip(steps, [*steps[1:], None]):  # noqa: B905
        step.end = following.start if following else section.end
    return steps


def _listed_steps(found: Scan, section: SectionPlace, start: int, end: int) -> list[StepPlace]:
    """Read the outermost items of a list as steps: the numbered ones, else the bullets."""
    ordered: list[StepPlace] = []
    bullets: list[StepPlace] = []
    resume = start
    for at in range(start, end):
        if not found.marks[at] and at >= resume and heads_list(found, at, is_prohibition):
            resume = items_under(found, at, end)[1]
        match = None if found.marks[at] or at < resume else ITEM.match(found.lines[at])
        if not match or len(match.group("indent").expandtabs(4)) > 1:
            continue
        words = match.group("text")
        number = match.group("number") or ""
        if number:
            ordered.append(StepPlace(at, 0, number, _item_title(words)))
        elif _bullet_is_step(words, section):
            bullets.append(StepPlace(at, 0, "", _item_title(words)))
    if len({step.number for step in ordered}) < len(ordered):
        for position, step in enumerate(ordered, 1):
            step.number = str(position)
    return _closed(ordered or bullets, section)


def _bullet_is_step(words: str, section: SectionPlace) -> bool:
    if CHECKBOX.match(words):
        return True
    return section.name in _BULLET_STEPS_IN and not (
        LABEL_START.match(words)
        or BRANCH_START.match(words)
        or calls_key(words)
        or re.match(r"\W*(?:do not|don't|never)\b", words, re.I)
    )


def _item_title(words: str) -> str:
    """Return the bold words an item begins with, else its first line."""
    words = CHECKBOX.sub("", words, count=1).strip()
    bold = re.match(r"(?:\*\*|__)(.+?)(?:\*\*|__)", words)
    title = bold.group(1) if bold else words
    number = re.match(r"(?:step|action|check)\s+\w+\s*[:.–-]\s*(?=\S)", title, re.I)
    return plain(title[number.end() :] if number else title).rstrip(":").strip()


def _lead_step(found: Scan, section: SectionPlace, end: int, *, alone: bool) -> StepPlace | None:
    """Make the text before the first step a step when a person has something to do there."""
    if section.steps or end <= section.body:
        return None
    lines = [at for at in range(section.body, end) if not found.marks[at]]
    calls = any(calls_key(found.lines[at]) for at in lines)
    fenced = any(section.body <= fence.line < end for fence in found.fences)
    branches = alone and any(BRANCH_START.match(found.lines[at].strip(" \t>-*+")) for at in lines)
    busy = calls or ((fenced or branches) and section.name in _STEPS_IN)
    if not busy:
        return None
    return StepPlace(section.body, end, "1" if alone else "0", section.title)


def _name_steps(section: SectionPlace, taken: set[str]) -> None:
    first = 0 if section.steps and section.steps[0].number == "0" else 1
    for position, step in enumerate(section.steps, first):
        step.number = step.number or str(position)
        wanted = f"{section.name}-{step.number.lower()}"
        step.id, again = wanted, 2
        while step.id in taken:
            step.id, again = f"{wanted}-{again}", again + 1
        taken.add(step.id)
