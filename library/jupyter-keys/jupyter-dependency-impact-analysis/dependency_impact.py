"""Calls and requests go in; which dependency fails, what it takes down and since when come out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from dependency_calls import KINDS, Source
from dependency_trials import COMPARABLE, failing_since, since_position, trials_of
from failing_stretches import Stretch
from service_impact import SEVERITIES, judge_services, resolution_of
from table_columns import InputProblem
from table_times import moment, utc

LEAST_SLOW_MS = 1000.0
SILENCE = pd.Timedelta(minutes=15)
DEPENDENCY_COLUMNS = [
    "dependency", "state", "kind", "calls", "failed", "failed %", "while failing %", "usual %",
    "slow above ms", "began", "ended", "healthy minutes",
]  # fmt: skip


@dataclass(frozen=True)
class Impact:
    """Everything the report says, counted once; calls and requests since the incident's start."""

    calls: int
    failed_calls: int
    dependencies: pd.DataFrame
    services: pd.DataFrame
    errors: pd.DataFrame
    over_time: pd.DataFrame
    began: pd.Timestamp | None
    ended: pd.Timestamp | None
    impact_began: pd.Timestamp | None
    requests: int | None
    failed_requests: int | None
    since: pd.Timestamp | None
    last: pd.Timestamp | None
    notes: list[str]

    @property
    def failing(self) -> pd.DataFrame:
        """Return the dependencies that failed, the worst first, ended failures included."""
        return self.dependencies[self.dependencies["state"] != "healthy"]

    def services_that_are(self, state: str) -> pd.DataFrame:
        """Return the services in one of STATES."""
        return self.services[self.services["state"] == state]

    @property
    def severity(self) -> str | None:
        """Name the worst affected service's severity; minor when none is affected, yet one fails."""
        if not self.calls:
            return None
        known = [SEVERITIES.index(s) for s in self.services_that_are("affected")["severity"]]
        return SEVERITIES[max([*known, int(len(self.failing) > 0)])]

    @property
    def lag_seconds(self) -> int | None:
        """Say how long after the dependency the first service failed, at the metrics' resolution."""
        lags = self.services_that_are("affected")["lag s"].dropna()
        return None if lags.empty else int(lags.min())


def analyse(
    calls: Source,
    metrics: Source | None = None,
    incident_start: str | None = None,
    time_zone: str = "UTC",
    slow_ms: int | None = None,
) -> Impact:
    """Judge every dependency and service since `incident_start`; the time before is the comparison.

    Raises:
        InputProblem: when incident_start is no time, or calls and metrics never overlap.
    """
    since = moment(incident_start, "incident_start", time_zone)
    frame = calls.frame
    requests = None if metrics is None or metrics.frame.empty else metrics.frame
    notes = [*calls.notes, *(metrics.notes if metrics else [])]
    if requests is not None and len(frame):
        _refuse_apart(calls, metrics, requests)
    frame, limits = _slow(frame, since, slow_ms)
    only_failures = bool(len(frame)) and bool((frame["kind"] != "").all())
    if only_failures:
        notes.append(
            "The log holds failures alone, so there are no failure rates: a dependency counts as "
            "failing while more of its minutes hold a failure than usual."
        )
    judged = _judge_dependencies(frame, since, limits, only_failures)
    services = judge_services(frame, requests, since, judged)
    dependencies = pd.DataFrame([row for row, _ in judged], columns=DEPENDENCY_COLUMNS)
    return _impact(frame, requests, since, dependencies, services, notes)


def _refuse_apart(calls: Source, metrics: Source, requests: pd.DataFrame) -> None:
    first, last = calls.frame["time"].iloc[[0, -1]]
    begin, end = requests["time"].iloc[[0, -1]]
    if begin > last or first > end + pd.Timedelta(hours=1):
        found = f"requests from {utc(begin)} to {utc(end)}"
        expected = f"requests between {utc(first)} and {utc(last)}, the time of the calls"
        fix = "Export metrics of the same time, or leave metrics_csv empty."
        problem = f"the metrics are of another time than {calls.file}."
        raise InputProblem(metrics.file, problem, expected, found, fix)


# --- dependencies -----------------------------------------------------------------------------


