"""The way to a marketplace as a site configures it: a company's own authority, a proxy, and nothing of the surroundings."""

import json
import os
import subprocess
import sys

import pytest

from keys_jupyter.marketplace_fake import Canary, FakeMarketplace, ForwardProxy, Tls
from tests.loopback import free_port
from tests.packs import make_library

CALL = "import sys; from keys_jupyter.cli import main; sys.exit(main(sys.argv[1:]))"
NAMES = ("keys.example.com", "files.example.com")


@pytest.fixture
def library(tmp_path):
    return make_library(tmp_path / "sold")


@pytest.fixture
def keys(tmp_path, workspace):
    """One command; what a site configures is written into its own configuration file."""
    home = tmp_path / "home"
    home.mkdir()

    def run(*words, typed="", code=0, configured=None, **environment):
        lines = [
            f"c.KeysExtension.{name} = {value!r}" for name, value in (configured or {}).items()
        ]
        (home / "jupyter_server_config.py").write_text(
            "\n".join(["c = get_config()  # noqa", *lines])
        )
        clean = {name: value for name, value in os.environ.items() if not name.startswith("KEYS_")}
        done = subprocess.run(
            [sys.executable, "-c", CALL, *words, "--json"], input=typed, capture_output=True, text=True,
            cwd=workspace, check=False,
            env={**clean, "HOME": str(home), "JUPYTER_DATA_DIR": str(tmp_path / "jupyter"),
                 "JUPYTER_CONFIG_DIR": str(home), **environment},
        )  # fmt: skip
        assert done.returncode == code, done.stderr + done.stdout
        assert "Traceback" not in done.stderr
        return json.loads(done.stdout), done.stderr

    run.home = home
    return run


def around(market, key="", **more):
    given = {"KEYS_MARKETPLACE_URL": market.url, "KEYS_ALLOWED_MARKETPLACES": market.url}
    return {**given, **({"KEYS_API_KEY": key} if key else {}), **more}


def test_a_companys_own_authority_is_trusted_where_it_is_configured_and_not_before(keys, library):
    with FakeMarketplace(library, tls=Tls.TRUSTED, storage_tls=Tls.TRUSTED) as market:
        user = market.user()
        market.grant_all(user)
        key = market.key(user).token
        with_ca = around(market, KEYS_CA_BUNDLE=str(market.ca_file))
        listed, said = keys("catalog", **around(market))
        assert any(row["source"] == "embedded" for row in listed["keys"])
        assert "There is no trusted connection to 127.0.0.1" in said
        refused, _ = keys("login", "--token-stdin", typed=key, code=4, **around(market))
        assert refused["error"]["code"] == "UNREACHABLE_TLS"
        assert refused["error"]["message"] == (
            "There is no trusted connection to 127.0.0.1: unable to get local issuer certificate."
        )
        assert "ca_bundle" in refused["error"]["hint"]
        assert len(market.requests) == 0, "a key went over a line that nobody vouched for"
        signed, _ = keys("login", "--token-stdin", typed=key, **with_ca)
        assert signed["state"] == "valid"
        got, _ = keys("install", "jupyter-small", **with_ca)
        assert got["version"] == "1.0.0"
        # The surroundings do not vouch for an authority, neither against us nor for us.
        ambient = {"REQUESTS_CA_BUNDLE": str(market.ca_file), "SSL_CERT_FILE": str(market.ca_file)}
        again, _ = keys("whoami", **around(market), **ambient)
        assert (again["state"], again["code"]) == ("unreachable", "UNREACHABLE_TLS")
        again, _ = keys(
            "whoami", configured={"environment_proxies": True}, **around(market), **ambient
        )
        assert again["state"] == "valid"
        missing, _ = keys("whoami", code=1, **around(market, KEYS_CA_BUNDLE="/no/such.pem"))
        assert missing["error"]["code"] == "CA_BUNDLE_MISSING"
    assert market.failures == []


@pytest.mark.parametrize(
    ("tls", "why"),
    [
        (Tls.EXPIRED, "certificate has expired"),
        (Tls.NOT_YET_VALID, "certificate is not yet valid"),
        (Tls.OTHER_NAME, "IP address mismatch, certificate is not valid for '127.0.0.1'"),
        (Tls.SELF_SIGNED, "self-signed certificate"),
    ],
)
def test_a_bad_certificate_is_unreachable_and_says_why(keys, tls, why):
    with FakeMarketplace(tls=tls) as market:
        key = market.key(market.user()).token
        found, _ = keys("whoami", **around(market, key, KEYS_CA_BUNDLE=str(market.ca_file)))
        assert (found["state"], found["code"]) == ("unreachable", "UNREACHABLE_TLS")
        assert found["message"] == f"There is no trusted connection to 127.0.0.1: {why}."
        assert len(market.requests) == 0


