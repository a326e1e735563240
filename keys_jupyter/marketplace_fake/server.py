"""One origin: a real HTTP server on loopback that records every request and sends replies as told.

What is answered is the application's affair; here are sockets, threads and TLS only. Each connection has a
thread; :meth:`Origin.close` ends all of them.
"""

from __future__ import annotations

import contextlib
import http.client
import http.server
import socket
import socketserver
import ssl
import struct
import sys
import threading
from collections.abc import Callable
from typing import Any, ClassVar

from keys_jupyter.marketplace_fake.wire import Received, Reply, RequestLog

_KEEP_ALIVE_SECONDS = 5
_SECONDS = 60
_POLL_SECONDS = 0.02
_SEND_BYTES = 64 * 1024
# What a connection does when the other side goes away; none of it is a fault of the server.
_GONE = (ConnectionError, TimeoutError, ssl.SSLError, OSError, http.client.HTTPException)

Application = Callable[[Received], Reply]


class Origin:
    """A scheme, a host and a port that answer."""

    def __init__(
        self,
        name: str,
        application: Application,
        log: RequestLog,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        scheme: str | None = None,
    ) -> None:
        """Listen at once.

        Args:
            name: what the log calls it.
            application: answers a request.
            log: where requests are kept.
            host: ``localhost`` listens on IPv4 and, where there is one, on IPv6.
            port: a free one when absent.
            tls: speaks https with this.
            scheme: what its address says, if not the truth.
        """
        self.name = name
        self.host = host
        self.scheme = scheme or ("https" if tls else "http")
        self.answer = application
        handler = type("Handler", (_Handler,), {"origin": self})
        self._log = log
        self._servers = listening(host, port, handler, tls)
        self.port = int(self._servers[0].server_address[1])

    @property
    def url(self) -> str:
        """Return its address, without a slash at the end."""
        return f"{self.scheme}://{self.host}:{self.port}"

    def record(self, received: Received) -> None:
        """Keep a request."""
        self._log.add(received)

    @property
    def failures(self) -> list[BaseException]:
        """Return what went wrong in the server itself, which no test should overlook."""
        return [failure for server in self._servers for failure in server.failures]

    def close(self) -> None:
        """Stop listening and end every connection."""
        for server in self._servers:
            server.stop()


class LoopbackServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """A thread for each connection; handshakes happen there, so that a torn one stops nobody else."""

    allow_reuse_address = True

    request_queue_size = 256
    daemon_threads = False
    block_on_close = True

    def __init__(
        self,
        address: tuple[str, int],
        handler: type[socketserver.BaseRequestHandler],
        tls: ssl.SSLContext | None,
    ) -> None:
        """Listen, and answer from now on."""
        self.failures: list[BaseException] = []
        self.accepted = 0
        self._tls = tls
        self._live: set[socket.socket] = set()
        self._to_reset: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, handler)
        self._thread = threading.Thread(
            target=self.serve_forever, args=(_POLL_SECONDS,), daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and end every connection."""
        self.shutdown()
        self.end_connections()
        self.server_close()
        self._thread.join()

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept, and remember the connection."""
        connection, address = super().get_request()
        if self._tls is not None:
            connection = self._tls.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        with self._lock:
            self.accepted += 1
            self._live.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        """Close, and forget the connection."""
        with self._lock:
            self._live.discard(request)
            reset = request in self._to_reset
            self._to_reset.discard(request)
        if reset:
            request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def reset(self, connection: socket.socket) -> None:
        """Let the end of a connection be a reset and not a goodbye."""
        with self._lock:
            self._to_reset.add(connection)

    def end_connections(self) -> None:
        """Wake every thread that waits for its client."""
        with self._lock:
            for connection in self._live:
                _shut(connection)

    def handle_error(self, *_: Any) -> None:
        """Keep what went wrong here for whoever closes the server; a client that left is no fault."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, _GONE):
            self.failures.append(error)


class _Sixth(LoopbackServer):
    address_family = socket.AF_INET6


def listening(
    host: str,
    port: int,
    handler: type[socketserver.BaseRequestHandler],
    tls: ssl.SSLContext | None = None,
) -> list[LoopbackServer]:
    """Return a server, and for ``localhost`` a second one on ``::1`` where there is IPv6 and the port is free."""
    name = "127.0.0.1" if host == "localhost" else host
    servers = [LoopbackServer((name, port), handler, tls)]
    if host == "localhost":
        with contextlib.suppress(OSError):
            same = int(servers[0].server_address[1])
            servers.append(_Sixth(("::1", same), handler, tls))
    return servers


def _shut(connection: socket.socket) -> None:
    try:
        # below TLS: a closing alert could block on a client that does not read
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
    except OSError:
        return


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    origin: ClassVar[Origin]

    def setup(self) -> None:
        super().setup()
        if isinstance(self.connection, ssl.SSLSocket):
            self.connection.settimeout(_SECONDS)
            self.connection.do_handshake()

    def finish(self) -> None:
        try:
            super().finish()
        except _GONE:
            self.close_connection = True

    def handle(self) -> None:
        try:
            super().handle()
        except _GONE:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing: the log of requests is the record."""

    def handle_one_request(self) -> None:
        """Read one request whole, record it, answer it."""
        self.connection.settimeout(_KEEP_ALIVE_SECONDS)
        self.raw_requestline = self.rfile.readline(65537)
        self.connection.settimeout(_SECONDS)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        received = Received(
            self.origin.name,
            self.command,
            # not self.path: the base class takes doubled slashes out of it
            self.raw_requestline.decode("latin-1").split()[1],
            tuple(self.headers.items()),
            self._body(),
            str(self.client_address[0]),
        )
        self.origin.record(received)
        self._send(received, self.origin.answer(received))

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").casefold():
            return b"".join(iter(self._chunk, b""))
        length = self.headers.get("Content-Length", "0")
        return self.rfile.read(int(length)) if length.isdecimal() else b""

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline(128).split(b";")[0] or b"0", 16)
        data = self.rfile.read(size)
        self.rfile.readline(128)
        return data

    def _send(self, received: Received, reply: Reply) -> None:
        received.status = reply.status
        if reply.before is not None:
            reply.before()
        if reply.raw is not None:
            self.wfile.write(reply.raw)
            self.close_connection = True
        else:
            self._send_head(reply)
            if received.method != "HEAD" and reply.status not in (204, 304):
                self._send_body(received, reply)
        self._end(reply)

    def _send_head(self, reply: Reply) -> None:
        reason = http.client.responses.get(reply.status, "")
        lines = [f"HTTP/1.1 {reply.status} {reason}", *(f"{k}: {v}" for k, v in reply.headers)]
        if reply.chunked:
            lines.append("Transfer-Encoding: chunked")
        elif reply.length is not None and reply.status not in (204, 304):
            length = str(len(reply.body)) if reply.length == "right" else reply.length
            lines.append(f"Content-Length: {length}")
        if reply.end == "close" or (reply.length is None and not reply.chunked):
            lines.append("Connection: close")
            self.close_connection = True
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1"))

    def _send_body(self, received: Received, reply: Reply) -> None:
        pieces = [reply.body] if reply.pieces is None else reply.pieces
        for piece in pieces:
            for start in range(0, len(piece), _SEND_BYTES):
                data = piece[start : start + _SEND_BYTES]
                framed = b"%x\r\n%s\r\n" % (len(data), data) if reply.chunked else data
                self.wfile.write(framed)
                received.sent += len(data)
        if reply.chunked and reply.end in ("keep", "close"):
            self.wfile.write(b"0\r\n\r\n")

    def _end(self, reply: Reply) -> None:
        if reply.end != "keep" or self.headers.get("Connection", "").casefold() == "close":
            self.close_connection = True
        if reply.end == "reset":
            self.server.reset(self.connection)  # type: ignore[attr-defined]
