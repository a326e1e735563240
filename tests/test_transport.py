"""The door to the network: who may be reached, what an answer may cost, and what is never sent or shown."""

import gzip
import http.server
import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time

import pytest

from keys_jupyter.credentials.secret import Secret
from keys_jupyter.errors import SurroundingsError
from keys_jupyter.marketplace_fake import new_api_key
from keys_jupyter.transport import (
    AddressRefused,
    Answered,
    InvalidAnswer,
    Policy,
    Settings,
    Transport,
    Unreachable,
    target,
)
from keys_jupyter.transport.addresses import Reach, reach
from tests.loopback import Loopback, certificate, free_port, gzipped, raw

TOKEN = new_api_key("kx_live")


def door(*urls, resolve=None, **limits):
    settings = {"retry_seconds": 0.0, "connect_seconds": 2.0, **limits}
    return Transport(Settings(allowed_marketplaces=urls, **settings), resolve=resolve)


def says(data, status=200, **headers):
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return lambda handler: handler.reply(status, body, **headers)


# who may be reached ----------------------------------------------------------------------------------

UNREADABLE = [
    "", "keys.example.com", "//keys.example.com", "https:keys.example.com", "https:/keys.example.com",
    "ftp://keys.example.com", "file:///etc/passwd", "javascript:alert(1)", "data:,x", "gopher://x.example/",
    "https://user:pass@keys.example.com", "https://keys.example.com@127.0.0.1/", "https://@127.0.0.1/",
    "https://keys.example.com\\@127.0.0.1/", "https://keys.example.com\\.evil.example/",
    "https://keys.example.com /", "https://keys.example.com\t/", "https://keys.example.com\n.evil/",
    "https://keys.example.com\x00.evil/", "https://\uff11\uff12\uff17.0.0.1/", "https://ｌocalhost/",
    "https://exämple.com/", "https://", "https:///path", "https://:443/", "https://keys.example.com:/x:y@z",
    "https://keys.example.com:0/", "https://keys.example.com:65536/", "https://keys.example.com:99999999/",
    "https://keys.example.com:44 3/", "https://[::1", "https://::1]/", "https://[fe80::1%25eth0]/",
    "https://[::1]evil.example/", "https://[127.0.0.1]/", "https://a..b.example/", "https://.example.com/",
    "https://keys.example.com./", "https://-x.example.com/", "https://%31%32%37.0.0.1/",
    "https://2852039166/", "https://0xA9FEA9FE/", "https://0251.0376.0251.0376/", "https://127.1/",
    "https://127.0.1/", "https://0177.0.0.1/", "https://0x7f.0.0.1/", "https://1.2.3.4.5/",
    "https://256.1.1.1/", "https://example.0x7f/", "https://keys.example.com\u202e/",
]  # fmt: skip
NOT_PUBLIC = [
    "http://keys.example.com/", "https://127.0.0.1/", "https://127.8.9.1/", "https://0.0.0.0/",
    "https://10.0.0.1/", "https://172.16.5.4/", "https://192.168.1.1/", "https://169.254.169.254/latest",
    "https://100.64.0.1/", "https://100.100.100.200/", "https://192.0.0.192/", "https://168.63.129.16/",
    "https://198.18.0.1/", "https://224.0.0.1/", "https://255.255.255.255/", "https://240.0.0.1/",
    "https://[::1]/", "https://[::]/", "https://[fe80::1]/", "https://[fd00::1]/", "https://[fd00:ec2::254]/",
    "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[::127.0.0.1]/",
    "https://[64:ff9b::a9fe:a9fe]/", "https://[64:ff9b::7f00:1]/", "https://[2002:a9fe:a9fe::]/",
    "https://[2001:0:53aa:64c:0:fbff:5601:5601]/", "https://[ff02::1]/", "https://[fec0::1]/",
    "https://localhost/", "https://LOCALHOST/", "https://x.localhost/", "https://router.local/",
    "https://metadata.google.internal/", "https://intranet/", "https://nas.home.arpa/",
    "https://keys.example.com:22/", "https://keys.example.com:25/", "https://keys.example.com:80/",
]  # fmt: skip
PUBLIC = [
    "https://keys.example.com", "https://keys.example.com:443/", "https://keys.example.com:8443/x?y=z",
    "https://8.8.8.8/", "https://[2606:4700:4700::1111]/", "https://[64:ff9b::808:808]/",
    "https://xn--exmple-cua.com/", "https://a_b.example.com/",
]  # fmt: skip


