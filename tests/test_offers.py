"""A marketplace and a library at hand beside each other: which one serves, what is never fetched, and what a slow one costs."""

import gzip
import json
import threading
import time

import pytest
from pydantic import SecretStr
from tornado.httpclient import HTTPClientError

from keys_jupyter.errors import IntegrityError, NetworkError, NotAvailable
from keys_jupyter.marketplace_fake import MARK, FakeMarketplace, Fault, Place
from keys_jupyter.model.marketplace import SignInRequest
from keys_jupyter.service import Service
from keys_jupyter.service.keys.marketplace import Configuration, Marketplaces
from keys_jupyter.sources.library import FolderLibrary
from keys_jupyter.transport import Settings
from tests.packs import RUNBOOK, key_files, make_library, runbook_files, zipped

KEY, BOOK = "jupyter-small", "small-failure"
SOLD, SOLD_BOOK = "jupyter-sold", "sold-failure"
ALERT = "[FIRING:1] SmallThingsFailing: ledger writes to shard 7 time out after 30s (pager 4711)"


def book(slug, version="1.0.0", when="the widget is bent"):
    text = RUNBOOK.replace(
        "# Small Failure Runbook\n", f"# Small Failure Runbook\n\n## When to Use\n\n- {when}\n"
    )
    return runbook_files(slug, version, text, title=f"Runbook {slug}")


@pytest.fixture
def library(tmp_path):
    return make_library(
        tmp_path / "library", key_files(), book(BOOK, when="ledger writes time out on a shard")
    )


@pytest.fixture
def market(tmp_path):
    sold = make_library(tmp_path / "sold", key_files(SOLD), book(SOLD_BOOK), book(BOOK, "1.2.0"))
    with FakeMarketplace(sold) as running:
        running.put(zipped(key_files(KEY, "1.1.0")))
        yield running
    assert running.failures == []


@pytest.fixture
def user(market):
    return market.user("reader@example.com", f"correct horse {MARK}")


@pytest.fixture
def opened(tmp_path, library, workspace, market, user, changes):
    door = Settings(allowed_marketplaces=(market.url,), retry_seconds=0.0)
    here = Marketplaces(
        tmp_path / "data",
        Configuration(url=market.url, transport=door),
        changes,
        given=lambda: None,
    )
    made = Service(
        workspace,
        tmp_path / "data",
        [FolderLibrary(library, "embedded"), here],
        marketplace=here,
        on_change=changes,
    )
    here.sign_in(SignInRequest(key=SecretStr(market.key(user).token)))
    yield made
    market.faults.clear()
    made.close()


def row(service, slug):
    return next(one for one in service.catalogue.catalog().keys if one.slug == slug)


def downloads(market):
    return [
        one.target for one in market.requests if one.path.endswith("/download") or "/storage/" in one.path
    ]  # fmt: skip


# which one serves ------------------------------------------------------------------------------------


def test_the_newest_version_that_can_be_had_comes_first(opened, market, user):
    opened.installs.install(KEY)
    assert (row(opened, KEY).version, row(opened, KEY).update) == ("1.0.0", None)
    assert opened.installs.outdated().outdated == []
    market.grant(user, KEY)
    opened.marketplace.refresh()
    assert (row(opened, KEY).version, row(opened, KEY).update) == ("1.1.0", "1.1.0")
    (old,) = opened.installs.outdated().outdated
    assert (old.version, old.newest, old.source) == ("1.0.0", "1.1.0", "127.0.0.1")
    assert opened.installs.install(KEY).version == "1.1.0"
    assert opened.installs.outdated().outdated == []
    assert [one.version for one in opened.installs.installed(KEY).installed if one.default] == ["1.1.0"]  # fmt: skip
    market.withdraw(user, KEY)
    opened.marketplace.refresh()
    assert row(opened, KEY).installed == ["1.0.0", "1.1.0"]


def test_without_a_right_the_library_at_hand_serves(opened, market):
    assert opened.installs.install(KEY).version == "1.0.0"
    with pytest.raises(NotAvailable) as caught:
        opened.installs.install(KEY, "1.1.0")
    assert caught.value.code == "NOT_ENTITLED"


