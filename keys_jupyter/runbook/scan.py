"""Which lines of a Markdown file are headings, code or hidden; nothing is interpreted further.

A line scanner instead of a Markdown library: a runbook needs its structure only, and needs every byte
back. Lines are split at the three line ends Markdown knows, so that joined they equal the source.

Not here: what a heading means (`names`), where a step begins (`layout`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PLAIN, CODE, HIDDEN = 0, 1, 2

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*[\r\n]*\Z")
_FENCE = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(`{3,}|~{3,})[ \t]*([^\r\n]*)")
_UNDERLINE = re.compile(r" {0,3}(=+|-{3,})[ \t]*[\r\n]*\Z")
_BOLD_STEP = re.compile(
    r" {0,3}(?:\*\*|__)((?:step|action|check)\s+\d[^*_]*)(?:\*\*|__)[ \t]*:?[ \t]*[\r\n]*\Z", re.I
)
_BOLD_LEVEL = 7
_STARTS = "#`~=-<*_>+0123456789"


@dataclass(frozen=True)
class Heading:
    """A heading: its first line, the line after it, its depth and its words."""

    line: int
    after: int
    level: int
    text: str


@dataclass(frozen=True)
class Fence:
    """A code fence from its opening line to the line after its closing one; ``end`` is its last inside."""

    line: int
    end: int
    after: int
    margin: int
    language: str

    def body(self, lines: list[str]) -> list[str]:
        """Return the lines inside, without the margin of the list they stand in."""
        return [_outdent(line, self.margin) for line in lines[self.line + 1 : self.end]]


@dataclass(frozen=True)
class Scan:
    """A file as lines, each marked PLAIN, CODE or HIDDEN, with its headings and fences."""

    lines: list[str]
    marks: bytearray
    headings: list[Heading]
    fences: list[Fence]
    front: dict[str, str]


def split_lines(source: str) -> list[str]:
    """Return the lines with their ends; joined they are the source."""
    lines = source.splitlines(keepends=True)
    # Python also splits at characters that end no line in Markdown; then the slower way is the right one.
    if "\r" not in source and len(lines) - source.count("\n") == (not source.endswith("\n")) * bool(
        source
    ):
        return lines
    return _LINE.findall(source)


def scan(source: str) -> Scan:
    """Mark every line of a Markdown file."""
    lines = split_lines(source)
    marks = bytearray(len(lines))
    found = Scan(lines, marks, [], [], {})
    at = _front_matter(found)
    count = len(lines)
    while at < count:
        # Most lines begin with a letter: one look decides them.
        line = lines[at]
        first = line[0] if line[0] not in " \t" else line.lstrip(" \t")[:1]
        at = _special(found, at, first) if first and first in _STARTS else at + 1
    return found


def _special(found: Scan, at: int, first: str) -> int:
    """Place a line that may open something; return the line after what it opened."""
    line = found.lines[at]
    if first == "#":
        match = _HEADING.match(line)
        if match:
            words = (match.group(2) or "").strip()
            found.headings.append(Heading(at, at + 1, len(match.group(1)), words))
    elif "```" in line or "~~~" in line:
        opened = _FENCE.match(line)
        if opened and not (opened.group(1)[0] == "`" and "`" in opened.group(2)):
            return _fence(found, at, opened)
    elif first == "<":
        return _comment(found, at) if line.lstrip(" \t").startswith("<!--") else at + 1
    elif first == "=" or (first == "-" and "---" in line):
        _underlined(found, at)
    elif first in "*_":
        bold = _BOLD_STEP.match(line)
        if bold:
            found.headings.append(Heading(at, at + 1, _BOLD_LEVEL, bold.group(1).strip(" :")))
    return at + 1


def _fence(found: Scan, at: int, opened: re.Match[str]) -> int:
    mark = opened.group(1)
    words = opened.group(2).split()
    end = at + 1
    while end < len(found.lines):
        line = found.lines[end]
        if mark in line and not line.strip(" \t\r\n>").strip(mark[0]):
            break
        end += 1
    after = min(end + 1, len(found.lines))
    language = words[0].strip("{}.").lower() if words else ""
    found.fences.append(Fence(at, end, after, found.lines[at].find(mark), language))
    found.marks[at:after] = bytes([CODE]) * (after - at)
    return after


def _outdent(line: str, margin: int) -> str:
    """Take away at most the fence's own margin, which is the list's and not the command's."""
    blank = len(line) - len(line.lstrip(" \t>"))
    return line[min(margin, blank) :].rstrip("\r\n")


def _comment(found: Scan, at: int) -> int:
    """Hide a comment of several lines; a comment on one line may carry a condition and stays."""
    if "-->" in found.lines[at]:
        return at + 1
    end = at + 1
    while end < len(found.lines) and "-->" not in found.lines[end]:
        end += 1
    if end == len(found.lines):
        return at + 1
    found.marks[at : end + 1] = bytes([HIDDEN]) * (end + 1 - at)
    return end + 1


def _underlined(found: Scan, at: int) -> None:
    """Read a line of ``=`` or ``-`` under a single line of words as a heading."""
    match = _UNDERLINE.match(found.lines[at])
    if not match or at == 0 or found.marks[at - 1]:
        return
    words = found.lines[at - 1]
    alone = at == 1 or not found.lines[at - 2].strip()
    if alone and words.strip() and words[0] not in " \t#>|-*+" and not _numbered(words):
        level = 1 if match.group(1)[0] == "=" else 2
        found.headings.append(Heading(at - 1, at + 1, level, words.strip()))


def _numbered(words: str) -> bool:
    return re.match(r"\d+[.)]\s", words) is not None and not words.rstrip().isupper()


def _front_matter(found: Scan) -> int:
    """Hide a block of ``name: value`` lines between two ``---`` at the very top."""
    if not found.lines or found.lines[0].strip() != "---":
        return 0
    for end in range(1, min(len(found.lines), 100)):
        if found.lines[end].strip() in ("---", "..."):
            for line in found.lines[1:end]:
                name, colon, value = line.partition(":")
                if colon:
                    found.front[name.strip().lower()] = value.strip().strip("\"'")
            found.marks[: end + 1] = bytes([HIDDEN]) * (end + 1)
            return end + 1
    return 0
