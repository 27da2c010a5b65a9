"""What an EdU pulse and a chase look like by flow: labelled cells in each DNA-content gate."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from soleus.engines import Start, mean_cells
from soleus.errors import InputError
from soleus.lineage import Fate, Lineage, Process, Transition, compile_lineage
from soleus.lineage.cycling import cycling_lineage, growth_rate_per_day, growth_shares
from soleus.lineage.process import FloatArray
from soleus.movement import LogTerm, ModifierGrid

__all__ = ["GATES", "ChaseModel", "gate_weights"]

GATES = ("G1", "S", "G2M")
_HOURS = 24.0
_REFERENCE_REST = 0.5
# First and later intervals of the grid of the fading analogue; they leave below 1e-6 in a fraction.
_SPACING_HOURS, _WIDENING = 0.15, 0.5
_NAME, _UPTAKE = "cell", "uptake.analogue"


def gate_weights(process: Process, *, early: float, late: float) -> FloatArray:
    """Return which share of each microstate's cells falls into each gate, shape (3, n).

    Parameters
    ----------
    early, late
        Share of the stages of S, from its start and from its end, whose DNA content reads as G1 and as
        G2/M. A stage that the border cuts is counted in parts. Together below 1.
    """
    phases = np.array([m.phase for m in process.microstates])
    in_s = np.flatnonzero(phases == "S")
    stages, place = len(in_s), np.arange(len(in_s), dtype=float)
    first = np.clip(early * stages - place, 0.0, 1.0)
    last = np.clip(place + 1.0 - (1.0 - late) * stages, 0.0, 1.0)
    gates = np.zeros((3, process.n_states))
    gates[0] = (phases == "G1") | (phases == "G0")
    gates[2] = phases == "G2M"
    gates[:, in_s] = np.array([first, 1.0 - first - last, last])
    return gates


@dataclass(frozen=True)
class ChaseModel:
    """Expected fractions of a growing culture after a pulse of a thymidine analogue that fades.

    Attributes
    ----------
    hours
        Sampling times after the analogue was added, increasing, shape (T,).
    stages
        Erlang stages of G1, S and G2M.
    uptake_per_hour
        Hazard of a cell in S to become labelled at the analogue's first concentration.

    Notes
    -----
    All fractions are of **all** cells, not of the cells of the gate: labelled and in the gate, over all.
    The culture is in stable growth, cells do not die, the label is never diluted out of sight. Labelled
    cells are all cells less the unlabelled, and what follows the unlabelled is a process of its own, in which
    uptake is loss: exactly the unlabelled cells of the lineage crossed with a label, in a quarter of its
    microstates. Both are solved by the same engine and compared in the tests.

    Model: Jolly et al. 2022 (doi 10.1016/j.crmeth.2022.100315), but for uptake: there a part of the
    cells that are labelled in one stage of S appears labelled in the next, here each is labelled where it is.
    """

    hours: tuple[float, ...]
    stages: tuple[int, int, int]
    uptake_per_hour: float
    process: Process
    grid: ModifierGrid

    @staticmethod
    def of(
        hours: Sequence[float], *, stages: tuple[int, int, int], uptake_per_hour: float = 5.0
    ) -> ChaseModel:
        """Return the model, ready for any lengths of its phases."""
        times = tuple(float(h) for h in hours)
        if not times or times[0] <= 0.0 or any(b <= a for a, b in zip(times, times[1:], strict=False)):
            raise InputError(f"hours of a chase must be above 0 and increase, got {list(hours)}")
        if not uptake_per_hour > 0.0:
            raise InputError(f"uptake_per_hour must be above 0, got {uptake_per_hour}")
        process = compile_lineage(_unlabelled(stages, uptake_per_hour))
        terms = [LogTerm(role, role, np.ones_like) for role in process.roles]
        terms.append(LogTerm("fading", _UPTAKE, lambda days: -days))
        grid = ModifierGrid.build(terms, _edges(times) / _HOURS, order=4)
        return ChaseModel(times, stages, uptake_per_hour, process, grid)

    def fractions(self, theta: Mapping[str, float]) -> tuple[FloatArray, FloatArray]:
        """Return labelled fractions of all cells, (T, 3), and all cells by gate, (3,).

        Parameters
        ----------
        theta
            ``g1_hours``, ``s_hours``, ``g2m_hours``; ``fading_hours`` (mean time of the analogue),
            ``rest_probability``, ``early`` and ``late`` (shares of S read as G1 and as G2M).
        """
        growth, shares = self.growth(theta)
        gates = gate_weights(self.process, early=theta["early"], late=theta["late"])
        days = np.array(self.hours) / _HOURS
        modifiers = self.grid.modifiers(self._scales(theta))
        start = Start(shares, poisson=True)
        unlabelled = mean_cells(self.process, modifiers, start, days=days.tolist(), tolerance=1e-10)
        steady = gates @ shares
        return steady - (unlabelled * np.exp(-growth * days)[:, None]) @ gates.T, steady

    def growth(self, theta: Mapping[str, float]) -> tuple[float, FloatArray]:
        """Return growth per day and the composition of all cells by microstate, shape (n,)."""
        numbers = {
            "phase_days": _phase_days(theta),
            "stages": self.stages,
            "rest_probability": theta["rest_probability"],
        }
        rate = growth_rate_per_day(**numbers)  # type: ignore[arg-type]
        shares = growth_shares(rate, **numbers)  # type: ignore[arg-type]
        return rate, np.append(shares, np.zeros(self.process.n_states - len(shares)))

    def _scales(self, theta: Mapping[str, float]) -> dict[str, float]:
        """Return the scale of each term: logarithms of rates over those of the reference, and 1 / fading."""
        rest, base = theta["rest_probability"], _REFERENCE_REST
        g1, s, g2m = _phase_days(theta)
        fate = f"fate.{_NAME}"
        return {
            f"division.{_NAME}.G1": -math.log(g1),
            f"division.{_NAME}.S": -math.log(s),
            f"division.{_NAME}.G2M": -math.log(g2m),
            f"{fate}.none_rests": 2.0 * math.log((1.0 - rest) / (1.0 - base)),
            f"{fate}.one_rests": math.log(rest * (1.0 - rest) / (base * (1.0 - base))),
            f"{fate}.both_rest": 2.0 * math.log(rest / base),
            _UPTAKE: 0.0,
            "fading": _HOURS / theta["fading_hours"],
        }


def _edges(hours: tuple[float, ...]) -> FloatArray:
    """Return edges in hours, each sample among them, finer where there is most of the analogue."""
    edges = [0.0]
    for end in hours:
        begin = edges[-1]
        number = math.ceil((end - begin) / (_SPACING_HOURS * (1.0 + _WIDENING * begin)))
        edges += np.linspace(begin, end, number + 1)[1:].tolist()
    return np.array(edges)


def _phase_days(theta: Mapping[str, float]) -> tuple[float, float, float]:
    return theta["g1_hours"] / _HOURS, theta["s_hours"] / _HOURS, theta["g2m_hours"] / _HOURS


def _unlabelled(stages: tuple[int, int, int], uptake_per_hour: float) -> Lineage:
    """Return the lineage of unlabelled cells, phases of one day each: those that take label up leave it."""
    cells = cycling_lineage(
        _NAME, phase_days=(1.0, 1.0, 1.0), stages=stages, rest_probability=_REFERENCE_REST
    )
    lost = Transition(
        "uptake", _UPTAKE, f"{_NAME}.S", (Fate("labelled", 1.0),), rate_per_day=uptake_per_hour * _HOURS
    )
    return replace(cells, transitions=(*cells.transitions, lost))
