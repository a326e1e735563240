"""The injected cell: literals only, in every language, for every value and name."""

from __future__ import annotations

import ast
import copy
import datetime
import hashlib
import hmac
import json
import keyword
import math
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager

from keys_jupyter.errors import InputError
from keys_jupyter.model.pack import ParameterNotes
from keys_jupyter.parameters import cell_source, check, commitment, declared, inject

LITERAL_NODES = (
    ast.Module, ast.Import, ast.ImportFrom, ast.alias, ast.Assign, ast.Name, ast.Load, ast.Store,
    ast.Constant, ast.UnaryOp, ast.USub, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Call,
    ast.Attribute, ast.keyword,
)  # fmt: skip
CALLS = {
    "float", "set", "Path", "_datetime.date", "_datetime.datetime", "_datetime.timezone",
    "_datetime.timedelta",
}  # fmt: skip
IMPORTS = {"from pathlib import Path", "import datetime as _datetime"}
CODE = [
    "__import__('os').abort()", '"; raise SystemExit #', "'\nraise SystemExit\n'", '"""', "'''",
    "\\", "\\'", '\\"', "{0.__class__}", "%run x", "!true", "x?", "\u2028raise SystemExit",
    "\u2029", "\x85", "\r", "\x0c", "\x00", "\u202e", "$(true)", "`true`", "${IFS}", "#", "\ufeff",
]  # fmt: skip

texts = st.one_of(st.sampled_from(CODE), st.text(), st.text(alphabet="'\"\\\n\r\u2028{}$`#;()"))
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(0, 20_000).map(lambda power: -(7**power)),
    st.floats(),
    texts,
    st.dates(),
    st.datetimes(timezones=st.none() | st.timezones().filter(lambda zone: zone is not None)),
    texts.filter(lambda text: text and "\0" not in text).map(Path),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(texts | st.integers(), inner, max_size=4),
        st.sets(st.integers() | texts, max_size=4),
    ),
    max_leaves=8,
)
names = st.text(min_size=1, max_size=12)


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


