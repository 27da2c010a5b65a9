"""Priors of the effect: every mechanism set gets the same prior-predictive change.

The prior is put on the read-out (Ki67 log-ratio on the reported day), as wide as the literature's
disagreement, and turned into a strength of each set. Otherwise comparing mechanisms would only
compare how wide their gains were guessed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from soleus.errors import ModelError
from soleus.lineage.process import FloatArray
from soleus.study.response import ResponseTable

__all__ = ["EffectPrior", "carries"]

_Z90 = 1.6448536269514722
_LOWEST = 0.025


@dataclass(frozen=True, slots=True)
class EffectPrior:
    """Shifted log-normal prior of a log-ratio, set by its median and its central 90 %.

    ``y = shift - (shift - median) * exp(sigma z)``, z standard normal; skewed towards large falls.
    """

    median: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low < self.median < self.high:
            raise ModelError(f"effect prior: needs low < median < high, got {self}")
        if not self.median - self.low > self.high - self.median:
            raise ModelError("effect prior: the lower tail must be the longer one")

    @property
    def shift(self) -> float:
        """Upper bound of the log-ratio."""
        a, b = self.high - self.median, self.median - self.low
        return self.median + a * b / (b - a)

    @property
    def sigma(self) -> float:
        """Standard deviation of the log of the distance to the bound."""
        return math.log((self.shift - self.low) / (self.shift - self.median)) / _Z90

    def quantile(self, probability: FloatArray) -> FloatArray:
        """Return quantiles of the log-ratio, shape as given."""
        z = ndtri(1.0 - np.asarray(probability, dtype=float))
        return np.asarray(self.shift - (self.shift - self.median) * np.exp(self.sigma * z))

    def grid(self, points: int = 400) -> FloatArray:
        """Return equally probable log-ratios, shape (points,), none below the lowest 2.5 %.

        The extreme tail is set to its bound so that a set that reaches the bound carries the prior
        exactly as every other such set does.
        """
        return np.maximum(self.quantile((np.arange(points) + 0.5) / points), self.bound)

    @property
    def bound(self) -> float:
        """The 2.5 % point, below which no effect is believed."""
        return float(self.quantile(np.array([_LOWEST]))[0])


def carries(table: ResponseTable, prior: EffectPrior, *, readout: str, day: float) -> bool:
    """Whether a set can reach the whole prior, down to its bound; else its prior is cut short."""
    return table.strongest(readout, day) <= prior.bound
