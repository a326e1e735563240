"""Where our own things are: the data directory, the library that ships with the package, the version."""

from __future__ import annotations

from pathlib import Path


def data_dir() -> Path:
    """Return the folder of the store, the kept packs and the evidence."""
    from jupyter_core.paths import jupyter_data_dir

    return Path(jupyter_data_dir()) / "keys-jupyter"


def embedded_library() -> Path:
    """Return the folder of the library that ships with the package."""
    return Path(__file__).parent / "embedded"


def version() -> str:
    """Return the version of this package, as its installation says."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed_version

    try:
        return installed_version("keys-jupyter")
    except PackageNotFoundError:  # a checkout that was never installed
        return "0.0.0"
