"""Figures of the body, of maturation, the dentate gyrus and a culture, as far as a result holds them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from soleus.answers.run.biology_values import BufferingInfo, LineStages, NewbornInfo
from soleus.answers.run.figures.body import body_figure
from soleus.answers.run.figures.culture import Curve, growth_figure
from soleus.answers.run.figures.culture_shares import phase_figure, share_figure
from soleus.answers.run.figures.dentate import newborn_figure, stress_ladder_figure
from soleus.answers.run.figures.maturation import mature_share_figure, stages_figure
from soleus.answers.run.groups import group_colours, group_labels
from soleus.answers.run.values import ReadoutResult, RunResult
from soleus.evidence.newborn import NewbornCourse
from soleus.evidence.resilience import StressBuffering
from soleus.report.specs import Figure
from soleus.study.maturation import BirthDated, CellLine, LineStage, MatureShare

__all__ = ["body_figures", "culture_figures", "dentate_figures", "maturation_figures"]

_PHASES = {"g0g1_share": "G0 or G1", "s_share": "S", "g2m_share": "G2 or M"}


def body_figures(result: RunResult) -> Iterator[Figure]:
    """Draw what the result holds of it."""
    if result.body is not None and result.body.curves:
        yield body_figure(result.body.curves)


def maturation_figures(result: RunResult) -> Iterator[Figure]:
    """Draw what the result holds of it."""
    if result.maturation is None:
        return
    end = result.design.duration_days
    for one in result.maturation.stages:
        # A line where the study ends would stand on the edge of the picture.
        yield stages_figure(_dated(one), marked=[d for d in (14.0, 28.0) if d < end - 1.0])
    shares = [MatureShare(s.group, s.label, s.day, s.born, s.mature_share) for s in result.maturation.shares]
    if shares:
        control = next(g.name for g in result.design.groups if g.control)
        yield mature_share_figure(shares, control=control, labels=group_labels(result.design))


def _dated(one: LineStages) -> BirthDated:
    stages = tuple(LineStage(s.name, s.label, (s.name,), s.mature) for s in one.stages)
    line = CellLine(one.line, one.label, stages)
    return BirthDated(line, one.group, np.array(one.ages), np.array(one.cells))


def dentate_figures(result: RunResult) -> Iterator[Figure]:
    """Draw what the result holds of it."""
    if result.dentate is None:
        return
    yield newborn_figure(_course(result.dentate.newborn))
    if result.dentate.buffering:
        yield stress_ladder_figure(_ladder(result.dentate.buffering[0]))


def _course(info: NewbornInfo) -> NewbornCourse:
    return NewbornCourse(
        info.niche,
        info.age_days,
        np.array(info.days),
        tuple(info.types),
        tuple(info.labels),
        np.array(info.cells),
        np.array(info.died),
    )


def _ladder(info: BufferingInfo) -> StressBuffering:
    counts = np.rint(np.array(info.probabilities) * info.draws).astype(int)
    return StressBuffering(
        status=info.status,
        niche=info.niche,
        place=info.niche,
        readout=info.readout,
        levels=tuple(info.levels),
        labels=tuple(info.labels),
        ranges=tuple(info.ranges),
        probabilities=np.array(info.probabilities),
        drawn=np.repeat(np.array(info.levels, dtype=np.int64), counts),
        reasons=tuple(info.reasons),
    )


def culture_figures(result: RunResult) -> Iterator[Figure]:
    """Draw what the result holds of it."""
    if result.culture is None:
        return
    labels, colours = group_labels(result.design), group_colours(result.design)
    by_label = {labels[name]: colour for name, colour in colours.items()}
    if result.culture.curves:
        flask: dict[str, Curve] = {labels[c.group]: (c.days, c.flask) for c in result.culture.curves}
        whole: dict[str, Curve] = {labels[c.group]: (c.days, c.cumulated) for c in result.culture.curves}
        dots = _counted(result, result.culture.readout, labels)
        yield growth_figure(flask, whole, colours=by_label, passages=result.culture.passages, counted=dots)
    last = [
        r for r in result.readouts if r.measure == "odds ratio" and r.day == result.design.sampling_days[-1]
    ]
    shares = {r.label: _by_group(r, labels) for r in last if r.readout not in _PHASES and r.animals}
    if shares:
        title = f"Stained shares of the cells, day {result.design.sampling_days[-1]:g}"
        yield share_figure(shares, colours=by_label, title=title)
    phases = {r.readout: r for r in last if r.readout in _PHASES}
    if len(phases) == len(_PHASES):
        yield phase_figure(
            {
                labels[group]: {words: phases[name].mean_by_group[group] for name, words in _PHASES.items()}
                for group in phases["s_share"].mean_by_group
            }
        )


def _counted(result: RunResult, readout: str, labels: dict[str, str]) -> dict[str, Curve]:
    """Return group to days and counted cumulated cells of each culture."""
    found: dict[str, tuple[list[float], list[float]]] = {}
    for one in (r for r in result.readouts if r.readout == readout):
        for animal in one.animals:
            days, cells = found.setdefault(labels[animal.group], ([], []))
            days.append(one.day)
            cells.append(animal.value)
    return dict(found)


def _by_group(readout: ReadoutResult, labels: dict[str, str]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for animal in readout.animals:
        found.setdefault(labels[animal.group], []).append(animal.value)
    return found
