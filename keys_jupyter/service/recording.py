"""The ledger's one pen: what is appended to an incident, by whom, and the runbook it is pinned to."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from keys_jupyter import runbook as parser
from keys_jupyter.errors import NotAvailable
from keys_jupyter.model.incident import Actor
from keys_jupyter.model.runbook import Runbook
from keys_jupyter.store import Store, utc_now

Announce = Callable[[str, str, int], None]


class Recorder:
    """Appends to incidents and finds them."""

    def __init__(self, store: Store, announce: Announce, actor: Callable[[], Actor]) -> None:
        """Take the store, who is told of every record, and who says who is acting."""
        self._store = store
        self._announce = announce
        self._actor = actor

    def incident_id(self, name: str) -> str:
        """Return the id of an incident named by its id, the start of it, or its number.

        Raises:
            NotAvailable: there is none, or more than one.
        """
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

    def pinned(self, incident_id: str) -> Runbook:
        """Return the runbook of an incident as it was when the incident was opened."""
        opened = self._store.records(incident_id)[0]["data"]
        return _read_pinned(
            self._store.blob(opened["sha256"]),
            opened["runbook"],
            opened["version"],
            opened["severity"],
            tuple(opened["key_types"]),
        )

    def append(
        self,
        incident: str,
        kind: str,
        data: Mapping[str, Any],
        step: str | None,
        *,
        claimed: str | None = None,
    ) -> None:
        """Append one record and announce it."""
        actor = self._actor()
        if claimed:
            actor = actor.model_copy(update={"claimed_name": claimed})
        record = self._store.append(
            incident,
            lambda seq, index: {
                "seq": seq,
                "index": index,
                "at": utc_now(),
                "monotonic": round(time.monotonic(), 6),
                "actor": actor.model_dump(mode="json"),
                "type": kind,
                "step": step,
                "data": dict(data),
            },
        )
        if record:
            self._announce("incident", incident, record["seq"])


@lru_cache(maxsize=32)
def _read_pinned(
    path: Path, slug: str, version: str, severity: str | None, key_types: tuple[str, ...]
) -> Runbook:
    # What is kept under a digest never changes, so what was parsed once holds.
    parsed = parser.parse(path.read_text("utf-8"), slug=slug, version=version)
    return parsed.model_copy(update={"severity": severity, "key_types": list(key_types)})
