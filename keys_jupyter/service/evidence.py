"""Evidence: what is kept, bundles of it, checkpoints that leave the machine, and what two runs differ in.

That a bundle was exported or a checkpoint left is itself recorded, in the ledger and outside of any incident.
"""

from __future__ import annotations

import base64
import binascii
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from keys_jupyter.errors import InputError, StateError
from keys_jupyter.evidence import bundle, verify
from keys_jupyter.evidence.bundle.making import checkpoint
from keys_jupyter.evidence.bundle.signing import FILE as KEY_FILE
from keys_jupyter.evidence.compare import compare
from keys_jupyter.ledger import Tree
from keys_jupyter.model.bundle import (
    CheckpointRequest,
    CheckpointState,
    CheckpointText,
    Comparison,
    Exported,
    Verified,
    VerifyRequest,
)
from keys_jupyter.model.evidence import EvidenceList
from keys_jupyter.model.incident import Actor
from keys_jupyter.places import version
from keys_jupyter.service.exporting import LEAVING, Gatherer
from keys_jupyter.service.folding import Folds
from keys_jupyter.service.installs import Installs
from keys_jupyter.service.reading import RunReader
from keys_jupyter.service.recording import Announce
from keys_jupyter.store import Store, utc_now
from keys_jupyter.workspace import Workspace

# Records of no incident.
_OUTSIDE = ""
_FOLDER = "evidence"


