"""Names this process so that another one, later, can tell whether it still runs.

A process id alone is used again after a while; with the time the process started and the boot it belongs to,
it is not.
"""

from __future__ import annotations

import os
from pathlib import Path


def this_process() -> str:
    """Return the name of this process on this machine."""
    return _name(os.getpid()) or f"-:{os.getpid()}:-"


def alive(owner: str) -> bool:
    """Say whether the process of that name still runs here."""
    _boot, pid, started = owner.rsplit(":", 2)
    if started != "-":
        return _name(int(pid)) == owner
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _name(pid: int) -> str | None:
    """Return boot, process id and start time, or None where the system does not tell (macOS) or it ended."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        # The command's name stands in parentheses and may hold any character, so count from its end.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else f"{boot}:{pid}:{fields[19]}"
