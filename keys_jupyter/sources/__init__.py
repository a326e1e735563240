"""Where keys come from: one interface, and the sources that keep it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from keys_jupyter.archive import VerifiedPack
from keys_jupyter.model.catalog import Problem
from keys_jupyter.model.marketplace import DamagedRow, Entitlement
from keys_jupyter.model.pack import LibraryPack

Progress = Callable[[int, "int | None"], None]


@dataclass(frozen=True)
class Listing:
    """What a source offers, newest version of a key first, and the rows it could not read.

    A source at hand needs no right and has no age; the fields after ``problems`` are then empty.
    """

    packs: list[LibraryPack]
    problems: list[Problem]
    damaged: list[DamagedRow] = field(default_factory=list)  # shown, and never installed
    entitlements: dict[str, Entitlement] = field(default_factory=dict)  # by slug
    not_installable: dict[str, str] = field(default_factory=dict)  # slug to the reason why
    stale_since: str | None = None  # from when this is, where it could not be asked again


class Source(Protocol):
    """One place keys come from."""

    @property
    def name(self) -> str:
        """Return the name a person knows the source by."""
        ...

    def listing(self, *, refresh: bool = False) -> Listing:
        """Return what is offered; a source that cannot be read offers nothing and says why.

        Args:
            refresh: ask anew, however young the last answer is.
        """
        ...

    def versions(self, slug: str) -> list[str]:
        """Return the versions of a key that can be asked for, newest first; none of an unknown key."""
        ...

    def fetch(
        self,
        slug: str,
        version: str,
        *,
        on_progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> VerifiedPack:
        """Return one verified pack.

        Args:
            slug: which key.
            version: which version of it.
            on_progress: told the bytes that came so far, and of how many where that is known.
            cancelled: asked now and then whether to stop; nothing is left then.

        Raises:
            NotAvailable: no such key or version here.
            IntegrityError: the bytes are not the published ones, or not safe to unpack.
        """
        ...
