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


# buying


def test_a_purchase_appears_after_as_many_readings_as_told(market, reader, token):
    url = f"{market.url}/marketplace/keys/{SLUG}/checkout"
    back = {"successUrl": "https://keys.example/ok", "cancelUrl": "https://keys.example/no"}
    begun = ask(url, "POST", back, token=token)
    assert begun.status == 200
    assert market.checkouts[0].url == begun.json()["url"]
    market.checkouts[0].pay(after_reads=2)
    listing = f"{market.url}/marketplace/entitlements"
    seen = [len(ask(listing, token=token).json()["entitlements"]) for _ in range(4)]
    assert seen == [0, 0, 1, 1]
    assert download(market, token).status == 200


def test_a_checkout_must_lead_back_to_the_frontend(market, token):
    url = f"{market.url}/marketplace/keys/{SLUG}/checkout"
    evil = {"successUrl": "https://evil.example/", "cancelUrl": "https://keys.example/"}
    refused = ask(url, "POST", evil, token=token)
    assert refused.status == 400
    assert refused.json()["error"]["context"]["errors"][0]["path"] == "successUrl"
    unknown = f"{market.url}/marketplace/keys/nothing/checkout"
    back = {"successUrl": "https://keys.example/ok", "cancelUrl": "https://keys.example/no"}
    assert ask(unknown, "POST", back, token=token).status == 500


def test_a_bundles_discount_may_exceed_its_price(market, reader, token):
    market.bundle("both", SLUG, KEY, price_cents=3900)
    market.grant_all(reader)
    bundle = ask(f"{market.url}/marketplace/bundles").json()["bundles"][0]
    assert [key["slug"] for key in bundle["keys"]] == [SLUG, KEY]
    found = ask(f"{market.url}/marketplace/bundles/both/discount", token=token).json()
    assert found == {
        "originalPrice": 3900,
        "discount": 5800,
        "finalPrice": 0,
        "ownedKeys": [SLUG, KEY],
    }


def test_recommendations_signals_and_analytics(market, token):
    found = ask(f"{market.url}/marketplace/discover", token=token).json()["recommendations"]
    assert [one["slug"] for one in found] == [SLUG]
    signal = f"{market.url}/marketplace/discover/signal"
    assert ask(signal, "POST", {"signal_type": "a"}, token=token).status == 400
    sent = {"signal_type": "a", "signal_value": "b"}
    assert ask(signal, "POST", sent, token=token).json() == {"success": True}
    analytics = f"{market.url}/marketplace/analytics"
    assert ask(analytics, "POST", {"event_type": "sneeze"}, token=token).status == 400
    unknown = {"event_type": "view", "key_id": "no such key"}
    assert ask(analytics, "POST", unknown, token=token).status == 200


# signing in


def sign_in(market, password="correct horse battery", apikey=None):
    return ask(
        f"{market.project_url}/auth/v1/token?grant_type=password",
        "POST",
        {"email": "reader@example.com", "password": password},
        apikey=apikey or market.anon_key,
    )


def test_a_password_gives_a_session_that_makes_a_key(market, reader):
    session = sign_in(market).json()
    assert (session["token_type"], session["expires_in"]) == ("bearer", 3600)
    made = ask(
        f"{market.url}/api/api-keys",
        "POST",
        {"name": "JupyterLab", "prefix": "kx_test", "expires_at": "2030-01-01T00:00:00Z"},
        token=session["access_token"],
    )
    assert made.status == 201
    key = made.json()["api_key"]
    assert key["expires_at"] == "2030-01-01T00:00:00"
    assert key["partial_key"] == f"{made.json()['token'][:12]}...{made.json()['token'][-4:]}"
    assert (key["status"], key["last_used_at"]) == ("active", None)
    assert made.json()["warning"].startswith("This token will only be shown once.")
    assert ask(f"{market.url}/marketplace/entitlements", token=made.json()["token"]).status == 200