@pytest.mark.parametrize("url", UNREADABLE)
def test_a_url_with_two_readings_is_no_url(url):
    with pytest.raises(ValueError) as caught:
        target(url)
    assert "example" not in str(caught.value)
    with pytest.raises(AddressRefused):
        door().readable(url)


@pytest.mark.parametrize("url", NOT_PUBLIC)
def test_what_is_not_public_is_not_asked(url):
    def nobody(host, port):
        raise AssertionError(f"{host} was looked up")

    transport = door(resolve=nobody)
    with pytest.raises(AddressRefused) as caught:
        transport.get_json(url)
    assert caught.value.code == "ADDRESS_REFUSED"


@pytest.mark.parametrize("url", PUBLIC)
def test_what_is_public_may_be_asked(url):
    assert Policy().problem(target(url)) is None


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd12::1", "::ffff:10.0.0.1", "64:ff9b::a00:1",
     "2002:a00:1::", "fe80::1%1", "0.0.0.0", "192.168.0.1", "nonsense", ""],
)  # fmt: skip
def test_a_public_name_with_an_inner_address_reaches_nobody(address):
    with Loopback(says({"inner": True})) as inner:
        asked = []

        def resolve(host, port):
            asked.append(host)
            return ["8.8.8.8", address]

        with pytest.raises(InvalidAnswer) as caught:
            door(resolve=resolve).get_json(f"https://keys.example.com:{inner.port}/")
    assert caught.value.code == "ADDRESS_REFUSED"
    assert asked == ["keys.example.com"], "resolved once"
    assert inner.connections == 0


def test_a_name_that_changes_its_mind_is_taken_at_its_first_word():
    answers = [["127.0.0.1"], ["10.0.0.9"]]
    with Loopback(says({"keys": []})) as server:
        transport = door(
            f"http://keys.example.com:{server.port}", resolve=lambda host, port: answers.pop(0)
        )
        reply = transport.get_json(f"http://keys.example.com:{server.port}/")
    assert reply.data == {"keys": []}
    assert len(answers) == 1, "the connection went to the address that was judged"
    assert server.requests[0][2]["host"] == f"keys.example.com:{server.port}"


def test_naming_an_origin_allows_that_origin_only():
    with Loopback(says({})) as server, Loopback(says({})) as other:
        transport = door(server.url)
        transport.get_json(server.url + "/a")
        for url in (other.url, server.url.replace("127.0.0.1", "127.0.0.2")):
            with pytest.raises(AddressRefused):
                transport.get_json(url)
    assert other.connections == 0


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "224.0.0.1", "fd00:ec2::254"])
def test_metadata_is_reached_by_nobody_even_when_named(address):
    host = f"[{address}]" if ":" in address else address
    assert reach(address) is Reach.NEVER
    with pytest.raises(AddressRefused):
        door(f"http://{host}").get_json(f"http://{host}/latest/meta-data")


def test_an_unreadable_entry_of_the_allow_list_is_said_at_once():
    with pytest.raises(AddressRefused) as caught:
        door("localhost:8000")
    assert "localhost:8000" in caught.value.message


# redirects -------------------------------------------------------------------------------------------


def test_no_redirect_of_a_question_leaves_its_origin():
    with Loopback(says({"secret": 1})) as inner:
        for where in (
            inner.url, f"//127.0.0.1:{inner.port}/", f"http://user:x@127.0.0.1:{inner.port}/",
            "http://169.254.169.254/", "file:///etc/passwd", f"HTTP://127.0.0.1:{inner.port}",
            f"http:\\\\127.0.0.1:{inner.port}\\", f"http://0x7f000001:{inner.port}/", "http://[::1", "",
        ):  # fmt: skip
            with Loopback(says(b"", 302, Location=where)) as server:
                with pytest.raises(InvalidAnswer) as caught:
                    door(server.url).get_json(server.url, authorization=Secret(TOKEN))
                assert caught.value.code in ("REDIRECT_REFUSED", "ADDRESS_REFUSED"), where
    assert inner.connections == 0


