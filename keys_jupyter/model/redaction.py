"""What redaction found: said by rule, place and commitment, never by the secret itself."""

from __future__ import annotations

from pydantic import Field

from keys_jupyter.model.base import Record

MARKER = "[redacted "
"""What every marker begins with."""


class Redaction(Record):
    """One secret that was replaced at one place, however often it stood there.

    The commitment is HMAC-SHA256 of the secret, keyed with a salt that is kept apart; with both, a reviewer can
    prove later what was there.
    """

    rule: str
    place: str
    commitment: str
    count: int
    length: str


class Allowed(Record):
    """Something a rule found and a person said is not a secret: it was left as it is."""

    rule: str
    place: str
    commitment: str
    count: int
    reason: str


class Suspicion(Record):
    """Values at one place that look random but follow no rule: they were left as they are."""

    place: str
    count: int


class NotScanned(Record):
    """A place nobody looked into, and why."""

    place: str
    mime: str
    reason: str


class RedactionReport(Record):
    """What was replaced, left on purpose, suspected and not looked into, with the digest of what was before."""

    rules: str
    original_sha256: str
    redactions: list[Redaction] = Field(default_factory=list)
    allowed: list[Allowed] = Field(default_factory=list)
    suspicions: list[Suspicion] = Field(default_factory=list)
    not_scanned: list[NotScanned] = Field(default_factory=list)

    @property
    def count(self) -> int:
        """How many times something was replaced."""
        return sum(redaction.count for redaction in self.redactions)
