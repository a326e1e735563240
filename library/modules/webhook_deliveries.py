"""A webhook delivery log in any of its usual shapes goes in, one table of deliveries comes out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from table_columns import UNITS_MS, Column, InputProblem, Table, exported_as, split_name
from table_files import read_table
from table_roles import columns_table, find_roles, require_role, role, wanted
from table_times import TIME_EXAMPLES, is_time, parse_times, required_zone
from table_values import (
    FAILED,
    http_code,
    is_duration,
    is_http,
    milliseconds,
    verdict,
    without_secrets,
)

HOW_TO_EXPORT = {
    "stripe-dashboard": (
        "Stripe Dashboard: Developers > Webhooks > your endpoint > Event deliveries > Export, "
        "as CSV. Open it in no spreadsheet before the analysis."
    ),
    "stripe-api": "stripe events list --limit 100 > events.json (Stripe's own Event list).",
    "app-log": (
        "psql: \\copy (SELECT event_id, event_type, received_at, status, error FROM "
        "webhook_events) TO 'webhook_logs.csv' CSV HEADER; or one JSON object a line."
    ),
}
ANY_EXPORT = f"{HOW_TO_EXPORT['stripe-dashboard']} From a database: {HOW_TO_EXPORT['app-log']}"
# What loggers nest; everything else nested (an event's payload) is no delivery's.
NESTED = frozenset({"event", "response", "error", "delivery", "attempt"})


@dataclass
class Deliveries:
    """Deliveries with known meaning: one row each, times in UTC, and where each role came from.

    The frame has time, event_type, outcome (delivered, failed, pending, unknown), status (what
    the log says in words: succeeded, skipped, failed, pending, unknown, or blank), http_status,
    error, duration_ms, event_id, attempt_id and endpoint.
    """

    file: str
    sha256: str
    source: str
    frame: pd.DataFrame
    columns: dict[str, str]
    notes: list[str]

    def columns_table(self) -> pd.DataFrame:
        """List which column was taken for which role."""
        return columns_table(ROLES, self.columns)


def _is_event_type(text: str) -> bool:
    return bool(re.match(r"[A-Za-z]", text)) and not re.match(r"(evt|we|req|whsec)_", text)


# A handler that knows an event already answers well without doing its work again.
SKIPPED = re.compile(r"skip|duplicate|ignored|already|no-?op\b|dedup", re.IGNORECASE)


def _said(text: str) -> str:
    return "skipped" if SKIPPED.search(text) else verdict(text)


ROLES = {
    "time": role(
        "attempted_at attempt_time attempted attempt_created delivered_at delivery_created "
        "sent_at delivery_time received_at created created_at created_date timestamp "
        "event_time occurred_at logged_at datetime date time ts event_created event_created_at",
        is_time,
        f"the time of the delivery, {TIME_EXAMPLES}",
    ),
    "event_type": role(
        "event_type type event_name event topic webhook_type webhook_event name",
        _is_event_type,
        "the event type, such as invoice.paid",
    ),
    "http_status": role(
        "http_status http_status_code status_code http_code response_status "
        "response_status_code response_code response_http_status http_response_code "
        "http_response response_http_status_code delivery_status_code last_http_status code "
        "status response delivery_status",
        is_http,
        "the HTTP status the endpoint answered, such as 200",
    ),
    "status": role(
        "delivery_status status result outcome state success succeeded delivered successful "
        "webhook_status event_status attempt_status processing_status",
        lambda text: _said(text) != "unknown",
        "a word such as Succeeded, delivered or failed",
    ),
    "pending_webhooks": role("pending_webhooks", str.isdigit, "Stripe's count of open deliveries"),
    "error": role(
        "error error_message error_type error_code error_reason failure_reason failure_message "
        "reason exception last_error response_body response message msg details detail",
        lambda text: not is_http(text),
        "what went wrong, in words",
    ),
    "duration": role(
        "duration response_time latency elapsed elapsed_time response_duration delivery_time "
        "processing_time took",
        is_duration,
        "how long the endpoint took, in milliseconds",
    ),
    "event_id": role("event_id id evt_id stripe_event_id webhook_id", bool, "the event's id"),
    "attempt_id": role(
        "attempt_id delivery_id request_id webhook_delivery_id delivery_attempt_id",
        bool,
        "the attempt's id",
    ),
    "endpoint": role(
        "endpoint_id endpoint endpoint_url webhook_endpoint webhook_endpoint_id "
        "webhook_endpoint_url url",
        bool,
        "the endpoint that was called",
    ),
}
NEEDED = (("time",), ("event_type",), ("status", "http_status"))


# --- roles to deliveries ----------------------------------------------------------------------


def _outcomes(roles: dict[str, Column], rows: int, notes: list[str]) -> tuple[Any, Any]:
    """Judge every row: failed if any column says so, as only a 2xx that was kept is delivered."""
    verdicts = []
    http = np.zeros(rows, dtype="i2")
    for column in [roles[name] for name in ("status", "http_status") if name in roles]:
        said = map(_said, column.values)
        verdicts.append(column.spread("succeeded" if v == "skipped" else v for v in said))
        codes = column.spread(map(http_code, column.values), "i2")
        http = np.where(codes > 0, codes, http)
    if not verdicts and "pending_webhooks" not in roles:
        return np.full(rows, "unknown"), http
    if not verdicts:
        pending = roles["pending_webhooks"]
        notes.append(
            "Stripe's Event objects tell only whether an event is still undelivered: "
            "pending_webhooks above 0 counts as failed, and error types are unknown."
        )
        said = ["unknown" if not v else "failed" if int(v) else "delivered" for v in pending.values]
        return pending.spread(said), http
    return _combine(verdicts, "status" in roles, http, notes), http


def _combine(verdicts: list[Any], has_words: bool, http: Any, notes: list[str]) -> Any:
    says = {word: np.logical_or.reduce([v == word for v in verdicts]) for word in
            ("failed", "succeeded", "pending")}  # fmt: skip
    conflict = int((says["failed"] & says["succeeded"]).sum())
    if conflict:
        notes.append(f"{conflict} rows have a status and an HTTP status that disagree: failed.")
    silent = (http == 0) & ~says["failed"] if not has_words else np.zeros(len(http), dtype=bool)
    if silent.any():
        notes.append(f"{int(silent.sum())} rows have no HTTP status: no answer, so failed.")
    failed = says["failed"] | silent
    return np.select(
        [failed, says["succeeded"], says["pending"]], ["failed", "delivered", "pending"], "unknown"
    )


def _durations(column: Column | None, rows: int, notes: list[str]) -> Any:
    if column is None:
        return np.full(rows, np.nan)
    stated = split_name(column.name)[1].lower()
    if stated not in UNITS_MS and any(v[-1:].isdigit() for v in column.values):
        notes.append(f"{column.name!r} states no unit: read as milliseconds.")
    unit = UNITS_MS.get(stated, 1.0)
    return column.spread((milliseconds(v, unit) for v in column.values), "f8")


def _text(column: Column | None, rows: int) -> pd.Categorical:
    """Take text as it is, but for secrets that error messages may quote."""
    if column is None:
        return pd.Categorical.from_codes(np.zeros(rows, dtype="i1"), categories=[""])
    return column.categorical(map(without_secrets, column.values))


def _errors(roles: dict[str, Column], rows: int) -> pd.Categorical:
    """Take the error text; where it is blank, a status that says why, such as "Timed out"."""
    errors, status = _text(roles.get("error"), rows), roles.get("status")
    if status is None:
        return errors
    telling = [v if verdict(v) == "failed" and len(v) > 1 else "" for v in status.values]
    telling = ["" if v.lower() in FAILED or http_code(v) else v for v in telling]
    if not any(telling):
        return errors
    words = errors.astype(object)
    codes, distinct = pd.factorize(np.where(words == "", status.spread(telling), words))
    return pd.Categorical.from_codes(codes, categories=distinct)


def _check_source(source: str, table: Table, roles: dict[str, Column]) -> str:
    events = "pending_webhooks" in roles and not roles.keys() & {"status", "http_status"}
    seen = "stripe-api" if events else "stripe-dashboard" if table.shape == "csv" else "app-log"
    fits = {
        "stripe-dashboard": table.shape == "csv",
        "stripe-api": table.shape == "json",
        "app-log": not events,
    }
    if source == "auto":
        return seen
    if source not in fits:
        expected = f"auto, {', '.join(fits)}"
        fix = "Set source to one of them."
        raise InputProblem("source", "the parameter is unknown.", expected, repr(source), fix)
    if not fits[source]:
        found = f"{'events of the Stripe API' if events else table.shape.upper()}"
        fix = f"Set source to 'auto', or export again. {HOW_TO_EXPORT[source]}"
        raise InputProblem(table.file, "the file is of another source.", source, found, fix)
    return source


def load_deliveries(
    path: Path | str,
    source: str = "auto",
    time_zone: str = "UTC",
    needed: Sequence[tuple[str, ...]] = NEEDED,
) -> Deliveries:
    """Read a delivery log: CSV, Stripe API JSON or JSON lines, plain or gzip.

    Args:
        path: the file.
        source: auto, stripe-dashboard, stripe-api or app-log.
        time_zone: the zone of times that carry no offset and whose column states none.
        needed: the roles to insist on; of each tuple one is enough.

    Raises:
        InputProblem: when the file or a parameter cannot be used; the message says why.
    """
    required_zone(time_zone)
    with exported_as(HOW_TO_EXPORT.get(source, ANY_EXPORT)):
        table = read_table(path, wanted(ROLES), NESTED)
        table.require_rows("deliveries")
        roles = find_roles(table, ROLES)
        for names in needed:
            if "status" not in names or "pending_webhooks" not in roles:
                require_role(table, roles, ROLES, *names)
        source = _check_source(source, table, roles)
        frame = _frame(table, roles, parse_times(roles["time"], time_zone, table))
    used = {role: column.name for role, column in roles.items()}
    return Deliveries(table.file, table.sha256, source, frame, used, table.notes)


def _frame(table: Table, roles: dict[str, Column], times: pd.Series) -> pd.DataFrame:
    rows, notes = table.rows, table.notes
    outcome, http = _outcomes(roles, rows, notes)
    kinds = ["delivered", "failed", "pending", "unknown"]
    status = roles.get("status")
    ids = {
        name: roles[name].texts() if name in roles else "" for name in ("event_id", "attempt_id")
    }
    columns = {
        "time": times,
        "event_type": _text(roles.get("event_type"), rows),
        "outcome": pd.Categorical(outcome, categories=kinds),
        "status": status.categorical(map(_said, status.values)) if status else "",
        "http_status": http,
        "error": _errors(roles, rows),
        "duration_ms": _durations(roles.get("duration"), rows, notes),
        **ids,
        "endpoint": _text(roles.get("endpoint"), rows),
    }
    return pd.DataFrame(columns)
