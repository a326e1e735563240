"""Bundles, checkpoints, and comparisons: what is asked for and what comes of it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from keys_jupyter.model.base import Record

_DAY = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"


class ExportRequest(Record):
    """Which state of an incident to export: its record ``at``, or its newest."""

    at: int | None = Field(default=None, ge=0)


class PeriodRequest(Record):
    """From which day to which, both included, in UTC."""

    start: str = Field(pattern=_DAY)
    end: str = Field(pattern=_DAY)


class Exported(Record):
    """A bundle that was written.

    ``at`` is the last record of the incident in it, None for a period; ``warnings`` say what had to be taken out only
    now, and where the export could not be recorded; ``missing`` what the runbook asks for and nothing shows; ``name``
    what the bundle calls itself; ``download`` its route, as the other routes are told below this extension's own
    address, where it lies in the workspace's folder for evidence; else None.
    """

    path: str
    download: str | None
    sha256: str
    size: int
    name: str
    at: int | None
    counts: dict[str, int]
    missing: list[str]
    warnings: list[str]
    checkpoint: str
    fingerprint: str


class ExportProgress(Record):
    """One export that is going on: ``done`` of ``total`` bytes of its phase.

    ``id`` is the incident, or ``period-`` with its two days. ``collecting`` compares kept files with their digests and
    looks for secrets where that was not done before, ``measuring`` makes the files of the bundle, ``writing`` writes them.
    """

    id: str
    phase: Literal["collecting", "measuring", "writing"]
    done: int
    total: int


class ExportEnded(Record):
    """What an export wrote that ended lately, for a page that was loaded while it went on."""

    id: str
    exported: Exported


class ExportingList(Record):
    """The exports that are going on in this server, and the last of those that were written."""

    exporting: list[ExportProgress]
    ended: list[ExportEnded]


class VerifyRequest(Record):
    """A bundle to verify: a file of the workspace, or its bytes in base64; exactly one of the two.

    ``against`` is the text of a checkpoint that somebody kept, ``key`` the fingerprint that the key should have.
    """

    path: str | None = Field(default=None, max_length=4096)
    data: str | None = None
    against: str | None = Field(default=None, max_length=20_000)
    key: str | None = Field(default=None, max_length=100)


Verdict = Literal["holds", "not proved", "fails"]


class Check(Record):
    """One thing that was checked; ``ok`` where it holds.

    What the bundle cannot show, and nothing speaks against, is "not proved".
    """

    name: str
    ok: bool
    verdict: Verdict
    detail: str


class Verified(Record):
    """What a bundle's verification came to; ``bundle`` is what it calls itself, unless it fails.

    "not proved" is said where all of its own checks hold and the held checkpoint is of a later state.
    """

    ok: bool
    verdict: Verdict
    checks: list[Check]
    missing: list[str]
    limits: list[str]
    bundle: dict[str, Any]


class CheckpointRequest(Record):
    """Where a checkpoint goes, in words; and, where one is wanted, the older size to prove it from."""

    outlet: str = Field(default="copied as text", min_length=1, max_length=200)
    since: int | None = Field(default=None, ge=1)


class CheckpointText(Record):
    """A checkpoint to copy: ``text`` is what to keep; it holds the proof from an older size where one was asked for."""

    text: str
    size: int
    root: str
    origin: str
    fingerprint: str
    at: str


class CheckpointState(Record):
    """How well the ledger is anchored elsewhere: its size and root, and when a checkpoint last left this machine.

    ``after`` counts the records since then; ``fingerprint`` is None until the key is first needed; ``meaning`` says
    what that means.
    """

    size: int
    root: str
    fingerprint: str | None
    last_at: str | None
    last_size: int | None
    last_outlet: str | None
    after: int
    meaning: str


class Difference(Record):
    """One line of a comparison; ``change`` is same, changed, added or removed, ``by`` the difference of two numbers."""

    name: str
    left: Any
    right: Any
    change: str
    by: float | None = None


class Comparison(Record):
    """Two runs of one key side by side; ``summary`` is one sentence."""

    left: str
    right: str
    key: str
    facts: list[Difference]
    parameters: list[Difference]
    results: list[Difference]
    outputs: list[Difference]
    cells: list[Difference]
    summary: str


class ComplianceRequest(Record):
    """Which incidents to count: opened from a day to a day, of one runbook, of one severity; None for all.

    ``rehearsal`` is no, only or all.
    """

    start: str | None = Field(default=None, pattern=_DAY)
    end: str | None = Field(default=None, pattern=_DAY)
    runbook: str | None = None
    severity: str | None = None
    rehearsal: Literal["no", "only", "all"] = "no"


class ComplianceRow(Record):
    """One incident as an auditor counts it; ``controls`` are the frameworks that its runbook names."""

    id: str
    number: int
    title: str
    runbook: str
    version: str
    severity: str | None
    rehearsal: bool
    opened_at: str
    opened_by: str
    closed_at: str | None
    records: int
    runs: int
    evidence: int
    controls: list[str]


class Compliance(Record):
    """Incidents by framework and month of their opening: ``rows`` holds the counts by framework, then by month.

    An incident counts once for each framework its runbook names, so the counts of a month can add up to more than the
    incidents in it; nothing is counted that no runbook names. ``start`` and ``end`` are the first and the last day.
    """

    start: str
    end: str
    months: list[str]
    rows: dict[str, dict[str, int]]
    incidents: list[ComplianceRow]
    runbooks: list[str]
    severities: list[str]
