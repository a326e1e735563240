"""Answers as a person reads them in a terminal: plain columns, no colour, nothing cut that matters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from keys_jupyter.model.catalog import KeyDetail, KeyRow
from keys_jupyter.model.evidence import EvidenceItem
from keys_jupyter.model.parameters import ParametersReply
from keys_jupyter.model.runbook import Runbook


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


def runbook(book: Runbook) -> str:
    """Return a runbook's steps with their branches and keys."""
    lines = [f"{book.title} {book.version} {(book.severity or '').upper()}".rstrip()]
    for rule in book.do_not:
        said = rule.lower().startswith("do not")
        lines.append(f"  {rule}" if said else f"  DO NOT {rule}")
    for section in book.sections:
        lines += ["", section.title]
        for step in section.steps:
            mark = {True: "  REVERSIBLE", False: "  IRREVERSIBLE", None: ""}[step.reversible]
            lines.append(f"  {step.id:14} {step.title}{mark}")
            lines += [f"      key {key.slug}" for key in step.keys]
            lines += [
                f"      {number} if {branch.condition}: {branch.outcome}"
                for number, branch in enumerate(step.branches, 1)
            ]
    return "\n".join(lines)


def evidence(items: Sequence[EvidenceItem]) -> str:
    """Return what is kept, with digests, and what was taken out of it."""
    return table(
        (i.id, i.step or "", i.kind, str(i.size), i.sha256, i.name, _searched(i)) for i in items
    )


def _searched(item: EvidenceItem) -> str:
    if not item.scanned:
        return "not searched for secrets"
    return f"{item.redactions} taken out" if item.redactions else ""
