"""Records in, bytes and hashes out: the append-only Merkle log of RFC 9162, section 2.1.

Pure: no file, no clock, no database. The bytes hashed are the bytes stored, so that checking a ledger
never depends on writing JSON the same way twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

# Leaves and inner nodes are hashed under different prefixes, so that no inner node can pass for a record.
_LEAF = b"\x00"
_NODE = b"\x01"


def encode(record: Mapping[str, Any]) -> bytes:
    """Return the one byte form of a record: sorted names, no spaces, UTF-8.

    Raises:
        ValueError: the record holds NaN or an infinity, which JSON cannot say.
    """
    text = json.dumps(
        record, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )
    return text.encode("utf-8")


def leaf_hash(body: bytes) -> bytes:
    """Return the hash of one record's bytes as a leaf of the tree."""
    return hashlib.sha256(_LEAF + body).digest()


def root_hash(leaves: Sequence[bytes]) -> bytes:
    """Return the hash of the whole tree over leaf hashes; of no leaves, the hash of nothing."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    # Subtrees already complete, smallest last; a new leaf merges with every neighbour of its size.
    stack: list[tuple[int, bytes]] = []
    for leaf in leaves:
        size, node = 1, leaf
        while stack and stack[-1][0] == size:
            node = hashlib.sha256(_NODE + stack.pop()[1] + node).digest()
            size *= 2
        stack.append((size, node))
    node = stack.pop()[1]
    while stack:
        node = hashlib.sha256(_NODE + stack.pop()[1] + node).digest()
    return node
