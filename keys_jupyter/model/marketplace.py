"""What is said about a marketplace: the session with it, rights, versions, what cannot be installed."""

from __future__ import annotations

from typing import Literal

from pydantic import SecretStr

from keys_jupyter.model.base import Record

SessionState = Literal["valid", "invalid", "unreachable", "signed_out"]
RightState = Literal["active", "expired", "none", "unknown"]


class Session(Record):
    """Who we are at a marketplace, as last heard from it.

    ``unreachable`` says nothing about the token: it is kept, and what it opened stays open.
    """

    state: SessionState
    marketplace: str | None
    tenant: str | None = None
    tenant_type: str | None = None
    expires_at: str | None = None
    masked: str | None = None  # enough of the token to tell it from another
    place: str | None = None  # where it lives: environment, keyring, file, memory
    code: str = ""  # what is wrong, where something is
    message: str = ""
    hint: str = ""
    warning: str = ""  # what a person should know, said once
    password_sign_in: bool = False  # e-mail and password are possible here


class Entitlement(Record):
    """The right to fetch one key, judged by our own clock."""

    slug: str
    state: RightState
    expires_at: str | None = None
    tenant: str | None = None
    stale_since: str | None = None  # it was heard then, and not again since


class KeyVersion(Record):
    """One version a marketplace has of a key."""

    version: str
    created_at: str | None
    current: bool


class DamagedRow(Record):
    """A row of a list that cannot be installed, as far as it could be read."""

    slug: str  # as it stands in the list; never used as a name of anything
    title: str
    reason: str


class CheckoutPage(Record):
    """Where a key is bought."""

    slug: str
    url: str


class Preview(Record):
    """The preview of a key as its publisher wrote it: HTML that is not safe and belongs into a sandbox."""

    slug: str
    html: str


class SignInRequest(Record):
    """An API key, or e-mail and password; sent once and never answered back."""

    marketplace: str | None = None
    key: SecretStr | None = None
    email: str | None = None
    password: SecretStr | None = None
