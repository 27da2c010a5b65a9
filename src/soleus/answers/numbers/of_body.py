"""Assumptions on the body: effects, courses, feedbacks, baselines, and how well it is measured."""

from __future__ import annotations

from collections.abc import Iterator

from soleus.answers.numbers.row import assumed, number
from soleus.catalogue.body import baseline_of, body_entries, body_readout_entry
from soleus.catalogue.body_entries import CourseEntry
from soleus.catalogue.folder import Catalogue
from soleus.study.design import Study
from soleus.study.entries import StudyEntry
from soleus.values import Number

__all__ = ["body_assumptions"]

_TIMES = {
    "tau_days": ("time constant", "day"),
    "adaptation_tau_days": ("time constant of adaptation", "day"),
    "adapted_fraction": ("share that adapts", "1"),
    "return_tau_days": ("time constant of the way back", "day"),
}


def body_assumptions(catalogue: Catalogue, study: Study, written: StudyEntry) -> list[Number]:
    """Return the numbers of body.yaml behind the curves of all read-outs and behind those measured."""
    return [
        *_courses(catalogue),
        *_feedbacks(catalogue),
        *_effects(catalogue),
        *_measured(catalogue, study, written),
    ]


def _courses(catalogue: Catalogue) -> Iterator[Number]:
    for name, entry in body_entries(catalogue).course_entries.items():
        yield from _times(name, entry)


def _times(name: str, entry: CourseEntry) -> Iterator[Number]:
    for field, (words, unit) in _TIMES.items():
        value = getattr(entry, field)
        if value is None or (field == "adapted_fraction" and entry.adaptation_tau_days is None):
            continue
        yield assumed(
            f"body.course.{name}.{field}",
            f"{words}: {entry.label}",
            value,
            unit=unit,
            reason=entry.reason,
            status=entry.status,
            citation=entry.citation,
        )


def _feedbacks(catalogue: Catalogue) -> Iterator[Number]:
    for name, entry in body_entries(catalogue).feedbacks.items():
        off = "" if entry.on else " Off by default."
        yield assumed(
            f"body.feedback.{name}",
            f"elasticity: {entry.label}",
            entry.elasticity,
            reason=f"{entry.reason}.{off}" if off else entry.reason,
            status=entry.status,
            citation=entry.citation,
            bounds=(entry.low, entry.high),
        )


def _effects(catalogue: Catalogue) -> Iterator[Number]:
    for name, readout in body_entries(catalogue).readouts.items():
        for key, entry in readout.effects.items():
            at = (
                ""
                if entry.day is None
                else f" on day {entry.day:g} of {str(entry.activity).replace('_', ' ')}"
            )
            yield assumed(
                f"body.{name}.{key}",
                f"log-ratio of {readout.label}{at}: {entry.label}",
                entry.median,
                unit="log-ratio",
                reason=entry.reason,
                status=entry.status,
                citation=entry.citation,
                bounds=(entry.low, entry.high),
            )


def _measured(catalogue: Catalogue, study: Study, written: StudyEntry) -> Iterator[Number]:
    for assay in study.body:
        entry, name = body_readout_entry(catalogue, assay.readout.name), assay.readout.name
        yield number(
            f"body.{name}.animal_cv", f"{entry.label}: variation between animals (CV)", entry.animal_cv
        )
        yield number(
            f"body.{name}.error_cv", f"{entry.label}: variation within an animal (CV)", entry.error_cv
        )
        yield assumed(
            f"body.{name}.margin",
            f"{entry.label}: margin of equivalence, a ratio",
            entry.margin.value,
            reason=entry.margin.reason,
        )
        baseline = baseline_of(
            entry, species=written.species, sex=study.sex, strain=study.strain, age_days=study.age_days
        )
        if baseline is not None:
            label = f"{entry.label}: mean of controls of this sex, strain and age"
            yield number(f"body.{name}.baseline", label, baseline, unit=baseline.unit or entry.unit)
