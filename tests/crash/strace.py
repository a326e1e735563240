"""Faults put into a process from outside, at its n-th call of the system: strace's own injection."""

import functools
import os
import re
import shutil
import subprocess
from typing import NamedTuple

# Every call by which an install can change what is on the disk.
WRITES = (
    "write",
    "pwrite64",
    "writev",
    "openat",
    "rename",
    "renameat",
    "renameat2",
    "mkdir",
    "mkdirat",
    "unlink",
    "unlinkat",
    "rmdir",
    "link",
    "ftruncate",
    "fallocate",
    "fsync",
    "fdatasync",
    "syncfs",
    "chmod",
    "fchmod",
)


class Ended(NamedTuple):
    """How a traced process ended and what it said."""

    code: int
    out: str
    err: str


@functools.cache
def program():
    """Return strace, installing Debian's package where that is allowed."""
    found = shutil.which("strace")
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", "strace"], check=True)
        found = shutil.which("strace")
    assert found, "These tests need strace: install it with the system's package manager."
    return found


def count(command, log):
    """Run a command to its end and return how often it made each writing call."""
    done = _run(["-o", str(log), "-e", f"trace={','.join('?' + name for name in WRITES)}"], command)
    assert done.code == 0, done.err
    calls = {}
    for line in log.read_text(errors="replace").splitlines():
        found = re.match(r"\d+\s+(\w+)\(", line)
        # Opening to read changes nothing.
        if found and (found[1] != "openat" or "O_CREAT" in line or "O_TRUNC" in line):
            calls[found[1]] = calls.get(found[1], 0) + 1
    return calls


def inject(command, call, number, fault, log):
    """Run a command and let its ``number``-th call of that name meet a fault."""
    return _run(
        ["-o", str(log), "-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={number}"],
        command,
    )


def _run(options, command):
    done = subprocess.run(
        [program(), "-f", "-q", *options, *command], capture_output=True, text=True, timeout=120
    )
    return Ended(done.returncode, done.stdout, done.stderr)
