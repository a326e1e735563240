"""The routes that give something out: entitlements, signed download links, previews."""

from __future__ import annotations

from typing import Any

from keys_jupyter.marketplace_fake import rows, shapes, tokens
from keys_jupyter.marketplace_fake.accounts import Entitlement
from keys_jupyter.marketplace_fake.faults import Fault, Part, Place
from keys_jupyter.marketplace_fake.routing import Call, Checkout, Refusal, Route, State
from keys_jupyter.marketplace_fake.shelf import KeyEntry, KeyVersion
from keys_jupyter.marketplace_fake.wire import Reply, json_reply

LINK_SECONDS = 3600


def signed_url(state: State, path: str, *, serves: str | None = None) -> str:
    """Return a link to an object that anybody may use until it expires.

    Args:
        state: the marketplace.
        path: the object's path in the bucket, as the link shows it.
        serves: the object that is really served, for a link that says the wrong thing.
    """
    now = int(state.clock.seconds())
    claims: dict[str, Any] = {
        "url": f"marketplace/{path}",
        "scope": "download",
        "iat": now,
        "exp": now + LINK_SECONDS,
    }
    if serves is not None:
        claims["serves"] = serves
    token = tokens.sign(claims, state.accounts.secret)
    return f"{state.project_url}/storage/v1/object/sign/marketplace/{path}?token={token}"


def _entitlements(call: Call) -> Reply:
    tenant = call.tenant(call.user())
    if call.out(Part.ENTITLEMENT):
        return shapes.nested(500, "Failed to fetch entitlements")
    _count_down(call.state)
    shown = [
        _entitlement(call.state, one)
        for one in call.state.accounts.listed(tenant.id)
        if one.slug in call.state.shelf.keys
    ]
    return json_reply(
        200, {"tenantId": tenant.id, "tenantType": tenant.type, "entitlements": shown}
    )


def _entitlement(state: State, one: Entitlement) -> dict[str, Any]:
    entry = state.shelf.keys[one.slug]
    shown = {
        "keyId": entry.id,
        "packSlug": one.slug,
        "packTitle": entry.about["title"],
        "status": one.status,
    }
    # absent, and not null, for a grant without an end
    return shown if one.until is None else {**shown, "expiresAt": rows.zulu(one.until)}


def _count_down(state: State) -> None:
    """Let what was paid for appear once the entitlements were read often enough."""
    with state.lock:
        for checkout in list(state.checkouts):
            if checkout.paid_after is None:
                continue
            if checkout.paid_after == 0:
                state.checkouts.remove(checkout)
                _deliver(state, checkout)
            else:
                checkout.paid_after -= 1


def _deliver(state: State, checkout: Checkout) -> None:
    tenant = state.accounts.tenant(checkout.user)
    state.accounts.entitlements.append(Entitlement(tenant.id, checkout.slug, None, source="stripe"))


def _download_key(call: Call) -> Reply:
    user = call.user()
    entry = call.state.shelf.keys.get(call.names["slug"])
    if entry is None or call.out(Part.KEY_ROW):
        return shapes.handler(404, "Key not found")
    if _barred(call) or not call.state.accounts.may(call.tenant(user).id, entry.slug):
        return shapes.handler(403, "Access denied", message=shapes.NOT_ENTITLED)
    return _link(call, entry, _asked_version(call, entry) or entry.current)


def _barred(call: Call) -> bool:
    return call.out(Part.ORGANISATION, Part.ENTITLEMENT)


def _asked_version(call: Call, entry: KeyEntry) -> KeyVersion | None:
    """Return the version asked for, or None wherever the marketplace falls back to the latest."""
    asked = _body_version(call)
    unpinned = call.fault(Fault.UNPINNED)
    if asked is None or call.out(Part.VERSION) or (unpinned and not unpinned["mislabelled"]):
        return None
    row = entry.find(asked)
    return row if row is not None and row.path is not None else None


def _body_version(call: Call) -> str | None:
    kind = (call.received.header("Content-Type") or "").partition(";")[0].strip()
    if kind.casefold() != "application/json":
        return None
    version = call.json().get("version")
    return version if isinstance(version, str) and version else None


def _link(call: Call, entry: KeyEntry, row: KeyVersion | None) -> Reply:
    state = call.state
    if call.out(Part.STORAGE_STALL):
        return shapes.timeout()
    if row is None or row.path not in state.shelf.objects or call.out(Part.STORAGE):
        return shapes.handler(
            500, "Failed to generate download link", message="Storage service unavailable"
        )
    unpinned = call.fault(Fault.UNPINNED)
    latest = entry.current
    serves = latest.path if unpinned and unpinned["mislabelled"] and latest else None
    url = signed_url(state, str(row.path), serves=serves)
    return json_reply(200, {"downloadUrl": url, "expiresIn": LINK_SECONDS})


def _download_pack(call: Call) -> Reply:
    """Answer v1: the entitlement is looked up under the pack's id, which is no key's id."""
    user = call.user()
    pack = call.state.shelf.packs.get(call.names["slug"])
    if pack is None or call.out(Part.KEY_ROW):
        return shapes.handler(404, "Pack not found")
    same = next((one for one in call.state.shelf.keys.values() if one.id == pack.id), None)
    allowed = same is not None and call.state.accounts.may(call.tenant(user).id, same.slug)
    if _barred(call) or not allowed:
        return shapes.handler(403, "Access denied", message=shapes.NOT_ENTITLED)
    return _link(call, pack, pack.current)


def _preview(call: Call) -> Reply:
    pack = call.state.shelf.packs.get(call.names["slug"])
    if pack is None:
        return shapes.handler(404, "Pack not found")
    if not pack.about.get("preview_public", True) and call.session_user() is None:
        raise Refusal(shapes.nested(401, shapes.BAD_SESSION))
    if pack.preview_path is None:
        return shapes.handler(404, "Preview not available")
    return json_reply(200, {"previewUrl": signed_url(call.state, pack.preview_path)})


ROUTES = [
    Route("GET", "/marketplace/entitlements", _entitlements, Place.ENTITLEMENTS),
    Route("POST", "/marketplace/keys/{slug}/download", _download_key, Place.DOWNLOAD),
    Route("POST", "/marketplace/packs/{slug}/download", _download_pack, Place.DOWNLOAD),
    Route("GET", "/marketplace/packs/{slug}/preview", _preview),
]
