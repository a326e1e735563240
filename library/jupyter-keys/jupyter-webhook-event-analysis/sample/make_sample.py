"""Make webhook_logs.csv again, byte for byte: a synthetic day that ends in an incident.

The day is healthy apart from five lone time-outs. At 23:00 UTC the nightly billing run starts and
`invoice.paid` gets slower; from 23:10 it times out. 5,000 deliveries, 435 failed: 91.3 %.
"""

from __future__ import annotations

import csv
import random
from datetime import datetime, timedelta
from pathlib import Path

DAY = datetime(2026, 11, 20)
BEGAN = 23 * 3600 + 10 * 60
HEADER = [
    "Event ID", "Event type", "Created (UTC)", "Delivery status",
    "HTTP status", "Response time (ms)", "Error",
]  # fmt: skip
WEIGHTS = {
    "charge.succeeded": 26,
    "payment_intent.succeeded": 24,
    "customer.subscription.updated": 16,
    "invoice.paid": 14,
    "invoice.finalized": 12,
    "checkout.session.completed": 6,
    "customer.created": 4,
    "charge.refunded": 2,
}
QUIET, BURST, TIMED_OUT, LONE = 4180, 820, 430, 5


def _moments(rng: random.Random) -> list[tuple[int, str]]:
    """Draw when which event is sent: a day's traffic, then the billing run of the last hour."""
    types, weights = list(WEIGHTS), list(WEIGHTS.values())
    quiet = [(rng.randrange(23 * 3600), t) for t in rng.choices(types, weights, k=QUIET)]
    burst = [(BEGAN, "invoice.paid")]
    burst += [(rng.randrange(BEGAN, 86400), "invoice.paid") for _ in range(TIMED_OUT + 39)]
    others = ["invoice.paid"] * 3 + ["invoice.finalized", "charge.succeeded"]
    while len(burst) < BURST:
        moment, kind = rng.randrange(23 * 3600, 86400), rng.choice(others)
        if kind != "invoice.paid" or moment < BEGAN:
            burst.append((moment, kind))
    return sorted(quiet + burst)


def _failing(rng: random.Random, moments: list[tuple[int, str]]) -> set[int]:
    """Choose which deliveries time out: 430 of the incident, its first among them, 5 before."""
    late = [i for i, (s, t) in enumerate(moments) if s >= BEGAN and t == "invoice.paid"]
    early = [i for i, (s, _) in enumerate(moments) if s < 22 * 3600]
    return {late[0], *rng.sample(late[1:], TIMED_OUT - 1), *rng.sample(early, LONE)}


def _row(rng: random.Random, second: int, kind: str, failed: bool) -> list[object]:
    event = "evt_" + "".join(rng.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=12))
    when = (DAY + timedelta(seconds=second)).strftime("%Y-%m-%d %H:%M:%S")
    if failed:
        waited = 20_000 + rng.randrange(40)
        return [event, kind, when, "Failed", "", waited, "Timed out waiting for a response"]
    took = int(rng.lognormvariate(5.2, 0.45))
    if kind == "invoice.paid" and second >= 23 * 3600:
        took += min(16_000, (second - 23 * 3600) * 16 + rng.randrange(900))
    return [event, kind, when, "Succeeded", 200, took, ""]


def main() -> None:
    """Write the sample beside this script, newest delivery first as Stripe exports it."""
    rng = random.Random(20261120)  # noqa: S311 - reproducible, not secret
    moments = _moments(rng)
    failing = _failing(rng, moments)
    rows = [_row(rng, s, t, i in failing) for i, (s, t) in enumerate(moments)]
    path = Path(__file__).with_name("webhook_logs.csv")
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(reversed(rows))


if __name__ == "__main__":
    main()
