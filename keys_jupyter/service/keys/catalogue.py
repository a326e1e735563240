"""Which keys there are: all sources joined with what is installed."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from pydantic import ValidationError

from keys_jupyter.archive import VerifiedPack
from keys_jupyter.errors import IntegrityError, NotAvailable
from keys_jupyter.model.catalog import Catalog, KeyDetail, KeyRow, Problem, Reference
from keys_jupyter.model.marketplace import DamagedRow
from keys_jupyter.model.pack import KeyMetadata, LibraryPack
from keys_jupyter.service.keys.installs import Installs, breaking
from keys_jupyter.service.keys.packs import Listings, Packs, same_offers
from keys_jupyter.sources import Listing
from keys_jupyter.sources.library import newer
from keys_jupyter.sources.purpose import called_by, purpose_of, shown_about
from keys_jupyter.workspace import Workspace

# The packs of a library are opened to read what they say whole; of a larger one, only what its index says is known.
_OPENED_MOST = 500


class Written:
    """A catalogue as bytes, written once for everybody who asks for the same."""

    def __init__(self, catalog: Catalog) -> None:
        """Write it out."""
        self.json = catalog.model_dump_json().encode()
        self.etag = f'"{hashlib.sha256(self.json).hexdigest()[:32]}"'

    @cached_property
    def gzip(self) -> bytes:
        """Return the same bytes packed: rows repeat themselves, so they become a tenth."""
        return gzip.compress(self.json, compresslevel=3, mtime=0)


class _Entry(NamedTuple):
    """A row, and the keys it calls; None where only its pack tells what it calls and what it is for."""

    row: KeyRow
    calls: list[str] | None


class _Made(NamedTuple):
    """The catalogue as it was put together, from what."""

    listings: Listings
    installed: dict[str, list[str]]
    rows: list[KeyRow]
    calls: dict[str, list[str]]


class Catalogue:
    """All sources together with what is installed in one workspace."""

    def __init__(
        self,
        workspace: Workspace,
        packs: Packs,
        installs: Installs,
        has_preview: Callable[[str], bool],
    ) -> None:
        """Join sources; where two offer the same key, the first of them is the one that is shown."""
        self._has_preview = has_preview
        self._workspace = workspace
        self._packs = packs
        self._installs = installs
        self._made = _Made([], {}, [], {})
        self._written: tuple[tuple[list[KeyRow], str | None, list[Problem]], Written] | None = None

    def catalog(self, *, refresh: bool = False) -> Catalog:
        """Return every key there is and every fault of a source; on wish asked for anew."""
        listings = self._packs.listings(refresh=refresh)
        stale = [one.stale_since for _, one in listings if one.stale_since]
        return Catalog(
            keys=list(self._joined(listings).rows),
            stale_since=min(stale, default=None),
            problems=[problem for _, one in listings for problem in one.problems],
        )

    def written(self) -> Written:
        """Return the catalogue as bytes; while nothing changes they are the same ones."""
        found = self.catalog()
        state = (self._made.rows, found.stale_since, found.problems)
        known = self._written
        if known and known[0][0] is state[0] and known[0][1:] == state[1:]:
            return known[1]
        made = Written(found)
        self._written = (state, made)
        return made

    def _joined(self, listings: Listings) -> _Made:
        """Return the rows in order; the same ones as long as nothing is offered or installed anew."""
        installed = self._installed_versions()
        known = self._made
        if known.rows and known.installed == installed and same_offers(known.listings, listings):
            return known
        entries: dict[str, _Entry] = {}
        for source, listing in listings:
            for entry in _entries_of(source.name, listing, installed):
                entries[entry.row.slug] = _better(entries.get(entry.row.slug), entry)
        for slug, versions in installed.items():
            if slug not in entries:
                entries[slug] = _entry(self._from_disk(slug, versions[-1]), "installed", versions)
        readable = self._readable(installed)
        told = [self._told(one, readable) for one in entries.values()]
        told.sort(key=lambda one: (one.row.severity or "p9", one.row.title.casefold()))
        calls = {one.row.slug: one.calls for one in told if one.calls}
        self._made = _Made(listings, installed, [one.row for one in told], calls)
        return self._made

    def readable(self) -> set[str]:
        """Return the keys whose packs are opened to say what they are for; a vast library's are not."""
        return self._readable(self._installed_versions())

    def _readable(self, installed: dict[str, list[str]]) -> set[str]:
        return set(installed) | self._packs.slugs_at_hand(_OPENED_MOST)

    def detail(self, slug: str) -> KeyDetail:
        """Return one key whole; of a key that is only at a marketplace, what its list says.

        Raises:
            NotAvailable: no source knows it and it is not installed.
        """
        made = self._joined(self._packs.listings())
        row = next((key for key in made.rows if key.slug == slug), None)
        if row is None:
            raise self._packs.unknown(slug)
        pack = self._installs.at_hand(slug)
        titles = {key.slug: key.title for key in made.rows}
        called = called_by(pack) if pack else made.calls.get(slug, [])
        callers = [key.slug for key in made.rows if slug in made.calls.get(key.slug, ())]
        return KeyDetail(
            **row.model_dump(),
            versions=self._installs.versions(slug),
            readme=_text(pack, "README.md"),
            preview=self._has_preview(slug),
            changelog=_text(pack, "CHANGELOG.md"),
            questions=_questions(pack),
            referenced_by=_named(callers, titles),
            references=_named(called, titles),
        )

    def _told(self, entry: _Entry, readable: set[str]) -> _Entry:
        """Return an entry whose index is silent with what its own pack says, where that is at hand."""
        if entry.calls is not None or entry.row.slug not in readable:
            return entry
        pack = self._opened(entry.row.slug)
        if pack is None:
            return entry
        return _Entry(entry.row.model_copy(update={"about": purpose_of(pack)}), called_by(pack))

    def _opened(self, slug: str) -> VerifiedPack | None:
        """Return a pack at hand; one that cannot be used costs only what it would have said."""
        try:
            return self._installs.at_hand(slug)
        except (IntegrityError, NotAvailable):
            return None

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


