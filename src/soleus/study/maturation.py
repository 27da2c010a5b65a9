"""How far cells born in a study have come: stages of a line among cells that left the cycle since a day.

A cell is *born* when it leaves the cycle for good and enters a line's first stage. All cells of the line
that are there on a day are removed on it; what is counted later was born since. The process is of first
order, so these are exact means of what birth-dating by an ideal label would show. Label toxicity that an
assay of the study may carry is not part of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from soleus.engines import Start, mean_cells
from soleus.errors import InputError, ModelError, unknown_name
from soleus.lineage import Process
from soleus.lineage.process import FloatArray
from soleus.movement import Modifiers
from soleus.study.design import Study
from soleus.study.experiment import Experiment

__all__ = [
    "BirthDated",
    "CellLine",
    "LineStage",
    "MatureShare",
    "born_since",
    "lasting",
    "mature_shares",
    "stages_by_age",
]

_TOLERANCE = 1e-10


@dataclass(frozen=True, slots=True)
class LineStage:
    """A stage of a line: postmitotic cell types that count as one."""

    name: str
    label: str
    types: tuple[str, ...]
    mature: bool = False


@dataclass(frozen=True, slots=True)
class CellLine:
    """Postmitotic stages of a line in order; a cell passes from one to a later one, or dies.

    ``takes`` says in words how long it is until a cell is mature, where that is known.
    """

    name: str
    label: str
    stages: tuple[LineStage, ...]
    takes: str | None = None

    def __post_init__(self) -> None:
        if not any(s.mature for s in self.stages) or all(s.mature for s in self.stages):
            raise ModelError(f"line {self.name!r}: needs a stage that is mature and one that is not")
        types = [t for s in self.stages for t in s.types]
        if len(set(types)) < len(types):
            raise ModelError(f"line {self.name!r}: a cell type stands in one stage only, got {types}")

    def weights(self, process: Process) -> FloatArray:
        """Return weights that count the cells of each stage, shape (S, n)."""
        return np.array([process.count(*stage.types) for stage in self.stages])

    @property
    def mature(self) -> FloatArray:
        """Which stages are mature, 1 or 0, shape (S,)."""
        return np.array([float(stage.mature) for stage in self.stages])


@dataclass(frozen=True, slots=True)
class BirthDated:
    """Mean cells of a line by stage.

    Attributes
    ----------
    times
        Days of the study, or days since birth, shape (D,).
    cells
        Shape (D, S).
    """

    line: CellLine
    group: str
    times: FloatArray
    cells: FloatArray

    @property
    def shares(self) -> FloatArray:
        """Share of each stage among the living cells, shape (D, S); nan where there is none."""
        total = self.cells.sum(axis=1, keepdims=True)
        shares: FloatArray = np.full_like(self.cells, np.nan)
        np.divide(self.cells, total, out=shares, where=total > 0.0)
        return shares

    @property
    def mature_share(self) -> FloatArray:
        """Mature share of the living cells, shape (D,)."""
        return np.asarray(self.shares @ self.line.mature)


@dataclass(frozen=True, slots=True)
class MatureShare:
    """Cells of a line born since day 0, and the share of them that is mature; means of an average animal."""

    group: str
    line: str
    day: float
    born: float
    mature_share: float


def born_since(
    experiment: Experiment,
    group: str,
    line: CellLine,
    *,
    days: Sequence[float],
    since: float = 0.0,
    gains: Mapping[str, float] | None = None,
) -> BirthDated:
    """Return the mean cells of a line that were born since a day, by day and stage.

    Parameters
    ----------
    days
        Increasing, shape (D,), from ``since`` on and within the study.
    gains
        Mechanism to log-gain; the experiment's own by default.

    Raises
    ------
    InputError
        If the days do not increase, or lie before ``since`` or after the study.
    """
    process, modifiers = _parts(experiment, group, gains)
    wanted = _checked_days(days, since=since, modifiers=modifiers)
    weights = line.weights(process)
    removed = _at(process, modifiers, _start(experiment), since) * (weights.sum(axis=0) == 0.0)
    cells = _run(process, modifiers, removed, since, wanted)
    return BirthDated(line, group, wanted, cells @ weights.T)


def mature_shares(
    experiment: Experiment,
    line: CellLine,
    *,
    days: Sequence[float],
    groups: Sequence[str] | None = None,
    gains: Mapping[str, float] | None = None,
) -> tuple[MatureShare, ...]:
    """Return number and mature share of the cells born since day 0, by group and day.

    Parameters
    ----------
    groups
        All groups of the study by default.
    """
    found = []
    for group in groups or [g.name for g in experiment.study.groups]:
        dated = born_since(experiment, group, line, days=days, gains=gains)
        found += [
            MatureShare(group, line.name, float(day), float(cells.sum()), float(share))
            for day, cells, share in zip(dated.times, dated.cells, dated.mature_share, strict=True)
        ]
    return tuple(found)


def stages_by_age(
    experiment: Experiment,
    group: str,
    line: CellLine,
    *,
    ages: Sequence[float],
    born_on: float = 0.0,
    window_days: float = 1.0,
    gains: Mapping[str, float] | None = None,
) -> BirthDated:
    """Return the mean cells of a birth-dated cohort by stage and days since birth.

    Parameters
    ----------
    ages
        Days since the middle of the window of birth, increasing, from half the window on.
    born_on
        Start of that window; cells are born from it on.
    window_days
        Its length.

    Raises
    ------
    InputError
        If the window is not above 0, or an age lies inside it or beyond the study.
    """
    if not window_days > 0.0:
        raise InputError(f"window_days must be above 0, got {window_days:g}")
    process, modifiers = _parts(experiment, group, gains)
    closed = born_on + window_days
    middle = born_on + 0.5 * window_days
    days = _checked_days([middle + age for age in ages], since=closed, modifiers=modifiers)
    weights = line.weights(process)
    inside = weights.sum(axis=0) > 0.0
    opened = _at(process, modifiers, _start(experiment), born_on) * ~inside
    cohort = _at(process, _from(modifiers, born_on), opened, closed) * inside
    cells = _run(process, modifiers, cohort, closed, days)
    return BirthDated(line, group, np.asarray(ages, dtype=float), cells @ weights.T)


def lasting(study: Study, end_day: float) -> Study:
    """Return a study whose regimens go on as they end, and which is sampled on one later day."""
    if end_day < study.sampling_days[-1]:
        raise InputError(
            f"study {study.name!r} is sampled until day {study.sampling_days[-1]:g}; it cannot last until "
            f"day {end_day:g}"
        )
    groups = tuple(replace(g, regimen=g.regimen.until(max(end_day, g.regimen.end_day))) for g in study.groups)
    return replace(study, groups=groups, sampling_days=(*study.sampling_days[:-1], end_day))


def _parts(
    experiment: Experiment, group: str, gains: Mapping[str, float] | None
) -> tuple[Process, Modifiers]:
    known = [g.name for g in experiment.study.groups]
    if group not in known:
        raise unknown_name(f"group of study {experiment.study.name!r}", group, known)
    # Without the tags of the assays: a label changes what is seen of cells, not what they do.
    return experiment.study.niche.process, experiment.modifiers(group, gains)


def _start(experiment: Experiment) -> FloatArray:
    return experiment.study.niche.start_at_reference().mean


def _checked_days(days: Sequence[float], *, since: float, modifiers: Modifiers) -> FloatArray:
    wanted = np.asarray(days, dtype=float)
    first, last = float(modifiers.edges[0]), float(modifiers.edges[-1])
    if not first <= since <= last:
        raise InputError(f"births can be dated from day {first:g} to {last:g} of this study, got {since:g}")
    if wanted.ndim != 1 or not len(wanted) or not np.all(np.diff(wanted) > 0.0):
        raise InputError(f"days must increase, got {list(days)}")
    if not (wanted[0] >= since - 1e-12 and wanted[-1] <= last):
        raise InputError(
            f"days must lie between the last day of birth ({since:g}) and the end of the study ({last:g}), "
            f"got {wanted[0]:g} to {wanted[-1]:g}; soleus.study.maturation.lasting makes a study last longer"
        )
    return np.asarray(np.maximum(wanted, since))


def _from(modifiers: Modifiers, day: float) -> Modifiers:
    return modifiers if day == modifiers.edges[0] else modifiers.after(day)


def _at(process: Process, modifiers: Modifiers, cells: FloatArray, day: float) -> FloatArray:
    """Return mean cells on a day from those at the modifiers' first edge, shape (n,)."""
    if day == modifiers.edges[0]:
        return cells
    start = Start(cells, True, process.has_outside)
    return np.asarray(mean_cells(process, modifiers, start, days=[day], tolerance=_TOLERANCE)[0])


def _run(
    process: Process, modifiers: Modifiers, cells: FloatArray, since: float, days: FloatArray
) -> FloatArray:
    """Return mean cells on days from those at ``since``, shape (D, n)."""
    last = float(modifiers.edges[-1])
    if since == last:
        return np.asarray(np.tile(cells, (len(days), 1)))
    start = Start(cells, True, process.has_outside)
    return mean_cells(process, _from(modifiers, since), start, days=days.tolist(), tolerance=_TOLERANCE)
