"""What is kept to sign in at one marketplace, and the rules for when it has run out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Protocol

from keys_jupyter.credentials.secret import Secret

# Python 3.10 reads only some of what databases write, such as five digits of a second.
_MOMENT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[T ](?P<time>\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d+))?"
    r"(?P<zone>Z|[+-]\d\d:\d\d)?",
    re.ASCII,
)


@dataclass(frozen=True)
class Credential:
    """A token for one marketplace."""

    token: Secret
    expires_at: str | None = None  # as the marketplace said it; a time without zone is UTC
    key_id: str | None = None  # the marketplace's name for a key that was created here
    place: str = (
        "memory"  # where it lives: environment, keyring, file, memory, or a site's own store
    )

    def expired(self, now: datetime) -> bool:
        """Say whether its time is over; what cannot be read is left to the marketplace to judge."""
        moment = moment_of(self.expires_at)
        return moment is not None and moment <= now


@dataclass(frozen=True)
class Kept:
    """Where a credential was put, and what a person should know about that; said once, else empty."""

    place: str
    warning: str = ""


class CredentialStore(Protocol):
    """A place that outlives the process; a site names its own class in ``credential_store_class``.

    It is made with the data directory as its one argument.
    """

    place: str

    def load(self, marketplace: str) -> Credential | None:
        """Return what is kept for a marketplace's origin, if anything."""
        ...

    def save(self, marketplace: str, credential: Credential) -> Kept:
        """Keep a credential in place of an older one."""
        ...

    def forget(self, marketplace: str) -> None:
        """Remove what is kept; nothing kept is no error."""
        ...


def moment_of(text: str | None) -> datetime | None:
    """Return a time as marketplaces write it, in UTC; None for none and for what is no time."""
    found = _MOMENT.fullmatch(text.strip()) if text else None
    if not found:
        return None
    fraction = (found["fraction"] or "")[:6].ljust(6, "0")
    zone = (found["zone"] or "+00:00").replace("Z", "+00:00")
    try:
        moment = datetime.fromisoformat(f"{found['day']}T{found['time']}.{fraction}{zone}")
        return moment.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None
