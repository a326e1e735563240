"""Whether a proof of RFC 9162 holds: section 2.1.3.2 for inclusion, 2.1.4.2 for consistency.

Making proofs is :class:`keys_jupyter.ledger.tree.Tree`. A proof of the wrong length never holds, so that no
proof has two forms.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence

from keys_jupyter.ledger.tree import Tree, leaf_hash, node_hash

HASH_BYTES = 32


def proved_root(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that an inclusion proof leads to; None where it fits no tree of that size."""
    if not 0 <= index < size or not _well_formed(path):
        return None
    node, last, root = index, size - 1, leaf
    for step in path:
        if last == 0:
            return None
        if node & 1 or node == last:
            root = node_hash(step, root)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = node_hash(root, step)
        node, last = node >> 1, last >> 1
    return root if last == 0 else None


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """Say whether a leaf hash is at ``index`` of the tree with that size and root."""
    found = proved_root(leaf, index, size, path)
    return found is not None and hmac.compare_digest(found, root)


def verify_consistency(
    old_size: int, size: int, old_root: bytes, root: bytes, path: Sequence[bytes]
) -> bool:
    """Say whether the tree of ``old_size`` is the unchanged beginning of the tree of ``size``."""
    if not 0 < old_size <= size or not _well_formed(path):
        return False
    if old_size == size:
        return not path and hmac.compare_digest(old_root, root)
    steps = list(path)
    # A complete old tree is itself a node of the new one and is therefore not repeated in the proof.
    if old_size & (old_size - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    return _leads_to_both(old_size, size, old_root, root, steps)


def _leads_to_both(
    old_size: int, size: int, old_root: bytes, root: bytes, steps: Sequence[bytes]
) -> bool:
    node, last = old_size - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, step)
        node, last = node >> 1, last >> 1
    same_old = hmac.compare_digest(old, old_root)
    return last == 0 and same_old and hmac.compare_digest(new, root)


def begins_with(bodies: Iterable[bytes], size: int, root: bytes) -> bool:
    """Say whether a ledger still begins with the tree that a checkpoint of that size and root holds."""
    tree = Tree(leaf_hash(body) for body in bodies)
    return tree.size >= size and hmac.compare_digest(tree.root(size), root)


def _well_formed(path: Sequence[bytes]) -> bool:
    return all(len(step) == HASH_BYTES for step in path)
