"""Values in order of time go in; where their level changed comes out, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

# Fewer values on one side of a split prove nothing.
LEAST = 20
FEWEST_BLOCKS, MOST_BLOCKS = 40, 250
# A best split below this is never beyond chance: no need to shuffle.
WEAKEST = 2.5
# Once so many shuffles reach the best split it is chance, and more of them change nothing.
ENOUGH_HITS = 50
# From three days on the usual course of a day is known well enough to be taken out.
LEAST_HOURS, PART_OF_DAY = 72, 3
SHUFFLES_AT_ONCE = 1_000
MOST_CHANGES = 12
SEED = 20261120
EPOCH = pd.Timestamp(0, tz="UTC")


@dataclass(frozen=True)
class Change:
    """One change of level: `position` is the first value after it."""

    position: int
    p_value: float


def centred_ranks(values: Any) -> Any:
    """Give each value its rank less the mean rank; equal values share one."""
    ranks = pd.Series(values).rank().to_numpy()
    return ranks - ranks.mean()


def split_z(first_sum: Any, first: Any, ranks: Any) -> Any:
    """Standardise the rank sum of the first part: Mann-Whitney's z with its correction for ties."""
    total = len(ranks)
    variance = first * (total - first) / (total * (total - 1)) * float(ranks @ ranks)
    return first_sum / np.sqrt(variance)


def group_z(values: Any, chosen: Any) -> float:
    """Compare the chosen values with the rest; above 0 when the chosen ones are higher."""
    ranks = centred_ranks(values)
    count = int(chosen.sum())
    if not 0 < count < len(ranks) or not ranks.any():
        return 0.0
    return float(split_z(ranks[chosen].sum(), count, ranks))


def split_scores(values: Any) -> Any:
    """Return z for every split, the one behind the first value first."""
    ranks = centred_ranks(values)
    first = np.arange(1, len(ranks))
    return split_z(ranks.cumsum()[:-1], first, ranks)


def changes(values: Any, hours: Any, shuffles: int, significance: float) -> list[Change]:
    """Find every change of level that is beyond chance, in order.

    The best split is searched, tested, and both sides are searched in turn.

    Args:
        values: what was measured, in order of time.
        hours: when, in whole hours since any midnight.
        shuffles: how many to compare with.
        significance: the probability that a change is chance, at most.
    """
    found: list[Change] = []
    left = [(0, len(values))]
    while left and len(found) < MOST_CHANGES:
        low, high = left.pop()
        change = best_split(values[low:high], hours[low:high], shuffles)
        if change is not None and change.p_value <= significance:
            at = low + change.position
            found.append(Change(at, change.p_value))
            left += [(low, at), (at, high)]
    return sorted(found, key=lambda change: change.position)


def best_split(values: Any, hours: Any, shuffles: int) -> Change | None:
    """Find the split whose sides differ most, and how often chance alone does as well.

    Chance is the same values with their blocks shuffled. Every shuffle is searched for its own
    best split, so that the search is paid for; blocks of neighbours stay together, so that values
    which merely resemble their neighbours do not count as proof.
    """
    total = len(values)
    if total < 2 * LEAST:
        return None
    ranks = _without_day_and_night(centred_ranks(values), hours)
    if not ranks.any():
        return None
    edges = _edges(total)
    sums, sizes = np.add.reduceat(ranks, edges[:-1]), np.diff(edges)
    scores = _scores(sums[None, :], sizes[None, :], total)[0]
    best = int(np.argmax(scores))
    if scores[best] / np.sqrt(float(ranks @ ranks) / (total * (total - 1))) < WEAKEST:
        return None
    p_value = _chance(sums, sizes, total, scores[best], shuffles)
    return Change(_refined(ranks, edges, best + 1), p_value)


def _without_day_and_night(ranks: Any, hours: Any) -> Any:
    """Compare every value with those of the same time of day: nights may differ all the time."""
    if hours[-1] - hours[0] < LEAST_HOURS:
        return ranks
    part = hours % 24 // PART_OF_DAY
    means = np.bincount(part, ranks) / np.maximum(np.bincount(part), 1)
    return ranks - means[part]


def _edges(total: int) -> Any:
    blocks = min(max(total // 5, FEWEST_BLOCKS), MOST_BLOCKS)
    return np.linspace(0, total, blocks + 1).astype(int)


def _scores(sums: Any, sizes: Any, total: int) -> Any:
    """Score the split behind each block but the last, up to a factor that all shuffles share."""
    first = sizes.cumsum(axis=1)[:, :-1]
    allowed = (first >= LEAST) & (total - first >= LEAST)
    width = np.sqrt(np.where(allowed, first * (total - first), 1))
    return np.where(allowed, np.abs(sums.cumsum(axis=1)[:, :-1]) / width, 0.0)


def _chance(sums: Any, sizes: Any, total: int, best: float, shuffles: int) -> float:
    rng = np.random.default_rng(SEED)
    hits = done = 0
    while done < shuffles and hits < ENOUGH_HITS:
        count = min(SHUFFLES_AT_ONCE, shuffles - done)
        order = rng.permuted(np.tile(np.arange(len(sums)), (count, 1)), axis=1)
        tops = _scores(sums[order], sizes[order], total).max(axis=1)
        hits += int((tops >= best * (1 - 1e-12)).sum())
        done += count
    return (hits + 1) / (done + 1)


def _refined(ranks: Any, edges: Any, best: int) -> int:
    """Find the single value at which the change is sharpest, near the best edge of a block."""
    total = len(ranks)
    low = max(LEAST, int(edges[max(best - 2, 0)]))
    high = min(total - LEAST, int(edges[min(best + 2, len(edges) - 1)]))
    first = np.arange(low, high + 1)
    sums = ranks.cumsum()[first - 1]
    towards = np.sign(ranks[: edges[best]].sum())
    return int(first[np.argmax(towards * split_z(sums, first, ranks))])


def level_means(values: Any, found: list[Change]) -> tuple[Any, list[float]]:
    """Return the bounds of the levels that the changes separate, and the mean of each."""
    bounds = np.array([0, *(change.position for change in found), len(values)])
    return bounds, [float(values[low:high].mean()) for low, high in pairwise(bounds)]


def dependence(values: Any, bounds: Any) -> float:
    """Say how much more the sums of neighbours vary than those of strangers would, at least 1."""
    rest = np.concatenate(
        [values[low:high] - values[low:high].mean() for low, high in pairwise(bounds)]
    )
    edges = _edges(len(rest))
    sums, square = np.add.reduceat(rest, edges[:-1]), float(rest @ rest)
    return max(1.0, float(sums @ sums) / square) if square else 1.0


def hours_of(times: pd.Series) -> Any:
    """Return whole hours since 1970 in UTC."""
    return ((times - EPOCH) // pd.Timedelta(hours=1)).to_numpy()
