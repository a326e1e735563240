"""The subscription reconciliation gives known answers on known data, and one message on bad data."""

from __future__ import annotations

import csv
import gzip
import json
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import library_pack as packs
import pytest

pytest.importorskip("pandas")
pytest.importorskip("matplotlib")

PACK = Path(__file__).parents[2] / "library/jupyter-keys/jupyter-stripe-subscription-reconciliation"
SAMPLES = [PACK / "sample" / f"{side}_subscriptions.csv" for side in ("stripe", "database")]
LIVE = {"active", "trialing", "past_due"}
ENDED = {"canceled", "incomplete_expired"}
STATUSES = [*sorted(LIVE), *sorted(ENDED), "incomplete", "unpaid", "paused"]
COUNTS = {
    "missing_in_database": "missing_in_database",
    "missing_in_stripe": "missing_in_stripe",
    "status_mismatch": "status_mismatches",
    "metadata_mismatch": "metadata_mismatches",
    "owner_mismatch": "owner_mismatches",
    "orphaned": "orphaned_subscriptions",
    "duplicate": "duplicate_subscriptions",
}
LABELS = {
    "Discrepancies", "Discrepancy rate", "Missing in database", "Missing in Stripe",
    "Status mismatches", "Metadata mismatches", "Owner mismatches", "Orphaned subscriptions",
    "Duplicate subscriptions", "Paying without access", "Access without payment",
}  # fmt: skip


@pytest.fixture(scope="module")
def key() -> Iterator[SimpleNamespace]:
    names = ("table_times", "table_columns", "key_results", "subscription_exports")
    with packs.imported(
        PACK, *names, "subscription_differences", "reconciliation_report"
    ) as namespace:
        yield namespace


def reconciled(key: SimpleNamespace, stripe: Path, database: Path, **options: Any) -> Any:
    zone = {"time_zone": options["time_zone"]} if "time_zone" in options else {}
    sides = [key.load_side(stripe, "stripe", **zone), key.load_side(database, "database", **zone)]
    return key.reconcile(*sides, **options)


def values(key: SimpleNamespace, stripe: Path, database: Path, **options: Any) -> dict[str, Any]:
    """Run the whole reconciliation and return the results by name."""
    document = key.results(reconciled(key, stripe, database, **options))
    assert document["schema"] == "keys.result/1"
    return {row["name"]: row["value"] for row in document["results"]}


