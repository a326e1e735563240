"""Everything that can go wrong with a run, done to real ones: what is recorded is what happened.

Each entry of ``MODES`` is a notebook whose run goes wrong by itself; what is done to runs from outside has a test of its
own below. The table of docs/running.md is made of the same names, and the last test compares the two.
"""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from keys_jupyter.errors import KeysError, SurroundingsError
from keys_jupyter.model.run import RunRequest
from keys_jupyter.runner import journal
from keys_jupyter.runner.identity import pid_of
from keys_jupyter.service import Service
from keys_jupyter.store import Store
from tests.packs import code, notebook

HERE = Path(__file__).parent / "notebooks_runner"
DOCS = Path(__file__).parent.parent / "docs/running.md"
ME = "import os, signal\nos.kill(os.getpid(), signal.{})"
DEAF = "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(600)"
BOMB = """
import os, subprocess, sys, time
for _ in range(5):
    subprocess.Popen([sys.executable, "-c", "import os, time\\n"
        "for _ in range(3):\\n    os.fork()\\n"
        "os.setsid() if os.getpid() != os.getpgid(0) else None\\ntime.sleep(600)"])
print("forked")
"""
COMMS = """
from comm import create_comm
comm = create_comm(target_name="nobody", data={"big": "x" * 1000})
for n in range(200): comm.send({"n": n})
comm.close()
print("spoken")
"""
DEAF_KERNEL = "get_ipython().kernel.shell_stream.close()"
GARBAGE = """
import os
for _ in range(20): os.write(1, bytes(range(256)) * 100)
"""
HALF = r"""
import sys
sys.stdout.write("\x00\x1b[31m half\u2028\u202e"); print("after")
"""

# name: (cells, options of the request, state, start of the reason, states of the cells, index of the last completed cell)
MODES = {
    "kernel-killed": (["1", ME.format("SIGKILL"), "3"], {},
        "KERNEL_DIED", "The kernel died in cell 2: it was ended by SIGKILL, as the system does when memory runs out.",
        "ok kernel_died never_ran", 1),
    "kernel-segfault": (["1", ME.format("SIGSEGV"), "3"], {},
        "KERNEL_DIED", "The kernel died in cell 2: it was ended by SIGSEGV.", "ok kernel_died never_ran", 1),
    "memory-limit": (["import resource\nresource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))",
                      "bytearray(8 << 30)", "3"], {},
        "CELL_ERROR", "Cell 2 raised MemoryError", "ok failed never_ran", 1),
    "exit-at-once": (["1", "import os; os._exit(0)", "3"], {},
        "KERNEL_DIED", "The kernel died in cell 2: it ended itself with status 0.", "ok kernel_died never_ran", 1),
    "sys-exit-0": (["1", "import sys; sys.exit(0)", "3"], {},
        "CELL_ERROR", "Cell 2 ended the notebook with sys.exit(0); cells after it never ran.",
        "ok failed never_ran", 1),
    "sys-exit-1": (["1", "raise SystemExit(1)", "3"], {},
        "CELL_ERROR", "Cell 2 ended the notebook with sys.exit(1); cells after it never ran.",
        "ok failed never_ran", 1),
    "cell-timeout": (["1", "import time; time.sleep(600)", "3"], {"cell_timeout": 1},
        "TIMED_OUT", "The limit of 1 s for a cell was reached in cell 2.", "ok timed_out never_ran", 1),
    "run-timeout": (["1", "import time\nwhile True: time.sleep(.1)", "3"], {"timeout": 4},
        "TIMED_OUT", "The run's limit of 4 s was reached in cell 2.", "ok timed_out never_ran", 1),
    "ignores-interrupt": (["1", DEAF, "3"], {"cell_timeout": 1},
        "TIMED_OUT", "The limit of 1 s for a cell was reached in cell 2.", "ok timed_out never_ran", 1),
    "kernel-never-answers": (["1"], {"kernel": "mute", "timeout": 2},
        "TIMED_OUT", "The run's limit of 2 s was reached before the kernel answered.", "never_ran", 0),
    "kernel-unknown": (["1"], {"kernel": "fortran-of-1957"},
        "START_FAILED", "There is no kernel named 'fortran-of-1957' here.", "never_ran", 0),
    "kernel-gone": (["1"], {"kernel": "uninstalled"},
        "START_FAILED", "The kernel 'uninstalled' could not be started", "never_ran", 0),
    "kernel-stillborn": (["1"], {"kernel": "stillborn"},
        "START_FAILED", "The kernel died before it answered: it ended itself with status 3.", "never_ran", 0),
    "message-flood": (["for n in range(20_000): print('line', n)", "2"], {},
        "SUCCEEDED", "", "ok ok", 2),
    "output-beyond-limits": (["for _ in range(64): print('x' * (1 << 20))", "2"], {},
        "SUCCEEDED", "", "ok ok", 2),
    "one-endless-line": (["import sys\nfor _ in range(400): sys.stdout.write('y' * 65536)", "2"], {},
        "SUCCEEDED", "", "ok ok", 2),
    "display-updates": (["h = display(0, display_id=True)\nfor n in range(3000): h.update(n)", "2"], {},
        "SUCCEEDED", "", "ok ok", 2),
    "input-asked": (["1", "name = input('Name? ')", "3"], {},
        "CELL_ERROR", "Cell 2 raised StdinNotImplementedError", "ok failed never_ran", 1),
    "fork-bomb": (["1", BOMB, "3"], {}, "SUCCEEDED", "", "ok ok ok", 3),
    "binary-garbage": ([GARBAGE, HALF, "3"], {}, "SUCCEEDED", "", "ok ok ok", 3),
    "comm-messages": ([COMMS, "2"], {}, "SUCCEEDED", "", "ok ok", 2),
    "sockets-closed": (["1", DEAF_KERNEL, "3"], {"cell_timeout": 3},
        "TIMED_OUT", "The limit of 3 s for a cell was reached in cell 2.", "ok timed_out never_ran", 1),
    "skipped-and-allowed": (["1", ("never", "skip-execution"), ("1 / 0", "raises-exception"), "4"], {},
        "SUCCEEDED", "", "ok skipped allowed_error ok", 4),
    "dies-between-cells": (["import threading, os, time\n"
                            "threading.Thread(target=lambda: (time.sleep(.3), os._exit(7))).start()",
                            "time.sleep(600)", "3"], {},
        "KERNEL_DIED", "The kernel died in cell 2: it ended itself with status 7.", "ok kernel_died never_ran", 1),
}  # fmt: skip


