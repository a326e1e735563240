"""Tricks with addresses, redirects, names and surroundings reach no inner server and carry no credential away.

Each row of the tables is one trick. The inner server is a canary that counts connections, even silent ones; what
travels through the proxy or to the storage host is searched for the credentials.
"""

import contextlib
import http.client
import socket
import urllib.request

import pytest

from keys_jupyter.credentials.secret import Secret
from keys_jupyter.errors import KeysError
from keys_jupyter.marketplace_fake import (
    FakeMarketplace,
    Fault,
    ForwardProxy,
    Place,
    Tls,
    new_api_key,
)
from keys_jupyter.transport import Settings, Transport, download

TOKEN = new_api_key("kx_live")
APIKEY = "apikey-canary-6d1f"
SECRETS = {"apikey": Secret(APIKEY)}

# Addresses of the inner server, or of what a cloud keeps there, in the ways people have written them.
ADDRESSES = [
    "http://127.0.0.1:{port}/",
    "https://127.0.0.1:{port}/",
    "http://localhost:{port}/",
    "https://localhost:{port}/",
    "https://LOCALHOST:{port}/",
    "https://localhost.:{port}/",
    "https://keys.localhost:{port}/",
    "https://[::1]:{port}/",
    "https://[0:0:0:0:0:0:0:1]:{port}/",
    "https://[::ffff:127.0.0.1]:{port}/",
    "https://[::ffff:7f00:1]:{port}/",
    "https://[::127.0.0.1]:{port}/",
    "https://[64:ff9b::7f00:1]:{port}/",
    "https://[2002:7f00:1::]:{port}/",
    "https://[::1%25lo]:{port}/",
    "https://[::]:{port}/",
    "https://0.0.0.0:{port}/",
    "https://0:{port}/",
    "https://127.1:{port}/",
    "https://127.0.1:{port}/",
    "https://2130706433:{port}/",
    "https://0x7f000001:{port}/",
    "https://0x7f.0.0.1:{port}/",
    "https://0177.0.0.1:{port}/",
    "https://017700000001:{port}/",
    "https://127.0.0.1.:{port}/",
    "https://127.000.000.001:{port}/",
    "https://127.255.255.254:{port}/",
    "https://１２７.0.0.1:{port}/",
    "https://①②⑦.⓪.⓪.①:{port}/",
    "https://127。0。0。1:{port}/",
    "https://keys.example@127.0.0.1:{port}/",
    "https://keys.example:x@127.0.0.1:{port}/",
    "https://127.0.0.1:{port}#@keys.example/",
    "https://127.0.0.1:{port}\\@keys.example/",
    "https://keys.example\\@127.0.0.1:{port}/",
    "https://127.0.0.1:{port}?@keys.example/",
    "https:127.0.0.1:{port}/",
    "https:/127.0.0.1:{port}/",
    "https:///127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    "https://127.0.0.1%00.keys.example:{port}/",
    "https://127.0.0.1%2f.keys.example:{port}/",
    "https://127.0.0.1\t.keys.example:{port}/",
    " https://127.0.0.1:{port}/",
    "https://127.0.0.1:{port}/\r\nX-Injected: 1",
    "ht\ntps://127.0.0.1:{port}/",
    "HTTP://127.0.0.1:{port}/",
    "ftp://127.0.0.1:{port}/",
    "file:///etc/hostname",
    "gopher://127.0.0.1:{port}/_GET",
    "jar:https://127.0.0.1:{port}!/",
    "unix:///var/run/docker.sock",
    "data:application/json,{{}}",
    "https://169.254.169.254/latest/meta-data/",
    "https://2852039166/",
    "https://0xA9FEA9FE/",
    "https://0251.0376.0251.0376/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[2002:a9fe:a9fe::]/",
    "https://[fd00:ec2::254]/",
    "https://192.0.0.192/",
    "https://168.63.129.16/",
    "https://100.100.100.200/",
    "https://metadata.google.internal/",
    "https://10.0.0.1:{port}/",
    "https://172.16.0.1:{port}/",
    "https://192.168.0.1:{port}/",
    "https://100.64.0.1:{port}/",
    "https://[fe80::1]:{port}/",
    "https://[fc00::1]:{port}/",
    "https://intranet:{port}/",
    "https://:{port}/",
    "https://127.0.0.1:{port}:443/",
    "https://127.0.0.1:0{port}0/",
]

# What a public name may suddenly resolve to. The canary answers on every loopback address.
RESOLVED = [
    ["127.0.0.1"],
    ["::1"],
    ["127.0.0.2"],
    ["0.0.0.0"],
    ["::"],
    ["::ffff:127.0.0.1"],
    ["64:ff9b::7f00:1"],
    ["2002:7f00:1::"],
    ["169.254.169.254"],
    ["fe80::1%lo"],
    ["10.1.2.3"],
    ["8.8.8.8", "127.0.0.1"],
    ["127.0.0.1", "8.8.8.8"],
    ["2001:4860:4860::8888", "::1"],
    ["not an address"],
]

