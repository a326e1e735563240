"""Inputs go in; for each thing that can be wrong with one, which inputs have it comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

KINDS = ("context", "truncation", "completeness", "mix")
REPEATED_WITHIN = pd.Timedelta(hours=24)
MOST_CATEGORIES = 10
UNKNOWN_LANGUAGES = ("", "und", "unknown", "zxx", "xx")
USUAL = (0.05, 0.95)


@dataclass(frozen=True)
class Metric:
    """One thing that can be wrong: 1 for each input that has it, 0 for each that has not.

    Not a number is an input of which it is not known.
    """

    name: str
    label: str
    kind: str
    affected: Any


def metrics(frame: pd.DataFrame, late: Any, max_input_chars: int | None = None) -> list[Metric]:
    """List what can be measured of these inputs, each metric of exactly one of KINDS.

    Args:
        frame: the inputs, in order of time.
        late: which of them are to be compared with the others, the usual ones.
        max_input_chars: what is longer counts as too long; none does not count.
    """
    made = [
        *_context(frame, late),
        *_truncation(frame, late, max_input_chars),
        *_completeness(frame),
        *_mix(frame, late),
    ]
    return [metric for metric in made if not np.isnan(metric.affected).all()]


def _flag(condition: Any, known: Any) -> Any:
    return np.where(known, condition, np.nan).astype("float64")


def _context(frame: pd.DataFrame, late: Any) -> list[Metric]:
    documents = frame["documents"].to_numpy()
    known, some = ~np.isnan(documents), documents > 0
    usual = np.median(documents[~late & some]) if (~late & some).any() else 0.0
    few = some & (documents <= usual / 2)
    return [
        Metric("no_context", "Without context", "context", _flag(documents == 0, known)),
        Metric("little_context", "Half the usual context or less", "context", _flag(few, known)),
    ]


def _truncation(frame: pd.DataFrame, late: Any, most: int | None) -> list[Metric]:
    length = frame["length"].to_numpy()
    known = ~np.isnan(length)
    low, high = _usual(length[~late & known])
    short, long = (length > 0) & (length < low), length > high
    too_long = _flag(length > (most or np.inf), known & (most is not None))
    truncated = frame["truncated"].to_numpy()
    return [
        Metric("truncated", "Truncated", "truncation", truncated),
        Metric("too_long", f"Longer than {most}", "truncation", too_long),
        Metric("unusually_long", "Unusually long", "truncation", _flag(long, known)),
        Metric("unusually_short", "Unusually short", "truncation", _flag(short, known)),
    ]


def _usual(lengths: Any) -> tuple[float, float]:
    """Return the bounds that all but a tenth of the usual lengths keep."""
    if not len(lengths):
        return 0.0, np.inf
    low, high = np.quantile(lengths, USUAL)
    return float(low), float(high)


def _completeness(frame: pd.DataFrame) -> list[Metric]:
    missing, length = frame["missing"].to_numpy(), frame["length"].to_numpy()
    language = frame["language"].cat
    unknown = np.array([str(name).lower() in UNKNOWN_LANGUAGES for name in language.categories])
    named = any(str(name) for name in language.categories)
    no_language = _flag(unknown[language.codes], named)
    kind = "completeness"
    return [
        Metric("missing_fields", "Missing fields", kind, _flag(missing > 0, ~np.isnan(missing))),
        Metric("empty", "Empty", kind, _flag(length == 0, ~np.isnan(length))),
        Metric("duplicates", "Repeated within 24 hours", kind, _repeated(frame)),
        Metric("schema_faults", "Schema faults", kind, frame["schema_fault"].to_numpy()),
        Metric("encoding_faults", "Encoding faults", kind, frame["encoding_fault"].to_numpy()),
        Metric("unknown_language", "Language unknown", kind, no_language),
    ]


def _repeated(frame: pd.DataFrame) -> Any:
    """Mark inputs whose content was there before, at most a day earlier."""
    content, times = frame["hash"].to_numpy(), frame["time"].dt.tz_localize(None).to_numpy()
    order = np.argsort(content, kind="stable")
    same = content[order][1:] == content[order][:-1]
    soon = (times[order][1:] - times[order][:-1]) <= REPEATED_WITHIN.to_timedelta64()
    repeated = np.zeros(len(frame), dtype=bool)
    repeated[order[1:]] = same & soon
    return _flag(repeated, content >= 0)


def _mix(frame: pd.DataFrame, late: Any) -> list[Metric]:
    """Take each usual or new source, language and feature as a metric: its share may rise."""
    made = []
    for column in ("source", "language", "feature"):
        counts = frame[column][late].value_counts()
        names = sorted((n for n in counts.index if counts[n] and n), key=lambda n: (-counts[n], n))
        if frame[column].nunique() < 2:
            continue
        for name in names[:MOST_CATEGORIES]:
            label = f"{column.capitalize()} {name}"
            flags = (frame[column] == name).to_numpy().astype("float64")
            made.append(Metric(f"{column}={name}", label, "mix", flags))
    return made
