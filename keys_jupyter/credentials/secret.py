"""A value that is shown to nobody: it has no repr, no str, no pickle and no JSON.

::

    key = Secret("kx_live_…")
    f"{key}"          # "Secret(…)"
    key.masked()      # "kx_live_…2Ts8"
    key.reveal()      # the value; called where it goes on the wire or into the store, and nowhere else
"""

from __future__ import annotations

import hmac
import re
from typing import NoReturn, final

_TAIL = 4
_PREFIX = re.compile(r"kx_[a-z]{2,8}_")
# What looks like a credential of the marketplace or of its storage, wherever it stands in a text.
_LOOKS_SECRET = re.compile(
    r"kx_[a-z]{2,8}_[A-Za-z0-9_-]{8,}"
    r"|eyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){0,2}"
    r"|(?<=[?&])(?:token|apikey|signature|x-amz-[a-z-]+)=[^&\s\"']*"
    r"|(?<=[Bb]earer )\S+"
)
HIDDEN = "(hidden)"


@final
class Secret:
    """One secret text."""

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        """Take the value over."""
        self.__value = value

    def reveal(self) -> str:
        """Return the value itself."""
        return self.__value

    def masked(self) -> str:
        """Return what a person may see to tell one from another: prefix and tail, of long ones only."""
        prefix = _PREFIX.match(self.__value)
        shown = prefix.group() if prefix else ""
        tail = self.__value[-_TAIL:] if len(self.__value) >= len(shown) + 4 * _TAIL else ""
        return f"{shown}…{tail}"

    def __bool__(self) -> bool:
        """Say whether there is any value."""
        return bool(self.__value)

    def __eq__(self, other: object) -> bool:
        """Compare in constant time."""
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.__value.encode(), other.__value.encode())

    def __hash__(self) -> int:
        """Hash like the value, as equality asks for."""
        return hash((Secret, self.__value))

    def __repr__(self) -> str:
        """Show that there is one, and nothing of it."""
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        """Show nothing, whatever the format asks for."""
        return repr(self)

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied.

        Raises:
            TypeError: always.
        """
        raise TypeError("A secret is not pickled.")


def without_secrets(text: str) -> str:
    """Return a text with everything that looks like a credential replaced."""
    return _LOOKS_SECRET.sub(HIDDEN, text)