def table(path: Path, rows: list[dict[str, Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def row(number: int, **changes: Any) -> dict[str, Any]:
    """Give a healthy subscription."""
    return {
        "subscription_id": f"sub_{number:04}",
        "customer_id": f"cus_{number:04}",
        "status": "active",
        "price_id": "price_basic",
        "quantity": 1,
        "cancel_at_period_end": "false",
        "current_period_end": "2026-12-01T00:00:00Z",
        "user_id": f"user-{number}",
        "created": "2026-01-01T00:00:00Z",
        "changed_at": "2026-11-01T00:00:00Z",
        **changes,
    }


def by_loops(ours: list[dict[str, str]], theirs: list[dict[str, str]]) -> dict[str, int]:
    """Count everything again, one subscription after the other."""
    stripe = {r["subscription_id"]: r for r in ours}
    database = {r["subscription_id"]: r for r in theirs}
    n: Counter[str] = Counter()
    affected = set()
    for name in stripe.keys() | database.keys():
        s, d, kinds = stripe.get(name), database.get(name), []
        if d is None:
            kinds.append("missing_in_database")
            n["pays"] += s["status"] in LIVE
        elif s is None:
            kinds += ["missing_in_stripe"] if d["status"] not in ENDED else []
            n["has"] += d["status"] in LIVE
        else:
            kinds += ["status_mismatch"] if s["status"] != d["status"] else []
            n["pays"] += s["status"] in LIVE and d["status"] not in LIVE
            n["has"] += d["status"] in LIVE and s["status"] not in LIVE
            moment = "current_period_end"
            same = s[moment][:19].replace("T", " ") == d[moment][:19].replace("T", " ")
            fields = ("price_id", "quantity", "cancel_at_period_end")
            if not same or any(str(s[f]) != str(d[f]) for f in fields):
                kinds.append("metadata_mismatch")
            if s["user_id"] and d["user_id"] and s["user_id"] != d["user_id"]:
                kinds.append("owner_mismatch")
        if d is not None and d["status"] in LIVE and not d["user_id"]:
            kinds.append("orphaned")
        affected |= {name} if kinds else set()
        n.update(kinds)
    n["affected"], n["all"] = len(affected), len(stripe.keys() | database.keys())
    return n


def agrees(got: dict[str, Any], counted: dict[str, int]) -> None:
    assert {kind: got[name] for kind, name in COUNTS.items()} == {k: counted[k] for k in COUNTS}
    assert got["paying_without_access"] == counted["pays"]
    assert got["access_without_payment"] == counted["has"]
    in_order = {
        "missing_in_database": counted["missing_in_database"],
        "paying_without_access": counted["pays"],
        "metadata_mismatches": counted["metadata_mismatch"],
        "missing_in_stripe": counted["missing_in_stripe"],
        "access_without_payment": counted["has"],
        "status_mismatches": counted["status_mismatch"],
        "orphaned_subscriptions": counted["orphaned"],
        "owner_mismatches": counted["owner_mismatch"],
    }
    assert got["first_to_repair"] == next((name for name, n in in_order.items() if n), None)
    assert got["discrepancies"] == counted["affected"]
    assert got["compared"] == counted["all"]
    exact = 100 * counted["affected"] / counted["all"]
    assert exact <= got["discrepancy_rate"] < exact + 0.0100001


# --- known answers ----------------------------------------------------------------------------


def test_sample_tells_its_story(key: SimpleNamespace) -> None:
    counted = by_loops(*map(read, SAMPLES))
    got = values(key, *SAMPLES)
    agrees(got, counted)
    assert (got["discrepancies"], got["compared"]) == (46, 1400)
    found = reconciled(key, *SAMPLES).rows["differs_since"]
    late = found >= key.pd.Timestamp("2026-11-17T14:20:00Z")
    assert int(late.sum()) == 40


def test_sample_is_what_its_generator_makes(tmp_path: Path) -> None:
    script = shutil.copy(PACK / "sample" / "make_sample.py", tmp_path)
    subprocess.run([sys.executable, script], check=True)
    for path in SAMPLES:
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()
        assert path.stat().st_size < 500_000


def test_both_sides_agree(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [row(i, status=STATUSES[i % len(STATUSES)]) for i in range(300)]
    stripe = table(tmp_path / "s.csv", rows)
    found = reconciled(key, stripe, table(tmp_path / "d.csv", rows[::-1]))
    results = key.results(found)["results"]
    counts = [r for r in results if r["expected"]]
    assert {r["label"] for r in results} > LABELS
    assert [r["value"] for r in counts] == [0] * len(counts)
    assert all(r["ok"] is True for r in counts)
    assert key.artifacts(*(key.load_side(stripe, "stripe"),) * 2, found)["discrepancies.csv"].empty


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_against_plain_loops(key: SimpleNamespace, tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    choices = {
        "status": STATUSES, "price_id": ["price_a", "price_b"], "quantity": [1, 2, 10],
        "cancel_at_period_end": ["true", "false"], "user_id": ["", "user-1", "user-2"],
        "current_period_end": ["2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"],
    }  # fmt: skip
    ours, theirs = [], []
    for i in range(800):
        s = row(i, **{name: rng.choice(some) for name, some in choices.items()})
        d = {**s, **{n: rng.choice(some) for n, some in choices.items() if rng.random() < 0.1}}
        ours += [s] if rng.random() > 0.08 else []
        theirs += [d] if rng.random() > 0.08 else []
    rng.shuffle(theirs)
    sides = table(tmp_path / "s.csv", ours), table(tmp_path / "d.csv", theirs)
    agrees(values(key, *sides), by_loops(ours, theirs))


def test_one_row_each_and_nothing_in_common(key: SimpleNamespace, tmp_path: Path) -> None:
    sides = table(tmp_path / "s.csv", [row(1)]), table(tmp_path / "d.csv", [row(2)])
    got = values(key, *sides)
    assert (got["missing_in_database"], got["missing_in_stripe"]) == (1, 1)
    assert (got["paying_without_access"], got["access_without_payment"]) == (1, 1)
    assert (got["discrepancy_rate"], got["orphaned_subscriptions"]) == (100.0, 0)
    assert any("No id is on both sides" in note for note in reconciled(key, *sides).notes)


def test_a_side_may_hold_only_ended_rows(key: SimpleNamespace, tmp_path: Path) -> None:
    old = [row(i, status=status, user_id="") for i, status in enumerate(sorted(ENDED))]
    sides = table(tmp_path / "s.csv", [row(9)]), table(tmp_path / "d.csv", [*old, row(9)])
    assert values(key, *sides)["discrepancies"] == 0


def test_duplicates(key: SimpleNamespace, tmp_path: Path) -> None:
    newest = row(1, status="canceled", changed_at="2026-11-02T00:00:00Z")
    theirs = [newest, row(1), row(1), row(2), row(3), row(3)]
    ours = [{**newest, "quantity": "1.0"}, row(2), row(3)]
    got = values(key, table(tmp_path / "s.csv", ours), table(tmp_path / "d.csv", theirs))
    assert (got["duplicate_subscriptions"], got["discrepancies"]) == (2, 2)
    assert got["database_subscriptions"] == 3
    twice = table(tmp_path / "t.csv", [row(1), row(1)]), table(tmp_path / "o.csv", [row(1)])
    rows = reconciled(key, *twice).rows
    assert list(rows["type"]) == ["duplicate"]
    assert list(rows["stripe_value"]) == ["on several rows"]


def test_rate_is_never_rounded_down(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [row(i) for i in range(3000)]
    other = [{**rows[0], "status": "unpaid"}, *rows[1:]]
    got = values(key, table(tmp_path / "s.csv", rows), table(tmp_path / "d.csv", other))
    assert got["discrepancy_rate"] == 0.04


def test_orphans(key: SimpleNamespace, tmp_path: Path) -> None:
    ours = [row(i, user_id="") for i in range(5)]
    theirs = [*ours[:3], {**ours[3], "status": "canceled"}, row(7, user_id="")]
    sides = table(tmp_path / "s.csv", ours), table(tmp_path / "d.csv", theirs)
    got = values(key, *sides)
    assert got["orphaned_subscriptions"] == 4
    assert got["owner_mismatches"] == 0
    nobody = [{k: v for k, v in r.items() if k not in ("user_id", "customer_id")} for r in theirs]
    unknown = values(key, sides[0], table(tmp_path / "n.csv", nobody))
    assert unknown["orphaned_subscriptions"] is None


def test_owner_and_customer(key: SimpleNamespace, tmp_path: Path) -> None:
    capitals = "ABCDEF01-0000-4000-8000-000000000001"
    ours = [row(1), row(2), row(3, user_id=capitals), row(4, user_id="")]
    theirs = [row(1, user_id="user-9"), row(2, customer_id="cus_9"),
              row(3, user_id=capitals.lower()), row(4)]  # fmt: skip
    sides = table(tmp_path / "s.csv", ours), table(tmp_path / "d.csv", theirs)
    rows = reconciled(key, *sides).rows
    assert list(rows["subscription_id"]) == ["sub_0001", "sub_0002"]
    assert list(rows["field"]) == ["owner", "customer"]
    others = [{("org_id" if k == "user_id" else k): v for k, v in r.items()} for r in theirs[:1]]
    found = reconciled(key, sides[0], table(tmp_path / "o.csv", others))
    assert found.counts["owner_mismatch"] == 0
    assert any("Owners are not compared" in note for note in found.notes)


# --- settling and times -----------------------------------------------------------------------


def test_settling(key: SimpleNamespace, tmp_path: Path) -> None:
    moments = ["05:44:00", "05:50:00", "06:30:00", "07:30:00"]
    ours = [row(i, changed_at=f"2026-11-20T{m}Z") for i, m in enumerate(moments)]
    theirs = [row(i, status="unpaid") for i in range(4)]
    sides = table(tmp_path / "s.csv", ours), table(tmp_path / "d.csv", theirs)
    got = values(key, *sides, as_of="2026-11-20T06:00:00Z")
    assert (got["status_mismatches"], got["settling"]) == (2, 2)
    assert got["compared"] == 2
    got = values(key, *sides, as_of="2026-11-20 07:00", time_zone="Europe/Berlin",
                 settle_minutes=5)  # fmt: skip
    assert (got["status_mismatches"], got["settling"]) == (3, 1)
    assert values(key, *sides)["status_mismatches"] == 4
    notes = reconciled(key, *sides, as_of="2026-11-20T06:00:00Z").notes
    assert any("more than an hour after as_of" in note for note in notes)


def test_since_when_they_differ(key: SimpleNamespace, tmp_path: Path) -> None:
    ours = [row(1, status="unpaid", changed_at="2026-11-05T00:00:00Z"), row(2), row(3)]
    theirs = [row(1), row(2, quantity=3, changed_at="2026-11-07T10:00:00Z"), row(4)]
    found = reconciled(key, table(tmp_path / "s.csv", ours), table(tmp_path / "d.csv", theirs))
    since = found.rows.set_index("subscription_id")["differs_since"].map(key.utc).to_dict()
    assert since == {
        "sub_0001": "2026-11-05T00:00:00Z",
        "sub_0002": "2026-11-07T10:00:00Z",
        "sub_0003": "2026-01-01T00:00:00Z",
        "sub_0004": "2026-11-01T00:00:00Z",
    }


def test_the_repeated_hour_of_a_clock_change(key: SimpleNamespace, tmp_path: Path) -> None:
    ends = ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"]
    local = ["2026-10-25 02:30:00", "2026-10-25 02:30:00"]
    before = row(0, current_period_end="2026-10-25 02:45:00")
    ours = [row(0, current_period_end="2026-10-25T00:45:00Z"), *(
        row(i + 1, current_period_end=end) for i, end in enumerate(ends))]  # fmt: skip
    theirs = [row(1, current_period_end=local[0]), before, row(2, current_period_end=local[1])]
    sides = table(tmp_path / "s.csv", ours), table(tmp_path / "d.csv", theirs)
    assert values(key, *sides, time_zone="Europe/Berlin")["metadata_mismatches"] == 0
    assert values(key, *sides)["metadata_mismatches"] == 3


def test_seconds_do_not_matter(key: SimpleNamespace, tmp_path: Path) -> None:
    ours = [row(1, current_period_end="2026-12-01T00:00:00Z"), row(2, current_period_end="")]
    theirs = [row(1, current_period_end="2026-12-01T00:00:59Z"), row(2)]
    found = reconciled(key, table(tmp_path / "s.csv", ours), table(tmp_path / "d.csv", theirs))
    assert list(found.rows["subscription_id"]) == ["sub_0002"]
    assert list(found.rows["stripe_value"]) == ["(none)"]


# --- formats ----------------------------------------------------------------------------------

EPOCH = int(datetime(2026, 12, 1, tzinfo=timezone.utc).timestamp())
API = [
    {"id": f"sub_{i:04}", "object": "subscription", "customer": {"id": f"cus_{i:04}", "name": "x"}
     if i % 2 else f"cus_{i:04}", "status": "active", "cancel_at_period_end": False,
     "created": EPOCH - 9_000_000, "canceled_at": None,
     "metadata": {"user_id": f"user-{i}", "tier": "gold"},
     "items": {"object": "list", "data": [{"id": f"si_{i}", "quantity": 2,
               "price": {"id": "price_basic", "object": "price"}, "current_period_end": EPOCH,
               "current_period_start": EPOCH - 2_592_000}]}}
    for i in range(6)
]  # fmt: skip
DASHBOARD = (
    "id,Customer ID,Customer Email,Plan,Quantity,Status,Created (UTC),Current Period Start (UTC),"
    "Current Period End (UTC),Cancel At Period End,user_id (metadata),tier (metadata)\n"
    + "".join(
        f"sub_{i:04},cus_{i:04},a@example.com,price_basic,2,Active,2026-08-18 20:00,"
        f"2026-11-01 00:00,2026-12-01 00:00,false,user-{i},gold\n"
        for i in range(6)
    )
)
COPY = (
    "id,stripe_subscription_id,stripe_customer_id,user_id,status,price_id,quantity,"
    "cancel_at_period_end,current_period_end,created_at,updated_at,metadata\n"
    + "".join(
        f"{i},sub_{i:04},cus_{i:04},user-{i},{'past_due' if i == 1 else 'active'},price_basic,"
        f"{3 if i == 2 else 2},f,2026-12-01 00:00:00+00,2026-08-18 20:00:00.5+00,"
        f'2026-11-01 00:00:07+00,"{{""tier"": ""{"tin" if i == 3 else "gold"}""}}"\n'
        for i in range(6)
    )
)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    "stripe",
    [
        json.dumps({"object": "list", "data": API, "has_more": False}, indent=1),
        json.dumps(API),
        "\n".join(json.dumps(each) for each in API),
        DASHBOARD,
        DASHBOARD.replace(",", ";"),
    ],
    ids=["api list", "api array", "json lines", "dashboard", "semicolons"],
)
def test_formats_agree(key: SimpleNamespace, tmp_path: Path, stripe: str, packed: bool) -> None:
    data = stripe.encode()
    path = tmp_path / "stripe"
    path.write_bytes(gzip.compress(data) if packed else data)
    found = reconciled(key, path, write(tmp_path / "d.csv", COPY))
    told = found.rows[["subscription_id", "field", "database_value"]]
    assert list(told.itertuples(index=False, name=None)) == [
        ("sub_0001", "status", "past_due"),
        ("sub_0002", "quantity", "3"),
        ("sub_0003", "metadata.tier", "tin"),
    ]
    assert found.counts["owner_mismatch"] == 0


def test_words_for_the_same(key: SimpleNamespace, tmp_path: Path) -> None:
    words = ["Past due", "past_due", "pastDue".lower(), "Cancelled", "Trial", "incomplete expired"]
    same = ["past_due", "Past_Due", "past_due", "canceled", "trialing", "incomplete_expired"]
    ours = [row(i, status=w, cancel_at_period_end="t") for i, w in enumerate(words)]
    theirs = [row(i, status=w, cancel_at_period_end="True", quantity="1.0")
              for i, w in enumerate(same)]  # fmt: skip
    sides = table(tmp_path / "s.csv", ours), table(tmp_path / "d.csv", theirs)
    assert values(key, *sides)["discrepancies"] == 0


def test_metered_quantity_and_plan_names(key: SimpleNamespace, tmp_path: Path) -> None:
    ours = [row(i, quantity="", price_id="Team plan") for i in range(3)]
    sides = (
        table(tmp_path / "s.csv", [*ours, row(4, price_id="Pro")]),
        table(tmp_path / "d.csv", [row(0), row(1), row(2), row(4)]),
    )
    found = reconciled(key, *sides)
    assert found.discrepancies == 0
    assert any("Prices are not compared" in note for note in found.notes)


def test_ignored_fields(key: SimpleNamespace, tmp_path: Path) -> None:
    theirs = [row(1, quantity=5, price_id="price_z"), row(2, quantity=7)]
    sides = table(tmp_path / "s.csv", [row(1), row(2)]), table(tmp_path / "d.csv", theirs)
    assert values(key, *sides)["metadata_mismatches"] == 2
    assert values(key, *sides, ignore_fields="quantity")["metadata_mismatches"] == 1
    assert values(key, *sides, ignore_fields=" quantity , price")["metadata_mismatches"] == 0
    with pytest.raises(key.InputProblem, match="no such field"):
        reconciled(key, *sides, ignore_fields="amount")


def test_rows_without_an_id_are_told(key: SimpleNamespace, tmp_path: Path) -> None:
    theirs = [row(1), row(2, subscription_id="")]
    found = reconciled(key, table(tmp_path / "s.csv", [row(1)]), table(tmp_path / "d.csv", theirs))
    assert found.discrepancies == 0
    assert any("1 rows have no subscription id" in note for note in found.notes)


# --- bad input --------------------------------------------------------------------------------

GOOD = "id,status,created\nsub_1,active,2026-01-01\n"
BAD = {
    **packs.unreadable(GOOD),
    "header only": (b"id,status\n", "there are no subscriptions"),
    "no id": (b"name,status\nx,active\n", "no column holds the subscription"),
    "other ids": (GOOD.replace("sub_1", "17").encode(), "'id' holds '17'"),
    "no status": (b"id,created\nsub_1,2026-01-01\n", "no column holds the status"),
    "odd status": (GOOD.replace("active", "purple").encode(), "'status' holds 'purple'"),
    "mixed zones": (GOOD.encode() + b"sub_2,active,2026-01-01T00:00:00Z\n", "mixed"),
    "bad time": (GOOD.encode() + b"sub_2,active,2026-13-01\n", "data row 2"),
    "not json": (b'{"id": "sub_1",\n "status": }', "line 2, column"),
}


@pytest.mark.parametrize("side", ["stripe", "database"])
@pytest.mark.parametrize("name", BAD)
def test_bad_input_ends_in_one_readable_message(
    key: SimpleNamespace, tmp_path: Path, name: str, side: str
) -> None:
    message = packs.one_message(
        key, tmp_path / "subscriptions.csv", BAD[name], lambda path: key.load_side(path, side)
    )
    if name == "no id":
        assert ("psql" if side == "database" else "Stripe Dashboard") in message


def test_bad_parameters(key: SimpleNamespace, tmp_path: Path) -> None:
    with pytest.raises(key.InputProblem, match="both sides are one file"):
        reconciled(key, SAMPLES[0], SAMPLES[0])
    with pytest.raises(key.InputProblem, match="the parameter is no time"):
        reconciled(key, *SAMPLES, as_of="now")
    with pytest.raises(key.InputProblem, match="names no time zone"):
        key.load_side(SAMPLES[0], "stripe", "Mars/Olympus")
    with pytest.raises(key.InputProblem, match="no such file"):
        key.load_side(tmp_path / "none.csv", "stripe")


# --- the pack and its notebook ----------------------------------------------------------------


def test_artifacts_are_the_same_every_time(key: SimpleNamespace, tmp_path: Path) -> None:
    def write_artifacts(folder: Path) -> list[Path]:
        sides = [key.load_side(p, s) for p, s in zip(SAMPLES, ("stripe", "database"), strict=True)]
        return key.write_artifacts(folder, key.artifacts(*sides, key.reconcile(*sides)))

    written = packs.same_twice(tmp_path, write_artifacts)
    rows = packs.table_rows(written["discrepancies.csv"])
    assert len(rows) == 46
    assert len({(r["subscription_id"], r["discrepancy_type"]) for r in rows}) == 46
    moments = [datetime.strptime(r["differs_since"], "%Y-%m-%dT%H:%M:%SZ") for r in rows]
    assert max(moments) - min(moments) > timedelta(days=20)
    assert json.loads(written["summary.json"])["results"][0]["value"] == 46


def test_plots_of_nothing(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [row(1)]
    other = [row(1, created="2026-01-02T00:00:00Z")]
    found = reconciled(key, table(tmp_path / "s.csv", rows), table(tmp_path / "d.csv", other))
    for draw in (key.plot_types, key.plot_since):
        (axes,) = draw(found).axes
        assert axes.get_title()
        assert axes.get_xlabel()
        assert axes.get_ylabel()
    assert "**Both sides agree**" in key.summary(found)
    assert len(key.type_table(found)) == len(COUNTS)


def test_notebook_runs(tmp_path: Path) -> None:
    ran = packs.run_notebook(
        packs.assembled(PACK, tmp_path / "run"), "notebooks", as_of="2026-11-20T06:00Z"
    )
    counted = by_loops(*map(read, SAMPLES))
    agrees({name: r["value"] for name, r in ran.rows.items()}, counted)
    assert ran.rows["discrepancies"]["ok"] is False
    assert ran.rows["owner_mismatches"]["ok"] is True
    assert {r["label"] for r in ran.rows.values()} > LABELS
    assert "Discrepancies: 46 (expected == 0) NOT OK" in ran.text
    assert ran.plots == 2
    assert ran.artifacts == ["discrepancies.csv", "report.md", "summary.json"]
