"""The marketplace's routes, one method each: a path and a body in, its JSON out.

What looks like a refusal is asked about once more before it is believed, since an outage looks the same. What makes
something new is asked once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from keys_jupyter.credentials import Secret
from keys_jupyter.sources.marketplace.settings import MarketplaceSettings
from keys_jupyter.transport import Answered, InvalidAnswer, Reply, Transport

_DOUBTFUL = frozenset({401, 403, 404, 408})


class Api:
    """The routes of one marketplace."""

    def __init__(self, settings: MarketplaceSettings, transport: Transport) -> None:
        """Take the address and the door."""
        self._settings = settings
        self._transport = transport

    def list_of(self, what: str, etag: str = "") -> Reply:
        """Return a whole list, ``keys`` or ``packs``; 304 when the tag still holds."""
        return self._twice(
            lambda: self._transport.get_json(self._url(f"/marketplace/{what}"), etag=etag)
        )

    def detail(self, slug: str) -> dict[str, Any]:
        """Return one key whole."""
        reply = self._twice(
            lambda: self._transport.get_json(self._url(f"/marketplace/keys/{slug}"))
        )
        return _object(reply.data, "key")

    def entitlements(self, token: Secret) -> dict[str, Any]:
        """Return the tenant and its rights."""
        url = self._url("/marketplace/entitlements")
        reply = self._twice(lambda: self._transport.get_json(url, authorization=token))
        if not isinstance(reply.data, dict) or not isinstance(reply.data.get("entitlements"), list):
            raise _unusable("its answer names no entitlements")
        return dict(reply.data)

    def download_url(self, slug: str, version: str, token: Secret) -> str:
        """Return a signed URL; it is a secret."""
        url = self._url(f"/marketplace/keys/{slug}/download")
        body = {"version": version}
        reply = self._twice(lambda: self._transport.post_json(url, body, authorization=token))
        return _text(reply.data, "downloadUrl")

    def preview_url(self, slug: str, token: Secret | None) -> str:
        """Return the signed URL of a preview; it is a secret."""
        url = self._url(f"/marketplace/packs/{slug}/preview")
        return _text(self._transport.get_json(url, authorization=token).data, "previewUrl")

    def checkout(self, slug: str, return_url: str, token: Secret) -> str:
        """Return the page on which a key is bought."""
        url = self._url(f"/marketplace/keys/{slug}/checkout")
        body = {"successUrl": return_url, "cancelUrl": return_url}
        return _text(self._transport.post_json(url, body, authorization=token).data, "url")

    def works(self) -> bool:
        """Say whether what stands behind the marketplace answers somebody without a token."""
        try:
            self._transport.get_json(self._url("/marketplace/keys?tool=none"))
        except (Answered, InvalidAnswer):
            return False
        return True

    # keys and sessions ---------------------------------------------------------------------------

    def api_keys(self, token: Secret) -> list[dict[str, Any]]:
        """Return what the marketplace says of the person's keys, none of them whole."""
        data = self._transport.get_json(self._url("/api/api-keys"), authorization=token).data
        if isinstance(data, dict):
            data = data.get("api_keys", data.get("keys"))
        return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []

    def new_key(self, name: str, expires_at: str, token: Secret) -> tuple[Secret, dict[str, Any]]:
        """Make an API key; returns it and what is known of it."""
        body = {
            "name": name,
            "prefix": "kx_live",
            "scopes": ["marketplace:download"],
            "expires_at": expires_at,
        }
        data = self._transport.post_json(self._url("/api/api-keys"), body, authorization=token).data
        return Secret(_text(data, "token")), _object(data, "api_key")

    def revoke_key(self, key_id: str, token: Secret) -> None:
        """Make a key worthless."""
        self._transport.post_json(
            self._url(f"/api/api-keys/{key_id}/revoke"), {}, authorization=token
        )

    def password_session(self, email: str, password: Secret) -> dict[str, Any]:
        """Sign in at the marketplace's project; returns its session."""
        data = self._project(
            "/auth/v1/token?grant_type=password", {"email": email, "password": password}
        )
        _text(data, "access_token")
        return dict(data)

    def end_session(self, token: Secret) -> None:
        """End a session that is no longer needed."""
        self._project("/auth/v1/logout?scope=local", {}, token)

    def _project(self, path: str, body: Mapping[str, Any], token: Secret | None = None) -> Any:
        return self._transport.post_json(
            self._settings.auth_url.rstrip("/") + path,
            body,
            headers={"apikey": self._settings.auth_anon_key},
            authorization=token,
            private=self._transport.is_private(self._settings.base),
        ).data

    # how -----------------------------------------------------------------------------------------

    def _url(self, path: str) -> str:
        return self._settings.base + path

    def _twice(self, ask: Callable[[], Reply]) -> Reply:
        try:
            return ask()
        except Answered as error:
            if error.http_status not in _DOUBTFUL and error.http_status < 500:
                raise
        time.sleep(self._settings.transport.retry_seconds)
        return ask()


def _object(data: Any, name: str) -> dict[str, Any]:
    found = data.get(name) if isinstance(data, dict) else None
    if not isinstance(found, dict):
        raise _unusable(f"its answer has no {name}")
    return found


def _text(data: Any, name: str) -> str:
    found = data.get(name) if isinstance(data, dict) else None
    if not isinstance(found, str) or not found:
        raise _unusable(f"its answer has no {name}")
    return found


def _unusable(why: str) -> InvalidAnswer:
    return InvalidAnswer(
        "ANSWER_UNUSABLE",
        f"The marketplace cannot be understood: {why}.",
        "Check its address; it may be newer than this program.",
    )
