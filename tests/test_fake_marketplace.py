"""The marketplace of the tests answers as the contract says, endpoint by endpoint."""

import datetime as dt
import hashlib
import json
import urllib.parse
from pathlib import Path

import pytest

import keys_jupyter
from keys_jupyter.marketplace_fake import FakeMarketplace
from keys_jupyter.marketplace_fake.shelf import built_library
from tests.downloads.asking import ask
from tests.packs import key_files, make_library, runbook_files, zipped

PACKAGE = Path(keys_jupyter.__file__).parent
SLUG = "small-failure"
KEY = "jupyter-small"


@pytest.fixture
def market(tmp_path):
    with FakeMarketplace(make_library(tmp_path / "library")) as running:
        yield running
    assert running.failures == []


@pytest.fixture
def reader(market):
    return market.user()


@pytest.fixture
def token(market, reader):
    return market.key(reader).token


def download(market, token, slug=SLUG, **more):
    return ask(f"{market.url}/marketplace/keys/{slug}/download", "POST", token=token, **more)


# lists and details


def test_health_answers_anybody(market):
    answer = ask(f"{market.url}/health")
    assert answer.status == 200
    assert sorted(answer.json()) == ["environment", "status", "timestamp", "version"]


def test_a_row_of_the_second_list_has_these_fields_and_no_digest(market):
    row = ask(f"{market.url}/marketplace/keys").json()["keys"][0]
    assert row["slug"] == SLUG
    assert sorted(row) == sorted(
        [
            "id",
            "slug",
            "title",
            "description",
            "tool",
            "key_type",
            "category",
            "difficulty",
            "tags",
            "version",
            "license_spdx",
            "outcome",
            "maturity",
            "created_at",
        ]
    )
    assert (row["tool"], row["key_type"]) == ("runbook", "runbook")
    assert row["category"] is None and row["difficulty"] is None


def test_a_row_of_the_first_list_has_these_fields_and_another_id(market):
    rows = ask(f"{market.url}/marketplace/packs").json()["packs"]
    assert [row["slug"] for row in rows] == [KEY]
    assert sorted(rows[0]) == sorted(
        [
            "id",
            "slug",
            "title",
            "description",
            "category",
            "difficulty",
            "runtime_minutes",
            "tags",
            "version",
            "license_spdx",
            "preview_public",
            "cover_path",
            "created_at",
        ]
    )
    keys = ask(f"{market.url}/marketplace/keys").json()["keys"]
    assert rows[0]["id"] not in {row["id"] for row in keys}


def test_the_newest_stands_first_and_pages_are_ignored(market):
    for query in ("", "?limit=1&offset=1", "?page=7"):
        rows = ask(f"{market.url}/marketplace/keys{query}").json()["keys"]
        assert [row["slug"] for row in rows] == [SLUG, KEY]


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("tool=runbook", [SLUG]),
        ("key_type=jupyter", [KEY]),
        ("maturity=operator", [SLUG, KEY]),
        ("outcome=diagnosis", [KEY]),
        ("category=operational-analysis&tool=jupyter", [KEY]),
        ("category=nonsense", []),
    ],
)
def test_the_second_list_filters(market, query, slugs):
    rows = ask(f"{market.url}/marketplace/keys?{query}").json()["keys"]
    assert [row["slug"] for row in rows] == slugs


def test_searching_fails_in_one_list_and_has_wildcards_in_the_other(market):
    assert ask(f"{market.url}/marketplace/keys?search=small").status == 500
    assert ask(f"{market.url}/marketplace/packs?search=a,b").status == 500
    assert ask(f"{market.url}/marketplace/packs?search=a(b").status == 500
    for search, count in (("small", 1), ("sm%25ey", 1), ("sma_l", 1), ("nothing", 0)):
        rows = ask(f"{market.url}/marketplace/packs?search={search}").json()["packs"]
        assert len(rows) == count, search


def test_lists_and_details_revalidate(market):
    for path in ("/marketplace/keys", f"/marketplace/keys/{SLUG}", "/marketplace/packs"):
        first = ask(market.url + path)
        assert first.headers["ETag"].startswith('W/"')
        again = ask(market.url + path, If_None_Match=first.headers["ETag"])
        assert (again.status, again.body) == (304, b"")
    first = ask(f"{market.url}/marketplace/keys")
    market.put(zipped(key_files(version="1.1.0")))
    again = ask(f"{market.url}/marketplace/keys", If_None_Match=first.headers["ETag"])
    assert again.status == 200


