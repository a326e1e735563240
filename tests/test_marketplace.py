"""A marketplace as a source: the catalogue with its age and its rights, and exactly the version asked for."""

import hashlib
import json
import os
import time
from datetime import timedelta

import pytest

from keys_jupyter.credentials import Credentials, FileStore, Secret
from keys_jupyter.errors import IntegrityError, KeysError, NetworkError, NotAvailable
from keys_jupyter.marketplace_fake import Canary, FakeMarketplace, Fault, Part, Place
from keys_jupyter.sources.marketplace import Marketplace, MarketplaceSettings
from keys_jupyter.sources.marketplace.fetching import must_name_version
from keys_jupyter.transport import AddressRefused, Cancelled, Settings
from tests.loopback import Loopback
from tests.packs import key_files, make_library, zipped

RUNBOOK = "small-failure"
KEY = "jupyter-small"


class Clock:
    """Our own time, moved by hand."""

    def __init__(self):
        self.ahead = 0.0

    def __call__(self):
        return time.time() + self.ahead


@pytest.fixture
def market(tmp_path):
    with FakeMarketplace(make_library(tmp_path / "library")) as running:
        yield running
    assert running.failures == []


@pytest.fixture
def user(market):
    return market.user()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def open_client(market, tmp_path, clock):
    def opened(**settings):
        credentials = Credentials(FileStore(tmp_path / "data"), given=lambda: None)
        limits = Settings(
            allowed_marketplaces=(market.url,), retry_seconds=0.0, **settings.pop("limits", {})
        )
        given = {"url": market.url, "auth_url": market.project_url, "return_url": market.frontend,
                 "auth_anon_key": Secret(market.anon_key), **settings}  # fmt: skip
        return Marketplace(
            MarketplaceSettings(transport=limits, **given),
            credentials,
            tmp_path / "data",
            now=clock,
        )

    return opened


@pytest.fixture
def client(open_client):
    return open_client()


@pytest.fixture
def entitled(market, user, client):
    """The client signed in, with a right to everything."""
    market.grant_all(user)
    assert client.sign_in_with_key(Secret(market.key(user).token)).state == "valid"
    return client


def slugs(listing):
    return sorted(pack.slug for pack in listing.packs)


# the catalogue ---------------------------------------------------------------------------------------


def test_the_catalogue_needs_no_token_and_sends_none(market, client):
    listing = client.listing()
    assert slugs(listing) == [KEY, RUNBOOK]
    kinds = {pack.slug: pack.kind for pack in listing.packs}
    assert kinds == {KEY: "jupyter", RUNBOOK: "runbook"}
    assert {right.state for right in listing.entitlements.values()} == {"none"}
    assert (listing.problems, listing.damaged, listing.stale_since) == ([], [], None)
    assert not [one for one in market.requests if one.header("Authorization")]


def test_both_lists_are_joined_by_slug(market, client):
    market.put(zipped(key_files("jupyter-both", "1.0.0", runtime_minutes=7)))
    listing = client.listing()
    (both,) = [pack for pack in listing.packs if pack.slug == "jupyter-both"]
    assert both.runtime_minutes == 7, "only the older list has the minutes"
    assert listing.not_installable == {}


def test_what_only_the_older_list_has_is_shown_and_not_installable(market, client):
    row = {"slug": "jupyter-old", "title": "Old", "version": "1.0.0", "license_spdx": "MIT",
           "assets": {"zip": "x.zip"}}  # fmt: skip
    market._state.shelf.publish(row)
    listing = client.listing()
    assert "jupyter-old" in slugs(listing)
    assert "old way" in listing.not_installable["jupyter-old"]


def test_an_answer_that_still_holds_is_not_sent_again(market, client, clock):
    client.listing()
    clock.ahead = 301
    client.listing()
    lists = [one for one in market.requests if one.path == "/marketplace/keys"]
    assert [one.status for one in lists] == [200, 304]
    client.listing()
    assert len([one for one in market.requests if one.path == "/marketplace/keys"]) == 2


