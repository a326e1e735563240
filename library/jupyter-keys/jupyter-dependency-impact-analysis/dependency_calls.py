"""Logs of calls to dependencies and counts of requests go in, frames of known meaning come out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from table_columns import UNITS_MS, Column, InputProblem, Table, exported_as, split_name
from table_files import read_table
from table_roles import Role, columns_table, find_roles, require_role, role, wanted
from table_times import TIME_EXAMPLES, is_time, parse_times, required_zone
from table_values import (
    http_code,
    is_duration,
    is_http,
    is_number,
    is_verdict,
    milliseconds,
    number,
    verdict,
    without_secrets,
)

KINDS = ("unreachable", "slow", "rate-limited", "refusing")
REFUSED_CODES, LIMIT_CODES = frozenset({401, 403, 407}), frozenset({429})
# 499: the caller gave up; 524: Cloudflare waited in vain for the answer.
SLOW_CODES = frozenset({408, 499, 504, 524})
REFUSED = re.compile(
    r"unauthori[sz]ed|forbidden|(invalid|expired|revoked|incorrect) (api[ _-]?)?key|jwt expired"
    r"|(authentication|login|signature) failed|invalid (credentials|token|_?grant)",
    re.IGNORECASE,
)
LIMITED = re.compile(r"too many requests|rate.?limit|quota|throttl|slow ?down", re.IGNORECASE)
UNCONNECTED = re.compile(
    r"connect|E(TIMEDOUT|CONN\w+|HOSTUNREACH|NETUNREACH|PIPE)|ENOTFOUND|EAI_AGAIN|getaddrinfo"
    r"|certificate|CERT_|socket hang up",
    re.IGNORECASE,
)
SLOW = re.compile(r"time[sd]?[\s_-]*out|deadline|abort|took too long|cancel", re.IGNORECASE)
CREDENTIALS = re.compile(r"(://[^\s:/@]*:)[^\s@/]+@|\b(bearer\s+)\S{8,}|\beyJ[\w-]+\.[\w.-]+", re.I)
HOW_TO_EXPORT_CALLS = (
    "write one row a call with called_at,service,dependency,status,duration_ms,error, calls that "
    "worked included. From JSON lines: jq -r '[.called_at, .service, .dependency, .status, "
    ".duration_ms, .error] | @csv' calls.jsonl, below such a header."
)
HOW_TO_EXPORT_METRICS = (
    "write one row a minute and service with minute,service,requests,failed_requests, or one row "
    "a request with time,service,status; without metrics leave metrics_csv empty."
)


def _any_text(text: str) -> bool:
    return bool(text)


CALL_ROLES = {
    "time": role(
        "called_at attempted_at requested_at started_at timestamp time ts datetime date "
        "created_at occurred_at logged_at",
        is_time,
        f"the time of the call, {TIME_EXAMPLES}",
    ),
    "dependency": role(
        "dependency dependency_name upstream provider peer_service peer target backend vendor host",
        _any_text,
        "the name of what was called, such as stripe",
    ),
    "service": role(
        "service service_name caller route endpoint path source app component worker",
        _any_text,
        "the route or worker that made the call",
    ),
    "http_status": role(
        "status status_code http_status http_status_code response_status response_code code",
        is_http,
        "the HTTP status of the answer, blank for none",
    ),
    "outcome": role(
        "outcome result success succeeded ok status state",
        is_verdict,
        "a word such as ok or failed",
    ),
    "duration": role(
        "duration latency elapsed response_time took response_duration",
        is_duration,
        "how long the call took, in milliseconds",
    ),
    "error": role(
        "error error_message error_code error_type exception reason message failure_reason",
        _any_text,
        "what went wrong, in words",
    ),
}
METRIC_ROLES = {
    "time": role(
        "minute time timestamp ts bucket interval hour datetime date period",
        is_time,
        f"the minute, {TIME_EXAMPLES}",
    ),
    "service": role("service service_name route endpoint path app", _any_text, "the service"),
    "requests": role(
        "requests request_count total total_requests count", is_number, "the requests"
    ),
    "failed": role(
        "failed_requests failed failures errors error_count failed_count",
        is_number,
        "the failed ones",
    ),
    "http_status": role("status status_code http_status code", is_http, "a request's HTTP status"),
}


@dataclass
class Source:
    """A file with known meaning: its rows with times in UTC, and where each role came from."""

    file: str
    sha256: str
    rows: int
    frame: pd.DataFrame
    columns: dict[str, str]
    notes: list[str] = field(default_factory=list)

    def columns_table(self) -> pd.DataFrame:
        """List which column was taken for which role."""
        roles = METRIC_ROLES if "requests" in self.frame else CALL_ROLES
        return columns_table(roles, self.columns)


def failure_kind(http: int, word: str, error: str) -> str:
    """Name how a call failed; nothing when it was answered, a 404 or 422 included.

    A 5xx counts as unreachable: the dependency cannot be used. The text decides only where no
    status does, or where a status of success comes with an error.
    """
    if http in REFUSED_CODES:
        return "refusing"
    if http in LIMIT_CODES or (http >= 500 and LIMITED.search(error)):
        return "rate-limited"
    if http in SLOW_CODES:
        return "slow"
    if http >= 500:
        return "unreachable"
    if http >= 400 or (not error and (word == "succeeded" or http)):
        return "unreachable" if word == "failed" and not http else ""
    for kind, pattern in (("refusing", REFUSED), ("rate-limited", LIMITED)):
        if pattern.search(error):
            return kind
    return "slow" if SLOW.search(error) and not UNCONNECTED.search(error) else "unreachable"


def hidden(text: str) -> str:
    """Remove keys, tokens and passwords that an error text quotes."""
    return CREDENTIALS.sub(r"\1\2(removed) ", without_secrets(text)).rstrip()


# --- calls ------------------------------------------------------------------------------------


def load_calls(path: Path | str, time_zone: str = "UTC") -> Source:
    """Read a log of calls to dependencies; a file with a header and no row is no calls.

    The frame has time, service, dependency, kind (blank when answered), duration_ms and error.

    Raises:
        InputProblem: when the file or a parameter cannot be used; the message says why.
    """
    required_zone(time_zone)
    with exported_as(HOW_TO_EXPORT_CALLS):
        table = read_table(path, wanted(CALL_ROLES), ("error", "response"))
        roles = _roles(table, CALL_ROLES, ("time", "dependency"))
        if table.rows:
            require_role(table, roles, CALL_ROLES, "http_status", "outcome", "error")
        frame = _calls(table, roles, time_zone)
    return _source(table, roles, frame)


def _roles(table: Table, roles: Mapping[str, Role], needed: tuple[str, ...]) -> dict[str, Column]:
    if table.rows:
        found = find_roles(table, roles)
        for name in needed:
            require_role(table, found, roles, name)
        return found
    # Without a row there are no values to confirm a column: its name must do.
    names = [(column, split_name(column.name)[0]) for column in table.columns.values()]
    found = {}
    for name, meant in roles.items():
        fitting = [c for c, plain in names if plain in meant.aliases and c not in found.values()]
        if fitting:
            found[name] = fitting[0]
        elif name in needed and table.header:
            require_role(table, found, roles, name)
    return found


def _source(table: Table, roles: dict[str, Column], frame: pd.DataFrame) -> Source:
    used = {name: column.name for name, column in roles.items()}
    return Source(table.file, table.sha256, table.rows, frame, used, table.notes)


def _calls(table: Table, roles: dict[str, Column], time_zone: str) -> pd.DataFrame:
    if not table.rows:
        return _no_calls()
    frame = pd.DataFrame(
        {
            "time": parse_times(roles["time"], time_zone, table),
            "service": _names(roles.get("service"), table.rows, "(unknown)"),
            "dependency": _names(roles["dependency"], table.rows, "(unnamed)"),
            "kind": _kinds(roles, table.rows),
            "duration_ms": _durations(roles.get("duration"), table),
            "error": _names(roles.get("error"), table.rows, "", hidden),
        }
    )
    if "service" not in roles:
        table.notes.append("No column names the calling service: affected services are unknown.")
    return _usable(frame, table.notes)


def _no_calls() -> pd.DataFrame:
    frame = pd.DataFrame(columns=["time", "service", "dependency", "kind", "duration_ms", "error"])
    frame["time"] = pd.to_datetime(frame["time"], utc=True)
    text = ["service", "dependency", "kind", "error"]
    return frame.astype({**dict.fromkeys(text, "category"), "duration_ms": "f8"})


def _names(column: Column | None, rows: int, blank: str, clean: Any = str) -> pd.Categorical:
    if column is None:
        return pd.Categorical.from_codes(np.zeros(rows, dtype="i1"), categories=[blank])
    return column.categorical(clean(value) or blank for value in column.values)


def _kinds(roles: dict[str, Column], rows: int) -> pd.Categorical:
    """Judge each distinct combination of status, outcome and error once."""
    which = np.zeros(rows, dtype="i8")
    parts = [roles.get(name) for name in ("http_status", "outcome", "error")]
    texts = [column.values if column else [""] for column in parts]
    for column, values in zip(parts, texts, strict=True):
        which = which * len(values) + (column.codes if column else 0)
    distinct, codes = np.unique(which, return_inverse=True)
    answers = roles.keys() & {"http_status", "outcome"}
    said = []
    for code in distinct:
        rest, error = divmod(int(code), len(texts[2]))
        http, word = divmod(rest, len(texts[1]))
        said.append(_kind(texts[0][http], texts[1][word], texts[2][error], bool(answers)))
    names = ["", "?", *KINDS]
    mapped = np.array([names.index(kind) for kind in said], dtype="i1")
    return pd.Categorical.from_codes(mapped[codes], categories=names)


def _kind(http: str, word: str, error: str, answers: bool) -> str:
    """Return "?" for neither a status nor an error where other rows have a status."""
    if not http and not word and not error:
        return "?" if answers else ""
    return failure_kind(http_code(http), verdict(word) if word else "", error)


def _durations(column: Column | None, table: Table) -> Any:
    if column is None:
        return np.full(table.rows, np.nan)
    stated = split_name(column.name)[1].lower()
    if stated not in UNITS_MS and any(v[-1:].isdigit() for v in column.values):
        table.notes.append(f"{column.name!r} states no unit: read as milliseconds.")
    unit = UNITS_MS.get(stated, 1.0)
    return column.spread((milliseconds(v, unit) for v in column.values), "f8")


def _usable(frame: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Drop what has no time, and settle calls that say nothing: they got no answer.

    Only where no call to a dependency ever says anything, its log just lacks a status.
    """
    silent = (frame["kind"] == "?").to_numpy()
    if silent.any():
        says = pd.Series(~silent).groupby(frame["dependency"].to_numpy()).any()
        mute = frame["dependency"].isin(says.index[~says]).to_numpy()
        names = ", ".join(sorted(says.index[~says]))
        if mute.any():
            notes.append(f"{int(mute.sum())} calls to {names} never state a result: in no figure.")
        counted = int((silent & ~mute).sum())
        if counted:
            notes.append(f"{counted} calls state neither status nor error: no answer, unreachable.")
        kinds = frame["kind"].mask(silent, "unreachable")
        frame = frame.assign(kind=kinds)[~mute]
    frame = frame.assign(kind=frame["kind"].cat.remove_categories("?"))
    return _timed(frame, notes, "calls")


