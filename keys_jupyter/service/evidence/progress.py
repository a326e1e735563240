"""The exports that go on in this process: how far each is, and a way to stop it that leaves nothing behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from keys_jupyter.errors import NotAvailable, StateError
from keys_jupyter.model.bundle import Exported, ExportEnded, ExportingList, ExportProgress
from keys_jupyter.service.incidents.recording import Announce

Phase = Literal["collecting", "measuring", "writing"]

# What changes of exports are announced as, and the least time between two of them of one phase.
SUBJECT = "exports"
_SECONDS = 0.2
# How many written exports are remembered; each is about two kilobytes in every answer.
_MOST_ENDED = 4


class Going:
    """One export that is going on."""

    def __init__(self, name: str, tell: Exporting) -> None:
        """Begin with nothing done."""
        self.name = name
        self.phase: Phase = "collecting"
        self.done = self.total = 0
        self.stop = threading.Event()
        self.exported: Exported | None = None
        self._tell = tell
        self._told_at = 0.0

    def begin(self, phase: Phase, total: int) -> None:
        """Enter a phase of so many bytes.

        Raises:
            StateError: a person stopped it.
        """
        self.phase, self.done, self.total = phase, 0, total
        self._told_at = 0.0
        self.came(0)

    def came(self, count: int) -> None:
        """Add bytes that were read or written.

        Raises:
            StateError: a person stopped it.
        """
        if self.stop.is_set():
            raise StateError(
                "EXPORT_CANCELLED",
                "The export was cancelled. No file was written and nothing was recorded.",
                "Export again when you like.",
            )
        self.done += count
        now = time.monotonic()
        if now - self._told_at >= _SECONDS:
            self._told_at = now
            self._tell.moved()


class Exporting:
    """All exports of this process."""

    def __init__(self, announce: Announce) -> None:
        """Take who is told that one of them is further than before."""
        self._announce = announce
        self._going: dict[str, Going] = {}
        self._ended: dict[str, Exported] = {}
        self._lock = threading.Lock()
        self._moves = 0

    @contextmanager
    def going(self, name: str) -> Iterator[Going]:
        """Let one export of this name go on.

        Raises:
            StateError: one goes on already.
        """
        going = Going(name, self)
        with self._lock:
            if self._going.setdefault(name, going) is not going:
                raise StateError(
                    "EXPORT_GOING",
                    "This export is going on already, so it was not begun a second time.",
                    "Wait for its end, or cancel it.",
                )
        try:
            yield going
        finally:
            with self._lock:
                del self._going[name]
                self._remember(name, going.exported)
            self.moved()

    def _remember(self, name: str, exported: Exported | None) -> None:
        """Keep what was written, the newest last; after one that failed or was cancelled nothing of its name is kept."""
        self._ended.pop(name, None)
        if exported is not None:
            self._ended[name] = exported
            for old in list(self._ended)[:-_MOST_ENDED]:
                del self._ended[old]

    def moved(self) -> None:
        """Announce that exports are further than before."""
        with self._lock:
            self._moves += 1
            moves = self._moves
        self._announce("evidence", SUBJECT, moves)

    def list(self) -> ExportingList:
        """Return the exports that are going on, and those that were written last."""
        with self._lock:
            going = sorted(self._going.items())
            ended = list(self._ended.items())
        return ExportingList(
            exporting=[
                ExportProgress(
                    # A kept file that has grown since is read to its end all the same.
                    id=name,
                    phase=one.phase,
                    done=min(one.done, one.total),
                    total=one.total,
                )
                for name, one in going
            ],
            ended=[ExportEnded(id=name, exported=one) for name, one in ended],
        )

    def cancel(self, name: str) -> ExportingList:
        """Ask an export to stop; it leaves nothing behind.

        Raises:
            NotAvailable: none of that name is going on here.
        """
        with self._lock:
            going = self._going.get(name)
        if going is None:
            raise NotAvailable(
                "NOT_EXPORTING", f"No export of {ascii(name)[:90]} is going on.", "Look again."
            )
        going.stop.set()
        return self.list()
