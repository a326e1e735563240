"""A person's word that what redaction found is no secret: recorded once, and kept to in later captures of the incident.

What was taken out when it was captured stays out of what is kept: the original text is not kept by us. Who wants it in the
evidence collects or attaches the file again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from keys_jupyter.errors import InputError, NotAvailable
from keys_jupyter.incidents.state import by
from keys_jupyter.model.evidence import Clearing, ClearRequest, FindingList, RedactionFinding
from keys_jupyter.service.evidence.redacting import CLEARED
from keys_jupyter.service.incidents.folding import Folds
from keys_jupyter.service.incidents.recording import Recorder
from keys_jupyter.store import Store

_HELD = "known-"


class EvidenceReview:
    """What redaction found under incidents, and what people decided about it."""

    def __init__(self, store: Store, folds: Folds, recorder: Recorder) -> None:
        """Take where records are and who records."""
        self._store = store
        self._folds = folds
        self._recorder = recorder

    def findings(self, name: str) -> FindingList:
        """Return what redaction found in all that is kept and recorded under an incident.

        Raises:
            NotAvailable: there is no such incident.
        """
        incident = self._folds.incident_id(name)
        found = list(_findings(self._store.records(incident)))
        return FindingList(incident=incident, findings=found)

    def clear(self, name: str, request: ClearRequest) -> FindingList:
        """Record that a finding is no secret; saying it again with the same reason records nothing.

        Raises:
            NotAvailable: there is no such incident or finding.
            InputError: the commitment's beginning fits several, no reason is given, or it is a secret held here.
        """
        incident = self._folds.incident_id(name)
        finding = _one(self.findings(incident).findings, request.commitment)
        reason = " ".join(request.reason.split())
        if not reason:
            raise InputError(
                "REASON_MISSING",
                "That something is no secret needs a reason, so nothing was recorded.",
                "Say what it is instead.",
            )
        if finding.held:
            raise InputError(
                "SECRET_HELD",
                f"What {finding.rule} names is a secret of this server itself, so nothing was recorded.",
                "Replace that secret where it comes from; then its old value is nobody's any more.",
            )
        if finding.cleared is None or finding.cleared.reason != reason:
            data = {"commitment": finding.commitment, "rule": finding.rule, "reason": reason}
            self._recorder.append(incident, CLEARED, data, None)
        return self.findings(incident)


def _one(findings: Iterable[RedactionFinding], commitment: str) -> RedactionFinding:
    alike = [one for one in findings if one.commitment.startswith(commitment)]
    if not alike:
        raise NotAvailable(
            "UNKNOWN_FINDING",
            f"Nothing with the commitment {commitment} was found in what is kept.",
            'List the findings with "jupyter keys evidence findings".',
        )
    if len(alike) > 1:
        raise InputError(
            "WHICH_FINDING",
            f"{len(alike)} findings begin with {commitment}, so nothing was recorded.",
            "Give more of the commitment.",
        )
    return alike[0]


def _findings(records: Sequence[Mapping[str, Any]]) -> Iterable[RedactionFinding]:
    rows: dict[str, dict[str, Any]] = {}
    clearings: dict[str, Clearing] = {}
    for record in records:
        data = record["data"]
        if record["type"] == CLEARED:
            clearings[data["commitment"]] = Clearing(
                reason=data["reason"], by=by(record), at=record["at"]
            )
        elif record["type"] == "evidence.kept":
            _add_all(rows, data.get("redaction", {}), data["id"])
        _add_all(rows, data.get("redacted", {}), f"record {record['seq']}")
    for commitment, row in rows.items():
        yield RedactionFinding(commitment=commitment, cleared=clearings.get(commitment), **row)


def _add_all(rows: dict[str, dict[str, Any]], report: Mapping[str, Any], item: str) -> None:
    for one in (*report.get("redactions", ()), *report.get("allowed", ())):
        _add(rows, one, item)


def _add(rows: dict[str, dict[str, Any]], one: Mapping[str, Any], item: str) -> None:
    row = rows.setdefault(
        one["commitment"],
        {
            "rule": one["rule"],
            "length": one.get("length", ""),
            "count": 0,
            "items": [],
            "held": one["rule"].startswith(_HELD),
        },
    )
    row["count"] += one["count"]
    if item not in row["items"]:
        row["items"].append(item)
