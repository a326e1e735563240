"""A folder of keys in, a library out: ``library.json`` and one zip for each pack, the same bytes every time.

Nothing depends on the clock, the file system's order, permissions or who builds. The rules of a pack
are those of :func:`keys_jupyter.archive.verify`, which every zip passes before it is written; how good
a key or runbook is (the quality bar) is judged elsewhere.

::

    python -m keys_jupyter.authoring.build library/ dist-library/

A preview is published beside its pack when it is of this very notebook; nothing is run here. What several keys use
stands once in ``modules/``; a key names it in key.json's ``modules``, and it is put at the root
of its pack, which so stays complete in itself.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from keys_jupyter.archive import VerifiedPack
from keys_jupyter.authoring.folders import KINDS, folders_in, pack_of
from keys_jupyter.authoring.previews.head import Head, head_in, preview_of, read_head
from keys_jupyter.errors import InputError, KeysError, NotAvailable
from keys_jupyter.model.pack import LibraryIndex, LibraryPack
from keys_jupyter.sources.purpose import called_by, purpose_of

_FORMAT = "1.0.0"
_LISTS = {"jupyter": "jupyter_keys", "runbook": "runbooks"}


def build(source: Path, out: Path, *, against: Path | None = None) -> LibraryIndex:
    """Build a library.

    Args:
        source: a folder with ``jupyter-keys/<slug>/`` and ``runbook-keys/<slug>/``.
        out: where ``library.json``, ``assets-index.json`` and ``packs/<slug>/<version>/`` go; made when absent.
        against: a library built before; a key that lost a parameter or a result since its versions
            there, and is no new major version, is then a problem.

    Returns:
        The index that was written; each row carries its pack's digest.

    Raises:
        InputError: ``LIBRARY_INVALID`` with every problem of every key; nothing was written then.
        NotAvailable: ``against`` has no library.
        IntegrityError: ``against`` holds a pack that is not the one its index describes.
    """
    problems: list[str] = []
    packs: dict[str, VerifiedPack] = {}
    previews: dict[str, bytes] = {}
    for kind in KINDS:
        for folder in folders_in(source / kind.folder):
            pack = pack_of(folder, kind, problems)
            if pack is None:
                continue
            if packs.setdefault(pack.slug, pack) is not pack:
                problems.append(f"{kind.folder}/{folder.name}: another kind of key has this slug")
            preview = preview_of(folder, pack)
            previews |= {pack.slug: preview} if preview else {}
    if against is not None:
        problems.extend(_broken_promises(packs, previews, against))
    if not packs and not problems:
        gone = "" if source.is_dir() else f": there is no folder {source.as_posix()!a}"
        problems.append(f"there is no key in jupyter-keys/ or runbook-keys/{gone}")
    if problems:
        listed = "".join(f"\n- {problem}" for problem in problems)
        raise InputError(
            "LIBRARY_INVALID",
            f"The library has {len(problems)} problem(s); nothing was written:{listed}\n",
            "Correct them and build again.",
        )
    ordered = [packs[slug] for slug in sorted(packs)]
    assets = {pack.slug: _assets(pack, previews.get(pack.slug)) for pack in ordered}
    index = LibraryIndex(
        version=_FORMAT, packs=[_row(pack, _paths(assets[pack.slug])) for pack in ordered]
    )
    for files in assets.values():
        for name, data in files.values():
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            (out / name).write_bytes(data)
    _write(out / "assets-index.json", _assets_index(ordered, assets))
    # The index comes last, so that it never names what is not there.
    _write(out / "library.json", index.model_dump(exclude_none=True))
    return index


def _broken_promises(
    packs: Mapping[str, VerifiedPack], previews: Mapping[str, bytes], against: Path
) -> Iterator[str]:
    """Yield what keys have lost within a major version."""
    from keys_jupyter.authoring.interface import lost, same_major
    from keys_jupyter.sources.library import FolderLibrary

    if not (against / "library.json").is_file():
        raise NotAvailable(
            "LIBRARY_MISSING",
            f"{against.as_posix()!a} has no library.json to compare with.",
            "Name a folder that was built before.",
        )
    library = FolderLibrary(against, against.name)
    for row in library.listing().packs:
        new = packs.get(row.slug)
        if new is None or new.kind != "jupyter" or not same_major(row.version, new.version):
            continue
        shown = row.assets.get("preview_html")
        before = head_in(against / shown) if shown else None
        now = read_head(previews.get(row.slug, b"").decode("utf-8", "replace"))
        old = library.fetch(row.slug, row.version)
        for loss in lost(old, new, _given(before), _given(now)):
            yield f"jupyter-keys/{row.slug}: {loss}; that needs a new major version"


def _given(head: Head | None) -> frozenset[str]:
    return frozenset(result.name for result in head.results) if head else frozenset()


def _assets(pack: VerifiedPack, preview: bytes | None) -> dict[str, tuple[str, bytes]]:
    """Return what is published of a pack: by the marketplace's name for it, its place and its bytes."""
    folder = f"packs/{pack.slug}/{pack.version}"
    assets = {"zip": (f"{folder}/pack.zip", pack.zip_bytes)}
    changelog = pack.metadata.documentation.get("changelog", "CHANGELOG.md")
    if changelog in pack.files:
        assets["changelog_md"] = (f"{folder}/changelog.md", pack.files[changelog])
    if preview is not None:
        assets["preview_html"] = (f"{folder}/preview.html", preview)
    return assets


