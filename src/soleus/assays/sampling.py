"""Compiled kernel of the counting model: many animals at once, each from its own words."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from soleus.engines.cells.random import gamma, normal, poisson
from soleus.engines.compiled import kernel
from soleus.lineage.process import FloatArray, IntArray

__all__ = ["sample_counts"]


@kernel
def sample_counts(
    cells: FloatArray, words: NDArray[np.uint64], fraction: float, spread: float, unit_cv: float, units: int
) -> IntArray:
    """Return counts, shape (N, units).

    ``cells``: true read-out cells, (N,); ``words``: (N, 4); ``spread``: variance of the log of the position
    error.
    """
    counts = np.empty((cells.size, units), dtype=np.int64)
    for k in range(cells.size):
        own = words[k].copy()
        position = math.exp(math.sqrt(spread) * normal(own) - 0.5 * spread)
        mean = cells[k] * fraction * position
        for j in range(units):
            here = mean
            if unit_cv > 0.0:
                shape = 1.0 / (unit_cv * unit_cv)
                here *= gamma(own, shape) / shape
            counts[k, j] = poisson(own, here)
    return counts
