"""Everything that the mechanism sets predict for one study.

The responses do not depend on seed or animals, so they are stored per study with a hash of their
inputs; a run that has other inputs (a variant, a changed catalogue) computes them anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from soleus.catalogue.calibrations import EffectCalibration, effect_calibration
from soleus.catalogue.effect_model import effect_model
from soleus.catalogue.movement import mechanism_sets, movement_entries
from soleus.catalogue.store import evidence
from soleus.errors import InputError
from soleus.evidence.posterior import Posterior, direction_results, posterior
from soleus.jobs import map_ordered
from soleus.lineage.process import FloatArray
from soleus.provenance import run_id
from soleus.schema.run import Interval
from soleus.study import Experiment
from soleus.study.design import Study
from soleus.study.effects import EffectPrior, carries
from soleus.study.response import MechanismSet, Responder, ResponseTable, strength_grid

__all__ = [
    "POINTS",
    "Predictions",
    "interval_of",
    "predict",
    "response_key",
    "set_label",
    "sets_that_are_on",
    "weighted_interval",
]

_DAYS = (7.0, 14.0, 28.0)
# Raised by hand when engines or responses are changed so that the same inputs give other numbers.
_METHOD = 1
POINTS = 400


@dataclass(frozen=True)
class Predictions:
    """Response tables of all sets that are on, and the prior's strengths.

    Attributes
    ----------
    key
        Hash of what the responses depend on.
    reported_strength
        Set to the strength that gives the reported ratio; None where it cannot.
    reported_log_ratios
        Set that reaches it to the true log-ratios at that strength, shape (D, R).
    carrying
        Sets that reach the whole prior; the others are cut short and left out of averages.
    strengths
        Set to equally probable strengths under the prior, shape (N,).
    """

    responder: Responder
    key: str
    tables: Mapping[str, ResponseTable]
    reported_strength: Mapping[str, float | None]
    reported_log_ratios: Mapping[str, FloatArray]
    carrying: tuple[str, ...]
    strengths: Mapping[str, FloatArray]
    prior: EffectPrior
    prior_readout: str
    prior_day: float

    @property
    def days(self) -> tuple[float, ...]:
        """Days that are predicted."""
        return self.responder.days

    def log_ratios(self, name: str, readout: str, day: float) -> FloatArray:
        """Return prior-predicted log-ratios of a read-out under a set, shape (N,)."""
        return self.tables[name].at(self.strengths[name], readout, day)

    def pooled(self, readout: str, day: float) -> FloatArray:
        """Return prior-predicted log-ratios over all carrying sets, equally weighted."""
        return np.concatenate([self.log_ratios(name, readout, day) for name in self.carrying])

    def reported(self, readout: str, day: float) -> dict[str, float]:
        """Return the true ratio under the reported effect, for each set that reaches it."""
        return {
            name: float(np.exp(logs[self.days.index(day), self.tables[name].readouts.index(readout)]))
            for name, logs in self.reported_log_ratios.items()
        }

    def given(self, exclude: Collection[str]) -> Posterior:
        """Return the posterior from published directions, leaving works out."""
        model = effect_model().direction_studies
        first = next(iter(self.tables.values()))
        results = direction_results(
            evidence(),
            niche=self.responder.experiment.study.niche.niche,
            readouts=first.readouts,
            days=self.days,
            exclude=exclude,
        )
        return posterior(self.tables, self.strengths, results, model, carrying=self.carrying)


def predict(experiment: Experiment, *, workers: int, stored: bool = True) -> Predictions:
    """Return the predictions of a study's first treated group against its control.

    Parameters
    ----------
    stored
        Use the stored calibration where it was made from exactly these inputs; else all is computed.
    """
    study = experiment.study
    model = effect_model().prior
    responder = Responder(experiment, _treated(study), _days(study))
    sets = sets_that_are_on(experiment)
    key = response_key(responder, sets)
    found = effect_calibration(study.name) if stored else None
    if found is not None and found.key == key:
        tables, strength, exact = _from_store(found, sets)
    else:
        tables, strength, exact = _computed(responder, sets, workers)
    prior = EffectPrior(model.median, model.low, model.high)
    grid = prior.grid(POINTS)
    return Predictions(
        responder=responder,
        key=key,
        tables=tables,
        reported_strength=strength,
        reported_log_ratios=exact,
        carrying=tuple(
            n for n, t in tables.items() if carries(t, prior, readout=model.readout, day=model.day)
        ),
        strengths={n: t.strengths_for(grid, model.readout, model.day) for n, t in tables.items()},
        prior=prior,
        prior_readout=model.readout,
        prior_day=model.day,
    )


_Parts = tuple[dict[str, ResponseTable], dict[str, float | None], dict[str, FloatArray]]


def _treated(study: Study) -> str:
    if not study.treated:
        raise InputError(f"study {study.name!r} has no treated group; there is no effect to predict")
    return study.treated[0].name


def _days(study: Study) -> tuple[float, ...]:
    """Return the days that are predicted: those sampled, the reported one and those of the evidence."""
    end, day = study.sampling_days[-1], effect_model().prior.day
    if end < day:
        raise InputError(
            f"study {study.name!r} ends on day {end:g}; effects are stated for day {day:g} "
            "(effect-model.yaml), so its last sampling day must not lie before it"
        )
    wanted = {*study.sampling_days, *(d for d in (*_DAYS, day) if d <= end)}
    if study.reported is not None:
        wanted.add(study.reported.day)
    return tuple(sorted(wanted))


def _computed(responder: Responder, sets: Mapping[str, MechanismSet], workers: int) -> _Parts:
    found = map_ordered(responder.table, sets.values(), workers=workers, label="mechanisms")
    tables = dict(zip(sets, found, strict=True))
    strength: dict[str, float | None] = dict.fromkeys(tables)
    reported = responder.experiment.study.reported
    if reported is not None:
        wanted = float(np.log(reported.ratio))
        for name, table in tables.items():
            strength[name] = responder.strength_of(
                table, readout=reported.readout, day=reported.day, log_ratio=wanted
            )
    exact = {
        n: responder.log_ratios(responder.gains(tables[n].set, s))
        for n, s in strength.items()
        if s is not None
    }
    return tables, strength, exact


def _from_store(stored: EffectCalibration, sets: Mapping[str, MechanismSet]) -> _Parts:
    tables = {
        name: ResponseTable(
            chosen,
            np.array(stored.strengths),
            stored.days,
            stored.readouts,
            np.array(stored.sets[name].log_ratios),
        )
        for name, chosen in sets.items()
    }
    strength = {name: stored.sets[name].reported_strength for name in sets}
    exact = {
        name: np.array(one.reported_log_ratios)
        for name in sets
        if (one := stored.sets[name]).reported_log_ratios is not None
    }
    return tables, strength, exact


def response_key(responder: Responder, sets: Mapping[str, MechanismSet]) -> str:
    """Return a hash of all numbers that the responses of a study depend on, at ten digits."""
    experiment = responder.experiment
    unit = {m.name: 1.0 for m in experiment.mechanisms}
    numbers = [
        *experiment.process.arrays,
        experiment.start.mean,
        experiment.edges,
        *(experiment.modifiers(g.name, unit).values for g in experiment.study.groups),
    ]
    reported = experiment.study.reported
    return run_id(
        {
            "numbers": [[f"{v:.10g}" for v in np.ravel(array)] for array in numbers],
            "sets": {n: {m: f"{s:.10g}" for m, s in c.shares.items()} for n, c in sets.items()},
            "bounds": {m.name: m.max_log_gain for m in experiment.mechanisms},
            "readouts": [repr(r) for r in experiment.study.all_readouts()],
            "reported": repr(reported),
            "days": list(responder.days),
            "method": _METHOD,
            "strengths": [f"{v:.10g}" for v in strength_grid()],
            "groups": [g.name for g in experiment.study.groups],
        },
        seed=0,
        versions={},
    )


def sets_that_are_on(experiment: Experiment) -> dict[str, MechanismSet]:
    """Return the catalogue's sets whose mechanisms are all switched on, cut to those that act here."""
    on = {m.name for m in experiment.study.mechanisms if m.on}
    here = {m.name for m in experiment.mechanisms}
    sets = {}
    for name, shares in mechanism_sets().items():
        acting = {m: share for m, share in shares.items() if m in here}
        if set(shares) <= on and acting:
            sets[name] = MechanismSet(name, set_label(name), acting)
    return sets


def set_label(name: str) -> str:
    """Return a set's words: its mechanism's label if it is named for one, else its own name."""
    known = movement_entries().mechanisms
    return known[name].label if name in known else name.replace("-", " ")


def interval_of(log_ratios: FloatArray) -> Interval:
    """Return median and central 95 % of equally weighted log-ratios, as ratios."""
    return weighted_interval(log_ratios, np.full(len(log_ratios), 1.0 / len(log_ratios)))


def weighted_interval(log_ratios: FloatArray, weights: FloatArray) -> Interval:
    """Return median and central 95 % of weighted log-ratios, as ratios."""
    order = np.argsort(log_ratios)
    cumulated = np.cumsum(weights[order]) - 0.5 * weights[order]
    low, mid, high = np.exp(np.interp([0.025, 0.5, 0.975], cumulated, log_ratios[order]))
    return Interval(value=float(mid), low=float(low), high=float(high), level=0.95)
