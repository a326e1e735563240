"""A marketplace for tests: real HTTP on loopback, behaving as a running marketplace was seen to, on demand badly.

For tests of this package and of whatever else talks to a marketplace; the server never loads it. ``docs/
marketplace-fake.md`` tells how to use it::

    def test_an_expired_right_is_refused(fake_marketplace):
        user = fake_marketplace.user()
        fake_marketplace.grant(user, "stripe-webhook-failure", until=timedelta(hours=1))
        fake_marketplace.clock.advance(3601)
        ...
"""

from __future__ import annotations

from keys_jupyter.marketplace_fake.accounts import ApiKey, Entitlement, Organisation, Session, User
from keys_jupyter.marketplace_fake.canary import Canary
from keys_jupyter.marketplace_fake.certificates import Tls
from keys_jupyter.marketplace_fake.faults import Fault, Faults, Part, Place, Rule
from keys_jupyter.marketplace_fake.market import FakeMarketplace
from keys_jupyter.marketplace_fake.proxy import ForwardProxy
from keys_jupyter.marketplace_fake.routing import Checkout
from keys_jupyter.marketplace_fake.shapes import Shape
from keys_jupyter.marketplace_fake.tokens import MARK, new_api_key
from keys_jupyter.marketplace_fake.wire import Received, RequestLog

__all__ = [
    "MARK",
    "ApiKey",
    "Canary",
    "Checkout",
    "Entitlement",
    "FakeMarketplace",
    "Fault",
    "Faults",
    "ForwardProxy",
    "Organisation",
    "Part",
    "Place",
    "Received",
    "RequestLog",
    "Rule",
    "Session",
    "Shape",
    "Tls",
    "User",
    "new_api_key",
]
