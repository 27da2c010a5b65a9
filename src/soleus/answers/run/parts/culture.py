"""A culture in one run: its true growth over passages by group."""

from __future__ import annotations

import numpy as np

from soleus.answers.run.biology_values import CultureInfo, GrowthCurve
from soleus.assays.readouts import CellReadout, Flux, Share
from soleus.engines import mean_cells
from soleus.study import Experiment
from soleus.study.passages import plated_share

__all__ = ["culture_info"]

_POINTS = 57
_READOUT = "cells"


def culture_info(experiment: Experiment) -> CultureInfo | None:
    """Return the growth of each group's average culture; None where the study is of animals."""
    study = experiment.study
    if not study.niche.in_culture:
        return None
    passages = study.niche.passages
    counted = next((r for r in study.all_readouts() if r.name == _READOUT), None)
    curves: list[GrowthCurve] = []
    if counted is not None and not isinstance(counted, Share | Flux):
        curves = [_curve(experiment, group.name, counted) for group in study.groups]
    return CultureInfo(
        statement=_statement(passed=bool(passages)),
        status="provisional",
        passages=[p.day for p in passages],
        plated_fraction=passages[0].plated_fraction if passages else 1.0,
        readout=_READOUT,
        curves=curves,
    )


def _statement(*, passed: bool) -> str:
    found = (
        "growth over several passages was impaired"
        if passed
        else "much less glia was made and neurons did not mature completely"
    )
    return (
        f"Known, in words and from one study of three mice a group: {found} in cells from unloaded mice. "
        "Only what is intrinsic to a cell comes along into the dish. Not yet checked in a source: every "
        "rate of the culture, "
        "which is not fitted to counts, and how much of the legs' effect the cells keep."
    )


def _curve(experiment: Experiment, group: str, counted: CellReadout) -> GrowthCurve:
    study = experiment.study
    jumps = {jump.day: jump for jump in experiment.process.jumps}
    end = study.sampling_days[-1]
    days = sorted({*np.linspace(0.0, end, _POINTS).tolist(), *(d for d in jumps if d <= end)})
    weights = counted.weights(experiment.process)
    means = mean_cells(experiment.process, experiment.modifiers(group), experiment.start, days=days)
    rows: list[tuple[float, float, float]] = []
    for day, mean in zip(days, means, strict=True):
        share = plated_share(study.niche.passages, day)
        rows.append(_row(day, float(weights @ mean), share))
        if day in jumps and day < end:
            after = float(weights @ jumps[day].forward(mean))
            rows.append(_row(day, after, plated_share(study.niche.passages, np.nextafter(day, np.inf))))
    return GrowthCurve(
        group=group,
        days=[row[0] for row in rows],
        flask=[row[1] for row in rows],
        cumulated=[row[2] for row in rows],
    )


def _row(day: float, cells: float, share: float) -> tuple[float, float, float]:
    return round(day, 4), float(f"{cells:.6g}"), float(f"{cells / share:.6g}")
