"""The report of an incident: a page that says what happened, what is missing, and what it does not prove."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from keys_jupyter.evidence.bundle.page import (
    Markup,
    digest,
    document,
    element,
    listing,
    state,
    table,
)
from keys_jupyter.evidence.bundle.runs import run_chapter
from keys_jupyter.evidence.bundle.words import moment


def incident_report(facts: Mapping[str, Any], read: Callable[[str], bytes]) -> bytes:
    """Return the page.

    Args:
        facts: what it states.
        read: returns a kept file's bytes, for plots and the beginnings of texts.
    """
    chapters = [
        ("Summary", _summary(facts)),
        ("What this does not prove", [limits(facts)]),
        ("Timeline", [_timeline(facts)]),
        ("Steps and branches taken", _steps(facts)),
        ("Runs and results", run_chapter(facts, read)),
        ("Artifacts the runbook asks for", _items(facts)),
        ("Kept files", _kept(facts)),
        ("Redactions", _redactions(facts)),
        ("Integrity", integrity(facts)),
    ]
    return document(facts["title"], [_header(facts), *chaptered(chapters), footer(facts)])


def chaptered(chapters: list[tuple[str, list[Markup]]]) -> list[Markup]:
    """Return chapters with their numbers."""
    body: list[Markup] = []
    for number, (title, content) in enumerate(chapters, 1):
        body.append(element("h2", [element("span", f"{number}", class_="no"), title]))
        body.extend(content)
    return body


def _header(facts: Mapping[str, Any]) -> Markup:
    head = facts["incident"]
    kind = "Evidence of a rehearsal" if head["rehearsal"] else "Evidence of an incident"
    ended = f"closed {moment(head['closed_at'])}" if head["closed_at"] else "not closed"
    notes = [
        element("p", words, class_="note")
        for said, words in (
            (head["rehearsal"], "This was a rehearsal, not a real incident."),
            (head["demo"], "This was a demonstration on sample data."),
        )
        if said
    ]
    severity = f", severity {head['severity'].upper()}" if head["severity"] else ""
    return element(
        "header",
        [
            element("p", kind, class_="kind"),
            element("h1", facts["title"]),
            element(
                "p",
                f"Opened {moment(head['opened_at'])} by {head['opened_by']}, {ended}{severity}.",
            ),
            *notes,
        ],
    )


def _summary(facts: Mapping[str, Any]) -> list[Markup]:
    head, counts = facts["incident"], facts["counts"]
    figures = [
        (f"{counts['steps_done']} of {counts['steps']}", "steps done"),
        (str(counts["steps_failed"] + counts["steps_skipped"]), "steps failed or skipped"),
        (f"{counts['runs_succeeded']} of {counts['runs']}", "runs succeeded"),
        (str(counts["evidence"]), "kept files"),
        (str(counts["missing"]), "missing"),
        (str(counts["redactions"]), "redactions"),
    ]
    rows = [
        ("Incident", f"{head['number']} ({head['id']})"),
        ("Runbook", f"{head['runbook']} {head['version']}"),
        ("Runbook digest", digest(head["sha256"])),
        ("Called for by", head["trigger"]),
        ("People", ", ".join(head["people"])),
        ("Controls touched", ", ".join(facts["controls"]) or "The runbook names none."),
        ("Root cause", head["closing"].get("root_cause", "")),
        ("Resolution", head["closing"].get("resolution", "")),
        ("Verified by", head["closing"].get("verification", "")),
        ("State of record", f"Record {head['at']}, {moment(head['last_at'])}"),
    ]
    return [tiles(figures), listing(rows), *missing(facts)]


def tiles(figures: list[tuple[str, str]]) -> Markup:
    """Return a row of figures."""
    return element(
        "div",
        [
            element("div", [element("b", value), element("span", words)], class_="tile")
            for value, words in figures
        ],
        class_="tiles",
    )


def missing(facts: Mapping[str, Any]) -> list[Markup]:
    """Return what is missing, in a frame; nothing where nothing is."""
    if not facts["missing"]:
        return []
    points = element("ul", [element("li", words) for words in facts["missing"]])
    return [element("div", [element("strong", "Missing"), points], class_="note bad")]


def limits(facts: Mapping[str, Any]) -> Markup:
    """Return what is not proved."""
    return element("ol", [element("li", words) for words in facts["limits"]], class_="limits")


def _timeline(facts: Mapping[str, Any]) -> Markup:
    rows = [
        [line["seq"], moment(line["at"]), line["who"], line["step"] or "–", line["words"]]
        for line in facts["timeline"]
    ]
    return table(["No.", "Time", "Who", "Step", "What"], rows, ["num", "time", "", "step", ""])


def _steps(facts: Mapping[str, Any]) -> list[Markup]:
    body: list[Markup] = []
    sections: dict[str, list[Mapping[str, Any]]] = {}
    for step in facts["steps"]:
        sections.setdefault(step["section"], []).append(step)
    for title, steps in sections.items():
        rows = [
            [
                step["number"],
                element("div", [step["title"], *_branch(step["branch"])]),
                state(step["state"]),
                len(step["runs"]),
                step["evidence"],
            ]
            for step in steps
        ]
        head = ["No.", "Step", "State", "Runs", "Kept"]
        body += [element("h3", title), table(head, rows, ["no", "", "short", "num", "num"])]
    return body


def _branch(branch: Mapping[str, Any] | None) -> list[Markup]:
    if branch is None:
        return []
    how = "suggested by the results" if branch["suggested"] else "chosen by hand"
    words = f"Branch taken: {branch['condition']} → {branch['outcome']}"
    ground = "; ".join(part for part in (branch["reason"], branch["why"]) if part)
    said = f"{how}, {branch['by']}, {moment(branch['at'])}" + (f": {ground}" if ground else "")
    return [element("div", words), element("div", said, class_="soft")]


def _items(facts: Mapping[str, Any]) -> list[Markup]:
    body: list[Markup] = []
    for kind, title in (("artifact", "To keep"), ("entry", "To write down")):
        rows = [
            [item["text"], state(item["state"]), _shown(item)]
            for item in facts["items"]
            if item["kind"] == kind
        ]
        head = [title, "State", "There and lacking"]
        body.append(table(head, rows, ["wide", "short", ""]))
    return body


def _shown(item: Mapping[str, Any]) -> Markup:
    there, lacking = ", ".join(item["have"] or ()), ", ".join(item["lack"] or ())
    lines = [element("div", f"There: {there}")] if there else []
    if lacking:
        lines.append(element("div", f"Lacking: {lacking}", class_="soft"))
    if item["by"]:
        lines.append(element("div", f"Said by {item['by']}"))
    return element("div", lines or "–")


def _kept(facts: Mapping[str, Any]) -> list[Markup]:
    rows = [
        [
            item["seq"],
            element("div", [item["name"], element("div", item["path"][5:], class_="hash")]),
            item["size"],
            element("div", item["absent"], class_="bad")
            if item["absent"]
            else digest(item["sha256"]),
        ]
        for item in facts["evidence"]
    ]
    return [table(["Record", "File", "Bytes", "sha256"], rows, ["num", "", "num", ""])]


def _redactions(facts: Mapping[str, Any]) -> list[Markup]:
    rows: list[list[object]] = []
    for item in facts["evidence"]:
        for found in item["found"]:
            rows.append([item["seq"], item["name"], found["what"], _ground(found), found["count"]])
        for rule in item["redacted_at_export"]:
            rows.append([item["seq"], item["name"], "taken out at export", rule, 1])
    head = ["Record", "File", "What", "Rule or reason", "Times"]
    said = (
        "Each marker in a file names the rule that took something out. The digest of what a file was "
        "before is in its record."
    )
    body = [element("p", said), table(head, rows, ["num", "", "", "", "num"])]
    if facts.get("redacted_records"):
        body += _redacted_records(facts)
    if facts["cleared"]:
        body += [element("h3", "Decided to be no secrets"), _cleared(facts)]
    return body


def _ground(found: Mapping[str, Any]) -> str:
    rule = f"{found['rule']} {found['commitment'][:4]}".strip()
    return ", ".join(part for part in (rule, found["reason"]) if part) or "–"


def _redacted_records(facts: Mapping[str, Any]) -> list[Markup]:
    rows = [
        [record["seq"], record["type"], found["what"], _ground(found), found["count"]]
        for record in facts["redacted_records"]
        for found in record["found"]
    ]
    said = (
        "What people said, and names and values that were recorded, are searched before they are recorded. A marker in the "
        "record's words stands for what was taken out."
    )
    head = ["Record", "Kind", "What", "Rule or reason", "Times"]
    return [
        element("h3", "In the words of records"),
        element("p", said),
        table(head, rows, ["num", "", "", "", "num"]),
    ]


def _cleared(facts: Mapping[str, Any]) -> Markup:
    rows = [
        [
            one["seq"],
            moment(one["at"]),
            one["by"],
            f"{one['rule']} {one['commitment'][:4]}",
            one["reason"],
        ]
        for one in facts["cleared"]
    ]
    return table(["Record", "When", "Who", "Finding", "Reason"], rows, ["num", "time", "", "", ""])


def integrity(facts: Mapping[str, Any]) -> list[Markup]:
    """Return the checkpoint, the key, and when checkpoints left the machine."""
    ledger = facts["ledger"]
    rows = [
        ("Ledger", ledger["origin"]),
        ("Records in its tree", ledger["size"]),
        ("Root", digest(ledger["root"])),
        ("Signing key", digest(f"SHA256:{ledger['fingerprint']}")),
        ("Checkpoint", element("pre", ledger["checkpoint"])),
    ]
    left = [
        [line["index"], moment(line["at"]), line["size"], line["outlet"]]
        for line in facts["left"][-20:]
    ]
    head = ["Record", "Left this machine", "Records then", "By"]
    return [
        element(
            "p",
            "Every record is a leaf of one Merkle tree (RFC 9162). The checkpoint is its signed "
            "root. VERIFY.md says how to check it without this program.",
        ),
        listing(rows),
        element("h3", "Checkpoints that left this machine before the last record here"),
        table(head, left, ["num", "time", "num", ""]),
    ]


def footer(facts: Mapping[str, Any]) -> Markup:
    """Return the page's last line."""
    return element("footer", f"{facts['name']}. Made by keys-jupyter {facts['program']}.")
