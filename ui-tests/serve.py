"""Starts a JupyterLab for the browser tests, with nothing of the person's own: fresh folders, loopback only.

``--galata`` is the server of the first suite (no token, no XSRF); ``--binder`` starts it as Binder does, with a token, XSRF and
a base URL; ``--shared`` is the first one with jupyter-collaboration. ``--others`` adds a library with a key of another tool.
``--keep`` starts again in the folders of a server that ended.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from zipfile import ZipFile

import collaboration

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import packs  # noqa: E402 - the tests' own packs

TOKEN = "keys-ui-tests"


def main() -> None:
    """Become the server."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("port")
    parser.add_argument("--galata", action="store_true")
    parser.add_argument("--binder", action="store_true")
    parser.add_argument("--shared", action="store_true")
    parser.add_argument("--others", action="store_true")
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    environment = {
        **os.environ,
        "HOME": str(folder),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "KEYS_DEMO_FOLDER": str(folder / "work"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        # What is installed into a kernel comes from here, and from no network.
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(folder / "wheels"),
    }
    if not arguments.keep:
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "work").mkdir(parents=True)
        quiet(folder / "config")
        bare_kernel(folder)
        if arguments.galata:
            mendable_kernel(folder)
            package(folder / "wheels")
            own_keys(folder, environment)
        if arguments.others:
            other_tool(folder / "others")
    if arguments.others:
        environment["KEYS_LIBRARY_PATHS"] = str(folder / "others")
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
    venv.create(folder / "bare", symlinks=True)
    kernel(folder, "bare", "Bare Python")


def mendable_kernel(folder: Path) -> None:
    """Add a kernel of an environment of its own, with pip, that sees the packages of this one."""
    venv.create(folder / "mendable", symlinks=True, with_pip=True)
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    inner = folder / "mendable" / "lib" / version / "site-packages"
    ours = sysconfig.get_paths()["purelib"]
    (inner / "ours.pth").write_text(f"import site; site.addsitedir({ours!r})\n", "utf-8")
    kernel(folder, "mendable", "Mendable Python")


def kernel(folder: Path, name: str, title: str) -> None:
    """Make the environment of that name known as a kernel."""
    python = folder / name / "bin" / "python"
    spec = folder / "data" / "kernels" / name
    spec.mkdir(parents=True)
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    facts = {"argv": argv, "display_name": title, "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(facts), "utf-8")


def package(folder: Path) -> None:
    """Make the package that the key of these tests needs, as pip takes it."""
    folder.mkdir()
    about = "keys_token_form-1.0.0.dist-info"
    files = {
        "keys_token_form.py": "def form(token):\n    return f'{len(token)} characters'\n",
        f"{about}/METADATA": "Metadata-Version: 2.1\nName: keys-token-form\nVersion: 1.0.0\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/RECORD": "",
    }
    with ZipFile(folder / "keys_token_form-1.0.0-py3-none-any.whl", "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)


def own_keys(folder: Path, environment: dict[str, str]) -> None:
    """Install the keys of these tests into the workspace, as a person without network does."""
    built = folder / "library"
    keys = ["jupyter", "keys"]
    build = [*keys, "library", "build", str(ROOT / "ui-tests" / "library"), "-o", str(built)]
    subprocess.run(build, env=environment, cwd=folder / "work", check=True)
    for pack in sorted(built.glob("packs/*/*/pack.zip")):
        take_in = [*keys, "import", str(pack)]
        subprocess.run(take_in, env=environment, cwd=folder / "work", check=True)


def other_tool(folder: Path) -> None:
    """Make a library with one key of another tool, which is shown and fetched and never run."""
    about = {
        "slug": "node-queue-drain",
        "title": "Queue Drain",
        "version": "1.0.0",
        "license_spdx": "MIT",
    }
    pack = {**about, "tool": "node", "key_type": ["script"], "description": "Drains a queue."}
    data = packs.zipped({"pack.json": json.dumps(pack), "index.ts": "throw 'never run';\n"})
    folder.mkdir()
    (folder / "pack.zip").write_bytes(data)
    row = {**about, "kind": "node", "assets": {"zip": "pack.zip"}}
    row["sha256"] = hashlib.sha256(data).hexdigest()
    (folder / "library.json").write_text(json.dumps({"version": "1", "packs": [row]}), "utf-8")


def quiet(config: Path) -> None:
    """Keep JupyterLab's news pop-up off the pictures; flags alone do not."""
    settings = config / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(
        '{"fetchNews": "false", "checkForUpdates": false}'
    )


if __name__ == "__main__":
    main()
