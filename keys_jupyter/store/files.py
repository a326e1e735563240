"""Files that are there whole or not at all, folders that survive a power cut, and locks between processes."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from keys_jupyter.errors import SurroundingsError

_LOOK_SECONDS = 0.05


def write_beside(target: Path, data: bytes) -> None:
    """Write a file beside its place, sync it, and rename it there: whole or not at all.

    Raises:
        OSError: the disk does not take it; nothing is left behind.
    """
    with written_beside(target) as file:
        file.write(data)


@contextlib.contextmanager
def written_beside(target: Path) -> Iterator[BinaryIO]:
    """Give a file to write beside a place; at the end it is synced and renamed there, after an error it is gone.

    Raises:
        OSError: the disk does not take it; nothing is left behind.
    """
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.")
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename inside a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(root: Path, files: Iterable[Path]) -> None:
    """Bring a tree that was just written to the disk.

    One call for the whole file system where there is one (Linux), else file by file and folder by folder.

    Raises:
        OSError: the disk does not take it.
    """
    if _sync_file_system(root):
        return
    folders = {root}
    for path in files:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        folders.update(folder for folder in path.parents if folder.is_relative_to(root))
    for folder in folders:
        sync_folder(folder)


def _sync_file_system(root: Path) -> bool:
    """Sync the file system a folder is on; False where the system has no such call."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if call is None:
        return False
    handle = os.open(root, os.O_RDONLY)
    try:
        if call(handle) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
    finally:
        os.close(handle)
    return True


@contextlib.contextmanager
def held(
    path: Path, *, seconds: float, on_wait: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """Hold a lock that other processes and threads respect; the system lets go of it when we die.

    Args:
        path: the lock's file, made when it is not there.
        seconds: how long to wait for whoever holds it.
        on_wait: called once when it has to be waited for.

    Raises:
        SurroundingsError: it is still held after that time, or its file cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # A link at that place would let somebody make us open a file of their choice.
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SurroundingsError(
            "LOCK_UNWRITABLE",
            f"A lock could not be made: {error.strerror}. Nothing was changed.",
            "Free space in the data directory or fix its permissions.",
        ) from error
    try:
        _wait_for(handle, time.monotonic() + seconds, on_wait)
        yield
    finally:
        os.close(handle)


def _wait_for(handle: int, until: float, on_wait: Callable[[], None]) -> None:
    told = False
    while not free_to_take(handle):
        if not told:
            told = True
            on_wait()
        if time.monotonic() > until:
            raise SurroundingsError(
                "LOCK_HELD",
                "Another process is at work on this and did not finish in time. Nothing was changed.",
                "Wait for it, or end it, and try again.",
            )
        time.sleep(_LOOK_SECONDS)


def free_to_take(handle: int) -> bool:
    """Take the lock of an open file or folder when nobody holds it, and say whether that worked.

    Raises:
        OSError: the file system has no locks.
    """
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise
    return True
