"""An export on the command line: one line on a terminal that says how far it is, and Ctrl-C that leaves nothing behind."""

import base64
import json
import os
import pty
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile

import pytest

from keys_jupyter.cli.exporting import exported, words
from keys_jupyter.cli.surroundings import Desk
from keys_jupyter.evidence.bundle.signing import FILE as KEY_FILE
from keys_jupyter.model.bundle import ExportProgress
from keys_jupyter.model.incident import OpenRequest
from keys_jupyter.model.working import AttachRequest
from keys_jupyter.service import Service
from keys_jupyter.sources.library import FolderLibrary

MAIN = "import sys; from keys_jupyter.cli import main; sys.exit(main(sys.argv[1:]))"
COMMAND = [sys.executable, "-c", MAIN]
EXPORT = [*COMMAND, "evidence", "export", "1"]
CANCELLED = "The export was cancelled. No file was written and nothing was recorded."
# So large that nobody reads it to its end; it has no bytes on the disk.
ENDLESS = 1 << 40


class Place:
    """A workspace with an incident that has one kept file, and what a command needs to find it."""

    def __init__(self, root, data, blob):
        self.root, self.data, self.blob = root, data, blob
        self.size = blob.stat().st_size
        self.environment = {
            **os.environ,
            "JUPYTER_DATA_DIR": str(data.parent),
            "KEYS_WORKSPACE": str(root),
        }

    def run(self, *words_, **options):
        command = [*EXPORT, *words_]
        return subprocess.run(
            command, cwd=self.root, env=self.environment, text=True, check=False, **options
        )

    def left(self):
        """Return what an export has left in the workspace, and how many are recorded."""
        with sqlite3.connect(self.data / "store.sqlite") as db:
            query = "SELECT count(*) FROM ledger WHERE type='bundle.exported'"
            (count,) = db.execute(query).fetchone()
        return sorted(path.name for path in self.root.rglob("*")), count


@pytest.fixture
def place(tmp_path, library, workspace):
    data = tmp_path / "jupyter" / "keys-jupyter"
    service = Service(workspace, data, [FolderLibrary(library, "embedded")])
    incident = service.incidents.open(OpenRequest(runbook="small-failure")).id
    text = base64.b64encode(b"a kept file\n" * 1000).decode()
    kept = service.additions.attach(incident, AttachRequest(name="kept.txt", data=text)).evidence
    made = Place(workspace, data, service._store.blob(kept[0].sha256))
    service.close()
    yield made
    os.truncate(made.blob, made.size)


def shown_until(terminal, wanted):
    """Read what a terminal shows until something stands there; without an end of it, all of it."""
    shown = ""
    while wanted is None or not re.search(wanted, shown):
        try:
            more = os.read(terminal, 4096)
        except OSError:
            break
        if not more:
            break
        shown += more.decode()
    return shown


def test_a_terminal_is_told_how_far_it_is_on_one_line_that_goes(place):
    leader, follower = pty.openpty()
    done = place.run("-o", "a.zip", stdout=subprocess.PIPE, stderr=follower)
    os.close(follower)
    shown = shown_until(leader, None)
    os.close(leader)
    assert done.returncode == 0
    assert done.stdout.startswith("Wrote a.zip, ")
    drawn = shown.split("\r\x1b[K")
    assert (drawn[0], drawn[-1]) == ("", "")
    assert len(drawn) >= 3
    assert all(re.fullmatch(r"[A-Z][^\r\n]{5,70}", line) for line in drawn[1:-1])
    assert zipfile.is_zipfile(place.root / "a.zip")


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_nothing_is_told_where_nobody_looks(place, options):
    done = place.run(*options, capture_output=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert place.left() == (["evidence", "incident-1-record-1.zip"], 1)


def test_nothing_is_told_on_a_terminal_beside_a_document(place):
    leader, follower = pty.openpty()
    done = place.run("--json", stdout=subprocess.PIPE, stderr=follower)
    os.close(follower)
    assert shown_until(leader, None) == ""
    os.close(leader)
    assert json.loads(done.stdout)["path"] == "evidence/incident-1-record-1.zip"


def test_ctrl_c_on_a_terminal_cancels_and_says_so_in_one_line(place):
    os.truncate(place.blob, ENDLESS)
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(place.root)
        os.execve(EXPORT[0], EXPORT, place.environment)
    shown = shown_until(terminal, r"Checking kept files, \d+\.\d of \d+\.\d MB")
    os.write(terminal, b"\x03")
    shown += shown_until(terminal, None)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(terminal)
    assert code == 130
    drawn, _, said = shown.rpartition("\r\x1b[K")
    assert said == f"{CANCELLED}\r\n"
    assert "\n" not in drawn
    assert drawn.endswith("Cancelling")
    assert place.left() == ([], 0)
    os.truncate(place.blob, place.size)
    assert place.run(capture_output=True).returncode == 0


@pytest.mark.parametrize("options", [(), ("--json",), ("-o", "mine.zip")])
def test_an_interrupt_cancels_where_there_is_no_terminal(place, options):
    os.truncate(place.blob, ENDLESS)
    process = subprocess.Popen(
        [*EXPORT, *options],
        cwd=place.root,
        env=place.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    # The first thing that an export makes is the key that it is signed with.
    until = time.monotonic() + 60
    while not (place.data / KEY_FILE).exists():
        assert time.monotonic() < until
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    if "--json" in options:
        fault = {"code": "EXPORT_CANCELLED", "message": CANCELLED, "hint": ""}
        assert (json.loads(out), err) == ({"error": fault}, "")
    else:
        assert (out, err) == ("", f"{CANCELLED}\n")
    assert place.left() == ([], 0)


def test_what_could_not_be_stopped_any_more_is_told_as_it_is(place, library):
    service = Service(place.root, place.data, [FolderLibrary(library, "embedded")])
    desk = Desk(service, place.root, threading.Event())

    def export():
        made = service.evidence.export("1")
        with service.evidence.exporting.going("late") as going:
            os.kill(os.getpid(), signal.SIGINT)
            assert going.stop.wait(60)
        return made

    before = signal.getsignal(signal.SIGINT)
    try:
        reply, interrupted = exported(desk, export, quiet=True)
    finally:
        service.close()
    assert (reply.path, interrupted) == ("evidence/incident-1-record-1.zip", True)
    assert signal.getsignal(signal.SIGINT) is before


def test_other_faults_are_told_as_ever(place):
    done = place.run("--at", "99", "--json", capture_output=True)
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["code"] == "NO_SUCH_RECORD"


@pytest.mark.parametrize(
    ("phase", "said"),
    [
        ("collecting", "Checking kept files, 1.5 of 105.3 MB"),
        ("measuring", "Making digests and proofs, 1.5 of 105.3 MB"),
        ("writing", "Writing, 1.5 of 105.3 MB"),
    ],
)
def test_each_phase_has_its_words(phase, said):
    going = ExportProgress(id="1", phase=phase, done=1_500_000, total=105_300_000)
    assert words(going) == said
