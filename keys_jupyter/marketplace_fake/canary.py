"""A server nothing may reach: it stands for the machines inside a network and records whatever comes.

It takes any bytes, HTTP or not; a connection alone already counts. Asking whether it was reached waits until every
connection made before is accounted for, so that "no" means no.
"""

from __future__ import annotations

import secrets
import socket
import socketserver
import threading

from keys_jupyter.marketplace_fake.server import listening

_SECONDS = 1
_PATIENCE_SECONDS = 30
_BYTES = 64 * 1024
_REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\nConnection: close\r\n\r\ninside"


class Canary:
    """The inner server, on every loopback address."""

    def __init__(self) -> None:
        """Listen at once, on a free port."""
        self.host = "127.0.0.1"
        self._recorded: list[bytes] = []
        self._bell = threading.Condition()
        self._probe = secrets.token_hex(16).encode()
        self._open = True
        handler = type("Handler", (_Handler,), {"canary": self})
        self._servers = listening("localhost", 0, handler)
        self.port = int(self._servers[0].server_address[1])

    @property
    def url(self) -> str:
        """Return its address, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    @property
    def connections(self) -> list[bytes]:
        """Return what each connection sent first, in no certain order."""
        self._settle()
        with self._bell:
            return [one for one in self._recorded if one != self._probe]

    @property
    def reached(self) -> bool:
        """Say whether anything came at all."""
        return bool(self.connections)

    def heard(self, text: str) -> bool:
        """Say whether a text was among what came."""
        return any(text.encode() in one for one in self.connections)

    def record(self, data: bytes) -> None:
        """Keep what a connection sent."""
        with self._bell:
            self._recorded.append(data)
            self._bell.notify_all()

    def close(self) -> None:
        """Stop listening; what came can still be read."""
        self._settle()
        self._open = False
        for server in self._servers:
            server.stop()

    def _settle(self) -> None:
        """Knock oneself: connections are accepted in their order, so all before are recorded soon."""
        if not self._open:
            return
        with self._bell:
            knocks = self._recorded.count(self._probe) + len(self._servers)
        for server in self._servers:
            host = str(server.server_address[0])
            with socket.create_connection((host, self.port), _SECONDS) as own:
                own.sendall(self._probe)
        with self._bell:
            if not self._bell.wait_for(lambda: self._all_recorded(knocks), _PATIENCE_SECONDS):
                raise TimeoutError("the canary does not know what reached it")

    def _all_recorded(self, knocks: int) -> bool:
        accepted = sum(server.accepted for server in self._servers)
        return self._recorded.count(self._probe) >= knocks and len(self._recorded) >= accepted

    def __enter__(self) -> Canary:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class _Handler(socketserver.BaseRequestHandler):
    canary: Canary

    def handle(self) -> None:
        self.request.settimeout(_SECONDS)
        data = b""
        try:
            while len(data) < _BYTES and b"\r\n\r\n" not in data:
                more = self.request.recv(_BYTES)
                if not more:
                    break
                data += more
        except OSError:
            # a caller that says nothing has still come
            self.canary.record(data)
            return
        self.canary.record(data)
        self.request.sendall(_REPLY)
