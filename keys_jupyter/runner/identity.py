"""The name of a process that no later process has: machine's boot, process id, start time.

A process id alone is used again, and a server that was killed must not be taken for alive because another process has its
number. Where the system does not tell start times (macOS), the process id must do.
"""

from __future__ import annotations

import os
from pathlib import Path


def this_process() -> str:
    """Return the name of this process on this machine."""
    return name_of(os.getpid())


def name_of(pid: int) -> str:
    """Return the name of a process that lives."""
    return _told(pid) or f"-:{pid}:-"


def pid_of(name: str) -> int:
    """Return the number a named process has, or had."""
    return int(name.rsplit(":", 2)[1])


def alive(name: str) -> bool:
    """Say whether the process of that name still runs here."""
    pid = pid_of(name)
    if not name.endswith(":-"):
        return _told(pid) == name
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _told(pid: int) -> str | None:
    """Return boot, process id and start time, or None where the system does not tell (macOS) or it ended."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        # The command's name stands in parentheses and may hold any character, so count from its end.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else f"{boot}:{pid}:{fields[19]}"
