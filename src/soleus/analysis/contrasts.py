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

__all__ = ["Estimates", "quasi_binomial", "quasi_poisson", "welch"]

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
    for values, weight in zip(samples, weights, strict=True):
        n = values.shape[-1]
        share = weight**2 * values.var(axis=-1, ddof=1) / n
        estimate += weight * values.mean(axis=-1)
        variance += share
        spread += share**2 / (n - 1)
        flat &= np.ptp(values, axis=-1) <= _ROUNDING * (1.0 + np.abs(values).max(axis=-1))
    variance = np.where(flat, 0.0, variance)
    df = np.full_like(variance, sum(v.shape[-1] - 1 for v in samples))
    np.divide(variance**2, spread, out=df, where=variance > 0.0)
    return Estimates(estimate, np.sqrt(variance), df)


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
