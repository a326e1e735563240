"""One question at a time of each kind, asked aside: whoever waits may give up, and the question still ends.

So a marketplace that stalls delays nobody who has an older answer to show.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as StillAsking

__all__ = ["Asking", "StillAsking"]


class Asking:
    """The questions that are going on."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = threading.Lock()
        self._going: dict[str, tuple[Future[None], float]] = {}

    def ask(self, name: str, question: Callable[[], None], seconds: float | None) -> None:
        """Ask, or join who is asking the same; its answer is kept by the question itself.

        Args:
            name: of the question.
            question: asks and keeps; what it raises is raised here.
            seconds: how long to wait, counted from when it was asked first; None waits for its end.

        Raises:
            StillAsking: it takes longer; it goes on without us.
        """
        with self._lock:
            future, since = self._going.get(name) or (None, time.monotonic())
            if future is None:
                future = Future()
                self._going[name] = (future, since)
                # A daemon: a command that is done does not wait for a marketplace that is not.
                threading.Thread(
                    target=self._run, args=(name, future, question), name="keys-asking", daemon=True
                ).start()
        _wait(future, since, seconds)

    def join(self, name: str, seconds: float | None) -> None:
        """Wait for a question that is going on, if it is; as :meth:`ask` does."""
        with self._lock:
            going = self._going.get(name)
        if going:
            _wait(*going, seconds)

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


def _wait(future: Future[None], since: float, seconds: float | None) -> None:
    future.result(None if seconds is None else max(0.0, since + seconds - time.monotonic()))
