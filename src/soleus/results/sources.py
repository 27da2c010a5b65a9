"""What a result stands on: assumptions with their status, and the works that it used."""

from __future__ import annotations

import math

from soleus.catalogue.calibrations import RestingCalibration
from soleus.catalogue.effect_model import effect_model
from soleus.catalogue.lineages import LineageParameter, lineage_entry
from soleus.catalogue.movement import movement_entries
from soleus.catalogue.store import citations
from soleus.catalogue.study_entries import ShareAssayEntry, StudyEntry, assay_entries, study_entry
from soleus.citations import Citation, CitationBook
from soleus.schema.run import Assumption, CitationRow, ClaimRow
from soleus.study.design import Study

__all__ = ["assumptions", "citation_rows", "claim_citations"]


_COUNT_NUMBERS = ("fraction", "position_cv", "unit_cv")
_SHARE_NUMBERS = ("events", "wells", "concentration")


def assumptions(study: Study, stored: RestingCalibration) -> list[Assumption]:
    """Return the numbers that the result stands on: lineage, movement, assays, animals and effect."""
    entry = lineage_entry(study.niche.name)
    rows = [_parameter(p, study, stored) for p in entry.parameters.values()]
    entry_of_study = study_entry(study.name)
    rows += _signals() + _activities(study) + _mechanisms() + _assays(entry_of_study)
    rows += _variation(entry_of_study) + _effect()
    return rows


def _parameter(parameter: LineageParameter, study: Study, stored: RestingCalibration) -> Assumption:
    internal = study.niche.parameters[parameter.name]
    factor = parameter.value / parameter.internal_value if parameter.internal_value else 1.0
    published = parameter.value
    value = internal * factor
    # A variant overrides the fit, and its number must not pass for a fitted one.
    fitted = parameter.name in stored.theta and math.isclose(internal, stored.theta[parameter.name])
    reason = parameter.reason
    if fitted:
        what = "published" if parameter.published else "prior centre, our judgement:"
        reason = f"Fitted to the resting series; {what} {published:g}. {reason}"
    elif abs(value - published) > 1e-9 * max(1.0, abs(published)):
        reason = f"Set by a variant; default {published:g}. {reason}"
    return Assumption(
        name=parameter.name,
        label=parameter.label,
        value=float(f"{value:.6g}"),
        unit=parameter.unit,
        low=parameter.low,
        high=parameter.high,
        status="fitted" if fitted else parameter.status,
        reason=reason,
        citation=parameter.citation,
    )


def _signals() -> list[Assumption]:
    return [
        Assumption(
            name=f"signal.{name}",
            label=f"time constant: {s.label}",
            value=s.tau_days,
            unit="day",
            low=None,
            high=None,
            status=s.status,
            reason=s.reason,
            citation=s.citation,
        )
        for name, s in movement_entries().signals.items()
    ]


def _plain(
    name: str, label: str, value: float, unit: str, *, status: str, reason: str, citation: str | None = None
) -> Assumption:
    return Assumption.model_validate(
        {
            "name": name,
            "label": label,
            "value": value,
            "unit": unit,
            "low": None,
            "high": None,
            "status": status,
            "reason": reason,
            "citation": citation,
        }
    )


def _activities(study: Study) -> list[Assumption]:
    used = {i.activity.name for g in study.groups for i in g.regimen.intervals}
    return [
        _plain(
            f"activity.{name}.{drive}",
            f"{entry.label}: {drive.replace('_', ' ')} relative to the home cage",
            level,
            "1",
            status=entry.status,
            reason=entry.reason,
            citation=entry.citation,
        )
        for name, entry in movement_entries().activities.items()
        if name in used
        for drive, level in entry.drives.items()
    ]


def _mechanisms() -> list[Assumption]:
    return [
        _plain(
            f"mechanism.{name}.max_log_gain",
            f"largest believable log-gain: {entry.label}",
            entry.max_log_gain,
            "1",
            status="provisional",
            reason=f"A bound of ours. {entry.reason}",
            citation=entry.citation,
        )
        for name, entry in movement_entries().mechanisms.items()
    ]


def _variation(entry: StudyEntry) -> list[Assumption]:
    values = {"niche size": entry.variation.niche_size_cv, **entry.variation.role_cv}
    return [
        _plain(
            f"variation.{name}",
            f"coefficient of variation between animals: {name}",
            cv,
            "1",
            status="provisional",
            reason="A judgement; variation within a strain was not seen for these read-outs.",
            citation=None,
        )
        for name, cv in values.items()
    ]


def _assays(entry: StudyEntry) -> list[Assumption]:
    rows = []
    for name in entry.assays:
        assay = assay_entries(entry.lineage)[name]
        numbers = _SHARE_NUMBERS if isinstance(assay, ShareAssayEntry) else _COUNT_NUMBERS
        for field in numbers:
            rows.append(
                Assumption(
                    name=f"assay.{name}.{field}",
                    label=f"{assay.label}: {field.replace('_', ' ')}",
                    value=getattr(assay, field),
                    unit="1",
                    low=None,
                    high=None,
                    status=assay.status,
                    reason=assay.reason,
                    citation=assay.citation,
                )
            )
    return rows


def _effect() -> list[Assumption]:
    prior, scored = effect_model().prior, effect_model().direction_studies
    label = f"prior of the {prior.readout} log-ratio on day {prior.day:g}"
    rows = [
        _plain(
            "effect.prior", label, prior.median, "log-ratio", status="provisional", reason=prior.reason
        ).model_copy(update={"low": prior.low, "high": prior.high})
    ]
    for name in ("animals_per_group", "animal_cv", "discrepancy_sd", "other_species_sd"):
        words = f"published directions are scored with: {name.replace('_', ' ')}"
        rows.append(
            _plain(
                f"effect.directions.{name}",
                words,
                float(getattr(scored, name)),
                "1",
                status="provisional",
                reason=scored.reason,
            )
        )
    return rows


def _book() -> CitationBook:
    return CitationBook(
        Citation(
            key=c.key,
            authors=c.authors,
            title=c.title,
            journal=c.journal,
            year=c.year,
            doi=c.doi,
            note=c.note or "",
        )
        for c in citations().values()
    )


def claim_citations(rows: list[ClaimRow]) -> list[CitationRow]:
    """Return the works that the claims cite."""
    book = _book()
    for row in rows:
        for key in row.citations:
            book.use(key, f"claim {row.id}")
    return book.to_rows()


def citation_rows(study: Study, used: list[Assumption], rows: list[ClaimRow]) -> list[CitationRow]:
    """Return exactly the works that the result used or names, with the reasons, merged by DOI."""
    book = _book()
    if study.citation is not None:
        book.use(study.citation, f"the study {study.name}")
    if study.reported is not None:
        book.use(study.reported.citation, "the reported effect")
    for assumption in used:
        if assumption.citation is not None:
            book.use(assumption.citation, assumption.label)
    movement = movement_entries()
    for activity in sorted({i.activity.name for g in study.groups for i in g.regimen.intervals}):
        source = movement.activities[activity].citation
        if source is not None:
            book.use(source, f"activity: {movement.activities[activity].label}")
    for mechanism in movement.mechanisms.values():
        if mechanism.citation is not None:
            book.use(mechanism.citation, f"mechanism: {mechanism.label}")
    for name, variant in lineage_entry(study.niche.name).variants.items():
        book.use(variant.citation, f"variant {name}")
    for row in rows:
        for key in row.citations:
            book.use(key, f"claim {row.id}")
    return book.to_rows()
