"""Rows of runs: requested, advanced, ended once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from keys_jupyter.store.database import Database, utc_now
from keys_jupyter.store.schema import TERMINAL


class RunRows(Database):
    """Runs; an ended one never changes."""

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

    def place(self, run_id: str) -> str | None:
        """Return where a run's notebook was last seen since it left its folder; None when it was not."""
        rows = self._all("SELECT value FROM meta WHERE name=?", f"place:{run_id}")
        return str(rows[0]["value"]) if rows else None

    def set_place(self, run_id: str, path: str) -> None:
        """Remember where a run's notebook was moved to."""
        with self._write() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"place:{run_id}", path))

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
