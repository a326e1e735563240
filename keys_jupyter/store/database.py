"""The database of the store: opened, brought up to date, and used one transaction at a time."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from keys_jupyter.errors import StateError, SurroundingsError
from keys_jupyter.store.schema import SCHEMA_VERSION, raise_to_current


def utc_now() -> str:
    """Return the time as every record holds it: UTC, milliseconds, Z."""
    now = datetime.now(timezone.utc)
    return now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"


class Database:
    """One SQLite file; safe to share between threads. After a fork, the child opens its own."""

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
            raise unwritable(error) from error
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
        if found > SCHEMA_VERSION:
            raise SurroundingsError(
                "STORE_NEWER",
                f"The store is of version {found}, this program knows up to {SCHEMA_VERSION}.",
                "Nothing was changed. Update keys-jupyter in this environment.",
            )
        if found < SCHEMA_VERSION:
            with self._write() as db:
                raise_to_current(db)

    @contextlib.contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """One immediate transaction: committed at the end, rolled back on any error."""
        with self._lock, _clear_errors():
            self._db.execute("BEGIN IMMEDIATE")
            # The connection commits at the end and rolls back on any error, one of the commit's own too.
            with self._db:
                yield self._db

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
        f"{getattr(error, 'strerror', None) or 'the disk is full or read-only'}.",
        "Free space or fix its permissions, or choose another with JUPYTER_DATA_DIR.",
    )
