"""Everything that the mechanism sets predict for one study, computed once per run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from soleus.catalogue.effect_model import effect_model
from soleus.catalogue.movement import mechanism_sets, mechanisms, movement_entries
from soleus.catalogue.store import evidence
from soleus.evidence.posterior import Posterior, direction_results, posterior
from soleus.jobs import map_ordered
from soleus.lineage.process import FloatArray
from soleus.schema.run import Interval
from soleus.study import Experiment
from soleus.study.effects import EffectPrior, carries
from soleus.study.response import MechanismSet, Responder, ResponseTable

__all__ = ["POINTS", "Predictions", "interval_of", "predict", "weighted_interval"]

_DAYS = (7.0, 14.0, 28.0)
POINTS = 400


@dataclass(frozen=True)
class Predictions:
    """Response tables of all sets that are on, and the prior's strengths.

    Attributes
    ----------
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
        tables = {name: self.tables[name] for name in self.carrying}
        return posterior(tables, self.strengths, results, model)


def predict(experiment: Experiment, *, workers: int) -> Predictions:
    """Compute the predictions of a study's first treated group against its control."""
    study = experiment.study
    end = study.sampling_days[-1]
    model = effect_model().prior
    reported = study.reported
    wanted = {*study.sampling_days, *(d for d in (*_DAYS, model.day) if d <= end)}
    if reported is not None:
        wanted.add(reported.day)
    responder = Responder(experiment, study.treated[0].name, tuple(sorted(wanted)))
    sets = _sets_that_are_on(experiment)
    tables = dict(
        zip(
            sets,
            map_ordered(responder.table, sets.values(), workers=workers, label="mechanisms"),
            strict=True,
        )
    )
    prior = EffectPrior(model.median, model.low, model.high)
    grid = prior.grid(POINTS)
    strengths = {n: t.strengths_for(grid, model.readout, model.day) for n, t in tables.items()}
    strength: dict[str, float | None] = dict.fromkeys(tables)
    if reported is not None:
        for name, table in tables.items():
            strength[name] = responder.strength_of(
                table, readout=reported.readout, day=reported.day, log_ratio=float(np.log(reported.ratio))
            )
    exact = {
        n: responder.log_ratios(responder.gains(tables[n].set, s))
        for n, s in strength.items()
        if s is not None
    }
    carrying = tuple(n for n, t in tables.items() if carries(t, prior, readout=model.readout, day=model.day))
    return Predictions(
        responder, tables, strength, exact, carrying, strengths, prior, model.readout, model.day
    )


def _sets_that_are_on(experiment: Experiment) -> dict[str, MechanismSet]:
    on = {m.name for m in experiment.mechanisms}
    known = mechanisms()
    sets = {}
    for name, shares in mechanism_sets().items():
        if set(shares) <= on:
            label = movement_entries().mechanisms[name].label if name in known else name.replace("-", " ")
            sets[name] = MechanismSet(name, label, shares)
    return sets


def interval_of(log_ratios: FloatArray) -> Interval:
    """Return median and central 95 % of equally weighted log-ratios, as ratios."""
    return weighted_interval(log_ratios, np.full(len(log_ratios), 1.0 / len(log_ratios)))


def weighted_interval(log_ratios: FloatArray, weights: FloatArray) -> Interval:
    """Return median and central 95 % of weighted log-ratios, as ratios."""
    order = np.argsort(log_ratios)
    cumulated = np.cumsum(weights[order]) - 0.5 * weights[order]
    low, mid, high = np.exp(np.interp([0.025, 0.5, 0.975], cumulated, log_ratios[order]))
    return Interval(value=float(mid), low=float(low), high=float(high), level=0.95)
