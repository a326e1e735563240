"""A run's folder before anything runs: which notebook, which values, which files, and the job made of them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath
from typing import Any

from keys_jupyter import parameters
from keys_jupyter.archive import VerifiedPack
from keys_jupyter.errors import InputError, NotAvailable
from keys_jupyter.model.pack import KeyMetadata, ParameterNotes
from keys_jupyter.model.parameters import CellPreview, ParametersReply
from keys_jupyter.model.run import InputFile, RunRequest
from keys_jupyter.parameters import Declaration
from keys_jupyter.runner.job import Job
from keys_jupyter.service.installs import Installs
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


@dataclass(frozen=True)
class Wanted:
    """A request made exact: the notebook it means, its checked values, and where it will run."""

    run_id: str
    target: Target
    declared: Declaration
    request: RunRequest
    values: dict[str, Any]
    secrets: dict[str, str]
    place: Path
    facts: dict[str, Any]


class Preparation:
    """Makes run folders in one workspace."""

    def __init__(self, workspace: Workspace, store: Store, installs: Installs) -> None:
        """Take where folders are made, where secrets' salts are kept, and where keys come from."""
        self._workspace = workspace
        self._store = store
        self._installs = installs

    # what a notebook takes -----------------------------------------------------------------------

    def parameters(self, name: str, version: str | None = None) -> ParametersReply:
        """Return what a key or a notebook of the workspace takes.

        Raises:
            NotAvailable: there is no such key or notebook.
            InputError: its parameters cell cannot be read.
        """
        target = self.target(name, version)
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
        target = self.target(name, version)
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
        target = self.target(name, version)
        declared = parameters.declared(target.notebook, target.notes)
        return parameters.check(declared, texts, texts=True, partial=True)

    # the folder ----------------------------------------------------------------------------------

    def wanted(
        self, run_id: str, request: RunRequest, *, folder: Path | None, texts: bool
    ) -> Wanted:
        """Check a request and make it exact; nothing is written but the salt of its secrets.

        Args:
            run_id: the run's id.
            request: what to run.
            folder: what file parameters are relative to; the workspace's root when None.
            texts: values are texts of the command line, to be read as their parameter's type.

        Raises:
            NotAvailable: there is no such key, version or notebook.
            InputError: a name or a value is wrong, or a file is not there.
        """
        target = self.target(request.key, request.version)
        declared = parameters.declared(target.notebook, target.notes)
        checked = parameters.check(declared, request.parameters, request.nulls, texts=texts)
        values, recorded, inputs = self._files(declared, checked, folder or self._workspace.root)
        day = datetime.now(timezone.utc).strftime("%Y-%m-%d")
        place = self._workspace.run_path(day, _folder_name(target), run_id)
        values |= self._left_in_place(declared, values, target)
        values, recorded = self._placed(declared, values, recorded, place)
        secrets = _secret_values(declared, checked)
        recorded |= self._commitments(run_id, secrets)
        facts = _facts(target, request, recorded, inputs, self._workspace.relative(place))
        return Wanted(run_id, target, declared, request, values, secrets, place, facts)

    def write(self, wanted: Wanted) -> Job:
        """Make the run's folder and return the job that runs in it.

        Raises:
            SurroundingsError: the workspace cannot be written.
        """
        run_id, request, target = wanted.run_id, wanted.request, wanted.target
        notebook = self._notebook(wanted)
        files = _copied(target)
        path = self._workspace.prepare_run(
            files, notebook, place=wanted.place, name=PurePosixPath(target.entry).name
        )
        self._store.set_facts(
            run_id,
            {
                **wanted.facts,
                "before": sorted([*files, path.name]),
                "cells": len(notebook["cells"]),
            },
        )
        return Job(
            run_id=run_id,
            folder=wanted.place,
            notebook=path.name,
            journal_dir=self._store.journal_dir(run_id),
            data_dir=self._store.data_dir,
            kernel=request.kernel,
            timeout=request.timeout,
            cell_timeout=request.cell_timeout,
            env_names=target.environment,
            secrets=wanted.secrets,
        )

    def _notebook(self, wanted: Wanted) -> dict[str, Any]:
        """Return the notebook with its injected cell and what it says of itself."""
        run_id, request, target = wanted.run_id, wanted.request, wanted.target
        notebook = dict(target.notebook)
        if wanted.values:
            source = parameters.cell_source(
                wanted.declared, wanted.values, comment=_comment(run_id, request)
            )
            notebook = parameters.inject(
                notebook,
                source,
                cell_id=f"keys-{run_id[:8]}",
                metadata={"keys_jupyter": {"run": run_id}},
            )
        notebook["metadata"] = {
            **notebook.get("metadata", {}),
            "keys_jupyter": _binding(run_id, target, request, wanted.facts),
        }
        return notebook

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

    def target(self, name: str, version: str | None) -> Target:
        """Return the notebook that a key's slug or a path of the workspace means.

        Raises:
            NotAvailable: there is no such key, version or notebook.
        """
        if name.endswith(".ipynb"):
            path = self._workspace.inside(name)
            notebook = read_notebook(path)
            return Target(
                self._workspace.relative(path), path.stem, "", None, path.name, notebook, {}, []
            )
        pack = self._installs.pack(name, version)
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
