"""The one way a key gets into the workspace: fetched, verified, unpacked, and recorded as it was verified."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from keys_jupyter import archive
from keys_jupyter.archive import VerifiedPack
from keys_jupyter.errors import IntegrityError, NotAvailable
from keys_jupyter.model.catalog import Installed
from keys_jupyter.service.recording import Announce
from keys_jupyter.sources import Source
from keys_jupyter.store import Store, write_beside
from keys_jupyter.workspace import Workspace


class Installs:
    """What is installed in one workspace, and what the sources can bring to it."""

    def __init__(
        self, workspace: Workspace, store: Store, sources: Sequence[Source], announce: Announce
    ) -> None:
        """Take where keys go and where they come from; the first source that has a key brings it."""
        self._workspace = workspace
        self._store = store
        self._sources = sources
        self._announce = announce

    def install(self, slug: str, version: str | None = None) -> Installed:
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
        self._announce("catalog", slug, 0)
        return _installed(row)

    def rows(self, slug: str | None = None) -> list[dict[str, Any]]:
        """Return the rows of what is installed here and still on disk."""
        rows = self._store.installs(str(self._workspace.root), slug)
        return [row for row in rows if (self._workspace.root / row["path"]).is_dir()]

    def pack(self, slug: str, version: str | None) -> VerifiedPack:
        """Return a verified pack: the installed one where there is one, else the source's.

        Raises:
            NotAvailable: no such key or version.
            IntegrityError: its bytes are refused.
        """
        for row in reversed(self.rows(slug)):
            kept = self._zip_path(row["sha256"])
            if version in (None, row["version"]) and kept.is_file():
                return _opened(kept, row["sha256"], slug, row["version"])
        return self._fetch(slug, version)

    def _fetch(self, slug: str, version: str | None) -> VerifiedPack:
        for source in self._sources:
            offered = [pack.version for pack in source.listing().packs if pack.slug == slug]
            if offered and (version is None or version in offered):
                return source.fetch(slug, version or offered[0])
        raise self._missing(slug, version)

    def _missing(self, slug: str, version: str | None) -> NotAvailable:
        if versions := self.versions(slug):
            return NotAvailable(
                "UNKNOWN_VERSION",
                f"There is no version {version} of {slug}.",
                f"Its versions are: {', '.join(versions)}.",
            )
        return self.unknown(slug)

    def _must_be_pinned(self, pack: VerifiedPack) -> None:
        """Refuse other bytes under a version that is installed already."""
        for row in self.rows(pack.slug):
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

    def installed(self) -> dict[str, Any]:
        """Return what is installed here, and which of its files were edited since."""
        rows = self.rows()
        newest = {row["slug"]: row["version"] for row in rows}
        return {
            "installed": [
                {
                    "slug": row["slug"],
                    "version": row["version"],
                    "default": newest[row["slug"]] == row["version"],
                    "sha256": row["sha256"],
                    "path": row["path"],
                    "edited": self._workspace.edited(row["path"], row["files"]),
                }
                for row in rows
            ]
        }

    def versions(self, slug: str) -> list[str]:
        """Return the versions of a key that a source offers or that are installed, offered ones first."""
        offered = [
            pack.version
            for source in self._sources
            for pack in source.listing().packs
            if pack.slug == slug
        ]
        here = [row["version"] for row in self.rows(slug)]
        return list(dict.fromkeys(offered + here))

    def unknown(self, slug: str) -> NotAvailable:
        """Return the error for a key that is nowhere, with the nearest name there is."""
        offered = {pack.slug for source in self._sources for pack in source.listing().packs}
        known = offered | {row["slug"] for row in self.rows()}
        near = difflib.get_close_matches(slug, sorted(known), n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]}?" if near else 'List them with "jupyter keys catalog".'
        return NotAvailable("UNKNOWN_KEY", f"There is no key {ascii(slug)[:90]} here.", hint)


@lru_cache(maxsize=64)
def _opened(path: Path, sha256: str, slug: str, version: str) -> VerifiedPack:
    # The name of a kept zip is its digest and it is never written twice, so what was opened once holds.
    return archive.verify(path.read_bytes(), sha256=sha256, slug=slug, version=version)


def _installed(row: dict[str, Any]) -> Installed:
    return Installed(
        slug=row["slug"],
        version=row["version"],
        sha256=row["sha256"],
        verified=row["verified"],
        path=row["path"],
        files=len(row["files"]),
    )
