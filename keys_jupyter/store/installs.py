"""Rows of installed versions, and the pins that outlive them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from keys_jupyter.store.database import Database, utc_now


class InstallRows(Database):
    """What is installed in which workspace, and which bytes a version is."""

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
