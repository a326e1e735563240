"""What a kernel and its children write past their sockets: kept with the run, without secrets, up to a limit.

It comes through a pipe, so that a secret is never on disk and a flood never fills it.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path

from keys_jupyter.runner.secret_text import SecretText

NAME = "kernel.log"
LIMIT_BYTES = 1024 * 1024
_BLOCK = 65536
_DROPPED = b"\n[Later text was dropped.]\n"


class KernelLog:
    """The standard output and error of this process and all it starts, on their way to a file."""

    def __init__(self, folder: Path, secrets: SecretText) -> None:
        """Put the pipe in the place of this process's standard output and error.

        Raises:
            OSError: the file cannot be written.
        """
        self._secrets = secrets
        self._file = os.open(folder / NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._pipe, end = os.pipe()
        os.set_blocking(self._pipe, False)
        os.dup2(end, 1)
        os.dup2(end, 2)
        os.close(end)
        self._held = ""
        self._room = LIMIT_BYTES

    def listen(self) -> None:
        """Read from now on, on the running loop."""
        asyncio.get_running_loop().add_reader(self._pipe, self._read)

    def close(self) -> None:
        """Take what is left; what this process itself writes from now on goes to the file."""
        self._read()
        self._write(self._held)
        os.dup2(self._file, 1)
        os.dup2(self._file, 2)
        os.close(self._pipe)
        os.close(self._file)

    def _read(self) -> None:
        with suppress(BlockingIOError):
            while data := os.read(self._pipe, _BLOCK):
                text = self._held + data.decode("utf-8", "surrogateescape")
                ready, self._held = self._secrets.part(self._secrets.clean(text))
                self._write(ready)

    def _write(self, text: str) -> None:
        data = text.encode("utf-8", "surrogateescape")
        if not data or self._room <= 0:
            return
        kept = data[: self._room] + (_DROPPED if len(data) > self._room else b"")
        self._room -= len(data)
        # A full disk ends the run through its journal; this is only its company.
        with suppress(OSError):
            os.write(self._file, kept)
