"""An install is killed, or its disk is full, at every call that can write; afterwards it is whole or not there."""

import sqlite3
import sys

import pytest

from keys_jupyter.service import Service
from keys_jupyter.sources.library import FolderLibrary
from tests.crash import strace
from tests.packs import key_files, make_library

SLUG = "jupyter-small"
INSTALL = """
import sys
from pathlib import Path
from keys_jupyter.errors import KeysError
from keys_jupyter.service import Service
from keys_jupyter.sources.library import FolderLibrary
root, data, library = map(Path, sys.argv[1:4])
try:
    service = Service(root, data, [FolderLibrary(library, "embedded")])
    service.installs.install("jupyter-small")
except KeysError as error:
    print(error.code)
    raise SystemExit(3) from None
"""
OLD, NEW = "1.0.0", "1.1.0"


class Scene:
    """A workspace in which the old version is installed and the new one is about to be."""

    def __init__(self, folder):
        self.root, self.data, self.library = (folder / n for n in ("root", "data", "library"))
        self.root.mkdir(parents=True)
        make_library(self.library, key_files(version=OLD))
        with self.opened() as service:
            service.installs.install(SLUG)
        make_library(self.library, key_files(version=OLD), key_files(version=NEW))

    @property
    def command(self):
        # Nothing but the install itself may write.
        return [
            sys.executable,
            "-B",
            "-c",
            INSTALL,
            *map(str, (self.root, self.data, self.library)),
        ]

    def opened(self):
        return Closing(self.root, self.data, [FolderLibrary(self.library, "embedded")])

    def must_be_old_or_new(self):
        """Look as the next start finds it, and return whether the new version is there."""
        with self.opened() as service:
            rows = service.installs.installed().installed
            assert [path.name for path in (self.root / "keys").iterdir()] == [SLUG], (
                "staging is left"
            )
            assert all(row.edited == [] for row in rows), "a version is not whole"
            there = {row.version for row in rows}
            assert {path.name for path in (self.root / "keys" / SLUG).iterdir()} == there
            assert OLD in there, "the old version is gone"
            done = service.installs.install(SLUG)
            assert done.version == NEW, "it can be done again"
        db = sqlite3.connect(self.data / "store.sqlite")
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        db.close()
        return NEW in there


class Closing(Service):
    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.close()


def points(folder):
    """Return every writing call of one undisturbed install, as name and number."""
    scene = Scene(folder / "undisturbed")
    calls = strace.count(scene.command, folder / "calls.log")
    assert scene.must_be_old_or_new()
    return [(name, n) for name, most in sorted(calls.items()) for n in range(1, most + 1)]


def sweep(folder, some, fault):
    """Let one install meet the fault at each of the points; return how many ended old and how many new."""
    ended = {True: 0, False: 0}
    for at, (call, number) in enumerate(some):
        scene = Scene(folder / f"{fault.partition('=')[2]}-{at}")
        said = strace.inject(scene.command, call, number, fault, folder / "inject.log")
        new = scene.must_be_old_or_new()
        assert new or said.code != 0, (call, number, said)
        assert "Traceback" not in said.err, (call, number, said.err)
        ended[new] += 1
    return ended


def slice_of(all_points, size):
    """Return some of the points, spread evenly, the renames always among them."""
    renames = [point for point in all_points if point[0].startswith("rename")]
    return renames + all_points[:: max(1, len(all_points) // size)]


FAULTS = ["signal=KILL", "error=ENOSPC", "error=EIO"]


@pytest.mark.parametrize("fault", FAULTS)
def test_install_that_meets_a_fault_is_whole_or_not_there(tmp_path, fault):
    some = slice_of(points(tmp_path), 6)
    assert len(some) >= 6
    assert sum(sweep(tmp_path, some, fault).values()) == len(some)


@pytest.mark.long
@pytest.mark.parametrize("fault", FAULTS)
def test_install_is_never_half_done_at_any_point(tmp_path, fault):
    everything = points(tmp_path)
    ended = sweep(tmp_path, everything, fault)
    sys.stdout.write(f"{fault}: {len(everything)} points, {ended[False]} old, {ended[True]} new\n")
    assert sum(ended.values()) == len(everything) > 50
