"""Many small studies at once, as arrays: drawn with a known truth, and analysed as a table is.

A study is two groups of animals; leading axes are independent studies. Nothing here knows a biology:
spreads are given, and the analyses are those of :mod:`soleus.analysis`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soleus.analysis.contrasts import Estimates, default_rates, totals_robust

__all__ = ["CountCell", "Counts", "Shares", "analyse_counts", "analyse_shares", "draw_counts", "draw_shares"]

Array = NDArray[np.float64]
_PAIR = (1.0, -1.0)


@dataclass(frozen=True, slots=True)
class CountCell:
    """What studies of counts are drawn from.

    Parameters
    ----------
    treated, control
        Animals a group.
    mean
        Cells a section of a control animal.
    ratio
        True ratio of means.
    sections
        Of each animal.
    animal_cv
        Between animals, log-normal.
    section_shape
        Of the gamma between the sections of an animal.
    exposures
        Lowest and highest exposure of an animal, uniform on the log scale; its sections share it.
    """

    treated: int
    control: int
    mean: float
    ratio: float
    sections: int = 8
    animal_cv: float = 0.3
    section_shape: float = 8.0
    exposures: tuple[float, float] = (1.0, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Counts of sections of two groups, shape (studies, animals, sections), and exposures of animals."""

    cell: CountCell
    treated: Array
    control: Array
    sizes: tuple[Array, Array]

    @property
    def totals(self) -> list[Array]:
        """Total count of each animal."""
        return [self.treated.sum(axis=2), self.control.sum(axis=2)]

    @property
    def flat(self) -> list[Array]:
        """All sections of a group in one row."""
        return [part.reshape(len(part), -1) for part in (self.treated, self.control)]


def draw_counts(cell: CountCell, studies: int, rng: np.random.Generator) -> Counts:
    """Draw studies: log-normal animals, gamma sections within them, Poisson counts."""
    sigma = math.sqrt(math.log(1.0 + cell.animal_cv**2))
    low, high = cell.exposures
    parts, sizes = [], []
    for n, mean in ((cell.treated, cell.mean * cell.ratio), (cell.control, cell.mean)):
        animals = rng.lognormal(-(sigma**2) / 2.0, sigma, (studies, n, 1))
        sections = rng.gamma(cell.section_shape, 1.0 / cell.section_shape, (studies, n, cell.sections))
        size = np.ones((studies, n))
        if high > low:
            size = np.exp(rng.uniform(math.log(low), math.log(high), (studies, n)))
        parts.append(rng.poisson(mean * animals * sections * size[..., None]).astype(np.float64))
        sizes.append(size)
    return Counts(cell, parts[0], parts[1], (sizes[0], sizes[1]))


def analyse_counts(study: Counts) -> Estimates:
    """Return treated over control by the default of counts, one estimate a study."""
    return default_rates(study.totals, study.sizes, _PAIR)


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """Marked cells and cells looked at of two groups, each shape (studies, animals)."""

    marked: tuple[Array, Array]
    trials: tuple[Array, Array]


def draw_shares(
    n: tuple[int, int],
    studies: int,
    *,
    share: float,
    odds_ratio: float,
    trials: tuple[int, int],
    precision: float,
    rng: np.random.Generator,
) -> Shares:
    """Draw shares of beta-distributed animals.

    Parameters
    ----------
    n
        Animals treated and control.
    studies
        How many.
    share
        Of control.
    odds_ratio
        True.
    trials
        Fewest and most cells looked at in an animal, uniform on the log scale.
    precision
        Of the beta distribution; the intraclass correlation is 1 / (1 + precision).
    rng
        Source of the draws.
    """
    odds = share / (1.0 - share) * odds_ratio
    marked, looked = [], []
    for k, p in zip(n, (odds / (1.0 + odds), share), strict=True):
        size = np.full((studies, k), float(trials[0]))
        if trials[1] > trials[0]:
            size = np.round(np.exp(rng.uniform(math.log(trials[0]), math.log(trials[1]), (studies, k))))
        own = rng.beta(p * precision, (1.0 - p) * precision, (studies, k))
        marked.append(rng.binomial(size.astype(np.int64), own).astype(np.float64))
        looked.append(size)
    return Shares((marked[0], marked[1]), (looked[0], looked[1]))


def analyse_shares(study: Shares) -> Estimates:
    """Return the log odds ratio by the default of shares, one estimate a study."""
    return totals_robust(study.marked, study.trials, _PAIR, shares=True)
