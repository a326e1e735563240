"""What an incident's records say, as the report states it: made from the bundle's sources, never by hand.

The maker of a bundle and its verifier call the same function, so a report can say nothing that the records,
the runs and the kept files beside it do not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from keys_jupyter.evidence.bundle.layout import FORMATS, kept_path
from keys_jupyter.evidence.bundle.limits import limits_of
from keys_jupyter.evidence.bundle.steps import Standing, standing_of
from keys_jupyter.evidence.bundle.words import sentence, who
from keys_jupyter.model.gaps import gap

TAKEN_OUT = "taken out"
_BAD_ENDS = ("CELL_ERROR", "TIMED_OUT", "KERNEL_DIED", "START_FAILED", "CAPTURE_FAILED")


def incident_facts(
    records: Sequence[Mapping[str, Any]],
    runbook: Mapping[str, Any],
    incident: Mapping[str, Any],
    description: Mapping[str, Any],
    left: Sequence[Mapping[str, Any]],
    run_of: Callable[[str], Mapping[str, Any]],
) -> dict[str, Any]:
    """Return everything that the report of one incident states.

    Args:
        records: the incident's records, the first opened it.
        runbook: the pinned runbook as it was read.
        incident: the state as the program folded it.
        description: what the bundle says of itself.
        left: the records of checkpoints that left the machine before the last of ``records``.
        run_of: what is known of a run that has ended.
    """
    standing = standing_of(records, [step["id"] for _, step in _steps(runbook)])
    kept = [_kept(record, description) for record in records if record["type"] == "evidence.kept"]
    runs = _runs(records, run_of)
    items = [_item(item) for item in incident.get("items", ())]
    facts = {
        "kind": "incident",
        "incident": _head(records, standing, description),
        "timeline": [_line(record) for record in records],
        "steps": _step_facts(runbook, incident, standing, runs, kept),
        "runs": runs,
        "evidence": kept,
        "cleared": [_cleared(record) for record in records if record["type"] == "evidence.cleared"],
        "items": items,
        "missing": _missing(items, kept, runs),
        "controls": list(description["controls"]),
        "left": [_left(record) for record in left],
    }
    if description["format"] > FORMATS[0]:
        facts["redacted_records"] = [
            _redacted(record) for record in records if record["data"].get("redacted")
        ]
    facts["counts"] = _counts(facts)
    facts["limits"] = limits_of(facts)
    return facts


def _steps(runbook: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    return [(section, step) for section in runbook["sections"] for step in section["steps"]]


def _head(
    records: Sequence[Mapping[str, Any]], standing: Standing, description: Mapping[str, Any]
) -> dict[str, Any]:
    first, last = records[0], records[-1]
    data = first["data"]
    closed = standing.closed
    return {
        "id": data["incident"],
        "number": data["number"],
        "runbook": data["runbook"],
        "title": data["title"],
        "version": data["version"],
        "sha256": data["sha256"],
        "severity": data["severity"],
        "rehearsal": bool(data["rehearsal"]),
        "demo": bool(data.get("demo")),
        "opened_at": first["at"],
        "opened_by": who(first),
        "trigger": data.get("trigger") or "",
        "closed_at": closed["at"] if closed else None,
        "closed_by": who(closed) if closed else None,
        "closing": _closing(closed),
        "people": sorted({who(record) for record in records}),
        "last_at": last["at"],
        "at": last["seq"],
        "records": len(records),
        "program": description["program"],
    }


def _closing(closed: Mapping[str, Any] | None) -> dict[str, str]:
    names = ("root_cause", "resolution", "verification")
    return {name: str(closed["data"].get(name, "")) for name in names} if closed else {}


def _line(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "seq": record["seq"],
        "index": record["index"],
        "at": record["at"],
        "who": who(record),
        "type": record["type"],
        "step": record["step"],
        "words": sentence(record),
    }


def _step_facts(
    runbook: Mapping[str, Any],
    incident: Mapping[str, Any],
    standing: Standing,
    runs: Sequence[Mapping[str, Any]],
    kept: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    known = {step["id"]: (section["title"], step) for section, step in _steps(runbook)}
    rows = []
    # The program adds a step for an analysis that the runbook does not have.
    for step in incident["steps"]:
        section, words = known.get(step["id"], ("Added during the incident", step))
        rows.append(
            {
                "id": step["id"],
                "section": section,
                "number": words["number"],
                "title": words["title"],
                "state": standing.marks.get(step["id"], "not_started"),
                "branch": _branch(standing.taken.get(step["id"])),
                "runs": [run["id"] for run in runs if run["step"] == step["id"]],
                "evidence": sum(item["step"] == step["id"] for item in kept),
            }
        )
    return rows


def _branch(record: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if record is None:
        return None
    data = record["data"]
    return {
        "condition": data.get("condition", ""),
        "outcome": data.get("outcome", ""),
        "suggested": bool(data.get("suggested")),
        "reason": data.get("reason", ""),
        "why": data.get("text", ""),
        "by": who(record),
        "at": record["at"],
    }


def _runs(
    records: Sequence[Mapping[str, Any]], run_of: Callable[[str], Mapping[str, Any]]
) -> list[dict[str, Any]]:
    runs: dict[str, dict[str, Any]] = {}
    for record in records:
        data = record["data"]
        if record["type"] in ("run.requested", "run.attached"):
            runs[data["run"]] = _asked(record)
        if record["type"] in ("run.ended", "run.attached"):
            run = runs.setdefault(data["run"], _asked(record))
            for name in ("state", "reason", "started_at", "ended_at", "results", "artifacts"):
                if name in data:
                    run[name] = data[name]
            known = run_of(data["run"])
            run["cells"] = [_cell(cell) for cell in known.get("cells") or ()]
            run["mode"] = known.get("mode", "headless")
            run["notes"] = list(known.get("notes") or ())
            run["environment"] = _environment(known.get("environment"))
    return list(runs.values())


def _asked(record: Mapping[str, Any]) -> dict[str, Any]:
    data = record["data"]
    return {
        "id": data["run"],
        "key": data.get("key", ""),
        "version": data.get("version", ""),
        "pack_sha256": data.get("pack_sha256", ""),
        "step": record["step"],
        "by": who(record),
        "requested_at": record["at"],
        "parameters": data.get("parameters", {}),
        "inputs": data.get("inputs", []),
        "state": "NOT_ENDED",
        "reason": "",
        "started_at": None,
        "ended_at": None,
        "mode": "headless",
        "notes": [],
        "environment": "",
        "cells": [],
        "results": [],
        "artifacts": [],
    }


def _environment(known: Mapping[str, Any] | None) -> str:
    if not known:
        return ""
    python = f"Python {known['python']}" if known.get("python") else ""
    said = [python, known.get("kernel"), known.get("system"), known.get("machine")]
    said += [known.get("image"), f"{len(known.get('packages') or ())} packages"]
    return ", ".join(str(part) for part in said if part)


def _cell(cell: Mapping[str, Any]) -> dict[str, Any]:
    names = ("number", "title", "state", "started_at", "duration", "error")
    return {name: cell.get(name) for name in names}


def _kept(record: Mapping[str, Any], description: Mapping[str, Any]) -> dict[str, Any]:
    data, seq = record["data"], str(record["seq"])
    changed = description["redacted"].get(seq)
    return {
        "seq": record["seq"],
        "id": data["id"],
        "run": data["run"],
        "step": record["step"],
        "kind": data["kind"],
        "name": data["name"],
        "mime": data["mime"],
        "sha256": changed["sha256"] if changed else data["sha256"],
        "size": changed["size"] if changed else data["size"],
        "redactions": data["redactions"],
        "original_sha256": data.get("original_sha256", data["sha256"]),
        "redacted_at_export": changed["rules"] if changed else [],
        "found": _found(data.get("redaction", {})),
        "absent": description["absent"].get(seq, ""),
        "by_hand": bool(data.get("standing")),
        "path": kept_path(record),
    }


def _cleared(record: Mapping[str, Any]) -> dict[str, Any]:
    data = record["data"]
    return {
        "seq": record["seq"],
        "at": record["at"],
        "by": who(record),
        "rule": data["rule"],
        "commitment": data["commitment"],
        "reason": data["reason"],
    }


def _redacted(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was looked at in a record's own words, before it was recorded."""
    names = ("seq", "at", "type", "step")
    return {**{name: record[name] for name in names}, "found": _found(record["data"]["redacted"])}


