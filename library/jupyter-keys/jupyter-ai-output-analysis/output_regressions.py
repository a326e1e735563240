"""Outputs go in; which features regressed, since when, how surely and beside what come out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from output_samples import MEASURES, Outputs
from quality_change import (
    LEAST,
    Change,
    changes,
    dependence,
    group_z,
    hours_of,
    level_means,
    split_scores,
)
from table_columns import InputProblem
from table_times import in_period

MEASURE_LABELS = {
    "score": "quality score",
    "valid": "valid format",
    "complete": "complete answers",
    "rating": "user rating",
}
KINDS = ("model", "prompt", "unexplained")
# Many small groups would need overwhelming proof each; the smallest share one row.
MOST_FEATURES = 25
FEWEST_SHUFFLES = 9_999
# A version counts as new from this share of the outputs, when that at least doubled.
NEW_SHARE = 0.05
# Likelihood ratio that holds a change point with 99 % confidence: (1 - exp(-x / 2)) ** 2 = 0.99.
CONFIDENT_RATIO = 10.59
STILL_LOWER = 2.58
LATELY = pd.Timedelta(hours=24)


@dataclass(frozen=True)
class Limits:
    """What counts as a regression: points of score or rating, points of a share, and chance."""

    drop: float = 3.0
    bad_rise: float = 2.0
    significance: float = 0.01

    def least(self, measure: str) -> float:
        """Return the smallest fall of a measure that matters, in points of 100."""
        return self.drop if measure in ("score", "rating") else self.bad_rise


@dataclass(frozen=True)
class Regression:
    """One feature whose quality fell and has not recovered; it is of exactly one of KINDS."""

    feature: str
    measure: str
    began: pd.Timestamp
    earliest: pd.Timestamp
    latest: pd.Timestamp
    before: float
    after: float
    p_value: float
    kind: str
    beside: str

    @property
    def drop(self) -> float:
        """Return how many points of 100 are lost."""
        return self.before - self.after


@dataclass(frozen=True)
class Analysis:
    """Everything the report says, counted once; outputs counts those with a quality measure."""

    outputs: int
    graded: int
    failed_calls: int
    regressions: list[Regression]
    untested: list[str]
    frame: pd.DataFrame
    limits: Limits
    shuffles: int
    notes: list[str]

    def count(self, kind: str) -> int | None:
        """Count the regressions of a kind; without outputs nothing is known."""
        return sum(r.kind == kind for r in self.regressions) if self.outputs else None

    @property
    def worst(self) -> Regression | None:
        """Return the regression that lost most."""
        return self.regressions[0] if self.regressions else None


def analyse(
    data: Outputs,
    start: str | None = None,
    end: str | None = None,
    time_zone: str = "UTC",
    limits: Limits | None = None,
) -> Analysis:
    """Find the regressions between start and end (exclusive).

    Raises:
        InputProblem: when a parameter makes no sense, or no output lies in the period.
    """
    limits = _checked(limits or Limits())
    frame = _inside(data, start, end, time_zone)
    untimed = int(data.frame["time"].isna().sum())
    failed = int(frame["failed"].sum())
    frame = frame[~frame["failed"] & frame[list(MEASURES)].notna().any(axis=1)]
    frame = _grouped(frame.sort_values("time", kind="stable", ignore_index=True))
    features = dict(_by_feature(frame))
    tests = sum(_testable(rows, m) for rows in features.values() for m in MEASURES)
    shuffles = max(FEWEST_SHUFFLES, math.ceil(2 * max(tests, 1) / limits.significance))
    found = [_regression(name, rows, limits, tests, shuffles) for name, rows in features.items()]
    untested = [n for n, rows in features.items() if not any(_enough(rows, m) for m in MEASURES)]
    return Analysis(
        outputs=len(frame),
        graded=int(frame["score"].notna().sum()),
        failed_calls=failed,
        regressions=sorted((r for r in found if r), key=lambda r: (-r.drop, r.feature)),
        untested=untested,
        frame=frame,
        limits=limits,
        shuffles=shuffles,
        notes=[*data.notes, *_notes(untimed, failed, untested)],
    )


def _inside(data: Outputs, start: str | None, end: str | None, time_zone: str) -> pd.DataFrame:
    frame = data.frame
    if frame.empty:
        return frame
    keep = in_period(frame["time"], start, end, time_zone, data.file, "output")
    return frame[keep & frame["time"].notna().to_numpy()]


def _checked(limits: Limits) -> Limits:
    if not 0.001 <= limits.significance <= 0.1:
        expected, found = "a number from 0.001 to 0.1", repr(limits.significance)
        fix = "Set significance to 0.01, or to 0.05 to see weaker signs."
        raise InputProblem("significance", "the parameter is unusable.", expected, found, fix)
    return limits


def _notes(untimed: int, failed: int, untested: list[str]) -> list[str]:
    notes = []
    if untimed:
        notes.append(f"{untimed} outputs have no time and are in no figure.")
    if failed:
        notes.append(f"{failed} calls failed and gave no answer: they are in no quality figure.")
    if untested:
        few = f"fewer than {2 * LEAST} measured outputs"
        notes.append(f"Not tested, {few}: {', '.join(untested)}.")
    return notes


# --- features ---------------------------------------------------------------------------------


def _grouped(frame: pd.DataFrame) -> pd.DataFrame:
    counts = frame["feature"].value_counts()
    names = sorted(counts.index[counts > 0], key=lambda name: (-counts[name], str(name)))
    if len(names) <= MOST_FEATURES:
        return frame
    few = dict.fromkeys(names[MOST_FEATURES - 1 :], "(others)")
    texts = [few.get(name, name) for name in frame["feature"].cat.categories]
    codes, distinct = pd.factorize(np.array(texts, dtype=object))
    merged = pd.Categorical.from_codes(codes[frame["feature"].cat.codes], categories=distinct)
    return frame.assign(feature=merged)


def _by_feature(frame: pd.DataFrame) -> Any:
    return ((str(name), rows) for name, rows in frame.groupby("feature", observed=True))


def _enough(rows: pd.DataFrame, measure: str) -> bool:
    return int(rows[measure].notna().sum()) >= 2 * LEAST


def _testable(rows: pd.DataFrame, measure: str) -> bool:
    return _enough(rows, measure) and rows[measure].nunique() > 1


def _regression(
    name: str, rows: pd.DataFrame, limits: Limits, tests: int, shuffles: int
) -> Regression | None:
    """Return the feature's regression by its most direct measure that fell, if any did."""
    for measure in MEASURES:
        if not _testable(rows, measure):
            continue
        known = rows[rows[measure].notna()]
        values = known[measure].to_numpy()
        hours = hours_of(known["time"])
        found = changes(values, hours, shuffles, limits.significance / tests)
        fall = standing_fall(values, found, limits.least(measure))
        if fall is not None:
            p_value = min(1.0, found[fall[0]].p_value * tests)
            moments = _moments(known["time"], values, found, fall[0])
            explained = _explained(known, values, found, fall[0])
            return Regression(name, measure, *moments, *fall[1:], p_value, *explained)
    return None


