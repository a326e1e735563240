"""Packs from wherever they are: kept from an install, or brought by the first source that has them."""

from __future__ import annotations

import difflib
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple

from keys_jupyter import archive
from keys_jupyter.archive import VerifiedPack
from keys_jupyter.errors import KeysError, NetworkError, NotAvailable
from keys_jupyter.model.pack import LibraryPack
from keys_jupyter.sources import Listing, Progress, Source
from keys_jupyter.sources.index import IndexLibrary
from keys_jupyter.sources.library import FolderLibrary, version_order
from keys_jupyter.store import Store


class Brought(NamedTuple):
    """A verified pack and where it came from; a library at hand is rebuilt by whoever writes it."""

    pack: VerifiedPack
    source: str
    at_hand: bool


class _Offer(NamedTuple):
    """The newest version of a key that one source has, and whether it can be had now."""

    source: Source
    row: LibraryPack
    free: bool


Listings = list[tuple[Source, Listing]]


class Packs:
    """What the sources offer and what was kept; installing is decided elsewhere."""

    def __init__(self, store: Store, sources: Sequence[Source]) -> None:
        """Take where zips are kept and where they come from; the first source that has a key brings it."""
        self._store = store
        self._sources = sources
        self._read_at_hand: dict[tuple[str, str], VerifiedPack] = {}
        self._lock = threading.Lock()
        self._indexed: tuple[Listings, dict[str, list[_Offer]]] = ([], {})

    def listings(self, *, refresh: bool = False) -> Listings:
        """Return what each source offers and what is wrong with it; on wish asked for anew."""
        if not refresh:
            return [(source, source.listing()) for source in self._sources]
        return [(source, source.listing(refresh=True)) for source in self._sources]

    def slugs_at_hand(self, most: int) -> set[str]:
        """Return the keys that can be read without the network, of the libraries that offer no more than so many packs."""
        listings = [one.listing() for one in self._sources if _is_at_hand(one)]
        return {row.slug for one in listings if len(one.packs) <= most for row in one.packs}

    def offered(self, slug: str) -> list[tuple[Source, LibraryPack]]:
        """Return what each source has of a key, the newest version that can be had first."""
        return [(one.source, one.row) for one in self._index().get(slug, [])]

    def _index(self) -> dict[str, list[_Offer]]:
        """Return the offers by slug; the same as long as every source says the same."""
        listings = self.listings()
        with self._lock:
            known, index = self._indexed
            if not same_offers(known, listings):
                index = _offers(listings)
                self._indexed = (listings, index)
            return index

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
                try:
                    pack = source.fetch(slug, wanted, on_progress=on_progress, cancelled=cancelled)
                except NetworkError as error:
                    self._name_another(error, slug, wanted)
                    raise
                return Brought(pack, source.name, _is_at_hand(source))
        raise self.unknown_version(slug, version)

    def _name_another(self, error: KeysError, slug: str, wanted: str) -> None:
        """Add to the hint of a fetch that failed the version there is without the network."""
        rows = self._rows_at_hand(slug, None)
        if rows and rows[0][1].version != wanted:
            other = f"Version {rows[0][1].version} needs no network: install {slug}@{rows[0][1].version}."
            error.hint = f"{error.hint} {other}".strip()

    def at_hand(self, slug: str, version: str | None = None) -> VerifiedPack | None:
        """Return a pack that can be read without the network, or None; nobody is asked.

        Args:
            slug: which key.
            version: which version; the newest at hand when None.

        Raises:
            IntegrityError: its bytes are refused.
        """
        rows = self._rows_at_hand(slug, version)
        return self._read(*rows[0]) if rows else None

    def _rows_at_hand(self, slug: str, version: str | None) -> list[tuple[Source, LibraryPack]]:
        folders = [source for source in self._sources if isinstance(source, FolderLibrary)]
        rows: list[tuple[Source, LibraryPack]] = [
            (source, row)
            for source in folders
            for row in source.rows(slug)
            if version in (None, row.version)
        ]
        return sorted(rows, key=lambda one: version_order(one[1].version), reverse=True)

    def _read(self, source: Source, row: LibraryPack) -> VerifiedPack:
        """Return a pack of a library at hand; what has the same digest is not read again."""
        known = self._read_at_hand.get((row.slug, row.version))
        if known is None or known.sha256 != row.sha256:
            known = source.fetch(row.slug, row.version)
            self._read_at_hand[row.slug, row.version] = known
        return known

    def beside(self, slug: str, version: str, asset: str) -> Callable[[], str] | None:
        """Return what reads a text that a library has beside a pack; None where none names one. Nobody is asked yet.

        Args:
            slug: which key.
            version: which version of it.
            asset: what the index calls it, such as ``preview_html``.
        """
        for source in self._sources:
            if isinstance(source, (FolderLibrary, IndexLibrary)):
                for row in source.rows(slug):
                    if row.version == version and row.assets.get(asset):
                        return partial(source.beside, row, asset)
        return None

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

    def unknown_version(self, slug: str, version: str | None) -> NotAvailable:
        """Return the error for a version that no source has, or for a key that none has."""
        if version is None or not self.offered(slug):
            return self.unknown(slug)
        return NotAvailable(
            "UNKNOWN_VERSION",
            f"There is no version {ascii(version)[:60]} of {slug}.",
            f"Its versions are: {', '.join(self.versions(slug))}.",
        )

    def unknown(self, slug: str) -> NotAvailable:
        """Return the error for a key that no source has, with the nearest name there is."""
        known = sorted({pack.slug for source in self._sources for pack in source.listing().packs})
        near = difflib.get_close_matches(slug, known, n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]}?" if near else 'List them with "jupyter keys catalog".'
        return NotAvailable("UNKNOWN_KEY", f"There is no key {ascii(slug)[:90]} here.", hint)


def same_offers(known: Listings, now: Listings) -> bool:
    """Say whether the sources offer the same as before; cheap where they answer from what they keep."""
    return len(known) == len(now) and all(
        one.packs is other.packs
        and (one.damaged is other.damaged or one.damaged == other.damaged)
        and (one.entitlements is other.entitlements or one.entitlements == other.entitlements)
        and one.not_installable == other.not_installable
        for (_, one), (_, other) in zip(known, now, strict=True)
    )


def _offers(listings: Listings) -> dict[str, list[_Offer]]:
    found: defaultdict[str, list[_Offer]] = defaultdict(list)
    for source, listing in listings:
        seen: set[str] = set()
        for row in listing.packs:  # the newest version of a key comes first
            if row.slug not in seen:
                seen.add(row.slug)
                found[row.slug].append(_Offer(source, row, _can_be_had(listing, row.slug)))
    for offers in found.values():
        # Sorting keeps the order of sources among equals.
        offers.sort(key=lambda one: (one.free, version_order(one.row.version)), reverse=True)
    return found


def _can_be_had(listing: Listing, slug: str) -> bool:
    right = listing.entitlements.get(slug)
    return slug not in listing.not_installable and (right is None or right.state == "active")


def _is_at_hand(source: Source) -> bool:
    return isinstance(source, FolderLibrary)


@lru_cache(maxsize=64)
def _opened(path: Path, sha256: str, slug: str, version: str) -> VerifiedPack:
    # The name of a kept zip is its digest and it is never written twice, so what was opened once holds.
    return archive.verify(path.read_bytes(), sha256=sha256, slug=slug, version=version)
