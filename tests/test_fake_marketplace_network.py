"""The marketplace of the tests under load, over https with good and bad certificates, and what stands around it."""

import http.client
import json
import socket
import ssl
import subprocess
import sys
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import keys_jupyter
from keys_jupyter.marketplace_fake import FakeMarketplace, Fault, ForwardProxy, Tls
from tests.downloads.asking import ask
from tests.packs import make_library

SLUG = "small-failure"


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return make_library(tmp_path_factory.mktemp("sold") / "library")


@pytest.fixture
def market(library):
    with FakeMarketplace(library) as running:
        yield running
    assert running.failures == []


def test_fifty_clients_at_once(market):
    market.grant_all(reader := market.user())
    token = market.key(reader).token
    pack = market.pack(SLUG)
    url = f"{market.url}/marketplace/keys/{SLUG}/download"

    def fetch(_):
        link = ask(url, "POST", token=token).json()["downloadUrl"]
        return ask(link).body == pack

    with ThreadPoolExecutor(50) as clients:
        assert all(clients.map(fetch, range(200)))
    assert len(market.requests) == 400


def test_clients_that_leave_in_the_middle_harm_nobody(market):
    link = market.signed_url(SLUG)
    market.faults.add(Fault.ENDLESS, times=20)
    host, port = market.project_url.removeprefix("http://").split(":")
    for _ in range(20):
        with socket.create_connection((host, int(port))) as wire:
            target = link.partition(market.project_url)[2]
            wire.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert wire.recv(1000)
    for rubbish in (b"", b"GET", b"\x16\x03\x01\x02\x00", b"GET / HTTP/1.1\r\nBad\r\n\r\n"):
        with socket.create_connection((host, int(port))) as wire:
            wire.sendall(rubbish)
    assert ask(link).body == market.pack(SLUG)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (Tls.SELF_SIGNED, "self-signed certificate"),
        (Tls.EXPIRED, "certificate has expired"),
        (Tls.NOT_YET_VALID, "certificate is not yet valid"),
        (Tls.OTHER_NAME, "certificate is not valid for '127.0.0.1'"),
    ],
)
def test_bad_certificates_are_bad(library, kind, reason):
    with FakeMarketplace(library, tls=kind) as market:
        assert market.url.startswith("https://")
        with pytest.raises(ssl.SSLCertVerificationError, match=reason):
            ask(f"{market.url}/health", ca=market.ca_file)
        assert len(market.requests) == 0
    assert market.failures == []


def test_a_good_certificate_is_good_with_its_authority_only(library):
    with FakeMarketplace(library, tls=Tls.TRUSTED, storage_tls=Tls.TRUSTED) as market:
        assert ask(f"{market.url}/health", ca=market.ca_file).status == 200
        assert ask(market.signed_url(SLUG), ca=market.ca_file).body == market.pack(SLUG)
        with pytest.raises(ssl.SSLCertVerificationError):
            ask(f"{market.url}/health")


def test_an_address_may_say_https_where_nobody_speaks_it(library):
    with (
        FakeMarketplace(library, tls=Tls.NONE) as market,
        pytest.raises(ssl.SSLError, match=r"(?i)wrong.version|record layer"),
    ):
        ask(f"{market.url}/health", ca=market.ca_file)


def test_storage_can_be_worse_than_the_api(library):
    with FakeMarketplace(library, tls=Tls.TRUSTED, storage_tls=Tls.EXPIRED) as market:
        assert ask(f"{market.url}/health", ca=market.ca_file).status == 200
        with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
            ask(market.signed_url(SLUG), ca=market.ca_file)


def test_storage_listens_on_every_address_of_its_name(market):
    port = int(market.project_url.rpartition(":")[2])
    for family, *_, address in socket.getaddrinfo("localhost", port, type=socket.SOCK_STREAM):
        with socket.socket(family, socket.SOCK_STREAM) as wire:
            wire.connect(address)


# the canary


def test_the_canary_records_http_rubbish_and_silence(canary):
    assert not canary.reached
    assert ask(f"{canary.url}/latest/meta-data", X_Api_Key="secret-1").body == b"inside"
    assert canary.heard("X-Api-Key: secret-1") and canary.heard("GET /latest/meta-data")
    with socket.create_connection((canary.host, canary.port)) as wire:
        wire.sendall(b"\x16\x03\x01")
    with socket.create_connection((canary.host, canary.port)):
        pass
    for _ in range(2):
        assert len(canary.connections) == 3
        assert b"\x16\x03\x01" in canary.connections and b"" in canary.connections
        canary.close()


def test_the_canary_counts_a_caller_that_says_nothing_and_stays(canary):
    with socket.create_connection(("localhost", canary.port)):
        assert canary.connections == [b""]


# the proxy


def through(proxy, url):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": proxy.url}))
    with opener.open(url, timeout=10) as answer:
        return answer.status, answer.read()


def test_a_proxy_forwards_absolute_addresses(market, forward_proxy):
    status, body = through(forward_proxy, f"{market.url}/health")
    assert status == 200 and json.loads(body)["status"] == "ok"
    (asked,) = forward_proxy.requests
    assert asked.target == f"{market.url}/health" and asked.path == "/health"


def test_a_proxy_leads_names_elsewhere(market, forward_proxy):
    host, port = market.url.removeprefix("http://").split(":")
    forward_proxy.hosts["keys.example:80"] = (host, int(port))
    assert through(forward_proxy, "http://keys.example/health")[0] == 200
    (received,) = market.requests
    assert received.header("Host") == "keys.example"


