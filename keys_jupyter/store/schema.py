"""The store's tables, and the steps by which an older store becomes the present one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

TERMINAL = (
    "'SUCCEEDED','CELL_ERROR','TIMED_OUT','KERNEL_DIED','CANCELLED','START_FAILED',"
    "'CAPTURE_FAILED','INTERRUPTED'"
)

_FIRST = f"""
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
    WHEN OLD.state IN ({TERMINAL}) AND (NEW.state <> OLD.state OR NEW.reason <> OLD.reason
        OR NEW.ended_at IS NOT OLD.ended_at OR NEW.facts <> OLD.facts
        OR (OLD.outcome IS NOT NULL AND NEW.outcome IS NOT OLD.outcome))
    BEGIN SELECT RAISE(ABORT, 'an ended run is immutable'); END;
"""

# Which version of a key is in use is the one with the highest ``used``; a pin outlives its install.
_SECOND = """
ALTER TABLE installs ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE installs ADD COLUMN used INTEGER NOT NULL DEFAULT 0;
UPDATE installs SET used = rowid;
CREATE TABLE pins (
    slug TEXT NOT NULL, version TEXT NOT NULL, sha256 TEXT NOT NULL, source TEXT NOT NULL,
    pinned_at TEXT NOT NULL, PRIMARY KEY (slug, version)) STRICT;
"""

_STEPS = (_FIRST, _SECOND)
SCHEMA_VERSION = len(_STEPS)


def raise_to_current(db: sqlite3.Connection) -> None:
    """Make the tables, or bring them up to date, inside the caller's transaction."""
    # Read again: another process may have been faster while we waited for the lock.
    found = db.execute("PRAGMA user_version").fetchone()[0]
    for step in _STEPS[found:]:
        for statement in _statements(step):
            db.execute(statement)
    db.execute(f"PRAGMA user_version={SCHEMA_VERSION}")


def _statements(script: str) -> Iterator[str]:
    """Split a script at its statements' ends; a trigger's inner semicolons do not end it."""
    statement = ""
    for part in script.split(";"):
        statement += part + ";"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
