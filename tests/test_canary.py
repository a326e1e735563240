"""No key of any test is where it need not be; and the search that says so finds one in every spelling and place."""

import base64
import gzip
import io
import json
import logging
import subprocess
import sys
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

import pytest
from tornado import web

from keys_jupyter.marketplace_fake import MARK, FakeMarketplace, Received, new_api_key
from tests.canary import Listener, Watch, spelling_in, spellings
from tests.packs import make_library

KEY = new_api_key("kx_live")


def zipped(data):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data/a.json", data)
    return packed.getvalue()


def test_every_key_holds_the_mark_and_no_two_are_alike():
    keys = {new_api_key("kx_test") for _ in range(50)}
    assert len(keys) == 50
    assert {len(key) for key in keys} == {51}
    assert all(key.startswith(f"kx_test_{MARK}") for key in keys)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("plain", lambda key: f'{{"k": "{key}"}}'.encode()),
        ("hex", lambda key: key.encode().hex().encode()),
        ("HEX", lambda key: key.encode().hex().upper().encode()),
        ("base64 at 2", lambda key: base64.b64encode(key.encode())),
        ("base64 at 0", lambda key: base64.urlsafe_b64encode(b"." + key.encode())),
        ("base64 at 1", lambda key: base64.b64encode(b"Bearer: abc" + key.encode())),
        ("percent", lambda key: "".join(f"%{ord(c):02X}" for c in key).encode()),
        ("percent, small", lambda key: "".join(f"%{ord(c):02x}" for c in key).encode()),
        ("plain", lambda key: urllib.parse.quote(key, safe="").encode()),
        ("plain", lambda key: json.dumps({"é": key}).encode()),
        ("JSON", lambda key: "".join(f"\\u{ord(c):04x}" for c in key).encode()),
        ("JSON, large", lambda key: "".join(f"\\u{ord(c):04X}" for c in key).encode()),
        ("UTF-16", lambda key: key.encode("utf-16")),
        ("backwards", lambda key: key[::-1].encode()),
        ("packed, plain", lambda key: gzip.compress(key.encode())),
        ("packed, plain", lambda key: zipped(key)),
        ("packed, packed, base64 at 2", lambda key: zipped(zipped(base64.b64encode(key.encode())))),
    ],
)  # fmt: skip
def test_a_key_is_found_however_it_is_written(name, written):
    around = b"\x00\xff some bytes before "
    plain = written(KEY)
    assert spelling_in(plain) == name
    if not name.startswith("packed"):
        assert spelling_in(around + plain + around) == name


def test_what_holds_no_key_is_left_alone():
    for data in (
        b"",
        b"kx_live_" + b"a" * 43,
        zipped("nothing"),
        b"PK\x05\x06 torn",
        b"\x1f\x8b torn",
    ):
        assert spelling_in(data) is None
    assert len(spellings()) == 13


def test_a_key_in_a_file_is_found_and_the_file_is_named(tmp_path):
    kept = tmp_path / "credentials"
    kept.mkdir(0o700)
    for name in ("a.json", "open.json", "a.txt"):
        (kept / name).write_text(KEY)
        (kept / name).chmod(0o600)
    (kept / "open.json").chmod(0o644)
    (tmp_path / "store.sqlite-wal").write_bytes(b"\0" * 5000 + KEY.encode() + b"\0")
    (tmp_path / "shut").mkdir()
    (tmp_path / "shut" / "out.ipynb").write_text(json.dumps({"o": KEY}))
    (tmp_path / "shut" / "out.ipynb").chmod(0)
    (tmp_path / "shut").chmod(0)
    (tmp_path / "link").symlink_to(kept / "a.json")
    named = tmp_path / f"{KEY}.txt"
    named.write_text("")
    watch = Watch()
    watch.files(tmp_path)
    (tmp_path / "shut").chmod(0o700)
    found = sorted(line.split(":")[0].removeprefix(f"file {tmp_path}") for line in watch.found)
    assert found == [
        "",  # that of the name
        "/credentials/a.txt",
        "/credentials/open.json",
        "/shut/out.ipynb",
        "/store.sqlite-wal",
    ]
    loose = Watch()
    kept.chmod(0o755)
    loose.files(kept)
    assert len(loose.found) == 3
    for path in (
        *kept.iterdir(),
        named,
        tmp_path / "store.sqlite-wal",
        tmp_path / "shut" / "out.ipynb",
    ):
        path.unlink()