# Where an answer of the API may try to send us, with the credentials of the question in hand.
MOVED = [
    "http://127.0.0.1:{port}/",
    "https://127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    "/\\127.0.0.1:{port}/",
    "///127.0.0.1:{port}/",
    "https://localhost:{port}/",
    "https://[::1]:{port}/",
    "https://keys.example@127.0.0.1:{port}/",
    "https://u:p@keys.example:{port}/",
    "https://keys.example:{port}/",
    "http://keys.example/",
    "https://files.example/",
    "https://inner.example/",
    "https://keys.example.inner.example/",
    "https://2130706433:{port}/",
    "https://169.254.169.254/latest/meta-data/",
    "file:///etc/hostname",
    "javascript:alert(1)",
    "https://127.0.0.1:{port}/%0d%0aX-Injected: 1",
    "\thttps://127.0.0.1:{port}/",
    "https:127.0.0.1:{port}/",
    "https://",
    "?",
]
STATUSES = [300, 301, 302, 303, 305, 306, 307, 308]


def settings(market=None, proxy=None, **more):
    if market is not None:
        more["ca_bundle"] = market.ca_file
    if proxy is not None:
        more["proxies"] = {"http": proxy.url, "https": proxy.url}
    return Settings(retry_seconds=0.0, resumes=1, connect_seconds=2, stall_seconds=5, **more)


def refused_json(transport, url):
    with pytest.raises(KeysError) as caught:
        transport.get_json(url, authorization=Secret(TOKEN), headers=SECRETS)
    return caught.value


def holds_secret(text):
    return TOKEN in text or APIKEY in text


# addresses


def test_the_table_is_long_enough_and_each_trick_stands_once():
    assert len(set(ADDRESSES)) == len(ADDRESSES) >= 60
    assert len({tuple(one) for one in RESOLVED}) == len(RESOLVED)
    assert len(set(MOVED)) == len(MOVED)


@pytest.mark.parametrize("trick", ADDRESSES, ids=ascii)
def test_an_address_of_the_inner_network_is_not_asked(canary, tmp_path, trick):
    url = trick.format(port=canary.port)
    transport = Transport(settings())
    error = refused_json(transport, url)
    assert error.exit_code in (2, 4)
    with pytest.raises(KeysError):
        download(transport, url, tmp_path / "pack.part")
    assert list(tmp_path.iterdir()) == []
    assert not canary.reached


def test_a_naive_client_falls_for_many_of_them(canary):
    loopback = [one for one in ADDRESSES[:28] if "64:ff9b" not in one and "2002:" not in one]
    reached = set()
    for trick in loopback:
        url = trick.format(port=canary.port).replace("https://", "http://")
        before = len(canary.connections)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with contextlib.suppress(OSError, ValueError, http.client.HTTPException):
            opener.open(url, timeout=5).close()
        if len(canary.connections) > before:
            reached.add(trick)
    assert len(reached) >= 12, reached


# names


@pytest.mark.parametrize("addresses", RESOLVED, ids=" ".join)
def test_a_public_name_with_an_inner_address_is_not_connected_to(canary, tmp_path, addresses):
    asked = []

    def resolve(host, port):
        asked.append(host)
        return addresses

    transport = Transport(settings(), resolve=resolve)
    url = f"https://keys.example:{canary.port}/"
    refused_json(transport, url)
    assert asked == ["keys.example"]
    with pytest.raises(KeysError):
        download(transport, url, tmp_path / "pack.part")
    assert not canary.reached


def test_a_name_that_is_public_first_and_inner_on_the_retry_is_judged_anew(canary, tmp_path):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        named = f"https://keys.example:{closed.getsockname()[1]}"
        answers = [["127.0.0.1"], ["169.254.169.254"], ["127.0.0.1"]]

        def resolve(host, port):
            return answers.pop(0)

        # the origin is allowed to be private, so the first answer is connected to; metadata never is
        transport = Transport(settings(allowed_marketplaces=(named,)), resolve=resolve)
        with pytest.raises(KeysError) as caught:
            download(transport, named, tmp_path / "pack.part", private=True)
    assert caught.value.code == "ADDRESS_REFUSED"
    assert len(answers) == 1
    assert not canary.reached


# redirects


