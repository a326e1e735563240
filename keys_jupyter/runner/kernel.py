"""One kernel: started, asked, interrupted, ended.

What is *not* here: what its answers mean. The class of the manager is a dotted name, so that a site can run kernels
elsewhere; it must have the interface of ``jupyter_client.manager.AsyncKernelManager``.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import re
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from queue import Empty
from typing import Any

from keys_jupyter.errors import SurroundingsError
from keys_jupyter.runner.capture import Capture
from keys_jupyter.runner.environment import kernel_environment
from keys_jupyter.runner.job import DEFAULT_KERNEL_MANAGER, Job

POLL_SECONDS = 0.25
ASK_SECONDS = 0.3
SHUTDOWN_SECONDS = 4.0
"""How long a kernel has for its own end; half of it politely."""
CONNECTION = "connection.json"

_PLAIN = re.compile(r"[A-Za-z0-9._-]+")
_RECIPES = {
    "python3": "python -m pip install ipykernel && python -m ipykernel install --user --name python3",
    "ir": "in R, install.packages('IRkernel'); IRkernel::installspec()",
    "bash": "python -m pip install bash_kernel && python -m bash_kernel.install --user",
    "javascript": "npm install -g ijavascript && ijsinstall",
    "deno": "deno jupyter --install",
}
"""Kernels whose names are known everywhere, and how each is installed."""


async def _settled(value: Any) -> Any:
    """The value of what may be a coroutine: managers of other kinds of kernel need not be asynchronous."""
    return await value if inspect.isawaitable(value) else value


class Kernel:
    """A kernel of a run. ``start`` first; ``end`` always. ``pid`` is its process, where it has one here."""

    def __init__(self, job: Job, name: str) -> None:
        """Make the manager; nothing runs yet.

        Raises:
            SurroundingsError: the manager's class or the kernel is not there.
        """
        from jupyter_client.kernelspec import NoSuchKernel

        self.name = name
        self._job = job
        self._manager = _manager_class(job)(kernel_name=name)
        self._client: Any = None
        self.pid: int | None = None
        try:
            self._spec = self._manager.kernel_spec
        except NoSuchKernel as problem:
            raise SurroundingsError(
                "KERNEL_UNKNOWN",
                f"There is no kernel named {name!r} here.",
                f"{_how_to_get(name)} {_known(self._manager)}",
            ) from problem

    @property
    def language(self) -> str:
        """The kernel's language as its specification names it."""
        return str(getattr(self._spec, "language", ""))

    async def start(self) -> None:
        """Start the process and connect; it may not answer yet.

        Raises:
            SurroundingsError: it could not be started.
        """
        manager = self._manager
        if hasattr(manager, "transport_encryption"):
            manager.transport_encryption = "auto"
        manager.shutdown_wait_time = SHUTDOWN_SECONDS
        # A connection file holds the key to the kernel. In the run's own folder it is found again and removed
        # even when this process is killed.
        manager.connection_file = str(self._job.journal_dir / CONNECTION)
        try:
            await _settled(
                manager.start_kernel(
                    cwd=str(self._job.folder),
                    env=kernel_environment(os.environ, self._job.env_names),
                    extra_arguments=_arguments(self._spec.argv if self._spec else []),
                )
            )
        except (OSError, RuntimeError, ValueError) as problem:
            raise SurroundingsError(
                "KERNEL_FAILED",
                f"The kernel {self.name!r} could not be started: {_short(problem)}.",
                f"What it was installed from may have been removed. {_how_to_get(self.name)}",
            ) from problem
        process = getattr(manager.provisioner, "process", None)
        # A provisioner's `pid` may belong to another machine; only a process started here is ours to kill.
        self.pid = process.pid if isinstance(process, subprocess.Popen) else None
        self._client = manager.client()
        # Without this libzmq drops what comes faster than it is read, and nobody would know.
        self._client.context.rcvhwm = 0
        self._client.start_channels(hb=False)
        self._client.allow_stdin = False

    async def listen(self, capture: Capture) -> None:
        """Hand every message to the capture, for ever.

        Raises:
            OSError: one could not be written down.
        """
        while True:
            capture.take(await self._client.get_iopub_msg(timeout=None))

    async def ready(self, capture: Capture) -> dict[str, Any]:
        """Ask until it answers and its outputs are heard too; returns what it says of its language."""
        while True:
            self._client.kernel_info()
            try:
                reply = await self._client.get_shell_msg(timeout=ASK_SECONDS)
            except Empty:
                continue
            if reply["msg_type"] == "kernel_info_reply" and capture.heard.is_set():
                return dict(reply["content"].get("language_info") or {})
            await asyncio.sleep(0.01)

    async def gone(self) -> None:
        """Return when the kernel's process is no more."""
        while await _settled(self._manager.is_alive()):
            await asyncio.sleep(POLL_SECONDS)

    def execute(self, source: str, *, silent: bool = False, stop_on_error: bool = True) -> str:
        """Send a request; returns its id."""
        request: str = self._client.execute(
            source,
            silent=silent,
            # Counted as the notebook shows it, so that a traceback's `In[3]` is the cell that shows [3].
            store_history=not silent,
            allow_stdin=False,
            stop_on_error=stop_on_error,
        )
        return request

    async def reply(self, request: str) -> dict[str, Any]:
        """Wait for the answer to a request."""
        while True:
            message = await self._client.get_shell_msg(timeout=None)
            if message["parent_header"].get("msg_id") == request:
                return dict(message["content"])

    async def interrupt(self) -> None:
        """Ask it to stop what it does."""
        await _settled(self._manager.interrupt_kernel())

    async def end(self, *, now: bool) -> None:
        """End it: politely, so that its exit hooks run, or at once."""
        if self._client is not None:
            self._client.stop_channels()
        if self._manager.has_kernel:
            await _settled(self._manager.shutdown_kernel(now=now))
        else:
            await _settled(self._manager.cleanup_resources())

    async def how_it_ended(self) -> str:
        """Say how the process ended, as far as the system tells."""
        provisioner = self._manager.provisioner
        status = await _settled(provisioner.poll()) if provisioner else None
        if status is None:
            return "how is not known"
        if status >= 0:
            return f"it ended itself with status {status}"
        name = signal.Signals(-status).name
        hint = ", as the system does when memory runs out" if name == "SIGKILL" else ""
        return f"it was ended by {name}{hint}"


