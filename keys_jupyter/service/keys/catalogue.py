"""Which keys there are: all sources joined with what is installed."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache
from typing import Any

from pydantic import ValidationError

from keys_jupyter import runbook
from keys_jupyter.archive import VerifiedPack
from keys_jupyter.errors import IntegrityError, NotAvailable
from keys_jupyter.model.catalog import Catalog, KeyDetail, KeyRow, Problem, Reference
from keys_jupyter.model.pack import KeyMetadata, LibraryPack, RunbookMetadata
from keys_jupyter.service.keys.installs import Installs, breaking
from keys_jupyter.service.keys.packs import Listings, Packs, same_offers
from keys_jupyter.sources import Listing
from keys_jupyter.sources.library import newer
from keys_jupyter.workspace import Workspace

# The sections of a runbook that say what it is for.
_PURPOSES = ("when", "scope")
_PURPOSE_LENGTH = 4000
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
        self._made: tuple[Listings, dict[str, list[str]], list[KeyRow]] = ([], {}, [])
        self._written: tuple[tuple[list[KeyRow], str | None, list[Problem]], Written] | None = None

    def catalog(self, *, refresh: bool = False) -> Catalog:
        """Return every key there is and every fault of a source; on wish asked for anew."""
        listings = self._packs.listings(refresh=refresh)
        stale = [one.stale_since for _, one in listings if one.stale_since]
        return Catalog(
            keys=self._rows(listings),
            stale_since=min(stale, default=None),
            problems=[problem for _, one in listings for problem in one.problems],
        )

    def written(self) -> Written:
        """Return the catalogue as bytes; while nothing changes they are the same ones."""
        found = self.catalog()
        state = (self._made[2], found.stale_since, found.problems)
        known = self._written
        if known and known[0][0] is state[0] and known[0][1:] == state[1:]:
            return known[1]
        made = Written(found)
        self._written = (state, made)
        return made

    def _rows(self, listings: Listings) -> list[KeyRow]:
        """Return the rows in order; the same ones as long as nothing is offered or installed anew."""
        installed = self._installed_versions()
        known, here, keys = self._made
        if keys and here == installed and same_offers(known, listings):
            return list(keys)
        rows: dict[str, KeyRow] = {}
        for source, listing in listings:
            for row in _rows_of(source.name, listing, installed):
                rows[row.slug] = _better(rows.get(row.slug), row)
        for slug, versions in installed.items():
            if slug not in rows:
                rows[slug] = _row(self._from_disk(slug, versions[-1]), "installed", versions)
        readable = self._readable(installed)
        keys = [self._with_purpose(row) if row.slug in readable else row for row in rows.values()]
        keys.sort(key=lambda row: (row.severity or "p9", row.title.casefold()))
        self._made = (listings, installed, keys)
        return list(keys)

    def _readable(self, installed: dict[str, list[str]]) -> set[str]:
        """Return the keys whose packs are opened to say what they are for; a vast library's are not."""
        at_hand = self._packs.slugs_at_hand()
        return set(installed) | (at_hand if len(at_hand) <= _OPENED_MOST else set())

    def detail(self, slug: str) -> KeyDetail:
        """Return one key whole; of a key that is only at a marketplace, what its list says.

        Raises:
            NotAvailable: no source knows it and it is not installed.
        """
        keys = self.catalog().keys
        row = next((key for key in keys if key.slug == slug), None)
        if row is None:
            raise self._packs.unknown(slug)
        pack = self._installs.at_hand(slug)
        return KeyDetail(
            **row.model_dump(),
            versions=self._installs.versions(slug),
            readme=_text(pack, "README.md"),
            preview=self._has_preview(slug),
            changelog=_text(pack, "CHANGELOG.md"),
            questions=_questions(pack),
            referenced_by=self._referenced_by(keys, slug),
            references=_references(keys, pack),
        )

    def _with_purpose(self, row: KeyRow) -> KeyRow:
        pack = self._opened(row.slug)
        return row.model_copy(update={"about": _purpose(pack)}) if pack else row

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

    def _referenced_by(self, keys: Iterable[KeyRow], slug: str) -> list[Reference]:
        readable = self._readable(self._installed_versions())
        return [
            Reference(slug=row.slug, title=row.title)
            for row in keys
            if row.kind == "runbook"
            and row.slug in readable
            and slug in _called(self._opened(row.slug))
        ]


def _text(pack: VerifiedPack | None, name: str) -> str:
    return pack.files.get(name, b"").decode("utf-8", errors="replace") if pack else ""


def _questions(pack: VerifiedPack | None) -> list[str]:
    return pack.metadata.questions if pack and isinstance(pack.metadata, KeyMetadata) else []


def _called(pack: VerifiedPack | None) -> list[str]:
    if pack and isinstance(pack.metadata, RunbookMetadata):
        return [*pack.metadata.references_jupyter_keys, *pack.metadata.references_node_keys]
    return []


def _references(keys: Iterable[KeyRow], pack: VerifiedPack | None) -> list[Reference]:
    titles = {row.slug: row.title for row in keys}
    return [Reference(slug=slug, title=titles.get(slug)) for slug in _called(pack)]


# Packs are immutable and compared by identity, and an opened pack is kept by whoever opened it.
@lru_cache(maxsize=1024)
def _purpose(pack: VerifiedPack) -> str:
    """Return what a key is for, in its own words, as much of it as a search needs."""
    if isinstance(pack.metadata, KeyMetadata):
        return " ".join(pack.metadata.questions)
    parsed = runbook.parse(_text(pack, "README.md"), slug=pack.slug, version=pack.version)
    said = [section.text for section in parsed.sections if section.name in _PURPOSES]
    return " ".join(" ".join(said).split())[:_PURPOSE_LENGTH]


def _rows_of(source: str, listing: Listing, installed: dict[str, list[str]]) -> Iterator[KeyRow]:
    """Return a source's keys, the newest version of each, and its damaged ones as what they are."""
    seen = set()
    for pack in listing.packs:
        if pack.slug not in seen:
            seen.add(pack.slug)
            row = _row(pack, source, installed.get(pack.slug, []))
            yield row.model_copy(update=_right(listing, pack.slug))
    for damaged in listing.damaged:
        yield KeyRow(
            slug=damaged.slug,
            kind="other",
            title=damaged.title,
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
            blocked=damaged.reason,
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


def _better(known: KeyRow | None, row: KeyRow) -> KeyRow:
    """Return the one of two rows of a key that serves a person better: one they can have, then the newer one."""
    if known is None:
        return row
    if row.entitled != known.entitled:
        return row if row.entitled else known
    return row if row.version and newer(row.version, known.version) else known


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
    )
