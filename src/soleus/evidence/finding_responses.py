"""What every mechanism set predicts for every published outcome, by strength and headroom.

A *strength* scales a set's gains; its prior is that of the effect on the reference study (SVZ Ki67+ cells
after 14 days of unloading), taken by its size: the sign is the mechanism's own. So each set starts from
the same prior-predictive change, and a set with the wrong sign predicts the opposite one. *Headroom*, how
far a mechanism can go above normal cage life, is not known; a few values are equally probable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from soleus.catalogue.effect_model import effect_model
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.studies import load_study
from soleus.evidence.sets import sets_that_are_on
from soleus.jobs import NoProgress, Progress, map_ordered
from soleus.lineage.process import FloatArray
from soleus.study import Experiment, bind
from soleus.study.design import Study
from soleus.study.effects import EffectPrior
from soleus.study.monotone import monotone_cubic, monotone_slopes
from soleus.study.response import MechanismSet, Responder

__all__ = [
    "MAGNITUDES",
    "Compared",
    "SetCurves",
    "SetResponses",
    "prior_sizes",
    "respond",
    "solve",
    "strengths_of_size",
]

MAGNITUDES = 100


class Compared(Protocol):
    """A group against another: a published finding, or what a claim is judged by."""

    @property
    def id(self) -> str:
        """Unique name."""

    @property
    def arm(self) -> str:
        """File of the study."""

    @property
    def readout(self) -> str:
        """What is compared."""

    @property
    def group(self) -> str:
        """The group above the line."""

    @property
    def against(self) -> str:
        """The group below the line."""

    @property
    def day(self) -> float:
        """On which day."""


_NODES = 9
_REFERENCE_NODES = 24
_MOVES_NOTHING = 0.02
_NEAR_TOP = 0.005


@dataclass(frozen=True)
class SetCurves:
    """What was solved for one set.

    Attributes
    ----------
    grid
        Strengths that were solved, shape (S,), from negative over 0 to positive.
    declared, flipped
        Equally probable strengths, shape (N,), of the declared sign and of the other.
    reach
        Largest size of the reference log-ratio that the declared sign reaches.
    curves
        Log-ratios, shape (headrooms, comparisons, S).
    """

    name: str
    label: str
    mechanisms: tuple[str, ...]
    grid: FloatArray
    declared: FloatArray
    flipped: FloatArray
    reach: float
    curves: FloatArray

    def responses(self) -> SetResponses:
        """Return the log-ratios at equally probable strengths, by interpolation."""
        declared, flipped = [], []
        for curves in self.curves:
            slopes = monotone_slopes(self.grid, curves.T)
            declared.append(monotone_cubic(self.declared, self.grid, curves.T, slopes).T)
            flipped.append(monotone_cubic(self.flipped, self.grid, curves.T, slopes).T)
        middle = np.argsort(self.declared)[len(self.declared) // 2]
        return SetResponses(
            name=self.name,
            label=self.label,
            mechanisms=self.mechanisms,
            strengths=self.declared,
            log_ratios=np.concatenate(declared, axis=1),
            flipped=np.concatenate(flipped, axis=1),
            reach=self.reach,
            at_median=np.array([one[:, middle] for one in declared]).T,
        )


@dataclass(frozen=True)
class SetResponses:
    """Log-ratios of all comparisons under one set.

    Attributes
    ----------
    strengths
        Equally probable strengths of the declared sign, shape (N,), and of the flipped one.
    log_ratios
        Shape (comparisons, headrooms * N), headroom by headroom; ``flipped`` the same for the other sign.
    at_median
        Log-ratios at the prior's median strength, shape (comparisons, headrooms).
    reach
        Largest size of the reference log-ratio that the declared sign reaches.
    """

    name: str
    label: str
    mechanisms: tuple[str, ...]
    strengths: FloatArray
    log_ratios: FloatArray
    flipped: FloatArray
    reach: float
    at_median: FloatArray

    def only(self, places: Sequence[int]) -> SetResponses:
        """Return the same for some of the comparisons."""
        # A run of places is a view: nothing is copied.
        whole = isinstance(places, range) and places.step == 1
        index = slice(places.start, places.stop) if whole else list(places)  # type: ignore[attr-defined]
        return replace(
            self,
            log_ratios=self.log_ratios[index],
            flipped=self.flipped[index],
            at_median=self.at_median[index],
        )


def respond(
    catalogue: Catalogue,
    wanted: Sequence[Compared],
    *,
    studies: Mapping[str, Study] | None = None,
    sets: Mapping[str, MechanismSet] | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> tuple[SetResponses, ...]:
    """Return what every set predicts for the findings; arguments as in :func:`solve`."""
    solved = solve(catalogue, wanted, studies=studies, sets=sets, workers=workers, progress=progress)
    return tuple(curves.responses() for curves in solved)


def solve(
    catalogue: Catalogue,
    wanted: Sequence[Compared],
    *,
    studies: Mapping[str, Study] | None = None,
    sets: Mapping[str, MechanismSet] | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> tuple[SetCurves, ...]:
    """Solve every arm under every set, strength and headroom.

    Parameters
    ----------
    studies
        Arm to its study, the reference study among them; None: the catalogue's, with the mechanisms that
        are off switched on.
    sets
        Mechanism sets; None: the catalogue's.
    """
    model = effect_model(catalogue).matrix
    if studies is None:
        arms = {f.arm: load_study(catalogue, f.arm, with_off=True) for f in wanted}
        reference = bind(load_study(catalogue, model.reference_study, with_off=True))
    else:
        arms = {arm: study for arm, study in studies.items() if any(f.arm == arm for f in wanted)}
        reference = bind(studies[model.reference_study])
    chosen = dict(sets or sets_that_are_on(catalogue, reference))
    scale = _Reference.of(catalogue, reference, chosen, prior_sizes(catalogue), workers)
    found = _solved(
        catalogue, wanted, arms, chosen, scale.grids, workers=workers, progress=progress or NoProgress()
    )
    places = {f.id: [g.id for g in wanted if g.arm == f.arm].index(f.id) for f in wanted}
    levels = range(len(model.headrooms))
    return tuple(
        SetCurves(
            name=name,
            label=chosen[name].label,
            mechanisms=tuple(chosen[name].shares),
            grid=scale.grids[name],
            declared=scale.declared[name],
            flipped=scale.flipped[name],
            reach=scale.reach[name],
            curves=np.array([[found[f.arm, h, name][places[f.id]] for f in wanted] for h in levels]),
        )
        for name in chosen
    )


def _solved(
    catalogue: Catalogue,
    wanted: Sequence[Compared],
    arms: Mapping[str, Study],
    sets: Mapping[str, MechanismSet],
    grids: Mapping[str, FloatArray],
    *,
    workers: int,
    progress: Progress,
) -> dict[tuple[str, int, str], FloatArray]:
    """Return the curves of each arm, headroom and set; headrooms are solved only where they matter."""
    headrooms = effect_model(catalogue).matrix.headrooms
    bound = {(arm, h): bind(_with_headroom(arms[arm], x)) for arm in arms for h, x in enumerate(headrooms)}
    matters = {key: key[1] == 0 or _differ(bound[key[0], 0], bound[key]) for key in bound}
    jobs = [(arm, h, name) for (arm, h), yes in matters.items() if yes for name in sets]
    responders = {key: _responder(bound[key], wanted, key[0]) for key, yes in matters.items() if yes}

    def one(job: tuple[str, int, str]) -> FloatArray:
        arm, h, name = job
        return _curves(responders[arm, h], sets[name], grids[name], [f for f in wanted if f.arm == arm])

    solved = dict(
        zip(jobs, map_ordered(one, jobs, workers=workers, progress=progress, label="matrix"), strict=True)
    )
    return {
        (arm, h, name): solved.get((arm, h, name), solved[arm, 0, name]) for arm, h in bound for name in sets
    }


def prior_sizes(catalogue: Catalogue) -> FloatArray:
    """Return equally probable sizes of the reference log-ratio, shape (N,), none below 0."""
    model = effect_model(catalogue).prior
    grid = EffectPrior(model.median, model.low, model.high).grid(MAGNITUDES)
    return np.maximum(-grid, 0.0)


@dataclass(frozen=True)
class _Reference:
    """Strengths of each set, declared and flipped, and the grid on which it is solved."""

    grids: Mapping[str, FloatArray]
    declared: Mapping[str, FloatArray]
    flipped: Mapping[str, FloatArray]
    reach: Mapping[str, float]

    @staticmethod
    def of(
        catalogue: Catalogue,
        experiment: Experiment,
        sets: Mapping[str, MechanismSet],
        sizes: FloatArray,
        workers: int,
    ) -> _Reference:
        model = effect_model(catalogue).prior
        study = experiment.study
        responder = Responder(experiment, study.treated[0].name, (model.day,))
        column = [r.name for r in study.all_readouts()].index(model.readout)
        nodes = np.linspace(0.0, 1.0, _REFERENCE_NODES + 1) ** 2

        def curve(job: tuple[str, float]) -> FloatArray:
            name, sign = job
            logs = [responder.log_ratios(responder.gains(sets[name], sign * s))[0, column] for s in nodes[1:]]
            return np.array([0.0, *logs])

        jobs = [(name, sign) for name in sets for sign in (1.0, -1.0)]
        curves = dict(zip(jobs, map_ordered(curve, jobs, workers=workers, label="strengths"), strict=True))
        up = {n: strengths_of_size(sizes, nodes, curves[n, 1.0]) for n in sets}
        down = {n: -strengths_of_size(sizes, nodes, curves[n, -1.0]) for n in sets}
        return _Reference(
            grids={n: _grid(float(down[n].min()), float(up[n].max())) for n in sets},
            declared=up,
            flipped=down,
            reach={n: float(np.abs(curves[n, 1.0]).max()) for n in sets},
        )


def strengths_of_size(sizes: FloatArray, strengths: FloatArray, log_ratios: FloatArray) -> FloatArray:
    """Return the weakest strengths at which a log-ratio of at least each size is reached.

    What the set cannot reach gets the strength where it comes nearest; a set that moves the read-out by
    next to nothing gets strengths spread evenly over the whole range, since no size tells about them.

    Parameters
    ----------
    sizes
        Shape (N,), at least 0.
    strengths, log_ratios
        Shape (S,), strengths increasing from 0.
    """
    reached = np.maximum.accumulate(np.abs(log_ratios))
    if reached[-1] < _MOVES_NOTHING:
        return np.asarray((np.arange(len(sizes)) + 0.5) / len(sizes) * strengths[-1])
    first = np.concatenate([[True], np.diff(reached) > 1e-12])
    # On a plateau a hair's breadth of size is a wide range of strengths: stop just short of the top.
    wanted = np.minimum(sizes, reached[-1] - _NEAR_TOP)
    return np.asarray(np.interp(wanted, reached[first], strengths[first]))


def _grid(low: float, high: float) -> FloatArray:
    """Return strengths from low over 0 to high, dense near 0."""
    unit = np.linspace(0.0, 1.0, _NODES) ** 2
    return np.concatenate([low * unit[:0:-1], [0.0], high * unit[1:]])


def _with_headroom(study: Study, headroom: float) -> Study:
    changed = tuple(replace(m, headroom=headroom) if m.shape == "saturating" else m for m in study.mechanisms)
    return replace(study, mechanisms=changed)


def _differ(one: Experiment, other: Experiment) -> bool:
    """Whether any group's modifiers differ between two headrooms: some signal rises above normal."""
    unit = {m.name: 0.1 for m in one.mechanisms}
    if not np.array_equal(one.edges, other.edges):
        return True
    return any(
        not np.array_equal(one.modifiers(g.name, unit).values, other.modifiers(g.name, unit).values)
        for g in one.study.groups
    )


def _responder(experiment: Experiment, wanted: Sequence[Compared], arm: str) -> Responder:
    days = tuple(sorted({f.day for f in wanted if f.arm == arm}))
    return Responder(experiment, experiment.study.treated[0].name, days)


def _curves(
    responder: Responder, chosen: MechanismSet, grid: FloatArray, here: Sequence[Compared]
) -> FloatArray:
    """Return log-ratios of an arm's findings by strength, shape (comparisons, S)."""
    acting = {m.name for m in responder.experiment.mechanisms}
    shares = {m: share for m, share in chosen.shares.items() if m in acting}
    if not shares:
        return np.zeros((len(here), len(grid)))
    names = [r.name for r in responder.experiment.study.all_readouts()]
    groups = sorted({g for f in here for g in (f.group, f.against)})
    curves = np.empty((len(here), len(grid)))
    for s, strength in enumerate(grid):
        gains = responder.gains(replace(chosen, shares=shares), float(strength))
        means = {g: responder.means(g, gains) for g in groups}
        for i, f in enumerate(here):
            place = responder.days.index(f.day), names.index(f.readout)
            curves[i, s] = np.log(means[f.group][place] / means[f.against][place])
    return curves
