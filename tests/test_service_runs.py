"""Runs as a person asks for them: secrets, runs by hand, ending and repeating them, and who waits for whom."""

import base64
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from keys_jupyter.errors import InputError, NotAvailable, StateError
from keys_jupyter.model.run import RunRequest
from keys_jupyter.runner import journal
from keys_jupyter.runner.identity import this_process
from keys_jupyter.service import Service
from keys_jupyter.sources.library import FolderLibrary
from tests.packs import code, key_files, make_library, notebook

CANARY = "Zebra#Quill-42/ünder\\score"
HOLDER = """
import sys
from pathlib import Path
from keys_jupyter.model.run import RunRequest
from keys_jupyter.service import Service
service = Service(Path(sys.argv[1]), Path(sys.argv[2]), [], max_running=1)
for name in sys.argv[3:]:
    print(service.runs.start(RunRequest(key=name)).id, flush=True)
sys.stdin.read()
service.close()
"""
SLOW = "print('on', flush=True)\nimport time\ntime.sleep(600)"


def put(workspace, name, *cells, language="python", kernel="python3"):
    book = notebook(*(code(text, ident=f"c{at}") for at, text in enumerate(cells)))
    book["metadata"]["kernelspec"] = {"name": kernel, "display_name": kernel}
    book["metadata"]["language_info"] = {"name": language}
    (workspace / name).write_text(json.dumps(book))
    return name


def with_parameters(workspace, name, declared, *cells):
    put(workspace, name, declared, *cells)
    book = json.loads((workspace / name).read_text())
    book["cells"][0]["metadata"] = {"tags": ["parameters"]}
    (workspace / name).write_text(json.dumps(book))
    return name


def finished(service, changes, run):
    changes.until(lambda: service.runs.settled(run.id))
    return service.runs.run(run.id)


def printed(service, changes, run, text):
    changes.until(lambda: text in service.runs.output(run.id).text)


def spellings(value):
    """Every spelling that must be in no file, each made here by other means than the product's."""
    raw = value.encode()
    yield raw
    yield json.dumps(value).strip('"').encode()
    yield repr(value)[1:-1].encode()
    yield raw.hex().encode()
    yield base64.b64encode(raw)
    for before in (b"", b"u", b"us"):
        text = base64.b64encode(before + raw + b"!!!")
        # What of it no neighbour can change: whole groups of three bytes that lie in the secret.
        start = (len(before) + 2) // 3
        groups = (len(before) + len(raw)) // 3 - start
        yield text[start * 4 : (start + groups) * 4]


def must_be_nowhere(value, *roots):
    looked = 0
    for root in roots:
        for path in root.rglob("*"):
            if path.is_file():
                looked += 1
                data = path.read_bytes()
                for form in spellings(value):
                    assert form not in data, (path, form)
    assert looked > 8


@pytest.fixture
def secret_library(tmp_path):
    book = notebook(
        code("from pathlib import Path\npassword: str\nlimit: int = 3", tags=["parameters"]),
        code(
            "import base64, os, sys, time\n"
            "assert len(password) == 26, password\n"
            "print('told', password)\n"
            "for character in password:\n"
            "    sys.stdout.write(character); sys.stdout.flush(); time.sleep(0.015)\n"
            "print()\n"
            "print(base64.b64encode(b'us' + password.encode() + b'!!!').decode(), repr(password))",
            ident="d",
        ),
        code("os.system(f\"printf '%s' '{password}'\"); {password: [password]}", ident="e"),
        code("raise KeyError(password)", tags=["raises-exception"], ident="f"),
    )
    files = key_files(
        slug="jupyter-secret", book=book, parameters={"password": {"secret": True}}, entry=None
    )
    return make_library(tmp_path / "secrets", files)


@pytest.fixture
def secret_service(tmp_path, secret_library, workspace, changes):
    opened = Service(
        workspace,
        tmp_path / "data",
        [FolderLibrary(secret_library, "embedded")],
        on_change=changes,
    )
    yield opened
    opened.close()


@pytest.fixture
def away(tmp_path, workspace):
    """Other processes with a service of their own over the same store."""
    started = []

    def start(*notebooks):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(workspace), str(tmp_path / "data"), *notebooks],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process, [process.stdout.readline().strip() for _ in notebooks]

    yield start
    for process in started:
        process.stdin.close()
        process.wait(20)
        process.stdout.close()


# secrets -----------------------------------------------------------------------------------------


