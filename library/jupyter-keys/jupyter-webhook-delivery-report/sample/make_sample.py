"""Make webhook_logs_final.csv again, byte for byte: an incident, its end, and a quiet day after.

From 23:10 UTC `invoice.paid` times out, as the endpoint works before it answers. A fix is deployed at
00:40; Stripe's retries and resent events then succeed, and the 24 hours after are healthy again.
"""

from __future__ import annotations

import csv
import random
from datetime import datetime, timedelta
from pathlib import Path

BEGIN = datetime(2026, 11, 20, 22, 10)
BROKE, FIXED, LENGTH = 3_600, 9_000, 32 * 3_600
HEADER = ["event_id", "event_type", "created", "http_status", "duration_ms", "error"]
WEIGHTS = {
    "charge.succeeded": 26,
    "payment_intent.succeeded": 24,
    "customer.subscription.updated": 16,
    "invoice.paid": 14,
    "invoice.finalized": 12,
    "checkout.session.completed": 6,
}
QUIET, BILLING = 3_400, 420
# Stripe waits longer after each failure; somebody resends what is left after the fix.
PAUSES = (330, 1_800, 5_400)
RESENT = FIXED + 1_500


def _moments(rng: random.Random) -> list[tuple[int, str]]:
    """Draw when which event is sent first: even traffic, and the billing run while it is broken."""
    types, weights = list(WEIGHTS), list(WEIGHTS.values())
    quiet = [(rng.randrange(LENGTH), t) for t in rng.choices(types, weights, k=QUIET)]
    billing = [(rng.randrange(BROKE, FIXED), "invoice.paid") for _ in range(BILLING)]
    return sorted([*quiet, (BROKE, "invoice.paid"), *billing])


def _attempts(rng: random.Random, second: int, kind: str) -> list[tuple[int, int, int, str]]:
    """Return the attempts of one event as second, status, milliseconds and error."""
    took = int(rng.lognormvariate(5.2, 0.45))
    if not (kind == "invoice.paid" and BROKE <= second < FIXED):
        if rng.random() < 0.004:
            fixed = (second + 300 + rng.randrange(900), 200, took, "")
            return [(second, 500, took, "Error: database connection reset"), fixed]
        return [(second, 200, took, "")]
    attempts, at = [], second
    for pause in PAUSES:
        if at >= FIXED:
            break
        attempts.append((at, 504, 20_000 + rng.randrange(40), "Timed out"))
        at += pause + rng.randrange(60)
    return [*attempts, (min(at, RESENT + rng.randrange(900)), 200, took, "")]


def main() -> None:
    """Write the sample beside this script, oldest attempt first."""
    rng = random.Random(20261121)  # noqa: S311 - reproducible, not secret
    rows = []
    for second, kind in _moments(rng):
        event = "evt_" + "".join(rng.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=12))
        rows += [(at, event, kind, *rest) for at, *rest in _attempts(rng, second, kind)]
    path = Path(__file__).with_name("webhook_logs_final.csv")
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(HEADER)
        for second, event, kind, *rest in sorted(rows, key=lambda row: row[0]):
            when = (BEGIN + timedelta(seconds=second)).strftime("%Y-%m-%d %H:%M:%S+00")
            writer.writerow([event, kind, when, *rest])


if __name__ == "__main__":
    main()