def test_a_wrong_password_and_a_wrong_project_key_are_told_apart(market, reader):
    wrong = sign_in(market, "wrong")
    assert (wrong.status, wrong.json()["error_code"]) == (400, "invalid_credentials")
    assert sign_in(market, apikey="x").status == 401


def test_refresh_tokens_rotate(market, reader):
    first = sign_in(market).json()
    url = f"{market.project_url}/auth/v1/token?grant_type=refresh_token"
    used = {"refresh_token": first["refresh_token"]}
    second = ask(url, "POST", used, apikey=market.anon_key)
    assert second.status == 200
    again = ask(url, "POST", used, apikey=market.anon_key)
    assert (again.status, again.json()["error_code"]) == (400, "refresh_token_not_found")


def test_a_session_lives_an_hour_and_ends_with_logout(market, reader):
    url = f"{market.url}/marketplace/entitlements"
    first = market.session(reader).access_token
    assert ask(f"{market.project_url}/auth/v1/logout", "POST", token=first).status == 204
    assert ask(url, token=first).status == 401
    second = market.session(reader).access_token
    assert ask(url, token=second).status == 200
    market.clock.advance(3601)
    assert ask(url, token=second).status == 401


def test_keys_are_listed_shown_revoked_and_deleted(market, reader, token):
    url = f"{market.url}/api/api-keys"
    listed = ask(url, token=token)
    ident = listed.json()["api_keys"][0]["id"]
    assert listed.headers["RateLimit-Limit"] == "200"
    assert "token" not in listed.json()["api_keys"][0]
    assert ask(f"{url}/{ident}", token=token).status == 200
    assert ask(f"{url}/nothing", token=token).status == 404
    stranger = market.key(market.user("other@example.com")).token
    assert ask(f"{url}/{ident}/revoke", "POST", token=stranger).status == 200
    assert ask(f"{url}/{ident}", "DELETE", token=stranger).status == 204
    assert ask(url, token=token).status == 200
    assert ask(f"{url}/{ident}/revoke", "POST", token=token).status == 200
    assert ask(url, token=token).status == 401


def test_a_key_with_an_unreadable_expiry_is_an_internal_error(market, token):
    url = f"{market.url}/api/api-keys"
    assert ask(url, "POST", {"name": "x", "expires_at": "soon"}, token=token).status == 500
    assert ask(url, "POST", {"prefix": "kx_test"}, token=token).status == 400


def test_the_sixth_sign_in_of_a_quarter_of_an_hour_is_plain_text(market, reader):
    url, body = f"{market.url}/auth/signin", {"email": "reader@example.com", "password": "no"}
    assert [ask(url, "POST", body).status for _ in range(5)] == [401] * 5
    sixth = ask(url, "POST", body)
    assert (sixth.status, sixth.headers["Retry-After"]) == (429, "900")
    assert sixth.headers["Content-Type"].startswith("text/html")
    assert sixth.body == b"Too many authentication attempts, please try again later."
    market.clock.advance(901)
    body["password"] = "correct horse battery"
    assert ask(url, "POST", body).json()["session"]["token_type"] == "bearer"


def test_the_hundred_and_first_request_to_the_api_is_refused(market, token):
    url = f"{market.url}/api/api-keys"
    assert {ask(url, token=token).status for _ in range(100)} == {200}
    refused = ask(url, token=token)
    assert refused.status == 429
    assert refused.json()["error"]["context"] == {"retryAfter": 900}


def test_exchange_and_signout_harm_others_as_they_really_do(market, reader):
    exchange = f"{market.url}/extension-auth/exchange"
    made_up = {"code": "made-up", "extensionId": "x"}
    assert ask(exchange, "POST", made_up).status == 401
    session = market.session(reader)
    refreshed = ask(
        f"{market.url}/extension-auth/refresh", "POST", {"refreshToken": session.refresh_token}
    )
    leaked = ask(exchange, "POST", made_up).json()
    assert leaked["token"] == refreshed.json()["token"]
    assert leaked["expiresIn"] == 86400
    body = {"email": "reader@example.com", "password": "correct horse battery"}
    mine = ask(f"{market.url}/auth/signin", "POST", body).json()["session"]["access_token"]
    assert ask(f"{market.url}/auth/me", token=mine).status == 200
    assert ask(f"{market.url}/auth/signout", "POST", token="garbage").status == 200
    assert ask(f"{market.url}/auth/me", token=mine).status == 401


