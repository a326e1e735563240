"""The webhook event analysis gives known answers on known data, and one message on bad data."""

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

np = pytest.importorskip("numpy")
pytest.importorskip("pandas")
pytest.importorskip("matplotlib")

PACK = Path(__file__).parents[2] / "library/jupyter-keys/jupyter-webhook-event-analysis"
NOTEBOOK = PACK / "notebooks" / "webhook-event-analysis.ipynb"
SAMPLE = PACK / "sample" / "webhook_logs.csv"
COUNTS = ("signature_errors", "timeout_errors", "processing_errors", "other_errors")


@pytest.fixture(scope="module")
def key() -> Iterator[SimpleNamespace]:
    """Import the pack's modules for these tests only: another key may name its own the same."""
    names = ("failure_onset", "table_times", "webhook_deliveries", "webhook_events")
    with packs.imported(PACK, *names, "webhook_report") as namespace:
        yield namespace


def values(key: SimpleNamespace, path: Path, **options: Any) -> dict[str, Any]:
    """Run the whole analysis and return the results by name."""
    load = {name: options.pop(name) for name in ("source", "time_zone") if name in options}
    deliveries = key.load_deliveries(path, **load)
    zone = {"time_zone": load["time_zone"]} if "time_zone" in load else {}
    return packs.values_of(key.results(key.analyse(deliveries, **options, **zone)))


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def log(path: Path, rows: list[tuple[Any, ...]], header: str = "created,type,status,error") -> Path:
    return packs.table(path, header, rows)


# --- known answers ----------------------------------------------------------------------------


def test_sample_tells_its_story(key: SimpleNamespace) -> None:
    with SAMPLE.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    failed = [row for row in rows if row["Delivery status"] == "Failed"]
    late = [row for row in failed if row["Created (UTC)"] >= "2026-11-20 23:10:00"]
    slow = sum(int(row["Response time (ms)"]) > 5000 for row in rows)
    assert (len(rows), len(failed), len(late)) == (5000, 435, 430)

    got = values(key, SAMPLE, slow_ms=5000)

    assert got == {
        "success_rate": 91.3,
        "deliveries": 5000,
        "failed_deliveries": 435,
        "signature_errors": 0,
        "timeout_errors": sum("Timed out" in row["Error"] for row in failed),
        "processing_errors": 0,
        "other_errors": 0,
        "failing_most": Counter(row["Event type"] for row in failed).most_common(1)[0][0],
        "failures_began": "2026-11-20T23:10:00Z",
        "slow_deliveries": slow,
    }


def test_sample_is_what_its_generator_makes(tmp_path: Path) -> None:
    script = shutil.copy(PACK / "sample" / "make_sample.py", tmp_path)
    subprocess.run([sys.executable, script], check=True)
    assert (tmp_path / "webhook_logs.csv").read_bytes() == SAMPLE.read_bytes()
    assert SAMPLE.stat().st_size < 500_000


