"""Real notebooks in real kernels: what the runner says of them is what happened."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent / "notebooks_runner"
sys.path.insert(0, str(HERE))

from bench import Bench, Seen, processes_in, texts  # noqa: E402
from states_file import StatesFile  # noqa: E402

from keys_jupyter.errors import StateError  # noqa: E402
from keys_jupyter.model.run import RunState  # noqa: E402
from keys_jupyter.runner import journal  # noqa: E402
from keys_jupyter.runner.job import Caps, ending  # noqa: E402
from keys_jupyter.store import Store  # noqa: E402

ROOT = Path(__file__).parents[1]
SECRET = "correct horse battery staple"
RESULTS = """
from IPython.display import display
def tell(*results):
    display({"application/vnd.keys.result+json": {"schema": "keys.result/1", "results": results},
             "text/plain": "results"}, raw=True)
tell({"name": "errors", "label": "Errors", "value": 3, "ok": False},
     {"name": "share", "label": "Share", "value": float("nan"), "ok": True})
tell({"name": "errors", "label": "Errors", "value": 0, "unit": "lines",
      "expected": {"op": "<=", "value": 5}, "ok": True})
"""
DISPLAYS = """
import sys, threading, time
from IPython.display import clear_output, display
print("taken back"); clear_output()
handle = display("first", display_id=True)
for count in range(500): handle.update(count)
for count in range(2000): print(count)
print("warned", file=sys.stderr)
def late():
    time.sleep(0.3); print("late words")
