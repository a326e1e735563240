"""Installed versions, what could be newer, and what is being installed now."""

from __future__ import annotations

from keys_jupyter.model.base import Record


class Installed(Record):
    """One installed version.

    ``verified`` says that a digest was published and these bytes have it; without one the bytes are pinned as they
    first came.
    """

    slug: str
    version: str
    sha256: str
    verified: bool
    path: str
    files: int
    source: str = ""


class InstalledRow(Record):
    """One version in this workspace: whether it is the one in use, and which of its files a person edited."""

    slug: str
    version: str
    default: bool
    sha256: str
    verified: bool
    source: str
    path: str
    edited: list[str]


class InstalledList(Record):
    """What is installed in this workspace."""

    installed: list[InstalledRow]


class OutdatedRow(Record):
    """A key with a newer version than the one in use; ``breaking`` when its major number grew."""

    slug: str
    title: str
    version: str
    newest: str
    source: str
    breaking: bool


class OutdatedList(Record):
    """The keys of this workspace that have a newer version."""

    outdated: list[OutdatedRow]


class InstallRequest(Record):
    """Which version to install; the newest when none is named."""

    version: str | None = None


class UseRequest(Record):
    """Which installed version to use from now on."""

    version: str


class Removed(Record):
    """Versions that were taken away, and where a person's own files of them were kept."""

    slug: str
    versions: list[str]
    kept: list[str]


class InstallProgress(Record):
    """One install that is going on: waiting for another process, or so many bytes of so many."""

    slug: str
    waiting: bool
    bytes: int
    total: int | None


class InstallingList(Record):
    """The installs that are going on in this server."""

    installing: list[InstallProgress]
