"""The only writer into the person's files: contained, staged, and renamed into place whole.

Two trees, both visible in JupyterLab's file browser:

- ``keys/<slug>/<version>/`` is an installed key exactly as it was verified; we never edit it again.
- ``key-runs/<date>/<slug>-<first 8 of the run's id>/`` is one run: the pack's files, the notebook
  with its injected cell at the top of the folder (so that the kernel's working directory is the same
  headless and interactive), and an empty ``artifacts/``.

Only a :class:`~keys_jupyter.archive.VerifiedPack` can be installed or run. What a run means, which values
it gets and what is recorded of it is decided above this floor.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from keys_jupyter.archive import VerifiedPack
from keys_jupyter.errors import InputError, IntegrityError, StateError, SurroundingsError
from keys_jupyter.store.files import free_to_take, sync_folder
from keys_jupyter.workspace.notebooks import (
    digest_of,
    notebook_bytes,
    parse_notebook,
    read_notebook,
)
from keys_jupyter.workspace.writing import replace_file, write_tree, writing

__all__ = [
    "ARTIFACTS",
    "Workspace",
    "digest_of",
    "notebook_bytes",
    "parse_notebook",
    "read_notebook",
    "replace_file",
]

ARTIFACTS = "artifacts"
_KEYS = "keys"
_RUNS = "key-runs"


class Workspace:
    """The folder a person sees as the root of their Jupyter server."""

    def __init__(self, root: Path) -> None:
        """Take an existing folder.

        Raises:
            SurroundingsError: it is not a folder.
        """
        self.root = root.resolve()
        if not self.root.is_dir():
            raise SurroundingsError(
                "WORKSPACE_MISSING",
                f'The workspace "{root.name}" is not a folder.',
                "Start Jupyter in an existing folder, or name one with KEYS_WORKSPACE.",
            )

    # places --------------------------------------------------------------------------------------

    def relative(self, path: Path) -> str:
        """Return a path as the person sees it: from the root of the workspace, with slashes."""
        return path.relative_to(self.root).as_posix()

    def named(self, path: Path) -> str:
        """Return a file's name from the workspace's root.

        Raises:
            InputError: it is not inside.
        """
        real = path.resolve()
        if not real.is_relative_to(self.root):
            raise InputError(
                "OUTSIDE_WORKSPACE",
                f'"{path.name}" is not in the workspace.',
                "Copy it there, or name its workspace with --workspace.",
            )
        return self.relative(real)

    def inside(self, relative: str) -> Path:
        """Return the file a person names from the root of the workspace.

        Compared by parts after links are followed; a prefix of the text would let a sibling folder of a
        longer name pass for the inside.

        Raises:
            InputError: it leads out of the workspace.
        """
        path = (self.root / relative).resolve()
        if not path.is_relative_to(self.root):
            raise InputError(
                "OUTSIDE_WORKSPACE",
                f'"{relative}" leads out of the workspace.',
                "Name a file below the workspace's root.",
            )
        return path

    def writable(self) -> bool:
        """Say whether files can be made here, by asking the system and not by trying."""
        return os.access(self.root, os.W_OK | os.X_OK)

    def install_path(self, slug: str, version: str) -> Path:
        """Return where a version of a key is, or would be, installed."""
        return self.root / _KEYS / slug / version

    # installing ----------------------------------------------------------------------------------

    def digests(self, pack: VerifiedPack) -> dict[str, str]:
        """Return the sha256 of every file that installing a pack writes."""
        return {name: _sha256_of(data) for name, data in pack.files.items()}

    def install(self, pack: VerifiedPack) -> None:
        """Unpack a verified pack beside its place and rename it there.

        Raises:
            IntegrityError: another content is at that place; it is left as it is.
            SurroundingsError: the disk does not take it; nothing is left behind.
        """
        target = self.install_path(pack.slug, pack.version)
        if target.exists():
            self.must_match(pack)
            return
        with writing("install this key"), self._staging() as stage:
            write_tree(stage, pack.files)
            self._move(stage, target)

    def remove(self, folder: str, digests: Mapping[str, str]) -> str | None:
        """Take an installed folder away; what a person changed or added in it is kept.

        One rename decides: before it everything is as it was, after it the version is gone. Only files that we
        wrote and that nobody edited are ever deleted.

        Args:
            folder: the installed folder, from the workspace's root.
            digests: what was written there.

        Returns:
            Where files of the person were kept, from the workspace's root; None when there were none.

        Raises:
            IntegrityError: the folder is a link.
            SurroundingsError: the disk does not take it.
        """
        target = self.root / folder
        self._contained(target)
        theirs = self.edited(folder, digests, added=True)
        with writing("remove this key"), self._staging() as stage:
            if not any((target / name).exists() for name in theirs):
                target.rename(stage / target.name)
                sync_folder(target.parent)
                return None
            kept = _unused(target.with_name(f"{target.name}-edited"))
            target.rename(kept)
            sync_folder(kept.parent)
            for name in digests:
                if name not in theirs:
                    (kept / name).unlink(missing_ok=True)
            _prune(kept)
        return self.relative(kept)

    def clear_staging(self) -> None:
        """Delete what processes that were killed in the middle of an install left behind."""
        for stage in (self.root / _KEYS).glob(".staging-*"):
            with contextlib.suppress(OSError):
                handle = os.open(stage, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY)
                try:
                    if free_to_take(handle):
                        shutil.rmtree(stage, ignore_errors=True)
                finally:
                    os.close(handle)

    def _move(self, stage: Path, target: Path) -> None:
        """Rename a staged folder to its place; its synced content is there whole, or not at all."""
        target.parent.mkdir(parents=True, exist_ok=True)
        self._contained(target.parent)
        stage.rename(target)
        sync_folder(target.parent)
        # The folders above may be new as well.
        sync_folder(target.parent.parent)

    def edited(self, folder: str, digests: Mapping[str, str], *, added: bool = False) -> list[str]:
        """Return the installed files that are not as they were installed, or are gone.

        Args:
            folder: the installed folder, from the workspace's root.
            digests: what was written there.
            added: name files that were not installed as well.
        """
        root = self.inside(folder)
        changed = [
            name
            for name, digest in digests.items()
            if not (root / name).is_file() or digest_of(root / name)[0] != digest
        ]
        if added:
            there = (path for path in root.rglob("*") if path.is_symlink() or not path.is_dir())
            names = sorted(path.relative_to(root).as_posix() for path in there)
            changed += [name for name in names if name not in digests and not _is_made(name)]
        return changed

    def must_match(self, pack: VerifiedPack) -> None:
        """Refuse a place where another content is than this pack's; an empty place is well.

        Raises:
            IntegrityError: the files there are not those of the pack; they are left as they are.
        """
        target = self.install_path(pack.slug, pack.version)
        changed = self.edited(self.relative(target), self.digests(pack)) if target.exists() else []
        if changed:
            raise IntegrityError(
                "INSTALLED_DIFFERS",
                f"{self.relative(target)} exists with other content ({len(changed)} files differ, "
                f'the first is "{changed[0]}"). It was left as it is.',
                "Move that folder aside if you want this version as it was published.",
            )

    # runs ----------------------------------------------------------------------------------------

    def run_path(self, day: str, name: str, run_id: str) -> Path:
        """Return where a run's folder is made: by day, named after its key and its id."""
        return self.root / _RUNS / day / f"{name}-{run_id[:8]}"

    def prepare_run(
        self, files: Mapping[str, bytes], notebook: Mapping[str, Any], *, place: Path, name: str
    ) -> Path:
        """Make the folder of one run, whole or not at all.

        Args:
            files: the pack's files, which the run gets as copies.
            notebook: the notebook that runs, with its injected cell and its binding.
            place: the folder to make, from :meth:`run_path`.
            name: what the notebook is called at the top of the folder.

        Returns:
            The notebook's file.

        Raises:
            SurroundingsError: the disk does not take it; nothing is left behind.
        """
        with writing("prepare this run"), self._staging() as stage:
            write_tree(stage, {**files, name: notebook_bytes(notebook)})
            (stage / ARTIFACTS).mkdir(exist_ok=True)
            self._move(stage, place)
        return place / name

    def add_folder(self, files: Mapping[str, bytes], place: str) -> None:
        """Make a new folder of the person's own, whole or not at all.

        Args:
            files: what it holds.
            place: the folder, from the workspace's root.

        Raises:
            StateError: something is there already; it is left as it is.
            SurroundingsError: the disk does not take it; nothing is left behind.
        """
        target = self.inside(place)
        if target.exists():
            raise StateError(
                "ALREADY_THERE",
                f"{place} is there already, so nothing was written.",
                "Choose another name, or move that folder aside.",
            )
        with writing(f"make {place}"), self._staging() as stage:
            write_tree(stage, files)
            target.parent.mkdir(parents=True, exist_ok=True)
            self._contained(target.parent)
            stage.rename(target)
            sync_folder(target.parent)

    @contextlib.contextmanager
    def _staging(self) -> Iterator[Path]:
        # On the workspace's own file system, so that the rename at the end is one step.
        base = self.root / _KEYS
        base.mkdir(exist_ok=True)
        self._contained(base)
        stage = base / f".staging-{secrets.token_hex(8)}"
        stage.mkdir(mode=0o755)
        handle = os.open(stage, os.O_RDONLY | os.O_DIRECTORY)
        try:
            # Held as long as we live, so that another process can tell our work from what a dead one left.
            free_to_take(handle)
            yield stage
        finally:
            os.close(handle)
            shutil.rmtree(stage, ignore_errors=True)

    def _contained(self, folder: Path) -> None:
        """Refuse a folder of ours that a link has moved elsewhere."""
        if folder.resolve() != folder:
            raise IntegrityError(
                "TARGET_IS_LINK",
                f'"{folder.name}" in the workspace is a link to another place, so nothing was written.',
                "Replace the link with a folder.",
            )


def _sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _is_made(name: str) -> bool:
    """Say whether Jupyter or Python made a file beside ours just by opening them."""
    parts = name.split("/")[:-1]
    return "__pycache__" in parts or ".ipynb_checkpoints" in parts


def _unused(path: Path) -> Path:
    """Return a name that nothing has yet, by counting up."""
    names = [path, *(path.with_name(f"{path.name}-{number}") for number in range(2, 1000))]
    return next(name for name in names if not name.exists())


def _prune(root: Path) -> None:
    """Delete the folders below a folder that hold nothing any more."""
    for folder in sorted((p for p in root.rglob("*") if p.is_dir()), reverse=True):
        if not folder.is_symlink() and not any(folder.iterdir()):
            folder.rmdir()
