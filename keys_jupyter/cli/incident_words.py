"""Incidents and runbooks as a person reads them in a terminal: plain columns, no colour, nothing cut that matters."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from keys_jupyter.cli.words import table
from keys_jupyter.model.incident import Incident, StepState, Timeline
from keys_jupyter.model.runbook import RunbookRow
from keys_jupyter.model.working import (
    CardList,
    Customised,
    Differences,
    MatchList,
    Prefill,
    Readiness,
    SuitedList,
)


def plain(text: str) -> str:
    """Return words of a person on one line, without what would move a terminal's cursor."""
    flat = " ".join(text.split())
    return "".join("�" if unicodedata.category(c) in ("Cc", "Cf") else c for c in flat)


def incident(one: Incident) -> str:
    """Return an incident as it stands."""
    head = f"Incident {one.number}: {plain(one.title)} {one.runbook_version}, {one.state}"
    lines = [head + (" (rehearsal)" if one.rehearsal else "")]
    lines.append(f"{one.id}  opened {one.opened_at}  record {one.n}")
    lines += _about(one)
    lines.append("")
    for step in one.steps:
        lines += _step(step, here=step.id == one.focus)
    due = [timer for timer in one.timers if timer.state in ("running", "due", "overdue")]
    if due:
        lines += ["", table((t.id, t.state, t.due_at or "", plain(t.title)) for t in due)]
    if one.missing:
        lines += ["", "Missing:", *(f"  {plain(text)}" for text in one.missing)]
    return "\n".join(lines)


def _about(one: Incident) -> list[str]:
    said = {
        "Owner": one.owner,
        "Trigger": one.trigger,
        "Newer": ", ".join(f"{new.runbook} {new.version} ({new.source})" for new in one.newer),
        "Linked": ", ".join(f"{link.direction} incident {link.number}" for link in one.linked),
        "Closed by": one.closing.by if one.closing else "",
    }
    return [f"{name}: {plain(text)}" for name, text in said.items() if text]


def _step(step: StepState, *, here: bool) -> list[str]:
    state = step.state.replace("_", " ")
    mark = {True: "  REVERSIBLE", False: "  IRREVERSIBLE", None: ""}[step.reversible]
    lines = [f"{'>' if here else ' '} {step.id:16} {state:12} {plain(step.title)}{mark}"]
    if here and step.confirmation and not step.unlocked:
        lines.append(f"      to confirm, type: {step.confirmation}")
    lines += [f"      note by {plain(note.by)}: {plain(note.text)}" for note in step.notes]
    for number, branch in enumerate(step.branches, 1):
        if branch.taken or branch.true:
            word = "taken" if branch.taken else "suggested" if branch.suggested else "true"
            said = f"{branch.condition}: {branch.outcome}. {branch.reason}"
            lines.append(f"      {number} {word}: {plain(said)}")
    return lines


def incidents(rows: Sequence[Incident]) -> str:
    """Return a list of incidents."""
    return table(
        (str(r.number), r.id[:8], r.opened_at, r.state, r.focus or "", r.title) for r in rows
    )


def timeline(reply: Timeline) -> str:
    """Return records, one sentence a line."""
    return table(
        (str(r.seq), r.at, plain(r.actor.person), r.leaf[:12], plain(r.text)) for r in reply.records
    )


def cards(reply: CardList) -> str:
    """Return the keys of a step."""
    lines = []
    for card in reply.cards:
        state = "installed" if card.installed else "to install" if card.entitled else "not entitled"
        runs = "" if card.runnable else "  not run here"
        lines += [f"{card.slug}  {state}{runs}", f"  {card.title or card.problem}"]
        for name in ("input", "output", "when", "location"):
            words = getattr(card, name)
            lines += [f"  {name}: {words}"] if words else []
        lines += [f"  asks: {question}" for question in card.questions]
        lines += [f"  $ {line}" for text in card.code for line in text.splitlines()]
    return "\n".join(lines) or "This step calls no key."


def prefill(reply: Prefill) -> str:
    """Return values with where each is from."""
    return table(
        (name, plain(str(value)), f"from {reply.origin[name]}")
        for name, value in reply.values.items()
    )


def suited(reply: SuitedList) -> str:
    """Return keys that suit an incident."""
    lines = table(
        (one.slug, one.kind, "called" if one.called else "", one.title) for one in reply.keys
    )
    return f"{lines}\nNo key at hand: {', '.join(reply.unknown)}" if reply.unknown else lines


def runbooks(rows: Sequence[RunbookRow]) -> str:
    """Return a list of runbooks."""
    return table(
        (
            row.slug,
            (row.severity or "").upper(),
            row.version,
            row.source,
            f"{row.title}{f' (from {row.origin})' if row.origin else ''}",
        )
        for row in rows
    )


def matches(reply: MatchList) -> str:
    """Return runbooks that fit a text, with the reasons."""
    lines = []
    for match in reply.matches:
        lines.append(f"{match.score:6.1f}  {match.slug}  {match.title}")
        lines += [f"        {reason}" for reason in match.reasons]
        lines += [f"        but {match.warning}"] if match.warning else []
    return "\n".join(lines) or "No runbook fits these words."


def readiness(reply: Readiness) -> str:
    """Return every check of a runbook."""
    rows = table(
        (
            ("ok" if check.ok else "missing") if check.looked else "not checked",
            check.key or "",
            check.name,
            f"{check.message} {check.hint}".strip(),
        )
        for check in reply.checks
    )
    word = "ready" if reply.ready else "not ready"
    return f"{reply.title} {reply.version}: {word}\n\n{rows}"


def customised(reply: Customised) -> str:
    """Return where a copy lies."""
    return (
        f"{reply.path} is a copy of {reply.origin} {reply.origin_version}.\n"
        f"Edit its README.md; look with: jupyter keys runbook diff {reply.slug}"
    )


def differences(reply: Differences) -> str:
    """Return what a copy says otherwise."""
    head = f"{reply.slug}, made from {reply.origin} {reply.origin_version}"
    if reply.outdated:
        head += "; the original has a newer version now"
    if reply.same:
        return f"{head}: the same words."
    parts = [f"\n{one.title or one.section} ({one.change})\n{one.diff}" for one in reply.sections]
    return f"{head}:\n" + "\n".join(parts)
