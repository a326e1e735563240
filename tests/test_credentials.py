"""Where a token lives, who may read it there, and that it shows nowhere else."""

import copy
import json
import logging
import os
import pickle
import stat
import subprocess
import sys
import textwrap
import traceback
from datetime import datetime, timezone

import pytest

from keys_jupyter.credentials import (
    Credential,
    Credentials,
    FileStore,
    Secret,
    from_environment,
    moment_of,
    open_store,
    without_secrets,
)
from keys_jupyter.errors import InputError, SurroundingsError
from keys_jupyter.marketplace_fake import new_api_key

TOKEN = new_api_key("kx_live")[:-4] + "9XyZ"
SHOP = "https://keys.example.com"
OTHER = "https://other.example.com"


def nothing():
    return None


# the secret ------------------------------------------------------------------------------------------


def test_a_secret_shows_nothing_of_itself():
    secret = Secret(TOKEN)
    shown = [
        repr(secret), str(secret), f"{secret}", f"{secret!r:>80}", "".join(map(str, [secret])), str([secret]), str({"k": secret}),
        repr(Credential(secret)), str(vars(type(secret)).keys()),
    ]  # fmt: skip
    assert not [text for text in shown if TOKEN[8:] in text]
    assert secret.reveal() == TOKEN
    assert not hasattr(secret, "__dict__")


@pytest.mark.parametrize("way", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps])
def test_a_secret_cannot_be_written_down_by_accident(way):
    with pytest.raises(TypeError) as caught:
        way(Secret(TOKEN))
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "masked"),
    [(TOKEN, "kx_live_…9XyZ"), ("kx_test_" + "a" * 43, "kx_test_…aaaa"),
     ("eyJ" + "x" * 60 + "TAIL", "…TAIL"), ("short", "…"), ("kx_live_abc", "kx_live_…"), ("", "…")],
)  # fmt: skip
def test_what_a_person_sees_of_a_secret(value, masked):
    assert Secret(value).masked() == masked


def test_secrets_are_compared_by_value():
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1


@pytest.mark.parametrize(
    "text",
    [f"key {TOKEN} is", f"Authorization: Bearer {TOKEN}", "https://s/o?token=abc.def&x=1", "a=eyJabcdefg.hij.klm",
     "https://s/o?x=1&X-Amz-Signature=abc".lower()],
)  # fmt: skip
def test_what_looks_like_a_credential_is_hidden(text):
    hidden = without_secrets(text)
    assert "(hidden)" in hidden
    for part in (TOKEN, "abc.def", "eyJabcdefg", "signature=abc"):
        assert part not in hidden


def test_ordinary_text_is_not_touched():
    text = "The key jupyter-webhook-event-analysis 1.0.0 has 3 tokens; see https://x.example/a?b=c"
    assert without_secrets(text) == text


@pytest.mark.parametrize(
    ("text", "moment"),
    [("2030-01-01T00:00:00", (2030, 1, 1, 0, 0, 0, 0)), ("2030-01-01T00:00:00Z", (2030, 1, 1, 0, 0, 0, 0)),
     ("2026-11-21T00:31:25.27428+00:00", (2026, 11, 21, 0, 31, 25, 274280)),
     ("2030-01-01T02:00:00.000+02:00", (2030, 1, 1, 0, 0, 0, 0)), ("2030-01-01 00:00:00", (2030, 1, 1, 0, 0, 0, 0)),
     ("2026-11-21T00:49:16.8473151234Z", (2026, 11, 21, 0, 49, 16, 847315)),
     (None, None), ("", None), ("soon", None), ("2030-13-01T00:00:00", None), ("9999-12-31T23:59:59-23:00", None),
     ("２０３０-01-01T00:00:00", None)],
)  # fmt: skip
def test_times_without_a_zone_are_utc(text, moment):
    expected = datetime(*moment, tzinfo=timezone.utc) if moment else None
    assert moment_of(text) == expected


