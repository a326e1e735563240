"""Signing in and out, three answers that are never mixed up, and a token that shows nowhere."""

import base64
import json
import logging
import os
import subprocess
import sys
import time
import traceback
import urllib.parse
from datetime import timedelta

import pytest

from keys_jupyter.credentials import Credentials, FileStore, Secret
from keys_jupyter.errors import InputError, KeysError
from keys_jupyter.marketplace_fake import (
    MARK,
    FakeMarketplace,
    Fault,
    ForwardProxy,
    Part,
    Place,
    Tls,
    new_api_key,
)
from keys_jupyter.runner.environment import kernel_environment
from keys_jupyter.sources.marketplace import Marketplace, MarketplaceSettings
from keys_jupyter.transport import Settings
from tests.packs import make_library

KEY = "jupyter-small"
PASSWORD = f"correct horse {MARK}"


@pytest.fixture
def market(tmp_path):
    with FakeMarketplace(make_library(tmp_path / "library")) as running:
        yield running
    assert running.failures == []


@pytest.fixture
def user(market):
    return market.user("reader@example.com", PASSWORD)


def opened(market, tmp_path, *, given=None, limits=None, **settings):
    credentials = Credentials(
        FileStore(tmp_path / "data"),
        configured=market.url,
        given=lambda: Secret(given) if given else None,
    )
    door = Settings(allowed_marketplaces=(market.url,), retry_seconds=0.0, **(limits or {}))
    project = {"auth_url": market.project_url, "auth_anon_key": Secret(market.anon_key)}
    return Marketplace(
        MarketplaceSettings(market.url, transport=door, **{**project, **settings}),
        credentials,
        tmp_path / "data",
    )


@pytest.fixture
def client(market, tmp_path):
    return opened(market, tmp_path)


def kept(tmp_path):
    folder = tmp_path / "data" / "credentials"
    return list(folder.iterdir()) if folder.is_dir() else []


# a key -----------------------------------------------------------------------------------------------


def test_nobody_is_signed_in_at_first_and_nobody_is_asked(market, client):
    session = client.session()
    assert (session.state, session.marketplace, session.masked) == ("signed_out", market.url, None)
    assert session.password_sign_in is True
    assert len(market.requests) == 0


def test_a_good_key_is_kept_and_shown_masked(market, user, client, tmp_path):
    key = market.key(user, expires=timedelta(days=30))
    session = client.sign_in_with_key(Secret(f"  {key.token}\n"))
    assert session.state == "valid"
    assert (session.tenant, session.tenant_type, session.place) == (user.id, "user", "file")
    assert session.masked == f"kx_live_…{key.token[-4:]}"
    assert session.expires_at[:10] == (market.clock.now() + timedelta(days=30)).strftime("%Y-%m-%d")
    assert "notebooks included" in session.warning
    assert len(kept(tmp_path)) == 1
    again = opened(market, tmp_path).session()
    assert (again.state, again.masked, again.expires_at) == (
        "valid",
        session.masked,
        session.expires_at,
    )


@pytest.mark.parametrize(
    "text", ["", "hello", PASSWORD, f"kx_live_{MARK}", new_api_key("kx_live") + "a", new_api_key("kx_live")[:-1] + "!",
             "eyJhbGciOiJIUzI1NiJ9.e30.x", f"Bearer {new_api_key('kx_live')}", "kx_live_" + "é" * 43],
)  # fmt: skip
def test_what_is_no_key_is_not_sent_anywhere(market, client, text):
    with pytest.raises(InputError) as caught:
        client.sign_in_with_key(Secret(text))
    assert caught.value.code == "KEY_SHAPE"
    assert len(text) < 6 or text not in str(caught.value)
    assert len(market.requests) == 0


def test_an_unknown_key_is_invalid_and_not_kept(market, client, tmp_path):
    session = client.sign_in_with_key(Secret(new_api_key("kx_live")))
    assert (session.state, session.code) == ("invalid", "KEY_REFUSED")
    assert kept(tmp_path) == []


def test_a_revoked_key_is_invalid_and_stays_until_a_person_signs_out(
    market, user, client, tmp_path
):
    key = market.key(user)
    client.sign_in_with_key(Secret(key.token))
    market.revoke(key)
    assert client.session().state == "invalid"
    assert len(kept(tmp_path)) == 1
    assert client.sign_out().state == "signed_out"
    assert kept(tmp_path) == []


