"""A discrepancy report and a history of changes go in; records that drifted and all others come out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from table_columns import Column, InputProblem, Table, exported_as, split_name
from table_files import read_table
from table_roles import Role, columns_table, described, find_roles, require_role, role, wanted
from table_times import TIME_EXAMPLES, is_time, parse_times, required_zone
from table_values import is_number

HOW_TO_EXPORT = {
    "report": (
        "Run the key jupyter-stripe-subscription-reconciliation and give its discrepancies.csv; "
        "or write one row a discrepancy with a record's id, a type and since when it differs."
    ),
    "history": (
        "psql: \\copy (SELECT subscription_id, updated_at FROM subscriptions) TO 'history.csv' "
        "CSV HEADER; every record that changed, those that did not drift included."
    ),
}
_RECORDS = (
    "record_id subscription_id stripe_subscription_id record entity_id object_id row_id "
    "primary_key external_id id key customer_id order_id invoice_id user_id"
)
_MOVED = (
    "changed_at updated_at last_changed_at modified_at last_modified last_updated updated changed"
)


def _is_name(text: str) -> bool:
    return not is_number(text) and not is_time(text)


REPORT: dict[str, Role] = {
    "record": role(_RECORDS, bool, "the id of the record that differs"),
    "type": role(
        "type discrepancy_type drift_type mismatch_type kind category issue reason field",
        _is_name,
        "the type of the discrepancy, in a word",
    ),
    "time": role(
        "differs_since first_seen first_seen_at drifted_at detected_at first_detected_at "
        f"discovered_at {_MOVED} stripe_changed_at database_changed_at timestamp time date "
        "created_at created",
        is_time,
        f"since when it differs, {TIME_EXAMPLES}",
    ),
}
HISTORY: dict[str, Role] = {
    "record": role(_RECORDS, bool, "the id of the record that changed"),
    "time": role(f"{_MOVED} timestamp time", is_time, f"when it changed last, {TIME_EXAMPLES}"),
    "created": role("created created_at created_date inserted_at", is_time, "when it was created"),
    "canceled": role("canceled_at cancelled_at", is_time, "when it was canceled"),
    "ended": role("ended_at", is_time, "when it ended"),
    "started": role("current_period_start", is_time, "when its period began"),
}
MOMENTS = ("time", "created", "canceled", "ended", "started")


@dataclass
class Report:
    """Discrepancies, one row each: record, type and time in UTC, which may be missing."""

    file: str
    sha256: str
    rows: int
    frame: pd.DataFrame
    columns: dict[str, str]
    notes: list[str] = field(default_factory=list)

    def columns_table(self) -> pd.DataFrame:
        """List which column was taken for which role."""
        return columns_table(REPORT, self.columns)


@dataclass
class History:
    """Changes, one row each: record and time in UTC; a row of the file may tell several."""

    file: str
    sha256: str
    rows: int
    frame: pd.DataFrame
    columns: dict[str, str]
    notes: list[str] = field(default_factory=list)

    def columns_table(self) -> pd.DataFrame:
        """List which column was taken for which role."""
        return columns_table(HISTORY, self.columns)


def load_report(path: Path | str, time_zone: str = "UTC") -> Report:
    """Read a discrepancy report; one with only a header says that nothing differs.

    Raises:
        InputProblem: when the file cannot be used; the message says why.
    """
    required_zone(time_zone)
    with exported_as(HOW_TO_EXPORT["report"]):
        table = read_table(path, wanted(REPORT))
        if not table.rows:
            return _empty(table)
        roles = find_roles(table, REPORT)
        require_role(table, roles, REPORT, "record")
        require_role(table, roles, REPORT, "time")
        times = parse_times(roles["time"], time_zone, table)
    if "type" in roles:
        types = roles["type"].categorical(v or "unspecified" for v in roles["type"].values)
    else:
        table.notes.append("No column names the type: all discrepancies count as unspecified.")
        types = pd.Categorical(np.full(table.rows, "unspecified", dtype=object))
    # Named as objects, for pandas would copy a million texts into a type of its own.
    records = pd.Series(roles["record"].texts(), dtype="object")
    frame = _named(pd.DataFrame({"record": records, "type": types, "time": times}), table)
    return Report(table.file, table.sha256, table.rows, frame, _used(roles), table.notes)


def _empty(table: Table) -> Report:
    """Take a header alone for "nothing differs", but only a report's header."""
    names = {split_name(name)[0]: name for name in table.header}
    used = {}
    for called, meant in REPORT.items():
        known = [names[alias] for alias in meant.aliases if alias in names]
        if not known and called != "type":
            found = f"only a header: {', '.join(table.header[:20]) or 'nothing'}"
            raise InputProblem(
                table.file, "this is no discrepancy report.", described(meant), found
            )
        used.update({called: known[0]} if known else {})
    table.notes.append("The report has no row: nothing differs.")
    frame = pd.DataFrame({"record": pd.Series(dtype="object"), "type": pd.Categorical([])})
    frame["time"] = pd.Series(dtype="datetime64[us, UTC]")
    return Report(table.file, table.sha256, 0, frame, used, table.notes)


def load_history(path: Path | str, time_zone: str = "UTC") -> History:
    """Read all records with the times of their changes, those that did not drift included.

    Raises:
        InputProblem: when the file cannot be used; the message says why.
    """
    required_zone(time_zone)
    with exported_as(HOW_TO_EXPORT["history"]):
        table = read_table(path, wanted(HISTORY))
        table.require_rows("changes")
        roles = find_roles(table, HISTORY)
        require_role(table, roles, HISTORY, "record")
        require_role(table, roles, HISTORY, *MOMENTS)
        moments = [parse_times(roles[n], time_zone, table) for n in MOMENTS if n in roles]
    frame = _moves(roles["record"], moments)
    timeless = table.rows - int(pd.concat(moments, axis=1).notna().any(axis=1).sum())
    if timeless:
        table.notes.append(f"{timeless} rows have no time and are in no figure.")
    frame = _named(frame, table)
    return History(table.file, table.sha256, table.rows, frame, _used(roles), table.notes)


def _moves(record: Column, moments: list[pd.Series]) -> pd.DataFrame:
    """Give every distinct moment that a row tells, such as created and changed, a row."""
    names = record.categorical(record.values)
    parts = []
    for at, moment in enumerate(moments):
        keep = moment.notna()
        for earlier in moments[:at]:
            keep &= moment != earlier
        parts.append(pd.DataFrame({"record": names[keep.to_numpy()], "time": moment[keep].array}))
    return pd.concat(parts, ignore_index=True)


def _named(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    named = frame["record"] != ""
    if named.all():
        return frame
    table.notes.append(f"{int((~named).sum())} rows name no record and are in no figure.")
    return frame[named].reset_index(drop=True)


def _used(roles: dict[str, Column]) -> dict[str, str]:
    return {name: column.name for name, column in roles.items()}


def plain_type(text: str) -> str:
    """Write a type as one word: "Status mismatch" and statusMismatch are status_mismatch."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return "_".join(re.findall(r"[a-z0-9]+", apart.lower())) or "unspecified"


def file_of(side: Any) -> dict[str, Any]:
    """Describe an input for the summary."""
    return {
        "file": side.file,
        "sha256": side.sha256,
        "rows": side.rows,
        "columns": side.columns,
    }
