"""Which installs are going on: one of a key at a time on this machine, each with how far it is and a way to stop it."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keys_jupyter.errors import NotAvailable
from keys_jupyter.model.installs import InstallingList, InstallProgress
from keys_jupyter.store import held

# As long as the largest pack may take to come over a slow line.
_LOCK_SECONDS = 300.0


class Going:
    """An install that is going on."""

    def __init__(self) -> None:
        """Begin with nothing of it here."""
        self._bytes = 0
        self._total: int | None = None
        self._waiting = False
        self._stop = threading.Event()

    def came(self, done: int, total: int | None) -> None:
        """Take note of how many bytes came, and of how many there will be where that is known."""
        self._bytes, self._total = done, total

    def waits(self) -> None:
        """Take note that another install of the same key goes first."""
        self._waiting = True

    def starts(self) -> None:
        """Take note that it is this one's turn."""
        self._waiting = False

    def stop(self) -> None:
        """Ask it to stop."""
        self._stop.set()

    def stopped(self) -> bool:
        """Say whether it was asked to stop."""
        return self._stop.is_set()

    def progress(self, slug: str) -> InstallProgress:
        """Return how far it is."""
        return InstallProgress(
            slug=slug, waiting=self._waiting, bytes=self._bytes, total=self._total
        )


class Underway:
    """The installs and removals of one workspace that are going on in this process."""

    def __init__(self, root: Path, locks: Path) -> None:
        """Take whose they are, and the folder of the locks that other processes see as well."""
        self._root = root
        self._locks = locks
        self._going: dict[str, Going] = {}

    @contextmanager
    def one_at_a_time(self, slug: str) -> Iterator[Going]:
        """Wait until no other process works on a key here, and hold the others off.

        Raises:
            SurroundingsError: another one takes too long.
        """
        going = Going()
        mine = self._going.setdefault(slug, going) is going
        try:
            with held(self._lock(slug), seconds=_LOCK_SECONDS, on_wait=going.waits):
                going.starts()
                yield going
        finally:
            if mine:
                del self._going[slug]

    def listed(self) -> InstallingList:
        """Return them all with how far they are."""
        return InstallingList(
            installing=[one.progress(slug) for slug, one in sorted(self._going.items())]
        )

    def cancel(self, slug: str) -> InstallingList:
        """Ask an install to stop; it leaves nothing behind.

        Raises:
            NotAvailable: none of that key is going on here.
        """
        going = self._going.get(slug)
        if going is None:
            raise NotAvailable(
                "NOT_INSTALLING", f"No install of {ascii(slug)[:90]} is going on.", "Look again."
            )
        going.stop()
        return self.listed()

    def _lock(self, slug: str) -> Path:
        # A name of fixed form, because nothing has checked the slug yet.
        name = hashlib.sha256(f"{self._root}\0{slug}".encode()).hexdigest()[:32]
        return self._locks / f"{name}.lock"
