"""Attempts at events go in; which events were processed more than once, and how, comes out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from table_columns import InputProblem, exported_as, split_name
from table_times import in_period
from webhook_deliveries import Deliveries, load_deliveries
from webhook_errors import TIMEOUT_CODES, error_types

HOW_TO_EXPORT = (
    "psql: \\copy (SELECT event_id, event_type, received_at, http_status, outcome FROM "
    "webhook_attempts) TO 'attempts.csv' CSV HEADER; or the Stripe Dashboard: Developers > "
    "Webhooks > your endpoint > Event deliveries > Export."
)
NEEDED = (("event_id",), ("event_type",), ("time",))
MEANINGS = ("auto", "processed", "deliveries")
AT_ONCE = pd.Timedelta(seconds=5)
GAPS = {
    "under 5 s": 5,
    "5 s to 1 min": 60,
    "1 min to 1 h": 3_600,
    "1 h to 1 day": 86_400,
    "1 day or more": np.inf,
}
PATTERNS = {
    "at the same time": "two requests ran side by side: the check and the write are not one step",
    "after no answer": "the sender gave up and tried again, but the first request had gone on",
    "after a success": "a resend or a replay, and the handler did not know the event any more",
}


@dataclass(frozen=True)
class Duplicates:
    """Everything the report says, counted once.

    `table` has one row for each event processed more than once, `repeats` one for each processing
    beyond the first.
    """

    rows_are: str
    attempts: int
    processed: int
    skipped: int
    events: int
    redelivered: int
    possible: int
    table: pd.DataFrame
    repeats: pd.DataFrame
    by_type: pd.DataFrame
    patterns: pd.DataFrame
    gaps: pd.DataFrame
    first: pd.Timestamp | None
    last: pd.Timestamp | None
    notes: list[str]

    @property
    def affected(self) -> list[str]:
        """Name the event types with duplicates, the worst first."""
        return list(self.by_type.index[self.by_type["duplicate events"] > 0])


def load_attempts(path: Path | str, time_zone: str = "UTC") -> Deliveries:
    """Read a webhook log that names its events: CSV, JSON or JSON lines, plain or gzip.

    Raises:
        InputProblem: when the file or a parameter cannot be used; the message says why.
    """
    with exported_as(HOW_TO_EXPORT):
        data = load_deliveries(path, "auto", time_zone, NEEDED)
        if data.source == "stripe-api":
            expected = "a log of attempts, with a row for every time an event arrived"
            found = "events of the Stripe API, which lists each event once"
            problem = "the file cannot show duplicates."
            raise InputProblem(data.file, problem, expected, found, HOW_TO_EXPORT)
        _refuse_row_numbers(data)
    return data


def _refuse_row_numbers(data: Deliveries) -> None:
    """A column `id` may number the rows: then no event would ever seem to repeat."""
    name = data.columns["event_id"]
    ids = data.frame["event_id"]
    if split_name(name)[0] == "id" and not ids[ids != ""].str.startswith("evt_").mean() > 0.9:
        expected = "a column named event_id, or ids that begin with evt_"
        found = f"{name!r} with {', '.join(ids.head(3))}, which may only number the rows"
        raise InputProblem(data.file, "no column holds the event id.", expected, found)


def find_duplicates(
    data: Deliveries,
    rows_are: str = "auto",
    start: str | None = None,
    end: str | None = None,
    time_zone: str = "UTC",
) -> Duplicates:
    """Find the events that were processed more than once between start and end (exclusive).

    Args:
        data: the attempts.
        rows_are: processed, when the log holds only requests whose work was done; deliveries, when
            it holds failed and skipped ones too; auto decides by the columns.
        start: first moment, ISO 8601.
        end: the moment to stop before.
        time_zone: of start and end without an offset.

    Raises:
        InputProblem: when a parameter cannot be used, or no attempt lies in the period.
    """
    keep = in_period(data.frame["time"], start, end, time_zone, data.file, "attempt")
    notes = list(data.notes)
    frame = _attempts(data.frame[keep], notes)
    meaning = _meaning(data, rows_are, notes)
    frame["processed"] = _processed(frame, meaning)
    frame["no_answer"] = _no_answer(frame, "http_status" in data.columns)
    repeats = _repeats(frame)
    per_event = _per_event(frame, repeats)
    if meaning == "deliveries" and len(repeats) and not (frame["status"] == "skipped").any():
        notes.append("A repeat that the handler skipped counts here as processed: no status of "
                     "this log says skipped.")  # fmt: skip
    times = frame["time"].dropna()
    return Duplicates(
        rows_are=meaning,
        attempts=len(frame),
        processed=int(frame["processed"].sum()),
        skipped=int((frame["status"] == "skipped").sum()),
        events=len(per_event),
        redelivered=int(((per_event["attempts"] > 1) & (per_event["processed"] < 2)).sum()),
        possible=int((per_event["processed"].eq(1) & per_event["unsure"].gt(0)).sum()),
        table=_table(frame, per_event, repeats),
        repeats=repeats,
        by_type=_by_type(per_event),
        patterns=_patterns(repeats),
        gaps=_gaps(repeats),
        first=times.min() if len(times) else None,
        last=times.max() if len(times) else None,
        notes=[*notes, *_notes_on(repeats)],
    )


def _attempts(frame: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Keep the attempts that can be judged, in order of time, with a code for each event."""
    nameless = frame["event_id"] == ""
    if nameless.any():
        notes.append(f"{int(nameless.sum())} rows name no event and are left out.")
    again = (frame["attempt_id"] != "") & frame["attempt_id"].duplicated() & ~nameless
    if again.any():
        told = "rows repeat an attempt's id: the same attempt exported twice, counted once."
        notes.append(f"{int(again.sum())} {told}")
    frame = frame[~nameless & ~again].sort_values("time", kind="stable").reset_index(drop=True)
    ids = pd.factorize(frame["event_id"])[0].astype("i8")
    # An event goes to each endpoint once: only a repeat at the same endpoint is one.
    endpoints = frame["endpoint"].cat.codes.to_numpy()
    frame["key"] = pd.factorize(ids * (int(endpoints.max(initial=0)) + 1) + endpoints)[0]
    return frame


