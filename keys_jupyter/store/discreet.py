"""A store that takes no secret: words of people and of exceptions are redacted before anything is written.

Every record of the ledger, every fact of a run and every reason of an end goes through here, in each process that
writes. Not here: kept bytes, which are redacted where they are captured, and a run's own journal, which is what
evidence is made from and is never part of it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keys_jupyter import ledger
from keys_jupyter.errors import SurroundingsError
from keys_jupyter.store import Store
from keys_jupyter.store.database import unwritable
from keys_jupyter.store.files import held

if TYPE_CHECKING:
    # Its rules take a moment to load, and what only reads needs none of them.
    from keys_jupyter.redaction import Policy, Report

CLEARED = "evidence.cleared"

# Secrets of this process by what they are called; asked anew each time, because people sign in and out.
Held = Callable[[], Mapping[str, str]]

_SALT = "redaction-salt"
_SALT_BYTES = 32
_LOCK_SECONDS = 10
# What the program itself makes and finds things by: digests, ids, and names that were looked up before.
_MADE = frozenset(
    (
        *("incident", "run", "id", "sha256", "original_sha256", "pack_sha256", "cells_sha256"),
        *("commitment", "rule", "root", "goto", "item", "timer", "redaction", "redacted"),
    )
)
_ACTOR = ("claimed_name", "display")
# What a run's files are found by, and the names of what its notebook declares secret.
_FOUND_BY = frozenset(("folder", "notebook", "before", "pack_sha256", "secrets"))


def _of_environment() -> Mapping[str, str]:
    from keys_jupyter.redaction.variables import from_variables

    return from_variables(os.environ)


class DiscreetStore(Store):
    """The store of everything that runs, records or captures."""

    def __init__(
        self, data_dir: Path, *, lock_seconds: float = 5.0, secrets: Held = _of_environment
    ) -> None:
        """Open the store.

        Args:
            data_dir: the folder of all our state.
            lock_seconds: how long to wait for another process before giving up.
            secrets: returns the secrets held here, by a label; those of the environment's variables if not given.

        Raises:
            SurroundingsError: the folder cannot be written, the store is locked, damaged, or newer than us.
        """
        super().__init__(data_dir, lock_seconds=lock_seconds)
        self._secrets = secrets

    # how it is redacted --------------------------------------------------------------------------

    def policy(
        self, incident: str | None, run_id: str | None = None, *, held: bool = True
    ) -> Policy:
        """Return how what belongs to an incident is redacted; what belongs to none has the salt of its run, or ours.

        Args:
            incident: its id.
            run_id: a run's, for what belongs to no incident.
            held: look for the secrets held here as well; without, the same records give the same answer anywhere.

        Raises:
            SurroundingsError: the disk does not take the salt.
        """
        from keys_jupyter.redaction import Known, Policy

        secrets = sorted(self._secrets().items()) if held else ()
        known = tuple(Known(value, label) for label, value in secrets)
        if incident:
            salt = self._salt(self.data_dir / "incidents" / incident)
            return Policy(salt=salt, known=known, allowed=self._allowed(incident))
        folder = self.journal_dir(run_id) if run_id else self.data_dir
        return Policy(salt=self._salt(folder), known=known)

    def _allowed(self, incident: str) -> dict[str, str]:
        query = "SELECT body FROM ledger WHERE incident=? AND type=? ORDER BY seq"
        return cleared(json.loads(row["body"]) for row in self._all(query, incident, CLEARED))

    def _salt(self, folder: Path) -> bytes:
        path = folder / _SALT
        try:
            if not path.is_file():
                self._new_salt(path)
            return path.read_bytes()
        except OSError as error:
            raise unwritable(error) from error
        except SurroundingsError as error:
            raise (unwritable(error) if error.code == "LOCK_UNWRITABLE" else error) from error

    def _new_salt(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Two processes may keep the first thing of an incident at once, and must not end with two salts.
        with held(path.with_name(".salt-lock"), seconds=_LOCK_SECONDS):
            if not path.is_file():
                self.write(path, os.urandom(_SALT_BYTES))
                path.chmod(0o600)

    def text(self, incident: str, name: str, data: bytes) -> bytes:
        """Return a text file's bytes as an incident may keep them; without a secret they are the same."""
        from keys_jupyter.redaction import redact_bytes

        return redact_bytes(name, "text/plain", data, self.policy(incident)).value

    # what is written -----------------------------------------------------------------------------

    def append(
        self, incident: str, make: Callable[[int, int], Mapping[str, Any] | None]
    ) -> dict[str, Any] | None:
        """Append one record to the ledger under its incident, redacted.

        Args:
            incident: whose record it is.
            make: given ``seq`` and ``index``, returns the record; None appends nothing. It sees people's words as they
                were typed, so that what must be compared with them can be.
        """
        # Before the transaction: who holds a salt's lock may be waiting for the database.
        policy = self.policy(incident)

        def told(seq: int, index: int) -> Mapping[str, Any] | None:
            record = make(seq, index)
            return record and redacted_record(record, policy)

        return super().append(incident, told)

    def add_run(self, row: Mapping[str, Any]) -> bool:
        """Record a run as requested; see the store. A value that holds a secret is asked for anew by who repeats it."""
        policy = self.policy(row["incident"], row["id"])
        return super().add_run({**row, "facts": redacted_facts(row["facts"], policy)})

    def set_facts(self, run_id: str, facts: Mapping[str, Any]) -> None:
        """Complete what was prepared for a run; possible only while it is open."""
        super().set_facts(run_id, redacted_facts(facts, self._policy_of(run_id)))

    def advance(self, run_id: str, state: str, *, reason: str = "", at: str | None = None) -> bool:
        """Write a run's next state; call it before the action the state announces.

        Returns:
            False when the run has ended already (or is unknown); it then stays as it ended.
        """
        if reason:
            from keys_jupyter.redaction import redact_text

            reason = redact_text(reason, self._policy_of(run_id)).value
        return super().advance(run_id, state, reason=reason, at=at)

    def _policy_of(self, run_id: str) -> Policy:
        row = self.run(run_id)
        return self.policy(row["incident"] if row else None, run_id)


