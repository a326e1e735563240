"""The duplicate detection finds double processing, and nothing that is a normal redelivery."""

from __future__ import annotations

import csv
import json
import random
import shutil
import statistics
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import library_pack as packs
import pytest

pytest.importorskip("pandas")
pytest.importorskip("matplotlib")

PACK = Path(__file__).parents[2] / "library/jupyter-keys/jupyter-webhook-duplicate-detection"
SAMPLE = PACK / "sample" / "webhook_attempts.csv"
ATTEMPTS = "event_id,event_type,received_at,http_status,outcome"
RUNBOOK = "event_id,event_type,created,http_status"


@pytest.fixture(scope="module")
def key() -> Iterator[SimpleNamespace]:
    with packs.imported(PACK, "webhook_duplicates", "webhook_duplicates_report") as namespace:
        yield namespace


def values(key: SimpleNamespace, path: Path, time_zone: str = "UTC", **options: Any) -> Any:
    found = key.find_duplicates(key.load_attempts(path, time_zone), time_zone=time_zone, **options)
    return packs.values_of(key.results(found))


def log(path: Path, header: str, rows: list[tuple[Any, ...]]) -> Path:
    return packs.table(path, header, rows)


# --- known answers ----------------------------------------------------------------------------


def test_sample_tells_its_story(key: SimpleNamespace) -> None:
    done = defaultdict(list)
    attempts: Counter[str] = Counter()
    with SAMPLE.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            attempts[row["event_id"]] += 1
            if row["outcome"] == "processed":
                done[row["event_id"]].append(
                    datetime.strptime(row["received_at"] + "00", "%Y-%m-%d %H:%M:%S%z")
                )
    twice = {event: times for event, times in done.items() if len(times) > 1}
    repeats = sorted(t for times in twice.values() for t in times[1:])
    gaps = [(b - a).total_seconds() for times in twice.values() for a, b in pairwise(times)]
    assert (len(twice), len(repeats)) == (24, 25)

    assert values(key, SAMPLE) == {
        "duplicate_events": 24,
        "duplicate_deliveries": 25,
        "events": len(attempts),
        "attempts": sum(attempts.values()),
        "affected_types": 1,
        "most_affected_type": "invoice.paid",
        "worst_event": max(twice, key=lambda event: len(twice[event])),
        "worst_event_times": 3,
        "first_duplicate": repeats[0].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "last_duplicate": repeats[-1].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "shortest_gap": min(gaps),
        "median_gap": statistics.median(gaps),
        "longest_gap": max(gaps),
        "redelivered_events": sum(n > 1 for n in attempts.values()) - len(twice),
        "possible_duplicates": 0,
    }


def test_sample_is_what_its_generator_makes(tmp_path: Path) -> None:
    script = shutil.copy(PACK / "sample" / "make_sample.py", tmp_path)
    subprocess.run([sys.executable, script], check=True)
    assert (tmp_path / "webhook_attempts.csv").read_bytes() == SAMPLE.read_bytes()
    assert SAMPLE.stat().st_size < 500_000


