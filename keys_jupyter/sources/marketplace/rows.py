"""The two lists of a marketplace joined by slug; whatever a row holds, it costs at most itself.

An unknown word of an enumeration is kept as it is and its kind shown as "other". A row whose slug or version could
not name a folder is shown as damaged and never installed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from keys_jupyter.model.marketplace import DamagedRow
from keys_jupyter.model.pack import LibraryPack
from keys_jupyter.sources.wording import shown, shown_lines

_KINDS = frozenset({"jupyter", "node", "next", "runbook", "stripe", "github", "supabase", "cursor"})
_SAME = {"operational": "runbook", "notebook": "jupyter"}
_LONGEST = 5000
_MOST_TAGS = 100
_ONLY_LISTED = (
    "The marketplace lists it and has no download for it: it was published in the old way only. "
    "Ask its publisher to publish it again."
)


@dataclass
class Joined:
    """Both lists as one."""

    packs: list[LibraryPack] = field(default_factory=list)
    damaged: list[DamagedRow] = field(default_factory=list)
    not_installable: dict[str, str] = field(default_factory=dict)


def joined(keys: Iterable[Any], packs: Iterable[Any]) -> Joined:
    """Join the list that can be downloaded from (``keys``) with the older one (``packs``)."""
    found = Joined()
    older = {row["slug"]: row for row in packs if _named(row)}
    seen: set[str] = set()
    for row in keys:
        name = row["slug"] if _named(row) else ""
        if name and name in seen:
            continue
        seen.add(name)
        _add(found, {**older.get(name, {}), **_known(row)} if _named(row) else row)
    for name, row in older.items():
        # The older list has no kinds: it holds nothing but notebook packs.
        if name not in seen and (pack := _add(found, {**row, "tool": "jupyter"})):
            found.not_installable[pack.slug] = _ONLY_LISTED
    for row in packs:
        if not _named(row):
            _add(found, row)
    return found


def _add(found: Joined, row: Any) -> LibraryPack | None:
    try:
        pack = LibraryPack.model_validate(_fields(row))
    except ValidationError as error:
        found.damaged.append(_damaged(row, error))
        return None
    found.packs.append(pack)
    return pack


def _named(row: Any) -> bool:
    return isinstance(row, dict) and isinstance(row.get("slug"), str)


def _known(row: dict[str, Any]) -> dict[str, Any]:
    """Return what a row says, without what it leaves open."""
    return {name: value for name, value in row.items() if value is not None}


def _fields(row: Any) -> dict[str, Any]:
    """Return a row in the words of a library, whose model judges it."""
    if not isinstance(row, dict):
        return {}
    minutes = row.get("runtime_minutes")
    return {
        "slug": row.get("slug"),
        "title": (_text(row.get("title")) or _text(row.get("slug")) or "")[:200],
        "description": _description(row.get("description")),
        "kind": _kind(row),
        "version": row.get("version"),
        "license_spdx": _text(row.get("license_spdx")) or "",
        "category": _text(row.get("category")),
        "maturity": _text(row.get("maturity")),
        "outcome": _text(row.get("outcome")),
        "difficulty": _text(row.get("difficulty")),
        "severity_level": _text(row.get("severity_level")),
        "runtime_minutes": minutes if type(minutes) is int and minutes > 0 else None,
        "tags": _texts(row.get("tags")),
        "key_type": _texts(row.get("key_type")),
        "assets": {},
    }


def _kind(row: dict[str, Any]) -> str:
    said = _text(row.get("tool")) or next(iter(_texts(row.get("key_type"))), "")
    word = _SAME.get(said, said)
    return word if word in _KINDS else "other"


def _text(value: Any) -> str | None:
    return (shown(value, _LONGEST) or None) if isinstance(value, str) else None


def _description(value: Any) -> str:
    return shown_lines(value, _LONGEST) if isinstance(value, str) else ""


def _texts(value: Any) -> list[str]:
    found = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return [shown(one, 200) for one in found[:_MOST_TAGS] if isinstance(one, str)]


def _damaged(row: Any, error: ValidationError) -> DamagedRow:
    fields = row if isinstance(row, dict) else {}
    where = ", ".join(sorted({str(fault["loc"][0]) for fault in error.errors()}))
    return DamagedRow(
        slug=(_text(fields.get("slug")) or "")[:120],
        title=(_text(fields.get("title")) or "")[:120] or "a row without a name",
        reason=f"The marketplace's row is damaged ({where}), so it cannot be installed. "
        "Tell whoever runs the marketplace.",
    )
