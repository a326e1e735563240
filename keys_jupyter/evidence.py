"""A finished run in, the things to keep as evidence out, each with its bytes.

Outputs come from the run's journal, where they were hashed as they arrived from the kernel; files are read
once, here. What this cannot show is whether the notebook's own logic is right. Nothing is written here.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keys_jupyter import ledger
from keys_jupyter.model.run import Artifact, Result
from keys_jupyter.workspace import ARTIFACTS, digest_of

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
    """One thing to keep: what it is and its exact bytes."""

    kind: str
    name: str
    mime: str
    data: bytes


def capture(
    outputs: Iterable[tuple[int, Mapping[str, Any], str]],
    results: Sequence[Result],
    notebook: Path,
    folder: Path,
    artifacts: Sequence[Artifact],
) -> Iterator[Captured]:
    """Yield what is kept of a run: outputs in order, results, the executed notebook, artifacts.

    Args:
        outputs: cell index, output and digest, as the journal holds them.
        results: the run's named results.
        notebook: the executed notebook's file.
        folder: the run's folder, which artifacts are named from.
        artifacts: the files the run left behind.
    """
    for number, (cell, output, _digest) in enumerate(outputs, 1):
        yield _output(number, cell, output)
    if results:
        body = ledger.encode({"results": [_plain(result) for result in results]})
        yield Captured("results", "Results", RESULT_MIME, body)
    if notebook.is_file():
        yield Captured("notebook", notebook.name, "application/x-ipynb+json", notebook.read_bytes())
    for artifact in artifacts:
        path = folder / artifact.path
        if path.is_file():
            yield Captured("artifact", artifact.path, _file_mime(path), path.read_bytes())


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


def _output(number: int, cell: int, output: Mapping[str, Any]) -> Captured:
    kind = output.get("output_type", "")
    if kind == "stream":
        return Captured(
            "output",
            f"Output {number}, {output.get('name', 'stream')} of cell {cell + 1}",
            "text/plain",
            _text(output.get("text", "")).encode(),
        )
    if kind == "error":
        body = ledger.encode(dict(output))
        return Captured(
            "error", f"Output {number}, error of cell {cell + 1}", "application/json", body
        )
    bundle = output.get("data", {})
    mime = next((name for name in _RICHEST if name in bundle), "application/json")
    data = _decoded(mime, bundle[mime]) if mime in bundle else ledger.encode({"data": bundle})
    return Captured("output", f"Output {number} of cell {cell + 1}", mime, data)


def _decoded(mime: str, value: Any) -> bytes:
    if mime == "image/png":
        return base64.b64decode(_text(value))
    if isinstance(value, (str, list)) and not mime.endswith("json"):
        return _text(value).encode()
    return ledger.encode({"data": value})


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)


def _plain(result: Result) -> dict[str, Any]:
    return result.model_dump(mode="json")


def _file_mime(path: Path) -> str:
    import mimetypes

    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"
