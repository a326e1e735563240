"""Whether the records have no gap, and whether files, runs and state are those the records speak of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keys_jupyter.evidence.bundle.cells import cells_digest
from keys_jupyter.evidence.bundle.derive import document_of
from keys_jupyter.evidence.bundle.layout import INCIDENT, RUNBOOK, RUNBOOK_READ, kept_path, run_path
from keys_jupyter.evidence.bundle.steps import standing_of
from keys_jupyter.evidence.verify.opened import Opened, Problem

_SAID_AT_THE_END = ("state", "reason", "started_at", "ended_at", "results", "artifacts")
_SAID_AT_THE_BEGINNING = ("key", "version", "pack_sha256", "parameters", "inputs")


def check_records(bundle: Opened) -> str:
    """Check that no record is missing, by both counts: the incident's own and the ledger's.

    Raises:
        Problem: one is missing, twice there, or belongs elsewhere.
    """
    indices = [row["index"] for row in bundle.records]
    if indices != sorted(set(indices)) or indices[0] < 0:
        raise Problem("The records are not in the ledger's order.")
    _same_incident(bundle.left, "")
    left = [row["index"] for row in bundle.left]
    if left != sorted(set(left)) or any(index > indices[-1] for index in left):
        raise Problem("The records of checkpoints that left are not in order.")
    if bundle.description["kind"] == "period":
        return _period(bundle, indices)
    _counted(bundle.records)
    first = bundle.records[0]
    if first["type"] != "incident.opened":
        raise Problem("The first record does not open an incident.")
    _same_incident(bundle.records, first["data"]["incident"])
    return f"Records 0 to {len(indices) - 1} of the incident, none left out."


def _same_incident(rows: list[dict[str, Any]], name: str) -> None:
    if any(row.get("incident", name) != name for row in rows):
        raise Problem("A record belongs to another incident.")


def _counted(rows: list[dict[str, Any]]) -> None:
    if [row["seq"] for row in rows] != list(range(len(rows))):
        raise Problem("The incident's own count has a gap; a record was left out or added.")


def _period(bundle: Opened, indices: list[int]) -> str:
    period, owners = bundle.description["period"], bundle.description["owners"]
    first, last = period["first"], period["last"]
    if [index for index in indices if index >= first] != list(range(first, last + 1)):
        raise Problem(f"Between record {first} and {last} of the ledger one is missing.")
    if set(owners) != {str(index) for index in indices}:
        raise Problem("Not every record is said to belong to an incident or to none.")
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in bundle.records:
        groups.setdefault(owners[str(row["index"])], []).append(row)
    _same_incident(groups.pop("", []), "")
    for name, rows in groups.items():
        _counted(rows)
        _same_incident(rows, name)
        if rows[0]["data"].get("incident") != name:
            raise Problem(f"The records of incident {name[:40]} do not begin with its opening.")
    outside = [
        row for row in bundle.records if row["index"] < first and not owners[str(row["index"])]
    ]
    if outside:
        raise Problem("There are records from before the period that belong to no incident.")
    _period_runs(bundle, groups)
    return f"Records {first} to {last} of the ledger, none left out; {len(groups)} incidents."


def _period_runs(bundle: Opened, groups: Mapping[str, list[dict[str, Any]]]) -> None:
    """Check the listed runs against the records: none left out, none with another end."""
    period = bundle.description["period"]
    listed = {run["id"]: run for run in bundle.description["runs"]}
    if len(listed) != len(bundle.description["runs"]):
        raise Problem("A run is listed twice.")
    for name, rows in groups.items():
        for row in rows:
            run = row["data"].get("run") if row["type"].startswith("run.") else None
            if run is None or (run not in listed and row["index"] < period["first"]):
                continue
            if run not in listed or listed[run]["incident"] != name:
                raise Problem(f"Run {run[:8]} of the records is not listed.")
            if row["type"] == "run.ended" and listed[run]["state"] != row["data"]["state"]:
                raise Problem(f"Run {run[:8]} is listed with another end than recorded.")


def check_kept(bundle: Opened) -> str:
    """Check every kept file against the record that speaks of it.

    Raises:
        Problem: one has other bytes than recorded, and no redaction at export says so.
    """
    if bundle.description["kind"] != "incident":
        return "A period holds the digests of kept files, and not the files."
    count = 0
    for row in bundle.records:
        seq = str(row["seq"])
        if row["type"] != "evidence.kept" or seq in bundle.description["absent"]:
            continue
        said = bundle.description["redacted"].get(seq, row["data"])
        measure = bundle.measures.get(kept_path(row))
        if measure is None or (measure.sha256, measure.size) != (said["sha256"], said["size"]):
            raise Problem(f"{kept_path(row)} is not what record {row['index']} kept.")
        count += 1
    return f"{count} files have the digests that their records hold."


def check_runs(bundle: Opened) -> str:
    """Check what is told of each run against the records of its beginning and end.

    Raises:
        Problem: they differ.
    """
    if bundle.description["kind"] != "incident":
        return "The runs of a period were compared with its records above."
    count = 0
    for row in bundle.records:
        if row["type"] not in ("run.requested", "run.ended", "run.attached"):
            continue
        path, said = run_path(row["data"]["run"]), row["data"]
        if path not in bundle.found:
            continue
        run = document_of(bundle.read(path))
        names = (*_SAID_AT_THE_BEGINNING, *_SAID_AT_THE_END)
        differ = [name for name in names if name in said and said[name] != run.get(name)]
        # The store of the maker may have lost a run; its records still say how many cells ended how.
        if "cells" in said and run["cells"] is not None and said["cells"] != _counts(run["cells"]):
            differ.append("the counts of cells")
        bound = said.get("cells_sha256")
        if bound and run["cells"] is not None and bound != cells_digest(run["cells"]):
            differ.append("the states of cells")
        if differ:
            raise Problem(f"{path} differs from record {row['index']} in {', '.join(differ)}.")
        count += row["type"] != "run.requested"
    return f"{count} runs are told as they were recorded."


def _counts(cells: list[dict[str, Any]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for cell in cells:
        counts[cell["state"]] = counts.get(cell["state"], 0) + 1
    return counts


def check_state(bundle: Opened) -> str:
    """Fold the records again and compare with the state in the bundle.

    Raises:
        Problem: a step, a branch, a run or the end of the incident differs; or the runbook is not the pinned one.
    """
    if bundle.description["kind"] != "incident":
        return "A period has no state of its own."
    if bundle.measures[RUNBOOK].sha256 != bundle.records[0]["data"]["sha256"]:
        raise Problem("The runbook is not the one that the incident was opened on.")
    runbook = document_of(bundle.read(RUNBOOK_READ))
    state = document_of(bundle.read(INCIDENT))
    order = [step["id"] for section in runbook["sections"] for step in section["steps"]]
    standing = standing_of(bundle.records, order)
    for step in state["steps"]:
        taken = standing.taken.get(step["id"])
        branches = [number for number, one in enumerate(step["branches"]) if one["taken"]]
        if branches != ([taken["data"]["branch"]] if taken else []):
            raise Problem(f"The branch of step {step['id']} is not the one that was taken.")
        if step["state"] != standing.marks.get(step["id"], "not_started"):
            raise Problem(f"Step {step['id']} stands otherwise than its records say.")
    missing = [step for step in [*order, *standing.marks] if step not in _ids(state)]
    if missing:
        raise Problem(f"Step {missing[0]} is not in the state.")
    _ends(bundle, state, standing.closed is not None)
    return f"{len(state['steps'])} steps stand as the records add up."


def _ids(state: Mapping[str, Any]) -> set[str]:
    return {step["id"] for step in state["steps"]}


def _ends(bundle: Opened, state: Mapping[str, Any], closed: bool) -> None:
    opening = ("run.requested", "run.attached")
    runs = [row["data"]["run"] for row in bundle.records if row["type"] in opening]
    kept = sum(row["type"] == "evidence.kept" for row in bundle.records)
    said = (state["n"], sorted(state["runs"]), state["evidence"], state["closed_at"] is not None)
    if said != (bundle.records[-1]["seq"], sorted(runs), kept, closed):
        raise Problem("The state counts other records, runs or files than there are.")
