"""Evidence: bundles of what is kept and whether they hold, and what two runs differ in.

That a bundle was exported is itself recorded (`checkpoints`).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from keys_jupyter.errors import InputError, KeysError, NotAvailable, SurroundingsError
from keys_jupyter.evidence import bundle, verify
from keys_jupyter.evidence.compare import compare
from keys_jupyter.model.bundle import (
    Comparison,
    Exported,
    Verified,
    VerifyRequest,
)
from keys_jupyter.model.pack import KeyMetadata, ParameterNotes
from keys_jupyter.model.run import Run
from keys_jupyter.parameters import declared
from keys_jupyter.places import version
from keys_jupyter.service.evidence.checkpoints import Checkpoints
from keys_jupyter.service.evidence.exporting import Gatherer
from keys_jupyter.service.evidence.progress import Exporting, Going
from keys_jupyter.service.evidence.redacting import Redacting
from keys_jupyter.service.incidents.folding import Folds
from keys_jupyter.service.incidents.recording import Announce
from keys_jupyter.service.keys.installs import Installs
from keys_jupyter.service.runs.reading import RunReader
from keys_jupyter.store import Store
from keys_jupyter.workspace import Workspace

_FOLDER = "evidence"
_NAMED = re.compile(r"[a-z0-9][a-z0-9-]{0,120}\.zip")


class Evidence:
    """The evidence of one data directory."""

    def __init__(
        self,
        workspace: Workspace,
        store: Store,
        folds: Folds,
        reader: RunReader,
        installs: Installs,
        checkpoints: Checkpoints,
        redacting: Redacting,
        announce: Announce,
    ) -> None:
        """Take where records, runs and packs are, who records that something left, what is redacted, who is told."""
        self._workspace = workspace
        self._store = store
        self._folds = folds
        self._reader = reader
        self._checkpoints = checkpoints
        self._gather = Gatherer(store, folds, reader, installs, redacting)
        self.controls = self._gather.controls
        self._installs = installs
        self.exporting = Exporting(announce)

    def compare(self, left: str, right: str) -> Comparison:
        """Return two runs of one key side by side.

        Raises:
            NotAvailable: there is no such run.
            InputError: they are runs of two keys.
        """
        from keys_jupyter.runner import journal

        runs = [self._with_defaults(self._reader.run(name)) for name in (left, right)]
        digests = [
            [
                (f"output {number} of cell {cell}", digest)
                for number, (cell, _output, digest) in enumerate(
                    journal.outputs(journal.read(self._store.journal_dir(run.id))), 1
                )
            ]
            for run in runs
        ]
        return compare(runs[0], runs[1], (digests[0], digests[1]))

    def _with_defaults(self, run: Run) -> Run:
        """Return a run with the values that it took from its notebook, as far as its pack still says them.

        Secrets never have one here; where a key's output goes is the run's own folder, and no value that differs.
        """
        notes: Mapping[str, ParameterNotes] = {}
        if run.pack_sha256:
            pack = self._installs.used(run.key, run.version, run.pack_sha256)
            if pack is None or not isinstance(pack.metadata, KeyMetadata):
                return run
            notes = pack.metadata.parameters
        try:
            found = declared(self._reader.notebook(self._reader.row(run.id)), notes)
        except InputError:
            return run
        defaults = {
            one.name: one.default
            for one in found.parameters
            if not (one.required or one.computed or one.secret or one.output_folder)
        }
        return run.model_copy(update={"parameters": {**defaults, **run.parameters}})

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
            StateError: it is being exported already, or somebody cancelled it.
            SurroundingsError: the file cannot be written.
        """
        incident = self._folds.incident_id(name)
        with self.exporting.going(incident) as going:
            signer = bundle.load_or_make(self._store.data_dir)
            material = self._gather.incident(incident, at)
            going.begin("collecting", _kept_bytes(material))
            sources = bundle.incident_sources(material, version(), going.came)
            made = self._made(sources, signer, going)
            head = made.facts["incident"]
            about = {"incident": incident, "at": head["at"], "kind": "incident"}
            name = f"incident-{head['number']}-record-{head['at']}.zip"
            with self._place(target, name) as place:
                return self._written(made, place, signer, about, going)

    def export_period(self, start: str, end: str, target: Path | None = None) -> Exported:
        """Write the bundle of all incidents and runs from one day to another, both included.

        Raises:
            InputError: the days are not days or not in order.
            NotAvailable: nothing was recorded in it.
            StateError: it is being exported already, or somebody cancelled it.
            SurroundingsError: the file cannot be written.
        """
        with self.exporting.going(f"period-{start}-{end}") as going:
            material = self._gather.period(start, end)
            signer = bundle.load_or_make(self._store.data_dir)
            made = self._made(bundle.period_sources(material, version()), signer, going)
            about = {"kind": "period", "from": start, "to": end}
            with self._place(target, f"period-{start}-{end}.zip") as place:
                return self._written(made, place, signer, about, going)

    def file(self, name: str) -> tuple[Path, str]:
        """Return where an exported bundle lies in the workspace, and what it is called.

        Raises:
            NotAvailable: there is none of this name.
        """
        path = self._workspace.inside(f"{_FOLDER}/{name}") if _NAMED.fullmatch(name) else None
        if path is None or path.is_symlink() or not path.is_file():
            raise NotAvailable(
                "NO_BUNDLE",
                f"There is no bundle {ascii(name)[:120]} in the workspace's folder {_FOLDER}.",
                "Export it again; the same record gives the same bundle.",
            )
        return path, name

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

    def _made(self, sources: bundle.Sources, signer: bundle.Signer, going: Going) -> bundle.Made:
        going.begin("measuring", sum(_length(content) for content in sources.files.values()))
        return bundle.make(sources, self._checkpoints.tree(), signer, going.came)

    @contextmanager
    def _place(self, target: Path | None, name: str) -> Iterator[Path]:
        """Give where a bundle is written; a folder that was made for one that failed is not left behind."""
        if target is not None:
            yield target
            return
        folder = self._workspace.inside(_FOLDER)
        fresh = not folder.exists()
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise InputError(
                "NO_FOLDER",
                f"The folder {_FOLDER} cannot be made in the workspace: {error.strerror}.",
                "Move what has this name aside, or name another file with -o.",
            ) from error
        try:
            yield folder / name
        except KeysError:
            if fresh:
                with suppress(OSError):
                    folder.rmdir()
            raise

    def _written(
        self,
        made: bundle.Made,
        place: Path,
        signer: bundle.Signer,
        about: dict[str, Any],
        going: Going,
    ) -> Exported:
        going.begin("writing", sum(measure.size for measure in made.measures.values()))
        sha256, size = bundle.write(made.files, made.measures, place, going.came)
        ledger = made.facts["ledger"]
        data = {"size": ledger["size"], "root": ledger["root"], "sha256": sha256, **about}
        unrecorded = self._record(data)
        redacted = [item for item in made.facts.get("evidence", ()) if item["redacted_at_export"]]
        going.exported = Exported(
            path=self._shown(place),
            download=self._download(place),
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
            ]
            + unrecorded,
            checkpoint=ledger["checkpoint"],
            fingerprint=signer.fingerprint,
        )
        return going.exported

    def _record(self, data: dict[str, Any]) -> list[str]:
        """Record that a bundle was exported; return what to say where that cannot be written."""
        try:
            self._checkpoints.record("bundle.exported", lambda _: {**data, "outlet": "a bundle"})
        except SurroundingsError as fault:
            if fault.code != "STORE_UNWRITABLE":
                raise
            # A disk that fails is when evidence has to leave it, and the bundle is whole and signed.
            return [f"The bundle is whole, but that it was exported is not recorded. {fault}"]
        return []

    def _download(self, place: Path) -> str | None:
        ours = place.resolve().parent == self._workspace.inside(_FOLDER).resolve()
        return f"{_FOLDER}/bundles/{place.name}" if ours and _NAMED.fullmatch(place.name) else None

    def _shown(self, place: Path) -> str:
        whole = place.resolve()
        inside = whole.is_relative_to(self._workspace.root)
        return self._workspace.relative(whole) if inside else str(place)


def _kept_bytes(material: bundle.IncidentMaterial) -> int:
    records = [json.loads(body) for body in material.records]
    return sum(record["data"]["size"] for record in records if record["type"] == "evidence.kept")


def _length(content: bytes | Path) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size