def standing_fall(
    values: Any, found: list[Change], least: float
) -> tuple[int, float, float] | None:
    """Choose the largest fall that the last level has not recovered from.

    Returns its place in `found`, the mean before it and the mean of the last level.
    """
    bounds, means = level_means(values, found)
    standing = []
    for at in range(len(found)):
        before = values[bounds[at] : bounds[at + 1]]
        ends = np.concatenate([before, values[bounds[-2] :]])
        lower = group_z(ends, np.arange(len(ends)) < len(before)) >= STILL_LOWER
        if means[at] - means[-1] >= least and lower and means[at] > means[at + 1]:
            standing.append((means[at] - means[at + 1], at))
    if not standing:
        return None
    at = max(standing)[1]
    return at, means[at], means[-1]


def _moments(times: pd.Series, values: Any, found: list[Change], at: int) -> list[pd.Timestamp]:
    """Return when the fall began, and the earliest and latest moment that fit almost as well."""
    bounds, _ = level_means(values, found)
    low, position, high = (int(bound) for bound in bounds[at : at + 3])
    part = values[low:high]
    allowed = CONFIDENT_RATIO * dependence(part, np.array([0, position - low, len(part)]))
    z = split_scores(part)
    fits = np.flatnonzero(_ratios(z, z[position - low - 1], len(part)) <= allowed) + low + 1
    return [times.iloc[int(i)] for i in (position, fits.min(), fits.max())]


# --- what changed beside it -------------------------------------------------------------------


def _explained(known: pd.DataFrame, values: Any, found: list[Change], at: int) -> tuple[str, str]:
    """Say whether a new model or prompt fits the fall as well as its time does.

    The answers are split once by time and once into new and old versions. A version explains the
    fall when its split is as good, within the 99 % confidence of a change point: it switched then,
    or was rolled out to a part of the calls from then on.
    """
    bounds, _ = level_means(values, found)
    low, position = int(bounds[at]), int(bounds[at + 1])
    rows, part = known.iloc[low:], values[low:]
    late = np.arange(len(part)) >= position - low
    allowed = CONFIDENT_RATIO * dependence(part, bounds[at:] - low)
    ratios = {}
    for name in ("model", "prompt"):
        new, said = new_versions(rows[name], late)
        if new is not None and group_z(part, new) < 0:
            ratio = likelihood_ratio(part, late, new)
            if ratio <= allowed:
                ratios[name] = (ratio, said)
    if not ratios:
        return "unexplained", ""
    kind = min(ratios, key=lambda name: (round(ratios[name][0], 6), KINDS.index(name)))
    order = sorted(ratios, key=lambda name: name != kind)
    return kind, " and ".join(f"{name} {ratios[name][1]}" for name in order)


def new_versions(versions: pd.Series, late: Any) -> tuple[Any, str]:
    """Mark the outputs of versions whose share at least doubled; and say what replaced what."""
    codes, names = versions.cat.codes.to_numpy(), versions.cat.categories
    before = np.bincount(codes[~late], minlength=len(names)) / max(int((~late).sum()), 1)
    after = np.bincount(codes[late], minlength=len(names)) / max(int(late.sum()), 1)
    new = (after >= NEW_SHARE) & (after >= 2 * before)
    if not new.any():
        return None, ""
    old = str(names[int(np.argmax(np.where(new, -1, before)))])
    top = str(names[int(np.argmax(np.where(new, after, -1)))])
    return new[codes], f"{old} → {top}"


def likelihood_ratio(values: Any, by_time: Any, by_version: Any) -> float:
    """Compare two splits: how much better the first explains the values than the second."""
    z = np.array([group_z(values, by_version)])
    return float(_ratios(z, group_z(values, by_time), len(values))[0])


def _ratios(z: Any, best: float, total: int) -> Any:
    rest, least = 1 - np.square(z) / (total - 1), 1 - best**2 / (total - 1)
    return total * np.log(np.maximum(rest, 1e-12) / max(least, 1e-12))
