"""The chance that a study reports "down", "no difference" or "up", given the true log-ratio.

It is that of a two-sided test at 5 % with the study's standard error; what another laboratory, species or
niche adds widens the spread of its log-ratio but not its test.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from soleus.catalogue.effect_model import DirectionModel
from soleus.lineage.process import FloatArray

__all__ = ["DIRECTIONS", "DirectionResult", "direction_chances", "direction_log_likelihood"]

DIRECTIONS = ("down", "none", "up")


@dataclass(frozen=True, slots=True)
class DirectionResult:
    """One published direction of a body read-out."""

    citation: str
    readout: str
    day: float
    direction: str
    same_species: bool


def direction_chances(log_ratio: FloatArray, *, se: float, spread: float, critical: float) -> FloatArray:
    """Return the chances of down, none and up given true log-ratios, shape (3, ...).

    Parameters
    ----------
    se
        Standard error of the study's log-ratio: its test.
    spread
        Standard deviation of the published log-ratio around the true one, at least ``se``.
    """
    y = np.asarray(log_ratio, dtype=float)
    down = ndtr((-critical * se - y) / spread)
    up = ndtr((y - critical * se) / spread)
    return np.array([down, np.maximum(1.0 - down - up, 0.0), up])


def direction_log_likelihood(result: DirectionResult, y: FloatArray, model: DirectionModel) -> FloatArray:
    """Return the log-probability of a published direction at true log-ratios y, same shape."""
    se = model.standard_error
    other = 0.0 if result.same_species else model.other_species_sd
    spread = math.hypot(se, model.discrepancy_sd, other)
    chances = direction_chances(y, se=se, spread=spread, critical=model.critical)
    return np.asarray(np.log(np.maximum(chances[DIRECTIONS.index(result.direction)], 1e-300)))
