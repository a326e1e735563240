"""Words that leave a tired person guessing, as a table, and where a runbook uses them.

Code, words in quotation marks and hidden comments are not read: they are somebody else's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from keys_jupyter.runbook.layout import Layout
from keys_jupyter.runbook.scan import Scan


@dataclass(frozen=True)
class Vague:
    """A wording and what to write instead; ``unless_command``: fine where the step has the command."""

    pattern: re.Pattern[str]
    instead: str
    unless_command: bool = False


_CONDITION = "name the condition under which it is done"
_MEASURE = "name the value and where it is read"
_WHO = "name the role to call"
_COMMAND = "give the command"
_HOPE = "say what is expected and how it is seen"
_WHEN = "give a number and a unit"

_TABLE: tuple[tuple[str, str], ...] = (
    (
        r"(?:as|if|when|where|whenever) (?:it is )?(?:needed|necessary|required|possible)",
        _CONDITION,
    ),
    (r"as (?:you )?(?:see fit|wish|like)", _CONDITION),
    (r"(?:if|where|when|as) (?:applicable|appropriate|suitable)", _CONDITION),
    (r"(?:in)?appropriate(?:ly)?", "name the thing itself"),
    (
        r"etc\b\.?|and so (?:on|forth)|and the like|or similar(?! \w)|or something",
        "list all of them",
    ),
    (r"should (?:be )?(?:fine|ok|okay|good|enough|alright|all right|work|suffice|help)", _HOPE),
    (r"(?:probably|hopefully|presumably|somehow|maybe|perhaps)", _HOPE),
    (r"looks? (?:good|fine|ok|okay|right|wrong|off|weird|strange|normal|healthy)", _MEASURE),
    (
        r"(?:anything|something|everything) (?:unusual|suspicious|odd|strange|abnormal|relevant)",
        _MEASURE,
    ),
    (r"if [^:,.]{0,60}\btoo (?:high|low|slow|many|much|long|large|big)", _MEASURE),
    (r"for a (?:while|bit|time)|some time|a few (?:seconds|minutes|hours|days)", _WHEN),
    (r"(?:several|some) (?:seconds|minutes|hours|days|times)", _WHEN),
    (
        r"asap|as soon as (?:you can|possible)|in a timely (?:manner|fashion)|(?<!as )soon(?! as)",
        _WHEN,
    ),
    (r"(?:periodically|regularly|occasionally|from time to time|now and then)", _WHEN),
    (r"keep an eye on|monitor (?:it |them |this )?(?:closely|carefully)", _MEASURE),
    (
        r"(?:right|relevant|responsible|concerned|correct) (?:team|teams|person|people|party|parties|stakeholders?)",
        _WHO,
    ),
    (r"(?:ask|call|contact|ping|notify) (?:someone|somebody|an expert|the team)", _WHO),
    (r"use (?:your )?(?:best )?(?:judge?ment|common sense|discretion)", _CONDITION),
    (
        r"(?:investigate|look into|dig into) (?:it |this |that |the (?:issue|problem|matter) )?(?:further|deeper|more)",
        _COMMAND,
    ),
    (r"do the needful|the usual (?:way|steps|procedure|suspects|place)|as usual", _COMMAND),
    (r"try (?:again )?(?:a few|some|several) things", _COMMAND),
    (r"(?:tbd|todo|tbc|fixme|xxx|lorem ipsum)", "write it"),
)
_WITH_COMMAND: tuple[tuple[str, str], ...] = (
    (
        r"(?:check|look at|look in|look into|review|inspect|examine|read|see|search|tail|consult)"
        r" (?:the |your |all |our )?(?:[\w-]+ ){0,2}(?:logs?|log files?|dashboards?|metrics|monitoring)",
        _COMMAND,
    ),
    (
        r"(?:make sure|ensure|verify|confirm|check)(?: that)? (?:everything|all|it|things?) (?:is|are|works?)\b",
        _COMMAND,
    ),
    (
        r"(?:restart|redeploy|roll back|rollback) the (?:service|app|application|server|system|worker)",
        _COMMAND,
    ),
)

VAGUE: tuple[Vague, ...] = tuple(
    Vague(re.compile(rf"(?<![\w/-])(?:{words})(?![\w-])", re.I), instead, unless)
    for table, unless in ((_TABLE, False), (_WITH_COMMAND, True))
    for words, instead in table
)
_NOT_READ = re.compile(r"`[^`]*`|\"[^\"]*\"|“[^”]*”|<!--.*?-->|\]\([^)]*\)|https?://\S+")
_POINTS_ON = re.compile(r"\b(?:step|action|check|window|task) \d", re.I)


def vague_words(found: Scan, layout: Layout) -> Iterator[tuple[int, str, str]]:
    """Yield line, words and advice for each vague wording; lines count from 1."""
    with_commands = _with_commands(found, layout)
    for at, line in enumerate(found.lines):
        if found.marks[at]:
            continue
        words = _NOT_READ.sub(" … ", line)
        for vague in VAGUE:
            match = vague.pattern.search(words)
            if match is None:
                continue
            if vague.unless_command and (at in with_commands or _POINTS_ON.search(words)):
                continue
            yield at + 1, match[0].strip(), vague.instead


def _with_commands(found: Scan, layout: Layout) -> set[int]:
    """Return the lines of every step that has a fence, where looking at a log comes with its command."""
    lines: set[int] = set()
    for section in layout.sections:
        places = [(step.start, step.end) for step in section.steps]
        for start, end in places or [(section.start, section.end)]:
            if any(start <= fence.line < end for fence in found.fences):
                lines.update(range(start, end))
    return lines
