"""Attempts go in; what failing jobs have in common beyond chance comes out, each with its lift."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

SURE = 0.01
LEAST_LIFT, LEAST_FAILED = 1.5, 5
MOST_VALUES = 50
SEVERAL = 3
MOST_MARKS = 100_000_000
COLUMNS = [
    "attribute", "value", "jobs", "failed", "failed %", "elsewhere %", "lift", "p", "indicator",
    "beside the strongest",
]  # fmt: skip


def indicators(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Compare every value of every attribute with all others, the most telling first.

    A job counts once for each value it had, and as failed when one such attempt failed: retries
    of one bad job prove nothing. The lift is the failed share against that of all; `p` is
    Fisher's exact test, one-sided, times the number of comparisons (Bonferroni).

    Args:
        frame: finished attempts with job, failed, time, attempt, payload and the named columns.
        names: the attributes that the log states.
    """
    values = _attributes(frame, names)
    rows = [row for name, column in values.items() for row in _compare(frame, name, column)]
    if not rows:
        return pd.DataFrame(columns=COLUMNS)
    table = pd.DataFrame(rows)
    table["log p"] += math.log(len(table))
    table["p"] = np.exp(table["log p"].clip(upper=0.0))
    sure = (table["p"] < SURE) & (table["lift"] >= LEAST_LIFT) & (table["failed"] >= LEAST_FAILED)
    table["indicator"] = sure & table.pop("tells")
    order = ["indicator", "log p", "lift", "attribute", "value"]
    table = table.sort_values(order, ascending=[False, True, False, True, True])
    table["beside the strongest"] = _beside(frame, values, table)
    return table[COLUMNS].reset_index(drop=True)


def _attributes(frame: pd.DataFrame, names: list[str]) -> dict[str, pd.Series]:
    values = {name.replace("_", " "): frame[name].astype("category") for name in names}
    if frame["attempt"].notna().any():
        tries = frame["attempt"].fillna(1).clip(1, 4) - 1
        values["attempt"] = _named(tries, ["first", "second", "third", "fourth or later"])
    if frame["payload"].notna().any():
        values["payload size"] = _sizes(frame["payload"])
    minutes = [f"{minute:02d} to {minute + 4:02d}" for minute in range(0, 60, 5)]
    values["minute of the hour"] = _named(frame["time"].dt.minute // 5, minutes)
    hours = [f"{hour:02d}:00" for hour in range(24)]
    values["hour of the day (UTC)"] = _named(frame["time"].dt.hour, hours)
    return values


def _named(numbers: pd.Series, words: list[str]) -> pd.Series:
    named = pd.Categorical.from_codes(numbers.astype("i1"), categories=words)
    return pd.Series(named, index=numbers.index)


def _sizes(payload: pd.Series) -> pd.Series:
    """Part payloads at the median and where the largest tenth and hundredth begin."""
    edges = np.unique(payload.quantile([0.5, 0.9, 0.99]).round(0))
    which = np.searchsorted(edges, payload.fillna(-1))
    bounds = [f"{edge:,.0f}" for edge in edges]
    words = [f"up to {bounds[0]} bytes", *_between(bounds), f"above {bounds[-1]} bytes"]
    codes = np.where(payload.isna(), -1, which).astype("i1")
    return pd.Series(pd.Categorical.from_codes(codes, categories=words), index=payload.index)


def _between(bounds: list[str]) -> list[str]:
    return [f"above {low} to {high} bytes" for low, high in pairwise(bounds)]


def _compare(frame: pd.DataFrame, name: str, column: pd.Series) -> list[dict[str, Any]]:
    codes = column.cat.codes.to_numpy().astype("i8")
    kinds = len(column.cat.categories)
    known = codes >= 0
    if not known.any():
        return []
    jobs = frame["job"].to_numpy().astype("i8")[known] * kinds + codes[known]
    pairs, lost = _distinct(jobs, frame["failed"].to_numpy()[known])
    sizes = np.bincount(pairs % kinds, minlength=kinds)
    hits = np.bincount(pairs % kinds, weights=lost, minlength=kinds).astype("i8")
    total, failed = int(sizes.sum()), int(hits.sum())
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, total + 1)))])
    rows = []
    for code in np.argsort(-hits, kind="stable")[:MOST_VALUES]:
        size, hit = int(sizes[code]), int(hits[code])
        if not hit or size == total:
            continue
        row = {"attribute": name, "value": str(column.cat.categories[code]), "jobs": size}
        row |= {"failed": hit, "failed %": round(100 * hit / size, 2)}
        row["elsewhere %"] = round(100 * (failed - hit) / (total - size), 2)
        row["lift"] = round(hit / size * total / failed, 2)
        row["log p"] = _log_fisher(hit, size, failed, total, logs)
        row["tells"] = _tells(frame, name, row["value"], codes == code)
        rows.append(row)
    return rows


