"""A built library read for publishing: every row and every pack checked before a byte of it is sent.

A marketplace takes what it is given; so what is not whole, not what its row says, or larger than its storage allows is
refused here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keys_jupyter.errors import InputError, StateError
from keys_jupyter.sources.library import FolderLibrary

_MOST = 100 * 1000 * 1000
_KINDS = {
    "zip": "application/zip",
    "preview_html": "text/html",
    "changelog_md": "text/markdown",
    "cover": "image/png",
}
_FIELDS = (
    "slug",
    "title",
    "description",
    "category",
    "difficulty",
    "runtime_minutes",
    "tags",
    "version",
    "license_spdx",
    "preview_public",
    "assets",
    "sha256",
)
_LENGTHS = {"title": 200, "description": 5000, "category": 100, "version": 50}
_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")


@dataclass(frozen=True)
class Asset:
    """One file of a pack: its place in the library and in the marketplace's storage alike."""

    path: str
    kind: str
    file: Path

    def read(self) -> bytes:
        """Return its bytes.

        Raises:
            StateError: it is gone since the library was checked.
        """
        try:
            return self.file.read_bytes()
        except OSError as error:
            raise StateError(
                "LIBRARY_CHANGED",
                f"{self.path} of the library is gone since it was checked.",
                "Build the library again, and publish it again.",
            ) from error


@dataclass(frozen=True)
class Built:
    """The newest version of one key of a built library."""

    slug: str
    version: str
    sha256: str
    row: dict[str, Any]  # what a marketplace is told of it, and nothing else
    assets: tuple[Asset, ...]  # the zip last, so that what is shown beside it is there before it


def read_built(folder: Path) -> list[Built]:
    """Return the newest version of every key of a library that was built.

    Args:
        folder: with ``library.json`` and what it names, as ``library build`` writes it.

    Raises:
        InputError: ``LIBRARY_INVALID`` with everything that is wrong with its rows and files.
        IntegrityError: a pack is not the one its row describes, or not safe to unpack.
    """
    library = FolderLibrary(folder, folder.name or "library")
    listing = library.listing()
    problems = [problem.message for problem in listing.problems]
    stated = {} if problems else _rows(folder)
    found: list[Built] = []
    for pack in listing.packs:
        if any(one.slug == pack.slug for one in found):
            continue  # an older version; a marketplace shows one
        row = stated.get((pack.slug, pack.version), {})
        assets = tuple(_assets(folder, pack.assets))
        problems += [f"{pack.slug}: {fault}" for fault in _faults(row, assets)]
        if problems:
            continue
        library.fetch(pack.slug, pack.version)
        shown = {name: row[name] for name in _FIELDS if row.get(name) is not None}
        found.append(Built(pack.slug, pack.version, pack.sha256 or "", shown, assets))
    if problems or not found:
        listed = "".join(f"\n- {problem}" for problem in problems or ["there is no pack in it"])
        raise InputError(
            "LIBRARY_INVALID",
            f"The library cannot be published; nothing was sent:{listed}\n",
            "Name a folder that `jupyter keys library build` wrote, and build it again.",
        )
    return sorted(found, key=lambda one: one.slug)


def _rows(folder: Path) -> dict[tuple[str, str], dict[str, Any]]:
    index = json.loads((folder / "library.json").read_bytes())
    return {(row["slug"], row["version"]): row for row in index["packs"]}


def _assets(folder: Path, stated: dict[str, str]) -> Iterator[Asset]:
    for name in sorted(stated, key=lambda name: name == "zip"):
        yield Asset(stated[name], _KINDS.get(name, ""), folder / stated[name])


def _faults(row: dict[str, Any], assets: tuple[Asset, ...]) -> Iterator[str]:
    if not row.get("sha256"):
        yield "its row has no sha256"
    minutes = row.get("runtime_minutes")
    if minutes is not None and (not isinstance(minutes, int) or minutes <= 0):
        yield "runtime_minutes is not a whole number above 0"
    for name, most in _LENGTHS.items():
        if len(str(row.get(name) or "")) > most:
            yield f"its {name} has more than {most} characters"
    start = f"packs/{row.get('slug')}/{row.get('version')}/"
    for asset in assets:
        yield from (f"{ascii(asset.path)[:120]} {fault}" for fault in _asset_faults(asset, start))
    if not any(asset.kind == _KINDS["zip"] for asset in assets):
        yield "its row names no zip"


def _asset_faults(asset: Asset, start: str) -> Iterator[str]:
    if not asset.kind:
        yield "is of a kind that no marketplace takes"
    elif not asset.path.startswith(start) or not _PART.fullmatch(asset.path.removeprefix(start)):
        yield f"does not lie in {start}"
    elif asset.file.is_symlink() or not asset.file.is_file():
        yield "is not there"
    elif asset.file.stat().st_size > _MOST:
        yield f"is larger than the {_MOST // 1_000_000} MB that the storage takes"
