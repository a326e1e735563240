"""How the steps of an incident stand, folded anew from its records alone.

This is written without a look at how the program itself folds, for one use: to compare. What it does not
fold (timers, owners, notes) is read in the timeline.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_MARKS = {"step.done": "done", "step.failed": "failed", "step.skipped": "skipped"}


class Standing:
    """What a sequence of records leaves of each step: its mark, the branch taken, and how they came to be."""

    def __init__(self, order: Sequence[str]) -> None:
        """Begin with the runbook's own steps and no record."""
        self.order = list(order)
        self.added: list[str] = []
        self.marks: dict[str, str] = {}
        self.taken: dict[str, Mapping[str, Any]] = {}
        self.closed: Mapping[str, Any] | None = None
        self._undo: list[tuple[str, Any, Any, Any, Any]] = []

    def apply(self, record: Mapping[str, Any]) -> None:
        """Take in the next record."""
        kind, step, data = record["type"], record["step"], record["data"]
        if kind in _MARKS:
            self._remember(step, None)
            self.marks[step] = _MARKS[kind]
        elif kind == "branch.taken":
            self._remember(step, data.get("goto"))
            self.taken[step] = record
            self.marks[step] = "done"
            self._look_again(data.get("goto"))
        elif kind == "step.focus":
            self._look_again(step)
        elif kind == "step.undone":
            self._take_back(step)
        elif kind == "incident.closed":
            self.closed = record
        elif kind == "incident.reopened":
            self.closed = None

    def _look_again(self, step: str | None) -> None:
        if step in self.order:
            self.marks.pop(step or "", None)

    def _remember(self, step: str, goto: str | None) -> None:
        mark = self.marks.get(goto) if goto else None
        self._undo.append((step, self.marks.get(step), self.taken.get(step), goto, mark))

    def _take_back(self, step: str) -> None:
        for place in range(len(self._undo) - 1, -1, -1):
            if self._undo[place][0] == step:
                _, mark, taken, goto, goto_mark = self._undo.pop(place)
                self._put(self.marks, step, mark)
                self._put(self.taken, step, taken)
                if goto_mark and goto not in self.marks:
                    self.marks[goto] = goto_mark
                return

    @staticmethod
    def _put(where: dict[str, Any], step: str, value: Any) -> None:
        where.pop(step, None)
        if value is not None:
            where[step] = value


def standing_of(records: Iterable[Mapping[str, Any]], order: Sequence[str]) -> Standing:
    """Return how the steps stand after these records."""
    standing = Standing(order)
    for record in records:
        standing.apply(record)
    return standing
