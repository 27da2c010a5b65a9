"""Contrasts of group means and rates, for one data set or for many at once.

Each function takes one array a group, of shape (..., units), and one weight a group; leading axes
are independent data sets. With the weights (1, -1) it compares two groups; with four weights it
gives a main effect or the interaction of a 2 x 2 design.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Estimates",
    "default_rates",
    "pooled",
    "quasi_binomial",
    "quasi_poisson",
    "totals_robust",
    "welch",
]

Array = NDArray[np.float64]

# Spread at the level of rounding is no spread.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """Estimates on the link scale, their standard errors and the degrees of freedom of their t reference.

    Arrays of one shape, one element a data set. Where no unit differs from another of its group,
    ``se`` is 0, and neither p value nor interval means anything.
    """

    estimate: Array
    se: Array
    df: Array
    parts: tuple[Array, ...] = ()
    """Variance that each group adds, where groups add up."""

    @property
    def p_value(self) -> Array:
        """Two-sided p values of a contrast of 0."""
        from scipy.special import stdtr

        with np.errstate(divide="ignore", invalid="ignore"):
            p: Array = 2.0 * stdtr(self.df, -np.abs(self.estimate) / self.se)
        return p

    def interval(self, level: float = 0.95) -> tuple[Array, Array]:
        """Return lower and upper bounds on the link scale."""
        from scipy.special import stdtrit

        half = stdtrit(self.df, 0.5 + level / 2.0) * self.se
        return self.estimate - half, self.estimate + half


def welch(samples: Sequence[Array], weights: Sequence[float]) -> Estimates:
    """Contrast means without assuming equal spread.

    Parameters
    ----------
    samples
        One array a group, shape (..., n), n at least 2; give logs for a ratio of geometric means.
    weights
        One weight a group.

    Notes
    -----
    Degrees of freedom by Welch (1947, doi 10.1093/biomet/34.1-2.28) and Satterthwaite (1946,
    doi 10.2307/3002019).
    """
    estimate, variance, spread = _zeros(samples), _zeros(samples), _zeros(samples)
    flat = np.ones_like(estimate, dtype=bool)
    parts = []
    for values, weight in zip(samples, weights, strict=True):
        n = values.shape[-1]
        share = weight**2 * values.var(axis=-1, ddof=1) / n
        estimate += weight * values.mean(axis=-1)
        variance += share
        spread += share**2 / (n - 1)
        parts.append(share)
        flat &= np.ptp(values, axis=-1) <= _ROUNDING * (1.0 + np.abs(values).max(axis=-1))
    variance = np.where(flat, 0.0, variance)
    df = np.full_like(variance, sum(v.shape[-1] - 1 for v in samples))
    np.divide(variance**2, spread, out=df, where=variance > 0.0)
    return Estimates(estimate, np.sqrt(variance), df, tuple(parts))


def pooled(samples: Sequence[Array], weights: Sequence[float]) -> Estimates:
    """Contrast means of groups that spread alike; t on the residual degrees of freedom (Student's t)."""
    df = float(sum(values.shape[-1] for values in samples) - len(samples))
    squares = sum(values.var(axis=-1) * values.shape[-1] for values in samples)
    top = sum(np.abs(values).max(axis=-1) for values in samples)
    variance: Array = np.where(squares <= (_ROUNDING * (1.0 + top)) ** 2, 0.0, squares / df)
    estimate, whole = _zeros(samples), _zeros(samples)
    parts = []
    for values, weight in zip(samples, weights, strict=True):
        estimate += weight * values.mean(axis=-1)
        parts.append(variance * weight**2 / values.shape[-1])
        whole += parts[-1]
    return Estimates(estimate, np.sqrt(whole), np.full_like(whole, df), tuple(parts))


def totals_robust(
    counts: Sequence[Array], sizes: Sequence[Array], weights: Sequence[float], *, shares: bool
) -> Estimates:
    """Contrast log rates, or log odds of shares, of group totals; each group has a spread of its own.

    Parameters
    ----------
    counts, sizes
        One array a group, shape (..., n): total count (or marked cells) and total exposure (or cells
        looked at) of each unit; at least one cell in each group, and with ``shares`` one without the mark.
    weights
        One weight a group.
    shares
        Log odds instead of log rates.

    Notes
    -----
    The estimate is that of the totals. Its variance is the sandwich of the residuals of the units, each
    divided by one minus its leverage (HC2: MacKinnon and White 1985, doi 10.1016/0304-4076(85)90158-7).
    Degrees of freedom as Bell and McCaffrey (2002), with a Poisson or binomial working variance plus the
    overdispersion that the group shows, and between groups as Welch's. Chosen by simulation over one Pearson
    factor for all groups, which rejects a true null in 14 to 18 % of studies where sizes differ much.
    """
    estimate, variance, spread = _zeros(counts), _zeros(counts), _zeros(counts)
    parts = []
    with np.errstate(divide="ignore", invalid="ignore"):
        for count, size, weight in zip(counts, sizes, weights, strict=True):
            whole = size.sum(axis=-1)
            rate = count.sum(axis=-1) / whole
            basic = rate * (1.0 - rate) if shares else rate
            leverage = size / whole[..., None]
            rest = count - rate[..., None] * size
            squares = rest**2 / (1.0 - leverage)
            own = squares.sum(axis=-1) / (whole * basic) ** 2 * weight**2
            own = np.where(squares.sum(axis=-1) <= _ROUNDING * count.sum(axis=-1), 0.0, own)
            expected = _working(size, squares.sum(axis=-1), rate=rate, basic=basic, shares=shares)
            spread += own**2 / _bell_mccaffrey(expected, leverage)
            variance += own
            parts.append(own)
            estimate += weight * (np.log(rate) - np.log1p(-rate) if shares else np.log(rate))
    df = np.full_like(variance, sum(v.shape[-1] - 1 for v in counts))
    np.divide(variance**2, spread, out=df, where=variance > 0.0)
    return Estimates(estimate, np.sqrt(variance), df, tuple(parts))


def _working(size: Array, squares: Array, *, rate: Array, basic: Array, shares: bool) -> Array:
    """Return a variance for each unit: Poisson or binomial, plus what differs between units of the group."""
    plain = basic[..., None] * size
    more = plain * (size - 1.0) if shares else (rate[..., None] * size) ** 2
    excess = np.clip((squares - plain.sum(axis=-1)) / more.sum(axis=-1), 0.0, 1.0 if shares else 50.0)
    found: Array = plain + np.nan_to_num(excess)[..., None] * more
    return found


def _bell_mccaffrey(expected: Array, leverage: Array) -> Array:
    """Return the degrees of freedom of a sum of squared residuals about one rate."""
    # Residuals are (I - h 1') e; the matrix of their weighted square has these traces, in sums over units.
    weight, whole = 1.0 / (1.0 - leverage), expected.sum(axis=-1)
    of_hh = (weight * leverage**2).sum(axis=-1)
    of_he, of_ee = (weight * leverage * expected).sum(axis=-1), (weight * expected**2).sum(axis=-1)
    own = leverage**2 * whole[..., None] - 2.0 * leverage * expected
    first = (weight * (expected + own)).sum(axis=-1)
    second = (weight**2 * (expected**2 + 2.0 * expected * own)).sum(axis=-1)
    second += whole**2 * of_hh**2 + 2.0 * of_hh * of_ee + 2.0 * of_he**2 - 4.0 * whole * of_hh * of_he
    found: Array = first**2 / second
    return found


def default_rates(counts: Sequence[Array], sizes: Sequence[Array], weights: Sequence[float]) -> Estimates:
    """Contrast log rates as a table's counts are by default: logs of densities, totals where one is 0.

    Parameters
    ----------
    counts, sizes, weights
        As for :func:`totals_robust`. A data set with a group without any cell gets NaN.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = welch([np.log(c / s) for c, s in zip(counts, sizes, strict=True)], weights)
        totals = totals_robust(counts, sizes, weights, shares=False)
    zero = np.logical_or.reduce([(count == 0).any(axis=-1) for count in counts])
    empty = np.logical_or.reduce([~(count > 0).any(axis=-1) for count in counts])
    chosen = [np.where(zero, t, w) for t, w in ((totals.estimate, logs.estimate), (totals.se, logs.se))]
    df = np.where(zero, totals.df, logs.df)
    return Estimates(np.where(empty, np.nan, chosen[0]), np.where(empty, np.nan, chosen[1]), df)


def quasi_poisson(counts: Sequence[Array], exposures: Sequence[Array], weights: Sequence[float]) -> Estimates:
    """Contrast log rates of counts whose variance is proportional to their mean.

    Parameters
    ----------
    counts, exposures
        One array a group, shape (..., n): total count and total exposure of each unit; at least
        one cell in each group.
    weights
        One weight a group.

    Notes
    -----
    With groups alone and a log link the fit is closed: a group's rate is its total count over its
    total exposure. Dispersion by Pearson's X2 over N - groups (Wedderburn 1974, doi
    10.1093/biomet/61.3.439), t reference on as many degrees of freedom.
    """
    totals = [count.sum(axis=-1) for count in counts]
    # The information of a group about its log rate is its total count, per unit of dispersion.
    return _quasi(counts, exposures, weights, link=np.log, variance_of=lambda rate: rate, information=totals)


def quasi_binomial(
    successes: Sequence[Array], trials: Sequence[Array], weights: Sequence[float]
) -> Estimates:
    """Contrast log odds of shares whose variance is proportional to the binomial's.

    Parameters
    ----------
    successes, trials
        One array a group, shape (..., n): cells that have the mark, and cells looked at, of each
        unit; each group needs cells with and cells without the mark.
    weights
        One weight a group.

    Notes
    -----
    As :func:`quasi_poisson`, with the logit link (McCullagh and Nelder 1989, section 4.5).
    """
    information = []
    for marked, looked in zip(successes, trials, strict=True):
        share = marked.sum(axis=-1) / looked.sum(axis=-1)
        information.append(looked.sum(axis=-1) * share * (1.0 - share))
    return _quasi(
        successes,
        trials,
        weights,
        link=lambda p: np.log(p) - np.log1p(-p),
        variance_of=lambda p: p * (1.0 - p),
        information=information,
    )


def _quasi(
    values: Sequence[Array],
    sizes: Sequence[Array],
    weights: Sequence[float],
    *,
    link: Callable[[Array], Array],
    variance_of: Callable[[Array], Array],
    information: Sequence[Array],
) -> Estimates:
    estimate, pearson, inverse = _zeros(values), _zeros(values), _zeros(values)
    for value, size, weight, known in zip(values, sizes, weights, information, strict=True):
        rate = value.sum(axis=-1, keepdims=True) / size.sum(axis=-1, keepdims=True)
        pearson += ((value - rate * size) ** 2 / (size * variance_of(rate))).sum(axis=-1)
        estimate += weight * link(rate[..., 0])
        inverse += weight**2 / known
    df = float(sum(value.shape[-1] for value in values) - len(values))
    pearson = np.where(pearson <= _ROUNDING * sum(v.sum(axis=-1) for v in values), 0.0, pearson)
    return Estimates(estimate, np.sqrt(pearson / df * inverse), np.full_like(estimate, df))


def _zeros(samples: Sequence[Array]) -> Array:
    return np.zeros(np.broadcast_shapes(*(np.shape(values)[:-1] for values in samples)))
