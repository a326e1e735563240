"""The one way a key gets into the workspace and out of it: verified, pinned, side by side, one at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from keys_jupyter import archive
from keys_jupyter.archive import VerifiedPack
from keys_jupyter.errors import InputError, IntegrityError, NotAvailable
from keys_jupyter.model.installs import (
    Installed,
    InstalledList,
    InstalledRow,
    OutdatedList,
    OutdatedRow,
    Removed,
)
from keys_jupyter.service.incidents.recording import Announce
from keys_jupyter.service.keys.packs import Brought, Packs
from keys_jupyter.service.keys.underway import Underway
from keys_jupyter.sources.library import newer, version_order
from keys_jupyter.store import Store
from keys_jupyter.workspace import Workspace, replace_file


class Installs:
    """What is installed in one workspace."""

    def __init__(
        self, workspace: Workspace, store: Store, packs: Packs, announce: Announce
    ) -> None:
        """Clear what a killed install left, and be ready.

        Args:
            workspace: where keys are unpacked.
            store: where installs and pins are recorded.
            packs: where packs come from.
            announce: told of every change as kind, id and number.
        """
        self._workspace = workspace
        self._store = store
        self._packs = packs
        self._announce = announce
        self.underway = Underway(workspace.root, store.data_dir / "locks")
        workspace.clear_staging()

    # in ------------------------------------------------------------------------------------------

    def install(self, slug: str, version: str | None = None) -> Installed:
        """Verify a version of a key and unpack it beside its other ones; it is then the one in use.

        The same version again changes nothing but which one is in use.

        Raises:
            NotAvailable: no such key or version.
            IntegrityError: its bytes are refused, or another content is installed under that version.
            NetworkError: it could not be fetched.
            SurroundingsError: the disk does not take it, or another install of it takes too long.
        """
        with self.underway.one_at_a_time(slug) as going:
            brought = self._packs.fetch(
                slug, version, on_progress=going.came, cancelled=going.stopped
            )
            return self._put(brought)

    def import_pack(self, path: Path, sha256: str | None = None) -> Installed:
        """Install a pack from a file, through the same door as any other.

        Args:
            path: the zip.
            sha256: the digest it must have; without one it is recorded as unverified.

        Raises:
            NotAvailable: there is no such file.
            IntegrityError: its bytes are refused.
        """
        if sha256 is not None and len(sha256) != 64:
            raise InputError(
                "BAD_DIGEST", "A sha256 is 64 hexadecimal digits.", "Copy it whole, without spaces."
            )
        try:
            data = path.read_bytes()
        except OSError as error:
            raise NotAvailable(
                "NO_PACK_FILE",
                f'There is no file "{path.name}" that can be read.',
                "Check its name and place.",
            ) from error
        pack = archive.verify(data, sha256=sha256.lower() if sha256 else None)
        with self.underway.one_at_a_time(pack.slug):
            return self._put(Brought(pack, "file", at_hand=False))

    def _put(self, brought: Brought) -> Installed:
        pack = brought.pack
        self._must_be_pinned(brought)
        self._packs.keep(pack)
        path = self._workspace.relative(self._workspace.install_path(pack.slug, pack.version))
        row = {
            "workspace": str(self._workspace.root),
            "slug": pack.slug,
            "version": pack.version,
            "sha256": pack.sha256,
            "verified": pack.verified,
            "path": path,
            "files": self._workspace.digests(pack),
            "source": brought.source,
        }
        self._workspace.must_match(pack)
        # Recorded before it is there: a version counts as installed when both are true, so the rename of
        # its folder is the one moment at which it becomes so, whatever kills us before or after.
        self._store.add_install(row)
        self._workspace.install(pack)
        self._announce("catalog", pack.slug, 0)
        return _installed(row)

    def _must_be_pinned(self, brought: Brought) -> None:
        """Refuse other bytes under a version that came here before.

        A library at hand is rebuilt by whoever writes it, so it is held to what is installed only.
        """
        pack = brought.pack
        known = [row["sha256"] for row in self.rows(pack.slug) if row["version"] == pack.version]
        if not brought.at_hand and pack.sha256 not in known:
            known.append(self._store.pin(pack.slug, pack.version, pack.sha256, brought.source))
        other = next((digest for digest in known if digest != pack.sha256), None)
        if other:
            raise IntegrityError(
                "PIN_MISMATCH",
                f"{pack.slug} {pack.version} is not the pack that came before: sha256 "
                f"{pack.sha256[:8]}…, before {other[:8]}…. Nothing was changed.",
                "Tell the publisher; a changed pack must have a new version.",
            )

    # out and between -----------------------------------------------------------------------------

    def use(self, slug: str, version: str) -> InstalledList:
        """Use an installed version from now on; a step back is as good as a step forward.

        Raises:
            NotAvailable: that version is not installed.
        """
        rows = [row for row in self.rows(slug) if row["version"] == version]
        if not rows or not self._store.use_install(str(self._workspace.root), slug, version):
            raise self._not_installed(slug, version)
        self._announce("catalog", slug, 0)
        return self.installed(slug)

    def remove(self, slug: str, version: str | None = None) -> Removed:
        """Take a version away, or all of them; runs made with it stay whole, and so do edited files.

        Raises:
            NotAvailable: it is not installed.
            SurroundingsError: the disk does not take it.
        """
        with self.underway.one_at_a_time(slug):
            rows = [row for row in self.rows(slug) if version in (None, row["version"])]
            if not rows:
                raise self._not_installed(slug, version)
            kept = []
            for row in rows:
                left = self._workspace.remove(row["path"], row["files"])
                self._store.drop_install(str(self._workspace.root), slug, row["version"])
                kept += [left] if left else []
        self._announce("catalog", slug, 0)
        return Removed(slug=slug, versions=[row["version"] for row in rows], kept=kept)

    def export_pack(self, slug: str, version: str | None, to: Path) -> Installed:
        """Write a pack's zip to a file, for a machine without network; installed or not.

        Raises:
            NotAvailable: no such key or version.
            InputError: there is a file of that name already.
        """
        if to.exists():
            raise InputError(
                "FILE_EXISTS",
                f'"{to.name}" is there already. It was left as it is.',
                "Name another file.",
            )
        pack = self._anywhere(slug, version)
        replace_file(to, pack.zip_bytes)
        return Installed(
            slug=pack.slug,
            version=pack.version,
            sha256=pack.sha256,
            verified=pack.verified,
            path=str(to),
            files=len(pack.files),
        )

    # what is known -------------------------------------------------------------------------------

    def rows(self, slug: str | None = None) -> list[dict[str, Any]]:
        """Return what is installed here and still on disk; of a key, the version in use last."""
        rows = self._store.installs(str(self._workspace.root), slug)
        return [row for row in rows if (self._workspace.root / row["path"]).is_dir()]

    def pack(self, slug: str, version: str | None) -> VerifiedPack:
        """Return a verified pack that is installed or in a library at hand; nothing is fetched.

        Raises:
            NotAvailable: no such key or version, or it would have to be installed first.
            IntegrityError: its bytes are refused.
        """
        found = self.at_hand(slug, version)
        if found:
            return found
        if version in (None, *self.versions(slug)) and self._packs.offered(slug):
            named = slug if version is None else f"{slug}@{version}"
            raise NotAvailable(
                "NOT_INSTALLED",
                f"{named} is not installed here, and what it holds is known only once it is.",
                f'Install it: "jupyter keys install {named}", or in the panel.',
            )
        raise self._packs.unknown_version(slug, version)

    def at_hand(self, slug: str, version: str | None = None) -> VerifiedPack | None:
        """Return a key's pack where it can be read without the network: installed, or in a library at hand.

        Raises:
            IntegrityError: its bytes are refused.
        """
        for row in reversed(self.rows(slug)):
            if version in (None, row["version"]):
                kept = self._packs.opened(row["sha256"], slug, row["version"])
                if kept:
                    return kept
        return self._packs.at_hand(slug, version)

    def used(self, slug: str, version: str, sha256: str) -> VerifiedPack | None:
        """Return the pack that a run was made with, as it was kept; None where it is no longer here as it was."""
        try:
            pack = self._packs.opened(sha256, slug, version) or self.at_hand(slug, version)
        except (IntegrityError, NotAvailable):
            return None
        return pack if pack and pack.sha256 == sha256 else None

    def _anywhere(self, slug: str, version: str | None) -> VerifiedPack:
        """Return a verified pack from wherever it is; what is fetched is held to what came before."""
        found = self.at_hand(slug, version) if version or self.rows(slug) else None
        if found:
            return found
        brought = self._packs.fetch(slug, version)
        self._must_be_pinned(brought)
        return brought.pack

    def installed(self, slug: str | None = None) -> InstalledList:
        """Return what is installed here, and which of its files were edited since."""
        rows = self.rows(slug)
        used = {row["slug"]: row["version"] for row in rows}
        return InstalledList(
            installed=[
                InstalledRow(
                    slug=row["slug"],
                    version=row["version"],
                    default=used[row["slug"]] == row["version"],
                    sha256=row["sha256"],
                    verified=row["verified"],
                    source=row["source"],
                    path=row["path"],
                    edited=self._workspace.edited(row["path"], row["files"]),
                )
                for row in rows
            ]
        )

    def outdated(self) -> OutdatedList:
        """Return the keys that a source has a newer version of than the one in use."""
        used = {row["slug"]: row["version"] for row in self.rows()}
        found = []
        for slug, version in used.items():
            offered = self._packs.offered(slug)
            if offered and newer(offered[0][1].version, version):
                source, pack = offered[0]
                found.append(
                    OutdatedRow(
                        slug=slug,
                        title=pack.title,
                        version=version,
                        newest=pack.version,
                        source=source.name,
                        breaking=breaking(version, pack.version),
                    )
                )
        return OutdatedList(outdated=found)

    def versions(self, slug: str) -> list[str]:
        """Return the versions of a key that a source offers or that are installed, newest first."""
        every = {*self._packs.versions(slug), *(row["version"] for row in self.rows(slug))}
        return sorted(every, key=version_order, reverse=True)

    def _not_installed(self, slug: str, version: str | None) -> NotAvailable:
        here = ", ".join(row["version"] for row in self.rows(slug))
        which = f"{ascii(slug)[1:90]}".rstrip("'") + (f" {version!a}" if version else "")
        return NotAvailable(
            "NOT_INSTALLED",
            f"{which} is not installed here.",
            f"Installed versions: {here}." if here else 'See "jupyter keys installed".',
        )


def breaking(old: str, new: str) -> bool:
    """Say whether a version may break what worked with an older one: its major number grew."""
    return old.split(".")[0] != new.split(".")[0]


def _installed(row: dict[str, Any]) -> Installed:
    return Installed(
        slug=row["slug"],
        version=row["version"],
        sha256=row["sha256"],
        verified=row["verified"],
        path=row["path"],
        files=len(row["files"]),
        source=row["source"],
    )
