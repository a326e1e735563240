"""What a pack says in its own words: what it is for, and which keys it calls.

Whoever builds a library writes both into its index, so that nobody needs to open every pack to search them.
"""

from __future__ import annotations

from functools import lru_cache

from keys_jupyter import runbook
from keys_jupyter.archive import VerifiedPack
from keys_jupyter.model.pack import KeyMetadata, LibraryPack, RunbookMetadata

# As much of a text as a search needs; an index may say more and is cut to it.
_LENGTH = 4000
# The sections of a runbook that say what it is for.
_PURPOSES = ("when", "scope")


# Packs are immutable and compared by identity, and an opened pack is kept by whoever opened it.
@lru_cache(maxsize=1024)
def purpose_of(pack: VerifiedPack) -> str:
    """Return what a key is for: the questions it answers; of a runbook, when to use it and what it covers."""
    if isinstance(pack.metadata, KeyMetadata):
        return " ".join(" ".join(pack.metadata.questions).split())[:_LENGTH]
    readme = pack.files.get("README.md", b"").decode("utf-8", errors="replace")
    parsed = runbook.parse(readme, slug=pack.slug, version=pack.version)
    said = [section.text for section in parsed.sections if section.name in _PURPOSES]
    return " ".join(" ".join(said).split())[:_LENGTH]


def shown_about(row: LibraryPack) -> str:
    """Return what an index says a key is for, as much of it as a search needs."""
    return (row.about or "")[:_LENGTH]


def called_by(pack: VerifiedPack) -> list[str]:
    """Return the keys that a runbook's steps call, as its metadata names them."""
    if isinstance(pack.metadata, RunbookMetadata):
        return [*pack.metadata.references_jupyter_keys, *pack.metadata.references_node_keys]
    return []
