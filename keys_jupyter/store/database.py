"""The database of the store: opened, brought up to date, and used one transaction at a time."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from keys_jupyter.errors import StateError, SurroundingsError
from keys_jupyter.store.reading import Mark, copied, mark, waits
from keys_jupyter.store.schema import SCHEMA_VERSION, raise_to_current

_TICK_NS = 1_000_000_000
_CONNECTION = 1 << 32


def utc_now() -> str:
    """Return the time as every record holds it: UTC, milliseconds, Z."""
    now = datetime.now(timezone.utc)
    return now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"


class Database:
    """One SQLite file; safe to share between threads. After a fork, the child opens its own.

    Where it cannot be opened to write, because the disk is full or read-only, it is read from a copy in memory. Each
    use looks first whether it can be opened by now, so that nothing has to be restarted once there is room.
    """

    def __init__(self, data_dir: Path, *, lock_seconds: float = 5.0) -> None:
        """Open the store, making it when it is not there.

        Args:
            data_dir: the folder of all our state.
            lock_seconds: how long to wait for another process before giving up.

        Raises:
            SurroundingsError: the store is locked, damaged, newer than us, or can be neither written nor read.
        """
        self.data_dir = data_dir
        self._path = data_dir / "store.sqlite"
        self._lock_seconds = lock_seconds
        self._lock = threading.RLock()
        self._copy: _Copy | None = None
        self._copies = 0
        self._db = self._take()

    def close(self) -> None:
        """Let go of the database."""
        with self._lock:
            self._db.close()

    def _take(self) -> sqlite3.Connection:
        """Return the store itself, or what it can be read by while it takes no writing."""
        try:
            db = self._open()
        except SurroundingsError as refused:
            if refused.code != "STORE_UNWRITABLE":
                raise
            return self._copied(refused)
        self._copy = None
        return db

    def _open(self) -> sqlite3.Connection:
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            # SQLite would open a read-only file to read, and go on so when it can be written again.
            if self._path.exists() and not os.access(self._path, os.W_OK):
                raise OSError
        except OSError as error:
            raise unwritable(error) from error
        with _clear_errors():
            return _prepared(
                sqlite3.connect(
                    self._path,
                    timeout=self._lock_seconds,
                    check_same_thread=False,
                    isolation_level=None,
                )
            )

    def _copied(self, refused: SurroundingsError) -> sqlite3.Connection:
        try:
            found = mark(self._path)
            if self._copy and self._copy.holds(found):
                self._copy = replace(self._copy, refused=refused)
                return self._db
            # The mark is older than the copy: what changes meanwhile is then seen as a change.
            made = _Copy(found, time.time_ns(), refused)
            with _clear_errors():
                db = _readable(copied(self._path, lock_seconds=self._lock_seconds))
        except OSError as error:
            raise refused from error
        except SurroundingsError as unread:
            if unread.code != refused.code:
                raise
            raise (_unreadable() if waits(found) else refused) from unread
        self._copy = made
        return db

    def _look_again(self) -> None:
        """Where we read from a copy: take the store itself as soon as it can be written, or a newer copy."""
        if not self._copy:
            return
        before = self._db
        self._db = self._take()
        if self._db is not before:
            self._copies += 1
            before.close()

    @contextlib.contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """One immediate transaction: committed at the end, rolled back on any error."""
        with self._lock, _clear_errors():
            self._look_again()
            if self._copy:
                raise self._copy.refused
            self._db.execute("BEGIN IMMEDIATE")
            # The connection commits at the end and rolls back on any error, one of the commit's own too.
            with self._db:
                yield self._db

    def _all(self, query: str, *values: Any) -> list[dict[str, Any]]:
        with self._lock, _clear_errors():
            self._look_again()
            return [dict(row) for row in self._db.execute(query, values)]

    def data_version(self) -> int:
        """Return a number that changes when another process has written."""
        with self._lock:
            seen = int(self._all("PRAGMA data_version")[0]["data_version"])
            # SQLite counts for each connection anew.
            return self._copies * _CONNECTION + seen

    def workspaces(self) -> list[str]:
        """Return the folders that keys were installed into or run in."""
        rows = self._all("SELECT workspace FROM installs UNION SELECT workspace FROM runs")
        return [row["workspace"] for row in rows]


@dataclass(frozen=True)
class _Copy:
    """What a copy was made of, when, and why it is no more than that."""

    made_of: Mark
    made_at: int
    refused: SurroundingsError

    def holds(self, found: Mark) -> bool:
        """Say whether the store is still as it was copied.

        A change within the same tick of the file system's clock leaves the same time; what was new when it was
        copied is therefore copied again.
        """
        newest = max((stamp[-1] for stamp in found if stamp), default=0)
        return found == self.made_of and newest < self.made_at - _TICK_NS


def _prepared(db: sqlite3.Connection) -> sqlite3.Connection:
    with _closed_unless_ready(db):
        # Some network file systems cannot carry WAL's shared memory; SQLite then says another mode.
        if db.execute("PRAGMA journal_mode=WAL").fetchone()[0] != "wal":
            db.execute("PRAGMA journal_mode=DELETE")
        db.execute("PRAGMA synchronous=FULL")
        _bring_up_to_date(db)
    return db


def _readable(db: sqlite3.Connection) -> sqlite3.Connection:
    with _closed_unless_ready(db):
        _bring_up_to_date(db)
        db.execute("PRAGMA query_only=ON")
    return db


@contextlib.contextmanager
def _closed_unless_ready(db: sqlite3.Connection) -> Iterator[None]:
    """Give rows their names, and let go of a connection that cannot be made ready."""
    with contextlib.ExitStack() as undone:
        undone.callback(db.close)
        db.row_factory = sqlite3.Row
        yield
        undone.pop_all()


def _bring_up_to_date(db: sqlite3.Connection) -> None:
    found = db.execute("PRAGMA user_version").fetchone()[0]
    if found > SCHEMA_VERSION:
        raise SurroundingsError(
            "STORE_NEWER",
            f"The store is of version {found}, this program knows up to {SCHEMA_VERSION}.",
            "Nothing was changed. Update keys-jupyter in this environment.",
        )
    if found < SCHEMA_VERSION:
        db.execute("BEGIN IMMEDIATE")
        with db:
            raise_to_current(db)


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
        raise unwritable(error) from error
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


def unwritable(error: Exception) -> SurroundingsError:
    """Return the words for a data directory that does not take what is written."""
    return SurroundingsError(
        "STORE_UNWRITABLE",
        "The data directory cannot be written: "
        f"{getattr(error, 'strerror', None) or 'the disk is full or read-only'}. "
        "Nothing was recorded; what was recorded before is kept.",
        "Free space or fix its permissions and try again, nothing has to be restarted; "
        "or choose another with JUPYTER_DATA_DIR.",
    )


def _unreadable() -> SurroundingsError:
    return SurroundingsError(
        "STORE_UNWRITABLE",
        "The data directory cannot be written, and its newest records cannot be read without writing: they wait in "
        "store.sqlite-wal or store.sqlite-journal. Nothing was changed.",
        "Free space or fix its permissions and try again; or set JUPYTER_DATA_DIR to a whole copy of it on a disk "
        "with room.",
    )
