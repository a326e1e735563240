"""The shared modules read what people have, whatever kind of table it is, and say what is wrong."""

from __future__ import annotations

import gc
import gzip
import json
import math
import random
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import library_pack as packs
import pytest

pd = pytest.importorskip("pandas")

NAMES = (
    "table_columns", "table_files", "table_times", "table_values", "table_roles", "key_results",
)  # fmt: skip


@pytest.fixture(scope="module")
def shared() -> Iterator[SimpleNamespace]:
    with packs.imported(packs.SHARED, *NAMES) as namespace:
        yield namespace


def everything(_: str) -> bool:
    return True


# --- reading files ----------------------------------------------------------------------------


def test_fields_longer_than_the_csv_modules_limit(shared: SimpleNamespace, tmp_path: Path) -> None:
    path = tmp_path / "outputs.csv"
    path.write_text(f'id,output\n1,"{"word, " * 60_000}"\n', encoding="utf-8")
    table = shared.read_table(path, everything)
    assert len(table.columns["output"].texts()[0]) == 360_000 - 1


def test_nested_json_and_lists(shared: SimpleNamespace, tmp_path: Path) -> None:
    record = {"id": 1, "metadata": {"user": "u1", "deep": {"x": 1}}, "plan": {"id": "p"},
              "tags": ["a", "\u00e9"], "none": None}  # fmt: skip
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([record, {"id": 2, "late": True}]), encoding="utf-8")
    table = shared.read_table(path, everything, nested=("metadata",))
    assert table.header == ["id", "metadata.user", "tags", "none", "late"]
    cells = {name: list(column.texts()) for name, column in table.columns.items()}
    assert cells["metadata.user"] == ["u1", ""]
    assert json.loads(cells["tags"][0]) == ["a", "\u00e9"]
    assert cells["late"] == ["", "True"]
    assert (table.shape, table.rows, len(table.sha256)) == ("json", 2, 64)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators(shared: SimpleNamespace, tmp_path: Path, separator: str) -> None:
    path = tmp_path / "t.csv"
    rows = [["a", "b"], ["1", f'"x{separator}y"'], ["\\N", "NULL"]]
    path.write_text("\n".join(separator.join(row) for row in rows), encoding="utf-8")
    table = shared.read_table(path, everything)
    assert list(table.columns["b"].texts()) == [f"x{separator}y", ""]
    assert list(table.columns["a"].texts()) == ["1", ""]


def test_a_remedy_is_added_only_where_none_is_known(shared: SimpleNamespace) -> None:
    for own, told in (("", "psql it"), ("Convert it.", "Convert it.")):
        with pytest.raises(shared.InputProblem) as caught, shared.exported_as("psql it"):
            raise shared.InputProblem("f.csv", "it is odd.", "a", "b", own)
        assert str(caught.value).endswith(f"What to do: {told}")


# --- roles ------------------------------------------------------------------------------------


def test_a_column_has_one_role_and_values_confirm_it(
    shared: SimpleNamespace, tmp_path: Path
) -> None:
    roles = {
        "score": shared.role("score value", shared.is_number, "a number"),
        "word": shared.role("value score label", str.isalpha, "a word"),
        "time": shared.role("at", shared.is_time, "a time"),
    }
    path = tmp_path / "t.csv"
    path.write_text("Value,Score %,other\n0.5,yes,1\n0.7,no,2\n", encoding="utf-8")
    table = shared.read_table(path, shared.wanted(roles))
    found = shared.find_roles(table, roles)
    named = {role: column.name for role, column in found.items()}
    assert named == {"score": "Value", "word": "Score %"}
    with pytest.raises(shared.InputProblem, match="no column holds the time"):
        shared.require_role(table, found, roles, "time")
    shared.require_role(table, found, roles, "time", "score")


