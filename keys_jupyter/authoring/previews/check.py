"""A key's folder in, out what is wrong with the preview beside it; nothing is run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from keys_jupyter.authoring.folders import PREVIEW
from keys_jupyter.authoring.leaks import leaks
from keys_jupyter.authoring.previews.head import entry_of, line_in, read_head, sources_digest
from keys_jupyter.authoring.report import Findings
from keys_jupyter.model.pack import KeyMetadata

MOST_BYTES = 600_000


def check_preview(
    folder: Path,
    metadata: KeyMetadata,
    files: Mapping[str, Path],
    shown: str,
    findings: Findings,
) -> None:
    """Check that a preview is there, and that it is of the notebook as it is.

    Args:
        folder: the key as its author keeps it.
        metadata: what key.json says.
        files: everything of the pack, shared modules included.
        shown: how problems name the folder.
        findings: takes every problem.
    """
    again = f"Make it with: jupyter keys library previews {shown}"
    path, where = folder / PREVIEW, f"{shown}/{PREVIEW}"
    entry = entry_of(files, metadata.entry)
    if entry is None:
        return
    if not path.is_file() or path.is_symlink():
        said = f"There is no {PREVIEW}: nobody sees what this key shows before running it. {again}"
        findings.note(where, 1, "PREVIEW_MISSING", said)
        return
    text = path.read_text("utf-8", errors="replace")
    head = read_head(text)
    if head is None:
        said = f"This is no preview that was made from a notebook. {again}"
        findings.problem(where, 1, "PREVIEW_FOREIGN", said)
        return
    if head.notebook_sha256 != hashlib.sha256(files[entry].read_bytes()).hexdigest():
        said = f"The notebook has changed since this preview was made. {again}"
        findings.problem(where, line_in(text, "notebook-sha256"), "PREVIEW_OLD", said)
    elif (head.slug, head.version) != (metadata.slug, metadata.version):
        said = f"This is a preview of {head.slug} {head.version}. {again}"
        findings.problem(where, line_in(text, "version"), "PREVIEW_OLD", said)
    elif head.sources_sha256 != sources_digest(files, lambda name: files[name].read_bytes()):
        said = (
            f"What the notebook imports or reads has changed since this preview was made. {again}"
        )
        findings.note(where, line_in(text, "sources-sha256"), "PREVIEW_SOURCES", said)
    _contents(text, len(path.read_bytes()), where, findings)


def _contents(text: str, size: int, where: str, findings: Findings) -> None:
    if size > MOST_BYTES:
        said = f"The preview has {size:,} bytes; at most {MOST_BYTES:,} are wanted."
        findings.problem(where, 1, "PREVIEW_TOO_LARGE", said)
    at = text.lower().find("<script")
    if at >= 0:
        said = "There is a script in this preview."
        findings.problem(where, text.count("\n", 0, at) + 1, "PREVIEW_SCRIPT", said)
    for line, what in leaks(text):
        said = f"This looks like {what}. Take it out, and revoke it where it is real."
        findings.problem(where, line, "SECRET", said)
