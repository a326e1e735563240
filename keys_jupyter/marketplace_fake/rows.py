"""What the API shows of the shelf: rows of the lists and details of both generations, and damaged rows."""

from __future__ import annotations

import datetime as dt
from typing import Any

from keys_jupyter.marketplace_fake.shelf import KeyEntry, Shelf

_RUNBOOK_FIELDS = (
    "severity_level",
    "runtime_dependency",
    "required_access_level",
    "produces_evidence",
    "compliance_relevance",
)

DAMAGED_ROWS: tuple[Any, ...] = (
    # as the parser of the markdown catalogue leaves them: the backticks are in the slug
    {
        "id": "b6f4d5b8-0000-4000-8000-000000000001",
        "slug": "`jupyter-webhook-event-analysis`",
        "title": "Webhook Event Analysis",
        "description": None,
        "tool": "jupyter",
        "key_type": "jupyter",
        "category": None,
        "difficulty": None,
        "tags": None,
        "version": "1.0.0",
        "license_spdx": "MIT",
        "outcome": None,
        "maturity": None,
        "created_at": "2026-01-01T00:00:00+00:00",
    },
    {"id": None, "slug": None, "title": "A row without a name", "version": "1.0.0"},
    {"slug": "no-version", "title": "A row without a version", "tool": "jupyter"},
    {"slug": "wrong-types", "title": ["not", "text"], "version": 7, "tags": "one", "tool": {}},
    {
        "slug": "../../escape",
        "title": "A slug that is a path",
        "version": "../../x",
        "tool": "jupyter",
    },
    {
        "slug": "version-climbs",
        "title": "A version that is a path",
        "version": "1.0/../..",
        "tool": "node",
    },
    {
        "slug": "other-kind",
        "title": "A kind nobody knows",
        "version": "1.0.0",
        "tool": "quantum",
        "key_type": "quantum",
        "maturity": "galactic",
        "difficulty": "divine",
        "outcome": "?",
    },
    {
        "slug": "older-row",
        "title": "A row of before there were tools",
        "version": "1.0.0",
        "tool": None,
        "key_type": "jupyter",
    },
    "not a row",
    None,
    17,
)
"""Rows no client may trip over; the last but three and but four are harmless and to be shown."""


def stamp(moment: dt.datetime) -> str:
    """Return a moment as the database writes it."""
    return moment.isoformat()


def zulu(moment: dt.datetime) -> str:
    """Return a moment with milliseconds and ``Z``, as entitlements have it."""
    text = moment.astimezone(dt.timezone.utc).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def bare(moment: dt.datetime | None) -> str | None:
    """Return a moment without its zone, as API keys have it; UTC is meant."""
    return moment.astimezone(dt.timezone.utc).replace(tzinfo=None).isoformat() if moment else None


def key_row(entry: KeyEntry) -> dict[str, Any]:
    """Return a row of the v2 list."""
    about = entry.about
    return {
        "id": entry.id,
        "slug": entry.slug,
        "title": about["title"],
        "description": about.get("description"),
        "tool": entry.kind,
        # the ingest flattens: a runbook's own types are in its pack.json only
        "key_type": entry.kind,
        "category": about.get("category"),
        "difficulty": about.get("difficulty"),
        "tags": about.get("tags"),
        "version": entry.version,
        "license_spdx": about.get("license_spdx"),
        "outcome": about.get("outcome"),
        "maturity": about.get("maturity"),
        "created_at": stamp(entry.created),
    }


def pack_row(entry: KeyEntry) -> dict[str, Any]:
    """Return a row of the v1 list."""
    about = entry.about
    return {
        "id": entry.id,
        "slug": entry.slug,
        "title": about["title"],
        "description": about.get("description"),
        "category": about.get("category"),
        "difficulty": about.get("difficulty"),
        "runtime_minutes": about.get("runtime_minutes"),
        "tags": about.get("tags"),
        "version": entry.version,
        "license_spdx": about.get("license_spdx"),
        "preview_public": about.get("preview_public", True),
        "cover_path": None,
        "created_at": stamp(entry.created),
    }


def _stored(entry: KeyEntry, digests: bool) -> dict[str, Any]:
    """Return the columns only the details have."""
    current = entry.current
    return {
        "zip_path": current.path if current else None,
        "changelog_md_path": current.changelog_path if current else None,
        "cover_path": None,
        "preview_html_path": entry.preview_path,
        "sha256": entry.sha256 if digests else None,
        "price_cents": entry.price_cents,
        "stripe_price_id": None,
    }


def key_detail(entry: KeyEntry, shelf: Shelf, *, digests: bool, access: bool) -> dict[str, Any]:
    """Return the details of the v2 route."""
    facts = {name: entry.about.get(name) for name in _RUNBOOK_FIELDS}
    return {
        **key_row(entry),
        **facts,
        **_stored(entry, digests),
        "is_bundle": False,
        "hasAccess": access,
        "relatedKeys": _related(entry, shelf),
        "versions": [
            {
                "version": row.version,
                "created_at": stamp(row.created),
                "changelog_md_path": row.changelog_path if row.path else None,
            }
            for row in entry.versions
        ],
    }


def pack_detail(entry: KeyEntry, *, digests: bool, access: bool) -> dict[str, Any]:
    """Return the details of the v1 route."""
    return {**pack_row(entry), **_stored(entry, digests), "hasAccess": access}


def _related(entry: KeyEntry, shelf: Shelf) -> list[dict[str, Any]]:
    outcome = entry.about.get("outcome")
    return [
        {
            "id": other.id,
            "slug": other.slug,
            "title": other.about["title"],
            "reason": f"Similar outcome: {outcome}",
        }
        for other in shelf.keys.values()
        if outcome and other is not entry and other.about.get("outcome") == outcome
    ][:5]
