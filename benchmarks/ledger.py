"""Prints what a ledger of one million records costs: to verify whole, to append to, to prove from.

Beside it stands one sha256 over the same bytes, record by record: less cannot be done by anybody. The limit is 10
seconds for the whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from keys_jupyter import ledger

RECORDS = 1_000_000
LIMIT = 10.0


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds something takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def body(number: int) -> bytes:
    """Return a record about as long as those of an incident."""
    words = f"step {number % 30} was looked at and found to be as the runbook expects"
    record = {
        "actor": {"display": "ada", "host": "desk", "method": "os", "subject": "ada"},
        "at": "2026-11-21T03:00:00.000Z",
        "data": {"text": words, "title": "Look"},
        "index": number,
        "seq": number,
        "step": f"diagnosis-{number % 9}",
        "type": "step.note",
    }
    return ledger.encode(record)


def main() -> int:
    """Print the figures; 1 above the limit."""
    with tempfile.TemporaryDirectory() as name:
        with contextlib.closing(sqlite3.connect(Path(name) / "ledger.sqlite")) as db:
            db.execute("CREATE TABLE ledger (idx INTEGER PRIMARY KEY, body BLOB NOT NULL)")
            rows = ((number, body(number)) for number in range(RECORDS))
            db.executemany("INSERT INTO ledger VALUES (?,?)", rows)
            db.commit()

            def bodies() -> Iterator[bytes]:
                for row in db.execute("SELECT body FROM ledger ORDER BY idx"):
                    yield row[0]

            tree = ledger.Tree(ledger.leaf_hash(one) for one in bodies())
            root = tree.root()
            floor = timed(lambda: [hashlib.sha256(one).digest() for one in bodies()])
            whole = timed(lambda: ledger.begins_with(bodies(), RECORDS, root))
        leaf = ledger.leaf_hash(b"one more")
        appended = timed(lambda: [tree.append(leaf) for _ in range(1000)])
        proved = timed(lambda: [tree.inclusion(number * 997) for number in range(1000)])
        joined = timed(lambda: [tree.consistency(1 + number * 997) for number in range(1000)])
    sys.stdout.write(
        f"ledger verify  {whole:6.2f} s for {RECORDS:,} records from disk, limit {LIMIT:.0f} s;"
        f" {whole / floor:.1f} times one sha256 a record\n"
        f"ledger append  {appended * 1000:6.1f} µs a record, {proved * 1000:.0f} µs an inclusion"
        f" proof, {joined * 1000:.0f} µs a consistency proof\n"
    )
    return 1 if whole > LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
