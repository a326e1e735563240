"""Prints how soon a server answers while as many runs as it has cores print hard and a panel follows them, beside itself idle."""

from __future__ import annotations

import copy
import http.client
import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

LIMIT_MS = 50.0
SECONDS = 12.0
GAP = 0.04
LOUD = "import time\nend = time.monotonic() + 60\nwhile time.monotonic() < end: print('x' * 200)"
OPEN = ("REQUESTED", "PREPARED", "STARTING", "RUNNING")


class Server:
    """A real Jupyter Server with the extension, and one connection to it."""

    def __init__(self, root: Path) -> None:
        """Start it and wait until it answers."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._token = secrets.token_hex(16)
        (root / "work").mkdir()
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "jupyter_server",
                "--no-browser",
                "--allow-root",
                f"--ServerApp.port={port}",
                "--ServerApp.port_retries=0",
                f"--ServerApp.root_dir={root / 'work'}",
                "--ServerApp.jpserver_extensions={'keys_jupyter': True}",
            ],
            env={
                **os.environ,
                "JUPYTER_TOKEN": self._token,
                "JUPYTER_DATA_DIR": str(root / "data"),
                "JUPYTER_RUNTIME_DIR": str(root / "runtime"),
                "JUPYTER_CONFIG_DIR": str(root / "config"),
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._wait()

    def _wait(self) -> None:
        for _ in range(600):
            try:
                self.get("/api")
            except OSError:
                self._connection.close()
                time.sleep(0.05)
            else:
                return
        raise SystemExit("the server did not start")

    def another(self) -> Server:
        """Return the same server over another connection."""
        other = copy.copy(self)
        other._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        return other

    def get(self, path: str) -> Any:
        """Answer one request."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: object) -> Any:
        """Answer one request with a body."""
        return self._ask("POST", path, json.dumps(body))

    def _ask(self, method: str, path: str, body: str | None) -> Any:
        headers = {"Authorization": f"token {self._token}", "Content-Type": "application/json"}
        self._connection.request(method, path, body, headers)
        reply = self._connection.getresponse()
        data = reply.read()
        if reply.status >= 400:
            raise SystemExit(f"{path}: {reply.status} {data[:300]!r}")
        return json.loads(data)

    def times(self, path: str) -> list[float]:
        """Ask again and again; return the milliseconds each answer took."""
        took = []
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            began = time.perf_counter()
            self.get(path)
            took.append((time.perf_counter() - began) * 1000)
            time.sleep(GAP)
        return took

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(20)


class Panel(threading.Thread):
    """Follows runs as a panel does: the run and what it printed, four times a second."""

    def __init__(self, server: Server, runs: list[str]) -> None:
        """Take whom to ask and what for; it has a connection of its own."""
        super().__init__(daemon=True)
        self._server = server.another()
        self._runs = runs
        self.left = threading.Event()
        self.took: list[float] = []

    def run(self) -> None:
        """Follow until told to leave off."""
        while not self.left.wait(0.25):
            for run in self._runs:
                began = time.perf_counter()
                self._server.get(f"/keys-jupyter/runs/{run}")
                self.took.append((time.perf_counter() - began) * 1000)
                self._server.get(f"/keys-jupyter/runs/{run}/output")


def loud(root: Path, name: str) -> str:
    """Write a notebook that prints without pause."""
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": LOUD, "outputs": []}
    book = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [{**cell, "execution_count": None}],
    }
    (root / "work" / name).write_text(json.dumps(book))
    return name


def told(label: str, took: list[float]) -> float:
    """Print one row and return its 95th percentile."""
    p95 = statistics.quantiles(took, n=20)[-1]
    sys.stdout.write(
        f"{label:34} p50 {statistics.median(took):6.1f} ms, p95 {p95:6.1f} ms, worst {max(took):6.1f} ms\n"
    )
    return p95


def main() -> int:
    """Measure idle, then busy; 1 when the busy 95th percentile is beyond the limit."""
    ours = "/keys-jupyter/status"
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        server = Server(root)
        try:
            server.get(ours)
            idle = {path: server.times(path) for path in ("/api", ours)}
            cores = os.cpu_count() or 1
            runs = [
                server.post("/keys-jupyter/runs", {"key": loud(root, f"loud{n}.ipynb")})["id"]
                for n in range(cores)
            ]
            while any(
                server.get(f"/keys-jupyter/runs/{run}")["state"] != "RUNNING" for run in runs
            ):
                time.sleep(0.1)
            panel = Panel(server, runs)
            panel.start()
            busy = {path: server.times(path) for path in ("/api", ours)}
            panel.left.set()
            panel.join()
            states = [server.get(f"/keys-jupyter/runs/{run}")["state"] for run in runs]
            if any(state not in OPEN for state in states):
                raise SystemExit(f"the runs ended too soon: {states}")
        finally:
            server.close()
    sys.stdout.write(f"{cores} runs print hard on {cores} cores; limit {LIMIT_MS:.0f} ms at p95\n")
    beyond = False
    for path in ("/api", ours):
        told(f"{path}, idle", idle[path])
        beyond |= told(f"{path}, while they print", busy[path]) > LIMIT_MS
    told("a panel's own question", panel.took)
    return int(beyond)


if __name__ == "__main__":
    sys.exit(main())
