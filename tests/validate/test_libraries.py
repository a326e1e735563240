"""A whole library, a loose file, and what is none of both."""

from __future__ import annotations

from pathlib import Path

import pytest

from keys_jupyter.authoring.positions import lines_of
from keys_jupyter.authoring.validate import lint_runbook, validate
from keys_jupyter.errors import InputError
from tests.authored import PACK, README, key_files, write
from tests.validate.samples import found


def test_one_slug_for_a_key_and_a_runbook_is_a_problem(library):
    write(library / "jupyter-keys" / "small-failure", key_files(slug="small-failure"))
    assert ("small-failure", "SLUG_TWICE") in found(library)[0]


def test_an_empty_library_says_so(tmp_path):
    (tmp_path / "jupyter-keys").mkdir()
    assert [one.code for one in validate(tmp_path).problems] == ["LIBRARY_EMPTY"]


def test_paths_are_shown_as_they_were_asked_for(library, monkeypatch):
    (library / "runbook-keys" / "small-failure" / "LICENSE.txt").unlink()
    monkeypatch.chdir(library)
    assert (
        validate(Path("runbook-keys/small-failure")).problems[0].path
        == "runbook-keys/small-failure/LICENSE.txt"
    )
    assert validate(Path()).problems[0].path == "runbook-keys/small-failure/LICENSE.txt"
    monkeypatch.chdir(library / "runbook-keys" / "small-failure")
    assert [one.path for one in validate(Path()).problems] == ["LICENSE.txt"]


def test_what_is_nothing_of_ours_is_refused(tmp_path):
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(InputError) as error:
            validate(path)
        assert error.value.code == "NOTHING_TO_VALIDATE"
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "odd.md").write_bytes(b"\xff\xff")
    for name in ("notes.txt", "odd.md", "absent.md"):
        with pytest.raises(InputError) as error:
            lint_runbook(tmp_path / name)
        assert error.value.code == "NOTHING_TO_LINT"


def test_a_loose_markdown_file_is_linted_by_its_text_alone(tmp_path):
    path = tmp_path / "mine.md"
    path.write_text(README, encoding="utf-8")
    assert lint_runbook(path).problems == []
    path.write_text(README.replace("\n", "\r\n"), encoding="utf-8", newline="")
    assert lint_runbook(path).problems == []


def test_lines_of_values_are_those_of_the_text():
    text = '{\n "a": [1,\n  {"b": "x\\ny"}\n ],\n "c": {}, "d":\n null\n}'
    lines = lines_of(text)
    assert lines[("a",)] == 2
    assert lines[("a", 1)] == 3
    assert lines[("a", 1, "b")] == 3
    assert lines[("c",)] == lines[("d",)] == 5
    assert PACK["slug"] == "small-failure"
