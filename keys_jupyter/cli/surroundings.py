"""Finds the workspace and opens the service for one command."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from keys_jupyter.options import configured
from keys_jupyter.service import Service
from keys_jupyter.service.opening import open_service
from keys_jupyter.store import Store


@dataclass(frozen=True)
class Desk:
    """What a command works with: the service, where it was called, and a bell for changes."""

    service: Service
    here: Path
    bell: threading.Event


@contextlib.contextmanager
def opened(workspace: Path | None) -> Iterator[Desk]:
    """Open the service over the workspace a person means.

    Raises:
        SurroundingsError: the workspace or the store cannot be used.
    """
    here = Path.cwd()
    bell = threading.Event()
    options = configured()
    data = options.data_folder()
    root = workspace or _named() or _found(here, data)
    service = open_service(options, root, lambda *_: bell.set())
    try:
        yield Desk(service, here, bell)
    finally:
        service.close()


def _named() -> Path | None:
    name = os.environ.get("KEYS_WORKSPACE")
    return Path(name) if name else None


def _found(here: Path, data: Path) -> Path:
    """Return the nearest parent that is a workspace of ours, else a running server's root, else here."""
    around = [here, *here.parents]
    for known in (_used(data), _served()):
        for folder in around:
            if str(folder) in known:
                return folder
    return here


def _used(data: Path) -> set[str]:
    if not (data / "store.sqlite").is_file():
        return set()
    store = Store(data)
    try:
        return set(store.workspaces())
    finally:
        store.close()


def _served() -> set[str]:
    """Return the roots of running servers, from the files they leave; asking jupyter_server costs a second."""
    from jupyter_core.paths import jupyter_runtime_dir

    roots = set()
    for path in Path(jupyter_runtime_dir()).glob("jpserver-*.json"):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            row = json.loads(path.read_bytes())
            os.kill(int(row["pid"]), 0)
            roots.add(str(Path(row["root_dir"]).resolve()))
    return roots
