"""Likelihood-ratio tests whose reference is simulated, and intervals that agree with them.

With five animals a group a likelihood ratio does not follow its chi-square: taken so, it rejects
a true null two to three times too often. Its distribution is simulated from the fit without an
effect; the same critical value cuts the profile likelihood for the interval, so that p < 0.05
exactly where the 95 % interval leaves out no effect.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soleus.analysis.likelihoods import Likelihood, fit

__all__ = ["BootstrapTest", "Joint", "bootstrap_tests", "joint_bootstrap", "parametric_bootstrap"]

Array = NDArray[np.float64]
_CHUNK = 2000
_GRID = 33


@dataclass(frozen=True, slots=True)
class BootstrapTest:
    """Contrast on the link scale with its interval and p value.

    ``p_error`` is the Monte-Carlo standard error of the p value.
    """

    estimate: float
    low: float
    high: float
    p_value: float
    p_error: float
    draws: int
    theta: tuple[float, ...]


def bootstrap_tests(
    model: Likelihood, data: Array, *, draws: int, rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    """Test no effect in each of many data sets of one design.

    Parameters
    ----------
    model
        The likelihood.
    data
        Shape (sets, ...).
    draws
        Simulated data sets for each.
    rng
        Source of the simulated data.

    Returns
    -------
    tuple
        Full fits (sets, p), observed likelihood ratios (sets,) and simulated ones (sets, draws).
    """
    theta, full = fit(model, data)
    null, bare = fit(model, data, effect=0.0)
    observed = 2.0 * np.maximum(full - bare, 0.0)
    simulated = np.empty(len(data) * draws)
    source = np.repeat(null, draws, axis=0)
    for first in range(0, len(source), _CHUNK):
        part = slice(first, first + _CHUNK)
        drawn = model.simulate(source[part], rng)
        # A group without a single cell puts the ratio at its bound; the likelihoods remain finite.
        simulated[part] = 2.0 * np.maximum(fit(model, drawn)[1] - fit(model, drawn, effect=0.0)[1], 0.0)
    return theta, observed, simulated.reshape(len(data), draws)


def parametric_bootstrap(
    model: Likelihood, data: Array, *, draws: int, rng: np.random.Generator, level: float = 0.95
) -> BootstrapTest:
    """Test no effect in one data set, with the interval that agrees.

    Parameters
    ----------
    model, draws, rng
        As for :func:`bootstrap_tests`.
    data
        One data set, without the leading axis.
    level
        Of the interval.

    Notes
    -----
    p = (1 + number of simulated ratios at least as large) / (1 + draws): Davison and Hinkley
    (1997), section 4.4.
    """
    theta, observed, simulated = bootstrap_tests(model, data[None], draws=draws, rng=rng)
    beyond = int((simulated[0] >= observed[0]).sum())
    p = (1 + beyond) / (1 + draws)
    rank = min(draws, max(1, math.ceil((draws + 1) * level)))
    critical = float(np.sort(simulated[0])[rank - 1])
    low, high = _profile(model, data, float(theta[0, 1]), critical)
    error = math.sqrt(p * (1.0 - p) / draws)
    return BootstrapTest(float(theta[0, 1]), low, high, p, error, draws, tuple(map(float, theta[0])))


@dataclass(frozen=True, slots=True)
class Joint:
    """One contrast of a family: estimate, simultaneous bounds and adjusted p value, on the link scale."""

    estimate: float
    low: float
    high: float
    p_value: float


def joint_bootstrap(
    models: Sequence[Likelihood],
    null: Likelihood,
    data: Array,
    *,
    draws: int,
    rng: np.random.Generator,
    level: float,
) -> list[Joint]:
    """Refer each contrast's likelihood ratio to the largest of the family, simulated without any effect.

    Parameters
    ----------
    models
        One model in as many forms as contrasts, each with its contrast as second parameter.
    null
        The model in which all groups are one.
    data
        One data set.
    draws, rng, level
        As for :func:`parametric_bootstrap`; the level holds for all intervals together.

    Notes
    -----
    Single-step, with the largest ratio in place of the largest t: Westfall and Young (1993), section 2.3.
    """
    theta = fit(null, data[None])[0]
    largest = np.empty(draws)
    for first in range(0, draws, _CHUNK):
        part = slice(first, min(first + _CHUNK, draws))
        drawn = null.simulate(np.repeat(theta, part.stop - first, axis=0), rng)
        full = fit(models[0], drawn)[1]
        bare = np.min([fit(one, drawn, effect=0.0)[1] for one in models], axis=0)
        largest[part] = 2.0 * np.maximum(full - bare, 0.0)
    rank = min(draws, max(1, math.ceil((draws + 1) * level)))
    critical = float(np.sort(largest)[rank - 1])
    out = []
    for one in models:
        own, full = fit(one, data[None])
        ratio = 2.0 * max(float(full[0] - fit(one, data[None], effect=0.0)[1][0]), 0.0)
        p = (1 + int((largest >= ratio).sum())) / (1 + draws)
        low, high = _profile(one, data, float(own[0, 1]), critical)
        out.append(Joint(float(own[0, 1]), low, high, p))
    return out


def _profile(model: Likelihood, data: Array, centre: float, critical: float) -> tuple[float, float]:
    """Return where the profile's likelihood ratio reaches ``critical`` on either side."""
    best = float(fit(model, data[None], effect=centre)[1][0])
    root = math.sqrt(critical)
    ends = []
    for sign in (-1.0, 1.0):
        reach = 0.0
        for width in (0.5, 2.0, 8.0, 24.0):
            offsets = np.linspace(reach, width, _GRID)
            repeated = np.repeat(data[None], _GRID, axis=0)
            profile = fit(model, repeated, effect=centre + sign * offsets)[1]
            # The signed root is nearly straight, so that interpolation is nearly exact.
            roots = np.sqrt(2.0 * np.maximum(best - profile, 0.0))
            over = np.flatnonzero(roots >= root)
            if len(over):
                k = max(int(over[0]), 1)
                share = (root - roots[k - 1]) / (roots[k] - roots[k - 1])
                ends.append(centre + sign * float(offsets[k - 1] + share * (offsets[k] - offsets[k - 1])))
                break
            reach = width
        else:
            ends.append(sign * math.inf)
    return ends[0], ends[1]
