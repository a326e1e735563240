"""Records in, hashes, proofs and checkpoints out: the append-only Merkle log of RFC 9162.

Pure: no file, no clock, no database, and nothing but the standard library, because the same sources are put
into the verifier that every bundle carries. Signing is the caller's: a checkpoint takes a function for it.

* A record is hashed as the bytes that are stored, so checking never depends on writing JSON the same way twice.
* Every parser refuses what is not in its one canonical form.

::

    tree = Tree(leaf_hash(body) for body in bodies)
    note = signed(Checkpoint(origin, tree.size, tree.root()), public, key.sign)
    held = opened(note)
    verify_inclusion(leaf_hash(bodies[7]), 7, held.size, tree.inclusion(7), held.root)
"""

from keys_jupyter.ledger.checkpoint import (
    Checkpoint,
    Note,
    NoteError,
    fingerprint_of,
    opened,
    origin_of,
    signed,
)
from keys_jupyter.ledger.encoding import decode, encode
from keys_jupyter.ledger.proofs import (
    begins_with,
    proved_root,
    verify_consistency,
    verify_inclusion,
)
from keys_jupyter.ledger.tree import Tree, leaf_hash, node_hash, root_hash

__all__ = [
    "Checkpoint",
    "Note",
    "NoteError",
    "Tree",
    "begins_with",
    "decode",
    "encode",
    "fingerprint_of",
    "leaf_hash",
    "node_hash",
    "opened",
    "origin_of",
    "proved_root",
    "root_hash",
    "signed",
    "verify_consistency",
    "verify_inclusion",
]
