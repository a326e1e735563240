import hashlib
import json
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from keys_jupyter import ledger
from keys_jupyter.errors import StateError, SurroundingsError
from keys_jupyter.store import SCHEMA_VERSION, Store, held, schema


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "data", lock_seconds=0.2)
    yield opened
    opened.close()


def record(text):
    return lambda seq, index: {"type": "note", "seq": seq, "index": index, "text": text}


def add_run(store, run_id="r1", incident=None):
    return store.add_run(
        {
            "id": run_id,
            "workspace": "/w",
            "key": "k",
            "version": "1.0.0",
            "incident": incident,
            "step": None,
            "owner": "boot:1:2",
            "facts": {"a": 1},
        }
    )


def test_records_are_numbered_without_gaps_in_both_counts(store):
    for incident in ("a", "b", "a", "a", "b"):
        store.append(incident, record(incident))
    assert [(r["seq"], r["index"]) for r in store.records("a")] == [(0, 0), (1, 2), (2, 3)]
    assert [(r["seq"], r["index"]) for r in store.records("b")] == [(0, 1), (1, 4)]
    assert store.incidents() == ["b", "a"]


def test_leaf_is_of_the_stored_bytes(store):
    made = store.append("a", record("é"))
    body = json.dumps(
        {"index": 0, "seq": 0, "text": "é", "type": "note"},
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()
    assert made["leaf"] == hashlib.sha256(b"\x00" + body).hexdigest()
    assert ledger.root_hash(store.leaves()).hex() == made["leaf"]


def test_ledger_refuses_update_and_delete(store):
    store.append("a", record("x"))
    for statement in ("UPDATE ledger SET seq=9", "DELETE FROM ledger"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            store._db.execute(statement)
    assert len(store.records("a")) == 1


def test_failed_record_leaves_no_trace(store):
    with pytest.raises(ValueError, match="JSON"):
        store.append("a", lambda seq, index: {"type": "x", "value": float("nan")})
    assert store.records("a") == []
    assert store.append("a", record("x"))["index"] == 0


def test_many_threads_append_without_gap_or_loss(store):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: store.append("a", record(str(i))), range(80)))
    found = store.records("a")
    assert [r["seq"] for r in found] == list(range(80))
    assert {r["text"] for r in found} == {str(i) for i in range(80)}


def test_two_processes_share_one_ledger(store, tmp_path):
    code = (
        "import sys; from pathlib import Path; from keys_jupyter.store import Store\n"
        "s = Store(Path(sys.argv[1]))\n"
        "for i in range(40): s.append('a', lambda q, x: {'type': 'n', 'seq': q, 'index': x})\n"
    )
    workers = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "data")]) for _ in range(2)
    ]
    assert [worker.wait(60) for worker in workers] == [0, 0]
    assert [r["seq"] for r in store.records("a")] == list(range(80))


def test_run_ends_once_and_stays_so(store):
    assert add_run(store)
    assert not add_run(store)
    assert store.advance("r1", "RUNNING", at="2026-01-01T00:00:00.000Z")
    assert store.advance("r1", "SUCCEEDED", reason="all cells ok")
    assert not store.advance("r1", "CELL_ERROR")
    row = store.run("r1")
    assert (row["state"], row["reason"], row["n"]) == ("SUCCEEDED", "all cells ok", 2)
    assert row["started_at"] == "2026-01-01T00:00:00.000Z"
    assert store.unfinished_runs()[0]["id"] == "r1"
    assert store.set_outcome("r1", {"results": []})
    assert not store.set_outcome("r1", {"results": [1]})
    assert store.run("r1")["outcome"] == {"results": []}
    assert store.unfinished_runs() == []


def test_ended_run_is_immutable_even_for_sql(store):
    add_run(store)
    store.advance("r1", "KERNEL_DIED")
    with pytest.raises(sqlite3.IntegrityError, match="immutable"):
        store._db.execute("UPDATE runs SET state='SUCCEEDED'")
    with pytest.raises(StateError):
        store.set_facts("r1", {"a": 2})


