"""What a chase says of a culture: intervals, and whether they can be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from soleus.errors import InputError
from soleus.lineage.process import FloatArray

__all__ = ["ChasePosterior", "Interval", "weighted_intervals"]


@dataclass(frozen=True, slots=True)
class Interval:
    """A posterior median with the bounds of its central interval."""

    median: float
    low: float
    high: float

    def overlaps(self, other: Interval) -> bool:
        """Whether the two intervals share a value."""
        return self.low <= other.high and other.low <= self.high


@dataclass(frozen=True)
class ChasePosterior:
    """What a chase says of a culture.

    Attributes
    ----------
    intervals
        By name: ``g1_hours``, ``s_hours``, ``g2m_hours``, ``cycle_hours`` (their sum), ``doubling_hours``,
        ``growth_per_hour``, ``g0_share`` (of all cells), ``rest_probability`` (of a newborn cell),
        ``fading_hours`` (of the analogue), ``early`` and ``late`` (shares of S read as G1 and G2M) and
        ``g1_stages``.
    level
        Probability of each interval.
    draws, weights
        By the same names, shape (N,), and weights that add to 1.
    g1_stages
        Number of stages of G1 to its posterior probability.
    log_evidence
        Logarithm of the probability density of the data.
    effective
        Effective number of draws of the whole mixture over stages.
    k_hat
        Worst tail of importance weights among numbers of stages with more than 1 % of the probability.
    reliable
        Whether each of those was; if False the intervals are not to be used.
    shrinkage
        By parameter, one minus posterior over prior variance where the prior is a standard normal: near 0
        the data say nothing of it.
    fit_probability
        Posterior predictive probability of a chi-squared as large as that of the data: below 0.05 the
        model does not fit.
    expected
        Posterior mean of the labelled fractions, shape (T, 3).
    evaluations
        How often the model was solved.
    """

    intervals: Mapping[str, Interval]
    level: float
    draws: Mapping[str, FloatArray]
    weights: FloatArray
    g1_stages: Mapping[int, float]
    log_evidence: float
    effective: float
    k_hat: float
    reliable: bool
    shrinkage: Mapping[str, float]
    fit_probability: float
    expected: FloatArray
    evaluations: int
    seed: int

    def reweighted(self, factors: FloatArray) -> dict[str, Interval]:
        """Return the intervals under another prior.

        Parameters
        ----------
        factors
            Density of the other prior over that of the used one at each of ``draws``, up to a constant,
            shape (N,); 0 where the other has none.
        """
        given = np.asarray(factors, dtype=float)
        if (
            given.shape != self.weights.shape
            or not np.all(given >= 0.0)
            or not np.any(given * self.weights > 0.0)
        ):
            raise InputError(f"factors must be {len(self.weights)} numbers of at least 0, not all of them 0")
        weights = self.weights * given
        return weighted_intervals(self.draws, weights / weights.sum(), level=self.level)


def weighted_intervals(
    draws: Mapping[str, FloatArray], weights: FloatArray, *, level: float
) -> dict[str, Interval]:
    """Return median and central interval of each name's weighted draws, shapes (N,); weights add to 1."""
    return {name: _interval(values, weights, level) for name, values in draws.items()}


def _interval(values: FloatArray, weights: FloatArray, level: float) -> Interval:
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order]) - 0.5 * weights[order]
    tail = 0.5 * (1.0 - level)
    low, median, high = np.interp([tail, 0.5, 1.0 - tail], below, values[order])
    return Interval(float(median), float(low), float(high))
