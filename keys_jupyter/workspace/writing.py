"""Writing into the workspace: whole or not at all, and what the disk refused said in one sentence."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator, Mapping
from pathlib import Path

from keys_jupyter.errors import SurroundingsError
from keys_jupyter.store.files import sync_tree, write_beside


def replace_file(path: Path, data: bytes) -> None:
    """Write a file of the workspace whole or not at all.

    Raises:
        SurroundingsError: the disk does not take it.
    """
    with writing(f'write "{path.name}"'):
        write_beside(path, data)


def write_tree(root: Path, files: Mapping[str, bytes]) -> None:
    """Write new files below a folder, on disk when this returns."""
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(data)
    sync_tree(root, [root / name for name in files])


@contextlib.contextmanager
def writing(what: str) -> Iterator[None]:
    """Say what the disk refused in one sentence, as a SurroundingsError."""
    try:
        yield
    except OSError as error:
        raise _refused(what, error) from error


def _refused(what: str, error: OSError) -> SurroundingsError:
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return SurroundingsError(
            "WORKSPACE_READ_ONLY",
            f"The workspace cannot be written, so it was not possible to {what}. Nothing was changed.",
            "Give yourself write permission there, or start Jupyter in a folder of your own.",
        )
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return SurroundingsError(
            "DISK_FULL",
            f"The disk is full, so it was not possible to {what}. Nothing was changed.",
            "Free some space and try again.",
        )
    return SurroundingsError(
        "WORKSPACE_FAULT",
        f"It was not possible to {what}: {error.strerror or 'the disk refused it'}. Nothing was changed.",
        "Check the disk of the workspace and try again.",
    )
