"""Cumulative labelling: the labelled fraction under a thymidine analogue that is always there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from soleus.assays.thymidine.intervals import Interval, Measured, allowed_loss, measured, profile_interval
from soleus.assays.thymidine.phases import phase_shares
from soleus.errors import InputError
from soleus.lineage.process import FloatArray

__all__ = ["CumulativeFit", "cumulative_labelling", "fit_cumulative"]

_GRID = 160
_ZOOM = 40
_ZOOMS = 3
_PARAMETERS = 3

# A loss for each break point: break points shape (B,) -> losses and (growth fraction, slope), each (B,).
_Conditional = Callable[[FloatArray], tuple[FloatArray, FloatArray, FloatArray]]


def cumulative_labelling(
    hours: FloatArray,
    *,
    cycle_hours: float,
    s_hours: float,
    growth_fraction: float = 1.0,
    growing_g2m_hours: float | None = None,
) -> FloatArray:
    """Return the labelled fraction of all cells after label was there for ``hours``, shape (n,).

    ``LI(t) = GF (t + T_s) / T_c`` until ``t = T_c - T_s``, then GF.

    Parameters
    ----------
    hours
        Time since labelling began, shape (n,).
    cycle_hours, s_hours
        Cycle and S phase, hours.
    growth_fraction
        Fraction of the cells that cycle, in (0, 1].
    growing_g2m_hours
        None: the population keeps its number, one daughter stays, and the line is straight. A
        number: G2 and M in hours, of a population in which both daughters stay. The curve then starts
        lower and bends, and reaches GF at the same time; a straight line fitted to it gives 16.4 and 6.4
        hours for a cycle of 19 and an S phase of 9.

    Raises
    ------
    InputError
        If the lengths do not fit into each other.

    Notes
    -----
    Assumes one population with one cycle length, asynchronous; cells that enter and leave it balance and
    are labelled alike; the analogue is always there (injections no further apart than S is long), seen from
    the first minute and does not change the cycle. It does not hold where unlabelled cells flow in from
    upstream (transit-amplifying cells, neuroblasts): then the plateau is late or never reached.
    Source: Nowakowski, Lewin & Miller 1989, doi 10.1007/BF01190834.
    """
    t = np.asarray(hours, dtype=float)
    g2m = 0.0 if growing_g2m_hours is None else growing_g2m_hours
    g1 = cycle_hours - s_hours - g2m
    if not (s_hours > 0.0 and g2m >= 0.0 and g1 >= 0.0 and 0.0 < growth_fraction <= 1.0):
        raise InputError(
            "needs s_hours above 0, phases that fit into the cycle and a growth fraction in (0, 1]; got "
            f"cycle {cycle_hours}, S {s_hours}, G2M {g2m}, growth fraction {growth_fraction}"
        )
    if np.any(t < 0.0):
        raise InputError(f"hours must be at least 0, got {t.min()}")
    if growing_g2m_hours is None:
        return np.asarray(growth_fraction * np.minimum((t + s_hours) / cycle_hours, 1.0))
    return np.asarray(growth_fraction * (1.0 - _missed(t, g1, s_hours, g2m)))


def _missed(t: FloatArray, g1: float, s: float, g2m: float) -> FloatArray:
    """Share of a growing population's cells that were never in S phase for t hours, shape (n,)."""
    cycle = g1 + s + g2m
    # Cells by time left to division u: share with less than u is 2**(u / cycle) - 1.
    in_g2m = 2.0 ** (np.maximum(g2m - t, 0.0) / cycle) - 1.0
    born = np.clip(t - g2m, 0.0, g1)
    in_g1 = 2.0 ** ((cycle - born) / cycle) - 2.0 ** ((cycle - g1) / cycle)
    assert abs(in_g1.max(initial=0.0)) <= phase_shares(g1, s, g2m, growing=True).g1 + 1e-12
    return np.asarray(in_g2m + in_g1)


@dataclass(frozen=True, slots=True)
class CumulativeFit:
    """Result of :func:`fit_cumulative`, hours; ``residual_sd`` is of the fractions (None: errors given)."""

    cycle_hours: Interval
    s_hours: Interval
    growth_fraction: Interval
    break_hours: float
    residual_sd: float | None


def fit_cumulative(
    hours: FloatArray, fractions: FloatArray, *, errors: FloatArray | None = None
) -> CumulativeFit:
    """Fit cycle, S phase and growth fraction to a cumulative labelling curve.

    Parameters
    ----------
    hours, fractions
        Shape (n,): time since labelling began and labelled fraction, one entry an animal (or a mean).
    errors
        Standard errors, shape (n,); None: unknown and equal.

    Raises
    ------
    InputError
        "cannot be told": the data do not show a plateau (a straight line fits as well), or show less
        than two times on the slope.

    Notes
    -----
    Least squares of the broken line: for each break point the rest is linear and solved exactly under
    ``0 < GF <= 1``, ``T_s >= 0``; intervals are profile likelihood. The animal is the unit: fields or
    sections given as entries make intervals too short. Assumptions of :func:`cumulative_labelling`. With
    3 animals at each of 7 times and noise of 0.03 the 95 % intervals cover 94 to 96 % of the time.
    """
    data = measured(hours, fractions, errors)
    times = np.unique(data.hours)
    if len(times) < _PARAMETERS + 1:
        raise InputError(f"cannot be told: needs at least 4 different times, got {len(times)}")
    broken = _free(data)
    best, at = _least(broken, times[0], times[-1])
    allowed = allowed_loss(best, data, parameters=_PARAMETERS)
    _refuse_untold(broken, times, allowed)
    _, growth, slope = (float(x[0]) for x in broken(np.array([at])))
    cycle = growth / slope
    residual = None if data.known_errors else float(np.sqrt(best / (len(data.hours) - _PARAMETERS)))

    def interval(conditional: Callable[[float], _Conditional], estimate: float, high: float) -> Interval:
        size = cycle if high > 1.0 else 1.0

        def loss(value: float) -> float:
            return _least(conditional(value), times[0], times[-1])[0]

        return profile_interval(loss, estimate, allowed=allowed, low=0.0, high=high, scale=size)

    return CumulativeFit(
        interval(lambda v: _given_cycle(data, v), cycle, np.inf),
        interval(lambda v: _given_s(data, v), cycle - at, np.inf),
        interval(lambda v: _given_growth(data, v), growth, 1.0),
        at,
        residual,
    )