def test_details_have_versions_paths_and_usually_no_digest(market):
    market.put(zipped(runbook_files(version="1.1.0")))
    market.announce(SLUG, "0.8.0-missing")
    detail = ask(f"{market.url}/marketplace/keys/{SLUG}").json()["key"]
    assert detail["version"] == "1.1.0"
    assert [row["version"] for row in detail["versions"]] == ["0.8.0-missing", "1.0.0", "1.1.0"]
    assert detail["versions"][0]["changelog_md_path"] is None
    assert detail["zip_path"] == f"keys/runbook/{SLUG}/1.1.0/key.zip"
    assert detail["sha256"] is None
    assert detail["hasAccess"] is False
    assert detail["severity_level"] == "p1"
    assert "references_jupyter_keys" not in detail


def test_details_have_the_current_versions_digest_when_told_so(market):
    market.digests = True
    pack = market.pack(SLUG)
    assert ask(f"{market.url}/marketplace/keys/{SLUG}").json()["key"]["sha256"] == (
        hashlib.sha256(pack).hexdigest()
    )


def test_an_unknown_key_is_not_found(market):
    answer = ask(f"{market.url}/marketplace/keys/nothing")
    assert (answer.status, answer.json()) == (404, {"error": "Key not found"})


def test_paths_ignore_capitals_and_a_slash_at_the_end_but_not_a_doubled_one(market):
    assert ask(f"{market.url}/Marketplace/KEYS/").status == 200
    doubled = ask(f"{market.url}//marketplace/keys")
    assert doubled.status == 404
    assert doubled.json()["error"]["code"] == "NOT_FOUND"
    assert ask(f"{market.url}/marketplace/keys/%ff%fe").status == 500


def test_a_requests_id_comes_back(market):
    assert ask(f"{market.url}/health", X_Request_ID="mine-1").headers["X-Request-ID"] == "mine-1"
    assert ask(f"{market.url}/health").headers["X-Request-ID"].startswith("req_")


# who asks


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (None, "Missing or invalid authorization header"),
        ("bearer {token}", "Missing or invalid authorization header"),
        ("Basic abc", "Missing or invalid authorization header"),
        ("Bearer kx_live_nothing", "Invalid or revoked API key"),
        ("Bearer a.b.c", "Invalid or expired token"),
        ("Bearer {anon}", "Invalid or expired token"),
    ],
)
def test_who_is_nobody_is_told_so(market, token, header, message):
    sent = {"Authorization": header.format(token=token, anon=market.anon_key)} if header else {}
    answer = ask(f"{market.url}/marketplace/entitlements", **sent)
    assert answer.status == 401
    assert answer.json()["error"] == {"code": "AUTHENTICATION_ERROR", "message": message}
    assert answer.json()["requestId"].startswith("req_")


def test_keys_expire_by_the_marketplaces_clock(market, reader):
    key = market.key(reader, prefix="kx_test", expires=dt.timedelta(hours=1))
    url = f"{market.url}/marketplace/entitlements"
    assert key.token.startswith("kx_test_") and len(key.token) == 51
    assert ask(url, token=key.token).status == 200
    market.clock.advance(3601)
    assert ask(url, token=key.token).status == 401


def test_revoked_keys_are_refused(market, reader):
    key = market.key(reader)
    market.revoke(key)
    assert ask(f"{market.url}/marketplace/entitlements", token=key.token).status == 401


def test_scopes_are_stored_and_never_checked(market, reader):
    market.grant(reader, SLUG)
    assert download(market, market.key(reader, scopes=()).token).status == 200


# entitlements


def test_an_entitlement_without_an_end_has_no_expiry_at_all(market, reader, token):
    market.grant(reader, SLUG)
    found = ask(f"{market.url}/marketplace/entitlements", token=token).json()
    assert (found["tenantId"], found["tenantType"]) == (reader.id, "user")
    assert found["entitlements"] == [
        {
            "keyId": market.entry(SLUG).id,
            "packSlug": SLUG,
            "packTitle": "Small Failure Runbook",
            "status": "active",
        }
    ]


def test_an_entitlement_that_is_past_is_still_listed_but_opens_nothing(market, reader, token):
    market.grant(reader, SLUG, until=dt.datetime(2030, 1, 1))
    url = f"{market.url}/marketplace/entitlements"
    listed = ask(url, token=token).json()["entitlements"]
    assert listed[0]["expiresAt"] == "2030-01-01T00:00:00.000Z"
    market.clock.advance(20 * 366 * 86400)
    assert ask(url, token=token).json()["entitlements"] == listed
    refused = download(market, token)
    assert refused.status == 403
    assert refused.json() == {
        "error": "Access denied",
        "message": "You do not have access to this key. Please purchase it first.",
    }