def test_a_secret_reaches_the_kernel_and_no_file(secret_service, changes, tmp_path, workspace):
    service = secret_service
    run = service.runs.start(RunRequest(key="jupyter-secret", secrets={"password": CANARY}))
    run = finished(service, changes, run)
    assert run.state.value == "SUCCEEDED", run
    assert [cell.state.value for cell in run.cells] == ["ok", "ok", "ok", "ok", "allowed_error"]
    tail = service.runs.output(run.id).text
    assert tail.splitlines()[:2] == ["told [secret password]", "[secret password]"]
    assert "[secret password]" in tail.splitlines()[2]
    assert "{'[secret password]': ['[secret password]']}" in tail
    assert run.cells[-1].error.message == "'[secret password]'"
    service.close()
    must_be_nowhere(CANARY, tmp_path / "data", workspace)


def test_what_is_recorded_of_a_secret_is_a_commitment_that_the_salt_opens(
    secret_service, changes, tmp_path
):
    service = secret_service
    first, second = (
        finished(
            service,
            changes,
            service.runs.start(RunRequest(key="jupyter-secret", parameters={"password": CANARY})),
        )
        for _ in range(2)
    )
    salt = (tmp_path / "data/runs" / first.id / "salt").read_bytes()
    opened = hmac.new(salt, CANARY.encode(), hashlib.sha256).hexdigest()
    assert first.parameters == {"password": f"secret, hmac-sha256 {opened}"}
    assert second.parameters != first.parameters


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({}, "MISSING_PARAMETER"),
        ({"secrets": {"password": "abc"}}, "SECRET_TOO_SHORT"),
        ({"secrets": {"passwort": CANARY}}, "UNKNOWN_PARAMETER"),
        (
            {"secrets": {"password": CANARY}, "parameters": {"password": CANARY}},
            "SECRET_AND_VALUE",
        ),
        ({"secrets": {"password": CANARY}, "mode": "interactive"}, "SECRETS_ARE_ASKED"),
        ({"parameters": {"password": CANARY}, "mode": "interactive"}, "SECRETS_ARE_ASKED"),
        ({"secrets": {"password": CANARY, "limit": "4444"}}, "WRONG_TYPE"),
    ],
)
def test_a_secret_that_cannot_be_given_is_refused_without_its_value(
    secret_service, tmp_path, workspace, options, problem
):
    with pytest.raises(InputError) as caught:
        secret_service.runs.start(RunRequest(key="jupyter-secret", **options))
    assert problem in (caught.value.code, *(p.code for p in getattr(caught.value, "problems", ())))
    assert CANARY not in str(caught.value)
    assert "4444" not in str(caught.value)
    assert secret_service.runs.all().runs == []
    assert not list((workspace / "key-runs").glob("*/*"))


def test_any_parameter_may_be_given_as_a_secret(service, changes, workspace, tmp_path):
    name = with_parameters(workspace, "n.ipynb", "token: str = 'none'", "print(token, len(token))")
    run = service.runs.start(RunRequest(key=name, secrets={"token": CANARY}))
    run = finished(service, changes, run)
    assert service.runs.output(run.id).text == "[secret token] 26\n"
    assert CANARY not in json.dumps(run.model_dump(mode="json"))
    service.close()
    must_be_nowhere(CANARY, tmp_path / "data", workspace)


def test_secrets_for_another_language_are_refused_before_anything_runs(service, workspace):
    name = put(workspace, "r.ipynb", "token <- ''", "print(token)", language="R", kernel="ir")
    book = json.loads((workspace / name).read_text())
    book["cells"][0]["metadata"] = {"tags": ["parameters"]}
    book["metadata"]["kernelspec"]["language"] = "R"
    (workspace / name).write_text(json.dumps(book))
    with pytest.raises(InputError) as caught:
        service.runs.start(RunRequest(key=name, secrets={"token": CANARY}))
    assert caught.value.code == "SECRETS_NEED_PYTHON"
    assert service.runs.all().runs == []


# by hand -----------------------------------------------------------------------------------------