def _meaning(data: Deliveries, rows_are: str, notes: list[str]) -> str:
    if rows_are not in MEANINGS:
        expected, fix = " or ".join(MEANINGS), "Set rows_are to one of them."
        raise InputProblem("rows_are", "the parameter is unknown.", expected, repr(rows_are), fix)
    if rows_are != "auto":
        return rows_are
    if data.columns.keys() & {"status", "error"}:
        return "deliveries"
    notes.append(
        "The log has neither a status in words nor an error: every row counts as processed. "
        "If it holds failed deliveries too, set rows_are to 'deliveries'."
    )
    return "processed"


def _processed(frame: pd.DataFrame, meaning: str) -> Any:
    """Say which attempts did the event's work: by the log's own word, else by the answer."""
    if meaning == "processed":
        return np.ones(len(frame), dtype=bool)
    said = frame["status"].astype(str).to_numpy()
    delivered = (frame["outcome"] == "delivered").to_numpy()
    return (said == "succeeded") | (delivered & (said != "skipped"))


def _no_answer(frame: pd.DataFrame, has_http: bool) -> Any:
    http = frame["http_status"]
    silent = (http == 0) if has_http else np.zeros(len(frame), dtype=bool)
    timed_out = np.asarray(error_types(frame)) == "timeout"
    return silent | timed_out | http.isin(TIMEOUT_CODES)


