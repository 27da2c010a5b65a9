"""Counts of clones by class: multinomial within an animal, Dirichlet-multinomial between animals."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, xlogy

from soleus.errors import InputError
from soleus.lineage.process import FloatArray, IntArray

__all__ = ["checked_counts", "checked_probabilities", "draw_classes", "log_prob_classes"]


def checked_probabilities(probabilities: FloatArray, names: tuple[str, ...]) -> FloatArray:
    """Return the probabilities of the named classes as floats, shape (C,), or refuse them."""
    p = np.asarray(probabilities, dtype=np.float64)
    if p.shape != (len(names),) or not np.all(p >= 0.0) or not abs(p.sum() - 1.0) < 1e-6:
        raise InputError(
            f"probabilities of the classes {names} must be at least 0 and sum to 1, one for each; got {p}"
        )
    return p


def checked_counts(counts: IntArray, names: tuple[str, ...]) -> IntArray:
    """Return counts by named class of one or more animals, shape (N, C), or refuse them."""
    found = np.atleast_2d(np.asarray(counts))
    if found.ndim != 2 or found.shape[1] != len(names):
        raise InputError(f"counts need one number for each of the classes {names}, got shape {found.shape}")
    if not np.all((found >= 0) & (found == np.round(found))):
        raise InputError(
            "counts of clones must be whole numbers of at least 0; leave out what was not counted"
        )
    return found.astype(np.int64)


def draw_classes(
    probabilities: FloatArray, totals: IntArray, *, concentration: float, rng: np.random.Generator
) -> IntArray:
    """Draw counts by class given each animal's total, shape (N, C).

    Parameters
    ----------
    probabilities
        Of the C classes, summing to 1, shape (C,).
    totals
        Clones of each animal, shape (N,).
    concentration
        The animals' own probabilities are Dirichlet with these means and this sum; infinite: all equal.
    """
    counts: NDArray[np.int64] = np.zeros((len(totals), len(probabilities)), dtype=np.int64)
    possible = probabilities > 0.0
    own = probabilities[possible] / probabilities.sum()
    if math.isinf(concentration):
        counts[:, possible] = rng.multinomial(totals, own)
    else:
        counts[:, possible] = rng.multinomial(totals, rng.dirichlet(concentration * own, size=len(totals)))
    return counts


def log_prob_classes(counts: IntArray, probabilities: FloatArray, *, concentration: float) -> FloatArray:
    """Return the log-probability of each animal's counts given its total, shape (N,).

    Parameters
    ----------
    counts
        Shape (N, C).
    probabilities
        Shape (C,).
    """
    totals = counts.sum(axis=1)
    ways = gammaln(totals + 1.0) - gammaln(counts + 1.0).sum(axis=1)
    if math.isinf(concentration):
        return np.asarray(ways + xlogy(counts, probabilities).sum(axis=1))
    found = _log_rising(counts, concentration * probabilities).sum(axis=1)
    return np.asarray(ways + found - _log_rising(totals, np.float64(concentration)))


def _log_rising(counts: IntArray, start: FloatArray | np.float64) -> FloatArray:
    """Return ``log(start (start + 1) ... (start + counts - 1))``: no cancellation at large ``start``."""
    total = np.zeros(counts.shape)
    with np.errstate(divide="ignore"):  # a class that cannot be: minus infinity, rightly
        for k in range(int(counts.max(initial=0))):
            total += np.where(counts > k, np.log(start + k), 0.0)
    return total
