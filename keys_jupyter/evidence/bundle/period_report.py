"""The report of a period: how many, of which kind, for which frameworks, and that none is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keys_jupyter.evidence.bundle.page import Markup, document, element, listing, state, table
from keys_jupyter.evidence.bundle.report import (
    chaptered,
    footer,
    integrity,
    limits,
    missing,
    tiles,
)
from keys_jupyter.evidence.bundle.words import moment


def period_report(facts: Mapping[str, Any]) -> bytes:
    """Return the page."""
    chapters = [
        ("Summary", _summary(facts)),
        ("What this does not prove", [limits(facts)]),
        ("Incidents by framework and month", _matrix(facts)),
        ("Incidents", [_incidents(facts)]),
        ("Runs", [_runs(facts)]),
        ("Every record of the period", [_records(facts)]),
        ("Integrity", integrity(facts)),
    ]
    return document(facts["title"], [_header(facts), *chaptered(chapters), footer(facts)])


def _header(facts: Mapping[str, Any]) -> Markup:
    period = facts["period"]
    return element(
        "header",
        [
            element("p", "Evidence of a period", class_="kind"),
            element("h1", facts["title"]),
            element("p", f"All incidents and runs from {period['from']} to {period['to']}, UTC."),
        ],
    )


def _summary(facts: Mapping[str, Any]) -> list[Markup]:
    counts, period = facts["counts"], facts["period"]
    figures = [
        (str(counts["incidents"]), "incidents"),
        (str(counts["closed"]), "of them closed"),
        (str(counts["rehearsals"]), "rehearsals"),
        (f"{counts['runs_succeeded']} of {counts['runs']}", "runs succeeded"),
        (str(counts["runs_cancelled"]), "runs cancelled"),
        (str(counts["records"]), "records"),
    ]
    rows = [
        ("Records", f"{period['first']} to {period['last']} of the ledger, none left out"),
        ("Drawn by", "the time of each record in UTC; both days are included"),
        ("Runs without an end", str(counts["runs_not_ended"])),
        ("Kept files", f"{counts['evidence']}, listed with their digests in the records"),
    ]
    return [tiles(figures), listing(rows), *missing(facts)]


def _matrix(facts: Mapping[str, Any]) -> list[Markup]:
    columns = facts["matrix"]["months"]
    rows = [
        [name, *(row[month] or "–" for month in columns), sum(row.values())]
        for name, row in facts["matrix"]["rows"].items()
    ]
    said = (
        "Incidents opened in each month, rehearsals not counted, for each framework that the "
        "incident's own runbook names. One incident may stand in several rows."
    )
    looks = ["", *("num" for _ in columns), "num"]
    return [element("p", said), table(["Framework", *columns, "In all"], rows, looks)]


def _incidents(facts: Mapping[str, Any]) -> Markup:
    rows = [
        [
            one["number"],
            element(
                "div",
                [
                    one["title"] + (" (rehearsal)" if one["rehearsal"] else ""),
                    element("div", one["id"], class_="hash"),
                ],
            ),
            (one["severity"] or "–").upper(),
            moment(one["opened_at"]),
            moment(one["closed_at"] or "") or "not closed",
            one["runs"],
            one["evidence"],
            ", ".join(one["controls"]) or "–",
        ]
        for one in facts["incidents"]
    ]
    head = ["No.", "Incident", "Severity", "Opened", "Closed", "Runs", "Kept", "Frameworks"]
    return table(head, rows, ["num", "named", "", "when", "when", "num", "num", ""])


def _runs(facts: Mapping[str, Any]) -> Markup:
    numbers = {one["id"]: one["number"] for one in facts["incidents"]}
    rows = [
        [
            element("span", run["id"][:8], class_="hash whole"),
            f"{run['key']} {run['version']}".strip(),
            numbers.get(run["incident"], "none"),
            moment(run["requested_at"]),
            element("div", [state(run["state"]), element("div", run["reason"], class_="soft")]),
        ]
        for run in facts["runs"]
    ]
    head = ["Run", "Key", "Incident", "Asked for", "Ended as"]
    return table(head, rows, ["", "", "num", "time", ""])


def _records(facts: Mapping[str, Any]) -> Markup:
    numbers = {one["id"]: one["number"] for one in facts["incidents"]}
    rows = [
        [
            line["index"],
            moment(line["at"]),
            numbers.get(line["incident"], "–"),
            line["who"],
            line["words"],
        ]
        for line in facts["timeline"]
    ]
    return table(
        ["Record", "Time", "Incident", "Who", "What"], rows, ["num", "time", "num", "", ""]
    )
