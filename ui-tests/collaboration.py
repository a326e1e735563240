"""Makes the environment of the suite with shared documents: this one, with jupyter-collaboration on top.

It is an environment of its own, so that nothing else is tested with shared documents by accident.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

WANTED = "jupyter-collaboration==5.0.4"


def prepared(folder: Path) -> Path:
    """Return the Python of the environment in a folder, made the first time it is asked for."""
    python = folder / "bin" / "python"
    done = folder / "prepared"
    if done.is_file() and done.read_text("utf-8") == WANTED:
        return python
    venv.create(folder, clear=True, symlinks=True)
    inner = folder / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    ours = sysconfig.get_paths()["purelib"]
    (inner / "ours.pth").write_text(f"import site; site.addsitedir({ours!r})\n", "utf-8")
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", WANTED]
    subprocess.run(install, check=True)
    done.write_text(WANTED, "utf-8")
    return python


def surroundings() -> dict[str, str]:
    """Return what lets that environment find the extensions of this one."""
    return {
        "JUPYTER_PATH": str(Path(sys.prefix) / "share" / "jupyter"),
        "JUPYTER_CONFIG_PATH": str(Path(sys.prefix) / "etc" / "jupyter"),
    }
