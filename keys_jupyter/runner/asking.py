"""A request to end a run, left where the process that runs it will find it: a file in the run's data folder.

It lets a command line cancel what a server runs, and the other way round. A request is no state of the run: it is written
once and means nothing when the run has ended.
"""

from __future__ import annotations

from pathlib import Path

from keys_jupyter.errors import SurroundingsError

_REQUEST = "cancel"


def ask_to_cancel(journal_dir: Path) -> None:
    """Leave a request.

    Raises:
        SurroundingsError: the disk does not take it.
    """
    try:
        journal_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        (journal_dir / _REQUEST).touch(mode=0o600)
    except OSError as problem:
        raise SurroundingsError(
            "CANCEL_NOT_WRITTEN",
            f"The request to cancel cannot be written: {problem.strerror}.",
            "Check the disk of the Jupyter data directory, or end the process that runs it.",
        ) from problem


def asked_to_cancel(journal_dir: Path) -> bool:
    """Say whether somebody left a request."""
    return (journal_dir / _REQUEST).exists()
