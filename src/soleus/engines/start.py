"""Where a process starts: cells per microstate at the first edge of the modifiers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from soleus.engines.generator import dense_generator
from soleus.errors import ModelError
from soleus.lineage import Process
from soleus.lineage.process import FloatArray

__all__ = ["Start", "quasi_stationary", "stable_growth"]


@dataclass(frozen=True, slots=True)
class Start:
    """Mean cells per microstate at the start, shape (n,).

    Parameters
    ----------
    poisson
        True: independent Poisson numbers with these means. False: exactly these (whole) numbers.
    has_outside
        Whether the last microstate is the outside world: always exactly one.
    """

    mean: FloatArray
    poisson: bool
    has_outside: bool = False

    def __post_init__(self) -> None:
        if not np.all(np.isfinite(self.mean)) or np.any(self.mean < 0.0):
            raise ModelError("start: numbers of cells must be finite and at least 0")
        if not self.poisson and np.any(self.mean != np.round(self.mean)):
            raise ModelError("start: given numbers of cells must be whole; or use a Poisson start")

    @staticmethod
    def given(process: Process, cells: Mapping[str, float], *, poisson: bool = False) -> Start:
        """Return a start with the given numbers of cells at the entry of each place."""
        mean = np.zeros(process.n_states)
        for place, number in cells.items():
            mean[process.entry(place)] += number
        return _start(process, mean, poisson=poisson)

    def scaled(self, factor: float) -> Start:
        """Return a Poisson start with all means times ``factor`` (an animal's own niche size)."""
        if not self.poisson:
            raise ModelError("start: only a Poisson start can be scaled")
        mean = self.mean * factor
        if self.has_outside:
            mean[-1] = 1.0
        return replace(self, mean=mean)


def _start(process: Process, mean: FloatArray, *, poisson: bool) -> Start:
    if process.has_outside:
        mean[-1] = 1.0
    return Start(mean, poisson, process.has_outside)


def quasi_stationary(
    process: Process, totals: Mapping[str, float], slaved: Sequence[str], *, role_values: FloatArray
) -> Start:
    """Return a Poisson start from totals per type, with downstream types in balance with them.

    Parameters
    ----------
    totals
        Cell type of a single microstate to its number at the start.
    slaved
        Types that are short-lived enough to be in balance with what flows into them.
    role_values
        Multipliers at the start, shape (R,).

    Notes
    -----
    With x the slaved states and y the given ones, ``0 = x A_xx + y A_yx`` is solved for x. Types
    in neither list start empty: what is counted of them was born later.
    """
    types = np.array([m.type for m in process.microstates])
    unknown = (set(totals) | set(slaved)) - set(types)
    if unknown:
        raise ModelError(f"start: unknown cell types {sorted(unknown)}; known: {sorted(set(types))}")
    both = sorted(set(totals) & set(slaved))
    if both:
        raise ModelError(f"start: types {both} have a total and are slaved; give one of the two")
    mean = np.zeros(process.n_states)
    for name, total in totals.items():
        where = np.flatnonzero(types == name)
        if len(where) > 1:
            raise ModelError(
                f"start: type {name!r} has {len(where)} microstates; give totals for single-state types "
                "and list the others as slaved"
            )
        mean[where] = total
    inner = np.flatnonzero(np.isin(types, list(slaved)))
    if len(inner):
        a = dense_generator(process, role_values)
        given = mean.copy()
        if process.has_outside:
            given[-1] = 1.0
        try:
            balance = np.linalg.solve(a[np.ix_(inner, inner)].T, -(given @ a)[inner])
        except np.linalg.LinAlgError:
            raise ModelError(
                f"start: types {list(slaved)} hold one that cells never leave, so it is in balance "
                "with nothing; give its total, or list it in neither"
            ) from None
        if np.any(balance < -1e-9 * max(1.0, float(np.max(np.abs(balance))))):
            raise ModelError(
                f"start: types {list(slaved)} cannot be in balance with {dict(totals)}: they grow "
                "on their own; give their totals, or lower their self-renewal"
            )
        mean[inner] = np.maximum(balance, 0.0)
    return _start(process, mean, poisson=True)


def stable_growth(process: Process, total: float, *, role_values: FloatArray) -> Start:
    """Return a Poisson start of ``total`` cells in the composition of stable exponential growth.

    The composition is the left eigenvector of the generator with the largest real eigenvalue
    (Perron-Frobenius), as in a culture that has grown for long.
    """
    a = dense_generator(process, role_values)
    values, vectors = np.linalg.eig(a.T)
    leading = int(np.argmax(values.real))
    if values[leading].real <= 0.0:
        raise ModelError("start: the population does not grow, so it has no stable growth composition")
    profile = np.abs(vectors[:, leading].real)
    return _start(process, total * profile / profile.sum(), poisson=True)
