"""The child of one run: its process, its place in the store, its kernel from start to end.

Each transition is written to the store before what it announces happens; the terminal one comes last of all, after
the kernel's end, the notebook and the journal.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
from contextlib import suppress
from typing import Any

from keys_jupyter.errors import KeysError, SurroundingsError
from keys_jupyter.model.run import RunState
from keys_jupyter.runner import identity, journal, processes
from keys_jupyter.runner.capture import Capture
from keys_jupyter.runner.execution import STOPPED, Execution, Outcome, Watch
from keys_jupyter.runner.job import CAPTURE_FAILED, RECORDED, Job, RunStates
from keys_jupyter.runner.kernel import Kernel, kernel_name
from keys_jupyter.runner.kernel_log import KernelLog
from keys_jupyter.runner.notebook_file import NotebookFile, replace
from keys_jupyter.runner.recording import Recording
from keys_jupyter.runner.secret_text import SecretText

TICK_SECONDS = 0.1
BEAT_SECONDS = 2.0
SAVE_SECONDS = 10.0

_POLITE = (RunState.SUCCEEDED, RunState.CELL_ERROR)


def main(job: Job, report: int, parent: int) -> int:
    """Run a job in this process, which was forked for it; returns the exit code.

    Args:
        job: what to run.
        report: where hints for the spawner go; a pipe that is never waited for.
        parent: the spawner's process.
    """
    os.setsid()
    processes.adopt_orphans()
    if not processes.die_with_parent(parent):
        return 1
    os.set_blocking(report, False)
    try:
        return _logged(job, report, parent)
    except (OSError, sqlite3.Error, KeysError):
        return CAPTURE_FAILED


def _logged(job: Job, report: int, parent: int) -> int:
    """Run a job with the spawner's pipes cut off."""
    job.journal_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    secrets = SecretText(job.secrets)
    log = KernelLog(job.journal_dir, secrets)
    try:
        return asyncio.run(_Run(job, report, parent, log, secrets).run())
    except (OSError, sqlite3.Error, KeysError) as problem:
        os.write(2, f"{type(problem).__name__}: {problem}\n".encode("utf-8", "replace"))
        raise
    finally:
        log.close()


