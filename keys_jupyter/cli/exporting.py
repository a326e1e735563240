"""One export on the command line: how far it is, on one line of a terminal, and Ctrl-C that leaves nothing behind.

Not here: exporting, and how an export tells its progress (`service.evidence.progress`).
"""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TextIO

from keys_jupyter.cli.interrupts import LOOK_SECONDS, Asked
from keys_jupyter.errors import NotAvailable, StateError

if TYPE_CHECKING:
    from keys_jupyter.cli.surroundings import Desk
    from keys_jupyter.model.bundle import Exported, ExportProgress

_PHASES = {
    "collecting": "Checking kept files",
    "measuring": "Making digests and proofs",
    "writing": "Writing",
}


class ExportCancelled(StateError):
    """A person stopped it with Ctrl-C, and it ends as any command that is interrupted."""

    exit_code = 130


def exported(desk: Desk, export: Callable[[], Exported], *, quiet: bool) -> tuple[Exported, bool]:
    """Export in a thread of its own, so that progress can be told and the person can stop it.

    Args:
        desk: what the command works with.
        export: the export.
        quiet: tell no progress, not even on a terminal.

    Returns:
        What was exported, and whether the person wanted to stop it when it could not be stopped any more.

    Raises:
        ExportCancelled: the person stopped it; no file was written and nothing was recorded.
        KeysError: as the export raises.
    """
    pool = ThreadPoolExecutor(1, thread_name_prefix="keys-export")
    asked, line = Asked(), _Line(sys.stderr, shown=not quiet and sys.stderr.isatty())
    try:
        with asked.listening():
            work = pool.submit(export)
            work.add_done_callback(lambda _work: desk.bell.set())
            _follow(desk, work, asked, line)
    finally:
        # Whoever cannot wait for its end gets no half file either.
        _stop(desk)
        line.end()
        pool.shutdown(wait=False)
    try:
        return work.result(), asked.to_stop
    except StateError as error:
        if error.code != "EXPORT_CANCELLED":
            raise
        raise ExportCancelled(error.code, error.message) from None


def _follow(desk: Desk, work: Future[Exported], asked: Asked, line: _Line) -> None:
    while not work.done():
        if asked.to_stop:
            _stop(desk)
            line.show("Cancelling")
        else:
            going = desk.service.evidence.exporting.list().exporting
            line.show(words(going[0]) if going else "Reading the records")
        desk.bell.wait(LOOK_SECONDS)
        desk.bell.clear()


def _stop(desk: Desk) -> None:
    exporting = desk.service.evidence.exporting
    for one in exporting.list().exporting:
        with contextlib.suppress(NotAvailable):  # it ended meanwhile
            exporting.cancel(one.id)


def words(going: ExportProgress) -> str:
    """Return what an export does now, and how much of it is done."""
    return f"{_PHASES[going.phase]}, {going.done / 1e6:.1f} of {going.total / 1e6:.1f} MB"


class _Line:
    """One line of a terminal that is written over; nothing where there is no terminal."""

    def __init__(self, out: TextIO, *, shown: bool) -> None:
        self._out = out
        self._shown = shown
        self._last = ""

    def show(self, text: str) -> None:
        if not self._shown or text == self._last:
            return
        # A line that wraps could not be written over.
        columns = shutil.get_terminal_size().columns
        self._write(text[: columns - 1])
        self._last = text

    def end(self) -> None:
        if self._last:
            self._write("")

    def _write(self, text: str) -> None:
        self._out.write(f"\r\x1b[K{text}")
        self._out.flush()