def _slow(
    frame: pd.DataFrame, since: pd.Timestamp | None, slow_ms: int | None
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Mark answered calls that took too long, and return the bound of each dependency."""
    limits = {}
    durations = frame["duration_ms"].to_numpy()
    answered = (frame["kind"] == "").to_numpy() & ~np.isnan(durations)
    before = np.arange(len(frame)) < since_position(frame, since)
    slow = np.zeros(len(frame), dtype=bool)
    for name, rows in frame.groupby("dependency", observed=True).indices.items():
        known = rows[answered[rows]]
        limits[name] = slow_ms or _slow_above(durations[known], before[known])
        slow[known] = durations[known] > limits[name]
    kinds = frame["kind"].to_numpy(dtype=object)
    kinds[slow] = "slow"
    return frame.assign(kind=pd.Categorical(kinds, categories=["", *KINDS])), limits


def _slow_above(durations: Any, before: Any) -> float:
    """Take three times the earlier 95th percentile; without enough earlier calls, ten quick ones.

    The lower quartile stays quick even when most calls of the file are slow.
    """
    if before.sum() >= COMPARABLE:
        usual = 3 * float(np.quantile(durations[before], 0.95))
    else:
        usual = 10 * float(np.quantile(durations, 0.25)) if durations.size else 0.0
    return max(LEAST_SLOW_MS, round(usual, 0))


def _judge_dependencies(
    frame: pd.DataFrame, since: pd.Timestamp | None, limits: dict[str, float], only_failures: bool
) -> list[tuple[dict[str, Any], pd.DataFrame]]:
    """Return a row for each dependency and its calls while it failed, the worst first."""
    judged = []
    for name, part in frame.groupby("dependency", observed=True):
        trials = _minutes(part, frame) if only_failures else trials_of(part)
        usual, found, during = failing_since(trials, since)
        row, failing = _dependency(part.iloc[since_position(part, since) :], during, found)
        if row["state"] == "failing" and _is_silent(part, frame["time"].iloc[-1]):
            row |= {"state": "silent", "ended": failing["time"].iloc[-1]}
        row.update(
            {"dependency": name, "usual %": usual, "slow above ms": limits.get(name, np.nan)}
        )
        judged.append((row, failing))
    worst = {"failing": 0, "ended": 0, "silent": 0, "healthy": 1}
    return sorted(
        judged,
        key=lambda j: (worst[j[0]["state"]], -len(j[1]), -j[0]["failed"], j[0]["dependency"]),
    )


def _minutes(part: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Take each minute of the log as a trial that fails when it holds a failure."""
    first, last = frame["time"].iloc[[0, -1]].dt.floor("min")
    every = pd.date_range(first, last, freq="min")
    failed = every.isin(part["time"].dt.floor("min")).astype("f8")
    return pd.DataFrame({"time": every, "failed": failed, "tried": 1.0})


def _dependency(
    part: pd.DataFrame, during: pd.DataFrame, found: list[Stretch]
) -> tuple[dict[str, Any], pd.DataFrame]:
    failed = part["kind"] != ""
    row = {"calls": len(part), "failed": int(failed.sum()), "failed %": _share(failed), "kind": ""}
    row |= {"state": "healthy", "began": pd.NaT, "ended": pd.NaT, "healthy minutes": np.nan}
    row["while failing %"] = np.nan
    if not found:
        return row, part.iloc[:0]
    spans = [(during["time"][s.start], during["time"][s.stop - 1]) for s in found]
    inside = np.zeros(len(part), dtype=bool)
    for begin, end in spans:
        # A stretch of minutes ends with the last call of its last minute.
        reach = end + (pd.Timedelta(0) if len(during) == len(part) else pd.Timedelta("1min"))
        inside |= part["time"].between(begin, reach).to_numpy()
    failing = part[inside & failed.to_numpy()]
    row |= {"state": "failing", "kind": _main_kind(failing), "began": failing["time"].iloc[0]}
    row["while failing %"] = round(100 * len(failing) / int(inside.sum()), 2)
    if not found[-1].is_open:
        ended = failing["time"].iloc[-1]
        healthy = int((during["time"].iloc[-1] - ended).total_seconds() // 60)
        row |= {"state": "ended", "ended": ended, "healthy minutes": healthy}
    return row, failing


def _is_silent(part: pd.DataFrame, end: pd.Timestamp) -> bool:
    """Say whether calls stopped, as after switching a dependency off: far longer than they pause."""
    pause = part["time"].diff().median()
    return bool(end - part["time"].iloc[-1] > max(SILENCE, 3 * pause))


def _main_kind(failing: pd.DataFrame) -> str:
    """Name the kind of most failures; of equal counts the first in KINDS."""
    counts = failing["kind"].value_counts()
    return max(KINDS, key=lambda kind: counts.get(kind, 0))


def _share(failed: pd.Series) -> float:
    return round(100 * float(failed.mean()), 2) if len(failed) else 0.0


# --- together ---------------------------------------------------------------------------------


def _impact(
    frame: pd.DataFrame,
    requests: pd.DataFrame | None,
    since: pd.Timestamp | None,
    dependencies: pd.DataFrame,
    services: pd.DataFrame,
    notes: list[str],
) -> Impact:
    during = frame.iloc[since_position(frame, since) :]
    failing = dependencies[dependencies["state"] != "healthy"]
    began = failing["began"].min() if len(failing) else None
    over = len(failing) and (failing["state"] != "failing").all()
    affected = services[services["state"] == "affected"]
    counted = _requests_between(requests, began or since, failing["ended"].max() if over else None)
    if len(frame) and not len(during):
        notes.append(f"No call was logged since {utc(since)}; the last is at "
                     f"{utc(frame['time'].iloc[-1])}.")  # fmt: skip
    return Impact(
        calls=len(during),
        failed_calls=int((during["kind"] != "").sum()),
        dependencies=dependencies,
        services=services,
        errors=_errors(during),
        over_time=_over_time(during, requests, since, list(failing["dependency"])),
        began=began,
        ended=failing["ended"].max() if over else None,
        impact_began=affected["began"].min() if len(affected) else None,
        requests=counted[0],
        failed_requests=counted[1],
        since=since,
        last=during["time"].iloc[-1] if len(during) else None,
        notes=[*notes, *_notes_on(dependencies, affected, requests)],
    )


def _notes_on(
    dependencies: pd.DataFrame, affected: pd.DataFrame, requests: pd.DataFrame | None
) -> list[str]:
    notes = []
    if requests is None:
        notes.append("Without metrics services are judged by their calls, not by their requests.")
    few = dependencies[(dependencies["state"] == "healthy") & (dependencies["failed %"] >= 10)]
    if len(few):
        names = ", ".join(few["dependency"])
        notes.append(f"Too few calls to tell from chance, yet 10 % or more failed: {names}.")
    silent = dependencies[dependencies["state"] == "silent"]
    if len(silent):
        names = ", ".join(silent["dependency"])
        notes.append(f"No longer called, so whether it has recovered is unknown: {names}.")
    if dependencies["usual %"].isna().any():
        notes.append("Dependencies with fewer than 30 earlier calls are compared with 1 % failed.")
    before = dependencies[dependencies["usual %"] >= 5]
    if len(before):
        names = ", ".join(before["dependency"])
        notes.append(f"5 % or more failed before the incident's start too: {names}.")
    early = affected[affected["lag s"].astype("float") < 0]
    if len(early):
        names = ", ".join(early["service"])
        notes.append(f"Failed before its dependency did, so look for another cause too: {names}.")
    return notes


def _requests_between(
    requests: pd.DataFrame | None, began: pd.Timestamp | None, ended: pd.Timestamp | None
) -> tuple[int | None, int | None]:
    if requests is None:
        return None, None
    keep = np.ones(len(requests), dtype=bool)
    if began is not None:
        keep &= (requests["time"] >= began.floor(resolution_of(requests) or "s")).to_numpy()
    if ended is not None:
        keep &= (requests["time"] <= ended).to_numpy()
    return int(requests["requests"][keep].sum()), int(requests["failed"][keep].sum())


def _errors(during: pd.DataFrame) -> pd.DataFrame:
    failed = during[during["kind"] != ""]
    keys = ["dependency", "kind", "error"]
    if failed.empty:
        return pd.DataFrame(columns=[*keys, "calls"])
    text = failed["error"].astype("object").str.slice(0, 100).replace("", "(no text)")
    table = failed.assign(error=text).groupby(keys, observed=True).size().rename("calls")
    table = table.reset_index().astype({"dependency": "object", "kind": "object"})
    return table.sort_values(["calls", *keys], ascending=[False, True, True, True]).head(10)


def _over_time(
    during: pd.DataFrame,
    requests: pd.DataFrame | None,
    since: pd.Timestamp | None,
    names: list[str],
) -> pd.DataFrame:
    """Give the failed share of each failing dependency and of all requests, in about 100 bins."""
    if during.empty:
        return pd.DataFrame()
    span = during["time"].iloc[-1] - during["time"].iloc[0]
    width = pd.Timedelta(minutes=max(1, round(span.total_seconds() / 6000)))
    parts = {}
    for name in names:
        part = during[during["dependency"] == name]
        grouped = (part["kind"] != "").groupby(part["time"].dt.floor(width))
        parts[f"calls to {name}"] = 100 * grouped.mean()
    if requests is not None:
        part = requests.iloc[since_position(requests, since) :]
        sums = part.groupby(part["time"].dt.floor(width))[["failed", "requests"]].sum()
        parts["requests"] = 100 * sums["failed"] / sums["requests"].where(sums["requests"] > 0)
    return pd.DataFrame(parts).round(2)
