"""All incidents by framework and month, as an auditor asks for them; the period's bundle counts with the same functions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from keys_jupyter.errors import InputError
from keys_jupyter.evidence.bundle.period import incident_row, matrix
from keys_jupyter.model.bundle import Compliance, ComplianceRequest
from keys_jupyter.store import Store, utc_now


class EvidenceCompliance:
    """Counts the incidents of one data directory."""

    def __init__(self, store: Store, controls: Callable[[Mapping[str, Any]], list[str]]) -> None:
        """Take where records are, and what says which frameworks the runbook of an opened incident names."""
        self._store = store
        self._controls = controls

    def summary(self, request: ComplianceRequest) -> Compliance:
        """Return the incidents that were opened in a time and pass the filters, by framework and month.

        Raises:
            InputError: the days are not in order.
        """
        everything = sorted(self._rows(), key=lambda row: row["number"])
        opened = [row["opened_at"] for row in everything]
        today = utc_now()
        start = request.start or min(opened, default=today)[:10]
        end = request.end or max([*opened, today])[:10]
        if start > end:
            raise InputError(
                "PERIOD_BACKWARDS", f"{start} is after {end}.", "Give the earlier day first."
            )
        rows = [
            row
            for row in everything
            if start <= row["opened_at"][:10] <= end and _passes(row, request)
        ]
        return Compliance.model_validate(
            {
                "start": start,
                "end": end,
                **matrix(rows, start, end),
                "incidents": rows,
                "runbooks": sorted({row["runbook"] for row in everything}),
                "severities": sorted({row["severity"] for row in everything if row["severity"]}),
            }
        )

    def _rows(self) -> Iterator[dict[str, Any]]:
        groups: dict[str, list[dict[str, Any]]] = {}
        for row in self._store.entries():
            if row["incident"]:
                groups.setdefault(row["incident"], []).append(json.loads(row["body"]))
        for name, records in groups.items():
            yield incident_row(name, records, self._controls(records[0]["data"]))


def _passes(row: Mapping[str, Any], request: ComplianceRequest) -> bool:
    wanted = {"no": (False,), "only": (True,), "all": (False, True)}[request.rehearsal]
    return (
        row["rehearsal"] in wanted
        and request.runbook in (None, row["runbook"])
        and request.severity in (None, row["severity"])
    )
