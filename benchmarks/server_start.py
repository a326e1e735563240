"""Prints what loading the enabled extension costs a server that is already imported, beside an empty extension.

Each figure is the CPU time of import and load in a fresh process, the median of several, interleaved.
"""

from __future__ import annotations

import statistics
import subprocess
import sys

ROUNDS = 9
LIMIT_MS = 15.0

OURS = """
import time
import jupyter_server.serverapp as s
app = s.ServerApp()
app.initialize(argv=["--no-browser"], find_extensions=False, new_httpserver=False)
start = time.process_time()
app.extension_manager.from_jpserver_extensions({"keys_jupyter": True})
app.extension_manager.link_all_extensions()
app.extension_manager.load_all_extensions()
print((time.process_time() - start) * 1000)
"""
EMPTY = OURS.replace('"keys_jupyter"', '"_empty_extension"').replace(
    "import time\n",
    "import sys, time, types\n"
    "empty = types.ModuleType('_empty_extension')\n"
    "empty._jupyter_server_extension_points = lambda: [{'module': '_empty_extension'}]\n"
    "empty._load_jupyter_server_extension = lambda app: None\n"
    "sys.modules['_empty_extension'] = empty\n",
    1,
)


def once(code: str) -> float:
    """Return the milliseconds one fresh process took."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def main() -> int:
    """Print both medians and their ratio."""
    ours, empty = [], []
    for _ in range(ROUNDS):
        ours.append(once(OURS))
        empty.append(once(EMPTY))
    mine, other = statistics.median(ours), statistics.median(empty)
    sys.stdout.write(
        f"server load       {mine:7.1f} ms CPU (of {min(ours):.1f}..{max(ours):.1f}), an empty extension {other:.1f} ms, "
        f"limit {LIMIT_MS:.0f} ms\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
