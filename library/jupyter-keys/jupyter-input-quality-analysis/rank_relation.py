"""Two columns go in; how closely they go together comes out, by ranks and with its probability."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

BLOCKS = 50


@dataclass(frozen=True)
class Relation:
    """Spearman's rho, its probability by chance, and the number of pairs it comes from."""

    rho: float
    p_value: float
    pairs: int


def spearman(first: Any, second: Any) -> Relation | None:
    """Correlate the ranks of two columns, equal values sharing one.

    Rows in which one of both is not a number are left out. None when one of both never varies.
    The probability is that of the permutation distribution's normal limit, two-sided: under
    chance, rho has mean 0 and variance 1 / (pairs - 1).
    """
    known = ~(np.isnan(first) | np.isnan(second))
    if known.sum() < 3:
        return None
    a, b = _centred_ranks(first[known]), _centred_ranks(second[known])
    size = math.sqrt(float(a @ a) * float(b @ b))
    if size <= 0:
        return None
    rho = max(-1.0, min(1.0, float(a @ b) / size))
    return Relation(rho, two_sided(rho * math.sqrt(len(a) - 1)), len(a))


def _centred_ranks(values: Any) -> Any:
    ranks = pd.Series(values).rank().to_numpy()
    return ranks - ranks.mean()


def two_sided(z: float) -> float:
    """Return how often chance alone is as far from 0 as z, in a normal distribution."""
    return math.erfc(abs(z) / math.sqrt(2))


def share_change(affected: Any, late: Any) -> float:
    """Return the probability that a share differs before and after by chance alone.

    The z of two shares with a common variance, divided by how much more neighbours resemble each
    other than strangers do: one busy hour is not taken for many proofs.
    """
    before, after = affected[~late], affected[late]
    if not len(before) or not len(after):
        return 1.0
    mean = affected.mean()
    variance = mean * (1 - mean) * (1 / len(before) + 1 / len(after))
    if variance <= 0:
        return 1.0
    z = (after.mean() - before.mean()) / math.sqrt(variance)
    return two_sided(z / math.sqrt(max(_dependence(before), _dependence(after))))


def _dependence(values: Any) -> float:
    rest = values - values.mean()
    square = float(rest @ rest)
    if not square or len(rest) < 2 * BLOCKS:
        return 1.0
    edges = np.linspace(0, len(rest), BLOCKS + 1).astype(int)
    sums = np.add.reduceat(rest, edges[:-1])
    return max(1.0, float(sums @ sums) / square)