def test_a_missing_column_is_named_as_a_person_writes_it(
    shared: SimpleNamespace, tmp_path: Path
) -> None:
    names = "event_type type webhook_event_name event topic name"
    roles = {
        "event_type": shared.role(names, str.isalpha, "the event type"),
        "status": shared.role("http_status_code code", shared.is_number, "the status"),
    }
    path = tmp_path / "t.csv"
    path.write_text("a,Webhook Event Name\n1,7\n", encoding="utf-8")
    table = shared.read_table(path, shared.wanted(roles))
    with pytest.raises(shared.InputProblem) as one:
        shared.require_role(table, {}, roles, "event_type")
    assert str(one.value).splitlines()[1:3] == [
        "Expected: a column with the event type (named event_type, type, webhook_event_name, event, topic, ...)",
        "Found: columns a, Webhook Event Name; 'Webhook Event Name' holds '7'",
    ]
    with pytest.raises(shared.InputProblem) as several:
        shared.require_role(table, {}, roles, "event_type", "status")
    assert str(several.value).splitlines()[1] == (
        "Expected: a column with the event type or the status (named event_type, http_status_code, ...)"
    )
    path.write_text("x,webhookEventName\n1,paid\n", encoding="utf-8")
    table = shared.read_table(path, shared.wanted(roles))
    assert shared.find_roles(table, roles)["event_type"].name == "webhookEventName"


@pytest.mark.parametrize(
    ("name", "plain", "stated"),
    [
        ("Created (UTC)", "created", "UTC"),
        ("durationMs", "duration", "ms"),
        ("response_time_seconds", "responsetime", "seconds"),
        ("event.type", "eventtype", ""),
        ("HTTP status code", "httpstatuscode", ""),
        ("ms", "ms", ""),
    ],
)
def test_names(shared: SimpleNamespace, name: str, plain: str, stated: str) -> None:
    assert shared.split_name(name) == (plain, stated)


# --- values -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [("12", 12), ("-0.5", -0.5), ("1e3", 1000), ("12.5 %", 12.5), ("1,234.50", 1234.5),
     ("1,23", None), ("inf", None), ("nan", None), ("", None), ("one", None)],
)  # fmt: skip
def test_numbers(shared: SimpleNamespace, text: str, value: float | None) -> None:
    got = shared.number(text)
    assert math.isnan(got) if value is None else got == value


def test_moments_as_texts_agree(shared: SimpleNamespace) -> None:
    rng = random.Random(3)
    begin = datetime(1999, 12, 31, tzinfo=timezone.utc)
    moments = [begin + timedelta(microseconds=rng.randrange(10**15)) for _ in range(200)]
    times = pd.Series(pd.to_datetime([*moments, None], utc=True)).dt.as_unit("us")
    wanted = [moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in moments]
    assert list(shared.utc_texts(times)) == [*wanted, ""]
    assert [shared.utc(time) for time in times] == [*wanted, None]


@pytest.mark.parametrize("text", ["now", "today", "20", "2026-13-01", "tomorrow 10:00"])
def test_a_moment_is_never_the_clocks(shared: SimpleNamespace, text: str) -> None:
    with pytest.raises(shared.InputProblem, match="start: the parameter is no time"):
        shared.moment(text, "start", "UTC")


def test_moments_of_parameters(shared: SimpleNamespace) -> None:
    for text in ("2026-01-15 02:10:00 UTC", "2026-01-15T02:10Z", "2026-01-15 03:10:00+01:00"):
        assert shared.utc(shared.moment(text, "start", "Asia/Tokyo")) == "2026-01-15T02:10:00Z"
    berlin = shared.moment("2026-01-15 03:10", "start", "Europe/Berlin")
    assert shared.utc(berlin) == "2026-01-15T02:10:00Z"
    assert shared.moment("  ", "start", "UTC") is None


