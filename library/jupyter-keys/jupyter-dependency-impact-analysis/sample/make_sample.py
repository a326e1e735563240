"""Make dependency_calls.csv and service_metrics.csv again, byte for byte: a synthetic evening.

Healthy from 18:00 UTC. From 22:40:00 `stripe` times out connecting or answers 503. `/api/checkout`
holds out on retries until 22:43, then most of its requests fail; `billing-worker` fails at once;
`/api/account` shows cached data, so that its users notice nothing. `mail` limits four lone calls.
"""

from __future__ import annotations

import csv
import random
from datetime import datetime, timedelta
from pathlib import Path

BEGIN = datetime(2026, 11, 20, 18)
SECONDS, FAILING = 6 * 3600, 4 * 3600 + 40 * 60
NOTICED = 283  # the minute, from 18:00, in which requests begin to fail
# service, dependency: calls an evening, usual milliseconds
CALLS = {
    ("/api/checkout", "stripe"): (560, 210),
    ("/api/account", "stripe"): (180, 190),
    ("billing-worker", "stripe"): (150, 260),
    ("/api/checkout", "database"): (620, 14),
    ("/api/products", "database"): (900, 9),
    ("/api/login", "auth"): (420, 85),
    ("/api/search", "search"): (500, 60),
    ("mail-worker", "mail"): (260, 140),
    ("/api/products", "storage"): (410, 45),
}
REQUESTS = {
    "/": 42, "/api/products": 30, "/api/checkout": 9, "/api/login": 7, "/api/search": 12,
    "/api/account": 5,
}  # fmt: skip


def _calls(rng: random.Random) -> list[list[object]]:
    rows = []
    for (service, dependency), (count, usual) in CALLS.items():
        seconds = sorted(rng.randrange(SECONDS) for _ in range(count))
        if (service, dependency) == ("/api/checkout", "stripe"):
            seconds = sorted([*seconds, FAILING])
        limited = set(rng.sample(range(count), 4)) if dependency == "mail" else set()
        for number, second in enumerate(seconds):
            result = [429, usual, "Too Many Requests"] if number in limited else None
            if dependency == "stripe" and second >= FAILING:
                result = _stripe_down(rng, second)
            took = max(2, int(rng.lognormvariate(0, 0.35) * usual))
            rows.append([second, service, dependency, *(result or [200, took, ""])])
    rows.sort(key=lambda row: row[0])
    return rows


def _stripe_down(rng: random.Random, second: int) -> list[object] | None:
    drawn = rng.random()
    if second == FAILING or drawn < 0.6:
        return ["", 10_000 + rng.randrange(60), "UND_ERR_CONNECT_TIMEOUT"]
    return [503, 80 + rng.randrange(90), "Service Unavailable"] if drawn < 0.92 else None


def _minutes(rng: random.Random) -> list[list[object]]:
    rows = []
    for minute in range(SECONDS // 60):
        for service, usual in REQUESTS.items():
            requests = rng.randint(usual // 2, usual * 3 // 2)
            failed = int(rng.random() < 0.02)
            if service == "/api/checkout" and minute >= NOTICED:
                failed = sum(rng.random() < 0.7 for _ in range(requests))
            if requests:
                rows.append([minute * 60, service, requests, min(failed, requests)])
    return rows


def _write(name: str, header: str, rows: list[list[object]]) -> None:
    with Path(__file__).with_name(name).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header.split(","))
        for second, *rest in rows:
            when = BEGIN + timedelta(seconds=second)
            writer.writerow([when.strftime("%Y-%m-%dT%H:%M:%SZ"), *rest])


def main() -> None:
    """Write both samples beside this script."""
    rng = random.Random(20261120)  # noqa: S311 - reproducible, not secret
    calls = "called_at,service,dependency,status,duration_ms,error"
    _write("dependency_calls.csv", calls, _calls(rng))
    _write("service_metrics.csv", "minute,service,requests,failed_requests", _minutes(rng))


if __name__ == "__main__":
    main()