def _distinct(jobs: Any, failed: Any) -> tuple[Any, Any]:
    """Return each number once, ascending, and whether one of its attempts failed."""
    most = int(jobs.max()) + 1
    if most > MOST_MARKS:
        pairs, which = np.unique(jobs, return_inverse=True)
        return pairs, np.bincount(which, weights=failed) > 0
    # A mark for each possible number is much faster than to sort them, while there are not too many.
    marks = np.zeros(most, dtype="u1")
    marks[jobs] = 1
    marks[jobs[failed]] = 2
    pairs = np.flatnonzero(marks)
    return pairs, marks[pairs] == 2


def _log_fisher(hit: int, size: int, failed: int, total: int, logs: Any) -> float:
    """Return the logarithm of the chance of `hit` or more failed jobs among `size` of `total`."""
    k = np.arange(hit, min(size, failed) + 1)
    terms = logs[failed] - logs[k] - logs[failed - k] + logs[total - failed]
    terms = terms - logs[size - k] - logs[total - failed - size + k]
    terms = terms - (logs[total] - logs[size] - logs[total - size])
    top = float(terms.max())
    return min(0.0, top + math.log(float(np.exp(terms - top).sum())))


def _tells(frame: pd.DataFrame, name: str, value: str, mine: Any) -> bool:
    """Say whether a difference in this value can point to a cause.

    Retries fail more by nature, as only a job that failed has one. A time of the hour or day has
    to fail several times: once is just the incident.
    """
    if name == "attempt":
        return value == "first"
    unit = {"minute of the hour": "h", "hour of the day (UTC)": "D"}.get(name)
    if unit is None:
        return True
    times = frame["time"][mine & frame["failed"].to_numpy()].dt.floor(unit)
    return bool(times.nunique() >= SEVERAL and times.value_counts(normalize=True).iloc[0] < 0.5)


def _beside(frame: pd.DataFrame, values: dict[str, pd.Series], table: pd.DataFrame) -> list[str]:
    """Say for each indicator whether it differs also where the strongest one is held constant."""
    words = []
    strongest = None
    for row in table.to_dict("records"):
        if not row["indicator"]:
            words.append("")
            continue
        mine = (values[row["attribute"]] == row["value"]).to_numpy()
        if strongest is None:
            strongest, first = mine, row["attribute"]
            words.append("strongest")
        elif row["attribute"] == first:
            words.append("same attribute")
        else:
            differs = _mantel_haenszel(frame, mine, strongest) < SURE
            words.append("still differs" if differs else "explained by it")
    return words


def _mantel_haenszel(frame: pd.DataFrame, mine: Any, strongest: Any) -> float:
    """Return p of the Mantel-Haenszel test over the strongest indicator's two strata."""
    jobs = frame["job"].to_numpy().astype("i8") * 4 + mine * 2 + strongest
    pairs, lost = _distinct(jobs, frame["failed"].to_numpy())
    excess = variance = 0.0
    for stratum in (0, 1):
        inside = pairs % 2 == stratum
        exposed, failed = (pairs[inside] // 2) % 2 == 1, lost[inside]
        total, hits, size = len(failed), int(failed.sum()), int(exposed.sum())
        if total < 2:
            continue
        excess += int(failed[exposed].sum()) - size * hits / total
        variance += size * (total - size) * hits * (total - hits) / (total**2 * (total - 1))
    if variance <= 0 or excess <= 0:
        return 1.0
    return math.erfc(math.sqrt(excess**2 / variance / 2))
