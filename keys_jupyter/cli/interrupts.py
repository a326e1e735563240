"""Ctrl-C as a wish: noted the first time, so that what goes on can end well; the second time ends the command at once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

LOOK_SECONDS = 0.25
"""How long a command waits before it looks whether the person wants to stop."""


class Asked:
    """Whether the person pressed Ctrl-C."""

    def __init__(self) -> None:
        """Begin with nobody having asked for anything."""
        self.to_stop = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take note of Ctrl-C as long as this lasts."""
        before = signal.signal(signal.SIGINT, self._pressed)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    # It only notes it: an event has a lock, which the code that is interrupted here may hold.
    def _pressed(self, _signal: int, _frame: FrameType | None) -> None:
        if self.to_stop:
            raise KeyboardInterrupt
        self.to_stop = True
