"""What is predicted of each claim, by mechanism set, with weights fitted without the works that it cites."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from soleus.catalogue.body import body_readout_entry
from soleus.catalogue.datasets import resting_series
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.movement import regimen
from soleus.catalogue.records import Claim
from soleus.catalogue.resilience import INDEX, buffering_index
from soleus.catalogue.store import citations, verdict_rule
from soleus.catalogue.study_entries import study_entry
from soleus.errors import CatalogueError
from soleus.evidence.body import BodyPrediction, body_predictions, course_probabilities
from soleus.evidence.claim_targets import claim_targets
from soleus.evidence.predictions import Predictions
from soleus.evidence.resilience import stress_buffering
from soleus.evidence.stored import claim_responses
from soleus.lineage.process import FloatArray
from soleus.movement import Regimen

__all__ = ["ClaimPrediction", "Draws", "other_side", "predict_claim"]

_BODY = "body"
_NO_STUDY = ("press", "account")


@dataclass(frozen=True, slots=True)
class Draws:
    """Values and their weights, which add to 1, each shape (N,); ratios as natural logarithms."""

    values: FloatArray
    weights: FloatArray


@dataclass(frozen=True, slots=True)
class ClaimPrediction:
    """The prediction of one claim.

    Attributes
    ----------
    by_set
        Mechanism set (or competing course of the body, or source of a design) to its draws.
    pooled
        All that count, averaged.
    scale
        ``ratio`` (values are logarithms), ``cells``, ``index``, ``groups`` or ``days``.
    judged
        Whether the draws give a probability of the claim's interval; a value that was read from a
        work that the claim cites is shown and judges nothing.
    informed
        Sets whose prediction some study that was not left out informs; the others are a prior that no
        study has touched.
    fitted
        Citations of the findings that the weights rest on.
    note
        What kind of prediction it is.
    """

    by_set: Mapping[str, Draws]
    pooled: Draws
    scale: str
    judged: bool
    fitted: tuple[str, ...]
    note: str
    informed: frozenset[str] = frozenset()

    @property
    def ignorant(self) -> frozenset[str]:
        """Sets whose prediction no study informs."""
        return frozenset(self.by_set) - self.informed


def predict_claim(
    catalogue: Catalogue, predictions: Predictions, claim: Claim, *, exclude: Collection[str]
) -> ClaimPrediction:
    """Return the prediction of a claim.

    Parameters
    ----------
    predictions
        Those of the study asked for: claims without a scenario of their own are predicted in it.
    exclude
        Citations (and studies) that must not have been used.

    Raises
    ------
    CatalogueError
        If the claim's read-out can be predicted in no way.
    """
    if claim.design is not None:
        return _of_design(catalogue, claim)
    if claim.niche == _BODY:
        return _of_body(catalogue, claim, exclude)
    if claim.scenario is not None:
        return _of_scenario(catalogue, predictions, claim, exclude)
    return _of_study(catalogue, predictions, claim, exclude)


def other_side(catalogue: Catalogue, claim: Claim, *, exclude: Collection[str]) -> Draws | None:
    """Return log-ratios of the read-out that shows another side of the claim, all courses averaged."""
    if claim.also is None:
        return None
    groups = study_entry(catalogue, claim.also.study).groups
    treated, control = (
        regimen(catalogue, g, groups[g].regimen) for g in (claim.also.group, claim.also.against)
    )
    found = body_predictions(catalogue, claim.also.readout, claim.also.day, treated, control, exclude=exclude)
    return Draws(
        np.concatenate([one.log_ratios for one in found.values()]),
        np.concatenate([one.weights / len(found) for one in found.values()]),
    )


def _of_design(catalogue: Catalogue, claim: Claim) -> ClaimPrediction:
    assert claim.design is not None
    entry = study_entry(catalogue, claim.design.study)
    value, scale = {
        "groups": (float(len(entry.groups)), "groups"),
        "duration": (float(entry.sampling_days[-1]), "days"),
        "age": (float(entry.age_days), "days"),
    }[claim.design.quantity]
    draws = Draws(np.array([value]), np.ones(1))
    note = "Read from the study as it is simulated here: it judges nothing."
    return ClaimPrediction({f"study {entry.name}": draws}, draws, scale, False, (), note)


def _of_body(catalogue: Catalogue, claim: Claim, exclude: Collection[str]) -> ClaimPrediction:
    days = claim.days or (claim.day,)
    treated, control = (
        _span(catalogue, "hindlimb_unloading", max(days)),
        _span(catalogue, "free_ambulation", max(days)),
    )
    by_day = [
        body_predictions(catalogue, claim.readout, day, treated, control, exclude=exclude) for day in days
    ]
    found = by_day[-1]
    chances = course_probabilities(catalogue, claim.readout, exclude=exclude)
    by_set = {
        course: Draws(_farthest([one[course].log_ratios for one in by_day]), found[course].weights)
        for course in found
    }
    pooled = Draws(
        np.concatenate([one.values for one in by_set.values()]),
        np.concatenate([one.weights * chances[course] for course, one in by_set.items()]),
    )
    used = {f.citation for one in found.values() for f in one.used}
    replaced = sorted({effect for one in found.values() for effect in one.replaced})
    note = "Competing courses of the body."
    if claim.days:
        note += f" The largest change of days {', '.join(f'{d:g}' for d in days)} counts."
    if replaced:
        note += (
            f" The prior of {', '.join(replaced)} came from a work cited here; a wide one around no "
            "change takes its place."
        )
    return ClaimPrediction(
        by_set,
        pooled,
        "ratio",
        True,
        tuple(sorted(used)),
        note,
        _informed_courses(catalogue, claim, found, exclude),
    )


def _informed_courses(
    catalogue: Catalogue, claim: Claim, found: Mapping[str, BodyPrediction], exclude: Collection[str]
) -> frozenset[str]:
    """Return the courses with a finding that tells its sizes apart, or a prior taken from a study."""
    entry = body_readout_entry(catalogue, claim.readout)
    no_study = {
        None,
        *exclude,
        *(key for key, work in citations(catalogue).items() if work.kind in _NO_STUDY),
    }
    from_study = {
        course
        for course, effects in entry.sets.items()
        if any(entry.effects[effect].citation not in no_study for effect in effects)
    }
    return frozenset(
        from_study | _informed(catalogue, {course: one.weights for course, one in found.items()})
    )


def _informed(catalogue: Catalogue, weights: Mapping[str, FloatArray]) -> frozenset[str]:
    """Return the sets whose weights studies have moved away from the flat ones of the prior."""
    least = verdict_rule(catalogue).informed_from.value
    return frozenset(name for name, weight in weights.items() if _nats(weight) >= least)


def _nats(weights: FloatArray) -> float:
    """Return what weights that add to 1 know more than flat ones (Kullback-Leibler), in nats."""
    some = weights[weights > 0.0]
    return float(np.sum(some * np.log(some * len(weights))))


def _farthest(log_ratios: Sequence[FloatArray]) -> FloatArray:
    """Return of each draw the log-ratio of the day on which it lies farthest from no change, (N,)."""
    stacked = np.array(log_ratios)
    return np.asarray(np.take_along_axis(stacked, np.abs(stacked).argmax(axis=0)[None], axis=0)[0])


def _of_study(
    catalogue: Catalogue, predictions: Predictions, claim: Claim, exclude: Collection[str]
) -> ClaimPrediction:
    study = predictions.responder.experiment.study
    readouts = next(iter(predictions.tables.values())).readouts
    if claim.readout not in readouts or claim.niche != study.niche.niche:
        raise CatalogueError(
            f"claim {claim.id!r} is about {claim.readout!r} of niche {claim.niche!r}, which study "
            f"{study.name!r} ({study.niche.niche!r}) does not follow; judge claims under an unloading study "
            "of the sub-ventricular zone such as leg-day"
        )
    day = max(d for d in predictions.days if d <= max(claim.day, predictions.days[0]))
    found = predictions.given(exclude=exclude)
    if claim.interval.scale == "value":
        return _resting_value(catalogue, predictions, claim, day, exclude)
    by_set = {
        name: Draws(table.at(predictions.scale.declared[name], claim.readout, day), found.weights[name])
        for name, table in predictions.tables.items()
    }
    note = "" if day == claim.day else f"Predicted for day {day:g}, the last of this study."
    return ClaimPrediction(
        by_set,
        _average(by_set, predictions.carrying),
        "ratio",
        True,
        _citations(found.used),
        note,
        _informed(catalogue, {name: found.weights[name] for name in by_set}),
    )


def _resting_value(
    catalogue: Catalogue, predictions: Predictions, claim: Claim, day: float, exclude: Collection[str]
) -> ClaimPrediction:
    responder = predictions.responder
    column = next(iter(predictions.tables.values())).readouts.index(claim.readout)
    means = responder.means(responder.experiment.study.control.name, {})
    value = float(means[responder.days.index(day), column])
    draws = Draws(np.array([value]), np.ones(1))
    note = "A property of undisturbed mice as modelled, which was built to have it: P says no more."
    fitted_to = set(resting_series(catalogue).citations) - set(exclude)
    informed = frozenset(["resting lineage"] if fitted_to else [])
    return ClaimPrediction({"resting lineage": draws}, draws, "cells", True, (), note, informed)


def _of_scenario(
    catalogue: Catalogue, predictions: Predictions, claim: Claim, exclude: Collection[str]
) -> ClaimPrediction:
    assert claim.scenario is not None
    found = predictions.given(exclude=exclude)
    place = [t.id for t in claim_targets(catalogue)].index(f"claim/{claim.id}")
    # What is off by default stays off here, as in the study that was asked for.
    on = predictions.tables
    by_set = {
        one.name: Draws(one.log_ratios[place], found.joint[one.name])
        for one in claim_responses(catalogue)
        if one.name in on
    }
    where = claim.scenario
    note = f"Simulated in {where.study}: {where.group} against {where.against}, day {claim.day:g}."
    scale = "ratio"
    if claim.readout == INDEX:
        scale = "index"
        by_set = {
            name: Draws(_levels(catalogue, draws.values), draws.weights) for name, draws in by_set.items()
        }
        note += (
            " SPECULATIVE: an ordinal index from new neurons of the dentate gyrus alone. It is made of "
            "them, so P says no more than that there are at least a tenth more."
        )
    pooled = _average(by_set, predictions.carrying)
    informed = _informed(catalogue, {name: found.joint[name] for name in by_set})
    return ClaimPrediction(by_set, pooled, scale, True, _citations(found.used), note, informed)


def _levels(catalogue: Catalogue, log_ratios: FloatArray) -> FloatArray:
    index = buffering_index(catalogue)
    return stress_buffering(catalogue, index.niche, log_ratios, readout=index.readout).drawn.astype(float)


def _average(by_set: Mapping[str, Draws], carrying: Collection[str]) -> Draws:
    whole = [by_set[name] for name in by_set if name in carrying]
    return Draws(
        np.concatenate([one.values for one in whole]),
        np.concatenate([one.weights / len(whole) for one in whole]),
    )


def _citations(used: Collection[object]) -> tuple[str, ...]:
    return tuple(sorted({f.citation for f in used}))  # type: ignore[attr-defined]


def _span(catalogue: Catalogue, activity: str, days: float) -> Regimen:
    return regimen(catalogue, "claim", ((activity, 0.0, math.nextafter(days, math.inf)),))
