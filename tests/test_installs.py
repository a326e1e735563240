import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading

import pytest

from keys_jupyter.errors import InputError, IntegrityError, NotAvailable
from keys_jupyter.model.run import RunRequest
from keys_jupyter.service import Service
from keys_jupyter.sources.library import FolderLibrary
from tests.packs import key_files, make_library, zipped

SLUG = "jupyter-small"


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def library(tmp_path):
    return make_library(tmp_path / "library", key_files(version="1.0.0"))


def publish(library, *versions, **fields):
    make_library(library, *(key_files(version=version, **fields) for version in versions))


def versions(service):
    return [(row.version, row.default) for row in service.installs.installed().installed]


def test_versions_stand_side_by_side_and_the_last_installed_is_in_use(service, library, workspace):
    service.installs.install(SLUG)
    publish(library, "1.0.0", "1.1.0")
    (row,) = service.installs.outdated().outdated
    assert (row.version, row.newest, row.breaking, row.source) == (
        "1.0.0",
        "1.1.0",
        False,
        "embedded",
    )
    service.installs.install(SLUG)
    assert versions(service) == [("1.0.0", False), ("1.1.0", True)]
    assert (workspace / "keys" / SLUG / "1.0.0" / "key.json").is_file()
    assert service.installs.outdated().outdated == []


def test_a_step_back_is_used_by_the_next_run(service, library):
    publish(library, "1.0.0", "2.0.0")
    for version in ("1.0.0", "2.0.0"):
        service.installs.install(SLUG, version)
    service.installs.use(SLUG, "1.0.0")
    assert versions(service) == [("2.0.0", False), ("1.0.0", True)]
    assert service.runs.start(RunRequest(key=SLUG)).version == "1.0.0"
    (row,) = service.installs.outdated().outdated
    assert (row.newest, row.breaking) == ("2.0.0", True)
    (key,) = (key for key in service.catalogue.catalog().keys if key.slug == SLUG)
    assert (key.update, key.breaking) == ("2.0.0", True)


def test_use_of_what_is_not_installed_names_what_is(service):
    service.installs.install(SLUG)
    with pytest.raises(NotAvailable) as raised:
        service.installs.use(SLUG, "9.0.0")
    assert "1.0.0" in raised.value.hint


def test_removing_takes_our_files_and_nothing_else(service, workspace):
    service.installs.install(SLUG)
    done = service.installs.remove(SLUG)
    assert (done.versions, done.kept) == (["1.0.0"], [])
    assert not (workspace / "keys" / SLUG / "1.0.0").exists()
    assert service.installs.installed().installed == []
    with pytest.raises(NotAvailable):
        service.installs.remove(SLUG)


def test_removing_keeps_what_a_person_edited_or_added(service, workspace):
    service.installs.install(SLUG)
    folder = workspace / "keys" / SLUG / "1.0.0"
    (folder / "README.md").write_text("my notes")
    (folder / "mine").mkdir()
    (folder / "mine" / "notes.txt").write_text("more")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "x.pyc").write_bytes(b"made by Python")
    assert service.installs.installed().installed[0].edited == ["README.md"]
    done = service.installs.remove(SLUG, "1.0.0")
    assert done.kept == [f"keys/{SLUG}/1.0.0-edited"]
    kept = tree(workspace / done.kept[0])
    assert kept.pop("__pycache__/x.pyc")
    assert kept == {"README.md": b"my notes", "mine/notes.txt": b"more"}
    # and again: nothing that was kept is in the way
    service.installs.install(SLUG)
    (folder / "README.md").write_text("other notes")
    assert service.installs.remove(SLUG).kept == [f"keys/{SLUG}/1.0.0-edited-2"]


def test_what_only_opening_made_is_no_edit(service, workspace):
    service.installs.install(SLUG)
    folder = workspace / "keys" / SLUG / "1.0.0"
    (folder / "notebooks" / ".ipynb_checkpoints").mkdir()
    (folder / "notebooks" / ".ipynb_checkpoints" / "small-checkpoint.ipynb").write_text("{}")
    assert service.installs.remove(SLUG).kept == []
    assert not folder.exists()


