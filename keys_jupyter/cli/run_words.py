"""Runs as a person reads them in a terminal: where one is, what it left, and many in a list."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import TextIO

from keys_jupyter.cli.words import table
from keys_jupyter.model.requirements import Installing, Requirements
from keys_jupyter.model.run import Cell, Result, Run

RUN_WORDS = {
    "REQUESTED": "requested",
    "PREPARED": "prepared",
    "STARTING": "starting",
    "RUNNING": "running",
    "SUCCEEDED": "succeeded",
    "CELL_ERROR": "failed",
    "TIMED_OUT": "timed out",
    "KERNEL_DIED": "kernel died",
    "CANCELLED": "cancelled",
    "START_FAILED": "did not start",
    "CAPTURE_FAILED": "results not captured",
    "INTERRUPTED": "interrupted",
}
_BAR = 24


def safe(text: str) -> str:
    """Return a notebook's text without what a terminal would obey."""
    return "".join(
        " " if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") else character
        for character in text
    )


def value(result: Result) -> str:
    """Return a result's value with its unit."""
    shown = "-" if result.value is None else str(result.value)
    return safe(f"{shown} {result.unit}" if result.unit else shown)


def run(one: Run) -> str:
    """Return a run with its cells, results and files."""
    lines = [
        f"{safe(one.title)} {one.version}: {state(one)}".replace("  ", " "),
        *([safe(one.reason)] if one.reason else []),
        *([f"Cancelled by {one.cancelled_by.actor.person}."] if one.cancelled_by else []),
        *one.notes,
        f"Run {one.id}",
        f"Notebook {one.notebook}",
        "",
        table(_row(cell) for cell in one.cells),
    ]
    for cell in one.cells:
        if cell.error:
            said = f"Cell {cell.number}: {cell.error.name}: {cell.error.message}"
            lines += ["", *(safe(line) for line in said.splitlines())]
    if one.results:
        rows = [(safe(r.label or r.name), value(r), _expected(r), _met(r)) for r in one.results]
        lines += ["", table([("Result", "Value", "Expected", ""), *rows])]
    if one.artifacts:
        lines += ["", table((a.sha256[:12], str(a.size), safe(a.path)) for a in one.artifacts)]
    return "\n".join(lines)


def _row(cell: Cell) -> tuple[str, str, str, str]:
    took = "" if cell.duration is None else f"{cell.duration:.1f} s"
    return str(cell.number), cell.state.value.replace("_", " "), took, safe(cell.title)


def _expected(result: Result) -> str:
    return safe(f"{result.expected.op} {result.expected.value}") if result.expected else ""


def _met(result: Result) -> str:
    return {True: "met", False: "not met", None: ""}[result.ok]


def state(one: Run) -> str:
    """Return how a run stands in a few words."""
    if one.queue_position:
        return f"waiting, {one.queue_position} in turn"
    if one.mode == "interactive" and one.state.value == "PREPARED":
        return "open for you to run"
    return RUN_WORDS[one.state.value]


def runs(rows: Sequence[Run]) -> str:
    """Return a list of runs."""
    return table((r.id[:8], r.requested_at, state(r), r.key, r.notebook) for r in rows)


def prepared(one: Run) -> str:
    """Return what to do with a run that was prepared for a person."""
    return (
        f"{safe(one.title)} is prepared and nothing runs yet.\n"
        f"Open {one.notebook} in JupyterLab, run its cells and save it. Then:\n"
        f"  jupyter keys runs collect {one.id[:8]}"
    )


def requirements(reply: Requirements) -> str:
    """Return what a key needs beside what a kernel has."""
    if not reply.known:
        return f"What the kernel {reply.kernel} has is not known: {reply.note}"
    head = f"Kernel {reply.kernel}, Python {reply.python}: {reply.missing} of {len(reply.packages)} missing."
    rows = [
        (
            safe(p.wanted),
            f"has {p.found}" if p.found else "missing",
            "" if p.satisfied else "needed",
        )
        for p in reply.packages
    ]
    refused = [f"Not a name with versions, never installed: {safe(line)}" for line in reply.refused]
    return "\n".join([head, *([table(rows)] if rows else []), *refused])


def installation(one: Installing) -> str:
    """Return how an installation ended."""
    word = {"DONE": "Installed", "FAILED": "Not installed", "RUNNING": "Installing"}[one.state]
    code = "" if one.exit_code in (None, 0) else f" (pip ended with status {one.exit_code})"
    return f"{word} into {one.kernel}: {safe(', '.join(one.requirements))}{code}"


class Progress:
    """A bar on a terminal, a line a cell elsewhere."""

    def __init__(self, out: TextIO) -> None:
        """Write to a stream that is not the one the answer goes to."""
        self._out = out
        self._last = ""
        self._told = 0
        self._drawn = False

    def show(self, one: Run) -> None:
        """Say where a run is, if that is new."""
        if self._out.isatty():
            self._bar(one)
        else:
            self._lines(one)
        self._out.flush()

    def end(self) -> None:
        """Clear the bar, so that the answer starts on a line of its own."""
        if self._drawn:
            self._out.write("\r\x1b[K")
            self._out.flush()

    def _bar(self, one: Run) -> None:
        ended = sum(_has_ended(cell) for cell in one.cells)
        now = next((cell for cell in one.cells if cell.state.value == "running"), None)
        where = f"cell {now.number} of {len(one.cells)}: {safe(now.title)}" if now else state(one)
        filled = round(_BAR * ended / max(len(one.cells), 1))
        line = f"[{'#' * filled}{'.' * (_BAR - filled)}] {self._time(one)} {where}"
        # A line that wraps could not be drawn over.
        columns = shutil.get_terminal_size().columns
        self._out.write(f"\r\x1b[K{line[: columns - 1]}")
        self._drawn = True

    def _time(self, one: Run) -> str:
        begun = one.started_at or one.requested_at
        since = datetime.now(timezone.utc) - datetime.fromisoformat(begun.replace("Z", "+00:00"))
        usual = f" of about {one.usual_seconds:.0f} s" if one.usual_seconds else " s"
        return f"{max(since.total_seconds(), 0):.0f}{usual}"

    def _lines(self, one: Run) -> None:
        for cell in one.cells[self._told :]:
            if not _has_ended(cell):
                break
            self._told += 1
            word = cell.state.value.replace("_", " ")
            self._out.write(f"cell {cell.number} of {len(one.cells)} {word}: {safe(cell.title)}\n")
        if state(one) != self._last:
            self._last = state(one)
            self._out.write(self._last + "\n")


def _has_ended(cell: Cell) -> bool:
    return cell.state.value not in ("pending", "running")
