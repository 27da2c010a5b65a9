"""Which read-outs tell two causes apart, when neither's strength is known.

Each cause moves the K statistics along a curve as its strength grows. Cause A at its reference strength
is told from cause B by a panel of statistics if no strength of B comes near. With the covariance V of
the difference between two groups of n animals,

``lambda = min_b (a - b)' V^-1 (a - b)``

over B's whole curve is the noncentrality of the likelihood-ratio test that rejects B, one degree of
freedom being left to B's strength. A pair is told apart if ``lambda`` reaches :data:`NONCENTRALITY` both
ways: 80 per cent power at 5 per cent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from soleus.errors import InputError, unknown_name
from soleus.lineage.process import FloatArray

__all__ = ["NONCENTRALITY", "Responses", "Separation", "noncentrality", "smallest_panel", "tell_apart"]

NONCENTRALITY = 7.849
"""Noncentrality of chi-square with one degree of freedom at which a 5 % test has 80 % power."""

_EXHAUSTIVE = 3


@dataclass(frozen=True)
class Responses:
    """How causes move statistics.

    Attributes
    ----------
    curves
        For each cause the change of each statistic by strength, shape (S, K).
    reference
        For each cause the row of its curve at the reference strength.
    """

    causes: tuple[str, ...]
    statistics: tuple[str, ...]
    curves: tuple[FloatArray, ...]
    reference: tuple[int, ...]

    def __post_init__(self) -> None:
        if not len(self.causes) == len(self.curves) == len(self.reference):
            raise InputError("responses: give one curve and one reference for each cause")
        for curve in self.curves:
            if curve.ndim != 2 or curve.shape[1] != len(self.statistics) or not np.all(np.isfinite(curve)):
                raise InputError(
                    f"responses: a curve has finite changes of shape (strengths, {len(self.statistics)}), "
                    f"got {curve.shape}"
                )

    def at_reference(self, cause: str) -> FloatArray:
        """Return the change of each statistic at the cause's reference strength, shape (K,)."""
        place = self.place(cause)
        return np.asarray(self.curves[place][self.reference[place]])

    def place(self, cause: str) -> int:
        """Return the place of a cause."""
        if cause not in self.causes:
            raise unknown_name("cause", cause, self.causes)
        return self.causes.index(cause)


@dataclass(frozen=True, slots=True)
class Separation:
    """What it takes to tell two causes apart.

    Attributes
    ----------
    panel
        The smallest panel that does it with the given animals; None if all statistics together do not.
    animals
        Animals per group with which that panel does it; for None, with which all statistics would.
    """

    first: str
    second: str
    panel: tuple[str, ...] | None
    animals: float

    @property
    def words(self) -> str:
        """The answer in words."""
        if self.panel is not None:
            return "; ".join(self.panel)
        if self.animals > 1000.0:
            return "cannot be told apart"
        return f"cannot be told apart: all read-outs together would need {np.ceil(self.animals):.0f} a group"


def _distances(curve: FloatArray, point: FloatArray, whiten: FloatArray) -> float:
    """Return the squared distance of a point from a polyline in the metric of ``whiten``."""
    nodes = (curve - point) @ whiten
    start, step = nodes[:-1], np.diff(nodes, axis=0)
    length = np.einsum("sk,sk->s", step, step)
    along = -np.einsum("sk,sk->s", start, step) / np.where(length > 0.0, length, 1.0)
    nearest = start + np.clip(along, 0.0, 1.0)[:, None] * step
    return float(np.einsum("sk,sk->s", nearest, nearest).min())


def noncentrality(
    responses: Responses, pair: tuple[str, str], *, chosen: Sequence[int], covariance: FloatArray
) -> float:
    """Return the smaller of both ways' noncentralities for one animal a group.

    Parameters
    ----------
    chosen
        Places of the panel's statistics.
    covariance
        Covariance of the statistics between animals, shape (K, K).
    """
    some = list(chosen)
    # The difference of two groups of one animal each has twice the variance.
    inverse = np.linalg.inv(2.0 * covariance[np.ix_(some, some)])
    whiten = np.asarray(np.linalg.cholesky(0.5 * (inverse + inverse.T)), dtype=float)
    found = []
    for one, other in (pair, pair[::-1]):
        point = responses.at_reference(one)[some]
        found.append(_distances(responses.curves[responses.place(other)][:, some], point, whiten))
    return min(found)


def smallest_panel(
    responses: Responses, pair: tuple[str, str], *, covariance: FloatArray, animals: int
) -> Separation:
    """Return the smallest panel that tells a pair of causes apart with so many animals a group.

    Panels of up to three statistics are all tried; larger ones grow from the best of three by the
    statistic that adds most. Among panels of one size the one that needs the fewest animals is taken.
    """
    if animals < 2:
        raise InputError(f"a group has at least 2 animals, got {animals}")
    size = len(responses.statistics)
    best: tuple[float, tuple[int, ...]] = (0.0, ())
    for number in range(1, size + 1):
        if number <= _EXHAUSTIVE:
            tried = list(combinations(range(size), number))
        else:
            tried = [(*best[1], k) for k in range(size) if k not in best[1]]
        best = max((noncentrality(responses, pair, chosen=c, covariance=covariance), c) for c in tried)
        needed = NONCENTRALITY / max(best[0], 1e-12)
        if needed <= animals:
            names = tuple(responses.statistics[k] for k in best[1])
            return Separation(*pair, names, needed)
    return Separation(*pair, None, NONCENTRALITY / max(best[0], 1e-12))


def tell_apart(responses: Responses, *, covariance: FloatArray, animals: int) -> tuple[Separation, ...]:
    """Return the smallest panel for each pair of causes."""
    pairs = combinations(responses.causes, 2)
    return tuple(smallest_panel(responses, p, covariance=covariance, animals=animals) for p in pairs)
