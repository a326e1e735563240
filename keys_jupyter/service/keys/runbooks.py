"""Runbooks by name: those of keys, and those of the workspace's own ``runbooks/`` folder.

A name means the same everywhere: a slug, ``runbook:<slug>`` as links write it, a title as runbooks write it of each
other, or a place in the workspace.

Not here: how a copy is made and compared (`customising`), and whether one could be worked now (`readiness`).
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path

from keys_jupyter import runbook as parser
from keys_jupyter.errors import InputError, IntegrityError, NotAvailable
from keys_jupyter.incidents.finding import Page, page_of, page_unread, rank
from keys_jupyter.model.catalog import KeyRow, Reference
from keys_jupyter.model.incident import Newer
from keys_jupyter.model.pack import LibraryPack, RunbookMetadata
from keys_jupyter.model.runbook import Runbook, RunbookList, RunbookRow
from keys_jupyter.model.working import MatchList
from keys_jupyter.runbook.names import slugify
from keys_jupyter.service.keys.catalogue import Catalogue
from keys_jupyter.service.keys.installs import Installs
from keys_jupyter.service.keys.packs import Packs
from keys_jupyter.sources.purpose import shown_about
from keys_jupyter.workspace import Workspace

FOLDER = "runbooks"
ORIGIN = "origin.json"
_PREFIX = "runbook:"


class Runbooks:
    """The runbooks of all sources and of one workspace."""

    def __init__(
        self, workspace: Workspace, catalogue: Catalogue, installs: Installs, packs: Packs
    ) -> None:
        """Take where runbooks lie, are listed, and come from."""
        self._workspace = workspace
        self._catalogue = catalogue
        self._installs = installs
        self._packs = packs
        self.believed_seconds = 5.0
        """How long an open incident believes what the sources offered last; it asks for it at every look."""
        self._believed: tuple[float, dict[str, tuple[str, LibraryPack]]] = (float("-inf"), {})

    # looking -------------------------------------------------------------------------------------

    def all(self) -> RunbookList:
        """Return the runbooks, most severe first; the workspace's own beside those of keys."""
        rows = self._of_keys()
        known = {row.slug for row in rows}
        rows += [_of_workspace(path, self._workspace, known) for path in self.folders()]
        rows.sort(key=lambda row: (row.severity or "p9", row.title.casefold(), row.slug))
        return RunbookList(runbooks=rows)

    def runbook(self, name: str) -> Runbook:
        """Return a runbook by its slug, a link's name, its title, or its place in the workspace."""
        return self.source(name)[0]

    def source(self, name: str) -> tuple[Runbook, bytes]:
        """Return a runbook with the bytes it was read from.

        Args:
            name: a slug, ``runbook:<slug>``, its title as a slug, or its folder or file in the workspace.

        Raises:
            NotAvailable: there is none of that name, or it is a key of another kind.
        """
        found = self.resolved(name)
        if "/" in found or found.endswith(".md"):
            return self._file(found)
        pack = self._installs.pack(found, None)
        if not isinstance(pack.metadata, RunbookMetadata):
            raise NotAvailable(
                "NOT_A_RUNBOOK",
                f"{found} is a key, not a runbook.",
                'List the runbooks with "jupyter keys runbook list".',
            )
        source = pack.files["README.md"]
        return _parsed(source, pack.slug, pack.version, pack.metadata), source

    def frameworks(self, name: str) -> list[str]:
        """Return the compliance frameworks that a runbook's own pack.json names.

        Args:
            name: as for :meth:`source`.
        """
        found = self.resolved(name)
        metadata: object
        if "/" in found or found.endswith(".md"):
            path = self._workspace.inside(found)
            metadata = _metadata_beside(path / "README.md" if path.is_dir() else path)
        else:
            metadata = self._installs.pack(found, None).metadata
        return metadata.compliance_relevance if isinstance(metadata, RunbookMetadata) else []

    def resolved(self, name: str) -> str:
        """Return what a name means: a slug of a key, or a place in the workspace."""
        name = name.removeprefix(_PREFIX).strip()
        if "/" in name or name.endswith(".md"):
            return name
        offered = self._offered()
        if name not in offered:
            offered = self._offered(anew=True)
        if name in offered or any(row["slug"] == name for row in self._installs.rows(name)):
            return name
        for path in self.folders():
            if path.name.removesuffix(".md") == name:
                return self._workspace.relative(path)
        titles = {
            slugify(row.title): slug for slug, (_, row) in offered.items() if row.kind == "runbook"
        }
        wanted = slugify(name).removesuffix("-runbook")
        return next(
            (slug for title, slug in titles.items() if title.removesuffix("-runbook") == wanted),
            name,
        )

    def place(self, name: str) -> str:
        """Return how a runbook's text is called in what is said of its lines."""
        found = self.resolved(name)
        whole = found.endswith(".md")
        return found if whole else f"{found}/README.md"

    def find(self, text: str) -> MatchList:
        """Return the runbooks that fit the text of an alert, best first, with the reasons."""
        return MatchList(matches=rank(text, list(self._pages())))

    def current(self) -> list[tuple[str, Newer]]:
        """Return every runbook as it is now, by the name an incident would be pinned under."""
        found = [
            (slug, Newer(runbook=slug, version=row.version, source=source, sha256=""))
            for slug, (source, row) in self._offered().items()
            if row.kind == "runbook"
        ]
        for path in self.folders():
            file = path / "README.md" if path.is_dir() else path
            metadata = _metadata_beside(file)
            try:
                digest = hashlib.sha256(file.read_bytes()).hexdigest()
            except OSError:
                continue
            one = Newer(
                runbook=self._workspace.relative(path),
                version=metadata.version if metadata else "",
                source="workspace",
                sha256=digest,
            )
            name = path.name if path.is_dir() else path.stem
            found += [(known, one) for known in dict.fromkeys((name, origin_of(path) or name))]
        return found

    def title_of_key(self, slug: str) -> str:
        """Return a key's title.

        Raises:
            NotAvailable: no source knows it and it is not installed.
        """
        return self._catalogue.detail(slug).title

    def calling(self, key: str) -> list[Reference]:
        """Return the runbooks that call a key."""
        try:
            return self._catalogue.detail(key).referenced_by
        except NotAvailable:
            return []

    def folders(self) -> list[Path]:
        """Return what lies in the workspace's own ``runbooks/``: folders with a README.md, and Markdown files."""
        root = self._workspace.root / FOLDER
        if not root.is_dir() or root.is_symlink():
            return []
        return sorted(
            path
            for path in root.iterdir()
            if not path.name.startswith(".")
            and ((path / "README.md").is_file() or (path.suffix == ".md" and path.is_file()))
        )

    def _of_keys(self) -> list[RunbookRow]:
        return [_of_key(row) for row in self._catalogue.catalog().keys if row.kind == "runbook"]

    def _offered(self, *, anew: bool = False) -> dict[str, tuple[str, LibraryPack]]:
        """Return what the sources offer by slug, with the source's name; as a moment ago unless asked anew."""
        at, offered = self._believed
        if anew or time.monotonic() - at > self.believed_seconds:
            offered = {}
            for source, listing in self._packs.listings():
                for pack in listing.packs:
                    offered.setdefault(pack.slug, (source.name, pack))
            self._believed = (time.monotonic(), offered)
        return offered

    def _pages(self) -> Iterator[Page]:
        readable = self._catalogue.readable()
        keys = {slug: row for slug, (_, row) in self._offered().items()}
        for row in self.all().runbooks:
            key = keys.get(row.slug) or keys.get(row.origin or "")
            tags, description = (key.tags, key.description) if key else ([], "")
            book = self._read(row) if row.path or row.slug in readable else None
            if book:
                yield page_of(book, source=row.source, tags=tags, description=description)
            elif key:
                yield page_unread(row, tags=tags, description=description, about=shown_about(key))

    def _read(self, row: RunbookRow) -> Runbook | None:
        """Return a listed runbook under its listed name; one that cannot be read costs only itself."""
        try:
            return self.source(row.path or row.slug)[0].model_copy(update={"slug": row.slug})
        except (InputError, IntegrityError, NotAvailable):
            return None

    def _file(self, name: str) -> tuple[Runbook, bytes]:
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
        slug = path.parent.name if path.name == "README.md" else path.stem
        return _parsed(source, slug, version, metadata), source