def test_healthy_log(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [(f"2026-03-02T10:{i // 60:02}:{i % 60:02}Z", "charge.succeeded", 200, "")
            for i in range(600)]  # fmt: skip
    got = values(key, log(tmp_path / "healthy.csv", rows))
    assert got["success_rate"] == 100.0
    assert [got[name] for name in COUNTS] == [0, 0, 0, 0]
    assert got["failing_most"] is None
    assert got["failures_began"] is None
    assert "slow_deliveries" not in got


KINDS = {
    "signature": [
        ("400", "No signatures found matching the expected signature for payload"),
        ("400", "Timestamp outside the tolerance zone"),
        ("401", "webhook secret mismatch"),
    ],
    "timeout": [
        ("", "Timed out connecting to remote host"),
        ("504", ""),
        ("499", "client closed"),
        ("", "ETIMEDOUT"),
        ("0", "context deadline exceeded"),
    ],
    "processing": [
        ("500", ""),
        ("503", "statement timeout"),
        ("500", "Signature verified; handler raised KeyError"),
        ("422", "ValidationError in handler"),
    ],
    "other": [("404", ""), ("302", "moved"), ("", "connection refused"), ("400", "")],
}


def test_error_types_and_failing_event_against_plain_loops(
    key: SimpleNamespace, tmp_path: Path
) -> None:
    rng = random.Random(7)
    begin = datetime(2026, 5, 1, tzinfo=timezone.utc)
    rows, expected, by_type = [], Counter[str](), Counter[str]()
    for i in range(3000):
        when = (begin + timedelta(seconds=37 * i)).isoformat()
        kind = rng.choice(["ok"] * 20 + list(KINDS))
        event = rng.choice(["invoice.paid", "charge.failed", "customer.updated"])
        status, error = ("200", "") if kind == "ok" else rng.choice(KINDS[kind])
        rows.append((when, event, status, error))
        expected[kind] += 1
        by_type[event] += kind != "ok"
    rng.shuffle(rows)

    got = values(key, log(tmp_path / "mixed.csv", rows, "Attempted at,Event,HTTP status,Reason"))

    failed = 3000 - expected["ok"]
    assert got["failed_deliveries"] == failed
    assert got["success_rate"] == pytest.approx(100 * expected["ok"] / 3000, abs=0.01)
    assert {name[:-7]: got[name] for name in COUNTS} == {k: expected[k] for k in KINDS}
    assert got["failing_most"] == max(by_type, key=lambda name: by_type[name])


def test_one_row(key: SimpleNamespace, tmp_path: Path) -> None:
    path = log(tmp_path / "one.csv", [("2026-01-01 00:00:00", "invoice.paid", "failed", "boom")])
    got = values(key, path)
    assert (got["success_rate"], got["deliveries"], got["other_errors"]) == (0.0, 1, 1)
    assert got["failures_began"] == "2026-01-01T00:00:00Z"


def test_all_failed(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [(1767225600 + i, "invoice.paid", "Failed", "invalid signature") for i in range(50)]
    got = values(key, log(tmp_path / "failed.csv", rows))
    assert (got["success_rate"], got["signature_errors"]) == (0.0, 50)
    assert got["failures_began"] == "2026-01-01T00:00:00Z"


def test_all_pending_has_no_rate(key: SimpleNamespace, tmp_path: Path) -> None:
    path = log(tmp_path / "pending.csv", [("2026-01-01 00:00", "a.b", "Pending", "")] * 3)
    deliveries = key.load_deliveries(path)
    analysis = key.analyse(deliveries)
    assert (analysis.success_rate, analysis.deliveries, analysis.pending) == (None, 0, 3)
    assert "No delivery has an outcome yet" in key.summary(deliveries, analysis)
    key.write_artifacts(deliveries, analysis, tmp_path / "out")


def test_rate_is_never_rounded_up_to_the_expectation(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [("2026-01-01 00:00:00", "a.b", 500 if i < 1001 else 200, "") for i in range(20_000)]
    deliveries = key.load_deliveries(log(tmp_path / "edge.csv", rows))
    rate = key.results(key.analyse(deliveries))["results"][0]
    assert (rate["value"], rate["ok"]) == (94.99, False)


# --- when failures began ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "position", "sustained"),
    [
        ("." * 500 + "x" * 50, 500, True),
        ("." * 500 + "x" * 50 + "." * 500, 500, True),
        (("." * 300 + "x" * 40) * 5, 300, True),
        ("." * 100 + "x" + "." * 399 + "xx.x" * 20, 500, True),
        ("x" * 60 + "." * 600, 0, True),
        ("." * 40 + "x" + "." * 40, 40, False),
        (("." * 30 + "x") * 20, 30, False),
        ("x" * 40, 0, False),
        ("x", 0, False),
    ],
)
def test_onset(key: SimpleNamespace, pattern: str, position: int, sustained: bool) -> None:
    failed = np.array([c == "x" for c in pattern])
    assert key.onset(failed) == (position, sustained)


def test_period(key: SimpleNamespace) -> None:
    with SAMPLE.open(encoding="utf-8", newline="") as stream:
        times = [row["Created (UTC)"] for row in csv.DictReader(stream)]
    inside = sum("2026-11-20 22:00:00" <= t < "2026-11-20 23:10:00" for t in times)
    got = values(key, SAMPLE, start="2026-11-20T23:00:00+01:00", end="2026-11-20 23:10")
    assert got["deliveries"] == inside
    with pytest.raises(key.InputProblem, match="no delivery lies in the period"):
        values(key, SAMPLE, start="2027-01-01")
    with pytest.raises(key.InputProblem, match="the parameter is no time"):
        values(key, SAMPLE, start="yesterday evening")


# --- formats ----------------------------------------------------------------------------------

RECORDS = [
    ("2026-06-01T10:00:00Z", "invoice.paid", 200, ""),
    ("2026-06-01T10:01:00Z", "invoice.paid", 500, "TypeError: x"),
    ("2026-06-01T10:02:00Z", "charge.refunded", 200, ""),
    ("2026-06-01T10:03:00Z", "invoice.paid", 400, "signature mismatch"),
]
NESTED = [
    {"timestamp": t, "event": {"type": e, "payload": {"type": "x"}}, "response": {"status": s},
     "error": {"message": m} if m else None}
    for t, e, s, m in RECORDS
]  # fmt: skip
FLAT = [{"time": t, "event_type": e, "statusCode": s, "error": m} for t, e, s, m in RECORDS]
COPY = "id,attempted_at,event_type,http_status,success,error_message\n" + "".join(
    f"{i},{t.replace('T', ' ').replace('Z', '.5+00')},{e},{s},{'t' if s == 200 else 'f'},{m}\n"
    for i, (t, e, s, m) in enumerate(RECORDS)
)
DASHBOARD = "\ufeffEvent;Created (UTC);Status;Response\n" + "".join(
    f"{e};{t[:10]} {t[11:19]};{'200 OK' if s == 200 else f'{s} ERR'};{m}\n"
    for t, e, s, m in RECORDS
)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        "\n".join(json.dumps(record) for record in NESTED),
        json.dumps(FLAT),
        json.dumps({"object": "list", "data": FLAT, "has_more": False}, indent=2),
        COPY,
        DASHBOARD,
    ],
    ids=["json lines", "json array", "json list", "database copy", "dashboard"],
)
def test_formats_agree(key: SimpleNamespace, tmp_path: Path, text: str, packed: bool) -> None:
    data = text.encode()
    path = tmp_path / "log"
    path.write_bytes(gzip.compress(data) if packed else data)
    got = values(key, path)
    assert (got["success_rate"], got["deliveries"]) == (50.0, 4)
    assert (got["signature_errors"], got["processing_errors"]) == (1, 1)
    assert got["failing_most"] == "invoice.paid"
    assert got["failures_began"] == "2026-06-01T10:01:00Z"