def kernel_name(job: Job, notebook: Mapping[str, Any]) -> str:
    """The kernel asked for, else the notebook's own, else Python."""
    spec = notebook.get("metadata", {}).get("kernelspec") or {}
    return str(job.kernel or spec.get("name") or "python3")


def _manager_class(job: Job) -> Any:
    from traitlets.utils.importstring import import_item

    name = job.kernel_manager_class or DEFAULT_KERNEL_MANAGER
    try:
        return import_item(name)
    except ImportError as problem:
        raise SurroundingsError(
            "KERNEL_MANAGER_UNKNOWN", f"The kernel manager {name!r} cannot be loaded."
        ) from problem


def _known(manager: Any) -> str:
    names = sorted(manager.kernel_spec_manager.find_kernel_specs())
    return f"Known here: {', '.join(names)}." if names else "No kernel is installed here."


def _how_to_get(name: str) -> str:
    """Say how a kernel of that name is installed, as far as a name tells."""
    recipe = _RECIPES.get(name.lower())
    if recipe is None:
        recipe = (
            f'python -m ipykernel install --user --name "{name}"' if _PLAIN.fullmatch(name) else ""
        )
        return f"Install it, if it is a Python, in its environment: {recipe}." if recipe else ""
    return f"Install it: {recipe}."


def _arguments(argv: list[str]) -> list[str]:
    """IPython kernels share one history database, and two at once may lock each other out of it."""
    return ["--HistoryManager.hist_file=:memory:"] if any("ipykernel" in of for of in argv) else []


def _short(problem: BaseException) -> str:
    return (str(problem).splitlines() or [type(problem).__name__])[0][:200].rstrip(".")


def connection_file(journal_dir: Path) -> Path:
    """Where a run's connection file is while its kernel lives."""
    return journal_dir / CONNECTION