def test_a_key_that_ran_out_is_invalid_without_asking(market, user, tmp_path):
    clock = [time.time()]
    credentials = Credentials(FileStore(tmp_path / "data"), given=lambda: None)
    door = Settings(allowed_marketplaces=(market.url,), retry_seconds=0.0)
    client = Marketplace(
        MarketplaceSettings(market.url, transport=door), credentials, tmp_path, now=lambda: clock[0]
    )
    client.sign_in_with_key(Secret(market.key(user, expires=timedelta(hours=1)).token))
    clock[0] += 3601
    market.stop()
    session = client.session()
    assert (session.state, session.code) == ("invalid", "KEY_EXPIRED")
    assert len(kept(tmp_path)) == 1


def test_a_worse_key_does_not_replace_a_good_one(market, user, client):
    client.sign_in_with_key(Secret(market.key(user).token))
    assert client.sign_in_with_key(Secret(new_api_key("kx_live"))).state == "invalid"
    assert client.session().state == "valid"


# three answers, never mixed up -----------------------------------------------------------------------

OUTAGES = [
    (Fault.OUTAGE, {"of": Part.SUPABASE}), (Fault.OUTAGE, {"of": Part.ENTITLEMENT}),
    (Fault.ERROR, {"on": Place.ENTITLEMENTS, "status": 403}), (Fault.ERROR, {"on": Place.ENTITLEMENTS, "status": 404}),
    (Fault.ERROR, {"on": Place.ENTITLEMENTS, "status": 408}), (Fault.ERROR, {"on": Place.ENTITLEMENTS, "status": 429}),
    (Fault.ERROR, {"on": Place.ENTITLEMENTS, "status": 500}), (Fault.HTML, {"on": Place.ENTITLEMENTS}),
    (Fault.BROKEN_JSON, {"on": Place.ENTITLEMENTS}), (Fault.RAW, {"on": Place.ENTITLEMENTS}),
    (Fault.REDIRECT, {"on": Place.ENTITLEMENTS, "to": "https://keys.example.com/"}),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "options"), OUTAGES)
def test_an_outage_is_unreachable_and_keeps_the_key(market, user, client, tmp_path, fault, options):
    client.sign_in_with_key(Secret(market.key(user).token))
    market.faults.add(fault, **options)
    session = client.session()
    assert session.state == "unreachable"
    assert session.code
    assert session.message
    assert session.masked
    assert session.tenant == user.id, "as last heard"
    assert len(kept(tmp_path)) == 1
    market.faults.clear()
    assert client.session().state == "valid"


@pytest.mark.parametrize("status", [401, 403, 404])
def test_one_lone_refusal_is_not_even_seen(market, user, client, status):
    client.sign_in_with_key(Secret(market.key(user).token))
    market.faults.add(Fault.ERROR, on=Place.ENTITLEMENTS, status=status, times=1)
    assert client.session().state == "valid"


def test_a_key_cannot_be_checked_in_an_outage_and_is_not_called_invalid(
    market, user, client, tmp_path
):
    market.faults.add(Fault.OUTAGE, of=Part.SUPABASE)
    session = client.sign_in_with_key(Secret(market.key(user).token))
    assert session.state == "unreachable"
    assert kept(tmp_path) == []


def test_a_marketplace_that_is_down_is_unreachable(market, user, client):
    client.sign_in_with_key(Secret(market.key(user).token))
    market.stop()
    session = client.session()
    assert (session.state, session.code) == ("unreachable", "UNREACHABLE_REFUSED")


def test_a_fault_of_tls_is_named_and_a_company_authority_helps(tmp_path):
    with FakeMarketplace(make_library(tmp_path / "library"), tls=Tls.TRUSTED) as market:
        user = market.user()
        key = Secret(market.key(user).token)
        without = opened(market, tmp_path / "1").sign_in_with_key(key)
        assert (without.state, without.code) == ("unreachable", "UNREACHABLE_TLS")
        assert "certificate" in without.message
        assert not market.requests.holding(key.reveal())
        client = opened(market, tmp_path / "2", limits={"ca_bundle": market.ca_file})
        assert client.sign_in_with_key(key).state == "valid"


def test_a_fault_of_a_proxy_is_named(market, user, tmp_path):
    key = Secret(market.key(user).token)
    with ForwardProxy() as proxy:
        through = opened(market, tmp_path, limits={"proxies": {"http": proxy.url}})
        assert through.sign_in_with_key(key).state == "valid"
    session = opened(market, tmp_path, limits={"proxies": {"http": proxy.url}}).session()
    assert (session.state, session.code) == ("unreachable", "UNREACHABLE_PROXY")


