"""Every incident's fold, kept up to date record by record, so that looking again costs one small question.

What is kept here is only what the store says: it can be thrown away at any time and comes back the same.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from keys_jupyter import runbook as parser
from keys_jupyter.errors import NotAvailable
from keys_jupyter.incidents import Fold
from keys_jupyter.model.runbook import Runbook
from keys_jupyter.store import Store

_Seen = TypeVar("_Seen")
_KEPT = 512
"""How many incidents' folds stay in memory."""


class _Entry(NamedTuple):
    fold: Fold
    lock: threading.Lock


class Folds:
    """The folds of one data directory."""

    def __init__(self, store: Store) -> None:
        """Take where the records are."""
        self._store = store
        self._lock = threading.Lock()
        self._entries: OrderedDict[str, _Entry] = OrderedDict()

    def incident_id(self, name: str) -> str:
        """Return the id of an incident named by its id, the start of it, or its number.

        Raises:
            NotAvailable: there is none, or more than one.
        """
        if name in self._entries:
            return name
        found = self._store.incidents()
        if name.isdigit() and len(name) < 8 and 0 < int(name) <= len(found):
            return found[-int(name)]
        matches = [one for one in found if one.startswith(name)] if len(name) >= 8 else []
        if len(matches) == 1:
            return matches[0]
        raise NotAvailable(
            "UNKNOWN_INCIDENT",
            f"There is no incident {ascii(name)[:50]}.",
            'List them with "jupyter keys incident list".',
        )

    def see(self, incident: str, look: Callable[[Fold], _Seen]) -> _Seen:
        """Return what ``look`` makes of an incident as it stands now.

        Args:
            incident: its id.
            look: must not ask the store: the store may be waiting for this fold.
        """
        entry = self._entry(incident)
        newer = self._store.records(incident, entry.fold.n)
        with entry.lock:
            entry.fold.take(newer)
            return look(entry.fold)

    def _entry(self, incident: str) -> _Entry:
        with self._lock:
            entry = self._entries.get(incident)
            if entry:
                self._entries.move_to_end(incident)
                return entry
        # Folded outside the lock: another thread may do the same, and then one of the two is forgotten.
        records = self._store.records(incident)
        fresh = _Entry(Fold(self._pinned(records[0]["data"])), threading.Lock())
        fresh.fold.take(records)
        with self._lock:
            entry = self._entries.setdefault(incident, fresh)
            while len(self._entries) > _KEPT:
                self._entries.popitem(last=False)
            return entry

    def _pinned(self, opened: dict[str, Any]) -> Runbook:
        return _read_pinned(
            self._store.blob(opened["sha256"]),
            opened["runbook"],
            opened["version"],
            opened["severity"],
            tuple(opened["key_types"]),
        )


@lru_cache(maxsize=32)
def _read_pinned(
    path: Path, slug: str, version: str, severity: str | None, key_types: tuple[str, ...]
) -> Runbook:
    # What is kept under a digest never changes, so what was parsed once holds.
    parsed = parser.parse(path.read_bytes().decode("utf-8"), slug=slug, version=version)
    return parsed.model_copy(update={"severity": severity, "key_types": list(key_types)})
