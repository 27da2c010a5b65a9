"""The numbers behind the pictures of ``docs/assays.md``: plain rows, computed by the package."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from soleus.api import load_study, packaged
from soleus.assays.clones import CloneAssay
from soleus.assays.clones.label import SparseLabel
from soleus.assays.stereology.axis import AxisProfile, SectionSampling, systematic_cv
from soleus.assays.thymidine import CumulativeFit, cumulative_labelling, fit_cumulative
from soleus.catalogue.lineages import lineage_entry
from soleus.catalogue.markers import markers
from soleus.engines import Start, mean_cells
from soleus.evidence.cumulative import (
    HOURS,
    Returned,
    isolated_population,
    labelled_shares,
    svz_populations,
)
from soleus.lineage import Label, Process, compile_lineage, cross, embed
from soleus.lineage.cycling import cycling_lineage
from soleus.lineage.process import FloatArray
from soleus.movement import ModifierGrid, Modifiers

__all__ = [
    "CLONE_CLASSES",
    "CLONE_PLACES",
    "Lengths",
    "chase_rows",
    "clone_rows",
    "cumulative_rows",
    "dilution_rows",
    "marker_rows",
    "returned_lengths",
    "stereology_rows",
]

Rows = list[dict[str, Any]]

STEM = ("dNSC", "qNSC", "aNSC")
SVZ_PROGENY = ("TAP1", "TAP2", "TAP3", "NB1", "NB2", "NBm")
_FIRST_TYPE = {
    "active stem cells": "aNSC",
    "transit-amplifying cells": "TAP1",
    "dividing neuroblasts": "NB1",
}
CLONE_CLASSES = {"lost": "lost", "stem only": "stem only", "mixed": "mixed", "no stem": "progeny only"}
CLONE_PLACES = ("cells of the clone anywhere", "cells of the clone in the SVZ")
_CLONE_DAYS = (0.0, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 5, 7, 9, 11, 14, 17, 21, 28, 35, 42, 49, 56)
_PULSE_DAYS = 2.0 / 24.0
_SECTION_UM = 40.0
_GATES = ("G1", "S", "G2M")


@dataclass(frozen=True)
class Resting:
    """The fitted SVZ of resting animals; day 0 is the study's age of four months."""

    process: Process
    modifiers: Modifiers
    start: Start

    @staticmethod
    def until(day: float) -> Resting:
        """Return it with a life from the age of the lineage's start to a day."""
        study = load_study("leg-day")
        first = study.niche.reference_age_days - study.age_days
        grid = ModifierGrid.build(study.niche.age_terms(study.age_days), np.arange(first, day + 7.0, 7.0))
        return Resting(study.niche.process, grid.modifiers({}), study.niche.start_at_reference())

    def cells(self, day: float) -> FloatArray:
        """Return the mean cells of a day by microstate, shape (n,)."""
        return np.asarray(mean_cells(self.process, self.modifiers, self.start, days=[day])[0])


@dataclass(frozen=True)
class Lengths:
    """What the classical formula reads off one population under continuous label.

    ``alike``: the population by itself, its cells alike; ``spread``: by itself, its cells as different in
    their phases as those of the SVZ; ``svz``: in the SVZ, where cells flow in and out besides.
    """

    population: str
    svz: Returned
    alike: CumulativeFit
    spread: CumulativeFit


def returned_lengths() -> list[Lengths]:
    """Return what the formula gives back of each cycling population of the SVZ."""
    return [
        Lengths(
            one.population,
            svz=one,
            alike=isolated_population(cycle_hours=one.cycle_hours, s_hours=one.s_hours, stages=60).fit,
            spread=_by_itself(one, _FIRST_TYPE[one.population]),
        )
        for one in svz_populations(packaged())
    ]


