"""The only door to the network: every request of this package leaves here, capped, timed and checked.

What is *not* here: what an answer means (:mod:`keys_jupyter.sources`), and where a token lives
(:mod:`keys_jupyter.credentials`). ``requests`` is imported at the first request, not before.
"""

from __future__ import annotations

from keys_jupyter.transport.addresses import Policy, Target, target
from keys_jupyter.transport.client import Reply, Transport
from keys_jupyter.transport.download import Downloaded, download
from keys_jupyter.transport.faults import (
    AddressRefused,
    Answered,
    Cancelled,
    InvalidAnswer,
    Unreachable,
)
from keys_jupyter.transport.settings import Settings

__all__ = [
    "AddressRefused",
    "Answered",
    "Cancelled",
    "Downloaded",
    "InvalidAnswer",
    "Policy",
    "Reply",
    "Settings",
    "Target",
    "Transport",
    "Unreachable",
    "download",
    "target",
]
