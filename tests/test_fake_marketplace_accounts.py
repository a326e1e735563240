"""The marketplace of the tests buys, signs in, keeps API keys and publishes as the contract says."""

import pytest

from keys_jupyter.marketplace_fake import MARK, FakeMarketplace
from tests.downloads.asking import ask
from tests.packs import make_library

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


def download(market, token, slug=SLUG):
    return ask(f"{market.url}/marketplace/keys/{slug}/download", "POST", token=token)


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


def sign_in(market, password=f"correct horse {MARK}", apikey=None):
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
    body["password"] = f"correct horse {MARK}"
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
    body = {"email": "reader@example.com", "password": f"correct horse {MARK}"}
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
