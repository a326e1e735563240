"""The session through the service, the server and the command line, against a marketplace on loopback."""

import json
import os
import subprocess
import sys

import pytest
from pydantic import SecretStr
from tornado.httpclient import HTTPClientError

from keys_jupyter.credentials import Secret
from keys_jupyter.errors import InputError, NotAvailable
from keys_jupyter.marketplace_fake import MARK, FakeMarketplace, Fault, Part, new_api_key
from keys_jupyter.model.marketplace import SignInRequest
from keys_jupyter.service import Service
from keys_jupyter.service.keys.marketplace import Configuration, Marketplaces
from keys_jupyter.transport import AddressRefused, Settings
from tests.packs import key_files, make_library, zipped

KEY = "jupyter-small"
SOLD = "jupyter-sold"
PASSWORD = f"correct horse {MARK}"
CALL = "import sys; from keys_jupyter.cli import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture
def market(tmp_path):
    with FakeMarketplace(make_library(tmp_path / "sold")) as running:
        running.put(zipped(key_files(SOLD, "1.0.0")))
        yield running
    assert running.failures == []


@pytest.fixture
def user(market):
    return market.user("reader@example.com", PASSWORD)


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


def use_case(data, market, *, changes=None, given=None, allowed=True, **configuration):
    door = Settings(allowed_marketplaces=(market.url,) if allowed else (), retry_seconds=0.0)
    return Marketplaces(
        data,
        Configuration(**{"transport": door, **configuration}),
        changes or (lambda *_: None),
        given=lambda: Secret(given) if given else None,
    )


def asking(market, key=None, **fields):
    return SignInRequest(marketplace=market.url, key=SecretStr(key) if key else None, **fields)


# the use case ----------------------------------------------------------------------------------------


def test_without_a_marketplace_nothing_is_affected(data, market):
    here = use_case(data, market)
    assert (here.session().state, here.session().marketplace) == ("signed_out", None)
    assert (here.name, here.listing().packs, here.listing().problems, here.versions(KEY)) == (
        "marketplace", [], [], [],
    )  # fmt: skip
    for call in (here.sign_out, lambda: here.checkout(KEY), lambda: here.fetch(KEY, "1.0.0")):
        with pytest.raises(NotAvailable) as caught:
            call()
        assert caught.value.code == "NO_MARKETPLACE"
    assert len(market.requests) == 0


def test_a_marketplace_is_chosen_by_signing_in_and_stays_chosen(data, market, user, changes):
    here = use_case(data, market, changes=changes)
    assert here.sign_in(asking(market, market.key(user).token)).state == "valid"
    assert ("catalog", "", 0) in changes.seen
    assert here.name == "127.0.0.1"
    again = use_case(data, market)
    assert again.session().state == "valid"
    assert SOLD in [pack.slug for pack in again.listing().packs]
    assert again.sign_out().state == "signed_out"
    assert again.session().marketplace == market.url


def test_a_marketplace_that_does_not_accept_us_is_not_chosen(data, market, user):
    here = use_case(data, market)
    assert here.sign_in(asking(market, new_api_key("kx_live"))).state == "invalid"
    assert here.session().marketplace is None


def test_what_is_missing_is_said_before_anybody_is_asked(data, market):
    here = use_case(data, market)
    with pytest.raises(InputError) as caught:
        here.sign_in(SignInRequest(key=SecretStr(new_api_key("kx_live"))))
    assert caught.value.code == "NO_MARKETPLACE"
    for fields in ({}, {"email": "a@example.com"}, {"password": SecretStr("x")}):
        with pytest.raises(InputError) as caught:
            here.sign_in(asking(market, **fields))
        assert caught.value.code == "NO_CREDENTIALS"
    assert len(market.requests) == 0


def test_a_private_address_is_the_operators_to_name_and_on_ones_own_machine_ones_own(
    data, market, user
):
    request = asking(market, market.key(user).token)
    for vouched in (False, True):
        with pytest.raises(AddressRefused):
            use_case(data, market, allowed=False).sign_in(request, vouched=vouched)
    own = use_case(data, market, allowed=False, own_machine=True)
    with pytest.raises(AddressRefused):
        own.sign_in(request)
    assert own.sign_in(request, vouched=True).state == "valid"
    assert use_case(data, market, allowed=False, own_machine=True).session().state == "valid"
    server = use_case(data, market, allowed=False)
    with pytest.raises(AddressRefused):
        server.session()
    assert [problem.code for problem in server.listing().problems] == ["ADDRESS_REFUSED"]


def test_a_password_goes_to_the_configured_marketplaces_project_only(data, market, user, tmp_path):
    project = {"auth_url": market.project_url, "auth_anon_key": Secret(market.anon_key)}
    elsewhere = use_case(data, market, url="https://keys.example.com", **project)
    with pytest.raises(InputError) as caught:
        elsewhere.sign_in(asking(market, email=user.email, password=SecretStr(PASSWORD)))
    assert caught.value.code == "PASSWORD_SIGN_IN_OFF"
    assert len(market.requests) == 0
    here = use_case(tmp_path / "2", market, url=market.url, **project)
    assert here.session().password_sign_in is True
    signed = here.sign_in(SignInRequest(email=user.email, password=SecretStr(PASSWORD)))
    assert (signed.state, signed.place) == ("valid", "file")


