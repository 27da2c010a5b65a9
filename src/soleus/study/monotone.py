"""Monotone cubic interpolation (Fritsch and Carlson 1980, doi 10.1137/0717021), vectorised over columns.

The same curve as SciPy's ``PchipInterpolator``, against which it is tested; importing SciPy's
interpolation takes longer than everything else that a run does with it.
"""

from __future__ import annotations

import numpy as np

from soleus.lineage.process import FloatArray

__all__ = ["monotone_cubic", "monotone_slopes"]


def monotone_slopes(x: FloatArray, y: FloatArray) -> FloatArray:
    """Return slopes at the points that keep the curve monotone between them, shape as ``y``.

    Parameters
    ----------
    x
        Increasing, shape (S,), at least three points.
    y
        Shape (S, ...).
    """
    shape = (-1, *[1] * (y.ndim - 1))
    h = np.diff(x).reshape(shape)
    secant = np.diff(y, axis=0) / h
    left, right = secant[:-1], secant[1:]
    w1, w2 = 2.0 * h[1:] + h[:-1], h[1:] + 2.0 * h[:-1]
    slopes = np.zeros_like(y, dtype=float)
    same = left * right > 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (w1 + w2) / (w1 / left + w2 / right)
    slopes[1:-1] = np.where(same, mean, 0.0)
    slopes[0] = _end(h[0], h[1], secant[0], secant[1])
    slopes[-1] = _end(h[-1], h[-2], secant[-1], secant[-2])
    return slopes


def _end(h0: FloatArray, h1: FloatArray, first: FloatArray, second: FloatArray) -> FloatArray:
    """Return the one-sided three-point slope, kept from overshooting."""
    slope = ((2.0 * h0 + h1) * first - h0 * second) / (h0 + h1)
    slope = np.where(np.sign(slope) != np.sign(first), 0.0, slope)
    steep = (np.sign(first) != np.sign(second)) & (np.abs(slope) > 3.0 * np.abs(first))
    return np.asarray(np.where(steep, 3.0 * first, slope))


def monotone_cubic(at: FloatArray, x: FloatArray, y: FloatArray, slopes: FloatArray) -> FloatArray:
    """Return the curve through (x, y) with the given slopes at ``at``, shape (len(at), ...)."""
    i = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(x) - 2)
    shape = (-1, *[1] * (y.ndim - 1))
    h = (x[i + 1] - x[i]).reshape(shape)
    t = ((at - x[i]) / (x[i + 1] - x[i])).reshape(shape)
    value = (1.0 + 2.0 * t) * (1.0 - t) ** 2 * y[i] + t * t * (3.0 - 2.0 * t) * y[i + 1]
    return np.asarray(value + h * (t * (1.0 - t) ** 2 * slopes[i] - t * t * (1.0 - t) * slopes[i + 1]))