def test_inactive_rights_are_not_listed(market, reader, token):
    market.grant(reader, SLUG, status="inactive")
    found = ask(f"{market.url}/marketplace/entitlements", token=token).json()
    assert found["entitlements"] == []


def test_a_member_acts_for_the_organisation_and_loses_personal_rights(market, reader, token):
    market.grant(reader, SLUG)
    team = market.organisation(reader)
    market.grant(team, KEY)
    found = ask(f"{market.url}/marketplace/entitlements", token=token).json()
    assert found["tenantId"] == team.id
    assert [one["packSlug"] for one in found["entitlements"]] == [KEY]
    assert download(market, token).status == 403
    assert download(market, token, KEY).status == 200


def test_has_access_is_true_for_a_session_and_never_for_a_key(market, reader, token):
    market.grant(reader, SLUG)
    url = f"{market.url}/marketplace/keys/{SLUG}"
    session = market.session(reader).access_token
    assert ask(url, token=session).json()["key"]["hasAccess"] is True
    assert ask(url, token=token).json()["key"]["hasAccess"] is False
    assert ask(url, token="rubbish").status == 200


# downloads


def test_a_link_leads_to_another_host_and_to_the_bytes(market, reader, token, tmp_path):
    market.grant(reader, SLUG)
    answer = download(market, token)
    assert answer.json()["expiresIn"] == 3600
    link = answer.json()["downloadUrl"]
    api, storage = urllib.parse.urlsplit(market.url), urllib.parse.urlsplit(link)
    assert api.hostname != storage.hostname and api.port != storage.port
    assert storage.path == (
        f"/storage/v1/object/sign/marketplace/keys/runbook/{SLUG}/1.0.0/key.zip"
    )
    found = ask(link)
    stocked = tmp_path / "library" / "packs" / SLUG / "1.0.0" / "pack.zip"
    assert found.body == market.pack(SLUG) == stocked.read_bytes()
    assert found.headers["Content-Type"] == "application/zip"
    assert found.headers["ETag"] == f'"{hashlib.md5(found.body).hexdigest()}"'
    assert found.headers["Accept-Ranges"] == "bytes"
    assert "Content-Encoding" not in found.headers


@pytest.mark.parametrize(
    ("body", "kind", "version"),
    [
        ('{"version": "1.0.0"}', "application/json", "1.0.0"),
        ('{"version": "1.1.0"}', "application/json", "1.1.0"),
        ('{"version": "9.9.9"}', "application/json", "1.1.0"),
        ('{"version": "0.8.0-missing"}', "application/json", "1.1.0"),
        ('{"version": ""}', "application/json", "1.1.0"),
        ('{"version": 1}', "application/json", "1.1.0"),
        ('{"version": "1.0.0"}', "text/plain", "1.1.0"),
        ("", "application/json", "1.1.0"),
    ],
)
def test_pinning_fails_open(market, reader, token, body, kind, version):
    market.put(zipped(runbook_files(version="1.1.0")))
    market.announce(SLUG, "0.8.0-missing")
    market.grant(reader, SLUG)
    answer = download(market, token, body=body, Content_Type=kind)
    assert answer.status == 200
    assert f"/{SLUG}/{version}/key.zip" in answer.json()["downloadUrl"]


def test_a_version_whose_object_is_gone_is_an_internal_error(market, reader, token):
    market.grant(reader, SLUG)
    market.lose(SLUG)
    answer = download(market, token)
    assert answer.status == 500
    assert answer.json() == {
        "error": "Failed to generate download link",
        "message": "Storage service unavailable",
    }


def test_the_first_generations_downloads_are_refused_whoever_asks(market, reader, token):
    market.grant(reader, KEY)
    url = f"{market.url}/marketplace/packs/{KEY}/download"
    assert ask(url, "POST", token=token).status == 403
    market._state.shelf.packs[KEY].id = market.entry(KEY).id
    assert ask(url, "POST", token=token).status == 200


@pytest.mark.parametrize("body", ["{", "null", "[1", "7"])
def test_a_body_that_is_no_object_is_an_internal_error(market, reader, token, body):
    market.grant(reader, SLUG)
    answer = download(market, token, body=body, Content_Type="application/json")
    assert (answer.status, answer.json()["error"]["code"]) == (500, "INTERNAL_ERROR")


