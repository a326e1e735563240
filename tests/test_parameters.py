"""Declared parameters, given values and the form's schema."""

from __future__ import annotations

import datetime
import math
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from keys_jupyter.errors import InputError
from keys_jupyter.model.pack import ParameterNotes
from keys_jupyter.parameters import (
    InvalidParameters,
    check,
    complete,
    declared,
    from_document,
    json_schema,
)

WEBHOOK = """# Parameters
from pathlib import Path
from typing import Literal

input_csv: Path  # The delivery log to read
threshold: float = 95
mode: Literal["fast", "slow"] = "fast"
limit: int | None = None
# Only deliveries from this day on.
since: date = date(2024, 1, 2)
tags: list[str] = []
verbose = False
"""


def notebook(*sources: str, tag: int | None = 0, language: str = "python") -> dict[str, Any]:
    cells = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"cell-{index}",
            "metadata": {"tags": ["parameters"]} if index == tag else {},
            "outputs": [],
            "source": source,
        }
        for index, source in enumerate(sources)
    ]
    metadata = {"language_info": {"name": language}}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}


def one(source: str, **notes: Any) -> Any:
    return declared(notebook(source), {"x": ParameterNotes(**notes)}).parameters[0]


def problems(source: str, given: dict[str, Any], **options: Any) -> list[tuple[str, str, str]]:
    with pytest.raises(InvalidParameters) as caught:
        check(declared(notebook(source)), given, **options)
    return [(item.code, item.message, item.hint) for item in caught.value.problems]


# What papermill 2.7's own reader answers (name, type, default, help), run on the same lines:
#   mode: Literal["fast", "slow"] = "fast"   []
#   limit: int | None = None                 []
#   an Optional[int] of None                 [limit, Optional[int], 'None']
#   url = "http://x/?a=1&b=2"                []
#   since: datetime.date = date(2024, 1, 2)  []
#   token: str                               []
#   text = "50 # percent"                    [text, None, '"50', help 'percent"']
#   day = date(year=2024, month=1, day=2)    []
#   a note of two lines                      [note, None, its lines joined without the line end]
@pytest.mark.parametrize(
    ("source", "kind", "default", "required"),
    [
        ('x: Literal["fast", "slow"] = "fast"', "Literal['fast', 'slow']", "fast", False),
        ("x: int | None = None", "int | None", None, False),
        ("x: Optional[int] = None", "int | None", None, False),
        ("x: typing.Union[int, None, str] = 5", "int | str | None", 5, False),
        ('x: "int | None" = None', "int | None", None, False),
        ("x: int = None", "int | None", None, False),
        ('x = "http://x/?a=1&b=2"', "str", "http://x/?a=1&b=2", False),
        ('x: str = "a=b"', "str", "a=b", False),
        ("x: datetime.date = date(2024, 1, 2)", "date", "2024-01-02", False),
        ("x = datetime.date(year=2024, month=1, day=2)", "date", "2024-01-02", False),
        ("x = datetime.datetime(2024, 1, 2, 3, 4)", "datetime", "2024-01-02T03:04:00", False),
        ("x: str", "str", None, True),
        ('x = "50 # percent"', "str", "50 # percent", False),
        ('x = """one\ntwo"""', "str", "one\ntwo", False),
        ('x = (\n    "a"\n    "b"\n)', "str", "ab", False),
        ('x = Path("data") / "log.csv"', "Path", "data/log.csv", False),
        ('x: pathlib.Path = "log.csv"', "Path", "log.csv", False),
        ("x = -1.5", "float", -1.5, False),
        ("x = 24 * 60", "int", 1440, False),
        ("x: float = 5", "float", 5.0, False),
        ("x = [\n    1,  # one\n    -2,\n]", "list[int]", [1, -2], False),
        ('x = [1, "a"]', "list", [1, "a"], False),
        ('x: dict[str, List[int]] = {"a": [1]}', "dict[str, list[int]]", {"a": [1]}, False),
        ("x: tuple[int, ...] = (1, 2)", "tuple[int, ...]", [1, 2], False),
        ("x = {1, 2}", "set[int]", [1, 2], False),
        ("x: Annotated[int, 'seconds'] = 5", "int", 5, False),
        ("x: Literal[1, None] = None", "Literal[1] | None", None, False),
        ("x = None  # type: int", "int | None", None, False),
        ("x: pd.DataFrame = None", "pd.DataFrame", None, False),
        ("x = True", "bool", True, False),
    ],
)
def test_reads_modern_declarations(source: str, kind: str, default: Any, required: bool) -> None:
    found = one(source)
    assert (found.type, found.default, found.required, found.computed) == (
        kind,
        default,
        required,
        False,
    )


