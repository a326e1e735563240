"""Prints how soon a death is seen, a cancel has ended a run, and nothing is left of a killed server, beside the limits."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from keys_jupyter.model.run import RunRequest
from keys_jupyter.runner import journal
from keys_jupyter.runner.identity import pid_of
from keys_jupyter.service import Service
from keys_jupyter.store import Store

ROUNDS = 5
DEATH_LIMIT, CANCEL_LIMIT, ORPHAN_LIMIT, START_LIMIT = 3.0, 5.0, 10.0, 3.0
BUSY = "print('on', flush=True)\nwhile True: pass"
DEAF = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n" + BUSY
OWNER = """
import sys
from pathlib import Path
from keys_jupyter.model.run import RunRequest
from keys_jupyter.service import Service
service = Service(Path(sys.argv[1]), Path(sys.argv[2]), [])
print(service.runs.start(RunRequest(key="n.ipynb")).id, flush=True)
sys.stdin.read()
"""


class Bench:
    """A workspace with one notebook, and a service over it."""

    def __init__(self, folder: Path, source: str) -> None:
        """Write the notebook."""
        cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": source, "outputs": []}
        book = {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {},
            "cells": [{**cell, "execution_count": None}],
        }
        (folder / "n.ipynb").write_text(json.dumps(book))
        self.folder, self.data = folder, folder / "data"

    def started(self, service: Service) -> str:
        """Start it and wait until its cell prints."""
        run = service.runs.start(RunRequest(key="n.ipynb"))
        self.until_on(run.id)
        return run.id

    def until_on(self, run_id: str) -> None:
        """Wait until a run has printed."""
        tail = self.data / "runs" / run_id / journal.TAIL
        until(lambda: tail.exists() and "on" in tail.read_text())

    def kernel(self, run_id: str) -> int:
        """Return the process of a run's kernel."""
        lines = journal.read(self.data / "runs" / run_id)
        return pid_of([line["process"] for line in lines if line["type"] == "process"][1])


def until(true: Callable[[], bool]) -> None:
    """Wait, looking every hundredth of a second."""
    while not true():
        time.sleep(0.01)


def ended(store: Store, run_id: str) -> bool:
    """Say whether the store has an end for a run."""
    row = store.run(run_id)
    return bool(row and row["ended_at"])


def death(folder: Path) -> float:
    """Seconds from a kernel's SIGKILL to the recorded end."""
    return _timed(folder, BUSY, lambda bench, _s, run: os.kill(bench.kernel(run), signal.SIGKILL))


def cancel(folder: Path) -> float:
    """Seconds from a request to cancel to the recorded end."""
    return _timed(folder, BUSY, lambda _b, service, run: service.runs.cancel(run))


def cancel_deaf(folder: Path) -> float:
    """The same for a cell that ignores interrupts."""
    return _timed(folder, DEAF, lambda _b, service, run: service.runs.cancel(run))


def _timed(folder: Path, source: str, act: Callable[[Bench, Service, str], object]) -> float:
    bench = Bench(folder, source)
    service = Service(folder, bench.data, [])
    store = Store(bench.data)
    try:
        run_id = bench.started(service)
        began = time.monotonic()
        act(bench, service, run_id)
        until(lambda: ended(store, run_id))
        return time.monotonic() - began
    finally:
        store.close()
        service.close()


def cancel_elsewhere(folder: Path) -> float:
    """Seconds to the recorded end when another process asked."""
    bench = Bench(folder, BUSY)
    owner, run_id = _owned(bench)
    service = Service(folder, bench.data, [])
    store = Store(bench.data)
    began = time.monotonic()
    service.runs.cancel(run_id)
    until(lambda: ended(store, run_id))
    took = time.monotonic() - began
    store.close()
    service.close()
    _let_go(owner)
    return took


def orphans(folder: Path) -> float:
    """Seconds from a server's SIGKILL until no process of its run is left."""
    bench = Bench(folder, BUSY)
    owner, run_id = _owned(bench)
    kernel = bench.kernel(run_id)
    began = time.monotonic()
    owner.kill()
    until(lambda: not _lives(kernel))
    took = time.monotonic() - began
    _let_go(owner)
    return took


def first_word(folder: Path) -> float:
    """Seconds from asking for a run to the first word its notebook prints."""
    bench = Bench(folder, "print('on')")
    service = Service(folder, bench.data, [])
    try:
        bench.started(service)
        began = time.monotonic()
        bench.started(service)
        return time.monotonic() - began
    finally:
        service.close()


def _owned(bench: Bench) -> tuple[subprocess.Popen[str], str]:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(bench.folder), str(bench.data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout is not None
    run_id = owner.stdout.readline().strip()
    bench.until_on(run_id)
    return owner, run_id


def _let_go(owner: subprocess.Popen[str]) -> None:
    owner.kill()
    owner.communicate()


def _lives(pid: int) -> bool:
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


MEASURES = {
    "a run's first word": (first_word, START_LIMIT),
    "a kernel's death is recorded": (death, DEATH_LIMIT),
    "a cancel is recorded": (cancel, CANCEL_LIMIT),
    "a cancel of a cell that ignores it": (cancel_deaf, CANCEL_LIMIT),
    "a cancel from another process": (cancel_elsewhere, CANCEL_LIMIT),
    "nothing left of a killed server": (orphans, ORPHAN_LIMIT),
}


def main() -> int:
    """Print median and worst of several rounds beside the limit; 1 when a worst one is beyond it."""
    beyond = False
    for name, (measure, limit) in MEASURES.items():
        found = []
        for _ in range(ROUNDS):
            with tempfile.TemporaryDirectory() as place:
                found.append(measure(Path(place)))
        beyond |= max(found) > limit
        sys.stdout.write(
            f"{name:36} {statistics.median(found):5.2f} s, worst {max(found):5.2f} s, limit {limit:.0f} s\n"
        )
        sys.stdout.flush()
    return int(beyond)


if __name__ == "__main__":
    sys.exit(main())
