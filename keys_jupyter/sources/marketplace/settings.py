"""Which marketplace, and how patient and how curious we are with it."""

from __future__ import annotations

from dataclasses import dataclass, field

from keys_jupyter.credentials import Secret
from keys_jupyter.transport import Settings as TransportSettings
from keys_jupyter.transport import target


@dataclass(frozen=True)
class MarketplaceSettings:
    """One marketplace by its address, with everything that can be configured about it."""

    url: str  # the root of its API
    auth_url: str = ""  # its Supabase project, for e-mail and password; empty: keys only
    auth_anon_key: Secret = field(default_factory=lambda: Secret(""))  # the project's public key
    return_url: str = ""  # where a checkout comes back to: the marketplace's web pages
    fresh_seconds: float = 300.0  # how long an answer is shown without asking again
    failed_seconds: float = 30.0  # how long nobody is asked after nobody answered
    patience_seconds: float = 3.0  # how long an older answer waits for a newer one
    first_seconds: float = 10.0  # how long everything else waits where there is no older answer
    key_days: int = 90  # how long a key lives that is made after signing in with a password
    transport: TransportSettings = field(default_factory=TransportSettings)

    @property
    def base(self) -> str:
        """Return the root without its last slash; a doubled one is not found."""
        return self.url.rstrip("/")

    @property
    def origin(self) -> str:
        """Return what tokens are kept by.

        Raises:
            ValueError: the URL cannot be read.
        """
        return target(self.base).origin
