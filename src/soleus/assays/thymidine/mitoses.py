"""The labelled-mitosis curve: the share of mitoses that carry label, by time after a pulse."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import integrate, optimize, special

from soleus.errors import InputError
from soleus.lineage.process import FloatArray

__all__ = ["labelled_mitoses"]

_NODES = 2048
_NEGLIGIBLE = 1e-10
_MOST_CYCLES = 400

_Spectrum = NDArray[np.complex128]


class _Cycle(NamedTuple):
    """Mean lengths, hours, and coefficients of variation of G1, S and G2; mitosis is fixed."""

    means: tuple[float, float, float]
    cvs: tuple[float, float, float]
    mitosis: float
    growth: float


def labelled_mitoses(
    hours: FloatArray,
    *,
    g2_hours: float,
    s_hours: float,
    cycle_hours: float,
    m_hours: float = 0.0,
    cvs: tuple[float, float, float] = (0.0, 0.0, 0.0),
    growing: bool = False,
    nodes: int = _NODES,
) -> FloatArray:
    """Return the share of mitoses that are labelled ``hours`` after a pulse, shape (n,).

    Parameters
    ----------
    hours
        Time since the pulse, shape (n,).
    g2_hours, s_hours, cycle_hours
        Mean G2 (without mitosis), S phase and whole cycle; G1 is the rest.
    m_hours
        Length of mitosis as it is recognised; 0: an instant.
    cvs
        Coefficients of variation of G1, S and G2, independent, gamma. All 0: the ideal curve.
    growing
        True: both daughters stay in the population, so that quickly dividing lines of descent weigh
        more; False: one does.
    nodes
        Points of the grid on which distributed phases are convolved, from 0 to the last hour.

    Raises
    ------
    InputError
        If the phases do not fit into the cycle.

    Notes
    -----
    Seen backward from a mitosis, a line of descent passes M, G2, S, G1, M, G2, ...; it is labelled if S
    held the pulse: ``sum over k of P(A_k <= t < A_k + S)``, with A_k the sum of G2 and k cycles. Ideal: waves
    of height 1 from ``G2 + k T_c`` to ``G2 + k T_c + S``, edges sloping over M (Quastler & Sherman 1959,
    Experimental Cell Research 17:420, doi unknown). Distributed: gamma phases (Pearson's type III) as in
    Takahashi 1968, Journal of Theoretical Biology 18:195, doi unknown; Barrett 1966 had log-normal ones.
    In a growing population each density is tilted by ``exp(-r x)``, r the growth rate, which keeps it
    gamma. Assumes an instant pulse that labels all of S and no other cell, daughters that both keep it
    above detection over the time shown, and successive phases that do not depend on each other.
    The error of the convolution is below 1e-4 at 2048 nodes if every phase is longer than 1/100 of the last
    hour (tested against exponential phases, solved exactly).
    """
    t = np.atleast_1d(np.asarray(hours, dtype=float))
    means = (cycle_hours - s_hours - g2_hours - m_hours, s_hours, g2_hours)
    if not (s_hours > 0.0 and min(means) >= 0.0 and m_hours >= 0.0 and min(cvs) >= 0.0):
        raise InputError(
            f"needs S above 0 and phases that fit into the cycle, got G2 {g2_hours}, S {s_hours}, M {m_hours}"
            f" and cycle {cycle_hours} hours, coefficients of variation {cvs}"
        )
    if np.any(t < 0.0) or not np.all(np.isfinite(t)):
        raise InputError("hours must be finite and at least 0")
    plain = _Cycle(means, cvs, m_hours, 0.0)
    cycle = _tilted(plain) if growing else plain
    return _ideal(t, cycle) if max(cvs) == 0.0 else _distributed(t, cycle, nodes)


def _tilted(cycle: _Cycle) -> _Cycle:
    """Return the cycle as a growing population weighs it, with its growth rate."""

    def log_transform(rate: float) -> float:
        parts = (
            rate * mean if cv == 0.0 else math.log1p(rate * cv * cv * mean) / (cv * cv)
            for mean, cv in zip(cycle.means, cycle.cvs, strict=True)
        )
        return sum(parts) + rate * cycle.mitosis - math.log(2.0)

    high = 1.0 / (sum(cycle.means) + cycle.mitosis)
    while log_transform(high) < 0.0:
        high *= 2.0
    rate = float(optimize.brentq(log_transform, 0.0, high, xtol=1e-14))
    means = [m / (1.0 + rate * cv * cv * m) for m, cv in zip(cycle.means, cycle.cvs, strict=True)]
    return cycle._replace(means=(means[0], means[1], means[2]), growth=rate)


def _ideal(t: FloatArray, cycle: _Cycle) -> FloatArray:
    _, s, g2 = cycle.means
    whole = sum(cycle.means) + cycle.mitosis
    total = np.zeros_like(t)
    for k in range(int(t.max(initial=0.0) / whole) + 1):
        start = t - (g2 + k * whole)
        total += _since_start(start, cycle) - _since_start(start - s, cycle)
    return total


def _since_start(x: FloatArray, cycle: _Cycle) -> FloatArray:
    """Share of cells in mitosis that entered it at least ``mitosis - x`` ago: a step that M smears."""
    if cycle.mitosis == 0.0:
        return (x >= 0.0).astype(float)
    part = np.clip(x / cycle.mitosis, 0.0, 1.0)
    if cycle.growth == 0.0:
        return part
    slope = cycle.growth * cycle.mitosis
    return np.asarray(np.expm1(-slope * part) / math.expm1(-slope))


def _distributed(t: FloatArray, cycle: _Cycle, nodes: int) -> FloatArray:
    horizon = max(float(t.max(initial=0.0)), 1e-9)
    grid = np.linspace(0.0, horizon, nodes)
    curve = _entering(grid, cycle)
    if cycle.mitosis == 0.0:
        return np.interp(t, grid, curve, left=0.0)
    # Cells in mitosis at t entered it since t - M, and in a growing population mostly lately.
    entered = integrate.cumulative_trapezoid(curve * np.exp(cycle.growth * grid), grid, initial=0.0)
    before = np.interp(t - cycle.mitosis, grid, entered, left=0.0)
    labelled = (np.interp(t, grid, entered) - before) * np.exp(-cycle.growth * t)
    slope = cycle.growth * cycle.mitosis
    return np.asarray(labelled / (cycle.mitosis * (-math.expm1(-slope) / slope if slope > 0.0 else 1.0)))


def _entering(grid: FloatArray, cycle: _Cycle) -> FloatArray:
    """Return the labelled share of the cells that enter mitosis at each time of the grid."""
    step, n = grid[1] - grid[0], len(grid)
    g1, s, g2 = (_mass(n, step, m, cv) for m, cv in zip(cycle.means, cycle.cvs, strict=True))
    one = _mass(n, step, cycle.mitosis, 0.0)
    whole = _spectrum(_then(_then(g1, _spectrum(s)), _spectrum(_then(g2, _spectrum(one)))))
    # Rate of starting minus rate of ending the labelled spell, one wave after the other.
    wave = g2 - _then(g2, _spectrum(s))
    total = wave.copy()
    for _ in range(_MOST_CYCLES):
        wave = _then(wave, whole)
        if np.abs(wave).sum() < _NEGLIGIBLE:
            break
        total += wave
    return np.asarray(np.cumsum(total) - 0.5 * total)


def _spectrum(mass: FloatArray) -> _Spectrum:
    return np.fft.rfft(mass, 2 * len(mass))


def _then(mass: FloatArray, spectrum: _Spectrum) -> FloatArray:
    """Return the distribution of the sum of two lengths, up to the end of the grid."""
    n = len(mass)
    return np.asarray(np.fft.irfft(_spectrum(mass) * spectrum, 2 * n)[:n])


def _mass(n: int, step: float, mean: float, cv: float) -> FloatArray:
    """Return the probability of a length near each of n nodes, shape (n,)."""
    if cv == 0.0 or mean == 0.0:
        mass = np.zeros(n + 1)
        node, part = int(mean / step), mean / step - int(mean / step)
        if node < n:
            mass[node : node + 2] = 1.0 - part, part
        return mass[:n]
    shape = cv**-2.0
    edges = (np.arange(n + 1) - 0.5) * step
    cdf = special.gammainc(shape, np.maximum(edges, 0.0) * shape / mean)
    return np.asarray(np.diff(cdf))
