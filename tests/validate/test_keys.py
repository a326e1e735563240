"""One fault in a key's notebook, parameters, key.json or requirements is found in its line."""

from __future__ import annotations

import shutil

import pytest

from keys_jupyter.authoring.validate import validate
from tests.authored import key_files, write
from tests.validate.samples import cell, edited, found, notebook, put

BAD_NOTEBOOK = [
    (put("parameters", "metadata", {}), "NO_PARAMETERS_CELL"),
    (put("work", "metadata", {"tags": ["parameters"]}), "SEVERAL_PARAMETERS_CELLS"),
    (put("parameters", "source", "print(1)"), "MALFORMED_PARAMETERS_CELL"),
    (put("parameters", "source", "a: int = (\n"), "MALFORMED_PARAMETERS_CELL"),
    (put("parameters", "source", "# nothing"), "NO_PARAMETERS"),
    (
        put("work", "outputs", [{"output_type": "stream", "name": "stdout", "text": "x"}]),
        "STORED_OUTPUTS",
    ),
    (put("work", "execution_count", 3), "STORED_OUTPUTS"),
    (lambda book: book["metadata"].pop("kernelspec"), "NO_KERNELSPEC"),
    (lambda book: book.update(nbformat_minor=4), "NO_CELL_IDS"),
    (lambda book: cell("work")(book).pop("id"), "NO_CELL_IDS"),
    (put("work", "id", "title"), "CELL_ID_TWICE"),
    (put("title", "source", "# Small"), "LAST_VERIFIED"),
    (put("title", "source", "**Last verified:** soon"), "LAST_VERIFIED"),
    (put("title", "source", "**Last verified:** 2026-02-30"), "LAST_VERIFIED"),
    (put("work", "source", 5), "NOT_A_NOTEBOOK"),
    (lambda book: book.update(nbformat=3), "NOT_A_NOTEBOOK"),
]


@pytest.mark.parametrize(("edit", "code"), BAD_NOTEBOOK)
def test_one_fault_in_the_notebook_is_found(key, edit, code):
    edited(key, edit)
    codes, problems = found(key)
    assert ("small.ipynb", code) in codes, problems


def test_the_line_of_stored_outputs_is_the_one_to_look_at(key):
    edited(key, put("work", "outputs", [{"output_type": "stream", "name": "stdout", "text": "x"}]))
    [problem] = found(key)[1]
    rows = notebook(key).read_text("utf-8").splitlines()
    assert problem.line == max(at for at, row in enumerate(rows, 1) if '"outputs"' in row)


BAD_PARAMETERS = [
    ('token: str = "x"', {}, "SECRET_NOT_MARKED"),
    ("stripe_api_key: str | None = None", {}, "SECRET_NOT_MARKED"),
    ('database_url: str = ""', {}, "SECRET_NOT_MARKED"),
    ('token: str = "abc"', {"token": {"secret": True}}, "SECRET_WITH_DEFAULT"),
    ('more: str = "sample/more.csv"', {}, "FILE_NOT_MARKED"),
    ('more: str = "sample/more.csv"', {"more": {"file": True}}, "NO_SAMPLE"),
    ('more: str = ""', {"more": {"file": True}}, "NO_SAMPLE"),
    ('more: str = "/data/more.csv"', {"more": {"file": True}}, "NO_SAMPLE"),
    ('more: str = "C:/data/more.csv"', {"more": {"file": True}}, "NO_SAMPLE"),
    ("more: str", {"more": {"file": True}}, "NO_SAMPLE"),
    ('there: str = "a"', {"there": {"output_folder": True}}, "OUTPUT_FOLDER_TWICE"),
    ("limit: int = 1", {"limits": {"minimum": 1}}, "UNKNOWN_PARAMETER"),
    ("limit: int = 1", {"limit": {"secrett": True}}, "METADATA"),
    ("limit: int = 1", {"limit": {"minimum": "1"}}, "METADATA"),
    ("limit: int = 1", {"limit": {"pattern": "("}}, "BAD_PATTERN"),
]


