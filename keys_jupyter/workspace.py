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
import errno
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from keys_jupyter.archive import VerifiedPack
from keys_jupyter.errors import InputError, IntegrityError, NotAvailable, SurroundingsError
from keys_jupyter.store import sync_folder, write_beside

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

    def install(self, pack: VerifiedPack) -> tuple[str, dict[str, str]]:
        """Unpack a verified pack beside its place and rename it there.

        Returns:
            The folder, from the workspace's root, and the sha256 of every file written.

        Raises:
            IntegrityError: another content is at that place; it is left as it is.
            SurroundingsError: the disk does not take it; nothing is left behind.
        """
        target = self.install_path(pack.slug, pack.version)
        digests = {name: _sha256_of(data) for name, data in pack.files.items()}
        if target.exists():
            self._must_match(target, digests)
            return self.relative(target), digests
        with _writing("install this key"), self._staging() as stage:
            _write_tree(stage, pack.files)
            target.parent.mkdir(parents=True, exist_ok=True)
            self._contained(target.parent)
            stage.rename(target)
            sync_folder(target.parent)
        return self.relative(target), digests

    def edited(self, folder: str, digests: Mapping[str, str]) -> list[str]:
        """Return the installed files that are not as they were installed, or are gone."""
        root = self.inside(folder)
        return [
            name
            for name, digest in digests.items()
            if not (root / name).is_file() or digest_of(root / name)[0] != digest
        ]

    def _must_match(self, target: Path, digests: Mapping[str, str]) -> None:
        changed = self.edited(self.relative(target), digests)
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
        with _writing("prepare this run"), self._staging() as stage:
            _write_tree(stage, {**files, name: notebook_bytes(notebook)})
            (stage / ARTIFACTS).mkdir(exist_ok=True)
            place.parent.mkdir(parents=True, exist_ok=True)
            self._contained(place.parent)
            stage.rename(place)
            sync_folder(place.parent)
        return place / name

    @contextlib.contextmanager
    def _staging(self) -> Iterator[Path]:
        # On the workspace's own file system, so that the rename at the end is one step.
        base = self.root / _KEYS
        base.mkdir(exist_ok=True)
        self._contained(base)
        stage = base / f".staging-{secrets.token_hex(8)}"
        stage.mkdir(mode=0o755)
        try:
            yield stage
        finally:
            shutil.rmtree(stage, ignore_errors=True)

    def _contained(self, folder: Path) -> None:
        """Refuse a folder of ours that a link has moved elsewhere."""
        if folder.resolve() != folder:
            raise IntegrityError(
                "TARGET_IS_LINK",
                f'"{folder.name}" in the workspace is a link to another place, so nothing was written.',
                "Replace the link with a folder.",
            )


def digest_of(path: Path) -> tuple[str, int]:
    """Return a file's sha256 and its size."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
        return digest.hexdigest(), file.tell()


def notebook_bytes(notebook: Mapping[str, Any]) -> bytes:
    """Return a notebook as Jupyter writes it, so that the first save shows no difference."""
    return (json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def read_notebook(path: Path) -> dict[str, Any]:
    """Return a notebook of the workspace as plain data.

    Raises:
        NotAvailable: no such file.
        InputError: it is not a notebook of format 4.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NotAvailable(
            "NO_NOTEBOOK",
            f'There is no notebook "{path.name}" that can be read.',
            "Check its name and place.",
        ) from error
    return parse_notebook(data, path.name)


def parse_notebook(data: bytes, name: str) -> dict[str, Any]:
    """Return a notebook's bytes as plain data.

    Raises:
        InputError: they are not a notebook of format 4.
    """
    try:
        notebook = json.loads(data)
    except (ValueError, RecursionError):
        notebook = None
    if not isinstance(notebook, dict) or notebook.get("nbformat") != 4:
        raise InputError(
            "NOT_A_NOTEBOOK",
            f'"{name}" is not a notebook of format 4.',
            "Open it in JupyterLab and save it again.",
        )
    return notebook


def replace_file(path: Path, data: bytes) -> None:
    """Write a file of the workspace whole or not at all.

    Raises:
        SurroundingsError: the disk does not take it.
    """
    with _writing(f'write "{path.name}"'):
        write_beside(path, data)


def _sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _write_tree(root: Path, files: Mapping[str, bytes]) -> None:
    folders = {root}
    for name, data in files.items():
        path = root / name
        if path.parent not in folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            folders.add(path.parent)
        with path.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    for folder in folders:
        sync_folder(folder)


@contextlib.contextmanager
def _writing(what: str) -> Iterator[None]:
    """Say what the disk refused in one sentence."""
    try:
        yield
    except OSError as error:
        raise _refused(what, error) from error


def _refused(what: str, error: OSError) -> SurroundingsError:
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return SurroundingsError(
            "WORKSPACE_READ_ONLY",
            f"The workspace cannot be written, so it was not possible to {what}. Nothing was changed.",
            "Give yourself write permission there, or start Jupyter in a folder of your own.",
        )
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return SurroundingsError(
            "DISK_FULL",
            f"The disk is full, so it was not possible to {what}. Nothing was changed.",
            "Free some space and try again.",
        )
    return SurroundingsError(
        "WORKSPACE_FAULT",
        f"It was not possible to {what}: {error.strerror or 'the disk refused it'}. Nothing was changed.",
        "Check the disk of the workspace and try again.",
    )