def _by_itself(one: Returned, cell_type: str) -> CumulativeFit:
    """Label a population that keeps its number, with the stages that its phases have in the SVZ."""
    niche = load_study("leg-day").niche
    g2m = niche.parameters["g2m"]
    days = {"G1": (one.cycle_hours - one.s_hours) / 24.0 - g2m, "S": one.s_hours / 24.0, "G2M": g2m}
    found = Counter(m.phase for m in niche.process.microstates if m.type == cell_type)
    lineage = cycling_lineage(
        phase_days=(days["G1"], days["S"], days["G2M"]),
        stages=(found["G1"], found["S"], found["G2M"]),
        rest_probability=0.5,  # one daughter in two leaves, so that cycling cells keep their number
    )
    process = compile_lineage(lineage)
    mean = process.weights(lambda m: days[m.phase] / found[m.phase] if m.cycling else 0.0)
    start = Start(1000.0 * mean, True)
    shares = labelled_shares(process, Modifiers.none(0.0, 9.0), start, types=("cell",))
    return fit_cumulative(np.array(HOURS), shares)


def cumulative_rows(found: list[Lengths]) -> Rows:
    """Return labelled shares of cycling cells under continuous label, with the formula beside them."""
    rows: Rows = []
    fine = np.linspace(0.0, HOURS[-1], 97)
    for one in (lengths.svz for lengths in found):
        cycle, back = one.cycle_hours, one.fit.cycle_hours.estimate
        name = one.population
        title = f"{name}: cycle {cycle:.1f}\u00a0h, the formula reads {back:.1f}\u00a0h"
        rows += [
            {"panel": title, "hours": h, "share": float(s), "curve": "in the SVZ"}
            for h, s in zip(HOURS, one.shares, strict=True)
        ]
        line = cumulative_labelling(fine, cycle_hours=cycle, s_hours=one.s_hours)
        rows += [
            {"panel": title, "hours": float(h), "share": float(s), "curve": "the classical line"}
            for h, s in zip(fine, line, strict=True)
        ]
    return rows


def dilution_rows() -> Rows:
    """Return cells of the SVZ by EdU level over two weeks after a pulse of two hours on day 0."""
    life = Resting.until(28.0)
    label = Label("EdU", ((0.0, _PULSE_DAYS),), detectable_divisions=4)
    crossed = cross(life.process, [label])
    start = Start(embed(crossed, life.cells(0.0)), True, life.process.has_outside)
    days = [_PULSE_DAYS, *np.arange(0.25, 14.01, 0.25).tolist()]
    cells = mean_cells(crossed, life.modifiers.after(0.0), start, days=days)
    here, levels = crossed.count(*STEM, *SVZ_PROGENY), crossed.level("EdU")
    return [
        {
            "day": day,
            "cells": float(row @ (here * (levels == level))),
            "level": "full" if level == 1 else f"1/{2 ** (level - 1)}",
            "order": level,
        }
        for day, row in zip(days, cells, strict=True)
        for level in range(1, label.levels)
    ]


def marker_rows() -> Rows:
    """Return the probability that a cell of each type is seen as positive for each marker."""
    life = Resting.until(28.0)
    process, cells = life.process, life.cells(0.0)
    labels = lineage_entry(packaged(), "svz").types
    rows: Rows = []
    for name, marker in markers(packaged(), "svz").items():
        # What still stains after its window is left needs the cells' history; it is a small part.
        seen = replace(marker, persistence_days=0.0).detection(process)
        for cell_type in labels:
            weight = cells * process.count(cell_type)
            if weight.sum() > 0.0:
                p = float(weight @ seen / weight.sum())
                rows.append({"marker": name, "type": labels[cell_type].label, "seen": p})
    return rows


def clone_rows() -> Rows:
    """Return shares of clones of active stem cells by composition, over eight weeks."""
    life = Resting.until(63.0)
    every = tuple(dict.fromkeys(m.type for m in life.process.microstates if m.type not in STEM))
    label = SparseLabel(0.0, {"aNSC": 0.01})
    founders = label.cells(life.process, life.modifiers, life.start)
    rows: Rows = []
    for place, progeny in zip(CLONE_PLACES, (every, SVZ_PROGENY), strict=True):
        assay = CloneAssay(
            name="clones", label="clones of active stem cells", labelling=label, clones=40,
            groups={"stem": STEM, "progeny": progeny}, lost_are_seen=True,
        )  # fmt: skip
        for day in _CLONE_DAYS:
            found = assay.probabilities(
                life.process, life.modifiers, founders, day=float(day), tolerance=1e-8
            )
            rows += [
                {"place": place, "day": float(day), "class": CLONE_CLASSES[name], "share": float(p)}
                for name, p in zip(assay.class_names, found, strict=True)
            ]
    return rows


