"""The routes of accounts on the backend: API keys, sessions, and the ones a client must leave alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

from keys_jupyter.marketplace_fake import rows, shapes
from keys_jupyter.marketplace_fake.accounts import SESSION_SECONDS, ApiKey, Session, User
from keys_jupyter.marketplace_fake.faults import Place
from keys_jupyter.marketplace_fake.routing import Call, Limit, Refusal, Route
from keys_jupyter.marketplace_fake.wire import Reply, json_reply

_PREFIXES = ("kx_live", "kx_test")
_ONCE = "This token will only be shown once. Store it securely."


def session_document(session: Session) -> dict[str, Any]:
    """Return a session as GoTrue gives it."""
    return {
        "access_token": session.access_token,
        "token_type": "bearer",
        "expires_in": SESSION_SECONDS,
        "expires_at": session.expires_at,
        "refresh_token": session.refresh_token,
        "user": _user(session.user),
    }


def _user(user: User) -> dict[str, Any]:
    return {"id": user.id, "email": user.email}


def _shown(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "scopes": key.scopes,
        "status": key.status,
        "last_used_at": rows.bare(key.used),
        "expires_at": rows.bare(key.expires),
        "created_at": rows.bare(key.created),
        "partial_key": key.partial,
    }


def _create(call: Call) -> Reply:
    user = call.user()
    body = call.json()
    name, prefix = body.get("name"), body.get("prefix", "kx_live")
    if not isinstance(name, str) or not name or prefix not in _PREFIXES:
        wrong = "prefix" if isinstance(name, str) and name else "name"
        errors = [{"path": wrong, "message": "Required"}]
        raise Refusal(shapes.nested(400, "Validation failed", errors=errors))
    scopes = [str(scope) for scope in body.get("scopes") or []]
    key = call.state.accounts.add_key(
        user, name=name, prefix=prefix, scopes=scopes, expires=_moment(body.get("expires_at"))
    )
    return json_reply(201, {"token": key.token, "api_key": _shown(key), "warning": _ONCE})


def _moment(text: object) -> dt.datetime | None:
    """Return a time; one that cannot be read is an internal error, as in the marketplace."""
    if text is None:
        return None
    try:
        # 3.10 does not read "Z"
        moment = dt.datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        raise Refusal(shapes.nested(500, "Internal server error")) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.timezone.utc)


def _list(call: Call) -> Reply:
    user = call.user()
    keys = [_shown(key) for key in call.state.accounts.keys if key.user == user]
    return json_reply(200, {"api_keys": keys})


def _mine(call: Call) -> ApiKey | None:
    user = call.user()
    keys = (key for key in call.state.accounts.keys if key.user == user)
    return next((key for key in keys if key.id == call.names["id"]), None)


def _show(call: Call) -> Reply:
    key = _mine(call)
    if key is None:
        return shapes.nested(404, "API key not found")
    return json_reply(200, {"api_key": _shown(key)})


def _revoke(call: Call) -> Reply:
    """Revoke one's own key; for another's it says the same and does nothing."""
    key = _mine(call)
    if key is not None:
        key.status = "revoked"
    return json_reply(200, {"success": True})


def _delete(call: Call) -> Reply:
    key = _mine(call)
    if key is not None:
        call.state.accounts.keys.remove(key)
    return Reply(204)


def _sign_in(call: Call) -> Reply:
    body = call.json()
    user = call.state.accounts.with_password(body.get("email"), body.get("password"))
    if user is None:
        return shapes.nested(401, "Invalid login credentials")
    session = call.state.accounts.open_session(user)
    call.state.accounts.last_signed_in = session
    return json_reply(200, {"user": _user(user), "session": session_document(session)})


def _sign_up(call: Call) -> Reply:
    body = call.json()
    email, password = body.get("email"), body.get("password")
    if not isinstance(email, str) or not isinstance(password, str):
        errors = [{"path": "email", "message": "Required"}]
        raise Refusal(shapes.nested(400, "Validation failed", errors=errors))
    user = call.state.accounts.add_user(email, password, admin=False)
    session = call.state.accounts.open_session(user)
    return json_reply(201, {"user": _user(user), "session": session_document(session)})


def _sign_out(call: Call) -> Reply:
    """End the sessions of whoever signed in last, whoever asks: the client is shared."""
    last = call.state.accounts.last_signed_in
    if last is not None:
        call.state.accounts.end_sessions(last.user)
    return json_reply(200, {"success": True})


def _me(call: Call) -> Reply:
    user = call.session_user()
    if user is None:
        return shapes.nested(401, shapes.BAD_SESSION)
    return json_reply(200, {"user": _user(user)})


def _exchange(call: Call) -> Reply:
    """Give anybody the tokens that were refreshed last, whatever the code: the client is shared."""
    last = call.state.accounts.last_refreshed
    if last is None:
        return shapes.nested(401, "Invalid or expired code")
    return json_reply(200, {**_handed_over(last), "expiresIn": 86400})


def _handed_over(session: Session) -> dict[str, Any]:
    return {
        "token": session.access_token,
        "refreshToken": session.refresh_token,
        "expiresIn": SESSION_SECONDS,
        "expiresAt": session.expires_at,
    }


def _refresh(call: Call) -> Reply:
    session = call.state.accounts.refresh(call.json().get("refreshToken"))
    if session is None:
        return shapes.nested(401, "Invalid or expired refresh token")
    call.state.accounts.last_refreshed = session
    return json_reply(200, _handed_over(session))


def _validate(call: Call) -> Reply:
    session = call.state.accounts.by_access_token(str(call.json().get("token")))
    if session is None:
        return shapes.not_valid(shapes.BAD_SESSION)
    return json_reply(200, {"valid": True, "user": _user(session.user)})


ROUTES = [
    Route("POST", "/api/api-keys", _create, Place.API_KEYS, Limit.API),
    Route("GET", "/api/api-keys", _list, Place.API_KEYS, Limit.API),
    Route("GET", "/api/api-keys/{id}", _show, Place.API_KEYS, Limit.API),
    Route("DELETE", "/api/api-keys/{id}", _delete, Place.API_KEYS, Limit.API),
    Route("POST", "/api/api-keys/{id}/revoke", _revoke, Place.API_KEYS, Limit.API),
    Route("POST", "/auth/signin", _sign_in, Place.SIGN_IN, Limit.AUTH),
    Route("POST", "/auth/signup", _sign_up, Place.SIGN_IN, Limit.AUTH),
    Route("POST", "/auth/signout", _sign_out),
    Route("GET", "/auth/me", _me),
    Route("POST", "/extension-auth/exchange", _exchange, Place.SIGN_IN, Limit.AUTH),
    Route("POST", "/extension-auth/refresh", _refresh, Place.SIGN_IN, Limit.AUTH),
    Route("POST", "/extension-auth/validate", _validate, Place.SIGN_IN, Limit.AUTH),
]
