"""The marketplace's own time, which a test moves by hand; nothing waits for the real one."""

from __future__ import annotations

import datetime as dt
import threading
import time


class Clock:
    """The machine's time plus what was added to it."""

    def __init__(self) -> None:
        """Begin with the machine's time."""
        self._ahead = 0.0
        self._lock = threading.Lock()

    def now(self) -> dt.datetime:
        """Return the time with its zone, UTC."""
        return dt.datetime.fromtimestamp(self.seconds(), dt.timezone.utc)

    def seconds(self) -> float:
        """Return the seconds since 1970."""
        with self._lock:
            return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Let time pass, so that links, keys and entitlements expire."""
        with self._lock:
            self._ahead += seconds
