"""What a site can set: the traits that the server extension and the command line both read.

In ``jupyter_server_config.py`` they are written ``c.KeysExtension.<name>``. What is not set there may come from the
environment, for Hubs and CI. Nothing is opened here, and nothing heavy is imported.
"""

from __future__ import annotations

import os
from pathlib import Path

from traitlets import Bool, Int, List, Unicode, default
from traitlets.config import Configurable


class KeysOptions(Configurable):
    """The traits themselves."""

    data_dir = Unicode(
        help="Where the store, the kept packs and the evidence are; below the Jupyter data directory by default."
    ).tag(config=True)
    kernel_manager_class = Unicode(
        "jupyter_client.manager.AsyncKernelManager",
        help="Dotted name of the class that starts the kernels of headless runs.",
    ).tag(config=True)
    max_running = Int(
        0, min=0, help="How many runs at once; the rest wait in turn. 0 is the number of cores."
    ).tag(config=True)
    demo = Bool(False, help="Mark everything that is recorded as made in a demonstration.").tag(
        config=True
    )
    library_paths = List(
        Unicode(),
        help="Folders of libraries beside the embedded one, as `jupyter keys library build` writes them. "
        "Environment: KEYS_LIBRARY_PATHS, separated as PATH is.",
    ).tag(config=True)

    @default("library_paths")
    def _library_paths(self) -> list[str]:
        return [path for path in os.environ.get("KEYS_LIBRARY_PATHS", "").split(os.pathsep) if path]

    def data_folder(self) -> Path:
        """Return the folder of all our state."""
        from keys_jupyter.places import data_dir

        return Path(self.data_dir).expanduser() if self.data_dir else data_dir()


def configured() -> KeysOptions:
    """Return the options as the Jupyter configuration files of this machine set them, for the command line."""
    from jupyter_core.application import JupyterApp

    class KeysExtension(KeysOptions):
        """Reads the section of the extension, whose name it has."""

    class _Files(JupyterApp):
        name = "jupyter-server"
        config_file_name = Unicode("jupyter_server_config")

    files = _Files()
    files.load_config_file(suppress_errors=False)
    return KeysExtension(config=files.config)