def cleared(records: Any) -> dict[str, str]:
    """Return the reasons why findings are no secrets, by commitment, as records tell them."""
    return {
        record["data"]["commitment"]: record["data"]["reason"]
        for record in records
        if record["type"] == CLEARED
    }


def redacted_record(record: Mapping[str, Any], policy: Policy) -> Mapping[str, Any]:
    """Return a record without secrets; where there was one, its ``redacted`` says by which rule and commitment."""
    from keys_jupyter.redaction import redact_value

    data, actor = record["data"], record["actor"]
    words = {
        "data": {name: value for name, value in data.items() if name not in _MADE},
        "actor": {name: actor.get(name) for name in _ACTOR},
    }
    done = redact_value(words, policy)
    if not (done.report.redactions or done.report.allowed):
        return record
    told = _told(done.report, policy.commitment(ledger.encode(words).decode()))
    return {
        **record,
        "actor": {**actor, **done.value["actor"]},
        "data": {**data, **done.value["data"], "redacted": told},
    }


def _told(report: Report, original: str) -> dict[str, Any]:
    """Return a report as a record holds it; of a few words a bare digest would let their secret be guessed."""
    said = report.model_dump(mode="json", include={"rules", "redactions", "allowed"})
    return {**{name: of for name, of in said.items() if of}, "original_commitment": original}


def redacted_facts(facts: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    """Return a run's facts without secrets; a parameter that held one is named among the run's secrets."""
    from keys_jupyter.redaction import redact_value

    words = {name: value for name, value in facts.items() if name not in _FOUND_BY}
    told = redact_value(words, policy).value
    was, now = facts.get("parameters", {}), told.get("parameters", {})
    held_one = {name for name in was if now.get(name) != was[name]}
    secrets = {"secrets": sorted({*facts.get("secrets", ()), *held_one})} if held_one else {}
    return {**facts, **told, **secrets}
