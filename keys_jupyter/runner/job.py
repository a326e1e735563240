"""What a run is told, from the server to its child: one job.

A job travels only through pipes. It may hold secrets, so it is never written to disk and never shown.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from pydantic import ConfigDict, Field, field_validator

from keys_jupyter.errors import SurroundingsError
from keys_jupyter.model.base import Record
from keys_jupyter.model.run import RunState

MIB = 1024 * 1024

DEFAULT_KERNEL_MANAGER = "jupyter_client.manager.AsyncKernelManager"

RECORDED = 0
"""Exit code of a child whose terminal state is in the store."""
CAPTURE_FAILED = 74
"""Exit code of a child that could not write what it saw (a full disk, a broken store)."""
WITHDRAWN = 130
"""Stands for the exit code of a job that was cancelled while it waited in the queue."""
ENDED_BY_FORCE = 137
"""Stands for the exit code of a cancelled child that did not answer and was killed."""


class RunStates(Protocol):
    """The one thing a child needs of the store."""

    def advance(self, run_id: str, state: str, *, reason: str = "", at: str | None = None) -> bool:
        """Record a transition; False when the run has already ended."""
        ...


class Caps(Record):
    """How much output is kept, in bytes of its JSON. What is beyond is dropped, and that is recorded."""

    cell_bytes: int = Field(default=10 * MIB, gt=0)
    run_bytes: int = Field(default=100 * MIB, gt=0)


class Job(Record):
    """One headless run: where, what, with which limits.

    Attributes:
        run_id: the run's id, 32 hexadecimal digits.
        folder: the run's folder, absolute; the kernel's working directory.
        notebook: the notebook's path relative to ``folder``, holding its injected cell already.
        journal_dir: where the journal, the output tail and the executed notebook go; absolute.
        data_dir: handed to the store's factory; the runner fills in its own when it is None.
        kernel: the kernel's name; None follows the notebook.
        kernel_manager_class: dotted name of an asynchronous kernel manager; None takes the runner's.
        timeout: seconds for the whole run, the kernel's start included.
        cell_timeout: seconds for each cell.
        startup_timeout: seconds until the kernel must have answered.
        caps: how much output is kept.
        secrets: values of secret parameters by name; set silently after the injected cell.
        env_names: variables the key names that reach the kernel although they look like Jupyter's credentials.
        lane: what this job belongs to; jobs of other lanes are not kept waiting by many of one.
        store: ``module:callable`` that makes the store from ``data_dir``.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    run_id: str = Field(pattern=r"^[0-9a-f]{32}$")
    folder: Path
    notebook: str
    journal_dir: Path
    data_dir: Path | None = None
    kernel: str | None = None
    kernel_manager_class: str | None = None
    timeout: float | None = Field(default=None, gt=0)
    cell_timeout: float | None = Field(default=None, gt=0)
    startup_timeout: float = Field(default=60, gt=0)
    caps: Caps = Caps()
    secrets: dict[str, str] = Field(default_factory=dict, repr=False)
    env_names: list[str] = Field(default_factory=list)
    lane: str = ""
    store: str = Field(default="keys_jupyter.store:Store", pattern=r"^[\w.]+:\w+$")

    @field_validator("secrets")
    @classmethod
    def _names_are_identifiers(cls, secrets: dict[str, str]) -> dict[str, str]:
        """A name becomes part of an assignment, so it must be nothing but a name."""
        for name in secrets:
            if not name.isidentifier() or keyword.iskeyword(name):
                raise ValueError("the name of a secret is not an identifier")
        return secrets

    @property
    def notebook_path(self) -> Path:
        """The notebook's absolute path."""
        return self.folder / self.notebook

    def open_store(self) -> RunStates:
        """Make the store this run reports to.

        Raises:
            SurroundingsError: the factory named in ``store`` does not exist.
        """
        module, _, name = self.store.partition(":")
        try:
            factory: Callable[[Any], RunStates] = getattr(import_module(module), name)
        except (ImportError, AttributeError) as problem:
            raise SurroundingsError(
                "STORE_UNKNOWN", f"The store {self.store!r} cannot be loaded."
            ) from problem
        return factory(self.data_dir)


class Ending(NamedTuple):
    """The terminal state to write for a child that could not write its own."""

    state: RunState
    reason: str


def ending(code: int) -> Ending | None:
    """Say what an exit code means for the run; None when the child recorded its own end.

    Args:
        code: as handed to the runner's ``on_exit``; negative for a signal.
    """
    if code == RECORDED:
        return None
    if code == CAPTURE_FAILED:
        return Ending(RunState.CAPTURE_FAILED, "What the run did could not be written to disk.")
    if code == WITHDRAWN:
        return Ending(RunState.CANCELLED, "Cancelled before it started.")
    if code == ENDED_BY_FORCE:
        return Ending(
            RunState.CANCELLED, "Cancelled; the run did not answer and was ended by force."
        )
    if code < 0:
        return Ending(RunState.INTERRUPTED, f"The run's process was ended by signal {-code}.")
    return Ending(RunState.INTERRUPTED, f"The run's process ended unexpectedly (status {code}).")
