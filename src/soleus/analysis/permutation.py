"""A group without a single cell: an exact permutation test, and how large the ratio can still be."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

__all__ = ["permutation_p_value", "zero_group_bound"]

Array = NDArray[np.float64]
_MOST = 20_000
_ROUNDING = 1e-9


def permutation_p_value(
    counts: Array, sizes: Array, treated: NDArray[np.bool_], *, rng: np.random.Generator
) -> tuple[float, bool]:
    """Return the two-sided p value of equal rates, and whether every arrangement was looked at.

    Parameters
    ----------
    counts, sizes
        Shape (units,): counts and exposures, or marked cells and cells looked at.
    treated
        Shape (units,).
    rng
        Of the arrangements, where there are more than 20,000.

    Notes
    -----
    The statistic is the distance of the treated group's total from its share of all, so that units with
    their exposures change places. Exact where units are exchangeable without an effect.
    """
    n, k = len(counts), int(treated.sum())
    expected = float(counts.sum() / sizes.sum())
    rest = counts - expected * sizes
    seen = abs(float(rest[treated].sum()))
    every = math.comb(n, k)
    if every <= _MOST:
        found = np.array([rest[list(chosen)].sum() for chosen in combinations(range(n), k)])
        return float((np.abs(found) >= seen - _ROUNDING * (1.0 + seen)).mean()), True
    found = np.array([rest[rng.permutation(n)[:k]].sum() for _ in range(_MOST)])
    beyond = int((np.abs(found) >= seen - _ROUNDING * (1.0 + seen)).sum())
    return (1 + beyond) / (1 + _MOST), False


def zero_group_bound(other: Array, *, zeros: int, level: float) -> float:
    """Return the upper bound of the ratio of a group without cells over another, by inverting the test.

    Parameters
    ----------
    other
        Counts of the group that has cells, shape (units,).
    zeros
        Units of the group that has none.
    level
        Of the two-sided interval, whose lower end is 0.

    Returns
    -------
    float
        Above 1 where the groups are too small to exclude even that.

    Notes
    -----
    If the true ratio were r, the other group's cells, each kept with probability r, would be counts of the
    same kind as the first group's, whatever differs between animals. The one-sided permutation p value of
    that thinned table depends only on how many of its units are empty, whose distribution is exact; the bound
    is the r at which its mean is half of what the level leaves. Cells are taken to be counted one by one, and
    exposures to be alike.
    """
    tail = (1.0 - level) / 2.0
    n = len(other)

    def p_value(ratio: float) -> float:
        empty = np.ones(1)
        for count in other:
            gone = (1.0 - ratio) ** count
            empty = np.convolve(empty, [1.0 - gone, gone])
        ways = math.comb(n + zeros, zeros)
        return float(sum(p * math.comb(zeros + k, zeros) / ways for k, p in enumerate(empty)))

    if p_value(1.0) > tail:
        return math.inf
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (middle, high) if p_value(middle) > tail else (low, middle)
    return high