@pytest.mark.parametrize(
    "default",
    ["datetime.now()", "os.environ['HOME']", 'float("nan")', "{1: 'a', 'b': 2}", "b'x'", "5 and 6"],
)
def test_defaults_that_only_the_kernel_knows_are_kept_out(default: str) -> None:
    declaration = declared(notebook(f"x = {default}"))
    only = declaration.parameters[0]
    assert (only.computed, only.default, only.required) == (True, None, False)
    assert complete(declaration, {}) == {}
    assert "default" not in json_schema(declaration)["properties"]["x"]


def test_comments_are_help_and_headings_are_not() -> None:
    source = (
        "# Parameters\n"
        "a = 1\n"
        "# --------\n"
        "# Seconds to wait.\n"
        "# Zero waits for ever.\n"
        "b = 2  # wall clock\n"
        "\n"
        "# stands alone\n"
        "\n"
        "c = [  # first\n"
        "    1,  # inner\n"
        "]\n"
        "d = '# no comment'\n"
    )
    helps = [item.help for item in declared(notebook(source)).parameters]
    assert helps == ["", "Seconds to wait. Zero waits for ever. wall clock", "first", ""]


def test_the_author_of_the_key_adds_to_the_cell() -> None:
    found = one(
        "x: float = 1  # old help", title="Limit", help="new", unit="s", minimum=0, maximum=9
    )
    assert (found.title, found.help, found.unit) == ("Limit", "new", "s")
    assert (found.minimum, found.maximum) == (0, 9)


def test_a_secret_shows_no_default() -> None:
    assert one('x = "hunter2"', secret=True).default is None
    declaration = declared(notebook('x = "hunter2"'), {"x": ParameterNotes(secret=True)})
    assert "hunter2" not in repr(json_schema(declaration))
    assert complete(declaration, {}) == {}


def test_without_a_tagged_cell_there_are_no_parameters() -> None:
    declaration = declared(notebook("x = 1", tag=None))
    assert (declaration.cell, declaration.parameters) == (None, [])
    assert check(declaration, {}) == {}
    with pytest.raises(InputError) as caught:
        check(declaration, {"x": 1})
    assert caught.value.code == "NO_PARAMETERS_CELL"


def test_several_tagged_cells_are_named_by_number() -> None:
    document = notebook("x = 1", "pass", "y = 2")
    document["cells"][2]["metadata"] = {"tags": ["parameters"]}
    with pytest.raises(InputError, match=r"Cells 1, 3 \(counting all cells\)") as caught:
        declared(document)
    assert caught.value.code == "SEVERAL_PARAMETERS_CELLS"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("x = (", "is not plain Python in its line 1"),
        ("%matplotlib inline\nx = 1", "is not plain Python"),
        ("x = 1\nprint(x)", "in its line 2"),
        ("a, b = 1, 2", "declares no parameter"),
        ("a = b = 1", "declares no parameter"),
        ("a.b = 1", "declares no parameter"),
        ("a += 1", "declares no parameter"),
        ("def f(): pass", "declares no parameter"),
        ("if True:\n    x = 1", "declares no parameter"),
        ("x = 1\nx = 2", "declares `x` twice"),
        ("x: int = 'a'", "declares `x` as int, but its default is"),
        ("x: Literal[1] = 2", "but its default is 2"),
        ("x = date(2024, 13, 1)", "a default that does not exist"),
        ("Path = 1", "a name the injected cell or Python needs"),
        ("__builtins__ = 1", "a name the injected cell or Python needs"),
        ("x = 1\0", "is not plain Python"),
        ("x = " + "-" * 60_000 + "1", "Cell 2 of 2"),
        ("x = " + "[" * 3_000 + "]" * 3_000, "Cell 2 of 2"),
        ("x = 1" + " " * 200_000, "is longer than"),
    ],
)
def test_a_malformed_cell_is_named_by_number(source: str, said: str) -> None:
    with pytest.raises(InputError, match="Cell 2 of 2") as caught:
        declared(notebook("'first'", source, tag=1))
    assert caught.value.code == "MALFORMED_PARAMETERS_CELL"
    assert said in caught.value.message


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"nbformat": 3, "cells": []},
        {"nbformat": 4, "cells": {}},
        {"nbformat": 4, "cells": ["x"]},
        {
            "nbformat": 4,
            "cells": [{"source": 5, "cell_type": "code", "metadata": {"tags": ["parameters"]}}],
        },
    ],
)
def test_what_is_no_notebook_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        declared(document)
    assert caught.value.code == "MALFORMED_NOTEBOOK"