def test_a_redirect_within_the_origin_is_followed_and_keeps_its_credentials():
    def answer(handler):
        if handler.path == "/old":
            handler.reply(301, Location="/new?x=1")
        else:
            handler.reply(200, b'{"ok": true}')

    with Loopback(answer) as server:
        assert door(server.url).get_json(server.url + "/old", authorization=Secret(TOKEN)).data == {
            "ok": True
        }
    assert [request[1] for request in server.requests] == ["/old", "/new?x=1"]
    assert server.requests[1][2]["authorization"] == f"Bearer {TOKEN}"


def test_what_is_sent_is_never_sent_twice_by_a_redirect():
    with Loopback(says(b"", 307, Location="/again")) as server, pytest.raises(InvalidAnswer):
        door(server.url).post_json(server.url + "/first", {"a": 1})
    assert [request[1] for request in server.requests] == ["/first"]


def test_a_circle_ends():
    with (
        Loopback(says(b"", 302, Location="/round")) as server,
        pytest.raises(InvalidAnswer) as caught,
    ):
        door(server.url).get_json(server.url + "/round")
    assert caught.value.code == "REDIRECT_REFUSED"
    assert len(server.requests) == 4


def test_the_body_of_a_redirect_is_not_read():
    sent = []

    def talk(connection, ended):
        if b"GET /end" in connection.recv(65536):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            return
        connection.sendall(
            b"HTTP/1.1 302 Found\r\nLocation: /end\r\nContent-Length: 99999999\r\n\r\n"
        )
        try:
            for _ in range(1500):
                connection.sendall(b"x" * 65536)
                sent.append(65536)
        except OSError:
            sent.append(0)

    with raw(talk) as url:
        assert door(url).get_json(url + "/begin").data == {}
    assert sum(sent) < 16 * 1024 * 1024, "only what the buffers of the connection took"


# what is sent ----------------------------------------------------------------------------------------


def test_netrc_proxies_and_cookies_of_the_surroundings_do_not_count(tmp_path, monkeypatch):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login thief password stolen\n")
    (tmp_path / ".netrc").chmod(0o600)
    nowhere = f"http://127.0.0.1:{free_port()}"
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, nowhere)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with Loopback(says({}, Set_Cookie="track=me; Path=/")) as server:
        transport = door(server.url)
        transport.get_json(server.url + "/1")
        transport.get_json(server.url + "/2", authorization=Secret(TOKEN))
    first, second = server.requests
    assert "authorization" not in first[2]
    assert second[2]["authorization"] == f"Bearer {TOKEN}"
    assert "cookie" not in second[2]
    assert first[2]["accept-encoding"] == "identity"


def test_proxies_of_the_surroundings_count_when_configured(monkeypatch):
    with Loopback(says({"by": "proxy"})) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        transport = door("http://keys.example.com", use_environment=True)
        assert transport.get_json("http://keys.example.com/x").data == {"by": "proxy"}
    assert proxy.requests[0][1] == "http://keys.example.com/x"


def test_a_configured_proxy_gets_the_names_and_inner_ones_are_refused_before():
    with Loopback(says({"by": "proxy"})) as proxy:
        transport = door(proxies={"https": proxy.url, "http": proxy.url})
        for url in ("https://127.0.0.1/", "https://localhost/", "https://printer.local/"):
            with pytest.raises(AddressRefused):
                transport.get_json(url)
    assert proxy.connections == 0


def test_a_secret_in_what_is_sent_is_on_the_wire_only():
    with Loopback(says({})) as server:
        door(server.url).post_json(
            server.url, {"password": Secret("pässword")}, headers={"apikey": Secret("anon")}
        )
    method, _, headers, body = server.requests[0]
    assert (method, headers["apikey"]) == ("POST", "anon")
    assert json.loads(body) == {"password": "pässword"}
    assert headers["content-type"] == "application/json"


def test_no_log_at_any_level_holds_a_query_or_a_credential(caplog):
    caplog.set_level(logging.DEBUG)
    with Loopback(says({})) as server:
        door(server.url).get_json(
            server.url + "/x?token=eyJhbGciOi.secret", authorization=Secret(TOKEN)
        )
    text = caplog.text + "".join(str(record.args) for record in caplog.records)
    assert "/x?…" in text, "urllib3 did log the request"
    assert "eyJ" not in text
    assert TOKEN not in text


