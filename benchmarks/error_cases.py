"""Simulated nested counts and proportions, and every analysis of them, thousands of studies at once.

The analyses that soleus ships are its own code (``soleus.analysis``); the wrong ones stand beside.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from soleus.analysis.bootstrap import bootstrap_tests
from soleus.analysis.contrasts import Estimates, quasi_binomial, quasi_poisson, totals_robust, welch
from soleus.analysis.equivalence import ALPHA
from soleus.analysis.likelihoods import BetaBinomial, Likelihood, NegativeBinomialMixed, fit
from soleus.analysis.predictor import two_groups
from soleus.planning.batch import Counts, Shares, analyse_counts, analyse_shares

__all__ = [
    "ANALYSES",
    "OF_SHARES",
    "WRONG",
    "rates",
    "simulated_models",
]

Array = NDArray[np.float64]
TRIALS = 150
_WEIGHTS = (1.0, -1.0)
_LARGE = 1e9  # degrees of freedom of a normal reference


def rates(found: Estimates, truth: float) -> dict[str, float]:
    """Return how often no effect is rejected at 5 %, and how often the 95 % interval holds ``truth``.

    ``undetermined`` is the share of studies without an answer; it counts in neither of the others.
    """
    usable = (found.se > 0.0) & np.isfinite(found.estimate) & np.isfinite(found.se)
    n = int(usable.sum())
    if not n:
        return {"undetermined": 1.0}
    told = Estimates(found.estimate[usable], found.se[usable], found.df[usable])
    low, high = told.interval(0.95)
    rejected = float((told.p_value < 0.05).mean())
    covered = float(((low <= truth) & (truth <= high)).mean())
    error = math.sqrt(max(rejected * (1.0 - rejected), 1e-12) / n)
    return {
        "rejection": rejected,
        "rejection_error": error,
        "coverage": covered,
        "coverage_error": math.sqrt(max(covered * (1.0 - covered), 1e-12) / n),
        "undetermined": 1.0 - n / len(usable),
    }


def _welch_log(study: Counts) -> Estimates:
    logs = [np.log(t / s) for t, s in zip(study.totals, study.sizes, strict=True)]
    found = welch(logs, _WEIGHTS)
    bad = np.logical_or.reduce([(part == 0).any(axis=1) for part in study.totals])
    return Estimates(np.where(bad, np.nan, found.estimate), np.where(bad, np.nan, found.se), found.df)


def _quasi_poisson(study: Counts) -> Estimates:
    with np.errstate(divide="ignore", invalid="ignore"):
        return quasi_poisson(study.totals, study.sizes, _WEIGHTS)


def _robust(study: Counts) -> Estimates:
    return totals_robust(study.totals, study.sizes, _WEIGHTS, shares=False)


def _sections_t(study: Counts) -> Estimates:
    """Student's t test on sections; its difference is divided by nothing, so its truth is a difference."""
    one, other = study.flat
    df = float(one.shape[1] + other.shape[1] - 2)
    pooled = (one.var(axis=1) * one.shape[1] + other.var(axis=1) * other.shape[1]) / df
    se = np.sqrt(pooled * (1.0 / one.shape[1] + 1.0 / other.shape[1]))
    return Estimates(one.mean(axis=1) - other.mean(axis=1), se, np.full(len(one), df))


def _sections_poisson(study: Counts) -> Estimates:
    totals = [part.sum(axis=1) for part in study.flat]
    rate = [total / part.shape[1] for total, part in zip(totals, study.flat, strict=True)]
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate, se = np.log(rate[0] / rate[1]), np.sqrt(1.0 / totals[0] + 1.0 / totals[1])
    return Estimates(estimate, se, np.full_like(se, _LARGE))


