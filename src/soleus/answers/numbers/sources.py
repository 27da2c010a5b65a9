"""What a result stands on: assumptions with their status, and the works that it used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from soleus.answers.numbers.of_body import body_assumptions
from soleus.answers.numbers.of_effect import effect_assumptions, index_assumptions, scoring_assumptions
from soleus.answers.numbers.of_movement import movement_assumptions, used_activities
from soleus.answers.numbers.of_study import study_assumptions
from soleus.answers.numbers.row import as_row
from soleus.answers.run.parts.mechanisms import shown_sets
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.item import reference
from soleus.catalogue.lineages import lineage_entry
from soleus.catalogue.movement import movement_entries
from soleus.catalogue.resilience import buffering_index
from soleus.catalogue.store import citations
from soleus.catalogue.studies import agreed_entry
from soleus.citations import CitationBook
from soleus.schema.claim_rows import ClaimRow
from soleus.schema.values import Assumption, CitationRow
from soleus.study.design import Study
from soleus.values import Number, numbers_in

__all__ = ["StandsOn", "assumptions", "citation_rows", "claim_citations", "lineage_numbers", "stands_on"]


@dataclass(frozen=True)
class StandsOn:
    """Every number that a run stands on, by what it is of; tables and works are walks over it."""

    lineage: tuple[Number, ...]
    movement: tuple[Number, ...]
    written: tuple[Number, ...]
    body: tuple[Number, ...]
    index: tuple[Number, ...]
    effect: tuple[Number, ...]
    scoring: tuple[Number, ...]


def stands_on(catalogue: Catalogue, study: Study, *, judged: bool = True) -> StandsOn:
    """Return every number that a study stands on.

    Parameters
    ----------
    judged
        Whether published findings weighed in: claims are judged, or the effect is calibrated.

    Raises
    ------
    ModelError
        If the study is not what its entry says: then a number would stand beside another's source.
    """
    entry = agreed_entry(catalogue, study)
    why = None if entry.reported is None else entry.reported.reason
    dentate = study.niche.name == buffering_index(catalogue).niche
    return StandsOn(
        lineage=lineage_numbers(study),
        movement=tuple(movement_assumptions(catalogue, study, entry)),
        written=tuple(study_assumptions(catalogue, study, entry)),
        body=() if study.niche.in_culture else tuple(body_assumptions(catalogue, study, entry)),
        index=tuple(index_assumptions(catalogue)) if dentate else (),
        effect=tuple(effect_assumptions(catalogue, study, why_reported=why)),
        scoring=tuple(scoring_assumptions(catalogue, judged=judged)),
    )


def lineage_numbers(study: Study) -> tuple[Number, ...]:
    """Return the numbers of a study's lineage: as published, fitted, or set by a variant."""
    return tuple(one.number for one in study.niche.numbers.values())


def assumptions(catalogue: Catalogue, study: Study, *, judged: bool = True) -> list[Assumption]:
    """Return every number as a row, with its source or the words why there is none; see :func:`stands_on`."""
    return [as_row(catalogue, one) for one in numbers_in(stands_on(catalogue, study, judged=judged))]


def _book(catalogue: Catalogue) -> CitationBook:
    return CitationBook(reference(catalogue, key) for key in citations(catalogue))


def claim_citations(catalogue: Catalogue, rows: list[ClaimRow]) -> list[CitationRow]:
    """Return the works that the claims cite."""
    book = _book(catalogue)
    for row in rows:
        for key in row.citations:
            book.use(key, f"claim {row.id}")
    return book.to_rows()


def citation_rows(
    catalogue: Catalogue, study: Study, used: list[Assumption], rows: list[ClaimRow]
) -> list[CitationRow]:
    """Return exactly the works that the result used or names, with the reasons, merged by DOI."""
    book = _book(catalogue)
    for key, reason in _uses(catalogue, study, used, rows):
        if key is not None:
            book.use(key, reason)
    return book.to_rows()


def _uses(
    catalogue: Catalogue, study: Study, used: list[Assumption], rows: list[ClaimRow]
) -> Iterator[tuple[str | None, str]]:
    yield study.citation, f"the study {study.name}"
    if study.reported is not None:
        yield study.reported.citation, "the reported effect"
    yield from ((a.citation, a.label) for a in used)
    movement = movement_entries(catalogue)
    for name in sorted(used_activities(catalogue, study, agreed_entry(catalogue, study))):
        yield movement.activities[name].citation, f"activity: {movement.activities[name].label}"
    named = {m for members in shown_sets(catalogue, study).values() for m in members}
    for mechanism in (m for m in movement.mechanisms.values() if m.name in named):
        yield mechanism.citation, f"mechanism: {mechanism.label}"
    for signal in movement.signals.values():
        yield signal.citation, f"signal: {signal.label}"
    for name, variant in lineage_entry(catalogue, study.niche.name).variants.items():
        yield variant.citation, f"variant {name}"
    if study.niche.name == buffering_index(catalogue).niche:
        yield from (
            (e.citation, f"stress buffering, {e.stance}") for e in buffering_index(catalogue).evidence
        )
    yield from ((key, f"claim {row.id}") for row in rows for key in row.citations)
