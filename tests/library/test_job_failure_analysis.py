"""The job failure analysis gives known answers on known data, and one message on bad data."""

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
from math import comb
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import library_pack as packs
import pytest

pd = pytest.importorskip("pandas")
pytest.importorskip("matplotlib")

PACK = Path(__file__).parents[2] / "library/jupyter-keys/jupyter-job-failure-analysis"
SAMPLE = PACK / "sample" / "job_attempts.csv"
BEGIN = datetime(2026, 3, 2, 10, tzinfo=timezone.utc)
ERRORS = ("resource", "timeout", "dependency", "permission", "code", "data", "other")
VERDICTS = ("replay_candidates", "unsafe_jobs", "superseded_jobs", "bad_jobs")
HEADER = (
    "job_id,job_type,attempt,created_at,started_at,outcome,error,worker,job_status,replay_safe,"
    "object_id"
)


@pytest.fixture(scope="module")
def key() -> Iterator[SimpleNamespace]:
    names = (
        "table_columns",
        "job_attempts",
        "job_errors",
        "job_indicators",
        "job_replay",
        "job_failures",
    )
    with packs.imported(PACK, *names, "job_report") as namespace:
        yield namespace


def at(second: float) -> str:
    return (BEGIN + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")


def log(path: Path, rows: list[list[Any]], header: str = HEADER) -> Path:
    return packs.table(path, header, rows)


def row(job: int, second: float, outcome: str = "succeeded", **changes: Any) -> list[Any]:
    """Return one attempt of a job that is safe to repeat."""
    values = {
        "job_id": job, "job_type": "send_email", "attempt": 1, "created_at": at(second),
        "started_at": at(second), "outcome": outcome, "error": "boom" if outcome == "failed" else "",
        "worker": "w1", "job_status": {"failed": "dead", "": "running"}.get(outcome, "succeeded"),
        "replay_safe": "true", "object_id": "",
    }  # fmt: skip
    return list({**values, **changes}.values())


def values(key: SimpleNamespace, path: Path, **options: Any) -> dict[str, Any]:
    data = key.load_attempts(path, options.get("time_zone", "UTC"))
    document = key.results(key.analyse(data, **options))
    assert document["schema"] == "keys.result/1"
    found = {entry["name"]: entry["value"] for entry in document["results"]}
    assert sum(found[f"{kind}_errors"] for kind in ERRORS) == found["failed_attempts"]
    assert sum(found[name] for name in VERDICTS) == found["failed_jobs"]
    return found


# --- known answers ----------------------------------------------------------------------------


def told_by_sample() -> dict[str, Any]:
    """Compute what the sample holds with plain loops over its rows."""
    with SAMPLE.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    failed = [r for r in rows if r["outcome"] == "failed"]
    last: dict[str, dict[str, str]] = {r["job_id"]: r for r in rows}
    dead = [r for r in last.values() if r["outcome"] == "failed"]
    counts = Counter()
    for job in dead:
        later = any(
            other["job_type"] == job["job_type"] and other["object_id"] == job["object_id"]
            and other["created_at"] > job["created_at"] and other["outcome"] == "succeeded"
            for other in last.values()
        )  # fmt: skip
        bad = job["error"].startswith("ValidationError")
        unsafe = job["replay_safe"] != "true"
        verdict = "superseded_jobs" if later else "bad_jobs" if bad else "unsafe_jobs"
        counts[verdict if later or bad or unsafe else "replay_candidates"] += 1
    words = {"timeout": "statement timeout", "code": "TypeError", "data": "ValidationError"}
    by_type = Counter(r["job_type"] for r in failed)
    by_word = {k: sum(word in r["error"] for r in failed) for k, word in words.items()}
    saved = {r["job_id"] for r in failed} - {r["job_id"] for r in dead}
    return {
        "attempts": len(rows),
        "failed_attempts": len(failed),
        **{f"{k}_errors": sum(words.get(k, "\0") in r["error"] for r in failed) for k in ERRORS},
        "most_frequent_error": max(by_word, key=by_word.__getitem__),
        "recent_failures": sum(r["started_at"] > "2026-11-20T15:30:00Z" for r in failed),
        "failed_jobs": len(dead),
        **{name: counts[name] for name in VERDICTS},
        "jobs_succeeded_later": len(saved),
        "stuck_jobs": 0,
        "failing_most": by_type.most_common(1)[0][0],
        "failures_began": min(r["started_at"] for r in failed if "TypeError" in r["error"]),
        "root_cause_indicators": 3,
        "strongest_indicator": "version r41",
    }


def test_sample_tells_its_story(key: SimpleNamespace) -> None:
    expected = told_by_sample()
    got = values(key, SAMPLE, recent_minutes=150, as_of="2026-11-20T18:00:00Z")
    rate = got.pop("failure_rate")
    assert 0 <= rate - 100 * expected["failed_attempts"] / expected["attempts"] < 0.01
    assert got == expected
    assert expected["recent_failures"] > 50
    assert all(expected[name] for name in VERDICTS)


def test_sample_is_what_its_generator_makes(tmp_path: Path) -> None:
    script = shutil.copy(PACK / "sample" / "make_sample.py", tmp_path)
    subprocess.run([sys.executable, script], check=True)
    assert (tmp_path / SAMPLE.name).read_bytes() == SAMPLE.read_bytes()
    assert SAMPLE.stat().st_size < 500_000


def test_healthy(key: SimpleNamespace, tmp_path: Path) -> None:
    got = values(key, log(tmp_path / "h.csv", [row(i, 10 * i) for i in range(400)]))
    assert (got["attempts"], got["failed_attempts"], got["failure_rate"]) == (400, 0, 0.0)
    zero = [*(f"{k}_errors" for k in ERRORS), *VERDICTS, "recent_failures", "stuck_jobs",
            "root_cause_indicators"]  # fmt: skip
    assert [got[name] for name in zero] == [0] * len(zero)
    assert (got["failing_most"], got["failures_began"], got["strongest_indicator"]) == (None,) * 3


MESSAGES = {
    "resource": ["JavaScript heap out of memory", "ENOSPC: no space left on device, write",
                 "process exited with code 137"],
    "timeout": ["canceling statement due to statement timeout", "connect ETIMEDOUT 10.0.0.1:443",
                "Job timed out after 900 s", "deadlock detected"],
    "dependency": ["connect ECONNREFUSED 127.0.0.1:5432", "getaddrinfo ENOTFOUND api.example.com",
                   "TypeError: fetch failed", "Request failed with status code 503",
                   "429 Too Many Requests", "sorry, too many clients already"],
    "permission": ["permission denied for table invoices", "Request failed with status code 401",
                   "new row violates row-level security policy", "JWT expired"],
    "code": ["TypeError: x.map is not a function", "Cannot find module './mailer'",
             'column "vat_id" does not exist',
             "TypeError: Cannot read properties of undefined (reading 'timeout')"],
    "data": ["ValidationError: email is required", "Unexpected token < in JSON at position 0",
             'duplicate key value violates unique constraint "orders_pkey"',
             "invalid input syntax for type uuid", "No such customer: cus_1"],
    "other": ["", "stuck: released by incident runbook", "boom"],
}  # fmt: skip


def test_error_types_against_plain_loops(key: SimpleNamespace, tmp_path: Path) -> None:
    rng = random.Random(5)
    rows, expected, jobs = [], Counter[str](), Counter[str]()
    for i in range(2000):
        kind = rng.choice(["ok"] * 10 + list(ERRORS))
        job_type = rng.choice(["a", "b", "c"])
        expected[kind] += 1
        jobs[job_type] += kind != "ok"
        error = "" if kind == "ok" else rng.choice(MESSAGES[kind])
        outcome = "succeeded" if kind == "ok" else "failed"
        rows.append(row(i, 9 * i, outcome, error=error, job_type=job_type))
    rng.shuffle(rows)
    got = values(key, log(tmp_path / "e.csv", rows))
    assert {k: got[f"{k}_errors"] for k in ERRORS} == {k: expected[k] for k in ERRORS}
    assert got["failing_most"] == max(jobs, key=lambda name: jobs[name])
    assert got["bad_jobs"] == expected["data"]
    assert got["replay_candidates"] == 2000 - expected["ok"] - expected["data"]


@pytest.mark.parametrize("kind", ERRORS)
def test_each_message_has_its_type(key: SimpleNamespace, kind: str) -> None:
    assert [key.error_type(text) for text in MESSAGES[kind]] == [kind] * len(MESSAGES[kind])


def test_messages_that_differ_in_numbers_are_one(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [row(i, i, "failed", error=f"row {i}: order 'A{i}' is late") for i in range(30)]
    rows += [row(90 + i, 90 + i, "failed", error="boom") for i in range(7)]
    analysis = key.analyse(key.load_attempts(log(tmp_path / "m.csv", rows)))
    assert list(analysis.messages["failures"]) == [30, 7]
    assert analysis.messages["message"][0].startswith("row ")


def test_rate_is_never_rounded_down_to_the_expectation(
    key: SimpleNamespace, tmp_path: Path
) -> None:
    rows = [row(i, i, "failed" if i < 1000 else "succeeded") for i in range(20_001)]
    document = key.results(key.analyse(key.load_attempts(log(tmp_path / "r.csv", rows))))
    rate = next(r for r in document["results"] if r["name"] == "failure_rate")
    assert (rate["value"], rate["ok"]) == (5.0, False)


def test_recent_failures_and_stuck_jobs(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [row(i, 60 * i, "failed") for i in range(100)]
    rows += [row(200, 4000, ""), row(201, 5900, ""), row(202, 100, "", job_status="queued")]
    path = log(tmp_path / "s.csv", rows)
    got = values(key, path, as_of=at(6000))
    assert got["recent_failures"] == sum(60 * i > 6000 - 1800 for i in range(100))
    assert (got["stuck_jobs"], got["attempts"], got["failure_rate"]) == (1, 103, 100.0)
    later = values(key, path, as_of=at(10_000), recent_minutes=1, stuck_minutes=5)
    assert (later["recent_failures"], later["stuck_jobs"]) == (0, 2)


# --- replay -----------------------------------------------------------------------------------


def test_verdicts(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [
        row(1, 0, "failed"),
        row(2, 1, "failed", replay_safe="false"),
        row(3, 2, "failed", replay_safe=""),
        row(4, 3, "failed", error="ValidationError: x is required"),
        row(5, 4, "failed", object_id="o1"),
        row(6, 5, "succeeded", object_id="o1"),
        row(7, 6, "succeeded", object_id="o2"),
        row(8, 7, "failed", object_id="o2"),
        row(9, 8, "failed", job_status="failed"),
        row(10, 9, "failed", job_status="queued"),
        row(11, 10, "failed", job_status="succeeded"),
        row(12, 11, "failed"),
        row(12, 20, "succeeded", attempt=2, created_at=at(11)),
        row(13, 12, "failed", object_id="o3", job_type="other"),
        row(14, 13, "succeeded", object_id="o3"),
        row(15, 14, "failed", object_id="o4", error="ValidationError: y"),
        row(16, 15, "failed", object_id="o4", replay_safe="false"),
        row(17, 16, "succeeded", object_id="o4"),
    ]
    random.Random(1).shuffle(rows)
    data = key.load_attempts(log(tmp_path / "v.csv", rows))
    analysis = key.analyse(data)
    verdicts = analysis.failed_jobs.set_index("job_id")["verdict"].to_dict()
    assert verdicts == {
        "1": "replay", "2": "unsafe", "3": "unsafe", "4": "bad data", "5": "superseded",
        "8": "replay", "9": "replay", "13": "replay", "15": "superseded", "16": "superseded",
    }  # fmt: skip
    assert analysis.succeeded_later == 1
    key.write_artifacts(data, analysis, tmp_path / "out")
    with (tmp_path / "out" / "replay_candidates.csv").open(encoding="utf-8") as stream:
        lines = stream.read().splitlines()
    assert lines[0] == "job_id,job_type,attempts,error_type,last_error,first_failed_at"
    assert [line.split(",")[0] for line in lines[1:]] == ["1", "8", "9", "13"]
    with (tmp_path / "out" / "jobs_not_to_replay.csv").open(encoding="utf-8") as stream:
        assert {r["job_id"]: r["verdict"] for r in csv.DictReader(stream)} == {
            job: verdict for job, verdict in verdicts.items() if verdict != "replay"
        }


def test_an_error_text_makes_no_line_of_its_own(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [row(1, 0, "failed", error="first\n777\nlast"), row(2, 1, "failed", error='a "b", c')]
    data = key.load_attempts(log(tmp_path / "l.csv", rows))
    key.write_artifacts(data, key.analyse(data), tmp_path / "out")
    text = (tmp_path / "out" / "replay_candidates.csv").read_text(encoding="utf-8")
    assert [line.split(",")[0] for line in text.splitlines()] == ["job_id", "1", "2"]


def test_nothing_is_safe_unless_the_log_says_so(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [[i, "a", at(i), "failed", "boom"] for i in range(5)]
    path = log(tmp_path / "n.csv", rows, "job_id,job_type,started_at,outcome,error")
    got = values(key, path)
    assert (got["failed_jobs"], got["unsafe_jobs"], got["replay_candidates"]) == (5, 5, 0)
    assert "every job counts as unsafe" in key.summary(key.analyse(key.load_attempts(path)))


# --- indicators -------------------------------------------------------------------------------


def fisher(hit: int, size: int, failed: int, total: int) -> float:
    """Return Fisher's exact test, one-sided, with whole numbers."""
    ways = sum(comb(failed, k) * comb(total - failed, size - k)
               for k in range(hit, min(size, failed) + 1))  # fmt: skip
    return ways / comb(total, size)


def test_lift_and_test_against_plain_loops(key: SimpleNamespace, tmp_path: Path) -> None:
    rng = random.Random(8)
    rows, had, lost = [], {}, {}
    for job in range(600):
        for attempt in (1, 2, 3):
            worker = rng.choice(["w1", "w2", "w3", "w4"])
            fails = rng.random() < (0.4 if worker == "w4" else 0.05)
            outcome = "failed" if fails else "succeeded"
            rows.append(row(job, 30 * job + attempt, outcome, worker=worker, attempt=attempt))
            had.setdefault(worker, set()).add(job)
            lost.setdefault(worker, set()).update({job} if fails else ())
            if not fails:
                break
    analysis = key.analyse(key.load_attempts(log(tmp_path / "i.csv", rows)))
    table = analysis.indicators[analysis.indicators["attribute"] == "worker"].set_index("value")
    total, failed = sum(map(len, had.values())), sum(map(len, lost.values()))
    for worker in had:
        size, hit = len(had[worker]), len(lost[worker])
        assert (table["jobs"][worker], table["failed"][worker]) == (size, hit)
        assert table["lift"][worker] == round(hit / size / (failed / total), 2)
        p = min(1.0, len(analysis.indicators) * fisher(hit, size, failed, total))
        assert table["p"][worker] == pytest.approx(p, rel=1e-6)
    assert list(table.index[table["indicator"]]) == ["w4"]
    assert key.results(analysis)["results"][-1]["value"] == "worker w4"


def test_retries_of_one_bad_job_prove_nothing(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [row(i, 60 * i, worker=f"w{i % 2}") for i in range(200)]
    rows += [row(500, 10_000 + i, "failed", worker="w9", attempt=i) for i in range(1, 60)]
    analysis = key.analyse(key.load_attempts(log(tmp_path / "b.csv", rows)))
    assert analysis.failed == 59
    assert analysis.sure.empty


def test_what_only_goes_along_is_explained(key: SimpleNamespace, tmp_path: Path) -> None:
    """Version v2 runs on w3 alone; on w3 with v1 nothing fails, so the worker is not the cause."""
    rng = random.Random(4)
    rows = []
    for job in range(3000):
        worker = rng.choice(["w1", "w2", "w3"])
        version = "v2" if worker == "w3" and job > 2000 else "v1"
        fails = rng.random() < (0.5 if version == "v2" else 0.02)
        rows.append(
            [*row(job, 20 * job, "failed" if fails else "succeeded", worker=worker), version]
        )
    path = log(tmp_path / "x.csv", rows, HEADER + ",version")
    sure = key.analyse(key.load_attempts(path)).sure.set_index("value")
    assert sure.index[0] == "v2"
    assert sure["beside the strongest"]["w3"] == "explained by it"


def test_chance_makes_no_indicator(key: SimpleNamespace, tmp_path: Path) -> None:
    rng = random.Random(12)
    found = 0
    for number in range(20):
        rows = [
            [*row(i, 40 * i, rng.choice(["succeeded"] * 9 + ["failed"]),
                  worker=f"w{rng.randrange(6)}"), rng.randrange(9000)]
            for i in range(400)
        ]  # fmt: skip
        path = log(tmp_path / f"{number}.csv", rows, HEADER + ",payload_bytes")
        found += len(key.analyse(key.load_attempts(path)).sure)
    assert found <= 1


def test_large_payloads_and_a_minute_of_the_hour(key: SimpleNamespace, tmp_path: Path) -> None:
    rng = random.Random(2)
    rows = []
    for i in range(3000):
        size = int(rng.lognormvariate(7, 1))
        fails = rng.random() < (0.7 if size > 4500 else 0.02)
        rows.append([*row(i, 30 * i, "failed" if fails else "succeeded"), size])
    path = log(tmp_path / "p.csv", rows, HEADER + ",payload_bytes")
    sure = key.analyse(key.load_attempts(path)).sure
    assert sure["attribute"].iloc[0] == "payload size"
    assert sure["value"].iloc[0].startswith("above ")

    rows = [row(i, 30 * i, "failed" if (30 * i // 60) % 60 < 5 and i % 4 else "succeeded")
            for i in range(1200)]  # fmt: skip
    sure = key.analyse(key.load_attempts(log(tmp_path / "c.csv", rows))).sure
    assert list(sure["value"]) == ["00 to 04"]


# --- edges ------------------------------------------------------------------------------------


def test_no_attempt_is_an_answer(key: SimpleNamespace, tmp_path: Path) -> None:
    path = log(tmp_path / "none.csv", [])
    got = values(key, path, as_of=at(0))
    assert (got["attempts"], got["failure_rate"], got["failed_jobs"]) == (0, None, 0)
    data = key.load_attempts(path)
    analysis = key.analyse(data)
    assert "No attempt has finished" in key.summary(analysis)
    key.write_artifacts(data, analysis, tmp_path / "out")
    for plot in (key.plot_by_type, key.plot_over_time, key.plot_indicators):
        plot(analysis)


def test_one_row(key: SimpleNamespace, tmp_path: Path) -> None:
    got = values(key, log(tmp_path / "one.csv", [row(7, 0, "failed")]))
    assert (got["failure_rate"], got["replay_candidates"], got["other_errors"]) == (100.0, 1, 1)
    assert got["failures_began"] == at(0)
    assert got["most_frequent_error"] == "other"


def test_of_error_types_with_equal_counts_the_first_is_most_frequent(
    key: SimpleNamespace, tmp_path: Path
) -> None:
    errors = ["TypeError: x", "statement timeout", "TypeError: y", "ETIMEDOUT", "out of memory"]
    rows = [row(i, i, "failed", error=error) for i, error in enumerate(errors)]
    assert values(key, log(tmp_path / "even.csv", rows))["most_frequent_error"] == "timeout"
    more = [*rows, row(9, 9, "failed", error="TypeError: z")]
    assert values(key, log(tmp_path / "more.csv", more))["most_frequent_error"] == "code"
    healthy = [row(i, i) for i in range(5)]
    assert values(key, log(tmp_path / "none.csv", healthy))["most_frequent_error"] is None


def test_everything_still_runs(key: SimpleNamespace, tmp_path: Path) -> None:
    got = values(key, log(tmp_path / "r.csv", [row(i, i, "") for i in range(5)]), as_of=at(3600))
    assert (got["attempts"], got["failure_rate"], got["stuck_jobs"]) == (5, None, 5)


def test_all_attempts_of_one_job(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [row(1, 60 * i, "failed", attempt=i) for i in range(1, 21)]
    got = values(key, log(tmp_path / "same.csv", rows))
    assert (got["failed_attempts"], got["failed_jobs"], got["replay_candidates"]) == (20, 1, 1)


# --- formats and time zones -------------------------------------------------------------------

RECORDS = [
    {"job_id": 100 + i, "job_type": "import", "started_at": at(60 * i),
     "outcome": "failed" if i >= 30 else "succeeded",
     "error": "connect ECONNREFUSED" if i >= 30 else None, "replay_safe": True}
    for i in range(40)
]  # fmt: skip
COPY = "id,name,timestamp,state,failure_reason,idempotent\n" + "".join(
    f"{r['job_id']},{r['job_type']},{r['started_at'].replace('T', ' ')[:-1]}.123456+00,"
    f"{r['outcome']},{r['error'] or ''},t\n" for r in RECORDS
)  # fmt: skip
BERLIN = "Job ID;Job class;Started at (Europe/Berlin);Status;Exception;Replay safe\n" + "".join(
    f"{r['job_id']};{r['job_type']};"
    f"{(BEGIN + timedelta(minutes=i, hours=1)).strftime('%Y-%m-%d %H:%M:%S')};"
    f"{'completed' if r['outcome'] == 'succeeded' else 'error'};{r['error'] or ''};yes\n"
    for i, r in enumerate(RECORDS)
)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    "text",
    ["\n".join(map(json.dumps, RECORDS)), json.dumps(RECORDS), COPY, "\ufeff" + BERLIN],
    ids=["json lines", "json array", "database copy", "another zone"],
)
def test_formats_agree(key: SimpleNamespace, tmp_path: Path, text: str, packed: bool) -> None:
    path = tmp_path / "log"
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    got = values(key, path)
    assert (got["attempts"], got["failed_attempts"], got["failure_rate"]) == (40, 10, 25.0)
    assert (got["dependency_errors"], got["replay_candidates"]) == (10, 10)
    assert got["failures_began"] == at(1800)


def test_clock_change(key: SimpleNamespace, tmp_path: Path) -> None:
    """Attempts through the repeated hour, in local time: the failing one is in its second run."""
    clock = ["01:45", "02:15", "02:45", "02:15", "02:45", "03:15"]
    rows = [
        [i, "a", f"2026-10-25 {c}:00", "failed" if i == 3 else "ok"] for i, c in enumerate(clock)
    ]
    path = log(tmp_path / "dst.csv", rows, "job_id,job_type,started_at,outcome")
    got = values(
        key, path, time_zone="Europe/Berlin", as_of="2026-10-25 03:15:00", recent_minutes=90
    )
    assert got["failures_began"] == "2026-10-25T01:15:00Z"
    assert got["recent_failures"] == 1


# --- bad input --------------------------------------------------------------------------------

GOOD = f"{HEADER}\n" + ",".join(map(str, row(1, 0))) + "\n"
BAD = {
    **packs.unreadable(GOOD),
    "other header": (b"a,b,c\n", "no column holds the started or finished or created"),
    "no time": (b"job_id,job_type,outcome\n1,a,failed\n", "no column holds the started"),
    "no job": (b"job_type,started_at,outcome\na,2026-01-01,failed\n", "no column holds the job id"),
    "no type": (b"job_id,started_at,outcome\n1,2026-01-01,failed\n", "no column holds the job type"),
    "no outcome": (b"job_id,job_type,started_at\n1,a,2026-01-01\n", "no column holds the outcome"),
    "odd outcome": (b"job_id,job_type,started_at,outcome\n1,a,2026-01-01,purple\n", "holds 'purple'"),
    "mixed zones": (GOOD.encode() + b"2,a,1,,2026-01-01 00:00:00,failed,,,,,\n", "zones are mixed"),
    "bad time": (GOOD.encode() + b"2,a,1,,2026-13-01T00:00:00Z,failed,,,,,\n", "data row 2"),
    "broken line": (b'{"job_id": 1}\n{"job_id":\n', "line 2, column"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_ends_in_one_message(key: SimpleNamespace, tmp_path: Path, name: str) -> None:
    packs.one_message(key, tmp_path / "jobs.csv", BAD[name], key.load_attempts)


def test_bad_parameters(key: SimpleNamespace, tmp_path: Path) -> None:
    with pytest.raises(key.InputProblem, match="no such file"):
        key.load_attempts(tmp_path / "none.csv")
    with pytest.raises(key.InputProblem, match="the parameter is no time"):
        values(key, SAMPLE, as_of="now")
    with pytest.raises(key.InputProblem, match="names no time zone"):
        key.load_attempts(SAMPLE, "Mars/Olympus")


def test_secrets_in_errors_are_removed(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = [row(1, 0, "failed", error=packs.ERROR_WITH_SECRETS)]
    data = key.load_attempts(log(tmp_path / "c.csv", rows))
    for path in key.write_artifacts(data, key.analyse(data), tmp_path / "out"):
        assert not [s for s in packs.SECRETS if s in path.read_text(encoding="utf-8")]


# --- the pack and its notebook ----------------------------------------------------------------


def test_artifacts_are_the_same_every_time(key: SimpleNamespace, tmp_path: Path) -> None:
    def write_artifacts(folder: Path) -> list[Path]:
        data = key.load_attempts(SAMPLE)
        return key.write_artifacts(data, key.analyse(data), folder)

    written = packs.same_twice(tmp_path, write_artifacts)
    failures = packs.table_rows(written["failures.csv"])
    assert len(failures) == told_by_sample()["failed_attempts"]
    document = json.loads(written["summary.json"])
    assert sum(entry["failed"] for entry in document["by_hour"]) == len(failures)


@pytest.mark.parametrize("folder", [".", "notebooks"])
def test_notebook_runs(tmp_path: Path, folder: str) -> None:
    pack = packs.assembled(PACK, tmp_path / "run")
    ran = packs.run_notebook(pack, folder, as_of="2026-11-20T18:00:00Z")
    entry = ran.rows["failure_rate"]
    assert (entry["label"], entry["unit"]) == ("Failure rate", "%")
    assert (entry["expected"], entry["ok"]) == ({"op": "<", "value": 5.0}, False)
    assert ran.rows["code_errors"]["value"] == told_by_sample()["code_errors"]
    assert (ran.rows["stuck_jobs"]["value"], ran.rows["stuck_jobs"]["ok"]) == (0, True)
    assert "Strongest indicator: version r41" in ran.text
    assert ran.plots == 3
    assert ran.artifacts == [
        "failures.csv", "jobs_not_to_replay.csv", "replay_candidates.csv", "report.md",
        "summary.json",
    ]  # fmt: skip
