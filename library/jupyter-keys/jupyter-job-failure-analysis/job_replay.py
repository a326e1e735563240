"""Attempts go in; each failed job and whether it may be run again, with the reason, come out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

VERDICTS = ("replay", "unsafe", "superseded", "bad data")
REASONS = {
    "replay": "safe to repeat, and the data is not at fault",
    "unsafe": "its type is not marked as safe to repeat",
    "superseded": "a later job of this type and object succeeded",
    "bad data": "its last error blames the data: it would fail again",
}
COLUMNS = [
    "job_id", "job_type", "attempts", "error_type", "last_error", "first_failed_at", "verdict",
    "reason",
]  # fmt: skip


def last_attempts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return each job's last attempt with its number of attempts and its first failure."""
    failed = frame[frame["outcome"] == "failed"]
    first = failed.drop_duplicates("job").set_index("job")["time"]
    counts = np.bincount(frame["job"].to_numpy())
    last = frame.drop_duplicates("job", keep="last")
    return last.assign(
        attempts=counts[last["job"].to_numpy()],
        first_failed_at=first.reindex(last["job"]).array,
        had_failed=last["job"].isin(failed["job"]),
    )


def failed_jobs(last: pd.DataFrame, job_ids: list[str]) -> pd.DataFrame:
    """List the jobs that failed for good or wait for another try, each with a verdict, oldest first.

    A job is failed when its last attempt is and it is neither queued, running nor succeeded now.
    Of several reasons the first of superseded, bad data and unsafe is given.
    """
    known = last["job_status"].notna()
    lost = (last["outcome"] == "failed") & (~known | (last["job_status"] == "failed"))
    jobs = last[lost.to_numpy()]
    bad = (jobs["error_type"] == "data").to_numpy()
    superseded = _superseded(jobs, last)
    unsafe = ~jobs["replay_safe"].to_numpy(dtype=bool)
    verdict = np.select(
        [superseded, bad, unsafe], ["superseded", "bad data", "unsafe"], "replay"
    ).astype(object)
    table = pd.DataFrame(
        {
            "job_id": [job_ids[code] for code in jobs["job"]],
            "job_type": jobs["job_type"].astype("object"),
            "attempts": jobs["attempts"],
            "error_type": jobs["error_type"].astype("object"),
            "last_error": jobs["error"].astype("object").str.slice(0, 300),
            "first_failed_at": jobs["first_failed_at"],
            "verdict": verdict,
            "reason": [REASONS[word] for word in verdict],
        },
        columns=COLUMNS,
    )
    return table.sort_values(["first_failed_at", "job_id"], kind="stable", ignore_index=True)


def _superseded(jobs: pd.DataFrame, last: pd.DataFrame) -> Any:
    """Say which jobs have a younger one of the same type and object that succeeded."""
    named = last["object_id"] != ""
    done = last[named & ((last["outcome"] == "succeeded") | (last["job_status"] == "succeeded"))]
    if done.empty or jobs.empty:
        return np.zeros(len(jobs), dtype=bool)
    keys = ["job_type", "object_id"]
    born = done["created"].fillna(done["time"])
    latest = done[keys].astype("object").assign(latest=born).groupby(keys)["latest"].max()
    wanted = pd.MultiIndex.from_frame(jobs[keys].astype("object"))
    found = latest.reindex(wanted).array
    own = jobs["created"].fillna(jobs["time"]).array
    return (pd.Series(found) > pd.Series(own)).to_numpy()


def stuck_jobs(last: pd.DataFrame, as_of: pd.Timestamp, minutes: int) -> int:
    """Count jobs that are running since longer than so many minutes before `as_of`."""
    known = last["job_status"].notna()
    running = (last["job_status"] == "running") | (~known & (last["outcome"] == "unfinished"))
    return int((running & (last["time"] <= as_of - pd.Timedelta(minutes=minutes))).sum())
