"""The marketplace's routes of an administrator: what is there, a row entered, a file stored.

Only an administrator's session opens them; it is held in memory while it is used and kept nowhere. A refusal is asked
about once more before it is believed, since an outage looks the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import quote

from keys_jupyter.credentials import Secret
from keys_jupyter.errors import InputError, KeysError, NetworkError, NotAvailable
from keys_jupyter.sources.marketplace.api import Api
from keys_jupyter.sources.marketplace.settings import MarketplaceSettings
from keys_jupyter.transport import Answered, InvalidAnswer, Reply, Transport

_REFUSALS = frozenset({401, 403})
_STORED_ALREADY = "Duplicate"


class Admin:
    """One administrator's session at one marketplace."""

    def __init__(
        self, settings: MarketplaceSettings, transport: Transport, session: Secret
    ) -> None:
        """Take where and as whom."""
        self._settings = settings
        self._transport = transport
        self._session = session
        self._private = transport.is_private(settings.base)

    def known(self, slug: str) -> dict[str, Any] | None:
        """Return what the marketplace shows of a pack, or None when it has none of that name.

        Raises:
            NetworkError: nobody answered, or nothing that can be used.
        """
        try:
            data = self._transport.get_json(f"{self._settings.base}/marketplace/packs/{slug}").data
        except Answered as error:
            if error.http_status == 404:
                return None
            raise
        found = data.get("pack") if isinstance(data, dict) else None
        if isinstance(found, dict):
            return found
        raise _unusable("its answer shows no pack")

    def enter(self, rows: Sequence[dict[str, Any]], *, dry_run: bool) -> dict[str, tuple[str, str]]:
        """Send rows of a library.json; returns state and message by slug.

        Args:
            rows: what the marketplace is told of the packs.
            dry_run: have it only say what it would do.

        Raises:
            NotAvailable: the session is not accepted, or not an administrator's.
            InputError: the marketplace does not take the rows; the message says which fields.
            NetworkError: nobody answered, or nothing that can be used.
        """
        url = f"{self._settings.base}/marketplace/admin/publish"
        body = {"libraryJson": {"version": "1.0.0", "packs": list(rows)}, "dryRun": dry_run}
        try:
            reply = self._again_where_refused(
                lambda: self._transport.post_json(url, body, authorization=self._session)
            )
        except Answered as error:
            fault = _meant(error, rows)
        else:
            return _results(reply.data)
        raise fault

    def store(self, path: str, data: bytes, kind: str, *, over: bool) -> bool:
        """Put a file into the marketplace's storage.

        Args:
            path: its place there.
            data: its bytes.
            kind: its media type.
            over: take the place of a file that is there.

        Returns:
            Whether it was put there; False where there is one already that was to be left alone.

        Raises:
            NotAvailable: the session may not do this.
            NetworkError: nobody answered, or the storage did not take it.
        """
        url = f"{self._settings.auth_url.rstrip('/')}/storage/v1/object/marketplace/{quote(path)}"
        headers: dict[str, str | Secret] = {"apikey": self._settings.auth_anon_key}
        if over:
            headers["x-upsert"] = "true"
        try:
            self._transport.post_bytes(
                url,
                data,
                kind,
                headers=headers,
                authorization=self._session,
                private=self._private,
            )
        except Answered as error:
            fault: KeysError = error
            if error.remote == _STORED_ALREADY and not over:
                return False
            if error.remote == "Unauthorized" or error.http_status in _REFUSALS:
                fault = _not_allowed("The marketplace's storage does not let this account write.")
        else:
            return True
        raise fault

    def _again_where_refused(self, ask: Callable[[], Reply]) -> Reply:
        try:
            return ask()
        except Answered as error:
            if error.http_status not in _REFUSALS:
                raise
        time.sleep(self._settings.transport.retry_seconds)
        return ask()


@contextmanager
def signed_in(
    settings: MarketplaceSettings, transport: Transport, email: str, password: Secret
) -> Iterator[Secret]:
    """Open a session with e-mail and password, and end it whatever happens.

    Yields:
        The session's token.

    Raises:
        NotAvailable: they are not accepted.
        NetworkError: nobody answered.
    """
    api = Api(settings, transport)
    try:
        session = Secret(api.password_session(email, password)["access_token"])
    except Answered as error:
        if error.http_status not in (400, 401, 403, 422):
            raise
        refused = NotAvailable(
            "PASSWORD_REFUSED",
            "The marketplace does not accept this e-mail address with this password.",
            "Check both. Nothing was sent.",
        )
    else:
        try:
            yield session
        finally:
            with suppress(NetworkError):
                api.end_session(session)
        return
    raise refused


def _meant(error: Answered, rows: Sequence[dict[str, Any]]) -> KeysError:
    if error.http_status == 401:
        return NotAvailable(
            "SESSION_REFUSED",
            "The marketplace does not accept this session: it has run out, or the marketplace is in an outage.",
            "Sign in anew, or try again in some minutes.",
        )
    if error.http_status == 403:
        return _not_allowed("The marketplace does not let this account publish.")
    if error.http_status == 400:
        said = [_named(text, rows) for text in error.details] or [error.message]
        return InputError(
            "PUBLISH_REFUSED",
            "The marketplace does not take this library:" + "".join(f"\n- {one}" for one in said),
            "Correct it, build the library and publish it again.",
        )
    return error


def _named(detail: str, rows: Sequence[dict[str, Any]]) -> str:
    """Return what was said of ``packs.3.title`` with the name of the pack in place of its number."""
    first, dot, rest = detail.partition(".")
    number, other, field = rest.partition(".")
    if first == "packs" and dot and other and number.isdecimal() and int(number) < len(rows):
        return f"{rows[int(number)]['slug']}: {field}"
    return detail


def _not_allowed(message: str) -> NotAvailable:
    return NotAvailable(
        "NOT_AN_ADMIN",
        message,
        "Only an administrator's e-mail and password, or their session, can; an API key never does.",
    )


def _results(data: Any) -> dict[str, tuple[str, str]]:
    rows = data.get("results") if isinstance(data, dict) else None
    if not isinstance(rows, list):
        raise _unusable("its answer names no results")
    return {
        str(row.get("slug")): (str(row.get("status", "")), str(row.get("message") or ""))
        for row in rows
        if isinstance(row, dict)
    }


def _unusable(why: str) -> InvalidAnswer:
    return InvalidAnswer(
        "ANSWER_UNUSABLE",
        f"The marketplace cannot be understood: {why}.",
        "Check its address; it may be newer than this program.",
    )
