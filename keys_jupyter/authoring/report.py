"""What checking found: every problem with file, line and a stable code, and notes that fail nothing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Literal

from pydantic import Field

from keys_jupyter.model.base import Record

Level = Literal["error", "note"]


class Problem(Record):
    """One thing found; ``line`` counts from 1, ``path`` begins with the path that was asked about."""

    path: str
    line: int
    code: str
    message: str
    level: Level = "error"


class Report(Record):
    """All that was found; ``ok`` when there is no problem, whatever the notes say."""

    ok: bool
    problems: list[Problem]
    notes: list[Problem] = Field(default_factory=list)


class Findings:
    """Collects what several checks find, so that a person gets all of it at once."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def problem(self, path: str, line: int, code: str, message: str) -> None:
        """Keep something that must be corrected."""
        self._add(path, line, code, message, "error")

    def note(self, path: str, line: int, code: str, message: str) -> None:
        """Keep something worth knowing that fails nothing."""
        self._add(path, line, code, message, "note")

    def _add(self, path: str, line: int, code: str, message: str, level: Level) -> None:
        shown = PurePosixPath(path).as_posix()
        self._found.append(Problem(path=shown, line=line, code=code, message=message, level=level))

    def __len__(self) -> int:
        """Count the problems, notes left out."""
        return sum(one.level == "error" for one in self._found)

    def report(self) -> Report:
        """Return everything in the order of files and lines, each once."""
        ordered = sorted(dict.fromkeys(self._found), key=lambda one: (one.path, one.line, one.code))
        problems = [one for one in ordered if one.level == "error"]
        notes = [one for one in ordered if one.level == "note"]
        return Report(ok=not problems, problems=problems, notes=notes)


def joined(reports: Iterable[Report]) -> Report:
    """Return several reports as one; what two of them found is in it once."""
    found = Findings()
    for report in reports:
        for one in report.problems:
            found.problem(one.path, one.line, one.code, one.message)
        for one in report.notes:
            found.note(one.path, one.line, one.code, one.message)
    return found.report()
