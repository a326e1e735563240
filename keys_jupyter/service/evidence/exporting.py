"""Gathers from the store what a bundle is made of: records up to one, their runs, their runbook, their files.

What a bundle looks like is :mod:`keys_jupyter.evidence.bundle`; nothing is written here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from keys_jupyter.errors import InputError, NotAvailable
from keys_jupyter.evidence.bundle import IncidentMaterial, PeriodMaterial
from keys_jupyter.evidence.bundle.sources import Redact
from keys_jupyter.incidents import Fold
from keys_jupyter.model.pack import RunbookMetadata
from keys_jupyter.service.evidence.redacting import Redacting
from keys_jupyter.service.incidents.folding import Folds
from keys_jupyter.service.keys.installs import Installs
from keys_jupyter.service.runs.reading import RunReader
from keys_jupyter.store import Store

if TYPE_CHECKING:
    from keys_jupyter.redaction import Policy

# Records of these types hold the size and root of a tree that somebody else may hold.
LEAVING = ("checkpoint.left", "bundle.exported")
# Each costs about two kilobytes in every bundle.
_MOST_LEFT = 200
_RUN = [
    "id",
    "key",
    "title",
    "version",
    "pack_sha256",
    "mode",
    "state",
    "reason",
    "requested_at",
    "started_at",
    "ended_at",
    "folder",
    "notebook",
    "kernel",
    "parameters",
    "inputs",
    "incident",
    "step",
    "cells",
    "results",
    "artifacts",
    "notes",
]
# What the store has as it is, because files are found by it.
_PATHS = ("key", "title", "folder", "notebook")
_LISTED = ("id", "key", "version", "state", "reason", "requested_at", "started_at", "ended_at")


class Gatherer:
    """Gathers material for bundles."""

    def __init__(
        self,
        store: Store,
        folds: Folds,
        reader: RunReader,
        installs: Installs,
        redacting: Redacting,
    ) -> None:
        """Take where records, incidents, runs and packs are, and what is redacted."""
        self._store = store
        self._folds = folds
        self._reader = reader
        self._installs = installs
        self._redacting = redacting

    # an incident ---------------------------------------------------------------------------------

    def incident(self, incident: str, at: int | None) -> IncidentMaterial:
        """Return what an incident's bundle is made of, up to a record.

        Args:
            incident: its id.
            at: the record; the newest when None.

        Raises:
            InputError: it has no such record.
            SurroundingsError: the disk does not take the salt of redactions.
        """
        from keys_jupyter.redaction.rules import VERSION

        rows = self._store.entries(incident=incident)
        last = rows[-1]["seq"]
        if at is not None and at > last:
            raise InputError(
                "NO_SUCH_RECORD",
                f"The incident has records 0 to {last}, and no record {at}.",
                'List them with "jupyter keys incident timeline".',
            )
        rows = rows[: (last if at is None else at) + 1]
        records = [json.loads(row["body"]) for row in rows]
        opened = records[0]["data"]
        pinned = self._folds.see(incident, lambda fold: fold.state.runbook)
        fold = Fold(pinned)
        fold.take(records)
        state = fold.incident(now=_time(records[-1]["at"])).model_dump(mode="json")
        policy = self._redacting.at_export(incident, records)
        return IncidentMaterial(
            records=[row["body"] for row in rows],
            left=self.left(rows[-1]["idx"]),
            runbook_source=self._store.blob(opened["sha256"]).read_bytes(),
            runbook=pinned.model_dump(mode="json"),
            state={name: value for name, value in state.items() if name != "newer"},
            runs=self._runs(records, policy),
            controls=self.controls(opened),
            kept=self._store.blob,
            redact=_redact(policy),
            # What was captured with these very rules is not searched again.
            searched=VERSION,
        )

    def _runs(
        self, records: Sequence[Mapping[str, Any]], policy: Policy
    ) -> dict[str, dict[str, Any]]:
        asked = {
            record["data"]["run"]: record["data"]
            for record in records
            if record["type"] in ("run.requested", "run.attached")
        }
        return {
            record["data"]["run"]: self._run(
                {**asked.get(record["data"]["run"], {}), **record["data"]}, policy
            )
            for record in records
            if record["type"] in ("run.ended", "run.attached")
        }

    def _run(self, recorded: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
        """Return what is known of an ended run: what the records say, and what only the store has, where it has it."""
        run_id = recorded["run"]
        said = {name: recorded[name] for name in _RUN if name in recorded and name != "cells"}
        try:
            run = self._reader.run(run_id).model_dump(mode="json")
        except NotAvailable:
            return {**said, "id": run_id, "cells": None}
        facts = {name: run[name] for name in _RUN} | _without_secrets(run, _PATHS, policy) | said
        try:
            facts["environment"] = self._reader.environment(run_id).model_dump(mode="json")
        except NotAvailable:
            facts["environment"] = None
        return facts

    def left(self, before: int) -> list[bytes]:
        """Return the records of checkpoints that left this machine before a record of the ledger."""
        rows = self._store.entries(incident="", last=before - 1)
        return [row["body"] for row in rows if row["type"] in LEAVING][-_MOST_LEFT:]

    def controls(self, opened: Mapping[str, Any]) -> list[str]:
        """Return the frameworks that an incident's runbook names: as recorded, else as its pack says."""
        recorded = opened.get("compliance_relevance")
        if recorded is not None:
            return list(recorded)
        try:
            metadata = self._installs.pack(opened["runbook"], opened["version"]).metadata
        except (NotAvailable, InputError):
            return []
        return list(metadata.compliance_relevance) if isinstance(metadata, RunbookMetadata) else []

    # a period ------------------------------------------------------------------------------------

    def period(self, start: str, end: str) -> PeriodMaterial:
        """Return what the bundle of a period is made of.

        Raises:
            InputError: the days are not days or not in order.
            NotAvailable: nothing was recorded in it.
        """
        begin, behind = _moments(start, end)
        rows = self._store.entries()
        times = {row["idx"]: json.loads(row["body"])["at"] for row in rows}
        inside = [index for index, at in times.items() if begin <= at < behind]
        if not inside:
            raise NotAvailable(
                "NOTHING_RECORDED",
                f"From {start} to {end} nothing was recorded here.",
                'See when incidents were opened with "jupyter keys incident list".',
            )
        first, last = inside[0], inside[-1]
        touched = {row["incident"] for row in rows if first <= row["idx"] <= last} - {""}
        chosen = [
            row
            for row in rows
            if row["idx"] <= last and (row["idx"] >= first or row["incident"] in touched)
        ]
        opened = {
            row["incident"]: json.loads(row["body"])["data"]
            for row in chosen
            if row["incident"] and row["seq"] == 0
        }
        return PeriodMaterial(
            start=start,
            end=end,
            first=first,
            last=last,
            records=[(row["incident"], row["body"]) for row in chosen],
            left=self.left(last),
            runs=self._listed(chosen, first, begin, behind),
            controls={name: self.controls(data) for name, data in opened.items()},
        )

    def _listed(
        self, rows: Sequence[Mapping[str, Any]], first: int, begin: str, behind: str
    ) -> list[dict[str, Any]]:
        """Return every run asked for in the period, and every other that its records speak of."""
        runs = {row["id"]: self._row(row) for row in self._store.runs_asked_for(begin, behind)}
        for run in runs.values():
            # How a run stood at the end of the period must not depend on when that is asked.
            if not run["incident"] and (run["ended_at"] is None or run["ended_at"] >= behind):
                run |= {"state": "NOT_ENDED", "reason": "", "ended_at": None}
        spoken: dict[str, dict[str, Any]] = {}
        for row in rows:
            if row["type"] not in ("run.requested", "run.attached", "run.ended"):
                continue
            record = json.loads(row["body"])
            run = _recorded(spoken.get(record["data"]["run"]), record, row["incident"])
            spoken[run["id"]] = run
            if row["idx"] >= first:
                runs.setdefault(run["id"], run)
        runs |= {name: spoken[name] for name in runs if name in spoken}
        return sorted(runs.values(), key=lambda run: (run["requested_at"], run["id"]))

    def _row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        policy = self._redacting.listed(row["id"])
        names = (*_LISTED, "incident", "step")
        return {name: row[name] for name in names} | _without_secrets(
            row, ("key", "reason"), policy
        )


