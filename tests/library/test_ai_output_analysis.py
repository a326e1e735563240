"""The AI output analysis gives known answers on known data, and one message on bad data."""

from __future__ import annotations

import csv
import gzip
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from statistics import fmean
from types import SimpleNamespace
from typing import Any

import library_pack as packs
import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("pandas")
pytest.importorskip("matplotlib")

PACK = Path(__file__).parents[2] / "library/jupyter-keys/jupyter-ai-output-analysis"
SAMPLE = PACK / "sample" / "ai_outputs.csv"
KINDS = ("regressions", "model_regressions", "prompt_regressions", "unexplained_regressions")
BEGIN = datetime(2026, 5, 1, tzinfo=timezone.utc)
HEADER = ("output_id", "created_at", "feature", "model", "prompt_version", "quality_score",
          "format_valid", "finish_reason", "user_rating", "output_chars", "latency_ms")  # fmt: skip


@pytest.fixture(scope="module")
def key() -> Iterator[SimpleNamespace]:
    names = ("quality_change", "output_samples", "output_regressions", "output_tables")
    with packs.imported(PACK, "table_columns", "table_times", *names, "output_report") as namespace:
        yield namespace


def write(path: Path, rows: list[dict[str, Any]], header: tuple[str, ...] = HEADER) -> Path:
    return packs.table(path, ",".join(header), ([row.get(name) for name in header] for row in rows))


def rows_of(count: int, seed: int = 1, **columns: Any) -> list[dict[str, Any]]:
    """Make outputs five minutes apart; a column is a value, or a function of number and chance."""
    rng = random.Random(seed)
    plain = {
        "feature": "answer", "model": "m1", "prompt_version": "p1", "format_valid": "t",
        "finish_reason": "stop", "user_rating": "", "output_chars": 500, "latency_ms": 900,
        "quality_score": lambda i, rng: round(min(1, max(0, rng.gauss(0.85, 0.08))), 2),
    }  # fmt: skip
    rows = []
    for i in range(count):
        row = {"output_id": f"o{i}", "created_at": (BEGIN + i * timedelta(minutes=5)).isoformat()}
        for name, value in {**plain, **columns}.items():
            row[name] = value(i, rng) if callable(value) else value
        rows.append(row)
    return rows


def falls(at: int, by: float, until: int = 10**9, base: float = 0.85) -> Any:
    def score(i: int, rng: random.Random) -> float:
        level = base - (by if at <= i < until else 0)
        return round(min(1, max(0, rng.gauss(level, 0.08))), 2)

    return score


def analysed(key: SimpleNamespace, path: Path, **options: Any) -> SimpleNamespace:
    load = {n: options.pop(n) for n in ("history", "score_max") if n in options}
    zone = options.pop("time_zone", "UTC")
    data = key.load_outputs(path, time_zone=zone, **load)
    analysis = key.analyse(data, time_zone=zone, **options)
    document = key.results(analysis)
    assert document["schema"] == "keys.result/1"
    got = {row["name"]: row["value"] for row in document["results"]}
    return SimpleNamespace(data=data, analysis=analysis, got=got, document=document)


def kinds(key: SimpleNamespace, path: Path, **options: Any) -> tuple[int, ...]:
    got = analysed(key, path, **options).got
    return tuple(got[name] for name in KINDS)


