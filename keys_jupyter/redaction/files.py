"""The bytes of a file in, redacted bytes in the same encoding out; what is no text is left and reported."""

from __future__ import annotations

import codecs
import hashlib
import json
from typing import Any

from keys_jupyter.model.redaction import NotScanned, RedactionReport
from keys_jupyter.redaction.outputs import Redacted, is_text, redact_notebook, redact_text
from keys_jupyter.redaction.policy import Policy
from keys_jupyter.redaction.rules import VERSION

NOTEBOOK_MIME = "application/x-ipynb+json"

# The longer mark first: that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 64 * 1024
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x1b\b"))
_MOST_CONTROLS = 0.01


def redact_bytes(name: str, mime: str, data: bytes, policy: Policy) -> Redacted[bytes]:
    """Return a file's bytes redacted.

    Args:
        name: the file's name, which says whether it is a notebook.
        mime: what it is said to be; bytes that are plainly something else decide, and where it says nothing.
        data: all of it.
        policy: what to look for.

    A file in which nothing is found keeps its bytes exactly. A notebook in which something is found is written anew,
    as notebooks are; any other text keeps every byte outside of what was found.
    """
    digest = hashlib.sha256(data).hexdigest()
    read = _read(data)
    # A file's name may call a text a film or a picture; what is a picture is no UTF-8 to its last byte.
    if read is None or (read[1] == "latin-1" and not is_text(mime)):
        place = NotScanned(place="", mime=mime, reason="not a text")
        report = RedactionReport(rules=VERSION, original_sha256=digest, not_scanned=[place])
        return Redacted(data, report)
    mark, encoding, text = read
    if mime == NOTEBOOK_MIME or name.endswith(".ipynb"):
        written = _as_notebook(text, policy)
        if written is not None:
            body = written.value.encode(encoding, "surrogatepass")
            return _kept(Redacted(mark + body, written.report), data, digest)
    told = redact_text(text, policy)
    return _kept(
        Redacted(mark + told.value.encode(encoding, "surrogatepass"), told.report), data, digest
    )


def _kept(done: Redacted[bytes], data: bytes, digest: str) -> Redacted[bytes]:
    """The result with the digest of the file's own bytes, and these bytes where nothing was found."""
    report = done.report.model_copy(update={"original_sha256": digest})
    return Redacted(done.value if report.redactions else data, report)


def _read(data: bytes) -> tuple[bytes, str, str] | None:
    """The mark at the beginning, the encoding and the text; None for what is no text."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _as(data[len(mark) :], encoding, mark)
    wide = _without_mark(data)
    if wide is not None:
        return _as(data, wide, b"")
    sample = data[:_SAMPLE]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if b"\x00" in sample or controls > _MOST_CONTROLS * len(sample):
        return None
    return _as(data, "utf-8", b"") or (b"", "latin-1", data.decode("latin-1"))


def _as(data: bytes, encoding: str, mark: bytes) -> tuple[bytes, str, str] | None:
    try:
        return mark, encoding, data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _without_mark(data: bytes) -> str | None:
    """UTF-16 of mostly Latin text shows by zeros at every other byte."""
    sample = data[:_SAMPLE]
    even, odd = sample[::2], sample[1::2]
    if len(data) % 2 or len(sample) < 4:
        return None
    if odd.count(0) > 0.8 * len(odd) and not even.count(0):
        return "utf-16-le"
    if even.count(0) > 0.8 * len(even) and not odd.count(0):
        return "utf-16-be"
    return None


def _as_notebook(text: str, policy: Policy) -> Redacted[str] | None:
    """A notebook written anew; None for what is none, or is deeper than any notebook and read as plain text."""
    notebook = _notebook(text)
    if notebook is None:
        return None
    try:
        done = redact_notebook(notebook, policy)
        return Redacted(_written(done.value), done.report)
    except RecursionError:
        return None


def _notebook(text: str) -> dict[str, Any] | None:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) and isinstance(read.get("cells"), list) else None


def _written(notebook: dict[str, Any]) -> str:
    """A notebook as JupyterLab writes it: indented by one, members in the order they had."""
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