def test_stripe_events(key: SimpleNamespace, tmp_path: Path) -> None:
    events = [
        {"id": f"evt_{i}", "object": "event", "type": "invoice.paid", "created": 1780000000 + i,
         "pending_webhooks": i % 4 == 0, "data": {"object": {"status": "paid", "error": "x"}}}
        for i in range(40)
    ]  # fmt: skip
    for event in events:
        event["pending_webhooks"] = int(bool(event["pending_webhooks"]))
    path = write(tmp_path / "e.json", json.dumps({"object": "list", "data": events, "has_more": 1}))
    got = values(key, path, source="stripe-api")
    assert (got["success_rate"], got["other_errors"]) == (75.0, 10)
    assert key.load_deliveries(path).source == "stripe-api"
    with pytest.raises(key.InputProblem, match="of another source"):
        values(key, path, source="app-log")


def test_roles_need_fitting_values(key: SimpleNamespace, tmp_path: Path) -> None:
    header = "status,type,code,event,created,date"
    rows = [("Succeeded", "evt_1", "200", "invoice.paid", "2026-01-01 00:00:00", "x")] * 3
    found = key.load_deliveries(log(tmp_path / "roles.csv", rows, header)).columns
    assert found["status"] == "status"
    assert found["http_status"] == "code"
    assert found["event_type"] == "event"
    assert found["time"] == "created"