def run_by_hand(workspace, run, order=None, answers=""):
    """Run a prepared notebook as a person does: in one kernel, cell by cell, and save it as JupyterLab does."""
    path = workspace / run.notebook
    book = json.loads(path.read_text())
    codes = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    script = (
        "import contextlib, getpass, io, json, sys, traceback\n"
        f"getpass.getpass = lambda prompt: {answers!r}\n"
        "shown, space = [], {}\n"
        "for source in json.load(sys.stdin):\n"
        "    out, error = io.StringIO(), None\n"
        "    with contextlib.redirect_stdout(out):\n"
        "        try: exec(source, space)\n"
        "        except Exception as e: error = [type(e).__name__, str(e), traceback.format_exc()]\n"
        "    shown.append([out.getvalue(), error])\n"
        "print(json.dumps(shown))\n"
    )
    chosen = [codes[at] for at in (order if order is not None else range(len(codes)))]
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps([cell["source"] for cell in chosen]),
        cwd=path.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    for count, (cell, (text, error)) in enumerate(
        zip(chosen, json.loads(done.stdout), strict=True), 1
    ):
        cell["execution_count"] = count
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": [text]}]
        cell["outputs"] = cell["outputs"] if text else []
        if error:
            name, said, trace = error
            cell["outputs"].append(
                {"output_type": "error", "ename": name, "evalue": said, "traceback": [trace]}
            )
    path.write_text(json.dumps(book))
    return book


def test_a_run_by_hand_is_prepared_left_alone_and_collected(service, changes, workspace):
    name = with_parameters(workspace, "n.ipynb", "limit: int = 3", "print('limit', limit)", "4")
    run = service.runs.start(
        RunRequest(key=name, parameters={"limit": 7}, mode="interactive"),
    )
    assert (run.state.value, run.mode, run.ended_at) == ("PREPARED", "interactive", None)
    assert [cell.state.value for cell in run.cells] == ["pending"] * 4
    assert service.runs.open_here() == 0
    assert "cannot prove" in run.notes[0]
    with pytest.raises(StateError) as caught:
        service.runs.collect(run.id)
    assert caught.value.code == "NOTHING_RAN"
    (workspace / run.folder / "artifacts/report.txt").write_text("seven")
    run_by_hand(workspace, run)
    ended = service.runs.collect(run.id)
    assert ended.state.value == "SUCCEEDED"
    assert ended.reason == "Run by hand; the saved notebook shows every cell as run."
    assert [cell.state.value for cell in ended.cells] == ["ok"] * 4
    assert [artifact.path for artifact in ended.artifacts] == ["artifacts/report.txt"]
    assert service.runs.output(run.id).text == "limit 7\n"
    assert len(ended.notes) == 1
    with pytest.raises(StateError):
        service.runs.collect(run.id)
    lines = journal.read(service._store.journal_dir(run.id))
    (output,) = [line for line in lines if line["type"] == "output"]
    canonical = b'{"name":"stdout","output_type":"stream","text":"limit 7\\n"}'
    assert output["sha256"] == hashlib.sha256(canonical).hexdigest()


def test_what_a_saved_notebook_shows_is_told_as_what_it_is(service, workspace):
    cells = ["one = 1", "print(1 / 0)", "3", "", "5"]
    run = service.runs.start(RunRequest(key=put(workspace, "n.ipynb", *cells), mode="interactive"))
    book = run_by_hand(workspace, run, order=[2, 0, 1])
    book["cells"][0]["source"] = "one = 2"
    book["cells"][4]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "half"}]
    book["cells"].append(code("added", ident="new"))
    (workspace / run.notebook).write_text(json.dumps(book))
    ended = service.runs.collect(run.id)
    assert [cell.state.value for cell in ended.cells] == [
        "ok", "failed", "ok", "ok", "interrupted", "never_ran",
    ]  # fmt: skip
    assert ended.state.value == "CELL_ERROR"
    assert ended.reason == "Run by hand; cell 2 shows ZeroDivisionError: division by zero."
    assert ended.notes[1:] == [
        "Cells were not run from top to bottom; the order of their counts is another.",
        "Edited since it was prepared: cell 1.",
        "Added since it was prepared: cell 6.",
    ]


def test_a_run_by_hand_that_was_not_gone_through_did_not_succeed(service, workspace):
    run = service.runs.start(
        RunRequest(key=put(workspace, "n.ipynb", "1", "2", "3"), mode="interactive")
    )
    run_by_hand(workspace, run, order=[0])
    ended = service.runs.collect(run.id)
    assert (ended.state.value, ended.reason) == (
        "INTERRUPTED",
        "Run by hand; never run: cells 2, 3.",
    )


def test_another_notebook_at_the_place_of_a_run_is_not_taken_for_it(service, workspace):
    name = put(workspace, "n.ipynb", "1")
    run, other = (service.runs.start(RunRequest(key=name, mode="interactive")) for _ in range(2))
    run_by_hand(workspace, other)
    (workspace / run.notebook).write_bytes((workspace / other.notebook).read_bytes())
    with pytest.raises(InputError) as caught:
        service.runs.collect(run.id)
    assert caught.value.code == "NOT_THIS_RUN"
    (workspace / run.notebook).write_text('{"nbformat": 4, "cells": [{"cell_type": "code"}]}')
    with pytest.raises(InputError):
        service.runs.collect(run.id)
    (workspace / run.notebook).unlink()
    with pytest.raises(NotAvailable):
        service.runs.collect(run.id)
    assert service.runs.run(run.id).state.value == "PREPARED"


