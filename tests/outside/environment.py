"""Makes an environment of other people's tools only, without this project; prints its Python's path.

It is made once, and again when this file changes: rocrate-validator brings eighty megabytes that no other test needs.
"""

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

TOOLS = (
    "bagit==1.9.0",
    "cryptography>=42",
    "nbformat>=5.10",
    "roc-validator==0.13.0",
    "securesystemslib>=1.3",
)
FOLDER = Path(__file__).parents[2] / ".build" / "outside"


def python() -> Path:
    """Return the environment's Python, making the environment where there is none."""
    stamp = FOLDER / "made-of"
    wanted = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    if not stamp.is_file() or stamp.read_text() != wanted:
        venv.create(FOLDER, with_pip=True, clear=True)
        command = [str(FOLDER / "bin/python"), "-m", "pip", "install", "--quiet", *TOOLS]
        subprocess.run(command, check=True)
        stamp.write_text(wanted)
    return FOLDER / "bin/python"


if __name__ == "__main__":
    sys.stdout.write(f"{python()}\n")
