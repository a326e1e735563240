"""The routes around a purchase: checkout, bundles, recommendations, signals, analytics.

No money moves; a test pays a :class:`~keys_jupyter.marketplace_fake.routing.Checkout` itself.
"""

from __future__ import annotations

import urllib.parse
import uuid
from dataclasses import dataclass
from typing import Any

from keys_jupyter.marketplace_fake import shapes
from keys_jupyter.marketplace_fake.routing import Call, Checkout, Refusal, Route
from keys_jupyter.marketplace_fake.wire import Reply, json_reply

_EVENTS = ("view", "discovery_click", "purchase", "download", "bundle_upgrade")
_CONFIDENCE = ("high", "medium", "low")


@dataclass(frozen=True)
class Bundle:
    """Several keys at one price."""

    slug: str
    title: str
    keys: tuple[str, ...]
    price_cents: int


def _checkout(call: Call) -> Reply:
    user = call.user()
    body = call.json()
    for name in ("successUrl", "cancelUrl"):
        if _origin(body.get(name)) != call.state.frontend:
            raise Refusal(_invalid(name, f"{name} must start with the frontend's origin"))
    slug = call.names["slug"]
    if slug not in call.state.shelf.keys:
        return shapes.handler(500, "Failed to create checkout session")
    ident = f"cs_test_{uuid.uuid4().hex}"
    checkout = Checkout(ident, user, slug, f"{call.state.url}/checkout/{ident}")
    call.state.checkouts.append(checkout)
    return json_reply(200, {"sessionId": ident, "url": checkout.url})


def _origin(url: object) -> str:
    parts = urllib.parse.urlsplit(url if isinstance(url, str) else "")
    return f"{parts.scheme}://{parts.netloc}"


def _invalid(path: str, message: str) -> Reply:
    return shapes.nested(400, "Validation failed", errors=[{"path": path, "message": message}])


def _discover(call: Call) -> Reply:
    call.user()
    runbooks = [entry for entry in call.state.shelf.keys.values() if entry.kind == "runbook"]
    limit = call.received.query.get("limit", "")
    shown = runbooks[: int(limit)] if limit.isdecimal() else runbooks
    return json_reply(
        200,
        {
            "recommendations": [
                {
                    "id": entry.id,
                    "slug": entry.slug,
                    "title": entry.about["title"],
                    "description": entry.about.get("description"),
                    "key_type": entry.kind,
                    "version": entry.version,
                    "reason": "Popular runbook key",
                    "confidence": _CONFIDENCE[min(place, 2)],
                }
                for place, entry in enumerate(shown)
            ]
        },
    )


def _signal(call: Call) -> Reply:
    call.user()
    body = call.json()
    for name in ("signal_type", "signal_value"):
        if not isinstance(body.get(name), str):
            raise Refusal(_invalid(name, "Required"))
    return json_reply(200, {"success": True})


def _analytics(call: Call) -> Reply:
    call.user()
    if call.json().get("event_type") not in _EVENTS:
        raise Refusal(_invalid("event_type", "Invalid enum value"))
    # also for a key nobody knows: the failed insert is swallowed
    return json_reply(200, {"success": True})


def _bundles(bundles: list[Bundle], call: Call) -> Reply:
    return json_reply(200, {"bundles": [_bundle(call, one) for one in bundles]})


def _bundle(call: Call, bundle: Bundle) -> dict[str, Any]:
    entries = [call.state.shelf.keys[slug] for slug in bundle.keys if slug in call.state.shelf.keys]
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"keys:bundle:{bundle.slug}")),
        "slug": bundle.slug,
        "title": bundle.title,
        "bundle_type": "key",
        "price_cents": bundle.price_cents,
        "key_ids": [entry.id for entry in entries],
        "keys": [
            {"id": entry.id, "slug": entry.slug, "title": entry.about["title"]} for entry in entries
        ],
    }


def _discount(bundles: list[Bundle], call: Call) -> Reply:
    user = call.user()
    bundle = next((one for one in bundles if one.slug == call.names["slug"]), None)
    if bundle is None:
        return shapes.handler(404, "Bundle not found")
    tenant = call.tenant(user).id
    owned = [slug for slug in bundle.keys if call.state.accounts.may(tenant, slug)]
    # the price of what is owned is taken off even where that is more than the bundle's
    off = sum(call.state.shelf.keys[slug].price_cents or 0 for slug in owned)
    return json_reply(
        200,
        {
            "originalPrice": bundle.price_cents,
            "discount": off,
            "finalPrice": max(0, bundle.price_cents - off),
            "ownedKeys": owned,
        },
    )


def routes(bundles: list[Bundle]) -> list[Route]:
    """Return the routes over a list of bundles."""
    return [
        Route("POST", "/marketplace/keys/{slug}/checkout", _checkout),
        Route("GET", "/marketplace/discover", _discover),
        Route("POST", "/marketplace/discover/signal", _signal),
        Route("POST", "/marketplace/analytics", _analytics),
        Route("GET", "/marketplace/bundles", lambda call: _bundles(bundles, call)),
        Route("GET", "/marketplace/bundles/{slug}/discount", lambda call: _discount(bundles, call)),
    ]
