"""A file somebody attaches in, what it may be called and what it is out; its name and its sender are not believed.

What a browser would run when it shows it (HTML, SVG) is kept as plain text.
"""

from __future__ import annotations

import re
import unicodedata

from keys_jupyter.errors import InputError

MOST_BYTES = 20 * 1024 * 1024
_LONGEST = 120

_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    (b"\xff\xd8\xff", "image/jpeg", ".jpg"),
    (b"GIF87a", "image/gif", ".gif"),
    (b"GIF89a", "image/gif", ".gif"),
    (b"%PDF-", "application/pdf", ".pdf"),
    (b"PK\x03\x04", "application/zip", ".zip"),
    (b"\x1f\x8b", "application/gzip", ".gz"),
)
_TEXTS = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".md": "text/markdown",
    ".json": "application/json",
    ".ipynb": "application/x-ipynb+json",
}


def mime_of(data: bytes, name: str) -> str:
    """Return what bytes are, by what they begin with; the name decides only between kinds of text."""
    for start, mime, _ in _MAGIC:
        if data.startswith(start):
            return mime
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if not _is_text(data):
        return "application/octet-stream"
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    return _TEXTS.get(ending, "text/plain")


def _is_text(data: bytes) -> bool:
    try:
        return "\x00" not in data.decode("utf-8")
    except UnicodeDecodeError:
        return False


def name_of(given: str, data: bytes) -> str:
    """Return the name a kept file is shown under: its last part, without what no screen should be given.

    A pasted picture has none and is called after what it is.
    """
    plain = unicodedata.normalize("NFC", given.replace("\\", "/")).rsplit("/", 1)[-1]
    shown = "".join(c for c in plain if unicodedata.category(c)[0] not in "CZ" or c == " ")
    shown = re.sub(r"\s+", " ", shown).strip(" .")
    if len(shown) > _LONGEST:
        stem, dot, ending = shown.rpartition(".")
        kept = f"{dot}{ending}"[:20] if stem else ""
        shown = shown[: _LONGEST - len(kept)] + kept
    if shown:
        return shown
    mime = mime_of(data, "")
    ending = next((ending for _, known, ending in _MAGIC if known == mime), "")
    return f"{'screenshot' if mime.startswith('image/') else 'attachment'}{ending}"


def checked(data: bytes) -> bytes:
    """Return bytes that may be kept.

    Raises:
        InputError: they are none, or more than are kept of one file.
    """
    if not data:
        raise InputError("FILE_EMPTY", "The file is empty, so nothing was kept.", "Attach another.")
    if len(data) > MOST_BYTES:
        raise InputError(
            "FILE_TOO_LARGE",
            f"The file has {len(data) / 1024 / 1024:.0f} MiB; at most {MOST_BYTES // 1024 // 1024} MiB "
            "of one file are kept. Nothing was kept.",
            "Attach the part that matters, or note where the file lies.",
        )
    return data
