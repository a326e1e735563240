"""Events among trials or in time go in; the stretch that is unlike the rest comes out, with its odds.

This is the temporal scan statistic: of all stretches of consecutive groups, the one whose rate is
raised most by likelihood; and how often chance alone, drawn with a fixed seed, raises one as much.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

GROUPS = 200
REPLICATES = 999
SEED = 20261120
# Of one size for all replicates at once would take a gigabyte.
AT_ONCE = 50


@dataclass(frozen=True)
class Scan:
    """The most likely stretch, as positions [begin, end) of groups, its gain and its p-value."""

    begin: int
    end: int
    gain: float
    p_value: float


def groups_of(times: Any) -> Any:
    """Divide sorted times into at most GROUPS groups of like size; equal times stay together.

    Returns the positions of the cuts, the first 0 and the last the number of times.
    """
    total = len(times)
    cuts = np.unique(np.linspace(0, total, min(GROUPS, total) + 1).round().astype("i8"))
    cuts = np.searchsorted(times, times[cuts[:-1]], side="left")
    return np.unique(np.append(cuts, total))


def scan_trials(hits: Any, trials: Any) -> Scan | None:
    """Scan groups of trials some of which are hits, as many anywhere if only chance is at work.

    Args:
        hits: how many trials of each group are hits.
        trials: how many trials each group has.
    """
    hits, trials = np.asarray(hits, dtype="i8"), np.asarray(trials, dtype="i8")
    total = int(trials.sum())
    if not 0 < hits.sum() < total or len(hits) < 2:
        return None
    table = _x_log_x(total)
    windows = _windows(len(hits))
    sizes = _inside(trials[None, :], windows)[0]
    draw = np.random.default_rng(SEED).multivariate_hypergeometric

    def gain(counts: Any) -> Any:
        inside = _inside(counts, windows)
        found = int(counts[0].sum())
        outside, rest = found - inside, total - sizes
        likely = table[inside] + table[sizes - inside] - table[sizes]
        likely += table[outside] + table[rest - outside] - table[rest]
        likely -= table[found] + table[total - found] - table[total]
        return np.where(inside * rest > outside * sizes, likely, 0.0)

    return _judged(gain, hits, windows, lambda n: draw(trials, int(hits.sum()), n, "marginals"))


def scan_times(hits: Any) -> Scan | None:
    """Scan groups of equal length in time, events as likely in any if only chance is at work."""
    hits = np.asarray(hits, dtype="i8")
    found = int(hits.sum())
    if found < 2 or len(hits) < 2:
        return None
    table = _x_log_x(found)
    windows = _windows(len(hits))
    share = (windows[1] - windows[0]) / len(hits)
    even = np.full(len(hits), 1 / len(hits))
    draw = np.random.default_rng(SEED).multinomial

    def gain(counts: Any) -> Any:
        inside = _inside(counts, windows)
        likely = table[inside] - inside * np.log(found * share)
        likely += table[found - inside] - (found - inside) * np.log(found * (1 - share))
        return np.where(inside > found * share, likely, 0.0)

    return _judged(gain, hits, windows, lambda n: draw(found, even, n))


def _x_log_x(most: int) -> Any:
    numbers = np.arange(most + 1, dtype="f8")
    numbers[1:] *= np.log(numbers[1:])
    return numbers


def _windows(groups: int) -> tuple[Any, Any]:
    """Return begin and end of every stretch but the whole."""
    begin, end = np.triu_indices(groups)
    keep = (begin > 0) | (end < groups - 1)
    return begin[keep], end[keep] + 1


def _inside(counts: Any, windows: tuple[Any, Any]) -> Any:
    sums = np.zeros((len(counts), counts.shape[1] + 1), dtype="i8")
    np.cumsum(counts, axis=1, out=sums[:, 1:])
    return sums[:, windows[1]] - sums[:, windows[0]]


def _judged(gain: Any, hits: Any, windows: tuple[Any, Any], draw: Any) -> Scan:
    gains = gain(hits[None, :])[0]
    best = int(np.argmax(gains))
    as_much, left = 0, REPLICATES
    while left:
        now = min(left, AT_ONCE)
        chance = gain(draw(now)).max(axis=1)
        as_much += int((chance >= gains[best] - 1e-9).sum())
        left -= now
    p_value = (1 + as_much) / (1 + REPLICATES)
    return Scan(int(windows[0][best]), int(windows[1][best]), float(gains[best]), p_value)


def sharpen(hit_places: Any, total: int, begin: int, end: int, reach: int) -> tuple[int, int]:
    """Move a stretch of trials to the hits nearby that make it most likely.

    Args:
        hit_places: positions of the hits among the trials, ascending.
        total: the number of trials.
        begin: where the stretch begins.
        end: where it ends; one that reaches the last trial keeps reaching it.
        reach: how many trials each bound may move.
    """
    table = _x_log_x(total)
    for _ in range(2):
        starts = hit_places[
            (hit_places >= begin - reach) & (hit_places <= min(begin + reach, end - 1))
        ]
        if starts.size:
            begin = int(starts[np.argmax(_likely(table, hit_places, total, starts, end))])
        ends = hit_places[(hit_places >= max(end - reach, begin)) & (hit_places < end + reach)] + 1
        if ends.size and end < total:
            end = int(ends[np.argmax(_likely(table, hit_places, total, begin, ends))])
    return begin, end


def _likely(table: Any, places: Any, total: int, begin: Any, end: Any) -> Any:
    inside = np.searchsorted(places, end) - np.searchsorted(places, begin)
    size = end - begin
    outside, rest = len(places) - inside, total - size
    return (table[inside] + table[size - inside] - table[size]
            + table[outside] + table[rest - outside] - table[rest])  # fmt: skip