class Evidence:
    """The evidence of one data directory."""

    def __init__(
        self,
        workspace: Workspace,
        store: Store,
        folds: Folds,
        reader: RunReader,
        installs: Installs,
        announce: Announce,
        actor: Callable[[], Actor],
    ) -> None:
        """Take where records, runs and packs are, who is told of changes, and who says who is acting."""
        self._workspace = workspace
        self._store = store
        self._folds = folds
        self._reader = reader
        self._announce = announce
        self._actor = actor
        self._gather = Gatherer(store, folds, reader, installs)
        self._lock = threading.Lock()
        self._grown = Tree()

    # what is kept --------------------------------------------------------------------------------

    def kept(self, name: str) -> EvidenceList:
        """Return what is kept under an incident."""
        incident = self._folds.incident_id(name)
        items = self._folds.see(incident, lambda fold: list(fold.state.evidence))
        return EvidenceList(incident=incident, evidence=items)

    def compare(self, left: str, right: str) -> Comparison:
        """Return two runs of one key side by side.

        Raises:
            NotAvailable: there is no such run.
            InputError: they are runs of two keys.
        """
        from keys_jupyter.runner import journal

        runs = [self._reader.run(name) for name in (left, right)]
        digests = [
            [
                (f"output {number} of cell {cell + 1}", digest)
                for number, (cell, _output, digest) in enumerate(
                    journal.outputs(journal.read(self._store.journal_dir(run.id))), 1
                )
            ]
            for run in runs
        ]
        return compare(runs[0], runs[1], (digests[0], digests[1]))

    # bundles -------------------------------------------------------------------------------------

    def export(self, name: str, at: int | None = None, target: Path | None = None) -> Exported:
        """Write the bundle of an incident.

        Args:
            name: its id, the start of it, or its number.
            at: its last record in the bundle; the newest when None.
            target: the file to write; one in the workspace's folder for evidence when None.

        Raises:
            NotAvailable: there is no such incident.
            InputError: it has no such record, or would be too large.
            SurroundingsError: the file cannot be written.
        """
        incident = self._folds.incident_id(name)
        signer = bundle.load_or_make(self._store.data_dir)
        material = self._gather.incident(incident, at, _redact(signer))
        sources = bundle.incident_sources(material, version())
        made = bundle.make(sources, self._tree(), signer)
        head = made.facts["incident"]
        place = target or self._place(f"incident-{head['number']}-record-{head['at']}.zip")
        about = {"incident": incident, "at": head["at"], "kind": "incident"}
        return self._written(made, place, signer, about)

    def export_period(self, start: str, end: str, target: Path | None = None) -> Exported:
        """Write the bundle of all incidents and runs from one day to another, both included.

        Raises:
            InputError: the days are not days or not in order.
            NotAvailable: nothing was recorded in it.
            SurroundingsError: the file cannot be written.
        """
        material = self._gather.period(start, end)
        signer = bundle.load_or_make(self._store.data_dir)
        sources = bundle.period_sources(material, version())
        made = bundle.make(sources, self._tree(), signer)
        place = target or self._place(f"period-{start}-{end}.zip")
        return self._written(made, place, signer, {"kind": "period", "from": start, "to": end})

    def verify(self, request: VerifyRequest) -> Verified:
        """Say whether a bundle holds; nothing of it is executed, rendered or kept.

        Raises:
            InputError: no bundle is named, or more than one, or it cannot be read.
        """
        if (request.path is None) == (request.data is None):
            raise InputError(
                "WHICH_BUNDLE", "A bundle is a file or bytes, one of the two.", "Give one of them."
            )
        if request.path is not None:
            return self.verify_file(
                self._workspace.inside(request.path), request.against, request.key
            )
        try:
            data = base64.b64decode(request.data or "", validate=True)
        except (binascii.Error, ValueError):
            raise InputError("NOT_BASE64", "The bytes are not base64.", "Send them so.") from None
        found = verify.verify_bytes(data, key=request.key, against=request.against)
        return Verified.model_validate(found)

    def verify_file(
        self, path: Path, against: str | None = None, key: str | None = None
    ) -> Verified:
        """Say whether the bundle in a file holds.

        Raises:
            InputError: it cannot be read.
        """
        found = verify.verify_file(path, key=key, against=against)
        return Verified.model_validate(found)

    def _place(self, name: str) -> Path:
        folder = self._workspace.inside(_FOLDER)
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise InputError(
                "NO_FOLDER",
                f"The folder {_FOLDER} cannot be made in the workspace: {error.strerror}.",
                "Move what has this name aside, or name another file with -o.",
            ) from error
        return folder / name

    def _written(
        self, made: bundle.Made, place: Path, signer: bundle.Signer, about: dict[str, Any]
    ) -> Exported:
        sha256, size = bundle.write(made.files, made.measures, place)
        ledger = made.facts["ledger"]
        data = {"size": ledger["size"], "root": ledger["root"], "sha256": sha256, **about}
        self._record("bundle.exported", lambda _index: {**data, "outlet": "a bundle"})
        redacted = [item for item in made.facts.get("evidence", ()) if item["redacted_at_export"]]
        return Exported(
            path=self._shown(place),
            sha256=sha256,
            size=size,
            name=made.facts["name"],
            at=about.get("at"),
            counts=made.facts["counts"],
            missing=made.facts["missing"],
            warnings=[
                f"{item['name']}: a secret was found only now and taken out "
                f"({', '.join(item['redacted_at_export'])})."
                for item in redacted
            ],
            checkpoint=ledger["checkpoint"],
            fingerprint=signer.fingerprint,
        )

    def _shown(self, place: Path) -> str:
        whole = place.resolve()
        inside = whole.is_relative_to(self._workspace.root)
        return self._workspace.relative(whole) if inside else str(place)

    # checkpoints ---------------------------------------------------------------------------------

    def checkpoint(self, request: CheckpointRequest) -> CheckpointText:
        """Return the ledger's checkpoint as text to keep elsewhere, and record that it left.

        Raises:
            StateError: nothing is recorded yet.
            InputError: the ledger never had the older size.
        """
        signer = bundle.load_or_make(self._store.data_dir)
        made: dict[str, Any] = {}

        def content(index: int) -> dict[str, Any]:
            if index == 0:
                raise StateError(
                    "NOTHING_RECORDED", "Nothing is recorded yet.", "Open an incident first."
                )
            tree = self._tree()
            made.update(tree=tree, size=index, root=tree.root(index).hex())
            return {"size": index, "root": made["root"], "outlet": request.outlet}

        if request.since is not None and request.since > self._tree().size:
            raise InputError(
                "NO_SUCH_SIZE",
                f"The ledger has {self._tree().size} records, fewer than {request.since}.",
                "Give the size that stands in the older checkpoint or bundle.",
            )
        record = self._record("checkpoint.left", content)
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

    def anchored(self) -> CheckpointState:
        """Say when a checkpoint last left this machine, and what that means."""
        import json

        size = self._tree().size
        rows = [row for row in self._store.entries(incident=_OUTSIDE) if row["type"] in LEAVING]
        last = json.loads(rows[-1]["body"]) if rows else None
        known = (self._store.data_dir / KEY_FILE).is_file()
        signer = bundle.load_or_make(self._store.data_dir) if known else None
        after = size - last["data"]["size"] if last else size
        return CheckpointState(
            size=size,
            fingerprint=signer.fingerprint if signer else None,
            last_at=last["at"] if last else None,
            last_size=last["data"]["size"] if last else None,
            last_outlet=last["data"]["outlet"] if last else None,
            after=after,
            meaning=_meaning(after, last is not None),
        )

    def _tree(self) -> Tree:
        """Return the ledger's tree; what has been added since is all that is read."""
        # Asked before the lock is taken: whoever records holds the store's own lock while it waits for this one.
        first = self._grown.size
        leaves = self._store.leaves(first)
        with self._lock:
            self._grown.extend(leaves[self._grown.size - first :])
            return self._grown

    def _record(self, kind: str, make: Callable[[int], dict[str, Any]]) -> dict[str, Any]:
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


def _redact(signer: bundle.Signer) -> Callable[[bytes, str], tuple[bytes, tuple[str, ...]]]:
    """Return the search for secrets at export; its salt is always the same, so that two exports are equal."""
    from keys_jupyter.redaction import Policy, redact_bytes

    policy = Policy(salt=signer.sign(b"keys-jupyter: salt of redactions at export"))

    def redact(data: bytes, mime: str) -> tuple[bytes, tuple[str, ...]]:
        done = redact_bytes("", mime, data, policy)
        return done.value, tuple(sorted({found.rule for found in done.report.redactions}))

    return redact
