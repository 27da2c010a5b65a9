"""The numbers that marks on a panel stand on, with their status, and the works behind them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from soleus.answers.numbers.of_study import variation_numbers
from soleus.answers.numbers.row import as_row
from soleus.answers.numbers.sources import lineage_numbers
from soleus.assays import CellReadout, Gate
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.item import reference
from soleus.catalogue.markers import marker_entries
from soleus.catalogue.panels import Panel, PanelEntry, panel_entry
from soleus.catalogue.quantity import Status
from soleus.catalogue.store import citations
from soleus.catalogue.studies import agreed_entry
from soleus.citations import CitationBook
from soleus.schema.values import Assumption, CitationRow
from soleus.study import Study
from soleus.values import Number, numbers_in

__all__ = ["panel_citations", "panel_numbers"]

_LABEL_UNITS = {"detectable_divisions": "division", "sensitivity": "1", "false_positive": "1"}
_WORDS = {
    "fraction": "share of the cells that is counted",
    "position_cv": "coefficient of variation from where sections fall",
    "unit_cv": "coefficient of variation of a count",
    "events": "cells read",
    "concentration": "concentration of shares between tubes",
}


class _Source(Protocol):
    """What an entry of a panel says of where its numbers come from."""

    @property
    def status(self) -> Status: ...
    @property
    def reason(self) -> str: ...
    @property
    def citation(self) -> str | None: ...


def panel_numbers(catalogue: Catalogue, panel: Panel, study: Study) -> list[Assumption]:
    """Return the numbers of lineage, animals, markers, labels and counts that a panel uses.

    Parameters
    ----------
    study
        Whose resting animals are looked at.
    """
    resting = [*lineage_numbers(study), *variation_numbers(agreed_entry(catalogue, study))]
    located = [as_row(catalogue, one) for one in numbers_in(resting)]
    own = [*_markers(catalogue, panel), *_panel(panel_entry(catalogue, panel.name))]
    return located + [as_row(catalogue, one, placed=False) for one in numbers_in(own)]


def panel_citations(catalogue: Catalogue, numbers: list[Assumption]) -> list[CitationRow]:
    """Return exactly the works that the numbers come from, with what each was used for."""
    book = CitationBook(reference(catalogue, key) for key in citations(catalogue))
    for number in numbers:
        if number.citation is not None:
            book.use(number.citation, number.label)
    return book.to_rows()


def _markers(catalogue: Catalogue, panel: Panel) -> Iterator[Number]:
    used = set(_names(panel))
    for name, entry in marker_entries(catalogue, panel.lineage).items():
        if name in used:
            for q in entry.quantities:
                yield q.number(f"marker.{q.name}")


def _names(panel: Panel) -> Iterator[str]:
    """Yield the markers of all gates."""
    readouts: list[CellReadout] = [r for assay in panel.assays for r in assay.readouts]
    for gate in readouts:
        if isinstance(gate, Gate):
            yield from (m.name for m in (*gate.positive, *gate.negative))


def _panel(entry: PanelEntry) -> Iterator[Number]:
    """Yield what the panel's own file states: labels, how cells are counted, how shares are read."""
    for name, label in entry.labels.items():
        for field, unit in _LABEL_UNITS.items():
            words = f"{name}: {field.replace('_', ' ')}"
            yield _stated(f"label.{name}.{field}", words, getattr(label, field), unit=unit, source=label)
    usual = entry.count_defaults
    for field in ("fraction", "position_cv", "unit_cv"):
        yield _stated(f"counts.{field}", f"counts: {_WORDS[field]}", getattr(usual, field), source=usual)
    for name, count in entry.counts.items():
        if count.fraction is not None:
            label_of = f"{count.label}: {_WORDS['fraction']}"
            yield _stated(f"counts.{name}.fraction", label_of, count.fraction, source=usual)
    yield from _shares(entry)


def _shares(entry: PanelEntry) -> Iterator[Number]:
    usual = entry.share_defaults
    for name, share in entry.shares.items():
        for field, unit in (("events", "count"), ("concentration", "1")):
            words = f"{share.label}: {_WORDS[field]}"
            yield _stated(f"shares.{name}.{field}", words, getattr(share, field), unit=unit, source=usual)
        for k, (gate, row) in enumerate(zip(share.categories, share.confusion or (), strict=False)):
            words = f"{share.label}: share of {gate} read as {gate}"
            yield _stated(f"shares.{name}.{gate}", words, row[k], source=usual)


def _stated(name: str, label: str, value: float, *, source: _Source, unit: str = "1") -> Number:
    return Number(
        name, label, float(value), source.reason, unit, status=source.status, citation=source.citation
    )
