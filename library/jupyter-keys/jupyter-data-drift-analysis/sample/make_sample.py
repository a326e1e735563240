"""Make history.csv and discrepancies.csv again, byte for byte: drift that begins with a release.

3,000 subscriptions changed in sixty days. One change in a hundred or so was missed, until at 14:20
UTC on 17 November 2026 a release went out; from there on, one change in three is missed.
"""

from __future__ import annotations

import csv
import random
from datetime import datetime, timedelta
from pathlib import Path

MADE = datetime(2026, 11, 20, 6, 0, 0)
BROKEN = datetime(2026, 11, 17, 14, 20, 0)
RECORDS, SLIPS, MISSED = 3000, 32, 56
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghijkmnpqrstuvwxyz"
HEADER = [
    "subscription_id", "type", "field", "stripe_value", "database_value", "effect", "customer_id",
    "differs_since", "stripe_changed_at", "database_changed_at",
]  # fmt: skip
# Before the release slips are of any type; the release loses status changes above all.
KINDS = {
    "missing_in_database": ("status", "active", "", "paying without access"),
    "status_mismatch": ("status", "canceled", "active", "access without payment"),
    "metadata_mismatch": ("price", "price_team_monthly", "price_basic_monthly", ""),
    "orphaned": ("owner", "", "(none)", ""),
}
USUAL, BROKEN_KINDS = [25, 30, 35, 10], [20, 62, 18, 0]


def _id(rng: random.Random, prefix: str) -> str:
    return prefix + "".join(rng.choices(LETTERS, k=16))


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _discrepancy(rng: random.Random, record: str, moment: datetime) -> list[str]:
    weights = BROKEN_KINDS if moment >= BROKEN else USUAL
    kind = rng.choices(list(KINDS), weights)[0]
    field, ours, theirs, effect = KINDS[kind]
    before = "" if kind == "missing_in_database" else _iso(moment - timedelta(days=30))
    times = [_iso(moment), _iso(moment), before]
    return [record, kind, field, ours, theirs, effect, _id(rng, "cus_"), *times]


def _write(name: str, header: list[str], rows: list[list[str]]) -> None:
    path = Path(__file__).with_name(name)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main() -> None:
    """Write both files beside this script."""
    rng = random.Random(20261117)  # noqa: S311 - reproducible, not secret
    ages = sorted((rng.uniform(0.03, 60) for _ in range(RECORDS)), reverse=True)
    moments = [(MADE - timedelta(days=age)).replace(microsecond=0) for age in ages]
    records = [_id(rng, "sub_") for _ in moments]
    late = [i for i, moment in enumerate(moments) if moment >= BROKEN]
    # The first change after the release is a missed one: that is when the drift began.
    missed = {late[0], *rng.sample(late[1:], MISSED - 1), *rng.sample(range(late[0]), SLIPS)}
    _write("history.csv", ["subscription_id", "changed_at"],
           [[records[i], _iso(moment)] for i, moment in enumerate(moments)])  # fmt: skip
    rows = [_discrepancy(rng, records[i], moments[i]) for i in sorted(missed)]
    rows.sort(key=lambda row: (list(KINDS).index(row[1]), row[0]))
    _write("discrepancies.csv", HEADER, rows)


if __name__ == "__main__":
    main()
