"""The drift analysis gives known answers on known data, and one message on bad data."""

from __future__ import annotations

import csv
import gzip
import itertools
import json
import math
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

np = pytest.importorskip("numpy")
pytest.importorskip("pandas")
pytest.importorskip("matplotlib")

PACK = packs.LIBRARY / "jupyter-keys/jupyter-data-drift-analysis"
RECONCILIATION = packs.LIBRARY / "jupyter-keys/jupyter-stripe-subscription-reconciliation"
SAMPLES = PACK / "sample" / "discrepancies.csv", PACK / "sample" / "history.csv"
TYPES = (
    "missing_in_database", "missing_in_stripe", "status_mismatch", "metadata_mismatch",
    "owner_mismatch", "orphaned", "duplicate",
)  # fmt: skip
BEGIN = datetime(2026, 10, 1, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def key() -> Iterator[SimpleNamespace]:
    names = ("table_columns", "key_results", "drift_input", "temporal_scan", "drift_stretch")
    with packs.imported(PACK, *names, "drift_analysis", "drift_report") as namespace:
        yield namespace


def analysed(key: SimpleNamespace, report: Path, history: Path | None, **options: Any) -> Any:
    zone = options.get("time_zone", "UTC")
    known = key.load_history(history, zone) if history else None
    return key.analyse(key.load_report(report, zone), known, **options)


def values(key: SimpleNamespace, report: Path, history: Path | None, **options: Any) -> Any:
    """Run the whole analysis and return the results by name."""
    document = key.results(analysed(key, report, history, **options))
    assert document["schema"] == "keys.result/1"
    return {row["name"]: row["value"] for row in document["results"]}


def iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def table(path: Path, header: str, rows: list[tuple[Any, ...]]) -> Path:
    return packs.table(path, header, rows)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def drawn(tmp_path: Path, pattern: str, minutes: int = 30) -> tuple[Path, Path]:
    """Write a history with a change every so many minutes, of which each x drifted."""
    moments = [iso(BEGIN + timedelta(minutes=minutes * i)) for i in range(len(pattern))]
    changes = [(f"sub_{i}", moment) for i, moment in enumerate(moments)]
    drifted = [(f"sub_{i}", "status_mismatch", moments[i])
               for i, mark in enumerate(pattern) if mark == "x"]  # fmt: skip
    return (
        table(tmp_path / "report.csv", "subscription_id,type,differs_since", drifted),
        table(tmp_path / "history.csv", "subscription_id,changed_at", changes),
    )


def moment_of(position: int, minutes: int = 30) -> str:
    return iso(BEGIN + timedelta(minutes=minutes * position))


# --- known answers ----------------------------------------------------------------------------


def test_sample_tells_its_story(key: SimpleNamespace) -> None:
    report, history = map(read, SAMPLES)
    release, made = "2026-11-17T14:20:00Z", "2026-11-20T06:00:00Z"
    late = [r for r in report if r["differs_since"] >= release]
    changed = [r for r in history if r["changed_at"] >= release]
    recent = [r for r in report if r["differs_since"] > "2026-11-19T06:00:00Z"]
    kinds = Counter(r["type"] for r in report)

    got = values(key, *SAMPLES, as_of=made)

    assert got["drift_began"] == min(r["differs_since"] for r in late)
    assert got["drift_began"] == min(r["changed_at"] for r in changed)
    assert (got["drift_ended"], got["drift_significant"], got["p_value"]) == (None, True, 0.001)
    assert got["affected_records"] == len({r["subscription_id"] for r in report}) == 88
    assert got["recent_drift"] == len(recent)
    before = len(report) - len(late)
    assert got["drift_rate_before"] == round(100 * before / (3000 - len(changed)), 2)
    assert got["drift_rate_after"] == round(100 * len(late) / len(changed), 2)
    assert got["drifting_most"] == kinds.most_common(1)[0][0]
    assert {t: got[f"drift_{t}"] for t in TYPES} == {t: kinds.get(t, 0) for t in TYPES}
    assert (got["drift_other_types"], got["undated_records"]) == (0, 0)


def test_sample_is_what_its_generator_makes(tmp_path: Path) -> None:
    script = shutil.copy(PACK / "sample" / "make_sample.py", tmp_path)
    subprocess.run([sys.executable, script], check=True)
    for path in SAMPLES:
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()
        assert path.stat().st_size < 500_000


@pytest.mark.parametrize("history", [True, False])
def test_healthy_report_has_only_its_header(
    key: SimpleNamespace, tmp_path: Path, history: bool
) -> None:
    header = SAMPLES[0].read_text(encoding="utf-8").splitlines()[0]
    report = tmp_path / "discrepancies.csv"
    report.write_text(header + "\n", encoding="utf-8")
    drift = analysed(key, report, SAMPLES[1] if history else None)
    rows = {row["name"]: row for row in key.results(drift)["results"]}
    counts = ("affected_records", "recent_drift", "discrepancies")
    assert [(rows[n]["value"], rows[n]["ok"]) for n in counts] == [(0, True)] * 3
    assert [rows[f"drift_{t}"]["value"] for t in TYPES] == [0] * len(TYPES)
    assert (rows["drift_began"]["value"], rows["drift_significant"]["value"]) == (None, False)
    assert "Nothing drifted" in key.summary(drift)
    for draw in (key.plot_over_time, key.plot_rate, key.plot_types):
        (axes,) = draw(drift).axes
        assert axes.get_title()
        assert axes.get_xlabel()
        assert axes.get_ylabel()


@pytest.mark.parametrize(
    ("pattern", "began", "ended"),
    [
        ("." * 400 + "xx.x" * 20, 400, None),
        ("." * 400 + "x" * 30 + "." * 300, 400, 429),
        ("x" * 40 + "." * 600, 0, 39),
        ("...x" + "." * 496 + "x.xx" * 20 + "...", 500, None),
        ("." * 300 + "x" * 12 + "." * 200 + "x" * 60, 512, None),
        ("." * 150 + "x" * 8, 150, None),
    ],
)
def test_stretches(
    key: SimpleNamespace, tmp_path: Path, pattern: str, began: int, ended: int | None
) -> None:
    got = values(key, *drawn(tmp_path, pattern))
    assert got["drift_significant"] is True
    assert got["drift_began"] == moment_of(began)
    assert got["drift_ended"] == (None if ended is None else moment_of(ended))
    hits = [i for i, mark in enumerate(pattern) if mark == "x"]
    early = [i for i in hits if i < began]
    assert got["drift_rate_before"] == (round(100 * len(early) / began, 2) if began else None)
    stop = len(pattern) if ended is None else ended + 1
    inside = [i for i in hits if began <= i < stop]
    assert got["drift_rate_after"] == round(100 * len(inside) / (stop - began), 2)


@pytest.mark.parametrize(
    "pattern", ["." * 40 + "x" + "." * 60, ("." * 30 + "x") * 20, "x" * 40, "x", ".x"]
)
def test_chance_is_no_beginning(key: SimpleNamespace, tmp_path: Path, pattern: str) -> None:
    drift = analysed(key, *drawn(tmp_path, pattern))
    stretch = drift.stretch
    assert stretch.beyond_chance is False
    assert iso(stretch.began) == moment_of(pattern.index("x"))
    assert stretch.ended is None
    assert stretch.rate_before is None
    assert stretch.rate_during == round(100 * pattern.count("x") / len(pattern), 2)
    assert "as chance spreads them" in key.summary(drift)


def test_false_alarms_are_as_rare_as_promised(key: SimpleNamespace) -> None:
    rng = random.Random(11)
    alarms = 0
    for _ in range(60):
        hits = [int(rng.random() < 0.2) for _ in range(40)]
        found = key.scan_trials(hits, [1] * len(hits))
        alarms += found is not None and found.p_value <= 0.05
    # Binomial(60, 0.05): more than nine alarms happen once in a thousand times.
    assert alarms <= 9


def test_busy_days_are_no_drift_when_there_is_a_history(
    key: SimpleNamespace, tmp_path: Path
) -> None:
    quiet = [BEGIN + timedelta(hours=6 * i) for i in range(200)]
    busy = [quiet[-1] + timedelta(minutes=2 * i) for i in range(1, 1000)]
    changes = [(f"sub_{i}", iso(moment)) for i, moment in enumerate(quiet + busy)]
    report = table(tmp_path / "r.csv", "id,type,first_seen", [
        (name, "x", moment) for name, moment in changes[7::15]])  # fmt: skip
    history = table(tmp_path / "h.csv", "id,updated_at", changes)
    assert values(key, report, history)["drift_significant"] is False
    alone = analysed(key, report, None)
    assert (alone.stretch.beyond_chance, alone.unit) == (True, "records/day")


# --- the statistic, by other means ------------------------------------------------------------


def log_likelihood(hits: int, trials: int) -> float:
    if hits in (0, trials):
        return 0.0
    return hits * math.log(hits / trials) + (trials - hits) * math.log(1 - hits / trials)


@pytest.mark.parametrize("seed", range(6))
def test_scan_finds_the_best_stretch_of_all(key: SimpleNamespace, seed: int) -> None:
    rng = random.Random(seed)
    trials = [rng.randrange(1, 9) for _ in range(25)]
    hits = [sum(rng.random() < (0.6 if 10 <= i < 16 else 0.1) for _ in range(n))
            for i, n in enumerate(trials)]  # fmt: skip
    best = (0.0, (0, 0))
    for i, j in itertools.combinations(range(26), 2):
        c, n = sum(hits[i:j]), sum(trials[i:j])
        rest, left = sum(hits) - c, sum(trials) - n
        if left and c / n > rest / left:
            gain = log_likelihood(c, n) + log_likelihood(rest, left)
            best = max(best, (gain - log_likelihood(sum(hits), sum(trials)), (i, j)))
    found = key.scan_trials(hits, trials)
    assert found.gain == pytest.approx(best[0])
    assert (found.begin, found.end) == best[1]


def test_p_value_against_every_arrangement(key: SimpleNamespace) -> None:
    """Of two hits among eight trials every arrangement can be tried."""

    def best_gain(places: tuple[int, ...]) -> float:
        gains = [0.0]
        for i, j in itertools.combinations(range(9), 2):
            c, n = sum(i <= p < j for p in places), j - i
            if n < 8 and c / n > (2 - c) / (8 - n):
                apart = log_likelihood(c, n) + log_likelihood(2 - c, 8 - n)
                gains.append(apart - log_likelihood(2, 8))
        return max(gains)

    every = list(itertools.combinations(range(8), 2))
    for seen in ((6, 7), (2, 4), (0, 5)):
        as_good = sum(best_gain(each) >= best_gain(seen) - 1e-9 for each in every) / len(every)
        found = key.scan_trials([int(i in seen) for i in range(8)], [1] * 8)
        assert found.p_value == pytest.approx(as_good, abs=0.05)


def test_tails_against_sums(key: SimpleNamespace) -> None:
    exact = sum(math.comb(20, k) * 0.3**k * 0.7 ** (20 - k) for k in range(3))
    assert key._at_most(2, 20, 0.3) == pytest.approx(exact)
    assert key._at_most(0, 4, 1.0) == 0.0
    assert key._at_most(0, 0, 1.0) == 1.0
    assert key._at_most_poisson(1, 3.0) == pytest.approx(4 * math.exp(-3))


def test_groups_keep_equal_times_together(key: SimpleNamespace) -> None:
    times = np.repeat(np.arange(500), 3)
    cuts = key.groups_of(times)
    assert (cuts[0], cuts[-1]) == (0, 1500)
    assert len(cuts) <= 201
    assert all(cut % 3 == 0 for cut in cuts)
    assert list(key.groups_of(np.zeros(9))) == [0, 9]


# --- without a history ------------------------------------------------------------------------


def test_frequency_alone(key: SimpleNamespace, tmp_path: Path) -> None:
    old = [BEGIN + timedelta(days=3 * i, hours=5) for i in range(10)]
    new = [BEGIN + timedelta(days=40, minutes=45 * i) for i in range(60)]
    rows = [(f"r{i}", iso(moment)) for i, moment in enumerate(old + new)]
    report = table(tmp_path / "r.csv", "record_id,detected_at", rows)
    made = new[-1] + timedelta(minutes=45)
    drift = analysed(key, report, None, as_of=iso(made))
    assert (drift.unit, drift.changes, drift.drifting_most) == ("records/day", None,
                                                                     "unspecified")  # fmt: skip
    assert (iso(drift.stretch.began), drift.stretch.ended) == (iso(new[0]), None)
    assert drift.stretch.rate_before == round(10 / ((new[0] - old[0]) / timedelta(days=1)), 2)
    assert drift.stretch.rate_during == round(60 / ((made - new[0]) / timedelta(days=1)), 2)
    quiet = analysed(key, report, None, as_of=iso(made + timedelta(days=5)))
    assert iso(quiet.stretch.ended) == iso(new[-1])
    assert quiet.recent == 0


# --- records and phases -----------------------------------------------------------------------


def test_records_types_and_recent(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [
        ("a", "Status mismatch", "2026-11-01T00:00:00Z"),
        ("a", "statusMismatch", "2026-11-02T00:00:00Z"),
        ("a", "Metadata mismatch", "2026-11-19T12:00:00Z"),
        ("b", "wrong colour", "2026-11-10T00:00:00Z"),
        ("c", "orphaned", ""),
    ]
    report = table(tmp_path / "r.csv", "record_id,type,first_seen", rows)
    drift = analysed(key, report, None, as_of="2026-11-20T00:00:00Z")
    got = {row["name"]: row["value"] for row in key.results(drift)["results"]}
    assert (got["affected_records"], got["discrepancies"], got["recent_drift"]) == (3, 5, 1)
    assert (got["drift_status_mismatch"], got["drift_other_types"]) == (2, 1)
    assert (got["undated_records"], got["drift_orphaned"]) == (1, 1)
    records = key.record_table(drift).set_index("record")
    assert records.loc["a", "types"] == "metadata_mismatch; status_mismatch"
    assert list(records["recent"]) == ["yes", "no", "no"]
    assert records.loc["c", "phase"] == "undated"
    assert values(key, report, None, as_of="2026-11-20T00:00:00Z", recent_hours=11)[
        "recent_drift"] == 0  # fmt: skip


def test_start_leaves_out_what_was_before(key: SimpleNamespace) -> None:
    report, history = map(read, SAMPLES)
    start = "2026-11-18T00:00:00Z"
    drift = analysed(key, *SAMPLES, start="2026-11-18 01:00", time_zone="Europe/Berlin")
    assert drift.affected == sum(r["differs_since"] >= start for r in report)
    assert drift.changes == sum(r["changed_at"] >= start for r in history)
    none = values(key, *SAMPLES, start="2027-01-01", as_of="2027-01-02")
    assert (none["affected_records"], none["recent_drift"]) == (0, 0)


def test_a_discrepancy_without_a_time_takes_its_records(
    key: SimpleNamespace, tmp_path: Path
) -> None:
    report = table(tmp_path / "r.csv", "id,type,differs_since",
                   [("a", "x", ""), ("b", "x", "2026-11-03T00:00:00Z")])  # fmt: skip
    history = table(tmp_path / "h.csv", "id,changed_at",
                    [("a", "2026-11-02T00:00:00Z"), ("b", "2026-11-03T00:00:00Z")])  # fmt: skip
    got = values(key, report, history)
    assert (got["drift_began"], got["undated_records"]) == ("2026-11-02T00:00:00Z", 0)


def test_every_moment_of_a_history_is_a_change(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [
        ("a", "2026-01-01", "2026-11-01"),
        ("b", "2026-01-02", "2026-11-02"),
        ("c", "2026-01-03", "2026-01-03"),
        ("d", "2026-01-04", ""),
        ("", "2026-01-05", "2026-01-06"),
    ]
    history = table(tmp_path / "h.csv", "id,created,updated_at", rows)
    report = table(
        tmp_path / "r.csv", "id,differs_since", [("b", "2026-01-02"), ("z", "2026-02-01")]
    )
    drift = analysed(key, report, history)
    # a twice, c and d once; b drifted from the start and counts once; z is known to the report only.
    assert drift.changes == 6
    assert int(drift.by_period["drifted"].sum()) == 2
    assert any("1 records of the report are not in the history" in note for note in drift.notes)


def test_a_history_of_strangers_is_left_out(key: SimpleNamespace, tmp_path: Path) -> None:
    report = table(tmp_path / "r.csv", "id,differs_since", [("a", "2026-11-01")])
    drift = analysed(key, report, SAMPLES[1])
    assert drift.changes is None
    assert any("knows none of the records" in note for note in drift.notes)


def test_one_row_and_all_at_once(key: SimpleNamespace, tmp_path: Path) -> None:
    for count in (1, 30):
        rows = [(f"r{i}", "x", "2026-11-01 10:00:00") for i in range(count)]
        report = table(tmp_path / f"{count}.csv", "id,type,differs_since", rows)
        got = values(key, report, None)
        assert (got["affected_records"], got["drift_significant"]) == (count, False)
        assert got["drift_began"] == "2026-11-01T10:00:00Z"


def test_the_repeated_hour_of_a_clock_change(key: SimpleNamespace, tmp_path: Path) -> None:
    clock = ["01:45", "02:15", "02:45", "02:15", "02:45", "03:15"]
    rows = [(f"r{i}", "x", f"2026-10-25 {time}:00") for i, time in enumerate(clock)]
    report = table(tmp_path / "dst.csv", "id,type,differs_since", rows)
    drift = analysed(key, report, None, time_zone="Europe/Berlin")
    want = ["24T23:45", "25T00:15", "25T00:45", "25T01:15", "25T01:45", "25T02:15"]
    assert [iso(since) for since in drift.records["since"]] == [f"2026-10-{t}:00Z" for t in want]


@pytest.mark.parametrize("packed", [False, True])
def test_formats_agree(key: SimpleNamespace, tmp_path: Path, packed: bool) -> None:
    report, history = map(read, SAMPLES)
    lines = "\n".join(json.dumps({"recordId": r["subscription_id"], "mismatchType": r["type"],
                                  "firstSeen": r["differs_since"]}) for r in report)  # fmt: skip
    stamps = [{"id": r["subscription_id"], "updated": int(datetime.fromisoformat(
        r["changed_at"].replace("Z", "+00:00")).timestamp())} for r in history]  # fmt: skip
    paths = []
    for name, text in (("r", lines), ("h", json.dumps({"object": "list", "data": stamps}))):
        data = text.encode()
        paths.append(tmp_path / name)
        paths[-1].write_bytes(gzip.compress(data) if packed else data)
    assert values(key, *paths) == values(key, *SAMPLES)


# --- both keys together -----------------------------------------------------------------------


def test_reconciliation_feeds_drift(key: SimpleNamespace, tmp_path: Path) -> None:
    samples = [RECONCILIATION / "sample" / f"{s}_subscriptions.csv" for s in ("stripe", "database")]
    modules = ("subscription_exports", "subscription_differences", "reconciliation_report")
    with packs.imported(RECONCILIATION, "key_results", *modules) as other:
        stripe, database = (other.load_side(path, path.stem.split("_")[0]) for path in samples)
        same = tmp_path / "same.csv"
        same.write_bytes(samples[0].read_bytes() + b"\n")
        for name, side in (("drifted", database), ("healthy", other.load_side(same, "database"))):
            found = other.artifacts(stripe, side, other.reconcile(stripe, side))
            other.write_artifacts(tmp_path / name, found)
    as_of = "2026-11-20T06:00:00Z"
    got = values(key, tmp_path / "drifted" / "discrepancies.csv", samples[0], as_of=as_of)
    rows = read(tmp_path / "drifted" / "discrepancies.csv")
    late = [r["differs_since"] for r in rows if r["differs_since"] >= "2026-11-17T14:20:00Z"]
    assert (got["discrepancies"], got["affected_records"]) == (46, 46)
    assert (got["drift_began"], got["drift_significant"]) == (min(late), True)
    assert got["recent_drift"] == sum(t > "2026-11-19T06:00:00Z" for t in late)
    assert got["drift_other_types"] == 0
    got = values(key, tmp_path / "healthy" / "discrepancies.csv", samples[0], as_of=as_of)
    assert (got["affected_records"], got["recent_drift"]) == (0, 0)


# --- bad input --------------------------------------------------------------------------------

GOOD = "id,type,differs_since\na,x,2026-01-01 00:00:00\n"
BAD = {
    **packs.unreadable(GOOD),
    "no record": (b"type,differs_since\nx,2026-01-01\n", "no column holds the record"),
    "no time": (b"id,type\na,x\n", "no column holds the time"),
    "mixed zones": (GOOD.encode() + b"a,x,2026-01-01T00:00:00Z\n", "time zones are mixed"),
    "bad time": (GOOD.encode() + b"a,x,2026-13-01 00:00:00\n", "data row 2"),
    "two readings": (GOOD.replace("2026-01-01", "01/02/2026").encode(), "read two ways"),
    "not json": (b'{"id": 1,\n "type": }', "line 2, column"),
}


@pytest.mark.parametrize("load", ["load_report", "load_history"])
@pytest.mark.parametrize("name", BAD)
def test_bad_input_ends_in_one_readable_message(
    key: SimpleNamespace, tmp_path: Path, name: str, load: str
) -> None:
    data, told = BAD[name]
    packs.one_message(
        key,
        tmp_path / "drift.csv",
        (data.replace(b"differs_since", b"changed_at"), told),
        getattr(key, load),
    )


def test_another_empty_table_is_no_clean_report(key: SimpleNamespace, tmp_path: Path) -> None:
    path = table(tmp_path / "other.csv", "name,amount", [])
    with pytest.raises(key.InputProblem, match="this is no discrepancy report"):
        key.load_report(path)
    with pytest.raises(key.InputProblem, match="there are no changes"):
        key.load_history(path)


def test_bad_parameters(key: SimpleNamespace, tmp_path: Path) -> None:
    with pytest.raises(key.InputProblem, match="no such file"):
        key.load_report(tmp_path / "none.csv")
    with pytest.raises(key.InputProblem, match="names no time zone"):
        key.load_history(SAMPLES[1], "Mars/Olympus")
    for name, value in (("as_of", "now"), ("recent_hours", 0), ("significance", 0.0)):
        with pytest.raises(key.InputProblem, match=f"^{name}: "):
            analysed(key, *SAMPLES, **{name: value})


# --- the pack and its notebook ----------------------------------------------------------------


def test_artifacts_are_the_same_every_time(key: SimpleNamespace, tmp_path: Path) -> None:
    def write_artifacts(folder: Path) -> list[Path]:
        report, history = key.load_report(SAMPLES[0]), key.load_history(SAMPLES[1])
        drift = key.analyse(report, history)
        return key.write_artifacts(folder, key.artifacts(report, history, drift))

    written = packs.same_twice(tmp_path, write_artifacts)
    records = packs.table_rows(written["drifted_records.csv"])
    assert len(records) == 88
    assert Counter(r["phase"] for r in records) == {"before": 32, "during": 56}
    document = json.loads(written["summary.json"])
    assert sum(period["drifted"] for period in document["by_period"]) == 88
    assert sum(period["changes"] for period in document["by_period"]) == 3000


@pytest.mark.parametrize("history", [SAMPLES[1].name, None])
def test_notebook_runs(tmp_path: Path, history: str | None) -> None:
    given = history and f"sample/{history}"
    ran = packs.run_notebook(packs.assembled(PACK, tmp_path / "run"), ".", history_csv=given)
    assert ran.rows["drift_began"]["value"] == "2026-11-17T14:36:03Z"
    assert (ran.rows["affected_records"]["value"], ran.rows["affected_records"]["ok"]) == (
        88,
        False,
    )
    assert ran.rows["drift_rate_after"]["unit"] == ("%" if history else "records/day")
    labels = {row["label"] for row in ran.rows.values()}
    assert {"Drift began", "Recent drift", "Affected records"} < labels
    assert "Recent drift: " in ran.text
    assert ran.plots == 3
    assert ran.artifacts == ["drifted_records.csv", "report.md", "summary.json"]