def same(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return (math.isnan(left) and math.isnan(right)) or repr(left) == repr(right)
    if isinstance(left, datetime.datetime) and isinstance(right, datetime.datetime):
        return left.replace(tzinfo=None) == right.replace(tzinfo=None) and (
            left.utcoffset() == right.utcoffset()
        )
    if type(left) is not type(right):
        return False
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        pairs = zip(left.items(), right.items(), strict=False)
        return len(left) == len(right) and all(
            same(a, c) and same(b, d) for (a, b), (c, d) in pairs
        )
    return bool(left == right)


def evaluated(source: str) -> dict[str, Any]:
    """Run a cell that was first shown to be literals only, with nothing at hand but what those need."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        assert isinstance(node, LITERAL_NODES), ast.dump(node)
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) in CALLS
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            assert ast.unparse(node) in IMPORTS
    namespace: dict[str, Any] = {
        "__builtins__": {"float": float, "set": set, "__import__": __import__}
    }
    exec(compile(tree, "<cell>", "exec"), namespace)
    return namespace


def transformed(source: str) -> str:
    return str(TransformerManager().transform_cell(source))


@settings(max_examples=1000, deadline=None)
@given(values)
def test_every_value_comes_back_equal_and_none_is_code(value: Any) -> None:
    declaration = declared(notebook("x: Any"))
    checked = check(declaration, {"x": value})
    source = cell_source(declaration, checked)
    assert same(evaluated(source)["x"], value)
    assert all(line.isprintable() for line in source.split("\n"))
    assert transformed(source) == source + "\n"


@settings(max_examples=1000, deadline=None)
@given(
    st.one_of(names, st.sampled_from([*CODE, "x=1;import os", "x y", "class", "None", "x\n", "ｘ"]))
)
def test_every_name_is_declared_or_refused(name: str) -> None:
    declaration = declared(notebook("x = 1"))
    for offer in (
        lambda: check(declaration, {name: 1}),
        lambda: cell_source(declaration, {name: 1}),
    ):
        if name == "x":
            offer()
            continue
        with pytest.raises(InputError) as caught:
            offer()
        assert caught.value.code == "UNKNOWN_PARAMETER"
        assert all(character.isprintable() for character in str(caught.value))


@settings(max_examples=300, deadline=None)
@given(st.from_regex(r"[^\W\d]\w{0,8}", fullmatch=True), texts)
def test_every_declared_name_is_assigned(name: str, value: str) -> None:
    if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("__"):
        return
    declaration = declared(notebook(f"{name} = ''"))
    own = declaration.names[0]
    assert evaluated(cell_source(declaration, check(declaration, {own: value})))[own] == value


def test_the_exact_cell() -> None:
    source = "a: Path\nb: date\nc: datetime\nd: float\ne: str\nf: list[int] = []\ng: bool = True"
    declaration = declared(notebook(source))
    given_values = {
        "g": False,
        "a": "log.csv",
        "b": "2024-01-02",
        "c": "2024-01-02T03:04:05+02:00",
        "d": math.nan,
        "e": 'it\'s "x"\n',
    }
    assert cell_source(
        declaration, check(declaration, given_values), comment="Run\x1b 7\nof 9"
    ) == (
        "# Run 7 of 9\n"
        "from pathlib import Path\n"
        "import datetime as _datetime\n"
        "a = Path('log.csv')\n"
        "b = _datetime.date(2024, 1, 2)\n"
        "c = _datetime.datetime(2024, 1, 2, 3, 4, 5, "
        "tzinfo=_datetime.timezone(_datetime.timedelta(seconds=7200)))\n"
        'd = float("nan")\n'
        "e = 'it\\'s \"x\"\\n'\n"
        "g = False"
    )


def test_imports_only_where_a_value_needs_them() -> None:
    declaration = declared(notebook("a = ''"))
    assert cell_source(declaration, {"a": "Path('_datetime')"}) == (
        "# Parameters\na = \"Path('_datetime')\""
    )
    assert cell_source(declaration, {}) == ""


def test_the_notebooks_own_datetime_stays() -> None:
    cell = "from datetime import date, datetime\nwhen: date = date(2024, 1, 2)"
    declaration = declared(notebook(cell))
    namespace: dict[str, Any] = {}
    exec(cell, namespace)
    exec(cell_source(declaration, check(declaration, {"when": "2025-01-01"})), namespace)
    assert namespace["when"] == datetime.date(2025, 1, 1)
    assert namespace["datetime"] is datetime.datetime


def test_a_value_of_a_foreign_type_is_refused() -> None:
    declaration = declared(notebook("x = 1"))
    deep: list[Any] = []
    for _ in range(100):
        deep = [deep]
    for value in (object(), b"x", deep, "\ud800", {"a": {"\udfff"}}):
        with pytest.raises(InputError):
            cell_source(declaration, {"x": value})


def test_a_subclass_cannot_speak_for_itself() -> None:
    class Loud(str):
        def __repr__(self) -> str:
            return "__import__('os').abort()"

    class Number(int):
        def __repr__(self) -> str:
            return "__import__('os').abort()"

    declaration = declared(notebook("x: Any\ny: Any"))
    source = cell_source(declaration, {"x": Loud("a"), "y": Number(5)})
    assert source == "# Parameters\nx = 'a'\ny = 5"


def test_too_much_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        cell_source(declared(notebook("x = ''")), {"x": "a" * 1_000_001})
    assert caught.value.code == "VALUES_TOO_LARGE"


@pytest.mark.parametrize(
    ("language", "declaration", "line"),
    [
        ("python", "x: str", "x = None  # secret, set in the kernel only"),
        ("R", 'x <- ""', "x = NULL  # secret, set in the kernel only"),
        ("julia", 'x = ""', "x = nothing  # secret, set in the kernel only"),
        ("scala", 'val x = ""', "val x = None  // secret, set in the kernel only"),
    ],
)
def test_a_secret_is_not_in_the_cell(language: str, declaration: str, line: str) -> None:
    document = notebook(declaration, language=language)
    found = declared(document, {"x": ParameterNotes(secret=True)})
    source = cell_source(found, check(found, {"x": "hunter2"}))
    assert source.splitlines()[1] == line
    assert "hunter2" not in source


def test_a_commitment_is_an_hmac() -> None:
    expected = hmac.new(b"salt", "geheim ü".encode(), hashlib.sha256).hexdigest()
    assert commitment("geheim ü", b"salt") == expected
    assert commitment("geheim ü", b"other") != expected


def with_injected(*sources: str) -> dict[str, Any]:
    document = notebook(*sources)
    document["cells"][1]["metadata"] = {"tags": ["injected-parameters"]}
    return document


def test_injects_right_after_the_parameters() -> None:
    document = notebook("'title'", "x = 1", "x", tag=1)
    before = copy.deepcopy(document)
    result = inject(document, "x = 2", cell_id="run-1", metadata={"keys": {"a": 1}, "tags": ["t"]})
    assert document == before
    assert [cell["source"] for cell in result["cells"]] == ["'title'", "x = 1", "x = 2", "x"]
    assert result["cells"][2] == {
        "cell_type": "code",
        "execution_count": None,
        "id": "run-1",
        "metadata": {"keys": {"a": 1}, "tags": ["t", "injected-parameters"]},
        "outputs": [],
        "source": "x = 2",
    }


def test_replaces_what_an_earlier_run_injected() -> None:
    document = with_injected("x = 1", "x = 2", "x")
    result = inject(document, "x = 3", cell_id="a", metadata={})
    assert [cell["source"] for cell in result["cells"]] == ["x = 1", "x = 3", "x"]
    result = inject(document, "", cell_id="a", metadata={})
    assert [cell["source"] for cell in result["cells"]] == ["x = 1", "x"]


def test_cell_ids_only_where_the_format_has_them() -> None:
    document = notebook("x = 1")
    assert inject(document, "x = 2", cell_id="a")["cells"][1]["id"] == "a"
    document["nbformat_minor"] = 4
    assert "id" not in inject(document, "x = 2", cell_id="a")["cells"][1]


@pytest.mark.parametrize("cell_id", ["cell-0", "", "a b", "a\n", "x" * 65])
def test_refuses_ids_that_are_taken_or_invalid(cell_id: str) -> None:
    with pytest.raises(InputError) as caught:
        inject(notebook("x = 1"), "x = 2", cell_id=cell_id)
    assert caught.value.code == "BAD_CELL_ID"


def test_never_injects_without_a_parameters_cell() -> None:
    document = notebook("x = 1", tag=None)
    assert inject(document, "", cell_id="a") == document
    with pytest.raises(InputError) as caught:
        inject(document, "x = 2", cell_id="a")
    assert caught.value.code == "NO_PARAMETERS_CELL"


@pytest.mark.parametrize(
    ("language", "source", "expected"),
    [
        (
            "R",
            'limit <- 5  # how many\nn = 5L\nurl = "http://x?a=b"\nok <- TRUE\nwhen <- Sys.time()\nf(x)',
            [("limit", "float", 5.0, "how many"), ("n", "int", 5, ""), ("url", "str", "http://x?a=b", ""),
             ("ok", "bool", True, ""), ("when", "Any", None, "")],
        ),
        (
            "scala",
            'val limit: Int = 5 // how many\nvar url: String = "http://x"\nval xs = Seq(1)',
            [("limit", "int", 5, "how many"), ("url", "str", "http://x", ""), ("xs", "Any", None, "")],
        ),
        (
            "julia",
            'limit::Int = -5\nrate = 1.5\nname = "a # b" # help\nnone = nothing',
            [("limit", "int", -5, ""), ("rate", "float", 1.5, ""), ("name", "str", "a # b", "help"),
             ("none", "Any", None, "")],
        ),
        (
            "bash",
            'limit=5\nmode=fast # or slow\nhost=$(hostname)\nname="$USER"',
            [("limit", "int", 5, ""), ("mode", "str", "fast", "or slow"), ("host", "Any", None, ""),
             ("name", "Any", None, "")],
        ),
        ("C#", 'var a = 5;\nstring b = "c"; // d', [("a", "int", 5, ""), ("b", "str", "c", "d")]),
        ("PowerShell", "$a = 5\n[string]$b = 'c'", [("a", "int", 5, ""), ("b", "str", "c", "")]),
        ("javascript", "let a = 5", []),
    ],
)  # fmt: skip
def test_reads_other_languages(language: str, source: str, expected: list[Any]) -> None:
    declaration = declared(notebook(source, language=language))
    found = [(p.name, p.type, p.default, p.help) for p in declaration.parameters]
    assert (declaration.language, found) == (language, expected)


@pytest.mark.parametrize(
    ("language", "value", "expected"),
    [
        ("R", [1, "a\\b", None], 'x = list(1, "a\\\\b", NULL)'),
        ("R", -math.inf, "x = -Inf"),
        ("scala", {"a b": 2**40}, 'val x = Map("a b" -> 1099511627776L)'),
        ("scala", "\u2028é", 'val x = "\\u2028é"'),
        ("julia", '$(run(`id`)) "', 'x = "\\$(run(`id`)) \\""'),
        ("julia", {"a": True}, 'x = Dict("a" => true)'),
        ("matlab", 'C:\\x "y"', 'x = "C:\\x ""y""";'),
        ("C#", "é1\n", 'var x = "é1\\u000a";'),
        ("F#", 1.5, "let x = 1.5"),
        ("PowerShell", "$(x) `\" \u2019 ' ", "$x = '$(x) `\" \u2019\u2019 '' '"),
        ("julia", datetime.date(2024, 1, 2), 'x = "2024-01-02"'),
        ("R", Path("a"), 'x = "a"'),
    ],
)
def test_writes_other_languages(language: str, value: Any, expected: str) -> None:
    declared_as = "$x = f" if language == "PowerShell" else "x = f"
    declaration = declared(notebook(declared_as, language=language))
    assert cell_source(declaration, {"x": value}).splitlines()[1] == expected


