"""What happened in a period, over all incidents: the population an auditor draws samples from.

The records from the first to the last of the period are all there, without a gap in the ledger's own count;
so are the earlier records of every incident that went on in it. Kept files are in the incidents' own bundles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from keys_jupyter.evidence.bundle.limits import period_limits
from keys_jupyter.evidence.bundle.words import sentence, who

_ENDS = ("incident.closed", "incident.reopened")
_NONE = "no framework named"


def period_facts(
    records: Sequence[Mapping[str, Any]],
    description: Mapping[str, Any],
    left: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Return everything that the report of a period states.

    Args:
        records: the records of the period, and the earlier ones of its incidents, in the ledger's order.
        description: what the bundle says of itself, with the store's runs.
        left: the records of checkpoints that left the machine.
    """
    period = description["period"]
    inside = [record for record in records if record["index"] >= period["first"]]
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for record in records:
        groups.setdefault(description["owners"].get(str(record["index"]), ""), []).append(record)
    groups.pop("", None)
    incidents = [
        incident_row(name, groups[name], description["controls"].get(name, ())) for name in groups
    ]
    real = [one for one in incidents if not one["rehearsal"]]
    facts: dict[str, Any] = {
        "kind": "period",
        "period": {
            "from": period["from"],
            "to": period["to"],
            "first": period["first"],
            "last": period["last"],
        },
        "incidents": incidents,
        "runs": [_run(run) for run in description["runs"]],
        "timeline": [_line(record, description) for record in inside],
        "matrix": matrix(real, period["from"], period["to"]),
        "left": [
            {
                "index": record["index"],
                "at": record["at"],
                "size": record["data"]["size"],
                "outlet": record["data"].get("outlet", record["type"]),
            }
            for record in left
        ],
    }
    facts["missing"] = [
        f"Incident {one['number']}, run {run['id'][:8]} of {run['key']}: it had not ended."
        for one in incidents
        for run in facts["runs"]
        if run["incident"] == one["id"] and run["state"] == "NOT_ENDED"
    ]
    facts["counts"] = _counts(facts, len(inside))
    facts["limits"] = period_limits(facts)
    return facts


def incident_row(
    name: str, records: Sequence[Mapping[str, Any]], controls: Sequence[str]
) -> dict[str, Any]:
    """Return one incident as an auditor counts it.

    Args:
        name: its id.
        records: its records from the first on.
        controls: the frameworks that its runbook names.
    """
    first, data = records[0], records[0]["data"]
    ends = [record for record in records if record["type"] in _ENDS]
    closed = ends[-1] if ends and ends[-1]["type"] == "incident.closed" else None
    kinds = [record["type"] for record in records]
    return {
        "id": name,
        "number": data["number"],
        "title": data["title"],
        "runbook": data["runbook"],
        "version": data["version"],
        "severity": data["severity"],
        "rehearsal": bool(data["rehearsal"]),
        "opened_at": first["at"],
        "opened_by": who(first),
        "closed_at": closed["at"] if closed else None,
        "records": len(records),
        "runs": kinds.count("run.requested") + kinds.count("run.attached"),
        "evidence": kinds.count("evidence.kept"),
        "controls": list(controls),
    }


def _run(run: Mapping[str, Any]) -> dict[str, Any]:
    names = ("id", "key", "version", "state", "reason", "requested_at", "started_at", "ended_at")
    return dict({name: run[name] for name in names}, incident=run["incident"], step=run["step"])


def _line(record: Mapping[str, Any], description: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "index": record["index"],
        "at": record["at"],
        "who": who(record),
        "incident": description["owners"].get(str(record["index"]), ""),
        "type": record["type"],
        "words": sentence(record),
    }


def months(first: str, last: str) -> list[str]:
    """Return the months from one day to another, both included."""
    year, month = int(first[:4]), int(first[5:7])
    found = []
    while f"{year:04d}-{month:02d}" <= last[:7]:
        found.append(f"{year:04d}-{month:02d}")
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return found


def matrix(incidents: Sequence[Mapping[str, Any]], first: str, last: str) -> dict[str, Any]:
    """Count the incidents opened in each month for each framework that their runbooks name.

    Args:
        incidents: rows of incidents.
        first: the first day.
        last: the last day.
    """
    columns = months(first, last)
    rows: dict[str, dict[str, int]] = {}
    for one in incidents:
        month = one["opened_at"][:7]
        if month in columns:
            for framework in one["controls"] or [_NONE]:
                row = rows.setdefault(framework, dict.fromkeys(columns, 0))
                row[month] += 1
    return {"months": columns, "rows": {name: rows[name] for name in sorted(rows)}}


def _counts(facts: Mapping[str, Any], inside: int) -> dict[str, int]:
    states = [run["state"] for run in facts["runs"]]
    return {
        "records": inside,
        "incidents": len(facts["incidents"]),
        "rehearsals": sum(one["rehearsal"] for one in facts["incidents"]),
        "closed": sum(one["closed_at"] is not None for one in facts["incidents"]),
        "runs": len(states),
        "runs_succeeded": states.count("SUCCEEDED"),
        "runs_cancelled": states.count("CANCELLED"),
        "runs_not_ended": states.count("NOT_ENDED"),
        "evidence": sum(one["evidence"] for one in facts["incidents"]),
        "missing": len(facts["missing"]),
    }
