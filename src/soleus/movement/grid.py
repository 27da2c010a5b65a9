"""Average continuous log-modifiers over a non-uniform, refined time grid.

The process has piecewise-constant rates by definition; the grid decides how well they follow the
continuous signals. Each interval holds the *mean* of the modifier over it, so the cumulated hazard
is right at every edge and the error of the means falls with the square of the interval.

For smooth modifiers there is a rule of order 4: each interval is halved, and the two values are chosen
so that the error of means and covariances falls with its fourth power. They are those of the
commutator-free exponential integrator of order 4, which for a process linear in its rates are again a
process with piecewise-constant rates (Blanes and Moan 2006, doi 10.1016/j.apnum.2005.11.004).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soleus.errors import InputError, NumericalError
from soleus.movement.modifiers import Modifiers

__all__ = ["LogTerm", "ModifierGrid", "refine"]

FloatArray = NDArray[np.float64]

_MAX_INTERVALS = 4096


def _rule(order: int) -> tuple[FloatArray, FloatArray]:
    """Return nodes on [-1, 1] and, for each part of an interval, their weights, (parts, nodes)."""
    if order == 2:
        nodes, weights = np.polynomial.legendre.leggauss(5)
        return nodes, 0.5 * weights[None, :]
    if order == 4:
        nodes, _ = np.polynomial.legendre.leggauss(2)
        near, far = 0.5 + 1.0 / np.sqrt(3.0), 0.5 - 1.0 / np.sqrt(3.0)
        return nodes, np.array([[near, far], [far, near]])
    raise InputError(f"order must be 2 or 4, got {order}")


@dataclass(frozen=True, slots=True)
class LogTerm:
    """One additive term of a role's log-modifier.

    Parameters
    ----------
    name
        What scales it (a mechanism), or ``"age"`` and the like for terms of fixed scale.
    of
        Days, shape (...,), to the log-modifier at scale 1.
    """

    name: str
    role: str
    of: Callable[[FloatArray], FloatArray]


def refine(
    terms: Sequence[LogTerm],
    *,
    edges: Sequence[float],
    scales: Mapping[str, float],
    error: float,
    shortest_days: float = 1.0 / 96.0,
) -> FloatArray:
    """Return edges between which every role's log-modifier varies by at most ``2 * error``.

    Intervals that are as short as ``shortest_days`` are left as they are.

    Parameters
    ----------
    edges
        Days that must be edges (regimen changes, pulses, sampling days, both ends).
    scales
        Term name to its scale; 1 where it is not listed.
    error
        Largest allowed deviation of the log-modifier from the middle of its range on an interval.
    """
    grid = np.unique(np.asarray(edges, dtype=float))
    roles = sorted({t.role for t in terms})
    while True:
        wide = np.zeros(len(grid) - 1, dtype=bool)
        # A signal may jump in slope at an edge, never in value.
        inside = np.linspace(0.0, 1.0, 5)
        days = grid[:-1, None] + np.diff(grid)[:, None] * inside
        for role in roles:
            log_m = _log_sum(terms, role, days, scales)
            wide |= np.ptp(log_m, axis=1) > 2.0 * error
        wide &= np.diff(grid) > shortest_days
        if not wide.any():
            return grid
        middles = 0.5 * (grid[:-1] + grid[1:])[wide]
        grid = np.sort(np.concatenate([grid, middles]))
        if len(grid) > _MAX_INTERVALS:
            raise NumericalError(
                f"the modifiers need more than {_MAX_INTERVALS} intervals for an error of {error:g}; "
                "allow a larger error or use slower signals"
            )


def _log_sum(
    terms: Sequence[LogTerm], role: str, days: FloatArray, scales: Mapping[str, float]
) -> FloatArray:
    total = np.zeros(days.shape)
    for term in terms:
        if term.role == role:
            total += scales.get(term.name, 1.0) * term.of(days)
    return total


@dataclass(frozen=True, slots=True)
class ModifierGrid:
    """Log-terms evaluated once on a grid, to be averaged again and again under other scales."""

    edges: FloatArray
    roles: tuple[str, ...]
    names: tuple[str, ...]
    term_roles: tuple[int, ...]
    values: FloatArray
    weights: FloatArray

    @staticmethod
    def build(terms: Sequence[LogTerm], edges: FloatArray, *, order: int = 2) -> ModifierGrid:
        """Evaluate the terms at the Gauss-Legendre nodes of each interval.

        Parameters
        ----------
        edges
            Days, shape (K + 1,).
        order
            2: one mean an interval. 4: two values an interval, for smooth terms.
        """
        nodes, weights = _rule(order)
        roles = tuple(dict.fromkeys(t.role for t in terms))
        half = 0.5 * np.diff(edges)[:, None]
        days = edges[:-1, None] + half * (1.0 + nodes)
        values = np.array([t.of(days) for t in terms]).reshape(len(terms), *days.shape)
        names = tuple(t.name for t in terms)
        parts = len(weights)
        within = np.arange(parts) / parts
        finer = np.append((edges[:-1, None] + 2.0 * half * within).ravel(), edges[-1])
        return ModifierGrid(finer, roles, names, tuple(roles.index(t.role) for t in terms), values, weights)

    def modifiers(self, scales: Mapping[str, float]) -> Modifiers:
        """Return the multipliers ``exp(sum of scaled terms)`` of each role by interval.

        Terms that ``scales`` does not list have scale 1.

        Raises
        ------
        NumericalError
            If the rule of order 4 meets a modifier that changes many-fold within an interval.
        """
        log_m = np.zeros((len(self.roles), *self.values.shape[1:]))
        for name, role, value in zip(self.names, self.term_roles, self.values, strict=True):
            scale = scales.get(name, 1.0)
            if scale != 0.0:
                log_m[role] += scale * value
        values = np.exp(log_m) @ self.weights.T
        if np.any(values < 0.0):
            raise NumericalError(
                "a modifier changes more than 14-fold within an interval, too much for the rule of order 4; "
                "give more edges there, or use order 2"
            )
        return Modifiers(self.edges, self.roles, values.reshape(len(self.roles), len(self.edges) - 1))