@pytest.mark.parametrize(
    ("language", "value"),
    [
        ("R", 2**53),
        ("R", "a\0b"),
        ("scala", 2**63),
        ("matlab", "a\nb"),
        ("C#", None),
        ("bash", {"a": 1}),
        ("bash", math.nan),
        ("julia", {'a" => evil()': 1}),
        ("julia", "\ud800"),
    ],
)
def test_refuses_what_a_language_cannot_say(language: str, value: Any) -> None:
    declaration = declared(notebook("x=f", language=language))
    with pytest.raises(InputError):
        cell_source(declaration, {"x": value})


@settings(max_examples=300, deadline=None)
@given(texts.filter(lambda text: "\0" not in text))
def test_text_stays_text_where_quotes_are_escaped(value: str) -> None:
    for language, mark in (("R", ""), ("scala", ""), ("julia", "$"), ("C#", ""), ("F#", "")):
        declaration = declared(notebook("x = f", language=language))
        line = cell_source(declaration, {"x": value}).split("\n", 1)[1]
        literal = line[line.index('"') :].rstrip(";")
        # All five share JSON's escapes for quote, backslash and control; `$` is Julia's own.
        unmarked = literal.replace("\\\\", "\ue000").replace(
            f"\\{mark}" if mark else "\ue001", mark
        )
        assert json.loads(unmarked.replace("\ue000", "\\\\"), strict=False) == value.replace(
            "\ue000", "\ue000"
        )
        if mark:
            assert "$" not in literal.replace("\\\\", "").replace("\\$", "")