def test_the_notebook_of_a_run_by_hand_asks_for_its_secret(secret_service, workspace):
    run = secret_service.runs.start(RunRequest(key="jupyter-secret", mode="interactive"))
    assert run.parameters == {"password": "secret, asked by the notebook"}
    injected = json.loads((workspace / run.notebook).read_text())["cells"][1]["source"]
    assert injected.splitlines()[1:] == [
        "from getpass import getpass as _getpass",
        "password = _getpass('Password: ')",
    ]
    book = run_by_hand(workspace, run, order=[0, 1, 2], answers=CANARY)
    assert f"told {CANARY}" in json.dumps(book, ensure_ascii=False).replace("\\\\", "\\")


def test_a_run_by_hand_stays_open_over_a_restart_and_can_be_given_up(
    service, tmp_path, library, workspace
):
    name = put(workspace, "n.ipynb", "1")
    run, other = (service.runs.start(RunRequest(key=name, mode="interactive")) for _ in range(2))
    service._store._db.execute("UPDATE runs SET owner='-:1:-' || 'x:999999:1'")
    service.close()
    again = Service(workspace, tmp_path / "data", [FolderLibrary(library, "embedded")])
    try:
        assert again.runs.run(run.id).state.value == "PREPARED"
        given_up = again.runs.cancel(other.id)
        assert (given_up.state.value, given_up.reason) == (
            "CANCELLED",
            "Given up before it was collected.",
        )
        assert given_up.cancelled_by.actor.subject
        run_by_hand(workspace, run)
        assert again.runs.collect(run.id).state.value == "SUCCEEDED"
    finally:
        again.close()


# ending, repeating, waiting ----------------------------------------------------------------------


def test_a_run_of_another_process_is_cancelled_and_who_asked_is_recorded(
    service, workspace, away, monkeypatch
):
    monkeypatch.setenv("KEYS_ACTOR", "Ada at the console")
    _, (running, waiting) = away(
        put(workspace, "a.ipynb", SLOW, "2"), put(workspace, "b.ipynb", "1")
    )
    deadline = time.monotonic() + 60
    while "on" not in service.runs.output(running).text:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert service.runs.run(waiting).state.value == "PREPARED"
    for run_id in (waiting, running):
        service.runs.cancel(run_id)
        while not service.runs.settled(run_id):
            assert time.monotonic() < deadline
            time.sleep(0.02)
    first, second = service.runs.run(running), service.runs.run(waiting)
    assert (first.state.value, first.reason) == ("CANCELLED", "Cancelled in cell 1.")
    assert [cell.state.value for cell in first.cells] == ["cancelled", "never_ran"]
    assert (second.state.value, second.reason) == ("CANCELLED", "Cancelled before it started.")
    assert first.cancelled_by.actor.claimed_name == "Ada at the console"
    assert service.runs.cancel(running) == first


def test_a_run_of_a_killed_process_is_closed_by_cancelling_it(service, workspace, away):
    process, (run_id,) = away(put(workspace, "a.ipynb", SLOW))
    deadline = time.monotonic() + 60
    while "on" not in service.runs.output(run_id).text:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    service.runs.cancel(run_id)
    while not service.runs.settled(run_id):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    run = service.runs.run(run_id)
    assert run.state.value == "INTERRUPTED"
    assert [cell.state.value for cell in run.cells] == ["interrupted"]
    lines = journal.read(service._store.journal_dir(run_id))
    assert (lines[-1]["type"], lines[-1]["state"]) == ("end", "INTERRUPTED")


def test_the_same_runs_again_with_the_values_it_had(service, changes, workspace):
    (workspace / "in.csv").write_text("a\n1\n")
    first = service.runs.start(
        RunRequest(
            key="jupyter-small",
            parameters={"input_csv": "in.csv", "limit": 5},
            nulls=["note"],
            cell_timeout=50,
        )
    )
    first = finished(service, changes, first)
    request = service.runs.again(first.id[:8])
    assert request.parameters["input_csv"] == "in.csv"
    assert (request.nulls, request.cell_timeout, request.kernel) == (["note"], 50, None)
    second = finished(service, changes, service.runs.start(request))
    assert second.parameters == first.parameters
    assert second.folder != first.folder
    assert second.inputs == first.inputs


