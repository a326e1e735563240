"""Configuration in, a service for the handlers out; loads fast, because everything heavy waits for a request.

What a site can set is a trait here. Nothing of pydantic, requests, nbformat or papermill is imported before the first
request: a server that only has this extension installed pays a few milliseconds for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_server.extension.application import ExtensionApp

from keys_jupyter.errors import SurroundingsError
from keys_jupyter.options import KeysOptions

if TYPE_CHECKING:
    from keys_jupyter.service import Service

EVENT_SCHEMA = "https://keys-jupyter/events/change/v1"
_SCHEMA_FILE = Path(__file__).parent / "event_schemas" / "change" / "v1.yaml"

# How often we look whether another process has written, and how long a listener counts after its last request.
_LOOK_SECONDS = 1.0
_LISTENING_SECONDS = 60.0


class KeysExtension(KeysOptions, ExtensionApp):
    """The server half of Keys for Jupyter."""

    name = "keys_jupyter"
    app_name = "Keys for Jupyter"
    description = "Runbooks, notebook keys and evidence inside JupyterLab."
    load_other_extensions = True
    extension_url = "/lab"

    def initialize_settings(self) -> None:
        """Put the one shared object the handlers use into the settings."""
        _take_the_key()
        self.settings["keys_jupyter"] = Desk(self)
        # Before the first page listens: a listener hears only the schemas that are known when it comes.
        self.settings["keys_jupyter"].register_events()

    def initialize_handlers(self) -> None:
        """Register the routes."""
        from keys_jupyter.routes import handlers

        self.handlers.extend(handlers())

    async def stop_extension(self) -> None:
        """End what this server started."""
        self.settings["keys_jupyter"].close()


def _take_the_key() -> None:
    """Take the marketplace's key out of the environment before the first kernel inherits it."""
    if any(name.startswith("KEYS_API_KEY") for name in os.environ):
        from keys_jupyter.credentials.environment import from_environment

        with contextlib.suppress(SurroundingsError):  # said again when somebody asks
            from_environment()


class Desk:
    """Opens the service at the first request, and turns its changes into events on the server's loop."""

    def __init__(self, extension: KeysExtension) -> None:
        """Remember whom to ask for configuration; nothing is opened yet."""
        self._extension = extension
        self._lock = threading.Lock()
        self._service: Service | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._heard = 0.0
        self._watch: asyncio.Task[None] | None = None

    def service(self) -> Service:
        """Return the service, opening it the first time; called from a worker thread.

        Raises:
            SurroundingsError: the workspace or the store cannot be used.
        """
        with self._lock:
            if self._service is None:
                self._service = self._open()
            return self._service

    def listening(self) -> None:
        """Note that somebody is asking: keeps the look-out for other processes' changes going."""
        self._loop = asyncio.get_running_loop()
        self._heard = time.monotonic()
        if self._watch is None or self._watch.done():
            self._watch = self._loop.create_task(self._look_out())

    def close(self) -> None:
        """End the runs of this server and let go of the store."""
        if self._watch:
            self._watch.cancel()
        with self._lock:
            if self._service:
                self._service.close()
                self._service = None

    def _open(self) -> Service:
        from keys_jupyter.service.opening import open_service

        return open_service(self._extension, self._workspace(), self._changed)

    @property
    def _server(self) -> Any:
        """The server this runs in; None only before it is linked, when nobody can ask yet."""
        return self._extension.serverapp

    def _workspace(self) -> Path:
        named = os.environ.get("KEYS_WORKSPACE")
        if named:
            return Path(named)
        manager = self._server.contents_manager
        root = getattr(manager, "root_dir", "")
        if not root or not Path(root).is_dir():
            raise SurroundingsError(
                "WORKSPACE_NOT_LOCAL",
                "This server keeps its files somewhere else than in a local folder, so keys have no workspace.",
                "Name a local folder in the environment variable KEYS_WORKSPACE.",
            )
        return Path(root)

    def register_events(self) -> None:
        """Make our event known to the server."""
        logger = self._server.event_logger
        if EVENT_SCHEMA not in logger.schemas:
            logger.register_event_schema(_SCHEMA_FILE)

    def _changed(self, kind: str, subject: str, n: int) -> None:
        """Announce a change from whatever thread it was made in."""
        loop = self._loop
        if loop and not loop.is_closed():
            loop.call_soon_threadsafe(self._emit, kind, subject, n)

    def _emit(self, kind: str, subject: str, n: int) -> None:
        self._server.event_logger.emit(
            schema_id=EVENT_SCHEMA, data={"kind": kind, "id": subject, "n": n}
        )

    async def _look_out(self) -> None:
        """Once a second while somebody listens: did another process write, and is a run open?"""
        seen: int | None = None
        while time.monotonic() - self._heard < _LISTENING_SECONDS or self._busy():
            if self._service:
                version = await asyncio.to_thread(self._service.data_version)
                if seen is not None and version != seen:
                    self._emit("store", "", version)
                seen = version
            await asyncio.sleep(_LOOK_SECONDS)

    def _busy(self) -> bool:
        """Say whether a run is open, and if so, keep a Hub from taking the server for idle."""
        if not self._service or not self._service.runs.open_here():
            return False
        from datetime import datetime, timezone

        activity = self._server.web_app.settings.get("last_activity_times")
        if activity is not None:
            activity["keys_jupyter"] = datetime.now(timezone.utc)
        return True
