"""Prints what an incident of 2,000 records costs to open and to add to, beside the limits.

The incident is worked on the embedded library's own runbook, with notes, marks, branches, timers and evidence. *Open* is
a fresh process's first look; *again* is a look with one new record; *append* is an act with the state it answers. The
disk's own share is printed beside it: the same number of plain SQLite commits of the same size.
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from keys_jupyter.model.incident import Act, OpenRequest
from keys_jupyter.places import embedded_library
from keys_jupyter.service import Service
from keys_jupyter.sources.library import FolderLibrary

RECORDS = 2000
APPENDS = 500
OPEN_MS = 300.0
APPEND_MS = 25.0
RUNBOOK = "stripe-webhook-failure"


def service(root: Path) -> Service:
    """Return a fresh service over one folder."""
    return Service(root / "ws", root / "data", [FolderLibrary(embedded_library(), "embedded")])


def acts(number: int) -> Act:
    """Return the act of one record: mostly notes, now and then a mark, a focus or a timer."""
    step = ("safety-1", "safety-2", "diagnosis-1", "diagnosis-2", "action-1")[number % 5]
    if number % 10 == 3:
        return Act(type="step.done", step=step)
    if number % 10 == 6:
        return Act(type="step.focus", step=step)
    if number % 50 == 9:
        return Act(type="timer.started", minutes=30, text=f"look again {number}")
    return Act(type="step.note", step=step, text=f"note {number}: " + "seen and written down " * 12)


def milliseconds(work: Callable[[], object]) -> float:
    """Return how long one call takes."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def p99(times: list[float]) -> float:
    """Return the 99th percentile."""
    return sorted(times)[max(0, round(len(times) * 0.99) - 1)]


def commits(folder: Path) -> float:
    """Return the 99th percentile of plain commits of a record's size on this disk."""
    db = sqlite3.connect(folder / "plain.sqlite", isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, body BLOB)")

    def one() -> None:
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO t (body) VALUES (?)", (b"x" * 700,))
        db.execute("COMMIT")

    times = [milliseconds(one) for _ in range(APPENDS)]
    db.close()
    return p99(times)


def main() -> int:
    """Print each figure beside its limit."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "ws").mkdir()
        first = service(root)
        incident = first.incidents.open(OpenRequest(runbook=RUNBOOK)).id
        for number in range(1, RECORDS - APPENDS):
            first.incidents.act(incident, acts(number))
        appended = [
            milliseconds(lambda n=number: first.incidents.act(incident, acts(n)))
            for number in range(RECORDS - APPENDS, RECORDS)
        ]
        again = [milliseconds(lambda: first.incidents.incident(incident)) for _ in range(50)]
        first.close()
        opened, timelines = [], []
        for _ in range(5):
            fresh = service(root)
            opened.append(milliseconds(lambda s=fresh: s.incidents.incident(incident)))
            timelines.append(milliseconds(lambda s=fresh: s.incidents.timeline(incident)))
            fresh.close()
        disk = commits(root)
    for label, value, limit in (
        (f"open {RECORDS} records", max(opened), OPEN_MS),
        ("append, 99th percentile", p99(appended), APPEND_MS),
    ):
        sys.stdout.write(
            f"{label:26} {value:7.1f} ms, limit {limit:.0f} ms, {value / limit:.2f} of it\n"
        )
    sys.stdout.write(
        f"{'all of its timeline':26} {statistics.median(timelines):7.1f} ms\n"
        f"{'append, median':26} {statistics.median(appended):7.1f} ms\n"
        f"{'look again':26} {statistics.median(again):7.1f} ms\n"
        f"{'plain commit, 99th':26} {disk:7.1f} ms on this disk, ratio {p99(appended) / disk:.1f}\n"
    )
    return 0 if max(opened) < OPEN_MS and p99(appended) < APPEND_MS else 1


if __name__ == "__main__":
    sys.exit(main())
