"""A finished run in, the things to keep as evidence out, each with its bytes, secrets redacted.

Outputs come from the run's journal, where they were hashed as they arrived from the kernel; files are read
once, here. With each comes the digest of what it was before redaction. What this cannot show is whether the
notebook's own logic is right. Nothing is written here.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keys_jupyter import ledger
from keys_jupyter.model.redaction import RedactionReport
from keys_jupyter.model.run import Artifact, Result
from keys_jupyter.workspace import ARTIFACTS, digest_of

if TYPE_CHECKING:
    # Its rules take a moment to load, and most commands need none of them.
    from keys_jupyter.redaction import Policy

RESULT_MIME = "application/vnd.keys.result+json"

# What a person would look at first; the whole output is kept whichever is named.
_RICHEST = (
    RESULT_MIME,
    "image/png",
    "image/svg+xml",
    "text/html",
    "text/markdown",
    "application/json",
    "text/plain",
)


@dataclass(frozen=True)
class Captured:
    """One thing to keep.

    Attributes:
        kind: output, error, results, notebook or artifact.
        name: what a person calls it.
        mime: what its bytes are.
        data: its bytes, redacted.
        original_sha256: the digest of its bytes as they were.
        redaction: what was found in it; for an output, with the digest its journal has.
    """

    kind: str
    name: str
    mime: str
    data: bytes
    original_sha256: str
    redaction: RedactionReport

    def facts(self) -> dict[str, Any]:
        """Return what a record says of it: what it is, and its redaction."""
        said = self.redaction.model_dump(mode="json")
        return {
            "kind": self.kind,
            "name": self.name,
            "mime": self.mime,
            "redactions": self.redaction.count,
            "original_sha256": self.original_sha256,
            "redaction": {name: value for name, value in said.items() if value},
        }


def capture(
    outputs: Iterable[tuple[int, Mapping[str, Any], str]],
    results: Sequence[Result],
    notebook: Path,
    folder: Path,
    artifacts: Sequence[Artifact],
    policy: Policy,
) -> Iterator[Captured]:
    """Yield what is kept of a run: outputs in order, results, the executed notebook, artifacts.

    Args:
        outputs: cell number, output and digest, as the journal holds them.
        results: the run's named results.
        notebook: the executed notebook's file.
        folder: the run's folder, which artifacts are named from.
        artifacts: the files the run left behind.
        policy: what is redacted.
    """
    yield from _outputs([(cell, output) for cell, output, _digest in outputs], policy)
    if results:
        body = ledger.encode({"results": [_plain(result) for result in results]})
        yield _file("results", "Results", RESULT_MIME, body, policy)
    if notebook.is_file():
        mime = "application/x-ipynb+json"
        yield _file("notebook", notebook.name, mime, notebook.read_bytes(), policy)
    for artifact in artifacts:
        path = folder / artifact.path
        if path.is_file():
            yield _file("artifact", artifact.path, _file_mime(path), path.read_bytes(), policy)


def capture_saved(
    name: str,
    data: bytes,
    outputs: Iterable[tuple[int, Mapping[str, Any], str]],
    results: Sequence[Result],
    policy: Policy,
) -> Iterator[Captured]:
    """Yield what is kept of a notebook that nobody saw run: the outputs and results it shows, and itself.

    Args:
        name: the notebook's file name.
        data: its bytes.
        outputs: cell number, output and digest, as it shows them.
        results: the named results among them.
        policy: what is redacted.
    """
    shown = list(_outputs([(cell, output) for cell, output, _digest in outputs], policy))
    yield from (replace(one, name=f"{name}: {one.name}") for one in shown)
    if results:
        body = ledger.encode({"results": [_plain(result) for result in results]})
        yield _file("results", f"{name}: Results", RESULT_MIME, body, policy)
    yield _file("notebook", name, "application/x-ipynb+json", data, policy)


def capture_file(name: str, mime: str, data: bytes, policy: Policy) -> Captured:
    """Return what is kept of a file that a person attaches."""
    return _file("attachment", name, mime, data, policy)


def artifacts_in(folder: Path, before: Iterable[str]) -> list[Artifact]:
    """Return the files a run left: those below its artifacts folder and those new beside its notebook."""
    known = set(before)
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        ours = name.startswith(f"{ARTIFACTS}/") or name not in known
        if ours and path.is_file() and not path.is_symlink() and "__pycache__" not in path.parts:
            digest, size = digest_of(path)
            found.append(Artifact(path=name, sha256=digest, size=size))
    return found


def _outputs(outputs: list[tuple[int, Mapping[str, Any]]], policy: Policy) -> Iterator[Captured]:
    """All outputs of a run; they are redacted together, since a secret may be split over two."""
    from keys_jupyter.redaction import redact_outputs

    redacted = redact_outputs(outputs, policy)
    for number, ((cell, output), done) in enumerate(zip(outputs, redacted, strict=True), 1):
        kind, name, mime, data = _output(number, cell, done.value)
        original = _output(number, cell, output)[3] if done.report.redactions else data
        yield Captured(kind, name, mime, data, _sha256(original), done.report)


def _file(kind: str, name: str, mime: str, data: bytes, policy: Policy) -> Captured:
    from keys_jupyter.redaction import redact_bytes

    done = redact_bytes(name, mime, data, policy)
    return Captured(kind, name, mime, done.value, done.report.original_sha256, done.report)


def _output(number: int, cell: int, output: Mapping[str, Any]) -> tuple[str, str, str, bytes]:
    """Return kind, name, type and bytes of an output."""
    kind = output.get("output_type", "")
    if kind == "stream":
        name = f"Output {number}, {output.get('name', 'stream')} of cell {cell}"
        return "output", name, "text/plain", _text(output.get("text", "")).encode()
    if kind == "error":
        body = ledger.encode(dict(output))
        return "error", f"Output {number}, error of cell {cell}", "application/json", body
    bundle = output.get("data", {})
    mime = next((name for name in _RICHEST if name in bundle), "application/json")
    data = _decoded(mime, bundle[mime]) if mime in bundle else ledger.encode({"data": bundle})
    return "output", f"Output {number} of cell {cell}", mime, data


def _decoded(mime: str, value: Any) -> bytes:
    if mime == "image/png":
        return base64.b64decode(_text(value))
    if isinstance(value, (str, list)) and not mime.endswith("json"):
        return _text(value).encode()
    return ledger.encode({"data": value})


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)


def _plain(result: Result) -> dict[str, Any]:
    return result.model_dump(mode="json")


def _file_mime(path: Path) -> str:
    import mimetypes

    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"