def test_the_key_of_the_surroundings_goes_to_the_configured_marketplace_only(
    data, market, user, tmp_path
):
    key = market.key(user).token
    assert use_case(data, market, url=market.url, given=key).session().state == "valid"
    with FakeMarketplace() as other:
        door = Settings(allowed_marketplaces=(market.url, other.url), retry_seconds=0.0)
        here = use_case(tmp_path / "2", market, url=market.url, given=key, transport=door)
        here.sign_in(
            SignInRequest(marketplace=other.url, key=SecretStr(other.key(other.user()).token))
        )
        here.listing()
        assert here.session().marketplace == other.url
        assert not other.requests.holding(key)


def test_a_site_that_configures_another_one_is_followed(data, market, user):
    use_case(data, market).sign_in(asking(market, market.key(user).token))
    with FakeMarketplace() as other:
        door = Settings(allowed_marketplaces=(market.url, other.url), retry_seconds=0.0)
        here = use_case(data, market, url=other.url, transport=door)
        assert here.session().marketplace == other.url


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"url": 7, "configured": ""}', b'{"url": "x"}']
)
def test_a_damaged_choice_is_as_good_as_none(data, market, content):
    data.mkdir()
    (data / "marketplace.json").write_bytes(content)
    assert use_case(data, market).session().marketplace is None


# with the catalogue ----------------------------------------------------------------------------------


@pytest.fixture
def service(data, market, tmp_path, workspace, changes):
    here = use_case(data, market, changes=changes)
    opened = Service(workspace, data, [here], on_change=changes, marketplace=here)
    yield opened
    opened.close()


def test_a_key_is_bought_fetched_installed_and_works_while_the_marketplace_is_down(
    service, market, user
):
    service.marketplace.sign_in(asking(market, market.key(user).token))
    row = next(key for key in service.catalogue.catalog().keys if key.slug == SOLD)
    assert (row.entitled, row.source) == (False, "127.0.0.1")
    with pytest.raises(NotAvailable) as caught:
        service.installs.install(SOLD)
    assert caught.value.code == "NOT_ENTITLED"
    market.grant(user, SOLD)
    assert service.marketplace.entitlement(SOLD).state == "active"
    assert (
        next(key for key in service.catalogue.catalog().keys if key.slug == SOLD).entitled is True
    )
    done = service.installs.install(SOLD)
    assert (done.version, done.verified) == ("1.0.0", False)
    market.stop()
    assert service.marketplace.refresh().state == "unreachable"
    catalog = service.catalogue.catalog()
    assert catalog.stale_since
    (row,) = [key for key in catalog.keys if key.slug == SOLD]
    assert row.installed == ["1.0.0"]


def test_changed_bytes_under_an_installed_version_are_refused(service, market, user):
    market.grant_all(user)
    service.marketplace.sign_in(asking(market, market.key(user).token))
    service.installs.install(SOLD)
    files = {**key_files(SOLD, "1.0.0"), "sample-data/extra.csv": b"a\n1\n"}
    market.replace(SOLD, "1.0.0", zipped(files))
    with pytest.raises(Exception) as caught:
        service.installs.install(SOLD, "1.0.0")
    assert getattr(caught.value, "code", "") == "PIN_MISMATCH"


def test_an_update_shows_and_installs_beside(service, market, user):
    market.grant_all(user)
    service.marketplace.sign_in(asking(market, market.key(user).token))
    service.installs.install(SOLD)
    market.put(zipped(key_files(SOLD, "2.0.0")))
    service.marketplace.refresh()
    (row,) = [key for key in service.catalogue.catalog().keys if key.slug == SOLD]
    assert (row.update, row.breaking) == ("2.0.0", True)
    assert service.installs.install(SOLD).version == "2.0.0"
    assert service.installs.install(SOLD, "1.0.0").version == "1.0.0"


# the server ------------------------------------------------------------------------------------------


@pytest.fixture
def jp_server_config(tmp_path, market_config, monkeypatch):
    library = make_library(tmp_path / "library")
    monkeypatch.setattr("keys_jupyter.service.opening.embedded_library", lambda: library)
    return market_config


