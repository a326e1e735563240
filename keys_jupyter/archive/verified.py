"""The type that means "these bytes were checked"; only :func:`keys_jupyter.archive.verify` makes one."""

from __future__ import annotations

from dataclasses import InitVar, dataclass
from typing import NoReturn, final

from keys_jupyter.archive.members import Members
from keys_jupyter.model.pack import KeyMetadata, RunbookMetadata

MAKER = object()


@final
@dataclass(frozen=True, eq=False, repr=False)
class VerifiedPack:
    """One version of one key whose bytes passed every check.

    Files come in the archive's order, below no top folder, plain and without permissions. A notebook
    that called itself trusted differs from the archive in that one word.
    """

    slug: str
    version: str
    kind: str  # "jupyter", "runbook", or the tool of another kind of key
    sha256: str  # of the zip's bytes, in lower-case hex
    verified: bool  # a digest was published and these bytes have it
    metadata: KeyMetadata | RunbookMetadata
    files: Members
    notes: tuple[str, ...]  # what was left out or changed, for people
    zip_bytes: bytes
    maker: InitVar[object]

    def __post_init__(self, maker: object) -> None:
        """Refuse to exist for anybody but the archive.

        Raises:
            TypeError: always, unless the archive itself is the maker.
        """
        if maker is not MAKER:
            raise TypeError("Only keys_jupyter.archive.verify makes a VerifiedPack.")

    def __repr__(self) -> str:
        """Name the pack, and never its bytes."""
        return f"VerifiedPack({self.slug!r}, {self.version!r}, sha256={self.sha256[:12]!r})"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied: what comes back was not checked.

        Raises:
            TypeError: always.
        """
        raise TypeError("A VerifiedPack is made anew from its zip, never copied.")
