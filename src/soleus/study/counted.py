"""Score counts whose animals share an observer, and whose read-outs share a niche size."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from soleus.assays import CountAssay, log_normal_mean, log_variance
from soleus.lineage.process import FloatArray, IntArray

__all__ = ["Counted", "counts_of_observer"]

# How far, in standard deviations, and how finely a score is tabulated by the log of the mean: cubic
# interpolation then errs by about 1e-6 for a thousand counted cells.
_REACH, _STEP = 10.0, 0.03
_FEW, _MORE = 31, 61


@dataclass(frozen=True, slots=True)
class Counted:
    """One animal's counts by one assay, with what is predicted for an average niche size.

    Attributes
    ----------
    counts
        Shape (units counted,).
    mean_cells, log_variance
        Mean of the true cells, and the variance of their logarithm apart from niche size.
    """

    assay: CountAssay
    counts: IntArray
    mean_cells: float
    log_variance: float

    def score(self, log_factor: FloatArray) -> FloatArray:
        """Return the log-probability at factors on the mean, shape (M,)."""
        means = self.mean_cells * np.exp(log_factor)
        return self.assay.log_prob(self.counts, mean_cells=means, animal_log_variance=self.log_variance)


_Score = Callable[[FloatArray], FloatArray]


def counts_of_observer(animals: Sequence[Sequence[Counted]], *, niche_spread: float) -> float:
    """Return the log-probability of the counts of all animals that one observer counted.

    Parameters
    ----------
    animals
        What was counted of each.
    niche_spread
        Variance of the log of the niche size.

    Notes
    -----
    The observer's standard normal number is integrated over all of them, each animal's niche size within.
    """
    if not any(one.assay.observer_cv for counted in animals for one in counted):
        return math.fsum(_over_sizes([one.score for one in counted], niche_spread) for counted in animals)
    tables = [[_tabulated(one, niche_spread) for one in counted] for counted in animals]
    spreads = [[log_variance(one.assay.observer_cv) for one in counted] for counted in animals]

    def given(z: FloatArray) -> FloatArray:
        found = []
        for x in z:
            shifted = [
                [_shifted(table, math.sqrt(s) * x - 0.5 * s) for table, s in zip(row, own, strict=True)]
                for row, own in zip(tables, spreads, strict=True)
            ]
            found.append(math.fsum(_over_sizes(scores, niche_spread) for scores in shifted))
        return np.array(found)

    return log_normal_mean(given, coarse=_FEW, fine=_MORE)


def _shifted(score: _Score, by: float) -> _Score:
    return lambda u: score(u + by)


def _over_sizes(scores: Sequence[_Score], spread: float) -> float:
    """Return the log-probability of one animal's counts, its niche size integrated out."""
    if not scores:
        return 0.0
    if spread == 0.0:
        return float(sum(score(np.zeros(1))[0] for score in scores))
    sd = math.sqrt(spread)
    return log_normal_mean(lambda z: np.asarray(sum(score(sd * z - 0.5 * spread) for score in scores)))


def _tabulated(one: Counted, niche_spread: float) -> _Score:
    """Return the score by the log of a factor on the mean, tabulated; straight beyond the table.

    The score is concave, so a straight line beyond bounds it; only counts more than ten standard
    deviations off the prediction come there.
    """
    from scipy.interpolate import CubicSpline

    reach = _REACH * math.sqrt(niche_spread + log_variance(one.assay.observer_cv))
    if one.mean_cells <= 0.0 or reach == 0.0:
        return one.score
    points = np.linspace(-reach, reach, 2 * math.ceil(reach / _STEP) + 1)
    spline = CubicSpline(points, one.score(points))
    slope = spline.derivative()(np.array([-reach, reach]))

    def score(u: FloatArray) -> FloatArray:
        beyond = u - np.clip(u, -reach, reach)
        return np.asarray(spline(u - beyond) + beyond * np.where(beyond < 0.0, slope[0], slope[1]))

    return score
