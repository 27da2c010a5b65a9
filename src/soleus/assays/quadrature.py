"""Integrals over one random effect of an animal or an observer."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import numpy as np
from scipy.special import logsumexp

from soleus.lineage.process import FloatArray

__all__ = ["hermite", "log_integral", "log_normal_mean"]

_GRID, _FINE = 31, 81
_WIDEST = 30.0
_NEGLIGIBLE = 30.0
_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)


@functools.cache
def hermite(nodes: int) -> tuple[FloatArray, FloatArray]:
    """Return Gauss-Hermite nodes and the logarithms of their weights."""
    x, w = np.polynomial.hermite_e.hermegauss(nodes)
    return x, np.log(w)


def log_integral(
    log_f: Callable[[FloatArray], FloatArray], *, coarse: int = _GRID, fine: int = _FINE
) -> float:
    """Return the log of the integral of exp(log_f), log_f concave, by the trapezium rule.

    The grid closes in until what is not negligible fills half of it; there a finer one is exact to
    rounding for a normal peak, and to 1e-5 for one as skewed as a log-probability of no cells.

    Parameters
    ----------
    coarse, fine
        Points of the grid while it closes in, and at the end.
    """
    low, high = -_WIDEST, _WIDEST
    while True:
        x = np.linspace(low, high, coarse)
        y = log_f(x)
        kept = np.flatnonzero(y > y.max() - _NEGLIGIBLE)
        low, high = float(x[max(kept[0] - 1, 0)]), float(x[min(kept[-1] + 1, coarse - 1)])
        if len(kept) > coarse // 2:
            x = np.linspace(low, high, fine)
            return float(logsumexp(log_f(x)) + math.log(x[1] - x[0]))


def log_normal_mean(
    log_f: Callable[[FloatArray], FloatArray], *, coarse: int = _GRID, fine: int = _FINE
) -> float:
    """Return the log of the mean of exp(log_f(z)) over a standard normal z; log_f concave."""
    return log_integral(lambda z: log_f(z) - 0.5 * z * z, coarse=coarse, fine=fine) - _HALF_LOG_2PI
