"""Kept things to look at: the beginning of a text, a picture, or the whole as a file; nothing of them is executed.

What a browser would run when it shows it, HTML and SVG among it, is text here.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keys_jupyter.errors import NotAvailable
from keys_jupyter.incidents.state import item_of
from keys_jupyter.model.evidence import EvidencePreview
from keys_jupyter.model.redaction import RedactionReport
from keys_jupyter.service.incidents.folding import Folds
from keys_jupyter.store import Store

_MOST_TEXT = 256 * 1024
_MOST_PICTURE = 8 * 1024 * 1024
# What no browser takes for anything but a picture, whatever is in it.
_PICTURES = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}
_TEXTS = ("image/svg+xml", "application/x-ipynb+json")


class EvidencePreviews:
    """Looks at what is kept under incidents."""

    def __init__(self, store: Store, folds: Folds) -> None:
        """Take where records and bytes are."""
        self._store = store
        self._folds = folds

    def preview(self, name: str, item_id: str) -> EvidencePreview:
        """Return one kept thing to be looked at.

        Args:
            name: the incident.
            item_id: the kept thing's id, or its sha256.

        Raises:
            NotAvailable: there is no such incident, or no such thing is kept under it.
        """
        record = self._record(name, item_id)
        item = item_of(record)
        report = record["data"].get("redaction")
        shown: dict[str, Any] = {"item": item}
        if report and "rules" in report and "original_sha256" in report:
            shown["redaction"] = RedactionReport.model_validate(report)
        path = self._store.blob(item.sha256)
        if not path.is_file():
            return EvidencePreview(
                **shown, form="absent", note="Its bytes are no longer kept here."
            )
        return EvidencePreview(**shown, **_looked_at(path, item.mime, item.size))

    def file(self, name: str, item_id: str) -> tuple[Path, str]:
        """Return where the bytes of one kept thing are, and what a file of them is called.

        Raises:
            NotAvailable: there is no such thing, its bytes are gone, or they are not those that were kept.
        """
        item = item_of(self._record(name, item_id))
        path = self._store.blob(item.sha256)
        if not path.is_file() or _digest(path) != item.sha256:
            raise NotAvailable(
                "EVIDENCE_GONE",
                "The bytes of this file are no longer kept here as they were.",
                "A bundle that was exported before has them.",
            )
        return path, item.name.rsplit("/", 1)[-1] or item.id

    def _record(self, name: str, item_id: str) -> Mapping[str, Any]:
        incident = self._folds.incident_id(name)
        for record in self._store.records(incident):
            kept = record["type"] == "evidence.kept" and record["data"]
            if kept and item_id in (kept["id"], kept["sha256"]):
                return record
        raise NotAvailable(
            "UNKNOWN_EVIDENCE",
            f"Nothing is kept under this incident as {ascii(item_id)[:70]}.",
            'List what is kept with "jupyter keys evidence list".',
        )


def _looked_at(path: Path, mime: str, size: int) -> dict[str, Any]:
    magic = _PICTURES.get(mime)
    with path.open("rb") as file:
        head = file.read((_MOST_TEXT if magic is None else _MOST_PICTURE) + 1)
    if magic is not None:
        if len(head) > _MOST_PICTURE:
            return {"form": "other", "note": "The picture is too large to be shown here."}
        if not head.startswith(magic):
            return {"form": "other", "note": "The file is not the picture that it is said to be."}
        return {
            "form": "image",
            "data": base64.b64encode(head).decode("ascii"),
            "note": "Secrets are not looked for in pictures.",
        }
    if not _is_text(mime, head):
        return {"form": "other", "note": "There is no preview of this kind of file."}
    text = head[:_MOST_TEXT].decode("utf-8", "replace")
    return {"form": "text", "text": text, "cut": size > _MOST_TEXT}


def _is_text(mime: str, head: bytes) -> bool:
    told = mime.startswith("text/") or mime.endswith(("json", "xml")) or mime in _TEXTS
    return b"\x00" not in head and (told or head.isascii())


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1024 * 1024):
            digest.update(piece)
    return digest.hexdigest()
