"""Modes of a density and their widths: where a posterior's approximation starts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from soleus.errors import NumericalError
from soleus.inference.optimise import maximise
from soleus.inference.potential import Potential
from soleus.lineage.process import FloatArray

__all__ = ["LogDensity", "Peak", "Residuals", "find_peaks", "find_square_peaks"]

LogDensity = Callable[[FloatArray], float]
Residuals = Callable[[FloatArray], FloatArray]

_STEP = 2e-3
_SLOPE_STEP = 1e-4
_WIDEST = 4.0
_APART = 1.0
_NEGLIGIBLE = 12.0
_MOST_CALLS = 30


@dataclass(frozen=True)
class Peak:
    """A mode and the normal distribution that touches the posterior there.

    Attributes
    ----------
    centre, covariance
        In the coordinates of the density, shapes (P,) and (P, P).
    log_evidence
        Laplace's approximation of the log-integral of the density about this mode.
    """

    centre: FloatArray
    covariance: FloatArray
    log_density: float
    log_evidence: float


def find_peaks(density: LogDensity, *, starts: Sequence[FloatArray]) -> tuple[Peak, ...]:
    """Return the distinct modes reached from ``starts``, highest first.

    Modes that Laplace's approximation gives less than exp(-12) of the highest are left out.

    Raises
    ------
    NumericalError
        If the density is not finite at any start.
    """
    peaks: list[Peak] = []
    for begin in starts:
        if not math.isfinite(density(begin)):
            continue
        # The search only asks for what _Searchable has.
        mode = maximise(cast(Potential, _Searchable(density, len(begin))), start=begin)
        centre = np.array(list(mode.theta.values()))
        if not any(_same(peak, centre) for peak in peaks):
            peaks.append(_peak(centre, mode.log_posterior, -_hessian(density, centre, mode.log_posterior)))
    return _ordered(peaks)


def find_square_peaks(residuals: Residuals, *, starts: Sequence[FloatArray]) -> tuple[Peak, ...]:
    """Return the distinct modes of ``-0.5 sum(residuals**2)``, as :func:`find_peaks` but ten times sooner.

    Parameters
    ----------
    residuals
        Of data over their errors, and of coordinates over their prior widths, shape (M,), M at least P.

    Notes
    -----
    Levenberg and Marquardt with forward differences; the width is that of Gauss and Newton,
    ``inverse(J^T J)``, exact where the residuals are linear.
    """
    from scipy.optimize import least_squares

    def slopes(x: FloatArray) -> FloatArray:
        base = residuals(x)
        moved = [residuals(x + _SLOPE_STEP * axis) - base for axis in np.eye(len(x))]
        return np.array(moved).T / _SLOPE_STEP

    peaks: list[Peak] = []
    for begin in starts:
        if not np.all(np.isfinite(residuals(begin))):
            continue
        found = least_squares(
            residuals, begin, jac=slopes, method="lm", xtol=1e-6, ftol=1e-8, max_nfev=_MOST_CALLS
        )
        if not any(_same(peak, found.x) for peak in peaks):
            jacobian = slopes(found.x)
            peaks.append(_peak(found.x, -float(found.cost), jacobian.T @ jacobian))
    return _ordered(peaks)


class _Searchable:
    """A density with what the search of a mode asks of a potential."""

    def __init__(self, density: LogDensity, dimension: int) -> None:
        self._density = density
        self.parameters = tuple(str(i) for i in range(dimension))

    def __call__(self, x: FloatArray) -> float:
        return self._density(x)

    def theta(self, x: FloatArray) -> dict[str, float]:
        return dict(zip(self.parameters, x.tolist(), strict=True))


def _ordered(peaks: list[Peak]) -> tuple[Peak, ...]:
    if not peaks:
        raise NumericalError("the density is not finite at any start; start from other values")
    peaks.sort(key=lambda peak: -peak.log_evidence)
    return tuple(p for p in peaks if p.log_evidence > peaks[0].log_evidence - _NEGLIGIBLE)


def _same(peak: Peak, centre: FloatArray) -> bool:
    away = centre - peak.centre
    return float(away @ np.linalg.solve(peak.covariance, away)) < _APART**2 * len(centre)


def _peak(centre: FloatArray, value: float, precision: FloatArray) -> Peak:
    curvature, vectors = np.linalg.eigh(precision)
    # A flat or rising direction (a mode at a bound) is as wide as the search is.
    kept = np.maximum(curvature, 1.0 / _WIDEST**2)
    covariance = np.asarray((vectors / kept) @ vectors.T)
    volume = 0.5 * (len(centre) * math.log(2.0 * math.pi) - float(np.sum(np.log(kept))))
    return Peak(centre, covariance, value, value + volume)


def _hessian(density: LogDensity, centre: FloatArray, value: float) -> FloatArray:
    """Return second derivatives by central differences, each with a step of its own."""
    number = len(centre)
    steps = np.array([_step(density, centre, value, i) for i in range(number)])
    moves = np.diag(steps)
    hessian = np.empty((number, number))
    for i in range(number):
        up, down = density(centre + moves[i]), density(centre - moves[i])
        hessian[i, i] = (up - 2.0 * value + down) / steps[i] ** 2
        for j in range(i):
            both = density(centre + moves[i] + moves[j]) + density(centre - moves[i] - moves[j])
            cross = density(centre + moves[i] - moves[j]) + density(centre - moves[i] + moves[j])
            hessian[i, j] = hessian[j, i] = (both - cross) / (4.0 * steps[i] * steps[j])
    return np.where(np.isfinite(hessian), hessian, 0.0)


def _step(density: LogDensity, centre: FloatArray, value: float, axis: int) -> float:
    """Return a step that lowers the density by about 0.1: above rounding, within the normal part."""
    step = _STEP
    while step < 0.5:
        move = np.zeros(len(centre))
        move[axis] = step
        if value - min(density(centre + move), density(centre - move)) > 0.05:
            break
        step *= 2.0
    return step
