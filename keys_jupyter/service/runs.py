"""Runs from request to kept outcome: prepared in a folder of their own, started, read, ended once."""

from __future__ import annotations

import os
import statistics
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath
from typing import Any

from keys_jupyter import evidence, parameters
from keys_jupyter.archive import VerifiedPack
from keys_jupyter.errors import InputError, NotAvailable
from keys_jupyter.model.pack import KeyMetadata, ParameterNotes
from keys_jupyter.model.parameters import CellPreview, ParametersReply
from keys_jupyter.model.run import InputFile, OutputTail, Run, RunRequest, RunState
from keys_jupyter.parameters import Declaration
from keys_jupyter.runner import journal
from keys_jupyter.runner.job import Job, ending
from keys_jupyter.service.catalogue import Catalogue
from keys_jupyter.service.owner import alive, this_process
from keys_jupyter.store import Store
from keys_jupyter.workspace import (
    ARTIFACTS,
    Workspace,
    digest_of,
    parse_notebook,
    read_notebook,
    replace_file,
)

# A sample file above this is not copied into every run.
_LARGE_BYTES = 10 * 1024 * 1024
# The most of a run's printed text that one answer carries.
_TAIL_BYTES = 64 * 1024


@dataclass(frozen=True)
class Target:
    """A notebook that can be run: what it is called, its content, and the files it comes with."""

    key: str
    title: str
    version: str
    pack: VerifiedPack | None
    entry: str
    notebook: dict[str, Any]
    notes: Mapping[str, ParameterNotes]
    environment: list[str]


