"""What a run left at work when the server or command that owned it was killed: found by its names, and ended.

A child notices by itself that its spawner is gone, ends its kernel and writes how the run stood; it gets the time for that.
Only then is it killed. Processes are named so that another one with the same number is never taken for them.
"""

from __future__ import annotations

import time
from pathlib import Path

from keys_jupyter.runner import journal, processes
from keys_jupyter.runner.identity import alive, pid_of

OWN_END_SECONDS = 6.0
"""How long a child may take to notice, to end its kernel and to write down its end."""
_STEP = 0.05


class Leftover:
    """The processes of one run, as its journal names them."""

    def __init__(self, journal_dir: Path) -> None:
        """Read which they are; a run that never began has none."""
        self._named = [
            line["process"] for line in journal.read(journal_dir) if line["type"] == "process"
        ]

    def at_work(self) -> list[str]:
        """Return the names of those that live."""
        return [name for name in self._named if alive(name)]

    def end(self) -> None:
        """Let them end by themselves, then kill the groups of those that did not."""
        deadline = time.monotonic() + OWN_END_SECONDS
        while self.at_work() and time.monotonic() < deadline:
            time.sleep(_STEP)
        for name in self.at_work():
            processes.kill_group(pid_of(name))
        while self.at_work() and time.monotonic() < deadline + 1:
            time.sleep(_STEP)
