"""The input quality analysis gives known answers on known data, and one message on bad data."""

from __future__ import annotations

import csv
import gzip
import json
import math
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

PACK = Path(__file__).parents[2] / "library/jupyter-keys/jupyter-input-quality-analysis"
SAMPLE = PACK / "sample" / "ai_inputs.csv"
LOST = "2026-11-20 02:10:00 UTC"
KINDS = ("related_input_metrics", "context_problems", "truncation_problems",
         "completeness_problems", "mix_changes")  # fmt: skip
BEGIN = datetime(2026, 5, 1, tzinfo=timezone.utc)
HEADER = ("input_id", "created_at", "feature", "source", "language", "input_chars",
          "context_documents", "truncated", "missing_fields", "content_hash",
          "quality_score")  # fmt: skip


@pytest.fixture(scope="module")
def key() -> Iterator[SimpleNamespace]:
    names = ("rank_relation", "input_samples", "input_metrics", "input_quality", "input_report")
    with packs.imported(PACK, "table_columns", "table_times", *names) as namespace:
        yield namespace


def write(path: Path, rows: list[dict[str, Any]], header: tuple[str, ...] = HEADER) -> Path:
    return packs.table(path, ",".join(header), ([row.get(name) for name in header] for row in rows))


def at(i: int) -> str:
    return (BEGIN + i * timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ")


def rows_of(count: int, seed: int = 1, **columns: Any) -> list[dict[str, Any]]:
    """Make inputs five minutes apart; a column is a value, or a function of number and chance."""
    rng = random.Random(seed)
    plain = {
        "feature": "answer", "source": "web", "language": "en", "context_documents": 5,
        "truncated": "f", "missing_fields": 0,
        "input_chars": lambda i, rng: int(rng.lognormvariate(6, 0.5)),
        "content_hash": lambda i, rng: f"{rng.getrandbits(64):x}",
        "quality_score": lambda i, rng: round(min(1, max(0, rng.gauss(0.85, 0.08))), 3),
    }  # fmt: skip
    rows = []
    for i in range(count):
        row = {"input_id": f"i{i}", "created_at": at(i)}
        for name, value in {**plain, **columns}.items():
            row[name] = value(i, rng) if callable(value) else value
        rows.append(row)
    return rows


def lowered(rows: list[dict[str, Any]], bad: Any, by: float = 0.25) -> list[dict[str, Any]]:
    """Make the answers of the inputs for which `bad` is true worse."""
    for row in rows:
        if bad(row):
            row["quality_score"] = round(max(0, row["quality_score"] - by), 3)
    return rows


def analysed(key: SimpleNamespace, path: Path, since: str | None = None, **options: Any) -> Any:
    zone = options.pop("time_zone", "UTC")
    data = key.load_inputs(path, zone, options.pop("score_max", None))
    analysis = key.analyse(data, since, time_zone=zone, **options)
    document = key.results(analysis)
    assert document["schema"] == "keys.result/1"
    got = {row["name"]: row["value"] for row in document["results"]}
    return SimpleNamespace(data=data, analysis=analysis, got=got, document=document)


def kinds(key: SimpleNamespace, path: Path, since: str, **options: Any) -> tuple[Any, ...]:
    got = analysed(key, path, since, **options).got
    return tuple(got[name] for name in KINDS)


# --- known answers ----------------------------------------------------------------------------


def test_sample_tells_its_story(key: SimpleNamespace) -> None:
    with SAMPLE.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    late = [row for row in rows if row["created_at"] >= "2026-11-20 02:10"]
    early = rows[: len(rows) - len(late)]
    bare = [row for row in late if row["context_documents"] == "0"]

    def score(part: list[dict[str, str]], none: bool | None = None) -> float:
        return fmean(100 * float(r["quality_score"]) for r in part if r["quality_score"]
                     and none in (None, r["context_documents"] == "0"))  # fmt: skip

    run = analysed(key, SAMPLE, LOST)

    assert tuple(run.got[name] for name in KINDS) == (1, 1, 0, 0, 0)
    assert (run.got["inputs"], run.got["scored_inputs"]) == (
        len(rows), sum(bool(row["quality_score"]) for row in rows))  # fmt: skip
    assert run.got["quality_before"] == pytest.approx(score(early), abs=0.051)
    assert run.got["quality_after"] == pytest.approx(score(late), abs=0.051)
    assert run.got["no_context"] == sum(row["context_documents"] == "0" for row in rows)
    assert run.got["missing_fields"] == sum(row["missing_fields"] != "0" for row in rows)
    assert run.got["truncated"] == sum(row["truncated"] == "t" for row in rows)
    assert run.got["empty"] == 0
    assert run.got["too_long"] is run.got["schema_faults"] is None
    # the source changed as well, and has nothing to do with it
    assert run.got["degraded_input_metrics"] == 2
    assert run.got["strongest_metric"] == "Without context"
    found = run.analysis.related[0]
    gap = score(late, none=False) - score(late, none=True)
    share = 100 * len(bare) / len(late)
    assert (found.after, found.gap) == (round(share, 2), pytest.approx(gap, abs=0.051))
    before = 100 * sum(row["context_documents"] == "0" for row in early) / len(early)
    assert found.explains == pytest.approx((share - before) / 100 * gap, abs=0.1)
    assert key.recommendations(run.analysis)[0].startswith("Without context: Look at the search")


def test_sample_is_what_its_generator_makes(tmp_path: Path) -> None:
    script = shutil.copy(PACK / "sample" / "make_sample.py", tmp_path)
    subprocess.run([sys.executable, script], check=True)
    assert (tmp_path / "ai_inputs.csv").read_bytes() == SAMPLE.read_bytes()
    assert SAMPLE.stat().st_size < 500_000


def test_healthy(key: SimpleNamespace, tmp_path: Path) -> None:
    for seed in range(5):
        rows = rows_of(2500, seed, source=lambda i, rng: rng.choice(["web", "api"]),
                       language=lambda i, rng: rng.choice(["en", "de", "fr"]),
                       truncated=lambda i, rng: rng.choice("ffffffft"))  # fmt: skip
        run = analysed(key, write(tmp_path / "h.csv", rows), at(2100))
        assert tuple(run.got[name] for name in KINDS) == (0, 0, 0, 0, 0)
        assert run.got["degraded_input_metrics"] == 0
        assert run.got["strongest_metric"] is run.got["strongest_correlation"] is None
    assert "The inputs do not explain" in key.summary(run.data, run.analysis)


def often(good: Any, bad: Any, share: float = 0.4) -> Any:
    """Give the bad value to 2 % of the inputs before number 1500, and to a larger share after."""
    return lambda i, rng: bad if rng.random() < (share if i >= 1500 else 0.02) else good


@pytest.mark.parametrize(
    ("column", "good", "bad", "expected", "metric"),
    [
        ("context_documents", 5, 0, (1, 1, 0, 0, 0), "Without context"),
        ("context_documents", 6, "", (1, 1, 0, 0, 0), "Without context"),
        ("context_documents", 6, 2, (1, 1, 0, 0, 0), "Half the usual context or less"),
        ("truncated", "false", "true", (1, 0, 1, 0, 0), "Truncated"),
        ("input_chars", 400, 90_000, (1, 0, 1, 0, 0), "Unusually long"),
        ("missing_fields", 0, 2, (1, 0, 0, 1, 0), "Missing fields"),
        ("content_hash", None, "same", (1, 0, 0, 1, 0), "Repeated within 24 hours"),
        ("source", "web", "email", (1, 0, 0, 0, 1), "Source email"),
        ("language", "en", "pt", (1, 0, 0, 0, 1), "Language pt"),
        ("language", "en", "", (1, 0, 0, 1, 0), "Language unknown"),
    ],
)
def test_every_kind_of_problem(
    key: SimpleNamespace, tmp_path: Path, column: str, good: Any, bad: Any, expected: Any,
    metric: str,
) -> None:  # fmt: skip
    value = often(good, bad)
    if good is None:
        value = lambda i, rng: often(f"{rng.getrandbits(64):x}", bad)(i, rng)  # noqa: E731
    rows = lowered(rows_of(2000, **{column: value}), lambda row: row[column] == bad)
    run = analysed(key, write(tmp_path / "p.csv", rows), at(1500))
    assert tuple(run.got[name] for name in KINDS) == expected
    assert run.got["strongest_metric"] == metric
    assert run.analysis.related[0].compared == "after"
    assert 20 < run.analysis.related[0].gap < 30
    assert run.got["strongest_correlation"] < -0.6


def test_empty_inputs_and_too_long_ones(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = rows_of(2000, input_chars=often(500, 0))
    rows = lowered(rows, lambda row: row["input_chars"] == 0)
    run = analysed(key, write(tmp_path / "e.csv", rows), at(1500), max_input_chars=400)
    empty = sum(row["input_chars"] == 0 for row in rows)
    assert (run.got["empty"], run.got["too_long"]) == (empty, 2000 - empty)
    assert run.got["completeness_problems"] == 1
    assert run.got["strongest_problem"] == "completeness"
    assert run.got["mix_changes"] == 0


def test_what_changed_at_the_same_time_is_not_blamed(key: SimpleNamespace, tmp_path: Path) -> None:
    """All answers fell, whatever their input: more e-mail beside it explains nothing."""
    rows = rows_of(2000, source=often("web", "email"), truncated=often("f", "t"))
    rows = [{**r, "quality_score": round(r["quality_score"] - (0.2 if i >= 1500 else 0), 3)}
            for i, r in enumerate(rows)]  # fmt: skip
    run = analysed(key, write(tmp_path / "same.csv", rows), at(1500))
    assert tuple(run.got[name] for name in KINDS) == (0, 0, 0, 0, 0)
    assert run.got["strongest_problem"] is None
    assert run.got["degraded_input_metrics"] == 2
    words = key.summary(run.data, run.analysis)
    assert "Worse, but not going together with worse answers" in words
    assert "Source email: watch it" in words


def test_without_both_kinds_in_a_period_the_time_decides(
    key: SimpleNamespace, tmp_path: Path
) -> None:
    rows = rows_of(2000, context_documents=lambda i, rng: 0 if i >= 1500 else 5)
    rows = lowered(rows, lambda row: row["context_documents"] == 0)
    run = analysed(key, write(tmp_path / "all.csv", rows), at(1500))
    assert run.got["context_problems"] == 1
    assert run.got["strongest_problem"] == "context"
    assert run.analysis.related[0].compared == "by time"
    assert "Over the whole time" in key.summary(run.data, run.analysis)


def test_a_rise_without_effect_and_an_effect_without_rise(
    key: SimpleNamespace, tmp_path: Path
) -> None:
    harmless = rows_of(2000, truncated=often("f", "t"))
    assert kinds(key, write(tmp_path / "a.csv", harmless), at(1500)) == (0, 0, 0, 0, 0)
    steady = rows_of(2000, truncated=lambda i, rng: rng.choice("ffft"))
    steady = lowered(steady, lambda row: row["truncated"] == "t")
    assert kinds(key, write(tmp_path / "b.csv", steady), at(1500)) == (0, 0, 0, 0, 0)


def test_a_burst_of_neighbours_is_no_steady_rise(key: SimpleNamespace) -> None:
    rng = np.random.default_rng(4)
    alone = bursts = 0
    for _ in range(200):
        late = np.arange(1000) >= 700
        single = (rng.random(1000) < 0.1).astype(float)
        burst = np.repeat((rng.random(100) < 0.1).astype(float), 10)
        alone += key.share_change(single, late) <= 0.05
        bursts += key.share_change(burst, late) <= 0.05
    assert alone <= 20
    assert bursts <= 30


# --- the statistic ----------------------------------------------------------------------------


def test_spearman_against_the_textbook(key: SimpleNamespace) -> None:
    rng = random.Random(3)
    first = [rng.randrange(5) for _ in range(40)]
    second = [a + rng.randrange(6) for a in first]

    def ranks(values: list[int]) -> list[float]:
        return [sum(w < v for w in values) + (values.count(v) + 1) / 2 for v in values]

    a, b = ranks(first), ranks(second)
    over = sum((x - fmean(a)) * (y - fmean(b)) for x, y in zip(a, b, strict=True))
    rho = over / math.sqrt(
        sum((x - fmean(a)) ** 2 for x in a) * sum((y - fmean(b)) ** 2 for y in b)
    )
    got = key.spearman(np.array([*first, np.nan]), np.array([*map(float, second), 1.0]))
    assert (got.rho, got.pairs) == (pytest.approx(rho), 40)


def test_spearman_probability_against_shuffles(key: SimpleNamespace) -> None:
    rng = random.Random(8)
    first = [float(i) for i in range(60)]
    second = [rng.gauss(0.012 * i, 1) for i in range(60)]
    got = key.spearman(np.array(first), np.array(second))
    order = [sorted(second).index(v) for v in second]

    def distance(values: list[int]) -> float:
        return 1 - 6 * sum((i - v) ** 2 for i, v in enumerate(values)) / (60 * (60**2 - 1))

    assert got.rho == pytest.approx(distance(order))
    hits = sum(abs(distance(rng.sample(order, 60))) >= abs(got.rho) for _ in range(4000))
    assert got.p_value == pytest.approx(hits / 4000, abs=0.03)


def test_constant_columns_have_no_correlation(key: SimpleNamespace) -> None:
    assert key.spearman(np.ones(50), np.arange(50.0)) is None
    assert key.spearman(np.array([1.0, np.nan]), np.array([1.0, 2.0])) is None
    assert key.spearman(np.arange(50.0), -np.arange(50.0)).rho == pytest.approx(-1)


# --- edges ------------------------------------------------------------------------------------


def test_nothing_to_compare_is_no_proof(key: SimpleNamespace, tmp_path: Path) -> None:
    cases = {
        "header": ([], None),
        "one row": (rows_of(1), None),
        "no scores": (rows_of(200, quality_score=""), at(100)),
    }
    for name, (rows, since) in cases.items():
        run = analysed(key, write(tmp_path / f"{name}.csv", rows), since)
        assert run.got["inputs"] == len(rows)
        assert [run.got[kind] for kind in KINDS] == [None] * 5
        key.write_artifacts(run.data, run.analysis, tmp_path / name)
        for plot in (key.plot_metrics, key.plot_over_time, key.plot_gaps):
            assert plot(run.analysis).axes[0].get_title()
        assert "**Recommended**" in key.summary(run.data, run.analysis)


def test_without_a_start_the_last_day_is_compared(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = rows_of(2000, truncated=often("f", "t", share=0.5))
    rows = lowered(rows, lambda row: row["truncated"] == "t")
    analysis = analysed(key, write(tmp_path / "l.csv", rows)).analysis
    assert key.utc(analysis.split) == at(1999 - 288)
    assert int(analysis.late.sum()) == 289


def test_period_and_start_outside_the_file(key: SimpleNamespace, tmp_path: Path) -> None:
    path = write(tmp_path / "p.csv", rows_of(500))
    assert analysed(key, path, at(300), start=at(200), end=at(400)).got["inputs"] == 200
    for since in ("2020-01-01", "2030-01-01"):
        with pytest.raises(key.InputProblem, match="there is nothing to compare"):
            analysed(key, path, since)
    with pytest.raises(key.InputProblem, match="no input lies in the period"):
        analysed(key, path, at(300), start="2030-01-01")
    with pytest.raises(key.InputProblem, match="the parameter is no time"):
        analysed(key, path, "this morning")


def test_a_start_without_offset_is_in_the_time_zone(key: SimpleNamespace, tmp_path: Path) -> None:
    path = write(tmp_path / "z.csv", rows_of(500))
    berlin = analysed(key, path, "2026-05-02 02:00:00", time_zone="Europe/Berlin").analysis
    assert key.utc(berlin.split) == "2026-05-02T00:00:00Z"


def test_all_the_same_content(key: SimpleNamespace, tmp_path: Path) -> None:
    rows = rows_of(600, content_hash="x")
    assert analysed(key, write(tmp_path / "d.csv", rows), at(400)).got["duplicates"] == 599
    for i, row in enumerate(rows):
        row["created_at"] = (BEGIN + i * timedelta(hours=25)).isoformat()
    assert analysed(key, write(tmp_path / "far.csv", rows)).got["duplicates"] == 0


# --- formats ----------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("shape", ["lines", "array", "nested", "semicolons"])
def test_formats_agree(key: SimpleNamespace, tmp_path: Path, shape: str, packed: bool) -> None:
    rows = rows_of(800, context_documents=lambda i, rng: 0 if i >= 600 and i % 2 else 4)
    rows = lowered(rows, lambda row: row["context_documents"] == 0)
    nested = [
        {"timestamp": r["created_at"], "context": {"documents": ["d"] * r["context_documents"]},
         "scores": {"quality": r["quality_score"]}}
        for r in rows
    ]  # fmt: skip
    lines = ["Created (UTC);Context Documents;Quality Score"]
    lines += [f"{r['created_at'][:19]};{r['context_documents']};{r['quality_score']}" for r in rows]
    text = {
        "lines": "\n".join(map(json.dumps, rows)),
        "array": json.dumps(rows),
        "nested": "\n".join(map(json.dumps, nested)),
        "semicolons": "\ufeff" + "\n".join(lines).replace("T", " "),
    }[shape]
    path = tmp_path / "inputs"
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    got = analysed(key, path, at(600)).got
    assert (got["inputs"], got["context_problems"], got["no_context"]) == (800, 1, 100)


def test_texts_are_measured_and_not_kept(key: SimpleNamespace, tmp_path: Path) -> None:
    texts = ["good question", "caf\u00c3\u00a9 au lait", "\ufffd\ufffd", "", "caf\u00e9 \u00e2ge"]
    rows = [{"created_at": at(i), "prompt": texts[i % 5], "schema_valid": "tf"[i % 2],
             "quality_score": 0.5} for i in range(100)]  # fmt: skip
    path = tmp_path / "texts.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    run = analysed(key, path)
    assert (run.got["encoding_faults"], run.got["empty"], run.got["schema_faults"]) == (40, 20, 50)
    assert run.got["duplicates"] == 4 * 19  # an empty text repeats nothing
    for written in key.write_artifacts(run.data, run.analysis, tmp_path / "out"):
        assert "question" not in written.read_text(encoding="utf-8")


# --- bad input --------------------------------------------------------------------------------

GOOD = "created_at,truncated,quality_score\n2026-01-01 00:00:00,f,0.5\n"
BAD = {
    **packs.unreadable(GOOD),
    "no time": (b"truncated,quality_score\nf,0.5\n", "no column holds the time"),
    "no time, no rows": (b"truncated,quality_score\n", "no column holds the time"),
    "no metric": (b"created_at,quality_score\n2026-01-01,1\n", "no column holds the documents or"),
    "odd flag": (GOOD.replace(",f,", ",maybe,").encode(), "'truncated' holds 'maybe'"),
    "scale": (GOOD.replace("0.5", "730").encode(), "the scale of the score is unknown"),
    "mixed zones": (GOOD.encode() + b"2026-01-01T00:00:00Z,f,0.5\n", "time zones are mixed"),
    "bad time": (GOOD.encode() + b"2026-13-01 00:00:00,f,0.5\n", "data row 2"),
    "broken line": (b'{"created_at": 1780000000}\n{"created":\n', "line 2, column"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_ends_in_one_message(key: SimpleNamespace, tmp_path: Path, name: str) -> None:
    packs.one_message(key, tmp_path / "inputs.csv", BAD[name], key.load_inputs)


# --- the pack and its notebook ----------------------------------------------------------------


def test_artifacts_are_the_same_every_time(key: SimpleNamespace, tmp_path: Path) -> None:
    def write_artifacts(folder: Path) -> list[Path]:
        run = analysed(key, SAMPLE, LOST)
        return key.write_artifacts(run.data, run.analysis, folder)

    written = packs.same_twice(tmp_path, write_artifacts)
    document = json.loads(written["summary.json"])
    assert document["compared_since"] == "2026-11-20T02:10:00Z"
    assert sum(row["inputs before"] + row["inputs after"] for row in document["by_source"]) == 3600
    stretches = packs.table_rows(written["metrics_over_time.csv"])
    assert sum(int(row["inputs"]) for row in stretches) == 3600


@pytest.mark.parametrize("folder", [".", "notebooks"])
def test_notebook_runs(tmp_path: Path, folder: str) -> None:
    run = packs.run_notebook(packs.assembled(PACK, tmp_path / "run"), folder, incident_start=LOST)
    assert run.rows["related_input_metrics"] == {
        "name": "related_input_metrics",
        "label": "Related input metrics",
        "value": 1,
        "unit": None,
        "expected": {"op": "==", "value": 0},
        "ok": False,
    }
    assert (run.rows["mix_changes"]["value"], run.rows["mix_changes"]["ok"]) == (0, True)
    assert "Context problems: 1" in run.text
    assert run.plots == 3
    assert run.artifacts == ["input_metrics.csv", "metrics_over_time.csv", "report.md",
                             "summary.json"]  # fmt: skip


def test_notebook_runs_on_nothing_recorded(tmp_path: Path) -> None:
    pack = packs.assembled(PACK, tmp_path / "run")
    write(pack / "empty.csv", [])
    run = packs.run_notebook(pack, input_csv="empty.csv", incident_start=LOST)
    assert (run.rows["inputs"]["value"], run.rows["related_input_metrics"]["value"]) == (0, None)
