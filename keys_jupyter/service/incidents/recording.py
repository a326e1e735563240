"""The ledger's one pen: what is appended to an incident, and by whom.

Not here: what a record means (`incidents`), and how far an incident has come (`folding`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from keys_jupyter.incidents import Fold
from keys_jupyter.model.incident import Actor
from keys_jupyter.model.runbook import Runbook
from keys_jupyter.service.incidents.folding import Folds
from keys_jupyter.store import Store, utc_now

Announce = Callable[[str, str, int], None]


class Recorder:
    """Appends to incidents and finds them."""

    def __init__(
        self, store: Store, folds: Folds, announce: Announce, actor: Callable[[], Actor]
    ) -> None:
        """Take the store, how incidents stand, who is told of every record, and who says who is acting."""
        self._store = store
        self._folds = folds
        self._announce = announce
        self._actor = actor

    def incident_id(self, name: str) -> str:
        """Return the id of an incident named by its id, the start of it, or its number.

        Raises:
            NotAvailable: there is none, or more than one.
        """
        return self._folds.incident_id(name)

    def pinned(self, incident_id: str) -> Runbook:
        """Return the runbook of an incident as it was when it was opened, with the analyses added since."""
        return self._folds.see(incident_id, lambda fold: fold.runbook)

    def begin(
        self, incident: str, make: Callable[[], Mapping[str, Any]], *, claimed: str | None = None
    ) -> None:
        """Append the record that opens an incident; ``make`` runs inside the transaction."""
        self._write(incident, "incident.opened", None, lambda _actor: make(), claimed)

    def append(self, incident: str, kind: str, data: Mapping[str, Any], step: str | None) -> None:
        """Append one record and announce it."""
        self.decide(incident, kind, step, lambda _fold, _actor, _newer: data)

    def decide(
        self,
        incident: str,
        kind: str,
        step: str | None,
        make: Callable[[Fold, Actor, Sequence[Mapping[str, Any]]], Mapping[str, Any]],
        *,
        after: int | None = None,
    ) -> None:
        """Append what is decided on the incident as it stands inside the transaction, and announce it.

        Args:
            incident: its id.
            kind: the record's type.
            step: the step it is about.
            make: given the fold, who acts, and the records behind ``after``, returns the record's content, or raises
                to append nothing; it must not ask the store.
            after: the last record that who acts has seen; None where that does not matter.
        """

        def content(actor: Actor) -> Mapping[str, Any]:
            newer = [] if after is None else self._store.records(incident, after)
            return self._folds.see(incident, lambda fold: _marked(fold, make(fold, actor, newer)))

        self._write(incident, kind, step, content)

    def _write(
        self,
        incident: str,
        kind: str,
        step: str | None,
        make: Callable[[Actor], Mapping[str, Any]],
        claimed: str | None = None,
    ) -> None:
        actor = self._actor()
        if claimed:
            actor = actor.model_copy(update={"claimed_name": claimed})
        record = self._store.append(
            incident,
            lambda seq, index: {
                "incident": incident,
                "seq": seq,
                "index": index,
                "at": utc_now(),
                "monotonic": round(time.monotonic(), 6),
                "actor": actor.model_dump(mode="json"),
                "type": kind,
                "step": step,
                "data": dict(make(actor)),
            },
        )
        if record:
            self._announce("incident", incident, record["seq"])


def _marked(fold: Fold, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Mark what is recorded in a rehearsal, so that no single record can pass for the real thing."""
    return {**data, "rehearsal": True} if fold.state.opened["data"]["rehearsal"] else data