def test_two_runs_whose_ids_begin_alike_get_folders_of_their_own(service, changes, workspace):
    name = put(workspace, "n.ipynb", "1")
    ids = ["abcdef0123456789" + end * 16 for end in "ab"]
    runs = [service.runs.start(RunRequest(key=name, id=run_id)) for run_id in ids]
    assert runs[0].folder != runs[1].folder
    assert {finished(service, changes, run).state.value for run in runs} == {"SUCCEEDED"}
    assert service.runs.start(RunRequest(key=name, id=ids[0])).id == ids[0]
    with pytest.raises(NotAvailable):
        service.runs.run("abcdef01")


def test_a_batch_does_not_keep_others_waiting_and_everybody_knows_their_turn(
    tmp_path, library, workspace, changes
):
    service = Service(
        workspace,
        tmp_path / "data",
        [FolderLibrary(library, "x")],
        on_change=changes,
        max_running=1,
    )
    try:
        slow, batch, other = (
            put(workspace, "slow.ipynb", SLOW),
            put(workspace, "batch.ipynb", "1"),
            put(workspace, "other.ipynb", "2"),
        )
        first = service.runs.start(RunRequest(key=slow))
        many = [service.runs.start(RunRequest(key=batch)) for _ in range(3)]
        one = service.runs.start(RunRequest(key=other))
        turns = {run.id: service.runs.run(run.id).queue_position for run in [first, *many, one]}
        assert turns == {
            first.id: None, many[0].id: 1, one.id: 2, many[1].id: 3, many[2].id: 4,
        }  # fmt: skip
        began = time.monotonic()
        service.runs.cancel(many[0].id)
        ended = finished(service, changes, many[0])
        assert (ended.state.value, ended.queue_position) == ("CANCELLED", None)
        assert time.monotonic() - began < 5
        assert service.runs.run(one.id).queue_position in (1, 2)
        service.runs.cancel(first.id)
        for run in (one, *many[1:]):
            assert finished(service, changes, run).state.value == "SUCCEEDED"
        order = sorted((one, *many[1:]), key=lambda run: service.runs.run(run.id).started_at)
        assert order.index(one) < 2
    finally:
        service.close()


# the environment ---------------------------------------------------------------------------------


def test_every_run_records_the_environment_it_had(service, changes, workspace, monkeypatch):
    monkeypatch.setenv("JUPYTER_IMAGE_SPEC", "quay.io/team/lab:2026-11")
    run = service.runs.start(RunRequest(key=put(workspace, "n.ipynb", "1")))
    seen = service.runs.environment(finished(service, changes, run).id)
    assert (seen.kernel, seen.language) == ("python3", "python")
    assert seen.python == "{}.{}.{}".format(*sys.version_info[:3])
    assert seen.image == "quay.io/team/lab:2026-11"
    frozen = subprocess.run(
        [sys.executable, "-m", "pip", "list", "--format=json"],
        capture_output=True,
        check=True,
    )
    pip = {
        row["name"].lower().replace("_", "-"): row["version"] for row in json.loads(frozen.stdout)
    }
    ours = {p.name.lower().replace("_", "-").replace(".", "-"): p.version for p in seen.packages}
    pip = {name.replace(".", "-"): version for name, version in pip.items()}
    assert ours == pip


def test_a_kernel_that_is_not_there_did_not_start_and_the_run_says_how_to_get_it(
    service, changes, workspace
):
    name = put(workspace, "n.ipynb", "1", kernel="ir")
    run = finished(service, changes, service.runs.start(RunRequest(key=name)))
    assert run.state.value == "START_FAILED"
    assert run.reason.startswith("There is no kernel named 'ir' here. Install it: in R, ")
    assert "python3" in run.reason
    override = service.runs.start(RunRequest(key=name, kernel="python3"))
    assert finished(service, changes, override).state.value == "SUCCEEDED"
    assert override.kernel == "python3"


def test_runs_of_other_workspaces_are_not_listed(service, workspace, tmp_path, changes):
    run = finished(
        service, changes, service.runs.start(RunRequest(key=put(workspace, "n.ipynb", "1")))
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    other = Service(elsewhere, tmp_path / "data", [])
    try:
        assert other.runs.all().runs == []
        assert [one.id for one in service.runs.all().runs] == [run.id]
    finally:
        other.close()


def test_a_process_is_named_so_that_no_later_one_is_taken_for_it():
    boot, pid, started = this_process().rsplit(":", 2)
    assert (int(pid), len(boot), started.isdigit()) == (os.getpid(), 36, True)
    assert Path("/proc/sys/kernel/random/boot_id").read_text().strip() == boot