def test_when_a_credential_has_run_out():
    now = datetime(2026, 11, 21, tzinfo=timezone.utc)
    assert Credential(Secret("x"), "2026-11-20T23:59:59").expired(now)
    assert Credential(Secret("x"), "2026-11-21T00:00:00").expired(now)
    assert not Credential(Secret("x"), "2026-11-21T00:00:01").expired(now)
    assert not Credential(Secret("x"), None).expired(now)
    assert not Credential(Secret("x"), "some day").expired(now)


# the surroundings ------------------------------------------------------------------------------------


def test_the_environment_is_read_once_and_cleaned():
    environ = {"KEYS_API_KEY": f" {TOKEN}\n", "KEYS_API_KEY_FILE": "/nowhere", "HOME": "/x"}
    assert from_environment(environ) == Secret(TOKEN)
    assert environ == {"HOME": "/x"}
    assert from_environment(environ) is None


def test_a_process_keeps_what_its_environment_gave_and_no_child_inherits_it():
    code = textwrap.dedent(
        """
        import os, subprocess, sys
        from keys_jupyter.credentials import Credentials, FileStore, from_environment
        from pathlib import Path
        first = Credentials(FileStore(Path("/nowhere")), configured="https://keys.example.com")
        again = Credentials(FileStore(Path("/nowhere")), configured="https://keys.example.com")
        print(first.find("https://keys.example.com").token == again.find("https://keys.example.com").token)
        print([name for name in os.environ if "API_KEY" in name])
        child = [sys.executable, "-c", "import os; print(sorted(n for n in os.environ if 'API_KEY' in n))"]
        print(subprocess.run(child, capture_output=True, text=True).stdout.strip())
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "KEYS_API_KEY": TOKEN},
    )
    assert done.stdout.split("\n")[:3] == ["True", "[]", "[]"]


def test_a_key_file_is_read(tmp_path):
    (tmp_path / "api-key").touch(0o600)
    (tmp_path / "api-key").write_text(TOKEN + "\n")
    environ = {"KEYS_API_KEY_FILE": str(tmp_path / "api-key")}
    assert from_environment(environ) == Secret(TOKEN)
    assert environ == {}


@pytest.mark.parametrize(
    "content", [b"", b"two words", b"x" * 5000, "schlüssel".encode(), b"\xff\xfe"]
)
def test_a_key_file_that_holds_no_key_is_said(tmp_path, content):
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(SurroundingsError) as caught:
        from_environment({"KEYS_API_KEY_FILE": str(tmp_path / "key")})
    assert caught.value.code == "KEY_FILE"
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("name", ["missing", ""])
def test_a_key_file_that_is_none_is_said(tmp_path, name):
    with pytest.raises(SurroundingsError):
        from_environment({"KEYS_API_KEY_FILE": str(tmp_path / name)})


def test_the_key_of_the_surroundings_is_for_the_configured_marketplace_only(tmp_path):
    given = Credentials(FileStore(tmp_path), configured=SHOP, given=lambda: Secret(TOKEN))
    assert given.find(SHOP).token == Secret(TOKEN)
    assert given.find(SHOP).place == "environment"
    assert given.find(OTHER) is None
    assert Credentials(FileStore(tmp_path), given=lambda: Secret(TOKEN)).find(SHOP) is None


# the file --------------------------------------------------------------------------------------------


def test_a_kept_key_is_private_and_comes_back(tmp_path):
    store = FileStore(tmp_path / "data")
    kept = store.save(SHOP, Credential(Secret(TOKEN), "2030-01-01T00:00:00", "id-1"))
    folder = tmp_path / "data" / "credentials"
    (file,) = folder.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "notebooks included" in kept.warning
    assert TOKEN not in kept.warning
    again = FileStore(tmp_path / "data").load(SHOP)
    assert (again.token, again.expires_at, again.key_id, again.place) == (
        Secret(TOKEN), "2030-01-01T00:00:00", "id-1", "file",
    )  # fmt: skip
    assert store.load(OTHER) is None


def test_the_warning_is_said_once(tmp_path):
    store = FileStore(tmp_path)
    assert store.save(SHOP, Credential(Secret("1"))).warning
    assert store.save(SHOP, Credential(Secret("2"))).warning == ""
    assert store.save(OTHER, Credential(Secret("3"))).warning == ""
    assert store.load(SHOP).token == Secret("2")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o666])
def test_a_file_others_could_read_is_not_trusted(tmp_path, mode):
    store = FileStore(tmp_path)
    store.save(SHOP, Credential(Secret(TOKEN)))
    (file,) = (tmp_path / "credentials").iterdir()
    file.chmod(mode)
    with pytest.raises(SurroundingsError) as caught:
        store.load(SHOP)
    assert caught.value.code == "CREDENTIALS_FILE"
    assert TOKEN not in str(caught.value)
    store.save(SHOP, Credential(Secret("new")))
    assert store.load(SHOP).token == Secret("new")


def test_a_link_in_place_of_the_file_is_not_followed(tmp_path):
    store = FileStore(tmp_path / "data")
    store.save(SHOP, Credential(Secret(TOKEN)))
    (file,) = (tmp_path / "data" / "credentials").iterdir()
    elsewhere = tmp_path / "elsewhere"
    file.rename(elsewhere)
    file.symlink_to(elsewhere)
    with pytest.raises(SurroundingsError):
        store.load(SHOP)
    before = elsewhere.read_bytes()
    store.save(SHOP, Credential(Secret("new")))
    assert elsewhere.read_bytes() == before
    assert store.load(SHOP).token == Secret("new")
    elsewhere.unlink()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b'{"token": 1}', b'{"token": "x", "marketplace": "y"}']
)
def test_a_damaged_file_is_said_and_can_be_replaced(tmp_path, content):
    store = FileStore(tmp_path)
    store.save(SHOP, Credential(Secret(TOKEN)))
    (file,) = (tmp_path / "credentials").iterdir()
    file.write_bytes(content)
    with pytest.raises(SurroundingsError):
        store.load(SHOP)
    store.forget(SHOP)
    assert store.load(SHOP) is None


def test_a_pipe_in_place_of_the_file_does_not_hang(tmp_path):
    store = FileStore(tmp_path)
    store.save(SHOP, Credential(Secret(TOKEN)))
    (file,) = (tmp_path / "credentials").iterdir()
    file.unlink()
    os.mkfifo(file, 0o600)
    with pytest.raises(SurroundingsError):
        store.load(SHOP)


def test_forgetting_removes_the_file_and_again_is_no_error(tmp_path):
    store = FileStore(tmp_path)
    store.save(SHOP, Credential(Secret(TOKEN)))
    store.forget(SHOP)
    store.forget(SHOP)
    assert list((tmp_path / "credentials").iterdir()) == []


# the keyring -----------------------------------------------------------------------------------------

KEYRING = """
class Backend:
    priority = {priority}
_kept = {{}}
def get_keyring(): return Backend()
def get_password(service, name): return _kept.get((service, name))
def set_password(service, name, value):
    if {locked}:
        from keyring.errors import KeyringLocked
        raise KeyringLocked(value)
    _kept[service, name] = value
def delete_password(service, name): del _kept[service, name]
"""
ERRORS = """
class KeyringError(Exception): pass
class KeyringLocked(KeyringError): pass
"""
USE = """
import sys
from pathlib import Path
token = sys.stdin.read()
from keys_jupyter.credentials import Credential, Secret, open_store
from keys_jupyter.errors import SurroundingsError
store = open_store(Path(sys.argv[1]))
print(store.place)
try:
    print(store.save("https://keys.example.com", Credential(Secret(token), "2030-01-01T00:00:00", "k1")).place)
except SurroundingsError as error:
    print(error.code, token in str(error), error.__context__)
    raise SystemExit
found = store.load("https://keys.example.com")
print(found.token.reveal() == token, found.expires_at, found.key_id, found.place)
store.forget("https://keys.example.com")
store.forget("https://keys.example.com")
print(store.load("https://keys.example.com"))
"""


def with_keyring(tmp_path, priority, *, locked=False):
    """Run in a process that has a package named keyring, as an installed one would be."""
    package = tmp_path / "site" / "keyring"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(KEYRING.format(priority=priority, locked=locked))
    (package / "errors.py").write_text(ERRORS)
    done = subprocess.run(
        [sys.executable, "-c", USE, str(tmp_path / "data")],
        input=TOKEN,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
    )
    return done.stdout.splitlines()


def test_a_real_keyring_is_used_and_no_file_is_written(tmp_path):
    assert with_keyring(tmp_path, 5) == [
        "keyring",
        "keyring",
        "True 2030-01-01T00:00:00 k1 keyring",
        "None",
    ]
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("priority", ["0", "0.5", "-1", "None"])
def test_a_keyring_that_keeps_nothing_is_none(tmp_path, priority):
    assert with_keyring(tmp_path, priority)[:2] == ["file", "file"]


def test_a_locked_keyring_is_said_without_what_it_was_given(tmp_path):
    assert with_keyring(tmp_path, 5, locked=True) == ["keyring", "KEYRING False None"]


# together --------------------------------------------------------------------------------------------


class SiteStore:
    """A store of a site, as a Hub service might be."""

    place = "hub"

    def __init__(self, data_dir):
        self.rows = {}

    def load(self, marketplace):
        return self.rows.get(marketplace)

    def save(self, marketplace, credential):
        from keys_jupyter.credentials import Kept

        self.rows[marketplace] = credential
        return Kept("hub")

    def forget(self, marketplace):
        self.rows.pop(marketplace, None)


def test_a_site_names_its_own_store(tmp_path):
    store = open_store(tmp_path, "tests.test_credentials.SiteStore")
    assert store.place == "hub"
    credentials = Credentials(store, given=nothing)
    assert credentials.keep(SHOP, Credential(Secret(TOKEN))).place == "hub"
    assert credentials.find(SHOP).token == Secret(TOKEN)


@pytest.mark.parametrize(
    "name", ["nowhere.Store", "tests.test_credentials.Nothing", "Store", "tests."]
)
def test_a_store_that_is_not_there_is_said(tmp_path, name):
    with pytest.raises(InputError) as caught:
        open_store(tmp_path, name)
    assert caught.value.code == "CREDENTIAL_STORE"


def test_what_a_person_signs_in_with_comes_before_what_was_given(tmp_path):
    credentials = Credentials(FileStore(tmp_path), configured=SHOP, given=lambda: Secret("given"))
    credentials.keep(SHOP, Credential(Secret("mine")))
    assert credentials.find(SHOP).token == Secret("mine")
    assert credentials.forget(SHOP) is True, "the surroundings give theirs again at the next start"
    assert credentials.find(SHOP) is None


def test_what_is_remembered_is_nowhere_on_disk(tmp_path):
    credentials = Credentials(FileStore(tmp_path), given=nothing)
    kept = credentials.remember(SHOP, Credential(Secret(TOKEN)))
    assert (kept.place, credentials.find(SHOP).place) == ("memory", "memory")
    assert list(tmp_path.rglob("*")) == []
    assert Credentials(FileStore(tmp_path), given=nothing).find(SHOP) is None
    assert credentials.forget(SHOP) is False
    assert credentials.find(SHOP) is None


def test_a_full_disk_leaves_the_old_key(tmp_path, caplog):
    import resource
    import signal

    caplog.set_level(logging.DEBUG)
    store = FileStore(tmp_path)
    store.save(SHOP, Credential(Secret("old")))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
        with pytest.raises(SurroundingsError) as caught:
            store.save(SHOP, Credential(Secret(TOKEN)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, old)
    assert store.load(SHOP).token == Secret("old")
    assert len(list((tmp_path / "credentials").iterdir())) == 1
    assert TOKEN not in "".join(traceback.format_exception(caught.value)) + caplog.text
