"""A process with a service of its own, for tests to kill: does what its first argument names.

Prints the id of each run it starts, one a line, and ``ready`` when there is nothing more to come.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
import time
from pathlib import Path

from keys_jupyter.errors import KeysError
from keys_jupyter.model.run import RunRequest
from keys_jupyter.service import Service
from keys_jupyter.store import Store

what, workspace, data, *names = sys.argv[1:]


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def die_at(state: str) -> None:
    """Be killed at the moment a transition is to be written."""
    usual = Store.advance

    def advance(self: Store, run_id: str, to: str, **more: str) -> bool:
        if to == state:
            say(run_id)
            os.kill(os.getpid(), signal.SIGKILL)
        return usual(self, run_id, to, **more)

    Store.advance = advance  # type: ignore[method-assign]


def die_before_keeping() -> None:
    def set_outcome(*_: object) -> bool:
        os.kill(os.getpid(), signal.SIGKILL)
        return False

    Store.set_outcome = set_outcome  # type: ignore[method-assign]


def until(true: object) -> None:
    deadline = time.monotonic() + 60
    while not true():  # type: ignore[operator]
        if time.monotonic() > deadline:
            sys.exit("it never came true")
        time.sleep(0.05)


def limit(size: int) -> None:
    """No file of this process may grow beyond a size from now on: what a full disk does to it."""
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (size if size else hard, hard))


def start(service: Service) -> None:
    for name in names:
        say(service.runs.start(RunRequest(key=name)).id)


def full_before(service: Service) -> None:
    limit(400_000)
    try:
        start(service)
    except KeysError as problem:
        say(service.runs.all().runs[0].id)
        say(f"{problem.code} {service.runs.all().runs[0].state.value}")


def full_after(service: Service) -> None:
    run = service.runs.start(RunRequest(key=names[0]))
    say(run.id)
    until(lambda: "on" in service.runs.output(run.id).text)
    limit(1000)
    (Path(workspace) / run.folder / "go").touch()
    refused: list[str] = []

    def is_refused() -> bool:
        try:
            service.runs.settled(run.id)
        except KeysError as problem:
            refused.append(problem.code)
        return bool(refused)

    until(is_refused)
    say(refused[0])
    limit(0)

    def is_settled() -> bool:
        with contextlib.suppress(KeysError):
            return service.runs.settled(run.id)
        return False

    until(is_settled)
    say(service.runs.run(run.id).state.value)


def main() -> None:
    if what.startswith("die-at-"):
        die_at(what.removeprefix("die-at-"))
    if what == "die-before-keeping":
        die_before_keeping()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    service = Service(Path(workspace), Path(data), [], max_running=1)
    try:
        {"full-before": full_before, "full-after": full_after}.get(what, start)(service)
        say("ready")
        sys.stdin.read()
    finally:
        service.close()


main()
