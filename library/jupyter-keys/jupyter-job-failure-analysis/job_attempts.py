"""A log of job attempts in any of its usual shapes goes in, one table of attempts comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from job_errors import one_line
from table_columns import Column, Table, exported_as, split_name
from table_files import read_table
from table_roles import columns_table, find_roles, require_role, role, wanted
from table_times import TIME_EXAMPLES, is_time, parse_times, required_zone
from table_values import is_number, is_verdict, number, verdict

HOW_TO_EXPORT = (
    "psql: \\copy (SELECT job_id, job_type, attempt, started_at, finished_at, outcome, error, "
    "worker FROM job_attempts) TO 'job_attempts.csv' CSV HEADER; or one JSON object a line."
)
JOB_STATES = ("queued", "running", "succeeded", "failed")
DIMENSIONS = ("job_type", "queue", "worker", "version")


def _any_text(text: str) -> bool:
    return bool(text)


ROLES = {
    "finished": role(
        "finished_at ended_at completed_at failed_at processed_at finished ended finished_on",
        is_time,
        f"the end of the attempt, {TIME_EXAMPLES}",
    ),
    "started": role(
        "started_at attempted_at run_at performed_at locked_at started timestamp time ts "
        "logged_at datetime date processed_on",
        is_time,
        f"the start of the attempt, {TIME_EXAMPLES}",
    ),
    "created": role(
        "created_at enqueued_at queued_at inserted_at created created_on",
        is_time,
        "when it was queued",
    ),
    "job_id": role("job_id jid job_uuid task_id id uuid", _any_text, "the job's id"),
    "job_type": role(
        "job_type job_name job_class task_type task_name task class handler function type name",
        _any_text,
        "the kind of job, such as send_email",
    ),
    "job_status": role(
        "job_status job_state current_status current_state", is_verdict, "its state now"
    ),
    "outcome": role(
        "outcome result attempt_status attempt_outcome status state success succeeded",
        is_verdict,
        "a word such as succeeded or failed; blank while it runs",
    ),
    "error": role(
        "error error_message last_error exception failed_reason failure_reason reason message "
        "error_details",
        _any_text,
        "what went wrong, in words",
    ),
    "attempt": role(
        "attempt attempt_number attempt_no attempts_made attempts tries retry_count",
        is_number,
        "which attempt of the job it is",
    ),
    "worker": role(
        "worker worker_name worker_id hostname host node pod locked_by", _any_text, "who"
    ),
    "queue": role("queue queue_name", _any_text, "the queue"),
    "version": role("version release app_version revision commit build git_sha", _any_text, "code"),
    "payload": role(
        "payload_bytes payload_size args_bytes args_size input_bytes size_bytes",
        is_number,
        "its bytes",
    ),
    "replay_safe": role(
        "replay_safe idempotent safe_to_replay retry_safe",
        is_verdict,
        "whether a second run is safe",
    ),
    "object_id": role("object_id record_id entity_id resource_id", _any_text, "what it works on"),
}


@dataclass
class Attempts:
    """Attempts with known meaning: one row each, times in UTC, and where each role came from.

    The frame has job (codes into job_ids), time (its start, else its end), created, outcome
    (succeeded, failed, unfinished), job_status, error, attempt, payload, replay_safe, object_id,
    and of DIMENSIONS what the log has. It is ordered by time.
    """

    file: str
    sha256: str
    frame: pd.DataFrame
    job_ids: list[str]
    columns: dict[str, str]
    notes: list[str]

    def columns_table(self) -> pd.DataFrame:
        """List which column was taken for which role."""
        return columns_table(ROLES, self.columns)


def load_attempts(path: Path | str, time_zone: str = "UTC") -> Attempts:
    """Read a log of job attempts; a file with a header and no row is no attempts.

    Raises:
        InputProblem: when the file or a parameter cannot be used; the message says why.
    """
    required_zone(time_zone)
    with exported_as(HOW_TO_EXPORT):
        table = read_table(path, _needed(), ("error", "job"))
        roles = _roles(table)
        frame = _frame(table, roles, time_zone)
    used = {name: column.name for name, column in roles.items()}
    ids = roles["job_id"].values if "job_id" in roles else []
    return Attempts(table.file, table.sha256, frame, ids, used, table.notes)


def _needed() -> Callable[[str], bool]:
    """Return what says which columns to read: of a start and a later end the start is enough."""
    known, seen = wanted(ROLES), set()

    def needed(name: str) -> bool:
        plain = split_name(name)[0]
        seen.update({"started"} if plain in ROLES["started"].aliases else ())
        return known(name) and not (plain in ROLES["finished"].aliases and seen)

    return needed


def _roles(table: Table) -> dict[str, Column]:
    """Find the roles by name and values; a column without any value is known by its name."""
    found = find_roles(table, ROLES)
    blank = [c for c in table.columns.values() if not table.rows or not any(c.values)]
    for name, meant in ROLES.items():
        named = [c for c in blank if split_name(c.name)[0] in meant.aliases]
        named = [c for c in named if all(c is not taken for taken in found.values())]
        if name not in found and named:
            found[name] = named[0]
    if "job_id" in found:
        found["job_id"] = found["job_id"].distinct()
    if table.rows or table.header:
        require_role(table, found, ROLES, "started", "finished", "created")
        for name in ("job_id", "job_type"):
            require_role(table, found, ROLES, name)
        require_role(table, found, ROLES, "outcome", "error")
    return found


def _frame(table: Table, roles: dict[str, Column], time_zone: str) -> pd.DataFrame:
    times = {name: _times(roles, name, time_zone, table)
             for name in ("finished", "started", "created")}  # fmt: skip
    columns = {
        "job": roles["job_id"].codes if roles else np.zeros(0, dtype="i4"),
        "time": times["started"].fillna(times["finished"]).fillna(times["created"]),
        "created": times["created"],
        "outcome": _outcomes(roles, table.notes),
        "job_status": _job_states(roles.get("job_status"), table.rows),
        "error": _words(roles.get("error"), table.rows, one_line),
        "attempt": _numbers(roles.get("attempt"), table.rows),
        "payload": _numbers(roles.get("payload"), table.rows),
        "replay_safe": _safe(roles.get("replay_safe"), table.rows),
        "object_id": _words(roles.get("object_id"), table.rows),
    }
    for name in DIMENSIONS:
        if name in roles or name == "job_type":
            columns[name] = _words(roles.get(name), table.rows, lambda text: text or "(none)")
    return _usable(pd.DataFrame(columns), roles, table.notes)


def _times(roles: dict[str, Column], name: str, time_zone: str, table: Table) -> pd.Series:
    if name not in roles or not any(roles[name].values):
        return pd.Series(pd.NaT, index=range(table.rows), dtype="datetime64[us, UTC]")
    return parse_times(roles[name], time_zone, table)


def _outcomes(roles: dict[str, Column], notes: list[str]) -> pd.Categorical:
    """Judge every attempt: by its outcome, without one by its error."""
    kinds = ["succeeded", "failed", "unfinished"]
    if "outcome" not in roles:
        said = roles["error"].spread(bool(v) for v in roles["error"].values) if roles else []
        notes.append("No column holds the outcome: attempts without an error count as succeeded.")
        return pd.Categorical(np.where(said, "failed", "succeeded"), categories=kinds)
    column = roles["outcome"]
    read = [verdict(value) if value else "pending" for value in column.values]
    odd = [v for v, r in zip(column.values, read, strict=True) if r == "unknown"]
    if odd:
        notes.append(f"Outcomes that mean nothing known count as unfinished: {', '.join(odd[:3])}.")
    said = [r if r in kinds else "unfinished" for r in read]
    return column.categorical(said).set_categories(kinds)


def _job_states(column: Column | None, rows: int) -> pd.Categorical:
    if column is None:
        return pd.Categorical.from_codes(np.full(rows, -1, dtype="i1"), categories=list(JOB_STATES))
    return pd.Categorical(column.spread(map(_job_state, column.values)), categories=JOB_STATES)


def _job_state(text: str) -> str | None:
    """Read a job's state now; dead, discarded and such are failed, scheduled is queued."""
    word = verdict(text) if text else "unknown"
    if word == "pending":
        running = text.lower() in {"running", "active", "started", "processing", "executing"}
        return "running" if running else "queued"
    return word if word in JOB_STATES else None


