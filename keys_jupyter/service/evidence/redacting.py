"""How what is kept is redacted: with which salt, which secrets are held here, and what a person said is none.

One incident has one salt, so that a secret has one commitment in all that is kept of it. Salts stay in the data folder.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keys_jupyter.store import Store, held
from keys_jupyter.workspace import replace_file

if TYPE_CHECKING:
    # Its rules take a moment to load, and most commands need none of them.
    from keys_jupyter.redaction import Policy

CLEARED = "evidence.cleared"
_SALT = "redaction-salt"
_SALT_BYTES = 32
_LOCK_SECONDS = 10
_TOLD = ("reason", "notes", "cells", "results")

# Secrets of this process by what they are called; asked anew each time, because people sign in and out.
Held = Callable[[], Mapping[str, str]]


class Redacting:
    """The policies of one data directory."""

    def __init__(self, store: Store, secrets: Held) -> None:
        """Take where records and salts are, and what says which secrets are held."""
        self._store = store
        self._secrets = secrets

    def of_run(self, run_id: str, incident: str | None) -> Policy:
        """Return how what a run left is redacted; the same each time, so that what was kept is found again.

        The secret parameters of a run are known only to its own process, which takes them out of what it writes down.

        Raises:
            SurroundingsError: the disk does not take the salt.
        """
        if incident:
            return self.of_incident(incident)
        return self._policy(self._store.journal_dir(run_id), {})

    def of_incident(self, incident: str) -> Policy:
        """Return how what is captured now for an incident is redacted.

        Raises:
            SurroundingsError: the disk does not take the salt.
        """
        allowed = cleared(self._store.records(incident))
        return self._policy(self._store.data_dir / "incidents" / incident, allowed)

    def at_export(self, incident: str, records: list[dict[str, Any]]) -> Policy:
        """Return how an export is searched; from records alone, so that two exports are the same bytes.

        Raises:
            SurroundingsError: the disk does not take the salt.
        """
        from keys_jupyter.redaction import Policy

        salt = _salt(self._store.data_dir / "incidents" / incident)
        return Policy(salt=salt, allowed=cleared(records))

    def _policy(self, folder: Path, allowed: Mapping[str, str]) -> Policy:
        from keys_jupyter.redaction import Known, Policy

        known = tuple(Known(value, label) for label, value in sorted(self._secrets().items()))
        return Policy(salt=_salt(folder), known=known, allowed=allowed)


def redacted_outcome(outcome: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    """Return a run's outcome as it may be shown, recorded and exported; artifacts keep the paths they are found by.

    Args:
        outcome: reason, notes, cells with their errors, results and artifacts, as JSON.
        policy: what is redacted.
    """
    from keys_jupyter.redaction import redact_value

    told = {name: outcome[name] for name in _TOLD if name in outcome}
    return {**outcome, **redact_value(told, policy).value}


def cleared(records: list[dict[str, Any]]) -> dict[str, str]:
    """Return the reasons why findings are no secrets, by commitment, as records tell them."""
    found: dict[str, str] = {}
    for record in records:
        if record["type"] == CLEARED:
            found[record["data"]["commitment"]] = record["data"]["reason"]
    return found


def _salt(folder: Path) -> bytes:
    path = folder / _SALT
    if not path.is_file():
        # Two processes may keep the first thing of an incident at once, and must not end with two salts.
        with held(folder / ".salt-lock", seconds=_LOCK_SECONDS):
            if not path.is_file():
                replace_file(path, os.urandom(_SALT_BYTES))
                path.chmod(0o600)
    return path.read_bytes()
