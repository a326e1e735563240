"""What is redacted of a run, and the salt that opens its commitments, which stays in the run's data folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keys_jupyter.workspace import replace_file

if TYPE_CHECKING:
    # Its rules take a moment to load, and most commands need none of them.
    from keys_jupyter.redaction import Policy

_SALT = "redaction-salt"
_SALT_BYTES = 32
_TOLD = ("reason", "notes", "cells", "results")


def redaction_policy(folder: Path) -> Policy:
    """Return how a run's evidence is redacted; the same each time, so that what was kept is found again.

    The secret parameters of a run are known only to its own process, which takes them out of what it writes down.

    Args:
        folder: the run's data folder.

    Raises:
        SurroundingsError: the disk does not take the salt.
    """
    from keys_jupyter.redaction import Policy

    path = folder / _SALT
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_file(path, os.urandom(_SALT_BYTES))
        path.chmod(0o600)
    return Policy(salt=path.read_bytes())


def redacted_outcome(outcome: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return a run's outcome as it may be shown, recorded and exported; artifacts keep the paths they are found by.

    Args:
        outcome: reason, notes, cells with their errors, results and artifacts, as JSON.
        folder: the run's data folder.

    Raises:
        SurroundingsError: the disk does not take the salt.
    """
    from keys_jupyter.redaction import redact_value

    told = {name: outcome[name] for name in _TOLD if name in outcome}
    return {**outcome, **redact_value(told, redaction_policy(folder)).value}
