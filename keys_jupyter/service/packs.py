"""Packs from wherever they are: kept from an install, or brought by the first source that has them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from keys_jupyter import archive
from keys_jupyter.archive import VerifiedPack
from keys_jupyter.errors import NotAvailable
from keys_jupyter.model.pack import LibraryPack
from keys_jupyter.sources import Listing, Progress, Source
from keys_jupyter.sources.library import FolderLibrary, version_order
from keys_jupyter.store import Store


class Brought(NamedTuple):
    """A verified pack and where it came from; a library at hand is rebuilt by whoever writes it."""

    pack: VerifiedPack
    source: str
    at_hand: bool


class Packs:
    """What the sources offer and what was kept; installing is decided elsewhere."""

    def __init__(self, store: Store, sources: Sequence[Source]) -> None:
        """Take where zips are kept and where they come from; the first source that has a key brings it."""
        self._store = store
        self._sources = sources
        self._at_hand: dict[str, VerifiedPack] = {}

    def listings(self) -> list[tuple[Source, Listing]]:
        """Return what each source offers and what is wrong with it."""
        return [(source, source.listing()) for source in self._sources]

    def offered(self, slug: str) -> list[tuple[Source, LibraryPack]]:
        """Return what each source has of a key, the newest version that can be had first."""
        found = []
        for source, listing in self.listings():
            rows = [pack for pack in listing.packs if pack.slug == slug]
            if rows:
                found.append((source, rows[0], slug not in listing.not_installable))
        # Sorting keeps the order of sources among equals.
        found.sort(key=lambda one: (one[2], version_order(one[1].version)), reverse=True)
        return [(source, row) for source, row, _free in found]

    def versions(self, slug: str) -> list[str]:
        """Return the versions of a key that can be asked for, newest first."""
        every = {version for source, _ in self.offered(slug) for version in source.versions(slug)}
        return sorted(every, key=version_order, reverse=True)

    def fetch(
        self,
        slug: str,
        version: str | None,
        *,
        on_progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Brought:
        """Return a verified pack from the first source that has it.

        Raises:
            NotAvailable: no source has that key or version, or there is no right to it.
            IntegrityError: its bytes are refused.
            NetworkError: it could not be fetched.
        """
        offered = self.offered(slug)
        for source, row in offered:
            if version in (None, row.version) or version in source.versions(slug):
                wanted = version or row.version
                pack = source.fetch(slug, wanted, on_progress=on_progress, cancelled=cancelled)
                return Brought(pack, source.name, _is_at_hand(source))
        if offered:
            raise NotAvailable(
                "UNKNOWN_VERSION",
                f"There is no version {version!a} of {slug}.",
                f"Its versions are: {', '.join(self.versions(slug))}.",
            )
        raise self.unknown(slug)

    def at_hand(self, slug: str) -> VerifiedPack | None:
        """Return a pack that can be read without the network, or None.

        Raises:
            IntegrityError: its bytes are refused.
        """
        for source, row in self.offered(slug):
            if _is_at_hand(source):
                return self._read(source, row)
        return None

    def _read(self, source: Source, row: LibraryPack) -> VerifiedPack:
        """Return a pack of a library at hand; what has the same digest is not read again."""
        known = self._at_hand.get(row.slug)
        if known is None or known.version != row.version or known.sha256 != row.sha256:
            known = source.fetch(row.slug, row.version)
            self._at_hand[row.slug] = known
        return known

    def keep(self, pack: VerifiedPack) -> None:
        """Keep a pack's zip, so that removing its key breaks no run made with it.

        Raises:
            SurroundingsError: the disk does not take it.
        """
        path = self.kept(pack.sha256)
        if not path.is_file():
            self._store.write(path, pack.zip_bytes)

    def kept(self, sha256: str) -> Path:
        """Return where a pack's zip is kept, or would be."""
        return self._store.data_dir / "packs" / f"{sha256}.zip"

    def opened(self, sha256: str, slug: str, version: str) -> VerifiedPack | None:
        """Return a kept pack, verified again the first time; None when it is not kept.

        Raises:
            IntegrityError: the kept bytes were changed.
        """
        path = self.kept(sha256)
        return _opened(path, sha256, slug, version) if path.is_file() else None

    def unknown(self, slug: str) -> NotAvailable:
        """Return the error for a key that no source has, with the nearest name there is."""
        known = sorted({pack.slug for source in self._sources for pack in source.listing().packs})
        near = difflib.get_close_matches(slug, known, n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]}?" if near else 'List them with "jupyter keys catalog".'
        return NotAvailable("UNKNOWN_KEY", f"There is no key {ascii(slug)[:90]} here.", hint)


def _is_at_hand(source: Source) -> bool:
    return isinstance(source, FolderLibrary)


@lru_cache(maxsize=64)
def _opened(path: Path, sha256: str, slug: str, version: str) -> VerifiedPack:
    # The name of a kept zip is its digest and it is never written twice, so what was opened once holds.
    return archive.verify(path.read_bytes(), sha256=sha256, slug=slug, version=version)
