"""The dependency impact analysis gives known answers on known data, one message on bad data."""

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

pytest.importorskip("numpy")
pytest.importorskip("pandas")
pytest.importorskip("matplotlib")

PACK = Path(__file__).parents[2] / "library/jupyter-keys/jupyter-dependency-impact-analysis"
CALLS = PACK / "sample" / "dependency_calls.csv"
METRICS = PACK / "sample" / "service_metrics.csv"
BEGIN = datetime(2026, 3, 2, 10, tzinfo=timezone.utc)
CALL_HEADER = "called_at,service,dependency,status,duration_ms,error"
METRIC_HEADER = "minute,service,requests,failed_requests"
KINDS = ("unreachable", "slow", "rate_limited", "refusing")
COUNTS = (
    "failing_dependencies", *(f"{kind}_dependencies" for kind in KINDS),
    "dependencies_still_failing", "affected_services",
)  # fmt: skip


@pytest.fixture(scope="module")
def key() -> Iterator[SimpleNamespace]:
    names = ("dependency_calls", "failing_stretches", "dependency_impact", "dependency_report")
    with packs.imported(PACK, *names) as namespace:
        yield namespace


def table(path: Path, rows: list[list[Any]], header: str = CALL_HEADER) -> Path:
    return packs.table(path, header, rows)