class _Run:
    """One run, from the first transition to the last."""

    def __init__(
        self, job: Job, report: int, parent: int, log: KernelLog, secrets: SecretText
    ) -> None:
        self._job = job
        self._report = report
        self._parent = parent
        self._log = log
        self._secrets = secrets
        self._lines = self._told = 0
        self._kernel: Kernel | None = None
        self._notebook: NotebookFile | None = None

    async def run(self) -> int:
        self._watch = Watch(self._job)
        self._log.listen()
        self._listen_to_signals()
        store = self._job.open_store()
        if not store.advance(self._job.run_id, RunState.STARTING.value):
            return RECORDED
        with Recording(self._job.journal_dir, self._count) as self._recording:
            self._capture = Capture(self._recording, self._job.caps, self._secrets)
            try:
                outcome = await self._through(store)
            except OSError as problem:
                outcome = _unwritten(problem)
            outcome = await self._conclude(outcome)
        self._hint()
        store.advance(self._job.run_id, outcome.state.value, reason=outcome.reason)
        return RECORDED

    def _listen_to_signals(self) -> None:
        """SIGINT cancels, SIGTERM says that the server ends; both waited for this since the fork."""
        loop = asyncio.get_running_loop()
        for number, state in (
            (signal.SIGINT, RunState.CANCELLED),
            (signal.SIGTERM, RunState.INTERRUPTED),
        ):
            loop.add_signal_handler(number, self._watch.request_stop, state)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})

    async def _through(self, store: RunStates) -> Outcome:
        """Start the kernel and run the cells.

        Raises:
            OSError: what happened could not be written down.
        """
        self._recording.add("process", process=identity.this_process())
        self._state(RunState.STARTING)
        self._background(self._tick())
        try:
            self._notebook = NotebookFile(self._job.notebook_path)
            failed = await self._start(self._notebook)
        except KeysError as problem:
            return Outcome(RunState.START_FAILED, str(problem))
        if failed or self._kernel is None:
            return failed or Outcome(RunState.START_FAILED, "")
        store.advance(self._job.run_id, RunState.RUNNING.value)
        self._state(RunState.RUNNING)
        return await Execution(
            self._job,
            self._notebook.tree,
            self._kernel,
            self._capture,
            self._recording,
            self._watch,
        ).run()

    async def _start(self, notebook: NotebookFile) -> Outcome | None:
        """Bring the kernel up; an outcome means that it did not come.

        Raises:
            SurroundingsError: it could not be started at all.
        """
        name = kernel_name(self._job, notebook.tree)
        self._kernel = kernel = Kernel(self._job, name)
        language = (kernel.language or "").lower()
        if self._job.secrets and language != "python":
            raise SurroundingsError(
                "SECRETS_NEED_PYTHON", "Secret parameters can only be given to Python kernels."
            )
        await kernel.start()
        self._send({"kernel": kernel.pid})
        if kernel.pid is not None:
            # Whoever finds this run after we were killed must know the kernel, and no other process, for ours.
            self._recording.add("process", process=identity.name_of(kernel.pid))
        self._background(kernel.listen(self._capture))
        self._watch.gone = asyncio.ensure_future(kernel.gone())
        ready = asyncio.ensure_future(kernel.ready(self._capture))
        how = await self._watch.wait(ready, self._watch.until(self._job.startup_timeout))
        if not ready.done():
            ready.cancel()
            return await self._not_ready(how.name)
        language_info = ready.result()
        if language_info:
            notebook.tree["metadata"]["language_info"] = language_info
        self._recording.add("kernel", pid=kernel.pid, name=name, language_info=language_info)
        return None

    async def _not_ready(self, how: str) -> Outcome:
        """Why the kernel never answered."""
        if how == "STOPPED":
            state = self._watch.stop.result()
            return Outcome(state, f"{STOPPED[state]} while the kernel was starting.")
        if how == "DIED" and self._kernel is not None:
            told = await self._kernel.how_it_ended()
            return Outcome(RunState.START_FAILED, f"The kernel died before it answered: {told}.")
        limit = self._watch.deadline
        if limit is not None and limit <= self._watch.clock():
            reason = f"The run's limit of {self._job.timeout:g} s was reached before the kernel answered."
            return Outcome(RunState.TIMED_OUT, reason)
        waited = f"{self._job.startup_timeout:g} s"
        return Outcome(RunState.START_FAILED, f"The kernel did not answer within {waited}.")

    async def _conclude(self, outcome: Outcome) -> Outcome:
        """End the kernel, then write everything; what cannot be written becomes the outcome."""
        await self._end_kernel(outcome.state)
        for task in self._watch.background:
            task.cancel()
        try:
            self._capture.release()
            if self._notebook is not None:
                replace(self._job.journal_dir / journal.EXECUTED, self._notebook.encoded())
                self._recording.add("notebook", written=self._notebook.write())
            self._say(outcome)
        except OSError as problem:
            outcome = _unwritten(problem)
            with suppress(OSError):
                self._say(outcome)
        return outcome

    async def _end_kernel(self, state: RunState) -> None:
        """Nothing of the kernel may outlive the run, whatever its manager thinks of that."""
        if self._kernel is None:
            return
        with suppress(OSError, RuntimeError):
            await self._kernel.end(now=state not in _POLITE)
        processes.kill(processes.strays(os.getpid()))
        if self._kernel.pid and not processes.sees_all():
            processes.kill_group(self._kernel.pid)

    def _say(self, outcome: Outcome) -> None:
        self._state(outcome.state, outcome.reason)
        self._recording.add("end", state=outcome.state.value, reason=outcome.reason)
        self._recording.sync()

    def _state(self, state: RunState, reason: str = "") -> None:
        self._recording.add("state", state=state.value, reason=reason)
        self._recording.sync()
        self._hint()

    def _background(self, work: Any) -> None:
        self._watch.background.add(asyncio.ensure_future(work))

    async def _tick(self) -> None:
        """All that happens by the clock.

        Raises:
            OSError: something could not be written down.
        """
        beat = save = self._watch.clock()
        saved = 0
        self._recording.beat()
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self._capture.flush()
            self._hint()
            now = self._watch.clock()
            if now - beat >= BEAT_SECONDS:
                beat = now
                self._recording.beat()
                if os.getppid() != self._parent:
                    self._watch.request_stop(RunState.INTERRUPTED)
            if now - save >= SAVE_SECONDS and self._lines > saved and self._notebook is not None:
                saved = self._lines
                self._notebook.write()
                save = self._watch.clock()

    def _count(self, lines: int) -> None:
        self._lines = lines

    def _hint(self) -> None:
        """Tell the spawner how long the journal is, if it grew."""
        if self._lines != self._told:
            self._told = self._lines
            self._send({"n": self._lines})

    def _send(self, message: dict[str, Any]) -> None:
        # Hints may be lost; a spawner that is slow or gone must not hold a run up.
        with suppress(BlockingIOError, BrokenPipeError):
            os.write(self._report, json.dumps(message).encode() + b"\n")


def _unwritten(problem: OSError) -> Outcome:
    why = problem.strerror or type(problem).__name__
    return Outcome(
        RunState.CAPTURE_FAILED, f"What the run did could not be written to disk: {why}."
    )
