"""Which keys there are: all sources joined with what is installed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from pydantic import ValidationError

from keys_jupyter.archive import VerifiedPack
from keys_jupyter.model.catalog import Catalog, KeyDetail, KeyRow, Problem, Reference
from keys_jupyter.model.pack import KeyMetadata, LibraryPack, RunbookMetadata
from keys_jupyter.service.installs import Installs
from keys_jupyter.sources import Source
from keys_jupyter.sources.library import newer
from keys_jupyter.workspace import Workspace


class Catalogue:
    """All sources together with what is installed in one workspace."""

    def __init__(self, workspace: Workspace, sources: Sequence[Source], installs: Installs) -> None:
        """Join sources; where two offer the same key, the first of them is the one that is shown."""
        self._workspace = workspace
        self._sources = sources
        self._installs = installs

    def catalog(self) -> Catalog:
        """Return every key there is and every fault of a source."""
        problems: list[Problem] = []
        rows: dict[str, KeyRow] = {}
        installed = self._installed_versions()
        for source in self._sources:
            listing = source.listing()
            problems += listing.problems
            for pack in listing.packs:
                if pack.slug not in rows:
                    rows[pack.slug] = _row(pack, source.name, installed.get(pack.slug, []))
        for slug, versions in installed.items():
            if slug not in rows:
                rows[slug] = _row(self._from_disk(slug, versions[-1]), "installed", versions)
        keys = sorted(rows.values(), key=lambda row: (row.severity or "p9", row.title.casefold()))
        return Catalog(keys=keys, stale_since=None, problems=problems)

    def detail(self, slug: str) -> KeyDetail:
        """Return one key whole.

        Raises:
            NotAvailable: no source knows it and it is not installed.
        """
        keys = self.catalog().keys
        row = next((key for key in keys if key.slug == slug), None)
        if row is None:
            raise self._installs.unknown(slug)
        pack = self._installs.pack(slug, None)
        return KeyDetail(
            **row.model_dump(),
            versions=self._installs.versions(slug),
            readme=_text(pack, "README.md"),
            changelog=_text(pack, "CHANGELOG.md"),
            questions=pack.metadata.questions if isinstance(pack.metadata, KeyMetadata) else [],
            referenced_by=self._referenced_by(keys, slug),
            references=_references(keys, pack),
        )

    def _installed_versions(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in self._installs.rows():
            found.setdefault(row["slug"], []).append(row["version"])
        return found

    def _from_disk(self, slug: str, version: str) -> LibraryPack:
        """Describe an installed key that no source offers any more."""
        folder = self._workspace.install_path(slug, version)
        for name, kind in (("key.json", "jupyter"), ("pack.json", "runbook")):
            if (folder / name).is_file():
                try:
                    row = json.loads((folder / name).read_bytes())
                    return LibraryPack.model_validate({**row, "kind": kind, "assets": {}})
                except (OSError, ValueError, ValidationError):
                    break
        return LibraryPack(
            slug=slug, title=slug, version=version, license_spdx="", kind="other", assets={}
        )

    def _referenced_by(self, keys: Iterable[KeyRow], slug: str) -> list[Reference]:
        return [
            Reference(slug=row.slug, title=row.title)
            for row in keys
            if row.kind == "runbook" and slug in _called(self._installs.pack(row.slug, None))
        ]


def _text(pack: VerifiedPack, name: str) -> str:
    return pack.files.get(name, b"").decode("utf-8", errors="replace")


def _called(pack: VerifiedPack) -> list[str]:
    if isinstance(pack.metadata, RunbookMetadata):
        return [*pack.metadata.references_jupyter_keys, *pack.metadata.references_node_keys]
    return []


def _references(keys: Iterable[KeyRow], pack: VerifiedPack) -> list[Reference]:
    titles = {row.slug: row.title for row in keys}
    return [Reference(slug=slug, title=titles.get(slug)) for slug in _called(pack)]


def _row(pack: LibraryPack, source: str, installed: list[str]) -> KeyRow:
    update = pack.version if installed and newer(pack.version, installed[-1]) else None
    return KeyRow(
        slug=pack.slug,
        kind=pack.kind,
        title=pack.title,
        version=pack.version,
        source=source,
        # A library at hand needs no entitlement: who has its folder has its keys.
        entitled=True,
        installed=installed,
        update=update,
        category=pack.category,
        maturity=pack.maturity,
        outcome=pack.outcome,
        severity=pack.severity_level,
        key_type=pack.key_type,
        tags=pack.tags,
        description=pack.description,
    )
