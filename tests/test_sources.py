"""Libraries in a folder and behind a web server: what they offer, and what they cannot do to us."""

import hashlib
import json

import pytest

from keys_jupyter.errors import IntegrityError, KeysError, NetworkError, NotAvailable
from keys_jupyter.sources.index import IndexLibrary
from keys_jupyter.sources.library import FolderLibrary
from keys_jupyter.transport import AddressRefused, Cancelled, Settings, Transport
from tests.loopback import Loopback
from tests.packs import add_pack, key_files, make_library

KEY = "jupyter-small"


class Web:
    """A plain web server over a folder, with entity tags."""

    def __init__(self, folder, broken=None):
        self.folder, self.broken = folder, broken or {}

    def __call__(self, handler):
        path = handler.path.partition("?")[0].removeprefix("/team/")
        if path in self.broken:
            return self.broken[path](handler)
        file = self.folder / path
        if not file.is_file():
            return handler.reply(404, b"<h1>Not found</h1>", Content_Type="text/html")
        data = file.read_bytes()
        tag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
        if handler.headers.get("If-None-Match") == tag:
            return handler.reply(304, b"", ETag=tag)
        return handler.reply(200, data, ETag=tag)


class Clock:
    def __init__(self):
        self.seconds = 1_800_000_000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def folder(tmp_path):
    return make_library(tmp_path / "library")


@pytest.fixture
def clock():
    return Clock()


def at(server, tmp_path, clock=None, *, path="/team", **limits):
    door = Transport(Settings(allowed_marketplaces=(server.url,), retry_seconds=0.0, **limits))
    more = {"now": clock} if clock else {}
    return IndexLibrary(server.url + path, door, tmp_path / "data", **more)


@pytest.mark.parametrize("path", ["/team", "/team/", "/team/library.json"])
def test_a_library_on_the_web_offers_what_the_folder_does(folder, tmp_path, path):
    with Loopback(Web(folder)) as server:
        library = at(server, tmp_path, path=path)
        listing = library.listing()
        assert library.name == "127.0.0.1/team"
        assert listing == FolderLibrary(folder, "here").listing()
        assert library.versions(KEY) == ["1.0.0"]
        told = []
        pack = library.fetch(
            KEY, "1.0.0", on_progress=lambda done, total: told.append((done, total))
        )
    same = FolderLibrary(folder, "here").fetch(KEY, "1.0.0")
    assert pack.zip_bytes == same.zip_bytes
    assert pack.verified is True
    assert told[-1] == (len(pack.zip_bytes), len(pack.zip_bytes))
    assert list((tmp_path / "data" / "staging").iterdir()) == []


def test_an_index_that_still_holds_is_not_sent_again(folder, tmp_path, clock):
    with Loopback(Web(folder)) as server:
        library = at(server, tmp_path, clock)
        first = library.listing()
        library.listing()
        assert len(server.requests) == 1
        clock.seconds += 301
        assert library.listing() == first
    assert len(server.requests) == 2
    assert server.requests[1][2]["if-none-match"]


def test_what_is_known_is_shown_with_its_age_while_the_server_is_down(folder, tmp_path, clock):
    with Loopback(Web(folder)) as server:
        first = at(server, tmp_path, clock).listing()
    clock.seconds += 3600
    library = at(server, tmp_path, clock)
    listing = library.listing()
    assert listing.packs == first.packs
    assert listing.stale_since == "2027-01-15T08:00:00Z"
    assert [problem.code for problem in listing.problems] == ["UNREACHABLE_REFUSED"]
    with pytest.raises(NetworkError):
        library.fetch(KEY, "1.0.0")
    assert list((tmp_path / "data" / "staging").iterdir()) == []


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"\xff\xfe", b"<html>", b'{"version": "1"}', b"[" * 99_999]
)
def test_what_is_no_index_does_not_take_the_place_of_one(folder, tmp_path, clock, data):
    web = Web(folder)
    with Loopback(web) as server:
        library = at(server, tmp_path, clock)
        first = library.listing()
        web.broken["library.json"] = lambda handler: handler.reply(200, data)
        clock.seconds += 301
        listing = library.listing()
        assert listing.packs == first.packs
        web.broken.clear()
        clock.seconds += 31
        assert library.listing().problems == []
    assert [problem.code for problem in listing.problems] in ([], ["LIBRARY_TORN"])
    if data:
        assert listing.stale_since


