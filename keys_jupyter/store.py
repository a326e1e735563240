"""What must not be lost, in one SQLite file: installs, runs, and the ledger; and kept bytes beside it.

Every method is one transaction, on disk when it returns (``synchronous=FULL``). Several processes may have
the store open: a lock that is held too long becomes a clear error, never a wait without end. What the rows
mean is decided above this floor.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from keys_jupyter import ledger
from keys_jupyter.errors import StateError, SurroundingsError

SCHEMA_VERSION = 1

_TERMINAL = (
    "'SUCCEEDED','CELL_ERROR','TIMED_OUT','KERNEL_DIED','CANCELLED','START_FAILED',"
    "'CAPTURE_FAILED','INTERRUPTED'"
)

_SCHEMA = f"""
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE installs (
    workspace TEXT NOT NULL, slug TEXT NOT NULL, version TEXT NOT NULL, sha256 TEXT NOT NULL,
    verified INTEGER NOT NULL, path TEXT NOT NULL, files TEXT NOT NULL, installed_at TEXT NOT NULL,
    PRIMARY KEY (workspace, slug, version)) STRICT;
CREATE TABLE runs (
    id TEXT PRIMARY KEY, n INTEGER NOT NULL, workspace TEXT NOT NULL, key TEXT NOT NULL,
    version TEXT NOT NULL, incident TEXT, step TEXT, state TEXT NOT NULL, reason TEXT NOT NULL,
    requested_at TEXT NOT NULL, started_at TEXT, ended_at TEXT, owner TEXT NOT NULL,
    facts TEXT NOT NULL, outcome TEXT) STRICT;
CREATE INDEX runs_by_incident ON runs (incident);
CREATE TABLE ledger (
    idx INTEGER PRIMARY KEY, incident TEXT NOT NULL, seq INTEGER NOT NULL, type TEXT NOT NULL,
    body BLOB NOT NULL, leaf BLOB NOT NULL, UNIQUE (incident, seq)) STRICT;
CREATE TRIGGER ledger_is_append_only BEFORE UPDATE ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_keeps_all BEFORE DELETE ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER an_ended_run_stays_as_it_ended BEFORE UPDATE ON runs
    WHEN OLD.state IN ({_TERMINAL}) AND (NEW.state <> OLD.state OR NEW.reason <> OLD.reason
        OR NEW.ended_at IS NOT OLD.ended_at OR NEW.facts <> OLD.facts
        OR (OLD.outcome IS NOT NULL AND NEW.outcome IS NOT OLD.outcome))
    BEGIN SELECT RAISE(ABORT, 'an ended run is immutable'); END;
