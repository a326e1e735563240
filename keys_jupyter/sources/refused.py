"""A library whose address may not be asked, as a source: it offers nothing and says why, and nothing else suffers.

What a site set wrong is told where its keys would stand; incidents, runs and other sources go on.
"""

from __future__ import annotations

from collections.abc import Callable

from keys_jupyter.archive import VerifiedPack
from keys_jupyter.errors import KeysError
from keys_jupyter.sources import Listing, Progress
from keys_jupyter.sources.library import problem_of


class RefusedLibrary:
    """A library that is not asked."""

    def __init__(self, name: str, fault: KeysError) -> None:
        """Take the name to say it by, which is not the address: that may hold a password; and why it is refused."""
        self._name = name
        self._fault = fault

    @property
    def name(self) -> str:
        """Return the name a person knows it by."""
        return self._name

    def listing(self, *, refresh: bool = False) -> Listing:  # noqa: ARG002 - only another address helps
        """Return nothing, and why."""
        return Listing([], [problem_of(self._fault, self._name)])

    def versions(self, slug: str) -> list[str]:  # noqa: ARG002 - there are none of any
        """Return no version of any key."""
        return []

    def fetch(
        self,
        slug: str,  # noqa: ARG002
        version: str,  # noqa: ARG002
        *,
        on_progress: Progress | None = None,  # noqa: ARG002
        cancelled: Callable[[], bool] | None = None,  # noqa: ARG002
    ) -> VerifiedPack:
        """Refuse.

        Raises:
            KeysError: why it is not asked.
        """
        raise self._fault
