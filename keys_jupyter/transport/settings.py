"""How much the network may cost us: every cap and deadline of every exchange, in one object.

Who may be reached at all is :mod:`keys_jupyter.transport.addresses`; what happens when a limit is passed is said
where it is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

MIB = 1024 * 1024


@dataclass(frozen=True)
class Settings:
    """The limits of the network; the defaults suit a marketplace on the other side of the world."""

    connect_seconds: float = 10.0  # until a connection stands, for one address
    stall_seconds: float = 35.0  # without a single byte; a marketplace gives up by itself after 30
    reply_seconds: float = 60.0  # one whole exchange that is not a download
    download_seconds: float = 1800.0  # one whole download, resumed or not
    slow_seconds: float = 30.0  # how long a download may be ...
    slow_bytes: int = 1024  # ... below this many bytes a second
    reply_bytes: int = 64 * MIB  # bytes of one answer, decoded; ten thousand rows are some 6 MiB
    download_bytes: int = 256 * MIB  # bytes of one download, decoded
    redirects: int = 3  # hops after the first request
    resumes: int = 20  # connections after the first one of a download
    retry_seconds: float = 0.5  # before something is tried again; doubles up to eight times this
    ca_bundle: Path | None = None  # certificates of a company's own authority; None is certifi's
    proxies: Mapping[str, str] = field(
        default_factory=dict, repr=False
    )  # {"https": "http://proxy:3128"}
    use_environment: bool = False  # let HTTPS_PROXY, NO_PROXY and REQUESTS_CA_BUNDLE count
    allowed_marketplaces: tuple[str, ...] = ()  # origins that may be private or without TLS
