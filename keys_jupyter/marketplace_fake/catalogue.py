"""The routes everybody may read: health, lists and details of both generations, bundles."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from keys_jupyter.marketplace_fake import rows, shapes
from keys_jupyter.marketplace_fake.faults import Fault, Part, Place
from keys_jupyter.marketplace_fake.routing import Call, Route
from keys_jupyter.marketplace_fake.shelf import KeyEntry
from keys_jupyter.marketplace_fake.wire import Reply, json_reply

_KEY_FILTERS = ("tool", "key_type", "category", "difficulty", "outcome", "maturity")
_PACK_FILTERS = ("category", "difficulty")


def _health(call: Call) -> Reply:
    return json_reply(
        200,
        {
            "status": "ok",
            "timestamp": rows.zulu(call.state.clock.now()),
            "environment": "production",
            "version": "1.0.0",
        },
    )


def _keys(call: Call) -> Reply:
    if call.out(Part.SUPABASE) or call.received.query.get("search"):
        return shapes.handler(500, "Failed to fetch keys")
    found = [rows.key_row(entry) for entry in _newest(call.state.shelf.keys.values())]
    shown: list[Any] = _matching(found, call.received.query, _KEY_FILTERS)
    if call.fault(Fault.DAMAGED_ROWS) is not None:
        shown = [*rows.DAMAGED_ROWS, *shown]
    return json_reply(200, {"keys": shown})


def _packs(call: Call) -> Reply:
    search = call.received.query.get("search", "")
    if call.out(Part.SUPABASE) or re.search(r"[,()]", search):
        return shapes.handler(500, "Failed to fetch packs")
    found = [rows.pack_row(entry) for entry in _newest(call.state.shelf.packs.values())]
    shown: list[Any] = _matching(found, call.received.query, _PACK_FILTERS)
    if search:
        shown = [row for row in shown if _like(search, row)]
    if call.fault(Fault.DAMAGED_ROWS) is not None:
        shown = [*rows.DAMAGED_ROWS, *shown]
    return json_reply(200, {"packs": shown})


def _newest(entries: Iterable[KeyEntry]) -> list[KeyEntry]:
    return sorted(entries, key=lambda entry: entry.created, reverse=True)


def _matching(
    found: list[dict[str, Any]], query: dict[str, str], filters: tuple[str, ...]
) -> list[dict[str, Any]]:
    asked = {name: query[name] for name in filters if query.get(name)}
    return [row for row in found if all(row[name] == value for name, value in asked.items())]


def _like(search: str, row: dict[str, Any]) -> bool:
    """Match as the database does: ``%``, ``_`` and ``*`` stand for anything."""
    pattern = re.escape(search).replace("%", ".*").replace(r"\*", ".*").replace("_", ".")
    text = f"{row['title']}\n{row['description']}"
    return re.search(pattern, text, re.IGNORECASE) is not None


def _key(call: Call) -> Reply:
    entry = call.state.shelf.keys.get(call.names["slug"])
    if entry is None or call.out(Part.SUPABASE, Part.KEY_ROW):
        return shapes.handler(404, "Key not found")
    detail = rows.key_detail(
        entry, call.state.shelf, digests=call.state.digests, access=_has_access(call, entry)
    )
    return json_reply(200, {"key": _digest(call, detail)})


def _pack(call: Call) -> Reply:
    entry = call.state.shelf.packs.get(call.names["slug"])
    if entry is None or call.out(Part.SUPABASE, Part.KEY_ROW):
        return shapes.handler(404, "Pack not found")
    detail = rows.pack_detail(entry, digests=call.state.digests, access=_has_access(call, entry))
    return json_reply(200, {"pack": _digest(call, detail)})


def _digest(call: Call, detail: dict[str, Any]) -> dict[str, Any]:
    wrong = call.fault(Fault.WRONG_DIGEST)
    if wrong is not None:
        detail["sha256"] = wrong["value"]
    if call.fault(Fault.NULL_DIGEST) is not None:
        detail["sha256"] = None
    return detail


def _has_access(call: Call, entry: KeyEntry) -> bool:
    """Say what the detail says; an API key counts as anonymous there."""
    user = call.session_user()
    if user is None or entry is not call.state.shelf.keys.get(entry.slug):
        return False
    return call.state.accounts.may(call.tenant(user).id, entry.slug)


ROUTES = [
    Route("GET", "/health", _health),
    Route("GET", "/marketplace/keys", _keys, Place.LIST),
    Route("GET", "/marketplace/packs", _packs, Place.LIST),
    Route("GET", "/marketplace/keys/{slug}", _key, Place.DETAIL),
    Route("GET", "/marketplace/packs/{slug}", _pack, Place.DETAIL),
]
