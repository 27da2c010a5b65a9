"""Quantiles of weighted draws."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from soleus.lineage.process import FloatArray

__all__ = ["CENTRAL", "weighted_quantiles"]

CENTRAL = (0.025, 0.5, 0.975)
"""Median and central 95 %, from the lower bound up."""


def weighted_quantiles(
    values: FloatArray, weights: FloatArray, probabilities: Sequence[float] = CENTRAL
) -> FloatArray:
    """Return quantiles of draws, interpolated between the middles of their weights, shape (P,).

    Parameters
    ----------
    values, weights
        Shape (N,); weights add to 1.
    """
    order = np.argsort(values, kind="stable")
    cumulated = np.cumsum(weights[order]) - 0.5 * weights[order]
    return np.asarray(np.interp(list(probabilities), cumulated, values[order]))
