"""Services and what fails beneath them go in; which are affected, how severely and since when."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dependency_trials import failing_since, trials_of
from failing_stretches import Stretch

SEVERITIES = ("none", "minor", "major", "critical")
SEVERITY_BOUNDS = (10.0, 50.0)
STATES = ("affected", "exposed", "other cause", "not affected")
SERVICE_COLUMNS = [
    "service", "state", "severity", "because of", "tried", "failed", "failed %", "began",
    "lag s", "ended", "measured by",
]  # fmt: skip


def judge_services(
    frame: pd.DataFrame,
    requests: pd.DataFrame | None,
    since: pd.Timestamp | None,
    judged: list[tuple[dict[str, Any], pd.DataFrame]],
) -> pd.DataFrame:
    """Return one row a service, by its requests where there are any, else by its calls."""
    measured = {} if requests is None else dict(list(requests.groupby("service", observed=True)))
    failures = {row["dependency"]: (row, failing) for row, failing in judged if len(failing)}
    owner = {str(s): _owner(str(s), measured) for s in frame["service"].unique()}
    callers = frame["service"].astype("object").map(owner)
    resolution = resolution_of(requests)
    rows = []
    for name in sorted({*measured, *owner.values()}):
        own = frame[callers == name]
        because = _because(own, failures)
        if name in measured:
            trials = measured[name].rename(columns={"requests": "tried"})
            row = _by_requests(trials, since, failures, because, resolution)
        else:
            row = _by_calls(own[own["dependency"].isin(because)], own, since, failures)
        rows.append({"service": name, "because of": ", ".join(because), **row})
    table = pd.DataFrame(rows, columns=SERVICE_COLUMNS)
    order = table["state"].map(STATES.index)
    weight = -table["severity"].map(SEVERITIES.index)
    table = table.assign(order=order, weight=weight)
    table = table.sort_values(["order", "weight", "failed", "service"], ascending=[1, 1, 0, 1])
    return table[SERVICE_COLUMNS].reset_index(drop=True)


def _owner(service: str, measured: dict[Any, Any]) -> str:
    """Find the measured route that a caller belongs to: itself, or the longest one above it."""
    above = [m for m in measured if m != "/" and service.startswith(f"{str(m).rstrip('/')}/")]
    return service if service in measured or not above else str(max(above, key=len))


def _because(own: pd.DataFrame, failures: dict[str, Any]) -> list[str]:
    """List failing dependencies whose failures hit this service's calls, most hits first."""
    hits = {d: int(failing.index.isin(own.index).sum()) for d, (_, failing) in failures.items()}
    return sorted((d for d in hits if hits[d]), key=lambda d: -hits[d])


def resolution_of(requests: pd.DataFrame | None) -> pd.Timedelta:
    """Return how far apart the metrics' times are, at most an hour; nothing without metrics."""
    if requests is None or requests["time"].nunique() < 2:
        return pd.Timedelta(0)
    gap = pd.Series(requests["time"].unique()).diff().min()
    return min(gap, pd.Timedelta(hours=1))


def _by_requests(
    trials: pd.DataFrame,
    since: pd.Timestamp | None,
    failures: dict[str, Any],
    because: list[str],
    resolution: pd.Timedelta,
) -> dict[str, Any]:
    _, found, during = failing_since(trials[["time", "failed", "tried"]], since)
    row = _counted(during, "requests")
    if not found:
        return {**row, "state": "exposed" if because else "not affected"}
    spans = [(during["time"][s.start], during["time"][s.stop - 1]) for s in found]
    causes = [failures[d][0] for d in because] or [row for row, _ in failures.values()]
    hit = [n for n, span in enumerate(spans) if _fits(span, causes, not because, resolution)]
    taken = hit or range(len(found))
    state = "affected" if hit else "other cause"
    row |= _failing(during, [found[n] for n in taken], [spans[n] for n in taken])
    began = min((c["began"] for c in causes), default=None)
    lag = _lag(row["began"], began, resolution) if hit else None
    return {**row, "state": state, "lag s": lag}


def _fits(
    span: tuple[Any, Any], causes: list[dict[str, Any]], indirect: bool, resolution: pd.Timedelta
) -> bool:
    """Say whether requests failed while a dependency did.

    A service that does not call the dependency must also have begun no sooner than it.
    """
    for cause in causes:
        overlaps = span[1] + resolution >= cause["began"]
        if not pd.isna(cause["ended"]):
            overlaps = overlaps and span[0] <= cause["ended"] + resolution
        if overlaps and (not indirect or span[0] + resolution >= cause["began"]):
            return True
    return False


def _by_calls(
    risky: pd.DataFrame, own: pd.DataFrame, since: pd.Timestamp | None, failures: dict[str, Any]
) -> dict[str, Any]:
    """Judge a service without metrics, such as a worker, by its calls to what fails."""
    _, found, during = failing_since(trials_of(risky), since)
    if not found:
        _, _, during = failing_since(trials_of(own), since)
        return {**_counted(during, "calls"), "state": "not affected"}
    spans = [(during["time"][s.start], during["time"][s.stop - 1]) for s in found]
    causes = [failures[d][0]["began"] for d in risky["dependency"].unique()]
    row = _counted(during, "calls") | _failing(during, found, spans)
    return {**row, "state": "affected", "lag s": _lag(row["began"], min(causes), pd.Timedelta(0))}


def _counted(during: pd.DataFrame, by: str) -> dict[str, Any]:
    tried, failed = float(during["tried"].sum()), float(during["failed"].sum())
    share = round(100 * failed / tried, 2) if tried else 0.0
    row = {"tried": int(tried), "failed": int(failed), "failed %": share, "measured by": by}
    return row | {"severity": "none", "began": pd.NaT, "ended": pd.NaT, "lag s": None}


def _failing(
    during: pd.DataFrame, found: list[Stretch], spans: list[tuple[Any, Any]]
) -> dict[str, Any]:
    """Count a service's failures while it failed; the share then says how severe they are."""
    inside = pd.concat([during.iloc[s.start : s.stop] for s in found])
    share = 100 * float(inside["failed"].sum() / inside["tried"].sum())
    severity = SEVERITIES[1 + sum(share >= bound for bound in SEVERITY_BOUNDS)]
    ended = pd.NaT if found[-1].is_open else spans[-1][1]
    return {"severity": severity, "failed %": round(share, 2), "began": spans[0][0], "ended": ended}


def _lag(began: pd.Timestamp, cause: Any, resolution: pd.Timedelta) -> int:
    """Compare at the resolution of the metrics: a minute's failures carry its first second."""
    if resolution:
        cause = cause.floor(resolution)
    return int((began - cause).total_seconds())