def test_status_words_alone_tell_the_reason(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [("2026-01-01 00:00:00", "a.b", word) for word in ("200", "Timed out", "Delivered")]
    got = values(key, log(tmp_path / "words.csv", rows, "created,type,status"))
    assert (got["failed_deliveries"], got["timeout_errors"]) == (1, 1)


def test_secrets_in_errors_are_removed(key: SimpleNamespace, tmp_path: Path) -> None:
    secret = "whsec_" + "abcDEF123456"
    rows = [("2026-01-01 00:00:00", "a.b", "failed", f"signature: {secret} does not match")]
    deliveries = key.load_deliveries(log(tmp_path / "secret.csv", rows))
    analysis = key.analyse(deliveries)
    assert analysis.errors["signature"] == 1
    for path in key.write_artifacts(deliveries, analysis, tmp_path / "out"):
        assert secret not in path.read_text(encoding="utf-8")


# --- time zones -------------------------------------------------------------------------------


def hours(key: SimpleNamespace, path: Path, **options: Any) -> list[str]:
    return [key.utc(t) for t in key.load_deliveries(path, **options).frame["time"]]


@pytest.mark.parametrize("newest_first", [False, True])
def test_repeated_hour_is_told_apart_by_order(
    key: SimpleNamespace, tmp_path: Path, newest_first: bool
) -> None:
    clock = ["01:45", "02:15", "02:45", "02:15", "02:45", "03:15"]
    rows = [(f"2026-10-25 {time}:00", "a.b", 200, "") for time in clock]
    want = [f"2026-10-{d}Z" for d in ("24T23:45:00", "25T00:15:00", "25T00:45:00", "25T01:15:00",
                                      "25T01:45:00", "25T02:15:00")]  # fmt: skip
    if newest_first:
        rows.reverse()
        want.reverse()
    path = log(tmp_path / "dst.csv", rows)
    assert hours(key, path, time_zone="Europe/Berlin") == want


def test_skipped_hour_is_refused(key: SimpleNamespace, tmp_path: Path) -> None:
    path = log(tmp_path / "spring.csv", [("2026-03-29 02:30:00", "a.b", 200, "")])
    with pytest.raises(key.InputProblem, match="does not exist"):
        key.load_deliveries(path, time_zone="Europe/Berlin")
    assert hours(key, path) == ["2026-03-29T02:30:00Z"]


def test_offsets_of_a_clock_change_are_no_mixture(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [(f"2026-10-25T02:30:00+0{h}:00", "a.b", 200, "") for h in (2, 1)]
    assert hours(key, log(tmp_path / "o.csv", rows)) == [
        "2026-10-25T00:30:00Z",
        "2026-10-25T01:30:00Z",
    ]


def test_column_name_states_the_zone(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [("2026-07-01 12:00:00", "a.b", 200)]
    berlin = log(tmp_path / "b.csv", rows, "Created (Europe/Berlin),type,status")
    assert hours(key, berlin, time_zone="Asia/Tokyo") == ["2026-07-01T10:00:00Z"]
    unnamed = log(tmp_path / "u.csv", rows, "created_at,type,status")
    assert hours(key, unnamed, time_zone="Asia/Tokyo") == ["2026-07-01T03:00:00Z"]


@pytest.mark.parametrize("stamp", ["1780000000", "1780000000000", "1780000000.0"])
def test_epochs(key: SimpleNamespace, tmp_path: Path, stamp: str) -> None:
    want = datetime.fromtimestamp(1780000000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert hours(key, log(tmp_path / "e.csv", [(stamp, "a.b", 200, "")])) == [want]


# --- bad input --------------------------------------------------------------------------------

GOOD = "created,type,status\n2026-01-01 00:00:00,a.b,200\n"
BAD = {
    **packs.unreadable(GOOD),
    "blank": (b" \n\n", "the file is empty"),
    "header only": (b"created,type,status\n", "there are no deliveries"),
    "no time": (b"type,status\na.b,200\n", "no column holds the time"),
    "no type": (b"created,status\n2026-01-01,200\n", "no column holds the event type"),
    "no status": (b"created,type\n2026-01-01,a.b\n", "no column holds the status or http status"),
    "odd status": (GOOD.replace("200", "purple").encode(), "'status' holds 'purple'"),
    "short": (GOOD.encode() + b"\n2026-01-01\n", "line 4 has 1"),
    "open quote": (GOOD.encode() + b'2026-01-01 00:00:00,"a.b,200\n', "a row is not CSV"),
    "mixed zones": (GOOD.encode() + b"2026-01-01T00:00:00Z,a.b,200\n", "time zones are mixed"),
    "bad time": (GOOD.encode() * 1 + b"2026-13-01 00:00:00,a.b,200\n", "data row 2"),
    "two readings": (GOOD.replace("2026-01-01", "01/02/2026").encode(), "read two ways"),
    "not json": (b'{"created": 1,\n "type": }', "line 2, column"),
    "broken line": (b'{"created": 1780000000}\n{"created":\n', "line 2, column"),
    "scalars": (b"[1, 2]", "record 1 is '1'"),
    "empty list": (b'{"object": "list", "data": []}', "there are no deliveries"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_ends_in_one_message(key: SimpleNamespace, tmp_path: Path, name: str) -> None:
    packs.one_message(key, tmp_path / "webhooks.csv", BAD[name], key.load_deliveries)


def test_bad_parameters(key: SimpleNamespace, tmp_path: Path) -> None:
    with pytest.raises(key.InputProblem, match="no such file"):
        key.load_deliveries(tmp_path / "none.csv")
    with pytest.raises(key.InputProblem, match="names no time zone"):
        key.load_deliveries(SAMPLE, time_zone="Mars/Olympus")
    with pytest.raises(key.InputProblem, match="parameter is unknown"):
        key.load_deliveries(SAMPLE, source="excel")


# --- the pack and its notebook ----------------------------------------------------------------


def test_artifacts_are_the_same_every_time(key: SimpleNamespace, tmp_path: Path) -> None:
    def write_artifacts(folder: Path) -> list[Path]:
        deliveries = key.load_deliveries(SAMPLE)
        return key.write_artifacts(deliveries, key.analyse(deliveries), folder)

    written = packs.same_twice(tmp_path, write_artifacts)
    assert len(packs.table_rows(written["failures.csv"])) == 435
    document = json.loads(written["summary.json"])
    assert sum(row["failed"] for row in document["by_hour"]) == 435
    assert sum(row["deliveries"] for row in document["by_event_type"]) == 5000


@pytest.mark.parametrize("folder", [".", "notebooks"])
def test_notebook_runs(tmp_path: Path, folder: str) -> None:
    run = packs.run_notebook(packs.assembled(PACK, tmp_path / "run"), folder)
    rows = run.rows
    assert run.result["schema"] == "keys.result/1"
    assert rows["success_rate"] == {
        "name": "success_rate",
        "label": "Delivery success rate",
        "value": 91.3,
        "unit": "%",
        "expected": {"op": ">", "value": 95.0},
        "ok": False,
    }
    assert (rows["timeout_errors"]["value"], rows["timeout_errors"]["ok"]) == (435, False)
    assert (rows["signature_errors"]["value"], rows["signature_errors"]["ok"]) == (0, True)
    assert "Delivery success rate: 91.3 %" in run.text
    assert run.plots == 2
    assert run.artifacts == ["failures.csv", "report.md", "summary.json"]
