"""What a key promised in one version it keeps within the major version: parameters and results."""

from __future__ import annotations

from hashlib import sha256

import pytest

from keys_jupyter.authoring.build import build, main
from keys_jupyter.authoring.previews.head import Head
from keys_jupyter.cli import main as cli
from keys_jupyter.errors import InputError, IntegrityError, NotAvailable
from keys_jupyter.model.run import Result
from tests.authored import key_files, write

WORK = """document = {"results": [{"name": "success_rate", "value": 1}, result("failed_events", "Failed", 2)]}"""
README = """# Small

## Parameters

| name | default |
| --- | --- |
| `limit` | 1 |

## Output

| name | meaning |
| --- | --- |
| `success_rate` | share |
| `first`, `last` | times |
"""


def library(tmp_path, name, *, line="limit: int = 1", work=WORK, readme=README, **fields):
    folder = tmp_path / name / "jupyter-keys" / "jupyter-small"
    files = key_files(line, work=work, **fields) | {"README.md": readme}
    write(folder, files)
    return tmp_path / name


@pytest.fixture
def old(tmp_path):
    build(library(tmp_path, "one", results=["success_rate"]), tmp_path / "old")
    return tmp_path / "old"


def refused(tmp_path, old, **changes):
    source = library(tmp_path, "two", **{"results": ["success_rate"], **changes})
    with pytest.raises(InputError) as error:
        build(source, tmp_path / "new", against=old)
    assert error.value.code == "LIBRARY_INVALID"
    assert not (tmp_path / "new").exists()
    return error.value.message


def test_the_same_library_keeps_its_promises(tmp_path, old):
    index = build(library(tmp_path, "two", results=["success_rate"]), tmp_path / "new", against=old)
    assert [row["slug"] for row in index.packs] == ["jupyter-small"]


@pytest.mark.parametrize(
    ("changes", "gone"),
    [
        ({"line": "", "version": "1.1.0"}, "the parameter limit of version 1.0.0"),
        ({"line": "limits: int = 1"}, "the parameter limit of version 1.0.0"),
        ({"results": ["success"]}, "the result success_rate of version 1.0.0"),
        ({"results": None}, "the result success_rate of version 1.0.0"),
        ({"readme": README.replace("`first`, ", "")}, "the result first of version 1.0.0"),
        (
            {"work": WORK.replace("failed_events", "failures")},
            "the result failed_events of version",
        ),
        (
            {"work": WORK.replace("success_rate", "rate")},
            "the result success_rate of version 1.0.0",
        ),
    ],
)
def test_what_vanished_within_a_major_version_is_an_error(tmp_path, old, changes, gone):
    message = refused(tmp_path, old, **changes)
    assert gone in message
    assert "1 problem(s)" in message


@pytest.mark.parametrize(
    "changes",
    [
        {
            "line": "",
            "work": "print(1)",
            "readme": "# Small\n",
            "results": None,
            "version": "2.0.0",
        },
        {"line": "limit: int = 1\nmore: int = 2", "version": "1.1.0"},
        {"line": "limit: float = 1.0"},
        {"work": WORK + "\nmore = result('more', 'More', 1)"},
        # Put together from parts, or kept in a table: still there.
        {
            "work": 'rows = [result(f"{kind}_events", kind, 1) for kind in kinds]\nname = "success_rate"'
        },
        {"work": "%matplotlib inline\n" + WORK},
        {"readme": README.replace("| `limit` | 1 |\n", "")},
    ],
)
def test_what_may_change(tmp_path, old, changes):
    fields = {"results": ["success_rate"], **changes}
    if "version" in fields:
        fields["documentation"] = {"readme": "README.md"}
    build(library(tmp_path, "two", **fields), tmp_path / "new", against=old)


DYNAMIC = """document = {"results": [dict(zip(["name", "value"], row)) for row in rows]}"""


def with_preview(library, *names):
    """Put a preview beside the key that says its notebook gave these results."""
    key = library / "jupyter-keys" / "jupyter-small"
    (entry,) = key.glob("notebooks/*.ipynb")
    digest = sha256(entry.read_bytes()).hexdigest()
    named = entry.relative_to(key).as_posix()
    results = tuple(Result(name=name, value=1) for name in names)
    head = Head("jupyter-small", "1.0.0", named, digest, "0" * 64, results)
    (key / "preview.html").write_text(f"<head>\n{head.tags()}\n</head>\n")
    return library


def test_what_notebooks_gave_decides_where_no_text_names_it(tmp_path):
    """Names put together from parts are in no text; what both runs gave is known all the same."""
    before = library(tmp_path, "one", work=DYNAMIC, readme="# Small\n")
    build(with_preview(before, "made_up", "stays"), tmp_path / "old")
    now = library(tmp_path, "two", work=DYNAMIC, readme="# Small\n")
    build(with_preview(now, "stays", "made_up", "more"), tmp_path / "new", against=tmp_path / "old")
    with pytest.raises(InputError) as error:
        build(with_preview(now, "stays"), tmp_path / "newer", against=tmp_path / "old")
    assert "the result made_up of version 1.0.0 is gone" in error.value.message
    assert "stays" not in error.value.message


def test_a_result_that_only_a_text_still_names_is_gone(tmp_path):
    before = library(tmp_path, "one", work='name = "kept_text"', readme="# Small\n")
    build(with_preview(before, "kept_text"), tmp_path / "old")
    now = library(tmp_path, "two", work='name = "kept_text"', readme="# Small\n")
    build(now, tmp_path / "new", against=tmp_path / "old")
    with pytest.raises(InputError, match="kept_text"):
        build(with_preview(now, "other"), tmp_path / "newer", against=tmp_path / "old")


def test_a_key_that_is_new_or_gone_promises_nothing(tmp_path, old):
    folder = tmp_path / "two" / "jupyter-keys" / "jupyter-other"
    write(folder, key_files(slug="jupyter-other"))
    build(tmp_path / "two", tmp_path / "new", against=old)


def test_the_old_library_must_be_there_and_whole(tmp_path, old):
    source = library(tmp_path, "two")
    with pytest.raises(NotAvailable) as absent:
        build(source, tmp_path / "new", against=tmp_path / "nowhere")
    assert absent.value.code == "LIBRARY_MISSING"
    pack = old / "packs" / "jupyter-small" / "1.0.0" / "pack.zip"
    pack.write_bytes(pack.read_bytes()[:-1])
    with pytest.raises(IntegrityError):
        build(source, tmp_path / "new", against=old)


def test_both_command_lines_take_the_old_library(tmp_path, old, capsys):
    source = library(tmp_path, "two", line="")
    arguments = [str(source), "--against", str(old)]
    assert main([*arguments, str(tmp_path / "new")]) == 2
    assert "the parameter limit of version 1.0.0 is gone" in capsys.readouterr().err
    assert cli(["library", "build", *arguments, "-o", str(tmp_path / "new")]) == 2
    assert "the parameter limit of version 1.0.0 is gone" in capsys.readouterr().err