# e-mail and password ---------------------------------------------------------------------------------


def test_a_password_makes_a_key_with_an_end_and_only_that_is_kept(market, user, client, tmp_path):
    session = client.sign_in_with_password(user.email, Secret(PASSWORD))
    assert (session.state, session.place, session.tenant) == ("valid", "file", user.id)
    assert session.masked.startswith("kx_live_…")
    ends = market.clock.now() + timedelta(days=90)
    assert session.expires_at[:10] == ends.strftime("%Y-%m-%d")
    (file,) = kept(tmp_path)
    row = json.loads(file.read_text())
    assert row["token"].startswith("kx_live_")
    (signing_in,) = market.requests.where(path="/auth/v1/token")
    assert signing_in.origin == "project"
    assert signing_in.header("apikey") == market.anon_key
    assert not [
        one
        for one in market.requests
        if "extension-auth" in one.path or one.path.startswith("/auth/sign")
    ]
    assert len(market.requests.where(path="/auth/v1/logout")) == 1
    assert PASSWORD not in file.read_text()


def test_signing_out_revokes_a_key_that_was_made_here_and_no_other(market, user, client):
    client.sign_in_with_password(user.email, Secret(PASSWORD))
    client.sign_out()
    assert len(market.requests.where(method="POST", path="/revoke")) == 1
    pasted = market.key(user)
    client.sign_in_with_key(Secret(pasted.token))
    client.sign_out()
    assert len(market.requests.where(method="POST", path="/revoke")) == 1
    assert pasted.status == "active"


def test_signing_out_works_while_the_marketplace_is_down(market, user, client, tmp_path):
    client.sign_in_with_password(user.email, Secret(PASSWORD))
    market.stop()
    session = client.sign_out()
    assert session.state == "signed_out"
    assert "could not be told" in session.warning
    assert kept(tmp_path) == []


def test_a_wrong_password_is_invalid(market, user, client):
    session = client.sign_in_with_password(user.email, Secret("wrong"))
    assert (session.state, session.code) == ("invalid", "PASSWORD_REFUSED")
    assert client.session().state == "signed_out"


def test_a_project_that_is_out_is_unreachable(market, user, client):
    market.faults.add(Fault.ERROR, on="POST /auth/v1/token", status=503)
    assert client.sign_in_with_password(user.email, Secret(PASSWORD)).state == "unreachable"
    market.stop()
    assert client.sign_in_with_password(user.email, Secret(PASSWORD)).state == "unreachable"


def test_where_no_key_can_be_made_the_session_stays_in_memory(market, user, client, tmp_path):
    market.faults.add(Fault.ERROR, on="POST /api/api-keys", status=500)
    market.grant_all(user)
    session = client.sign_in_with_password(user.email, Secret(PASSWORD))
    assert (session.state, session.place) == ("valid", "memory")
    assert "nothing is kept" in session.warning
    assert kept(tmp_path) == []
    assert client.fetch(KEY, "1.0.0").version == "1.0.0"
    assert len(market.requests.where(method="POST", path="/api/api-keys")) == 1, (
        "made once, never twice"
    )
    assert opened(market, tmp_path).session().state == "signed_out"


def test_without_configuration_there_is_no_password_sign_in(market, tmp_path):
    client = opened(market, tmp_path, auth_url="")
    assert client.session().password_sign_in is False
    with pytest.raises(InputError) as caught:
        client.sign_in_with_password("a@example.com", Secret(PASSWORD))
    assert caught.value.code == "PASSWORD_SIGN_IN_OFF"
    assert len(market.requests) == 0


# the surroundings ------------------------------------------------------------------------------------


def test_a_key_of_the_surroundings_signs_in_and_comes_back_after_sign_out(market, user, tmp_path):
    key = market.key(user).token
    client = opened(market, tmp_path, given=key)
    session = client.session()
    assert (session.state, session.place) == ("valid", "environment")
    out = client.sign_out()
    assert (out.state, client.session().state) == ("signed_out", "signed_out")
    assert "next start" in out.warning
    assert kept(tmp_path) == []


# the canary ------------------------------------------------------------------------------------------


