"""Draw an animal's read-outs from their exact mean and covariance.

Where a read-out holds many cells its distribution is normal to within the counting noise of any
assay, by the central limit theorem over its founders. Below ``FEW`` cells the marginal is a count
distribution with the exact mean and variance instead (negative binomial, Poisson or binomial,
whichever has that variance), tied to the others by the same correlations (a Gaussian copula).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrik, nbdtrik, ndtr, pdtrik

from soleus.engines.cohort.normals import standard_normals
from soleus.lineage.process import FloatArray

__all__ = ["FEW", "draw_cohort"]

FEW = 200.0


def draw_cohort(means: FloatArray, covariances: FloatArray, words: NDArray[np.uint64]) -> FloatArray:
    """Return one draw of the read-outs of each animal, whole numbers of at least 0, shape (N, R).

    Parameters
    ----------
    means
        Shape (N, R), in cells.
    covariances
        Shape (N, R, R).
    words
        Of the animals' own streams, shape (N, 4); each gives R normal numbers.

    Notes
    -----
    The symmetric root of the correlations turns them into read-outs, so that equal streams give close
    numbers to animals of close covariance (counterfactual twins).
    """
    sd = np.sqrt(np.maximum(np.diagonal(covariances, axis1=1, axis2=2), 0.0))
    safe = np.where(sd > 0.0, sd, 1.0)
    correlation = covariances / (safe[:, :, None] * safe[:, None, :])
    values, vectors = np.linalg.eigh(0.5 * (correlation + np.swapaxes(correlation, 1, 2)))
    normal = standard_normals(words, means.shape[1])
    turned = np.einsum("nrk,nr->nk", vectors, normal) * np.sqrt(np.maximum(values, 0.0))
    z = np.einsum("nrk,nk->nr", vectors, turned)
    cells = np.round(np.maximum(means + sd * z, 0.0))
    few = (means < FEW) & (sd > 0.0)
    cells[few] = _few(means[few], sd[few] ** 2, ndtr(z[few]))
    return np.where(sd > 0.0, cells, np.round(means))


def _few(mean: FloatArray, variance: FloatArray, probability: FloatArray) -> FloatArray:
    """Return quantiles of the count distributions with these means and variances, shape (K,)."""
    probability = np.clip(probability, 1e-12, 1.0 - 1e-12)
    wide, narrow = variance > mean * (1.0 + 1e-6), variance < mean * (1.0 - 1e-6)
    quantile = pdtrik(probability, mean)
    p = mean[wide] / variance[wide]
    quantile[wide] = nbdtrik(probability[wide], mean[wide] * p / (1.0 - p), p)
    number = np.maximum(1.0, np.round(mean[narrow] ** 2 / (mean[narrow] - variance[narrow])))
    share = np.minimum(1.0, mean[narrow] / number)
    quantile[narrow] = bdtrik(probability[narrow], number, share)
    # The inverse is continuous; the count is the smallest whole number that reaches the probability.
    return np.where(np.isfinite(quantile), np.maximum(0.0, np.ceil(quantile)), 0.0)
