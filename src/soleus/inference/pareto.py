"""Pareto-smoothed importance weights, and the figure that says whether they can be trusted."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from soleus.errors import InputError
from soleus.lineage.process import FloatArray

__all__ = ["SmoothedWeights", "fit_pareto_tail", "smooth_weights"]

_FEWEST_IN_TAIL = 5
_HIGHEST_K = 0.7


@dataclass(frozen=True)
class SmoothedWeights:
    """Importance weights after smoothing.

    Attributes
    ----------
    weights
        Shape (N,), adding to 1.
    log_mean
        Logarithm of the mean of the unnormalised smoothed weights: the log-evidence where they are
        posterior over proposal.
    k_hat
        Shape of the generalised Pareto tail: above 0.5 the variance of the raw weights is infinite,
        above 1 their mean. Infinite where there are too few draws to tell.
    k_limit
        What k_hat may not pass for this number of draws: ``min(1 - 1 / log10 N, 0.7)``.
    effective
        Effective number of draws, ``1 / sum(weights**2)``.
    """

    weights: FloatArray
    log_mean: float
    k_hat: float
    k_limit: float
    effective: float


def smooth_weights(log_weights: FloatArray) -> SmoothedWeights:
    """Return Pareto-smoothed importance weights.

    Parameters
    ----------
    log_weights
        Logarithms of target over proposal, up to a constant, shape (N,); -inf where the target is 0.

    Notes
    -----
    The largest ``min(N / 5, 3 sqrt(N))`` weights are replaced by the expected order statistics of the
    generalised Pareto distribution fitted to them, none above the largest raw weight: Vehtari et al. 2015
    (doi 10.48550/arXiv.1507.02646), section 2. Independent draws are assumed.

    Raises
    ------
    InputError
        If a weight is NaN or infinite, or all are 0.
    """
    raw = np.asarray(log_weights, dtype=float)
    if raw.ndim != 1 or len(raw) < 2 or np.any(np.isnan(raw)) or np.any(raw == np.inf):
        raise InputError("log_weights must be a list of at least two numbers, none NaN or above all bounds")
    top = float(raw.max())
    if top == -math.inf:
        raise InputError("all weights are 0: no draw of the proposal has any posterior probability")
    number = len(raw)
    weights = np.exp(raw - top)
    tail = int(math.ceil(min(0.2 * number, 3.0 * math.sqrt(number))))
    k_hat = math.inf
    if tail >= _FEWEST_IN_TAIL:
        order = np.argsort(weights, kind="stable")
        inside = order[-tail:]
        cut = float(weights[order[-tail - 1]])
        exceed = weights[inside] - cut
        if exceed[-1] > 0.0:
            k_hat, sigma = fit_pareto_tail(exceed)
            weights[inside] = np.minimum(cut + _pareto_quantiles(k_hat, sigma, tail), 1.0)
        else:
            k_hat = 0.0  # equal weights: no tail at all
    total = float(weights.sum())
    share = weights / total
    return SmoothedWeights(
        weights=share,
        log_mean=top + math.log(total / number),
        k_hat=k_hat,
        k_limit=min(1.0 - 1.0 / math.log10(max(number, 11)), _HIGHEST_K),
        effective=1.0 / float(np.sum(share**2)),
    )


def _pareto_quantiles(k: float, sigma: float, number: int) -> FloatArray:
    below = (np.arange(number) + 0.5) / number
    if abs(k) < 1e-12:
        return np.asarray(-sigma * np.log1p(-below))
    return np.asarray(sigma * np.expm1(-k * np.log1p(-below)) / k)


def fit_pareto_tail(exceed: FloatArray) -> tuple[float, float]:
    """Return shape k and scale of a generalised Pareto distribution.

    Parameters
    ----------
    exceed
        Exceedances, at least 0, ascending, shape (M,).

    Notes
    -----
    Zhang and Stephens 2009 (doi 10.1198/tech.2009.08017): the posterior mean of ``theta = -k / sigma`` on a
    grid of the profile likelihood; then, as Vehtari et al. have it, k is drawn to 0.5 with the weight of
    ten exceedances.
    """
    x = np.asarray(exceed, dtype=float)
    n = len(x)
    if not (n and x[0] >= 0.0 and x[-1] > 0.0):
        raise InputError("exceedances must be ascending, at least 0, and not all 0")
    points = 30 + int(math.sqrt(n))
    quartile = max(float(x[int(n / 4 + 0.5) - 1]), 1e-300)
    grid = np.arange(1, points + 1) - 0.5
    theta = 1.0 / x[-1] + (1.0 - np.sqrt(points / grid)) / (3.0 * quartile)
    theta = theta[theta != 0.0]
    k = np.log1p(-theta[:, None] * x).mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        profile = n * (np.log(-theta / k) - k - 1.0)
    profile = np.where(np.isnan(profile), -np.inf, profile)
    weight = np.exp(profile - profile.max())
    best = float(np.sum(theta * weight) / weight.sum())
    shape = float(np.log1p(-best * x).mean())
    sigma = -shape / best
    return (n * shape + 5.0) / (n + 10.0), sigma
