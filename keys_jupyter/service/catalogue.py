"""Which keys there are, which are installed, and the one way a key gets into the workspace."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from keys_jupyter import archive, runbook
from keys_jupyter.archive import VerifiedPack
from keys_jupyter.errors import InputError, IntegrityError, NotAvailable
from keys_jupyter.model.catalog import Catalog, Installed, KeyDetail, KeyRow, Problem, Reference
from keys_jupyter.model.pack import KeyMetadata, LibraryPack, RunbookMetadata
from keys_jupyter.model.runbook import Runbook, RunbookRow
from keys_jupyter.sources import Source
from keys_jupyter.sources.library import newer
from keys_jupyter.store import Store, write_beside
from keys_jupyter.workspace import Workspace


class Catalogue:
    """All sources together with what is installed in one workspace."""

    def __init__(self, workspace: Workspace, store: Store, sources: Sequence[Source]) -> None:
        """Join sources; where two offer the same key, the first of them is the one that is shown."""
        self._workspace = workspace
        self._store = store
        self._sources = sources

    # looking -------------------------------------------------------------------------------------

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

    def runbooks(self) -> list[RunbookRow]:
        """Return the runbooks, most severe first."""
        return [
            RunbookRow(
                slug=row.slug,
                title=row.title,
                version=row.version,
                key_types=row.key_type,
                severity=row.severity,
                source=row.source,
                installed=row.installed,
            )
            for row in self.catalog().keys
            if row.kind == "runbook"
        ]

    def detail(self, slug: str) -> KeyDetail:
        """Return one key whole.

        Raises:
            NotAvailable: no source knows it and it is not installed.
        """
        keys = self.catalog().keys
        row = next((key for key in keys if key.slug == slug), None)
        if row is None:
            raise self._unknown(slug)
        pack = self.pack(slug, None)
        return KeyDetail(
            **row.model_dump(),
            versions=self._versions(slug),
            readme=_text(pack, "README.md"),
            changelog=_text(pack, "CHANGELOG.md"),
            questions=pack.metadata.questions if isinstance(pack.metadata, KeyMetadata) else [],
            referenced_by=self._referenced_by(keys, slug),
            references=_references(keys, pack),
        )

    def runbook(self, name: str) -> tuple[Runbook, bytes]:
        """Return a runbook with the bytes it was read from.

        Args:
            name: a slug, or a runbook's folder or README.md in the workspace.

        Raises:
            NotAvailable: there is none of that name, or it is a key of another kind.
        """
        if "/" in name or name.endswith(".md"):
            return self._runbook_file(name)
        pack = self.pack(name, None)
        if not isinstance(pack.metadata, RunbookMetadata):
            raise NotAvailable(
                "NOT_A_RUNBOOK",
                f"{name} is a key, not a runbook.",
                'List the runbooks with "jupyter keys runbook list".',
            )
        source = pack.files["README.md"]
        return _parsed(source, pack.slug, pack.version, pack.metadata), source

    # getting -------------------------------------------------------------------------------------

    def install(self, slug: str, version: str | None) -> Installed:
        """Verify a version of a key and unpack it into the workspace; again changes nothing.

        Raises:
            NotAvailable: no such key or version.
            IntegrityError: its bytes are refused, or another content is installed under that version.
            SurroundingsError: the disk does not take it.
        """
        pack = self._fetch(slug, version)
        self._must_be_pinned(pack)
        path, digests = self._workspace.install(pack)
        self._keep_zip(pack)
        row = {
            "workspace": str(self._workspace.root),
            "slug": pack.slug,
            "version": pack.version,
            "sha256": pack.sha256,
            "verified": pack.verified,
            "path": path,
            "files": digests,
        }
        self._store.add_install(row)
        return _installed(row)

    def installed(self, slug: str | None = None) -> list[dict[str, Any]]:
        """Return the rows of what is installed here and still on disk."""
        rows = self._store.installs(str(self._workspace.root), slug)
        return [row for row in rows if (self._workspace.root / row["path"]).is_dir()]

    def pack(self, slug: str, version: str | None) -> VerifiedPack:
        """Return a verified pack: the installed one where there is one, else the source's.

        Raises:
            NotAvailable: no such key or version.
            IntegrityError: its bytes are refused.
        """
        for row in reversed(self.installed(slug)):
            kept = self._zip_path(row["sha256"])
            if version in (None, row["version"]) and kept.is_file():
                return _opened(kept, row["sha256"], slug, row["version"])
        return self._fetch(slug, version)

    def _fetch(self, slug: str, version: str | None) -> VerifiedPack:
        for source in self._sources:
            offered = [pack.version for pack in source.listing().packs if pack.slug == slug]
            if offered and (version is None or version in offered):
                return source.fetch(slug, version or offered[0])
        if any(row.slug == slug for row in self.catalog().keys):
            raise NotAvailable(
                "UNKNOWN_VERSION",
                f"There is no version {version} of {slug}.",
                f"Its versions are: {', '.join(self._versions(slug))}.",
            )
        raise self._unknown(slug)

    def _must_be_pinned(self, pack: VerifiedPack) -> None:
        """Refuse other bytes under a version that is installed already."""
        for row in self.installed(pack.slug):
            if row["version"] == pack.version and row["sha256"] != pack.sha256:
                raise IntegrityError(
                    "PIN_MISMATCH",
                    f"{pack.slug} {pack.version} is not the pack that was installed: sha256 "
                    f"{pack.sha256[:8]}…, installed {row['sha256'][:8]}…. Nothing was changed.",
                    "Tell the publisher; a changed pack must have a new version.",
                )

    def _keep_zip(self, pack: VerifiedPack) -> None:
        path = self._zip_path(pack.sha256)
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_beside(path, pack.zip_bytes)

    def _zip_path(self, digest: str) -> Path:
        return self._store.data_dir / "packs" / f"{digest}.zip"

    # what is known -------------------------------------------------------------------------------

    def _installed_versions(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in self.installed():
            found.setdefault(row["slug"], []).append(row["version"])
        return found

    def _versions(self, slug: str) -> list[str]:
        offered = [
            pack.version
            for source in self._sources
            for pack in source.listing().packs
            if pack.slug == slug
        ]
        return list(dict.fromkeys(offered + self._installed_versions().get(slug, [])))

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
            if row.kind == "runbook" and slug in _called(self.pack(row.slug, None))
        ]

    def _runbook_file(self, name: str) -> tuple[Runbook, bytes]:
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

    def _unknown(self, slug: str) -> NotAvailable:
        known = [row.slug for row in self.catalog().keys]
        near = difflib.get_close_matches(slug, known, n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]}?" if near else 'List them with "jupyter keys catalog".'
        return NotAvailable("UNKNOWN_KEY", f"There is no key {ascii(slug)[:90]} here.", hint)


@lru_cache(maxsize=64)
def _opened(path: Path, sha256: str, slug: str, version: str) -> VerifiedPack:
    # The name of a kept zip is its digest and it is never written twice, so what was opened once holds.
    return archive.verify(path.read_bytes(), sha256=sha256, slug=slug, version=version)


def _parsed(source: bytes, slug: str, version: str, metadata: RunbookMetadata | None) -> Runbook:
    try:
        text = source.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            "NOT_UTF8", "The runbook is not UTF-8 text.", "Save its README.md as UTF-8."
        ) from error
    return runbook.parse(text, slug=slug, version=version, metadata=metadata)


def _metadata_beside(path: Path) -> RunbookMetadata | None:
    try:
        return RunbookMetadata.model_validate(json.loads((path.parent / "pack.json").read_bytes()))
    except (OSError, ValueError):
        return None


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


def _installed(row: dict[str, Any]) -> Installed:
    return Installed(
        slug=row["slug"],
        version=row["version"],
        sha256=row["sha256"],
        verified=row["verified"],
        path=row["path"],
        files=len(row["files"]),
    )