def test_a_young_answer_is_not_asked_for_again_unless_told(market, client):
    client.listing()
    market.put(zipped(key_files("jupyter-new", "1.0.0")))
    assert "jupyter-new" not in slugs(client.listing())
    assert "jupyter-new" in slugs(client.listing(refresh=True))


def test_damaged_rows_are_shown_as_damaged_and_cost_only_themselves(market, client):
    market.faults.add(Fault.DAMAGED_ROWS)
    listing = client.listing()
    assert {KEY, RUNBOOK} <= set(slugs(listing))
    shown = [row.slug for row in listing.damaged]
    assert "`jupyter-webhook-event-analysis`" in shown
    assert "../../escape" in shown
    for pack in listing.packs:
        assert set(pack.slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    with pytest.raises(IntegrityError) as caught:
        client.sign_in_with_key(Secret(market.key(market.user("a@example.com")).token))
        client.fetch("`jupyter-webhook-event-analysis`", "1.0.0")
    assert caught.value.code == "CATALOG_INVALID"


@pytest.mark.parametrize(
    ("tool", "key_type", "kind"),
    [("jupyter", "jupyter", "jupyter"), (None, "runbook", "runbook"), ("operational", "x", "runbook"),
     ("quantum", "quantum", "other"), (None, None, "other"), ("", ["notebook"], "jupyter"),
     (7, {}, "other"), ("github", "github", "github")],
)  # fmt: skip
def test_words_nobody_knows_are_shown_and_kept(tmp_path, tool, key_type, kind):
    row = {"slug": "a-key", "title": "A", "version": "1.0.0", "tool": tool, "key_type": key_type,
           "maturity": "galactic", "difficulty": None, "tags": None, "description": None,
           "license_spdx": None}  # fmt: skip
    (pack,) = listed(tmp_path, [row]).packs
    assert (pack.kind, pack.maturity, pack.tags, pack.description) == (kind, "galactic", [], "")


def listed(tmp_path, rows, packs=()):
    def answer(handler):
        body = {"keys": rows} if handler.path == "/marketplace/keys" else {"packs": list(packs)}
        handler.reply(200, json.dumps(body).encode())

    with Loopback(answer) as server:
        settings = MarketplaceSettings(
            server.url, transport=Settings(allowed_marketplaces=(server.url,), retry_seconds=0.0)
        )
        credentials = Credentials(FileStore(tmp_path), given=lambda: None)
        return Marketplace(settings, credentials, tmp_path).listing()


@pytest.mark.parametrize(
    "row",
    [None, [], "text", 7, {}, {"slug": "x"}, {"slug": "x", "version": ""}, {"slug": "X", "version": "1"},
     {"slug": "a/b", "version": "1"}, {"slug": "a" * 101, "version": "1"}, {"slug": "a", "version": "../1"},
     {"slug": "a", "version": "1 0"}, {"slug": "a", "version": "1" * 51}, {"slug": ["a"], "version": "1"},
     {"slug": "a\u202eb", "version": "1"}, {"slug": "a\nb", "version": "1", "title": "\x1b[31m"}],
)  # fmt: skip
def test_a_row_that_could_name_no_folder_is_damaged(tmp_path, row):
    good = {"slug": "good", "title": "Good", "version": "1.0.0"}
    listing = listed(tmp_path, [row, good])
    assert slugs(listing) == ["good"]
    (damaged,) = listing.damaged
    assert damaged.slug.isprintable()
    assert damaged.title.isprintable()
    assert "cannot be installed" in damaged.reason


def test_a_slug_listed_twice_is_shown_once(tmp_path):
    rows = [
        {"slug": "a", "title": "Newer", "version": "2.0.0"},
        {"slug": "a", "title": "Old", "version": "1.0.0"},
    ]
    (pack,) = listed(tmp_path, rows).packs
    assert pack.title == "Newer"


def test_ten_thousand_rows_are_listed_and_listed_again_at_once(tmp_path):
    rows = [
        {"slug": f"key-{n}", "title": f"Key {n}", "version": "1.0.0", "tool": "jupyter"}
        for n in range(10_000)
    ]
    assert len(listed(tmp_path, rows).packs) == 10_000


# down ------------------------------------------------------------------------------------------------


def test_what_is_known_is_shown_with_its_age_while_the_marketplace_is_down(
    market, open_client, entitled, clock
):
    first = entitled.listing()
    heard = time.time()
    market.stop()
    clock.ahead = 400
    for client in (entitled, open_client()):
        listing = client.listing()
        assert slugs(listing) == slugs(first)
        assert [problem.code for problem in listing.problems] == ["UNREACHABLE_REFUSED"]
        since = (
            time.mktime(time.strptime(listing.stale_since, "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
        )
        assert abs(since - heard) < 5
        assert {right.state for right in listing.entitlements.values()} == {"active"}
        assert all(right.stale_since for right in listing.entitlements.values())
    market.start()
    clock.ahead = 440
    again = entitled.listing()
    assert (again.problems, again.stale_since) == ([], None)


def test_a_marketplace_that_never_answered_offers_nothing_and_says_why(market, client):
    market.stop()
    listing = client.listing()
    assert (listing.packs, listing.stale_since) == ([], None)
    assert [problem.code for problem in listing.problems] == ["UNREACHABLE_REFUSED"]


def test_nobody_is_asked_again_and_again_while_nobody_answers(market, client, clock):
    market.faults.add(Fault.OUTAGE, of=Part.SUPABASE)
    client.listing()
    count = len(market.requests)
    for _ in range(5):
        assert [problem.code for problem in client.listing().problems] == ["TROUBLE"]
    assert len(market.requests) == count
    clock.ahead = 31
    market.faults.clear()
    assert slugs(client.listing()) == [KEY, RUNBOOK]


def test_a_stall_delays_nobody_who_has_an_older_answer(market, open_client, clock):
    client = open_client(patience_seconds=0.1)
    client.listing()
    clock.ahead = 301
    stall = market.faults.add(Fault.STALL, on=Place.LIST)
    began = time.monotonic()
    listing = client.listing()
    assert time.monotonic() - began < 5
    assert slugs(listing) == [KEY, RUNBOOK]
    assert [problem.code for problem in listing.problems] == ["UNREACHABLE_SLOW"]
    stall.remove()


@pytest.mark.parametrize("fault", [Fault.HTML, Fault.BROKEN_JSON, Fault.RAW])
def test_an_answer_that_is_none_leaves_what_is_known(market, client, clock, fault):
    client.listing()
    clock.ahead = 301
    market.put(zipped(key_files("jupyter-new", "1.0.0")))
    market.faults.add(fault, on=Place.LIST)
    listing = client.listing(refresh=True)
    assert slugs(listing) == [KEY, RUNBOOK]
    assert listing.stale_since
    assert len(listing.problems) == 1


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'{"name": "keys"}', b"\xff", b"[" * 100_000]
)
def test_a_damaged_kept_answer_is_as_good_as_none(market, open_client, tmp_path, content):
    open_client().listing()
    for path in (tmp_path / "data" / "marketplaces").rglob("*.json"):
        path.write_bytes(content)
    assert slugs(open_client().listing()) == [KEY, RUNBOOK]


@pytest.mark.parametrize(
    "data",
    [None, 7, {}, {"tenants": 1}, {"last": "x", "tenants": {}}, {"last": "a", "tenants": {"a": {}}},
     {"last": "a", "tenants": {"a": {"type": "user", "at": 1, "rows": [None]}}}],
)  # fmt: skip
def test_a_damaged_kept_right_is_as_good_as_none(market, open_client, entitled, tmp_path, data):
    for path in (tmp_path / "data" / "marketplaces").rglob("*.json"):
        row = json.loads(path.read_bytes())
        if row["name"].startswith("entitlements"):
            path.write_text(json.dumps({**row, "data": data}))
    assert open_client().entitlement(KEY).state == "active"


def test_a_disk_that_keeps_nothing_costs_only_the_keeping(market, open_client, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "marketplaces").write_text("in the way")
    assert slugs(open_client().listing()) == [KEY, RUNBOOK]


# rights ----------------------------------------------------------------------------------------------


def test_the_end_of_a_right_is_judged_by_our_own_clock(market, user, client, clock):
    market.grant(user, KEY, timedelta(hours=1))
    market.grant(user, RUNBOOK)
    client.sign_in_with_key(Secret(market.key(user).token))
    states = {slug: right.state for slug, right in client.listing().entitlements.items()}
    assert states == {KEY: "active", RUNBOOK: "active"}
    assert client.entitlement(RUNBOOK).expires_at is None
    market.stop()
    clock.ahead = 3601
    states = {slug: right.state for slug, right in client.listing().entitlements.items()}
    assert states == {KEY: "expired", RUNBOOK: "active"}


def test_an_ended_right_the_marketplace_still_lists_is_no_right(market, user, client):
    market.grant(user, KEY, timedelta(hours=-1))
    client.sign_in_with_key(Secret(market.key(user).token))
    assert client.entitlement(KEY).state == "expired"
    with pytest.raises(NotAvailable) as caught:
        client.fetch(KEY, "1.0.0")
    assert caught.value.code == "ENTITLEMENT_EXPIRED"


def test_an_outage_of_the_organisation_takes_no_right_away(market, user, client, clock):
    team = market.organisation(user)
    market.grant(team, KEY)
    client.sign_in_with_key(Secret(market.key(user).token))
    assert client.session().tenant == team.id
    market.faults.add(Fault.OUTAGE, of=Part.ORGANISATION)
    clock.ahead = 301
    right = client.entitlement(KEY)
    assert (right.state, right.tenant) == ("active", team.id)
    assert right.stale_since, "it was heard before, and not now"
    market.faults.clear()
    clock.ahead = 602
    assert client.entitlement(KEY).stale_since is None


@pytest.mark.parametrize("status", [401, 403, 404, 408, 500])
def test_no_refusal_takes_a_right_or_a_token_away(market, entitled, clock, tmp_path, status):
    entitled.listing()
    market.faults.add(Fault.ERROR, on=Place.ENTITLEMENTS, status=status)
    clock.ahead = 301
    listing = entitled.listing()
    assert {right.state for right in listing.entitlements.values()} == {"active"}
    assert listing.problems
    assert entitled.session().state != "valid"
    assert len(list((tmp_path / "data" / "credentials").iterdir())) == 1
    market.faults.clear()
    assert entitled.session().state == "valid"


def test_another_person_does_not_see_the_first_ones_rights(market, user, entitled):
    other = market.user("other@example.com")
    entitled.sign_out()
    assert {right.state for right in entitled.listing().entitlements.values()} == {"none"}
    entitled.sign_in_with_key(Secret(market.key(other).token))
    assert {right.state for right in entitled.listing().entitlements.values()} == {"none"}


def test_a_right_is_waited_for_after_a_checkout(market, user, client):
    client.sign_in_with_key(Secret(market.key(user).token))
    assert client.entitlement(KEY).state == "none"
    page = client.checkout(KEY)
    assert page.url.startswith(market.url)
    assert client.wait_for_entitlement(KEY, seconds=0.0).state == "none"
    market.checkouts[0].paid_after = 2
    right = client.wait_for_entitlement(KEY, seconds=30.0, every=0.01)
    assert right.state == "active"


def test_waiting_can_be_stopped(market, user, client):
    client.sign_in_with_key(Secret(market.key(user).token))
    began = time.monotonic()
    client.wait_for_entitlement(
        KEY, seconds=600.0, cancelled=lambda: time.monotonic() - began > 0.2
    )
    assert time.monotonic() - began < 10


def test_a_checkout_that_is_off_is_said(market, user, open_client):
    client = open_client(return_url="https://elsewhere.example.com/")
    client.sign_in_with_key(Secret(market.key(user).token))
    for slug in (KEY, "no-such-key"):
        with pytest.raises(NotAvailable) as caught:
            client.checkout(slug)
        assert caught.value.code == "CHECKOUT_OFF"
        assert caught.value.message.startswith(f"{slug} cannot be bought from here: ")
        assert caught.value.message.endswith(".")
        assert not caught.value.message.endswith("..")


def test_a_page_that_a_browser_must_not_open_is_not_given_out(market, user, client):
    client.sign_in_with_key(Secret(market.key(user).token))
    from keys_jupyter.sources.marketplace.buying import _page

    for url in (
        "javascript:alert(1)",
        "http://evil.example.com/",
        "data:text/html,x",
        "file:///etc/passwd",
        "",
    ):
        with pytest.raises(NetworkError):
            _page(url)
    assert (
        _page("https://checkout.stripe.com/c/pay/cs_1#x")
        == "https://checkout.stripe.com/c/pay/cs_1#x"
    )


# fetching --------------------------------------------------------------------------------------------


def test_a_pack_is_fetched_and_its_digest_is_not_believed_where_there_is_none(
    market, entitled, tmp_path
):
    told = []
    pack = entitled.fetch(KEY, "1.0.0", on_progress=lambda done, total: told.append((done, total)))
    true = market.pack(KEY)
    assert (pack.slug, pack.version, pack.zip_bytes) == (KEY, "1.0.0", true)
    assert pack.sha256 == hashlib.sha256(true).hexdigest()
    assert pack.verified is False
    assert told[-1] == (len(true), len(true))
    assert list((tmp_path / "data" / "staging").iterdir()) == []


def test_a_published_digest_is_verified(market, entitled):
    market.digests = True
    assert entitled.fetch(KEY, "1.0.0").verified is True
    market.faults.add(Fault.WRONG_DIGEST)
    with pytest.raises(IntegrityError) as caught:
        entitled.fetch(KEY, "1.0.0")
    assert caught.value.code == "DIGEST_MISMATCH"


@pytest.mark.parametrize("value", ["A" * 64, "0" * 63, "", 7, "0" * 64 + "\n"])
def test_a_digest_that_is_none_is_refused_before_anything_is_fetched(market, entitled, value):
    market.digests = True
    market.faults.add(Fault.WRONG_DIGEST, value=value)
    with pytest.raises(IntegrityError) as caught:
        entitled.fetch(KEY, "1.0.0")
    assert caught.value.code == "DIGEST"
    assert market.requests.where(path="/storage") == []


def test_the_older_version_is_fetched_and_the_digest_of_the_current_one_is_not_used(
    market, entitled
):
    market.digests = True
    newer = zipped(key_files(KEY, "2.0.0"))
    old = market.pack(KEY)
    market.put(newer)
    assert entitled.versions(KEY) == ["2.0.0", "1.0.0"]
    pack = entitled.fetch(KEY, "1.0.0")
    assert (pack.version, pack.zip_bytes, pack.verified) == ("1.0.0", old, False)
    assert entitled.fetch(KEY, "2.0.0").verified is True


def test_a_version_the_marketplace_does_not_list_is_not_asked_for(market, entitled):
    for version in ("9.9.9", "1.0", ""):
        with pytest.raises(KeysError) as caught:
            entitled.fetch(KEY, version)
        assert caught.value.code in ("UNKNOWN_VERSION", "CATALOG_INVALID")
    assert market.requests.where(method="POST", path="/download") == []


def test_a_marketplace_that_sends_the_latest_instead_is_found_out(market, entitled):
    market.put(zipped(key_files(KEY, "2.0.0")))
    market.faults.add(Fault.UNPINNED)
    with pytest.raises(IntegrityError) as caught:
        entitled.fetch(KEY, "1.0.0")
    assert caught.value.code == "VERSION_MISMATCH"
    assert market.requests.where(path="/storage") == []


def test_a_link_that_names_one_version_and_gives_another_is_found_out(market, entitled, tmp_path):
    market.put(zipped(key_files(KEY, "2.0.0")))
    market.faults.add(Fault.UNPINNED, mislabelled=True)
    with pytest.raises(IntegrityError) as caught:
        entitled.fetch(KEY, "1.0.0")
    assert caught.value.code == "IDENTITY_MISMATCH"
    assert list((tmp_path / "data" / "staging").iterdir()) == []


def test_a_version_that_was_announced_and_never_uploaded(market, entitled):
    market.announce(KEY, "0.8.0-missing")
    with pytest.raises(IntegrityError) as caught:
        entitled.fetch(KEY, "0.8.0-missing")
    assert caught.value.code == "VERSION_MISMATCH", "the latest was offered in its place"


def test_a_pack_of_another_key_is_refused(market, entitled):
    market.replace(KEY, "1.0.0", zipped(key_files("jupyter-else", "1.0.0")))
    with pytest.raises(IntegrityError) as caught:
        entitled.fetch(KEY, "1.0.0")
    assert caught.value.code == "IDENTITY_MISMATCH"


@pytest.mark.parametrize(
    ("url", "good"),
    [("https://s.example/keys/jupyter/a/1.0.0/key.zip?token=x", True),
     ("https://s.example/keys/jupyter/a/1.0.0%2Bb/key.zip", False),
     ("https://s.example/keys/jupyter/a/11.0.0/key.zip", False),
     ("https://s.example/keys/jupyter/a/1.0.0.1/key.zip", False),
     ("https://s.example/keys/jupyter/a/2.0.0/key.zip?v=/1.0.0/", False),
     ("https://s.example/keys/jupyter/a/2.0.0/key.zip#/1.0.0/", False),
     ("https://s.example/keys/a/1%2E0.0/key.zip", True), ("", False)],
)  # fmt: skip
def test_the_version_in_the_path_of_a_link(url, good):
    if good:
        must_name_version(url, "1.0.0")
    else:
        with pytest.raises(IntegrityError):
            must_name_version(url, "1.0.0")


def test_without_a_token_nothing_is_fetched(market, client):
    with pytest.raises(NotAvailable) as caught:
        client.fetch(KEY, "1.0.0")
    assert caught.value.code == "NOT_SIGNED_IN"
    assert len(market.requests) == 0


def test_without_a_right_the_reason_is_said(market, user, client):
    client.sign_in_with_key(Secret(market.key(user).token))
    with pytest.raises(NotAvailable) as caught:
        client.fetch(KEY, "1.0.0")
    assert caught.value.code == "NOT_ENTITLED"


def test_a_refusal_in_spite_of_a_right_is_an_outage(market, entitled):
    market.faults.add(Fault.OUTAGE, of=Part.ENTITLEMENT, on=Place.DOWNLOAD)
    with pytest.raises(NetworkError) as caught:
        entitled.fetch(KEY, "1.0.0")
    assert caught.value.code == "MARKETPLACE_TROUBLE"


def test_an_unknown_key_and_an_outage_that_looks_like_one(market, entitled):
    with pytest.raises(NotAvailable) as caught:
        entitled.fetch("no-such-key", "1.0.0")
    assert caught.value.code == "UNKNOWN_KEY"
    market.faults.add(Fault.OUTAGE, of=Part.KEY_ROW)
    with pytest.raises(NetworkError) as caught:
        entitled.fetch(KEY, "1.0.0")
    assert caught.value.code == "MARKETPLACE_TROUBLE"
    market.faults.clear()
    market.faults.add(Fault.OUTAGE, of=Part.SUPABASE)
    with pytest.raises(NetworkError):
        entitled.fetch(KEY, "1.0.0")


def test_one_wrong_answer_is_asked_about_again(market, entitled):
    for place in (Place.DETAIL, Place.DOWNLOAD):
        for status in (401, 403, 404, 408, 500):
            market.faults.add(Fault.ERROR, on=place, status=status, times=1)
            assert entitled.fetch(KEY, "1.0.0").version == "1.0.0"
            market.faults.clear()


def test_a_lost_object_and_storage_that_is_out(market, entitled):
    market.lose(KEY)
    with pytest.raises(NetworkError) as caught:
        entitled.fetch(KEY, "1.0.0")
    assert caught.value.code == "TROUBLE"


def test_an_object_that_vanished_after_its_link_was_made(market, entitled):
    market.faults.add(Fault.CUT, at=100, times=1)
    lost = []

    def lose(done, total):
        if not lost:
            market.lose(KEY)
            lost.append(KEY)

    with pytest.raises(NotAvailable) as caught:
        entitled.fetch(KEY, "1.0.0", on_progress=lose)
    assert caught.value.code == "PACK_MISSING"


def test_an_expired_link_is_renewed_once(market, entitled):
    market.faults.add(Fault.EXPIRED_LINK, times=1)
    assert entitled.fetch(KEY, "1.0.0").version == "1.0.0"
    assert len(market.requests.where(method="POST", path="/download")) == 2
    market.faults.add(Fault.EXPIRED_LINK)
    with pytest.raises(NetworkError):
        entitled.fetch(KEY, "1.0.0")
    assert len(market.requests.where(method="POST", path="/download")) == 4


BAD_TRANSFERS = [
    (Fault.CUT, {"at": 100}), (Fault.CUT, {"at": 0, "times": 1}), (Fault.CUT, {"at": 50, "reset": True, "times": 2}),
    (Fault.WRONG_BYTES, {"at": 40}), (Fault.WRONG_RANGE, {"by": 1}), (Fault.WRONG_RANGE, {"by": 1, "lie": True}),
    (Fault.IGNORE_RANGE, {}), (Fault.MANY_RANGES, {}), (Fault.NOT_SATISFIABLE, {}), (Fault.CHANGED, {"at": 100}),
    (Fault.CHANGED, {"at": 100, "keep_etag": True}), (Fault.IGNORE_IF_RANGE, {}), (Fault.NO_VALIDATORS, {}),
    (Fault.NO_VALIDATORS, {"weak": True}), (Fault.LENGTH, {"by": 5}), (Fault.LENGTH, {"by": -5}),
    (Fault.LENGTH, {"missing": True}), (Fault.LENGTH, {"chunked": True}), (Fault.LENGTH, {"value": "-1"}),
    (Fault.ENDLESS, {}), (Fault.ENDLESS, {"declared": True}), (Fault.GZIP, {}), (Fault.GZIP, {"bomb": 1 << 25}),
    (Fault.HTML, {"on": Place.OBJECT}), (Fault.RAW, {"on": Place.OBJECT}), (Fault.HANG_UP, {"on": Place.OBJECT}),
]  # fmt: skip


@pytest.mark.parametrize("digests", [True, False])
@pytest.mark.parametrize(("fault", "options"), BAD_TRANSFERS)
def test_a_bad_transfer_ends_in_the_right_bytes_or_a_typed_error(
    market, user, open_client, tmp_path, fault, options, digests
):
    market.digests = digests
    market.grant_all(user)
    client = open_client(limits={"download_bytes": 4 * 1024 * 1024, "resumes": 4})
    client.sign_in_with_key(Secret(market.key(user).token))
    true = market.pack(KEY)
    market.faults.add(Fault.CUT, on=Place.OBJECT, at=150, times=1)
    market.faults.add(fault, **options)
    try:
        pack = client.fetch(KEY, "1.0.0")
    except (NetworkError, IntegrityError) as error:
        assert error.code
    else:
        assert pack.zip_bytes == true or not digests
        assert pack.sha256 == hashlib.sha256(pack.zip_bytes).hexdigest()
    assert list((tmp_path / "data" / "staging").iterdir()) == []


def test_a_hostile_redirect_of_the_storage_reaches_nobody_and_carries_nothing(
    market, open_client, user
):
    market.grant_all(user)
    key = market.key(user).token
    client = open_client()
    client.sign_in_with_key(Secret(key))
    with Canary() as inner:
        for to in ("http://169.254.169.254/latest", "file:///etc/passwd", "https://[fd00:ec2::254]/x",
                   f"http://user@127.0.0.1:{inner.port}/", f"http://0x7f000001:{inner.port}/", "ftp://127.0.0.1/x"):  # fmt: skip
            rule = market.faults.add(Fault.REDIRECT, to=to)
            with pytest.raises(NetworkError):
                client.fetch(KEY, "1.0.0")
            rule.remove()
        assert not inner.reached
    with Canary() as inner:
        market.faults.add(Fault.REDIRECT, to=inner.url, on=Place.DETAIL)
        with pytest.raises(NetworkError):
            client.fetch(KEY, "1.0.0")
        assert not inner.reached


def test_the_storage_gets_no_credentials(market, entitled):
    entitled.fetch(KEY, "1.0.0")
    stored = market.requests.where(path="/storage")
    assert len(stored) == 1
    assert stored[0].header("Authorization") is None
    assert stored[0].header("apikey") is None


def test_cancel_leaves_nothing(market, entitled, tmp_path):
    stall = market.faults.add(Fault.STALL, at=100)
    with pytest.raises(Cancelled):
        entitled.fetch(KEY, "1.0.0", cancelled=stall.reached.is_set)
    stall.remove()
    assert list((tmp_path / "data" / "staging").iterdir()) == []


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_writes_is_not(
    open_client, tmp_path
):
    staging = tmp_path / "data" / "staging"
    staging.mkdir(parents=True)
    (staging / "999999999-abc0.part").write_text("left")
    (staging / f"{os.getppid()}-abc1.part").write_text("living")
    (staging / "something-else").write_text("not ours")
    open_client()
    assert sorted(path.name for path in staging.iterdir()) == sorted(
        [f"{os.getppid()}-abc1.part", "something-else"]
    )


def test_a_preview_comes_as_text_whatever_it_is_called(market, client):
    market.preview(KEY, "<h1>Look</h1><script>alert(1)</script>")
    assert client.preview(KEY) == "<h1>Look</h1><script>alert(1)</script>"
    with pytest.raises(NotAvailable) as caught:
        client.preview(RUNBOOK)
    assert caught.value.code == "NO_PREVIEW"


def test_a_private_preview_is_not_for_a_key(market, entitled):
    market.preview(KEY, "<h1>Look</h1>", public=False)
    with pytest.raises(NotAvailable):
        entitled.preview(KEY)


def test_versions_come_current_first_with_their_dates(market, entitled):
    market.put(zipped(key_files(KEY, "2.0.0")))
    rows = entitled.version_rows(KEY)
    assert [(row.version, row.current) for row in rows] == [("2.0.0", True), ("1.0.0", False)]
    assert rows[0].created_at.startswith("2026-")
    with pytest.raises(NotAvailable):
        entitled.version_rows("no-such-key")


def test_versions_are_those_of_the_list_while_nobody_answers(market, entitled):
    entitled.listing()
    market.stop()
    assert entitled.versions(KEY) == ["1.0.0"]
    assert entitled.versions("no-such-key") == []


@pytest.mark.parametrize(
    "url", ["http://keys.example.com", "https://127.0.0.1", "https://user@keys.example.com", "x"]
)
def test_an_address_that_may_not_be_asked_is_no_marketplace(tmp_path, url):
    credentials = Credentials(FileStore(tmp_path), given=lambda: None)
    with pytest.raises(AddressRefused):
        Marketplace(MarketplaceSettings(url), credentials, tmp_path)


def test_a_last_slash_does_no_harm(market, open_client):
    client = open_client(url=market.url + "/")
    assert slugs(client.listing()) == [KEY, RUNBOOK]
    assert not [one for one in market.requests if "//" in one.path]


def test_a_runbook_is_fetched_like_any_key(market, entitled):
    assert entitled.fetch(RUNBOOK, "1.0.0").kind == "runbook"
