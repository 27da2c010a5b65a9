"""Cumulative labelling put to the test: what the classical formula returns where the truth is known.

The formula of Nowakowski et al. 1989 (doi 10.1007/BF01190834) reads cycle and S phase off the rise of the
labelled share. It assumes one population of one cycle length whose number stays and into which nothing
flows. Here a population that meets this, and the SVZ, where cells differ in their cycles and flow in from
upstream, are labelled continuously by the same model that all assays use, and the formula is applied to
both. Most of its bias in the SVZ comes from cycles that differ from cell to cell, which rounds the corner
of the curve; inflow and rest mostly lower the plateau.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from soleus.assays.thymidine.cumulative import CumulativeFit, fit_cumulative
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.studies import load_study
from soleus.engines import Start, mean_cells
from soleus.lineage import Label, Process, compile_lineage, cross, embed
from soleus.lineage.cycling import cycling_lineage
from soleus.lineage.process import FloatArray
from soleus.movement import Modifiers
from soleus.study import bind

__all__ = ["HOURS", "Returned", "isolated_population", "labelled_shares", "svz_populations"]

HOURS = (0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 12.0, 15.0, 18.0, 22.0, 26.0, 30.0, 36.0, 48.0)
"""Hours of continuous labelling after which shares are read."""

_STUDY = "leg-day"
_POPULATIONS = {
    "active stem cells": (("aNSC",), "stem_cycle", "stem_s_phase"),
    "transit-amplifying cells": (("TAP1", "TAP2", "TAP3"), "tap_cycle", "tap_s_phase"),
    "dividing neuroblasts": (("NB1", "NB2"), "neuroblast_cycle", "neuroblast_s_phase"),
}


@dataclass(frozen=True, slots=True)
class Returned:
    """What went in and what the formula returns.

    Attributes
    ----------
    shares
        Labelled shares at :data:`HOURS`.
    """

    population: str
    cycle_hours: float
    s_hours: float
    shares: FloatArray
    fit: CumulativeFit

    @property
    def cycle_bias(self) -> float:
        """Returned cycle length over the true one."""
        return self.fit.cycle_hours.estimate / self.cycle_hours

    @property
    def s_bias(self) -> float:
        """Returned S phase over the true one."""
        return self.fit.s_hours.estimate / self.s_hours


def labelled_shares(
    process: Process,
    modifiers: Modifiers,
    start: Start,
    *,
    types: Sequence[str],
    hours: Sequence[float] = HOURS,
) -> FloatArray:
    """Return the labelled share of cycling cells of some types after hours of continuous labelling, (H,).

    Parameters
    ----------
    modifiers
        From day 0, when labelling begins.
    start
        Cells on day 0, none labelled.
    """
    days = [h / 24.0 for h in hours]
    label = Label("BrdU", ((0.0, days[-1] + 1.0),), detectable_divisions=20)
    # The label is never diluted away while it is there: a division halves it, the next S phase fills it.
    crossed = cross(process, [label])
    begin = Start(embed(crossed, start.mean), start.poisson, start.has_outside)
    cells = mean_cells(crossed, modifiers, begin, days=days)
    here = crossed.weights(lambda m: m.type in types and m.cycling)
    return np.asarray((cells @ (here * (crossed.level("BrdU") > 0))) / (cells @ here))


def isolated_population(
    *, cycle_hours: float, s_hours: float, g2m_hours: float = 2.5, stages: int = 40
) -> Returned:
    """Label one population that keeps its number, and apply the formula.

    Parameters
    ----------
    stages
        Erlang stages of each phase; the more, the less cells differ in their cycles.
    """
    phases = ((cycle_hours - s_hours - g2m_hours) / 24.0, s_hours / 24.0, g2m_hours / 24.0)
    # One daughter in two leaves the cycle, so that cycling cells keep their number.
    lineage = cycling_lineage(phase_days=phases, stages=(stages,) * 3, rest_probability=0.5)
    process = compile_lineage(lineage)
    by_phase = dict(zip(("G1", "S", "G2M"), phases, strict=True))
    mean = process.weights(lambda m: 1000.0 * by_phase.get(m.phase, 0.0) / stages)
    shares = labelled_shares(process, Modifiers.none(0.0, 9.0), Start(mean, True), types=("cell",))
    return Returned(
        "isolated population", cycle_hours, s_hours, shares, fit_cumulative(np.array(HOURS), shares)
    )


def svz_populations(catalogue: Catalogue) -> tuple[Returned, ...]:
    """Label the resting SVZ continuously, and apply the formula to each of its cycling populations."""
    study = load_study(catalogue, _STUDY)
    experiment = bind(study)
    modifiers = experiment.modifiers(study.control.name)
    cells = mean_cells(experiment.process, modifiers, experiment.start, days=[0.0])[0]
    start = Start(cells, True, experiment.process.has_outside)
    found = []
    for name, (types, cycle, s_phase) in _POPULATIONS.items():
        shares = labelled_shares(experiment.process, modifiers.after(0.0), start, types=types)
        truth = [24.0 * study.niche.parameters[p] for p in (cycle, s_phase)]
        found.append(Returned(name, truth[0], truth[1], shares, fit_cumulative(np.array(HOURS), shares)))
    return tuple(found)
