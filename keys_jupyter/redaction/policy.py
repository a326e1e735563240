"""What a caller decides about redaction: known secrets, options, what was allowed, the salt."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

SHORTEST_KNOWN = 4
"""Characters; replacing anything shorter would damage text that has nothing to do with it."""


@dataclass(frozen=True)
class Known:
    """A secret we hold ourselves; it is found in every usual encoding.

    Attributes:
        value: the secret; shorter ones than four characters are not looked for.
        label: what it is called, such as the name of a parameter; it is shown in the marker.
    """

    value: str = field(repr=False)
    label: str


@dataclass(frozen=True)
class Options:
    """Personal data to redact as well; all off, since an operator may need to see whom it is about.

    Attributes:
        emails: addresses of persons.
        cards: payment card numbers with a right check digit.
        ibans: account numbers with right check digits.
    """

    emails: bool = False
    cards: bool = False
    ibans: bool = False


@dataclass(frozen=True)
class Policy:
    """One policy for all that is kept of a run.

    Attributes:
        salt: keys the commitments; at least 16 random bytes, kept by the caller and never with the evidence.
        known: secrets we hold ourselves.
        options: personal data to redact as well.
        allowed: by commitment, the reason why somebody said that this is not a secret.
    """

    salt: bytes = field(repr=False)
    known: tuple[Known, ...] = ()
    options: Options = Options()
    allowed: Mapping[str, str] = field(default_factory=dict)
    _made: dict[str, str] = field(init=False, default_factory=dict, repr=False, compare=False)

    def commitment(self, secret: str) -> str:
        """Return what a report holds of a secret: HMAC-SHA256 in hexadecimal."""
        found = self._made.get(secret)
        if found is None:
            found = hmac.new(self.salt, encoded(secret), hashlib.sha256).hexdigest()
            self._made[secret] = found
        return found


def encoded(text: str) -> bytes:
    """Return the bytes of any text, also of one with halves of characters, as kernels can send it."""
    return text.encode("utf-8", "surrogatepass")