def origin_of(path: Path) -> str | None:
    """Return the slug that a runbook of the workspace was customised from."""
    stated = origin_facts(path)
    return stated["slug"] if stated else None


def origin_facts(path: Path) -> dict[str, str] | None:
    """Return what a customised runbook was made from: slug, version and sha256; None where it is nobody's copy."""
    try:
        stated = json.loads((path / ORIGIN).read_bytes())
        return {name: str(stated[name]) for name in ("slug", "version", "sha256")}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _of_key(row: KeyRow) -> RunbookRow:
    return RunbookRow(
        slug=row.slug,
        title=row.title,
        version=row.version,
        key_types=row.key_type,
        severity=row.severity,
        source=row.source,
        installed=row.installed,
    )


def _of_workspace(path: Path, workspace: Workspace, known: set[str]) -> RunbookRow:
    """Describe a runbook of the workspace; one that is named as a key is listed by its place."""
    place = workspace.relative(path)
    name = path.name.removesuffix(".md")
    book = _readable(path)
    return RunbookRow(
        slug=place if name in known else name,
        title=(book.title if book else "") or name,
        version=book.version if book else "",
        key_types=book.key_types if book else [],
        severity=book.severity if book else None,
        source="workspace",
        installed=[],
        path=place,
        origin=origin_of(path),
    )


def _readable(path: Path) -> Runbook | None:
    file = path / "README.md" if path.is_dir() else path
    metadata = _metadata_beside(file)
    try:
        return _parsed(file.read_bytes(), path.stem, metadata.version if metadata else "", metadata)
    except (OSError, InputError):
        return None


def _parsed(source: bytes, slug: str, version: str, metadata: RunbookMetadata | None) -> Runbook:
    try:
        text = source.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            "NOT_UTF8", "The runbook is not UTF-8 text.", "Save its README.md as UTF-8."
        ) from error
    return parser.parse(text, slug=slug, version=version, metadata=metadata)


def _metadata_beside(path: Path) -> RunbookMetadata | None:
    try:
        return RunbookMetadata.model_validate(json.loads((path.parent / "pack.json").read_bytes()))
    except (OSError, ValueError):
        return None
