"""Changes in time, some of which drifted, go in; the stretch of drift comes out, with its odds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from temporal_scan import GROUPS, groups_of, scan_times, scan_trials, sharpen

DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Stretch:
    """The time of drift: from `began` on, until `ended` or to the end; and how sure that is.

    Rates are percent of the changes when there is a history, else records a day. When a rise is
    not beyond chance there is no before: `began` is the first drift, `rate_during` the whole rate.
    """

    began: pd.Timestamp | None = None
    ended: pd.Timestamp | None = None
    beyond_chance: bool = False
    p_value: float | None = None
    rate_before: float | None = None
    rate_during: float | None = None


def find_stretch(
    times: pd.Series,
    hits: Any,
    rated: bool,
    since: pd.Timestamp | None,
    made: pd.Timestamp | None,
    significance: float,
) -> Stretch:
    """Find the stretch of drift.

    Args:
        times: when each record changed, ascending.
        hits: which of these changes drifted.
        rated: whether `times` holds the changes that did not drift too.
        since: where observation began, if that is known.
        made: where it ended.
        significance: a rise is beyond chance when its p-value is at most this.
    """
    if not hits.any():
        return Stretch()
    first = times[hits].iloc[0]
    since = first if since is None else since
    scan = _scan_trials(times, hits) if rated else _scan_times(times, since, made)
    if scan is None or scan[1] > significance:
        whole = rate(hits, rated, since, made)
        return Stretch(first, p_value=scan[1] if scan else None, rate_during=whole)
    (begin, end), p_value = scan
    inside = np.arange(begin, end)[hits[begin:end]]
    begin, end = int(inside[0]), int(inside[-1]) + 1
    over = _is_over(times, hits, (begin, end), made, significance, rated)
    began, last = times.iloc[begin], times.iloc[end - 1]
    stop, end = (last, end) if over else (made, len(times))
    early = (times < began).to_numpy()
    before = rate(hits[early], rated, since, began)
    during = rate(hits[begin:end], rated, began, stop)
    return Stretch(began, last if over else None, True, p_value, before, during)


def rate(hits: Any, rated: bool, since: Any = None, until: Any = None) -> float | None:
    """Give the share of changes that drifted in percent; without a history, records a day."""
    if rated:
        return round(100 * float(hits.mean()), 2) if len(hits) else None
    if since is None or until is None or until <= since:
        return None
    return round(int(hits.sum()) / ((until - since) / DAY), 2)


def ticks(times: pd.Series) -> Any:
    """Give times as whole microseconds, which numpy sorts and searches fast."""
    return times.dt.as_unit("us").astype("int64").to_numpy()


# --- where it is ------------------------------------------------------------------------------


def _scan_trials(times: pd.Series, hits: Any) -> tuple[tuple[int, int], float] | None:
    cuts = groups_of(ticks(times))
    counts = np.add.reduceat(hits.astype("i8"), cuts[:-1])
    found = scan_trials(counts, np.diff(cuts))
    if found is None:
        return None
    begin, end = int(cuts[found.begin]), int(cuts[found.end])
    reach = 2 * (len(times) // GROUPS) + 1
    return sharpen(np.flatnonzero(hits), len(times), begin, end, reach), found.p_value


def _scan_times(
    times: pd.Series, since: pd.Timestamp, made: pd.Timestamp | None
) -> tuple[tuple[int, int], float] | None:
    until = max(times.iloc[-1], made or times.iloc[-1])
    if until <= since:
        return None
    edges = ticks(pd.Series(pd.date_range(since, until, periods=GROUPS + 1)))
    cuts = np.searchsorted(ticks(times), edges, side="left")
    cuts[0], cuts[-1] = 0, len(times)
    found = scan_times(np.diff(cuts))
    return found and ((int(cuts[found.begin]), int(cuts[found.end])), found.p_value)


# --- whether it is over -----------------------------------------------------------------------


def _is_over(
    times: pd.Series,
    hits: Any,
    stretch: tuple[int, int],
    made: pd.Timestamp | None,
    significance: float,
    rated: bool,
) -> bool:
    """Say whether so little drift since then is beyond chance, had it gone on at its rate.

    A few good changes after the last bad one do not end a drift: nobody repairs before it ended.
    """
    begin, end = stretch
    later = int(hits[end:].sum())
    if rated:
        share = float(hits[begin:end].mean())
        return _at_most(later, len(times) - end, share) <= significance
    began, last = times.iloc[begin], times.iloc[end - 1]
    if made is None or made <= last or last <= began:
        return False
    expected = (end - begin) * ((made - last) / (last - began))
    return _at_most_poisson(later, expected) <= significance


def _at_most(hits: int, trials: int, share: float) -> float:
    """Give the odds of so few hits or fewer among the trials."""
    if share >= 1:
        return float(hits >= trials)
    whole, yes, no = math.lgamma(trials + 1), math.log(share), math.log1p(-share)
    return sum(
        math.exp(whole - math.lgamma(k + 1) - math.lgamma(trials - k + 1)
                 + k * yes + (trials - k) * no)
        for k in range(hits + 1)
    )  # fmt: skip


def _at_most_poisson(hits: int, expected: float) -> float:
    """Give the odds of so few events or fewer where `expected` are expected."""
    rise = math.log(expected)
    return sum(math.exp(k * rise - expected - math.lgamma(k + 1)) for k in range(hits + 1))
