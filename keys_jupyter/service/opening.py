"""A service as a site configured it, the same for the server and for one command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from keys_jupyter.credentials import Secret
from keys_jupyter.places import embedded_library
from keys_jupyter.service import Service
from keys_jupyter.service.keys.marketplace import Configuration, Marketplaces
from keys_jupyter.sources import Source
from keys_jupyter.sources.index import IndexLibrary
from keys_jupyter.sources.library import FolderLibrary
from keys_jupyter.sources.refused import RefusedLibrary
from keys_jupyter.transport import AddressRefused, Settings, Transport

if TYPE_CHECKING:
    from keys_jupyter.options import KeysOptions
    from keys_jupyter.service.incidents.recording import Announce


def open_service(options: KeysOptions, workspace: Path, on_change: Announce) -> Service:
    """Open the service over a workspace.

    Args:
        options: what the site set.
        workspace: the folder a person sees.
        on_change: told of every change as kind, id and number.

    Raises:
        SurroundingsError: the workspace or the store cannot be used.
    """
    transport = transport_settings(options)
    marketplace = _marketplace(options, transport, on_change)
    return Service(
        workspace,
        options.data_folder(),
        [*sources(options), *_indexes(options, transport), marketplace],
        marketplace=marketplace,
        on_change=on_change,
        kernel_manager_class=options.kernel_manager_class,
        max_running=options.max_running or None,
        demo=options.demo,
        secrets=lambda: _server_tokens(options),
    )


def _server_tokens(options: KeysOptions) -> dict[str, str]:
    """Return the token of the server we run in, which a notebook could print; none for a command."""
    server = getattr(options, "serverapp", None)
    provider = getattr(server, "identity_provider", None)
    token = getattr(provider, "token", "")
    return {"server-token": token} if token else {}


def transport_settings(options: KeysOptions) -> Settings:
    """Return the limits of the network as a site set them."""
    return Settings(
        ca_bundle=Path(options.ca_bundle).expanduser() if options.ca_bundle else None,
        proxies=dict(options.proxies),
        use_environment=options.environment_proxies,
        allowed_marketplaces=tuple(options.allowed_marketplaces),
    )


def _marketplace(options: KeysOptions, transport: Settings, on_change: Announce) -> Marketplaces:
    configuration = Configuration(
        url=options.marketplace_url,
        auth_url=options.marketplace_auth_url,
        auth_anon_key=Secret(options.marketplace_auth_anon_key),
        pages_url=options.marketplace_pages_url,
        store_class=options.credential_store_class,
        transport=transport,
        own_machine=options.own_machine,
    )
    return Marketplaces(options.data_folder(), configuration, on_change)


def _indexes(options: KeysOptions, transport: Settings) -> list[Source]:
    if not options.library_urls:
        return []
    door = Transport(transport)
    return [
        _index(url, f"address {number} of library_urls", door, options.data_folder())
        for number, url in enumerate(options.library_urls, 1)
    ]


def _index(url: str, name: str, door: Transport, data_dir: Path) -> Source:
    try:
        return IndexLibrary(url, door, data_dir)
    except AddressRefused as fault:
        return RefusedLibrary(name, fault)


def sources(options: KeysOptions) -> list[Source]:
    """Return the libraries at hand, the embedded one first."""
    folders = [Path(path).expanduser() for path in options.library_paths]
    return [
        FolderLibrary(embedded_library(), "embedded"),
        *(FolderLibrary(folder, folder.name) for folder in folders),
    ]
