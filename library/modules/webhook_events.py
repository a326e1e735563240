"""Deliveries go in; the success rate, what fails, since when and why come out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from failure_onset import onset
from table_times import in_period
from webhook_deliveries import Deliveries
from webhook_errors import ERROR_TYPES, error_types

UNEXPLAINED_REFUSALS = (400, 401, 403)


@dataclass(frozen=True)
class Analysis:
    """Everything the report says, counted once."""

    deliveries: int
    failed: int
    pending: int
    unknown: int
    success_rate: float | None
    errors: dict[str, int]
    messages: pd.DataFrame
    by_type: pd.DataFrame
    by_hour: pd.DataFrame
    failures: pd.DataFrame
    began: pd.Timestamp | None
    sustained: bool
    first: pd.Timestamp | None
    last: pd.Timestamp | None
    slow_ms: int | None
    slow: int | None
    durations: dict[str, float]
    notes: list[str]

    @property
    def failing_most(self) -> str | None:
        """Name the event type with the most failures."""
        return str(self.by_type.index[0]) if self.failed else None


def analyse(
    data: Deliveries,
    start: str | None = None,
    end: str | None = None,
    time_zone: str = "UTC",
    slow_ms: int | None = None,
) -> Analysis:
    """Count what `data` says between start and end (exclusive).

    Raises:
        InputProblem: when start or end is no time, or no delivery lies between them.
    """
    times = data.frame["time"]
    keep = in_period(times, start, end, time_zone, data.file, "delivery")
    frame = data.frame if keep.all() else data.frame[keep]
    frame = frame.sort_values("time", kind="stable")
    notes = [*data.notes, *_notes_on(frame)]
    settled = frame[frame["outcome"].isin(["delivered", "failed"])]
    failed = (settled["outcome"] == "failed").to_numpy()
    failures = settled[failed]
    failures = failures.assign(error_type=error_types(failures))
    began, sustained = _began(settled, failed)
    counts = failures["error_type"].value_counts()
    times = settled["time"].dropna()
    return Analysis(
        deliveries=len(settled),
        failed=len(failures),
        pending=int((frame["outcome"] == "pending").sum()),
        unknown=int((frame["outcome"] == "unknown").sum()),
        success_rate=_rate(len(settled), len(failures)),
        errors={kind: int(counts.get(kind, 0)) for kind in ERROR_TYPES},
        messages=_messages(failures),
        by_type=_by_type(settled, failed),
        by_hour=_by_hour(settled, failed),
        failures=failures,
        began=began,
        sustained=sustained,
        first=times.iloc[0] if len(times) else None,
        last=times.iloc[-1] if len(times) else None,
        slow_ms=slow_ms,
        slow=_slow(settled["duration_ms"], slow_ms),
        durations=_percentiles(settled["duration_ms"]),
        notes=[*notes, *_notes_on_refusals(failures)],
    )


def _rate(deliveries: int, failed: int) -> float | None:
    """Give the rate in percent to two decimals, rounded down: never healthier than it is."""
    return (deliveries - failed) * 10_000 // deliveries / 100 if deliveries else None


def _notes_on(frame: pd.DataFrame) -> list[str]:
    counts = frame["outcome"].value_counts()
    notes = []
    if counts.get("pending", 0):
        notes.append(f"{counts['pending']} pending deliveries are in no figure.")
    if counts.get("unknown", 0):
        notes.append(f"{counts['unknown']} rows with an unreadable status are in no figure.")
    untimed = int(frame["time"].isna().sum())
    if untimed:
        notes.append(f"{untimed} rows have no time: counted, but in no time series.")
    return notes


def _notes_on_refusals(failures: pd.DataFrame) -> list[str]:
    silent = failures["error"].astype(str) == ""
    refused = int((silent & failures["http_status"].isin(UNEXPLAINED_REFUSALS)).sum())
    if not refused:
        return []
    return [
        f"{refused} failures are HTTP 400, 401 or 403 without an error text and count as other. "
        "Stripe's sample handlers answer 400 to a wrong signature: look at one response body."
    ]


def _began(settled: pd.DataFrame, failed: Any) -> tuple[pd.Timestamp | None, bool]:
    timed = settled["time"].notna().to_numpy()
    hits = failed[timed]
    if not hits.any():
        return None, False
    position, sustained = onset(hits)
    return settled["time"][timed].iloc[position], sustained


def _by_type(settled: pd.DataFrame, failed: Any) -> pd.DataFrame:
    names = settled["event_type"].cat.rename_categories({"": "(none)"})
    table = _counted(names.reset_index(drop=True), failed)
    table.index = table.index.astype("object")
    table = table.rename_axis("event type").reset_index()
    order = ["failed", "failed %", "event type"]
    table = table.sort_values(order, ascending=[False, False, True])
    return table.set_index("event type")


def _counted(groups: Any, failed: Any) -> pd.DataFrame:
    grouped = pd.Series(failed).groupby(groups, observed=True)
    table = pd.DataFrame({"deliveries": grouped.size(), "failed": grouped.sum().astype(int)})
    table["failed %"] = (100 * table["failed"] / table["deliveries"]).round(2)
    return table


def _by_hour(settled: pd.DataFrame, failed: Any) -> pd.DataFrame:
    timed = settled["time"].notna().to_numpy()
    hours = settled["time"][timed].dt.floor("h").reset_index(drop=True)
    return _counted(hours, failed[timed]).rename_axis("hour (UTC)")


def _messages(failures: pd.DataFrame) -> pd.DataFrame:
    shown = failures.assign(error=failures["error"].astype(str).str.slice(0, 100))
    keys = ["error_type", "http_status", "error"]
    table = shown.groupby(keys, observed=True).size().rename("failures").reset_index()
    table["error_type"] = table["error_type"].astype(str)
    order = ["failures", *keys]
    return table.sort_values(order, ascending=[False, True, True, True]).head(10)


def _slow(durations: pd.Series, slow_ms: int | None) -> int | None:
    if slow_ms is None or not durations.notna().any():
        return None
    return int((durations > slow_ms).sum())


def _percentiles(durations: pd.Series) -> dict[str, float]:
    known = durations.dropna()
    if known.empty:
        return {}
    return {f"p{q}": round(float(known.quantile(q / 100)), 1) for q in (50, 95, 99)}
