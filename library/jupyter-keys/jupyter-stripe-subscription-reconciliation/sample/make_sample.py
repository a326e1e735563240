"""Make both sample files again, byte for byte: two sides that drift apart after a release.

Stripe has 1,400 subscriptions. Until 17 November 2026, 14:20 UTC, the database follows, apart from
six old slips. Then a release drops part of the webhooks, and 40 changes are missed in three days.
"""

from __future__ import annotations

import csv
import random
import uuid
from datetime import datetime, timedelta
from pathlib import Path

EXPORTED = datetime(2026, 11, 20, 6, 0, 0)
BROKEN = datetime(2026, 11, 17, 14, 20, 0)
SUBSCRIPTIONS = 1400
PRICES = ["price_basic_monthly", "price_team_monthly", "price_team_yearly", "price_pro_monthly"]
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghijkmnpqrstuvwxyz"
STRIPE = [
    "subscription_id", "customer_id", "status", "price_id", "quantity", "cancel_at_period_end",
    "current_period_end", "user_id", "created", "changed_at",
]  # fmt: skip
DATABASE = [*STRIPE[:8], "created_at", "updated_at"]
# What happens to the database's copy, oldest victims first: six slips of a year, then the release.
OLD = ["price", "seats", "canceled", "missing", "gone", "owner"]
NEW = (
    ["missing"] * 10 + ["canceled"] * 11 + ["unpaid"] * 2 + ["reactivated"] * 4 + ["past_due"] * 3
    + ["price"] * 5 + ["seats"] * 3 + ["cancel"] * 2
)  # fmt: skip


def _id(rng: random.Random, prefix: str) -> str:
    return prefix + "".join(rng.choices(LETTERS, k=16))


def _subscription(rng: random.Random, changed: datetime) -> dict[str, object]:
    """Draw one healthy subscription whose last change is known."""
    price = rng.choices(PRICES, [45, 30, 10, 15])[0]
    period = timedelta(days=365 if price.endswith("yearly") else 30)
    status = rng.choices(["active", "trialing", "past_due", "canceled"], [78, 6, 3, 13])[0]
    age = timedelta(days=rng.randrange(0, 400), seconds=rng.randrange(86400))
    return {
        "subscription_id": _id(rng, "sub_"),
        "customer_id": _id(rng, "cus_"),
        "status": status,
        "price_id": price,
        "quantity": rng.choices([1, 2, 3, 5, 10], [70, 12, 8, 6, 4])[0],
        "cancel_at_period_end": "true" if rng.random() < 0.05 else "false",
        "current_period_end": changed + period,
        "user_id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "created": changed - age,
        "changed_at": changed,
    }


def _moments(rng: random.Random) -> list[datetime]:
    """Draw when each subscription changed last: most in the last month, at no pace of its own."""
    days = sorted(rng.uniform(0.02, 30) for _ in range(SUBSCRIPTIONS))
    return [(EXPORTED - timedelta(days=day)).replace(microsecond=0) for day in reversed(days)]


def _spoil(rng: random.Random, kind: str, ours: dict[str, object], copy: dict[str, object]) -> None:
    """Let Stripe's side move, and the database's copy stay as it was before."""
    copy["changed_at"] = max(ours["created"], ours["changed_at"] - timedelta(days=30))
    ours["status"] = copy["status"] = "active"
    if kind in ("canceled", "unpaid", "past_due"):
        ours["status"] = kind
    elif kind == "reactivated":
        copy["status"] = "canceled"
    elif kind == "price":
        ours["price_id"] = next(p for p in PRICES if p != ours["price_id"])
    elif kind == "seats":
        ours["quantity"] = int(copy["quantity"]) + rng.randrange(1, 6)
    elif kind == "cancel":
        ours["cancel_at_period_end"], copy["cancel_at_period_end"] = "true", "false"
    elif kind == "owner":
        copy["user_id"] = ""
    elif kind == "missing":
        ours["created"] = ours["changed_at"]


def _sides(rng: random.Random) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    everything = [_subscription(rng, moment) for moment in _moments(rng)]
    early = [i for i, s in enumerate(everything) if s["changed_at"] < BROKEN]
    late = [i for i, s in enumerate(everything) if s["changed_at"] >= BROKEN]
    # The first change after the release is a missed one: that is when the drift began.
    after = [late[0], *sorted(rng.sample(late[1:], len(NEW) - 1))]
    kinds = rng.sample(NEW, len(NEW))
    victims = dict(zip(rng.sample(early, len(OLD)) + after, OLD + kinds, strict=True))
    stripe, database = [], []
    for at, ours in enumerate(everything):
        kind, copy = victims.get(at, ""), dict(ours)
        if kind:
            _spoil(rng, kind, ours, copy)
        copy["changed_at"] += timedelta(seconds=rng.randrange(1, 15))
        if kind != "gone":
            stripe.append(ours)
        if kind != "missing":
            database.append(copy)
    return stripe, database


def _write(name: str, header: list[str], rows: list[dict[str, object]], times: str) -> None:
    path = Path(__file__).with_name(name)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            cells = [row[column] for column in STRIPE]
            shown = [c.strftime(times) if isinstance(c, datetime) else c for c in cells]
            writer.writerow(shown)


def main() -> None:
    """Write both files beside this script, as the runbook's commands export them."""
    rng = random.Random(20261120)  # noqa: S311 - reproducible, not secret
    stripe, database = _sides(rng)
    stripe.sort(key=lambda row: row["created"], reverse=True)
    database.sort(key=lambda row: str(row["subscription_id"]))
    _write("stripe_subscriptions.csv", STRIPE, stripe, "%Y-%m-%dT%H:%M:%SZ")
    _write("database_subscriptions.csv", DATABASE, database, "%Y-%m-%d %H:%M:%S+00")


if __name__ == "__main__":
    main()
