"""Runbooks by name: those of keys, and those that lie in the workspace."""

from __future__ import annotations

import json
from pathlib import Path

from keys_jupyter import runbook as parser
from keys_jupyter.errors import InputError, NotAvailable
from keys_jupyter.model.pack import RunbookMetadata
from keys_jupyter.model.runbook import Runbook, RunbookList, RunbookRow
from keys_jupyter.service.catalogue import Catalogue
from keys_jupyter.service.installs import Installs
from keys_jupyter.workspace import Workspace


class Runbooks:
    """The runbooks of all sources and of one workspace."""

    def __init__(self, workspace: Workspace, catalogue: Catalogue, installs: Installs) -> None:
        """Take where runbooks lie, are listed, and come from."""
        self._workspace = workspace
        self._catalogue = catalogue
        self._installs = installs

    def all(self) -> RunbookList:
        """Return the runbooks, most severe first."""
        rows = [
            RunbookRow(
                slug=row.slug,
                title=row.title,
                version=row.version,
                key_types=row.key_type,
                severity=row.severity,
                source=row.source,
                installed=row.installed,
            )
            for row in self._catalogue.catalog().keys
            if row.kind == "runbook"
        ]
        return RunbookList(runbooks=rows)

    def runbook(self, name: str) -> Runbook:
        """Return a runbook by its slug or its place in the workspace."""
        return self.source(name)[0]

    def source(self, name: str) -> tuple[Runbook, bytes]:
        """Return a runbook with the bytes it was read from.

        Args:
            name: a slug, or a runbook's folder or README.md in the workspace.

        Raises:
            NotAvailable: there is none of that name, or it is a key of another kind.
        """
        if "/" in name or name.endswith(".md"):
            return self._file(name)
        pack = self._installs.pack(name, None)
        if not isinstance(pack.metadata, RunbookMetadata):
            raise NotAvailable(
                "NOT_A_RUNBOOK",
                f"{name} is a key, not a runbook.",
                'List the runbooks with "jupyter keys runbook list".',
            )
        source = pack.files["README.md"]
        return _parsed(source, pack.slug, pack.version, pack.metadata), source

    def _file(self, name: str) -> tuple[Runbook, bytes]:
        path = self._workspace.inside(name)
        path = path / "README.md" if path.is_dir() else path
        try:
            source = path.read_bytes()
        except OSError as error:
            raise NotAvailable(
                "NO_RUNBOOK",
                f'There is no runbook at "{name}".',
                "Name its folder or its README.md.",
            ) from error
        metadata = _metadata_beside(path)
        version = metadata.version if metadata else ""
        return _parsed(source, path.parent.name, version, metadata), source


def _parsed(source: bytes, slug: str, version: str, metadata: RunbookMetadata | None) -> Runbook:
    try:
        text = source.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            "NOT_UTF8", "The runbook is not UTF-8 text.", "Save its README.md as UTF-8."
        ) from error
    return parser.parse(text, slug=slug, version=version, metadata=metadata)


def _metadata_beside(path: Path) -> RunbookMetadata | None:
    try:
        return RunbookMetadata.model_validate(json.loads((path.parent / "pack.json").read_bytes()))
    except (OSError, ValueError):
        return None
