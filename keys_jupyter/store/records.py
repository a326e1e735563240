"""Rows of the ledger: appended, read, never changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from keys_jupyter import ledger
from keys_jupyter.store.database import Database


class LedgerRows(Database):
    """The one ledger of a data directory; ``seq`` counts within an incident, ``idx`` in the whole."""

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
