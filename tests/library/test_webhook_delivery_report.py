"""The delivery report counts the phases of known incidents, and finds what was never delivered."""

from __future__ import annotations

import csv
import gzip
import json
import random
import shutil
import statistics
import subprocess
import sys
from collections import Counter, defaultdict
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

PACK = Path(__file__).parents[2] / "library/jupyter-keys/jupyter-webhook-delivery-report"
SAMPLE = PACK / "sample" / "webhook_logs_final.csv"
HEADER = "event_id,event_type,created,http_status,duration_ms,error"
BEGIN = datetime(2026, 6, 1, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def key() -> Iterator[SimpleNamespace]:
    names = ("delivery_phases", "delivery_advice", "delivery_report")
    with packs.imported(PACK, *names) as namespace:
        yield namespace


def values(key: SimpleNamespace, path: Path, time_zone: str = "UTC", **options: Any) -> Any:
    report = key.report_on(key.load_log(path, time_zone), time_zone=time_zone, **options)
    return packs.values_of(key.results(report))


def log(path: Path, rows: list[tuple[Any, ...]], header: str = HEADER) -> Path:
    return packs.table(path, header, rows)


def at(minute: float) -> str:
    return (BEGIN + timedelta(minutes=minute)).isoformat()


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def ok(minute: float, event: str | None = None, kind: str = "a.b") -> tuple[Any, ...]:
    return (event or f"evt_{minute}", kind, at(minute), 200, 90, "")


def bad(minute: float, event: str | None = None, kind: str = "a.b") -> tuple[Any, ...]:
    return (event or f"evt_{minute}", kind, at(minute), 500, 90, "handler raised")


# --- known answers ----------------------------------------------------------------------------


def test_sample_tells_its_story(key: SimpleNamespace) -> None:
    with SAMPLE.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    times = [datetime.fromisoformat(row["created"] + ":00") for row in rows]
    failed = [row["http_status"] != "200" for row in rows]
    began = datetime(2026, 11, 20, 23, 10, tzinfo=timezone.utc)
    lasts = [t for t, row in zip(times, rows, strict=True) if row["error"] == "Timed out"]
    ended = min(t for t in times if t > max(lasts))
    phases: dict[str, Counter[bool]] = defaultdict(Counter)
    for t, f in zip(times, failed, strict=True):
        phases["before" if t < began else "during" if t < ended else "after"][f] += 1
        phases["last"][f] += t >= max(times) - timedelta(hours=24)
    first: dict[str, datetime] = {}
    took: dict[str, float] = {}
    for t, f, row in zip(times, failed, rows, strict=True):
        event = row["event_id"]
        if f:
            first.setdefault(event, t)
        elif event in first:
            took.setdefault(event, (t - first[event]).total_seconds() / 60)

    got = values(key, SAMPLE)

    assert (got["incident_began"], got["incident_ended"]) == (stamp(began), stamp(ended))
    assert 90 <= got["incident_minutes"] < 91
    for phase in ("before", "during", "after"):
        counts = phases[phase]
        assert (got[f"succeeded_{phase}"], got[f"failed_{phase}"]) == (counts[False], counts[True])
        rate = 100 * counts[False] / counts.total()
        assert got[f"success_rate_{phase}"] == pytest.approx(rate, abs=0.01)
    last = phases["last"]
    assert (got["deliveries_last_24_hours"], got["failed_last_24_hours"]) == (
        last.total(),
        last[True],
    )
    assert got["success_rate_last_24_hours"] == pytest.approx(
        100 * last[False] / last.total(), abs=0.01
    )
    assert (got["failed_events"], got["recovered_events"]) == (len(first), len(took))
    assert got["failed_events_without_later_success"] == len(first) - len(took) == 0
    assert got["median_recovery"] == pytest.approx(statistics.median(took.values()), abs=0.06)
    assert got["longest_recovery"] == pytest.approx(max(took.values()), abs=0.06)
    assert got["report_as_expected"] is True
    assert got["timeout_errors"] == len(lasts)
    assert got["processing_errors"] == sum("reset" in row["error"] for row in rows)
    assert (got["signature_errors"], got["other_errors"]) == (0, 0)
    assert (got["affected_types"], got["failing_most"]) == (1, "invoice.paid")


def test_sample_is_what_its_generator_makes(tmp_path: Path) -> None:
    script = shutil.copy(PACK / "sample" / "make_sample.py", tmp_path)
    subprocess.run([sys.executable, script], check=True)
    assert (tmp_path / SAMPLE.name).read_bytes() == SAMPLE.read_bytes()
    assert SAMPLE.stat().st_size < 500_000


def test_healthy_log(key: SimpleNamespace, tmp_path: Path) -> None:
    path = log(tmp_path / "healthy.csv", [ok(3 * i) for i in range(960)])
    got = values(key, path)
    assert (got["success_rate_last_24_hours"], got["report_as_expected"]) == (100.0, True)
    assert (got["incident_began"], got["incident_minutes"]) == (None, None)
    assert (got["succeeded_before"], got["succeeded_during"], got["failed_after"]) == (960, 0, 0)
    assert (got["success_rate_during"], got["affected_types"], got["failing_most"]) == (
        None, 0, None,
    )  # fmt: skip
    assert (got["failed_events"], got["median_recovery"], got["recommendations"]) == (0, None, 0)
    # 24 hours of one delivery each 3 minutes, both ends counted
    assert got["deliveries_last_24_hours"] == 481
    report = key.report_on(key.load_log(path))
    assert "Nothing to do." in key.advice_table(report)["recommendation"].iloc[0]
    assert "No incident" in key.summary(report)


def test_unrecovered_events_against_plain_loops(key: SimpleNamespace, tmp_path: Path) -> None:
    rng = random.Random(5)
    rows, failed, done = [], set(), set()
    for minute in range(3000):
        event = f"evt_{rng.randrange(1800)}"
        fails = rng.random() < 0.4
        rows.append((bad if fails else ok)(minute, event))
        (failed if fails else done).add(event)
    data = key.load_log(log(tmp_path / "random.csv", rows))
    report = key.report_on(data)
    assert set(report.unrecovered["event_id"]) == failed - done
    assert report.recovery["failed_events"] == len(failed)
    assert report.recovery["recovered_events"] == len(failed & done)
    rate = 100 * sum(row[3] == 200 for row in rows) / 3000
    assert report.whole.success_rate == pytest.approx(rate, abs=0.01)
    kinds = key.advise(report)
    assert [advice.urgency for advice in kinds][:2] == ["now", "now"]
    assert f"{len(failed - done):,} events never succeeded" in kinds[1].why


def test_success_outside_the_period_counts(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [bad(0, "evt_x"), *[ok(i) for i in range(1, 60)], ok(90, "evt_x")]
    path = log(tmp_path / "later.csv", rows)
    got = values(key, path, end=at(60))
    assert (got["failed_events"], got["failed_events_without_later_success"]) == (1, 0)
    assert got["longest_recovery"] == 90.0


def test_two_endpoints_are_followed_apart(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [(*bad(0, "evt_x"), "https://a.example"), (*ok(1, "evt_x"), "https://b.example")]
    path = log(tmp_path / "two.csv", rows, f"{HEADER},endpoint")
    assert values(key, path)["failed_events_without_later_success"] == 1


# --- the incident's bounds --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "began", "ended"),
    [
        ("." * 300 + "x" * 50 + "." * 300, 300, 350),
        ("." * 300 + "x" * 50, 300, None),
        ("." * 300 + "x" * 50 + "..", 300, None),
        ("." * 300 + ("x" * 30 + "." * 90) * 3 + "." * 300, 300, 570),
        ("." * 300 + "x" * 50 + "." * 200 + "x" + "." * 200, 300, 350),
        ("." * 100 + "x" + "." * 300, None, None),
        ("x" * 50, None, None),
        ("x" * 50 + "." * 500, 0, 50),
        ("." * 50, None, None),
    ],
)
def test_incident_bounds(
    key: SimpleNamespace, tmp_path: Path, pattern: str, began: int | None, ended: int | None
) -> None:
    rows = [(bad if c == "x" else ok)(i) for i, c in enumerate(pattern)]
    got = values(key, log(tmp_path / "bounds.csv", rows))
    want = [None if i is None else stamp(BEGIN + timedelta(minutes=i)) for i in (began, ended)]
    assert [got["incident_began"], got["incident_ended"]] == want
    phases = [got[f"{what}_{p}"] for p in ("before", "during", "after")
              for what in ("succeeded", "failed")]  # fmt: skip
    assert sum(phases) == len(pattern)


def test_given_bounds_win(key: SimpleNamespace, tmp_path: Path) -> None:
    path = log(tmp_path / "given.csv", [(bad if 30 <= i < 40 else ok)(i) for i in range(90)])
    got = values(key, path, incident_start=at(20), incident_end=at(50))
    assert [got[f"{w}_{p}"] for p in ("before", "during", "after")
            for w in ("succeeded", "failed")] == [20, 0, 20, 10, 40, 0]  # fmt: skip
    assert got["incident_minutes"] == 30.0
    with pytest.raises(key.InputProblem, match="it is not after the start"):
        values(key, path, incident_start=at(50), incident_end=at(20))
    with pytest.raises(key.InputProblem, match="incident_start: the parameter is no time"):
        values(key, path, incident_start="last night")


# --- edges ------------------------------------------------------------------------------------


def test_last_24_hours_end_where_the_period_ends(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [bad(i) for i in range(60)] + [ok(i) for i in range(60, 1500)]
    path = log(tmp_path / "day.csv", rows)
    assert values(key, path, end=at(1500))["failed_last_24_hours"] == 0
    assert values(key, path, end=at(1470))["failed_last_24_hours"] == 30
    silent = values(key, path, end=at(9000))
    assert (silent["success_rate_last_24_hours"], silent["deliveries_last_24_hours"]) == (None, 0)
    assert silent["report_as_expected"] is False
    report = key.report_on(key.load_log(path), end=at(9000))
    assert any("nothing of the last 24 hours" in note for note in report.notes)
    assert "no delivery in the last 24 hours" in key.summary(report)


def test_day_of_a_clock_change_has_25_hours(key: SimpleNamespace, tmp_path: Path) -> None:
    clock = ["2026-10-24 23:59:00", "2026-10-25 00:30:00", "2026-10-25 02:30:00",
             "2026-10-25 02:15:00", "2026-10-25 23:59:00"]  # fmt: skip
    rows = [(f"evt_{i}", "a.b", time, 200, 90, "") for i, time in enumerate(clock)]
    got = values(key, log(tmp_path / "dst.csv", rows), "Europe/Berlin")
    # 23:59 CET less 24 hours is 00:59 CEST: the row at 00:30 is older.
    assert got["deliveries_last_24_hours"] == 3


def test_one_row_and_all_pending(key: SimpleNamespace, tmp_path: Path) -> None:
    got = values(key, log(tmp_path / "one.csv", [bad(0)]))
    assert (got["success_rate"], got["failed_events_without_later_success"]) == (0.0, 1)
    assert got["report_as_expected"] is False
    rows = [("evt_1", "a.b", at(0), "pending")] * 3
    path = log(tmp_path / "pending.csv", rows, "event_id,event_type,created,status")
    data = key.load_log(path)
    report = key.report_on(data)
    assert report.whole.success_rate is None
    key.write_artifacts(data, report, tmp_path / "out")
    for draw in (key.plot_phases, key.plot_over_time, key.plot_by_type):
        assert draw(report).axes[0].get_title()


def test_without_event_ids_nobody_knows(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [row[1:] for row in (bad(0), ok(1))]
    got = values(key, log(tmp_path / "ids.csv", rows, HEADER.partition(",")[2]))
    assert got["failed_events_without_later_success"] is None
    assert (got["failed_events"], got["report_as_expected"]) == (None, False)
    rows = [ok(i)[1:] for i in range(40)]
    got = values(key, log(tmp_path / "fine.csv", rows, HEADER.partition(",")[2]))
    assert (got["report_as_expected"], got["recommendations"]) == (None, 1)


def test_rows_without_a_time_are_left_out(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [ok(0), ok(1), ("evt_9", "a.b", "", 500, 90, "")]
    report = key.report_on(key.load_log(log(tmp_path / "blank.csv", rows)))
    assert (report.whole.deliveries, report.whole.failed) == (2, 0)
    assert "1 rows have no time and are left out." in report.notes


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [(400, "signature mismatch", "signing secret"), ("", "timed out", "background job"),
     (500, "handler raised", "the handler's most frequent"), (404, "", "what stands before")],
)  # fmt: skip
def test_advice_follows_the_cause(
    key: SimpleNamespace, tmp_path: Path, status: Any, error: str, words: str
) -> None:
    fails = [(f"evt_b{i}", "a.b", at(300 + i), status, 90, error) for i in range(50)]
    rows = [*[ok(i) for i in range(300)], *fails, *[ok(i) for i in range(350, 2500)]]
    report = key.report_on(key.load_log(log(tmp_path / "cause.csv", rows)))
    told = [advice for advice in key.advise(report) if words in advice.what]
    assert len(told) == 1
    assert told[0].why.startswith("50 of 50 failures")


# --- formats and bad input --------------------------------------------------------------------


def test_json_lines_packed(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [bad(0, "evt_x"), ok(5, "evt_x")]
    lines = [json.dumps({"eventId": e, "eventType": k, "timestamp": t, "statusCode": s, "error": m})
             for e, k, t, s, _, m in rows]  # fmt: skip
    path = tmp_path / "log.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    got = values(key, path)
    assert (got["deliveries"], got["median_recovery"]) == (2, 5.0)


GOOD = f"{HEADER}\nevt_1,a.b,2026-01-01 00:00:00,200,90,\n"
BAD = {
    **packs.unreadable(GOOD),
    "header only": (f"{HEADER}\n".encode(), "there are no deliveries"),
    "no time": (GOOD.replace("created", "x").encode(), "no column holds the time"),
    "no status": (GOOD.replace("http_status", "x").encode(), "no column holds the status"),
    "mixed zones": (GOOD.encode() + b"evt_2,a.b,2026-01-01T00:00:00Z,200,1,\n", "zones are mixed"),
    "api events": (
        b'{"data": [{"id": "evt_1", "type": "a.b", "created": 1780000000, "pending_webhooks": 0}]}',
        "is no delivery log",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_ends_in_one_message(key: SimpleNamespace, tmp_path: Path, name: str) -> None:
    message = packs.one_message(key, tmp_path / "webhooks.csv", BAD[name], key.load_log)
    assert any(word in message for word in ("psql", "UTF-8", "in UTC"))


def test_period_without_deliveries(key: SimpleNamespace) -> None:
    with pytest.raises(key.InputProblem, match="no delivery lies in the period"):
        values(key, SAMPLE, start="2027-01-01")


# --- the pack and its notebook ----------------------------------------------------------------


def test_artifacts_are_the_same_every_time(key: SimpleNamespace, tmp_path: Path) -> None:
    path = log(tmp_path / "lost.csv", [bad(0, "evt_x"), *[ok(i) for i in range(1, 50)]])
    data = key.load_log(path)
    written = packs.same_twice(
        tmp_path, lambda folder: key.write_artifacts(data, key.report_on(data), folder)
    )
    (row,) = packs.table_rows(written["unrecovered.csv"])
    assert (row["event_id"], row["first_failed"]) == ("evt_x", stamp(BEGIN))
    document = json.loads(written["summary.json"])
    assert sum(hour["deliveries"] for hour in document["by_hour"]) == 50
    assert document["recommendations"][0]["when"] == "now"


def test_notebook_runs(tmp_path: Path) -> None:
    pack = packs.assembled(PACK, tmp_path / "run")
    run = packs.run_notebook(pack, start="2026-11-20 22:10:00 UTC", expected_success_rate=99.9)
    rate = run.rows["success_rate_last_24_hours"]
    assert rate["expected"] == {"op": ">=", "value": 99.9}
    assert (rate["ok"], run.rows["report_as_expected"]["value"]) == (False, False)
    assert run.rows["failed_events_without_later_success"]["ok"] is True
    assert "Success rate of the last 24 hours: 99.57 % (expected >= 99.9 %) NOT OK" in run.text
    assert run.plots == 3
    assert run.artifacts == ["report.md", "summary.json", "unrecovered.csv"]
