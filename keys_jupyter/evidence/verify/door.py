"""A bundle's file in, the verifier's result out, after the archive's own rules have let it pass."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Any

from keys_jupyter import archive
from keys_jupyter.archive.limits import Limits
from keys_jupyter.errors import InputError, IntegrityError
from keys_jupyter.evidence.bundle.container import MOST_BYTES, MOST_FILES
from keys_jupyter.evidence.verify.checks import FAILS, verified

# A bundle holds what a person chose to keep, so only its form is limited, and nothing is compressed.
_LIMITS = Limits(
    archive=MOST_BYTES,
    total=MOST_BYTES,
    entry=MOST_BYTES,
    entry_ratio=1,
    total_ratio=1,
    entries=MOST_FILES,
    kept=0,
)


def verify_file(
    path: Path, *, key: str | None = None, against: str | None = None
) -> dict[str, Any]:
    """Verify the bundle in a file; see :func:`keys_jupyter.evidence.verify.checks.verified`.

    Raises:
        InputError: there is no file, or it cannot be read.
    """
    try:
        with path.open("rb") as file:
            data: bytes | mmap.mmap = (
                mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if path.stat().st_size else b""
            )
    except OSError as error:
        raise InputError(
            "BUNDLE_UNREADABLE",
            f"{path.name!a} cannot be read: {error.strerror or 'no access'}.",
            "Name the zip that an export wrote.",
        ) from error
    return verify_bytes(data, key=key, against=against)


def verify_bytes(
    data: bytes | mmap.mmap, *, key: str | None = None, against: str | None = None
) -> dict[str, Any]:
    """Verify a bundle's bytes; see :func:`keys_jupyter.evidence.verify.checks.verified`."""
    result = verified(memoryview(data), key=key, against=against)
    refused = _refused(data[:]) if result["verdict"] != FAILS else ""
    if refused:
        result.update(ok=False, verdict=FAILS)
        result["checks"].append(
            {"name": "archive rules", "ok": False, "verdict": FAILS, "detail": refused}
        )
    return result


def _refused(data: bytes) -> str:
    try:
        archive.read(data, limits=_LIMITS)
    except IntegrityError as error:
        return f"{error.code}: {error.message}"
    return ""