# what an answer may cost -----------------------------------------------------------------------------


def test_an_answer_above_the_cap_is_not_read_to_its_end():
    sent = []

    def talk(connection, ended):
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while sum(sent) < 10**9:
                connection.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")
                sent.append(65536)
        except OSError:
            sent.append(0)

    with raw(talk) as url, pytest.raises(InvalidAnswer) as caught:
        door(url, reply_bytes=1_000_000).get_json(url)
    assert caught.value.code == "ANSWER_TOO_LARGE"
    assert sum(sent) < 32 * 1024 * 1024


def test_an_announced_length_above_the_cap_is_refused_before_a_byte():
    huge = says(b"{}", Content_Length="99999999999")
    with Loopback(huge) as server, pytest.raises(InvalidAnswer) as caught:
        door(server.url).get_json(server.url)
    assert caught.value.code == "ANSWER_TOO_LARGE"


def test_a_packed_answer_is_counted_unpacked():
    bomb = gzipped(b"[" + b" " * 50_000_000 + b"]")
    assert len(bomb) < 100_000
    with Loopback(says(bomb, Content_Encoding="gzip")) as server:
        with pytest.raises(InvalidAnswer) as caught:
            door(server.url, reply_bytes=1_000_000).get_json(server.url)
        assert door(server.url).get_json(server.url).data == []
    assert caught.value.code == "ANSWER_TOO_LARGE"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("br", b"{}"),
        ("deflate", b"{}"),
        ("gzip, gzip", b"{}"),
        ("gzip", b"not gzip"),
        ("zstd", b"x"),
    ],
)
def test_an_encoding_nobody_asked_for_is_refused(encoding, body):
    with (
        Loopback(says(body, Content_Encoding=encoding)) as server,
        pytest.raises(InvalidAnswer) as caught,
    ):
        door(server.url).get_json(server.url)
    assert caught.value.code == "ANSWER_ENCODING"


def test_a_packed_answer_that_ends_early_is_a_cut():
    half = gzip.compress(json.dumps(list(range(10000))).encode())[:-40]
    with (
        Loopback(says(half, Content_Encoding="gzip")) as server,
        pytest.raises(Unreachable) as caught,
    ):
        door(server.url).get_json(server.url)
    assert caught.value.code == "UNREACHABLE_CUT"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Sign in to Wifi</html>",
        b"{",
        b'{"a": NaN}',
        b"[" * 100_000,
        b"\xff\xfe{}",
        b'{"a":1}x',
    ],
)
def test_what_is_not_json_is_said_so(body):
    with Loopback(says(body)) as server, pytest.raises(InvalidAnswer) as caught:
        door(server.url).get_json(server.url)
    assert caught.value.code == "ANSWER_NOT_JSON"


@pytest.mark.parametrize("part", ["head", "body", "chunk"])
def test_dripping_bytes_do_not_pass_the_deadline(part):
    starts = {
        "head": b"HTTP/1.1 200 OK\r\nX-Long: ",
        "body": b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        "chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;",
    }

    def talk(connection, ended):
        connection.recv(65536)
        connection.sendall(starts[part])
        while not ended.wait(0.02):
            connection.sendall(b"x")

    began = time.monotonic()
    with raw(talk) as url, pytest.raises(Unreachable) as caught:
        door(url, reply_seconds=0.3).get_json(url)
    assert caught.value.code == "UNREACHABLE_TIMEOUT"
    assert time.monotonic() - began < 5


def test_a_stall_ends_by_itself():
    def talk(connection, ended):
        connection.recv(65536)
        ended.wait(20)

    with raw(talk) as url, pytest.raises(Unreachable) as caught:
        door(url, stall_seconds=0.2).get_json(url)
    assert caught.value.code == "UNREACHABLE_TIMEOUT"


def test_a_cut_question_is_asked_once_more_and_a_cut_command_is_not():
    seen = []

    def talk(connection, ended):
        seen.append(connection.recv(65536)[:4])
        if len(seen) in (1, 3):
            return
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    with raw(talk) as url:
        assert door(url).get_json(url).data == {}
        with pytest.raises(Unreachable) as caught:
            door(url).post_json(url, {})
    assert caught.value.code == "UNREACHABLE_CUT"
    assert seen == [b"GET ", b"GET ", b"POST"]


