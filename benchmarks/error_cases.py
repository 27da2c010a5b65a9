"""Simulated nested counts and proportions, and every analysis of them, thousands of studies at once.

The analyses that soleus ships are its own code (``soleus.analysis``); the wrong ones stand beside.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soleus.analysis.bootstrap import bootstrap_tests
from soleus.analysis.contrasts import Estimates, quasi_binomial, quasi_poisson, welch
from soleus.analysis.equivalence import ALPHA
from soleus.analysis.likelihoods import BetaBinomial, Likelihood, NegativeBinomialMixed, fit

__all__ = [
    "ANALYSES",
    "Cell",
    "Study",
    "WRONG",
    "of_proportions",
    "proportions",
    "rates",
    "simulate",
    "simulated_models",
]

Array = NDArray[np.float64]
SECTIONS = 8
ANIMAL_CV = 0.3
SECTION_SHAPE = 8.0
TRIALS = 150
SHARE, PRECISION = 0.3, 30.0
_WEIGHTS = (1.0, -1.0)
_LARGE = 1e9  # degrees of freedom of a normal reference


@dataclass(frozen=True, slots=True)
class Cell:
    """Animals treated and control, mean cells a control section, true ratio of means."""

    treated: int
    control: int
    mean: float
    ratio: float


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """Counts of the sections of two groups, shape (studies, animals, sections)."""

    cell: Cell
    treated: Array
    control: Array

    @property
    def totals(self) -> list[Array]:
        """Total count of each animal."""
        return [self.treated.sum(axis=2), self.control.sum(axis=2)]

    @property
    def sections(self) -> list[Array]:
        """All sections of a group in one row."""
        return [part.reshape(len(part), -1) for part in (self.treated, self.control)]


def simulate(cell: Cell, studies: int, rng: np.random.Generator) -> Study:
    """Draw studies: log-normal animals of CV 0.3, gamma sections of shape 8, Poisson counts."""
    sigma = math.sqrt(math.log(1.0 + ANIMAL_CV**2))
    parts = []
    for n, mean in ((cell.treated, cell.mean * cell.ratio), (cell.control, cell.mean)):
        animals = rng.lognormal(-(sigma**2) / 2.0, sigma, (studies, n, 1))
        sections = rng.gamma(SECTION_SHAPE, 1.0 / SECTION_SHAPE, (studies, n, SECTIONS))
        parts.append(rng.poisson(mean * animals * sections).astype(np.float64))
    return Study(cell, *parts)


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


def _welch_log(study: Study) -> Estimates:
    with np.errstate(divide="ignore", invalid="ignore"):
        found = welch([np.log(part) for part in study.totals], _WEIGHTS)
    bad = np.logical_or.reduce([(part == 0).any(axis=1) for part in study.totals])
    return Estimates(np.where(bad, np.nan, found.estimate), np.where(bad, np.nan, found.se), found.df)


def _quasi_poisson(study: Study) -> Estimates:
    totals = study.totals
    with np.errstate(divide="ignore", invalid="ignore"):
        return quasi_poisson(totals, [np.ones_like(part) for part in totals], _WEIGHTS)


def _default(study: Study) -> Estimates:
    logs, quasi = _welch_log(study), _quasi_poisson(study)
    none = np.isnan(logs.estimate)
    return Estimates(
        np.where(none, quasi.estimate, logs.estimate),
        np.where(none, quasi.se, logs.se),
        np.where(none, quasi.df, logs.df),
    )


def _sections_t(study: Study) -> Estimates:
    """Student's t test on sections; its difference is divided by nothing, so its truth is a difference."""
    one, other = study.sections
    df = float(one.shape[1] + other.shape[1] - 2)
    pooled = (one.var(axis=1) * one.shape[1] + other.var(axis=1) * other.shape[1]) / df
    se = np.sqrt(pooled * (1.0 / one.shape[1] + 1.0 / other.shape[1]))
    return Estimates(one.mean(axis=1) - other.mean(axis=1), se, np.full(len(one), df))


def _sections_poisson(study: Study) -> Estimates:
    totals = [part.sum(axis=1) for part in study.sections]
    rate = [total / part.shape[1] for total, part in zip(totals, study.sections, strict=True)]
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate, se = np.log(rate[0] / rate[1]), np.sqrt(1.0 / totals[0] + 1.0 / totals[1])
    return Estimates(estimate, se, np.full_like(se, _LARGE))


def _totals_nb_wald(study: Study) -> Estimates:
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


ANALYSES: dict[str, Callable[[Study], Estimates]] = {
    "default": _default,
    "Welch on logs alone": _welch_log,
    "quasi-Poisson on totals alone": _quasi_poisson,
}
"""Those that soleus ships."""

WRONG: dict[str, Callable[[Study], Estimates]] = {
    "t test on sections": _sections_t,
    "Poisson GLM on sections": _sections_poisson,
    "negative-binomial GLM on totals, Wald": _totals_nb_wald,
}
"""Those that papers hold; the first compares means, not their ratio."""


def proportions(
    n: tuple[int, int], odds_ratio: float, studies: int, *, rng: np.random.Generator
) -> list[Array]:
    """Draw marked cells among 150, share 0.3 in control, beta animals of precision 30."""
    odds = SHARE / (1.0 - SHARE) * odds_ratio
    shares = (odds / (1.0 + odds), SHARE)
    out = []
    for k, share in zip(n, shares, strict=True):
        own = rng.beta(share * PRECISION, (1.0 - share) * PRECISION, (studies, k))
        out.append(rng.binomial(TRIALS, own).astype(np.float64))
    return out


def of_proportions(marked: Sequence[Array]) -> Estimates:
    """Analyse proportions by the default."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return quasi_binomial(marked, [np.full_like(part, TRIALS) for part in marked], _WEIGHTS)


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
        model = NegativeBinomialMixed(np.ones(data.shape[1:]), treated)
    else:
        model = BetaBinomial(np.full(data.shape[1], float(TRIALS)), treated)
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