def _without_secrets(
    facts: Mapping[str, Any], names: Sequence[str], policy: Policy
) -> dict[str, Any]:
    from keys_jupyter.redaction import redact_value

    return redact_value({name: facts[name] for name in names}, policy).value


def _recorded(
    known: Mapping[str, Any] | None, record: Mapping[str, Any], incident: str
) -> dict[str, Any]:
    """Return a run as the records up to this one tell it."""
    data = record["data"]
    begun = known or {
        "id": data["run"],
        "key": data.get("key", ""),
        "version": data.get("version", ""),
        "state": "NOT_ENDED",
        "reason": "",
        "requested_at": record["at"],
        "started_at": None,
        "ended_at": None,
    }
    told = ("state", "reason", "started_at", "ended_at")
    return {
        **begun,
        **{n: data[n] for n in told if n in data},
        "incident": incident,
        "step": record["step"],
    }


def _moments(start: str, end: str) -> tuple[str, str]:
    try:
        behind = date.fromisoformat(end) + timedelta(days=1)
        first = date.fromisoformat(start)
    except (ValueError, OverflowError):
        raise InputError(
            "NOT_A_DAY", "A period is given by two days.", "Write them as 2026-11-30."
        ) from None
    if first >= behind:
        raise InputError(
            "PERIOD_BACKWARDS", f"{start} is after {end}.", "Give the earlier day first."
        )
    return f"{first.isoformat()}T", f"{behind.isoformat()}T"


def _redact(policy: Policy) -> Redact:
    from keys_jupyter.redaction import redact_bytes

    def redact(name: str, mime: str, data: bytes) -> tuple[bytes, tuple[str, ...]]:
        done = redact_bytes(name, mime, data, policy)
        return done.value, tuple(sorted({found.rule for found in done.report.redactions}))

    return redact


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
