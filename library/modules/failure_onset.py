"""Failures in order of time go in; where they began comes out, and whether that is no chance."""

from __future__ import annotations

from typing import Any

import numpy as np


def onset(failed: Any) -> tuple[int, bool]:
    """Find where failures began in deliveries ordered by time, and whether that is a real change.

    A change is the split that makes "few failures before, more after" most likely, when it beats
    one steady rate by three times the logarithm of the row count (a single lone failure never
    does). Growing prefixes are searched, so that of several incidents the first is found. Without
    a change failures are scattered, and they began with the first one.
    """
    hits = np.flatnonzero(failed)
    position = None
    for count in [2**power for power in range(1, 40) if 2**power < len(hits)]:
        position = _split(hits[:count], int(hits[count - 1]) + 1, rising=True)
        if position is not None:
            break
    if position is None:
        position = _split(hits, len(failed), rising=True)
    before = hits if position is None else hits[hits < position]
    falls = _split(before, len(failed) if position is None else position, rising=False)
    if position is None or falls is not None:
        return int(hits[0]), falls is not None
    return position, True


def _split(hits: Any, total: int, rising: bool) -> int | None:
    left = hits if rising else hits + 1
    left = left[(left > 0) & (left < total)]
    if not left.size:
        return None
    left_hits = np.searchsorted(hits, left)
    right_hits, right = len(hits) - left_hits, total - left
    gain = _likelihood(left_hits, left) + _likelihood(right_hits, right)
    gain = gain - _likelihood(np.array([len(hits)]), np.array([total]))
    rises = right_hits / right > left_hits / left
    gain = np.where(rises == rising, gain, -np.inf)
    best = int(np.argmax(gain))
    return int(left[best]) if gain[best] > 3 * np.log(total) else None


def _likelihood(hits: Any, total: Any) -> Any:
    rate = np.clip(hits / total, 1e-12, 1 - 1e-12)
    return hits * np.log(rate) + (total - hits) * np.log1p(-rate)
