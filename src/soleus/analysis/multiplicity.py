"""Several comparisons at once: Holm within a family, many groups against one control, and all pairs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["Simultaneous", "all_pairs", "chance_inside", "chance_none", "holm", "many_to_one"]

Array = NDArray[np.float64]
_NODES = 96
_FLAT = 1e7


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Adjust p values by Holm's method (1979, jstor 4615733).

    Parameters
    ----------
    p_values
        One a comparison of the family, in any order; None for one that was declared and could not
        be told. It counts, as the largest p value would.

    Returns
    -------
    list
        Adjusted p values in the same order, None where None was given.
    """
    filled = np.array([1.0 if p is None or math.isnan(p) else p for p in p_values])
    order = np.argsort(filled, kind="stable")
    steps = np.arange(len(filled), 0, -1)
    adjusted = np.minimum(1.0, np.maximum.accumulate(filled[order] * steps))
    out = np.empty(len(filled))
    out[order] = adjusted
    return [None if p is None else float(value) for p, value in zip(p_values, out, strict=True)]


@dataclass(frozen=True, slots=True)
class Simultaneous:
    """Adjusted p value of one comparison, and the critical value of its simultaneous interval."""

    p_value: float
    critical: float


def many_to_one(
    t: Sequence[float], df: Sequence[float], correlation: Sequence[float], *, level: float, pooled: bool
) -> list[Simultaneous]:
    """Adjust contrasts of several groups with one control.

    Parameters
    ----------
    t, df
        Each contrast over its standard error, and its degrees of freedom.
    correlation
        Root of the control's share of each contrast's variance: two contrasts correlate by the product.
    level
        Simultaneous, of the intervals.
    pooled
        All standard errors hold one and the same spread.

    Notes
    -----
    Pooled, it is Dunnett's test (1955, doi 10.1080/01621459.1955.10501294): the largest |t| is referred to a
    multivariate t. Else contrasts share the control's mean, and spreads vary independently, each with its own
    degrees of freedom; the smallest p value of single contrasts is referred to its distribution. One common
    spread in that place, as Hasler and Hothorn (2008, doi 10.1002/bimj.200710466) have it, lets a small
    group of large spread raise the family's rate further. By quadrature, to about 1e-7.
    """
    from scipy.special import stdtr, stdtrit

    shared = np.asarray(correlation, dtype=float)
    if pooled:
        c = _root(lambda edge: chance_inside(edge, float(df[0]), shared) - level)
        each = [1.0 - chance_inside(abs(float(value)), float(df[0]), shared) for value in t]
        return [Simultaneous(min(1.0, max(p, 0.0)), c) for p in each]
    own = np.asarray(df, dtype=float)
    alone = 2.0 * stdtr(own, -np.abs(np.asarray(t, dtype=float)))
    # On a log scale, so that a small p keeps its digits.
    size = _root(lambda x: chance_none(math.exp(-x), own, shared) - level)
    edges = -stdtrit(own, math.exp(-size) / 2.0)
    found = [1.0 - chance_none(float(p), own, shared) for p in alone]
    return [Simultaneous(min(1.0, max(p, 0.0)), float(c)) for p, c in zip(found, edges, strict=True)]


def all_pairs(t: Sequence[float], df: Sequence[float], *, groups: int, level: float) -> list[Simultaneous]:
    """Adjust all pairs of groups of unequal spread by the studentized range (Games and Howell 1976).

    Parameters
    ----------
    t, df
        Each pair's difference over its standard error, and Welch's degrees of freedom.
    groups
        How many groups.
    level
        Simultaneous, of the intervals.
    """
    out = []
    for value, own in zip(t, df, strict=True):
        p = 1.0 - _range_inside(abs(float(value)) * math.sqrt(2.0), float(own), groups)
        critical = _root(lambda q, own=own: _range_inside(q, float(own), groups) - level)  # type: ignore[misc]
        out.append(Simultaneous(min(1.0, max(p, 0.0)), critical / math.sqrt(2.0)))
    return out


def _root(of: Callable[[float], float]) -> float:
    from scipy.optimize import brentq

    top = 8.0
    while of(top) < 0.0 and top < 1e5:
        top *= 2.0
    return float(brentq(of, 1e-6, top, xtol=1e-9))


@lru_cache(maxsize=8)
def _normal_nodes(reach: float) -> tuple[Array, Array]:
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    z = reach * nodes
    return z, reach * weights * np.exp(-(z**2) / 2.0) / math.sqrt(2.0 * math.pi)


@lru_cache(maxsize=256)
def _chi_nodes(df: float) -> tuple[Array, Array]:
    """Return values of s = sqrt(chi2 / df) and their weights."""
    from scipy.special import chdtri, gammaln

    if df > _FLAT:
        return np.ones(1), np.ones(1)
    low, high = (math.sqrt(float(chdtri(df, p)) / df) for p in (1.0 - 1e-12, 1e-12))
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    s = low + (high - low) * (nodes + 1.0) / 2.0
    log_density = (
        math.log(2.0) + df / 2.0 * math.log(df / 2.0) - gammaln(df / 2.0) + (df - 1.0) * np.log(s)
        - df * s**2 / 2.0
    )  # fmt: skip
    found = weights * np.exp(log_density) * (high - low) / 2.0
    return s, found / found.sum()


def chance_none(p: float, df: Array, shared: Array) -> float:
    """Return the chance that no contrast has a single p value below ``p``, spreads being independent."""
    from scipy.special import ndtr, stdtrit

    z, wz = _normal_nodes(8.0)
    product = np.ones(len(z))
    for one, own in zip(shared, df, strict=True):
        s, ws = _chi_nodes(float(own))
        edge = -stdtrit(own, p / 2.0) * s[:, None]
        rest = math.sqrt(max(1.0 - one**2, 1e-12))
        product *= ws @ (ndtr((edge - one * z) / rest) - ndtr((-edge - one * z) / rest))
    return float(product @ wz)


def chance_inside(c: float, df: float, shared: Array) -> float:
    """Return the chance that all |t| are below c, one spread being common to them."""
    from scipy.special import ndtr

    z, wz = _normal_nodes(8.0)
    s, ws = _chi_nodes(df)
    product = np.ones((len(s), len(z)))
    for one in shared:
        own = math.sqrt(max(1.0 - one**2, 1e-12))
        edge = c * s[:, None]
        product *= ndtr((edge - one * z) / own) - ndtr((-edge - one * z) / own)
    return float(ws @ product @ wz)


def _range_inside(q: float, df: float, groups: int) -> float:
    """Return the distribution function of the studentized range."""
    from scipy.special import ndtr

    z, wz = _normal_nodes(8.0)
    s, ws = _chi_nodes(df)
    width = ndtr(z[None, :] + q * s[:, None]) - ndtr(z)[None, :]
    return float(ws @ (groups * width ** (groups - 1)) @ wz)