def _words(column: Column | None, rows: int, clean: Any = str) -> pd.Categorical:
    if column is None:
        return pd.Categorical.from_codes(np.zeros(rows, dtype="i1"), categories=[clean("")])
    return column.categorical(map(clean, column.values))


def _numbers(column: Column | None, rows: int) -> Any:
    return np.full(rows, np.nan) if column is None else column.spread(
        map(number, column.values), "f8"
    )  # fmt: skip


def _safe(column: Column | None, rows: int) -> Any:
    if column is None:
        return np.zeros(rows, dtype=bool)
    return column.spread((verdict(v) == "succeeded" for v in column.values), "?")


def _usable(frame: pd.DataFrame, roles: dict[str, Column], notes: list[str]) -> pd.DataFrame:
    nameless = [not text for text in roles["job_id"].values] if roles else []
    drop = frame["time"].isna().to_numpy()
    if any(nameless):
        drop = drop | np.array(nameless)[frame["job"].to_numpy()]
    if drop.any():
        notes.append(f"{int(drop.sum())} rows have no time or no job: in no figure.")
        frame = frame[~drop]
    times = frame["time"].dt.tz_localize(None).to_numpy()
    order = np.lexsort([frame["attempt"].fillna(0).to_numpy(), times])
    return frame.iloc[order].reset_index(drop=True)
