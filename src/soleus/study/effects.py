"""Priors of the effect: every mechanism set gets the same prior-predictive change.

The prior is put on the read-out (Ki67 log-ratio on the reported day), as wide as the literature's
disagreement, and turned into a strength of each set. Otherwise comparing mechanisms would only
compare how wide their gains were guessed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from soleus.errors import ModelError
from soleus.lineage.process import FloatArray
from soleus.study.response import ResponseTable

__all__ = ["EffectPrior", "carries", "predictive"]

_Z90 = 1.6448536269514722


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
        """Return equally probable log-ratios, shape (points,)."""
        return self.quantile((np.arange(points) + 0.5) / points)


def carries(table: ResponseTable, prior: EffectPrior, *, readout: str, day: float) -> bool:
    """Whether a set can reach the lower 5 % point of the prior; else its prior is cut short."""
    return table.strongest(readout, day) <= prior.low


def predictive(
    tables: Mapping[str, ResponseTable], log_ratios: FloatArray, *, readout: str, day: float
) -> dict[str, FloatArray]:
    """Return, for each set, the strengths that give the drawn log-ratios of the read-out."""
    return {name: t.strengths_for(log_ratios, readout, day) for name, t in tables.items()}