def _taken_out(facts: Mapping[str, Any]) -> int:
    return sum(
        found["count"]
        for record in facts.get("redacted_records", ())
        for found in record["found"]
        if found["what"] == TAKEN_OUT
    )


def _found(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what was looked at when something was captured: taken out, left on purpose, only suspected."""
    rows = [(TAKEN_OUT, one) for one in report.get("redactions", ())]
    rows += [("left on purpose", one) for one in report.get("allowed", ())]
    rows += [("only suspected, left", one) for one in report.get("suspicions", ())]
    rows += [("not searched", one) for one in report.get("not_scanned", ())]
    return [
        {
            "what": what,
            "rule": one.get("rule", "") if isinstance(one, Mapping) else "",
            "place": one.get("place", "") if isinstance(one, Mapping) else str(one),
            "reason": one.get("reason", "") if isinstance(one, Mapping) else "",
            "commitment": one.get("commitment", "") if isinstance(one, Mapping) else "",
            "count": one.get("count", 1) if isinstance(one, Mapping) else 1,
        }
        for what, one in rows
    ]


def _item(item: Mapping[str, Any]) -> dict[str, Any]:
    names = ("id", "kind", "text", "state", "have", "lack", "by")
    return {name: item.get(name) for name in names}


def _missing(
    items: Sequence[Mapping[str, Any]],
    kept: Sequence[Mapping[str, Any]],
    runs: Sequence[Mapping[str, Any]],
) -> list[str]:
    said = [gap(item["kind"], item["state"], item["text"], item["lack"] or ()) for item in items]
    asked = [words for words in said if words]
    gone = [f"{item['name']}: {item['absent']}" for item in kept if item["absent"]]
    open_runs = [
        f"Run {run['id'][:8]} of {run['key']} had not ended at this record."
        for run in runs
        if run["state"] == "NOT_ENDED"
    ]
    return asked + gone + open_runs


def _left(record: Mapping[str, Any]) -> dict[str, Any]:
    data = record["data"]
    return {
        "index": record["index"],
        "at": record["at"],
        "size": data["size"],
        "outlet": data.get("outlet", record["type"]),
    }


def _counts(facts: Mapping[str, Any]) -> dict[str, int]:
    steps, runs, kept = facts["steps"], facts["runs"], facts["evidence"]
    in_files = sum(item["redactions"] + len(item["redacted_at_export"]) for item in kept)
    in_records = _taken_out(facts)
    told = {"redactions_in_records": in_records} if "redacted_records" in facts else {}
    return {
        **told,
        "steps": len(steps),
        "steps_done": sum(step["state"] == "done" for step in steps),
        "steps_failed": sum(step["state"] == "failed" for step in steps),
        "steps_skipped": sum(step["state"] == "skipped" for step in steps),
        "runs": len(runs),
        "runs_succeeded": sum(run["state"] == "SUCCEEDED" for run in runs),
        "runs_failed": sum(run["state"] in _BAD_ENDS for run in runs),
        "evidence": len(kept),
        "bytes": sum(item["size"] for item in kept if not item["absent"]),
        "redactions": in_files + in_records,
        "missing": len(facts["missing"]),
    }