def test_validate_says_200_to_what_is_not_valid(market, token):
    answer = ask(f"{market.url}/extension-auth/validate", "POST", {"token": token})
    assert answer.status == 200
    assert answer.json()["valid"] is False and answer.json()["requestId"]


# publishing


def library_json(**fields):
    pack = {
        "slug": "jupyter-new",
        "title": "New",
        "version": "1.0.0",
        "license_spdx": "MIT",
        "assets": {"zip": "packs/jupyter-new/1.0.0/pack.zip"},
        **fields,
    }
    return {"libraryJson": {"version": "1.0.0", "packs": [pack]}}


def publish(market, token, body):
    return ask(f"{market.url}/marketplace/admin/publish", "POST", body, token=token)


def test_publishing_takes_an_admins_session_and_never_a_key(market, reader, token):
    admin = market.user("admin@example.com", admin=True)
    for who in (token, market.key(admin).token, market.session(reader).access_token):
        answer = publish(market, who, library_json())
        assert (answer.status, answer.json()) == (403, {"error": "Insufficient permissions"})
    session = market.session(admin).access_token
    rehearsed = publish(market, session, {**library_json(), "dryRun": True})
    assert rehearsed.json() == {
        "dryRun": True,
        "total": 1,
        "results": [{"slug": "jupyter-new", "status": "created"}],
    }
    assert ask(f"{market.url}/marketplace/packs/jupyter-new").status == 404
    assert publish(market, session, library_json()).json()["dryRun"] is False
    assert ask(f"{market.url}/marketplace/packs/jupyter-new").status == 200
    assert ask(f"{market.url}/marketplace/keys/jupyter-new").status == 404
    again = publish(market, session, library_json()).json()
    assert again["results"][0]["status"] == "updated"


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"slug": "Big_Slug"}, "packs.0.slug"),
        ({"title": "x" * 201}, "packs.0.title"),
        ({"version": "1" * 51}, "packs.0.version"),
        ({"license_spdx": None}, "packs.0.license_spdx"),
        ({"sha256": "ABC"}, "packs.0.sha256"),
        ({"runtime_minutes": 0}, "packs.0.runtime_minutes"),
        ({"assets": {"cover": "x"}}, "packs.0.assets.zip"),
    ],
)
def test_a_library_that_does_not_fit_is_refused(market, fields, path):
    session = market.session(market.user(admin=True)).access_token
    answer = publish(market, session, library_json(**fields))
    assert answer.status == 400
    assert answer.json()["error"] == "Invalid library.json schema"
    assert [detail["path"] for detail in answer.json()["details"]] == [path]


def test_an_empty_library_is_refused(market):
    session = market.session(market.user(admin=True)).access_token
    empty = {"libraryJson": {"version": "1.0.0", "packs": []}}
    assert publish(market, session, empty).status == 400


def test_objects_are_uploaded_by_an_admin_and_never_by_names_with_backticks(market, reader):
    url = f"{market.project_url}/storage/v1/object/marketplace/packs/new/1.0.0/pack.zip"
    admin = market.session(market.user("admin@example.com", admin=True)).access_token
    kind = {"Content_Type": "application/zip"}
    assert ask(url, "POST", b"PK", token=market.session(reader).access_token, **kind).status == 400
    assert ask(url, "POST", b"PK", token=admin, **kind).status == 200
    assert ask(url, "POST", b"PK2", token=admin, **kind).json()["error"] == "Duplicate"
    assert ask(url, "POST", b"PK2", token=admin, x_upsert="true", **kind).status == 200
    odd = url.replace("/new/", "/%60new%60/")
    assert ask(odd, "POST", b"PK", token=admin, **kind).json()["error"] == "InvalidKey"


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
