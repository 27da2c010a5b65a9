"""What a result stands on: assumptions with their status, and the works that it used."""

from __future__ import annotations

import math

from soleus.catalogue.calibrations import RestingCalibration
from soleus.catalogue.effect_model import effect_model
from soleus.catalogue.lineages import LineageParameter, lineage_entry
from soleus.catalogue.movement import movement_entries
from soleus.catalogue.store import citations
from soleus.catalogue.studies import StudyEntry, study_entry
from soleus.citations import Citation, CitationBook
from soleus.schema.run import Assumption, CitationRow, ClaimRow
from soleus.study.design import Study

__all__ = ["assumptions", "citation_rows", "claim_citations"]


def assumptions(study: Study, stored: RestingCalibration) -> list[Assumption]:
    """Return every number that the result stands on."""
    entry = lineage_entry(study.niche.name)
    rows = [_parameter(p, study, stored) for p in entry.parameters.values()]
    rows += _signals() + _assays(study_entry(study.name)) + _effect()
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
        reason = f"Fitted to the resting series; published {published:g}. {reason}"
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


def _assays(entry: StudyEntry) -> list[Assumption]:
    rows = []
    for name, assay in entry.assays.items():
        for field, unit in (("fraction", "1"), ("position_cv", "1"), ("unit_cv", "1")):
            rows.append(
                Assumption(
                    name=f"assay.{name}.{field}",
                    label=f"{assay.label}: {field.replace('_', ' ')}",
                    value=getattr(assay, field),
                    unit=unit,
                    low=None,
                    high=None,
                    status=assay.status,
                    reason=assay.reason,
                    citation=assay.citation,
                )
            )
    return rows


def _effect() -> list[Assumption]:
    prior = effect_model().prior
    return [
        Assumption(
            name="effect.prior",
            label=f"prior of the {prior.readout} log-ratio on day {prior.day:g}",
            value=prior.median,
            unit="log-ratio",
            low=prior.low,
            high=prior.high,
            status="provisional",
            reason=prior.reason,
            citation=None,
        )
    ]


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
