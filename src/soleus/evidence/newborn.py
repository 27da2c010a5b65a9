"""The course of a cohort of newborn cells: what has become, by day, of the cells in S phase on day 0.

This is what a pulse of a thymidine analogue labels. The label is followed without dilution, so cells that
go on dividing stay counted; rates are held at the animal's age on day 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from soleus.engines import Start, mean_cells
from soleus.errors import InputError
from soleus.lineage import Process
from soleus.lineage.process import FloatArray
from soleus.movement import ModifierGrid, Modifiers
from soleus.study import Niche

__all__ = ["NewbornCourse", "newborn_course"]

_STEP_DAYS = 0.05
_COUNTED_FROM_DAY = 1.0


@dataclass(frozen=True, slots=True)
class NewbornCourse:
    """A cohort of newborn cells by day, per 100 cells that are there on day 1.

    Attributes
    ----------
    niche
        Lineage that was followed.
    age_days
        Age of the animal on day 0.
    days
        Days since birth, shape (D,).
    types, labels
        Cell types in the order of the lineage, and their words; length T.
    cells
        Living cells of the cohort, shape (D, T).
    died
        Cells of the cohort that have died by each day, shape (D,).
    """

    niche: str
    age_days: float
    days: FloatArray
    types: tuple[str, ...]
    labels: tuple[str, ...]
    cells: FloatArray
    died: FloatArray

    @property
    def living(self) -> FloatArray:
        """Living cells per 100 on day 1, shape (D,)."""
        return np.asarray(self.cells.sum(axis=1))

    @property
    def lost_share(self) -> FloatArray:
        """Share of all cells of the cohort made so far that have died, shape (D,)."""
        return np.asarray(self.died / (self.living + self.died))

    def of(self, *types: str) -> FloatArray:
        """Living cells of some types per 100 on day 1, shape (D,)."""
        return np.asarray(self.cells[:, [self.types.index(t) for t in types]].sum(axis=1))


def newborn_course(niche: Niche, *, days: Sequence[float], age_days: float | None = None) -> NewbornCourse:
    """Follow the cells that are in S phase on day 0.

    Parameters
    ----------
    days
        Increasing days since birth, at least 0, shape (D,).
    age_days
        Age of the animal on day 0; the lineage's reference age if not given.

    Raises
    ------
    InputError
        If the days do not increase from 0 on, the age lies before the reference age, or no cell of the
        lineage is ever in S phase.
    """
    asked = np.asarray(days, dtype=float)
    if asked.ndim != 1 or not len(asked) or asked[0] < 0.0 or np.any(np.diff(asked) <= 0.0):
        raise InputError(f"days since birth must increase from 0 or later, got {list(days)}")
    age = niche.reference_age_days if age_days is None else age_days
    niche.check_age(age)
    process = niche.process
    cells = _cells_at(niche, age) * process.weights(lambda m: float(m.phase == "S"))
    if not cells.any():
        raise InputError(f"lineage {niche.name!r} has no cell in S phase, so no newborn cells to follow")
    roles = _roles_at(niche, age)
    grid = np.union1d(np.arange(0.0, max(asked[-1], _COUNTED_FROM_DAY) + _STEP_DAYS, _STEP_DAYS), asked)
    modifiers = Modifiers(np.array([0.0, grid[-1]]), process.roles, roles[:, None])
    followed = mean_cells(process, modifiers, Start(cells, True, process.has_outside), days=grid.tolist())
    per_day = followed @ _death_rates(process, roles)
    died = np.concatenate([[0.0], np.cumsum(0.5 * (per_day[1:] + per_day[:-1]) * np.diff(grid))])
    unit = 100.0 / followed[np.argmin(np.abs(grid - _COUNTED_FROM_DAY))].sum()
    at = np.searchsorted(grid, asked)
    types = niche.lineage.types
    by_type = np.array([process.count(t.name) for t in types])
    return NewbornCourse(
        niche.name,
        age,
        asked,
        tuple(t.name for t in types),
        tuple(t.label for t in types),
        unit * followed[at] @ by_type.T,
        unit * died[at],
    )


def _cells_at(niche: Niche, age: float) -> FloatArray:
    """Return mean cells per microstate at an age, shape (n,)."""
    start = niche.start_at_reference()
    since = age - niche.reference_age_days
    if since == 0.0:
        return start.mean
    terms = niche.age_terms(niche.reference_age_days)
    modifiers = ModifierGrid.build(terms, np.array([0.0, since])).modifiers({})
    return np.asarray(mean_cells(niche.process, modifiers, start, days=[since])[0])


def _roles_at(niche: Niche, age: float) -> FloatArray:
    """Return the multipliers of the roles at an age, shape (R,)."""
    grid = ModifierGrid.build(niche.age_terms(age), np.array([-0.5, 0.5]))
    return np.asarray(grid.modifiers({}).on_roles(niche.process.roles)[:, 0])


def _death_rates(process: Process, roles: FloatArray) -> FloatArray:
    """Return the rate at which a cell of each microstate dies, shape (n,)."""
    a = process.arrays
    rates = np.zeros(process.n_states)
    for e in range(len(a.exit_source)):
        fates = range(int(a.exit_fates[e]), int(a.exit_fates[e + 1]))
        weights = [
            a.fate_probability[f] * (1.0 if a.fate_role[f] < 0 else roles[a.fate_role[f]]) for f in fates
        ]
        dead = [
            w for f, w in zip(fates, weights, strict=True) if a.fate_daughters[f] == a.fate_daughters[f + 1]
        ]
        rates[a.exit_source[e]] += a.exit_rate[e] * roles[a.exit_role[e]] * sum(dead) / sum(weights)
    return rates
