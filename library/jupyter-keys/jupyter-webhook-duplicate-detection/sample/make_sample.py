"""Make webhook_attempts.csv again, byte for byte: a synthetic week whose last hour goes wrong.

Retries after failures and skipped repeats are healthy and happen all week. On the last evening
from 23:10 UTC `invoice.paid` takes longer than Stripe waits: the request is cut off but goes on,
Stripe tries again, and 24 events are processed twice, one of them three times.
"""

from __future__ import annotations

import csv
import random
from datetime import datetime, timedelta
from pathlib import Path

BEGIN = datetime(2026, 11, 14)
SLOW_FROM = 6 * 86_400 + 23 * 3_600 + 10 * 60
HEADER = [
    "attempt_id", "event_id", "event_type", "received_at", "http_status", "outcome",
    "duration_ms", "error",
]  # fmt: skip
WEIGHTS = {
    "charge.succeeded": 26,
    "payment_intent.succeeded": 24,
    "customer.subscription.updated": 16,
    "invoice.paid": 14,
    "invoice.finalized": 12,
    "checkout.session.completed": 6,
}
EVENTS, TWICE = 3_200, 24


def _moments(rng: random.Random) -> list[tuple[int, str]]:
    """Draw when which event first arrives: a week's traffic, then the billing run."""
    types, weights = list(WEIGHTS), list(WEIGHTS.values())
    week = [(rng.randrange(SLOW_FROM), t) for t in rng.choices(types, weights, k=EVENTS)]
    late = [(rng.randrange(SLOW_FROM, SLOW_FROM + 1_500), "invoice.paid") for _ in range(TWICE)]
    return sorted(week + late)


def _event(rng: random.Random, second: int) -> list[tuple[object, ...]]:
    """Return the attempts of one event as second, status, outcome, duration and error."""
    if second >= SLOW_FROM:
        first = (second, "", "processed", 20_400 + rng.randrange(6_000), "client closed request")
        again = second + 20 + rng.randrange(30, 90)
        return [first, (again, 200, "processed", 9_000 + rng.randrange(5_000), "")]
    took, luck = int(rng.lognormvariate(5.2, 0.45)), rng.random()
    if luck < 0.02:
        fixed = (second + rng.randrange(300, 3_900), 200, "processed", took, "")
        return [(second, 500, "failed", took, "Error: database connection reset"), fixed]
    attempts = [(second, 200, "processed", took, "")]
    if luck > 0.985:
        attempts.append((second + rng.randrange(5, 600), 200, "skipped", rng.randrange(8, 20), ""))
    return attempts


def main() -> None:
    """Write the sample beside this script, oldest attempt first."""
    rng = random.Random(20261120)  # noqa: S311 - reproducible, not secret
    rows = []
    worst = None
    for second, kind in _moments(rng):
        event = "evt_" + "".join(rng.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=12))
        attempts = _event(rng, second)
        if second >= SLOW_FROM and worst is None:
            worst = event
            attempts.append((attempts[-1][0] + 187, 200, "processed", 11_870, ""))
        rows += [(at, event, kind, *rest) for at, *rest in attempts]
    path = Path(__file__).with_name("webhook_attempts.csv")
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(HEADER)
        for number, (second, event, kind, *rest) in enumerate(sorted(rows, key=lambda r: r[0]), 1):
            when = (BEGIN + timedelta(seconds=second)).strftime("%Y-%m-%d %H:%M:%S+00")
            writer.writerow([880_000 + number, event, kind, when, *rest])


if __name__ == "__main__":
    main()
