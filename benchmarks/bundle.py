"""Prints how long a bundle of 100 MB of outputs takes to export and to verify, beside plain ``sha256sum`` and ``cp``.

The limits are 5 seconds to export and 3 to verify, on two cores, the ledger around it of 100,000 records included.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from keys_jupyter import ledger
from keys_jupyter.evidence.bundle import incident_sources, make, write
from keys_jupyter.evidence.verify import source, verify_file
from tests import bundles

EXPORT_LIMIT, VERIFY_LIMIT = 5.0, 3.0
OUTPUTS, EACH = 20, 5 * 1024 * 1024
RECORDS = 100_000


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds something takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def told(folder: Path) -> bundles.Story:
    """Return the story of one incident with 100 MB of outputs behind many other records."""
    story = bundles.Story(folder)
    other = ledger.encode({"type": "other"})
    story.bodies += [other] * RECORDS
    story.owners += ["other"] * RECORDS
    story.add(bundles.INCIDENT, "incident.opened", bundles.opening())
    story.add(bundles.INCIDENT, "run.requested", bundles.asked(), "diagnosis-2")
    story.add(bundles.INCIDENT, "run.ended", bundles.ended(), "diagnosis-2")
    for number in range(OUTPUTS):
        data = os.urandom(EACH)
        story.keep(bundles.INCIDENT, bundles.RUN, "artifact", f"{number}.csv", "text/csv", data)
    return story


def main() -> int:
    """Print the figures; 1 above a limit."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        story = told(folder)
        tree, signer, path = story.tree(), bundles.key(), folder / "bundle.zip"
        state = bundles.state_of(story)
        for step in state["steps"]:
            step |= {"state": "not_started", "branches": []}
        material = bundles.material(story, state=state, left=[])

        def export() -> None:
            made = make(incident_sources(material, "0.0.0"), tree, signer)
            write(made.files, made.measures, path)

        exported = timed(export)
        verified = timed(lambda: verify_file(path))
        alone = folder / "verify.py"
        alone.write_text(source(), "utf-8")
        by_file = timed(
            lambda: subprocess.run(
                [sys.executable, alone, path], check=True, stdout=subprocess.DEVNULL
            )
        )
        summed = timed(
            lambda: subprocess.run(["sha256sum", path], check=True, stdout=subprocess.DEVNULL)
        )
        copied = timed(lambda: subprocess.run(["cp", path, folder / "copy"], check=True))
        size = path.stat().st_size / 1e6
    sys.stdout.write(
        f"bundle export  {exported:6.2f} s for {size:.0f} MB, limit {EXPORT_LIMIT:.0f} s;"
        f" {exported / copied:.1f} times cp\n"
        f"bundle verify  {verified:6.2f} s in the package, limit {VERIFY_LIMIT:.0f} s;"
        f" {verified / summed:.1f} times sha256sum\n"
        f"bundle verify  {by_file:6.2f} s by its own verify.py, Python's start included\n"
    )
    return 1 if exported > EXPORT_LIMIT or verified > VERIFY_LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
