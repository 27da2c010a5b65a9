"""From a generating function back to the probabilities of numbers, in one to three dimensions.

``p_k`` are the Fourier coefficients of the generating function on circles of radius r just below 1, found
by the fast Fourier transform. With L points a circle, numbers from L on are folded in with weight
``r**L`` at most, and the function's own error grows by ``r**-k``: r and L balance the two (Abate and Whitt
1992, doi 10.1016/0167-6377(92)90050-D).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soleus.errors import InputError, NumericalError
from soleus.lineage.process import FloatArray

__all__ = ["Circles", "JointClones", "plan_circles"]

_MOST_POINTS = 200_000
_FINEST = 2e-13
_OVERSAMPLING = (2, 3, 4, 6)


@dataclass(frozen=True, slots=True, eq=False)
class JointClones:
    """Joint distribution of the numbers of cells of some groups in one clone.

    Attributes
    ----------
    groups
        Names of the G groups, in the order of the axes.
    probability
        Of each combination of numbers from 0 to each group's maximum, shape (max_1 + 1, ...).
    above
        Probability that some group has more cells than its maximum.
    error
        Bound of the error of each probability, absolute.
    """

    groups: tuple[str, ...]
    probability: FloatArray
    above: float
    error: float


@dataclass(frozen=True, slots=True)
class Circles:
    """Where a generating function is to be evaluated, and how exactly.

    Attributes
    ----------
    maximum, length, radius
        Of each of the G groups: largest number asked for, points on its circle, and its radius.
    function_error
        Largest allowed error of the generating function.
    """

    maximum: tuple[int, ...]
    length: tuple[int, ...]
    radius: tuple[float, ...]
    function_error: float

    @property
    def points(self) -> NDArray[np.complex128]:
        """Points of half of the last circle (the rest are conjugates) and all others, shape (P, G)."""
        counts = (*self.length[:-1], self.length[-1] // 2 + 1)
        axes = [
            r * np.exp(-2j * np.pi * np.arange(m) / n)
            for r, m, n in zip(self.radius, counts, self.length, strict=True)
        ]
        return np.stack([a.ravel() for a in np.meshgrid(*axes, indexing="ij")], axis=1)

    def invert(self, function: Callable[[NDArray[np.complex128]], NDArray[np.complex128]]) -> FloatArray:
        """Return the probabilities of 0 to the maximum of each group, shape (max_1 + 1, ...)."""
        shape = (*self.length[:-1], self.length[-1] // 2 + 1)
        values = function(self.points).reshape(shape)
        found = np.fft.irfftn(values, s=self.length, axes=range(len(shape)))
        found = found[tuple(slice(m + 1) for m in self.maximum)]
        for axis, (r, m) in enumerate(zip(self.radius, self.maximum, strict=True)):
            scale = r ** -np.arange(m + 1.0)
            found = found * scale.reshape([-1 if a == axis else 1 for a in range(len(shape))])
        return np.asarray(np.maximum(found, 0.0))

    def joint(
        self,
        groups: tuple[str, ...],
        function: Callable[[NDArray[np.complex128]], NDArray[np.complex128]],
        *,
        unseen: float,
        tolerance: float,
    ) -> JointClones:
        """Return the joint distribution given that a clone is not one of those ``unseen``, which count 0."""
        found = self.invert(function)
        origin = (0,) * found.ndim
        found[origin] = max(found[origin] - unseen, 0.0)
        found /= 1.0 - unseen
        above = max(0.0, 1.0 - float(found.sum()))
        return JointClones(groups, found, above, tolerance / (1.0 - unseen))


def plan_circles(maximum: tuple[int, ...], *, tolerance: float) -> Circles:
    """Return circles on which each probability is found to within ``tolerance``.

    Raises
    ------
    InputError
        If there is not one to three maxima, or they ask for too many points.
    NumericalError
        If double precision does not reach the tolerance.
    """
    if not 1 <= len(maximum) <= 3 or any(m < 0 for m in maximum):
        raise InputError(f"joint numbers need maxima of at least 0 for one to three groups, got {maximum}")
    folded = 0.5 * tolerance
    for finer in _OVERSAMPLING:
        function_error = 0.5 * tolerance * folded ** (len(maximum) / finer)
        if function_error >= _FINEST:
            break
    else:
        raise NumericalError(
            f"a tolerance of {tolerance:g} for {len(maximum)} groups is beyond double precision; allow a "
            "larger one"
        )
    length = tuple(finer * (m + 1) for m in maximum)
    if np.prod([float(n) for n in length]) > 2.0 * _MOST_POINTS:
        raise InputError(
            f"numbers up to {maximum} need more than {_MOST_POINTS} points; lower the maxima, the mass above "
            "them is returned"
        )
    radius = tuple(folded ** (1.0 / n) for n in length)
    return Circles(maximum, length, radius, function_error)
