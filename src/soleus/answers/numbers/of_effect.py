"""Assumptions on the effect: its prior, how published findings are scored, and the index that follows."""

from __future__ import annotations

from collections.abc import Iterator

from soleus.answers.numbers.row import assumed
from soleus.catalogue.effect_model import effect_model
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.records import Threshold
from soleus.catalogue.resilience import buffering_index
from soleus.catalogue.store import verdict_rule
from soleus.evidence.findings import Finding, findings
from soleus.study.design import Study
from soleus.values import Number

__all__ = ["effect_assumptions", "index_assumptions", "scoring_assumptions"]

_SCORING = {
    "animals_per_group": "animals in a group where the source states none",
    "animal_cv": "coefficient of variation between animals where no standard error was seen",
    "discrepancy_sd": "what another laboratory adds to a log-ratio (standard deviation)",
    "other_species_sd": "what another species adds to a log-ratio (standard deviation)",
    "other_niche_sd": "what a niche that is not fitted adds to a log-ratio (standard deviation)",
    "other_age_sd": "what an age that the lineage does not reach adds to a log-ratio (standard deviation)",
    "culture_sd": "what a culture adds to a log-ratio (standard deviation)",
    "critical": "critical value of the test that a published direction is scored as",
}


def effect_assumptions(catalogue: Catalogue, study: Study, *, why_reported: str | None) -> list[Number]:
    """Return the prior of the effect, and the reported effect where the study carries one.

    Parameters
    ----------
    why_reported
        The reason that the study file gives for the reported effect.
    """
    prior = effect_model(catalogue).prior
    label = f"prior of the {prior.readout} log-ratio on day {prior.day:g} of unloading"
    bounds = (prior.low, prior.high)
    rows = [
        assumed("effect.prior", label, prior.median, unit="log-ratio", reason=prior.reason, bounds=bounds)
    ]
    if study.reported is not None:
        one = study.reported
        rows.append(
            assumed(
                "effect.reported",
                f"reported ratio of {one.readout} on day {one.day:g}",
                one.ratio,
                reason=why_reported or "As the study's source reports it; an assumption of this run.",
                citation=one.citation,
            )
        )
    return rows


def scoring_assumptions(catalogue: Catalogue, *, judged: bool) -> list[Number]:
    """Return how published findings are scored.

    Parameters
    ----------
    judged
        Whether claims are judged, or an effect is calibrated: then each finding and each threshold counts.
    """
    scored, matrix = effect_model(catalogue).direction_studies, effect_model(catalogue).matrix
    rows = [
        assumed(
            f"effect.directions.{name}",
            f"published findings are scored with: {words}",
            float(getattr(scored, name)),
            reason=scored.reason,
        )
        for name, words in _SCORING.items()
    ]
    rows += [
        assumed(
            f"effect.headroom.{k}",
            "a ceiling of what a mechanism gains above normal cage life, one of equally probable ones",
            headroom,
            reason=matrix.headrooms_reason,
        )
        for k, headroom in enumerate(matrix.headrooms, start=1)
    ]
    return [*rows, *_findings(catalogue), *_thresholds(catalogue)] if judged else rows


def _findings(catalogue: Catalogue) -> Iterator[Number]:
    for one in findings(catalogue):
        label = f"{one.study}: {one.readout} {_DIRECTIONS[one.direction]} on day {one.day:g} ({one.group})"
        if one.log_ratio is None:
            yield _finding(one, f"{label}, standard error that its direction is scored with", one.se)
        else:
            yield _finding(one, f"{label}, log-ratio", one.log_ratio)


_DIRECTIONS = {"down": "lower", "up": "higher", "none": "not different"}


def _finding(one: Finding, label: str, value: float) -> Number:
    return assumed(
        f"finding.{one.id}",
        label,
        value,
        unit="log-ratio",
        reason=one.reason,
        status=one.status,
        citation=one.citation,
    )


def _thresholds(catalogue: Catalogue) -> Iterator[Number]:
    for key, value in verdict_rule(catalogue):
        if isinstance(value, Threshold):
            words = key.replace("_", " ")
            yield assumed(
                f"verdict.{key}", f"threshold of the verdicts: {words}", value.value, reason=value.reason
            )


def index_assumptions(catalogue: Catalogue) -> list[Number]:
    """Return the bounds of the speculative index of stress buffering."""
    return [
        assumed(
            f"index.{level.level:+d}",
            f"stress buffering, speculative: ratio of new neurons up to which it is {level.label}",
            level.up_to,
            reason=level.reason,
            status=level.status,
            citation=level.citation,
        )
        for level in buffering_index(catalogue).levels
        if level.up_to is not None
    ]