def forms(secret):
    """A secret as it may hide: plain, encoded, quoted, in halves backwards."""
    raw = secret.encode()
    half = len(secret) // 2
    found = {
        secret,
        urllib.parse.quote(secret, safe=""),
        secret[::-1],
        secret[8:half],
        secret[half:],
        raw.hex(),
    }
    for shift in range(3):
        found.add(base64.b64encode(b"x" * shift + raw).decode()[4:-4])
    return {form for form in found if len(form) >= 12}


def everything_below(folder, *, but=()):
    return [
        (path, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file() and not any(part in path.parts for part in but)
    ]


def test_no_token_shows_anywhere_but_on_the_wire_and_in_its_own_file(
    market, user, tmp_path, caplog, monkeypatch
):
    caplog.set_level(logging.DEBUG)
    key = market.key(user, expires=timedelta(days=3)).token
    secrets = forms(key) | forms("wrong " + PASSWORD)
    said = []
    client = opened(market, tmp_path)
    said += [repr(client.sign_in_with_password(user.email, Secret("wrong " + PASSWORD)))]
    said += [repr(client.sign_in_with_key(Secret(key))), client.session().model_dump_json()]
    market.grant_all(user)
    said += [repr(client.listing(refresh=True)), repr(client.entitlement(KEY)), repr(vars(client))]
    client.fetch(KEY, "1.0.0")
    faults = [(Fault.OUTAGE, {"of": Part.SUPABASE}), (Fault.EXPIRED_LINK, {}), (Fault.HANG_UP, {"on": Place.OBJECT}),
              (Fault.RAW, {}), (Fault.ERROR, {"status": 500, "message": f"Key {key} failed at ?token={key}"}),
              (Fault.ERROR, {"status": 401, "message": f"Bearer {key}"}), (Fault.UNPINNED, {}),
              (Fault.REDIRECT, {"to": f"https://127.0.0.1/?token={key}", "on": Place.OBJECT}),
              (Fault.REDIRECT, {"to": f"https://{key}.example.com/", "on": Place.DETAIL})]  # fmt: skip
    calls = (client.session, lambda: client.listing(refresh=True), lambda: client.fetch(KEY, "1.0.0"),
             lambda: client.checkout(KEY), lambda: client.preview(KEY), lambda: client.version_rows(KEY),
             lambda: client.sign_in_with_key(Secret(key)))  # fmt: skip
    for fault, options in faults:
        rule = market.faults.add(fault, **options)
        for call in calls:
            try:
                said.append(repr(call()))
            except KeysError as error:
                said += [
                    "".join(traceback.format_exception(error)),
                    repr(error),
                    str(error),
                    error.hint,
                ]
        rule.remove()
    monkeypatch.setenv("KEYS_API_KEY", key)
    monkeypatch.setenv("KEYS_API_KEY_FILE", key)
    said.append(json.dumps(kernel_environment(os.environ)))
    said += [caplog.text, *(f"{one.__dict__}" for one in caplog.records)]
    shown = "\n".join(said)
    assert not [form for form in secrets if form in shown]
    below = everything_below(tmp_path, but=("library", "credentials"))
    assert below, "answers were kept"
    for path, data in below:
        assert not [form for form in secrets if form.encode() in data], path
    for one in market.requests:
        if one.origin != "api":
            assert not [form for form in forms(key) if form in one.text()], one.target
        assert key not in one.target
    assert "?token" not in caplog.text.replace("?…", "")


def test_a_crash_in_a_process_prints_no_token(market, user, tmp_path):
    key = market.key(user).token
    code = f"""
import os, sys
from pathlib import Path
from keys_jupyter.credentials import Credentials, FileStore, from_environment
from keys_jupyter.sources.marketplace import Marketplace, MarketplaceSettings
from keys_jupyter.transport import Settings
url = {market.url!r}
credentials = Credentials(FileStore(Path({str(tmp_path / "data")!r})), configured=url)
client = Marketplace(MarketplaceSettings(url, transport=Settings(allowed_marketplaces=(url,), retry_seconds=0)),
                     credentials, Path({str(tmp_path / "data")!r}))
print(client.session().state, "KEYS_API_KEY" in os.environ, credentials, vars(credentials))
client.fetch("jupyter-small", "1.0.0")
"""
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "KEYS_API_KEY": key},
    )
    assert done.stdout.startswith("valid False ")
    assert "NotAvailable" in done.stderr
    assert not [form for form in forms(key) if form in done.stdout + done.stderr]
