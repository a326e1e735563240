"""Deliveries go in; before, during and after the incident, and what was never delivered, come out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from failure_onset import onset
from key_results import percent_down
from table_columns import InputProblem
from table_times import in_period, moment, utc
from webhook_deliveries import ANY_EXPORT, Deliveries, load_deliveries
from webhook_events import Analysis, analyse

PHASES = ("before", "during", "after")
LAST = pd.Timedelta(hours=24)
# A few good deliveries at the log's end are luck, not recovery, while this is likelier.
LUCK = 0.001


@dataclass(frozen=True)
class Incident:
    """From when to when deliveries failed; no end means that they still do. `found` says how."""

    began: pd.Timestamp | None
    ended: pd.Timestamp | None
    found: str


@dataclass(frozen=True)
class Report:
    """Everything the report says, counted once.

    `phases` has one row for before, during, after and the last 24 hours; `unrecovered` one for each
    event that failed and never succeeded; without event ids `recovery` is nothing.
    """

    whole: Analysis
    during: Analysis | None
    incident: Incident
    phases: pd.DataFrame
    last_from: pd.Timestamp
    last_until: pd.Timestamp
    recovery: dict[str, Any] | None
    unrecovered: pd.DataFrame
    by_hour: pd.DataFrame
    notes: list[str]


def load_log(path: Path | str, time_zone: str = "UTC") -> Deliveries:
    """Read a delivery log: CSV, JSON or JSON lines, plain or gzip.

    Raises:
        InputProblem: when the file or a parameter cannot be used; the message says why.
    """
    data = load_deliveries(path, "auto", time_zone)
    if data.source == "stripe-api":
        expected = "a log of deliveries, with a row for every attempt"
        found = "events of the Stripe API, which name no attempt and no reason"
        problem = "the file is no delivery log."
        raise InputProblem(data.file, problem, expected, found, ANY_EXPORT)
    return data


def report_on(
    data: Deliveries,
    start: str | None = None,
    end: str | None = None,
    time_zone: str = "UTC",
    incident_start: str | None = None,
    incident_end: str | None = None,
) -> Report:
    """Count the deliveries between start and end (exclusive) and divide them by the incident.

    Args:
        data: the deliveries.
        start: first moment, ISO 8601; the log's first without.
        end: the moment to stop before; the log's last without. The last 24 hours end here.
        time_zone: of moments without an offset.
        incident_start: when the incident began; found in the data without.
        incident_end: when it ended; found in the data without.

    Raises:
        InputProblem: when a parameter cannot be used, or no delivery lies in the period.
    """
    timed = data.frame[data.frame["time"].notna()]
    keep = in_period(timed["time"], start, end, time_zone, data.file, "delivery")
    frame = timed[keep].sort_values("time", kind="stable").reset_index(drop=True)
    kept = replace(data, frame=frame)
    settled = frame[frame["outcome"].isin(["delivered", "failed"])].reset_index(drop=True)
    given = [moment(incident_start, "incident_start", time_zone),
             moment(incident_end, "incident_end", time_zone)]  # fmt: skip
    incident = _incident(settled, *given)
    until = moment(end, "end", time_zone) or frame["time"].iloc[-1]
    during = settled[_phase_of(settled["time"], incident) == "during"]
    whole = analyse(kept)
    recovery, unrecovered, notes = _recovery(data.frame, settled)
    return Report(
        whole=whole,
        during=analyse(replace(kept, frame=during)) if len(during) else None,
        incident=incident,
        phases=_phases(settled, incident, until),
        last_from=until - LAST,
        last_until=until,
        recovery=recovery,
        unrecovered=unrecovered,
        by_hour=whole.by_hour,
        notes=[*whole.notes, *notes, *_notes_on_period(data, frame, until)],
    )


# --- the incident -----------------------------------------------------------------------------


def _incident(
    settled: pd.DataFrame, began: pd.Timestamp | None, ended: pd.Timestamp | None
) -> Incident:
    """Take the incident as given; what is not given is where the failure rate rises and falls."""
    if began is not None and ended is not None and ended <= began:
        expected, found = f"a moment after {utc(began)}", utc(ended) or ""
        fix = "Correct incident_start or incident_end."
        raise InputProblem("incident_end", "it is not after the start.", expected, found, fix)
    found = "as the parameters say"
    failed = (settled["outcome"] == "failed").to_numpy()
    if began is None:
        position, sustained = onset(failed) if failed.any() else (0, False)
        if not sustained:
            return Incident(None, None, "the failure rate never rises beyond chance")
        began, found = settled["time"].iloc[position], "where the failure rate rises and falls"
    if ended is None:
        later = (settled["time"] >= began).to_numpy()
        ended = _recovered_at(settled["time"][later], failed[later])
    return Incident(began, ended, found)


def _recovered_at(times: pd.Series, failed: Any) -> pd.Timestamp | None:
    """Find the first delivery after which few fail: the onset, read backwards."""
    if not failed.any():
        return None
    good, sustained = onset(failed[::-1])
    if not sustained or not good:
        return None
    first = len(failed) - good
    if not failed[first:].any() and (1 - failed[:first].mean()) ** good > LUCK:
        return None
    return times.iloc[first]


def _phase_of(times: pd.Series, incident: Incident) -> Any:
    if incident.began is None:
        return np.full(len(times), "before", dtype=object)
    early = (times < incident.began).to_numpy()
    late = np.zeros(len(times), dtype=bool)
    if incident.ended is not None:
        late = (times >= incident.ended).to_numpy()
    return np.select([early, late], ["before", "after"], "during").astype(object)


# --- counts -----------------------------------------------------------------------------------


def _phases(settled: pd.DataFrame, incident: Incident, until: pd.Timestamp) -> pd.DataFrame:
    phase = _phase_of(settled["time"], incident)
    parts = {name: settled[phase == name] for name in PHASES}
    parts["last 24 hours"] = settled[settled["time"] >= until - LAST]
    rows = {name: _counts(part) for name, part in parts.items()}
    # As objects, so that counts stay whole numbers beside rates.
    return pd.DataFrame.from_dict(rows, orient="index", dtype=object).rename_axis("phase")


def _counts(part: pd.DataFrame) -> dict[str, Any]:
    failed = int((part["outcome"] == "failed").sum())
    slow = part["duration_ms"].quantile(0.95) if part["duration_ms"].notna().any() else None
    return {
        "deliveries": len(part),
        "succeeded": len(part) - failed,
        "failed": failed,
        "success rate %": percent_down(len(part) - failed, len(part)),
        "p95 ms": None if slow is None else round(float(slow)),
    }


def _recovery(
    every: pd.DataFrame, settled: pd.DataFrame
) -> tuple[dict[str, Any] | None, pd.DataFrame, list[str]]:
    """Follow each event that failed in the period to its success, anywhere in the log."""
    columns = ["event_id", "event_type", "failed_attempts", "first_failed", "last_failed", "error"]
    failures = settled[settled["outcome"] == "failed"]
    named = failures[failures["event_id"] != ""]
    if not (every["event_id"] != "").any():
        note = "The log has no event ids: whether a failed event succeeded later is unknown."
        return None, pd.DataFrame(columns=columns), [note]
    notes = []
    if len(named) < len(failures):
        notes.append(f"{len(failures) - len(named)} failures name no event and cannot be followed.")
    # An event goes to each endpoint on its own.
    by = ["event_id", "endpoint"]
    groups = named.astype({"endpoint": str}).groupby(by)
    told = groups.agg(
        event_type=("event_type", "first"),
        failed_attempts=("time", "size"),
        first_failed=("time", "min"),
        last_failed=("time", "max"),
        error=("error", "last"),
    )
    done = every[(every["outcome"] == "delivered") & every["event_id"].isin(named["event_id"])]
    done = done.astype({"endpoint": str}).join(told["first_failed"], on=by)
    succeeded = done.groupby(by).size().reindex(told.index, fill_value=0) > 0
    lost = told[~succeeded].reset_index().sort_values(["first_failed", "event_id"])
    later = done[done["time"] >= done["first_failed"]].groupby(by)
    took = later["time"].min() - later["first_failed"].min()
    recovery = {
        "failed_events": len(told),
        "recovered_events": len(told) - len(lost),
        "median_minutes": _minutes(took.median()),
        "longest_minutes": _minutes(took.max()),
    }
    return recovery, lost[columns].reset_index(drop=True), notes


def _minutes(span: Any) -> float | None:
    return None if pd.isna(span) else round(span.total_seconds() / 60, 1)


def _notes_on_period(data: Deliveries, frame: pd.DataFrame, until: pd.Timestamp) -> list[str]:
    first, last = frame["time"].iloc[0], frame["time"].iloc[-1]
    notes = []
    untimed = int(data.frame["time"].isna().sum())
    if untimed:
        notes.append(f"{untimed} rows have no time and are left out.")
    if first > until - LAST:
        notes.append(f"The log begins at {utc(first)}: it holds less than the last 24 hours.")
    if last < until - LAST:
        notes.append(f"The log ends at {utc(last)}: it holds nothing of the last 24 hours.")
    return notes
