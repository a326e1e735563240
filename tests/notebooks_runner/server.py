"""A server that runs one notebook for ever: says the run's id when it prints, and waits to be killed."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from bench import Bench

SOURCE = """
import subprocess, time
subprocess.Popen(["sleep", "600"], start_new_session=True)
print("on", flush=True)
time.sleep(600)
"""

bench = Bench(Path(sys.argv[1]))
run_id = bench.start(SOURCE)
bench.until_printed(run_id, "on\n")
sys.stdout.write(run_id + "\n")
sys.stdout.flush()
signal.pause()
