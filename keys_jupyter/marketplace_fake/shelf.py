"""What is for sale: both tables of rows, the versions of each key, and the objects in storage.

Filled from a library folder as ``jupyter keys library build`` makes it. What the API shows of a row is in
:mod:`keys_jupyter.marketplace_fake.rows`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import tempfile
import threading
import uuid
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_BEGIN = dt.datetime(2026, 1, 1, 9, 30, tzinfo=dt.timezone.utc)
_BUILT: dict[Path, tempfile.TemporaryDirectory[str]] = {}
_LOCK = threading.Lock()


def built_library(folder: Path) -> Path:
    """Return a library with its ``library.json``; a source folder is built once per process.

    Raises:
        InputError: the source has problems.
        FileNotFoundError: the folder is no library at all.
    """
    folder = folder.resolve()
    if (folder / "library.json").is_file():
        return folder
    if not any((folder / kind).is_dir() for kind in ("jupyter-keys", "runbook-keys")):
        raise FileNotFoundError(f"{folder} is neither a library nor the source of one")
    from keys_jupyter.authoring.build import build

    with _LOCK:
        if folder not in _BUILT:
            made = tempfile.TemporaryDirectory(prefix="marketplace-library-")
            build(folder, Path(made.name))
            _BUILT[folder] = made
    return Path(_BUILT[folder].name)


@dataclass
class StoredObject:
    """Bytes in the bucket, with what HTTP says of them."""

    data: bytes
    kind: str
    modified: dt.datetime
    etag: str = ""

    def __post_init__(self) -> None:
        if not self.etag:
            self.etag = f'"{hashlib.md5(self.data, usedforsecurity=False).hexdigest()}"'


@dataclass
class KeyVersion:
    """One version row; ``path`` is None for a version without an object."""

    version: str
    path: str | None
    created: dt.datetime
    changelog_path: str | None = None


@dataclass
class KeyEntry:
    """One key of the v2 table, or one pack of the v1 table."""

    id: str
    slug: str
    kind: str
    about: dict[str, Any]
    created: dt.datetime
    versions: list[KeyVersion] = field(default_factory=list)
    version: str = ""
    sha256: str | None = None
    preview_path: str | None = None
    price_cents: int | None = 2900

    @property
    def current(self) -> KeyVersion | None:
        """Return the row of the current version."""
        return self.find(self.version)

    def find(self, version: object) -> KeyVersion | None:
        """Return the row of one version."""
        return next((one for one in self.versions if one.version == version), None)


class Shelf:
    """Everything there is, by slug."""

    def __init__(self) -> None:
        """Begin empty."""
        self.keys: dict[str, KeyEntry] = {}
        self.packs: dict[str, KeyEntry] = {}
        self.objects: dict[str, StoredObject] = {}
        self.lock = threading.RLock()
        self._ticks = 0

    def stock(self, library: Path) -> None:
        """Put a built library up: every pack in v2, those of jupyter in v1 too."""
        index = json.loads((library / "library.json").read_bytes())
        for row in index["packs"]:
            self.put((library / row["assets"]["zip"]).read_bytes(), row)

    def put(self, data: bytes, about: dict[str, Any] | None = None) -> KeyEntry:
        """Put a pack up as the current version of its key.

        Args:
            data: the zip.
            about: its row in a library.json; read from the zip's metadata when absent.
        """
        about = about or _about(data)
        slug, version = str(about["slug"]), str(about["version"])
        kind = str(about.get("kind", "jupyter"))
        with self.lock:
            entry = self._enter(self.keys, "key", slug, kind)
            self._add_version(entry, f"keys/{kind}/{slug}/{version}/key.zip", data, about)
            if kind == "jupyter":
                pack = self._enter(self.packs, "pack", slug, kind)
                self._add_version(pack, f"packs/{slug}/{version}/pack.zip", data, about)
            return entry

    def publish(self, about: dict[str, Any]) -> None:
        """Enter a row of a library.json into v1 only, as the admin's route does; its zip is uploaded apart."""
        slug, version = str(about["slug"]), str(about["version"])
        with self.lock:
            pack = self._enter(self.packs, "pack", slug, "jupyter")
            pack.versions = [row for row in pack.versions if row.version != version]
            path = f"packs/{slug}/{version}/pack.zip"
            pack.versions.append(KeyVersion(version, path, self._tick()))
            pack.about, pack.version, pack.sha256 = about, version, about.get("sha256")

    def replace(self, slug: str, version: str, data: bytes) -> None:
        """Change the bytes of a version, as an upload over it does."""
        for table in (self.keys, self.packs):
            row = table[slug].find(version) if slug in table else None
            if row is not None and row.path is not None:
                self.store(row.path, data)

    def store(self, path: str, data: bytes, kind: str = "application/zip", etag: str = "") -> None:
        """Put an object into the bucket."""
        with self.lock:
            self.objects[path] = StoredObject(data, kind, self._tick(), etag)

    def _enter(self, table: dict[str, KeyEntry], what: str, slug: str, kind: str) -> KeyEntry:
        if slug not in table:
            # the ids of one slug differ between the tables, which is why v1 downloads fail
            ident = str(uuid.uuid5(uuid.NAMESPACE_URL, f"keys:{what}:{slug}"))
            table[slug] = KeyEntry(ident, slug, kind, {}, self._tick())
        return table[slug]

    def _add_version(self, entry: KeyEntry, path: str, data: bytes, about: dict[str, Any]) -> None:
        version = str(about["version"])
        if "`" not in path:  # storage refuses such names
            self.store(path, data)
        entry.versions = [row for row in entry.versions if row.version != version]
        changelog = path.rpartition("/")[0] + "/changelog.md"
        entry.versions.append(KeyVersion(version, path, self._tick(), changelog))
        entry.about = about
        entry.version = version
        entry.sha256 = hashlib.sha256(data).hexdigest()

    def _tick(self) -> dt.datetime:
        """Return a creation time, a minute after the one before, so that orders are certain."""
        self._ticks += 1
        return _BEGIN + dt.timedelta(minutes=self._ticks)


def _about(data: bytes) -> dict[str, Any]:
    """Return the row of a pack from the metadata in its zip."""
    with zipfile.ZipFile(io.BytesIO(data)) as pack:
        names = {name.rpartition("/")[2]: name for name in sorted(pack.namelist(), reverse=True)}
        kind, name = ("runbook", "pack.json") if "pack.json" in names else ("jupyter", "key.json")
        return {**json.loads(pack.read(names[name])), "kind": kind}