def test_a_proxy_tunnels(library, forward_proxy):
    with FakeMarketplace(library, tls=Tls.TRUSTED) as market:
        context = ssl.create_default_context(cafile=market.ca_file)
        host, port = market.url.removeprefix("https://").split(":")
        wire = http.client.HTTPSConnection("127.0.0.1", forward_proxy.port, context=context)
        wire.set_tunnel(host, int(port))
        wire.request("GET", "/health")
        assert wire.getresponse().status == 200
        wire.close()
    assert [one.method for one in forward_proxy.requests] == ["CONNECT"]


def test_a_proxy_asks_for_a_password(market):
    with ForwardProxy(user="u", password="p w") as proxy:
        assert through(proxy, f"{market.url}/health")[0] == 200
        bare = f"http://127.0.0.1:{proxy.port}"
        wire = http.client.HTTPConnection("127.0.0.1", proxy.port)
        wire.request("GET", f"{market.url}/health")
        response = wire.getresponse()
        assert response.status == 407
        assert response.getheader("Proxy-Authenticate") == 'Basic realm="proxy"'
        response.read()
        wire.close()
        assert proxy.url == f"http://u:p%20w@{bare.removeprefix('http://')}"
    assert len(market.requests) == 1
    assert market.requests[0].header("Proxy-Authorization") is None


def test_a_proxy_refuses_or_finds_nobody():
    with ForwardProxy(refuse=503) as proxy:
        wire = http.client.HTTPConnection("127.0.0.1", proxy.port)
        wire.request("GET", "http://x.example/")
        assert wire.getresponse().status == 503
        wire.close()
    with socket.socket() as closed, ForwardProxy() as proxy:
        closed.bind(("127.0.0.1", 0))
        wire = http.client.HTTPConnection("127.0.0.1", proxy.port)
        wire.set_tunnel(*closed.getsockname())
        with pytest.raises(OSError, match="502"):
            wire.connect()
        wire.close()


# what it costs others


def test_the_plugin_loads_nothing_until_a_test_asks():
    code = (
        "import sys, keys_jupyter.pytest_plugin;"
        "print([m for m in sys.modules if m.startswith(('keys_jupyter.', 'pydantic', 'cryptography'))])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "['keys_jupyter.pytest_plugin']"


def test_the_server_never_loads_it():
    code = (
        "import sys, keys_jupyter.extension; print('keys_jupyter.marketplace_fake' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
    package = Path(keys_jupyter.__file__).parent
    users = [
        path.relative_to(package).parts[0]
        for path in package.rglob("*.py")
        if "marketplace_fake" in path.read_text("utf-8")
    ]
    assert set(users) == {"marketplace_fake", "pytest_plugin.py"}


def test_no_thread_outlives_it(library):
    before = set(threading.enumerate())
    with FakeMarketplace(library) as market:
        wire = http.client.HTTPConnection(*market.url.removeprefix("http://").split(":"))
        wire.request("GET", "/health")
        wire.getresponse().read()
    wire.close()
    assert set(threading.enumerate()) <= before


# steered from outside


@pytest.fixture
def steered(library):
    process = subprocess.Popen(
        [sys.executable, "-m", "keys_jupyter.marketplace_fake", str(library), "--digests"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    greeting = json.loads(process.stdout.readline())

    def steer(do, **more):
        process.stdin.write(json.dumps({"do": do, **more}) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    yield greeting, steer
    process.stdin.close()
    assert process.wait(20) == 0
    process.stdout.close()


def test_lines_of_json_steer_it(steered):
    greeting, steer = steered
    url = greeting["url"]
    token = steer("key", seconds=3600)["token"]
    link = f"{url}/marketplace/keys/{SLUG}/download"
    assert ask(link, "POST", token=token).status == 403
    assert steer("grant", slug=SLUG) == {"ok": True}
    assert ask(link, "POST", token=token).status == 200
    assert steer("add", fault="OUTAGE", of="KEY_ROW", times=1)["ok"] is True
    assert ask(link, "POST", token=token).status == 404
    assert steer("withdraw", slug=SLUG)["ok"] is True
    assert ask(link, "POST", token=token).status == 403
    back = {"successUrl": "https://keys.example/ok", "cancelUrl": "https://keys.example/no"}
    ask(f"{url}/marketplace/keys/{SLUG}/checkout", "POST", back, token=token)
    assert steer("pay", after_reads=0)["paid"] == [SLUG]
    entitlements = ask(f"{url}/marketplace/entitlements", token=token).json()["entitlements"]
    assert [one["packSlug"] for one in entitlements] == [SLUG]
    assert len(steer("requests", holding=token)["requests"]) == 6
    steer("stop")
    with pytest.raises(ConnectionRefusedError):
        ask(f"{url}/health")
    steer("start")
    steer("advance", seconds=3601)
    assert ask(link, "POST", token=token).status == 401


def test_a_stall_is_released_by_a_line(steered):
    greeting, steer = steered
    rule = steer("add", fault="STALL", on="GET /health")["rule"]
    answers = []
    asking = threading.Thread(target=lambda: answers.append(ask(f"{greeting['url']}/health")))
    asking.start()
    assert steer("release", rule=rule)["ok"] is True
    asking.join(20)
    assert answers[0].status == 200


@pytest.mark.parametrize(
    "line", ["not json", "{}", '{"do": "dance"}', "[]", '{"do": "add", "fault": "NONE"}']
)
def test_a_line_it_does_not_understand_is_said_so(library, line):
    from keys_jupyter.marketplace_fake.control import Control

    with FakeMarketplace(library) as market:
        assert Control(market, market.user()).obey(line)["ok"] is False