def _totals_nb_wald(study: Counts) -> Estimates:
    """Maximum likelihood with one size for both groups, by golden section on its log; Wald z."""
    from scipy.special import gammaln

    totals = study.totals
    means = [part.mean(axis=1, keepdims=True) for part in totals]
    low, high = np.full(len(totals[0]), -3.0), np.full(len(totals[0]), 12.0)

    def log_lik(log_size: Array) -> Array:
        size = np.exp(log_size)[:, None]
        out = np.zeros(len(log_size))
        for part, mean in zip(totals, means, strict=True):
            mean = np.maximum(mean, 1e-9)
            rate = np.log(mean) - np.log(size + mean)
            one = gammaln(part + size) - gammaln(size) + part * rate - size * np.log1p(mean / size)
            out += one.sum(axis=1)
        return out

    golden = (math.sqrt(5.0) - 1.0) / 2.0
    for _ in range(36):
        inner, outer = high - golden * (high - low), low + golden * (high - low)
        left = log_lik(inner) > log_lik(outer)
        low, high = np.where(left, low, inner), np.where(left, outer, high)
    size = np.exp((low + high) / 2.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [(1.0 / mean[:, 0] + 1.0 / size) / t.shape[1] for mean, t in zip(means, totals, strict=True)]
        estimate = np.log(means[0][:, 0] / means[1][:, 0])
    return Estimates(estimate, np.sqrt(parts[0] + parts[1]), np.full(len(size), _LARGE))


ANALYSES: dict[str, Callable[[Counts], Estimates]] = {
    "default": analyse_counts,
    "Welch on logs alone": _welch_log,
    "totals, robust, alone": _robust,
    "quasi-Poisson on totals alone": _quasi_poisson,
}
"""Those that soleus ships."""


def _quasi_binomial(study: Shares) -> Estimates:
    with np.errstate(divide="ignore", invalid="ignore"):
        return quasi_binomial(study.marked, study.trials, _WEIGHTS)


def _empirical_logits(study: Shares) -> Estimates:
    parts = zip(study.marked, study.trials, strict=True)
    return welch([np.log((y + 0.5) / (n - y + 0.5)) for y, n in parts], _WEIGHTS)


OF_SHARES: dict[str, Callable[[Shares], Estimates]] = {
    "default (totals, robust)": analyse_shares,
    "quasi-binomial, one factor": _quasi_binomial,
    "Welch on empirical logits": _empirical_logits,
}
"""Of shares: the default, what it was before, and a common choice."""

WRONG: dict[str, Callable[[Counts], Estimates]] = {
    "t test on sections": _sections_t,
    "Poisson GLM on sections": _sections_poisson,
    "negative-binomial GLM on totals, Wald": _totals_nb_wald,
}
"""Those that papers hold; the first compares means, not their ratio."""


def simulated_models(
    n: tuple[int, int], truth: float, data: Array, *, draws: int, rng: np.random.Generator
) -> dict[str, dict[str, float]]:
    """Return the rates of a likelihood-ratio test with its simulated, and with the chi-square, reference.

    Parameters
    ----------
    n
        Animals treated and control.
    truth
        True contrast on the link scale.
    data
        Counts (studies, animals, sections), or marked cells (studies, animals); treated first.
    draws
        Simulated data sets for each study.
    rng
        Their source.
    """
    from scipy.special import chdtri

    treated = np.repeat([1.0, 0.0], n)
    model: Likelihood
    if data.ndim == 3:
        sections = np.repeat(treated[:, None], data.shape[2], axis=1)
        model = NegativeBinomialMixed(np.ones(data.shape[1:]), two_groups(sections))
    else:
        model = BetaBinomial(np.full(data.shape[1], float(TRIALS)), two_groups(treated))
    _, observed, simulated = bootstrap_tests(model, data, draws=draws, rng=rng)
    at_truth = 2.0 * (fit(model, data)[1] - fit(model, data, effect=truth)[1])
    p = (1 + (simulated >= observed[:, None]).sum(axis=1)) / (1 + draws)
    rank = min(draws, math.ceil((draws + 1) * 0.95))
    critical = np.sort(simulated, axis=1)[:, rank - 1]
    fixed = float(chdtri(1, 0.05))
    return {
        "parametric bootstrap": _shares(p <= ALPHA, at_truth <= critical),
        "chi-square reference": _shares(observed > fixed, at_truth <= fixed),
    }


def _shares(rejected: NDArray[np.bool_], covered: NDArray[np.bool_]) -> dict[str, float]:
    n = len(rejected)
    out = {}
    for name, flags in (("rejection", rejected), ("coverage", covered)):
        rate = float(flags.mean())
        out[name], out[f"{name}_error"] = rate, math.sqrt(max(rate * (1.0 - rate), 1e-12) / n)
    return out
