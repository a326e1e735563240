"""Make job_attempts.csv again, byte for byte: a synthetic day with a bad release on one worker.

Healthy from 06:00 UTC but for a few time-outs and orders with bad data. At 14:20 `worker-3` gets
release r41, whose code cannot read a customer without an address: its `sync_customer` and
`generate_invoice` jobs fail until it is rolled back at 16:40. Retries mostly stay on their worker.
"""

from __future__ import annotations

import csv
import random
from datetime import datetime, timedelta
from pathlib import Path

BEGIN = datetime(2026, 11, 20, 6)
HOURS = 12
BAD_FROM, BAD_TO = 8 * 3600 + 20 * 60, 10 * 3600 + 40 * 60
JOBS = 2300
# job type: weight, queue, replay_safe, usual payload in bytes
TYPES = {
    "send_email": (34, "default", "true", 900),
    "sync_customer": (28, "default", "true", 1400),
    "resize_image": (18, "media", "true", 500),
    "generate_invoice": (10, "billing", "false", 2600),
    "import_orders": (10, "imports", "true", 30_000),
}
WORKERS = ["worker-1", "worker-2", "worker-3"]
BROKEN = "TypeError: Cannot read properties of undefined (reading 'postalCode')"
HEADER = (
    "attempt_id,job_id,job_type,attempt,max_attempts,created_at,started_at,finished_at,outcome,"
    "duration_ms,error,worker,job_status,replay_safe,object_id,queue,version,payload_bytes"
)


def _stamp(second: float) -> str:
    return (BEGIN + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _error(rng: random.Random, job: dict[str, object], worker: str, second: float) -> str:
    """Say how an attempt fails; nothing when it succeeds."""
    if job["bad"]:
        return f"ValidationError: row {rng.randrange(900)}: quantity is required"
    broken = worker == "worker-3" and BAD_FROM <= second < BAD_TO
    if broken and job["type"] in ("sync_customer", "generate_invoice") and rng.random() < 0.93:
        return BROKEN
    return "canceling statement due to statement timeout" if rng.random() < 0.004 else ""


def _attempts(rng: random.Random, job: dict[str, object]) -> list[list[object]]:
    rows: list[list[object]] = []
    second, worker = float(job["second"]), rng.choice(WORKERS)  # type: ignore[arg-type]
    for attempt in (1, 2, 3):
        error = _error(rng, job, worker, second)
        took = max(20, int(rng.lognormvariate(6, 0.6)))
        release = "r41" if worker == "worker-3" and BAD_FROM <= second < BAD_TO else "r40"
        outcome = "failed" if error else "succeeded"
        rows.append([second, attempt, outcome, took, error, worker, release])
        if not error:
            break
        second += 120 * attempt + rng.randrange(20)
        worker = worker if rng.random() < 0.8 else rng.choice(WORKERS)
    return rows


def _jobs(rng: random.Random) -> list[dict[str, object]]:
    names, weights = list(TYPES), [kind[0] for kind in TYPES.values()]
    seconds = sorted(rng.randrange(HOURS * 3600 - 900) for _ in range(JOBS))
    jobs = []
    for number, second in enumerate(seconds, start=50_001):
        name = rng.choices(names, weights)[0]
        jobs.append({
            "id": number, "second": second, "type": name,
            "object": f"obj_{rng.randrange(1, 400):04d}",
            "bytes": int(TYPES[name][3] * rng.lognormvariate(0, 0.4)),
            "bad": name == "import_orders" and rng.random() < 0.03,
        })  # fmt: skip
    return jobs


def main() -> None:
    """Write the sample beside this script, in the order in which attempts started."""
    rng = random.Random(20261120)  # noqa: S311 - reproducible, not secret
    rows = []
    for job in _jobs(rng):
        attempts = _attempts(rng, job)
        status = "succeeded" if attempts[-1][2] == "succeeded" else "dead"
        for second, attempt, outcome, took, error, worker, release in attempts:
            end = second + took / 1000  # type: ignore[operator]
            rows.append([
                second, job["id"], job["type"], attempt, 3, _stamp(job["second"]),  # type: ignore[arg-type]
                _stamp(second), _stamp(end), outcome, took, error, worker, status,  # type: ignore[arg-type]
                TYPES[str(job["type"])][2], job["object"], TYPES[str(job["type"])][1], release,
                job["bytes"],
            ])  # fmt: skip
    rows.sort(key=lambda row: (row[0], row[1]))
    path = Path(__file__).with_name("job_attempts.csv")
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(HEADER.split(","))
        writer.writerows([number, *row[1:]] for number, row in enumerate(rows, start=1))


if __name__ == "__main__":
    main()