def _refuse_untold(broken: _Conditional, times: FloatArray, allowed: float) -> None:
    losses, _, _ = broken(np.array([times[1], times[-1]]))
    if losses[1] <= allowed:
        raise InputError(
            "cannot be told: a line without plateau fits as well, so neither growth fraction nor cycle is in "
            f"the data; label for longer than {times[-1]:g} hours"
        )
    if losses[0] <= allowed:
        raise InputError(
            "cannot be told: less than two times lie on the slope, so cycle and S phase are not in the data; "
            f"add times before {times[1]:g} hours"
        )


def _least(conditional: _Conditional, low: float, high: float) -> tuple[float, float]:
    """Return the smallest loss over the break point, and that break point."""
    grid = np.linspace(low, high, _GRID)
    found = (np.inf, low)
    for _ in range(_ZOOMS + 1):
        losses = conditional(grid)[0]
        i = int(np.argmin(losses))
        found = float(losses[i]), float(grid[i])
        grid = np.linspace(grid[max(i - 1, 0)], grid[min(i + 1, len(grid) - 1)], _ZOOM)
    return found


def _below(data: Measured, breaks: FloatArray) -> FloatArray:
    """Hours that each value lies before each break point, shape (B, n)."""
    return np.maximum(breaks[:, None] - data.hours, 0.0)


def _loss(data: Measured, growth: FloatArray, slope: FloatArray, below: FloatArray) -> FloatArray:
    residual = data.fractions - growth[:, None] + slope[:, None] * below
    return np.asarray(residual**2 @ data.weights)


def _free(data: Measured) -> _Conditional:
    """Growth fraction and slope free: the better of the inside and the edges of what is possible."""
    w, y = data.weights, data.fractions
    total, sum_y = float(w.sum()), float(w @ y)

    def conditional(breaks: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        z = _below(data, breaks)
        sz, szz, szy = z @ w, z**2 @ w, z @ (w * y)
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = (sz * sum_y - total * szy) / (total * szz - sz**2)
        growth = (sum_y + slope * sz) / total
        possible = (slope >= 0.0) & (growth <= 1.0) & (growth >= slope * breaks)
        inside = np.where(possible, growth, 0.0), np.where(possible, slope, 0.0)
        full = _given_growth(data, 1.0)(breaks)[1:]
        no_s = _given_s(data, 0.0)(breaks)[1:]
        flat = np.full(len(breaks), sum_y / total), np.zeros(len(breaks))
        choices = [inside, full, no_s, flat]
        losses = np.array([_loss(data, g, b, z) for g, b in choices])
        losses[0] = np.where(possible, losses[0], np.inf)
        pick, rows = np.argmin(losses, axis=0), np.arange(len(breaks))
        growths, slopes = (np.array([c[k] for c in choices])[pick, rows] for k in (0, 1))
        return losses[pick, rows], growths, slopes

    return conditional


def _given_growth(data: Measured, growth: float) -> _Conditional:
    def conditional(breaks: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        z = _below(data, breaks)
        slope = _ratio(z @ (data.weights * (growth - data.fractions)), z**2 @ data.weights)
        slope = np.clip(slope, 0.0, growth / np.maximum(breaks, 1e-300))
        growths = np.full(len(breaks), growth)
        return _loss(data, growths, slope, z), growths, slope

    return conditional


def _given_cycle(data: Measured, cycle: float) -> _Conditional:
    def conditional(breaks: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        losses, growth, slope = _one_slope(data, breaks, np.full(len(breaks), cycle))
        # The plateau is reached before the cycle is over.
        return np.where(breaks <= cycle, losses, np.inf), growth, slope

    return conditional


def _given_s(data: Measured, s: float) -> _Conditional:
    return lambda breaks: _one_slope(data, breaks, s + breaks)


def _one_slope(
    data: Measured, breaks: FloatArray, cycle: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Fit ``slope * (cycle - below)`` with the cycle given at each break point."""
    z = _below(data, breaks)
    x = cycle[:, None] - z
    slope = np.clip(_ratio(x @ (data.weights * data.fractions), x**2 @ data.weights), 0.0, 1.0 / cycle)
    growth = slope * cycle
    return _loss(data, growth, slope, z), growth, slope


def _ratio(top: FloatArray, bottom: FloatArray) -> FloatArray:
    return np.asarray(np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0.0))