def asked(origin, target, *headers, body=b"", agent="keys-jupyter/1"):
    return Received(origin, "GET", target, (("User-Agent", agent), *headers), body, "127.0.0.1")


@pytest.mark.parametrize(
    ("request_", "found"),
    [
        (asked("api", "/marketplace/entitlements", ("Authorization", f"Bearer {KEY}")), 0),
        (asked("api", "/api/api-keys", ("x-api-key", KEY)), 0),
        (asked("project", "/auth/v1/token?grant_type=password", body=KEY.encode()), 0),
        (asked("api", "/a", body=KEY.encode(), agent="curl/8"), 0),
        (asked("api", f"/marketplace/keys?token={KEY}"), 1),
        (asked("api", "/a", ("Cookie", f"k={KEY}")), 1),
        (asked("api", "/a", ("Referer", f"http://x/{KEY}")), 1),
        (asked("api", "/a", body=b'{"key": "' + KEY.encode() + b'"}'), 1),
        (asked("elsewhere", "/a", ("Authorization", f"Bearer {KEY}")), 1),
    ],
)
def test_a_request_may_carry_a_key_in_one_place_only(request_, found):
    watch = Watch()
    watch.request(request_)
    assert len(watch.found) == found


def test_what_this_process_says_and_sends_is_watched(watch, capsys, tmp_path):
    with watch.planted() as found:
        print(f"signed in with {KEY}")
        capsys.readouterr()
        assert [line.split(" ")[0] for line in found] == ["captured"]
        echo = [sys.executable, "-c", "import sys; print(sys.stdin.read())"]
        subprocess.run(echo, input=KEY, capture_output=True, text=True, check=True)
        subprocess.run([*echo, KEY], input="", capture_output=True, text=True, check=True)
        assert len(found) == 3
        assert "its arguments" in found[2]
        with FakeMarketplace(make_library(tmp_path / "library")) as market:
            headers = {"User-Agent": "keys-jupyter/1", "Authorization": f"Bearer {KEY}"}
            ask(f"{market.url}/marketplace/keys", headers)
            assert len(found) == 3
            ask(f"{market.url}/marketplace/keys?k={KEY}", headers)
            assert found[3].startswith("request api GET /marketplace/keys: plain")
    assert watch.found == []


def ask(url, headers):
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=20) as answer:
        answer.read()


def test_what_is_logged_is_watched_with_its_error():
    assert any(isinstance(one, Listener) for one in logging.getLogger().handlers)
    for said, given, error in (
        ("a %s", (KEY,), None),
        ("no", (), ValueError(KEY)),
        ("torn %s %s", (KEY,), None),
    ):
        watch = Watch()
        exception = (type(error), error, None) if error else None
        record = logging.LogRecord("keys_jupyter", 10, "x.py", 1, said, given, exception)
        Listener(watch).emit(record)
        assert len(watch.found) == 1


async def test_what_a_server_answers_is_watched(watch, jp_fetch, jp_web_app, jp_base_url):
    class Teller(web.RequestHandler):
        def get(self):
            self.set_header("X-Key", KEY if self.get_query_argument("head", "") else "none")
            self.write("in the head" if self.get_query_argument("head", "") else KEY)

    jp_web_app.add_handlers(".*", [(f"{jp_base_url}keys-jupyter/teller", Teller)])
    with watch.planted() as found:
        assert (await jp_fetch("keys-jupyter", "teller")).body.decode() == KEY
        assert len(found) == 1
        await jp_fetch("keys-jupyter", "teller", params={"head": "1"})
        assert len(found) == 2


LEAKING = """
def test_one(tmp_path):
    (tmp_path / "run.log").write_text({text!r})
def test_two():
    pass
"""


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.parametrize(("text", "code"), [(KEY, 1), ("no key", 0)])
def test_a_run_that_leaves_a_key_behind_fails_and_names_the_file(tmp_path, text, code, workers):
    leaking = tmp_path / "test_leaking.py"
    leaking.write_text(LEAKING.format(text=text))
    base = tmp_path / "base"
    # with our conftest, in a process of its own
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider", str(leaking),
         "--basetemp", str(base), "--rootdir", str(tmp_path), "-n", workers],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    for path in (leaking, *base.rglob("run.log")):
        path.unlink()
    assert done.returncode == code, done.stdout + done.stderr
    assert "2 passed" in done.stdout
    assert ("a key is in a place where it need not be: file " in done.stdout) is bool(code)
    assert ("test_one0/run.log: plain" in done.stdout) is bool(code)
    assert KEY not in done.stdout
