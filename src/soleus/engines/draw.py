"""Draw an animal's read-outs from their exact mean and covariance.

Where a read-out holds many cells its distribution is normal to within the counting noise of any
assay, by the central limit theorem over its founders. Below ``FEW`` cells the marginal is a count
distribution with the exact mean and variance instead (negative binomial, Poisson or binomial,
whichever has that variance), tied to the others by the same correlations (a Gaussian copula).
"""

from __future__ import annotations

import numpy as np
from scipy.special import bdtrik, nbdtrik, ndtr, pdtrik

from soleus.lineage.process import FloatArray

__all__ = ["FEW", "draw_readouts"]

FEW = 200.0


def draw_readouts(mean: FloatArray, covariance: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return one draw of the read-outs, whole numbers of at least 0, shape (R,).

    Parameters
    ----------
    mean
        Shape (R,), in cells.
    covariance
        Shape (R, R).
    """
    sd = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    safe = np.where(sd > 0.0, sd, 1.0)
    correlation = covariance / np.outer(safe, safe)
    values, vectors = np.linalg.eigh(0.5 * (correlation + correlation.T))
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    z = root @ rng.standard_normal(len(mean))
    cells = np.round(np.maximum(mean + sd * z, 0.0))
    for r in np.flatnonzero((mean < FEW) & (sd > 0.0)):
        cells[r] = _few(float(mean[r]), float(sd[r] ** 2), float(ndtr(z[r])))
    return np.where(sd > 0.0, cells, np.round(mean))


def _few(mean: float, variance: float, probability: float) -> float:
    """Return the quantile of the count distribution with this mean and variance."""
    probability = min(max(probability, 1e-12), 1.0 - 1e-12)
    if variance > mean * (1.0 + 1e-6):
        p = mean / variance
        size = mean * p / (1.0 - p)
        quantile = nbdtrik(probability, size, p)
    elif variance < mean * (1.0 - 1e-6):
        n = max(1.0, np.round(mean * mean / (mean - variance)))
        quantile = bdtrik(probability, n, min(1.0, mean / n))
    else:
        quantile = pdtrik(probability, mean)
    # The inverse is continuous; the count is the smallest whole number that reaches the probability.
    return float(max(0.0, np.ceil(quantile))) if np.isfinite(quantile) else 0.0
