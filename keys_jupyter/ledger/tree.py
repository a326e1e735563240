"""The Merkle tree of RFC 9162, section 2.1, which remembers every complete subtree.

Adding a leaf costs a constant number of hashes on average, and a root or a proof for any earlier size costs
as many as the tree has levels. Whether a proof holds is :mod:`keys_jupyter.ledger.proofs`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

# Leaves and inner nodes are hashed under different prefixes, so that no inner node can pass for a record.
_LEAF = b"\x00"
_NODE = b"\x01"
_WIDTH = 32


def leaf_hash(body: bytes) -> bytes:
    """Return the hash of one record's bytes as a leaf of the tree."""
    return hashlib.sha256(_LEAF + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two neighbouring subtrees as one."""
    return hashlib.sha256(_NODE + left + right).digest()


def root_hash(leaves: Sequence[bytes]) -> bytes:
    """Return the hash of the whole tree over leaf hashes; of no leaves, the hash of nothing."""
    return Tree(leaves).root()


class Tree:
    """A growing tree; ``root``, ``inclusion`` and ``consistency`` also answer for every size it once had."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        """Begin with these leaf hashes."""
        # One row of bytes per level: level k holds the hashes of the complete subtrees of 2**k leaves.
        self._levels: list[bytearray] = [bytearray()]
        self.extend(leaves)

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return len(self._levels[0]) // _WIDTH

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash and every subtree that it completes."""
        self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes in order."""
        bottom = self._levels[0]
        for leaf in leaves:
            bottom += leaf
        self._complete()

    def _complete(self) -> None:
        sha256 = hashlib.sha256
        level = 0
        while len(self._levels[level]) >= 2 * _WIDTH:
            if level + 1 == len(self._levels):
                self._levels.append(bytearray())
            below, above = self._levels[level], self._levels[level + 1]
            # Two children are 64 bytes and their parent 32, so the parents' length halves into place.
            for start in range(2 * len(above), len(below) - 2 * _WIDTH + 1, 2 * _WIDTH):
                above += sha256(_NODE + below[start : start + 2 * _WIDTH]).digest()
            level += 1

    def leaf(self, index: int) -> bytes:
        """Return one leaf hash."""
        return self._subtree(0, index)

    def root(self, size: int | None = None) -> bytes:
        """Return the root hash over the first ``size`` leaves, or over all.

        Raises:
            ValueError: the tree has never had that size.
        """
        size = self._checked(self.size if size is None else size)
        return self._range(0, size) if size else hashlib.sha256(b"").digest()

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """Return the proof that a leaf is in the tree of that size, from the leaf upwards.

        Raises:
            ValueError: there is no such leaf in a tree of that size.
        """
        size = self._checked(self.size if size is None else size)
        if not 0 <= index < size:
            raise ValueError("There is no such leaf in a tree of that size.")
        path = []
        start, end = 0, size
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                path.append(self._range(middle, end))
                end = middle
            else:
                path.append(self._range(start, middle))
                start = middle
        return path[::-1]

    def consistency(self, old: int, size: int | None = None) -> list[bytes]:
        """Return the proof that the tree of size ``old`` is the beginning of the tree of ``size``.

        Raises:
            ValueError: the sizes are not in order, or the tree has never had them.
        """
        size = self._checked(self.size if size is None else size)
        if not 0 < old <= size:
            raise ValueError("A consistency proof leads from a smaller tree to a larger one.")
        path = []
        start, end, whole = 0, size, True
        while end != old:
            middle = start + _split(end - start)
            if old <= middle:
                path.append(self._range(middle, end))
                end = middle
            else:
                path.append(self._range(start, middle))
                start, whole = middle, False
        if not whole:
            path.append(self._range(start, end))
        return path[::-1]

    def _checked(self, size: int) -> int:
        if not 0 <= size <= self.size:
            raise ValueError("The tree has never had that size.")
        return size

    def _range(self, start: int, end: int) -> bytes:
        """Hash the leaves from ``start`` to ``end``, a range that the tree's shape makes one node of."""
        width = end - start
        if width & (width - 1) == 0:
            return self._subtree(width.bit_length() - 1, start // width)
        middle = start + _split(width)
        return node_hash(self._range(start, middle), self._range(middle, end))

    def _subtree(self, level: int, index: int) -> bytes:
        return bytes(self._levels[level][index * _WIDTH : (index + 1) * _WIDTH])


def _split(width: int) -> int:
    """Return the largest power of two smaller than ``width``."""
    return 1 << ((width - 1).bit_length() - 1)
