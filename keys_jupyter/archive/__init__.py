"""Bytes in, VerifiedPack out; whatever is wrong with an archive, it is refused whole and by one code.

Pure: nothing is read from or written to a disk or a network here. Fetching is ``transport``, unpacking
into the person's files is ``workspace``.

* The digest is compared before anything else looks at the bytes.
* Structure comes next: every byte belongs to one entry, and both headers of an entry agree.
* Then names, then what comes out (counted, never believed), then what the pack says of itself.

::

    pack = verify(data, sha256=row.sha256, slug="jupyter-outlier-detection", version="1.0.0")
    for path in pack.files:
        for piece in pack.files.pieces(path):
            ...
"""

from __future__ import annotations

import hashlib
import hmac

from keys_jupyter.archive.contents import check_contents, without_macos
from keys_jupyter.archive.documents import clean_notebook
from keys_jupyter.archive.identity import (
    below_root,
    check_asked,
    check_identity,
    kind_of,
    metadata_path,
    read_metadata,
)
from keys_jupyter.archive.layout import Extent
from keys_jupyter.archive.limits import Limits
from keys_jupyter.archive.members import Members
from keys_jupyter.archive.refusal import refusal, shown
from keys_jupyter.archive.unpack import plan, unpack
from keys_jupyter.archive.verified import MAKER, VerifiedPack

__all__ = ["Limits", "Members", "VerifiedPack", "read", "verify"]

_DEFAULTS = Limits()


def verify(
    data: bytes,
    *,
    sha256: str | None,
    slug: str | None = None,
    version: str | None = None,
    limits: Limits = _DEFAULTS,
) -> VerifiedPack:
    """Check a pack's zip whole.

    Args:
        data: the bytes of the zip.
        sha256: the published digest; None when none was published, and the pack then says so.
        slug: the key that was asked for.
        version: the version that was asked for.
        limits: the most that is accepted.

    Raises:
        IntegrityError: with the code of the first thing that is wrong; ``DIGEST_MISMATCH`` when these
            are not the published bytes.
    """
    check_asked(slug, version, sha256)
    actual = hashlib.sha256(data).hexdigest()
    if sha256 is not None and not hmac.compare_digest(actual, sha256):
        raise refusal(
            "DIGEST_MISMATCH",
            f"The bytes have the digest {actual[:12]}… and {sha256[:12]}… was published.",
            "Fetch the pack again; if that does not help, tell whoever publishes it.",
        )
    planned = plan(data, limits)
    extents = below_root(without_macos(planned.files, planned.notes))
    check_contents(list(extents))
    _check_document_sizes(extents, limits)
    members = unpack(data, planned, extents, limits)
    path = metadata_path(extents)
    metadata = read_metadata(members[path], path, set(members), limits)
    check_identity(metadata, slug, version)
    files = members.changed(_clean_notebooks(members, planned.notes, limits))
    return VerifiedPack(
        slug=metadata.slug,
        version=metadata.version,
        kind=kind_of(metadata),
        sha256=actual,
        verified=sha256 is not None,
        metadata=metadata,
        files=files,
        notes=tuple(planned.notes),
        zip_bytes=data,
        maker=MAKER,
    )


def read(data: bytes, *, limits: Limits = _DEFAULTS) -> Members:
    """Check an archive that is no pack, such as an evidence bundle, and return its files.

    Raises:
        IntegrityError: with the code of the first thing that is wrong.
    """
    planned = plan(data, limits)
    return unpack(data, planned, planned.files, limits)


def _check_document_sizes(extents: dict[str, Extent], limits: Limits) -> None:
    for path, extent in extents.items():
        most = limits.notebook if path.casefold().endswith(".ipynb") else limits.entry
        if path == metadata_path(extents):
            most = limits.metadata
        if extent.entry.size > most:
            raise refusal("ENTRY_SIZE", f"{shown(path)} is larger than {most} bytes.")


def _clean_notebooks(members: Members, notes: list[str], limits: Limits) -> dict[str, bytes]:
    """Return the notebooks whose bytes had to change, and add to ``notes`` what people should know."""
    changed = {}
    for path in members:
        if path.casefold().endswith(".ipynb"):
            raw = members[path]
            clean, remarks = clean_notebook(raw, path, limits)
            notes.extend(remarks)
            if clean is not raw:
                changed[path] = clean
    return changed
