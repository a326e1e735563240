"""What a key needs installed, what a kernel has, and an installation of the rest."""

from __future__ import annotations

from typing import Literal

from keys_jupyter.model.base import Record
from keys_jupyter.model.run import Asked


class RequiredPackage(Record):
    """One line of a key's requirements.txt beside what the kernel has; ``found`` is None where it has none."""

    name: str
    wanted: str
    found: str | None
    satisfied: bool


class Installing(Record):
    """One installation into a kernel's environment; ``log`` is the end of what it printed."""

    id: str
    kernel: str
    state: Literal["RUNNING", "DONE", "FAILED"]
    exit_code: int | None
    log: str
    requirements: list[str]
    asked: Asked
    ended_at: str | None


class Requirements(Record):
    """A key's requirements beside one kernel's environment.

    ``known`` is False where the environment cannot be looked at, and ``note`` says why. ``refused`` are lines that
    are no plain ``name and version``: they are neither compared nor ever installed. ``installing`` is the last
    installation into this kernel, whichever key it was for.
    """

    slug: str
    version: str
    kernel: str
    known: bool
    note: str
    python: str | None
    packages: list[RequiredPackage]
    missing: int
    refused: list[str]
    installing: Installing | None


class InstallingRequest(Record):
    """Which key's requirements to install, into which kernel; the notebook's own when None."""

    version: str | None = None
    kernel: str | None = None