def _timed(frame: pd.DataFrame, notes: list[str], called: str) -> pd.DataFrame:
    untimed = frame["time"].isna()
    if untimed.any():
        notes.append(f"{int(untimed.sum())} {called} have no time: in no figure.")
        frame = frame[~untimed]
    return frame.sort_values("time", kind="stable", ignore_index=True)


# --- requests ---------------------------------------------------------------------------------


def load_metrics(path: Path | str, time_zone: str = "UTC") -> Source:
    """Read requests and failed requests by minute and service, or one row a request.

    Raises:
        InputProblem: when the file or a parameter cannot be used; the message says why.
    """
    required_zone(time_zone)
    with exported_as(HOW_TO_EXPORT_METRICS):
        table = read_table(path, wanted(METRIC_ROLES))
        roles = _roles(table, METRIC_ROLES, ("time", "service"))
        if table.rows:
            require_role(table, roles, METRIC_ROLES, "failed", "http_status")
        frame = _requests(table, roles, time_zone)
    return _source(table, roles, frame)


def _requests(table: Table, roles: dict[str, Column], time_zone: str) -> pd.DataFrame:
    if not table.rows:
        empty = _no_calls()[["time", "service"]]
        return empty.assign(requests=np.zeros(0), failed=np.zeros(0))
    requests, failed = _counts(table, roles)
    frame = pd.DataFrame(
        {
            "time": parse_times(roles["time"], time_zone, table),
            "service": _names(roles["service"], table.rows, "(unknown)"),
            "requests": requests,
            "failed": failed,
        }
    )
    return _timed(frame, table.notes, "rows of the metrics")


def _counts(table: Table, roles: dict[str, Column]) -> tuple[Any, Any]:
    if not roles.keys() >= {"requests", "failed"}:
        require_role(table, roles, METRIC_ROLES, "http_status")
        status = roles["http_status"]
        codes = status.spread(map(http_code, status.values), "i2")
        return np.ones(table.rows), ((codes >= 500) | (codes == 499)).astype("f8")
    counts = [roles[n].spread(map(number, roles[n].values), "f8") for n in ("requests", "failed")]
    requests, failed = (np.nan_to_num(count) for count in counts)
    wrong = (failed > requests) | (failed < 0)
    if wrong.any():
        row = int(np.argmax(wrong)) + 1
        found = f"{failed[row - 1]:g} failed of {requests[row - 1]:g} in data row {row}"
        problem = "a row counts more failed requests than requests."
        raise InputProblem(table.file, problem, "failed from 0 to requests", found)
    return requests, failed
