"""A run's folder before anything runs: which values, which files, what is recorded, and the job made of them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath
from typing import Any

from keys_jupyter import parameters
from keys_jupyter.archive import VerifiedPack
from keys_jupyter.model.run import InputFile, RunRequest
from keys_jupyter.parameters import Declaration, InvalidParameters, Problem
from keys_jupyter.runner import journal
from keys_jupyter.runner.job import Job
from keys_jupyter.runner.python import Pythons
from keys_jupyter.service.runs import secret_values
from keys_jupyter.service.runs.surrounding import environment_of
from keys_jupyter.service.runs.targets import Target, Targets
from keys_jupyter.store import Store
from keys_jupyter.workspace import (
    ARTIFACTS,
    Workspace,
    digest_of,
    notebook_bytes,
    replace_file,
)

# A sample file above this is not copied into every run.
_LARGE_BYTES = 10 * 1024 * 1024
# The run's process writes why it ended, which may be a secret's exception.
_STORE = "keys_jupyter.store.discreet:DiscreetStore"


@dataclass(frozen=True)
class Wanted:
    """A request made exact: the notebook it means, its checked values, and where it will run.

    ``asked`` are the secrets that the notebook itself asks for; ``secrets`` those that the kernel is given.
    """

    run_id: str
    target: Target
    declared: Declaration
    request: RunRequest
    values: dict[str, Any]
    asked: list[str]
    secrets: dict[str, str]
    place: Path
    facts: dict[str, Any]


class Preparation:
    """Makes run folders in one workspace."""

    def __init__(
        self, workspace: Workspace, store: Store, targets: Targets, pythons: Pythons
    ) -> None:
        """Take where folders are made, where secrets' salts are kept, who finds notebooks, and who knows kernels."""
        self._workspace = workspace
        self._store = store
        self._targets = targets
        self._pythons = pythons

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
        target = self._targets.find(request.key, request.version)
        declared = target.declared(request.secrets)
        asked = secret_values.asked_by_notebook(declared, request)
        given = secret_values.given(request)
        checked = parameters.check(declared, given, request.nulls, texts=texts, asked=asked)
        secret_values.must_be_whole(checked)
        secrets = secret_values.values_of(declared, checked)
        python = self._pythons.of(request.kernel or target.kernel)
        if secrets or asked:
            secret_values.must_be_python([declared.language, python.language])
        values, recorded, inputs = self._files(declared, checked, folder or self._workspace.root)
        place = self._place(target, run_id)
        values |= self._left_in_place(declared, values, target)
        values, recorded = self._placed(declared, values, recorded, place)
        recorded |= secret_values.commitments(self._store.journal_dir(run_id), secrets)
        recorded |= dict.fromkeys(asked, secret_values.ASKED)
        facts = _facts(target, request, recorded, inputs, self._workspace.relative(place))
        facts["environment"] = environment_of(python).model_dump(mode="json")
        facts["secrets"] = sorted([*secrets, *asked])
        facts["samples"] = _samples(target, declared, checked)
        return Wanted(run_id, target, declared, request, values, asked, secrets, place, facts)

    def write(self, wanted: Wanted) -> Job:
        """Make the run's folder and return the job that runs in it.

        Raises:
            SurroundingsError: the workspace cannot be written.
        """
        run_id, target = wanted.run_id, wanted.target
        notebook = self._notebook(wanted)
        files = _copied(target)
        path = self._workspace.prepare_run(
            files, notebook, place=wanted.place, name=PurePosixPath(target.entry).name
        )
        # What was prepared is kept apart, since the one in the folder is the person's to change.
        kept = self._store.journal_dir(run_id)
        kept.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_file(kept / journal.PREPARED, notebook_bytes(notebook))
        before = {
            "before": sorted([*files, path.name]),
            "cells": len(notebook["cells"]),
        }
        self._store.set_facts(run_id, {**wanted.facts, **before})
        return self._job(wanted, path.name)

    def _job(self, wanted: Wanted, notebook: str) -> Job:
        request = wanted.request
        return Job(
            run_id=wanted.run_id,
            folder=wanted.place,
            notebook=notebook,
            journal_dir=self._store.journal_dir(wanted.run_id),
            data_dir=self._store.data_dir,
            kernel=request.kernel,
            timeout=request.timeout,
            cell_timeout=request.cell_timeout,
            env_names=wanted.target.environment,
            secrets=wanted.secrets,
            lane=request.incident or wanted.target.key,
            store=_STORE,
        )

    def _notebook(self, wanted: Wanted) -> dict[str, Any]:
        """Return the notebook with its injected cell and what it says of itself."""
        run_id, request, target = wanted.run_id, wanted.request, wanted.target
        notebook = dict(target.notebook)
        values = {**wanted.values, **dict.fromkeys(wanted.asked)}
        if values:
            source = parameters.cell_source(
                wanted.declared, values, comment=_comment(run_id, request), asked=wanted.asked
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

    def _place(self, target: Target, run_id: str) -> Path:
        """Return a folder that no run has yet: two ids may begin alike."""
        day = datetime.now(timezone.utc).strftime("%Y-%m-%d")
        place = self._workspace.run_path(day, target.name, run_id)
        return place if not place.exists() else place.with_name(f"{target.name}-{run_id}")

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
            missing = Problem(
                name,
                "FILE_MISSING",
                f"`{name}` names {given!a}, which is not a file. Nothing was run.",
                "Name a file from the workspace's root, or upload it there first."
                if folder == self._workspace.root
                else "Name a file from the current folder, or with its whole path.",
            )
            raise InvalidParameters([missing])
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
        for parameter in declared.parameters:
            name, value = parameter.name, values.get(parameter.name)
            if isinstance(value, Path):
                inside = value.is_relative_to(self._workspace.root)
                value = values[name] = _from(place, value) if inside else str(value)
            if parameter.output_folder:
                value = values[name] = recorded[name] = ARTIFACTS
            if isinstance(value, str) and "Path" in parameter.type:
                values[name] = Path(value)
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
        "mode": request.mode,
        "folder": folder,
        "notebook": f"{folder}/{PurePosixPath(target.entry).name}",
        "kernel": request.kernel or target.kernel,
        "parameters": recorded,
        "inputs": [item.model_dump(mode="json") for item in inputs],
        "asked": {
            "kernel": request.kernel,
            "timeout": request.timeout,
            "cell_timeout": request.cell_timeout,
            "nulls": request.nulls,
        },
    }


def _samples(
    target: Target, declared: Declaration, checked: Mapping[str, Any]
) -> list[dict[str, str]]:
    """Return the file parameters that stayed what the key brings: their results are of nobody's data."""
    return [
        {"parameter": one.name, "path": str(one.default)}
        for one in declared.parameters
        if target.pack is not None
        and one.file
        and one.default is not None
        and str(checked.get(one.name, one.default)) == str(one.default)
    ]


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


def _from(place: Path, value: Path) -> str:
    return Path(os.path.relpath(value, place)).as_posix()