class Runs:
    """The runs of one workspace."""

    def __init__(
        self,
        workspace: Workspace,
        store: Store,
        catalogue: Catalogue,
        start: Callable[[Job], None],
        on_end: Callable[[str], None],
    ) -> None:
        """Take what a run needs.

        Args:
            workspace: where run folders are made.
            store: where runs are recorded.
            catalogue: where keys come from.
            start: hands a prepared job to the runner.
            on_end: called with the id of a run whose outcome is known and not yet kept.
        """
        self._workspace = workspace
        self._store = store
        self._catalogue = catalogue
        self._start = start
        self._on_end = on_end

    # what a notebook takes -----------------------------------------------------------------------

    def parameters(self, name: str, version: str | None = None) -> ParametersReply:
        """Return what a key or a notebook of the workspace takes.

        Raises:
            NotAvailable: there is no such key or notebook.
            InputError: its parameters cell cannot be read.
        """
        target = self._target(name, version)
        declared = parameters.declared(target.notebook, target.notes)
        return ParametersReply(
            slug=target.key if target.pack else None,
            version=target.version or None,
            notebook=target.entry,
            kernel=_kernel_of(target.notebook),
            has_cell=declared.cell is not None,
            parameters=list(declared.parameters),
            json_schema=parameters.json_schema(declared),
        )

    def preview(
        self, name: str, version: str | None, values: Mapping[str, Any], nulls: list[str]
    ) -> CellPreview:
        """Return the cell that a run with these values would inject.

        Raises:
            InputError: a name or a value is wrong.
        """
        target = self._target(name, version)
        declared = parameters.declared(target.notebook, target.notes)
        checked = parameters.check(declared, values, nulls)
        return CellPreview(
            source=parameters.cell_source(declared, checked), language=declared.language
        )

    def typed(self, name: str, version: str | None, texts: Mapping[str, str]) -> dict[str, Any]:
        """Return a command line's texts as values of their parameters' types.

        Raises:
            InputError: a name or a value is wrong.
        """
        target = self._target(name, version)
        declared = parameters.declared(target.notebook, target.notes)
        return parameters.check(declared, texts, texts=True, partial=True)

    # starting ------------------------------------------------------------------------------------

    def request(
        self,
        request: RunRequest,
        *,
        folder: Path | None = None,
        texts: bool = False,
        announce: Callable[[dict[str, Any]], None],
    ) -> Run:
        """Prepare a run and start it; the same id again answers the run that is there.

        Args:
            request: what to run.
            folder: what file parameters are relative to; the workspace's root when None.
            texts: values are texts of the command line, to be read as their parameter's type.
            announce: called with the run's row when it is recorded and nothing has started yet.

        Raises:
            NotAvailable: there is no such key, version or notebook.
            InputError: a name or a value is wrong, or a file is not there.
            SurroundingsError: the workspace cannot be written.
        """
        run_id = request.id or uuid.uuid4().hex
        if self._store.run(run_id):
            return self.run(run_id)
        target = self._target(request.key, request.version)
        declared = parameters.declared(target.notebook, target.notes)
        checked = parameters.check(declared, request.parameters, request.nulls, texts=texts)
        values, recorded, inputs = self._files(declared, checked, folder or self._workspace.root)
        day = datetime.now(timezone.utc).strftime("%Y-%m-%d")
        place = self._workspace.run_path(day, _folder_name(target), run_id)
        values |= self._left_in_place(declared, values, target)
        values, recorded = self._placed(declared, values, recorded, place)
        secret_values = _secret_values(declared, checked)
        recorded |= self._commitments(run_id, secret_values)
        facts = _facts(target, request, recorded, inputs, self._workspace.relative(place))
        row = {
            "id": run_id,
            "workspace": str(self._workspace.root),
            "key": target.key,
            "version": target.version,
            "incident": request.incident,
            "step": request.step,
            "owner": this_process(),
            "facts": facts,
        }
        if not self._store.add_run(row):
            return self.run(run_id)
        announce(row)
        try:
            job = self._prepare(run_id, target, declared, values, place, request, facts)
            job = job.model_copy(update={"secrets": secret_values})
        except BaseException:
            self._store.advance(run_id, "START_FAILED", reason="The run could not be prepared.")
            self._on_end(run_id)
            raise
        self._store.advance(run_id, "PREPARED")
        self._start(job)
        return self.run(run_id)

    def _prepare(
        self,
        run_id: str,
        target: Target,
        declared: Declaration,
        values: Mapping[str, Any],
        place: Path,
        request: RunRequest,
        facts: dict[str, Any],
    ) -> Job:
        notebook = dict(target.notebook)
        if values:
            source = parameters.cell_source(declared, values, comment=_comment(run_id, request))
            notebook = parameters.inject(
                notebook,
                source,
                cell_id=f"keys-{run_id[:8]}",
                metadata={"keys_jupyter": {"run": run_id}},
            )
        notebook["metadata"] = {
            **notebook.get("metadata", {}),
            "keys_jupyter": _binding(run_id, target, request, facts),
        }
        files = _copied(target)
        path = self._workspace.prepare_run(
            files, notebook, place=place, name=PurePosixPath(target.entry).name
        )
        self._store.set_facts(
            run_id,
            {**facts, "before": sorted([*files, path.name]), "cells": len(notebook["cells"])},
        )
        return Job(
            run_id=run_id,
            folder=place,
            notebook=path.name,
            journal_dir=self._store.journal_dir(run_id),
            data_dir=self._store.data_dir,
            kernel=request.kernel,
            timeout=request.timeout,
            cell_timeout=request.cell_timeout,
            env_names=target.environment,
        )

    def _commitments(self, run_id: str, secret_values: Mapping[str, str]) -> dict[str, str]:
        """Return what is recorded of secrets; the salt that opens it stays in the data directory."""
        if not secret_values:
            return {}
        salt = os.urandom(32)
        folder = self._store.journal_dir(run_id)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_file(folder / "salt", salt)
        return {
            name: f"secret, hmac-sha256 {parameters.commitment(value, salt)}"
            for name, value in secret_values.items()
        }

    def _target(self, name: str, version: str | None) -> Target:
        if name.endswith(".ipynb"):
            path = self._workspace.inside(name)
            notebook = read_notebook(path)
            return Target(
                self._workspace.relative(path), path.stem, "", None, path.name, notebook, {}, []
            )
        pack = self._catalogue.pack(name, version)
        metadata = pack.metadata
        if not isinstance(metadata, KeyMetadata):
            raise NotAvailable(
                "NOT_A_NOTEBOOK_KEY",
                f"{name} is a runbook; it has no notebook to run.",
                f'Open it with "jupyter keys runbook show {name}".',
            )
        entry = _entry(pack, metadata)
        return Target(
            pack.slug,
            metadata.title,
            pack.version,
            pack,
            entry,
            parse_notebook(pack.files[entry], PurePosixPath(entry).name),
            metadata.parameters,
            metadata.environment,
        )

    def _files(
        self, declared: Declaration, checked: dict[str, Any], folder: Path
    ) -> tuple[dict[str, Any], dict[str, Any], list[InputFile]]:
        """Resolve file parameters: absolute to run with, from the workspace's root to record."""
        values, recorded, inputs = dict(checked), dict(checked), []
        for parameter in declared.parameters:
            given = checked.get(parameter.name)
            # The default names a file of the pack, which the run's folder holds a copy of.
            if not parameter.file or given is None or str(given) == str(parameter.default):
                continue
            path = self._input(parameter.name, str(given), folder)
            digest, size = digest_of(path)
            shown = self._shown(path)
            values[parameter.name], recorded[parameter.name] = path, shown
            inputs.append(InputFile(parameter=parameter.name, path=shown, sha256=digest, size=size))
        return values, recorded, inputs

    def _input(self, name: str, given: str, folder: Path) -> Path:
        path = (folder / given).resolve()
        if not path.is_file():
            raise InputError(
                "FILE_MISSING",
                f"`{name}` names {given!a}, which is not a file. Nothing was run.",
                "Name a file from the workspace's root, or upload it there first.",
            )
        return path

    def _shown(self, path: Path) -> str:
        return (
            self._workspace.relative(path)
            if path.is_relative_to(self._workspace.root)
            else str(path)
        )

    def _left_in_place(
        self, declared: Declaration, values: Mapping[str, Any], target: Target
    ) -> dict[str, Any]:
        """Point defaults that name a file too large to copy at the installed key's own copy."""
        if target.pack is None:
            return {}
        installed = self._workspace.install_path(target.key, target.version)
        return {
            parameter.name: installed / str(parameter.default)
            for parameter in declared.parameters
            if parameter.file
            and parameter.name not in values
            and str(parameter.default) in target.pack.files
            and _is_large(target.pack, str(parameter.default))
        }

    def _placed(
        self,
        declared: Declaration,
        values: dict[str, Any],
        recorded: dict[str, Any],
        place: Path,
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Name files as the run's folder sees them, so that a copied folder still finds its own."""
        for name, value in values.items():
            if isinstance(value, Path):
                inside = value.is_relative_to(self._workspace.root)
                values[name] = _from(place, value) if inside else str(value)
        for parameter in declared.parameters:
            if parameter.output_folder:
                values[parameter.name] = recorded[parameter.name] = ARTIFACTS
        order = [parameter.name for parameter in declared.parameters]
        return (
            {name: values[name] for name in order if name in values},
            {name: parameters.as_json(recorded[name]) for name in order if name in recorded},
        )

    # reading -------------------------------------------------------------------------------------

    def run(self, run_id: str) -> Run:
        """Return a run as it stands.

        Raises:
            NotAvailable: there is no such run.
        """
        return self._read(self._row(run_id))

    def settled(self, run_id: str) -> bool:
        """Say whether a run has ended and its outcome is kept."""
        return self._row(run_id)["outcome"] is not None

    def runs(self, *, incident: str | None = None, key: str | None = None) -> list[Run]:
        """Return runs, newest first."""
        return [self._read(row) for row in self._store.runs(incident=incident, key=key)]

    def tail(self, run_id: str, offset: int | None) -> OutputTail:
        """Return what a run has printed, from a byte offset, or its end when none is given."""
        self._row(run_id)
        path = self._store.journal_dir(run_id) / "output.txt"
        size = path.stat().st_size if path.is_file() else 0
        start = max(0, size - _TAIL_BYTES) if offset is None else min(max(offset, 0), size)
        data = b""
        if size:
            with path.open("rb") as file:
                file.seek(start)
                data = file.read(_TAIL_BYTES)
        return OutputTail(
            text=data.decode("utf-8", errors="replace"), offset=start, end=start + len(data)
        )

    def find(self, path: str, run_id: str | None) -> tuple[Run | None, str | None]:
        """Return the run a notebook belongs to, and of which run it is only a copy.

        The file at the recorded path is the run's notebook. A notebook elsewhere with the run's id in it
        is the run's when the recorded path is empty (it was renamed or moved), else a copy.
        """
        for row in self._store.runs():
            if row["facts"]["notebook"] == path:
                return self._read(row), None
        named = self._store.run(run_id) if run_id else None
        if named is None:
            return None, None
        if (self._workspace.root / named["facts"]["notebook"]).is_file():
            return None, str(named["id"])
        return self._read(named), None

    def _row(self, run_id: str) -> dict[str, Any]:
        row = self._store.run(run_id)
        if row is None:
            raise NotAvailable(
                "UNKNOWN_RUN",
                f"There is no run {ascii(run_id)[:50]}.",
                'List them with "jupyter keys runs list".',
            )
        return row

    def _read(self, row: dict[str, Any]) -> Run:
        facts, outcome = row["facts"], row["outcome"]
        lines = 0
        cells: list[Any] = []
        results: list[Any] = []
        artifacts: list[Any] = []
        if outcome:
            lines = outcome["lines"]
            cells, results, artifacts = outcome["cells"], outcome["results"], outcome["artifacts"]
        else:
            seen = journal.read(self._store.journal_dir(row["id"]))
            lines = len(seen)
            cells, results = self._cells(row, seen), journal.results(seen)
        return Run.model_validate(
            {
                **{name: facts[name] for name in _SHOWN},
                **{name: row[name] for name in _COLUMNS},
                "n": row["n"] + lines,
                "cells": cells,
                "results": results,
                "artifacts": artifacts,
                "usual_seconds": self._usual(row["key"], row["version"]),
            }
        )

    def _cells(self, row: dict[str, Any], seen: list[dict[str, Any]]) -> list[Any]:
        try:
            notebook = read_notebook(self._workspace.root / row["facts"]["notebook"])
        except (NotAvailable, InputError):
            return []
        return list(journal.cells(notebook, seen))

    def _usual(self, key: str, version: str) -> float | None:
        spans = [
            (_time(row["ended_at"]) - _time(row["started_at"])).total_seconds()
            for row in self._store.runs(key=key)[:20]
            if row["version"] == version and row["state"] == "SUCCEEDED" and row["started_at"]
        ]
        return round(statistics.median(spans), 1) if spans else None

    # ending --------------------------------------------------------------------------------------

    def ended(self, run_id: str, code: int) -> None:
        """Write the end of a run whose process could not, then let its outcome be kept."""
        end = ending(code)
        if end:
            self._store.advance(run_id, end.state.value, reason=end.reason)
        self._on_end(run_id)

    def outcome(self, run_id: str) -> dict[str, Any] | None:
        """Gather what an ended run left; None while it is open, and when it is kept already."""
        row = self._row(run_id)
        if row["outcome"] is not None or not RunState(row["state"]).terminal:
            return None
        seen = journal.read(self._store.journal_dir(run_id))
        folder = self._workspace.root / row["facts"]["folder"]
        before = [*row["facts"].get("before", ()), PurePosixPath(row["facts"]["notebook"]).name]
        cells = journal.cells(self._notebook_or_empty(row), [*seen, _end_line(row)])
        return {
            "lines": len(seen),
            "cells": [cell.model_dump(mode="json") for cell in cells],
            "results": [result.model_dump(mode="json") for result in journal.results(seen)],
            "artifacts": [
                artifact.model_dump(mode="json")
                for artifact in evidence.artifacts_in(folder, before)
            ],
        }

    def ended_as(self, run_id: str, outcome: Mapping[str, Any]) -> Run:
        """Return a run with an outcome that is not kept yet."""
        return self._read({**self._row(run_id), "outcome": outcome})

    def keep(self, run_id: str, outcome: Mapping[str, Any]) -> None:
        """Keep a run's outcome with it; from here on it is settled."""
        self._store.set_outcome(run_id, outcome)

    def _notebook_or_empty(self, row: dict[str, Any]) -> dict[str, Any]:
        try:
            return read_notebook(self._workspace.root / row["facts"]["notebook"])
        except (NotAvailable, InputError):
            return {"cells": []}

    def captured(self, run: Run) -> list[evidence.Captured]:
        """Return what is kept of an ended run as evidence."""
        seen = journal.read(self._store.journal_dir(run.id))
        root = self._workspace.root
        return list(
            evidence.capture(
                journal.outputs(seen),
                run.results,
                root / run.notebook,
                root / run.folder,
                run.artifacts,
            )
        )

    def left_over(self) -> list[str]:
        """End the runs whose process is gone, and return those whose outcome is not kept yet."""
        found = []
        for row in self._store.unfinished_runs():
            if row["workspace"] == str(self._workspace.root) and not alive(row["owner"]):
                self._store.advance(
                    row["id"], "INTERRUPTED", reason="The server or command that ran it ended."
                )
                found.append(row["id"])
        return found


_COLUMNS = (
    "id",
    "key",
    "version",
    "state",
    "reason",
    "requested_at",
    "started_at",
    "ended_at",
    "incident",
    "step",
)
_SHOWN = ("title", "pack_sha256", "mode", "folder", "notebook", "kernel", "parameters", "inputs")


def _copied(target: Target) -> dict[str, bytes]:
    """Return the pack's files that a run gets as copies of its own; large samples stay where they are installed."""
    if target.pack is None:
        return {}
    return {
        name: data
        for name, data in target.pack.files.items()
        if name != target.entry and not _is_large(target.pack, name)
    }


def _is_large(pack: VerifiedPack, name: str) -> bool:
    code = name.endswith((".py", ".ipynb", ".json", ".md"))
    return not code and len(pack.files[name]) > _LARGE_BYTES


def _facts(
    target: Target,
    request: RunRequest,
    recorded: dict[str, Any],
    inputs: list[InputFile],
    folder: str,
) -> dict[str, Any]:
    return {
        "title": target.title,
        "pack_sha256": target.pack.sha256 if target.pack else "",
        "mode": "headless",
        "folder": folder,
        "notebook": f"{folder}/{PurePosixPath(target.entry).name}",
        "kernel": request.kernel or _kernel_of(target.notebook),
        "parameters": recorded,
        "inputs": [item.model_dump(mode="json") for item in inputs],
    }


def _binding(
    run_id: str, target: Target, request: RunRequest, facts: dict[str, Any]
) -> dict[str, Any]:
    """Return what a run's notebook says of itself, so that it knows its step wherever it is opened."""
    return {
        "run": run_id,
        "key": target.key,
        "version": target.version,
        "pack_sha256": facts["pack_sha256"],
        "mode": facts["mode"],
        "incident": request.incident,
        "step": request.step,
    }


def _comment(run_id: str, request: RunRequest) -> str:
    where = f", incident {request.incident[:8]}, step {request.step}" if request.incident else ""
    return f"Injected by run {run_id[:8]}{where}"


def _entry(pack: VerifiedPack, metadata: KeyMetadata) -> str:
    notebooks = [name for name in pack.files if name.endswith(".ipynb")]
    if metadata.entry in pack.files:
        return str(metadata.entry)
    if len(notebooks) == 1:
        return notebooks[0]
    raise InputError(
        "WHICH_NOTEBOOK",
        f"{pack.slug} holds {len(notebooks)} notebooks and does not say which one runs.",
        f"It has: {', '.join(sorted(notebooks)) or 'none'}.",
    )


def _secret_values(declared: Declaration, checked: Mapping[str, Any]) -> dict[str, str]:
    return {
        parameter.name: str(checked[parameter.name])
        for parameter in declared.parameters
        if parameter.secret and checked.get(parameter.name) is not None
    }


def _folder_name(target: Target) -> str:
    return target.key if target.pack else Path(target.entry).stem


def _kernel_of(notebook: Mapping[str, Any]) -> str:
    spec = notebook.get("metadata", {}).get("kernelspec", {})
    return str(spec.get("name", "python3"))


def _from(place: Path, value: Path) -> str:
    return Path(os.path.relpath(value, place)).as_posix()


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _end_line(row: dict[str, Any]) -> dict[str, Any]:
    """Return the journal's last word for a run whose own process could not write it."""
    return {"type": "state", "state": row["state"], "reason": row["reason"], "at": row["ended_at"]}
