"""Assumptions on a study itself: animals, variation, labels, passages and assays."""

from __future__ import annotations

from collections.abc import Iterator

from soleus.answers.numbers.row import assumed
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.study_entries import ShareAssayEntry, StudyEntry, assay_entries
from soleus.study.design import Study
from soleus.values import Number

__all__ = ["study_assumptions", "variation_numbers"]

_COUNT_NUMBERS = ("fraction", "position_cv", "unit_cv")
_SHARE_NUMBERS = ("events", "wells", "concentration")
_AS_STATED = "As the study file states it; its summary says what of it was seen in the source."
_MINUTES = 24 * 60


def study_assumptions(catalogue: Catalogue, study: Study, entry: StudyEntry) -> list[Number]:
    """Return the numbers that a study file sets."""
    return [
        *_animals(study, entry),
        *variation_numbers(entry),
        *_labels(entry),
        *_passages(entry),
        *_assays(catalogue, entry),
    ]


def _animals(study: Study, entry: StudyEntry) -> Iterator[Number]:
    for group in study.groups:
        reason = "Asked for in this run." if group.asked else _AS_STATED
        yield assumed(
            f"animals.{group.name}",
            f"animals of the group {group.label}",
            group.n_animals,
            reason=reason,
            citation=None if group.asked else entry.citation,
        )
    yield assumed(
        "animals.age",
        "age at the start",
        study.age_days,
        unit="day",
        reason=_AS_STATED,
        citation=entry.citation,
    )


def variation_numbers(entry: StudyEntry) -> Iterator[Number]:
    """Yield how much animals vary."""
    values = {"niche size": entry.variation.niche_size_cv, **entry.variation.role_cv}
    for name, cv in values.items():
        yield assumed(
            f"variation.{name}",
            f"coefficient of variation between animals: {name}",
            cv,
            reason="A judgement; variation within a strain was not seen for these read-outs.",
        )
    if entry.variation.bound_sd is not None:
        yield assumed(
            "variation.bound_sd",
            "standard deviations beyond which no culture's rate lies",
            entry.variation.bound_sd,
            reason="A judgement: a culture at a log-normal rate without a bound has no finite mean.",
        )


def _labels(entry: StudyEntry) -> Iterator[Number]:
    for name, label in entry.labels.items():
        lengths = {round(_MINUTES * (end - start), 1) for start, end in label.pulses}
        numbers = {
            "pulses": (f"{name}: pulses given", len(label.pulses), "1"),
            "first_day": (f"{name}: day of the first pulse", label.pulses[0][0], "day"),
            "minutes": (f"{name}: time in reach after each pulse", max(lengths), "min"),
            "detectable_divisions": (
                f"{name}: divisions after which it is no longer seen",
                label.detectable_divisions,
                "1",
            ),
        }
        for key, (words, value, unit) in numbers.items():
            yield assumed(
                f"label.{name}.{key}",
                words,
                value,
                unit=unit,
                reason=label.reason,
                status=label.status,
                citation=label.citation,
            )


def _passages(entry: StudyEntry) -> Iterator[Number]:
    if not entry.passages:
        return
    for k, day in enumerate(entry.passages, start=1):
        yield assumed(
            f"passage.{k}", f"day of passage {k}", day, unit="day", reason=_AS_STATED, citation=entry.citation
        )
    yield assumed(
        "passage.plated_fraction",
        "share of the living cells that a passage plates again",
        entry.plated_fraction,
        reason=_AS_STATED,
        citation=entry.citation,
    )


def _assays(catalogue: Catalogue, entry: StudyEntry) -> Iterator[Number]:
    for name in entry.assays:
        assay = assay_entries(catalogue, entry.lineage)[name]
        numbers = _SHARE_NUMBERS if isinstance(assay, ShareAssayEntry) else _COUNT_NUMBERS
        for field in numbers:
            yield assumed(
                f"assay.{name}.{field}",
                f"{assay.label}: {field.replace('_', ' ')}",
                getattr(assay, field),
                reason=assay.reason,
                status=assay.status,
                citation=assay.citation,
            )
