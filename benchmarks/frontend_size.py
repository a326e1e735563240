"""Prints what the production frontend weighs, gzipped: in all, and what is loaded at start.

At start JupyterLab loads ``remoteEntry``, the style, and the chunk of the plugins themselves; everything else waits
until it is used. With ``--check`` it fails above the limits.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from pathlib import Path

# What peers with a panel of their own send, measured the same way from their published wheels.
PEERS = {"jupyterlab-git 0.55.0": 297_885, "jupyter-scheduler 2.12.1": 230_556}
LABEXTENSION = Path(__file__).parent.parent / "keys_jupyter" / "labextension"
ALL_LIMIT = 128 * 1024
START_LIMIT = 16 * 1024


def weight(path: Path) -> int:
    """Return a file's size as a server sends it."""
    return len(gzip.compress(path.read_bytes(), 6))


def at_start(files: list[Path]) -> list[Path]:
    """Return what loading the extension fetches: the entry, and the chunks its exposed modules name."""
    entry = next(path for path in files if path.name.startswith("remoteEntry"))
    text = entry.read_text("utf-8")
    names = json.loads((LABEXTENSION / "package.json").read_text("utf-8"))["jupyterlab"]["_build"]
    exposed = {
        names.get("extension", ""),
        names.get("style", ""),
        names.get("mimeExtension", ""),
    } - {""}
    chunks: set[str] = set()
    for module in exposed:
        found = re.search(rf'"{re.escape(module)}"\s*:\s*(.*?\bthen\b|.*?=>)', text)
        if found:
            chunks |= set(re.findall(r"\.e\(\"?([\w-]+)\"?\)", found[1]))
    return [entry, *(path for path in files if path.name.split(".")[0] in chunks)]


def main() -> int:
    """Print the figures."""
    files = sorted((LABEXTENSION / "static").glob("*.js"))
    everything = sum(weight(path) for path in files)
    start = at_start(files)
    beginning = sum(weight(path) for path in start)
    sys.stdout.write(
        f"frontend in all   {everything:7d} B gzip in {len(files)} files, limit {ALL_LIMIT}\n"
    )
    sys.stdout.write(
        f"frontend at start {beginning:7d} B gzip in {len(start)} files "
        f"({', '.join(path.name for path in start)}), limit {START_LIMIT}\n"
    )
    for peer, size in PEERS.items():
        sys.stdout.write(f"  {everything / size:.2f} of {peer} ({size} B)\n")
    over = everything > ALL_LIMIT or beginning > START_LIMIT
    return 1 if over and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
