import threading

import pytest

from keys_jupyter.service import Service
from keys_jupyter.sources.library import FolderLibrary
from tests.packs import make_library


class Changes:
    """Every announced change, and a way to wait for what it announces."""

    def __init__(self):
        self.seen = []
        self._bell = threading.Condition()

    def __call__(self, kind, subject, n):
        with self._bell:
            self.seen.append((kind, subject, n))
            self._bell.notify_all()

    def until(self, true, seconds=60):
        with self._bell:
            assert self._bell.wait_for(true, seconds), f"never happened; seen {self.seen[-5:]}"


@pytest.fixture
def library(tmp_path):
    return make_library(tmp_path / "library")


@pytest.fixture
def workspace(tmp_path):
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


@pytest.fixture
def changes():
    return Changes()


@pytest.fixture
def service(tmp_path, library, workspace, changes):
    opened = Service(
        workspace, tmp_path / "data", [FolderLibrary(library, "embedded")], on_change=changes
    )
    yield opened
    opened.close()