def stereology_rows() -> Rows:
    """Return coefficients of error of a total by number of sections, in per cent."""
    per_section, sections = 40.0, 2400.0 / _SECTION_UM
    rows: Rows = []
    for every in (30, 24, 20, 15, 12, 10, 8, 6, 5, 4, 3, 2):
        counting = 1.0 / math.sqrt(per_section * sections / every)
        sloping, sharp = (_systematic(every, sharp=s) for s in (False, True))
        found = {
            "where sections fall, sharp ends": sharp,
            "where sections fall, sloping ends": sloping,
            f"counting, {per_section:g} cells a section": counting,
            "counting and sections, sloping ends": math.hypot(counting, sloping),
        }
        rows += [{"sections": sections / every, "percent": 100.0 * v, "part": k} for k, v in found.items()]
    return rows


def _systematic(every: int, *, sharp: bool) -> float:
    """Return the error that the start of the series makes, over regions that differ a little in length."""
    squares = []
    for length in np.linspace(1900.0, 2900.0, 51):
        along = np.linspace(0.0, length, 241)
        density = np.ones_like(along) if sharp else along * (length - along)
        sampling = SectionSampling(_SECTION_UM, every, float(length))
        squares.append(systematic_cv(sampling, AxisProfile(along, density)) ** 2)
    return math.sqrt(float(np.mean(squares)))


def chase_rows(folder: Path, summary: Path, *, seed: int = 1, curves: int = 800) -> Rows:
    """Return measured fractions of the published chase with their errors, and fitted curves with their band.

    Parameters
    ----------
    folder
        Holds the authors' tables, as ``python -m benchmarks.chase`` wants them.
    summary
        What that wrote: the fit must be the same.
    """
    from soleus.inference.chase import fit_chase
    from soleus.inference.chase_data import ChaseData
    from soleus.inference.chase_model import ChaseModel

    chase, steady = (
        pd.read_csv(folder / name, skipinitialspace=True)
        for name in ("edu_positive_fractions.csv", "steady_state.csv")
    )
    found = fit_chase(chase, steady, seed=seed)
    stored = json.loads(summary.read_text(encoding="utf-8"))["soleus"]["posterior"]["cycle_hours"]["median"]
    if not math.isclose(found.intervals["cycle_hours"].median, stored, rel_tol=0.02):
        raise SystemExit(f"{summary} holds another fit (cycle {stored:.2f} h); run benchmarks.chase again")
    data = ChaseData.of(chase, steady)
    hours = np.linspace(0.25, float(data.hours[-1]), 72)
    rng = np.random.default_rng(seed)
    picked = rng.choice(len(found.weights), size=curves, p=found.weights)
    drawn = np.empty((curves, len(hours), len(_GATES)))
    models: dict[int, ChaseModel] = {}
    for k, place in enumerate(picked):
        theta = {name: float(values[place]) for name, values in found.draws.items()}
        stages = int(theta["g1_stages"])
        if stages not in models:
            models[stages] = ChaseModel.of(hours.tolist(), stages=(stages, 15, 15))
        drawn[k] = models[stages].fractions(theta)[0]
    low, middle, high = np.quantile(drawn, [0.025, 0.5, 0.975], axis=0)
    fitted = [
        {"hours": h, "gate": g, "low": low[i, j], "fitted": middle[i, j], "high": high[i, j]}
        for i, h in enumerate(hours.tolist())
        for j, g in enumerate(_GATES)
    ]
    measured = [
        {
            "hours": h, "gate": g, "measured": data.labelled[i, j],
            "from": data.labelled[i, j] - 1.96 * data.labelled_error[i, j],
            "to": data.labelled[i, j] + 1.96 * data.labelled_error[i, j],
        }
        for i, h in enumerate(data.hours.tolist())
        for j, g in enumerate(_GATES)
    ]  # fmt: skip
    return [
        {k: v if isinstance(v, str) else round(float(v), 5) for k, v in r.items()} for r in fitted + measured
    ]
