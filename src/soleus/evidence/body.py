"""What is predicted of the body: under the prior, and given what others have published.

A read-out of the body has competing courses (sets of effects). Each effect's prior is a log-ratio under a
reference; a fixed lattice of its quantiles stands for it, and published findings on the same
read-out reweight the lattice. A work that is left out leaves in two ways: its findings are not scored,
and where the prior of an effect was taken from it, a wide prior around zero takes that prior's place.
No finding is scored against a prior that was taken from the same work, which would count it twice.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from soleus.catalogue.body import LogRatioPrior, body_readout_entry, feedbacks
from soleus.catalogue.effect_model import DirectionModel, effect_model
from soleus.catalogue.folder import Catalogue, once
from soleus.catalogue.lineages import lineage_entry
from soleus.catalogue.movement import activities
from soleus.catalogue.records import Claim, EvidenceEntry
from soleus.catalogue.store import evidence
from soleus.catalogue.study_entries import reference_study
from soleus.errors import InputError, unknown_name
from soleus.evidence.body_lattice import POINTS, changes, effect_scales, lattice
from soleus.evidence.directions import DirectionResult, direction_log_likelihood
from soleus.evidence.weighted import weighted_quantiles
from soleus.lineage.process import FloatArray
from soleus.movement import Regimen

__all__ = [
    "BodyPrediction",
    "body_findings",
    "body_predictions",
    "claim_probabilities",
    "course_probabilities",
    "interval_probability",
]

_RESTING = "free_ambulation"
_UNLOADED = "hindlimb_unloading"


@dataclass(frozen=True, slots=True)
class BodyPrediction:
    """Log-ratio of a read-out, treated over control, under one of its competing courses.

    Attributes
    ----------
    log_ratios, weights
        Draws and their weights, which add to 1, each shape (N,).
    used
        Findings that the weights rest on.
    replaced
        Effects whose prior was replaced because its source was left out.
    """

    readout: str
    course: str
    day: float
    log_ratios: FloatArray
    weights: FloatArray
    used: tuple[EvidenceEntry, ...]
    replaced: tuple[str, ...]

    def quantiles(self, probabilities: Sequence[float]) -> FloatArray:
        """Return weighted quantiles of the log-ratio, shape (P,)."""
        return weighted_quantiles(self.log_ratios, self.weights, probabilities)


def body_predictions(
    catalogue: Catalogue,
    readout: str,
    day: float,
    treated: Regimen,
    control: Regimen,
    *,
    exclude: Collection[str] = (),
    with_evidence: bool = True,
    with_feedback: bool = True,
) -> dict[str, BodyPrediction]:
    """Return the predicted log-ratio on a day under each competing course.

    Parameters
    ----------
    exclude
        Works to leave out, by citation key.
    with_evidence
        Reweight by published findings; else the prior alone.
    with_feedback
        Wasting lowers voluntary movement.

    Raises
    ------
    InputError
        If a regimen ends before the day.
    """
    for regimen in (treated, control):
        if regimen.end_day < day:
            raise InputError(f"regimen {regimen.name!r} ends on day {regimen.end_day:g}, before day {day:g}")
    entry = body_readout_entry(catalogue, readout)
    loops = feedbacks(catalogue) if with_feedback else ()
    found = {}
    for course, effects in entry.sets.items():
        scales, replaced = effect_scales(catalogue, readout, effects, exclude)
        change = changes(catalogue, readout, effects, (treated, control), [day], loops)[:, 0]
        used = _own_findings(catalogue, readout, effects, exclude) if with_evidence else ()
        weights = np.exp(_log_weights(catalogue, readout, effects, scales, used))
        found[course] = BodyPrediction(
            readout, course, day, change @ scales, weights / weights.sum(), used, replaced
        )
    return found


def course_probabilities(
    catalogue: Catalogue, readout: str, *, exclude: Collection[str] = ()
) -> dict[str, float]:
    """Return the posterior probability of each competing course, from equal prior probabilities.

    Notes
    -----
    All effects start from the wide prior around zero here: priors that were taken from some of the
    findings would let each course win by the work that it was made from.
    """
    entry = body_readout_entry(catalogue, readout)
    used = body_findings(catalogue, readout, exclude=exclude)
    log_evidence = {}
    for course, effects in entry.sets.items():
        scales = lattice([LogRatioPrior.open_around_zero(entry.before_evidence_sd.value)] * len(effects))
        log_weights = _log_weights(catalogue, readout, effects, scales, used)
        log_evidence[course] = float(logsumexp(log_weights)) - math.log(POINTS)
    total = float(logsumexp(list(log_evidence.values())))
    return {course: math.exp(value - total) for course, value in log_evidence.items()}


def interval_probability(
    prediction: BodyPrediction, *, low: float | None = None, high: float | None = None
) -> float:
    """Return the probability that the log-ratio lies in an interval, bounds included."""
    inside = np.ones(len(prediction.log_ratios), dtype=bool)
    if low is not None:
        inside &= prediction.log_ratios >= low
    if high is not None:
        inside &= prediction.log_ratios <= high
    return min(1.0, float(prediction.weights[inside].sum()))


def claim_probabilities(catalogue: Catalogue, claim: Claim, *, exclude: Collection[str]) -> dict[str, float]:
    """Return, for each competing course, the probability of a claim's interval on its day.

    Unloading against free cage life, given everything but the works in ``exclude``.

    Raises
    ------
    UnknownNameError, InputError
        If the claim's read-out is not one of the body, or its interval is not on the scale of log-ratios.
    """
    if claim.interval.scale != "log_ratio":
        raise InputError(
            f"claim {claim.id!r}: the body is predicted as log_ratio, not {claim.interval.scale!r}"
        )
    treated, control = _span(catalogue, _UNLOADED, claim.day), _span(catalogue, _RESTING, claim.day)
    found = body_predictions(catalogue, claim.readout, claim.day, treated, control, exclude=exclude)
    bounds = {"low": claim.interval.low, "high": claim.interval.high}
    return {course: interval_probability(one, **bounds) for course, one in found.items()}


def body_findings(
    catalogue: Catalogue, readout: str, *, exclude: Collection[str] = ()
) -> tuple[EvidenceEntry, ...]:
    """Return the findings on a read-out under unloading, one for each work and day.

    Only primary entries with a day; those that someone has marked as not direct are left out.
    """
    found: dict[tuple[str, float], EvidenceEntry] = {}
    for entry in evidence(catalogue):
        if entry.readout != readout or entry.niche != "body" or entry.kind != "primary":
            continue
        if entry.manipulation != "unloading" or entry.direct is False or not entry.day:
            continue
        if entry.citation not in exclude:
            found.setdefault((entry.citation, entry.day), entry)
    return tuple(found[key] for key in sorted(found))


def _own_findings(
    catalogue: Catalogue, readout: str, effects: Collection[str], exclude: Collection[str]
) -> tuple[EvidenceEntry, ...]:
    entries = body_readout_entry(catalogue, readout).effects
    sources = {entries[effect].citation for effect in effects}
    return tuple(f for f in body_findings(catalogue, readout, exclude=exclude) if f.citation not in sources)


def _log_weights(
    catalogue: Catalogue,
    readout: str,
    effects: Collection[str],
    scales: FloatArray,
    used: Collection[EvidenceEntry],
) -> FloatArray:
    """Return the log-probability of the findings at each point of the lattice, (N,)."""
    model = effect_model(catalogue).direction_studies
    reference = reference_study(catalogue)
    species = lineage_entry(catalogue, reference.lineage).species
    total = np.zeros(scales.shape[1])
    for finding in used:
        y = _unloading_change(catalogue, readout, tuple(effects), float(finding.day or 0.0)) @ scales
        total += _finding_log_likelihood(finding, y, model, species=species)
    return total


@once
def _unloading_change(catalogue: Catalogue, readout: str, effects: tuple[str, ...], day: float) -> FloatArray:
    return changes(
        catalogue,
        readout,
        effects,
        (_span(catalogue, _UNLOADED, day), _span(catalogue, _RESTING, day)),
        [day],
        (),
    )[:, 0]


def _finding_log_likelihood(
    finding: EvidenceEntry, y: FloatArray, model: DirectionModel, *, species: str
) -> FloatArray:
    """Return the log-probability of one finding at true log-ratios y: its size, or else its direction."""
    same = finding.species == species
    if finding.log_ratio is None:
        result = DirectionResult(
            finding.citation, str(finding.readout), float(finding.day or 0.0), str(finding.direction), same
        )
        return direction_log_likelihood(result, y, model)
    sd = math.hypot(finding.se or model.standard_error, model.discrepancy_sd)
    if not same:
        sd = math.hypot(sd, model.other_species_sd)
    return np.asarray(-0.5 * ((finding.log_ratio - y) / sd) ** 2 - math.log(sd))


def _span(catalogue: Catalogue, activity: str, days: float) -> Regimen:
    known: Mapping[str, object] = activities(catalogue)
    if activity not in known:
        raise unknown_name("activity", activity, known)
    return Regimen.of(activity, [(activity, 0.0, days)], activities=activities(catalogue), resting=_RESTING)
