"""The admin's routes: publish a library.json. Only an admin's session is let in, never an API key."""

from __future__ import annotations

import re
from typing import Any

from keys_jupyter.marketplace_fake import shapes
from keys_jupyter.marketplace_fake.faults import Place
from keys_jupyter.marketplace_fake.routing import Call, Refusal, Route
from keys_jupyter.marketplace_fake.wire import Reply, json_reply

_LENGTHS = {"slug": 100, "title": 200, "description": 5000, "category": 100, "version": 50}
_REQUIRED = ("slug", "title", "version", "license_spdx", "assets")


def _admin(call: Call) -> None:
    user = call.session_user()
    if user is None:
        # an API key is a user's, even an admin's; a bad session is told apart
        user = call.user()
        raise Refusal(shapes.handler(403, "Insufficient permissions"))
    if not user.admin:
        raise Refusal(shapes.handler(403, "Insufficient permissions"))


def _publish(call: Call) -> Reply:
    _admin(call)
    body = call.json()
    library, dry = body.get("libraryJson"), body.get("dryRun") is True
    details = _problems(library)
    if details or not isinstance(library, dict):
        return shapes.handler(400, "Invalid library.json schema", details=details)
    results = [_publish_pack(call, pack, dry=dry) for pack in library["packs"]]
    return json_reply(200, {"dryRun": dry, "total": len(results), "results": results})


def _publish_pack(call: Call, pack: dict[str, Any], *, dry: bool) -> dict[str, Any]:
    shelf = call.state.shelf
    known = pack["slug"] in shelf.packs
    if not dry:
        shelf.publish(pack)
    return {"slug": pack["slug"], "status": "updated" if known else "created"}


def _problems(library: object) -> list[dict[str, str]]:
    if not isinstance(library, dict) or not isinstance(library.get("version"), str):
        return [{"path": "version", "message": "Required"}]
    packs = library.get("packs")
    if not isinstance(packs, list) or not packs:
        return [{"path": "packs", "message": "At least one pack"}]
    return [
        {"path": f"packs.{place}.{name}", "message": message}
        for place, pack in enumerate(packs)
        for name, message in _pack_problems(pack)
    ]


def _pack_problems(pack: object) -> list[tuple[str, str]]:
    if not isinstance(pack, dict):
        return [("", "Expected object")]
    found = [(name, "Required") for name in _REQUIRED if not pack.get(name)]
    for name, longest in _LENGTHS.items():
        value = pack.get(name)
        if value is not None and (not isinstance(value, str) or len(value) > longest):
            found.append((name, f"At most {longest} characters"))
    return found + _form_problems(pack)


def _form_problems(pack: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    if not re.fullmatch(r"[a-z0-9-]+", str(pack.get("slug", ""))):
        found.append(("slug", "Invalid"))
    if pack.get("sha256") is not None and not re.fullmatch("[0-9a-f]{64}", str(pack["sha256"])):
        found.append(("sha256", "Invalid"))
    minutes = pack.get("runtime_minutes")
    if minutes is not None and (not isinstance(minutes, int) or minutes <= 0):
        found.append(("runtime_minutes", "Expected a positive integer"))
    assets = pack.get("assets")
    if assets and (not isinstance(assets, dict) or not isinstance(assets.get("zip"), str)):
        found.append(("assets.zip", "Required"))
    return found


def _pack_analytics(call: Call) -> Reply:
    _admin(call)
    return shapes.handler(500, "Failed to fetch analytics")


def _not_here(call: Call) -> Reply:
    """Refuse a stranger as the marketplace does; what an ingest does to an admin is not imitated."""
    _admin(call)
    return shapes.nested(404, f"Route {call.received.method} {call.received.path} not found")


ROUTES = [
    Route("POST", "/marketplace/admin/publish", _publish, Place.ADMIN),
    Route("POST", "/marketplace/admin/ingest", _not_here, Place.ADMIN),
    Route("POST", "/marketplace/admin/ingest-index", _not_here, Place.ADMIN),
    Route("GET", "/marketplace/admin/packs/{slug}/analytics", _pack_analytics, Place.ADMIN),
]