def put(workspace, name, *cells):
    book = notebook(
        *(
            code(cell, ident=f"c{at}") if isinstance(cell, str)
            else code(cell[0], tags=[cell[1]], ident=f"c{at}")
            for at, cell in enumerate(cells)
        )
    )  # fmt: skip
    (workspace / f"{name}.ipynb").write_text(json.dumps(book))
    return f"{name}.ipynb"


def wait(true, seconds=60):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def at_work(folder):
    """The processes that work in a folder, as the system tells."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            place, stat = str((entry / "cwd").readlink()), (entry / "stat").read_text()
        except OSError:
            continue
        if place.startswith(str(folder)) and ") Z" not in stat:
            found.append(int(entry.name))
    return found


class Place:
    """A workspace, a data folder, and a service over them."""

    def __init__(self, root, max_running=2):
        self.workspace, self.data = root / "workspace", root / "data"
        self.workspace.mkdir()
        self.max_running = max_running
        self.service = self.opened()

    def opened(self):
        return Service(self.workspace, self.data, [], max_running=self.max_running)

    def start(self, name, *cells, **options):
        return self.service.runs.start(
            RunRequest(key=put(self.workspace, name, *cells), **options)
        ).id

    def printed(self, run_id, text="on\n"):
        wait(lambda: text in self.service.runs.output(run_id).text)

    def ended(self, run_id):
        wait(lambda: self.service.runs.settled(run_id), 90)
        return self.service.runs.run(run_id)

    def lines(self, run_id):
        return journal.read(self.data / "runs" / run_id)

    def processes(self, run_id):
        """Child and kernel, by their process ids."""
        wait(lambda: sum(line["type"] == "process" for line in self.lines(run_id)) == 2)
        named = [line["process"] for line in self.lines(run_id) if line["type"] == "process"]
        return [pid_of(name) for name in named]


def states(run):
    return " ".join(cell.state.value for cell in run.cells)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        root = tmp_path_factory.mktemp("failures")
        gone = root / "jupyter/kernels/uninstalled"
        gone.mkdir(parents=True)
        spec = {
            "argv": ["/nowhere/bin/python", "-m", "x"],
            "display_name": "x",
            "language": "python",
        }
        (gone / "kernel.json").write_text(json.dumps(spec))
        patch.setenv("JUPYTER_PATH", f"{HERE}{os.pathsep}{root / 'jupyter'}")
        made = Place(root, max_running=3)
        yield made
        made.service.close()
        assert not at_work(root)


@pytest.fixture(scope="module")
def runs(place):
    return {
        name: place.start(name, *cells, **options) for name, (cells, options, *_) in MODES.items()
    }


@pytest.fixture
def own(tmp_path):
    made = Place(tmp_path)
    yield made
    made.service.close()
    assert not at_work(tmp_path)


@pytest.mark.parametrize("name", MODES)
def test_a_run_that_goes_wrong_is_recorded_as_it_went(place, runs, name):
    _, _, state, reason, cells, last = MODES[name]
    run = place.ended(runs[name])
    assert (run.state.value, states(run)) == (state, cells), run.reason
    assert run.reason.startswith(reason) if reason else run.reason == ""
    completed = [c.number for c in run.cells if c.state.value in ("ok", "allowed_error")]
    assert max(completed, default=0) == last
    assert not at_work(place.workspace / run.folder)
    lines = place.lines(run.id)
    assert [line["n"] for line in lines] == list(range(len(lines)))
    assert (lines[-1]["type"], lines[-1]["state"]) == ("end", state)
    assert place.service.runs.cancel(run.id) == run


@pytest.mark.parametrize("name", ["output-beyond-limits", "one-endless-line"])
def test_output_beyond_a_limit_is_recorded_as_cut(place, runs, name):
    run = place.ended(runs[name])
    (cut,) = [line for line in place.lines(run.id) if line["type"] == "truncated"]
    assert (cut["index"], cut["scope"], cut["limit"]) == (0, "cell", 10 * 1024 * 1024)
    kept = sum(len(o["text"]) for _, o, _ in journal.outputs(place.lines(run.id)) if "text" in o)
    assert 9_000_000 < kept <= 10 * 1024 * 1024
    assert "Later output was dropped" in (place.workspace / run.notebook).read_text()


def test_all_of_a_flood_within_limits_is_kept(place, runs):
    run = place.ended(runs["message-flood"])
    kept = "".join(o["text"] for i, o, _ in journal.outputs(place.lines(run.id)) if i == 1)
    assert kept == "".join(f"line {n}\n" for n in range(20_000))
    updates = place.ended(runs["display-updates"])
    book = json.loads((place.workspace / updates.notebook).read_text())
    assert book["cells"][0]["outputs"][0]["data"]["text/plain"] == "2999"


@pytest.mark.long
def test_a_gigabyte_of_output_is_cut_and_the_run_goes_on(own):
    run = own.ended(own.start("giga", "for _ in range(1024): print('z' * (1 << 20))", "2"))
    assert (run.state.value, states(run)) == ("SUCCEEDED", "ok ok")


# what is done to a run from outside --------------------------------------------------------------

ON = "import time\nprint('on', flush=True)\ntime.sleep(600)"
UNTIL_GO = (
    "import os, time\nprint('on', flush=True)\nwhile not os.path.exists('go'): time.sleep(.02)"
)


def test_memory_killer(own):
    run_id = own.start("oom", "1", ON, "3")
    own.printed(run_id)
    os.kill(own.processes(run_id)[1], signal.SIGKILL)
    run = own.ended(run_id)
    assert own.service.runs.output(run_id).text == "1\non\n"
    assert run.reason.endswith("it was ended by SIGKILL, as the system does when memory runs out.")
    assert (run.state.value, states(run)) == ("KERNEL_DIED", "ok kernel_died never_ran")


def test_stopped_kernel(own):
    run_id = own.start("stopped", "1", ON, "3", cell_timeout=2)
    own.printed(run_id)
    os.kill(own.processes(run_id)[1], signal.SIGSTOP)
    run = own.ended(run_id)
    assert (run.state.value, states(run)) == ("TIMED_OUT", "ok timed_out never_ran")


def test_sleep_of_the_machine(own):
    run_id = own.start("sleep", "1", UNTIL_GO, "3", cell_timeout=600)
    own.printed(run_id)
    child, kernel = own.processes(run_id)
    beat = own.data / "runs" / run_id / "heartbeat"
    for pid in (child, kernel):
        os.kill(pid, signal.SIGSTOP)
    # Older than a heartbeat of two seconds ever is while the run's process works.
    wait(lambda: time.time() - beat.stat().st_mtime > 4)
    assert own.service.runs.run(run_id).state.value == "RUNNING"
    for pid in (child, kernel):
        os.kill(pid, signal.SIGCONT)
    (own.workspace / own.service.runs.run(run_id).folder / "go").touch()
    assert own.ended(run_id).state.value == "SUCCEEDED"


def test_cancel_while_queued(own):
    ids = [own.start(f"n{n}", ON) for n in range(3)]
    assert own.service.runs.run(ids[2]).queue_position == 1
    own.service.runs.cancel(ids[2])
    run = own.ended(ids[2])
    assert (run.state.value, run.reason) == ("CANCELLED", "Cancelled before it started.")
    assert (states(run), run.started_at) == ("never_ran", None)
    for run_id in ids[:2]:
        own.service.runs.cancel(run_id)
        own.ended(run_id)


def test_cancel_while_starting(own, monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", str(HERE))
    run_id = own.start("starting", "1", kernel="mute")
    wait(lambda: len([x for x in own.lines(run_id) if x["type"] == "process"]) == 2)
    own.service.runs.cancel(run_id)
    run = own.ended(run_id)
    assert run.reason == "Cancelled while the kernel was starting."
    assert (run.state.value, states(run)) == ("CANCELLED", "never_ran")


def test_cancel_while_running(own):
    run_id = own.start("running", "1", ON, "3")
    own.printed(run_id)
    own.service.runs.cancel(run_id)
    run = own.ended(run_id)
    assert (run.state.value, run.reason) == ("CANCELLED", "Cancelled in cell 2.")
    assert states(run) == "ok cancelled never_ran"
    assert run.cancelled_by is not None


def test_cancel_while_finishing(own):
    run_id = own.start("finishing", "1", "import atexit, time; atexit.register(time.sleep, 1); 2")
    wait(lambda: sum(x["type"] == "cell" and x["state"] == "ok" for x in own.lines(run_id)) == 2)
    own.service.runs.cancel(run_id)
    run = own.ended(run_id)
    # All its cells had answered: what came too late changes nothing.
    assert (run.state.value, states(run)) == ("SUCCEEDED", "ok ok")


def test_notebook_changed_meanwhile(own):
    run_id = own.start("edited", UNTIL_GO, "2", "3")
    own.printed(run_id)
    run = own.service.runs.run(run_id)
    path = own.workspace / run.notebook
    path.write_text(json.dumps(notebook(code("mine"))))
    (own.workspace / run.folder / "go").touch()
    run = own.ended(run_id)
    assert (run.state.value, states(run)) == ("SUCCEEDED", "ok ok ok")
    assert json.loads(path.read_text())["cells"][0]["source"] == "mine"
    assert [x["written"] for x in own.lines(run_id) if x["type"] == "notebook"] == [False]
    removed = own.start("removed", UNTIL_GO, "2")
    own.printed(removed)
    (own.workspace / own.service.runs.run(removed).notebook).unlink()
    (own.workspace / own.service.runs.run(removed).folder / "go").touch()
    assert states(own.ended(removed)) == "ok ok"


def test_same_request_twice(own):
    request = RunRequest(key=put(own.workspace, "twice", "1"), id=uuid.uuid4().hex)
    first, second = own.service.runs.start(request), own.service.runs.start(request)
    assert first.id == second.id
    own.ended(first.id)
    assert own.service.runs.start(request).state.value == "SUCCEEDED"
    assert len(own.service.runs.all().runs) == 1


def test_two_at_once(own):
    source = (
        "import os, time\nopen('mine', 'x').write(os.getcwd())\ntime.sleep(.3)\nopen('mine').read()"
    )
    ids = [own.start("both", source) for _ in range(2)]
    runs = [own.ended(run_id) for run_id in ids]
    assert [run.state.value for run in runs] == ["SUCCEEDED"] * 2
    assert runs[0].folder != runs[1].folder
    for run in runs:
        assert (own.workspace / run.folder / "mine").read_text() == str(own.workspace / run.folder)


def test_clock_set(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(HERE / "clock"))
    monkeypatch.setenv("CLOCK_FILE", str(tmp_path / "clock"))
    source = "from pathlib import Path\nPath({!r}).write_text('{}')\nimport time; time.sleep(.5)"
    made = Place(tmp_path)
    try:
        first, second = (
            made.ended(
                made.start(
                    f"by{seconds}",
                    "1",
                    source.format(str(tmp_path / "clock"), seconds),
                    "3",
                    cell_timeout=20,
                    timeout=60,
                )
            )
            for seconds in (3600, -3600)
        )
    finally:
        made.service.close()
    for run in (first, second):
        assert (run.state.value, states(run)) == ("SUCCEEDED", "ok ok ok")
        assert all(0 <= cell.duration < 20 for cell in run.cells)
        assert "its clock was set, during the run" in run.notes[0]


# the server ends ---------------------------------------------------------------------------------


def held(place, what, *notebooks):
    """Start a process that owns runs, and return it with the ids it says."""
    place.service.close()
    process = subprocess.Popen(
        [sys.executable, HERE / "holder.py", what, place.workspace, place.data, *notebooks],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    return process, (line.strip() for line in process.stdout)


def over(process):
    process.stdin.close()
    process.wait(30)
    process.stdout.close()


def taken_up(place, process, run_id):
    """Open the next service and wait until it has closed a run of a killed one."""
    if process.poll() is None:
        process.kill()
    over(process)
    began = time.monotonic()
    place.service = place.opened()
    run = place.ended(run_id)
    wait(lambda: not at_work(place.workspace), 10)
    assert time.monotonic() - began < 20
    assert place.service.runs.open_here() == 0
    return run


CLOSED = "The server or command that ran it ended."
KILLED = {
    # what the server is killed at: (state, start of the reason, states of the cells)
    "die-at-PREPARED": ("INTERRUPTED", CLOSED, "never_ran never_ran"),
    "start-STARTING": ("INTERRUPTED", "Ended with the server while the kernel was starting.", "never_ran never_ran"),
    "start-RUNNING": ("INTERRUPTED", "Ended with the server in cell 2.", "ok interrupted"),
    "die-before-keeping": ("SUCCEEDED", "", "ok ok"),
}  # fmt: skip


@pytest.mark.parametrize("when", KILLED)
def test_server_killed(tmp_path, monkeypatch, when):
    monkeypatch.setenv("JUPYTER_PATH", str(HERE))
    place = Place(tmp_path)
    what, _, until = when.partition("-") if when.startswith("start") else (when, "", "")
    second = ON if until == "RUNNING" else "2"
    name = put(place.workspace, "n", "1", second)
    if until == "STARTING":
        book = json.loads((place.workspace / name).read_text())
        book["metadata"]["kernelspec"]["name"] = "mute"
        (place.workspace / name).write_text(json.dumps(book))
    process, said = held(place, what, name)
    run_id = next(said)
    place.service = None
    if until == "RUNNING":
        tail = place.data / "runs" / run_id / journal.TAIL
        wait(lambda: tail.exists() and "on" in tail.read_text())
    elif until == "STARTING":
        place.processes(run_id)
    else:
        process.wait(60)
    if until:
        process.kill()
    run = taken_up(place, process, run_id)
    state, reason, cells = KILLED[when]
    assert (run.state.value, states(run)) == (state, cells), run.reason
    assert run.reason.startswith(reason)
    assert place.lines(run_id)[-1]["type"] == "end"
    place.service.close()


def test_server_killed_with_runs_that_wait(tmp_path):
    place = Place(tmp_path)
    process, said = held(
        place, "start", put(place.workspace, "a", ON), put(place.workspace, "b", "1")
    )
    running, waiting = next(said), next(said)
    tail = place.data / "runs" / running / journal.TAIL
    wait(lambda: tail.exists() and "on" in tail.read_text())
    process.kill()
    assert taken_up(place, process, running).state.value == "INTERRUPTED"
    run = place.ended(waiting)
    assert (run.state.value, run.reason, states(run)) == ("INTERRUPTED", CLOSED, "never_ran")
    place.service.close()


def test_server_told_to_end(tmp_path):
    place = Place(tmp_path)
    process, said = held(place, "start", put(place.workspace, "n", "1", ON))
    run_id = next(said)
    tail = place.data / "runs" / run_id / journal.TAIL
    wait(lambda: tail.exists() and "on" in tail.read_text())
    process.terminate()
    process.wait(20)
    store = Store(place.data)
    row = store.run(run_id)
    store.close()
    # Closed by itself, before anybody looks again.
    assert (row["state"], row["reason"]) == ("INTERRUPTED", "Ended with the server in cell 2.")
    assert row["outcome"] is not None
    over(process)
    assert not at_work(place.workspace)


def test_all_processes_of_a_run_killed_with_the_server(tmp_path):
    place = Place(tmp_path)
    process, said = held(place, "start", put(place.workspace, "n", "1", ON))
    run_id = next(said)
    tail = place.data / "runs" / run_id / journal.TAIL
    wait(lambda: tail.exists() and "on" in tail.read_text())
    child, kernel = place.processes(run_id)
    spawner = int(Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[1])
    # As the memory killer or a container's end does: nobody is left to write anything.
    for pid in (process.pid, spawner, child):
        os.kill(pid, signal.SIGKILL)
    torn = place.data / "runs" / run_id / journal.JOURNAL
    with torn.open("ab") as file:
        file.write(b'{"n": 12, "type": "outp')
    run = taken_up(place, process, run_id)
    assert (run.state.value, run.reason, states(run)) == ("INTERRUPTED", CLOSED, "ok interrupted")
    assert not Path(f"/proc/{kernel}").exists() or ") Z" in Path(f"/proc/{kernel}/stat").read_text()
    assert [line["n"] for line in place.lines(run_id)] == list(range(len(place.lines(run_id))))
    place.service.close()


# disk and store ----------------------------------------------------------------------------------


def test_disk_full_before(tmp_path):
    place = Place(tmp_path)
    big = put(place.workspace, "big", "1", "# " + "x" * 600_000)
    process, said = held(place, "full-before", big)
    run_id, told = next(said), next(said)
    over(process)
    assert told == "WORKSPACE_FAULT START_FAILED"
    place.service = place.opened()
    run = place.service.runs.run(run_id)
    assert "File too large" in run.reason
    assert not list((place.workspace / "key-runs").glob("*/*"))
    place.service.close()


def test_disk_full_during(tmp_path):
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    place = Place(tmp_path)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, limits[1]))
    try:
        # The limit is inherited by all that is started now and stays with it.
        run_id = place.start("full", "print('on', flush=True)", "print('x' * 500_000)", "3")
        run = place.ended(run_id)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert run.reason == "What the run did could not be written to disk: File too large."
    assert (run.state.value, states(run)) == ("CAPTURE_FAILED", "ok interrupted never_ran")
    place.service.close()


def test_disk_full_after(tmp_path):
    place = Place(tmp_path)
    process, said = held(place, "full-after", put(place.workspace, "n", UNTIL_GO, "2"))
    next(said)
    assert [next(said), next(said)] == ["STORE_UNWRITABLE", "SUCCEEDED"]
    over(process)


def test_store_read_only(open_path):
    # In reach of a process that left the superuser behind, to whom nothing is read-only.
    place = Place(open_path)
    put(place.workspace, "n", "1")
    place.service.close()
    for path in (place.data, *place.data.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    told = subprocess.run(
        [sys.executable, str(HERE / "unprivileged.py"), str(place.workspace), str(place.data)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == ["STORE_UNWRITABLE"]
    assert not (place.workspace / "key-runs").exists()


def test_store_locked(own):
    name = put(own.workspace, "n", "1")
    holder = sqlite3.connect(own.data / "store.sqlite", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(SurroundingsError) as caught:
            own.service.runs.start(RunRequest(key=name))
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert caught.value.code == "STORE_LOCKED"
    assert own.service.runs.all().runs == []
    assert not (own.workspace / "key-runs").exists()


def test_store_locked_when_a_run_ends(own):
    run_id = own.start("locked", UNTIL_GO, "2")
    own.printed(run_id)
    holder = sqlite3.connect(own.data / "store.sqlite", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    (own.workspace / own.service.runs.run(run_id).folder / "go").touch()
    refused = []

    def is_refused():
        try:
            own.service.runs.settled(run_id)
        except KeysError as problem:
            refused.append(problem.code)
        return bool(refused)

    wait(is_refused)
    assert refused == ["STORE_LOCKED"]
    assert own.service.runs.run(run_id).state.value == "RUNNING"
    holder.execute("ROLLBACK")
    holder.close()

    def is_settled():
        try:
            return own.service.runs.settled(run_id)
        except KeysError:
            return False

    wait(is_settled)
    run = own.service.runs.run(run_id)
    # The run's process could not say how it ended, but had written it into its journal.
    assert (run.state.value, states(run)) == ("SUCCEEDED", "ok ok")


def test_every_mode_is_documented_with_its_state():
    rows = re.findall(r"^\| `([a-z0-9-]+)` \|[^|]*\| `([A-Z_]+)`", DOCS.read_text(), re.MULTILINE)
    told = dict(rows)
    assert {name: told.get(name) for name in MODES} == {
        name: mode[2] for name, mode in MODES.items()
    }
    outside = {name for name in globals() if name.startswith("test_")}
    for name in set(told) - set(MODES):
        assert f"test_{name.replace('-', '_')}" in outside, name
    assert len(told) >= 26
