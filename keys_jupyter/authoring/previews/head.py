"""What a preview says of itself in its head: of which key and notebook it is, and which results that gave.

Not here: how a preview is made. Reading one needs nothing but its text, so that building never runs a notebook.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path, PurePosixPath

from keys_jupyter.archive import VerifiedPack
from keys_jupyter.authoring.folders import PREVIEW
from keys_jupyter.model.run import Result

FORMAT = "1"
_META = re.compile(r'<meta name="keys-(?P<name>[a-z0-9-]+)" content="(?P<content>[^"]*)">')
_STATED = frozenset(("slug", "version", "notebook", "notebook-sha256", "sources-sha256", "results"))
_HEAD_BYTES = 256 * 1024
# What tells about a key and is read by no notebook.
_TOLD = frozenset({".md", ".txt", ".html"})


@dataclass(frozen=True)
class Head:
    """What a preview is of; ``sources`` is one digest of all that the notebook reads or imports."""

    slug: str
    version: str
    notebook: str
    notebook_sha256: str
    sources_sha256: str
    results: tuple[Result, ...] = ()

    def tags(self) -> str:
        """Return it as lines of HTML."""
        stated = {
            "preview": FORMAT,
            "slug": self.slug,
            "version": self.version,
            "notebook": self.notebook,
            "notebook-sha256": self.notebook_sha256,
            "sources-sha256": self.sources_sha256,
            "results": json.dumps(
                [one.model_dump(mode="json") for one in self.results], ensure_ascii=False
            ),
        }
        return "\n".join(
            f'<meta name="keys-{name}" content="{escape(text)}">' for name, text in stated.items()
        )


def read_head(text: str) -> Head | None:
    """Return what a preview says of itself; None where it is no preview of ours."""
    head = text.partition("</head>")[0]
    found = {match["name"]: unescape(match["content"]) for match in _META.finditer(head)}
    if found.pop("preview", "") != FORMAT or set(found) != _STATED:
        return None
    try:
        rows = json.loads(found["results"])
        results = tuple(map(Result.model_validate, rows if isinstance(rows, list) else [rows]))
    except (ValueError, RecursionError):
        return None
    return Head(
        slug=found["slug"],
        version=found["version"],
        notebook=found["notebook"],
        notebook_sha256=found["notebook-sha256"],
        sources_sha256=found["sources-sha256"],
        results=results,
    )


def line_in(text: str, name: str) -> int:
    """Return the line of one of the head's tags, from 1."""
    at = text.find(f'<meta name="keys-{name}"')
    return text.count("\n", 0, max(at, 0)) + 1


def entry_of(names: Mapping[str, object], entry: str | None) -> str | None:
    """Return the notebook that is run: the one key.json names, else the only one."""
    notebooks = [name for name in names if name.casefold().endswith(".ipynb")]
    if entry:
        return entry if entry in names else None
    return notebooks[0] if len(notebooks) == 1 else None


def sources_digest(names: Mapping[str, object], data: Callable[[str], bytes]) -> str:
    """Return one digest of every file that a notebook may read or import."""
    digest = hashlib.sha256()
    for name in sorted(names):
        path = PurePosixPath(name)
        generator = path.suffix == ".py" and len(path.parts) > 1
        if path.suffix.lower() not in _TOLD and name != "key.json" and not generator:
            digest.update(f"{name}\0{hashlib.sha256(data(name)).hexdigest()}\n".encode())
    return digest.hexdigest()


def preview_of(folder: Path, pack: VerifiedPack) -> bytes | None:
    """Return the preview beside a key when it is of the very notebook in its pack; None else."""
    entry = entry_of(pack.files, getattr(pack.metadata, "entry", None))
    head = head_in(folder / PREVIEW) if entry else None
    if entry is None or head is None:
        return None
    notebook = hashlib.sha256((folder / entry).read_bytes()).hexdigest()
    return (folder / PREVIEW).read_bytes() if head.notebook_sha256 == notebook else None


def head_in(path: Path) -> Head | None:
    """Return what the preview in a file says of itself; None where there is none."""
    if not path.is_file() or path.is_symlink():
        return None
    with path.open("rb") as stream:
        return read_head(stream.read(_HEAD_BYTES).decode("utf-8", "replace"))
