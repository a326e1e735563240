"""A place to run small notebooks in: folders, jobs, and what came of them."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from states_file import StatesFile

from keys_jupyter.model.run import Cell
from keys_jupyter.runner import journal
from keys_jupyter.runner.job import Job
from keys_jupyter.runner.spawner import Runner

Source = str | tuple[str, str]
"""The source of a cell, or its source and a tag."""


def notebook(*sources: Source) -> dict[str, Any]:
    """A notebook; a source that begins with ``#md`` is a Markdown cell."""
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "cells": [_cell(at, source) for at, source in enumerate(sources)],
    }


def _cell(at: int, source: Source) -> dict[str, Any]:
    text, tag = source if isinstance(source, tuple) else (source, "")
    cell = {"id": f"c{at}", "metadata": {"tags": [tag]} if tag else {}}
    if text.startswith("#md"):
        return {**cell, "cell_type": "markdown", "source": text.removeprefix("#md")}
    old = {"output_type": "stream", "name": "stdout", "text": "of an earlier run"}
    code = {"cell_type": "code", "source": text, "outputs": [old], "execution_count": 99}
    return {**cell, **code}


class Seen(NamedTuple):
    """All that a run left."""

    code: int
    states: list[str]
    reason: str
    lines: list[dict[str, Any]]
    cells: list[Cell]
    notebook: dict[str, Any]
    folder: Path
    journal_dir: Path

    @property
    def cell_states(self) -> list[str]:
        return [cell.state.value for cell in self.cells]


class Bench:
    """Runs notebooks through a real runner."""

    def __init__(self, home: Path, max_running: int = 2) -> None:
        self.home = home
        self.exits: dict[str, int] = {}
        self.progress: dict[str, list[int]] = {}
        self._changed = threading.Condition()
        self._sources: dict[str, dict[str, Any]] = {}
        self.runner = Runner(home, self._heard, self._ended, max_running=max_running)

    def start(self, *sources: Source, **options: Any) -> str:
        """Prepare a folder for a notebook and start it."""
        run_id = uuid.uuid4().hex
        self.prepare(run_id, *sources)
        self.runner.start(self.job(run_id, **options))
        return run_id

    def prepare(self, run_id: str, *sources: Source) -> None:
        """Make the folder of a run with its notebook."""
        folder = self.home / "folders" / run_id
        folder.mkdir(parents=True)
        self._sources[run_id] = notebook(*sources)
        (folder / "n.ipynb").write_text(json.dumps(self._sources[run_id]))

    def job(self, run_id: str, **options: Any) -> Job:
        """A job with a store that is a file."""
        return Job(
            run_id=run_id,
            folder=self.home / "folders" / run_id,
            notebook="n.ipynb",
            journal_dir=self.journal_dir(run_id),
            store="states_file:StatesFile",
            **options,
        )

    def journal_dir(self, run_id: str) -> Path:
        return self.home / "runs" / run_id

    def until(self, true: Callable[[], bool], seconds: float = 30) -> None:
        """Wait until something is true."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while not true():
                assert time.monotonic() < deadline, "it never came true"
                self._changed.wait(0.05)

    def until_printed(self, run_id: str, text: str) -> None:
        """Wait until a run has shown some text."""
        tail = self.journal_dir(run_id) / journal.TAIL
        self.until(lambda: tail.exists() and text in tail.read_text())

    def seen(self, run_id: str) -> Seen:
        """Wait for a run's end and look at all it left."""
        self.until(lambda: run_id in self.exits)
        rows = StatesFile(self.home).rows(run_id)
        folder = self.home / "folders" / run_id
        lines = journal.read(self.journal_dir(run_id))
        return Seen(
            code=self.exits[run_id],
            states=[row["state"] for row in rows],
            reason=rows[-1]["reason"] if rows else "",
            lines=lines,
            cells=journal.cells(self._sources[run_id], lines),
            notebook=json.loads((folder / "n.ipynb").read_text()),
            folder=folder,
            journal_dir=self.journal_dir(run_id),
        )

    def _heard(self, run_id: str, lines: int) -> None:
        with self._changed:
            self.progress.setdefault(run_id, []).append(lines)
            self._changed.notify_all()

    def _ended(self, run_id: str, code: int) -> None:
        with self._changed:
            assert run_id not in self.exits, "an end was told twice"
            self.exits[run_id] = code
            self._changed.notify_all()


def processes_in(folder: Path) -> Sequence[int]:
    """The processes that work in a folder: a run's kernel and what it started."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            place = str((entry / "cwd").readlink())
            zombie = b") Z" in (entry / "stat").read_bytes()
        except OSError:
            continue
        if place.startswith(str(folder)) and not zombie:
            found.append(int(entry.name))
    return found


def texts(cell: dict[str, Any]) -> str:
    """All text of a cell's streams."""
    return "".join("".join(of["text"]) for of in cell["outputs"] if of["output_type"] == "stream")
