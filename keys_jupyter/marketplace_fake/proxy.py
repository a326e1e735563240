"""A forward proxy on loopback: tunnels for https, absolute addresses for http, with a password if wanted.

Names may be sent elsewhere, so that a test reaches a made-up host through it and in no other way.
"""

from __future__ import annotations

import base64
import http.client
import http.server
import select
import socket
import urllib.parse
from collections.abc import Mapping

from keys_jupyter.marketplace_fake.server import LoopbackServer
from keys_jupyter.marketplace_fake.wire import Received, RequestLog

_SECONDS = 30
_BYTES = 64 * 1024
_OWN = ("proxy-authorization", "proxy-connection", "connection", "keep-alive")


class ForwardProxy:
    """The proxy; ``requests`` holds what it was asked, tunnels as ``CONNECT``."""

    def __init__(
        self,
        *,
        user: str | None = None,
        password: str = "",
        hosts: Mapping[str, tuple[str, int]] | None = None,
        refuse: int | None = None,
    ) -> None:
        """Listen at once, on a free port.

        Args:
            user: asks for this user and the password, and answers 407 without.
            password: the password.
            hosts: where ``"name:port"`` really leads; others are connected to as they are.
            refuse: a status answered to everything.
        """
        self.requests = RequestLog()
        self.hosts = dict(hosts or {})
        self.refuse = refuse
        self._user = user
        self._password = password
        handler = type("Handler", (_Handler,), {"proxy": self})
        self._server = LoopbackServer(("127.0.0.1", 0), handler, None)
        self.port = int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Return its address with the user and password it asks for."""
        who = ""
        if self._user is not None:
            quoted = urllib.parse.quote(self._password, safe="")
            who = f"{urllib.parse.quote(self._user, safe='')}:{quoted}@"
        return f"http://{who}127.0.0.1:{self.port}"

    @property
    def failures(self) -> list[BaseException]:
        """Return what went wrong in the proxy itself."""
        return self._server.failures

    def admits(self, credentials: str | None) -> bool:
        """Say whether a ``Proxy-Authorization`` header is the right one."""
        if self._user is None:
            return True
        pair = base64.b64encode(f"{self._user}:{self._password}".encode()).decode()
        return credentials == f"Basic {pair}"

    def address(self, host: str, port: int) -> tuple[str, int]:
        """Return where a host and port lead."""
        return self.hosts.get(f"{host}:{port}", (host, port))

    def close(self) -> None:
        """Stop listening and end every tunnel."""
        self._server.stop()

    def __enter__(self) -> ForwardProxy:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class _Handler(http.server.BaseHTTPRequestHandler):
    proxy: ForwardProxy

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: the log of requests is the record."""

    def handle_one_request(self) -> None:
        """Read one request, record it, tunnel or forward it; a connection serves one."""
        self.close_connection = True
        self.connection.settimeout(_SECONDS)
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            return
        length = self.headers.get("Content-Length", "0")
        body = self.rfile.read(int(length)) if length.isdecimal() else b""
        received = Received(
            "proxy",
            self.command,
            self.path,
            tuple(self.headers.items()),
            body,
            str(self.client_address[0]),
        )
        self.proxy.requests.add(received)
        received.status = self._serve(received)

    def _serve(self, received: Received) -> int:
        if self.proxy.refuse is not None:
            return self._say(self.proxy.refuse)
        if not self.proxy.admits(received.header("Proxy-Authorization")):
            return self._say(407, 'Proxy-Authenticate: Basic realm="proxy"')
        try:
            return self._tunnel() if received.method == "CONNECT" else self._forward(received)
        except OSError:
            return self._say(502)

    def _say(self, status: int, *headers: str) -> int:
        reason = http.client.responses.get(status, "")
        lines = [f"HTTP/1.1 {status} {reason}", "Content-Length: 0", *headers, "Connection: close"]
        self.wfile.write("\r\n".join([*lines, "", ""]).encode())
        return status

    def _tunnel(self) -> int:
        host, _, port = self.path.rpartition(":")
        address = self.proxy.address(host.strip("[]"), int(port))
        with socket.create_connection(address, _SECONDS) as there:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            _pump(self.connection, there)
        return 200

    def _forward(self, received: Received) -> int:
        parts = urllib.parse.urlsplit(received.target)
        host, port = self.proxy.address(parts.hostname or "", parts.port or 80)
        headers = {k: v for k, v in received.headers if k.casefold() not in _OWN}
        there = http.client.HTTPConnection(host, port, timeout=_SECONDS)
        try:
            target = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
            there.request(received.method, target, received.body or None, headers)
            answer = there.getresponse()
            self._relay(answer)
            return answer.status
        finally:
            there.close()

    def _relay(self, answer: http.client.HTTPResponse) -> None:
        skipped = (*_OWN, "transfer-encoding")
        headers = [f"{k}: {v}" for k, v in answer.getheaders() if k.casefold() not in skipped]
        lines = [f"HTTP/1.1 {answer.status} {answer.reason}", *headers, "Connection: close", "", ""]
        self.wfile.write("\r\n".join(lines).encode("latin-1"))
        while piece := answer.read1(_BYTES):
            self.wfile.write(piece)


def _pump(one: socket.socket, other: socket.socket) -> None:
    """Carry bytes both ways until a side ends."""
    across = {one: other, other: one}
    while True:
        ready, _, _ = select.select(list(across), [], [], _SECONDS)
        if not ready:
            return
        for side in ready:
            data = side.recv(_BYTES)
            if not data:
                return
            across[side].sendall(data)