def test_an_entity_tag_saves_the_answer():
    def answer(handler):
        same = handler.headers.get("If-None-Match") == 'W/"one"'
        handler.reply(304 if same else 200, b"" if same else b"[1]", ETag='W/"one"')

    with Loopback(answer) as server:
        first = door(server.url).get_json(server.url)
        again = door(server.url).get_json(server.url, etag=first.etag)
    assert (first.status, first.data, first.etag) == (200, [1], 'W/"one"')
    assert (again.status, again.data) == (304, None)


# nobody answers --------------------------------------------------------------------------------------


def test_nobody_listens():
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(Unreachable) as caught:
        door(url).get_json(url)
    assert caught.value.code == "UNREACHABLE_REFUSED"


@pytest.mark.parametrize(
    "found", [[], socket.gaierror(-2, "Name or service not known"), UnicodeError("label")]
)
def test_a_name_without_an_address(found):
    def resolve(host, port):
        if isinstance(found, Exception):
            raise found
        return found

    with pytest.raises(Unreachable) as caught:
        door(resolve=resolve).get_json("https://keys.example.com/")
    assert caught.value.code == "UNREACHABLE_DNS"
    assert "keys.example.com" in caught.value.message


def test_something_that_is_not_http():
    def talk(connection, ended):
        connection.recv(65536)
        connection.sendall(b"220 mail.example.com ESMTP\r\n")

    with raw(talk) as url, pytest.raises(InvalidAnswer) as caught:
        door(url).get_json(url)
    assert caught.value.code == "ANSWER_NOT_HTTP"


@pytest.mark.parametrize(
    ("names", "days", "trusted", "word"),
    [
        (("127.0.0.1",), 1, False, "self-signed"),
        (("127.0.0.1",), -1, True, "expired"),
        (("other.example",), 1, True, "127.0.0.1"),
    ],
)
def test_a_fault_of_tls_is_named(tmp_path, names, days, trusted, word):
    path, context = certificate(tmp_path, names, days)
    with Loopback(says({}), context) as server, pytest.raises(Unreachable) as caught:
        door(server.url, ca_bundle=path if trusted else None).get_json(
            server.url, authorization=Secret(TOKEN)
        )
    assert caught.value.code == "UNREACHABLE_TLS"
    assert word in caught.value.message
    assert server.requests == []


def test_a_company_authority_is_trusted_when_configured(tmp_path):
    path, context = certificate(tmp_path)
    with Loopback(says({"ok": 1}), context) as server:
        assert door(server.url, ca_bundle=path).get_json(server.url).data == {"ok": 1}


def test_a_missing_file_of_certificates_is_said_at_once(tmp_path):
    with pytest.raises(SurroundingsError) as caught:
        Transport(Settings(ca_bundle=tmp_path / "none.pem"))
    assert caught.value.code == "CA_BUNDLE_MISSING"
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("status", [407, 403, 502])
def test_a_proxy_that_refuses_is_named(status):
    with Loopback(says(b"", status)) as proxy, pytest.raises(Unreachable) as caught:
        door(proxies={"https": proxy.url}).get_json(
            "https://keys.example.com/", authorization=Secret(TOKEN)
        )
    assert caught.value.code == "UNREACHABLE_PROXY"
    assert proxy.requests[0][0] == "CONNECT"
    assert TOKEN not in str(proxy.requests)


def test_a_proxy_that_is_not_there_is_named():
    with pytest.raises(Unreachable) as caught:
        door(proxies={"https": f"http://127.0.0.1:{free_port()}"}).get_json(
            "https://keys.example.com/"
        )
    assert caught.value.code == "UNREACHABLE_PROXY"


# what an error says ----------------------------------------------------------------------------------

