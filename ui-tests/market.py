"""Starts a marketplace on loopback and a JupyterLab that is configured for it, for the browser tests of the marketplace.

The test steers the marketplace by POSTing one JSON command to the port after JupyterLab's: those of the stand-in itself,
and ``put`` (a new version of a key), ``fill`` (so many rows more), ``damage`` (rows that nobody can use), ``hostile``
(rows and a library of nothing but hostile texts) and ``calm`` (without them again).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import hostile_shelf  # noqa: E402 - beside this file
import packs  # noqa: E402 - the tests' own packs
from serve import quiet  # noqa: E402

from keys_jupyter.marketplace_fake import FakeMarketplace, Fault, Place  # noqa: E402
from keys_jupyter.marketplace_fake.control import Control  # noqa: E402

# A pack that takes more than one breath: the part that arrives before the stall is seen as progress.
_WEIGHT = 1_200_000

_KEYS = {
    "jupyter-queue-depth": ("Queue Depth Forecast", "capacity-planning", "diagnosis"),
    "jupyter-cache-hits": ("Cache Hit Analysis", "operational-analysis", "diagnosis"),
    "jupyter-invoice-aging": ("Invoice Aging Review", "finance", "audit"),
}
_WORDS = ("latency", "drift", "schema", "replica", "backlog", "invoice", "queue", "quota", "lease")
_CATEGORIES = ("data-quality", "finance", "operational-analysis", "security")
# What a publisher's text may try; none of it may act, ask or look like ours.
_HOSTILE = """
<script>window.ran = 'script'</script> <img src="x" onerror="window.ran = 'error'">
<img src="http://127.0.0.1:9/readme.png"> ![picture](http://127.0.0.1:9/markdown.png)
<a href="javascript:window.ran = 'link'">link</a> [other](javascript:window.ran='markdown')
<a href="#" data-commandlinker-command="keys-jupyter:sign-out">sign out</a>
<button onclick="window.ran = 'button'">button</button> <iframe src="http://127.0.0.1:9/frame"></iframe>
<style>.jp-Keys { display: none }</style> <link rel="stylesheet" href="http://127.0.0.1:9/style.css">
<div style="position: fixed; inset: 0" id="keys-jupyter:panel">over everything</div>
<svg onload="window.ran = 'svg'"><use href="http://127.0.0.1:9/use.svg#a"></use></svg>
<video src="http://127.0.0.1:9/video" autoplay></video> <audio src="http://127.0.0.1:9/audio" autoplay></audio>
<form action="http://127.0.0.1:9/form"><input name="key" autofocus></form>
<meta http-equiv="refresh" content="0;url=http://127.0.0.1:9/refresh">
<details open ontoggle="window.ran = 'toggle'">x</details> <object data="http://127.0.0.1:9/object"></object>
"""
_PREVIEW = """<h1>What it shows</h1><p id="shown">made from sample data</p>
<script>parent.postMessage('ran', '*'); document.getElementById('shown').textContent = 'ran'</script>
<img src="http://127.0.0.1:9/seen.png" onerror="document.title='ran'">
<meta http-equiv="refresh" content="0;url=http://127.0.0.1:9/gone"><a href="http://127.0.0.1:9/away">away</a>"""


class Steered(Control):
    """The stand-in's own commands and those of these tests."""

    def __init__(self, market: FakeMarketplace, library: Path) -> None:
        """Stock the market; the library is empty until it is hostile."""
        super().__init__(market, market.user())
        self._library = library
        self._does |= {
            "put": self._put,
            "fill": self._fill,
            "damage": self._damage,
            "hostile": self._hostile,
            "calm": self._calm,
        }
        hostile_shelf.empty(library)
        for slug in _KEYS:
            self._put(slug, "1.0.0", weight=_WEIGHT if slug == "jupyter-queue-depth" else 0)
        market.preview("jupyter-invoice-aging", _PREVIEW)

    def _put(self, slug: str, version: str, changes: str = "", weight: int = 0) -> None:
        title, category, outcome = _KEYS[slug]
        files = packs.key_files(
            slug,
            version,
            title=title,
            category=category,
            outcome=outcome,
            description=f"{title}, from a log you give it.",
            tags=["operations"],
        )
        files["CHANGELOG.md"] = changes or f"# {version}\n\n- First version.\n{_HOSTILE}"
        files["README.md"] = f"# {title}\n\nReads a log.\n{_HOSTILE}"
        files["sample/noise.csv"] = os.urandom(weight).hex()
        self._market._state.shelf.put(packs.zipped(files))

    def _fill(self, count: int) -> None:
        """Add rows without objects: they are listed, searched and filtered, and never fetched."""
        shelf = self._market._state.shelf
        for number in range(count):
            one, other = _WORDS[number % 9], _WORDS[number // 9 % 9]
            slug = f"jupyter-{one}-{other}-{number}"
            entry = shelf._enter(shelf.keys, "key", slug, "jupyter")
            entry.version = "1.0.0"
            entry.about = {
                "slug": slug,
                "title": f"{one.title()} {other.title()} {number}",
                "description": f"Finds which {one} grows with the {other}, when, and why it does so.",
                "version": "1.0.0",
                "license_spdx": "MIT",
                "category": _CATEGORIES[number % 4],
                "maturity": ("starter", "operator", "scale")[number % 3],
                "outcome": ("diagnosis", "audit")[number % 2],
                "tags": [one, other],
                "key_type": ["notebook"],
            }

    def _hostile(self) -> dict[str, Any]:
        shelf = self._market._state.shelf
        said = hostile_shelf.rows()
        for slug, about in said.items():
            entry = shelf._enter(shelf.keys, "key", slug, "jupyter")
            entry.version, entry.about = "1.0.0", about
        titles = {slug: about["title"] for slug, about in said.items()}
        return {"titles": titles, "marks": hostile_shelf.library(self._library)}

    def _calm(self) -> None:
        for slug in hostile_shelf.rows():
            del self._market._state.shelf.keys[slug]
        hostile_shelf.empty(self._library)

    def _damage(self) -> None:
        self._market.faults.add(Fault.DAMAGED_ROWS, on=Place.LIST)


class _Door(BaseHTTPRequestHandler):
    """One command a request."""

    steered: Steered
    lock = threading.Lock()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.lock:
            reply: dict[str, Any] = self.steered.obey(body.decode())
        data = json.dumps(reply).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        """Keep quiet."""


def main() -> int:
    """Run both until JupyterLab ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("port", type=int)
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "work").mkdir(parents=True)
    quiet(folder / "config")
    with FakeMarketplace(None) as market:
        _Door.steered = Steered(market, folder / "library")
        door = ThreadingHTTPServer(("127.0.0.1", arguments.port + 1), _Door)
        threading.Thread(target=door.serve_forever, daemon=True).start()
        return _lab(folder, arguments.port, market)


def _lab(folder: Path, port: int, market: FakeMarketplace) -> int:
    environment = {
        **os.environ,
        "HOME": str(folder),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "KEYS_LIBRARY_PATHS": str(folder / "library"),
        "KEYS_MARKETPLACE_URL": market.url,
        "KEYS_MARKETPLACE_AUTH_URL": market.project_url,
        "KEYS_MARKETPLACE_AUTH_ANON_KEY": market.anon_key,
        "KEYS_MARKETPLACE_PAGES_URL": market.frontend,
        "KEYS_ALLOWED_MARKETPLACES": f"{market.url} {market.project_url}",
    }
    lab = ["jupyter", "lab", "--allow-root", "--ip=127.0.0.1", f"--port={port}", "--no-browser"]
    lab += [f"--config={ROOT / 'ui-tests' / 'jupyter_server_test_config.py'}"]
    lab += ["--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder / 'work'}"]
    done = subprocess.run(lab, env=environment, cwd=folder / "work", check=False)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