def test_an_index_that_never_came_offers_nothing_and_says_why(folder, tmp_path):
    with Loopback(Web(tmp_path)) as server:
        listing = at(server, tmp_path).listing()
    assert listing.packs == []
    assert [problem.code for problem in listing.problems] == ["NOT_FOUND"]


def rewritten(folder, **fields):
    path = folder / "library.json"
    index = json.loads(path.read_text())
    for row in index["packs"]:
        if row["slug"] == KEY:
            row.update(fields)
    path.write_text(json.dumps(index))


def test_other_bytes_than_the_index_names_are_refused(folder, tmp_path):
    rewritten(folder, sha256="0" * 64)
    with Loopback(Web(folder)) as server, pytest.raises(IntegrityError) as caught:
        at(server, tmp_path).fetch(KEY, "1.0.0")
    assert caught.value.code == "DIGEST_MISMATCH"


def test_a_pack_of_another_version_is_refused(folder, tmp_path):
    rewritten(folder, version="9.9.9", sha256=None)
    with Loopback(Web(folder)) as server, pytest.raises(IntegrityError) as caught:
        at(server, tmp_path).fetch(KEY, "9.9.9")
    assert caught.value.code == "IDENTITY_MISMATCH"


@pytest.mark.parametrize(
    "name",
    ["../secret.zip", "/etc/passwd", "http://169.254.169.254/x", "//127.0.0.1/x", "a/../../b.zip", "", ".", "a//b",
     "a\\..\\b", "https://evil.example.com/a.zip", "file:///etc/passwd"],
)  # fmt: skip
def test_a_zip_outside_the_library_is_not_fetched(folder, tmp_path, name):
    rewritten(folder, assets={"zip": name})
    with Loopback(Web(folder)) as server:
        library = at(server, tmp_path)
        library.listing()
        with pytest.raises(IntegrityError) as caught:
            library.fetch(KEY, "1.0.0")
    assert caught.value.code == "CATALOG_INVALID"
    assert len(server.requests) == 1


def test_a_redirect_to_an_inner_address_is_not_followed(folder, tmp_path):
    def away(handler):
        handler.reply(302, Location="http://169.254.169.254/latest")

    with Loopback(Web(folder, {"library.json": away})) as server:
        listing = at(server, tmp_path).listing()
    assert [problem.code for problem in listing.problems] == ["ADDRESS_REFUSED"]


def test_a_fetch_can_be_cancelled(folder, tmp_path):
    with Loopback(Web(folder)) as server:
        library = at(server, tmp_path)
        library.listing()
        with pytest.raises(Cancelled):
            library.fetch(KEY, "1.0.0", cancelled=lambda: True)


@pytest.mark.parametrize(
    "url", ["http://keys.example.com/lib", "https://10.0.0.1/", "ftp://x.example/", "x"]
)
def test_an_address_that_may_not_be_asked_is_no_library(tmp_path, url):
    with pytest.raises(AddressRefused):
        IndexLibrary(url, Transport(Settings()), tmp_path)


def test_an_unknown_version_is_said(folder, tmp_path):
    with Loopback(Web(folder)) as server:
        library = at(server, tmp_path)
        for slug, version in ((KEY, "2.0.0"), ("no-such-key", "1.0.0")):
            with pytest.raises(NotAvailable) as caught:
                library.fetch(slug, version)
            assert caught.value.code == "UNKNOWN_VERSION"
    assert library.versions("no-such-key") == []


def test_a_folder_is_read_again_when_it_changed_and_not_before(folder):
    library = FolderLibrary(folder, "here")
    first = library.listing()
    assert library.listing() is first
    rewritten(folder, title="A new title")
    (changed,) = [pack for pack in library.listing().packs if pack.slug == KEY]
    assert changed.title == "A new title"
    (folder / "library.json").unlink()
    assert [problem.code for problem in library.listing().problems] == ["LIBRARY_MISSING"]
    with pytest.raises(KeysError):
        library.fetch(KEY, "1.0.0")


def test_versions_of_a_folder_come_newest_first(tmp_path):
    folder = tmp_path / "library"
    folder.mkdir()
    rows = [
        add_pack(folder, key_files(KEY, version))
        for version in ("1.9.0", "1.10.0", "2.0.0-rc.1", "2.0.0")
    ]
    (folder / "library.json").write_text(json.dumps({"version": "1", "packs": rows}))
    assert FolderLibrary(folder, "here").versions(KEY) == ["2.0.0", "2.0.0-rc.1", "1.10.0", "1.9.0"]