"""


def utc_now() -> str:
    """Return the time as every record holds it: UTC, milliseconds, Z."""
    now = datetime.now(timezone.utc)
    return now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"


class Store:
    """One data directory: its database and its kept bytes.

    Safe to share between threads. After a fork, the child opens its own.
    """

    def __init__(self, data_dir: Path, *, lock_seconds: float = 5.0) -> None:
        """Open the store, making it when it is not there.

        Args:
            data_dir: the folder of all our state.
            lock_seconds: how long to wait for another process before giving up.

        Raises:
            SurroundingsError: the folder cannot be written, the store is locked, damaged, or newer than us.
        """
        self.data_dir = data_dir
        self._lock = threading.RLock()
        try:
            data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise _unwritable(error) from error
        with _clear_errors():
            self._db = sqlite3.connect(
                data_dir / "store.sqlite",
                timeout=lock_seconds,
                check_same_thread=False,
                isolation_level=None,
            )
            self._db.row_factory = sqlite3.Row
            self._prepare()

    def close(self) -> None:
        """Let go of the database."""
        with self._lock:
            self._db.close()

    def _prepare(self) -> None:
        # Some network file systems cannot carry WAL's shared memory; SQLite then says another mode.
        if self._db.execute("PRAGMA journal_mode=WAL").fetchone()[0] != "wal":
            self._db.execute("PRAGMA journal_mode=DELETE")
        self._db.execute("PRAGMA synchronous=FULL")
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found == 0:
            self._create()
        elif found > SCHEMA_VERSION:
            raise SurroundingsError(
                "STORE_NEWER",
                f"The store is of version {found}, this program knows up to {SCHEMA_VERSION}.",
                "Nothing was changed. Update keys-jupyter in this environment.",
            )

    def _create(self) -> None:
        with self._write() as db:
            # Another process may have been faster while we waited for the lock.
            if db.execute("PRAGMA user_version").fetchone()[0] == 0:
                for statement in _statements(_SCHEMA):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version={SCHEMA_VERSION}")

    @contextlib.contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """One immediate transaction: committed at the end, rolled back on any error."""
        with self._lock, _clear_errors():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _all(self, query: str, *values: Any) -> list[dict[str, Any]]:
        with self._lock, _clear_errors():
            return [dict(row) for row in self._db.execute(query, values)]

    def data_version(self) -> int:
        """Return a number that changes when another process has written."""
        return int(self._all("PRAGMA data_version")[0]["data_version"])

    def workspaces(self) -> list[str]:
        """Return the folders that keys were installed into or run in."""
        rows = self._all("SELECT workspace FROM installs UNION SELECT workspace FROM runs")
        return [row["workspace"] for row in rows]

    # installs ------------------------------------------------------------------------------------

    def add_install(self, row: Mapping[str, Any]) -> None:
        """Record one installed version; ``files`` maps each path to its sha256."""
        with self._write() as db:
            db.execute(
                "INSERT OR REPLACE INTO installs VALUES (?,?,?,?,?,?,?,?)",
                (
                    row["workspace"],
                    row["slug"],
                    row["version"],
                    row["sha256"],
                    int(row["verified"]),
                    row["path"],
                    json.dumps(row["files"]),
                    utc_now(),
                ),
            )

    def installs(self, workspace: str, slug: str | None = None) -> list[dict[str, Any]]:
        """Return the installs of a workspace, of one key or of all, oldest first."""
        rows = self._all(
            "SELECT * FROM installs WHERE workspace=? AND (? IS NULL OR slug=?)"
            " ORDER BY slug, installed_at",
            workspace,
            slug,
            slug,
        )
        return [
            row | {"files": json.loads(row["files"]), "verified": bool(row["verified"])}
            for row in rows
        ]

    # runs ----------------------------------------------------------------------------------------

    def add_run(self, row: Mapping[str, Any]) -> bool:
        """Record a run as requested, before anything is done for it.

        Returns:
            False when a run of this id is there already; it is left as it is.
        """
        with self._write() as db:
            done = db.execute(
                "INSERT OR IGNORE INTO runs (id, n, workspace, key, version, incident, step, state,"
                " reason, requested_at, owner, facts) VALUES (?,0,?,?,?,?,?,'REQUESTED','',?,?,?)",
                (
                    row["id"],
                    row["workspace"],
                    row["key"],
                    row["version"],
                    row["incident"],
                    row["step"],
                    utc_now(),
                    row["owner"],
                    json.dumps(row["facts"]),
                ),
            )
            return done.rowcount == 1

    def set_facts(self, run_id: str, facts: Mapping[str, Any]) -> None:
        """Complete what was prepared for a run; possible only while it is open."""
        with self._write() as db:
            db.execute("UPDATE runs SET n=n+1, facts=? WHERE id=?", (json.dumps(facts), run_id))

    def advance(self, run_id: str, state: str, *, reason: str = "", at: str | None = None) -> bool:
        """Write a run's next state; call it before the action the state announces.

        Returns:
            False when the run has ended already (or is unknown); it then stays as it ended.
        """
        at = at or utc_now()
        with self._write() as db:
            done = db.execute(
                "UPDATE runs SET n=n+1, state=:s, reason=:r,"
                " started_at=CASE WHEN :s='RUNNING' THEN coalesce(started_at,:a)"
                "   ELSE started_at END,"
                f" ended_at=CASE WHEN :s IN ({_TERMINAL}) THEN :a ELSE NULL END"
                f" WHERE id=:i AND state NOT IN ({_TERMINAL})",
                {"s": state, "r": reason, "a": at, "i": run_id},
            )
            return done.rowcount == 1

    def set_outcome(self, run_id: str, outcome: Mapping[str, Any]) -> bool:
        """Keep what came out of an ended run; once.

        Returns:
            False when the outcome was there already.
        """
        with self._write() as db:
            done = db.execute(
                "UPDATE runs SET n=n+1, outcome=? WHERE id=? AND outcome IS NULL",
                (json.dumps(outcome), run_id),
            )
            return done.rowcount == 1

    def run(self, run_id: str) -> dict[str, Any] | None:
        """Return one run's row, or None."""
        rows = self._runs("WHERE id=?", run_id)
        return rows[0] if rows else None

    def runs(self, *, incident: str | None = None, key: str | None = None) -> list[dict[str, Any]]:
        """Return runs, newest first, of an incident, of a key, or of all."""
        return self._runs(
            "WHERE (?1 IS NULL OR incident=?1) AND (?2 IS NULL OR key=?2)"
            " ORDER BY requested_at DESC, rowid DESC LIMIT 500",
            incident,
            key,
        )

    def unfinished_runs(self) -> list[dict[str, Any]]:
        """Return runs that are open, or ended without their outcome kept."""
        return self._runs(f"WHERE state NOT IN ({_TERMINAL}) OR outcome IS NULL")

    def _runs(self, where: str, *values: Any) -> list[dict[str, Any]]:
        rows = self._all(f"SELECT * FROM runs {where}", *values)
        return [
            row
            | {
                "facts": json.loads(row["facts"]),
                "outcome": json.loads(row["outcome"]) if row["outcome"] else None,
            }
            for row in rows
        ]

    # ledger --------------------------------------------------------------------------------------

    def append(
        self, incident: str, make: Callable[[int, int], Mapping[str, Any] | None]
    ) -> dict[str, Any] | None:
        """Append one record to the ledger under its incident.

        Args:
            incident: whose record it is.
            make: given ``seq`` and ``index``, returns the record; None appends nothing. It runs inside
                the transaction, so that what it reads cannot change before the record is written.

        Returns:
            The record with its leaf hash, or None where nothing was appended.
        """
        with self._write() as db:
            index = db.execute("SELECT coalesce(max(idx),-1)+1 FROM ledger").fetchone()[0]
            seq = db.execute(
                "SELECT coalesce(max(seq),-1)+1 FROM ledger WHERE incident=?", (incident,)
            ).fetchone()[0]
            record = make(seq, index)
            if record is None:
                return None
            body = ledger.encode(record)
            leaf = ledger.leaf_hash(body)
            db.execute(
                "INSERT INTO ledger VALUES (?,?,?,?,?,?)",
                (index, incident, seq, record["type"], body, leaf),
            )
        return {**record, "leaf": leaf.hex()}

    def records(self, incident: str, after: int = -1) -> list[dict[str, Any]]:
        """Return an incident's records behind ``after``, in order, each with its leaf hash."""
        rows = self._all(
            "SELECT body, leaf FROM ledger WHERE incident=? AND seq>? ORDER BY seq", incident, after
        )
        return [json.loads(row["body"]) | {"leaf": row["leaf"].hex()} for row in rows]

    def incidents(self) -> list[str]:
        """Return the ids of all incidents, newest first."""
        rows = self._all("SELECT incident FROM ledger WHERE seq=0 ORDER BY idx DESC")
        return [row["incident"] for row in rows]

    def leaves(self) -> list[bytes]:
        """Return every leaf hash of the ledger in order."""
        return [row["leaf"] for row in self._all("SELECT leaf FROM ledger ORDER BY idx")]

    # kept bytes ----------------------------------------------------------------------------------

    def keep(self, data: bytes) -> str:
        """Keep bytes under their sha256, on disk when this returns.

        Raises:
            SurroundingsError: the disk does not take them.
        """
        digest = hashlib.sha256(data).hexdigest()
        target = self.blob(digest)
        if target.exists():
            return digest
        try:
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_beside(target, data)
        except OSError as error:
            raise _unwritable(error) from error
        return digest

    def blob(self, digest: str) -> Path:
        """Return where the bytes of a digest are kept."""
        return self.data_dir / "blobs" / digest[:2] / digest

    def journal_dir(self, run_id: str) -> Path:
        """Return where a run's journal is written."""
        return self.data_dir / "runs" / run_id


