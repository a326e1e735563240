"""Samples of AI inputs in any of their usual shapes go in, one table of their features comes out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from table_columns import Column, InputProblem, Table, exported_as
from table_files import read_table
from table_roles import Role, blank_roles, columns_table, find_roles, require_role, role, wanted
from table_times import TIME_EXAMPLES, is_time, no_times, parse_times, required_zone
from table_values import is_number, number

EXPORT = (
    "psql: \\copy (SELECT i.input_id, i.created_at, i.source, i.language, i.input_chars, "
    "i.context_documents, i.truncated, i.missing_fields, i.content_hash, o.quality_score FROM "
    "ai_inputs i LEFT JOIN ai_outputs o USING (input_id)) TO 'ai_inputs.csv' CSV HEADER; or one "
    "JSON object a line."
)
NESTED = ("metrics", "metadata", "input", "request", "context", "scores", "output")
SCALES = (1.0, 5.0, 10.0, 100.0)
NAMES = ("feature", "source", "language")
# UTF-8 read as Windows-1252, the replacement character, and control characters.
ENCODING_FAULT = re.compile("[ÃÂâ][\u0080-\u00bf€™œžŸ‚„…†‡ˆ‰Š‹Œ]|\ufffd|[\x00-\x08\x0e-\x1f]")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


YES = _words("t true yes y 1 1.0 ok valid pass passed")
NO = _words("f false no n 0 0.0 invalid fail failed")


def yes_or_no(text: str) -> float:
    """Read 1 for yes and 0 for no; not a number when it is neither."""
    word = text.lower()
    return 1.0 if word in YES else 0.0 if word in NO else np.nan


def how_many(text: str) -> float:
    """Read a number, or how many things a JSON list or a list of names holds."""
    if text.startswith("[") and text.endswith("]"):
        inner = text[1:-1].strip()
        return float(inner.count(",") + 1) if inner else 0.0
    return number(text)


def _is_flag(text: str) -> bool:
    return yes_or_no(text) >= 0


def _is_count(text: str) -> bool:
    return how_many(text) >= 0


def _role(names: str, accepts: Any, meaning: str) -> Role:
    nested = [f"{outer}_{name}" for outer in NESTED for name in names.split()]
    return role(" ".join([names, *nested]), accepts, meaning)


ROLES = {
    "time": _role(
        "created_at created timestamp received_at requested_at logged_at datetime time date ts",
        is_time,
        f"the time of the input, {TIME_EXAMPLES}",
    ),
    "quality": _role(
        "quality_score quality output_quality output_score score eval_score judge_score "
        "grader_score",
        is_number,
        "the quality score of its answer, higher is better",
    ),
    "documents": _role(
        "context_documents documents context_count context_docs retrieved_documents "
        "retrieved_chunks chunks context_chunks",
        _is_count,
        "how many documents the context has",
    ),
    "truncated": _role(
        "truncated is_truncated was_truncated input_truncated cut_off",
        _is_flag,
        "whether it was cut",
    ),
    "missing": _role(
        "missing_fields missing_field_count missing missing_count",
        _is_count,
        "how many required fields are missing",
    ),
    "schema": _role(
        "schema_valid valid_schema is_valid valid input_valid",
        _is_flag,
        "whether the schema is met",
    ),
    "schema_errors": _role(
        "schema_errors schema_error_count validation_errors", _is_count, "how many schema errors"
    ),
    "encoding": _role(
        "encoding_valid valid_encoding encoding_ok utf8_valid",
        _is_flag,
        "whether the encoding is right",
    ),
    "length": _role(
        "input_chars input_length input_tokens prompt_tokens prompt_length length chars tokens "
        "token_count",
        lambda text: number(text) >= 0,
        "how long the input is",
    ),
    "hash": _role(
        "content_hash input_hash hash content_sha256 sha256 digest fingerprint", bool, "its content"
    ),
    "source": _role("source channel origin client integration", bool, "where it came from"),
    "language": _role("language lang locale language_code", bool, "the language"),
    "feature": _role(
        "feature feature_name use_case task segment application app", bool, "the feature"
    ),
    "text": _role("input_text text input prompt content question message", bool, "the text itself"),
}
INDICATIVE = tuple(name for name in ROLES if name not in ("time", "quality", "feature"))


@dataclass
class Inputs:
    """Inputs with known meaning: one row each, times in UTC, and where each role came from.

    The frame has time, quality (0 to 100), documents, truncated, missing, schema_fault,
    encoding_fault, length, hash (a number for each content), and feature, source and language.
    What the file does not have is not a number. No text of an input is kept.
    """

    file: str
    sha256: str
    frame: pd.DataFrame
    columns: dict[str, str]
    notes: list[str]

    def columns_table(self) -> pd.DataFrame:
        """List which column was taken for which role."""
        return columns_table(ROLES, self.columns)


def load_inputs(path: Path | str, time_zone: str = "UTC", score_max: float | None = None) -> Inputs:
    """Read samples of inputs: CSV, JSON or JSON lines, plain or gzip.

    Args:
        path: the file.
        time_zone: the zone of times that carry no offset and whose column states none.
        score_max: the best possible score; none takes the smallest usual scale that fits.

    Raises:
        InputProblem: when the file or a parameter cannot be used; the message says why.
    """
    required_zone(time_zone)
    with exported_as(EXPORT):
        table = read_table(path, wanted(ROLES), NESTED)
        found = find_roles(table, ROLES)
        blank = blank_roles(table, found, ROLES)
        require_role(table, found if table.rows else {**found, **blank}, ROLES, "time")
        require_role(table, {**found, **blank}, ROLES, *INDICATIVE)
        known = {**blank, **found}
        times = parse_times(found["time"], time_zone, table) if table.rows else no_times()
        frame = _frame(table, known, times)
        frame["quality"] = _points(frame["quality"], score_max, table, known)
    used = {name: column.name for name, column in known.items()}
    return Inputs(table.file, table.sha256, frame, used, table.notes)


# --- columns to features ----------------------------------------------------------------------


def _frame(table: Table, found: dict[str, Column], times: pd.Series) -> pd.DataFrame:
    def numbers(name: str, read: Any) -> Any:
        column = found.get(name)
        nothing = np.full(table.rows, np.nan)
        return nothing if column is None else column.spread(map(read, column.values), "f8")

    text = found.get("text")
    columns = {
        "time": times,
        "quality": numbers("quality", number),
        # No context is written as 0 or as nothing at all.
        "documents": numbers("documents", lambda v: how_many(v) if v else 0.0),
        "truncated": numbers("truncated", yes_or_no),
        "missing": numbers("missing", how_many),
        "schema_fault": _faults(numbers("schema", yes_or_no), numbers("schema_errors", how_many)),
        "encoding_fault": 1 - numbers("encoding", yes_or_no),
        "length": numbers("length", number),
        "hash": np.full(table.rows, -1) if "hash" not in found else _content(found["hash"]),
        **{name: _names(found.get(name), table.rows) for name in NAMES},
    }
    if text is not None:
        _fill_from_text(columns, text)
    return pd.DataFrame(columns)


def _faults(valid: Any, errors: Any) -> Any:
    told = np.where(np.isnan(errors), np.nan, errors > 0)
    return np.where(np.isnan(valid), told, 1 - valid)


def _content(column: Column) -> Any:
    """Number the distinct contents; blank is no content."""
    column = column.distinct()
    numbers = np.arange(len(column.values))
    numbers[[i for i, value in enumerate(column.values) if not value]] = -1
    return numbers[column.codes]


def _fill_from_text(columns: dict[str, Any], text: Column) -> None:
    """Take from the text what no column says, and let the text go."""
    faults = text.spread((bool(ENCODING_FAULT.search(v)) for v in text.values), "f8")
    lengths = text.spread((len(v) for v in text.values), "f8")
    for name, values in (("encoding_fault", faults), ("length", lengths)):
        columns[name] = np.where(np.isnan(columns[name]), values, columns[name])
    if (columns["hash"] == -1).all():
        columns["hash"] = _content(text)


def _names(column: Column | None, rows: int) -> pd.Categorical:
    if column is None:
        return pd.Categorical.from_codes(np.zeros(rows, dtype="i1"), categories=[""])
    return column.categorical(column.values)


def _points(
    scores: pd.Series, score_max: float | None, table: Table, found: dict[str, Column]
) -> pd.Series:
    """Bring scores to 0 to 100."""
    if not scores.notna().any():
        return scores
    low, high = float(scores.min()), float(scores.max())
    top = score_max or next((scale for scale in SCALES if high <= scale), None)
    if top is None or high > top or low < 0:
        expected = f"scores from 0 to {top:g}" if top else "scores from 0 to at most 100"
        fix = "Set score_max to the best possible score; scores below 0 need a new scale."
        told = f"scores from {low:g} to {high:g} in {found['quality'].name!r}"
        raise InputProblem(table.file, "the scale of the score is unknown.", expected, told, fix)
    table.notes.append(f"Scores are read as 0 to {top:g} and shown as 0 to 100.")
    return scores * (100 / top)