def _repeats(frame: pd.DataFrame) -> pd.DataFrame:
    """List every processing beyond an event's first, and what came before it."""
    done = frame[frame["processed"]]
    done = done[done["key"].duplicated(keep=False)]
    groups = done.groupby("key")
    before = groups["time"].shift()
    done = done.assign(
        gap=done["time"] - before, after_silence=groups["no_answer"].shift(fill_value=False)
    )
    repeats = done[done["key"].duplicated()].copy()
    at_once = (repeats["gap"] < AT_ONCE).to_numpy()
    silent = repeats["after_silence"].astype(bool).to_numpy()
    repeats["pattern"] = np.select([at_once, silent], list(PATTERNS)[:2], list(PATTERNS)[2])
    return repeats


def _per_event(frame: pd.DataFrame, repeats: pd.DataFrame) -> pd.DataFrame:
    unsure = frame["no_answer"] & ~frame["processed"]
    counted = frame.assign(unsure=unsure, attempts=1)
    groups = counted.groupby("key")
    table = groups[["attempts", "processed", "unsure"]].sum()
    table["event_type"] = groups["event_type"].first().astype(str).replace("", "(none)")
    table["extra"] = repeats.groupby("key").size().reindex(table.index, fill_value=0)
    return table


def _table(frame: pd.DataFrame, per_event: pd.DataFrame, repeats: pd.DataFrame) -> pd.DataFrame:
    """List each event processed more than once, the worst first."""
    done = frame[frame["processed"] & frame["key"].isin(repeats["key"])].groupby("key")
    table = pd.DataFrame(
        {
            "event_id": done["event_id"].first(),
            "event_type": per_event["event_type"].reindex(list(done.groups)),
            "endpoint": done["endpoint"].first().astype(str),
            "times_processed": done.size(),
            "first_processed": done["time"].first(),
            "first_repeat": repeats.groupby("key")["time"].first(),
            "last_repeat": repeats.groupby("key")["time"].last(),
            "shortest_gap_s": repeats.groupby("key")["gap"].min().dt.total_seconds(),
            "pattern": repeats.groupby("key")["pattern"].first(),
        }
    )
    order = ["times_processed", "first_processed", "event_id"]
    return table.sort_values(order, ascending=[False, True, True]).reset_index(drop=True)


def _by_type(per_event: pd.DataFrame) -> pd.DataFrame:
    groups = per_event.groupby("event_type")
    table = pd.DataFrame(
        {
            "events": groups.size(),
            "duplicate events": groups["extra"].agg(lambda extra: int((extra > 0).sum())),
            "duplicate deliveries": groups["extra"].sum(),
        }
    )
    table["duplicate %"] = (100 * table["duplicate events"] / table["events"]).round(2)
    table = table.rename_axis("event type").reset_index()
    order = ["duplicate events", "duplicate %", "event type"]
    return table.sort_values(order, ascending=[False, False, True]).set_index("event type")


def _patterns(repeats: pd.DataFrame) -> pd.DataFrame:
    counts = repeats["pattern"].value_counts()
    rows = [(name, int(counts.get(name, 0)), why) for name, why in PATTERNS.items()]
    table = pd.DataFrame(rows, columns=["repeat", "duplicate deliveries", "usual cause"])
    return table.set_index("repeat")


def _gaps(repeats: pd.DataFrame) -> pd.DataFrame:
    """Count the repeats by how far they are from the processing before."""
    seconds = repeats["gap"].dt.total_seconds().dropna()
    bounds = [-np.inf, *GAPS.values()]
    classes = pd.cut(seconds, bounds, right=False, labels=list(GAPS))
    counts = classes.value_counts().reindex(list(GAPS), fill_value=0)
    return counts.rename("duplicate deliveries").rename_axis("gap").to_frame()


def _notes_on(repeats: pd.DataFrame) -> list[str]:
    same = int((repeats["gap"] == pd.Timedelta(0)).sum())
    untimed = int(repeats["gap"].isna().sum())
    notes = []
    if same:
        notes.append(f"{same} repeats have the very same time as the processing before: two "
                     "requests at once, or rows that were exported twice.")  # fmt: skip
    if untimed:
        notes.append(f"{untimed} repeats have no time: counted, but in no gap.")
    return notes