def _text(pack: VerifiedPack | None, name: str) -> str:
    return pack.files.get(name, b"").decode("utf-8", errors="replace") if pack else ""


def _questions(pack: VerifiedPack | None) -> list[str]:
    return pack.metadata.questions if pack and isinstance(pack.metadata, KeyMetadata) else []


def _named(slugs: Iterable[str], titles: Mapping[str, str]) -> list[Reference]:
    return [Reference(slug=slug, title=titles.get(slug)) for slug in slugs]


def _entries_of(source: str, listing: Listing, installed: dict[str, list[str]]) -> Iterator[_Entry]:
    """Return a source's keys, the newest version of each, and its damaged ones as what they are."""
    seen = set()
    for pack in listing.packs:
        if pack.slug not in seen:
            seen.add(pack.slug)
            found = _entry(pack, source, installed.get(pack.slug, []))
            yield found._replace(row=found.row.model_copy(update=_right(listing, pack.slug)))
    for damaged in listing.damaged:
        yield _Entry(_damaged(damaged, source), None)


def _damaged(row: DamagedRow, source: str) -> KeyRow:
    return KeyRow(
        slug=row.slug,
        kind="other",
        title=row.title,
        version="",
        source=source,
        entitled=False,
        installed=[],
        update=None,
        category=None,
        maturity=None,
        outcome=None,
        severity=None,
        key_type=[],
        tags=[],
        description="",
        right="unknown",
        blocked=row.reason,
    )


def _right(listing: Listing, slug: str) -> dict[str, Any]:
    """Return what is known of the right to a key; a library at hand needs none."""
    right = listing.entitlements.get(slug)
    blocked = listing.not_installable.get(slug, "")
    state = right.state if right else "active"
    return {
        "entitled": state == "active" and not blocked,
        "right": state,
        "right_until": right.expires_at if right else None,
        "blocked": blocked,
    }


def _better(known: _Entry | None, new: _Entry) -> _Entry:
    """Return the one of two rows of a key that serves a person better: one they can have, then the newer one."""
    if known is None:
        return new
    one, other = new.row, known.row
    if one.entitled != other.entitled:
        return new if one.entitled else known
    return new if one.version and newer(one.version, other.version) else known


def _entry(pack: LibraryPack, source: str, installed: list[str]) -> _Entry:
    told = pack.about is not None
    return _Entry(_row(pack, source, installed), pack.references or [] if told else None)


def _row(pack: LibraryPack, source: str, installed: list[str]) -> KeyRow:
    update = pack.version if installed and newer(pack.version, installed[-1]) else None
    breaks = update is not None and breaking(installed[-1], update)
    return KeyRow(
        slug=pack.slug,
        kind=pack.kind,
        title=pack.title,
        version=pack.version,
        source=source,
        entitled=True,
        installed=installed,
        update=update,
        breaking=breaks,
        category=pack.category,
        maturity=pack.maturity,
        outcome=pack.outcome,
        severity=pack.severity_level,
        key_type=pack.key_type,
        tags=pack.tags,
        description=pack.description,
        about=shown_about(pack),
    )
