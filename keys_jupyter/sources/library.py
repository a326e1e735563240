"""A library in a folder as a source: its ``library.json`` and the zips it names.

One torn row costs only itself; a missing or torn index is one problem that names the library. The embedded
library of the wheel is such a folder and goes through the same door as any other.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from keys_jupyter.archive import VerifiedPack, verify
from keys_jupyter.errors import InputError, IntegrityError, KeysError, NotAvailable
from keys_jupyter.model.catalog import Problem
from keys_jupyter.model.pack import LibraryIndex, LibraryPack
from keys_jupyter.sources import Listing, Progress
from keys_jupyter.sources.wording import shown_row

# An index of ten thousand keys is some ten million bytes; more is not an index.
INDEX_BYTES = 64 * 1024 * 1024
# The largest page that is read from beside a pack: a preview with its plots, or a list of changes.
BESIDE_BYTES = 8 * 1024 * 1024


class FolderLibrary:
    """The library of one folder."""

    def __init__(self, folder: Path, name: str) -> None:
        """Name a folder; it is read when asked, so that a mended library needs no restart."""
        self._folder = folder
        self._name = name
        self._read: tuple[tuple[int, int, int], Listing] | None = None
        self._by_slug: tuple[Listing, dict[str, list[LibraryPack]]] | None = None

    @property
    def name(self) -> str:
        """Return the name a person knows the library by."""
        return self._name

    def listing(self, *, refresh: bool = False) -> Listing:  # noqa: ARG002 - a folder at hand is never old
        """Return the rows of the index and one problem for each row, or for the index, that is torn."""
        try:
            found = (self._folder / "library.json").stat()
            state = (found.st_mtime_ns, found.st_size, found.st_ino)
            if self._read is None or self._read[0] != state:
                self._read = (state, listing_of(self._index(), self._name))
            return self._read[1]
        except OSError:
            return Listing([], [problem_of(_missing(self._name), self._name)])
        except KeysError as error:
            return Listing([], [problem_of(error, self._name)])

    def versions(self, slug: str) -> list[str]:
        """Return the versions of a key, newest first."""
        return [pack.version for pack in self.rows(slug)]

    def rows(self, slug: str) -> list[LibraryPack]:
        """Return what the index says of a key, newest version first."""
        listing = self.listing()
        if self._by_slug is None or self._by_slug[0] is not listing:
            found: dict[str, list[LibraryPack]] = {}
            for pack in listing.packs:
                found.setdefault(pack.slug, []).append(pack)
            self._by_slug = (listing, found)
        return self._by_slug[1].get(slug, [])

    def fetch(
        self,
        slug: str,
        version: str,
        *,
        on_progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,  # noqa: ARG002 - a folder at hand is read at once
    ) -> VerifiedPack:
        """Return one verified pack of the folder.

        Raises:
            NotAvailable: no such version in the index, or its zip is gone.
            IntegrityError: the zip is not the one the index describes.
        """
        for row in self.rows(slug):
            if row.version == version:
                pack = self._open(row)
                if on_progress:
                    on_progress(len(pack.zip_bytes), len(pack.zip_bytes))
                return pack
        raise NotAvailable(
            "UNKNOWN_VERSION",
            f"The library {self._name} has no {slug} {version}.",
            f'Look with "jupyter keys info {slug}".',
        )

    def beside(self, row: LibraryPack, asset: str) -> str:
        """Return a text that lies beside a pack, such as its preview; it is not safe to render.

        Raises:
            NotAvailable: it is not there, or too large.
            IntegrityError: the index names a file outside of the library.
        """
        path = self._inside(row, asset)
        try:
            with path.open("rb") as file:
                data = file.read(BESIDE_BYTES + 1)
        except OSError:
            data = b""
        if not data or len(data) > BESIDE_BYTES:
            raise no_text(self._name, row)
        return data.decode("utf-8", "replace")

    def _inside(self, row: LibraryPack, asset: str) -> Path:
        path = self._within(row.assets.get(asset, ""))
        if path is None:
            raise IntegrityError(
                "CATALOG_INVALID",
                f"The library {self._name} names a file outside itself for {row.slug}. It was not opened.",
                "Tell the publisher of the library.",
            )
        return path

    def _open(self, row: LibraryPack) -> VerifiedPack:
        path = self._inside(row, "zip")
        try:
            data = path.read_bytes()
        except OSError as error:
            raise NotAvailable(
                "PACK_MISSING",
                f"The library {self._name} lists {row.slug} {row.version}, but its pack is not there.",
                "Build or copy the library again.",
            ) from error
        return verify(data, sha256=row.sha256, slug=row.slug, version=row.version)

    def _within(self, name: str) -> Path | None:
        """Return a file of this folder; None for what is outside it, or is no name of a file at all."""
        folder = self._folder.resolve()
        try:
            path = (folder / name).resolve()
        except (OSError, ValueError):
            return None
        return path if path.is_relative_to(folder) else None

    def _index(self) -> LibraryIndex:
        path = self._folder / "library.json"
        if path.stat().st_size > INDEX_BYTES:
            raise _torn_index(self._name, "it is larger than an index can be")
        return read_index(path.read_bytes(), self._name)


def read_index(data: bytes, name: str) -> LibraryIndex:
    """Return a library's index.

    Raises:
        InputError: it is none.
    """
    try:
        return LibraryIndex.model_validate(json.loads(data))
    except (ValueError, RecursionError) as error:
        raise _torn_index(name, "it is not an index of packs") from error


def listing_of(index: LibraryIndex, name: str) -> Listing:
    """Return what an index offers, newest version of a key first, and a problem for each row that is torn."""
    packs: list[LibraryPack] = []
    problems: list[Problem] = []
    for number, row in enumerate(index.packs, 1):
        try:
            packs.append(LibraryPack.model_validate(shown_row(row)))
        except ValidationError as error:
            problems.append(problem_of(_torn_row(number, row, error), name))
    packs.sort(key=lambda pack: (pack.slug, version_order(pack.version)), reverse=True)
    return Listing(packs, problems)


def problem_of(error: KeysError, name: str) -> Problem:
    """Return a fault of a source as the catalogue shows it."""
    return Problem(source=name, code=error.code, message=error.message, hint=error.hint)


def no_text(name: str, row: LibraryPack) -> NotAvailable:
    """Return the error for a text that an index names and that cannot be had."""
    return NotAvailable(
        "TEXT_MISSING",
        f"The library {name} lists a text for {row.slug} {row.version} that is not there, or is too large.",
        "Build or copy the library again.",
    )


def _missing(name: str) -> NotAvailable:
    return NotAvailable(
        "LIBRARY_MISSING",
        f"The library {name} has no library.json, so it offers nothing. Installed keys are not affected.",
        "Build the library again, or reinstall keys-jupyter for the embedded one.",
    )


def _torn_index(name: str, what: str) -> InputError:
    return InputError(
        "LIBRARY_TORN",
        f"The library.json of the library {name} cannot be read: {what}. It offers nothing; installed keys "
        "are not affected.",
        "Build the library again, or reinstall keys-jupyter for the embedded one.",
    )


def _torn_row(number: int, row: dict[str, Any], error: ValidationError) -> InputError:
    fault = error.errors()[0]
    where = ".".join(str(part) for part in fault["loc"])
    slug = ascii(str(row.get("slug", "without a name")))[:80]
    return InputError(
        "DAMAGED_ENTRY",
        f"Row {number} of the library ({slug}) is damaged: {where}, {fault['msg']}. It is left out.",
        "Tell the publisher of the library.",
    )


def version_order(version: str) -> tuple[tuple[int, int, str], ...]:
    """Return what versions sort by: order versions by their numbers; a release stands above its own pre-releases."""
    core, _, pre = version.partition("-")
    parts = [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in core.split(".")]
    parts += [(1, 0, "")] * (4 - len(parts))
    parts.append((0, 0, pre) if pre else (1, 0, ""))
    return tuple(parts)


def newer(one: str, other: str) -> bool:
    """Say whether version ``one`` comes after ``other``."""
    return version_order(one) > version_order(other)
