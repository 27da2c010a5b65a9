"""Estimates with 95 % intervals, and the profile likelihood that makes them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from soleus.errors import InputError
from soleus.lineage.process import FloatArray

__all__ = ["CONFIDENCE", "Interval", "Measured", "allowed_loss", "measured", "profile_interval"]

CONFIDENCE = 0.95
# Share of the sum of squares below which a loss is rounding: data without noise fit up to this.
_ROUNDING = 1e-12
_FIRST_STEP = 0.01
_FARTHEST = 1e4
_TOLERANCE = 1e-5


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95 % interval; a bound that the data do not give is infinite."""

    estimate: float
    low: float
    high: float

    def contains(self, value: float) -> bool:
        """Whether ``value`` lies in the interval, bounds included."""
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Measured:
    """Fractions at times, with the weight of each (inverse variance; 1 where errors are unknown)."""

    hours: FloatArray
    fractions: FloatArray
    weights: FloatArray
    known_errors: bool

    @property
    def rounding(self) -> float:
        """Loss that rounding alone makes."""
        return _ROUNDING * float(self.weights @ self.fractions**2)


def measured(hours: FloatArray, fractions: FloatArray, errors: FloatArray | None) -> Measured:
    """Check measured fractions and return them as arrays.

    Parameters
    ----------
    hours, fractions, errors
        Shape (n,); one entry an animal or a group mean; ``errors`` standard errors, or None.

    Raises
    ------
    InputError
        With what is wrong: shapes, a time below 0, a fraction outside [0, 1], an error not above 0.
    """
    t, y = np.asarray(hours, dtype=float), np.asarray(fractions, dtype=float)
    se = np.ones_like(t) if errors is None else np.asarray(errors, dtype=float)
    if t.ndim != 1 or y.shape != t.shape or se.shape != t.shape:
        raise InputError(
            f"hours, fractions and errors must be lists of one length, got {t.shape}, {y.shape}, {se.shape}"
        )
    if not (np.all(np.isfinite(t)) and np.all(t >= 0.0)):
        raise InputError(f"hours must be finite and at least 0, got {t.min() if t.size else 'none'}")
    if not np.all((y >= 0.0) & (y <= 1.0)):
        raise InputError("fractions must lie in [0, 1]; percentages? Divide by 100")
    if not (np.all(np.isfinite(se)) and np.all(se > 0.0)):
        raise InputError("errors are standard errors above 0; leave them out where they are unknown")
    return Measured(t, y, se**-2.0, errors is not None)


def allowed_loss(best: float, data: Measured, *, parameters: int) -> float:
    """Return the largest weighted sum of squares inside a 95 % interval of one parameter.

    Parameters
    ----------
    best
        The smallest sum.
    parameters
        Number fitted in all.

    Notes
    -----
    Known errors: ``best`` plus the 0.95 quantile of chi-squared with 1 degree of freedom. Unknown, equal
    errors: ``best * (1 + F(1, n - p) / (n - p))``, exact for a linear model with normal errors.
    """
    if data.known_errors:
        return best + float(stats.chi2.ppf(CONFIDENCE, 1)) + data.rounding
    spare = len(data.hours) - parameters
    if spare < 1:
        raise InputError(
            f"{len(data.hours)} values for {parameters} unknowns leave nothing to tell the error from; "
            "give more values, or their errors"
        )
    return best * (1.0 + float(stats.f.ppf(CONFIDENCE, 1, spare)) / spare) + data.rounding


def profile_interval(
    loss: Callable[[float], float],
    estimate: float,
    *,
    allowed: float,
    low: float,
    high: float,
    scale: float | None = None,
) -> Interval:
    """Return the interval in which the profiled loss stays at or below ``allowed``.

    Parameters
    ----------
    loss
        Smallest loss at a fixed value of the parameter; taken to rise away from the estimate.
    low, high
        Bounds of the parameter; reached, they are returned.
    scale
        Size of the parameter where the estimate, which may be 0, does not tell. A bound further
        than 10 000 times that from the estimate is returned as infinite.
    """
    size = abs(estimate) if scale is None else scale
    ends = [
        _end(loss, estimate, sign * size, allowed=allowed, limit=limit)
        for sign, limit in ((-1.0, low), (1.0, high))
    ]
    return Interval(estimate, ends[0], ends[1])


def _end(
    loss: Callable[[float], float], estimate: float, size: float, *, allowed: float, limit: float
) -> float:
    inside, step = estimate, _FIRST_STEP * size
    while abs(step) <= _FARTHEST * abs(size):
        outside = estimate + step
        at_limit = abs(step) >= abs(limit - estimate)
        if at_limit:
            outside = limit
        if loss(outside) > allowed:
            if loss(inside) > allowed:  # the estimate itself is only as good as rounding
                return inside
            # Where the loss is infinite, outside what is possible, only its sign can be used.
            solve = optimize.brentq if math.isfinite(loss(outside)) else optimize.bisect
            tolerance = _TOLERANCE * abs(size)
            return float(solve(lambda x: loss(x) - allowed, inside, outside, xtol=tolerance))
        if at_limit:
            return limit
        inside, step = outside, 2.0 * step
    return math.copysign(math.inf, size)