async def test_the_session_over_http_never_holds_the_token(jp_fetch, market, user):
    async def asked(*path, body=None):
        more = {"method": "POST", "body": json.dumps(body)} if body is not None else {}
        return json.loads((await jp_fetch("keys-jupyter", *path, **more)).body)

    key = market.key(user).token
    first = await asked("marketplace", "session")
    assert (first["state"], first["marketplace"], first["password_sign_in"]) == (
        "signed_out",
        market.url,
        True,
    )
    signed = await asked("marketplace", "sign-in", body={"key": key})
    assert signed["state"] == "valid"
    assert signed["masked"] == f"kx_live_…{key[-4:]}"
    page = await asked("keys", SOLD, "checkout", body={})
    assert page["url"].startswith(market.url)
    assert (await asked("keys", SOLD, "entitlement", body={}))["state"] == "none"
    market.preview(SOLD, "<b>Look</b>")
    assert (await asked("keys", SOLD, "preview"))["html"] == "<b>Look</b>"
    answers = [signed, page, await asked("marketplace", "session"), await asked("marketplace", "refresh", body={}),
               await asked("catalog")]  # fmt: skip
    assert key not in json.dumps(answers)
    assert (await asked("marketplace", "sign-out", body={}))["state"] == "signed_out"


@pytest.mark.parametrize(
    "body", ["{", "[]", '{"key": 7}', '{"kex": "x"}', '{"key": "' + "x" * 20_000 + '"}']
)
async def test_a_sign_in_that_is_none_says_nothing_back(jp_fetch, market, body):
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("keys-jupyter", "marketplace", "sign-in", method="POST", body=body)
    assert caught.value.code == 400
    assert "xxxx" not in caught.value.response.body.decode()
    assert len(market.requests) == 0


# the command line ------------------------------------------------------------------------------------


@pytest.fixture
def keys(tmp_path, workspace):
    def run(*words, typed="", **environment):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("KEYS_")}
        done = subprocess.run(
            [sys.executable, "-c", CALL, *words],
            input=typed,
            capture_output=True,
            text=True,
            cwd=workspace,
            env={**clean, "JUPYTER_DATA_DIR": str(tmp_path / "jupyter"), **environment},
        )
        return done.returncode, done.stdout, done.stderr

    return run


def test_login_whoami_install_logout_on_the_command_line(keys, market, user):
    market.grant_all(user)
    key = market.key(user).token
    code, out, _ = keys("whoami", "--json")
    assert (code, json.loads(out)["state"]) == (0, "signed_out")
    code, out, _ = keys(
        "login", "--marketplace", market.url, "--token-stdin", "--json", typed=key + "\n"
    )
    assert (code, json.loads(out)["error"]["code"]) == (2, "ADDRESS_REFUSED")
    login = ("login", "--marketplace", market.url, "--allow-private", "--token-stdin", "--json")
    code, out, err = keys(*login, typed=key + "\n")
    session = json.loads(out)
    assert (code, session["state"], session["tenant"]) == (0, "valid", user.id)
    assert {"state", "marketplace", "tenant", "expires_at", "masked"} <= set(session)
    assert key not in out + err
    code, out, _ = keys("whoami")
    assert code == 0
    assert f"…{key[-4:]}" in out
    code, out, _ = keys("install", SOLD, "--json")
    assert (code, json.loads(out)["version"]) == (0, "1.0.0")
    _, out, _ = keys("outdated")
    assert out == "Everything installed is the newest there is.\n"
    market.put(zipped(key_files(SOLD, "2.0.0")))
    # asked anew, though what was heard a moment ago is still good for a list
    _, out, err = keys("outdated")
    assert "1.0.0 → 2.0.0" in out
    assert "read its changelog first" in out
    assert err == ""
    market.stop()
    _, out, err = keys("outdated")
    assert "1.0.0 → 2.0.0" in out
    assert "A source does not answer; its keys are shown as of" in err
    market.start()
    code, out, _ = keys("logout", "--json")
    assert (code, json.loads(out)["state"]) == (0, "signed_out")


def test_what_went_wrong_is_an_exit_code(keys, market, user):
    login = ("login", "--marketplace", market.url, "--allow-private", "--token-stdin", "--json")
    code, out, _ = keys(*login, typed=new_api_key("kx_live"))
    assert (code, json.loads(out)["error"]["code"]) == (3, "KEY_REFUSED")
    code, out, _ = keys(*login, typed="hello")
    assert (code, json.loads(out)["error"]["code"]) == (2, "KEY_SHAPE")
    code, out, _ = keys(*login, typed="")
    assert (code, json.loads(out)["error"]["code"]) == (2, "NO_TOKEN")
    code, out, _ = keys("login", "--marketplace", market.url, "--json", typed="x")
    assert (code, json.loads(out)["error"]["code"]) == (2, "NO_TERMINAL")
    market.faults.add(Fault.OUTAGE, of=Part.SUPABASE)
    code, out, _ = keys(*login, typed=market.key(user).token)
    assert code == 4


def test_the_surroundings_sign_a_command_in(keys, market, user):
    surroundings = {"KEYS_MARKETPLACE_URL": market.url, "KEYS_ALLOWED_MARKETPLACES": market.url}
    code, out, _ = keys("whoami", "--json", KEYS_API_KEY=market.key(user).token, **surroundings)
    assert (code, json.loads(out)["state"]) == (0, "valid")
    code, out, _ = keys("whoami", "--json", KEYS_API_KEY_FILE="/nowhere", **surroundings)
    assert json.loads(out)["error"]["code"] == "KEY_FILE"
