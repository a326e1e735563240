"""A runbook in; every key it calls is run on its sample data, and each step's branches are judged by the results.

The runs are real ones, through the same service as everybody's, in a workspace of their own that is gone afterwards.
Not here: working an incident as a rehearsal, which a person does.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from keys_jupyter.authoring.build import build
from keys_jupyter.authoring.folders import RUNBOOK
from keys_jupyter.conditions import suggest
from keys_jupyter.errors import InputError, KeysError, NotAvailable
from keys_jupyter.model.base import Record
from keys_jupyter.model.run import Result, RunRequest
from keys_jupyter.model.runbook import Runbook, Step

NOT_STARTED = "NOT_STARTED"
_LOOK_SECONDS = 0.5
_KEY_SECONDS = 900.0


class RehearsedBranch(Record):
    """A branch as the results judge it; ``true`` is None where only a person can say."""

    condition: str
    outcome: str
    goto: str | None
    true: bool | None
    suggested: bool
    reason: str


class RehearsedKey(Record):
    """One key's run on its sample data; ``state`` is a run's, or NOT_STARTED with the reason."""

    key: str
    version: str
    state: str
    reason: str
    seconds: float | None = None
    results: list[Result] = Field(default_factory=list)


class RehearsedStep(Record):
    """A step that calls keys, with their runs and what these say of its branches."""

    step: str
    title: str
    keys: list[RehearsedKey]
    branches: list[RehearsedBranch]


class Rehearsal(Record):
    """A whole rehearsal; ``ok`` when every key ran to its end."""

    runbook: str
    version: str
    ok: bool
    steps: list[RehearsedStep]


@dataclass(frozen=True)
class _Place:
    """Where a runbook is rehearsed from: a library as authors write it, or one that is built."""

    slug: str
    written: Path | None
    built: Path | None = None


def rehearse(
    named: str, *, here: Path, on_run: Callable[[RehearsedKey], None] | None = None
) -> Rehearsal:
    """Rehearse a runbook.

    Args:
        named: a runbook's folder in a library, or a slug: of the library one stands in, else of the
            library that ships with this package.
        here: where one stands.
        on_run: told of each key when its run has ended.

    Raises:
        NotAvailable: ``UNKNOWN_RUNBOOK`` where there is none of that name.
        InputError: ``LIBRARY_INVALID`` where the runbook or a key of its library is no pack.
    """
    place = _place(named, here)
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as name:
        library = place.built or Path(name) / "library"
        if place.written is not None:
            build(place.written, library)
        return _rehearsed(place.slug, library, Path(name).resolve(), on_run or _silent)


def _silent(_: RehearsedKey) -> None:
    """Tell nobody."""


def _place(named: str, here: Path) -> _Place:
    folder = (here / named).resolve()
    if "/" not in named and not (folder / "pack.json").is_file():
        folder = (here / RUNBOOK.folder / named).resolve()
    if (folder / "pack.json").is_file():
        if folder.parent.name != RUNBOOK.folder:
            raise InputError(
                "NO_LIBRARY",
                f"The runbook {folder.name!a} lies in no library, so its keys are not at hand.",
                f"Put it into {RUNBOOK.folder}/ beside jupyter-keys/.",
            )
        return _Place(folder.name, folder.parent.parent)
    from keys_jupyter.places import embedded_library

    if "/" in named:
        raise NotAvailable(
            "UNKNOWN_RUNBOOK", f"{named!a} holds no runbook (pack.json).", "Name its folder."
        )
    return _Place(named, None, embedded_library())


def _rehearsed(
    slug: str, library: Path, folder: Path, on_run: Callable[[RehearsedKey], None]
) -> Rehearsal:
    with _bench(library, folder) as bench:
        runbook = bench.runbook(slug)
        calling = [step for section in runbook.sections for step in section.steps if step.keys]
        ran: dict[str, RehearsedKey] = {}
        for slug_of_key in dict.fromkeys(key.slug for step in calling for key in step.keys):
            ran[slug_of_key] = bench.run(slug_of_key)
            on_run(ran[slug_of_key])
    return Rehearsal(
        runbook=runbook.slug,
        version=runbook.version,
        ok=all(key.state == "SUCCEEDED" for key in ran.values()),
        steps=[_step(step, [ran[slug] for slug in _called(step)]) for step in calling],
    )


def _called(step: Step) -> list[str]:
    return list(dict.fromkeys(key.slug for key in step.keys))


def _step(step: Step, keys: Sequence[RehearsedKey]) -> RehearsedStep:
    results = [result for key in keys for result in key.results]
    judged = zip(step.branches, suggest(step.branches, results), strict=True)
    return RehearsedStep(
        step=step.id,
        title=step.title,
        keys=list(keys),
        branches=[
            RehearsedBranch(
                condition=branch.condition,
                outcome=branch.outcome,
                goto=branch.goto,
                true=verdict.true,
                suggested=verdict.suggested,
                reason=verdict.reason,
            )
            for branch, verdict in judged
        ],
    )


class _Bench:
    """A service over a workspace and a store that are thrown away."""

    def __init__(self, library: Path, folder: Path) -> None:
        from keys_jupyter.service import Service
        from keys_jupyter.sources.library import FolderLibrary

        self._bell = threading.Event()
        workspace = folder / "workspace"
        workspace.mkdir()
        self._service = Service(
            workspace,
            folder / "data",
            [FolderLibrary(library, "library")],
            on_change=lambda *_: self._bell.set(),
        )

    def close(self) -> None:
        """End what still runs."""
        self._service.close()

    def runbook(self, slug: str) -> Runbook:
        """Return the runbook."""
        return self._service.runbooks.runbook(slug)

    def run(self, slug: str) -> RehearsedKey:
        """Run a key as it comes and wait for its end."""
        runs = self._service.runs
        try:
            started = runs.start(RunRequest(key=slug, timeout=_KEY_SECONDS))
        except KeysError as error:
            return RehearsedKey(key=slug, version="", state=NOT_STARTED, reason=error.message)
        while not runs.settled(started.id):
            self._bell.wait(_LOOK_SECONDS)
            self._bell.clear()
        ended = runs.run(started.id)
        return RehearsedKey(
            key=slug,
            version=ended.version,
            state=ended.state.value,
            reason=ended.reason,
            seconds=_seconds(ended.started_at, ended.ended_at),
            results=ended.results,
        )


@contextmanager
def _bench(library: Path, folder: Path) -> Iterator[_Bench]:
    bench = _Bench(library, folder)
    try:
        yield bench
    finally:
        bench.close()


def _seconds(begin: str | None, end: str | None) -> float | None:
    from datetime import datetime

    if not begin or not end:
        return None
    moments = [datetime.fromisoformat(text.replace("Z", "+00:00")) for text in (begin, end)]
    return round((moments[1] - moments[0]).total_seconds(), 1)
