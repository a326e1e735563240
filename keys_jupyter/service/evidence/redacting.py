"""How what is kept is redacted: with which salt, which secrets are held here, and what a person said is none.

One incident has one salt, so that a secret has one commitment in all that is kept of it. Salts stay in the data folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from keys_jupyter.store.discreet import CLEARED, DiscreetStore, cleared

if TYPE_CHECKING:
    # Its rules take a moment to load, and most commands need none of them.
    from keys_jupyter.redaction import Policy

__all__ = ["CLEARED", "Redacting", "redacted_outcome"]

_TOLD = ("reason", "notes", "cells", "results", "artifacts")


class Redacting:
    """The policies of one data directory."""

    def __init__(self, store: DiscreetStore) -> None:
        """Take where records and salts are, which knows the secrets that are held."""
        self._store = store

    def of_run(self, run_id: str, incident: str | None) -> Policy:
        """Return how what a run left is redacted; the same each time, so that what was kept is found again.

        The secret parameters of a run are known only to its own process, which takes them out of what it writes down.

        Raises:
            SurroundingsError: the disk does not take the salt.
        """
        return self._store.policy(incident, run_id)

    def of_incident(self, incident: str) -> Policy:
        """Return how what is captured now for an incident is redacted.

        Raises:
            SurroundingsError: the disk does not take the salt.
        """
        return self._store.policy(incident)

    def at_export(self, incident: str, records: list[dict[str, Any]]) -> Policy:
        """Return how an export is searched; from records alone, so that two exports are the same bytes.

        Raises:
            SurroundingsError: the disk does not take the salt.
        """
        from keys_jupyter.redaction import Policy

        salt = self._store.policy(incident, held=False).salt
        return Policy(salt=salt, allowed=cleared(records))

    def listed(self, run_id: str) -> Policy:
        """Return how the facts of a run that belongs to no incident are searched at export.

        Raises:
            SurroundingsError: the disk does not take the salt.
        """
        return self._store.policy(None, run_id, held=False)


def redacted_outcome(outcome: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    """Return a run's outcome as it may be shown, recorded and exported.

    Args:
        outcome: reason, notes, cells with their errors, results and artifacts, as JSON.
        policy: what is redacted.
    """
    from keys_jupyter.redaction import redact_value

    told = {name: outcome[name] for name in _TOLD if name in outcome}
    return {**outcome, **redact_value(told, policy).value}