def test_ranges(market):
    link, pack = market.signed_url(SLUG), market.pack(SLUG)
    etag = f'"{hashlib.md5(pack).hexdigest()}"'
    size = len(pack)
    for asked, start, end in (
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=100-", 100, size - 1),
        ("bytes=-7", size - 7, size - 1),
        (f"bytes=5-{size + 500}", 5, size - 1),
    ):
        answer = ask(link, Range=asked)
        assert answer.status == 206
        assert answer.body == pack[start : end + 1]
        assert answer.headers["Content-Range"] == f"bytes {start}-{end}/{size}"
    assert ask(link, Range="bytes=10-", If_Range=etag).status == 206
    assert ask(link, Range="bytes=10-", If_Range='"other"').body == pack
    beyond = ask(link, Range=f"bytes={size}-")
    assert (beyond.status, beyond.headers["Content-Range"]) == (416, f"bytes */{size}")
    assert ask(link, If_None_Match=etag).status == 304
    head = ask(link, "HEAD")
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", str(size))
    named = ask(f"{link}&download=a.zip")
    assert named.headers["Content-Disposition"] == 'attachment; filename="a.zip"'


def test_storage_refuses_with_400_whatever_is_wrong(market):
    link = market.signed_url(SLUG)
    bare, _, proof = link.partition("?token=")
    head, body, signature = proof.split(".")
    other = market.signed_url(KEY).partition("?token=")[2]
    refusals = {
        bare: ("Error", "querystring must have required property 'token'"),
        f"{bare}?token=": ("InvalidJWT", "Invalid Compact JWS"),
        f"{bare}?token=rubbish": ("InvalidJWT", "Invalid Compact JWS"),
        f"{bare}?token={head}.{body}.{signature[::-1]}": (
            "InvalidJWT",
            "signature verification failed",
        ),
        f"{bare}?token={other}": ("InvalidSignature", "Invalid signature"),
    }
    for url, (error, message) in refusals.items():
        answer = ask(url)
        assert answer.status == 400
        assert (answer.json()["error"], answer.json()["message"]) == (error, message)
    market.clock.advance(3601)
    late = ask(link)
    assert (late.status, late.json()["message"]) == (400, '"exp" claim timestamp check failed')


def test_an_object_deleted_meanwhile_is_400_with_404_inside(market):
    link = market.signed_url(SLUG)
    market.lose(SLUG)
    answer = ask(link)
    assert answer.status == 400
    assert answer.json() == {
        "statusCode": "404",
        "error": "not_found",
        "message": "Object not found",
        "code": "NoSuchKey",
    }


def test_bytes_under_a_version_can_be_replaced(market):
    link = market.signed_url(SLUG)
    before = ask(link).headers["ETag"]
    market.replace(SLUG, "1.0.0", b"PK other")
    after = ask(link)
    assert after.body == b"PK other" and after.headers["ETag"] != before


def test_a_preview_comes_as_plain_text(market):
    url = f"{market.url}/marketplace/packs/{KEY}/preview"
    assert ask(url).status == 404
    market.preview(KEY, "<b>Look</b>")
    found = ask(ask(url).json()["previewUrl"])
    assert (found.body, found.headers["Content-Type"]) == (b"<b>Look</b>", "text/plain")
    market.preview(KEY, "<b>Look</b>", public=False)
    assert ask(url).status == 401


# the record and the machine


def test_everything_received_is_kept_and_can_be_searched(market, reader, token):
    download(market, token, body={"version": "1.0.0"})
    (only,) = market.requests
    assert (only.origin, only.method, only.status) == ("api", "POST", 403)
    assert only.path == f"/marketplace/keys/{SLUG}/download"
    assert only.header("authorization") == f"Bearer {token}"
    assert json.loads(only.body) == {"version": "1.0.0"}
    assert market.requests.holding(token) == [only]
    assert market.requests.where(origin="project") == []


def test_it_can_be_down_and_come_back_at_the_same_address(market, token):
    url = f"{market.url}/marketplace/entitlements"
    market.stop()
    with pytest.raises(ConnectionRefusedError):
        ask(url, token=token)
    market.start()
    assert ask(url, token=token).status == 200


def test_the_fixture_sells_the_embedded_library(fake_marketplace):
    index = json.loads((PACKAGE / "embedded" / "library.json").read_bytes())
    assert fake_marketplace.slugs == sorted(row["slug"] for row in index["packs"])


def test_the_source_of_a_library_is_built_once(tmp_path):
    first = built_library(PACKAGE.parent / "library")
    assert (first / "library.json").is_file()
    assert built_library(PACKAGE.parent / "library") == first
    with pytest.raises(FileNotFoundError):
        built_library(tmp_path)
