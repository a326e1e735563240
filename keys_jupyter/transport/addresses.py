"""Which addresses may be reached: https and public, unless an operator named the origin.

* A URL has one reading: anything two parsers could read differently is refused before it is used.
* A name is judged by every address it resolves to, and again by the peer of the connected socket.
* Link-local, metadata and multicast addresses are reached by nobody, named or not.

Nothing here resolves or connects; that is :mod:`keys_jupyter.transport.lines`.
"""

from __future__ import annotations

import enum
import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

_PLAIN = re.compile(r"[\x21-\x7e]{1,8000}")
_NETLOC = re.compile(
    r"(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9_.-]{1,253})(?::(?P<port>[0-9]{1,5}))?"
)
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_NUMBER = re.compile(r"(?:0[xX][0-9A-Fa-f]*|[0-9]+)")
_INNER_SUFFIXES = (
    ".localhost",
    ".local",
    ".localdomain",
    ".internal",
    ".intranet",
    ".home.arpa",
    ".lan",
)
_PORTS = {"http": 80, "https": 443}

# Global by the registry, but answered by the machine's own cloud, or by a tunnel we cannot see the end of.
_NEVER = tuple(
    ipaddress.ip_network(net)
    for net in (
        "0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "100.100.100.200/32", "168.63.129.16/32",
        "224.0.0.0/4", "240.0.0.0/4", "192.88.99.0/24",
        "::/128", "fe80::/10", "fec0::/10", "ff00::/8", "2002::/16", "2001::/23", "fd00:ec2::/32",
        "64:ff9b:1::/48", "100::/64",
    )
)  # fmt: skip
# The last 32 bits are an IPv4 address, which is what is reached.
_CARRIES_IPV4 = tuple(ipaddress.ip_network(n) for n in ("::ffff:0:0/96", "64:ff9b::/96", "::/96"))


class Reach(enum.Enum):
    """How far an address is away."""

    PUBLIC = "public"
    PRIVATE = "private"
    NEVER = "never"


@dataclass(frozen=True)
class Target:
    """A URL read once: what is connected to and what is compared."""

    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> str:
        """Return scheme, host and port in the one form in which origins are compared."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


@dataclass(frozen=True)
class Policy:
    """Who may be reached by one kind of exchange."""

    named: frozenset[str] = frozenset()  # origins an operator named
    any_private: bool = False  # the storage of a private marketplace may be private too

    def exempt(self, target: Target) -> bool:
        """Say whether plain http and private addresses are allowed here."""
        return self.any_private or target.origin in self.named

    def problem(self, target: Target) -> str | None:
        """Return what is wrong with a target before anything is resolved, or None."""
        literal = _literal(target.host)
        if literal is not None and reach(literal) is Reach.NEVER:
            return "it is an address that no marketplace has"
        if self.exempt(target):
            return None
        if target.scheme != "https":
            return "it is not https"
        if target.port != _PORTS["https"] and target.port < 1024:
            return "its port is not one of the web"
        if literal is not None:
            return None if reach(literal) is Reach.PUBLIC else "it is not a public address"
        return "its name is one of an inner network" if _inner_name(target.host) else None

    def address_problem(self, target: Target, addresses: Iterable[str]) -> str | None:
        """Return what is wrong with the addresses of a target, or None; one bad one spoils all."""
        found = {reach(address) for address in addresses}
        if Reach.NEVER in found:
            return "it leads to an address that no marketplace has"
        if Reach.PRIVATE in found and not self.exempt(target):
            return "it leads to a private address"
        return None


def target(url: str) -> Target:
    """Read a URL.

    Raises:
        ValueError: it is none, or could be read in two ways; the text says why and holds nothing of the URL.
    """
    if not _PLAIN.fullmatch(url) or "\\" in url:
        raise ValueError("it holds characters that no address has")
    parts = urlsplit(url)
    if parts.scheme not in _PORTS:
        raise ValueError("it begins with neither https nor http")
    if "@" in parts.netloc:
        raise ValueError("it holds a user name or password")
    found = _NETLOC.fullmatch(parts.netloc)
    if not found or not url[len(parts.scheme) :].startswith("://"):
        raise ValueError("its host cannot be read")
    port = int(found["port"] or _PORTS[parts.scheme])
    if not 0 < port < 65536:
        raise ValueError("its port is none")
    return Target(parts.scheme, _host(found["host"]), port)


def reach(address: str) -> Reach:
    """Say how far an IP address is away; what cannot be read is never reached."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return Reach.NEVER
    if isinstance(ip, ipaddress.IPv6Address) and ip != ipaddress.IPv6Address("::1"):
        if ip.scope_id:
            return Reach.NEVER
        if any(ip in net for net in _CARRIES_IPV4) and int(ip):
            return reach(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    if any(ip.version == net.version and ip in net for net in _NEVER):
        return Reach.NEVER
    return Reach.PUBLIC if ip.is_global else Reach.PRIVATE


def _host(text: str) -> str:
    if text.startswith("["):
        try:
            return str(ipaddress.IPv6Address(text[1:-1]))
        except ValueError:
            raise ValueError("its host cannot be read") from None
    labels = text.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("its host cannot be read")
    if _NUMBER.fullmatch(labels[-1]) or labels[-1].lower().startswith("0x"):
        try:  # 2852039166, 0xA9FEA9FE and 127.1 are addresses to some, names to others
            return str(ipaddress.IPv4Address(text))
        except ValueError:
            raise ValueError("its host is a number written in an unusual way") from None
    return text.lower()


def _literal(host: str) -> str | None:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return None


def _inner_name(host: str) -> bool:
    return "." not in host or host.endswith(_INNER_SUFFIXES)