def test_odd_metadata_is_no_reason_to_fail() -> None:
    cells = [
        {"cell_type": "code", "metadata": None, "source": "1"},
        {"cell_type": "code", "metadata": {"tags": "parameters"}, "source": "1"},
        {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": ["x = 1\n", "y = 2"]},
    ]
    declaration = declared({"nbformat": 4, "metadata": [], "cells": cells})
    assert (declaration.cell, declaration.names) == (2, ["x", "y"])


def test_values_are_typed_and_ordered_and_nothing_is_added() -> None:
    given = {"limit": 7, "since": "2024-03-04", "input_csv": "log.csv"}
    checked = check(declared(notebook(WEBHOOK)), given)
    assert list(checked.items()) == [
        ("input_csv", Path("log.csv")),
        ("limit", 7),
        ("since", datetime.date(2024, 3, 4)),
    ]


def test_complete_adds_the_defaults() -> None:
    declaration = declared(notebook(WEBHOOK))
    assert complete(declaration, check(declaration, {"input_csv": "a"}, ["limit"])) == {
        "input_csv": Path("a"),
        "threshold": 95.0,
        "mode": "fast",
        "limit": None,
        "since": datetime.date(2024, 1, 2),
        "tags": [],
        "verbose": False,
    }


UTC = datetime.timezone.utc


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("int", "95", 95),
        ("int", " -7 ", -7),
        ("float", "1e3", 1000.0),
        ("float", "-inf", -math.inf),
        ("bool", "true", True),
        ("bool", "No", False),
        ("str", "95", "95"),
        ("str", "", ""),
        ("Path", "a b.csv", Path("a b.csv")),
        ("date", "2024-02-29", datetime.date(2024, 2, 29)),
        ("datetime", "2024-02-29", datetime.datetime(2024, 2, 29)),
        ("datetime", "2024-02-29 08:30", datetime.datetime(2024, 2, 29, 8, 30)),
        (
            "datetime",
            "2024-02-29T08:30:01.5Z",
            datetime.datetime(2024, 2, 29, 8, 30, 1, 500_000, UTC),
        ),
        ("list[int]", "[1, 2]", [1, 2]),
        ("dict[int, date]", '{"1": "2024-01-02"}', {1: datetime.date(2024, 1, 2)}),
        ("tuple[int, str]", '[1, "a"]', (1, "a")),
        ("set[str]", '["a"]', {"a"}),
        ("int | None", "5", 5),
        ("int | str", "5", 5),
        ("int | str", "five", "five"),
        ("Literal[1, 'a', True]", "1", 1),
        ("Literal[1, 'a', True]", "true", True),
        ("Any", "[1]", [1]),
        ("Any", "plain words", "plain words"),
    ],
)
def test_texts_are_read_by_declaration(kind: str, text: str, value: Any) -> None:
    checked = check(declared(notebook(f"x: {kind}")), {"x": text}, texts=True)["x"]
    assert (type(checked), checked) == (type(value), value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int", True),
        ("int", 5.0),
        ("int", "5"),
        ("int", None),
        ("float", "5"),
        ("float", True),
        ("float", 2**53 + 1),
        ("float", 10**400),
        ("bool", 1),
        ("bool", "true"),
        ("str", 5),
        ("str", 1.1),
        ("Path", ""),
        ("Path", "a\0b"),
        ("date", "20240102"),
        ("date", "2024-02-30"),
        ("date", datetime.datetime(2024, 1, 2)),
        ("datetime", "yesterday"),
        ("datetime", "2024-01-02T25:00"),
        ("list[int]", [1, "2"]),
        ("list[int]", "[1]"),
        ("dict[str, int]", {"a": "1"}),
        ("dict[int, int]", {"1": 1, "01": 2}),
        ("tuple[int, str]", [1]),
        ("set", [[]]),
        ("Literal[1]", True),
        ("Literal['a']", "A"),
        ("int | None", "x"),
        ("int | bool", "x"),
        ("Any", object()),
        ("Any", b"bytes"),
        ("str", "\ud800"),
    ],
)
def test_values_of_another_type_are_refused(kind: str, value: Any) -> None:
    with pytest.raises(InvalidParameters) as caught:
        check(declared(notebook(f"x: {kind}")), {"x": value})
    codes = {"WRONG_TYPE", "NOT_A_CHOICE", "NULL_NOT_ALLOWED", "NOT_TEXT"}
    assert caught.value.code in codes


