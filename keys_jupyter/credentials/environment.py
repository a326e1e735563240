"""The key given by the surroundings: read once, and then no longer in the environment for anybody to inherit.

``KEYS_API_KEY`` holds the key itself, ``KEYS_API_KEY_FILE`` the path of a file that does. What the process was
started with stays readable for its own user in ``/proc/<pid>/environ``; no program can take that back.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import MutableMapping
from pathlib import Path

from keys_jupyter.credentials.secret import Secret
from keys_jupyter.errors import SurroundingsError

KEY = "KEYS_API_KEY"
FILE = "KEYS_API_KEY_FILE"
_MOST = 4096

_lock = threading.Lock()
_taken: Secret | None = None
_fault: SurroundingsError | None = None


def from_environment(environ: MutableMapping[str, str] | None = None) -> Secret | None:
    """Return the key the surroundings gave, now or earlier in this process.

    Args:
        environ: where to look and what to remove it from; the process's own when None.

    Raises:
        SurroundingsError: the named file cannot be read or holds no key.
    """
    global _taken, _fault
    if environ is not None:
        return _take(environ)
    with _lock:
        try:
            _taken = _take(os.environ) or _taken
        except SurroundingsError as error:
            _fault = error
        # The variable is gone, so what was wrong with it is told to everybody who asks.
        if _fault and not _taken:
            raise _fault
        return _taken


def _take(environ: MutableMapping[str, str]) -> Secret | None:
    value, path = environ.pop(KEY, "").strip(), environ.pop(FILE, "").strip()
    if value:
        return Secret(value)
    return _read(Path(path)) if path else None


def _read(path: Path) -> Secret:
    try:
        with path.open("rb") as file:
            plain = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            text = file.read(_MOST + 1) if plain else b""
    except OSError as error:
        why = error.strerror or "it cannot be read"
    else:
        lines = text.split()
        if plain and len(text) <= _MOST and len(lines) == 1 and lines[0].isascii():
            return Secret(lines[0].decode())
        why = "it does not hold one key"
    raise SurroundingsError(
        "KEY_FILE",
        f"The file named in {FILE} cannot be used: {why}.",
        "Let it hold the API key and nothing else, readable for this user only.",
    )