# --- results ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected", "ok"),
    [
        (3, ("<", 3), False), (3, ("<=", 3), True), (4, (">", 3), True), (3, (">=", 4), False),
        (0, ("==", 0), True), (5, ("between", [1, 5]), True), (6, ("between", [1, 5]), False),
        (None, ("==", 0), None), (float("nan"), ("<", 1), None), (7, None, None),
        (True, ("==", True), True),
    ],
)  # fmt: skip
def test_result(shared: SimpleNamespace, value: Any, expected: Any, ok: bool | None) -> None:
    row = shared.result("name", "Label", value, "ms", expected)
    assert row["ok"] is ok
    assert json.loads(json.dumps(row, allow_nan=False)) == row
    assert shared.results_text(shared.results_document([row])).startswith("Label: ")


def test_written_artifacts(shared: SimpleNamespace, tmp_path: Path) -> None:
    stamp = pd.Timestamp("2026-01-01T00:00:00Z")
    document = {"n": pd.Series([1]).iloc[0], "bad": float("inf"), "at": stamp, "gone": pd.NaT}
    table = pd.DataFrame({"a": ["x|y", "z"], "b": [0.1 + 0.2, 1234567.5]})
    content = {"r.md": "text\n", "t.csv": table, "s.json": document}
    paths = shared.write_artifacts(tmp_path / "out", content)
    assert [path.name for path in paths] == ["r.md", "t.csv", "s.json"]
    assert b"\r" not in paths[1].read_bytes()
    told = {"n": 1, "bad": None, "at": "2026-01-01T00:00:00Z", "gone": None}
    assert json.loads(paths[2].read_bytes()) == told
    lines = shared.markdown_table(table.set_index("a")).splitlines()
    assert lines[2:] == ["| x\\|y | 0.3 |", "| z | 1234567.5 |"]


def test_percent_is_rounded_down(shared: SimpleNamespace) -> None:
    assert shared.percent_down(19_999, 20_000) == 99.99
    assert shared.percent_down(0, 0) is None


# --- many rows --------------------------------------------------------------------------------


def test_a_column_of_ids_and_one_of_few_words_read_the_same(
    shared: SimpleNamespace, tmp_path: Path
) -> None:
    """Past some thousand distinct texts a column is kept another way; nobody may notice."""
    rng = random.Random(5)
    rows = [(f"evt_{i:06}", rng.choice(["ok", "failed", ""])) for i in range(50_000)]
    rows += [("evt_000007", "again"), (" evt_000008 ", "NULL"), ("n/a", "-"), ("", "ok")]
    path = tmp_path / "t.csv"
    path.write_text("id,word\n" + "\n".join(map(",".join, rows)) + "\n", encoding="utf-8")
    table = shared.read_table(path, everything)
    nothing = {"NULL", "n/a", "-"}
    for at, name in enumerate(("id", "word")):
        column = table.columns[name]
        expected = ["" if row[at] in nothing else row[at].strip() for row in rows]
        assert list(column.texts()) == expected
        assert [str(text) for text in column.categorical(column.values)] == expected
        distinct = column.distinct()
        assert list(distinct.texts()) == expected
        assert len(set(distinct.values)) == len(distinct.values)
    ids = table.columns["id"].distinct()
    assert ids.codes[7] == ids.codes[50_000]
    assert ids.codes[8] == ids.codes[50_001]
    assert ids.codes[50_002] == ids.codes[50_003] != ids.codes[9]
    assert table.columns["id"].share(lambda text: text.startswith("evt_")) == 1.0
    assert table.columns["id"].first_row([50_002]) == 50_003


JSON_LINES = [
    ['{"a": 1, "b": "x"}'],
    ['{"a": "{", "b": "}"}', '{"a": {"deep": {"er": 2}}, "b": [1, {"c": 2}]}', '{"b": null}'],
    ["", '{"a": 2}', "   ", '{"late": true}'],
    ['{"data": [{"a": 1}, {"a": 2}], "has_more": true}'],
]


