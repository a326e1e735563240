"""Starts a JupyterLab for the browser tests, with nothing of the person's own: fresh folders, loopback only.

``--galata`` is the server of the first suite (no token, no XSRF); ``--binder`` starts it as Binder does, with a token, XSRF and
a base URL; ``--shared`` is the first one with jupyter-collaboration.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import venv
from pathlib import Path

import collaboration

ROOT = Path(__file__).parent.parent
TOKEN = "keys-ui-tests"


def main() -> None:
    """Become the server."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("port")
    parser.add_argument("--galata", action="store_true")
    parser.add_argument("--binder", action="store_true")
    parser.add_argument("--shared", action="store_true")
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "work").mkdir(parents=True)
    environment = {
        **os.environ,
        "HOME": str(folder),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "KEYS_DEMO_FOLDER": str(folder / "work"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    quiet(folder / "config")
    bare_kernel(folder)
    lab = ["jupyter", "lab", "--allow-root", "--ip=127.0.0.1", f"--port={arguments.port}"]
    lab += ["--no-browser", "--ServerApp.port_retries=0"]
    if arguments.galata or arguments.shared:
        lab += [f"--config={ROOT / 'ui-tests' / 'jupyter_server_test_config.py'}"]
        lab += [f"--ServerApp.root_dir={folder / 'work'}"]
        command = lab
        if arguments.shared:
            python = collaboration.prepared(ROOT / ".build" / "collaboration")
            app = Path(sys.prefix) / "share" / "jupyter" / "lab"
            command = [str(python), "-m", "jupyterlab", *lab[2:], f"--LabApp.app_dir={app}"]
            environment |= collaboration.surroundings()
    else:
        lab += [f"--IdentityProvider.token={TOKEN}", "--ServerApp.base_url=/user/demo/"]
        lab += ["--JupyterNotebookApp.expose_app_in_browser=True"]
        command = [str(ROOT / "binder" / "start"), *lab]
    os.chdir(folder / "work")
    os.execvpe(command[0], command, environment)


def bare_kernel(folder: Path) -> None:
    """Add a kernel that lacks every package, and pip with them, so that what is missing shows."""
    python = folder / "bare" / "bin" / "python"
    venv.create(folder / "bare", symlinks=True)
    spec = folder / "data" / "kernels" / "bare"
    spec.mkdir(parents=True)
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    facts = {"argv": argv, "display_name": "Bare Python", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(facts), "utf-8")


def quiet(config: Path) -> None:
    """Keep JupyterLab's news pop-up off the pictures; flags alone do not."""
    settings = config / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(
        '{"fetchNews": "false", "checkForUpdates": false}'
    )


if __name__ == "__main__":
    main()