def at(second: float) -> str:
    return (BEGIN + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")


def values(
    key: SimpleNamespace, calls: Path, metrics: Path | None = None, **options: Any
) -> dict[str, Any]:
    zone = options.get("time_zone", "UTC")
    requests = key.load_metrics(metrics, zone) if metrics else None
    document = key.results(key.analyse(key.load_calls(calls, zone), requests, **options))
    assert document["schema"] == "keys.result/1"
    return {row["name"]: row["value"] for row in document["results"]}


def healthy(count: int = 600, step: int = 10, **changes: Any) -> list[list[Any]]:
    """Calls of four services to two dependencies, one each ten seconds, all well."""
    pairs = [("/api/checkout", "stripe"), ("/api/login", "auth"), ("worker", "stripe"),
             ("/api/account", "auth")]  # fmt: skip
    return [[at(i * step), *pairs[i % 4], 200, 50 + i % 7, ""] for i in range(count)]


def failing(rows: list[list[Any]], dependency: str, begin: int, end: int, answer: list[Any]) -> int:
    """Let calls to a dependency fail from row `begin` to before `end`; returns how many do."""
    hit = [row for row in rows[begin:end] if row[2] == dependency]
    for row in hit:
        row[3:] = answer
    return len(hit)


# --- known answers ----------------------------------------------------------------------------


def test_sample_tells_its_story(key: SimpleNamespace) -> None:
    with CALLS.open(encoding="utf-8", newline="") as stream:
        calls = list(csv.DictReader(stream))
    with METRICS.open(encoding="utf-8", newline="") as stream:
        minutes = list(csv.DictReader(stream))
    failed = [c for c in calls if c["status"] not in {"200"}]
    down = [c for c in failed if c["dependency"] == "stripe"]
    worker = min(c["called_at"] for c in down if c["service"] == "billing-worker")
    late = [m for m in minutes if m["minute"] >= "2026-11-20T22:40:00Z"]
    requests = sum(int(m["requests"]) for m in late)
    lost = sum(int(m["failed_requests"]) for m in late)

    got = values(key, CALLS, METRICS)

    rate = got.pop("request_error_rate")
    assert 0 <= rate - 100 * lost / requests < 0.01
    assert got == {
        "dependency_calls": len(calls),
        "failed_calls": len(failed),
        "failing_dependencies": 1,
        "unreachable_dependencies": 1,
        "slow_dependencies": 0,
        "rate_limited_dependencies": 0,
        "refusing_dependencies": 0,
        "dependencies_still_failing": 1,
        "worst_dependency": "stripe",
        "worst_dependency_failure": "unreachable",
        "failures_began": "2026-11-20T22:40:00Z",
        "failures_ended": None,
        "affected_services": 2,
        "most_affected_service": "/api/checkout",
        "severity": "critical",
        "exposed_services": 1,
        "services_with_other_cause": 0,
        "unaffected_services": 5,
        "impact_began": worker,
        "impact_lag": (datetime.fromisoformat(worker[:-1])
                       - datetime(2026, 11, 20, 22, 40)).seconds,
        "requests": requests,
        "failed_requests": lost,
    }  # fmt: skip


def test_sample_lags_and_spares(key: SimpleNamespace) -> None:
    impact = key.analyse(
        key.load_calls(CALLS), key.load_metrics(METRICS), "2026-11-20 21:40:00 UTC"
    )
    services = impact.services.set_index("service")
    assert services["lag s"]["/api/checkout"] == 180
    assert services["state"]["/api/account"] == "exposed"
    assert set(services.index[services["state"] == "not affected"]) == {
        "/", "/api/products", "/api/search", "/api/login", "mail-worker"
    }  # fmt: skip
    assert impact.dependencies["usual %"].notna().all()
    assert "`/api/checkout` is affected, severity critical" in key.summary(impact)


def test_samples_are_what_their_generator_makes(tmp_path: Path) -> None:
    script = shutil.copy(PACK / "sample" / "make_sample.py", tmp_path)
    subprocess.run([sys.executable, script], check=True)
    for sample in (CALLS, METRICS):
        assert (tmp_path / sample.name).read_bytes() == sample.read_bytes()
    assert CALLS.stat().st_size + METRICS.stat().st_size < 500_000


def test_healthy(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = healthy()
    rows[77][3:] = [503, 40, "Service Unavailable"]
    rows[300][3:] = [404, 40, "Not Found"]
    metrics = [[at(60 * m), s, 50, 0] for m in range(100) for s in ("/api/login", "/api/checkout")]
    got = values(
        key, table(tmp_path / "c.csv", rows), table(tmp_path / "m.csv", metrics, METRIC_HEADER)
    )
    assert [got[name] for name in COUNTS] == [0] * len(COUNTS)
    assert (got["dependency_calls"], got["failed_calls"]) == (600, 1)
    assert (got["severity"], got["worst_dependency"], got["failures_began"]) == ("none", None, None)
    assert got["worst_dependency_failure"] is None
    assert (got["requests"], got["request_error_rate"]) == (10_000, 0.0)
    assert got["unaffected_services"] == 4


ANSWERS = {
    "unreachable": [["", 9, "connect ECONNREFUSED 10.0.0.1:443"], [502, 9, ""], ["", 9, ""],
                    ["", 5000, "UND_ERR_CONNECT_TIMEOUT"], ["", 3, "getaddrinfo ENOTFOUND"],
                    ["", 9, "timeout exceeded when trying to connect"]],
    "slow": [[504, 9, ""], ["", 9, "The operation was aborted due to timeout"],
             [200, 20_000, ""], ["", 9, "UND_ERR_HEADERS_TIMEOUT"], [408, 1, ""]],
    "rate_limited": [[429, 9, ""], [503, 9, "SlowDown: reduce your request rate, rate limit"],
                     ["", 9, "quota exceeded"]],
    "refusing": [[401, 9, ""], [403, 9, "Forbidden"], ["", 9, "Invalid API key provided"],
                 ["", 9, "password authentication failed for user app"]],
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_counted_in_exactly_one(
    key: SimpleNamespace, tmp_path: Path, kind: str
) -> None:
    for number, answer in enumerate(ANSWERS[kind]):
        rows = healthy()
        lost = failing(rows, "stripe", 400, 600, answer)
        got = values(key, table(tmp_path / f"{number}.csv", rows), incident_start=at(3000))
        assert got["failing_dependencies"] == 1, answer
        assert {k: got[f"{k}_dependencies"] for k in KINDS} == {k: int(k == kind) for k in KINDS}
        assert got["failed_calls"] == lost
        first = next(row[0] for row in rows[400:] if row[2] == "stripe")
        assert got["failures_began"] == first


def test_the_kind_is_that_of_most_failures(key: SimpleNamespace, tmp_path: Path) -> None:
    rng = random.Random(3)
    rows = healthy()
    drawn = Counter()
    for row in rows[400:]:
        if row[2] == "auth":
            code = rng.choice([401, 401, 401, 429, 503])
            row[3:] = [code, 5, ""]
            drawn[code] += 1
    assert drawn.most_common(1)[0][0] == 401
    got = values(key, table(tmp_path / "c.csv", rows))
    assert (got["failing_dependencies"], got["refusing_dependencies"]) == (1, 1)


def test_recovered_and_failing_dependencies(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = healthy(1200)
    failing(rows, "stripe", 400, 600, ["", 9, "ETIMEDOUT"])
    failing(rows, "auth", 800, 1200, [429, 9, ""])
    got = values(key, table(tmp_path / "c.csv", rows))
    assert (got["failing_dependencies"], got["dependencies_still_failing"]) == (2, 1)
    assert (got["unreachable_dependencies"], got["rate_limited_dependencies"]) == (1, 1)
    assert (got["worst_dependency"], got["failures_ended"]) == ("auth", None)
    assert got["worst_dependency_failure"] == "rate-limited"

    only = [row for row in rows if row[2] == "stripe"]
    got = values(key, table(tmp_path / "s.csv", only))
    assert got["dependencies_still_failing"] == 0
    lost = [row[0] for row in only if row[3] == ""]
    assert (got["failures_began"], got["failures_ended"]) == (lost[0], lost[-1])


def test_a_dependency_that_is_switched_off_is_silent(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = healthy(1200)
    failing(rows, "stripe", 400, 600, [503, 5, ""])
    seldom = [[at(3600 * h), "worker", "archive", 503 if h else 200, 5, ""] for h in range(-20, 3)]
    seldom += [[at(600 * i), "worker", "archive", 503, 5, ""] for i in range(3)]
    kept = [row for row in rows if row[0] < at(6000) or row[2] != "stripe"]
    impact = key.analyse(key.load_calls(table(tmp_path / "c.csv", seldom + kept)))
    states = impact.dependencies.set_index("dependency")["state"]
    assert (states["stripe"], states["archive"]) == ("silent", "failing")
    assert any("no longer called" in line.lower() for line in impact.notes)
    got = {row["name"]: row["value"] for row in key.results(impact)["results"]}
    assert (got["failing_dependencies"], got["dependencies_still_failing"]) == (2, 1)


def test_failures_before_the_incident_do_not_count(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = healthy()
    failing(rows, "stripe", 50, 100, [503, 5, ""])
    path = table(tmp_path / "c.csv", rows)
    assert values(key, path)["failing_dependencies"] == 1
    got = values(key, path, incident_start=at(3000))
    assert (got["failing_dependencies"], got["dependency_calls"], got["failed_calls"]) == (
        0,
        300,
        0,
    )


def test_slow_is_judged_against_earlier_calls(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = healthy()
    for row in rows:
        if row[2] == "auth":
            row[4] = 8000  # usual there, such as for a model's answer
    for row in rows[400:]:
        row[4] = 9000
    path = table(tmp_path / "c.csv", rows)
    got = values(key, path, incident_start=at(3000))
    assert (got["slow_dependencies"], got["worst_dependency"]) == (1, "stripe")
    assert got["worst_dependency_failure"] == "slow"
    assert values(key, path, incident_start=at(3000), slow_ms=10_000)["slow_dependencies"] == 0
    assert values(key, path, incident_start=at(3000), slow_ms=7_000)["slow_dependencies"] == 2


# --- services ---------------------------------------------------------------------------------


def outage(tmp_path: Path, failing_minutes: dict[str, tuple[int, int, int]]) -> tuple[Path, Path]:
    """Stripe is down from minute 60 to the end of 100; services fail in the given minutes."""
    rows = healthy()
    failing(rows, "stripe", 360, 600, [503, 5, ""])
    names = ["/api/checkout", "/api/login", "/api/account"]
    metrics = []
    for minute in range(100):
        for name in names:
            begin, end, failed = failing_minutes.get(name, (0, 0, 0))
            metrics.append([at(60 * minute), name, 40, failed if begin <= minute < end else 0])
    return table(tmp_path / "c.csv", rows), table(tmp_path / "m.csv", metrics, METRIC_HEADER)


@pytest.mark.parametrize(
    ("failed", "severity"), [(3, "minor"), (4, "major"), (19, "major"), (20, "critical")]
)
def test_lag_and_severity(key: SimpleNamespace, tmp_path: Path, failed: int, severity: str) -> None:
    paths = outage(tmp_path, {"/api/checkout": (65, 100, failed)})
    impact = key.analyse(key.load_calls(paths[0]), key.load_metrics(paths[1]))
    row = impact.services.set_index("service").loc["/api/checkout"]
    assert (row["state"], row["severity"], row["lag s"]) == ("affected", severity, 300)
    assert row["failed %"] == 100 * failed / 40
    got = values(key, *paths)
    assert got["requests"] == 40 * 40 * 3
    assert got["failed_requests"] == 35 * failed


def test_a_service_that_calls_nothing_failing(key: SimpleNamespace, tmp_path: Path) -> None:
    after = values(key, *outage(tmp_path, {"/api/login": (70, 100, 20)}))
    assert (after["affected_services"], after["services_with_other_cause"]) == (2, 0)
    before = values(key, *outage(tmp_path, {"/api/login": (10, 30, 20)}))
    assert (before["affected_services"], before["services_with_other_cause"]) == (1, 1)
    assert before["most_affected_service"] == "worker"


def test_routes_below_a_measured_one_belong_to_it(key: SimpleNamespace, tmp_path: Path) -> None:
    calls, metrics = outage(tmp_path, {"/api/checkout": (60, 100, 30)})
    text = calls.read_text(encoding="utf-8").replace("/api/checkout,", "/api/checkout/confirm,")
    calls.write_text(text, encoding="utf-8")
    impact = key.analyse(key.load_calls(calls), key.load_metrics(metrics))
    services = impact.services.set_index("service")
    assert "/api/checkout/confirm" not in services.index
    assert services["because of"]["/api/checkout"] == "stripe"


def test_metrics_with_one_row_a_request(key: SimpleNamespace, tmp_path: Path) -> None:
    calls, _ = outage(tmp_path, {})
    rows = [[at(i), "/api/checkout", 502 if i >= 3700 and i % 2 else 200] for i in range(6000)]
    path = table(tmp_path / "r.csv", rows, "time,route,status")
    got = values(key, calls, path)
    assert got["failed_requests"] == sum(row[2] == 502 for row in rows)
    impact = key.analyse(key.load_calls(calls), key.load_metrics(path))
    assert impact.services.set_index("service")["state"]["/api/checkout"] == "affected"


# --- edges ------------------------------------------------------------------------------------


def test_no_call_is_an_answer(key: SimpleNamespace, tmp_path: Path) -> None:
    path = table(tmp_path / "none.csv", [])
    got = values(key, path, METRICS)
    assert (got["dependency_calls"], got["failing_dependencies"], got["severity"]) == (0, 0, None)
    impact = key.analyse(key.load_calls(path))
    assert "No call to a dependency is logged" in key.summary(impact)
    key.write_artifacts(key.load_calls(path), None, impact, tmp_path / "out")
    for plot in (key.plot_dependencies, key.plot_over_time, key.plot_services):
        plot(impact)
    late = values(key, CALLS, METRICS, incident_start="2027-01-01")
    assert (late["dependency_calls"], late["failing_dependencies"]) == (0, 0)


def test_one_call(key: SimpleNamespace, tmp_path: Path) -> None:
    path = table(tmp_path / "one.csv", [[at(0), "/api/x", "stripe", 503, 5, ""]])
    got = values(key, path)
    assert (got["failed_calls"], got["failing_dependencies"]) == (1, 0)
    assert "Too few calls" in key.summary(key.analyse(key.load_calls(path)))


def test_all_calls_fail(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [[at(10 * i), "/api/x", "stripe", 503, 5, ""] for i in range(50)]
    got = values(key, table(tmp_path / "all.csv", rows))
    assert (got["failing_dependencies"], got["dependencies_still_failing"]) == (1, 1)


def test_a_log_of_failures_alone(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [[at(7200 * i), "/api/x", "auth", 503, 5, ""] for i in range(4)]
    rows += [[at(18_000 + 15 * i), "/api/y", "stripe", "", 5, "ETIMEDOUT"] for i in range(120)]
    rows += [[at(25_000), "/api/x", "auth", 503, 5, ""]]
    impact = key.analyse(key.load_calls(table(tmp_path / "f.csv", rows)))
    assert list(impact.failing["dependency"]) == ["stripe"]
    assert key.utc(impact.began) == at(18_000)
    assert any("failures alone" in note for note in impact.notes)


def test_calls_that_never_say_how_they_ended(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = healthy()
    rows += [[at(i), "worker", "database", "", 3, ""] for i in range(200)]
    calls = key.load_calls(table(tmp_path / "m.csv", rows))
    assert len(calls.frame) == 600
    assert any("200 calls to database never state a result" in note for note in calls.notes)


def test_chance_makes_no_failing_dependency(key: SimpleNamespace) -> None:
    rng = random.Random(11)
    alarms = 0
    for _ in range(300):
        hits = [float(rng.random() < 0.01) for _ in range(800)]
        alarms += bool(key.stretches(hits, [1.0] * 800))
    assert alarms <= 2


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("." * 300, []),
        ("." * 300 + "x" * 30, [(300, 330, True)]),
        ("." * 300 + "x" * 30 + "." * 300, [(300, 330, False)]),
        ("." * 200 + "x" * 20 + "." * 200 + "x" * 20, [(200, 220, False), (420, 440, True)]),
        ("x" * 10, [(0, 10, True)]),
        ("xx.x" * 30 + "." * 4, [(0, 124, True)]),
        (("." * 99 + "x") * 8, []),
    ],
)
def test_stretches(key: SimpleNamespace, pattern: str, expected: list[Any]) -> None:
    found = key.stretches([float(c == "x") for c in pattern], [1.0] * len(pattern))
    assert [(s.start, s.stop, s.is_open) for s in found] == expected


# --- formats and time zones -------------------------------------------------------------------

RECORDS = [
    {"called_at": at(20 * i), "service": "/api/x", "dependency": "stripe",
     "status": None if i >= 40 else 200, "duration_ms": 30,
     "error": "ECONNRESET" if i >= 40 else None}
    for i in range(60)
]  # fmt: skip
LINES = "\n".join(json.dumps(record) for record in RECORDS)
COPY = "timestamp,caller,upstream,outcome,latency_ms,message\n" + "".join(
    f"{r['called_at'].replace('T', ' ')[:-1]}+00,{r['service']},{r['dependency']},"
    f"{'failed' if r['error'] else 'ok'},{r['duration_ms']},{r['error'] or ''}\n"
    for r in RECORDS
)
BERLIN = "Called at (Europe/Berlin);Service;Dependency;Status;Duration (s);Error\n" + "".join(
    f"{(BEGIN + timedelta(seconds=20 * i, hours=1)).strftime('%Y-%m-%d %H:%M:%S')};"
    f"{r['service']};{r['dependency']};{r['status'] or ''};0.03;{r['error'] or ''}\n"
    for i, r in enumerate(RECORDS)
)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    "text",
    [LINES, json.dumps(RECORDS), json.dumps({"data": RECORDS}, indent=1), COPY, "\ufeff" + BERLIN],
    ids=["json lines", "json array", "json list", "database copy", "another zone"],
)
def test_formats_agree(key: SimpleNamespace, tmp_path: Path, text: str, packed: bool) -> None:
    path = tmp_path / "log"
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    got = values(key, path)
    assert (got["dependency_calls"], got["failed_calls"]) == (60, 20)
    assert got["unreachable_dependencies"] == 1
    assert got["failures_began"] == at(800)


def test_clock_change_moves_nothing(key: SimpleNamespace, tmp_path: Path) -> None:
    """Calls through the repeated hour, written in local time, begin to fail in its second run."""
    begin = datetime(2026, 10, 24, 23, 30, tzinfo=timezone.utc)
    rows = []
    for minute in range(150):
        moment = begin + timedelta(minutes=minute)
        offset = 2 if moment < datetime(2026, 10, 25, 1, tzinfo=timezone.utc) else 1
        local = (moment + timedelta(hours=offset)).strftime("%Y-%m-%d %H:%M:%S")
        rows.append([local, "/api/x", "stripe", 503 if minute >= 110 else 200, 5, ""])
    got = values(key, table(tmp_path / "dst.csv", rows), time_zone="Europe/Berlin")
    assert got["failures_began"] == "2026-10-25T01:20:00Z"


# --- bad input --------------------------------------------------------------------------------

GOOD = f"{CALL_HEADER}\n2026-01-01T00:00:00Z,/api/x,stripe,200,5,\n"
BAD = {
    **packs.unreadable(GOOD),
    "other header": (b"a,b,c\n", "no column holds the time"),
    "no time": (b"service,dependency,status\n/api/x,stripe,200\n", "no column holds the time"),
    "no dependency": (b"called_at,status\n2026-01-01,200\n", "no column holds the dependency"),
    "no status": (b"called_at,dependency\n2026-01-01,stripe\n", "no column holds the http status"),
    "mixed zones": (GOOD.encode() + b"2026-01-01 00:00:00,/api/x,stripe,200,5,\n", "zones are mixed"),
    "bad time": (GOOD.encode() + b"2026-13-01T00:00:00Z,/api/x,stripe,200,5,\n", "data row 2"),
    "broken line": (b'{"called_at": 1780000000}\n{"called_at":\n', "line 2, column"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_ends_in_one_message(key: SimpleNamespace, tmp_path: Path, name: str) -> None:
    packs.one_message(key, tmp_path / "calls.csv", BAD[name], key.load_calls)


def test_bad_metrics_and_parameters(key: SimpleNamespace, tmp_path: Path) -> None:
    old = table(tmp_path / "old.csv", [[at(0), "/api/x", 5, 0]], METRIC_HEADER)
    with pytest.raises(key.InputProblem, match="another time than"):
        values(key, CALLS, old)
    odd = table(tmp_path / "odd.csv", [[at(0), "/api/x", 5, 6]], METRIC_HEADER)
    with pytest.raises(key.InputProblem, match="6 failed of 5 in data row 1"):
        key.load_metrics(odd)
    with pytest.raises(key.InputProblem, match="no column holds the failed"):
        key.load_metrics(table(tmp_path / "n.csv", [[at(0), "/api/x", 5]], "minute,service,total"))
    with pytest.raises(key.InputProblem, match="the parameter is no time"):
        values(key, CALLS, incident_start="an hour ago")
    with pytest.raises(key.InputProblem, match="names no time zone"):
        key.load_calls(CALLS, "Mars/Olympus")


def test_secrets_in_errors_are_removed(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = healthy()
    failing(rows, "stripe", 300, 600, ["", 5, packs.ERROR_WITH_SECRETS])
    calls = key.load_calls(table(tmp_path / "c.csv", rows))
    for path in key.write_artifacts(calls, None, key.analyse(calls), tmp_path / "out"):
        assert not [s for s in packs.SECRETS if s in path.read_text(encoding="utf-8")]


# --- the pack and its notebook ----------------------------------------------------------------


def test_artifacts_are_the_same_every_time(key: SimpleNamespace, tmp_path: Path) -> None:
    def write_artifacts(folder: Path) -> list[Path]:
        calls, metrics = key.load_calls(CALLS), key.load_metrics(METRICS)
        return key.write_artifacts(calls, metrics, key.analyse(calls, metrics), folder)

    written = packs.same_twice(tmp_path, write_artifacts)
    assert len(packs.table_rows(written["services.csv"])) == 8
    document = json.loads(written["summary.json"])
    assert sum(row["calls"] for row in document["dependencies"]) == 4001


def test_notebook_runs(tmp_path: Path) -> None:
    ran = packs.run_notebook(
        packs.assembled(PACK, tmp_path / "run"), incident_start="2026-11-20 21:40:00 UTC"
    )
    row = ran.rows["unreachable_dependencies"]
    assert row["label"] == "Unreachable dependencies"
    assert (row["value"], row["expected"], row["ok"]) == (1, {"op": "==", "value": 0}, False)
    assert (ran.rows["severity"]["value"], ran.rows["severity"]["ok"]) == ("critical", False)
    assert "Worst dependency: stripe" in ran.text
    assert ran.plots == 3
    assert ran.artifacts == ["dependencies.csv", "report.md", "services.csv", "summary.json"]


def test_notebook_runs_without_metrics(tmp_path: Path) -> None:
    pack = packs.assembled(PACK, tmp_path / "run")
    ran = packs.run_notebook(pack, "notebooks", metrics_csv=None)
    assert ran.rows["request_error_rate"]["value"] is None
    assert ran.rows["affected_services"]["value"] == 3
