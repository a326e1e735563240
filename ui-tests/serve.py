"""Starts a JupyterLab for the browser tests, with nothing of the person's own: fresh folders, loopback only.

``--galata`` is the server of the first suite (no token, no XSRF); ``--binder`` starts it as Binder does, with a token, XSRF and
a base URL.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
TOKEN = "keys-ui-tests"


def main() -> None:
    """Become the server."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("port")
    parser.add_argument("--galata", action="store_true")
    parser.add_argument("--binder", action="store_true")
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
    lab = ["jupyter", "lab", "--allow-root", "--ip=127.0.0.1", f"--port={arguments.port}"]
    lab += ["--no-browser", "--ServerApp.port_retries=0"]
    if arguments.galata:
        lab += [f"--config={ROOT / 'ui-tests' / 'jupyter_server_test_config.py'}"]
        lab += [f"--ServerApp.root_dir={folder / 'work'}"]
        command = lab
    else:
        lab += [f"--IdentityProvider.token={TOKEN}", "--ServerApp.base_url=/user/demo/"]
        lab += ["--JupyterNotebookApp.expose_app_in_browser=True"]
        command = [str(ROOT / "binder" / "start"), *lab]
    os.chdir(folder / "work")
    os.execvpe(command[0], command, environment)


def quiet(config: Path) -> None:
    """Keep JupyterLab's news pop-up off the pictures; flags alone do not."""
    settings = config / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(
        '{"fetchNews": "false", "checkForUpdates": false}'
    )


if __name__ == "__main__":
    main()
