"""A name in, the notebook it means out: its content, the files it comes with, and what it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from keys_jupyter import parameters
from keys_jupyter.archive import VerifiedPack
from keys_jupyter.errors import InputError, NotAvailable
from keys_jupyter.model.pack import KeyMetadata, ParameterNotes
from keys_jupyter.model.parameters import CellPreview, ParametersReply
from keys_jupyter.parameters import Declaration
from keys_jupyter.service.keys.installs import Installs
from keys_jupyter.workspace import Workspace, parse_notebook, read_notebook


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

    @property
    def kernel(self) -> str:
        """The kernel the notebook names."""
        spec = self.notebook.get("metadata", {}).get("kernelspec", {})
        return str(spec.get("name", "python3"))

    @property
    def name(self) -> str:
        """What its runs' folders are called."""
        return self.key if self.pack else Path(self.entry).stem

    def declared(self, secrets: Mapping[str, str] | None = None) -> Declaration:
        """Read what it takes; a parameter that is given as a secret is one, whatever its author says.

        Raises:
            InputError: its parameters cell cannot be read.
        """
        found = parameters.declared(self.notebook, self.notes)
        return replace(
            found,
            parameters=[
                parameter.model_copy(update={"secret": True, "default": None})
                if parameter.name in (secrets or {})
                else parameter
                for parameter in found.parameters
            ],
        )


class Targets:
    """Finds notebooks: of keys, and of the workspace."""

    def __init__(self, workspace: Workspace, installs: Installs) -> None:
        """Take where a person's notebooks are and where keys come from."""
        self._workspace = workspace
        self._installs = installs

    def find(self, name: str, version: str | None) -> Target:
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

    def parameters(self, name: str, version: str | None = None) -> ParametersReply:
        """Return what a key or a notebook of the workspace takes.

        Raises:
            NotAvailable: there is no such key or notebook.
            InputError: its parameters cell cannot be read.
        """
        target = self.find(name, version)
        declared = target.declared()
        return ParametersReply(
            slug=target.key if target.pack else None,
            version=target.version or None,
            notebook=target.entry,
            kernel=target.kernel,
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
        declared = self.find(name, version).declared()
        checked = parameters.check(declared, values, nulls)
        return CellPreview(
            source=parameters.cell_source(declared, checked), language=declared.language
        )

    def typed(self, name: str, version: str | None, texts: Mapping[str, str]) -> dict[str, Any]:
        """Return a command line's texts as values of their parameters' types.

        Raises:
            InputError: a name or a value is wrong.
        """
        declared = self.find(name, version).declared()
        return parameters.check(declared, texts, texts=True, partial=True)


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
