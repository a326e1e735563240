"""The spawner: jobs in by JSON lines, one forked child for each, their ends out.

One thread, no sockets. In come ``{"start": job}``, ``{"cancel": run_id}`` and ``{"stop": true}``; the end of the input is a
stop too, so that nothing survives a server that was killed. Out go ``{"ready": true}``, ``{"run": id, "pid": n}``,
``{"run": id, "kernel": pid}``, ``{"run": id, "n": k}`` and ``{"run": id, "exit": code}``.

What is *not* here: limits on how many run at a time, and anything a child does.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

from keys_jupyter.runner import child, processes
from keys_jupyter.runner.job import Job
from keys_jupyter.runner.kernel import connection_file

CANCEL_SECONDS = 4.5
"""How long a cancelled child may take before it is killed."""
STOP_SECONDS = 3.0
"""How long children may take when the server ends."""
WATCH_SECONDS = 1.0
"""How often the spawner looks whether its own parent still lives."""
ROUNDS = 50
"""How often what a run left behind is looked for; something that forks as fast as it is killed ends this way."""

_INPUT, _OUTPUT = 0, 1
_HELD = {signal.SIGINT, signal.SIGTERM}


class _Child:
    """A child that was forked and has not been reaped."""

    def __init__(self, run_id: str, report: int, journal_dir: Path) -> None:
        self.run_id = run_id
        self.report = report
        self.journal_dir = journal_dir
        self.heard = b""
        self.kill_at: float | None = None
        self.kernel: int | None = None


class Spawner:
    """Serves until it is stopped and its last child is gone."""

    def __init__(self) -> None:
        self._parent = os.getppid()
        self._children: dict[int, _Child] = {}
        self._heard = b""
        self._stopping = False
        self._deaf = False
        self._wake, self._woken = os.pipe()

    def serve(self) -> None:
        """Say that it is ready, then serve."""
        processes.adopt_orphans()
        os.set_blocking(self._wake, False)
        os.set_blocking(self._woken, False)
        signal.set_wakeup_fd(self._woken, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: self._stop())
        self._send({"ready": True})
        while self._children or not self._stopping:
            self._turn()
        self._end_strays()

    def _turn(self) -> None:
        """Wait for something to happen and see to it."""
        reports = {child.report: child for child in self._children.values()}
        inputs = [self._wake, *reports] + ([] if self._deaf else [_INPUT])
        ready, _, _ = select.select(inputs, [], [], self._patience())
        for source in ready:
            if source == _INPUT:
                self._read_input()
            elif source == self._wake:
                with suppress(BlockingIOError):
                    os.read(self._wake, 4096)
            else:
                self._pass_on(reports[source])
        self._reap()
        self._kill_overdue()
        if os.getppid() != self._parent:
            self._stop()

    def _patience(self) -> float:
        """Seconds until something is due."""
        now = time.monotonic()
        due = [child.kill_at - now for child in self._children.values() if child.kill_at]
        return max(0.0, min([WATCH_SECONDS, *due]))

    def _read_input(self) -> None:
        data = os.read(_INPUT, 65536)
        if not data:
            self._deaf = True
            self._stop()
            return
        *lines, self._heard = (self._heard + data).split(b"\n")
        for line in lines:
            self._obey(json.loads(line))

    def _obey(self, message: dict[str, Any]) -> None:
        if "start" in message and not self._stopping:
            self._start(Job.model_validate_json(json.dumps(message["start"])))
        elif "cancel" in message:
            for pid, child_ in self._children.items():
                if child_.run_id == message["cancel"]:
                    self._signal(pid, child_, signal.SIGINT, CANCEL_SECONDS)
        elif "stop" in message:
            self._stop()

    def _start(self, job: Job) -> None:
        """Fork the child of a job."""
        report, reporting = os.pipe()
        spawner = os.getpid()
        # The child takes signals when it is able to answer them, not before.
        signal.pthread_sigmask(signal.SIG_BLOCK, _HELD)
        pid = os.fork()
        if pid == 0:
            self._become(job, report, reporting, spawner)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HELD)
        os.close(reporting)
        os.set_blocking(report, False)
        self._children[pid] = _Child(job.run_id, report, job.journal_dir)
        self._send({"run": job.run_id, "pid": pid})

    def _become(self, job: Job, report: int, reporting: int, spawner: int) -> None:
        """Be the child: forget all that was the spawner's, run, and never return."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            for theirs in (report, self._wake, self._woken, *self._reports()):
                os.close(theirs)
            code = child.main(job, reporting, spawner)
        finally:
            # The last place of this process, whatever happened: going on would make it a second spawner.
            if sys.exc_info()[0] is not None:
                traceback.print_exc()
            os._exit(code)

    def _reports(self) -> list[int]:
        return [child_.report for child_ in self._children.values()]

    def _pass_on(self, child_: _Child) -> None:
        """Hand a child's hints on."""
        with suppress(BlockingIOError):
            while data := os.read(child_.report, 65536):
                *lines, child_.heard = (child_.heard + data).split(b"\n")
                for line in lines:
                    message = json.loads(line)
                    child_.kernel = message.get("kernel", child_.kernel)
                    self._send({"run": child_.run_id, **message})

    def _reap(self) -> None:
        """See to every process that ended: children, and orphans that came to us."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            ended = self._children.pop(pid, None)
            if ended is not None:
                self._bury(pid, ended, os.waitstatus_to_exitcode(status))

    def _bury(self, pid: int, ended: _Child, code: int) -> None:
        """Tell a child's end when nothing of it is left."""
        self._pass_on(ended)
        os.close(ended.report)
        self._end_strays()
        if not processes.sees_all():
            for group in filter(None, (pid, ended.kernel)):
                processes.kill_group(group)
        connection_file(ended.journal_dir).unlink(missing_ok=True)
        self._send({"run": ended.run_id, "exit": code})

    def _end_strays(self) -> None:
        """Kill what ended children left: a living child keeps its own orphans, so all others are theirs."""
        for _ in range(ROUNDS):
            left = processes.strays(os.getpid(), self._children)
            if not left:
                return
            processes.kill(left)
            time.sleep(0.01)

    def _stop(self) -> None:
        """Have all children end; the loop ends with the last of them."""
        if not self._stopping:
            self._stopping = True
            for pid, child_ in self._children.items():
                self._signal(pid, child_, signal.SIGTERM, STOP_SECONDS)

    def _signal(self, pid: int, child_: _Child, number: int, patience: float) -> None:
        os.kill(pid, number)
        due = time.monotonic() + patience
        child_.kill_at = min(due, child_.kill_at or due)

    def _kill_overdue(self) -> None:
        now = time.monotonic()
        for pid, child_ in self._children.items():
            if child_.kill_at and child_.kill_at <= now:
                child_.kill_at = None
                os.kill(pid, signal.SIGKILL)

    def _send(self, message: dict[str, Any]) -> None:
        """Write one line; a server that no longer reads is gone."""
        try:
            os.write(_OUTPUT, json.dumps(message).encode() + b"\n")
        except OSError:
            self._stop()
