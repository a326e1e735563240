"""What must not be lost, in one SQLite file: installs, runs, and the ledger; and kept bytes beside it.

Every method is one transaction, on disk when it returns (``synchronous=FULL``). Several processes may have
the store open: a lock that is held too long becomes a clear error, never a wait without end. What the rows
mean is decided above this floor.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from keys_jupyter import ledger
from keys_jupyter.errors import StateError, SurroundingsError
from keys_jupyter.store.files import held, sync_folder, sync_tree, write_beside
from keys_jupyter.store.schema import SCHEMA_VERSION, TERMINAL, raise_to_current

__all__ = [
    "SCHEMA_VERSION",
    "Store",
    "held",
    "sync_folder",
    "sync_tree",
    "utc_now",
    "write_beside",
]


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
        """Record one installed version as the one in use; ``files`` maps each path to its sha256."""
        with self._write() as db:
            db.execute(
                "INSERT OR REPLACE INTO installs (workspace, slug, version, sha256, verified, path,"
                " files, installed_at, source, used)"
                " SELECT ?,?,?,?,?,?,?,?,?, coalesce(max(used), 0) + 1 FROM installs",
                (
                    row["workspace"],
                    row["slug"],
                    row["version"],
                    row["sha256"],
                    int(row["verified"]),
                    row["path"],
                    json.dumps(row["files"]),
                    utc_now(),
                    row["source"],
                ),
            )

    def use_install(self, workspace: str, slug: str, version: str) -> bool:
        """Make an installed version the one in use.

        Returns:
            False when that version is not installed there.
        """
        with self._write() as db:
            done = db.execute(
                "UPDATE installs SET used = (SELECT max(used) + 1 FROM installs)"
                " WHERE workspace=? AND slug=? AND version=?",
                (workspace, slug, version),
            )
            return done.rowcount == 1

    def drop_install(self, workspace: str, slug: str, version: str) -> None:
        """Forget that a version is installed; its pin and its kept zip stay."""
        with self._write() as db:
            db.execute(
                "DELETE FROM installs WHERE workspace=? AND slug=? AND version=?",
                (workspace, slug, version),
            )

    def installs(self, workspace: str, slug: str | None = None) -> list[dict[str, Any]]:
        """Return the installs of a workspace, of one key or of all; of a key, the one in use last."""
        rows = self._all(
            "SELECT * FROM installs WHERE workspace=? AND (? IS NULL OR slug=?)"
            " ORDER BY slug, used",
            workspace,
            slug,
            slug,
        )
        return [
            row | {"files": json.loads(row["files"]), "verified": bool(row["verified"])}
            for row in rows
        ]

    def pin(self, slug: str, version: str, sha256: str, source: str) -> str:
        """Remember which bytes a version is; the first ones stay.

        Returns:
            The digest that is pinned: the one given, or the one from before.
        """
        with self._write() as db:
            db.execute(
                "INSERT OR IGNORE INTO pins VALUES (?,?,?,?,?)",
                (slug, version, sha256, source, utc_now()),
            )
            row = db.execute(
                "SELECT sha256 FROM pins WHERE slug=? AND version=?", (slug, version)
            ).fetchone()
        return str(row["sha256"])

    def pinned(self, slug: str, version: str) -> str | None:
        """Return the digest a version is pinned to, or None."""
        rows = self._all("SELECT sha256 FROM pins WHERE slug=? AND version=?", slug, version)
        return rows[0]["sha256"] if rows else None

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
                f" ended_at=CASE WHEN :s IN ({TERMINAL}) THEN :a ELSE NULL END"
                f" WHERE id=:i AND state NOT IN ({TERMINAL})",
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

    def runs_asked_for(self, start: str, end: str) -> list[dict[str, Any]]:
        """Return the runs asked for from one moment up to another, in order."""
        return self._runs(
            "WHERE requested_at>=?1 AND requested_at<?2 ORDER BY requested_at, rowid", start, end
        )

    def unfinished_runs(self) -> list[dict[str, Any]]:
        """Return runs that are open, or ended without their outcome kept."""
        return self._runs(f"WHERE state NOT IN ({TERMINAL}) OR outcome IS NULL")

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
        rows = self._all(
            "SELECT incident FROM ledger WHERE seq=0 AND incident<>'' ORDER BY idx DESC"
        )
        return [row["incident"] for row in rows]

    def leaves(self, first: int = 0) -> list[bytes]:
        """Return the leaf hashes of the ledger in order, from one index on."""
        rows = self._all("SELECT leaf FROM ledger WHERE idx>=? ORDER BY idx", first)
        return [row["leaf"] for row in rows]

    def entries(
        self, *, incident: str | None = None, first: int = 0, last: int | None = None
    ) -> list[dict[str, Any]]:
        """Return the ledger's rows in order as ``idx``, ``incident``, ``seq``, ``type`` and ``body``.

        Args:
            incident: only those of this one; "" for what belongs to no incident.
            first: the first index.
            last: the last index.
        """
        return self._all(
            "SELECT idx, incident, seq, type, body FROM ledger WHERE (?1 IS NULL OR incident=?1)"
            " AND idx>=?2 AND (?3 IS NULL OR idx<=?3) ORDER BY idx",
            incident,
            first,
            last,
        )

    # kept bytes ----------------------------------------------------------------------------------

    def keep(self, data: bytes) -> str:
        """Keep bytes under their sha256, on disk when this returns.

        Raises:
            SurroundingsError: the disk does not take them.
        """
        digest = hashlib.sha256(data).hexdigest()
        target = self.blob(digest)
        if not target.exists():
            self.write(target, data)
        return digest

    def write(self, target: Path, data: bytes) -> None:
        """Write a file of the data directory whole or not at all, on disk when this returns.

        Raises:
            SurroundingsError: the disk does not take it.
        """
        try:
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_beside(target, data)
        except OSError as error:
            raise _unwritable(error) from error

    def blob(self, digest: str) -> Path:
        """Return where the bytes of a digest are kept."""
        return self.data_dir / "blobs" / digest[:2] / digest

    def journal_dir(self, run_id: str) -> Path:
        """Return where a run's journal is written."""
        return self.data_dir / "runs" / run_id


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
