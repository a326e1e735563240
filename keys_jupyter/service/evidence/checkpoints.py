"""Checkpoints that leave the machine, and the record of each; without them a ledger is only its owner's word.

Such records, and those of exported bundles, stand in the ledger and outside of any incident.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable
from typing import Any

from keys_jupyter.errors import InputError, StateError
from keys_jupyter.evidence import bundle
from keys_jupyter.evidence.bundle.making import checkpoint
from keys_jupyter.evidence.bundle.signing import FILE as KEY_FILE
from keys_jupyter.ledger import Tree
from keys_jupyter.model.bundle import CheckpointRequest, CheckpointState, CheckpointText
from keys_jupyter.model.incident import Actor
from keys_jupyter.service.evidence.exporting import LEAVING
from keys_jupyter.service.incidents.recording import Announce
from keys_jupyter.store import Store, utc_now

# Records of no incident.
_OUTSIDE = ""


class Checkpoints:
    """The checkpoints of one data directory."""

    def __init__(self, store: Store, announce: Announce, actor: Callable[[], Actor]) -> None:
        """Take where the ledger is, who is told of changes, and who says who is acting."""
        self._store = store
        self._announce = announce
        self._actor = actor
        self._lock = threading.Lock()
        self._grown = Tree()

    def leave(self, request: CheckpointRequest) -> CheckpointText:
        """Return the ledger's checkpoint as text to keep elsewhere, and record that it left.

        Raises:
            StateError: nothing is recorded yet.
            InputError: the ledger never had the older size.
        """
        known = self.tree().size
        if not known:
            raise StateError(
                "NOTHING_RECORDED", "Nothing is recorded yet.", "Open an incident first."
            )
        if request.since is not None and request.since > known:
            raise InputError(
                "NO_SUCH_SIZE",
                f"The ledger has {known} records, fewer than {request.since}.",
                "Give the size that stands in the older checkpoint or bundle.",
            )
        signer = bundle.load_or_make(self._store.data_dir)
        made: dict[str, Any] = {}

        def content(index: int) -> dict[str, Any]:
            tree = self.tree()
            made.update(tree=tree, size=index, root=tree.root(index).hex())
            return {"size": index, "root": made["root"], "outlet": request.outlet}

        record = self.record("checkpoint.left", content)
        tree, size = made["tree"], made["size"]
        text = checkpoint(tree, signer, size)
        if request.since is not None:
            steps = "".join(
                f"{base64.b64encode(step).decode()}\n"
                for step in tree.consistency(request.since, size)
            )
            text = f"old {request.since}\n{steps}\n{text}"
        return CheckpointText(
            text=text,
            size=size,
            root=made["root"],
            origin=f"keys-jupyter/{signer.fingerprint[:16]}",
            fingerprint=signer.fingerprint,
            at=record["at"],
        )

    def state(self) -> CheckpointState:
        """Say when a checkpoint last left this machine, and what that means."""
        tree = self.tree()
        size = tree.size
        rows = [row for row in self._store.entries(incident=_OUTSIDE) if row["type"] in LEAVING]
        last = json.loads(rows[-1]["body"]) if rows else None
        known = (self._store.data_dir / KEY_FILE).is_file()
        signer = bundle.load_or_make(self._store.data_dir) if known else None
        after = size - last["data"]["size"] if last else size
        return CheckpointState(
            size=size,
            root=tree.root(size).hex(),
            fingerprint=signer.fingerprint if signer else None,
            last_at=last["at"] if last else None,
            last_size=last["data"]["size"] if last else None,
            last_outlet=last["data"]["outlet"] if last else None,
            after=after,
            meaning=_meaning(after, last is not None),
        )

    def tree(self) -> Tree:
        """Return the ledger's tree; what has been added since is all that is read."""
        # Asked before the lock is taken: whoever records holds the store's own lock while it waits for this one.
        first = self._grown.size
        leaves = self._store.leaves(first)
        with self._lock:
            self._grown.extend(leaves[self._grown.size - first :])
            return self._grown

    def record(self, kind: str, make: Callable[[int], dict[str, Any]]) -> dict[str, Any]:
        """Record something that belongs to no incident.

        Args:
            kind: the record's type.
            make: given the record's index in the ledger, returns its content; it runs inside the transaction.
        """
        actor = self._actor().model_dump(mode="json")
        record = (
            self._store.append(
                _OUTSIDE,
                lambda seq, index: {
                    "incident": _OUTSIDE,
                    "seq": seq,
                    "index": index,
                    "at": utc_now(),
                    "monotonic": round(time.monotonic(), 6),
                    "actor": actor,
                    "type": kind,
                    "step": None,
                    "data": make(index),
                },
            )
            or {}
        )
        self._announce("evidence", "", record["index"])
        return record


def _meaning(after: int, ever: bool) -> str:
    if not ever:
        return (
            "No checkpoint has left this machine. Until one is kept elsewhere, nobody else could notice that the "
            "ledger was written anew."
        )
    if after <= 1:
        return "Everything recorded before the last checkpoint left is protected by it, for whoever holds it."
    return (
        f"{after} records were added since the last checkpoint left. Those before it are protected for whoever holds "
        "it; the later ones are not yet."
    )
