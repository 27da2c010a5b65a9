"""Dose-response: the true ratio of a read-out by dose of an activity, under each mechanism set.

The strength of each set is the one that the prior (or a fit) gives it under unloading; here the same
strengths meet another activity. Above normal cage life a saturating mechanism gains at most its headroom,
so that more movement does little where less movement does much. Nothing here was measured as a
dose-response in the SVZ: every curve is provisional, and what studies found of the activity stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from soleus.catalogue.folder import Catalogue
from soleus.catalogue.movement import activities, dosed, findings, regimen
from soleus.catalogue.movement_doses import Finding
from soleus.errors import InputError, unknown_name
from soleus.lineage.process import FloatArray
from soleus.movement import Regimen
from soleus.study import GroupPlan, Study, bind
from soleus.study.response import MechanismSet, Responder

if TYPE_CHECKING:
    from soleus.evidence.predictions import Predictions

__all__ = ["DoseCurve", "DoseResponse", "at_half_range", "dose_response", "half_dose", "table_rows"]

# The middle and the ends of the central 95 per cent, and two between in case the ends are not extreme.
_QUANTILES = (0.025, 0.25, 0.5, 0.75, 0.975)
_MINUTES = "minutes_per_day"


@dataclass(frozen=True, slots=True)
class DoseCurve:
    """The ratio of one mechanism set by dose.

    Attributes
    ----------
    ratio, low, high
        At the median strength, and the range over the central 95 per cent of strengths, each shape (D,).
    """

    set: str
    label: str
    ratio: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True)
class DoseResponse:
    """Ratios to the control group by dose.

    Attributes
    ----------
    within
        Activity that bouts interrupt; None where the dose is that of the activity itself.
    doses
        Shape (D,), increasing, in ``unit``.
    found
        What studies saw of the activity in this niche; None where no study was found.
    """

    study: str
    niche: str
    activity: str
    within: str | None
    dose_label: str
    unit: str
    doses: FloatArray
    readout: str
    readout_label: str
    day: float
    curves: tuple[DoseCurve, ...]
    found: Finding | None

    def curve(self, name: str) -> DoseCurve:
        """Return the curve of a mechanism set."""
        for curve in self.curves:
            if curve.set == name:
                return curve
        raise unknown_name("mechanism set of the dose-response", name, (c.set for c in self.curves))

    @property
    def evidence(self) -> str:
        """What is known of this activity in this niche, in words."""
        if self.found is None:
            return f"{self.activity} in {self.niche}: no study was found"
        found = self.found
        return f"{self.activity} in {self.niche}: {found.result} ({found.species}, {found.citation})"


def dose_response(
    catalogue: Catalogue,
    study: Study,
    activity: str,
    doses: Sequence[float],
    *,
    predictions: Predictions,
    sets: Iterable[str] | None = None,
    within: str | None = None,
    part: str | None = None,
    readout: str | None = None,
    day: float | None = None,
) -> DoseResponse:
    """Return true ratios to the study's control group by dose, average animals.

    Parameters
    ----------
    study
        Gives niche, age, days and the control group; its own treated groups are not used.
    doses
        Increasing, in the unit of the activity's dose; minutes a day where ``within`` is given.
    predictions
        Where the strengths of the sets come from.
    sets
        Names of mechanism sets; all that carry the prior by default.
    within
        Activity that the bouts interrupt (``hindlimb_unloading``).
    part
        Which number of the dose varies, where it has several; the others stay at their reference.
    readout, day
        Those of the prior by default.

    Raises
    ------
    InputError
        If a name is unknown, a dose is outside its range, or doses do not increase.
    """
    wanted = np.asarray(doses, dtype=float)
    if wanted.ndim != 1 or len(wanted) < 2 or not np.all(np.diff(wanted) > 0.0):
        raise InputError(f"doses must be at least two increasing numbers, got {list(doses)}")
    if activity not in activities(catalogue):
        raise unknown_name("activity", activity, activities(catalogue))
    at_day = predictions.prior_day if day is None else day
    name = predictions.prior_readout if readout is None else readout
    label, unit, part = _dose_words(catalogue, activity, within, part)
    plans = [
        _plan(catalogue, study, activity, float(d), within=within, part=part, day=at_day) for d in wanted
    ]
    responder = _responder(study, plans, at_day)
    known = [r.name for r in responder.experiment.study.all_readouts()]
    if name not in known:
        raise unknown_name(f"read-out of study {study.name!r}", name, known)
    chosen = tuple(predictions.carrying if sets is None else sets)
    curves = tuple(_curve(responder, known.index(name), one, predictions) for one in chosen)
    shown = next(r for r in responder.experiment.study.all_readouts() if r.name == name)
    niche = study.niche.niche
    return DoseResponse(
        study.name,
        niche,
        activity,
        within,
        label,
        unit,
        wanted,
        name,
        shown.label,
        at_day,
        curves,
        findings(catalogue, activity).get(niche),
    )


def _dose_words(
    catalogue: Catalogue, activity: str, within: str | None, part: str | None
) -> tuple[str, str, str]:
    """Return the label and unit of what varies, and its name."""
    if within is not None:
        return activities(catalogue)[activity].label, "min/day", _MINUTES
    parts = {p.name: p for p in dosed(catalogue, activity).parts}
    if part is None:
        if len(parts) > 1:
            raise InputError(
                f"the dose of {activity!r} has several parts: {', '.join(parts)}; say which varies, "
                f"as in part={next(iter(parts))!r}"
            )
        part = next(iter(parts))
    if part not in parts:
        raise unknown_name(f"part of the dose of {activity!r}", part, parts)
    return parts[part].label, parts[part].unit, part


def _plan(
    catalogue: Catalogue,
    study: Study,
    activity: str,
    dose: float,
    *,
    within: str | None,
    part: str,
    day: float,
) -> Regimen:
    # The control's housing is everybody's: what is asked is what the activity does.
    alone = study.control.regimen.resting.drives.get("isolation", 0.0) > 0.0
    span: dict[str, object] = {"activity": activity, "from": 0.0, "to": max(day, study.sampling_days[-1])}
    if within is None:
        span |= {"dose": {part: dose}}
    else:
        span |= {"activity": within, "bouts": {"activity": activity, _MINUTES: dose}}
    return regimen(catalogue, f"{activity} {dose:g}", [span], housing="single" if alone else None)


def _responder(study: Study, plans: Sequence[Regimen], day: float) -> Responder:
    groups = [
        GroupPlan(f"dose-{i}", plan.name, False, 1, plan, study.control.factors)
        for i, plan in enumerate(plans)
    ]
    asked = replace(study, groups=(study.control, *groups), reported=None)
    return Responder(bind(asked), groups[0].name, (day,))


def _curve(responder: Responder, readout: int, name: str, predictions: Predictions) -> DoseCurve:
    if name not in predictions.tables:
        raise unknown_name("mechanism set that is on", name, predictions.tables)
    chosen: MechanismSet = predictions.tables[name].set
    strengths = np.quantile(predictions.strengths[name], _QUANTILES)
    study = responder.experiment.study
    ratios = np.empty((len(strengths), len(study.treated)))
    for k, strength in enumerate(strengths):
        gains = responder.gains(chosen, float(strength))
        control = responder.means(study.control.name, gains)[0, readout]
        for i, group in enumerate(study.treated):
            ratios[k, i] = responder.means(group.name, gains)[0, readout] / control
    middle = _QUANTILES.index(0.5)
    return DoseCurve(name, chosen.label, ratios[middle], ratios.min(axis=0), ratios.max(axis=0))


def at_half_range(doses: FloatArray, ratios: FloatArray) -> float:
    """Return the share of the whole log-change that is reached at half of the range of doses.

    A half for a straight line; more if the response saturates.

    Raises
    ------
    InputError
        If the dose changes nothing, so that there is no share of it.
    """
    logs = _from_first(ratios)
    middle = float(np.interp(0.5 * (doses[0] + doses[-1]), doses, logs))
    return middle / float(logs[-1])


def half_dose(doses: FloatArray, ratios: FloatArray) -> float:
    """Return the lowest dose that has half of the log-change of the highest, by linear interpolation.

    Raises
    ------
    InputError
        If the dose changes nothing.
    """
    logs = _from_first(ratios)
    share = logs / logs[-1]
    above = int(np.argmax(share >= 0.5))
    before = above - 1
    step = (0.5 - share[before]) / (share[above] - share[before])
    return float(doses[before] + step * (doses[above] - doses[before]))


def _from_first(ratios: FloatArray) -> FloatArray:
    logs = np.log(np.asarray(ratios, dtype=float))
    logs = logs - logs[0]
    if abs(float(logs[-1])) < 1e-9:
        raise InputError("this dose changes nothing under the mechanism set, so no share of it can be given")
    return np.asarray(logs)


def table_rows(response: DoseResponse) -> list[Mapping[str, object]]:
    """Return the curves as rows, one for each set and dose."""
    return [
        {
            "activity": response.activity,
            "within": response.within,
            "set": curve.set,
            "dose": float(dose),
            "unit": response.unit,
            "ratio": float(curve.ratio[i]),
            "low": float(curve.low[i]),
            "high": float(curve.high[i]),
        }
        for curve in response.curves
        for i, dose in enumerate(response.doses)
    ]
