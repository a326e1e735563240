"""The runner's pure parts, and its small ones without a kernel."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from keys_jupyter.errors import InputError, SurroundingsError
from keys_jupyter.model.run import CellState, RunState
from keys_jupyter.runner import journal
from keys_jupyter.runner.environment import kernel_environment
from keys_jupyter.runner.job import Job, ending
from keys_jupyter.runner.notebook_file import NotebookFile, replace
from keys_jupyter.runner.recording import Recording, plain
from keys_jupyter.runner.titles import cell_title


def test_a_kernel_gets_nothing_of_ours_and_no_credential() -> None:
    environ = {
        "PATH": "/bin", "DATABASE_URL": "db", "GITHUB_TOKEN": "theirs", "JUPYTERHUB_USER": "me",
        "KEYS_API_KEY": "s", "KEYS_TOKEN": "s", "JUPYTER_TOKEN": "s", "JPY_API_TOKEN": "s",
        "JUPYTERHUB_API_TOKEN": "s", "CONFIGPROXY_AUTH_TOKEN": "s", "JPY_PARENT_PID": "1",
        "JUPYTERHUB_OAUTH_CLIENT_SECRET": "s",
    }  # fmt: skip
    assert set(kernel_environment(environ)) == {
        "PATH", "DATABASE_URL", "GITHUB_TOKEN", "JUPYTERHUB_USER",
    }  # fmt: skip
    named = kernel_environment(environ, ["JUPYTERHUB_API_TOKEN", "KEYS_TOKEN", "ABSENT"])
    assert named["JUPYTERHUB_API_TOKEN"] == "s"
    assert "KEYS_TOKEN" not in named
    assert "ABSENT" not in named


def _job(**options: Any) -> Job:
    given = {"run_id": "a" * 32, "folder": "/f", "notebook": "n.ipynb", "journal_dir": "/j"}
    return Job.model_validate({**given, **options})


@pytest.mark.parametrize("name", ["a b", "x=1;import os;y", "class", "", "a\n", "os.x"])
def test_the_name_of_a_secret_never_becomes_code_nor_its_value_an_error(name: str) -> None:
    with pytest.raises(ValidationError) as told:
        _job(secrets={name: "hunter2"})
    assert "hunter2" not in str(told.value)


def test_a_job_hides_its_secrets_and_survives_the_pipe() -> None:
    job = _job(secrets={"p": "hunter2"}, timeout=3)
    assert "hunter2" not in repr(job) + str(job)
    assert Job.model_validate_json(json.dumps(job.model_dump(mode="json"))) == job


def test_a_store_that_is_not_there() -> None:
    for name in ("no_such_module:Store", "json:Nothing"):
        with pytest.raises(SurroundingsError) as told:
            _job(store=name).open_store()
        assert told.value.code == "STORE_UNKNOWN"


def test_what_exits_mean() -> None:
    assert ending(0) is None
    states = {code: ending(code) for code in (1, 74, 130, 137, -signal.SIGKILL)}
    assert {code: end.state for code, end in states.items() if end} == {
        1: RunState.INTERRUPTED, 74: RunState.CAPTURE_FAILED, 130: RunState.CANCELLED,
        137: RunState.CANCELLED, -9: RunState.INTERRUPTED,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "title"),
    [
        ([("markdown", "intro\n## Load *logs* ##\nwords"), ("code", "x = 1")], "Load *logs*"),
        ([("markdown", "no heading"), ("code", "\n#  Read it\nx")], "Read it"),
        ([("markdown", "# Far"), ("code", "1"), ("code", "x = 2\n# no")], "x = 2"),
        ([("code", "# %% Part")], "Part"),
        ([("code", "#\nx")], "#"),
        ([("code", " \n")], ""),
        ([("code", ["a = 1\n", "b"])], "a = 1"),
        ([("code", "y" * 100)], "y" * 79 + "…"),
    ],
)
def test_titles(cells: list[tuple[str, Any]], title: str) -> None:
    tree = [{"cell_type": kind, "source": source} for kind, source in cells]
    assert cell_title(tree, len(tree) - 1) == title


NOTEBOOK = {"cells": [{"cell_type": "code", "source": str(at)} for at in range(4)]}


def _lines(*told: tuple[int, str], state: str | None) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = [
        {"type": "cell", "index": index, "number": index + 1, "state": cell} for index, cell in told
    ]
    return lines if state is None else [*lines, {"type": "state", "state": state}]


@pytest.mark.parametrize(
    ("run", "second", "rest"),
    [
        (None, "running", "pending"),
        ("RUNNING", "running", "pending"),
        ("KERNEL_DIED", "kernel_died", "never_ran"),
        ("TIMED_OUT", "timed_out", "never_ran"),
        ("CANCELLED", "cancelled", "never_ran"),
        ("INTERRUPTED", "interrupted", "never_ran"),
        ("CAPTURE_FAILED", "interrupted", "never_ran"),
    ],
)
def test_no_cell_is_open_when_the_run_has_ended(run: str | None, second: str, rest: str) -> None:
    lines = _lines((0, "running"), (0, "ok"), (1, "running"), state=run)
    states = [cell.state for cell in journal.cells(NOTEBOOK, lines)]
    assert states == [CellState.OK, CellState(second), CellState(rest), CellState(rest)]


def test_outputs_are_counted_as_a_notebook_counts_them() -> None:
    def output(name: str | None, **more: Any) -> dict[str, Any]:
        kind = {"output_type": "stream", "name": name} if name else {"output_type": "display_data"}
        return {"type": "output", "index": 0, "sha256": "", "output": kind, **more}

    lines = [output("stdout"), output("stdout"), output("stderr"), output(None), output("stderr")]
    assert journal.cells(NOTEBOOK, lines)[0].outputs == 4
    lines += [output(None, update=True), {"type": "clear", "index": 0}, output("stderr")]
    assert journal.cells(NOTEBOOK, lines)[0].outputs == 1


@pytest.mark.parametrize(
    ("value", "shown"),
    [("nan", None), ("-inf", None), ("Infinity?", "Infinity?"), (1.5, 1.5), (True, True), (0, 0)],
)
def test_results_keep_values_and_say_what_is_no_number(value: Any, shown: Any) -> None:
    table = {"schema": "keys.result/1", "results": [{"name": "r", "value": value, "ok": True}, 7]}
    data = {journal.RESULT_MIME: table}
    line = {"type": "output", "index": 0, "sha256": "", "output": {"data": data}}
    (result,) = journal.results([line])
    assert (result.value, type(result.value)) == (shown, type(shown))
    assert (result.ok is None) == (shown is None)
    assert result.label.startswith("r (") == (shown is None)


def test_results_of_another_schema_are_passed_over() -> None:
    for table in ("text", {"schema": "keys.result/2", "results": [{"name": "r"}]}, {"results": []}):
        line = {
            "type": "output",
            "index": 0,
            "sha256": "",
            "output": {"data": {journal.RESULT_MIME: table}},
        }
        assert journal.results([line]) == []


def test_a_journal_is_read_while_it_is_written(tmp_path: Path) -> None:
    assert journal.read(tmp_path / "none") == []
    counts: list[int] = []
    with Recording(tmp_path / "j", counts.append) as recording:
        recording.add("state", state="RUNNING", reason="half a surrogate \ud800")
        recording.add("clear", index=0)
        with pytest.raises(FileExistsError):
            Recording(tmp_path / "j", counts.append)
        recording.show("\x1b[31mred\x1b[0m \x1b[2Kline \ud800\n")
    assert counts == [1, 2]
    with (tmp_path / "j" / journal.JOURNAL).open("ab") as stream:
        stream.write(b'{"n":2,"ty')
    lines = journal.read(tmp_path / "j")
    assert [(line["n"], line["type"]) for line in lines] == [(0, "state"), (1, "clear")]
    assert lines[0]["at"].endswith("Z")
    assert len(lines[0]["at"]) == len("2026-01-01T00:00:00.000Z")
    assert journal.read(tmp_path / "j", after=2) == []
    assert (tmp_path / "j" / journal.TAIL).read_text() == "red line ?\n"
    assert (tmp_path / "j" / journal.JOURNAL).stat().st_mode & 0o077 == 0
    journal.salvage(tmp_path / "fresh", RunState.INTERRUPTED, "never began")
    assert [line["type"] for line in journal.read(tmp_path / "fresh")] == ["state", "end"]


def test_plain_text_keeps_all_but_colours() -> None:
    assert plain("a\x1b[1;31mb\x1b]c\r\n[0m") == "abc\r\n[0m"


def test_a_notebook_that_is_none(tmp_path: Path) -> None:
    torn = tmp_path / "torn.ipynb"
    torn.write_bytes(b'{"cells": [')
    (tmp_path / "binary.ipynb").write_bytes(b"\xff\xfe")
    (tmp_path / "other.ipynb").write_text("[1, 2]")
    (tmp_path / "empty.ipynb").write_text("{}")
    (tmp_path / "old.ipynb").write_text('{"nbformat": 3, "worksheets": 1}')
    (tmp_path / "cell.ipynb").write_text('{"nbformat": 4, "cells": [{"cell_type": "code"}]}')
    for name in ("torn", "binary", "other", "empty", "old", "cell", "absent"):
        with pytest.raises(InputError) as told:
            NotebookFile(tmp_path / f"{name}.ipynb")
        assert told.value.code == "NOTEBOOK_UNREADABLE"
        assert str(tmp_path) not in str(told.value)


def test_a_notebook_of_version_3_is_read(tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    cell = {"cell_type": "code", "language": "python", "input": "1", "outputs": [], "metadata": {}}
    worksheets = [{"cells": [cell], "metadata": {}}]
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": worksheets}
    path.write_text(json.dumps(old))
    notebook = NotebookFile(path)
    assert notebook.tree["cells"][0]["source"] == "1"
    assert notebook.write()
    assert json.loads(path.read_text())["nbformat"] == 4
    path.write_text("edited")
    assert not notebook.write()
    path.unlink()
    assert not notebook.write()
    assert list(tmp_path.iterdir()) == []


def test_replace_is_whole_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "f"
    replace(path, b"one")
    path.with_name("dir").mkdir()
    with pytest.raises(OSError, match="dir"):
        replace(path.with_name("dir"), b"two")
    assert path.read_bytes() == b"one"
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["dir", "f"]
