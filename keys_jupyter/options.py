"""What a site can set: the traits that the server extension and the command line both read.

In ``jupyter_server_config.py`` they are written ``c.KeysExtension.<name>``. What is not set there may come from the
environment, for Hubs and CI. Nothing is opened here, and nothing heavy is imported.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from traitlets import Bool, Dict, Int, List, Unicode, default
from traitlets.config import Configurable


def _from_environment(trait: str, read: Callable[[str], Any]) -> Any:
    """Let a trait's default be what the variable of its name says, such as KEYS_CA_BUNDLE of ``ca_bundle``."""
    variable = f"KEYS_{trait.upper()}"
    return default(trait)(lambda _: read(os.environ.get(variable, "")))


def _paths(text: str) -> list[str]:
    return [path for path in text.split(os.pathsep) if path]


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

    library_urls = List(
        Unicode(),
        help="Addresses of libraries behind a plain web server: library.json and the zips beside it. "
        "Environment: KEYS_LIBRARY_URLS, separated by spaces.",
    ).tag(config=True)
    marketplace_url = Unicode(
        help="The root of the marketplace's API. Environment: KEYS_MARKETPLACE_URL."
    ).tag(config=True)
    marketplace_auth_url = Unicode(
        help="The marketplace's Supabase project, for signing in with e-mail and password. "
        "Environment: KEYS_MARKETPLACE_AUTH_URL."
    ).tag(config=True)
    marketplace_auth_anon_key = Unicode(
        help="The public key of that project. Environment: KEYS_MARKETPLACE_AUTH_ANON_KEY."
    ).tag(config=True)
    marketplace_pages_url = Unicode(
        help="The marketplace's web pages, to which a checkout comes back. "
        "Environment: KEYS_MARKETPLACE_PAGES_URL."
    ).tag(config=True)
    allowed_marketplaces = List(
        Unicode(),
        help="Origins that may be private or without TLS, such as http://10.0.0.5:3000. "
        "Environment: KEYS_ALLOWED_MARKETPLACES, separated by spaces.",
    ).tag(config=True)
    credential_store_class = Unicode(
        help="Dotted name of the class that keeps the marketplace's key, instead of the keyring or a private file."
    ).tag(config=True)
    ca_bundle = Unicode(
        help="A file with the certificates of a company's own authority. Environment: KEYS_CA_BUNDLE."
    ).tag(config=True)
    proxies = Dict(help='Proxies by scheme, such as {"https": "http://proxy:3128"}.').tag(
        config=True
    )
    environment_proxies = Bool(
        False, help="Let HTTPS_PROXY, NO_PROXY and REQUESTS_CA_BUNDLE of the environment count."
    ).tag(config=True)

    own_machine = False

    _library_paths = _from_environment("library_paths", _paths)
    _library_urls = _from_environment("library_urls", str.split)
    _marketplace_url = _from_environment("marketplace_url", str.strip)
    _marketplace_auth_url = _from_environment("marketplace_auth_url", str.strip)
    _marketplace_auth_anon_key = _from_environment("marketplace_auth_anon_key", str.strip)
    _marketplace_pages_url = _from_environment("marketplace_pages_url", str.strip)
    _allowed_marketplaces = _from_environment("allowed_marketplaces", str.split)
    _ca_bundle = _from_environment("ca_bundle", str.strip)

    def data_folder(self) -> Path:
        """Return the folder of all our state."""
        from keys_jupyter.places import data_dir

        return Path(self.data_dir).expanduser() if self.data_dir else data_dir()


def configured() -> KeysOptions:
    """Return the options as the Jupyter configuration files of this machine set them, for the command line."""
    from jupyter_core.application import JupyterApp

    class KeysExtension(KeysOptions):
        """Reads the section of the extension, whose name it has."""

        # A command is a person's own: it may vouch for a private address (`login --allow-private`).
        own_machine = True

    class _Files(JupyterApp):
        name = "jupyter-server"
        config_file_name = Unicode("jupyter_server_config")

    files = _Files()
    files.load_config_file(suppress_errors=False)
    return KeysExtension(config=files.config)
