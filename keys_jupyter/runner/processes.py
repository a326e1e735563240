"""Ending processes for certain: groups, sessions, and whatever a run left running.

On Linux the spawner and each child adopt their orphans (PR_SET_CHILD_SUBREAPER), so nothing a run starts can leave
their tree, not even by starting a session of its own. Elsewhere only process groups can be ended.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PROC = Path("/proc")

GRACE_SECONDS = 3.0
"""How long a process has between being asked to end and being killed."""


def adopt_orphans() -> None:
    """Make this process the parent of every descendant whose own parent ends."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(parent: int) -> bool:
    """Have SIGTERM sent to this process when its parent ends; False when that has happened already.

    SIGTERM and not SIGKILL: the kernel sits in its own session and would outlive a child that cannot end it.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    return os.getppid() == parent


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def kill_group(group: int) -> None:
    """Kill a process group; one that is gone, or not ours, is left alone."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def end_groups(groups: Collection[int]) -> None:
    """Wait a moment for process groups to end by themselves, then kill them."""
    deadline = time.monotonic() + GRACE_SECONDS
    while any(map(_lives, groups)) and time.monotonic() < deadline:
        time.sleep(0.05)
    for group in filter(_lives, groups):
        kill_group(group)


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def sees_all() -> bool:
    """Whether this system tells the descendants of a process."""
    return (_PROC / "self" / "stat").exists()


def strays(root: int, spared: Iterable[int] = ()) -> set[int]:
    """All descendants of a process but those below the spared ones; empty where there is no /proc."""
    children: dict[int, list[int]] = {}
    for pid, parent in _parents():
        children.setdefault(parent, []).append(pid)
    found: set[int] = set()
    kept = set(spared)
    open_ = [root]
    while open_:
        for pid in children.get(open_.pop(), ()):
            if pid not in kept and pid not in found:
                found.add(pid)
                open_.append(pid)
    return found


def _parents() -> Iterable[tuple[int, int]]:
    for entry in _PROC.glob("[0-9]*"):
        try:
            stat = (entry / "stat").read_bytes()
        except OSError:
            continue
        # The name in the second field may itself hold blanks and brackets.
        fields = stat[stat.rindex(b")") + 2 :].split()
        if fields[0] != b"Z":
            yield int(entry.name), int(fields[1])


def kill(pids: Iterable[int]) -> None:
    """Kill processes one by one."""
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
