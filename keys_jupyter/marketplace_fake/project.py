"""The second origin, the marketplace's Supabase project: password sign-in, and the storage host.

A signed link needs no other credential; every refusal of storage is HTTP 400 with its own JSON, whatever the
body states, except 416.
"""

from __future__ import annotations

import email.utils
import re
from typing import Any

from keys_jupyter.marketplace_fake import shapes, tokens
from keys_jupyter.marketplace_fake.faults import Fault, Part, Place
from keys_jupyter.marketplace_fake.routing import Call, Route
from keys_jupyter.marketplace_fake.shelf import StoredObject
from keys_jupyter.marketplace_fake.signing_in import session_document
from keys_jupyter.marketplace_fake.wire import Reply, json_reply

_BUCKET_BYTES = 100 * 1024 * 1024
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def _token(call: Call) -> Reply:
    if call.received.header("apikey") != call.state.anon_key:
        return json_reply(401, {"message": "Invalid API key", "hint": "Double check your API key."})
    if call.out(Part.SUPABASE, Part.GOTRUE):
        return json_reply(503, {"code": 503, "error_code": "unavailable", "msg": "Unavailable"})
    body, grant = call.json(), call.received.query.get("grant_type")
    accounts = call.state.accounts
    if grant == "password":
        user = accounts.with_password(body.get("email"), body.get("password"))
        if user is None:
            return _gotrue("invalid_credentials", "Invalid login credentials")
        return json_reply(200, session_document(accounts.open_session(user)))
    if grant == "refresh_token":
        session = accounts.refresh(body.get("refresh_token"))
        if session is None:
            return _gotrue(
                "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found"
            )
        return json_reply(200, session_document(session))
    return _gotrue("invalid_request", "unsupported_grant_type")


def _gotrue(code: str, message: str) -> Reply:
    return json_reply(400, {"code": 400, "error_code": code, "msg": message})


def _logout(call: Call) -> Reply:
    user = call.session_user()
    if user is None:
        return json_reply(401, {"code": 401, "error_code": "no_authorization", "msg": "No session"})
    call.state.accounts.end_sessions(user)
    return Reply(204)


def _object(call: Call) -> Reply:
    path = call.names["path"]
    served = _claimed(call, path)
    if isinstance(served, Reply):
        return served
    shelf = call.state.shelf
    found = shelf.objects.get(served)
    if found is None:
        return shapes.storage("not_found", "Object not found", stated="404")
    reply = _content(call, found)
    changed = call.fault(Fault.CHANGED)
    if changed is not None:
        other = changed["data"] or bytes(byte ^ 0x55 for byte in found.data)
        shelf.store(served, other, found.kind, found.etag if changed["keep_etag"] else "")
        reply.pieces = iter([reply.body[: changed["at"]]])
        reply.end = "hang up"
    return reply


def _claimed(call: Call, path: str) -> str | Reply:
    """Return which object a link's token opens, or storage's refusal."""
    token = call.received.query.get("token")
    if token is None:
        text = "querystring must have required property 'token'"
        return shapes.storage("Error", text)
    try:
        claims = tokens.read(token, call.state.accounts.secret)
    except tokens.TokenInvalid as error:
        return shapes.storage("InvalidJWT", str(error))
    if claims.get("url") != f"marketplace/{path}":
        return shapes.storage("InvalidSignature", "Invalid signature")
    if claims["exp"] <= call.state.clock.seconds() or call.fault(Fault.EXPIRED_LINK) is not None:
        return shapes.storage("InvalidJWT", '"exp" claim timestamp check failed')
    return str(claims.get("serves", path))


