"""The server's side of the spawner: jobs in, progress and exits out.

* ``on_exit`` is called exactly once for every job that ``start`` took.
* At most ``max_running`` children at a time; the rest wait for their turn (see ``queue``).
* A spawner that died is replaced at the next start; the runs it had are reported as ended.

What is *not* here: any truth about a run. Progress is a hint to read the journal, an exit a hint to read the store;
see ``job.ending`` for a child that could not record its own end.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from keys_jupyter.errors import StateError, SurroundingsError
from keys_jupyter.runner import processes
from keys_jupyter.runner.environment import spawner_environment
from keys_jupyter.runner.job import DEFAULT_KERNEL_MANAGER, ENDED_BY_FORCE, WITHDRAWN, Job
from keys_jupyter.runner.queue import Queue

STOP_SECONDS = 4.5
"""How long ``close`` waits for the spawner before it is killed; its children get 3 s of it."""
LOST = -9
"""The exit code of a run whose spawner vanished: nobody is left who knows a better one."""
BOOT = "import runpy, sys; sys.path[0] = sys.argv.pop(1); runpy.run_module('keys_jupyter.runner', run_name='__main__')"
# This is `python -m keys_jupyter.runner`, but `-m` would look for modules in the current folder first, and that
# is the person's: their `json.py` would run in our process.


class Runner:
    """Starts headless runs and ends them; safe to call from any thread.

    ``on_progress(run_id, k)`` says that the run's journal has ``k`` lines by now; ``on_exit(run_id, code)`` that its
    process is gone. Both are called on the runner's own thread, except that cancelling a job that still waits calls
    ``on_exit`` on the thread of ``cancel``. They must not block for long.
    """

    def __init__(
        self,
        data_dir: Path,
        on_progress: Callable[[str, int], None],
        on_exit: Callable[[str, int], None],
        kernel_manager_class: str = DEFAULT_KERNEL_MANAGER,
        max_running: int | None = None,
    ) -> None:
        """Start nothing yet; the spawner comes with the first run."""
        self._data_dir = data_dir
        self._on_progress = on_progress
        self._on_exit = on_exit
        self._kernel_manager_class = kernel_manager_class
        self._max_running = max_running or os.cpu_count() or 1
        self._lock = threading.RLock()
        self._waiting = Queue()
        self._running: dict[str, _Child] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._closed = False

    def start(self, job: Job) -> None:
        """Queue a job; it starts as soon as there is room.

        Raises:
            StateError: the runner is closed, or has this run already.
            SurroundingsError: the spawner could not be started.
        """
        with self._lock:
            if self._closed:
                raise StateError("RUNNER_CLOSED", "Runs cannot be started while the server stops.")
            if job.run_id in self.running():
                raise StateError("RUN_STARTED", "This run has been started already.")
            self._waiting.add(self._filled(job))
            try:
                self._fill()
            except SurroundingsError:
                self._waiting.remove(job.run_id)
                raise

    def cancel(self, run_id: str) -> bool:
        """Ask a run to end; False when it is not here (any more).

        A waiting job is withdrawn at once, with ``on_exit(run_id, WITHDRAWN)``. A running one is interrupted and
        records CANCELLED itself within five seconds; one that does not answer is killed (``ENDED_BY_FORCE``).
        """
        with self._lock:
            waited = self._waiting.remove(run_id)
            child = self._running.get(run_id)
            if child:
                child.cancelled = True
                self._send({"cancel": run_id})
        if waited:
            self._on_exit(run_id, WITHDRAWN)
        return bool(waited or child)

    def running(self) -> list[str]:
        """The ids of all runs that are open here: those running, then those waiting, in their order."""
        with self._lock:
            return [*self._running, *self._waiting.order()]

    def waiting(self) -> list[str]:
        """The ids of the runs that wait, the next one first."""
        with self._lock:
            return self._waiting.order()

    def close(self) -> None:
        """End everything within five seconds; the children record INTERRUPTED where they can."""
        with self._lock:
            self._closed = True
            waiting = self._waiting.empty()
            process, reader = self._process, self._reader
            self._send({"stop": True})
        for job in waiting:
            self._on_exit(job.run_id, WITHDRAWN)
        if process is not None and process.stdin is not None and reader is not None:
            with suppress(OSError):
                process.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
            processes.kill_group(process.pid)
            process.wait()
            if reader is not threading.current_thread():
                reader.join()

    def _filled(self, job: Job) -> Job:
        """The job with what it left to the runner."""
        return job.model_copy(
            update={
                "data_dir": job.data_dir or self._data_dir,
                "kernel_manager_class": job.kernel_manager_class or self._kernel_manager_class,
            }
        )

    def _fill(self) -> None:
        """Start waiting jobs while there is room."""
        while self._waiting and len(self._running) < self._max_running:
            self._ensure_spawner()
            job = self._waiting.take()
            self._running[job.run_id] = _Child()
            self._send({"start": job.model_dump(mode="json")})

    def _send(self, message: dict[str, Any]) -> None:
        """Write one line. A spawner that is gone is noticed by the reader, so a broken pipe is no news."""
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError, ValueError):
                self._process.stdin.write(json.dumps(message).encode() + b"\n")
                self._process.stdin.flush()

    def _ensure_spawner(self) -> None:
        """Start the spawner unless it lives."""
        if self._process is not None:
            return
        root = Path(__file__).resolve().parents[2]
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-c", BOOT, str(root)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=spawner_environment(os.environ),
                start_new_session=True,
                close_fds=True,
            )
        except OSError as problem:
            raise SurroundingsError(
                "SPAWNER_FAILED", "The process that starts kernels could not be started."
            ) from problem
        self._reader = threading.Thread(
            target=self._read, args=(self._process,), name="keys-runner-spawner", daemon=True
        )
        self._reader.start()

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        """Turn the spawner's lines into callbacks until it is gone."""
        if process.stdout is not None:
            with process.stdout as lines:
                for line in lines:
                    # A torn last line is what a killed spawner leaves; its end is told by `_lost`.
                    with suppress(json.JSONDecodeError):
                        self._heard(json.loads(line))
        self._lost(process)

    def _heard(self, message: dict[str, Any]) -> None:
        """Pass one line on."""
        run_id = message.get("run", "")
        with self._lock:
            child = self._running.get(run_id)
        if child is None:
            return
        if "pid" in message:
            child.groups.append(message["pid"])
        elif "kernel" in message:
            child.groups.append(message["kernel"])
        elif "n" in message:
            self._on_progress(run_id, message["n"])
        elif "exit" in message:
            self._ended(run_id, message["exit"])

    def _ended(self, run_id: str, code: int) -> None:
        """Tell a run's end once, and let the next one in."""
        with self._lock:
            child = self._running.pop(run_id, None)
            if not self._running and not self._waiting:
                self._waiting.rest()
        self._next()
        if child is not None:
            self._on_exit(run_id, ENDED_BY_FORCE if child.cancelled and code < 0 else code)

    def _next(self) -> None:
        """Let waiting jobs in; when there can be no spawner any more, none of them will ever start."""
        stranded: list[Job] = []
        with self._lock:
            try:
                self._fill()
            except SurroundingsError:
                stranded = self._waiting.empty()
        for job in stranded:
            self._on_exit(job.run_id, LOST)

    def _lost(self, process: subprocess.Popen[bytes]) -> None:
        """The spawner is gone: end what it left behind, then let the next spawner do what waits."""
        process.wait()
        with self._lock:
            if self._process is process:
                self._process = None
            if process.stdin is not None:
                # Closing writes what is left, and there is nobody to read it.
                with suppress(OSError):
                    process.stdin.close()
            orphans = dict(self._running)
        processes.end_groups([group for child in orphans.values() for group in child.groups])
        for run_id in orphans:
            self._ended(run_id, LOST)


class _Child:
    """What is known here of a running child: its process groups, and whether somebody cancelled it."""

    def __init__(self) -> None:
        self.groups: list[int] = []
        self.cancelled = False
