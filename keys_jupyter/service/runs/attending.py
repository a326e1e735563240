"""One thread that sees to what ended and looks around meanwhile, so that whoever tells us of an end can go on.

Work is done in the order it came. Work that the disk or the store refuses is tried again later, as long as this process
lives; what is never done is taken up by the next one.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

from keys_jupyter.errors import KeysError, SurroundingsError

LOOK_SECONDS = 0.5
AGAIN_SECONDS = 2.0

Work = Callable[[], None]


class Attendant:
    """Does work by name, one piece at a time; safe to call from any thread."""

    def __init__(self, look: Work) -> None:
        """Take what to do twice a second while there is something to look after.

        Args:
            look: called on the attendant's own thread; a refusal by disk or store is no reason to stop.
        """
        self._look = look
        self._work: queue.SimpleQueue[tuple[str, Work] | None] = queue.SimpleQueue()
        self._refused: dict[str, tuple[Work, KeysError]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def start(self) -> None:
        """Begin to look around, if that is not so yet."""
        with self._lock:
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._attend, name="keys-runs", daemon=True)
                self._thread.start()

    def do(self, name: str, work: Work) -> None:
        """Have work done soon."""
        self._work.put((name, work))
        self.start()

    def refusal(self, name: str) -> KeysError | None:
        """Return why work of that name could not be done when it was last tried."""
        refused = self._refused.get(name)
        return refused[1] if refused else None

    def close(self) -> None:
        """Do what has come so far, then end."""
        with self._lock:
            self._closed = True
            thread = self._thread
        if thread is not None:
            self._work.put(None)
            thread.join()

    def _attend(self) -> None:
        again = time.monotonic()
        while True:
            try:
                come = self._work.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                if time.monotonic() - again >= AGAIN_SECONDS:
                    again = time.monotonic()
                    self._try_again()
                self._try("", self._look)
                continue
            if come is None:
                return
            self._try(*come)

    def _try_again(self) -> None:
        for name, (work, _) in list(self._refused.items()):
            self._try(name, work)

    def _try(self, name: str, work: Work) -> None:
        """Do one piece of work, and remember it when it was refused."""
        try:
            work()
        except KeysError as refusal:
            self._remember(name, work, refusal)
        except OSError as problem:
            unkept = SurroundingsError(
                "NOT_KEPT",
                f"What the run left could not be read or kept: {problem.strerror}.",
                "It is tried again; check the disk.",
            )
            self._remember(name, work, unkept)
        else:
            self._refused.pop(name, None)

    def _remember(self, name: str, work: Work, refusal: KeysError) -> None:
        if name:
            self._refused[name] = (work, refusal)
