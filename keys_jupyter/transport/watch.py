"""One exchange's deadline and its cancel button: whichever comes first cuts the connection, even in a stall.

A time-out of a socket counts from byte to byte, so a peer that drips one byte a second never passes it. A watch counts
from the beginning, and what it cuts is the connection itself, whoever is reading from it.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType

from keys_jupyter.transport import faults

_CURRENT = threading.local()
# How long a person waits, at most, between the click on cancel and its effect.
_LOOK_SECONDS = 0.1


def current() -> Watch | None:
    """Return the watch over what this thread is doing, if any."""
    watch: Watch | None = getattr(_CURRENT, "watch", None)
    return watch


class Watch:
    """Watches over one exchange of this thread, from ``with`` to its end."""

    def __init__(self, seconds: float, cancelled: Callable[[], bool] | None = None) -> None:
        """Begin to count.

        Args:
            seconds: until everything must be done.
            cancelled: asked ten times a second whether a person wants to stop.
        """
        self.seconds = seconds
        self._end = time.monotonic() + seconds
        self._cancelled = cancelled
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._held: socket.socket | None = None
        self._before: Watch | None = None
        self._thread = threading.Thread(target=self._look, name="keys-watch", daemon=True)

    def __enter__(self) -> Watch:
        """Watch over this thread."""
        self._before, _CURRENT.watch = current(), self
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go."""
        _CURRENT.watch = self._before
        self._done.set()
        self._thread.join()
        self._release()

    def hold(self, connection: socket.socket) -> None:
        """Take the connection that is to be cut; called once it stands and before anything is sent."""
        # A second handle: TLS takes the first one apart when it wraps it.
        handle = connection.dup()
        with self._lock:
            self._release()
            self._held = handle
        if self.ended():
            self._cut()

    def remaining(self) -> float:
        """Return the seconds left, never below zero."""
        return max(0.0, self._end - time.monotonic())

    def ended(self) -> bool:
        """Say whether the deadline has passed or a person stopped it."""
        return self.stopped() or self.remaining() <= 0.0

    def stopped(self) -> bool:
        """Say whether a person stopped it."""
        return self._cancelled is not None and self._cancelled()

    def check(self, host: str) -> None:
        """Go on only while there is time.

        Raises:
            Cancelled: a person stopped it.
            Unreachable: the deadline has passed.
        """
        if self.stopped():
            raise faults.cancelled()
        if self.remaining() <= 0.0:
            raise faults.timed_out(host, self.seconds)

    def pause(self, seconds: float) -> None:
        """Wait before a new try, but no longer than there is time and nobody cancels."""
        end = time.monotonic() + min(seconds, self.remaining())
        while not self.stopped() and (left := end - time.monotonic()) > 0.0:
            self._done.wait(min(left, _LOOK_SECONDS))

    def _look(self) -> None:
        while not self.ended():
            step = self.remaining()
            if self._done.wait(min(step, _LOOK_SECONDS) if self._cancelled else step):
                return
        self._cut()

    def _cut(self) -> None:
        with self._lock:
            if self._held:
                # Below TLS, which another thread may be reading through: it sees the end of the stream.
                with contextlib.suppress(OSError):
                    self._held.shutdown(socket.SHUT_RDWR)

    def _release(self) -> None:
        if self._held:
            self._held.close()
            self._held = None
