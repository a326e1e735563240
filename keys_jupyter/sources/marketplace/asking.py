"""One question at a time of each kind, asked aside: whoever waits may give up, and the question still ends.

So a marketplace that stalls delays nobody who has an older answer to show.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as StillAsking

__all__ = ["Asking", "StillAsking"]


class Asking:
    """The questions that are going on."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = threading.Lock()
        self._going: dict[str, Future[None]] = {}

    def ask(self, name: str, question: Callable[[], None], seconds: float | None) -> None:
        """Ask, or join who is asking the same; its answer is kept by the question itself.

        Args:
            name: of the question.
            question: asks and keeps; what it raises is raised here.
            seconds: how long to wait; None waits for its end.

        Raises:
            StillAsking: it takes longer; it goes on without us.
        """
        with self._lock:
            future = self._going.get(name)
            if future is None:
                future = self._going[name] = Future()
                # A daemon: a command that is done does not wait for a marketplace that is not.
                threading.Thread(
                    target=self._run, args=(name, future, question), name="keys-asking", daemon=True
                ).start()
        future.result(seconds)

    def _run(self, name: str, future: Future[None], question: Callable[[], None]) -> None:
        fault: BaseException | None = None
        try:
            question()
        except BaseException as error:  # it belongs to whoever waits
            fault = error
        with self._lock:
            del self._going[name]
        if fault:
            future.set_exception(fault)
        else:
            future.set_result(None)