@pytest.mark.parametrize(("line", "notes", "code"), BAD_PARAMETERS)
def test_one_fault_in_a_parameter_is_found(key, line, notes, code):
    write(key, key_files(line, notes))
    assert code in {one for _, one in found(key)[0]}


GOOD_PARAMETERS = [
    ("token: str | None = None", {"token": {"secret": True}}),
    ('token: str = ""', {"token": {"secret": True}}),
    ("token: str", {"token": {"secret": True}}),
    ("max_tokens: int = 5", {}),
    ('token_column: str = "t"', {}),
    ("more: str | None = None", {"more": {"file": True}}),
    ('more: str = "sample/events.csv"', {"more": {"file": True}}),
    ('more: str = "./sample/events.csv"', {"more": {"file": True}}),
    ("limit: int = 1", {"limit": {"minimum": 0, "maximum": 2.5, "unit": "rows", "pattern": "^1"}}),
]


@pytest.mark.parametrize(("line", "notes"), GOOD_PARAMETERS)
def test_what_parameters_may_be(key, line, notes):
    write(key, key_files(line, notes))
    assert found(key)[1] == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"category": None}, "METADATA"),
        ({"outcome": " "}, "METADATA"),
        ({"difficulty": "hard"}, "METADATA"),
        ({"runtime_minutes": 0}, "METADATA"),
        ({"runtime_minutes": "2"}, "METADATA"),
        ({"key_type": ["jupyter"]}, "METADATA"),
        ({"category": "x" * 101}, "METADATA"),
        ({"entry": "notebooks/none.ipynb"}, "ENTRY_MISSING"),
        ({"modules": ["absent"]}, "MODULE_MISSING"),
        ({"modules": ["Bad-Name"]}, "METADATA"),
        ({"results": ["Not Snake"]}, "METADATA"),
        ({"enviroment": ["DATABASE_URL"]}, "UNKNOWN_FIELD"),
    ],
)
def test_one_fault_in_key_json_is_found(key, fields, code):
    write(key, key_files(**fields))
    assert ("key.json", code) in found(key)[0]


def test_a_second_notebook_needs_an_entry(key):
    write(key, key_files(entry=None))
    assert found(key)[1] == []
    shutil.copy(notebook(key), key / "notebooks" / "more.ipynb")
    assert ("key.json", "ENTRY_MISSING") in found(key)[0]


def test_shared_modules_are_found_and_may_not_be_doubled(key, library):
    (library / "modules").mkdir()
    (library / "modules" / "counting.py").write_text("N = 1\n", "utf-8")
    write(key, key_files(modules=["counting"]))
    assert found(key)[1] == []
    (key / "counting.py").write_text("N = 2\n", "utf-8")
    assert ("key.json", "MODULE_TWICE") in found(key)[0]


@pytest.mark.parametrize(
    ("line", "good"),
    [
        ("pandas>=2.0,<4", True),
        ("pandas~=2.1", True),
        ("pandas==2.1.0", True),
        ("pandas[performance] >=2, <4  # fast", True),
        ('tomli>=2,<3; python_version < "3.11"', True),
        ("# a comment", True),
        ("pandas", False),
        ("pandas>=2", False),
        ("pandas<4", False),
        ("-r other.txt", False),
        ("git+https://example.com/x.git", False),
    ],
)
def test_requirements_have_both_ends(key, line, good):
    (key / "requirements.txt").write_text(f"matplotlib>=3.7,<4\n{line}\n", "utf-8")
    problems = found(key)[1]
    assert [one.line for one in problems] == ([] if good else [2])


def test_a_key_of_another_prefix_is_a_note(tmp_path):
    write(tmp_path / "jupyter-keys" / "small", key_files(slug="small"))
    report = validate(tmp_path)
    assert report.ok
    assert "SLUG_PREFIX" in {one.code for one in report.notes}


def test_what_the_archive_refuses_is_refused_here(key):
    (key / "run.exe").write_bytes(b"MZ")
    assert found(key)[0] == {("jupyter-small", "TYPE_NOT_ALLOWED")}
    (key / "run.exe").unlink()
    (key / "link.csv").symlink_to(key / "README.md")
    assert found(key)[0] == {("jupyter-small", "LINK")}
