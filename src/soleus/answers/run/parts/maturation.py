"""How far cells born in the study have come: stages of a cohort by age, and mature shares by group."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from soleus.answers.run.biology_values import LineStages, MaturationInfo, MatureShareRow, StageInfo
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.maturation import cell_lines
from soleus.study import Experiment
from soleus.study.maturation import CellLine, mature_shares, stages_by_age

__all__ = ["maturation_info"]

_DAYS = (7.0, 14.0, 28.0)
_WINDOW = 1.0
_STEPS = 60


def maturation_info(catalogue: Catalogue, experiment: Experiment) -> MaturationInfo | None:
    """Return stages and mature shares of every line of the lineage; None where no line is declared."""
    study = experiment.study
    lines = cell_lines(catalogue, study.niche.name)
    end = study.sampling_days[-1]
    if not lines or end <= 2.0 * _WINDOW:
        return None
    days = sorted({*study.sampling_days, *(d for d in _DAYS if d <= end)})
    return MaturationInfo(
        statement=_statement(lines.values(), end),
        status="provisional",
        stages=[_stages(experiment, line, end) for line in lines.values()],
        shares=[
            MatureShareRow(
                line=line.name,
                label=line.label,
                group=row.group,
                day=row.day,
                born=row.born,
                mature_share=row.mature_share,
            )
            for line in lines.values()
            for row in mature_shares(experiment, line, days=days)
            if np.isfinite(row.mature_share)
        ],
    )


def _statement(lines: Iterable[CellLine], end: float) -> str:
    what = " and ".join(line.takes for line in lines if line.takes is not None)
    return (
        f"Known: a cell that is born in a study of {end:g} days is no older than that at its end, and {what} "
        "to mature, whatever the legs do. Not yet checked in a source: how long each stage lasts and how "
        "many cells die."
    )


def _stages(experiment: Experiment, line: CellLine, end: float) -> LineStages:
    group = experiment.study.control.name
    # A window of birth needs its half before the first age, and another after the last.
    ages = np.linspace(0.5 * _WINDOW, end - 0.5 * _WINDOW, _STEPS)
    dated = stages_by_age(experiment, group, line, ages=ages.tolist(), window_days=_WINDOW)
    return LineStages(
        line=line.name,
        label=line.label,
        group=group,
        ages=[round(float(a), 4) for a in dated.times],
        stages=[StageInfo(name=s.name, label=s.label, mature=s.mature) for s in line.stages],
        cells=[[float(f"{c:.6g}") for c in row] for row in dated.cells],
    )
