"""The session with a marketplace: valid, invalid, unreachable or signed out, and never one taken for another.

A refusal is believed only when the marketplace answers everybody else well; until then it is an outage. Nothing here
removes a token but a person's own sign-out.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from keys_jupyter.credentials import Credential, Credentials, Secret
from keys_jupyter.errors import InputError, NetworkError
from keys_jupyter.model.marketplace import Session
from keys_jupyter.sources.marketplace.api import Api
from keys_jupyter.sources.marketplace.rights import Rights, text_of
from keys_jupyter.sources.marketplace.settings import MarketplaceSettings
from keys_jupyter.transport import Answered

_KEY = re.compile(r"kx_[a-z]{2,8}_[A-Za-z0-9_-]{43}")
_KEY_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_TROUBLE = "The marketplace answers as it does in an outage. Your key is kept and installed keys work; try again later."


class SigningIn:
    """Signing in and out, and asking who one is."""

    def __init__(
        self,
        settings: MarketplaceSettings,
        credentials: Credentials,
        api: Api,
        rights: Rights,
        now: Callable[[], float],
    ) -> None:
        """Take where tokens live and how the marketplace is asked."""
        self._settings = settings
        self._credentials = credentials
        self._api = api
        self._rights = rights
        self._now = now
        self._origin = settings.origin

    # asking --------------------------------------------------------------------------------------

    def credential(self) -> Credential | None:
        """Return the token there is.

        Raises:
            SurroundingsError: the store cannot be read.
        """
        return self._credentials.find(self._origin)

    def session(self) -> Session:
        """Ask the marketplace who we are.

        Raises:
            SurroundingsError: the store of credentials cannot be read.
        """
        found = self.credential()
        return self._check(found) if found else self._answer("signed_out", None)

    def _check(self, found: Credential) -> Session:
        if found.expired(self._time()):
            return self._answer(
                "invalid",
                found,
                "KEY_EXPIRED",
                "The key has run out.",
                "Sign in again with a new one.",
            )
        try:
            self._rights.refresh(found.token)
        except Answered as error:
            return self._judge(error, found)
        except NetworkError as error:
            return self._answer("unreachable", found, error.code, error.message, error.hint)
        return self._answer("valid", found)

    def _judge(self, error: Answered, found: Credential) -> Session:
        """Tell a refusal from an outage that looks like one."""
        is_key = bool(_KEY.fullmatch(found.token.reveal()))
        if error.http_status == 401 and is_key and self._others_are_answered():
            return self._answer(
                "invalid",
                found,
                "KEY_REFUSED",
                "The marketplace does not accept the key: it is unknown there, revoked, or has run out.",
                "Sign in with another key; this one is kept until you sign out.",
            )
        hint = _TROUBLE if error.http_status in (401, 403) else error.hint or _TROUBLE
        return self._answer("unreachable", found, error.code, error.message, hint)

    def _others_are_answered(self) -> bool:
        try:
            return self._api.works()
        except NetworkError:
            return False

    # signing in ----------------------------------------------------------------------------------

    def with_key(self, key: Secret) -> Session:
        """Sign in with an API key; it is kept only when the marketplace accepts it.

        Raises:
            InputError: it is not the shape of a key, so it was not sent anywhere.
            SurroundingsError: the store of credentials does not take it.
        """
        key = Secret(key.reveal().strip())
        if not _KEY.fullmatch(key.reveal()):
            raise InputError(
                "KEY_SHAPE",
                "That is no API key: one begins with kx_live_ or kx_test_ and has 51 characters. "
                "It was not sent anywhere.",
                "Copy the whole key and paste it again.",
            )
        candidate = Credential(key)
        session = self._check(candidate)
        if session.state != "valid":
            return session.model_copy(update={"place": None})
        made = replace(candidate, expires_at=self._expiry_of(key))
        kept = self._credentials.keep(self._origin, made)
        session = self._answer("valid", replace(made, place=kept.place))
        return session.model_copy(update={"warning": kept.warning})

    def with_password(self, email: str, password: Secret) -> Session:
        """Sign in once, make an API key with an expiry, keep only that, and end the session.

        Raises:
            InputError: this marketplace is not configured for it.
            SurroundingsError: the store of credentials does not take it.
        """
        if not self._settings.auth_url or not self._settings.auth_anon_key:
            raise InputError(
                "PASSWORD_SIGN_IN_OFF",
                "Signing in with e-mail and password is not set up for this marketplace.",
                "Use an API key, or let marketplace_auth_url and marketplace_auth_anon_key be configured.",
            )
        try:
            opened = self._api.password_session(email, password)
        except Answered as error:
            return self._refused_password(error)
        except NetworkError as error:
            return self._answer("unreachable", None, error.code, error.message, error.hint)
        return self._key_instead(Secret(opened["access_token"]), opened.get("expires_in"))

    def _refused_password(self, error: Answered) -> Session:
        if error.http_status in (400, 401, 403, 422) and error.remote not in (
            "over_request_rate_limit",
        ):
            return self._answer(
                "invalid",
                None,
                "PASSWORD_REFUSED",
                "The marketplace does not accept this e-mail address with this password.",
                "Check both, or reset the password on the marketplace's pages.",
            )
        return self._answer("unreachable", None, error.code, error.message, error.hint)

    def _key_instead(self, session: Secret, lives: Any) -> Session:
        """Make a key in place of the session; where that fails, the session is kept in memory only."""
        end = text_of(self._now() + timedelta(days=self._settings.key_days).total_seconds())
        try:
            token, row = self._api.new_key("JupyterLab", end, session)
        except NetworkError:
            seconds = float(lives) if isinstance(lives, int | float) else 3600.0
            made = Credential(session, text_of(self._now() + seconds))
            kept = self._credentials.remember(self._origin, made)
            warning = f"The marketplace made no key, so nothing is kept. {kept.warning}"
            return self._check(replace(made, place=kept.place)).model_copy(
                update={"warning": warning}
            )
        signed_in = self._keep_made(token, row, end)
        with contextlib.suppress(NetworkError):
            self._api.end_session(session)
        return signed_in

    def _keep_made(self, token: Secret, row: dict[str, Any], end: str) -> Session:
        key_id = str(row.get("id", ""))
        expires = row.get("expires_at")
        made = Credential(
            token,
            expires if isinstance(expires, str) else end,
            key_id if _KEY_ID.fullmatch(key_id) else None,
        )
        # Kept before it is tried: it cannot be made a second time.
        kept = self._credentials.keep(self._origin, made)
        session = self._check(replace(made, place=kept.place))
        return session.model_copy(update={"warning": kept.warning})

    def _expiry_of(self, key: Secret) -> str | None:
        """Return when a pasted key ends, as far as the marketplace tells; no answer costs only that."""
        try:
            rows = self._api.api_keys(key)
        except NetworkError:
            return None
        for row in rows:
            head, dots, tail = str(row.get("partial_key", "")).partition("...")
            value = key.reveal()
            if dots and head and tail and value.startswith(head) and value.endswith(tail):
                end = row.get("expires_at")
                return end if isinstance(end, str) else None
        return None

    # signing out ---------------------------------------------------------------------------------

    def out(self) -> Session:
        """Forget the token; a key that was made here is revoked as well, where the marketplace can be reached.

        Raises:
            SurroundingsError: the store of credentials does not let go of it.
        """
        found = self.credential()
        again = self._credentials.forget(self._origin)
        warning = ""
        if found and found.key_id:
            try:
                self._api.revoke_key(found.key_id, found.token)
            except NetworkError:
                warning = "The marketplace could not be told, so the key stays good until it ends."
        if again:
            warning = (
                "The key comes from the surroundings of this server and is back at its next start."
            )
        return self._answer("signed_out", None).model_copy(update={"warning": warning})

    # saying --------------------------------------------------------------------------------------

    def _answer(
        self,
        state: Any,
        found: Credential | None,
        code: str = "",
        message: str = "",
        hint: str = "",
    ) -> Session:
        tenant = self._rights.tenant(found.token) if found else None
        return Session(
            state=state,
            marketplace=self._settings.base,
            tenant=tenant.id if tenant else None,
            tenant_type=tenant.type if tenant else None,
            expires_at=found.expires_at if found else None,
            masked=found.token.masked() if found else None,
            place=found.place if found else None,
            code=code,
            message=message,
            hint=hint,
            password_sign_in=bool(self._settings.auth_url and self._settings.auth_anon_key),
        )

    def _time(self) -> datetime:
        return datetime.fromtimestamp(self._now(), timezone.utc)