def test_a_run_made_with_a_removed_key_still_opens(service, changes, workspace):
    run = service.runs.start(RunRequest(key=SLUG))
    changes.until(lambda: service.runs.settled(run.id))
    service.installs.remove(SLUG)
    again = service.runs.run(run.id)
    assert again.state.value == "SUCCEEDED"
    assert (workspace / again.notebook).is_file()


def test_installing_over_an_edited_file_is_refused_and_changes_nothing(service, workspace):
    service.installs.install(SLUG)
    folder = workspace / "keys" / SLUG / "1.0.0"
    (folder / "README.md").write_text("my notes")
    before = tree(folder)
    with pytest.raises(IntegrityError) as raised:
        service.installs.install(SLUG)
    assert raised.value.code == "INSTALLED_DIFFERS"
    assert tree(folder) == before


def test_a_pack_goes_to_a_file_and_comes_in_on_another_machine(service, tmp_path):
    there = service.installs.export_pack(SLUG, None, tmp_path / "pack.zip")
    data = (tmp_path / "pack.zip").read_bytes()
    assert there.sha256 == hashlib.sha256(data).hexdigest()
    assert service.installs.installed().installed == [], "writing it out installs nothing"
    (tmp_path / "island").mkdir()
    island = Service(tmp_path / "island", tmp_path / "island-data", [])
    done = island.installs.import_pack(tmp_path / "pack.zip", there.sha256.upper())
    assert (done.verified, done.source, done.sha256) == (True, "file", there.sha256)
    assert island.catalogue.detail(SLUG).installed == ["1.0.0"]
    island.close()
    with pytest.raises(InputError):
        service.installs.export_pack(SLUG, None, tmp_path / "pack.zip")


def test_import_goes_through_the_door(service, tmp_path, workspace):
    (tmp_path / "evil.zip").write_bytes(zipped({**key_files(), "../evil.py": "x"}))
    with pytest.raises(IntegrityError) as raised:
        service.installs.import_pack(tmp_path / "evil.zip")
    assert raised.value.code == "PATH_TRAVERSAL"
    (tmp_path / "good.zip").write_bytes(zipped(key_files()))
    with pytest.raises(IntegrityError) as raised:
        service.installs.import_pack(tmp_path / "good.zip", "0" * 64)
    assert raised.value.code == "DIGEST_MISMATCH"
    for given in ("abc", "g" * 64):
        with pytest.raises((InputError, IntegrityError)):
            service.installs.import_pack(tmp_path / "good.zip", given)
    with pytest.raises(NotAvailable):
        service.installs.import_pack(tmp_path / "none.zip")
    assert list((workspace).iterdir()) == []


def test_other_bytes_under_a_version_that_came_before_are_refused(service, tmp_path):
    for name, title in (("one", "One"), ("two", "Two")):
        (tmp_path / f"{name}.zip").write_bytes(zipped(key_files(title=title)))
    assert service.installs.import_pack(tmp_path / "one.zip").verified is False
    with pytest.raises(IntegrityError) as raised:
        service.installs.import_pack(tmp_path / "two.zip")
    assert raised.value.code == "PIN_MISMATCH"
    # the pin outlives the install
    service.installs.remove(SLUG)
    with pytest.raises(IntegrityError):
        service.installs.import_pack(tmp_path / "two.zip")
    assert service.installs.import_pack(tmp_path / "one.zip").version == "1.0.0"


INSTALL = """
import sys
from pathlib import Path
from keys_jupyter.service import Service
from keys_jupyter.sources.library import FolderLibrary
root, data, library = map(Path, sys.argv[1:4])
service = Service(root, data, [FolderLibrary(library, "embedded")])
sys.stdin.readline()
print(service.installs.install("jupyter-small").sha256)
service.close()
"""