def write_beside(target: Path, data: bytes) -> None:
    """Write a file beside its place, sync it, and rename it there: whole or not at all.

    Raises:
        OSError: the disk does not take it; nothing is left behind.
    """
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename inside a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _statements(script: str) -> Iterator[str]:
    """Split a script at its statements' ends; a trigger's inner semicolons do not end it."""
    statement = ""
    for part in script.split(";"):
        statement += part + ";"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


@contextlib.contextmanager
def _clear_errors() -> Iterator[None]:
    """Turn SQLite's faults into words; its own texts go to no person."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise SurroundingsError(
                "STORE_LOCKED",
                "The store is locked by another process, so nothing was written.",
                "Wait for the other Jupyter server or command to finish, then try again.",
            ) from error
        raise _unwritable(error) from error
    except sqlite3.IntegrityError as error:
        raise StateError(
            "IMMUTABLE", f"The store refused a change: {error}.", "Reload and try again."
        ) from error
    except sqlite3.DatabaseError as error:
        raise SurroundingsError(
            "STORE_DAMAGED",
            "The store cannot be read; it may be damaged or not ours.",
            "Nothing was changed. Move the file store.sqlite of the data directory aside and keep it.",
        ) from error


def _unwritable(error: Exception) -> SurroundingsError:
    return SurroundingsError(
        "STORE_UNWRITABLE",
        "The data directory cannot be written: "
        f"{getattr(error, 'strerror', None) or 'the disk is full or read-only'}.",
        "Free space or fix its permissions, or choose another with JUPYTER_DATA_DIR.",
    )
