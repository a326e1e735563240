"""What must not be lost, in one SQLite file: installs, runs, and the ledger; and kept bytes beside it.

Every method is one transaction, on disk when it returns (``synchronous=FULL``). Several processes may have
the store open: a lock that is held too long becomes a clear error, never a wait without end. What the rows
mean is decided above this floor.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from keys_jupyter.store.database import unwritable, utc_now
from keys_jupyter.store.files import held, sync_folder, sync_tree, write_beside, written_beside
from keys_jupyter.store.installs import InstallRows
from keys_jupyter.store.records import LedgerRows
from keys_jupyter.store.runs import RunRows
from keys_jupyter.store.schema import SCHEMA_VERSION

__all__ = [
    "SCHEMA_VERSION",
    "Store",
    "held",
    "sync_folder",
    "sync_tree",
    "utc_now",
    "write_beside",
    "written_beside",
]


class Store(InstallRows, RunRows, LedgerRows):
    """One data directory: its database and its kept bytes.

    Safe to share between threads. After a fork, the child opens its own.
    """

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
            raise unwritable(error) from error

    def blob(self, digest: str) -> Path:
        """Return where the bytes of a digest are kept."""
        return self.data_dir / "blobs" / digest[:2] / digest

    def journal_dir(self, run_id: str) -> Path:
        """Return where a run's journal is written."""
        return self.data_dir / "runs" / run_id
