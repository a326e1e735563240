"""Attempts go in; how often jobs fail, since when, why and which to run again come out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from failure_onset import onset
from job_attempts import DIMENSIONS, Attempts
from job_errors import ERROR_TYPES, error_types, message_pattern
from job_indicators import indicators
from job_replay import VERDICTS, failed_jobs, last_attempts, stuck_jobs
from table_times import moment, utc

MOST_MESSAGES = 15


@dataclass(frozen=True)
class Analysis:
    """Everything the report says, counted once."""

    attempts: int
    finished: int
    failed: int
    jobs: int
    errors: dict[str, int]
    messages: pd.DataFrame
    by_type: pd.DataFrame
    by_hour: pd.DataFrame
    failures: pd.DataFrame
    failed_jobs: pd.DataFrame
    succeeded_later: int
    stuck: int
    recent: int
    recent_minutes: int
    indicators: pd.DataFrame
    began: pd.Timestamp | None
    sustained: bool
    first: pd.Timestamp | None
    as_of: pd.Timestamp | None
    notes: list[str]

    @property
    def failure_rate(self) -> float | None:
        """Give the failed share of finished attempts in percent, rounded up: never healthier."""
        return -(-self.failed * 10_000 // self.finished) / 100 if self.finished else None

    @property
    def most_frequent_error(self) -> str | None:
        """Name the error type of most failed attempts; of equal ones that which is listed first."""
        kind = max(self.errors, key=lambda name: self.errors[name])
        return kind if self.errors[kind] else None

    @property
    def failing_most(self) -> str | None:
        """Name the job type with the most failures."""
        return str(self.by_type.index[0]) if self.failed else None

    @property
    def sure(self) -> pd.DataFrame:
        """Return the attributes that failing jobs share beyond chance, the strongest first."""
        return self.indicators[self.indicators["indicator"].astype(bool)]

    def judged(self, verdict: str) -> pd.DataFrame:
        """Return the failed jobs of one of VERDICTS."""
        return self.failed_jobs[self.failed_jobs["verdict"] == verdict]


def analyse(
    data: Attempts,
    as_of: str | None = None,
    time_zone: str = "UTC",
    recent_minutes: int = 30,
    stuck_minutes: int = 15,
) -> Analysis:
    """Count what `data` says as of a moment, by default that of its last attempt.

    Raises:
        InputProblem: when as_of is no time.
    """
    frame = data.frame
    kinds = error_types(frame["error"].cat.categories) if len(frame) else []
    frame = frame.assign(error_type=_spread(frame["error"], kinds))
    finished = frame[frame["outcome"] != "unfinished"]
    failed = (finished["outcome"] == "failed").to_numpy()
    failures = finished[failed]
    now = moment(as_of, "as_of", time_zone) or (frame["time"].iloc[-1] if len(frame) else None)
    began, sustained = _began(finished, failed)
    last = last_attempts(frame)
    lost = failed_jobs(last, data.job_ids)
    counts = failures["error_type"].value_counts()
    names = [name for name in DIMENSIONS if name in frame]
    return Analysis(
        attempts=len(frame),
        finished=len(finished),
        failed=len(failures),
        jobs=len(last),
        errors={kind: int(counts.get(kind, 0)) for kind in ERROR_TYPES},
        messages=_messages(failures),
        by_type=_by_type(finished, failed),
        by_hour=_by_hour(finished, failed),
        failures=failures,
        failed_jobs=lost,
        succeeded_later=int((last["had_failed"] & (last["outcome"] == "succeeded")).sum()),
        stuck=stuck_jobs(last, now, stuck_minutes) if now is not None else 0,
        recent=_recent(failures, now, recent_minutes),
        recent_minutes=recent_minutes,
        indicators=indicators(finished.assign(failed=failed), names),
        began=began,
        sustained=sustained,
        first=frame["time"].iloc[0] if len(frame) else None,
        as_of=now,
        notes=[*data.notes, *_notes_on(frame, data, now), *_notes_on_jobs(last, lost)],
    )


def _spread(errors: pd.Series, kinds: list[str]) -> pd.Categorical:
    codes = np.array([ERROR_TYPES.index(kind) for kind in kinds], dtype="i1")
    mapped = codes[errors.cat.codes.to_numpy()] if len(codes) else np.zeros(0, dtype="i1")
    return pd.Categorical.from_codes(mapped, categories=list(ERROR_TYPES))


def _began(finished: pd.DataFrame, failed: Any) -> tuple[pd.Timestamp | None, bool]:
    if not failed.any():
        return None, False
    position, sustained = onset(failed)
    return finished["time"].iloc[position], sustained


def _recent(failures: pd.DataFrame, now: pd.Timestamp | None, minutes: int) -> int:
    if now is None:
        return 0
    times = failures["time"]
    return int(((times > now - pd.Timedelta(minutes=minutes)) & (times <= now)).sum())


def _counted(groups: Any, failed: Any) -> pd.DataFrame:
    grouped = pd.Series(failed, dtype="bool").groupby(groups, observed=True)
    table = pd.DataFrame({"attempts": grouped.size(), "failed": grouped.sum().astype(int)})
    table["failed %"] = (100 * table["failed"] / table["attempts"]).round(2)
    return table


def _by_type(finished: pd.DataFrame, failed: Any) -> pd.DataFrame:
    table = _counted(finished["job_type"].reset_index(drop=True), failed)
    table.index = table.index.astype("object")
    table = table.rename_axis("job type").reset_index()
    order = ["failed", "failed %", "job type"]
    return table.sort_values(order, ascending=[False, False, True]).set_index("job type")


def _by_hour(finished: pd.DataFrame, failed: Any) -> pd.DataFrame:
    hours = finished["time"].dt.floor("h").reset_index(drop=True)
    return _counted(hours, failed).rename_axis("hour (UTC)")


def _messages(failures: pd.DataFrame) -> pd.DataFrame:
    """Group messages by what they share, and show the most frequent one of each as it stands."""
    columns = ["error_type", "message", "failures", "jobs", "job types", "first", "last"]
    if failures.empty:
        return pd.DataFrame(columns=columns)
    texts = failures["error"].cat.categories
    shared = np.array([message_pattern(text) for text in texts], dtype=object)
    group = shared[failures["error"].cat.codes]
    rows = []
    tops = pd.Series(group).value_counts().sort_index().sort_values(ascending=False, kind="stable")
    for pattern in tops.index[:MOST_MESSAGES]:
        part = failures[group == pattern]
        text = part["error"].astype("object").mode().iloc[0]
        row = [part["error_type"].mode().iloc[0], text[:150] or "(no text)", len(part)]
        types = part["job_type"].value_counts()
        types = ", ".join(types[types > 0].index[:3])
        rows.append([*row, part["job"].nunique(), types, part["time"].min(), part["time"].max()])
    return pd.DataFrame(rows, columns=columns)


def _notes_on(frame: pd.DataFrame, data: Attempts, now: pd.Timestamp | None) -> list[str]:
    notes = []
    open_ones = frame["outcome"] == "unfinished"
    if open_ones.any():
        notes.append(f"{int(open_ones.sum())} attempts have no outcome yet: in no rate.")
    gone = open_ones & frame["job_status"].notna() & (frame["job_status"] != "running")
    if gone.any():
        notes.append(f"{int(gone.sum())} of them belong to jobs that no longer run: their worker "
                     "died, or gave them up.")  # fmt: skip
    if now is not None and (frame["time"] > now).any():
        late = int((frame["time"] > now).sum())
        notes.append(f"{late} attempts are later than {utc(now)}: counted, but none is recent.")
    if "replay_safe" not in data.columns:
        notes.append("No column says which types are safe to repeat: every job counts as unsafe.")
    if "object_id" not in data.columns:
        notes.append("No column names the object of a job: superseded jobs are unknown.")
    return notes


def _notes_on_jobs(last: pd.DataFrame, lost: pd.DataFrame) -> list[str]:
    failed = int((last["outcome"] == "failed").sum())
    if failed == len(lost):
        return []
    return [f"{failed - len(lost)} jobs whose last attempt failed are queued, running or done now: "
            "no failed jobs."]  # fmt: skip


def replay_counts(analysis: Analysis) -> dict[str, int]:
    """Count failed jobs by verdict, zero included."""
    return {verdict: len(analysis.judged(verdict)) for verdict in VERDICTS}
