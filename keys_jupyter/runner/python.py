"""A kernel's name in, what its Python has installed out; asked of that Python itself.

Nothing of a kernel is started for this: its Python is, for the moment it takes to list its packages. What is asked
once holds until one of the folders that Python imports from has changed.

What is *not* here: what a key needs, and installing it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keys_jupyter.runner.environment import kernel_environment
from keys_jupyter.runner.job import DEFAULT_KERNEL_MANAGER

ASK_SECONDS = 30.0
"""How long a Python may take to list its packages; the first time on a cold disk is slow."""

_OWN = {"python", f"python{sys.version_info[0]}", "python{}.{}".format(*sys.version_info[:2])}
"""What a kernel may call the Python of this very process."""
_PYTHON = re.compile(r"(python|pypy)[0-9.]*(\.exe)?")

# Only what every Python since 3.8 has; the keys of `markers` are those of the packaging specifications.
_PROBE = r"""
import importlib.metadata as metadata, json, os, platform, sys
v = sys.implementation.version
implementation = "%d.%d.%d" % (v.major, v.minor, v.micro)
if v.releaselevel != "final":
    implementation += v.releaselevel[0] + str(v.serial)
packages, seen = [], set()
for found in metadata.distributions():
    name = found.metadata["Name"]
    if name and name.lower() not in seen:
        seen.add(name.lower())
        packages.append([name, found.version or "", found.requires or []])
places = {}
for place in sys.path:
    if os.path.isdir(place):
        places[place] = os.stat(place).st_mtime_ns
json.dump({
    "python": platform.python_version(),
    "packages": packages,
    "places": places,
    "markers": {
        "implementation_name": sys.implementation.name,
        "implementation_version": implementation,
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "platform_python_implementation": platform.python_implementation(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "sys_platform": sys.platform,
    },
}, sys.stdout)
"""


@dataclass(frozen=True)
class Installed:
    """One installed package, and what it says that it requires."""

    name: str
    version: str
    requires: list[str]


@dataclass(frozen=True)
class KernelPython:
    """What is known of a kernel's Python; ``note`` says why nothing is, where ``python`` is None."""

    kernel: str
    language: str = ""
    executable: str = ""
    python: str | None = None
    packages: list[Installed] = field(default_factory=list)
    markers: dict[str, str] = field(default_factory=dict)
    note: str = ""


class Pythons:
    """Asks the Pythons of the kernels of this machine; safe to call from any thread."""

    def __init__(self, kernel_manager_class: str = DEFAULT_KERNEL_MANAGER) -> None:
        """Take the class that starts kernels: only the usual one starts them on this machine for certain."""
        self._local = kernel_manager_class == DEFAULT_KERNEL_MANAGER
        self._lock = threading.Lock()
        self._asked: dict[tuple[str, ...], tuple[dict[str, int], KernelPython]] = {}

    def of(self, kernel: str) -> KernelPython:
        """Return what is known of a kernel's Python; never raises for a kernel that is not there."""
        if not self._local:
            return KernelPython(kernel, note="This server starts its kernels elsewhere.")
        spec = _spec(kernel)
        if spec is None:
            return KernelPython(kernel, note=f"There is no kernel named {kernel!a} here.")
        language = str(spec.language or "").lower()
        executable = _executable(spec)
        if executable is None:
            note = "Only the packages of a Python kernel of this machine can be listed."
            return KernelPython(kernel, language, note=note)
        return self._known(kernel, language, executable, spec.env or {})

    def _known(
        self, kernel: str, language: str, executable: str, env: Mapping[str, str]
    ) -> KernelPython:
        """Return what was asked before, unless a folder it was read from has changed since."""
        named = (kernel, executable, *(f"{name}={env[name]}" for name in sorted(env)))
        with self._lock:
            places, known = self._asked.get(named, ({}, None))
            if known is None or not _unchanged(places):
                places, known = _ask(kernel, language, executable, env)
                if known.python:
                    self._asked[named] = (places, known)
            return known


def _spec(kernel: str) -> Any:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        return KernelSpecManager().get_kernel_spec(kernel)
    except NoSuchKernel:
        return None


def _executable(spec: Any) -> str | None:
    """Return the Python a kernel is started with; None where it is not started as one of this machine."""
    provisioner = (spec.metadata or {}).get("kernel_provisioner") or {}
    elsewhere = provisioner.get("provisioner_name", "local-provisioner") != "local-provisioner"
    if elsewhere or str(spec.language or "").lower() != "python" or not spec.argv:
        return None
    first = str(spec.argv[0])
    if first in _OWN:
        return sys.executable
    return first if _PYTHON.fullmatch(Path(first).name) else None


def _unchanged(places: Mapping[str, int]) -> bool:
    try:
        return all(Path(place).stat().st_mtime_ns == seen for place, seen in places.items())
    except OSError:
        return False


def _ask(
    kernel: str, language: str, executable: str, env: Mapping[str, str]
) -> tuple[dict[str, int], KernelPython]:
    """Start the Python once and have it tell."""
    try:
        done = subprocess.run(
            # Not in the person's folder, whose `json.py` would be imported.
            [executable, "-c", _PROBE],
            cwd=os.sep,
            env={**kernel_environment(os.environ), **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=ASK_SECONDS,
            check=True,
        )
        told = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        note = f"The Python of the kernel {kernel!a} does not answer; it may have been removed."
        return {}, KernelPython(kernel, language, executable, note=note)
    return told["places"], KernelPython(
        kernel,
        language,
        executable,
        told["python"],
        [Installed(*row) for row in told["packages"]],
        told["markers"],
    )
