"""A data directory that is full or read-only when it is opened: everything is read, nothing older, and one error.

A full disk is imitated by the limit on a file's size, which holds for the superuser too, and a read-only one by a
process without its power over permissions. So these tests need no mount, and are the same for everybody.
"""

import contextlib
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor

import pytest

from keys_jupyter import cli
from keys_jupyter.errors import SurroundingsError
from keys_jupyter.model.incident import OpenRequest
from keys_jupyter.service import Service
from keys_jupyter.sources.library import FolderLibrary
from keys_jupyter.store import SCHEMA_VERSION, Store, schema
from tests.packs import make_library


@contextlib.contextmanager
def full():
    """Let no file grow over 1000 bytes, too few for what SQLite makes beside a database to read it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def record(text):
    return lambda seq, index: {"type": "note", "seq": seq, "index": index, "text": text}


def texts(store):
    return [row["text"] for row in store.records("a")]


def refused(work, *arguments):
    with pytest.raises(SurroundingsError) as caught:
        work(*arguments)
    return caught.value


def append(store, text):
    return store.append("a", record(text))


@pytest.fixture
def data(tmp_path):
    """A store with one record, and nobody at it."""
    store = Store(tmp_path / "data")
    append(store, "first")
    store.close()
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["store.sqlite"]
    return tmp_path / "data"


@pytest.fixture
def opened(request):
    """Open a store that is closed at the end."""

    def one(path):
        store = Store(path, lock_seconds=0.2)
        request.addfinalizer(store.close)
        return store

    return one


def copied_at_work(data, to, *ends):
    """Copy a store while somebody is at it whose second record is in the -wal only."""
    store = Store(data)
    append(store, "second")
    to.mkdir()
    for end in ("", *ends):
        shutil.copy(data / f"store.sqlite{end}", to)
    store.close()
    lying = sqlite3.connect(f"file:{to / 'store.sqlite'}?immutable=1", uri=True)
    assert lying.execute("SELECT count(*) FROM ledger").fetchone() == (1,)
    lying.close()
    return to


# full --------------------------------------------------------------------------------------------


def test_full_disk_is_read_and_written_again_without_opening_anew(data, opened):
    with full():
        store = opened(data)
        assert (texts(store), store.incidents(), len(store.leaves())) == (["first"], ["a"], 1)
        said = refused(append, store, "lost")
        assert said.code == "STORE_UNWRITABLE"
        assert "Nothing was recorded" in said.message
        assert "nothing has to be restarted" in said.hint
        assert texts(store) == ["first"]
    assert append(store, "second")["index"] == 1
    with full():
        assert texts(store) == ["first", "second"]
    again = opened(data)
    assert texts(again) == ["first", "second"]


@pytest.mark.parametrize("ends", [("-wal",), ("-wal", "-shm")])
def test_full_disk_reads_what_a_killed_process_left_in_the_wal(data, tmp_path, opened, ends):
    left = copied_at_work(data, tmp_path / "left", *ends)
    with full():
        store = opened(left)
        assert texts(store) == ["first", "second"]
        # What was read is there still, for whoever comes next.
        assert texts(opened(left)) == ["first", "second"]
        assert refused(append, store, "lost").code == "STORE_UNWRITABLE"
    assert append(store, "third")["index"] == 2


OTHER = textwrap.dedent(
    """
    import resource, sys
    from pathlib import Path
    from keys_jupyter.store import Store

    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    store = Store(Path(sys.argv[1]))
    made = lambda text: lambda seq, index: {
        "type": "note", "seq": seq, "index": index, "text": text
    }
    store.append("a", made("other"))
    print("said", flush=True)
    sys.stdin.readline()
    store.append("a", made("another"))
    store.close()
    """
)


def test_what_another_process_writes_is_seen_while_it_writes_and_after(data, opened):
    with full():
        store = opened(data)
        assert texts(store) == ["first"]
        seen = store.data_version()
        other = subprocess.Popen(
            [sys.executable, "-c", OTHER, str(data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert other.stdout.readline() == "said\n"
        assert texts(opened(data)) == texts(store) == ["first", "other"]
        now = store.data_version()
        assert now != seen
        other.communicate("\n", timeout=60)
        assert other.returncode == 0
        assert texts(store) == ["first", "other", "another"]
        assert store.data_version() != now


def test_a_copy_is_made_anew_after_each_change_and_only_then(data, opened):
    with full():
        store = opened(data)
        # A file that has lain for a while is what it was when its time is the same.
        os.utime(data / "store.sqlite", ns=(1, 1))
        assert texts(store) == ["first"]
        seen = store.data_version()
        assert store.data_version() == seen
        done = subprocess.run(
            [sys.executable, "-c", OTHER, str(data)], input="\n", text=True, stdout=subprocess.PIPE
        )
        assert done.returncode == 0
        assert texts(store) == ["first", "other", "another"]
        assert store.data_version() != seen


def test_many_threads_read_a_copy_and_write_when_there_is_room(data, opened):
    with full():
        store = opened(data)
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(lambda _: texts(store), range(40))) == [["first"]] * 40
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: append(store, str(n))["seq"], range(40)))
    assert sorted(made) == list(range(1, 41))


def test_older_store_is_read_on_a_full_disk_as_the_present_one(tmp_path, opened):
    (tmp_path / "data").mkdir()
    db = sqlite3.connect(tmp_path / "data" / "store.sqlite")
    db.execute("PRAGMA journal_mode=WAL")
    for statement in schema._statements(schema._FIRST):
        db.execute(statement)
    db.execute("PRAGMA user_version=1")
    db.execute("INSERT INTO installs VALUES ('/w','k','1.0.0','ab',1,'keys/k','{}','then')")
    db.commit()
    db.close()
    with full():
        store = opened(tmp_path / "data")
        assert store.workspaces() == ["/w"]
        assert store._all("SELECT slug, source, used FROM installs") == [
            {"slug": "k", "source": "", "used": 1}
        ]
    append(store, "first")
    assert store._all("PRAGMA user_version") == [{"user_version": SCHEMA_VERSION}]


def test_no_store_yet_on_a_full_disk_is_an_empty_one(tmp_path, opened):
    with full():
        store = opened(tmp_path / "data")
        assert (store.incidents(), store.workspaces()) == ([], [])
        assert refused(append, store, "lost").code == "STORE_UNWRITABLE"
    assert append(store, "first")["index"] == 0
    assert texts(opened(tmp_path / "data")) == ["first"]


def test_newer_damaged_and_locked_stores_are_named_on_a_full_disk_too(data, tmp_path):
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "store.sqlite").write_bytes(b"not a database" * 100)
    with full():
        assert refused(Store, tmp_path / "damaged").code == "STORE_DAMAGED"
    db = sqlite3.connect(data / "store.sqlite", isolation_level=None)
    db.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    db.close()
    with full():
        assert refused(Store, data).code == "STORE_NEWER"
    db = sqlite3.connect(data / "store.sqlite", isolation_level=None)
    db.execute("PRAGMA locking_mode=EXCLUSIVE")
    db.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
    with full():
        assert refused(lambda: Store(data, lock_seconds=0.1)).code == "STORE_LOCKED"
    db.close()


# read-only ---------------------------------------------------------------------------------------

UNPRIVILEGED = textwrap.dedent(
    """
    import os, sys
    from pathlib import Path
    from keys_jupyter.errors import KeysError
    from keys_jupyter.store import Store

    data = Path(sys.argv[1])
    for path in (data, *data.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    try:
        store = Store(data)
        print(*[row["text"] for row in store.records("a")])
        store.append("a", lambda seq, index: {"type": "note", "seq": seq, "index": index})
    except KeysError as refused:
        print(refused.code)
        print(refused.message)
    """
)


def read_only(data):
    done = subprocess.run(
        [sys.executable, "-c", UNPRIVILEGED, str(data)], capture_output=True, text=True
    )
    data.chmod(0o755)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_read_only_store_is_read(open_path):
    store = Store(open_path / "data")
    append(store, "first")
    store.close()
    assert read_only(open_path / "data")[:2] == ["first", "STORE_UNWRITABLE"]


def test_read_only_store_is_read_with_what_waits_in_the_wal(open_path):
    left = copied_at_work_from(open_path, "-wal", "-shm")
    assert read_only(left)[:2] == ["first second", "STORE_UNWRITABLE"]


def test_read_only_wal_that_cannot_be_read_is_said_and_never_left_out(open_path):
    left = copied_at_work_from(open_path, "-wal")
    code, message = read_only(left)
    assert code == "STORE_UNWRITABLE"
    assert "they wait in store.sqlite-wal" in message


def test_read_only_journal_of_an_unfinished_change_is_not_passed_over(open_path):
    folder = open_path / "data"
    Store(folder).close()
    db = sqlite3.connect(folder / "store.sqlite", isolation_level=None)
    db.execute("PRAGMA journal_mode=DELETE")
    db.execute("PRAGMA cache_size=1")
    db.execute("CREATE TABLE more (text TEXT)")
    db.execute("BEGIN")
    # More than the cache holds: half a change is in the file, and the way back is in the journal.
    db.executemany("INSERT INTO more VALUES (?)", [("x" * 4000,)] * 50)
    left = open_path / "left"
    shutil.copytree(folder, left)
    db.execute("ROLLBACK")
    db.close()
    assert (left / "store.sqlite-journal").stat().st_size
    code, message = read_only(left)
    assert code == "STORE_UNWRITABLE"
    assert "cannot be read without writing" in message


def test_read_only_folder_that_cannot_be_looked_into_is_not_taken_for_empty(open_path):
    data = open_path / "outer" / "data"
    store = Store(data)
    append(store, "first")
    store.close()
    script = UNPRIVILEGED.replace("if os.geteuid", "data.parent.chmod(0)\nif os.geteuid")
    done = subprocess.run([sys.executable, "-c", script, str(data)], capture_output=True, text=True)
    data.parent.chmod(0o755)
    assert done.stdout.splitlines()[0] == "STORE_UNWRITABLE", done.stderr


def copied_at_work_from(folder, *ends):
    store = Store(folder / "data")
    append(store, "first")
    store.close()
    return copied_at_work(folder / "data", folder / "left", *ends)


# the whole program -------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A workspace with an open incident, and the commands over it."""
    library = make_library(tmp_path / "library")
    (tmp_path / "ws").mkdir()
    monkeypatch.setattr("keys_jupyter.service.opening.embedded_library", lambda: library)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.chdir(tmp_path / "ws")
    assert cli.main(["incident", "open", "small-failure", "--json"]) == 0
    return tmp_path


def test_commands_read_on_a_full_disk_and_refuse_to_record(place, capsys):
    capsys.readouterr()

    def call(*words):
        code = cli.main([*words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    with full():
        assert {key["slug"] for key in call("catalog")[1]["keys"]} >= {"small-failure"}
        assert [one["number"] for one in call("incident", "list")[1]["incidents"]] == [1]
        code, shown = call("incident", "show", "1")
        assert (code, shown["n"]) == (0, 0)
        code, said = call("incident", "note", "1", "lost")
        assert (code, said["error"]["code"]) == (1, "STORE_UNWRITABLE")
    assert call("incident", "note", "1", "kept")[1]["n"] == 1


def test_a_run_left_over_is_no_reason_to_refuse_the_start_and_is_ended_when_there_is_room(
    place, changes
):
    gone = "from keys_jupyter.runner.identity import this_process; print(this_process())"
    owner = subprocess.run([sys.executable, "-c", gone], capture_output=True, text=True).stdout
    row = {"id": "r1", "workspace": str(place / "ws"), "key": "k", "version": "1.0.0"}
    row |= {"incident": None, "step": None, "owner": owner.strip()}
    facts = {"folder": "key-runs/k", "notebook": "key-runs/k/k.ipynb", "mode": "headless"}
    facts |= {"title": "K", "pack_sha256": "", "kernel": "python3", "parameters": {}, "inputs": []}
    store = Store(place / "left")
    assert store.add_run({**row, "facts": facts})
    store.close()
    library = FolderLibrary(place / "library", "embedded")
    with full():
        service = Service(place / "ws", place / "left", [library], on_change=changes)
        assert service.runs.run("r1").state.value == "REQUESTED"
        assert {key.slug for key in service.catalogue.catalog().keys} >= {"small-failure"}
        said = refused(service.incidents.open, OpenRequest(runbook="small-failure"))
        assert said.code == "STORE_UNWRITABLE"
    changes.until(lambda: service.runs.run("r1").state.value == "INTERRUPTED")
    service.close()


def test_a_bundle_leaves_a_disk_that_takes_nothing_and_says_that_this_is_not_recorded(
    place, capsys
):
    def export(name):
        capsys.readouterr()
        assert cli.main(["evidence", "export", "1", "-o", name, "--json"]) == 0
        return json.loads(capsys.readouterr().out)["warnings"]

    assert export("one.zip") == []
    # In the way of the file that SQLite shares with other processes: the store takes no writing, the workspace does.
    (place / "data" / "keys-jupyter" / "store.sqlite-shm").mkdir()
    (warning,) = export("two.zip")
    assert warning.startswith("The bundle is whole, but that it was exported is not recorded.")
    assert cli.main(["evidence", "verify", "two.zip", "--json"]) == 0
    (place / "data" / "keys-jupyter" / "store.sqlite-shm").rmdir()
    assert export("three.zip") == []
