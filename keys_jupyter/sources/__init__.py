"""Where keys come from: one interface, and the sources that keep it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from keys_jupyter.archive import VerifiedPack
from keys_jupyter.model.catalog import Problem
from keys_jupyter.model.pack import LibraryPack


@dataclass(frozen=True)
class Listing:
    """What a source offers, newest version of a key first, and the rows it could not read."""

    packs: list[LibraryPack]
    problems: list[Problem]


class Source(Protocol):
    """One place keys come from."""

    @property
    def name(self) -> str:
        """Return the name a person knows the source by."""
        ...

    def listing(self) -> Listing:
        """Return what is offered; a source that cannot be read offers nothing and says why."""
        ...

    def fetch(self, slug: str, version: str) -> VerifiedPack:
        """Return one verified pack.

        Raises:
            NotAvailable: no such key or version here.
            IntegrityError: the bytes are not the published ones, or not safe to unpack.
        """
        ...
