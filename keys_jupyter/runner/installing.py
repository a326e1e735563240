"""Installations into a kernel's environment: asked for, done one at a time per kernel, their log kept.

::

    <data>/installations/<id>/record.json   what was asked, by whom, how it ended
    <data>/installations/<id>/log.txt       all that pip printed
    <data>/installations/<kernel>.lock      held by the process that installs, and so free when it is gone

pip runs below a process of its own (``python -m keys_jupyter.runner.installing FOLDER``) that outlives the panel and the
server: half an installation would be worse than one nobody waits for.

What is *not* here: which requirements those are, and whether a person agreed.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import subprocess
import sys
import threading
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from keys_jupyter.errors import StateError, SurroundingsError
from keys_jupyter.runner.environment import kernel_environment
from keys_jupyter.runner.python import KernelPython

RECORD = "record.json"
LOG = "log.txt"
FAILED_TO_START = 127
"""The exit code that stands for a Python that could not be started at all."""
_BOOT = (
    "import runpy, sys; sys.path[0] = sys.argv.pop(1);"
    "runpy.run_module('keys_jupyter.runner.installing', run_name='__main__')"
)


def start(
    data_dir: Path, found: KernelPython, requirements: Sequence[str], asked: Mapping[str, Any]
) -> str:
    """Begin to install requirements into a kernel's environment, and return the installation's id.

    Args:
        data_dir: where the record and the log are kept.
        found: the kernel's Python, which must be known.
        requirements: names with specifiers, checked already; they are given as arguments and never to a shell.
        asked: who asked and when.

    Raises:
        StateError: something is being installed into this kernel.
        SurroundingsError: the data directory cannot be written, or no process can be started.
    """
    folder = _folder(data_dir)
    lock = _lock(folder, found.kernel)
    if lock is None:
        raise StateError(
            "INSTALLING_ALREADY",
            f"Something is being installed into the kernel {found.kernel!a} right now.",
            "Wait for its end, then try again.",
        )
    try:
        return _begin(folder, found, requirements, asked, lock)
    except OSError as problem:
        raise SurroundingsError(
            "INSTALLATION_FAILED",
            f"The installation could not be started: {problem.strerror}.",
            "Check the disk of the Jupyter data directory.",
        ) from problem
    finally:
        # The process that was started holds the lock through its own copy.
        os.close(lock)


def last(data_dir: Path, kernel: str) -> dict[str, Any] | None:
    """Return the record of the last installation into a kernel, with its state as it stands; None without any."""
    records = [record for record in _records(data_dir) if record["kernel"] == kernel]
    newest = max(records, key=lambda record: str(record["asked"]["at"]), default=None)
    if newest is None:
        return None
    if newest["state"] == "RUNNING" and not _held(_folder(data_dir), kernel):
        # Between its end and our look the process may have said how it ended.
        newest = _read(_folder(data_dir) / newest["id"] / RECORD) or newest
        if newest["state"] == "RUNNING":
            newest = {**newest, "state": "FAILED"}
    return newest


def log(data_dir: Path, ident: str) -> Path:
    """Return where an installation's log is."""
    return _folder(data_dir) / ident / LOG


def _folder(data_dir: Path) -> Path:
    return data_dir / "installations"


def _records(data_dir: Path) -> list[dict[str, Any]]:
    found = (_read(path) for path in _folder(data_dir).glob(f"*/{RECORD}"))
    return [record for record in found if record]


def _read(path: Path) -> dict[str, Any] | None:
    try:
        record = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) else None


def _lock_file(folder: Path, kernel: str) -> Path:
    return folder / f"{re.sub(r'[^A-Za-z0-9._-]', '_', kernel)}.lock"


def _lock(folder: Path, kernel: str) -> int | None:
    """Take a kernel's lock; None when somebody has it."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(_lock_file(folder, kernel), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as problem:
        raise SurroundingsError(
            "INSTALLATION_FAILED",
            f"The installation cannot be recorded: {problem.strerror}.",
            "Check the disk and the permissions of the Jupyter data directory.",
        ) from problem
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock


def _held(folder: Path, kernel: str) -> bool:
    """Say whether a kernel's lock is held; asked with a shared lock, so that two that ask see no holder."""
    try:
        lock = os.open(_lock_file(folder, kernel), os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(lock)
    return False


def _begin(
    folder: Path,
    found: KernelPython,
    requirements: Sequence[str],
    asked: Mapping[str, Any],
    lock: int,
) -> str:
    """Write down what was asked, then start the process that does it."""
    ident = uuid.uuid4().hex
    own = folder / ident
    own.mkdir(mode=0o700)
    _write(
        own / RECORD,
        {
            "id": ident,
            "kernel": found.kernel,
            "python": found.executable,
            "requirements": list(requirements),
            "asked": dict(asked),
            "state": "RUNNING",
            "exit_code": None,
            "ended_at": None,
        },
    )
    process = subprocess.Popen(
        [sys.executable, "-c", _BOOT, str(Path(__file__).resolve().parents[2]), str(own)],
        cwd=os.sep,
        env=kernel_environment(os.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(lock,),
        start_new_session=True,
    )
    # It outlives us when it must; while we live, somebody has to take note of its end.
    threading.Thread(target=process.wait, name="keys-installation", daemon=True).start()
    return ident


def _write(path: Path, record: Mapping[str, Any]) -> None:
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(record, indent=1))
    beside.chmod(0o600)
    beside.replace(path)


def _install(folder: Path) -> None:
    """Be the process of one installation: run pip to its end and say how it ended."""
    record = _read(folder / RECORD)
    if record is None:
        return
    code = FAILED_TO_START
    with os.fdopen(os.open(folder / LOG, _NEW, 0o600), "wb") as kept:
        command = [record["python"], "-m", "pip", "install", *_OPTIONS, "--"]
        kept.write(f"$ {' '.join([*command, *record['requirements']])}\n".encode())
        kept.flush()
        try:
            code = subprocess.run(
                [*command, *record["requirements"]],
                stdin=subprocess.DEVNULL,
                stdout=kept,
                stderr=subprocess.STDOUT,
                check=False,
            ).returncode
        except OSError as problem:
            kept.write(f"{problem.strerror}\n".encode())
    state = "DONE" if code == 0 else "FAILED"
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    _write(folder / RECORD, {**record, "state": state, "exit_code": code, "ended_at": now})


_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_OPTIONS = ("--no-input", "--disable-pip-version-check", "--progress-bar", "off")


if __name__ == "__main__":
    with suppress(OSError):
        _install(Path(sys.argv[1]))
