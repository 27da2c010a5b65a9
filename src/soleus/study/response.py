"""How a set of mechanisms, as its strength grows, moves every read-out.

A *set* is a hypothesis: mechanisms that act together, each at a share of its largest gain. One
number, the strength in [-1, 1], scales them together; 0 is no effect, 1 the strongest believable
one, and negative strengths act the opposite way. The table of a set holds the true log-ratio
(treated over control, average animals) of every read-out on every asked day at a grid of strengths.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from soleus.assays import Evaluator
from soleus.engines import Start, mean_cells
from soleus.errors import InputError, unknown_name
from soleus.lineage.process import FloatArray
from soleus.movement import Modifiers
from soleus.study.experiment import Experiment
from soleus.study.monotone import monotone_cubic, monotone_slopes

__all__ = ["MechanismSet", "Responder", "ResponseTable", "strength_grid"]

_NODES = 14
_REVERSE = 0.5
_FINE = 601


@dataclass(frozen=True, slots=True)
class MechanismSet:
    """Mechanisms that act together, with the share of each one's largest gain."""

    name: str
    label: str
    shares: Mapping[str, float]


def strength_grid() -> FloatArray:
    """Return the grid: quadratic spacing, since log-ratios bend most near 0."""
    up = np.linspace(0.0, 1.0, _NODES + 1) ** 2
    down = _REVERSE * np.linspace(0.0, 1.0, _NODES // 2 + 1)[1:] ** 2
    return np.concatenate([-down[::-1], up])


@dataclass(frozen=True)
class ResponseTable:
    """Log-ratios of read-outs by strength.

    Attributes
    ----------
    strengths
        Shape (S,), increasing, with 0 among them.
    log_ratios
        Shape (S, D, R).
    """

    set: MechanismSet
    strengths: FloatArray
    days: tuple[float, ...]
    readouts: tuple[str, ...]
    log_ratios: FloatArray

    @cached_property
    def _slopes(self) -> FloatArray:
        return monotone_slopes(self.strengths, self.log_ratios)

    def _place(self, readout: str, day: float) -> tuple[int, int]:
        if readout not in self.readouts:
            raise unknown_name("read-out", readout, self.readouts)
        if day not in self.days:
            raise InputError(f"day {day:g} is not predicted; predicted are {list(self.days)}")
        return self.days.index(day), self.readouts.index(readout)

    def column(self, readout: str, day: float) -> FloatArray:
        """Return the log-ratio of a read-out on a day by strength, shape (S,)."""
        d, r = self._place(readout, day)
        return np.asarray(self.log_ratios[:, d, r])

    def at(self, strengths: FloatArray, readout: str, day: float) -> FloatArray:
        """Return the log-ratio of a read-out on a day at given strengths, by interpolation."""
        d, r = self._place(readout, day)
        column, slopes = self.log_ratios[:, d, r], self._slopes[:, d, r]
        return monotone_cubic(np.asarray(strengths, dtype=float), self.strengths, column, slopes)

    def strongest(self, readout: str, day: float) -> float:
        """Return the lowest log-ratio that the set reaches in its declared direction."""
        return float(self.column(readout, day)[self.strengths >= 0.0].min())

    def strengths_for(self, log_ratios: FloatArray, readout: str, day: float) -> FloatArray:
        """Return the weakest strengths that give the wanted log-ratios, shape as given.

        Falls are looked for at positive strengths, rises at negative ones; what the set cannot
        reach gets the strength that comes nearest.
        """
        fine = np.unique(np.concatenate([self.strengths, np.linspace(self.strengths[0], 1.0, _FINE)]))
        column = self.at(fine, readout, day)
        zero = int(np.argmin(np.abs(fine)))
        fall, fall_at = _envelope(column[zero:], fine[zero:])
        rise, rise_at = _envelope(-column[zero::-1], fine[zero::-1])
        wanted = np.asarray(log_ratios, dtype=float)
        down = np.interp(-wanted, -fall, fall_at)
        up = np.interp(wanted, -rise, rise_at)
        return np.asarray(np.where(wanted <= 0.0, down, up))


def _envelope(values: FloatArray, at: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Keep the points at which ``values``, walked from 0 outward, reach a new low."""
    keep = [0]
    for i in range(1, len(values)):
        if values[i] < values[keep[-1]] - 1e-12:
            keep.append(i)
    return values[keep], at[keep]


@dataclass(frozen=True)
class Responder:
    """Computes true ratios of a bound study under any gains, from day 0 on.

    Parameters
    ----------
    days
        Days of the ratios, increasing and above 0.
    """

    experiment: Experiment
    treated: str
    days: tuple[float, ...]

    def gains(self, chosen: MechanismSet, strength: float) -> dict[str, float]:
        """Return the log-gains of a set at a strength."""
        bound = {m.name: m.max_log_gain for m in self.experiment.mechanisms}
        for name in chosen.shares:
            if name not in bound:
                raise unknown_name("mechanism that is on", name, bound)
        return {name: strength * share * bound[name] for name, share in chosen.shares.items()}

    @cached_property
    def _start(self) -> Start:
        """The mean on the first day of change; before it all groups live alike."""
        control = self.experiment.study.control.name
        cells = mean_cells(
            self.experiment.process,
            self.experiment.modifiers(control, {}),
            self.experiment.start,
            days=[self.experiment.first_change],
            tolerance=1e-8,
        )
        return Start(cells[0], True, self.experiment.process.has_outside)

    @cached_property
    def _resting(self) -> tuple[Modifiers, FloatArray]:
        """The control group's modifiers and means without any gain."""
        control = self.experiment.study.control.name
        modifiers = self.experiment.modifiers(control, {}).after(self.experiment.first_change)
        return modifiers, self._solve(modifiers)

    def means(self, group: str, gains: Mapping[str, float]) -> FloatArray:
        """Return true mean read-outs of a group, shape (D, R)."""
        modifiers = self.experiment.modifiers(group, gains).after(self.experiment.first_change)
        resting, means = self._resting
        # Normal cage life deviates in no signal, so most controls are the same under any gain.
        if np.array_equal(modifiers.values, resting.values):
            return means
        return self._solve(modifiers)

    def _solve(self, modifiers: Modifiers) -> FloatArray:
        process = self.experiment.process
        cells = mean_cells(process, modifiers, self._start, days=self.days, tolerance=1e-8)
        index = np.searchsorted(modifiers.edges, self.days, side="left") - 1
        return self._evaluator(cells, modifiers.on_roles(process.roles)[:, index].T)

    @cached_property
    def _evaluator(self) -> Evaluator:
        return Evaluator(self.experiment.study.all_readouts(), self.experiment.process)

    def log_ratios(self, gains: Mapping[str, float]) -> FloatArray:
        """Return true log-ratios treated over control, shape (D, R)."""
        control = self.means(self.experiment.study.control.name, gains)
        # A read-out of labelled cells is 0 in all animals before there is a label: no ratio, told as nan.
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.log(self.means(self.treated, gains) / control))

    def table(self, chosen: MechanismSet) -> ResponseTable:
        """Return the response table of a set."""
        strengths = strength_grid()
        rows = [self.log_ratios(self.gains(chosen, float(strength))) for strength in strengths]
        names = tuple(r.name for r in self.experiment.study.all_readouts())
        return ResponseTable(chosen, strengths, self.days, names, np.array(rows))

    def strength_of(
        self, table: ResponseTable, *, readout: str, day: float, log_ratio: float
    ) -> float | None:
        """Return the strength at which the set gives a log-ratio to 1e-8, or None if it cannot."""
        from scipy.optimize import brentq

        if log_ratio == 0.0:
            return 0.0
        # Falls are looked for at positive strengths, rises at negative ones, from 0 outward.
        fall = log_ratio < 0.0
        order = np.flatnonzero(table.strengths >= 0.0 if fall else table.strengths <= 0.0)
        order = order if fall else order[::-1]
        column = table.column(readout, day)[order]
        reached = np.flatnonzero(column <= log_ratio if fall else column >= log_ratio)
        if len(reached) == 0:
            return None
        first = int(reached[0])
        ends = sorted(float(table.strengths[order[i]]) for i in (first - 1, first))
        d, r = self.days.index(day), table.readouts.index(readout)

        def miss(strength: float) -> float:
            return float(self.log_ratios(self.gains(table.set, strength))[d, r]) - log_ratio

        return float(brentq(miss, *ends, xtol=1e-10, rtol=1e-12))