def test_a_configured_proxy_is_the_only_way_to_a_name(keys, library):
    tls = {"tls": Tls.TRUSTED, "storage_tls": Tls.TRUSTED}
    with (
        FakeMarketplace(library, public_names=NAMES, **tls) as market,
        ForwardProxy(user="we", password="p@ss/word", hosts=market.addresses) as proxy,
    ):
        user = market.user()
        market.grant_all(user)
        site = {"proxies": {"https": proxy.url}, "ca_bundle": str(market.ca_file),
                "marketplace_url": market.url}  # fmt: skip
        signed, said = keys("login", "--token-stdin", typed=market.key(user).token, configured=site)
        assert (signed["state"], signed["marketplace"]) == ("valid", "https://keys.example.com")
        got, _ = keys("install", "jupyter-small", configured=site)
        assert got["version"] == "1.0.0"
        asked = {(one.method, one.target) for one in proxy.requests}
        assert asked == {("CONNECT", "keys.example.com:443"), ("CONNECT", "files.example.com:443")}
        assert not [one for one in proxy.requests if one.header("Authorization")]
        assert proxy.failures == []

        wrong = {**site, "proxies": {"https": proxy.url.replace("we:", "they:")}}
        found, said = keys("whoami", configured=wrong)
        assert (found["state"], found["code"]) == ("unreachable", "UNREACHABLE_PROXY")
        assert "407" in found["message"]
        assert "ss/word" not in json.dumps(found) + said
        dead = {**site, "proxies": {"https": f"http://127.0.0.1:{free_port()}"}}
        found, _ = keys("whoami", configured=dead)
        assert (found["state"], found["code"]) == ("unreachable", "UNREACHABLE_PROXY")
        assert found["message"] == (
            "The proxy on the way to keys.example.com is not there: nothing listens at its address."
        )
    assert market.failures == []


def test_what_the_surroundings_say_of_proxies_and_passwords_counts_only_where_configured(keys):
    with FakeMarketplace() as market, Canary() as inner, ForwardProxy() as proxy:
        key = market.key(market.user()).token
        netrc = keys.home / ".netrc"
        netrc.touch(0o600)
        netrc.write_text("machine 127.0.0.1 login somebody password else\n")
        ambient = dict.fromkeys(("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"), inner.url)
        ambient |= {"NO_PROXY": "", "no_proxy": "", "NETRC": str(netrc)}
        found, _ = keys("whoami", **around(market, key), **ambient)
        assert found["state"] == "valid"
        assert not inner.reached
        sent = market.requests.where(path="/marketplace/entitlements")
        assert [one.header("Authorization") for one in sent] == [f"Bearer {key}"]

        ambient = {**ambient, "http_proxy": proxy.url, "HTTP_PROXY": proxy.url}
        found, _ = keys(
            "whoami", configured={"environment_proxies": True}, **around(market, key), **ambient
        )
        assert found["state"] == "valid"
        assert len(proxy.requests) > 0
        sent = market.requests.where(path="/marketplace/entitlements")
        assert {one.header("Authorization") for one in sent} == {f"Bearer {key}"}
    assert market.failures == []


@pytest.fixture
def proxied(library):
    tls = {"tls": Tls.TRUSTED, "storage_tls": Tls.TRUSTED}
    with (
        FakeMarketplace(library, public_names=NAMES, **tls) as market,
        ForwardProxy(hosts=market.addresses) as proxy,
    ):
        yield market, proxy
    assert market.failures == proxy.failures == []


@pytest.fixture
def jp_server_config(tmp_path, proxied):
    market, proxy = proxied
    return {
        "ServerApp": {"jpserver_extensions": {"keys_jupyter": True}},
        "KeysExtension": {
            "data_dir": str(tmp_path / "data"),
            "marketplace_url": market.url,
            "ca_bundle": str(market.ca_file),
            "proxies": {"https": proxy.url},
        },
    }


async def test_the_servers_configuration_means_the_same(jp_fetch, proxied):
    market, proxy = proxied
    body = json.dumps({"key": market.key(market.user()).token})
    reply = await jp_fetch("keys-jupyter", "marketplace", "sign-in", method="POST", body=body)
    assert json.loads(reply.body)["state"] == "valid"
    assert {one.target for one in proxy.requests} == {"keys.example.com:443"}
    proxy.refuse = 502
    reply = await jp_fetch("keys-jupyter", "marketplace", "refresh", method="POST", body="{}")
    found = json.loads(reply.body)
    assert (found["state"], found["code"]) == ("unreachable", "UNREACHABLE_PROXY")
