"""What is recorded of the machine and the Python a run gets: versions and names, nothing of the person."""

from __future__ import annotations

import os
import platform

from keys_jupyter.model.run import Environment, Package
from keys_jupyter.runner.python import KernelPython

_IMAGES = ("JUPYTER_IMAGE_SPEC", "JUPYTER_IMAGE")
"""Where a Hub tells a server which container image it runs in."""


def environment_of(python: KernelPython) -> Environment:
    """Return the environment of a kernel as a run's record holds it."""
    packages = sorted(python.packages, key=lambda package: package.name.lower())
    return Environment(
        kernel=python.kernel,
        language=python.language,
        python=python.python,
        packages=[Package(name=package.name, version=package.version) for package in packages],
        system=_system(),
        machine=platform.machine(),
        image=next((os.environ[name] for name in _IMAGES if os.environ.get(name)), None),
    )


def _system() -> str:
    kernel = f"{platform.system()} {platform.release()}"
    try:
        return f"{platform.freedesktop_os_release()['PRETTY_NAME']} ({kernel})"
    except (OSError, KeyError):
        # Only Linux tells its distribution this way.
        return kernel
