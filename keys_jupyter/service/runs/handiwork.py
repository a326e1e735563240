"""A run that a person ran in JupyterLab: its saved notebook becomes its journal, and the run ends with it.

From then on it is read, kept and put into evidence as any other run. What a saved notebook shows is decided in
``collecting``; here it is written down.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keys_jupyter.errors import SurroundingsError
from keys_jupyter.runner import journal
from keys_jupyter.runner.recording import Recording, readable
from keys_jupyter.service.runs.reading import RunReader
from keys_jupyter.service.runs.saved import Collected, collected, validated
from keys_jupyter.store import Store
from keys_jupyter.workspace import Workspace, notebook_bytes, read_notebook


class Handiwork:
    """Collects runs that people ran."""

    def __init__(self, workspace: Workspace, store: Store, reader: RunReader) -> None:
        """Take where notebooks are saved, where journals go, and how runs are read."""
        self._workspace = workspace
        self._store = store
        self._reader = reader

    def collect(self, row: Mapping[str, Any]) -> None:
        """End an open run with what its saved notebook shows.

        Raises:
            NotAvailable: the notebook is not at its place.
            InputError: the file there is not its notebook, or is none.
            StateError: no cell was run in it.
            SurroundingsError: the disk does not take it.
        """
        path = self._workspace.root / row["facts"]["notebook"]
        saved = validated(read_notebook(path))
        found = collected(self._reader.notebook(row), saved, row["id"])
        folder = self._store.journal_dir(row["id"])
        try:
            _write(folder, notebook_bytes(saved), found)
        except OSError as problem:
            raise SurroundingsError(
                "COLLECT_NOT_WRITTEN",
                f"What the notebook shows cannot be written down: {problem.strerror}. The run is open as before.",
                "Free space in the Jupyter data directory and collect it again.",
            ) from problem
        self._store.advance(row["id"], found.state.value, reason=found.reason)


def _write(folder: Path, data: bytes, found: Collected) -> None:
    """Write journal, tail and notebook beside their places, then put them there.

    Raises:
        OSError: the disk does not take it; the places are as they were.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = Path(tempfile.mkdtemp(dir=folder, prefix=".collect-"))
    try:
        with Recording(beside, lambda _lines: None) as recording:
            _tell(recording, found)
            recording.sync()
        (beside / journal.EXECUTED).write_bytes(data)
        for name in (journal.EXECUTED, journal.TAIL, journal.JOURNAL):
            (beside / name).replace(folder / name)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _tell(recording: Recording, found: Collected) -> None:
    for cell in found.cells:
        if cell.state is not None:
            error = {"error": cell.error} if cell.error else {}
            where = {"index": cell.at, "number": cell.number}
            recording.add("cell", **where, state=cell.state.value, **error)
        for output in cell.outputs:
            plain = {**output, "text": _joined(output)} if "text" in output else output
            digest = journal.digest(plain)
            recording.add("output", index=cell.at, output=plain, sha256=digest)
            recording.show(readable(plain))
    said = {"state": found.state.value, "reason": found.reason}
    recording.add("notebook", written=True)
    recording.add("state", **said)
    recording.add("end", **said, notes=found.notes)


def _joined(output: Mapping[str, Any]) -> str:
    return "".join(output["text"])
