"""Signing in and out with real backends of a real keyring, chosen as a person chooses them, one process a command."""

import json
import os
import stat
import subprocess
import sys

import pytest

from keys_jupyter.marketplace_fake import MARK, FakeMarketplace

CALL = "import sys; from keys_jupyter.cli import main; sys.exit(main(sys.argv[1:]))"
# A backend as its author would write it. What it keeps is in a file, and how it fails is asked of the environment.
BACKEND = """
import json, os, pathlib
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, KeyringLocked, PasswordDeleteError, PasswordSetError

class Base(KeyringBackend):
    def __init__(self):
        super().__init__()
        self.file = pathlib.Path(os.environ["KEPT"])
        self.way = os.environ.get("WAY", "")

    def rows(self):
        return json.loads(self.file.read_text()) if self.file.exists() else {}

    def write(self, rows):
        self.file.touch(0o600)
        self.file.write_text(json.dumps(rows))

    def get_password(self, service, name):
        if self.way == "locked":
            raise KeyringLocked("Failed to unlock the collection!")
        return self.rows().get(f"{service} {name}")

    def set_password(self, service, name, value):
        if self.way == "locked":
            raise KeyringLocked("Failed to unlock the collection!")
        if self.way == "full":
            raise PasswordSetError(f"no room for {value}")
        if self.way == "strange":
            raise type("DBusErrorResponse", (Exception,), {})(f"no bus for {value}")
        self.write({**self.rows(), f"{service} {name}": value})

    def delete_password(self, service, name):
        if self.way == "stuck":
            raise PasswordDeleteError("not now")
        rows = self.rows()
        del rows[f"{service} {name}"]
        self.write(rows)

class Real(Base):
    priority = 5

class Plain(Base):
    priority = 0.5
"""


@pytest.fixture
def market():
    with FakeMarketplace() as running:
        yield running
    assert running.failures == []


@pytest.fixture
def user(market):
    return market.user()


@pytest.fixture
def kept(tmp_path):
    """What the backend keeps; only its owner's, and so left out of the search for keys."""
    return tmp_path / "keyring-of-the-test"


@pytest.fixture
def keys(tmp_path, workspace, market, kept):
    site = tmp_path / "site"
    site.mkdir()
    (site / "filing.py").write_text(BACKEND)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KEYS_")}
    ours = {
        "JUPYTER_DATA_DIR": str(tmp_path / "jupyter"),
        "PYTHONPATH": str(site),
        "PYTHON_KEYRING_BACKEND": "filing.Real",
        "KEPT": str(kept),
        "KEYS_MARKETPLACE_URL": market.url,
        "KEYS_ALLOWED_MARKETPLACES": market.url,
    }

    def run(*words, typed="", code=0, **environment):
        given = {**clean, **ours, **environment}
        done = subprocess.run(
            [sys.executable, "-c", CALL, *words, "--json"], input=typed, capture_output=True, text=True,
            cwd=workspace, check=False, env={name: value for name, value in given.items() if value is not None},
        )  # fmt: skip
        assert done.returncode == code, done.stderr + done.stdout
        assert "Traceback" not in done.stderr
        return json.loads(done.stdout), done.stderr

    return run


def files(tmp_path):
    return [path for path in (tmp_path / "jupyter").rglob("credentials/*") if path.is_file()]


def test_a_key_lives_in_the_chosen_keyring_and_nowhere_else(keys, market, user, kept, tmp_path):
    key = market.key(user).token
    signed, said = keys("login", "--token-stdin", typed=key)
    assert (signed["state"], signed["place"], said) == ("valid", "keyring", "")
    (name,) = json.loads(kept.read_text())
    assert name == f"keys-jupyter {market.url}"
    assert files(tmp_path) == []
    who, _ = keys("whoami")
    assert (who["state"], who["place"], who["masked"]) == (
        "valid",
        "keyring",
        f"kx_live_…{key[-4:]}",
    )
    market.stop()
    assert keys("whoami")[0]["state"] == "unreachable"
    assert keys("logout")[0]["state"] == "signed_out"
    assert json.loads(kept.read_text()) == {}
    assert keys("whoami")[0]["state"] == "signed_out"


def test_a_keyring_may_be_chosen_in_keyrings_own_file(keys, market, user, kept, tmp_path):
    folder = tmp_path / "config" / "python_keyring"
    folder.mkdir(parents=True)
    (folder / "keyringrc.cfg").write_text("[backend]\ndefault-keyring=filing.Real\n")
    chosen = {"PYTHON_KEYRING_BACKEND": None, "XDG_CONFIG_HOME": str(tmp_path / "config"),
              "HOME": str(tmp_path)}  # fmt: skip
    signed, _ = keys("login", "--token-stdin", typed=market.key(user).token, **chosen)
    assert signed["place"] == "keyring"
    assert MARK in kept.read_text()


@pytest.mark.parametrize(
    "chosen",
    ["keyring.backends.null.Keyring", "keyring.backends.fail.Keyring", "filing.Plain", "garbage"],
)  # fmt: skip
def test_a_keyring_that_is_none_means_a_private_file_and_one_warning(
    keys, market, user, kept, tmp_path, chosen
):
    warned = "There is no keyring here, so the key is kept in a file that only your user can read."
    sign_in = ("login", "--token-stdin")
    signed, said = keys(*sign_in, typed=market.key(user).token, PYTHON_KEYRING_BACKEND=chosen)
    assert (signed["state"], signed["place"]) == ("valid", "file")
    assert said.count(warned) == 1
    if "null" in chosen:
        again, said = keys(*sign_in, typed=market.key(user).token, PYTHON_KEYRING_BACKEND=chosen)
        assert (again["state"], said) == ("valid", "")
    (file,) = files(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert not kept.exists()


@pytest.mark.parametrize(
    ("way", "kind"),
    [("locked", "KeyringLocked"), ("full", "PasswordSetError"), ("strange", "DBusErrorResponse")],
)
def test_a_keyring_that_does_not_take_a_key_is_said_in_a_sentence(
    keys, market, user, kept, tmp_path, way, kind
):
    answer, said = keys("login", "--token-stdin", typed=market.key(user).token, code=1, WAY=way)
    assert answer["error"]["code"] == "KEYRING"
    assert answer["error"]["message"] == f"The keyring does not work now ({kind})."
    assert "keyring.backends.null.Keyring" in answer["error"]["hint"]
    assert MARK not in json.dumps(answer) + said
    assert not kept.exists()
    assert files(tmp_path) == []


def test_a_keyring_locked_later_loses_nothing(keys, market, user, kept):
    keys("login", "--token-stdin", typed=market.key(user).token)
    before = kept.read_bytes()
    assert keys("whoami", code=1, WAY="locked")[0]["error"]["code"] == "KEYRING"
    found, said = keys("catalog", WAY="locked")
    assert len(found["keys"]) > 5
    assert "The keyring does not work now (KeyringLocked)." in said
    assert keys("logout", code=1, WAY="stuck")[0]["error"]["code"] == "KEYRING"
    assert kept.read_bytes() == before