@pytest.mark.parametrize("lines", JSON_LINES, ids=range(len(JSON_LINES)))
def test_json_lines_are_read_together_as_one_by_one(
    shared: SimpleNamespace, tmp_path: Path, lines: list[str]
) -> None:
    path = tmp_path / "t.jsonl"
    # In the middle of chunks of plain lines, the odd ones come out as they would alone.
    plain = [json.dumps({"a": str(i), "b": "w"}) for i in range(2_500)]
    path.write_text("\n".join([*plain, *lines, *plain]) + "\n", encoding="utf-8")
    table = shared.read_table(path, everything, nested=("a",))
    expected: list[dict[str, Any]] = []
    for line in [*plain, *filter(str.strip, lines), *plain]:
        document = json.loads(line)
        expected += document.get("data", [document])
    assert table.rows == len(expected)
    texts = list(table.columns["b"].texts())
    wanted = [record.get("b") for record in expected]
    flat = [json.dumps([1]) if isinstance(w, list) else w or "" for w in wanted]
    assert [t if not t.startswith("[") else "[1]" for t in texts] == flat
    scalars = [r.get("a") for r in expected]
    assert list(table.columns["a"].texts()) == [
        "" if value is None or isinstance(value, dict) else str(value) for value in scalars
    ]


def test_records_of_as_many_but_other_fields_keep_theirs(
    shared: SimpleNamespace, tmp_path: Path
) -> None:
    path = tmp_path / "t.jsonl"
    lines = [{"a": "1", "b": "x"}, {"b": "y", "a": "2"}, {"a": "3", "c": "z"}, {"a": None, "b": 4}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    table = shared.read_table(path, everything)
    assert {name: list(column.texts()) for name, column in table.columns.items()} == {
        "a": ["1", "2", "3", ""],
        "b": ["x", "y", "", "4"],
        "c": ["", "", "z", ""],
    }


@pytest.mark.parametrize("kept", [0.05, 0.5, 0.999], ids=["head", "half", "almost"])
def test_a_gzip_file_cut_short_is_one_message(
    shared: SimpleNamespace, tmp_path: Path, kept: float
) -> None:
    whole = gzip.compress("\n".join(["id", *map(str, range(9_000))]).encode())
    path = tmp_path / "t.csv.gz"
    path.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(shared.InputProblem, match="gzip file is damaged"):
        shared.read_table(path, everything)


def test_a_gzip_file_with_a_wrong_byte_is_one_message(
    shared: SimpleNamespace, tmp_path: Path
) -> None:
    packed = bytearray(gzip.compress("\n".join(["id", *map(str, range(9_000))]).encode()))
    packed[10] |= 0b110  # the third kind of block, which there is not
    path = tmp_path / "t.csv.gz"
    path.write_bytes(packed)
    with pytest.raises(shared.InputProblem, match="gzip file is damaged"):
        shared.read_table(path, everything)


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ('{"a": 1', "line 3001"),
        ("oops", "line 3001, column 1"),
        ('{"a": 1}, {"a": 2}', "line 3001"),
        ("7", "record 3001 is '7'"),
        ('"text"', "record 3001"),
    ],
)
def test_the_line_that_is_not_json_is_named(
    shared: SimpleNamespace, tmp_path: Path, broken: str, told: str
) -> None:
    path = tmp_path / "t.jsonl"
    plain = ['{"a": "x"}'] * 3_000
    path.write_text("\n".join([*plain, broken, *plain[:10]]), encoding="utf-8")
    with pytest.raises(shared.InputProblem) as caught:
        shared.read_table(path, everything)
    assert told in str(caught.value)