SHAPES = [
    (404, {"error": "Key not found"}, "NOT_FOUND", "", "Key not found"),
    (403, {"error": "Access denied", "message": "Buy it."}, "ACCESS_DENIED", "", "Access denied: Buy it."),
    (400, {"error": "Invalid library.json schema", "details": [{"path": "x"}]}, "REQUEST_REFUSED", "",
     "Invalid library.json schema"),
    (401, {"error": {"code": "AUTHENTICATION_ERROR", "message": "Invalid or revoked API key"},
           "requestId": "req_1"}, "NOT_ACCEPTED", "AUTHENTICATION_ERROR", "Invalid or revoked API key"),
    (500, {"error": {"code": "INTERNAL_ERROR", "message": "x", "stack": "at /srv/app.js"}}, "TROUBLE",
     "INTERNAL_ERROR", "x"),
    (408, {"status": "error", "code": "REQUEST_TIMEOUT", "message": "Request timeout after 30000ms"},
     "REQUEST_TIMEOUT", "REQUEST_TIMEOUT", "Request timeout after 30000ms"),
    (429, b"Too many authentication attempts, please try again later.", "RATE_LIMITED", "",
     "Too many authentication attempts, please try again later."),
    (200, {"valid": False, "error": "Invalid token", "requestId": "r"}, "REQUEST_REFUSED", "", "Invalid token"),
    (400, {"statusCode": "400", "error": "InvalidJWT", "message": '"exp" claim timestamp check failed'},
     "REQUEST_REFUSED", "InvalidJWT", '"exp" claim timestamp check failed'),
    (400, {"statusCode": "404", "error": "not_found", "message": "Object not found", "code": "NoSuchKey"},
     "REQUEST_REFUSED", "NoSuchKey", "Object not found"),
    (502, b"<html><h1>Bad Gateway</h1></html>", "TROUBLE", "", ""),
    (500, b"", "TROUBLE", "", ""),
    (418, [1, 2], "REQUEST_REFUSED", "", ""),
    (500, {"error": None}, "TROUBLE", "", ""),
    (500, {"error": {"message": {"deep": 1}}}, "TROUBLE", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "code", "remote", "said"), SHAPES)
def test_every_shape_of_an_error_becomes_one(status, body, code, remote, said):
    with Loopback(says(body, status)) as server, pytest.raises(Answered) as caught:
        door(server.url).get_json(server.url)
    error = caught.value
    assert (error.code, error.remote, error.http_status) == (code, remote, status)
    assert error.message == (
        f"127.0.0.1 answered {status}: {said}" if said else f"127.0.0.1 answered {status}."
    )
    assert "stack" not in str(error)
    assert "/srv" not in str(error)


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"Retry_After": "900"}, b"", 900.0),
        ({}, b'{"error": {"code": "RATE_LIMIT_ERROR", "context": {"retryAfter": 12}}}', 12.0),
        ({"Retry_After": "Wed, 21 Oct 2037 07:28:00 GMT"}, b"", None),
        ({"Retry_After": "-5"}, b"", 0.0),
        ({"Retry_After": "1e99"}, b"", 3600.0),
    ],
)
def test_a_pause_that_is_asked_for_is_kept(headers, body, seconds):
    with Loopback(says(body, 429, **headers)) as server, pytest.raises(Answered) as caught:
        door(server.url).get_json(server.url)
    assert caught.value.retry_after == seconds


def test_others_words_neither_lie_nor_leak():
    said = (
        f"bad \x1b[31m\u202e key {TOKEN} at https://s.example/o?token=eyJh.bGci.xyz&n=1 \n\n"
        + "x" * 5000
    )
    with Loopback(says({"error": said}, 400)) as server, pytest.raises(Answered) as caught:
        door(server.url).get_json(server.url)
    message = caught.value.message
    assert TOKEN not in message
    assert "eyJh" not in message
    assert message.isprintable()
    assert len(message) < 300


def test_errors_of_the_libraries_are_not_chained_to_ours():
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(Unreachable) as caught:
        door(url).get_json(url + "/sign?token=eyJ0b2tlbg")
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


def test_requests_waits_for_the_first_request():
    code = "import sys, keys_jupyter.transport, keys_jupyter.credentials\nprint('requests' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ}
    )
    assert done.stdout == "False\n"


def test_nothing_is_left_running():
    with Loopback(says({})) as server:
        door(server.url).get_json(server.url)
    assert not [thread for thread in threading.enumerate() if thread.name == "keys-watch"]
    assert http.server.ThreadingHTTPServer.daemon_threads
