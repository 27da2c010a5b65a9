"""What the catalogue holds on assays, as plain records: markers, panels, and causes that leave marks."""

from __future__ import annotations

from collections.abc import Iterator

from soleus.catalogue.causes import causes
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.item import make_item
from soleus.catalogue.lineages import lineage_names
from soleus.catalogue.markers import marker_entries, marker_quantities
from soleus.catalogue.panels import panel_entry, panel_names
from soleus.schema.catalogue import CatalogueItem

__all__ = ["cause_items", "marker_items", "panel_items"]


def marker_items(catalogue: Catalogue) -> Iterator[CatalogueItem]:
    """Markers, and each of their numbers with its source."""
    for lineage in lineage_names(catalogue):
        for name, entry in marker_entries(catalogue, lineage).items():
            windows = {f"seen in {k + 1}": " ".join(w.types) for k, w in enumerate(entry.windows)}
            more = {"aliases": ", ".join(entry.aliases), **windows}
            skip = ["aliases", "sensitivity", "false_positive", "persistence", "windows"]
            yield make_item(
                catalogue,
                "marker",
                entry,
                name=f"{lineage}.{name}",
                label=entry.label,
                skip=skip,
                more={k: v for k, v in more.items() if v},
            )
        for name, quantity in marker_quantities(catalogue, lineage).items():
            yield make_item(
                catalogue,
                "marker",
                quantity,
                name=f"{lineage}.{name}",
                label=quantity.label,
                citation=quantity.citation,
                status=quantity.status,
            )


def panel_items(catalogue: Catalogue) -> Iterator[CatalogueItem]:
    """Panels, and their labels with their sources."""
    for name in panel_names(catalogue):
        entry = panel_entry(catalogue, name)
        more = {"counts": ", ".join(entry.counts), "shares": ", ".join(entry.shares)}
        skip = ["labels", "windows", "counts", "count_defaults", "shares", "share_defaults"]
        yield make_item(catalogue, "panel", entry, name=name, label=entry.label, skip=skip, more=more)
        sourced = {**entry.labels, "counts": entry.count_defaults, "shares": entry.share_defaults}
        for key, one in sourced.items():
            yield make_item(
                catalogue,
                "panel",
                one,
                name=f"{name}.{key}",
                label=f"{key} of panel {name}",
                citation=one.citation,
                status=one.status,
            )


def cause_items(catalogue: Catalogue) -> Iterator[CatalogueItem]:
    """Changes of cell behaviour whose marks on read-outs are computed."""
    for lineage in lineage_names(catalogue):
        for name, cause in causes(catalogue, lineage).items():
            yield make_item(catalogue, "cause", cause, name=f"{lineage}.{name}", label=cause.label)