def test_a_right_that_is_gone_between_list_and_fetch_is_told_and_installs_nothing(
    opened, market, user, workspace
):
    market.grant(user, SOLD)
    opened.marketplace.refresh()
    assert row(opened, SOLD).entitled
    market.withdraw(user, SOLD)
    with pytest.raises((NotAvailable, NetworkError)) as caught:
        opened.installs.install(SOLD)
    assert caught.value.code in ("NOT_ENTITLED", "MARKETPLACE_TROUBLE")
    assert not (workspace / "keys" / SOLD).exists()
    opened.marketplace.refresh()
    assert not row(opened, SOLD).entitled


def test_a_cut_fetch_names_the_version_that_needs_no_network(opened, market, user):
    market.grant(user, KEY)
    opened.marketplace.refresh()
    market.faults.add(Fault.ERROR, on=Place.DOWNLOAD, status=500, message="down")
    with pytest.raises(NetworkError) as caught:
        opened.installs.install(KEY)
    assert f"install {KEY}@1.0.0" in caught.value.hint
    assert opened.installs.install(KEY, "1.0.0").version == "1.0.0"


# what is never fetched -------------------------------------------------------------------------------


def test_looking_fetches_nothing(opened, market, user, tmp_path):
    market.grant_all(user)
    opened.marketplace.refresh()
    assert row(opened, SOLD_BOOK).entitled
    opened.catalogue.catalog()
    for slug in (KEY, BOOK, SOLD, SOLD_BOOK):
        opened.catalogue.detail(slug)
    assert [one.slug for one in opened.catalogue.detail(KEY).referenced_by] == [BOOK]
    assert {one.slug for one in opened.runbooks.all().runbooks} >= {BOOK, SOLD_BOOK}
    found = opened.runbooks.find("the widget is bent; ledger writes time out on a shard").matches
    assert [one.slug for one in found] == [BOOK]
    assert opened.runbooks.runbook(BOOK).version == "1.0.0"
    for slug in (SOLD, SOLD_BOOK):
        with pytest.raises(NotAvailable) as caught:
            opened.installs.pack(slug, None)
        assert caught.value.code == "NOT_INSTALLED"
        assert f"install {slug}" in caught.value.hint
    with pytest.raises(NotAvailable) as caught:
        opened.installs.pack(KEY, "9.9.9")
    assert caught.value.code == "UNKNOWN_VERSION"
    assert downloads(market) == []
    opened.installs.install(SOLD_BOOK)
    assert [one.slug for one in opened.runbooks.find("the widget is bent").matches] == [SOLD_BOOK]
    assert [one.slug for one in opened.catalogue.detail(KEY).referenced_by] == [BOOK, SOLD_BOOK]


def test_a_pack_written_to_a_file_is_held_to_the_bytes_that_came_before(
    opened, market, user, tmp_path
):
    market.grant_all(user)
    opened.marketplace.refresh()
    first = opened.installs.export_pack(SOLD, None, tmp_path / "one.zip")
    market.replace(SOLD, "1.0.0", zipped(key_files(SOLD, description="Other bytes")))
    with pytest.raises(IntegrityError) as caught:
        opened.installs.export_pack(SOLD, None, tmp_path / "two.zip")
    assert caught.value.code == "PIN_MISMATCH"
    assert not (tmp_path / "two.zip").exists()
    assert first.sha256 in caught.value.message or first.sha256[:8] in caught.value.message


# what a slow one costs -------------------------------------------------------------------------------


def timed(call):
    began = time.monotonic()
    return call(), time.monotonic() - began


