"""Everything that the mechanism sets predict for one study.

The responses do not depend on seed or animals, so they are stored per study with a hash of their
inputs; a run that has other inputs (a variant, a changed catalogue) computes them anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from soleus.catalogue.calibrations import EffectCalibration, effect_calibration
from soleus.catalogue.effect_model import effect_model
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.studies import load_study, study_entry
from soleus.errors import InputError
from soleus.evidence.finding_responses import prior_sizes, strengths_of_size
from soleus.evidence.findings import findings
from soleus.evidence.posterior import Posterior, posterior
from soleus.evidence.sets import sets_that_are_on
from soleus.evidence.stored import finding_responses
from soleus.evidence.weighted import weighted_quantiles
from soleus.jobs import map_ordered
from soleus.lineage.process import FloatArray
from soleus.provenance import run_id
from soleus.schema.values import Interval
from soleus.study import Experiment, bind
from soleus.study.design import Study
from soleus.study.effects import EffectPrior, carries
from soleus.study.response import MechanismSet, Responder, ResponseTable, strength_grid

__all__ = [
    "POINTS",
    "Predictions",
    "Scale",
    "for_group",
    "interval_of",
    "like_reference",
    "predict",
    "response_key",
    "unlike_reference",
    "weighted_interval",
]

_DAYS = (7.0, 14.0, 28.0)
# Raised by hand when engines or responses are changed so that the same inputs give other numbers.
_METHOD = 1
_FINE = 301
_UNLOADED = "hindlimb_unloading"
POINTS = 400


@dataclass(frozen=True)
class Scale:
    """Strengths of each set, from the prior of the effect on the reference: unloading, SVZ, day 14.

    Attributes
    ----------
    carrying
        Sets that reach the whole prior; the others are cut short and left out of averages.
    strengths
        Set to equally probable strengths under the prior, shape (N,).
    declared
        Set to strengths at the equally probable sizes that findings weigh, shape (M,).
    strongest
        Set to the lowest log-ratio of the reference that it reaches.
    """

    carrying: tuple[str, ...]
    strengths: Mapping[str, FloatArray]
    declared: Mapping[str, FloatArray]
    strongest: Mapping[str, float]

    @staticmethod
    def of(catalogue: Catalogue, tables: Mapping[str, ResponseTable]) -> Scale:
        """Return the scale that response tables of the reference give."""
        model = effect_model(catalogue).prior
        prior = EffectPrior(model.median, model.low, model.high)
        grid, sizes = prior.grid(POINTS), prior_sizes(catalogue)
        return Scale(
            tuple(n for n, t in tables.items() if carries(t, prior, readout=model.readout, day=model.day)),
            {n: t.strengths_for(grid, model.readout, model.day) for n, t in tables.items()},
            {n: _declared(catalogue, t, sizes) for n, t in tables.items()},
            {n: t.strongest(model.readout, model.day) for n, t in tables.items()},
        )


def _declared(catalogue: Catalogue, table: ResponseTable, sizes: FloatArray) -> FloatArray:
    model = effect_model(catalogue).prior
    fine = np.linspace(0.0, 1.0, _FINE) ** 2
    return strengths_of_size(sizes, fine, table.at(fine, model.readout, model.day))


@dataclass(frozen=True)
class Predictions:
    """Response tables of all sets that are on, and how strong the prior holds them to be.

    Attributes
    ----------
    catalogue
        Whose prior and findings they rest on.
    key
        Hash of what the responses depend on.
    reported_strength
        Set to the strength that gives the reported ratio; None where it cannot.
    reported_log_ratios
        Set that reaches it to the true log-ratios at that strength, shape (D, R).
    """

    catalogue: Catalogue
    responder: Responder
    key: str
    tables: Mapping[str, ResponseTable]
    reported_strength: Mapping[str, float | None]
    reported_log_ratios: Mapping[str, FloatArray]
    scale: Scale

    @property
    def days(self) -> tuple[float, ...]:
        """Days that are predicted."""
        return self.responder.days

    @property
    def carrying(self) -> tuple[str, ...]:
        """Sets that reach the whole prior and act here."""
        return tuple(n for n in self.scale.carrying if n in self.tables)

    @property
    def strengths(self) -> Mapping[str, FloatArray]:
        """Set to equally probable strengths under the prior, shape (N,)."""
        return self.scale.strengths

    @property
    def prior_readout(self) -> str:
        """The read-out that the prior of the effect is stated for."""
        return effect_model(self.catalogue).prior.readout

    @property
    def prior_day(self) -> float:
        """The day that the prior of the effect is stated for."""
        return effect_model(self.catalogue).prior.day

    @property
    def lead(self) -> tuple[str, float]:
        """The read-out and day that stand for the effect: as reported, else Ki67+ cells at the end."""
        study = self.responder.experiment.study
        if study.reported is not None:
            return study.reported.readout, study.reported.day
        names = next(iter(self.tables.values())).readouts
        wanted = effect_model(self.catalogue).prior.readout
        return (wanted if wanted in names else names[0]), self.days[-1]

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
        """Return the posterior from published findings, leaving studies or citations out.

        Its weights belong to the strengths ``scale.declared``.
        """
        return posterior(
            finding_responses(self.catalogue),
            findings(self.catalogue),
            excluded=exclude,
            carrying=self.scale.carrying,
        )


def predict(
    catalogue: Catalogue, experiment: Experiment, *, workers: int, stored: bool = True
) -> Predictions:
    """Return the predictions of a study's first treated group against its control.

    Parameters
    ----------
    stored
        Use the stored calibration where it was made from exactly these inputs; else all is computed.
    """
    study = experiment.study
    responder = Responder(experiment, _treated(study), _days(catalogue, study))
    sets = sets_that_are_on(catalogue, experiment)
    key = response_key(responder, sets)
    found = effect_calibration(catalogue, study.name) if stored else None
    if found is not None and found.key == key:
        tables, strength, exact = _from_store(found, sets)
    else:
        tables, strength, exact = _computed(responder, sets, workers)
    return Predictions(
        catalogue=catalogue,
        responder=responder,
        key=key,
        tables=tables,
        reported_strength=strength,
        reported_log_ratios=exact,
        scale=_scale(catalogue, study, tables, workers),
    )


def for_group(predictions: Predictions, treated: str, *, workers: int) -> Predictions:
    """Return the predictions of another treated group of the same study, at the same strengths.

    Where the study carries a reported effect, it is the first treated group's; this one's log-ratios are
    those at the strengths that reach it there.
    """
    responder = replace(predictions.responder, treated=treated)
    sets = {name: table.set for name, table in predictions.tables.items()}
    found = map_ordered(responder.table, sets.values(), workers=workers, label="mechanisms")
    exact = {
        name: responder.log_ratios(responder.gains(sets[name], strength))
        for name, strength in predictions.reported_strength.items()
        if strength is not None
    }
    return replace(
        predictions,
        responder=responder,
        tables=dict(zip(sets, found, strict=True)),
        reported_log_ratios=exact,
    )


def _scale(catalogue: Catalogue, study: Study, tables: Mapping[str, ResponseTable], workers: int) -> Scale:
    """Return the scale: the study's own where it is such a study as the prior is about."""
    if like_reference(catalogue, study):
        return Scale.of(catalogue, tables)
    with_off = all(m.on for m in study.mechanisms)
    reference = bind(load_study(catalogue, effect_model(catalogue).matrix.reference_study, with_off=with_off))
    return predict(catalogue, reference, workers=workers).scale


