"""Trials in order of time go in; the stretches in which they fail beyond chance come out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

# How likely one healthy series may be called failing, and a failing one recovered.
CHANCE = 0.001
USUAL_BOUNDS = (0.01, 0.2)
LEAST_BAD, MOST_BAD = 0.1, 0.5


@dataclass(frozen=True)
class Stretch:
    """Trials from `start` to before `stop`; `is_open` when they still fail at the end."""

    start: int
    stop: int
    is_open: bool


def stretches(hits: Any, totals: Any, usual: float = 0.0) -> list[Stretch]:
    """Find where trials fail beyond chance, by cumulative sums of likelihood ratios.

    A stretch begins where the sum for "at least 10 % and three times the usual rate" against "the
    usual rate" starts to rise, once it has risen by log(trials / 0.001); it ends where the
    opposite sum has risen by log(1 / 0.001). Both bounds are Wald's.

    Args:
        hits: failures of each trial or group of trials, in order of time.
        totals: how many trials each of them counts.
        usual: the failure rate in health; at least 1 %, at most 20 % is taken.
    """
    usual = float(np.clip(usual, *USUAL_BOUNDS))
    bad = max(LEAST_BAD, 3 * usual)
    failed = np.concatenate([[0.0], np.cumsum(np.asarray(hits, "f8"))])
    tried = np.concatenate([[0.0], np.cumsum(np.asarray(totals, "f8"))])
    enough = np.log(max(tried[-1], 1) / CHANCE)
    found: list[Stretch] = []
    at = 0
    while rise := _first_rise(failed, tried, at, (usual, bad), enough):
        start, alarm = rise
        share = (failed[alarm] - failed[start]) / (tried[alarm] - tried[start])
        share = float(np.clip(share, bad, max(bad, MOST_BAD)))
        fall = _first_rise(failed, tried, start, (share, usual), -np.log(CHANCE))
        at = fall[0] if fall else len(tried) - 1
        found.append(Stretch(start, at, fall is None))
    return found


def _first_rise(
    failed: Any, tried: Any, at: int, rates: tuple[float, float], enough: float
) -> tuple[int, int] | None:
    """Find where the evidence for the second rate against the first starts to rise by `enough`."""
    was, now = rates
    for_hit, for_miss = np.log(now / was), np.log((1 - now) / (1 - was))
    size = 256
    while at < len(tried) - 1:
        hits, trials = failed[at : at + size + 1], tried[at : at + size + 1]
        sums = hits * for_hit + (trials - hits) * for_miss
        low = np.minimum.accumulate(sums)
        reached = np.flatnonzero(sums - low >= enough)
        if reached.size:
            stop = int(reached[0])
            return at + int(np.flatnonzero(sums[:stop] == low[stop])[-1]), at + stop
        if at + size >= len(tried) - 1:
            break
        # Growing windows: a short stretch in a long series costs little.
        size *= 2
    return None