def test_a_marketplace_that_stalls_delays_a_look_by_seconds_and_is_asked_on(
    opened, market, changes
):
    assert opened.marketplace.session().state == "valid"
    opened.catalogue.detail(SOLD)
    market.faults.add(Fault.STALL, on=Place.ANY)
    session, took = timed(opened.marketplace.session)
    assert (session.state, session.code) == ("valid", "UNREACHABLE_SLOW")
    assert took < 10
    # The second look waits no longer for what is being asked already.
    assert timed(opened.marketplace.session)[1] < 1
    detail, took = timed(lambda: opened.catalogue.detail(SOLD))
    assert (detail.versions, took < 10) == (["1.0.0"], True)
    changes.seen.clear()
    market.faults.clear()
    changes.until(lambda: ("catalog", "", 0) in changes.seen)
    asked = len(market.requests)
    assert (opened.marketplace.session().state, opened.marketplace.session().code) == ("valid", "")
    assert len(market.requests) == asked


def test_a_marketplace_that_never_answered_is_unreachable_and_not_signed_out(opened, market):
    opened.marketplace._heard = None
    market.faults.add(Fault.STALL, on=Place.ANY)
    session = opened.marketplace.session(seconds=0.1)
    assert (session.state, session.code) == ("unreachable", "UNREACHABLE_SLOW")
    market.faults.clear()


def test_with_the_marketplace_down_everything_is_shown_with_its_age(opened, market, tmp_path, library, workspace):  # fmt: skip
    opened.catalogue.catalog()
    market.stop()
    opened.marketplace._current()._catalogue._lists._now = lambda: time.time() + 600
    found, took = timed(opened.catalogue.catalog)
    assert took < 10
    assert {one.slug for one in found.keys} == {KEY, BOOK, SOLD, SOLD_BOOK}
    assert found.stale_since is not None
    assert [one.code for one in found.problems] == ["UNREACHABLE_REFUSED"]
    assert opened.installs.install(KEY, "1.0.0").version == "1.0.0"


# the answer as bytes ---------------------------------------------------------------------------------


def test_the_same_catalogue_is_the_same_bytes_until_something_changes(opened, market):
    first = opened.catalogue.written()
    assert opened.catalogue.written() is first
    assert json.loads(first.json) == opened.catalogue.catalog().model_dump(mode="json")
    assert gzip.decompress(first.gzip) == first.json
    opened.installs.install(KEY)
    second = opened.catalogue.written()
    assert second.etag != first.etag
    assert json.loads(second.json)["keys"] != json.loads(first.json)["keys"]
    market.put(zipped(key_files("jupyter-new")))
    opened.marketplace.refresh()
    assert b"jupyter-new" in opened.catalogue.written().json
    opened.installs.remove(KEY)
    assert b"jupyter-new" in opened.catalogue.written().json
    assert row(opened, KEY).installed == []


def test_many_who_look_at_once_see_one_catalogue(opened):
    seen = []
    threads = [
        threading.Thread(target=lambda: seen.append(opened.catalogue.written().etag))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(seen) == 8
    assert len(set(seen)) == 1


@pytest.fixture
def jp_server_config(tmp_path, library, monkeypatch):
    many = make_library(
        tmp_path / "many", *[key_files(f"jupyter-k{n}", description="x" * 1500) for n in range(60)]
    )
    monkeypatch.setattr("keys_jupyter.service.opening.embedded_library", lambda: many)
    return {
        "ServerApp": {"jpserver_extensions": {"keys_jupyter": True}},
        "KeysExtension": {"data_dir": str(tmp_path / "data")},
    }


async def test_over_http_an_unchanged_catalogue_is_not_sent_again_and_a_large_one_is_packed(
    jp_fetch,
):
    first = await jp_fetch("keys-jupyter", "catalog", decompress_response=False)
    etag = first.headers["Etag"]
    assert "Content-Encoding" not in first.headers
    packed = await jp_fetch(
        "keys-jupyter", "catalog", headers={"Accept-Encoding": "gzip"}, decompress_response=False
    )
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == first.body
    assert len(packed.body) * 5 < len(first.body)
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("keys-jupyter", "catalog", headers={"If-None-Match": etag})
    assert caught.value.code == 304
    await jp_fetch("keys-jupyter", "keys", "jupyter-k1", "install", method="POST", body="{}")
    again = await jp_fetch("keys-jupyter", "catalog", headers={"If-None-Match": etag})
    assert again.code == 200
