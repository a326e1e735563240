"""Answers as a person reads them in a terminal: plain columns, no colour, nothing cut that matters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from keys_jupyter.model.catalog import Installed, KeyDetail, KeyRow
from keys_jupyter.model.evidence import EvidenceItem
from keys_jupyter.model.incident import Incident, Timeline
from keys_jupyter.model.parameters import ParametersReply
from keys_jupyter.model.run import Cell, Result, Run
from keys_jupyter.model.runbook import Runbook

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


def table(rows: Iterable[Sequence[str]]) -> str:
    """Return rows in columns; the last column runs on."""
    lines = [list(row) for row in rows]
    if not lines:
        return "None."
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def keys(rows: Sequence[KeyRow]) -> str:
    """Return the catalogue."""
    return table(
        (
            row.slug,
            row.kind,
            row.version,
            (row.severity or row.maturity or "").upper() if row.severity else (row.maturity or ""),
            "installed" if row.installed else "to install" if row.entitled else "not entitled",
            row.title,
        )
        for row in rows
    )


def detail(key: KeyDetail) -> str:
    """Return one key whole."""
    called = ", ".join(reference.slug for reference in key.references) or "none"
    by = ", ".join(reference.slug for reference in key.referenced_by) or "none"
    lines = [
        key.title,
        f"{key.slug}  {key.kind}  {', '.join(key.versions)}  source {key.source}",
        "",
        key.description,
        "",
        f"Calls: {called}",
        f"Called by: {by}",
        f"Installed: {', '.join(key.installed) or 'no'}",
    ]
    return "\n".join(lines)


def installed(done: Installed) -> str:
    """Return what was installed."""
    digest = "as published" if done.verified else "pinned at first use, no digest was published"
    return (
        f"Installed {done.slug} {done.version} in {done.path}, {done.files} files.\n"
        f"sha256 {done.sha256}, {digest}."
    )


def installs(reply: dict[str, Any]) -> str:
    """Return what is installed."""
    return table(
        (
            row["slug"],
            row["version"],
            row["path"],
            f"edited: {', '.join(row['edited'])}" if row["edited"] else "as installed",
        )
        for row in reply["installed"]
    )


def parameters(reply: ParametersReply) -> str:
    """Return what a notebook takes."""
    if not reply.has_cell:
        return f"{reply.notebook} has no parameters cell; it runs as it is."
    return table(
        (
            item.name,
            item.type,
            "required" if item.required else f"default {item.default!r}",
            item.help,
        )
        for item in reply.parameters
    )


def value(result: Result) -> str:
    """Return a result's value with its unit."""
    shown = "-" if result.value is None else str(result.value)
    return f"{shown} {result.unit}" if result.unit else shown


def run(one: Run) -> str:
    """Return a run with its cells, results and files."""
    word = RUN_WORDS[one.state.value]
    lines = [
        f"{one.title} {one.version}: {word}".replace("  ", " "),
        one.reason,
        f"Run {one.id}",
        f"Notebook {one.notebook}",
        "",
    ]
    lines.append(
        table(
            (str(c.number), c.state.value.replace("_", " "), f"{c.duration or 0:.1f} s", c.title)
            for c in one.cells
        )
    )
    for cell in one.cells:
        if cell.error:
            lines += ["", f"Cell {cell.number}: {cell.error.name}: {cell.error.message}"]
    if one.results:
        rows = [(r.label or r.name, value(r), _expected(r), _met(r)) for r in one.results]
        lines += ["", table([("Result", "Value", "Expected", ""), *rows])]
    if one.artifacts:
        lines += ["", table((a.sha256[:12], str(a.size), a.path) for a in one.artifacts)]
    return "\n".join(lines)


def _expected(result: Result) -> str:
    return f"{result.expected.op} {result.expected.value}" if result.expected else ""


def _met(result: Result) -> str:
    return {True: "met", False: "not met", None: ""}[result.ok]


def runs(rows: Sequence[Run]) -> str:
    """Return a list of runs."""
    return table(
        (r.id[:8], r.requested_at, RUN_WORDS[r.state.value], r.key, r.notebook) for r in rows
    )


def runbook(book: Runbook) -> str:
    """Return a runbook's steps with their branches and keys."""
    lines = [f"{book.title} {book.version} {(book.severity or '').upper()}".rstrip()]
    for rule in book.do_not:
        lines.append(f"  DO NOT {rule}")
    for section in book.sections:
        lines += ["", section.title]
        for step in section.steps:
            mark = {True: "  REVERSIBLE", False: "  IRREVERSIBLE", None: ""}[step.reversible]
            lines.append(f"  {step.id:14} {step.title}{mark}")
            lines += [f"      key {key.slug}" for key in step.keys]
            lines += [f"      if {branch.condition}: {branch.outcome}" for branch in step.branches]
    return "\n".join(lines)


def incident(one: Incident) -> str:
    """Return an incident as it stands."""
    head = f"Incident {one.number}: {one.title} {one.runbook_version}, {one.state}"
    rehearsal = " (rehearsal)" if one.rehearsal else ""
    lines = [head + rehearsal, f"{one.id}  opened {one.opened_at}  record {one.n}", ""]
    for step in one.steps:
        here = ">" if step.id == one.focus else " "
        lines.append(f"{here} {step.id:14} {step.state.replace('_', ' '):12} {step.title}")
        for branch in step.branches:
            if branch.taken or branch.true:
                mark = "taken" if branch.taken else "suggested" if branch.suggested else "true"
                lines.append(f"      {mark}: {branch.condition}: {branch.outcome}. {branch.reason}")
    return "\n".join(lines)


def incidents(rows: Sequence[Incident]) -> str:
    """Return a list of incidents."""
    return table(
        (str(r.number), r.id[:8], r.opened_at, r.state, r.focus or "", r.title) for r in rows
    )


def timeline(reply: Timeline) -> str:
    """Return records, one a line."""
    return table(
        (
            str(r.seq),
            r.at,
            r.actor.claimed_name or r.actor.display,
            r.type,
            r.step or "",
            r.leaf[:12],
            str(
                r.data.get("text")
                or r.data.get("name")
                or r.data.get("title")
                or r.data.get("state")
                or r.data.get("key")
                or ""
            ),
        )
        for r in reply.records
    )


def evidence(items: Sequence[EvidenceItem]) -> str:
    """Return what is kept, with digests."""
    return table((i.id, i.step or "", i.kind, str(i.size), i.sha256, i.name) for i in items)


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
        where = f"cell {now.number} of {len(one.cells)}: {now.title}" if now else _word(one)
        filled = round(24 * ended / max(len(one.cells), 1))
        self._out.write(f"\r\x1b[K[{'#' * filled}{'.' * (24 - filled)}] {where}")
        self._drawn = True

    def _lines(self, one: Run) -> None:
        for cell in one.cells[self._told :]:
            if not _has_ended(cell):
                break
            self._told += 1
            state = cell.state.value.replace("_", " ")
            self._out.write(f"cell {cell.number} of {len(one.cells)} {state}: {cell.title}\n")
        if _word(one) != self._last:
            self._last = _word(one)
            self._out.write(self._last + "\n")


def _has_ended(cell: Cell) -> bool:
    return cell.state.value not in ("pending", "running")


def _word(one: Run) -> str:
    return RUN_WORDS[one.state.value]