def test_the_words_of_a_wrong_number() -> None:
    assert problems("threshold: float = 1", {"threshold": "95 %"}, texts=True) == [
        (
            "WRONG_TYPE",
            '"95 %" is not a number.',
            "`threshold` takes float; enter it without the sign, for example 95.",
        )
    ]


def test_an_unknown_name_meets_its_nearest() -> None:
    assert problems("input_csv: str = ''", {"inputcsv": "a"}) == [
        (
            "UNKNOWN_PARAMETER",
            "This key has no parameter `inputcsv`.",
            "Did you mean `input_csv`?",
        )
    ]
    assert problems("Limit = 1\nb = 2", {"zzz": 1})[0][2] == "It takes `Limit`, `b`."
    assert problems("Limit = 1", {"limit": 1})[0][2] == "Did you mean `Limit`?"


def test_every_problem_is_said_at_once() -> None:
    with pytest.raises(InvalidParameters) as caught:
        check(declared(notebook(WEBHOOK)), {"mode": "medium", "limit": "x", "wat": 1})
    codes = [item.code for item in caught.value.problems]
    assert codes == ["UNKNOWN_PARAMETER", "MISSING_PARAMETER", "NOT_A_CHOICE", "WRONG_TYPE"]
    assert caught.value.code == "INVALID_PARAMETERS"
    for name in ("wat", "input_csv", "medium", "limit"):
        assert name in caught.value.message


def test_a_form_in_the_making_may_lack_values() -> None:
    assert check(declared(notebook(WEBHOOK)), {"limit": 5}, partial=True) == {"limit": 5}


def test_null_only_where_the_declaration_allows_it() -> None:
    assert check(declared(notebook("x: int | None = 5")), {}, ["x"]) == {"x": None}
    assert check(declared(notebook("x: int | None = 5")), {"x": None}) == {"x": None}
    assert problems("x = 5", {}, nulls=["x"])[0][0] == "NULL_NOT_ALLOWED"
    assert problems("x: int | None = 5", {"x": 1}, nulls=["x"])[0][0] == "NULL_AND_VALUE"
    assert problems("x = 5", {}, nulls=["y"])[0][0] == "UNKNOWN_PARAMETER"


def test_ranges_and_patterns() -> None:
    notes = {
        "x": ParameterNotes(minimum=1, maximum=9, unit="s"),
        "y": ParameterNotes(pattern="^a+$"),
    }
    declaration = declared(notebook("x: float | None = 5\ny = 'a'"), notes)
    assert check(declaration, {"x": 9, "y": "aa"}) == {"x": 9.0, "y": "aa"}
    assert check(declaration, {"x": None}) == {"x": None}
    for given, code in [
        ({"x": 0.5}, "OUT_OF_RANGE"),
        ({"x": 10}, "OUT_OF_RANGE"),
        ({"x": math.nan}, "OUT_OF_RANGE"),
        ({"y": "b"}, "PATTERN_MISMATCH"),
    ]:
        with pytest.raises(InvalidParameters) as caught:
            check(declaration, given)
        assert caught.value.code == code


def test_a_number_too_long_to_print_is_still_refused_in_words() -> None:
    assert problems("x: str = ''", {"x": 10**5000})[0][:2] == (
        "WRONG_TYPE",
        "The value is not text.",
    )
    assert problems("x: int = 1", {"x": "9" * 5000}, texts=True)[0][0] == "WRONG_TYPE"


def test_a_pattern_that_is_none_is_the_authors_mistake() -> None:
    with pytest.raises(InputError) as caught:
        one("x = 'a'", pattern="(")
    assert caught.value.code == "BAD_PATTERN"