def test_retries_and_skipped_repeats_are_healthy(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = []
    for i in range(300):
        event, day = f"evt_{i:04}", f"2026-03-{1 + i // 30:02}"
        if i % 5 == 0:
            rows.append((event, "invoice.paid", f"{day}T10:00:00Z", 500, "failed"))
        rows.append((event, "invoice.paid", f"{day}T11:00:00Z", 200, "processed"))
        if i % 7 == 0:
            rows.append((event, "invoice.paid", f"{day}T12:00:00Z", 200, "skipped"))
    got = values(key, log(tmp_path / "healthy.csv", ATTEMPTS, rows))
    again = sum(i % 5 == 0 or i % 7 == 0 for i in range(300))
    assert (got["duplicate_events"], got["duplicate_deliveries"]) == (0, 0)
    assert (got["events"], got["redelivered_events"]) == (300, again)
    assert (got["worst_event"], got["first_duplicate"], got["median_gap"]) == (None, None, None)
    assert (got["affected_types"], got["most_affected_type"]) == (0, None)


@pytest.mark.parametrize("repeat", ["skipped", "Duplicate", "ignored", "already processed"])
def test_words_for_skipping(key: SimpleNamespace, tmp_path: Path, repeat: str) -> None:
    rows = [("evt_1", "a.b", "2026-01-01 10:00:00", 200, "processed"),
            ("evt_1", "a.b", "2026-01-01 10:05:00", 200, repeat)]  # fmt: skip
    assert values(key, log(tmp_path / "s.csv", ATTEMPTS, rows))["duplicate_events"] == 0


def test_processed_in_spite_of_no_answer(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [("evt_1", "a.b", "2026-01-01 10:00:00", "", "processed"),
            ("evt_1", "a.b", "2026-01-01 10:01:00", 200, "processed"),
            ("evt_2", "a.b", "2026-01-01 10:00:00", 504, "processed"),
            ("evt_2", "a.b", "2026-01-01 10:00:02", 200, "processed")]  # fmt: skip
    data = key.load_attempts(log(tmp_path / "n.csv", ATTEMPTS, rows))
    found = key.find_duplicates(data)
    assert len(found.table) == 2
    counts = found.patterns["duplicate deliveries"]
    assert (counts["after no answer"], counts["at the same time"]) == (1, 1)


def test_the_runbooks_export_counts_every_row(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [(f"evt_{i}", "invoice.paid", f"2026-11-20 23:{i:02}:00.123+00", 200) for i in range(50)]
    clean = log(tmp_path / "processed_attempts.csv", RUNBOOK, rows)
    assert values(key, clean)["duplicate_events"] == 0
    rows[10] = ("evt_10", "invoice.paid", "2026-11-20 23:10:00.123+00", "")
    rows.append(("evt_10", "invoice.paid", "2026-11-20 23:55:00+00", 200))
    got = values(key, log(tmp_path / "twice.csv", RUNBOOK, rows))
    assert (got["duplicate_events"], got["worst_event"]) == (1, "evt_10")
    assert got["first_duplicate"] == "2026-11-20T23:55:00Z"
    as_deliveries = values(key, tmp_path / "twice.csv", rows_are="deliveries")
    assert (as_deliveries["duplicate_events"], as_deliveries["possible_duplicates"]) == (0, 1)


def test_random_log_against_plain_loops(key: SimpleNamespace, tmp_path: Path) -> None:
    rng = random.Random(11)
    begin = datetime(2026, 5, 1, tzinfo=timezone.utc)
    moments = rng.sample(range(900_000), 4000)
    rows, done, kinds = [], defaultdict(list), {}
    for moment in moments:
        number = rng.randrange(2500)
        event, kind = f"evt_{number}", ["a.b", "c.d", "e.f"][number % 3]
        kinds[event] = kind
        outcome = rng.choice(["processed", "processed", "skipped", "failed"])
        when = begin + timedelta(seconds=moment)
        rows.append((event, kind, when.isoformat(), 500 if outcome == "failed" else 200, outcome))
        if outcome == "processed":
            done[event].append(moment)
    twice = {event: sorted(times) for event, times in done.items() if len(times) > 1}
    by_type = Counter(kinds[event] for event in twice)
    gaps = [b - a for times in twice.values() for a, b in pairwise(times)]
    first = min(times[1] for times in twice.values())

    got = values(key, log(tmp_path / "random.csv", ATTEMPTS, rows))

    assert got["duplicate_events"] == len(twice)
    assert got["duplicate_deliveries"] == sum(len(times) - 1 for times in twice.values())
    assert got["events"] == len(kinds)
    assert got["most_affected_type"] == by_type.most_common(1)[0][0]
    assert got["worst_event_times"] == max(map(len, twice.values()))
    assert got["first_duplicate"] == (begin + timedelta(seconds=first)).strftime(
        "%Y-%m-%dT%H:%M:%SZ"
    )
    assert (got["shortest_gap"], got["longest_gap"]) == (min(gaps), max(gaps))
    assert got["median_gap"] == statistics.median(gaps)


# --- edges ------------------------------------------------------------------------------------


def test_one_row(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [("evt_1", "a.b", "2026-01-01 00:00:00", 200, "processed")]
    path = log(tmp_path / "one.csv", ATTEMPTS, rows)
    got = values(key, path)
    assert (got["duplicate_events"], got["events"], got["attempts"]) == (0, 1, 1)
    data = key.load_attempts(path)
    found = key.find_duplicates(data)
    assert "**No event was processed more than once**" in key.summary(found)
    for draw in (key.plot_gaps, key.plot_over_time):
        assert draw(found).axes[0].get_title()


def test_all_duplicates(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [("evt_1", "a.b", "2026-01-01 00:00:00", 200, "processed")] * 40
    data = key.load_attempts(log(tmp_path / "all.csv", ATTEMPTS, rows))
    found = key.find_duplicates(data)
    assert (len(found.table), len(found.repeats), found.events) == (1, 39, 1)
    assert found.gaps["duplicate deliveries"]["under 5 s"] == 39
    assert any("39 repeats have the very same time" in note for note in found.notes)


def test_an_attempt_exported_twice_is_one(key: SimpleNamespace, tmp_path: Path) -> None:
    header = f"attempt_id,{ATTEMPTS}"
    rows = [(7, "evt_1", "a.b", "2026-01-01 00:00:00", 200, "processed"),
            (8, "evt_2", "a.b", "2026-01-01 00:00:09", 200, "processed")] * 2  # fmt: skip
    got = values(key, log(tmp_path / "overlap.csv", header, rows))
    assert (got["duplicate_events"], got["attempts"]) == (0, 2)


def test_two_endpoints_get_an_event_once_each(key: SimpleNamespace, tmp_path: Path) -> None:
    header = f"{ATTEMPTS},endpoint"
    rows = [("evt_1", "a.b", "2026-01-01 00:00:00", 200, "processed", url)
            for url in ("https://a.example/hook", "https://b.example/hook")]  # fmt: skip
    assert values(key, log(tmp_path / "two.csv", header, rows))["duplicate_events"] == 0
    rows.append((*rows[0][:2], "2026-01-01 01:00:00", *rows[0][3:]))
    got = values(key, log(tmp_path / "three.csv", header, rows))
    assert (got["duplicate_events"], got["longest_gap"]) == (1, 3600.0)


def test_gap_over_a_clock_change(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [("evt_1", "a.b", "2026-03-29 01:30:00", 200, "processed"),
            ("evt_1", "a.b", "2026-03-29 03:30:00", 200, "processed")]  # fmt: skip
    path = log(tmp_path / "dst.csv", ATTEMPTS, rows)
    assert values(key, path, "Europe/Berlin")["longest_gap"] == 3600.0
    assert values(key, path)["longest_gap"] == 7200.0


def test_rows_without_an_event_id_are_left_out(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [("", "a.b", "2026-01-01 00:00:00", 400, "failed")] * 5
    rows.append(("evt_1", "a.b", "2026-01-01 00:00:00", 200, "processed"))
    found = key.find_duplicates(key.load_attempts(log(tmp_path / "blank.csv", ATTEMPTS, rows)))
    assert (found.events, found.attempts) == (1, 1)
    assert "5 rows name no event and are left out." in found.notes


def test_period(key: SimpleNamespace) -> None:
    assert values(key, SAMPLE, end="2026-11-20 23:10:00 UTC")["duplicate_events"] == 0
    late = values(key, SAMPLE, start="2026-11-20T23:10:00Z")
    assert late["duplicate_events"] == 24
    with pytest.raises(key.InputProblem, match="no attempt lies in the period"):
        values(key, SAMPLE, start="2027-01-01")
    with pytest.raises(key.InputProblem, match="the parameter is no time"):
        values(key, SAMPLE, start="now")


# --- formats and bad input --------------------------------------------------------------------


def test_json_lines_and_the_dashboards_words(key: SimpleNamespace, tmp_path: Path) -> None:
    records = [{"event": {"id": "evt_1", "type": "a.b"}, "timestamp": f"2026-01-01T0{h}:00:00Z",
                "response": {"status": s}} for h, s in ((1, 500), (2, 200), (3, 200))]  # fmt: skip
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(json.dumps(r) for r in records), encoding="utf-8")
    assert values(key, path, rows_are="deliveries")["duplicate_deliveries"] == 1
    header = "Event ID,Event type,Created (UTC),Delivery status,HTTP status"
    rows = [("evt_1", "a.b", "2026-01-01 01:00:00", "Failed", 500),
            ("evt_1", "a.b", "2026-01-01 02:00:00", "Succeeded", 200)]  # fmt: skip
    got = values(key, log(tmp_path / "dashboard.csv", header, rows))
    assert (got["duplicate_events"], got["redelivered_events"]) == (0, 1)


GOOD = f"{ATTEMPTS}\nevt_1,a.b,2026-01-01 00:00:00,200,processed\n"
BAD = {
    **packs.unreadable(GOOD),
    "header only": (f"{ATTEMPTS}\n".encode(), "there are no deliveries"),
    "no event id": (GOOD.replace("event_id", "customer").encode(), "no column holds the event id"),
    "blank ids": (GOOD.replace("evt_1", "").encode(), "no column holds the event id"),
    "row numbers": (GOOD.replace("event_id", "id").replace("evt_", "").encode(), "only number"),
    "no time": (GOOD.replace("received_at", "x").encode(), "no column holds the time"),
    "no type": (GOOD.replace("event_type", "x").encode(), "no column holds the event type"),
    "mixed zones": (
        GOOD.encode() + b"evt_2,a.b,2026-01-01T00:00:00Z,200,processed\n",
        "time zones are mixed",
    ),
    "api events": (
        b'{"data": [{"id": "evt_1", "type": "a.b", "created": 1780000000, "pending_webhooks": 0}]}',
        "cannot show duplicates",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_ends_in_one_message(key: SimpleNamespace, tmp_path: Path, name: str) -> None:
    packs.one_message(key, tmp_path / "attempts.csv", BAD[name], key.load_attempts)


def test_bad_parameters(key: SimpleNamespace, tmp_path: Path) -> None:
    with pytest.raises(key.InputProblem, match="no such file"):
        key.load_attempts(tmp_path / "none.csv")
    with pytest.raises(key.InputProblem, match="rows_are: the parameter is unknown"):
        values(key, SAMPLE, rows_are="all")


# --- the pack and its notebook ----------------------------------------------------------------


def test_artifacts_are_the_same_every_time(key: SimpleNamespace, tmp_path: Path) -> None:
    data = key.load_attempts(SAMPLE)
    written = packs.same_twice(
        tmp_path, lambda folder: key.write_artifacts(data, key.find_duplicates(data), folder)
    )
    table = packs.table_rows(written["duplicates.csv"])
    assert [int(row["times_processed"]) for row in table] == [3] + [2] * 23
    document = json.loads(written["summary.json"])
    assert sum(row["duplicate deliveries"] for row in document["gaps"]) == 25
    assert sum(row["events"] for row in document["by_event_type"]) == 3224


def test_notebook_runs(tmp_path: Path) -> None:
    run = packs.run_notebook(packs.assembled(PACK, tmp_path / "run"), end="2026-11-20 23:30:00 UTC")
    assert run.result["schema"] == "keys.result/1"
    duplicate = run.rows["duplicate_events"]
    assert (duplicate["expected"], duplicate["ok"]) == ({"op": "==", "value": 0}, False)
    assert 0 < duplicate["value"] < 24
    assert f"Duplicate events: {duplicate['value']}" in run.text
    assert run.plots == 2
    assert run.artifacts == ["duplicates.csv", "report.md", "summary.json"]
