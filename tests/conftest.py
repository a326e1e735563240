import os
import re
import tempfile
import threading

import pytest

from keys_jupyter.marketplace_fake import MARK
from keys_jupyter.service import Service
from keys_jupyter.sources.library import FolderLibrary
from tests import canary
from tests.packs import make_library

_WATCH = canary.Watch()


def pytest_configure():
    canary.begin(_WATCH)


def pytest_make_parametrize_id(val):
    """Name a test that holds a key without it: every process of a run must know the test by the same name."""
    if isinstance(val, str) and MARK in val:
        return re.sub(rf"{MARK}[\w!-]*", "KEY", val)
    return None


@pytest.fixture(scope="session", autouse=True)
def one_folder(tmp_path_factory):
    """Let everything that is written be below one folder, which is searched when the run ends."""
    _WATCH.folder = tmp_path_factory.getbasetemp()
    temporary = _WATCH.folder / "t"
    temporary.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        patch.setattr(tempfile, "tempdir", None)
        # Nothing of a test belongs into the keyring of whoever runs it.
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        yield


def pytest_runtest_logreport(report):
    for title, text in report.sections:
        _WATCH.look("captured", f"{report.nodeid} ({title})", text)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session):
    """Search what was written; a worker of several hands over what it saw, and the run fails with it."""
    if hasattr(session.config, "workeroutput"):
        _WATCH.end()
        session.config.workeroutput["watch"] = _WATCH.handed_over()
        return
    if not getattr(session.config.option, "numprocesses", None):
        _WATCH.end()
    if _WATCH.found:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    if hasattr(node, "workeroutput"):
        _WATCH.take_over(node.workeroutput["watch"])


def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line(_WATCH.summary())
    for line in _WATCH.found:
        terminalreporter.write_line(f"FAILED: a key is in a place where it need not be: {line}")


@pytest.fixture
def open_path(tmp_path):
    """A folder that other accounts can reach: pytest keeps its own to whoever runs the tests."""
    for folder in (tmp_path, *tmp_path.parents):
        ours = folder.name.startswith(("pytest", "popen", "test_"))
        if ours and folder.stat().st_uid == os.getuid():
            folder.chmod(0o755)
    return tmp_path


@pytest.fixture
def watch():
    """The watch over this run; what is leaked on purpose is leaked within its ``planted``."""
    return _WATCH


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


@pytest.fixture
def market_config(tmp_path, market):
    """The configuration of a server at the marketplace that a test calls ``market``."""
    return {
        "ServerApp": {"jpserver_extensions": {"keys_jupyter": True}},
        "KeysExtension": {
            "data_dir": str(tmp_path / "data"),
            "marketplace_url": market.url,
            "marketplace_auth_url": market.project_url,
            "marketplace_auth_anon_key": market.anon_key,
            "marketplace_pages_url": market.frontend,
            "allowed_marketplaces": [market.url],
        },
    }
