"""Finds a Chromium for the browser tests, or installs the distribution's where that is allowed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def found() -> str | None:
    """Return the program of a browser that is there already."""
    named = os.environ.get("KEYS_CHROMIUM")
    if named:
        return named
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    caches = [
        Path.home() / ".cache" / "ms-playwright",
        Path.home() / "Library/Caches/ms-playwright",
    ]
    for cache in caches:
        for path in sorted(cache.glob("chromium-*/chrome-*/*"), reverse=True):
            if path.name in ("chrome", "Chromium.app"):
                return str(path / "Contents/MacOS/Chromium" if path.suffix else path)
    return None


def install() -> None:
    """Install Debian's package; only root may."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        packages = ["chromium", "fonts-dejavu-core"]
        subprocess.run(
            ["apt-get", "update", "-qq"], env=environment, check=False, stdout=sys.stderr
        )
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
            env=environment,
            check=False,
            stdout=sys.stderr,
        )


def main() -> int:
    """Print the path, or one line that says what to install."""
    path = found()
    if path is None:
        install()
        path = found()
    if path is None:
        sys.stderr.write(
            "The browser tests need Chromium: install your distribution's package, or set KEYS_CHROMIUM.\n"
        )
        return 1
    sys.stdout.write(path + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
