"""Sources in, all files of a signed bundle out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keys_jupyter.evidence.bundle import layout
from keys_jupyter.evidence.bundle.attestation import attested, signed_bytes
from keys_jupyter.evidence.bundle.container import Measure
from keys_jupyter.evidence.bundle.derive import derived, document_of
from keys_jupyter.evidence.bundle.files import Told, measure, silent
from keys_jupyter.evidence.bundle.signing import Signer
from keys_jupyter.evidence.bundle.sources import Sources, proofs
from keys_jupyter.ledger import Checkpoint, Tree, origin_of, signed


@dataclass(frozen=True)
class Made:
    """A bundle's files with their measures, and what its report states."""

    files: dict[str, bytes | Path]
    measures: dict[str, Measure]
    facts: dict[str, Any]


def make(sources: Sources, tree: Tree, signer: Signer, told: Told = silent) -> Made:
    """Return a bundle's files.

    Args:
        sources: what it is made from.
        tree: the whole ledger's tree, or at least as much as the sources need.
        signer: signs the checkpoint and the statement.
        told: told of every piece of a source that was measured.
    """
    from keys_jupyter.evidence.verify.standalone import source

    files = dict(sources.files)
    bodies = {name: _bytes(files[name]) for name in (layout.RECORDS, layout.LEFT)}
    records, left = (bodies[name].split(b"\n")[:-1] for name in (layout.RECORDS, layout.LEFT))
    files[layout.PROOFS] = proofs(records, left, tree, sources.size)
    files[layout.CHECKPOINT] = checkpoint(tree, signer, sources.size).encode()
    measures = {name: measure(content, told) for name, content in files.items()}
    made = derived(
        lambda name: _bytes(files[name]), measures, signer.public, source().encode("utf-8")
    )
    statement = made[layout.STATEMENT]
    made |= attested(statement, signer.public, signer.sign(signed_bytes(statement)))
    files |= made
    measures |= {name: measure(data) for name, data in made.items()}
    return Made(files, measures, document_of(made[layout.FACTS]))


def checkpoint(tree: Tree, signer: Signer, size: int | None = None) -> str:
    """Return the signed checkpoint of the ledger at one size, or as it is now."""
    size = tree.size if size is None else size
    said = Checkpoint(origin_of(signer.public), size, tree.root(size))
    return signed(said, signer.public, signer.sign)


def _bytes(content: bytes | Path) -> bytes:
    return content if isinstance(content, bytes) else content.read_bytes()