def _paths(assets: Mapping[str, tuple[str, bytes]]) -> dict[str, str]:
    return {name: path for name, (path, _) in assets.items()}


def _row(pack: VerifiedPack, assets: dict[str, str]) -> dict[str, object]:
    stated = pack.metadata.model_dump()
    row = LibraryPack.model_validate(
        {
            **{name: value for name, value in stated.items() if name in LibraryPack.model_fields},
            "kind": pack.kind,
            "about": purpose_of(pack),
            "references": called_by(pack) or None,
            "assets": assets,
            "sha256": pack.sha256,
        }
    )
    shown = row.model_dump(exclude_none=True)
    if _stated(pack).get("preview_public") is False:
        shown["preview_public"] = False  # a marketplace takes True where nothing is said
    return shown


def _stated(pack: VerifiedPack) -> dict[str, Any]:
    """Return a pack's metadata as its author wrote it."""
    name = next(kind.metadata for kind in KINDS if isinstance(pack.metadata, kind.model))
    stated: dict[str, Any] = json.loads(pack.files[name])
    return stated


def _assets_index(
    packs: Sequence[VerifiedPack], assets: Mapping[str, Mapping[str, tuple[str, bytes]]]
) -> dict[str, object]:
    """List every pack's own metadata by its kind, with the files that are published of it."""
    index: dict[str, object] = {"version": _FORMAT}
    for kind, name in _LISTS.items():
        index[name] = [
            {**_stated(pack), "assets": _paths(assets[pack.slug]), "sha256": pack.sha256}
            for pack in packs
            if pack.kind == kind
        ]
    return index


def _write(path: Path, document: Mapping[str, object]) -> None:
    text = json.dumps(document, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Build from the command line, one printed line for each pack, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m keys_jupyter.authoring.build", description="Build a library of keys."
    )
    parser.add_argument("source", type=Path, help="folder with jupyter-keys/ and runbook-keys/")
    parser.add_argument("out", type=Path, help="folder to write library.json and packs/ into")
    parser.add_argument(
        "--against",
        type=Path,
        help="a library built before, whose keys must not have lost anything",
    )
    given = parser.parse_args(arguments)
    try:
        index = build(given.source, given.out, against=given.against)
    except KeysError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    for row in index.packs:
        print(f"{row['kind']:8} {row['slug']} {row['version']} {row['sha256'][:12]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
