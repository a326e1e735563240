"""A copy of the store in memory, to read from while nothing can be written beside the store itself.

To read a database in WAL mode, SQLite makes two files beside it; on a full or read-only disk it cannot, and reads
nothing. Each way here sees every committed change or fails; none shows an older state as if it were the present one.
Not here: when a copy is taken, and when it is one no longer.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

_TRIES = 3

Mark = tuple[tuple[int, int, int] | None, ...]


def mark(path: Path) -> Mark:
    """Return what changes whenever a process has changed the store: in its file, or in what waits beside it.

    Raises:
        OSError: it cannot be told whether there is a store.
    """
    store, wal, journal = (_stamp(Path(f"{path}{end}")) for end in ("", "-wal", "-journal"))
    # While there is a -wal, each commit is written there first. The store's own file then changes only by taking over
    # what is there, which is nothing new, and on a full disk is tried again by each of our own attempts.
    return (None if wal else store, wal, journal)


def waits(found: Mark) -> bool:
    """Say whether something that the store's own file does not have yet waits beside it."""
    return any(found[1:])


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    # An empty file holds as much as none: each attempt to open the store may leave one.
    return (found.st_ino, found.st_size, found.st_mtime_ns) if found.st_size else None


def copied(path: Path, *, lock_seconds: float) -> sqlite3.Connection:
    """Return the store's present state in memory; empty where there is no store yet.

    Args:
        path: the database.
        lock_seconds: how long to wait for another process.

    Raises:
        sqlite3.Error: it cannot be read without writing, is locked, or is damaged.
        OSError: it cannot be told whether there is a store.
    """
    copy = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    try:
        if any(mark(path)):
            _copy(path, copy, lock_seconds)
    except (sqlite3.Error, OSError):
        copy.close()
        raise
    return copy


def _copy(path: Path, copy: sqlite3.Connection, seconds: float) -> None:
    """Copy the store by the first way that works.

    1. As a reader. It works where -wal and -shm are there and whole, so also beside a server at work; and on a
       read-only disk where both were left behind: SQLite then finds its way through the -wal in memory.
    2. Alone. With nobody else at the store, SQLite needs no -shm: it reads the -wal, if there is one, with an index
       in memory. It is let go of at once, because everybody else has to wait meanwhile.
    3. As it lies. This looks neither at locks nor at what waits beside the file, so it is right only where nothing
       waits there, before and after.
    """
    try:
        return _take(f"{path.absolute().as_uri()}?mode=ro", copy, seconds)
    except sqlite3.OperationalError as refused:
        _unless_locked(refused)
    try:
        return _take(f"{path.absolute().as_uri()}?mode=rw", copy, seconds, alone=True)
    except sqlite3.OperationalError as refused:
        _unless_locked(refused)
        _as_it_lies(path, copy, refused)


def _as_it_lies(path: Path, copy: sqlite3.Connection, refused: sqlite3.Error) -> None:
    for _ in range(_TRIES):
        before = mark(path)
        if waits(before):
            # A -wal without its -shm on a read-only disk. What it holds was acknowledged to somebody.
            raise refused
        _take(f"{path.absolute().as_uri()}?immutable=1", copy, 0)
        if mark(path) == before:
            return
    raise refused


def _take(address: str, copy: sqlite3.Connection, seconds: float, *, alone: bool = False) -> None:
    with closing(
        sqlite3.connect(address, uri=True, timeout=seconds, isolation_level=None)
    ) as source:
        if alone:
            source.execute("PRAGMA locking_mode=EXCLUSIVE")
        # The lock is taken here, where waiting for it has an end; ``backup`` would wait for ever.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(copy)
        source.execute("ROLLBACK")


def _unless_locked(refused: sqlite3.OperationalError) -> None:
    if "locked" in str(refused) or "busy" in str(refused):
        raise refused