def test_messages_show_no_secret_and_no_control_character() -> None:
    declaration = declared(notebook("x: int = 1\ny: int = 1"), {"x": ParameterNotes(secret=True)})
    with pytest.raises(InvalidParameters) as caught:
        check(declaration, {"x": "hunter2", "y": "\x1b[31m\u202e\x7f", "\x1b]0;\n": 1})
    assert "hunter2" not in str(caught.value)
    assert all(c.isprintable() or c == "\n" for c in str(caught.value))
    assert len(str(caught.value).splitlines()) == 4


def test_the_schema_of_the_form() -> None:
    notes = {
        "input_csv": ParameterNotes(file=True, title="Log", help="CSV"),
        "threshold": ParameterNotes(unit="%", minimum=0, maximum=100),
        "tags": ParameterNotes(output_folder=True),
    }
    schema = json_schema(declared(notebook(WEBHOOK), notes))
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "input_csv": {
                "title": "Log",
                "description": "CSV",
                "type": "string",
                "x-keys-file": True,
            },
            "threshold": {
                "title": "Threshold",
                "type": "number",
                "minimum": 0.0,
                "maximum": 100.0,
                "default": 95.0,
                "x-keys-unit": "%",
            },
            "mode": {
                "title": "Mode",
                "type": "string",
                "enum": ["fast", "slow"],
                "default": "fast",
            },
            "limit": {
                "title": "Limit",
                "anyOf": [{"type": "integer"}, {"type": "null"}],
                "default": None,
            },
            "since": {
                "title": "Since",
                "description": "Only deliveries from this day on.",
                "type": "string",
                "format": "date",
                "default": "2024-01-02",
            },
            "tags": {
                "title": "Tags",
                "type": "array",
                "items": {"type": "string"},
                "default": [],
                "x-keys-output-folder": True,
            },
            "verbose": {"title": "Verbose", "type": "boolean", "default": False},
        },
        "additionalProperties": False,
        "required": ["input_csv"],
    }
    assert list(schema["properties"])[:3] == ["input_csv", "threshold", "mode"]


@pytest.mark.parametrize(
    "kind",
    ["int", "float", "bool", "str", "Literal[1, 'a']", "int | None", "list[int]", "dict[str, bool]",
     "tuple[int, str]", "tuple[int, ...]", "Any", "int | str | None"],
)  # fmt: skip
@pytest.mark.parametrize(
    "value", [0, 1.5, True, "a", "", None, [], [1], [1, "a"], ["a"], {}, {"a": True}, {"a": 1}]
)
def test_form_and_check_agree(kind: str, value: Any) -> None:
    declaration = declared(notebook(f"x: {kind}"))
    by_schema = jsonschema.Draft202012Validator(json_schema(declaration)).is_valid({"x": value})
    try:
        check(declaration, {"x": value})
        by_check = True
    except InputError:
        by_check = False
    assert by_check == by_schema


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a: 1\nb: [x, y]\n", {"a": 1, "b": ["x", "y"]}),
        ("day: 2024-01-02\n", {"day": datetime.date(2024, 1, 2)}),
        ('{"a": null, "b": {"c": 1.5}}', {"a": None, "b": {"c": 1.5}}),
        ("{a: 1}", {"a": 1}),
        ("", {}),
        ("# nothing\n", {}),
    ],
)
def test_reads_a_parameters_file(text: str, values: dict[str, Any]) -> None:
    assert from_document(text) == values


@pytest.mark.parametrize(
    "text",
    [
        "- a\n- b",
        "just words",
        "1: a",
        "a: 1\na: 2",
        '{"a": 1, "a": 2}',
        "a: [",
        "a: !!python/object/apply:os.system ['true']",
        "a: &x [1]\nb: [*x, *x]",
        "a: 2024-13-45",
        "a: 1\n---\nb: 2",
        "[" * 20_000,
        "a: " + "[" * 90_000,
        "\n".join(" " * level + "a:" for level in range(400)),
        "a: [" + "1, " * 40_000 + "]",
        '{"a": ' + "[" * 100_000,
        "a: '" + "x" * 1_000_000 + "'",
        "a: \x00",
        "? [1]\n: 2",
    ],
)
def test_refuses_other_files(text: str) -> None:
    with pytest.raises(InputError) as caught:
        from_document(text)
    assert caught.value.code == "BAD_PARAMETERS_FILE"
