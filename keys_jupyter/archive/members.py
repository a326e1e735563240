"""The files of a checked archive by their path, unpacked when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from keys_jupyter.archive.inflate import pieces
from keys_jupyter.archive.layout import Extent


class Members(Mapping[str, bytes]):
    """An ordered mapping of normalised relative paths to contents.

    ``members[path]`` holds one whole file in memory; :meth:`pieces` does not.
    """

    def __init__(
        self, data: bytes, extents: Mapping[str, Extent], held: Mapping[str, bytes]
    ) -> None:
        """Look into ``data`` at ``extents``; ``held`` are contents that are known already."""
        self._data = data
        self._extents = dict(extents)
        self._held = dict(held)

    def __getitem__(self, path: str) -> bytes:
        """Return the contents of one file."""
        if path in self._held:
            return self._held[path]
        return b"".join(pieces(self._data, self._extents[path]))

    def __iter__(self) -> Iterator[str]:
        """Go through the paths in the order of the archive."""
        return iter(self._extents)

    def __len__(self) -> int:
        """Count the files."""
        return len(self._extents)

    def size(self, path: str) -> int:
        """Return how many bytes one file has, without unpacking it."""
        return len(self._held[path]) if path in self._held else self._extents[path].entry.size

    def changed(self, contents: Mapping[str, bytes]) -> Members:
        """Return the same files with other contents for some of them."""
        return Members(self._data, self._extents, {**self._held, **contents})

    def pieces(self, path: str) -> Iterator[bytes]:
        """Yield the contents of one file in pieces of at most 256 KiB."""
        if path in self._held:
            return iter([self._held[path]])
        return pieces(self._data, self._extents[path])