@pytest.fixture(scope="module")
def public():
    """A marketplace with public names and good certificates, reached through a proxy that goes anywhere."""
    with (
        FakeMarketplace(
            tls=Tls.TRUSTED, storage_tls=Tls.TRUSTED, public_names=("keys.example", "files.example")
        ) as market,
        ForwardProxy(hosts=market.addresses) as proxy,
    ):
        about = {"slug": "a-key", "title": "A key", "version": "1.0.0", "kind": "jupyter"}
        market.put(b"PK true bytes", about)
        yield market, proxy
    assert market.failures == [] and proxy.failures == []


@pytest.fixture
def stage(public, canary):
    market, proxy = public
    market.faults.clear()
    market.requests.clear()
    proxy.requests.clear()
    inner = ("127.0.0.1", canary.port)
    for name in ("inner.example", "keys.example.inner.example"):
        proxy.hosts[f"{name}:443"] = inner
    proxy.hosts[f"keys.example:{canary.port}"] = inner
    proxy.hosts["keys.example:80"] = inner
    yield market, proxy, Transport(settings(market, proxy))
    assert not canary.reached
    for one in proxy.requests:
        assert not holds_secret(one.text()), one.target
    for one in market.requests.where(origin="project"):
        assert not holds_secret(one.text()), one.target


def reached_by_proxy(proxy):
    return {one.target for one in proxy.requests}


def test_without_a_trick_it_works(stage):
    market, proxy, transport = stage
    rows = transport.get_json(
        f"{market.url}/marketplace/keys", authorization=Secret(TOKEN), headers=SECRETS
    ).data["keys"]
    assert [row["slug"] for row in rows] == ["a-key"]
    assert market.requests.holding(TOKEN) and market.requests.holding(APIKEY)
    assert reached_by_proxy(proxy) == {"keys.example:443"}


@pytest.mark.parametrize("trick", MOVED, ids=ascii)
@pytest.mark.parametrize("status", [302, 307])
def test_a_redirect_of_the_api_leads_nowhere_else(stage, canary, trick, status):
    market, proxy, transport = stage
    market.faults.add(
        Fault.REDIRECT, on=Place.LIST, to=trick.format(port=canary.port), status=status
    )
    refused_json(transport, f"{market.url}/marketplace/keys")
    assert reached_by_proxy(proxy) == {"keys.example:443"}
    assert len(market.requests) <= 4


@pytest.mark.parametrize("status", STATUSES)
def test_no_status_moves_a_question_or_repeats_a_command(stage, canary, status):
    market, proxy, transport = stage
    to = f"https://inner.example/{status}"
    market.faults.add(Fault.REDIRECT, on=Place.ANY, to=to, status=status)
    refused_json(transport, f"{market.url}/marketplace/keys")
    with pytest.raises(KeysError):
        transport.post_json(
            f"{market.url}/marketplace/keys/a-key/download",
            {"version": "1.0.0", "note": Secret(APIKEY)},
            authorization=Secret(TOKEN),
        )
    assert reached_by_proxy(proxy) == {"keys.example:443"}
    assert [one.method for one in market.requests] == ["GET", "POST"]


# for a download, another public https host is no trick: nothing but the link travels there
NO_TRICK = {
    "https://files.example/",
    "https://inner.example/",
    "https://keys.example.inner.example/",
    "https://keys.example:{port}/",
}


@pytest.mark.parametrize("trick", [one for one in MOVED if one not in NO_TRICK], ids=ascii)
def test_a_redirect_of_the_storage_leads_to_no_inner_address(stage, canary, tmp_path, trick):
    market, proxy, transport = stage
    market.faults.add(Fault.REDIRECT, to=trick.format(port=canary.port))
    with pytest.raises(KeysError):
        download(transport, market.signed_url("a-key"), tmp_path / "pack.part")
    assert list(tmp_path.iterdir()) == []
    assert reached_by_proxy(proxy) == {"files.example:443"}


def test_a_second_hop_is_judged_like_the_first(stage, canary, tmp_path):
    market, proxy, transport = stage
    market.faults.add(Fault.REDIRECT, on=Place.LIST, to="/marketplace/packs", times=1)
    market.faults.add(
        Fault.REDIRECT, on="GET /marketplace/packs", to="https://inner.example/", skip=0
    )
    refused_json(transport, f"{market.url}/marketplace/keys")
    assert [one.path for one in market.requests] == ["/marketplace/keys", "/marketplace/packs"]
    market.faults.clear()
    market.faults.add(Fault.REDIRECT, times=1)
    market.faults.add(Fault.REDIRECT, to=f"https://127.0.0.1:{canary.port}/")
    with pytest.raises(KeysError):
        download(transport, market.signed_url("a-key"), tmp_path / "pack.part")
    assert reached_by_proxy(proxy) == {"keys.example:443", "files.example:443"}


