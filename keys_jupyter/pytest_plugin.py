"""Fixtures of pytest for whoever tests something that talks to a marketplace; installed with the package.

Everything is loaded when a test asks for it, so that other test runs pay nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from keys_jupyter.marketplace_fake import Canary, FakeMarketplace, ForwardProxy


@pytest.fixture(scope="session")
def marketplace_library() -> Path:
    """Return the library the marketplace sells: the embedded one; override it to sell your own."""
    return Path(__file__).parent / "embedded"


@pytest.fixture
def fake_marketplace(marketplace_library: Path) -> Iterator[FakeMarketplace]:
    """Run a marketplace on loopback, stocked with ``marketplace_library``, without users."""
    from keys_jupyter.marketplace_fake import FakeMarketplace

    with FakeMarketplace(marketplace_library) as market:
        yield market
    for failure in market.failures:
        raise failure


@pytest.fixture
def canary() -> Iterator[Canary]:
    """Run a server that nothing may reach; it records every connection."""
    from keys_jupyter.marketplace_fake import Canary

    with Canary() as inner:
        yield inner


@pytest.fixture
def forward_proxy() -> Iterator[ForwardProxy]:
    """Run a forward proxy without a password."""
    from keys_jupyter.marketplace_fake import ForwardProxy

    with ForwardProxy() as proxy:
        yield proxy
    for failure in proxy.failures:
        raise failure
