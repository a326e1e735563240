"""One notebook, cell by cell: what happens in each, and how the run ends.

The rules:

* A cell ended well only if the kernel answered its request with ok; the notebook's own fields prove nothing.
* The first cell that did not ends the run, unless it is tagged to raise; what follows never runs.
* Whatever is awaited, the kernel's death, a limit and a request to stop are awaited with it.

What is *not* here: the run's state in the store and what is left when the run has ended; see ``child``.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Coroutine
from contextlib import suppress
from enum import Enum
from typing import Any, NamedTuple

from keys_jupyter.model.run import CellState, RunState
from keys_jupyter.runner import journal
from keys_jupyter.runner.capture import Capture, CellCapture
from keys_jupyter.runner.job import Job
from keys_jupyter.runner.kernel import Kernel
from keys_jupyter.runner.recording import Recording, plain
from keys_jupyter.runner.titles import text

GRACE_SECONDS = 2.0
"""How long an interrupted cell has to answer before its kernel is killed."""
QUIET_SECONDS = 10.0
"""A kernel that answered, but for so long neither sent output nor said it was done, has lost some."""
DRAIN_SECONDS = 2.0
DRAIN_QUIET_SECONDS = 0.3

STOPPED = {RunState.CANCELLED: "Cancelled", RunState.INTERRUPTED: "Ended with the server"}
"""What a request to stop is called in a reason."""

SKIP = "skip-execution"
MAY_RAISE = "raises-exception"


class Outcome(NamedTuple):
    """How a run ended."""

    state: RunState
    reason: str


class _Waited(Enum):
    DONE = 0
    STOPPED = 1
    DIED = 2
    LATE = 3


class Watch:
    """Waits for one thing, and for everything that may come between."""

    def __init__(self, job: Job) -> None:
        loop = asyncio.get_running_loop()
        self.stop: asyncio.Future[RunState] = loop.create_future()
        self.gone: asyncio.Future[Any] = loop.create_future()
        self.background: set[asyncio.Future[Any]] = set()
        self.clock = loop.time
        self.deadline = self.clock() + job.timeout if job.timeout else None

    def request_stop(self, state: RunState) -> None:
        """End the run in this state; the first request counts."""
        if not self.stop.done():
            self.stop.set_result(state)

    def until(self, seconds: float | None) -> float | None:
        """The earlier of the run's own deadline and one so many seconds from now."""
        own = self.clock() + seconds if seconds is not None else None
        limits = [limit for limit in (own, self.deadline) if limit is not None]
        return min(limits, default=None)

    async def wait(self, work: asyncio.Future[Any], deadline: float | None) -> _Waited:
        """Wait; what was awaited goes before what came between.

        Raises:
            OSError: output could not be written down meanwhile.
        """
        left = None if deadline is None else max(0.0, deadline - self.clock())
        await asyncio.wait(
            {work, self.stop, self.gone, *self.background},
            timeout=left,
            return_when=asyncio.FIRST_COMPLETED,
        )
        for task in self.background:
            if task.done():
                task.result()
        if work.done():
            return _Waited.DONE
        if self.stop.done():
            return _Waited.STOPPED
        return _Waited.DIED if self.gone.done() else _Waited.LATE


