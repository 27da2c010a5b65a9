"""What groups are compared in, log totals of counts and log-odds of shares, and how animals vary in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from soleus.assays import CountAssay, FractionAssay, log_variance
from soleus.lineage.process import FloatArray
from soleus.study.design import LabAssay
from soleus.study.spread import RATE_WEIGHTS, Relative

__all__ = ["Statistic", "animal_covariance", "statistic_values", "statistics_of"]


@dataclass(frozen=True, slots=True)
class Statistic:
    """One number per animal that groups are compared in.

    Parameters
    ----------
    assay
        A count: the log of the animal's total. A share: the log-odds of one category.
    category
        Which category, for a share.
    """

    name: str
    label: str
    assay: LabAssay
    category: int = 0

    @property
    def is_share(self) -> bool:
        """Whether it is a log-odds, not the log of a count."""
        return isinstance(self.assay, FractionAssay)


def statistics_of(assays: Sequence[LabAssay]) -> tuple[Statistic, ...]:
    """Return the statistics of assays: one a count, and all categories but the last of a share."""
    found: list[Statistic] = []
    for assay in assays:
        if isinstance(assay, CountAssay):
            found.append(Statistic(assay.readout.name, assay.readout.label, assay))
        else:
            one = len(assay.categories) == 2
            found += [
                Statistic(assay.name if one else r.name, r.label, assay, k)
                for k, r in enumerate(assay.categories[:-1])
            ]
    return tuple(found)


def _contrast(statistic: Statistic, places: Sequence[int], mean: FloatArray) -> FloatArray:
    """Return the derivative of a statistic by the logs of the mean read-outs, shape (R,)."""
    found = np.zeros(len(mean))
    if isinstance(statistic.assay, CountAssay):
        found[places[0]] = 1.0
        return found
    part = mean[list(places)][:, None] * statistic.assay.gating
    mine, rest = part[:, statistic.category], np.delete(part, statistic.category, axis=1).sum(axis=1)
    found[list(places)] = mine / mine.sum() - rest / rest.sum()
    return found


def statistic_values(statistics: Sequence[Statistic], index: dict[str, int], means: FloatArray) -> FloatArray:
    """Return the statistics of mean read-outs, shape (..., K).

    Parameters
    ----------
    index
        Read-out to its place in ``means``.
    means
        Mean true cells, shape (..., R).
    """
    found = []
    for statistic in statistics:
        places = [index[r.name] for r in statistic.assay.readouts]
        if isinstance(statistic.assay, CountAssay):
            found.append(np.log(means[..., places[0]]))
        else:
            share = statistic.assay.shares(means[..., places])[..., statistic.category]
            found.append(np.log(share) - np.log1p(-share))
    return np.stack(found, axis=-1)


def animal_covariance(
    statistics: Sequence[Statistic],
    index: dict[str, int],
    *,
    mean: FloatArray,
    relative: Relative,
    niche_cv: float,
) -> FloatArray:
    """Return the covariance of the statistics between animals of a group, shape (K, K).

    Parameters
    ----------
    mean
        Mean true cells of the group, shape (R,).
    relative
        Their spread apart from niche size.
    niche_cv
        Coefficient of variation of niche size, which all counts share and shares do not feel.

    Notes
    -----
    Delta method throughout: for coefficients of variation up to about one half.
    """
    rows = [_contrast(s, [index[r.name] for r in s.assay.readouts], mean) for s in statistics]
    contrasts = np.array(rows)
    own = np.einsum("k,akr,aks->rs", RATE_WEIGHTS, relative.own_rates, relative.own_rates)
    spread = contrasts @ (relative.demographic + own) @ contrasts.T
    counts = np.array([not s.is_share for s in statistics], dtype=float)
    spread += log_variance(niche_cv) * np.outer(counts, counts)
    return np.asarray(spread + _reading(statistics, index, mean))


def _reading(statistics: Sequence[Statistic], index: dict[str, int], mean: FloatArray) -> FloatArray:
    """Return what counting and gating add, shape (K, K): shares of one tube are read together."""
    found = np.zeros((len(statistics), len(statistics)))
    for i, one in enumerate(statistics):
        places = [index[r.name] for r in one.assay.readouts]
        if isinstance(one.assay, CountAssay):
            found[i, i] = _of_count(one.assay, float(mean[places[0]]))
            continue
        share = one.assay.shares(mean[places])
        events = one.assay.events
        reading = (1.0 / events + (1.0 - 1.0 / events) / (one.assay.concentration + 1.0)) / one.assay.units
        for j, other in enumerate(statistics):
            if other.assay is one.assay:
                found[i, j] = reading * _multinomial(share, one.category, other.category)
    return found


def _of_count(assay: CountAssay, mean: float) -> float:
    """Return the variance of the log of an animal's total that counting adds to its true cells."""
    expected, variance, covariance = assay.unit_moments(mean)
    n = assay.units
    return float(np.log1p((n * variance + n * (n - 1) * covariance) / (n * expected) ** 2))


def _multinomial(share: FloatArray, a: int, b: int) -> float:
    """Return the covariance of two log-odds of shares for one event."""
    p, q = float(share[a]), float(share[b])
    if a == b:
        return 1.0 / (p * (1.0 - p))
    return -1.0 / ((1.0 - p) * (1.0 - q))