thread = threading.Thread(target=late); thread.start()
"""

RUNS: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "good": (
        [
            "#md# Set-up\ntext",
            ("day = 'today'", "injected-parameters"),
            "import os\nprint(os.getcwd()); print(sorted(os.environ)); print(len(password), password)",
            ("never = 1", "skip-execution"),
            ("1 / 0", "raises-exception"),
            "",
            RESULTS,
            DISPLAYS,
            "thread.join(); 'last'",
        ],
        {"secrets": {"password": SECRET}, "env_names": ["JUPYTER_X_TOKEN"]},
    ),
    "fails": (["a = 1", "print('before'); int('x')", "print('after')"], {}),
    "asks": (["input('name? ')", "2"], {}),
    "leaves": (["print('in')", "import sys; sys.exit(0)", "3"], {}),
    "quits": (["quit()", "2"], {}),
    "dies": (
        ["1", "print('words', flush=True)\nimport os, time; time.sleep(.5); os._exit(0)", "3"],
        {},
    ),
    "segfaults": (["import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "2"], {}),
    "slow": (
        ["1", "import time; print('going', flush=True); time.sleep(60)", "3"],
        {"cell_timeout": 0.5},
    ),
    "deaf": (
        ["import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(60)", "2"],
        {"timeout": 3},
    ),
    "floods": (
        ["print('é' * 300_000)", "for i in range(3000): print('x' * 100)", "print('z' * 50_000)"],
        {"caps": Caps(cell_bytes=200_000, run_bytes=420_000)},
    ),
    "unknown": (["1"], {"kernel": "fortran-of-1957"}),
    "stillborn": (["1"], {"kernel": "stillborn"}),
    "mute": (["1"], {"kernel": "mute", "startup_timeout": 1.5}),
    "late": (["1"], {"kernel": "mute", "timeout": 1.5}),
    "discreet": (["1"], {"kernel": "mute", "secrets": {"password": SECRET}}),
}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(HERE))
        patch.setenv("JUPYTER_PATH", str(HERE))
        patch.setenv("KEYS_API_KEY", "kx_live_never_seen")
        patch.setenv("JPY_API_TOKEN", "of the Hub")
        patch.setenv("JUPYTER_X_TOKEN", "named by the key")
        patch.setenv("DATABASE_URL", "passes")
        bench = Bench(tmp_path_factory.mktemp("bench"))
        yield bench
        began = time.monotonic()
        bench.runner.close()
        assert time.monotonic() - began < 5


@pytest.fixture(scope="module")
def runs(bench: Bench) -> dict[str, Seen]:
    """All of them at once, two at a time."""
    ids = {name: bench.start(*sources, **options) for name, (sources, options) in RUNS.items()}
    assert bench.runner.running() == list(ids.values())
    return {name: bench.seen(run_id) for name, run_id in ids.items()}


ENDS = {
    "good": ("SUCCEEDED", "", ["ok", "ok", "skipped", "allowed_error", "ok", "ok", "ok", "ok"]),
    "fails": (
        "CELL_ERROR",
        "Cell 2 raised ValueError: invalid literal",
        ["ok", "failed", "never_ran"],
    ),
    "asks": ("CELL_ERROR", "Cell 1 raised StdinNotImplementedError", ["failed", "never_ran"]),
    "leaves": (
        "CELL_ERROR",
        "Cell 2 ended the notebook with sys.exit(0); cells after it never ran.",
        ["ok", "failed", "never_ran"],
    ),
    "quits": ("KERNEL_DIED", "Cell 1 asked the kernel to end", ["ok", "never_ran"]),
    "dies": (
        "KERNEL_DIED",
        "The kernel died in cell 2: it ended itself with status 0.",
        ["ok", "kernel_died", "never_ran"],
    ),
    "segfaults": (
        "KERNEL_DIED",
        "The kernel died in cell 1: it was ended by SIGSEGV.",
        ["kernel_died", "never_ran"],
    ),
    "slow": (
        "TIMED_OUT",
        "The limit of 0.5 s for a cell was reached in cell 2.",
        ["ok", "timed_out", "never_ran"],
    ),
    "deaf": (
        "TIMED_OUT",
        "The run's limit of 3 s was reached in cell 1.",
        ["timed_out", "never_ran"],
    ),
    "floods": ("SUCCEEDED", "", ["ok", "ok", "ok"]),
    "unknown": ("START_FAILED", "There is no kernel named 'fortran-of-1957' here.", ["never_ran"]),
    "stillborn": (
        "START_FAILED",
        "The kernel died before it answered: it ended itself with status 3.",
        ["never_ran"],
    ),
    "mute": ("START_FAILED", "The kernel did not answer within 1.5 s.", ["never_ran"]),
    "late": ("TIMED_OUT", "The run's limit of 1.5 s was reached before", ["never_ran"]),
    "discreet": ("START_FAILED", "Secret parameters can only be given to Python", ["never_ran"]),
}


NEVER_RUNNING = ("unknown", "stillborn", "mute", "late", "discreet")


@pytest.mark.parametrize("name", RUNS)
def test_every_end_is_told_as_it_was(runs: dict[str, Seen], name: str) -> None:
    seen, (state, reason, cells) = runs[name], ENDS[name]
    started = ["STARTING"] if name in NEVER_RUNNING else ["STARTING", "RUNNING"]
    assert seen.states == [*started, state]
    assert seen.reason.startswith(reason)
    assert seen.cell_states == cells
    assert seen.code == 0
    assert ending(seen.code) is None


@pytest.mark.parametrize("name", RUNS)
def test_journal_is_whole_and_notebook_holds_only_this_run(
    bench: Bench, runs: dict[str, Seen], name: str
) -> None:
    seen = runs[name]
    assert [line["n"] for line in seen.lines] == list(range(len(seen.lines)))
    assert [seen.lines[-1]["type"], seen.lines[-1]["state"]] == ["end", ENDS[name][0]]
    assert journal.read(seen.journal_dir, after=3) == seen.lines[3:]
    assert bench.progress[seen.journal_dir.name][-1] == len(seen.lines)
    for _, output, sha256 in journal.outputs(seen.lines):
        plain = json.dumps(output, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        assert hashlib.sha256(plain.encode()).hexdigest() == sha256
    assert "of an earlier run" not in json.dumps(seen.notebook)
    for cell in seen.cells:
        held = seen.notebook["cells"][cell.index]
        if name != "floods":
            assert len(held["outputs"]) == cell.outputs
    assert not processes_in(seen.folder)
    assert not (seen.journal_dir / "connection.json").exists()


def test_a_good_run_in_all_its_parts(runs: dict[str, Seen]) -> None:
    seen = runs["good"]
    told = texts(seen.notebook["cells"][2]).splitlines()
    assert told[0] == str(seen.folder)
    assert "'DATABASE_URL'" in told[1]
    assert "'JUPYTER_X_TOKEN'" in told[1]
    assert "KEYS_API_KEY" not in told[1]
    assert "JPY_API_TOKEN" not in told[1]
    assert told[2] == f"{len(SECRET)} [secret password]"
    assert [cell.title for cell in seen.cells][:3] == ["Set-up", "import os", "never = 1"]
    assert seen.cells[3].error is not None
    assert seen.cells[3].error.name == "ZeroDivisionError"
    assert [cell["execution_count"] for cell in seen.notebook["cells"] if "outputs" in cell] == [
        1, 2, None, 3, None, 4, 5, 6,
    ]  # fmt: skip
    shown = seen.notebook["cells"][7]["outputs"]
    assert shown[0]["data"]["text/plain"] == "499"
    assert "0\n1\n2\n" in texts({"outputs": shown})
    assert "taken back" not in json.dumps(shown)
    assert sum(line["type"] == "output" for line in seen.lines) < 40
    last = seen.notebook["cells"][8]["outputs"]
    assert (last[0]["text"], last[1]["data"]) == ("late words\n", {"text/plain": "'last'"})
    assert seen.notebook["metadata"]["language_info"]["name"] == "python"
    executed = json.loads((seen.journal_dir / journal.EXECUTED).read_text())
    assert executed == seen.notebook


def test_results_are_data(runs: dict[str, Seen]) -> None:
    errors, share = journal.results(runs["good"].lines)
    assert (errors.name, errors.value, errors.unit, errors.ok) == ("errors", 0, "lines", True)
    assert errors.expected is not None
    assert (errors.expected.op, errors.expected.value) == ("<=", 5)
    assert (share.name, share.value, share.label, share.ok) == (
        "share", None, "Share (not a number)", None,
    )  # fmt: skip


def test_a_secret_is_in_no_file(bench: Bench, runs: dict[str, Seen]) -> None:
    assert "good" in runs
    for path in bench.home.rglob("*"):
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes(), path


def test_what_a_dying_kernel_printed_is_kept(runs: dict[str, Seen]) -> None:
    assert texts(runs["dies"].notebook["cells"][1]) == "words\n"
    assert texts(runs["slow"].notebook["cells"][1]) == "going\n"
    assert (runs["dies"].journal_dir / journal.TAIL).read_text() == "1\nwords\n"
    assert "\x1b" not in (runs["fails"].journal_dir / journal.TAIL).read_text()


def test_output_beyond_the_caps_is_dropped_and_said_to_be(runs: dict[str, Seen]) -> None:
    seen = runs["floods"]
    cut = [
        (of["index"], of["scope"], of["limit"]) for of in seen.lines if of["type"] == "truncated"
    ]
    assert cut == [(0, "cell", 200_000), (1, "cell", 200_000), (2, "run", 420_000)]
    kept = [len(journal.canonical(output)) for _, output, _ in journal.outputs(seen.lines)]
    assert 400_000 < sum(kept) <= 420_000
    assert "Later output was dropped" in texts(seen.notebook["cells"][0])
    ends = [of for of in seen.lines if of["type"] == "cell" and of["state"] == "ok"]
    assert all(of["dropped"] > 0 for of in ends)


def test_cancel_while_running_and_while_waiting(bench: Bench, runs: dict[str, Seen]) -> None:
    assert runs
    busy = bench.start("print('busy', flush=True)\nwhile True: pass", "2")
    other = bench.start(
        "import subprocess\nsubprocess.Popen(['sleep', '600'], start_new_session=True)\n"
        "print('busy', flush=True)\nimport time; time.sleep(600)"
    )
    waiting = bench.start("1")
    assert bench.runner.running() == [busy, other, waiting]
    assert bench.runner.cancel(waiting)
    assert ending(bench.exits[waiting]) == (RunState.CANCELLED, "Cancelled before it started.")
    for run_id in (busy, other):
        bench.until_printed(run_id, "busy\n")
    assert len(processes_in(bench.home / "folders" / other)) == 2
    began = time.monotonic()
    assert bench.runner.cancel(busy)
    os.kill(_child(bench, other), signal.SIGKILL)
    seen = bench.seen(busy)
    assert time.monotonic() - began < 5
    assert seen.states == ["STARTING", "RUNNING", "CANCELLED"]
    assert seen.cell_states == ["cancelled", "never_ran"]
    killed = bench.seen(other)
    assert killed.code == -signal.SIGKILL
    assert not processes_in(killed.folder)
    assert not bench.runner.cancel(other)


def _child(bench: Bench, run_id: str) -> int:
    """The child of a run: the parent of its kernel."""
    line = next(of for of in journal.read(bench.journal_dir(run_id)) if of["type"] == "kernel")
    stat = Path(f"/proc/{line['pid']}/stat").read_text()
    return int(stat[stat.rindex(")") + 2 :].split()[1])


def test_a_killed_child_leaves_a_journal_that_can_be_ended(bench: Bench) -> None:
    run_id = bench.start("1", "print('half', flush=True); import time; time.sleep(600)", "3")
    bench.until_printed(run_id, "half\n")
    os.kill(_child(bench, run_id), signal.SIGKILL)
    seen = bench.seen(run_id)
    assert seen.states == ["STARTING", "RUNNING"]
    assert seen.cell_states == ["ok", "running", "pending"]
    end = ending(seen.code)
    assert end is not None
    assert end == (RunState.INTERRUPTED, "The run's process was ended by signal 9.")
    with (seen.journal_dir / journal.JOURNAL).open("a") as stream:
        stream.write('{"n": 99, "torn')
    journal.salvage(seen.journal_dir, *end)
    journal.salvage(seen.journal_dir, RunState.CANCELLED, "said only once")
    lines = journal.read(seen.journal_dir)
    assert [line["n"] for line in lines] == list(range(len(seen.lines) + 2))
    assert [line["state"] for line in lines[-2:]] == ["INTERRUPTED"] * 2
    cells = journal.cells(seen.notebook, lines)
    assert [cell.state.value for cell in cells] == ["ok", "interrupted", "never_ran"]
    cells = journal.cells(seen.notebook, seen.lines, RunState.INTERRUPTED)
    assert [cell.state.value for cell in cells] == ["ok", "interrupted", "never_ran"]


def test_a_killed_spawner_is_replaced(bench: Bench) -> None:
    run_id = bench.start("print('on', flush=True); import time; time.sleep(600)")
    bench.until_printed(run_id, "on\n")
    child = Path(f"/proc/{_child(bench, run_id)}/stat").read_text()
    os.kill(int(child[child.rindex(")") + 2 :].split()[1]), signal.SIGKILL)
    seen = bench.seen(run_id)
    assert seen.states[-1] == "INTERRUPTED"
    assert not processes_in(seen.folder)
    assert bench.seen(bench.start("1")).states[-1] == "SUCCEEDED"


def test_an_edit_during_the_run_is_never_written_over(bench: Bench) -> None:
    run_id = bench.start(
        "print('on', flush=True)\nwhile not __import__('os').path.exists('go'): pass"
    )
    bench.until_printed(run_id, "on\n")
    folder = bench.home / "folders" / run_id
    (folder / "n.ipynb").write_text('{"edited": "by a person"}')
    (folder / "go").touch()
    bench.until(lambda: run_id in bench.exits)
    assert (folder / "n.ipynb").read_text() == '{"edited": "by a person"}'
    assert "on\\n" in (bench.journal_dir(run_id) / journal.EXECUTED).read_text()
    lines = journal.read(bench.journal_dir(run_id))
    assert [line["written"] for line in lines if line["type"] == "notebook"] == [False]


def test_close_ends_everything_and_starts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    bench = Bench(tmp_path, max_running=1)
    run_id = bench.start("print('on', flush=True)\nwhile True: pass")
    waiting = bench.start("1")
    bench.until_printed(run_id, "on\n")
    began = time.monotonic()
    bench.runner.close()
    assert time.monotonic() - began < 5
    assert set(bench.exits) == {run_id, waiting}
    assert bench.seen(run_id).states[-1] == "INTERRUPTED"
    assert bench.seen(run_id).cell_states == ["interrupted"]
    assert not processes_in(bench.home)
    with pytest.raises(StateError) as told:
        bench.start("1")
    assert told.value.code == "RUNNER_CLOSED"


def test_a_killed_server_leaves_nothing_running(tmp_path: Path) -> None:
    server = subprocess.Popen(
        [sys.executable, str(HERE / "server.py"), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": f"{HERE}:{ROOT}"},
        stdout=subprocess.PIPE,
    )
    assert server.stdout is not None
    with server.stdout:
        run_id = server.stdout.readline().decode().strip()
    assert len(processes_in(tmp_path / "folders" / run_id)) == 2
    server.kill()
    server.wait()
    bench = Bench(tmp_path)
    bench.until(lambda: not processes_in(tmp_path / "folders"), seconds=10)
    bench.until(lambda: len(StatesFile(tmp_path).rows(run_id)) == 3, seconds=10)
    rows = StatesFile(tmp_path).rows(run_id)
    assert [row["state"] for row in rows] == ["STARTING", "RUNNING", "INTERRUPTED"]
    assert rows[-1]["reason"] == "Ended with the server in cell 1."
    assert journal.read(bench.journal_dir(run_id))[-1]["type"] == "end"


def test_cancel_while_the_kernel_starts(bench: Bench) -> None:
    run_id = bench.start("1", kernel="mute")
    folder = bench.home / "folders" / run_id
    bench.until(lambda: bool(processes_in(folder)))
    assert bench.runner.cancel(run_id)
    seen = bench.seen(run_id)
    assert seen.states == ["STARTING", "CANCELLED"]
    assert seen.reason == "Cancelled while the kernel was starting."
    assert not processes_in(folder)


def test_a_child_that_does_not_answer_is_killed_when_cancelled(bench: Bench) -> None:
    run_id = bench.start("print('on', flush=True); import time; time.sleep(600)", "2")
    bench.until_printed(run_id, "on\n")
    os.kill(_child(bench, run_id), signal.SIGSTOP)
    began = time.monotonic()
    assert bench.runner.cancel(run_id)
    seen = bench.seen(run_id)
    assert time.monotonic() - began < 5.5
    end = ending(seen.code)
    assert end is not None
    assert end.state is RunState.CANCELLED
    assert not processes_in(seen.folder)


def test_the_packages_own_store_takes_every_transition(bench: Bench) -> None:
    own = {"store": "keys_jupyter.store:Store"}
    with contextlib.closing(Store(bench.home)) as store:
        run_id, unknown = "b" * 32, "c" * 32
        row = {"id": run_id, "workspace": "/w", "key": "k", "version": "1", "owner": "o"}
        store.add_run({**row, "incident": None, "step": None, "facts": {}})
        bench.prepare(run_id, "1", "1 / 0")
        bench.runner.start(bench.job(run_id).model_copy(update=own))
        # The store has no row of the other one, so nothing may begin.
        bench.runner.start(bench.job(unknown).model_copy(update=own))
        bench.until(lambda: {run_id, unknown} <= set(bench.exits))
        assert bench.exits[run_id] == bench.exits[unknown] == 0
        assert journal.read(bench.journal_dir(unknown)) == []
        ended = store.run(run_id)
        assert ended is not None
        assert (ended["state"], ended["n"]) == ("CELL_ERROR", 3)
        assert ended["reason"] == "Cell 2 raised ZeroDivisionError: division by zero"
        assert ended["started_at"] < ended["ended_at"]


def test_a_run_that_ended_in_the_store_is_not_started(bench: Bench) -> None:
    run_id = "e" * 32
    StatesFile(bench.home).advance(run_id, "CANCELLED")
    bench.runner.start(bench.job(run_id))
    with pytest.raises(StateError):
        bench.runner.start(bench.job(run_id))
    bench.until(lambda: run_id in bench.exits)
    assert bench.exits[run_id] == 0
    assert journal.read(bench.journal_dir(run_id)) == []


def test_a_full_disk_is_a_failed_capture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    bench = Bench(tmp_path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        # The limit on the size of a file is inherited by the spawner and all below it.
        run_id = bench.start("print('x' * 200_000)", "2")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    seen = bench.seen(run_id)
    assert seen.states == ["STARTING", "RUNNING", "CAPTURE_FAILED"]
    assert seen.reason == "What the run did could not be written to disk: File too large."
    ended = journal.cells(seen.notebook, seen.lines, RunState.CAPTURE_FAILED)
    assert [cell.state.value for cell in ended] == ["interrupted", "never_ran"]
    assert not processes_in(tmp_path)
    bench.runner.close()


def test_a_store_that_cannot_be_had_is_a_failed_capture(bench: Bench) -> None:
    run_id = "d" * 32
    bench.runner.start(bench.job(run_id).model_copy(update={"store": "states_file:Nothing"}))
    bench.until(lambda: run_id in bench.exits)
    end = ending(bench.exits[run_id])
    assert end is not None
    assert end.state is RunState.CAPTURE_FAILED
    assert not processes_in(bench.home)


def test_many_displays_all_arrive(bench: Bench) -> None:
    run_id = bench.start("from IPython.display import display\nfor n in range(2500): display(n)")
    shown = [of["data"]["text/plain"] for _, of, _ in journal.outputs(bench.seen(run_id).lines)]
    assert shown == [str(n) for n in range(2500)]


def test_an_output_is_told_by_the_number_its_cell_has_everywhere_else() -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "x"}
    lines = [
        {"type": "cell", "index": 1, "number": 1},
        {"type": "cell", "index": 4, "number": 2},
        {"type": "output", "index": 4, "output": output, "sha256": ""},
        {"type": "output", "index": 1, "output": output, "sha256": ""},
    ]
    assert [number for number, _, _ in journal.outputs(lines)] == [2, 1]