def moment(i: int) -> str:
    return (BEGIN + i * timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ")


# --- known answers ----------------------------------------------------------------------------


def test_sample_tells_its_story(key: SimpleNamespace) -> None:
    with SAMPLE.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    failed = sum(row["finish_reason"] == "error" for row in rows)
    graded = [r for r in rows if r["feature"] == "search-answer" and r["quality_score"]]
    before = [float(r["quality_score"]) for r in graded if r["created_at"] < "2026-11-20 02:10"]
    after = [float(r["quality_score"]) for r in graded if r["created_at"] >= "2026-11-20 02:10"]

    run = analysed(key, SAMPLE)

    assert [run.got[name] for name in KINDS] == [1, 0, 0, 1]
    assert run.got["outputs"] == len(rows) - failed
    assert run.got["failed_calls"] == failed
    assert run.got["worst_feature"] == "search-answer"
    assert run.got["regression_began"] == "2026-11-20T02:10:00Z"
    assert run.got["quality_before"] == pytest.approx(100 * fmean(before), abs=0.051)
    assert run.got["quality_after"] == pytest.approx(100 * fmean(after), abs=0.051)
    # three features of four measures: twelve tests, none of 9,999 shuffles as good
    assert run.got["p_value"] == pytest.approx(12 / 10_000)
    assert run.got["quality_drop"] == pytest.approx(100 * (fmean(before) - fmean(after)), abs=0.051)
    assert run.got["invalid_outputs"] == sum(row["format_valid"] == "f" for row in rows)
    assert run.got["changed_beside"] is None
    assert run.got["worst_regression"] == "unexplained"
    trends = key.trends(run.analysis)
    slower = trends[trends["trend"] == "Latency, median"]["changed at (UTC)"]
    assert slower["ticket-summary"].startswith("2026-11-15")
    assert slower["search-answer"] == slower["reply-draft"] == "steady"


def test_sample_is_what_its_generator_makes(tmp_path: Path) -> None:
    script = shutil.copy(PACK / "sample" / "make_sample.py", tmp_path)
    subprocess.run([sys.executable, script], check=True)
    assert (tmp_path / "ai_outputs.csv").read_bytes() == SAMPLE.read_bytes()
    assert SAMPLE.stat().st_size < 500_000


def test_healthy(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = rows_of(3000, feature=lambda i, rng: rng.choice(["a", "b", "c"]),
                   format_valid=lambda i, rng: rng.choice("t" * 99 + "f"),
                   user_rating=lambda i, rng: rng.choice(["", "", "", 1, 1, -1]))  # fmt: skip
    run = analysed(key, write(tmp_path / "h.csv", rows))
    scores = [row["quality_score"] for row in rows]
    late = [row["quality_score"] for row in rows[-288:]]
    assert [run.got[name] for name in KINDS] == [0, 0, 0, 0]
    assert run.got["outputs"] == 3000
    assert run.got["worst_feature"] is run.got["p_value"] is None
    assert run.got["quality_after"] == pytest.approx(100 * fmean(late), abs=0.051)
    assert run.got["quality_before"] == pytest.approx(100 * fmean(scores[:-288]), abs=0.051)
    assert run.got["graded_share"] == 100.0
    assert "No regression" in key.summary(run.data, run.analysis)


def test_chance_alone_is_hardly_ever_a_regression(key: SimpleNamespace) -> None:
    rng = np.random.default_rng(5)
    hours = np.arange(600) // 2  # twelve and a half days
    found = {"alone": 0, "with day and night": 0, "like their neighbours": 0}
    for _ in range(100):
        noise = rng.normal(size=600)
        night = np.where(hours % 24 < 7, -1.0, 0.0)
        alike = np.zeros(600)
        for i in range(1, 600):
            alike[i] = 0.4 * alike[i - 1] + noise[i]
        series = (noise, noise + night, alike)
        for name, values in zip(found, series, strict=True):
            found[name] += bool(key.changes(values, hours, 999, 0.05))
    # of 100 at 5 %, 12 is beyond the 99 % quantile; resemblance costs a part of the promise
    assert found["alone"] <= 11
    assert found["with day and night"] <= 11
    assert found["like their neighbours"] <= 17


@pytest.mark.parametrize(
    ("columns", "expected", "beside"),
    [
        ({"model": lambda i, rng: "m2" if i >= 1500 else "m1"}, (1, 1, 0, 0), "model m1 → m2"),
        ({"prompt_version": lambda i, rng: "p2" if i >= 1500 else "p1"}, (1, 0, 1, 0),
         "prompt p1 → p2"),
        ({"model": lambda i, rng: "m2" if i >= 1500 else "m1",
          "prompt_version": lambda i, rng: "p2" if i >= 1500 else "p1"}, (1, 1, 0, 0),
         "model m1 → m2 and prompt p1 → p2"),
        ({"model": lambda i, rng: "m2" if i >= 1000 else "m1"}, (1, 0, 0, 1), None),
        ({"model": lambda i, rng: rng.choice(["m1", "m2"])}, (1, 0, 0, 1), None),
    ],
    ids=["model", "prompt", "both", "model long before", "always two models"],
)  # fmt: skip
def test_what_changed_beside_the_fall(
    key: SimpleNamespace, tmp_path: Path, columns: Any, expected: Any, beside: str | None
) -> None:
    rows = rows_of(2000, quality_score=falls(1500, 0.10), **columns)
    run = analysed(key, write(tmp_path / "o.csv", rows))
    assert tuple(run.got[name] for name in KINDS) == expected
    assert run.got["changed_beside"] == beside
    (kind,) = (
        k for k, n in zip(("model", "prompt", "unexplained"), expected[1:], strict=True) if n
    )
    assert run.got["worst_regression"] == kind
    worst = run.analysis.worst
    assert key.utc(worst.earliest) <= moment(1500) <= key.utc(worst.latest)
    assert abs((worst.began - key.pd.Timestamp(moment(1500))).total_seconds()) <= 5 * 300


def test_a_partial_roll_out_is_found_by_its_version(key: SimpleNamespace, tmp_path: Path) -> None:
    rng = random.Random(3)
    rows = rows_of(3000)
    for i, row in enumerate(rows):
        if i >= 1800 and rng.random() < 0.3:
            row["prompt_version"] = "p2"
            row["quality_score"] = round(rng.gauss(0.55, 0.08), 2)
    run = analysed(key, write(tmp_path / "canary.csv", rows))
    assert tuple(run.got[name] for name in KINDS) == (1, 0, 1, 0)
    versions = key.by_version(run.analysis).set_index("prompt")
    p2 = fmean(r["quality_score"] for r in rows if r["prompt_version"] == "p2")
    assert versions.loc["p2", "score"] == pytest.approx(100 * p2, abs=0.051)
    assert versions.loc["p2", "z"] < -10


def test_one_feature_of_several(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = rows_of(1500, feature="a") + rows_of(1500, seed=2, feature="b",
                                                quality_score=falls(1200, 0.2))  # fmt: skip
    rows += rows_of(1500, seed=3, feature="c", quality_score=falls(1300, 0.08))
    for i, row in enumerate(rows):
        row["output_id"] = i
    random.Random(1).shuffle(rows)
    run = analysed(key, write(tmp_path / "three.csv", rows))
    assert tuple(run.got[name] for name in KINDS) == (2, 0, 0, 2)
    assert [r.feature for r in run.analysis.regressions] == ["b", "c"]


def test_a_fall_that_came_back_is_none(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = rows_of(2000, quality_score=falls(900, 0.2, until=1200))
    assert kinds(key, write(tmp_path / "back.csv", rows)) == (0, 0, 0, 0)
    half = [{**r, "quality_score": r["quality_score"] - (0.1 if i >= 1200 else 0)}
            for i, r in enumerate(rows)]  # fmt: skip
    run = analysed(key, write(tmp_path / "half.csv", half))
    assert run.got["regressions"] == 1
    assert run.got["regression_began"][:10] == moment(900)[:10]
    late = fmean(row["quality_score"] for row in half[1200:])
    assert run.got["quality_after"] == pytest.approx(100 * late, abs=0.5)


def test_the_bad_time_left_out_is_compared_across(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = rows_of(4000, quality_score=falls(2000, 0.2, until=3700))
    whole = rows[:2000] + rows[3700:]
    run = analysed(key, write(tmp_path / "good.csv", whole))
    assert tuple(run.got[name] for name in KINDS) == (0, 0, 0, 0)
    now = fmean(row["quality_score"] for row in rows[-288:])
    assert run.got["quality_after"] == pytest.approx(100 * now, abs=0.051)
    bad = rows[:2000] + rows[3400:3700]
    run = analysed(key, write(tmp_path / "bad.csv", bad))
    assert tuple(run.got[name] for name in KINDS) == (1, 0, 0, 1)
    assert run.got["regression_began"] == moment(3400)


def test_a_small_fall_counts_only_when_asked(key: SimpleNamespace, tmp_path: Path) -> None:
    path = write(tmp_path / "small.csv", rows_of(6000, quality_score=falls(3000, 0.02)))
    assert kinds(key, path) == (0, 0, 0, 0)
    assert kinds(key, path, limits=key.Limits(drop=1.0)) == (1, 0, 0, 1)


@pytest.mark.parametrize(
    ("column", "good", "bad", "measure"),
    [
        ("format_valid", "t", "f", "valid"),
        ("finish_reason", "stop", "content_filter", "complete"),
        ("finish_reason", "end_turn", "max_tokens", "complete"),
        ("output_chars", 500, 0, "complete"),
        ("user_rating", 1, -1, "rating"),
    ],
)
def test_every_measure_can_regress(
    key: SimpleNamespace, tmp_path: Path, column: str, good: Any, bad: Any, measure: str
) -> None:
    def value(i: int, rng: random.Random) -> Any:
        return bad if rng.random() < (0.15 if i >= 1500 else 0.01) else good

    run = analysed(key, write(tmp_path / "m.csv", rows_of(2000, **{column: value})))
    assert run.got["regressions"] == 1
    assert run.analysis.worst.measure == measure
    begun = (run.analysis.worst.began - key.pd.Timestamp(BEGIN)).total_seconds() / 300
    assert 1450 <= begun <= 1550


def test_shares_against_plain_loops(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = rows_of(400, finish_reason=lambda i, rng: rng.choice(
        ["stop"] * 6 + ["length", "content_filter", "error"]),
        format_valid=lambda i, rng: rng.choice("ttttf"),
        latency_ms=lambda i, rng: rng.randrange(100, 5000))  # fmt: skip
    got = analysed(key, write(tmp_path / "s.csv", rows)).got
    answered = [row for row in rows if row["finish_reason"] != "error"]
    # 400 outputs last 33 hours, less than two days: now is the later half of the time
    first, last = answered[0]["created_at"], answered[-1]["created_at"]
    begin = datetime.fromisoformat(first)
    half = begin + (datetime.fromisoformat(last) - begin) / 2
    now = [row for row in answered if datetime.fromisoformat(row["created_at"]) > half]

    def share(column: str, value: str) -> float:
        return round(100 * sum(row[column] == value for row in now) / len(now), 2)

    assert got["failed_calls"] == 400 - len(answered)
    assert got["invalid_share"] == share("format_valid", "f")
    assert got["refused_share"] == share("finish_reason", "content_filter")
    assert got["cut_off_share"] == share("finish_reason", "length")
    latencies = [row["latency_ms"] for row in now]
    assert got["latency_p95_ms"] == pytest.approx(float(np.percentile(latencies, 95)), abs=0.06)


# --- the statistic ----------------------------------------------------------------------------


def test_split_z_is_mann_whitney_with_ties(key: SimpleNamespace) -> None:
    rng = random.Random(2)
    values = [rng.randrange(6) for _ in range(60)]
    first, rest = values[:25], values[25:]
    wins = sum((a > b) + 0.5 * (a == b) for a in first for b in rest)
    ties = sum(values.count(v) ** 3 - values.count(v) for v in set(values))
    n, m, total = len(first), len(rest), len(values)
    sd = (n * m / 12 * (total + 1 - ties / (total * (total - 1)))) ** 0.5
    z = (wins - n * m / 2) / sd
    assert key.group_z(np.array(values, float), np.arange(60) < 25) == pytest.approx(z)
    assert key.split_scores(np.array(values, float))[24] == pytest.approx(z)


def test_significance_against_a_plain_shuffle(key: SimpleNamespace) -> None:
    rng = random.Random(11)
    values = [rng.gauss(0, 1) - (0.75 if i >= 25 else 0) for i in range(48)]
    # 48 values in 40 blocks are hardly blocked: single values are shuffled here
    ranks = [sorted(values).index(v) - 23.5 for v in values]

    def best(order: list[float]) -> float:
        return max(abs(sum(order[:k])) / (k * (48 - k)) ** 0.5 for k in range(20, 29))

    observed = best(ranks)
    hits = sum(best(rng.sample(ranks, 48)) >= observed for _ in range(3000))
    change = key.best_split(np.array(values), np.zeros(48, int), 9_999)
    assert change.p_value == pytest.approx(hits / 3000, abs=0.02)
    assert change.p_value < 0.2


def test_too_little_or_constant_proves_nothing(key: SimpleNamespace) -> None:
    at = np.zeros(500, int)
    assert key.best_split(np.r_[np.ones(19), np.zeros(19)], at, 999) is None
    assert key.best_split(np.ones(500), at, 999) is None
    assert key.best_split(np.r_[np.ones(20), np.zeros(20)], at, 999).position == 20


# --- edges ------------------------------------------------------------------------------------


def test_nothing_recorded_is_not_no_regression(key: SimpleNamespace, tmp_path: Path) -> None:
    none = {"quality_score": "", "format_valid": "", "finish_reason": "", "output_chars": ""}
    for name, rows in (("header", []), ("blank", rows_of(50, **none))):
        run = analysed(key, write(tmp_path / f"{name}.csv", rows))
        assert run.got["outputs"] == 0
        assert [run.got[kind] for kind in KINDS] == [None] * 4
        assert "nothing is known of quality" in key.summary(run.data, run.analysis)
        key.write_artifacts(run.data, run.analysis, key.tables(run.analysis), tmp_path / name)
        made = key.tables(run.analysis)
        for figure in (key.plot_quality(run.analysis, made), key.plot_features(made)):
            assert figure.axes[0].get_title()


def test_one_row(key: SimpleNamespace, tmp_path: Path) -> None:
    run = analysed(key, write(tmp_path / "one.csv", rows_of(1)))
    assert [run.got[name] for name in KINDS] == [0, 0, 0, 0]
    assert (run.got["outputs"], run.got["untested_features"]) == (1, 1)
    assert "Not tested" in key.summary(run.data, run.analysis)
    key.plot_latency(key.tables(run.analysis))


def test_only_failed_calls(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = rows_of(30, finish_reason="error", quality_score="", format_valid="")
    got = analysed(key, write(tmp_path / "failed.csv", rows)).got
    assert (got["outputs"], got["failed_calls"], got["regressions"]) == (0, 30, None)


def test_all_scores_equal(key: SimpleNamespace, tmp_path: Path) -> None:
    assert kinds(key, write(tmp_path / "e.csv", rows_of(300, quality_score=1))) == (0, 0, 0, 0)


def test_many_small_features_share_one_row(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = rows_of(3000, feature=lambda i, rng: f"f{min(int(rng.expovariate(0.05)), 60)}")
    analysis = analysed(key, write(tmp_path / "many.csv", rows)).analysis
    table = key.by_feature(analysis)
    assert len(table) == 25
    assert "(others)" in table.index
    assert int(table[["outputs before", "outputs now"]].to_numpy().sum()) == 3000


def test_history_file_and_repeated_rows(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = rows_of(2000, quality_score=falls(1500, 0.1),
                   model=lambda i, rng: "m2" if i >= 1500 else "m1")  # fmt: skip
    early, late = write(tmp_path / "a.csv", rows[:1100]), write(tmp_path / "b.csv", rows[1000:])
    whole = analysed(key, write(tmp_path / "c.csv", rows))
    parts = analysed(key, late, history=early)
    assert parts.got == whole.got
    assert any("100 rows repeat an output's id" in note for note in parts.analysis.notes)


def test_period(key: SimpleNamespace, tmp_path: Path) -> None:
    path = write(tmp_path / "p.csv", rows_of(2000, quality_score=falls(1500, 0.1)))
    assert kinds(key, path, end=moment(1500)) == (0, 0, 0, 0)
    assert analysed(key, path, start=moment(100), end=moment(150)).got["outputs"] == 50
    with pytest.raises(key.InputProblem, match="no output lies in the period"):
        analysed(key, path, start="2027-01-01")


@pytest.mark.parametrize(("top", "given"), [(5, None), (10, None), (100, None), (20, 20.0)])
def test_scales(key: SimpleNamespace, tmp_path: Path, top: int, given: float | None) -> None:
    rows = rows_of(200)
    expected = 100 * fmean(row["quality_score"] for row in rows)
    for row in rows:
        row["quality_score"] = row["quality_score"] * top
    rows[0]["quality_score"] = top
    data = key.load_outputs(write(tmp_path / "s.csv", rows), score_max=given)
    assert float(data.frame["score"].mean()) == pytest.approx(expected, abs=0.2)


# --- formats and time zones -------------------------------------------------------------------


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("shape", ["lines", "array", "nested", "semicolons"])
def test_formats_agree(key: SimpleNamespace, tmp_path: Path, shape: str, packed: bool) -> None:
    rows = rows_of(600, quality_score=falls(450, 0.3))
    nested = [
        {"timestamp": r["created_at"], "task": "answer", "model": {"x": 1}, "modelId": "m1",
         "scores": {"quality": r["quality_score"]}, "stopReason": "end_turn"}
        for r in rows
    ]  # fmt: skip
    semicolons = ["Created (UTC);Feature;Quality Score"]
    semicolons += [f"{r['created_at'][:19]};answer;{r['quality_score']}" for r in rows]
    text = {
        "lines": "\n".join(map(json.dumps, rows)),
        "array": json.dumps(rows),
        "nested": "\n".join(map(json.dumps, nested)),
        "semicolons": "\ufeff" + "\n".join(semicolons),
    }[shape]
    path = tmp_path / "outputs"
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    got = analysed(key, path).got
    assert (got["outputs"], got["unexplained_regressions"]) == (600, 1)
    assert abs(datetime.fromisoformat(got["regression_began"].replace("Z", "+00:00")) - BEGIN
               - 450 * timedelta(minutes=5)) <= timedelta(minutes=15)  # fmt: skip


def test_repeated_hour_and_zone(key: SimpleNamespace, tmp_path: Path) -> None:
    clock = ["01:45", "02:15", "02:45", "02:15", "02:45", "03:15"]
    rows = [{"created_at": f"2026-10-25 {t}:00", "quality_score": 0.5} for t in clock]
    path = write(tmp_path / "dst.csv", rows, ("created_at", "quality_score"))
    times = key.load_outputs(path, time_zone="Europe/Berlin").frame["time"]
    assert [str(t)[11:16] for t in times] == ["23:45", "00:15", "00:45", "01:15", "01:45", "02:15"]


# --- bad input --------------------------------------------------------------------------------

GOOD = "created_at,feature,quality_score\n2026-01-01 00:00:00,a,0.5\n"
BAD = {
    **packs.unreadable(GOOD),
    "no time": (b"feature,quality_score\na,0.5\n", "no column holds the time"),
    "no time, no rows": (b"feature,quality_score\n", "no column holds the time"),
    "no measure": (b"created_at,feature\n2026-01-01,a\n", "no column holds the score or valid"),
    "odd score": (GOOD.replace("0.5", "good").encode(), "'quality_score' holds 'good'"),
    "scale": (GOOD.replace("0.5", "730").encode(), "the scale of the score is unknown"),
    "negative": (GOOD.replace("0.5", "-0.5").encode(), "the scale of the score is unknown"),
    "mixed zones": (GOOD.encode() + b"2026-01-01T00:00:00Z,a,0.5\n", "time zones are mixed"),
    "bad time": (GOOD.encode() + b"2026-13-01 00:00:00,a,0.5\n", "data row 2"),
    "broken line": (b'{"created_at": 1780000000}\n{"created":\n', "line 2, column"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_ends_in_one_message(key: SimpleNamespace, tmp_path: Path, name: str) -> None:
    packs.one_message(key, tmp_path / "outputs.csv", BAD[name], key.load_outputs)


def test_bad_parameters(key: SimpleNamespace, tmp_path: Path) -> None:
    with pytest.raises(key.InputProblem, match="no such file"):
        key.load_outputs(tmp_path / "none.csv")
    with pytest.raises(key.InputProblem, match="names no time zone"):
        key.load_outputs(SAMPLE, time_zone="Mars/Olympus")
    with pytest.raises(key.InputProblem, match="significance"):
        analysed(key, SAMPLE, limits=key.Limits(significance=0))


# --- the pack and its notebook ----------------------------------------------------------------


def test_artifacts_are_the_same_every_time(key: SimpleNamespace, tmp_path: Path) -> None:
    def write_artifacts(folder: Path) -> list[Path]:
        run = analysed(key, SAMPLE)
        return key.write_artifacts(run.data, run.analysis, key.tables(run.analysis), folder)

    written = packs.same_twice(tmp_path, write_artifacts)
    document = json.loads(written["summary.json"])
    assert document["regressed"][0]["feature"] == "search-answer"
    lowest = packs.table_rows(written["lowest_outputs.csv"])
    assert all(row["feature"] == "search-answer" for row in lowest)
    assert min(row["time"] for row in lowest) >= "2026-11-20T02:10:00Z"
    scores = [float(row["score"]) for row in lowest if row["score"]]
    assert scores == sorted(scores)


@pytest.mark.parametrize("folder", [".", "notebooks"])
def test_notebook_runs(tmp_path: Path, folder: str) -> None:
    run = packs.run_notebook(packs.assembled(PACK, tmp_path / "run"), folder)
    assert run.result["schema"] == "keys.result/1"
    assert run.rows["regressions"] == {
        "name": "regressions",
        "label": "Regressions",
        "value": 1,
        "unit": None,
        "expected": {"op": "==", "value": 0},
        "ok": False,
    }
    assert (run.rows["model_regressions"]["value"], run.rows["model_regressions"]["ok"]) == (
        0,
        True,
    )
    assert "Regression began: 2026-11-20T02:10:00Z" in run.text
    assert run.plots == 3
    assert run.artifacts == ["lowest_outputs.csv", "quality_by_version.csv",
                             "quality_over_time.csv", "report.md", "summary.json"]  # fmt: skip


def test_notebook_runs_on_nothing_recorded(tmp_path: Path) -> None:
    pack = packs.assembled(PACK, tmp_path / "run")
    write(pack / "empty.csv", [])
    run = packs.run_notebook(pack, input_csv="empty.csv")
    assert (run.rows["outputs"]["value"], run.rows["regressions"]["value"]) == (0, None)