class Execution:
    """Runs the cells of one notebook in one kernel that is ready."""

    def __init__(
        self,
        job: Job,
        notebook: dict[str, Any],
        kernel: Kernel,
        capture: Capture,
        recording: Recording,
        watch: Watch,
    ) -> None:
        self._job = job
        self._cells = notebook["cells"]
        self._kernel = kernel
        self._capture = capture
        self._recording = recording
        self._watch = watch
        self._executed = 0
        self._exit_asked_in: int | None = None

    async def run(self) -> Outcome:
        """Run every code cell in order, the secrets where they belong.

        Raises:
            OSError: what happened could not be written down.
        """
        codes = [at for at, cell in enumerate(self._cells) if cell["cell_type"] == "code"]
        secrets_after = _secrets_place(self._cells)
        outcome = None if secrets_after is not None else await self._set_secrets()
        for number, index in enumerate(codes, 1):
            outcome = outcome or await self._cell(index, number)
            if index == secrets_after:
                outcome = outcome or await self._set_secrets()
            if outcome:
                return outcome
        return outcome or Outcome(RunState.SUCCEEDED, "")

    async def _set_secrets(self) -> Outcome | None:
        """Give the kernel the secret values, without a trace in outputs, history or notebook."""
        if not self._job.secrets:
            return None
        lines = [f"{name} = {value!r}" for name, value in self._job.secrets.items()]
        reply = self._task(self._kernel.reply(self._kernel.execute("\n".join(lines), silent=True)))
        how = await self._watch.wait(reply, self._watch.until(self._job.cell_timeout))
        if how is _Waited.DONE and reply.result().get("status") == "ok":
            return None
        reply.cancel()
        if how is _Waited.DONE:
            return Outcome(RunState.CELL_ERROR, "The secret parameters could not be set.")
        return await self._outcome_of(how, "while the secret parameters were set")

    async def _cell(self, index: int, number: int) -> Outcome | None:
        """Run one cell, or say why not."""
        cell = self._cells[index]
        if SKIP in _tags(cell):
            self._note(index, number, CellState.SKIPPED)
            return None
        before = await self._between(number)
        if before:
            return before
        if not text(cell).strip():
            self._note(index, number, CellState.OK, started_at=journal.now())
            return None
        return await self._execute(index, number, cell)

    async def _between(self, number: int) -> Outcome | None:
        """What happened between two cells; nothing, normally."""
        if self._exit_asked_in is not None:
            told = f"Cell {self._exit_asked_in} asked the kernel to end (exit or quit)."
            return Outcome(RunState.KERNEL_DIED, f"{told} Cells after it never ran.")
        nothing: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        deadline = self._watch.deadline
        late = deadline is not None and deadline <= self._watch.clock()
        how = await self._watch.wait(nothing, self._watch.clock())
        if how is _Waited.LATE and not late:
            return None
        return await self._outcome_of(how, f"before cell {number}")

    async def _execute(self, index: int, number: int, cell: dict[str, Any]) -> Outcome | None:
        """Send a cell's source and stay with it until its end is known."""
        self._executed += 1
        cell["execution_count"] = self._executed
        began, started_at = self._watch.clock(), journal.now()
        self._note(index, number, CellState.RUNNING, started_at=started_at)
        deadline = self._watch.until(self._job.cell_timeout)
        request = self._kernel.execute(text(cell))
        capture = self._capture.expect(request, index, cell, self._executed)
        reply = self._task(self._kernel.reply(request))
        how = await self._watch.wait(reply, deadline)
        outcome: Outcome | None
        error: dict[str, str] | None = None
        if how is _Waited.DONE:
            complete = await self._until_idle(capture)
            state, outcome, error = self._judge(number, cell, reply.result())
            outcome = outcome if complete else _incomplete(number)
        else:
            outcome = await self._cut_short(how, number, reply)
            state = CellState(outcome.state.value.lower())
        self._capture.flush()
        self._note(
            index,
            number,
            state,
            started_at=started_at,
            duration=round(self._watch.clock() - began, 3),
            source_sha256=hashlib.sha256(text(cell).encode("utf-8", "replace")).hexdigest(),
            dropped=capture.dropped,
            error=error,
        )
        self._recording.sync()
        return outcome

    def _judge(
        self, number: int, cell: dict[str, Any], reply: dict[str, Any]
    ) -> tuple[CellState, Outcome | None, dict[str, str] | None]:
        """What the kernel's answer means."""
        if reply["status"] == "ok":
            if any(_ends_kernel(payload) for payload in reply.get("payload") or []):
                self._exit_asked_in = number
            return CellState.OK, None, None
        clean = self._capture.without_secrets(reply)
        error = {
            "name": clean.get("ename", reply["status"]),
            "message": plain(clean.get("evalue", "")),
            "traceback": plain("\n".join(clean.get("traceback", []))),
        }
        if MAY_RAISE in _tags(cell):
            return CellState.ALLOWED_ERROR, None, error
        return CellState.FAILED, Outcome(RunState.CELL_ERROR, _error_reason(number, error)), error

    async def _until_idle(self, capture: CellCapture) -> bool:
        """Wait for the rest of a cell's outputs; False when they stopped coming before the end was told."""
        idle = self._task(capture.idle.wait())
        since = self._watch.clock()
        how = _Waited.LATE
        while how is _Waited.LATE:
            quiet_until = max(since, self._capture.last_heard) + QUIET_SECONDS
            if quiet_until <= self._watch.clock():
                idle.cancel()
                return False
            how = await self._watch.wait(idle, quiet_until)
        idle.cancel()
        if how is _Waited.DIED:
            await self._drain()
        return True

    async def _cut_short(self, how: _Waited, number: int, reply: asyncio.Future[Any]) -> Outcome:
        """A cell that did not answer: ask it to stop, wait a moment, take what it had printed."""
        died = how is _Waited.DIED
        hurry = self._watch.stop.done() and self._watch.stop.result() is RunState.INTERRUPTED
        if not died and not hurry:
            # A kernel that cannot be interrupted any more is killed a moment later anyway.
            with suppress(OSError, RuntimeError):
                await self._kernel.interrupt()
            await asyncio.wait(
                {reply, self._watch.gone},
                timeout=GRACE_SECONDS,
                return_when=asyncio.FIRST_COMPLETED,
            )
        reply.cancel()
        await self._drain()
        return await self._outcome_of(how, f"in cell {number}")

    async def _drain(self) -> None:
        """Take what is still under way."""
        began = self._watch.clock()
        while self._watch.clock() < min(
            began + DRAIN_SECONDS, max(began, self._capture.last_heard) + DRAIN_QUIET_SECONDS
        ):
            await asyncio.sleep(0.02)

    async def _outcome_of(self, how: _Waited, where: str) -> Outcome:
        """The run's end when something came between."""
        if how is _Waited.STOPPED:
            state = self._watch.stop.result()
            return Outcome(state, f"{STOPPED[state]} {where}.")
        if how is _Waited.DIED:
            told = await self._kernel.how_it_ended()
            return Outcome(RunState.KERNEL_DIED, f"The kernel died {where}: {told}.")
        limit = self._watch.deadline
        if limit is not None and limit <= self._watch.clock():
            reason = f"The run's limit of {self._job.timeout:g} s was reached {where}."
        else:
            reason = f"The limit of {self._job.cell_timeout:g} s for a cell was reached {where}."
        return Outcome(RunState.TIMED_OUT, reason)

    def _note(self, index: int, number: int, state: CellState, **more: Any) -> None:
        """Write down how a cell stands."""
        told = {key: value for key, value in more.items() if value}
        self._recording.add("cell", index=index, number=number, state=state.value, **told)

    def _task(self, work: Coroutine[Any, Any, Any]) -> asyncio.Future[Any]:
        return asyncio.ensure_future(work)


def _incomplete(number: int) -> Outcome:
    return Outcome(
        RunState.CAPTURE_FAILED,
        f"The kernel never said that the output of cell {number} was complete; some may be missing.",
    )


def _ends_kernel(payload: dict[str, Any]) -> bool:
    return payload.get("source") == "ask_exit" and not payload.get("keepkernel")


def _error_reason(number: int, error: dict[str, str]) -> str:
    first = (error["message"].splitlines() or [""])[0][:200]
    if error["name"] == "SystemExit":
        return f"Cell {number} ended the notebook with sys.exit({first}); cells after it never ran."
    return f"Cell {number} raised {error['name']}: {first}".removesuffix(": ")


def _tags(cell: dict[str, Any]) -> list[str]:
    return list(cell["metadata"].get("tags") or [])


def _secrets_place(cells: list[dict[str, Any]]) -> int | None:
    """The cell after which secrets are set: the injected one, else the declared one, else none."""
    for tag in ("injected-parameters", "parameters"):
        for index, cell in enumerate(cells):
            if cell["cell_type"] == "code" and tag in _tags(cell):
                return index
    return None
