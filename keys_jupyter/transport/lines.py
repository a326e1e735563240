"""Connections that only go where the policy lets them: checked at the resolver, and again at the connected socket.

The name is resolved once, all its addresses are judged, and the connection goes to the very address that was judged;
a name that changes its mind in between changes nothing. Heavy: imported at the first request.
"""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Callable, Sequence
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError, NewConnectionError
from urllib3.util import connection as dialling

from keys_jupyter.transport import faults
from keys_jupyter.transport.addresses import Policy, Target
from keys_jupyter.transport.watch import current

Resolve = Callable[[str, int], Sequence[str]]
"""A name and a port in, addresses out; raises ``OSError`` as the system's resolver does."""

_QUERY = re.compile(r"\?\S*")


def system_resolver(host: str, port: int) -> list[str]:
    """Return every address of a name, as this machine sees it."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def adapter(policy: Policy, resolve: Resolve) -> HTTPAdapter:
    """Return an adapter of requests whose connections keep to a policy."""
    _hide_queries()

    class Guarded(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _dial(self, "http", policy, resolve)

    class GuardedTls(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _dial(self, "https", policy, resolve)

    class Pool(_Closing, HTTPConnectionPool):
        ConnectionCls = Guarded

    class TlsPool(_Closing, HTTPSConnectionPool):
        ConnectionCls = GuardedTls

    return _Adapter({"http": Pool, "https": TlsPool})


class _Closing:
    """Closes a connection after its one exchange: the other side may be about to, and a command is not sent twice."""

    def _put_conn(self, connection: Any) -> None:
        if connection:
            connection.close()
        super()._put_conn(connection)  # type: ignore[misc]


class _Adapter(HTTPAdapter):
    """An adapter whose pools are ours, with a proxy and without."""

    def __init__(self, pools: dict[str, Any]) -> None:
        self._pools = pools
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager


def _dial(
    connection: HTTPConnection, scheme: str, policy: Policy, resolve: Resolve
) -> socket.socket:
    host, port = connection.host, connection.port or (443 if scheme == "https" else 80)
    try:
        addresses = list(resolve(host, port))
        if not addresses:
            raise faults.resolution_failed(host)
    except (socket.gaierror, UnicodeError) as error:
        gai = error if isinstance(error, socket.gaierror) else faults.resolution_failed(host)
        raise NameResolutionError(host, connection, gai) from error
    # With a proxy, the proxy resolves and connects: names were judged before, addresses are its affair.
    if connection.proxy is None:
        why = policy.address_problem(Target(scheme, host, port), addresses)
        if why:
            raise faults.answer_names_refused(host, why)
    return _connect(connection, addresses, port)


def _connect(connection: HTTPConnection, addresses: Sequence[str], port: int) -> socket.socket:
    last: OSError = OSError("nothing was tried")
    watch = current()
    for address in addresses:
        seconds = _seconds(connection.timeout)
        if watch:
            watch.check(connection.host)
            seconds = min(seconds, watch.remaining())
        try:
            made = dialling.create_connection(
                (address, port), max(seconds, 0.001), socket_options=connection.socket_options
            )
        except OSError as error:
            last = error
            continue
        if watch:
            watch.hold(made)
        return made
    raise NewConnectionError(connection, "no address could be connected to") from last


def _seconds(timeout: Any) -> float:
    return float(timeout) if isinstance(timeout, int | float) else 10.0


class _NoQueries(logging.Filter):
    """Takes the query out of what urllib3 says of our requests: that of a signed URL opens a pack to anybody."""

    def filter(self, record: logging.LogRecord) -> bool:
        if current() is not None and isinstance(record.args, tuple):
            record.args = tuple(
                _QUERY.sub("?…", one) if isinstance(one, str) else one for one in record.args
            )
        return True


_FILTER = _NoQueries()


def _hide_queries() -> None:
    for name in ("urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry"):
        logging.getLogger(name).addFilter(_FILTER)
