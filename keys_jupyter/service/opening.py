"""A service as a site configured it, the same for the server and for one command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from keys_jupyter.places import embedded_library
from keys_jupyter.service import Service
from keys_jupyter.sources import Source
from keys_jupyter.sources.library import FolderLibrary

if TYPE_CHECKING:
    from keys_jupyter.options import KeysOptions
    from keys_jupyter.service.recording import Announce


def open_service(options: KeysOptions, workspace: Path, on_change: Announce) -> Service:
    """Open the service over a workspace.

    Args:
        options: what the site set.
        workspace: the folder a person sees.
        on_change: told of every change as kind, id and number.

    Raises:
        SurroundingsError: the workspace or the store cannot be used.
    """
    return Service(
        workspace,
        options.data_folder(),
        sources(options),
        on_change=on_change,
        kernel_manager_class=options.kernel_manager_class,
        max_running=options.max_running or None,
        demo=options.demo,
    )


def sources(options: KeysOptions) -> list[Source]:
    """Return where keys come from, the embedded library first."""
    folders = [Path(path).expanduser() for path in options.library_paths]
    return [
        FolderLibrary(embedded_library(), "embedded"),
        *(FolderLibrary(folder, folder.name) for folder in folders),
    ]
