"""What a pack may hold: kinds of files by a list, and no name that something acts on by itself.

How names must be spelled is :mod:`keys_jupyter.archive.naming`.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TypeVar

from keys_jupyter.archive.refusal import refusal, shown

_Found = TypeVar("_Found")

_TEXT = (
    "md markdown txt rst csv tsv json jsonl ndjson geojson yaml yml toml ini cfg conf xml log har"
)
_PAGES = "html htm css scss tex bib po mo example sample tmpl template lock map snap"
_CODE = "ipynb py pyi r rmd qmd jl scala rb go rs java kt sql graphql prisma proto sh tf"
_SCRIPT = "js mjs cjs ts mts cts tsx jsx vue svelte"
_PICTURES = "png jpg jpeg gif webp svg ico pdf woff woff2"
_DATA = "parquet feather arrow avro orc npy npz h5 nc xlsx ods gz bz2 xz zst"
_ALLOWED = frozenset(" ".join([_TEXT, _PAGES, _CODE, _SCRIPT, _PICTURES, _DATA]).split())
_HIDDEN_ALLOWED = frozenset({".gitkeep", ".gitignore", ".editorconfig", ".env.example"})
# Each of these is read, imported or obeyed by a program merely because it lies there.
_RESERVED = (
    "jupyter_*config.py",
    "jupyter_*config.json",
    "jupyter_*config.d",
    "ipython*_config.py",
    "ipython*_config.json",
    "sitecustomize.py",
    "usercustomize.py",
    "conftest.py",
    "*.pth",
    "pyvenv.cfg",
    "overrides.json",
    "desktop.ini",
    "autorun.inf",
)
_MACOS_FOLDER = "__MACOSX"
_MACOS_FILE = ".DS_Store"


def without_macos(files: dict[str, _Found], notes: list[str]) -> dict[str, _Found]:
    """Leave out what macOS adds to every archive it makes, and say so in ``notes``."""
    kept = {path: found for path, found in files.items() if not _is_macos(path)}
    if len(kept) < len(files):
        notes.append(f"{len(files) - len(kept)} files that macOS adds to archives were left out.")
    return kept


def _is_macos(path: str) -> bool:
    parts = path.split("/")
    return parts[0] == _MACOS_FOLDER or parts[-1] == _MACOS_FILE


def check_contents(paths: list[str]) -> None:
    """Check that every file is of a kind that belongs into a pack.

    Raises:
        IntegrityError: ``NAME_RESERVED`` or ``TYPE_NOT_ALLOWED``.
    """
    for path in paths:
        for part in path.split("/"):
            if is_reserved(part):
                raise refusal("NAME_RESERVED", f"{shown(path)} is a place that programs act on.")
        if not is_allowed_type(path):
            raise refusal(
                "TYPE_NOT_ALLOWED", f"{shown(path)} is of a kind that packs do not carry."
            )


def is_reserved(part: str) -> bool:
    """Whether a part of a path is hidden, or is read or obeyed wherever it lies."""
    folded = part.casefold()
    if folded.startswith("."):
        return folded not in _HIDDEN_ALLOWED
    return any(fnmatchcase(folded, pattern) for pattern in _RESERVED)


def is_allowed_type(path: str) -> bool:
    """Whether a file's extension is on the list; names without one, such as LICENSE, are."""
    name = path.rsplit("/", 1)[-1]
    if name.casefold() in _HIDDEN_ALLOWED or "." not in name:
        return True
    return name.rsplit(".", 1)[-1].casefold() in _ALLOWED