def like_reference(catalogue: Catalogue, study: Study) -> bool:
    """Whether the first treated group is unloaded from day 0 to the prior's day, in the prior's niche."""
    return unlike_reference(catalogue, study) is None


def unlike_reference(catalogue: Catalogue, study: Study) -> str | None:
    """Say in what a study is not such as the prior is about; None where it is."""
    prior = effect_model(catalogue).prior
    wanted = study_entry(catalogue, effect_model(catalogue).matrix.reference_study)
    if study.niche.name != wanted.lineage:
        return f"it is of {study.niche.name}, not of {wanted.lineage}"
    if not study.treated:
        return "it has no treated group"
    first = study.treated[0].regimen.intervals[0]
    if first.activity.name != _UNLOADED or first.start_day != 0.0:
        return f"its group {study.treated[0].name!r} is not unloaded from the first day on"
    ends = min(first.end_day, study.sampling_days[-1])
    if ends < prior.day:
        return f"it ends on day {ends:g}, before day {prior.day:g}, at which the size of the effect is stated"
    if prior.readout not in [r.name for r in study.all_readouts()]:
        return f"it does not have {prior.readout}"
    return None


_Parts = tuple[dict[str, ResponseTable], dict[str, float | None], dict[str, FloatArray]]


def _treated(study: Study) -> str:
    if not study.treated:
        raise InputError(f"study {study.name!r} has no treated group; there is no effect to predict")
    return study.treated[0].name


def _days(catalogue: Catalogue, study: Study) -> tuple[float, ...]:
    """Return the days that are predicted: those sampled, the reported one and those that people ask for."""
    end = study.sampling_days[-1]
    wanted = {*study.sampling_days, *(d for d in (*_DAYS, effect_model(catalogue).prior.day) if d <= end)}
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


def interval_of(log_ratios: FloatArray) -> Interval:
    """Return median and central 95 % of equally weighted log-ratios, as ratios."""
    return weighted_interval(log_ratios, np.full(len(log_ratios), 1.0 / len(log_ratios)))


def weighted_interval(log_ratios: FloatArray, weights: FloatArray) -> Interval:
    """Return median and central 95 % of weighted log-ratios, as ratios."""
    low, mid, high = np.exp(weighted_quantiles(log_ratios, weights))
    return Interval(value=float(mid), low=float(low), high=float(high), level=0.95)
