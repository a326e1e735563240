"""Whether the records are in the ledger's tree, and whether that tree continues what others hold."""

from __future__ import annotations

import base64
from typing import Any

from keys_jupyter.evidence.bundle.layout import CHECKPOINT, LEFT, RECORDS
from keys_jupyter.evidence.verify.opened import Opened, Problem, Unproved
from keys_jupyter.ledger.checkpoint import NoteError, opened
from keys_jupyter.ledger.proofs import verify_consistency, verify_inclusion
from keys_jupyter.ledger.tree import leaf_hash


def check_checkpoint(bundle: Opened) -> str:
    """Check that the checkpoint is signed by the bundle's key and of the tree of its last record.

    Raises:
        Problem: it is not.
    """
    note = opened(bundle.read(CHECKPOINT).decode("utf-8"))
    if not note.signed_by(bundle.public):
        raise Problem("The checkpoint is not signed by the key in the bundle.")
    size, last = note.checkpoint.size, bundle.records[-1]["index"]
    if size != last + 1:
        raise Problem(f"The checkpoint is of {size} records; the last record here is {last}.")
    return f"Signed, of {size} records, the last of which is the last one here."


def check_inclusion(bundle: Opened) -> str:
    """Check that every record is where it says in the checkpoint's tree.

    Raises:
        Problem: one is not, or proofs are left over.
    """
    rows = list(bundle.records) + list(bundle.left)
    bodies = bundle.bodies(RECORDS) + bundle.bodies(LEFT)
    paths, size = bundle.proofs["inclusion"], bundle.checkpoint.size
    if bundle.proofs["size"] != size or set(paths) != {str(row["index"]) for row in rows}:
        raise Problem("The proofs are not those of these records and this checkpoint.")
    for number, row in enumerate(rows):
        path = _path(paths[str(row["index"])])
        leaf = leaf_hash(bodies[number])
        if not verify_inclusion(leaf, row["index"], size, path, bundle.checkpoint.root):
            raise Problem(f"Record {row['index']} is not in the tree of the checkpoint.")
    return f"{len(paths)} records are in the tree of {size}."


def check_left(bundle: Opened) -> str:
    """Check that the tree continues every checkpoint that left the machine before.

    Raises:
        Problem: it does not continue one.
    """
    paths = bundle.proofs["consistency"]
    if set(paths) != {str(row["data"]["size"]) for row in bundle.left}:
        raise Problem("The consistency proofs are not those of the checkpoints that left.")
    for row in bundle.left:
        old, root = row["data"]["size"], bytes.fromhex(row["data"]["root"])
        if not _continues(bundle, old, root):
            raise Problem(f"The tree does not continue the checkpoint of {old} records.")
    if not bundle.left:
        return "None had left."
    return f"The tree continues all {len(bundle.left)}, the last of {bundle.left[-1]['at']}."


def check_against(bundle: Opened, text: str) -> str:
    """Check that nothing was rewritten between a held checkpoint and the bundle's, whichever is older.

    Raises:
        Problem: something was, or the held text is no checkpoint of this ledger.
        Unproved: the checkpoint is of a later state, and the proof from here to there is not with it.
    """
    old, path, note_text = _parted(_as_handed_out(text))
    try:
        note = opened(note_text)
    except NoteError as error:
        raise Problem(f"The held text is not a checkpoint: {error}") from None
    held, here = note.checkpoint, bundle.checkpoint
    if held.origin != here.origin:
        raise Problem(f"The held checkpoint is of another ledger, {held.origin}.")
    if not note.signed_by(bundle.public):
        raise Problem("The held checkpoint is not signed by the bundle's key.")
    if held.size > here.size:
        if old != here.size:
            raise Unproved(_later(held.size, here.size))
        if not verify_consistency(here.size, held.size, here.root, held.root, path):
            raise Problem("The held checkpoint does not continue the bundle's tree.")
        return f"The held checkpoint of {held.size} records continues the bundle's {here.size}."
    if held.size < here.size and str(held.size) not in bundle.proofs["consistency"]:
        raise Problem(
            f"The bundle has no proof from the held checkpoint's {held.size} records to its own {here.size}; "
            "that checkpoint is not recorded as one that left the machine."
        )
    if (
        held.root != here.root
        if held.size == here.size
        else not _continues(bundle, held.size, held.root)
    ):
        raise Problem("The ledger was rewritten since the held checkpoint, or it is a fork.")
    return f"Nothing among the first {held.size} records was rewritten since."


def _later(held: int, here: int) -> str:
    return (
        f"The held checkpoint is of a later state, {held} records against the bundle's {here}. A bundle cannot hold "
        "the proof that it is a beginning of what came after it, so this shows neither that something was "
        "rewritten nor that nothing was. Ask its maker for a bundle of that state, of the incident or of a period, "
        f'or for a checkpoint with the proof: "jupyter keys evidence checkpoint --since {here}". Or compare with an '
        "older checkpoint."
    )


def _continues(bundle: Opened, old: int, root: bytes) -> bool:
    path = _path(bundle.proofs["consistency"][str(old)])
    here = bundle.checkpoint
    return verify_consistency(old, here.size, root, here.root, path)


def _path(steps: list[Any]) -> list[bytes]:
    path = [bytes.fromhex(step) for step in steps]
    if [step.hex() for step in path] != steps:
        raise Problem("A proof is not in its one form.")
    return path


def _as_handed_out(text: str) -> str:
    """Return a text as it was before it was pasted, which loses its last line's end, or changes the ends of lines."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip() + "\n"


def _parted(text: str) -> tuple[int | None, list[bytes], str]:
    """Split a text into the older size and proof that may stand before a checkpoint, and the checkpoint."""
    head, line, rest = text.partition("\n\n")
    if not head.startswith("old ") or not line:
        return None, [], text
    first, *steps = head.split("\n")
    if not first[4:].isdigit():
        return None, [], text
    return int(first[4:]), [base64.b64decode(step, validate=True) for step in steps], rest
