"""The body by day under several regimens, with the whole prior of its gains: what the figure shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from soleus.catalogue.body import LogRatioPrior, body_entries, body_readout_entry, feedbacks
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.movement import activities
from soleus.evidence.body_lattice import changes, effect_scales
from soleus.lineage.process import FloatArray
from soleus.movement import Feedback, Regimen
from soleus.schema.values import BodyCurve

__all__ = ["WITHOUT_FEEDBACK", "body_curves", "usual_regimens"]

WITHOUT_FEEDBACK = "reloaded, if wasting did not lower movement"
_ELASTICITIES = (0.1, 0.3, 0.5, 0.7, 0.9)
_LEVELS = (0.025, 0.5, 0.975)
_RELOADED = "unloaded, reloaded from day 14"


def usual_regimens(
    catalogue: Catalogue, days: float = 42.0, *, reloaded_from: float = 14.0
) -> dict[str, Regimen]:
    """Return the regimens of the figure by label, the control first."""
    known = activities(catalogue)
    spans: dict[str, list[tuple[str, float, float]]] = {
        "control": [("free_ambulation", 0.0, days)],
        "unloaded": [("hindlimb_unloading", 0.0, days)],
        "suspended but loaded": [("suspended_loaded", 0.0, days)],
        _RELOADED: [("hindlimb_unloading", 0.0, reloaded_from), ("reloading", reloaded_from, days)],
    }
    return {
        label: Regimen.of(label, span, activities=known, resting="free_ambulation")
        for label, span in spans.items()
    }


def body_curves(
    catalogue: Catalogue,
    regimens: Mapping[str, Regimen],
    days: Sequence[float],
    *,
    readouts: Sequence[str] | None = None,
) -> tuple[BodyCurve, ...]:
    """Return median and central 95 % of each read-out, course and group, relative to the first group.

    Parameters
    ----------
    regimens
        Label of the group to what it does; the first is the control.
    readouts
        All of the catalogue by default.

    Notes
    -----
    Over the prior of the gains and of the elasticity with which wasting lowers voluntary movement. Where
    that matters, the middle without it is added as a group of its own.
    """
    control = next(iter(regimens.values()))
    begins = _begins(list(regimens.values()))
    found: list[BodyCurve] = []
    for name in readouts or tuple(body_entries(catalogue).readouts):
        for course in body_readout_entry(catalogue, name).sets:
            for (group, regimen), begin in zip(regimens.items(), begins, strict=True):
                own = [day for day in days if day >= begin]
                found += _curves(catalogue, name, course, group, (regimen, control), own)
    return tuple(found)


def _begins(regimens: Sequence[Regimen]) -> list[float]:
    """Return the day from which each regimen differs from every one before it (0: at once, or never)."""
    found = []
    for k, regimen in enumerate(regimens):
        shared = 0.0
        for earlier in regimens[:k]:
            for mine, other in zip(regimen.intervals, earlier.intervals, strict=False):
                if mine.activity != other.activity:
                    break
                shared = max(shared, min(mine.end_day, other.end_day))
        found.append(shared if shared < regimen.end_day else 0.0)
    return found


def _curves(
    catalogue: Catalogue,
    name: str,
    course: str,
    group: str,
    regimens: tuple[Regimen, Regimen],
    days: Sequence[float],
) -> list[BodyCurve]:
    effects = body_readout_entry(catalogue, name).sets[course]
    scales, _ = effect_scales(catalogue, name, effects)
    alone = changes(catalogue, name, effects, regimens, days, ())
    draws = [
        (changes(catalogue, name, effects, regimens, days, loops).T @ scales)
        for loops in _feedback_draws(catalogue)
    ]
    low, middle, high = np.exp(np.quantile(np.concatenate(draws, axis=1), _LEVELS, axis=1))
    curves = [_curve(catalogue, name, course, group, days, middle, (low, high))]
    without = np.exp(np.median(alone.T @ scales, axis=1))
    if np.max(np.abs(np.log(without / middle))) > 0.01:
        curves.append(_curve(catalogue, name, course, WITHOUT_FEEDBACK, days, without, None))
    return curves


def _feedback_draws(catalogue: Catalogue) -> list[tuple[Feedback, ...]]:
    """Return the feedbacks at quantiles of their elasticity, all at the same one."""
    entries = body_entries(catalogue).feedbacks
    priors = {n: LogRatioPrior(e.elasticity, e.low, e.high, "up") for n, e in entries.items() if e.on}
    return [
        tuple(
            replace(f, elasticity=float(priors[f.name].quantile(np.array(p))))
            for f in feedbacks(catalogue)
            if f.name in priors
        )
        for p in _ELASTICITIES
    ]


def _curve(
    catalogue: Catalogue,
    name: str,
    course: str,
    group: str,
    days: Sequence[float],
    middle: FloatArray,
    band: tuple[FloatArray, FloatArray] | None,
) -> BodyCurve:
    entry = body_readout_entry(catalogue, name)
    low, high = (None, None) if band is None else (tuple(edge.tolist()) for edge in band)
    return BodyCurve(
        readout=name,
        label=entry.label,
        course=course,
        course_label=entry.effects[entry.sets[course][0]].label if len(entry.sets) > 1 else "",
        group=group,
        days=tuple(float(d) for d in days),
        median=tuple(middle.tolist()),
        low=low,
        high=high,
    )
