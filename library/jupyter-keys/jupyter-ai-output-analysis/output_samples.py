"""Samples of AI outputs in any of their usual shapes go in, one table with quality comes out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from output_words import ending, thumb, yes_or_no
from table_columns import UNITS_MS, Column, InputProblem, Table, exported_as, split_name
from table_files import read_table
from table_roles import Role, blank_roles, columns_table, find_roles, require_role, role, wanted
from table_times import TIME_EXAMPLES, is_time, no_times, parse_times, required_zone
from table_values import is_duration, is_number, milliseconds, number

EXPORT = (
    "psql: \\copy (SELECT output_id, created_at, feature, model, prompt_version, quality_score, "
    "format_valid, finish_reason, user_rating, output_chars, latency_ms FROM ai_outputs) TO "
    "'ai_outputs.csv' CSV HEADER; or one JSON object a line."
)
NESTED = ("metrics", "scores", "evaluation", "metadata", "usage", "response")
SCALES = (1.0, 5.0, 10.0, 100.0)
NAMES = ("feature", "model", "prompt")
MEASURES = ("score", "valid", "complete", "rating")


def _role(names: str, accepts: Any, meaning: str) -> Role:
    nested = [f"{outer}_{name}" for outer in NESTED for name in names.split()]
    return role(" ".join([names, *nested]), accepts, meaning)


ROLES = {
    "time": _role(
        "created_at created timestamp generated_at answered_at completed_at logged_at datetime "
        "time date ts",
        is_time,
        f"the time of the output, {TIME_EXAMPLES}",
    ),
    "score": _role(
        "quality_score quality score eval_score evaluation_score judge_score grader_score "
        "grade overall",
        is_number,
        "the quality score, higher is better",
    ),
    "valid": _role(
        "format_valid valid_format is_valid valid schema_valid json_valid valid_json "
        "well_formed format_ok",
        lambda text: yes_or_no(text) >= 0,
        "whether the format is valid, true or false",
    ),
    "finish": _role(
        "finish_reason stop_reason end_reason finish finish_status completion_reason",
        lambda text: ending(text) != "unknown",
        "why the answer ended, such as stop, length or content_filter",
    ),
    "rating": _role(
        "user_rating rating feedback thumbs user_feedback user_score stars",
        lambda text: not np.isnan(thumb(text)),
        "the user's rating, such as 1 and -1 or 1 to 5",
    ),
    "refused": _role(
        "refused refusal is_refusal was_refused",
        lambda text: yes_or_no(text) >= 0,
        "whether the answer was refused",
    ),
    "feature": _role(
        "feature feature_name use_case task segment application app route endpoint category cohort",
        bool,
        "the feature or segment",
    ),
    "model": _role("model_version model model_name model_id engine deployment", bool, "the model"),
    "prompt": _role(
        "prompt_version prompt_id prompt_hash prompt_template template_version prompt_name "
        "prompt_revision",
        bool,
        "the version of the prompt",
    ),
    "length": _role(
        "output_chars output_length output_tokens completion_tokens response_length "
        "response_chars response_tokens output_size length",
        lambda text: number(text) >= 0,
        "how long the output is",
    ),
    "latency": _role(
        "latency response_time duration elapsed total_latency generation_time took",
        is_duration,
        "how long the answer took, in milliseconds",
    ),
    "output_id": _role("output_id response_id completion_id answer_id id trace_id", bool, "its id"),
}


@dataclass
class Outputs:
    """Outputs with known meaning: one row each, times in UTC, and where each role came from.

    The frame has time, feature, model, prompt, output_id, the quality measures score, valid,
    complete and rating (0 to 100, higher is better, not a number when unknown), and failed,
    refused, cut_off, empty, length and latency.
    """

    file: str
    sha256: str
    frame: pd.DataFrame
    columns: dict[str, str]
    notes: list[str]

    def columns_table(self) -> pd.DataFrame:
        """List which column was taken for which role."""
        return columns_table(ROLES, self.columns)


def load_outputs(
    path: Path | str,
    history: Path | str | None = None,
    time_zone: str = "UTC",
    score_max: float | None = None,
) -> Outputs:
    """Read samples of outputs: CSV, JSON or JSON lines, plain or gzip.

    Args:
        path: the samples.
        history: earlier outputs, when they are in a file of their own.
        time_zone: the zone of times that carry no offset and whose column states none.
        score_max: the best possible score; none takes the smallest usual scale that fits.

    Raises:
        InputProblem: when the file or a parameter cannot be used; the message says why.
    """
    required_zone(time_zone)
    with exported_as(EXPORT):
        data = _load(path, time_zone)
        if history is not None:
            data = _joined(_load(history, time_zone), data)
        data.frame = _distinct(data.frame, data.notes)
        data.frame["score"] = _points(data.frame["score"], score_max, data)
        data.frame["rating"] = _rating_points(data.frame["rating"], data.notes)
    return data


def _load(path: Path | str, time_zone: str) -> Outputs:
    table = read_table(path, wanted(ROLES), NESTED)
    found = find_roles(table, ROLES)
    blank = blank_roles(table, found, ROLES)
    require_role(table, found if table.rows else {**found, **blank}, ROLES, "time")
    require_role(table, {**found, **blank}, ROLES, "score", "valid", "finish", "rating")
    times = parse_times(found["time"], time_zone, table) if table.rows else no_times()
    used = {name: column.name for name, column in {**found, **blank}.items()}
    return Outputs(table.file, table.sha256, _frame(table, found, times), used, table.notes)


# --- columns to measures ----------------------------------------------------------------------


def _frame(table: Table, found: dict[str, Column], times: pd.Series) -> pd.DataFrame:
    def numbers(name: str, read: Any) -> Any:
        column = found.get(name)
        nothing = np.full(table.rows, np.nan)
        return nothing if column is None else column.spread(map(read, column.values), "f8")

    finish, column = np.full(table.rows, "unknown", dtype=object), found.get("finish")
    if column is not None:
        finish = column.spread(map(ending, column.values))
    length = numbers("length", number)
    refused = (finish == "refused") | (numbers("refused", yes_or_no) == 1)
    unfinished = refused | (finish == "cut off") | (length == 0)
    told = (finish != "unknown") | refused | (length == 0)
    columns = {
        "time": times,
        **{name: _names(found.get(name), table.rows) for name in NAMES},
        "output_id": found["output_id"].texts() if "output_id" in found else "",
        "score": numbers("score", number),
        "valid": 100 * numbers("valid", yes_or_no),
        "complete": np.where(told, np.where(unfinished, 0.0, 100.0), np.nan),
        "rating": numbers("rating", thumb),
        "failed": finish == "error",
        "refused": np.where(told, 100.0 * refused, np.nan),
        "cut_off": np.where(told, 100.0 * (finish == "cut off"), np.nan),
        "empty": np.where(np.isnan(length), np.nan, 100.0 * (length == 0)),
        "length": length,
        "latency": _latency(found.get("latency"), table),
    }
    return pd.DataFrame(columns)


def _names(column: Column | None, rows: int) -> pd.Categorical:
    if column is None:
        return pd.Categorical.from_codes(np.zeros(rows, dtype="i1"), categories=["(none)"])
    return column.categorical(value or "(none)" for value in column.values)


def _latency(column: Column | None, table: Table) -> Any:
    if column is None:
        return np.full(table.rows, np.nan)
    stated = split_name(column.name)[1].lower()
    if stated not in UNITS_MS and any(value[-1:].isdigit() for value in column.values):
        table.notes.append(f"{column.name!r} states no unit: read as milliseconds.")
    unit = UNITS_MS.get(stated, 1.0)
    return column.spread((milliseconds(value, unit) for value in column.values), "f8")


def _points(scores: pd.Series, score_max: float | None, data: Outputs) -> pd.Series:
    """Bring scores to 0 to 100."""
    if not scores.notna().any():
        return scores
    low, high = float(scores.min()), float(scores.max())
    top = score_max or next((scale for scale in SCALES if high <= scale), None)
    if top is None or high > top or low < 0:
        expected = f"scores from 0 to {top:g}" if top else "scores from 0 to at most 100"
        fix = "Set score_max to the best possible score; scores below 0 need a new scale."
        found = f"scores from {low:g} to {high:g} in {data.columns['score']!r}"
        raise InputProblem(data.file, "the scale of the score is unknown.", expected, found, fix)
    data.notes.append(f"Scores are read as 0 to {top:g} and shown as 0 to 100.")
    return scores * (100 / top)


def _rating_points(ratings: pd.Series, notes: list[str]) -> pd.Series:
    if not ratings.notna().any():
        return ratings
    low, high = float(ratings.min()), float(ratings.max())
    low, high = (-1.0, 1.0) if low < 0 else (0.0, 1.0) if high <= 1 else (1.0, max(high, 5.0))
    notes.append(f"Ratings are read as {low:g} to {high:g} and shown as 0 to 100.")
    return ((ratings - low) / (high - low) * 100).clip(0, 100)


# --- files to one table -----------------------------------------------------------------------


def _joined(earlier: Outputs, later: Outputs) -> Outputs:
    both = [earlier.frame, later.frame]
    merged = {
        name: pd.api.types.union_categoricals([frame[name] for frame in both]) for name in NAMES
    }
    rest = pd.concat([frame.drop(columns=list(NAMES)) for frame in both], ignore_index=True)
    notes = [f"{data.file}: {note}" for data in (earlier, later) for note in data.notes]
    notes.insert(0, f"History from {earlier.file}, SHA-256 {earlier.sha256}.")
    columns = {**earlier.columns, **later.columns}
    return Outputs(later.file, later.sha256, rest.assign(**merged), columns, notes)


def _distinct(frame: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    twice = frame["output_id"].duplicated() & (frame["output_id"] != "")
    if twice.any():
        notes.append(f"{int(twice.sum())} rows repeat an output's id and were left out.")
        return frame[~twice].reset_index(drop=True)
    return frame
