"""Prints what papermill and we say of the same notebooks, cell by cell, and which cells truly ran to their end.

The truth is told by the notebooks themselves: each cell appends its number to a file as its last act.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from keys_jupyter.model.run import RunRequest
from keys_jupyter.service import Service

CELLS = {
    "killed": ["1", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "3"],
    "os._exit(0)": ["1", "import os; os._exit(0)", "3"],
    "time-out": ["1", "import time; time.sleep(600)", "3"],
    "sys.exit(0)": ["1", "import sys; sys.exit(0)", "3"],
    "raises": ["1", "1 / 0", "3"],
    "skip tag": ["1", ("2", "skip-execution"), "3"],
    "may raise": ["1", ("1 / 0", "raises-exception"), "3"],
    "good": ["1", "2", "3"],
}
PAPERMILL = """
import sys, papermill
try:
    papermill.execute_notebook(sys.argv[1], sys.argv[2], progress_bar=False, execution_timeout=3)
    print("returned")
except BaseException as problem:
    print("raised", type(problem).__name__)
"""


def book(cells: list[str | tuple[str, str]], truth: Path) -> dict[str, object]:
    """Return a notebook whose cells say that they came to their end."""
    made = []
    for number, cell in enumerate(cells, 1):
        source, tags = (cell, []) if isinstance(cell, str) else (cell[0], [cell[1]])
        act = f"\nwith open({str(truth)!r}, 'a') as file: file.write('{number}')"
        made.append(
            {
                "cell_type": "code",
                "id": f"c{number}",
                "metadata": {"tags": tags},
                "source": source + act,
                "outputs": [],
                "execution_count": None,
            }
        )
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": spec}, "cells": made}


def papermill_says(folder: Path, name: str) -> tuple[str, list[str], str]:
    """Return how papermill's call ended, what its notebook says of each cell, and the truth."""
    truth, path, out = folder / "truth-p", folder / f"{name}.ipynb", folder / "out.ipynb"
    path.write_text(json.dumps(book(CELLS[name], truth)))
    done = subprocess.run(
        [sys.executable, "-c", PAPERMILL, str(path), str(out)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    cells = [c for c in json.loads(out.read_text())["cells"] if c["cell_type"] == "code"]
    says = [str(cell["metadata"].get("papermill", {}).get("status")) for cell in cells]
    return done.stdout.strip(), says, truth.read_text() if truth.exists() else ""


def we_say(folder: Path, service: Service, name: str) -> tuple[str, list[str], str]:
    """Return the state of our run, what it says of each cell, and the truth."""
    truth = folder / "truth-k"
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps(book(CELLS[name], truth)))
    run = service.runs.start(RunRequest(key=path.name, cell_timeout=3))
    while not service.runs.settled(run.id):
        time.sleep(0.05)
    run = service.runs.run(run.id)
    says = [cell.state.value for cell in run.cells]
    return run.state.value, says, truth.read_text() if truth.exists() else ""


def wrong(says: list[str], truth: str) -> int:
    """Count the cells that are called done and never came to their end."""
    done = ("completed", "ok")
    return sum(word in done and str(n) not in truth for n, word in enumerate(says, 1))


def main() -> int:
    """Print a row a notebook, and how many cells each side calls done that were not."""
    import papermill

    sys.stdout.write(
        f"papermill {papermill.__version__} beside keys-jupyter: what is said of cells 1, 2, 3\n"
    )
    row = "{:12} {:7} {:32} {:33} {:13} {}\n"
    sys.stdout.write(
        row.format("", "truth", "papermill's call", "papermill's cells", "our run", "our cells")
    )
    counts = [0, 0]
    for name in CELLS:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            call, theirs, truth = papermill_says(folder, name)
            service = Service(folder, folder / "data", [])
            try:
                state, ours, our_truth = we_say(folder, service, name)
            finally:
                service.close()
        counts[0] += wrong(theirs, truth)
        counts[1] += wrong(ours, our_truth)
        done = truth if truth == our_truth else f"{truth}/{our_truth}"
        sys.stdout.write(row.format(name, done, call, ", ".join(theirs), state, ", ".join(ours)))
    sys.stdout.write(
        f"cells called done that did not run to their end: papermill {counts[0]}, keys-jupyter {counts[1]}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