def test_the_collector_of_cycles_is_as_it_was(shared: SimpleNamespace, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n1\n", encoding="utf-8")
    for on in (True, False):
        (gc.enable if on else gc.disable)()
        try:
            with pytest.raises(shared.InputProblem):
                shared.read_table(path, everything)
            assert gc.isenabled() is on
        finally:
            gc.enable()


# --- times that are all written alike ---------------------------------------------------------


def read_times(
    shared: SimpleNamespace, texts: list[str], name: str = "at", zone: str = "UTC"
) -> tuple[list[Any], list[str]]:
    encoder = shared.ColumnEncoder(name)
    encoder.extend(texts)
    table = shared.Table("t.csv", "csv")
    parsed = shared.parse_times(encoder.column(), zone, table)
    return [None if t is pd.NaT else t.to_pydatetime() for t in parsed], table.notes


@pytest.mark.parametrize("mark", [" ", "T"])
@pytest.mark.parametrize(
    ("offset", "minutes"),
    [
        ("", 0),
        ("Z", 0),
        ("+00", 0),
        ("+02:00", 120),
        ("-0530", -330),
        ("+1345", 825),
        ("-11", -660),
    ],
)
def test_times_written_alike_are_what_the_calendar_says(
    shared: SimpleNamespace, mark: str, offset: str, minutes: int
) -> None:
    rng = random.Random(11)
    moments = [datetime(2024, 2, 29, 23, 59, 59), datetime(2000, 2, 29), datetime(1969, 12, 31)]
    moments += [
        datetime(1990, 1, 1) + timedelta(seconds=rng.randrange(60 * 365 * 86_400))
        for _ in range(500)
    ]
    texts = [m.strftime(f"%Y-%m-%d{mark}%H:%M:%S") + offset for m in moments]
    found, notes = read_times(shared, [*texts, "", texts[0]])
    expected = [
        m.replace(tzinfo=timezone.utc) - timedelta(minutes=minutes) for m in [*moments, moments[0]]
    ]
    assert [*found[:-2], found[-1]] == expected
    assert found[-2] is None
    assert ("own offset" in notes[0]) is bool(offset)


@pytest.mark.parametrize(
    "text",
    [
        "2023-02-29 10:00:00",
        "2026-04-31 10:00:00",
        "2026-13-01 10:00:00",
        "2026-00-10 10:00:00",
        "2026-01-00 10:00:00",
        "2026-01-01 24:00:01",
        "2026-01-01 10:60:00",
        "2026-01-01 1o:00:00",
        "2026-01-01x10:00:00",
    ],
)
def test_one_time_that_is_none_is_named_with_its_row(shared: SimpleNamespace, text: str) -> None:
    texts = ["2026-01-01 10:00:00", "2026-01-02 10:00:00", text]
    with pytest.raises(shared.InputProblem) as caught:
        read_times(shared, texts)
    assert "a time cannot be read" in str(caught.value)
    assert repr(text) in str(caught.value)
    assert "data row 3" in str(caught.value)


def test_two_lengths_that_even_out_are_not_taken_for_one(shared: SimpleNamespace) -> None:
    """Together as long as two of the usual length: read one by one, and rightly."""
    found, _ = read_times(
        shared, ["2026-01-01 10:00:00", "2026-01-01 10:00:00.5", "2026-01-01 10:00"]
    )
    assert [t.isoformat() for t in found] == [
        "2026-01-01T10:00:00+00:00",
        "2026-01-01T10:00:00.500000+00:00",
        "2026-01-01T10:00:00+00:00",
    ]


def test_two_offsets_in_one_column_are_each_minded(shared: SimpleNamespace) -> None:
    found, _ = read_times(shared, ["2026-06-01T10:00:00+02:00", "2026-12-01T10:00:00+01:00"])
    assert [t.hour for t in found] == [8, 9]


def test_local_times_written_alike_are_read_in_their_zone(shared: SimpleNamespace) -> None:
    texts = ["2026-07-01 12:00:00", "2026-01-01 12:00:00"]
    found, notes = read_times(shared, texts, zone="Europe/Berlin")
    assert [t.hour for t in found] == [10, 11]
    assert "Europe/Berlin" in notes[0]
    found, notes = read_times(shared, texts, name="Created (UTC)", zone="Europe/Berlin")
    assert [t.hour for t in found] == [12, 12]
