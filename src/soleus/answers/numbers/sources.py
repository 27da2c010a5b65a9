"""What a result stands on: assumptions with their status, and the works that it used."""

from __future__ import annotations

import math
from collections.abc import Iterator

from soleus.answers.numbers.of_body import body_assumptions
from soleus.answers.numbers.of_effect import effect_assumptions, index_assumptions, scoring_assumptions
from soleus.answers.numbers.of_movement import movement_assumptions, used_activities
from soleus.answers.numbers.of_study import study_assumptions
from soleus.answers.numbers.row import located
from soleus.answers.run.parts.mechanisms import shown_sets
from soleus.catalogue.calibrations import RestingCalibration
from soleus.catalogue.lineages import LineageParameter, lineage_entry
from soleus.catalogue.movement import movement_entries
from soleus.catalogue.resilience import buffering_index
from soleus.catalogue.store import citations
from soleus.catalogue.study_entries import study_entry
from soleus.citations import Citation, CitationBook
from soleus.schema.claim_rows import ClaimRow
from soleus.schema.values import Assumption, CitationRow
from soleus.study.design import Study

__all__ = ["assumptions", "citation_rows"]


def assumptions(study: Study, stored: RestingCalibration | None, *, judged: bool = True) -> list[Assumption]:
    """Return every number that the result stands on, each with its source or the words why there is none.

    Parameters
    ----------
    stored
        The calibration of the lineage; None where there is none.
    judged
        Whether published findings weighed in: claims are judged, or the effect is calibrated.
    """
    lineage, entry = lineage_entry(study.niche.name), study_entry(study.name)
    rows = [_parameter(p, study, stored) for p in lineage.parameters.values()]
    rows += movement_assumptions(study, entry) + study_assumptions(study, entry)
    if not study.niche.in_culture:
        rows += body_assumptions(study)
    if study.niche.name == buffering_index().niche:
        rows += index_assumptions()
    why = None if entry.reported is None else entry.reported.reason
    rows += effect_assumptions(study, why_reported=why) + scoring_assumptions(judged=judged)
    return [located(row) for row in rows]


def _parameter(parameter: LineageParameter, study: Study, stored: RestingCalibration | None) -> Assumption:
    internal = study.niche.parameters[parameter.name]
    factor = parameter.value / parameter.internal_value if parameter.internal_value else 1.0
    published = parameter.value
    value = internal * factor
    # A variant overrides the fit, and its number must not pass for a fitted one.
    theta = {} if stored is None else stored.theta
    fitted = parameter.name in theta and math.isclose(internal, theta[parameter.name])
    reason = parameter.reason
    if fitted:
        what = "published" if parameter.published else "centre before the fit, our estimate:"
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


def citation_rows(study: Study, used: list[Assumption], rows: list[ClaimRow]) -> list[CitationRow]:
    """Return exactly the works that the result used or names, with the reasons, merged by DOI."""
    book = _book()
    for key, reason in _uses(study, used, rows):
        if key is not None:
            book.use(key, reason)
    return book.to_rows()


def _uses(study: Study, used: list[Assumption], rows: list[ClaimRow]) -> Iterator[tuple[str | None, str]]:
    yield study.citation, f"the study {study.name}"
    if study.reported is not None:
        yield study.reported.citation, "the reported effect"
    yield from ((a.citation, a.label) for a in used)
    movement = movement_entries()
    for name in sorted(used_activities(study, study_entry(study.name))):
        yield movement.activities[name].citation, f"activity: {movement.activities[name].label}"
    named = {m for members in shown_sets(study).values() for m in members}
    for mechanism in (m for m in movement.mechanisms.values() if m.name in named):
        yield mechanism.citation, f"mechanism: {mechanism.label}"
    for signal in movement.signals.values():
        yield signal.citation, f"signal: {signal.label}"
    for name, variant in lineage_entry(study.niche.name).variants.items():
        yield variant.citation, f"variant {name}"
    if study.niche.name == buffering_index().niche:
        yield from ((e.citation, f"stress buffering, {e.stance}") for e in buffering_index().evidence)
    yield from ((key, f"claim {row.id}") for row in rows for key in row.citations)