def test_locked_store_is_one_clear_error(store, tmp_path):
    other = sqlite3.connect(tmp_path / "data" / "store.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(SurroundingsError) as caught:
        store.append("a", record("x"))
    assert caught.value.code == "STORE_LOCKED"
    assert caught.value.hint
    other.execute("ROLLBACK")
    other.close()
    assert store.append("a", record("x"))["seq"] == 0


def test_newer_store_is_left_alone(tmp_path):
    Store(tmp_path).close()
    db = sqlite3.connect(tmp_path / "store.sqlite")
    db.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    db.close()
    with pytest.raises(SurroundingsError) as caught:
        Store(tmp_path)
    assert caught.value.code == "STORE_NEWER"


def test_damaged_store_is_left_alone(tmp_path):
    (tmp_path / "store.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(SurroundingsError) as caught:
        Store(tmp_path)
    assert caught.value.code == "STORE_DAMAGED"
    assert (tmp_path / "store.sqlite").read_bytes().startswith(b"not a database")


def test_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SurroundingsError) as caught:
        Store(tmp_path / "file" / "data")
    assert caught.value.code == "STORE_UNWRITABLE"


def test_kept_bytes_are_found_by_their_digest(store):
    digest = store.keep(b"evidence")
    assert digest == hashlib.sha256(b"evidence").hexdigest()
    assert store.keep(b"evidence") == digest
    assert store.blob(digest).read_bytes() == b"evidence"
    assert [p.name for p in store.blob(digest).parent.iterdir()] == [digest]


def test_installs_of_one_workspace(store):
    row = {
        "workspace": "/w",
        "slug": "k",
        "version": "1.0.0",
        "sha256": "0" * 64,
        "verified": True,
        "path": "keys/k/1.0.0",
        "files": {"a": "1"},
        "source": "embedded",
    }
    store.add_install(row)
    store.add_install(row | {"workspace": "/other"})
    (found,) = store.installs("/w")
    assert found["files"] == {"a": "1"}
    assert found["verified"] is True
    assert store.installs("/w", "other") == []


def test_the_version_used_last_is_the_one_in_use(store):
    for version in ("1.0.0", "2.0.0"):
        store.add_install(install_row(version))
    assert [row["version"] for row in store.installs("/w", "k")] == ["1.0.0", "2.0.0"]
    assert store.use_install("/w", "k", "1.0.0")
    assert [row["version"] for row in store.installs("/w", "k")] == ["2.0.0", "1.0.0"]
    assert not store.use_install("/w", "k", "3.0.0")
    store.drop_install("/w", "k", "1.0.0")
    assert [row["version"] for row in store.installs("/w", "k")] == ["2.0.0"]


def test_first_pin_stays(store):
    assert store.pinned("k", "1.0.0") is None
    assert store.pin("k", "1.0.0", "a" * 64, "market") == "a" * 64
    assert store.pin("k", "1.0.0", "b" * 64, "market") == "a" * 64
    assert store.pinned("k", "1.0.0") == "a" * 64


def install_row(version):
    return {
        "workspace": "/w",
        "slug": "k",
        "version": version,
        "sha256": "0" * 64,
        "verified": True,
        "path": f"keys/k/{version}",
        "files": {},
        "source": "embedded",
    }


def test_store_of_the_first_version_is_brought_up_to_date(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    db = sqlite3.connect(data / "store.sqlite")
    for statement in schema._statements(schema._FIRST):
        db.execute(statement)
    for version in ("1.0.0", "1.1.0"):
        db.execute(
            "INSERT INTO installs VALUES ('/w','k',?,?,1,'keys/k','{}','2026-01-01T00:00:00.000Z')",
            (version, "0" * 64),
        )
    db.execute("PRAGMA user_version=1")
    db.commit()
    db.close()
    raised = Store(data)
    assert [row["version"] for row in raised.installs("/w")] == ["1.0.0", "1.1.0"]
    assert raised.use_install("/w", "k", "1.0.0")
    assert raised.installs("/w")[-1]["version"] == "1.0.0"
    raised.close()
    Store(data).close()


def test_lock_is_waited_for_and_given_up(tmp_path):
    path = tmp_path / "locks" / "a.lock"
    waits = []
    with held(path, seconds=1):
        with (
            pytest.raises(SurroundingsError) as raised,
            held(path, seconds=0.2, on_wait=lambda: waits.append(1)),
        ):
            pass
        assert raised.value.code == "LOCK_HELD"
    assert waits == [1]
    with held(path, seconds=0.2):
        pass


def test_lock_that_is_a_link_is_refused(tmp_path):
    (tmp_path / "elsewhere").write_text("mine")
    (tmp_path / "a.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SurroundingsError) as raised, held(tmp_path / "a.lock", seconds=0.2):
        pass
    assert raised.value.code == "LOCK_UNWRITABLE"