def _content(call: Call, found: StoredObject) -> Reply:
    """Return the object whole or in part."""
    received = call.received
    modified = email.utils.format_datetime(found.modified, usegmt=True)
    headers = [
        ("Content-Type", found.kind),
        ("ETag", found.etag),
        ("Last-Modified", modified),
        ("Accept-Ranges", "bytes"),
    ]
    if name := received.query.get("download"):
        headers.append(("Content-Disposition", f'attachment; filename="{name}"'))
    if received.header("If-None-Match") == found.etag:
        return Reply(304, headers=headers)
    asked = received.header("Range")
    condition = received.header("If-Range")
    fresh = condition in (None, found.etag, modified)
    if asked is None or call.fault(Fault.IGNORE_RANGE) is not None:
        return Reply(200, found.data, headers)
    if not fresh and call.fault(Fault.IGNORE_IF_RANGE) is None:
        return Reply(200, found.data, headers)
    return _part(asked, found.data, headers)


def _part(asked: str, data: bytes, headers: list[tuple[str, str]]) -> Reply:
    size = len(data)
    bounds = _RANGE.fullmatch(asked)
    if bounds is None or bounds.groups() == ("", ""):
        return Reply(200, data, headers)
    first, last = bounds.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start >= size or start > end:
        refused = shapes.storage(
            "InvalidRange", "The requested range is not satisfiable", status=416
        )
        refused.headers.append(("Content-Range", f"bytes */{size}"))
        return refused
    return Reply(
        206, data[start : end + 1], [*headers, ("Content-Range", f"bytes {start}-{end}/{size}")]
    )


def _upload(call: Call) -> Reply:
    """Store an object for an admin's session; over an existing one only when told so."""
    user = call.session_user()
    path = call.names["path"]
    if user is None or not user.admin:
        return shapes.storage(
            "Unauthorized", "new row violates row-level security policy", stated="403"
        )
    if "`" in path:
        return shapes.storage("InvalidKey", f"Invalid key: {path}")
    if len(call.received.body) > _BUCKET_BYTES:
        return shapes.storage(
            "Payload too large", "The object exceeded the maximum size", stated="413"
        )
    exists = path in call.state.shelf.objects
    if exists and call.received.header("x-upsert") != "true" and call.received.method == "POST":
        return shapes.storage("Duplicate", "The resource already exists", stated="409")
    kind = call.received.header("Content-Type") or "application/octet-stream"
    # previews come back as plain text whatever they were uploaded as
    call.state.shelf.store(path, call.received.body, "text/plain" if "html" in kind else kind)
    return json_reply(200, {"Key": f"marketplace/{path}"})


def _key_table(call: Call) -> Reply:
    """Show keys as PostgREST does to the anon key: with paths and digests."""
    if call.received.header("apikey") != call.state.anon_key:
        return json_reply(401, {"message": "Invalid API key", "hint": "Double check your API key."})
    shown: list[dict[str, Any]] = [
        {
            "id": entry.id,
            "slug": entry.slug,
            "version": entry.version,
            "zip_path": entry.current.path if entry.current else None,
            "sha256": entry.sha256 if call.state.digests else None,
        }
        for entry in call.state.shelf.keys.values()
    ]
    return json_reply(200, shown)


def _entitlement_table(_: Call) -> Reply:
    text = "infinite recursion detected in policy for relation"
    return json_reply(500, {"code": "42P17", "details": None, "hint": None, "message": text})


_OBJECTS = "/storage/v1/object/marketplace/{*path}"
ROUTES = [
    Route("POST", "/auth/v1/token", _token, Place.SIGN_IN),
    Route("POST", "/auth/v1/logout", _logout, Place.SIGN_IN),
    Route(
        "GET",
        "/storage/v1/object/sign/marketplace/{*path}",
        _object,
        Place.OBJECT,
        cased=True,
    ),
    Route("POST", _OBJECTS, _upload, Place.ADMIN, cased=True),
    Route("PUT", _OBJECTS, _upload, Place.ADMIN, cased=True),
    Route("GET", "/rest/v1/marketplace_keys", _key_table),
    Route("GET", "/rest/v1/marketplace_entitlements", _entitlement_table),
]