def test_a_loop_ends_after_a_few_hops(stage, tmp_path):
    market, _, transport = stage
    market.faults.add(Fault.REDIRECT, on=Place.ANY)
    refused_json(transport, f"{market.url}/marketplace/keys")
    assert len(market.requests) == 1 + Settings().redirects
    with pytest.raises(KeysError):
        download(transport, market.signed_url("a-key"), tmp_path / "pack.part")
    assert len(market.requests) == 2 * (1 + Settings().redirects)


HINTS = [
    ("Refresh", "0; url=https://127.0.0.1:{port}/"),
    ("Location", "https://127.0.0.1:{port}/"),
    ("Content-Location", "https://127.0.0.1:{port}/"),
    ("Alt-Svc", 'h2="127.0.0.1:{port}"; ma=3600'),
    ("Link", "<https://127.0.0.1:{port}/>; rel=canonical"),
    ("Proxy-Authenticate", "Basic realm=x"),
    ("Set-Cookie", "session=x; Domain=example; Path=/"),
]


@pytest.mark.parametrize(("name", "value"), HINTS, ids=lambda one: one.split(";")[0])
def test_a_header_that_points_elsewhere_is_not_followed(stage, canary, tmp_path, name, value):
    market, proxy, transport = stage
    headers = [(name, value.format(port=canary.port))]
    market.faults.add(Fault.HEADERS, headers=headers)
    for _ in range(2):
        found = transport.get_json(
            f"{market.url}/marketplace/keys", authorization=Secret(TOKEN), headers=SECRETS
        )
        assert found.status == 200
    download(transport, market.signed_url("a-key"), tmp_path / "pack.part")
    assert reached_by_proxy(proxy) == {"keys.example:443", "files.example:443"}
    assert all(one.header("Cookie") is None for one in market.requests)


# a marketplace of one's own machine


def test_an_allowed_private_marketplace_does_not_open_its_neighbours(canary, tmp_path):
    with FakeMarketplace() as market:
        transport = Transport(settings(allowed_marketplaces=(market.url,)))
        for status in STATUSES:
            for to in (canary.url, f"http://localhost:{canary.port}", f"//127.0.0.1:{canary.port}"):
                market.faults.clear()
                market.faults.add(Fault.REDIRECT, on=Place.ANY, to=to, status=status)
                refused_json(transport, f"{market.url}/marketplace/keys")
        refused_json(transport, canary.url)
        assert not canary.reached
    assert market.failures == []


def test_the_storage_of_a_private_marketplace_gets_no_credential_on_any_hop(canary, tmp_path):
    with FakeMarketplace() as market:
        market.put(b"PK", {"slug": "a-key", "title": "A", "version": "1.0.0", "kind": "jupyter"})
        transport = Transport(settings(allowed_marketplaces=(market.url,)))
        market.faults.add(Fault.REDIRECT, to=f"{canary.url}/elsewhere")
        transport.get_json(f"{market.url}/marketplace/keys", authorization=Secret(TOKEN))
        # a private marketplace may keep its storage anywhere, so this hop is allowed
        download(transport, market.signed_url("a-key"), tmp_path / "pack.part", private=True)
        assert canary.heard("GET /elsewhere")
        for word in (TOKEN, APIKEY, "Authorization", "Cookie", "token=", "Referer"):
            assert not canary.heard(word)


# surroundings

AMBIENT = [
    {"HTTP_PROXY": "{url}", "http_proxy": "{url}"},
    {"HTTPS_PROXY": "{url}", "https_proxy": "{url}"},
    {"ALL_PROXY": "{url}", "all_proxy": "{url}"},
    {"NETRC": "{home}/.netrc", "HOME": "{home}"},
    {"REQUESTS_CA_BUNDLE": "{home}/none.pem", "CURL_CA_BUNDLE": "{home}/none.pem"},
]


@pytest.mark.parametrize("ambient", AMBIENT, ids=lambda one: next(iter(one)))
def test_the_surroundings_change_nothing(canary, tmp_path, monkeypatch, ambient):
    (tmp_path / ".netrc").write_text("default login stolen password from-netrc\n")
    (tmp_path / ".netrc").chmod(0o600)
    for name, value in ambient.items():
        monkeypatch.setenv(name, value.format(url=canary.url, home=tmp_path))
    with FakeMarketplace() as market:
        transport = Transport(settings(allowed_marketplaces=(market.url,)))
        transport.get_json(f"{market.url}/marketplace/keys", authorization=Secret(TOKEN))
        (only,) = market.requests
        assert only.header("Authorization") == f"Bearer {TOKEN}"
        market.put(b"PK", {"slug": "a-key", "title": "A", "version": "1.0.0", "kind": "jupyter"})
        download(transport, market.signed_url("a-key"), tmp_path / "pack.part", private=True)
        assert market.requests[-1].header("Authorization") is None
    assert not canary.reached
