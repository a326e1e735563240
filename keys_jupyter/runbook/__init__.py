"""Markdown in, runbook out: sections, steps, commands, branches, calls of keys; pure.

* Nothing is lost or reordered: `spans` joined equal the file, byte for byte.
* What cannot be placed stays text, in the section or step it stands in.
* No Markdown library: lines are read once, and only what an operator works with is interpreted.

Not here: whether a runbook is good (that is linting), and whether a branch is true (`conditions`).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from keys_jupyter.model.pack import RunbookMetadata
from keys_jupyter.model.runbook import Command, Runbook, Section, Step
from keys_jupyter.runbook.branches import Place, Places, branches_of
from keys_jupyter.runbook.commands import commands_of
from keys_jupyter.runbook.fields import expected_of, first_of, keys_of, labels_of, reversible_of
from keys_jupyter.runbook.layout import Layout, SectionPlace, StepPlace, lay_out
from keys_jupyter.runbook.names import slugify
from keys_jupyter.runbook.placeholders import assigned_in
from keys_jupyter.runbook.scan import Scan, scan
from keys_jupyter.runbook.standing import artifacts, prohibitions

__all__ = ["Span", "parse", "spans"]

_TYPES = ("incident", "failure-mode", "decision", "recovery")
_FACT = re.compile(
    r"[ \t>]*(?:[-*+][ \t]+)?\W{0,4}?(severity|type|version|slug)[ \t]*:?[*_]*[ \t]*:?[ \t]*([^\r\n]*)",
    re.I,
)


@dataclass(frozen=True)
class Span:
    """A piece of the file in order: ``kind`` is preamble, heading, text or step."""

    kind: str
    text: str
    line: int
    section: str
    step: str


def spans(source: str) -> list[Span]:
    """Cut a runbook into its pieces; their texts joined are the source.

    ``line`` counts from 1; ``section`` is the canonical name and ``step`` the step's id, each empty where
    there is none.
    """
    found = scan(source)
    return _spans(found, lay_out(found))


def _spans(found: Scan, layout: Layout) -> list[Span]:
    first = layout.sections[0].start if layout.sections else len(found.lines)
    pieces: list[Span] = []
    _add(pieces, found, "preamble", (0, first))
    for section in layout.sections:
        name = section.name
        text_end = section.steps[0].start if section.steps else section.end
        _add(pieces, found, "heading", (section.start, section.body), name)
        _add(pieces, found, "text", (section.body, text_end), name)
        for step in section.steps:
            _add(pieces, found, "step", (step.start, step.end), name, step.id)
    return pieces


def _add(
    pieces: list[Span],
    found: Scan,
    kind: str,
    rows: tuple[int, int],
    section: str = "",
    step: str = "",
) -> None:
    text = "".join(found.lines[rows[0] : rows[1]])
    if text:
        pieces.append(Span(kind, text, rows[0] + 1, section, step))


def parse(
    source: str, *, slug: str = "", version: str = "", metadata: RunbookMetadata | None = None
) -> Runbook:
    """Read a runbook; any text is one, if only of sections without steps.

    Args:
        source: the Markdown.
        slug: its name; else the metadata's, else the file's own.
        version: its version; else the metadata's, else the file's own.
        metadata: its pack.json, which decides type and severity where it names them.
    """
    found = scan(source)
    layout = lay_out(found)
    facts = _facts(found, layout)
    title = layout.title or found.front.get("title", "") or (metadata.title if metadata else "")
    return Runbook(
        slug=slug or (metadata.slug if metadata else "") or slugify(facts.get("slug", "")),
        title=title,
        version=version or (metadata.version if metadata else "") or facts.get("version", ""),
        sha256=hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest(),
        key_types=_key_types(facts, metadata),
        severity=_severity(facts, metadata),
        sections=_sections(found, layout),
        artifacts=artifacts(found, layout),
        do_not=prohibitions(found, layout),
    )


def _facts(found: Scan, layout: Layout) -> dict[str, str]:
    """Read type, severity and version from the front matter or the lines about the runbook itself."""
    facts = dict(found.front)
    rows = [layout.preamble, *((s.body, s.end) for s in layout.sections if s.name == "scope")]
    for start, end in rows:
        for at in range(start, end):
            match = None if found.marks[at] else _FACT.match(found.lines[at])
            if match and ":" in found.lines[at]:
                facts.setdefault(match[1].lower(), match[2].strip(" *_`"))
    return facts


def _key_types(facts: dict[str, str], metadata: RunbookMetadata | None) -> list[str]:
    if metadata and metadata.key_type:
        return list(metadata.key_type)
    said = facts.get("type", "").lower().replace("failure mode", "failure-mode")
    return [name for name in _TYPES if name in said]


def _severity(facts: dict[str, str], metadata: RunbookMetadata | None) -> str | None:
    said = (metadata.severity_level if metadata else None) or facts.get("severity", "")
    match = re.search(r"\bp[0-4]\b", said, re.I)
    return match[0].lower() if match else None


def _sections(found: Scan, layout: Layout) -> list[Section]:
    places = Places(
        [
            Place(section.name, step.number.lower(), step.word, step.id)
            for section in layout.sections
            for step in section.steps
        ],
        frozenset(section.name for section in layout.sections),
    )
    known = _known(found)
    sections = [_section(found, section, places, known) for section in layout.sections]
    lead = "".join(found.lines[slice(*layout.preamble)])
    if lead.strip():
        name = "other" if "scope" in places.sections else "scope"
        sections.insert(0, Section(name=name, title=layout.title, text=lead, steps=[]))
    return sections


def _section(
    found: Scan, place: SectionPlace, places: Places, known: dict[int, set[str]]
) -> Section:
    end = place.steps[0].start if place.steps else place.end
    return Section(
        name=place.name,
        title=place.title,
        text="".join(found.lines[place.body : end]),
        branches=branches_of(found, place.body, end, places, place.name),
        steps=[_step(found, place, step, places, known) for step in place.steps],
    )


def _step(
    found: Scan, section: SectionPlace, place: StepPlace, places: Places, known: dict[int, set[str]]
) -> Step:
    text = "".join(found.lines[place.start : place.end])
    labels = labels_of(found, place.start, place.end)
    printed = {f.line for x in labels if x.name == "expected" for f in x.fences}
    return Step(
        id=place.id,
        number=place.number,
        title=place.title,
        text=text,
        when=first_of(labels, "when"),
        action=first_of(labels, "action"),
        commands=_commands(found, place, known, printed),
        expected=expected_of(labels),
        branches=branches_of(found, place.start, place.end, places, section.name),
        keys=keys_of(found, place.start, place.end, labels),
        reversible=reversible_of(place.title, text, labels),
    )


def _known(found: Scan) -> dict[int, set[str]]:
    """Return the variables set before each fence, by its line: a runbook is worked in one terminal."""
    known: dict[int, set[str]] = {}
    so_far: set[str] = set()
    for fence in found.fences:
        known[fence.line] = so_far
        so_far = so_far | assigned_in(fence, found.lines)
    return known


def _commands(
    found: Scan, place: StepPlace, known: dict[int, set[str]], printed: set[int]
) -> list[Command]:
    """Return the commands of a step's fences; what a fence shows as expected is not entered."""
    return [
        command
        for fence in found.fences
        if place.start <= fence.line < place.end and fence.line not in printed
        for command in commands_of(fence, found.lines, known[fence.line])
    ]