def test_eight_processes_installing_one_pack_give_one_result(tmp_path, library, workspace):
    many = [
        subprocess.Popen(
            [sys.executable, "-c", INSTALL, str(workspace), str(tmp_path / "data"), str(library)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(8)
    ]
    said = [process.communicate("go\n", timeout=120) for process in many]
    assert [process.returncode for process in many] == [0] * 8, said
    assert len({out for out, _ in said}) == 1
    again = Service(workspace, tmp_path / "data", [FolderLibrary(library, "embedded")])
    (row,) = again.installs.installed().installed
    assert row.edited == []
    assert [path.name for path in (workspace / "keys").iterdir()] == [SLUG]
    again.close()


class Slow:
    """A source that brings its pack when it is told to."""

    name = "slow"

    def __init__(self, folder):
        self._inner = FolderLibrary(folder, "slow")
        self.asked = threading.Event()
        self.go = threading.Event()

    def listing(self):
        return self._inner.listing()

    def fetch(self, slug, version, *, on_progress=None, cancelled=None):
        on_progress(10, 100)
        self.asked.set()
        while not self.go.wait(0.01):
            if cancelled():
                raise InputError("STOPPED", "stopped", "")
        return self._inner.fetch(slug, version)


@pytest.fixture
def slow(tmp_path, library, workspace):
    source = Slow(library)
    service = Service(workspace, tmp_path / "data", [source])
    yield source, service
    source.go.set()
    service.close()


def installed_in_a_thread(service):
    outcome = []

    def work():
        try:
            outcome.append(service.installs.install(SLUG))
        except InputError as error:
            outcome.append(error.code)

    thread = threading.Thread(target=work)
    thread.start()
    return thread, outcome


def test_progress_is_told_and_a_cancel_leaves_nothing(slow, workspace):
    source, service = slow
    thread, outcome = installed_in_a_thread(service)
    assert source.asked.wait(20)
    (going,) = service.installs.underway.listed().installing
    assert (going.slug, going.bytes, going.total, going.waiting) == (SLUG, 10, 100, False)
    service.installs.underway.cancel(SLUG)
    thread.join(20)
    assert outcome == ["STOPPED"]
    assert service.installs.underway.listed().installing == []
    assert list(workspace.iterdir()) == []
    with pytest.raises(NotAvailable):
        service.installs.underway.cancel(SLUG)


def test_a_second_install_waits_for_the_first(slow, tmp_path, library, workspace):
    source, service = slow
    thread, outcome = installed_in_a_thread(service)
    assert source.asked.wait(20)
    other = Service(workspace, tmp_path / "data", [FolderLibrary(library, "embedded")])
    second, result = installed_in_a_thread(other)
    while not any(one.waiting for one in other.installs.underway.listed().installing):
        assert second.is_alive()
    source.go.set()
    thread.join(20)
    second.join(20)
    assert outcome[0].sha256 == result[0].sha256
    other.close()


def test_what_a_killed_install_left_is_cleared_and_what_a_live_one_has_is_not(
    service, tmp_path, library, workspace
):
    dead = workspace / "keys" / ".staging-dead"
    dead.mkdir(parents=True)
    (dead / "x").write_text("x")
    alive = workspace / "keys" / ".staging-alive"
    alive.mkdir()
    handle = os.open(alive, os.O_RDONLY)
    import fcntl

    fcntl.flock(handle, fcntl.LOCK_EX)
    Service(workspace, tmp_path / "data", [FolderLibrary(library, "embedded")]).close()
    assert not dead.exists()
    assert alive.exists()
    os.close(handle)


def test_a_link_in_place_of_the_keys_folder_is_refused(service, tmp_path, workspace):
    (tmp_path / "elsewhere").mkdir()
    (workspace / "keys").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(IntegrityError) as raised:
        service.installs.install(SLUG)
    assert raised.value.code == "TARGET_IS_LINK"
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_damaged_kept_zip_is_noticed(service, tmp_path, workspace):
    done = service.installs.install(SLUG)
    kept = tmp_path / "data" / "packs" / f"{done.sha256}.zip"
    kept.write_bytes(kept.read_bytes()[:-1] + b"x")
    with pytest.raises(IntegrityError):
        service.installs.pack(SLUG, "1.0.0")


def test_a_moved_workspace_folder_counts_as_not_installed(service, workspace):
    service.installs.install(SLUG)
    shutil.rmtree(workspace / "keys" / SLUG)
    assert service.installs.installed().installed == []
    service.installs.install(SLUG)
    assert json.loads((workspace / "keys" / SLUG / "1.0.0" / "key.json").read_text())
