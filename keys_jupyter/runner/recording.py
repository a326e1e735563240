"""Writes what a run does as it happens: the journal, and a tail of it that people can read.

What is *not* here: which lines there are and what they mean; see ``journal``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from keys_jupyter.runner import journal

_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-_]")


def plain(text: str) -> str:
    """Text without the colours of a terminal."""
    return _ANSI.sub("", text)


def joined(text: str | list[str]) -> str:
    """Text of an output, which may be a list of lines."""
    return text if isinstance(text, str) else "".join(text)


class Recording:
    """An open journal. Only one process ever writes a journal, and only once.

    Every line reaches the operating system before ``add`` returns; ``sync`` brings it to the disk.
    """

    def __init__(self, folder: Path, on_line: Callable[[int], None]) -> None:
        """Begin a journal.

        Args:
            folder: where to; made when it is not there.
            on_line: called with the number of lines after each one.

        Raises:
            OSError: the folder cannot be written, or holds a journal already.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._on_line = on_line
        self._lines = self._size = 0
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        self._journal = os.open(folder / journal.JOURNAL, flags, 0o600)
        self._tail = os.open(folder / journal.TAIL, flags, 0o600)

    def __enter__(self) -> Recording:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._journal)
        os.close(self._tail)

    def add(self, kind: str, **content: Any) -> None:
        """Append one line.

        Raises:
            OSError: the disk does not take it; the journal is as it was.
        """
        line = journal.encode(self._lines, {"type": kind, **content})
        try:
            _write(self._journal, line)
        except OSError:
            # Half a line would spoil the next one, should the disk take that.
            os.ftruncate(self._journal, self._size)
            raise
        self._size += len(line)
        self._lines += 1
        self._on_line(self._lines)

    def sync(self) -> None:
        """Bring all lines to the disk."""
        os.fsync(self._journal)

    def show(self, text: str) -> None:
        """Append text to the tail, without colours."""
        _write(self._tail, plain(text).encode("utf-8", "replace"))

    def beat(self) -> None:
        """Say that the child lives."""
        (self._folder / journal.HEARTBEAT).touch()


def _write(target: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(target, left) :]


def readable(output: Mapping[str, Any]) -> str:
    """An output as the tail shows it; rich output without a text is named by its type."""
    if output["output_type"] == "stream":
        return joined(output["text"])
    if output["output_type"] == "error":
        return "\n".join(output["traceback"]) + "\n"
    data = output["data"]
    if "text/plain" in data:
        return joined(data["text/plain"]) + "\n"
    return f"<{', '.join(sorted(data))}>\n"