def test_bash_reads_back_every_text(tmp_path: Path) -> None:
    declaration = declared(notebook("x=f", language="bash"))
    for value in [text for text in CODE if "\0" not in text] + ["$(touch canary)", "a'b\"c\n\n"]:
        script = cell_source(declaration, {"x": value}, comment="a\nb") + '\nprintf %s "$x"'
        done = subprocess.run(
            ["/bin/bash", "-c", script], cwd=tmp_path, capture_output=True, check=True, timeout=10
        )
        assert done.stdout == value.encode()
    assert list(tmp_path.iterdir()) == []


def test_a_language_unknown_to_us_gets_no_values() -> None:
    declaration = declared(notebook("let a = 5", language="javascript"))
    assert declaration.cell == 0
    with pytest.raises(InputError):
        check(declaration, {"a": 1})


def test_a_comment_cannot_end_itself() -> None:
    declaration = declared(notebook("let x = 5", language="F#"))
    source = cell_source(declaration, {"x": 6}, comment="a *) evil() (* \\u000a b")
    assert source == "(* a ) evil() ( u000a b *)\nlet x = 6"


def test_the_kernel_decides_where_the_language_is_not_said() -> None:
    document = notebook("$x = 5")
    document["metadata"] = {"kernelspec": {"name": ".net-powershell"}}
    declaration = declared(document)
    assert (declaration.language, declaration.kernel) == ("PowerShell", ".net-powershell")
    document["metadata"] = {}
    document["cells"][0]["source"] = "x = 5"
    assert declared(document).language == "python"
