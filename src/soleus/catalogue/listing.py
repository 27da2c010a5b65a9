"""Everything that the catalogue holds, kind by kind, as plain records: what lists and shows it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping
from types import MappingProxyType

from soleus.catalogue.calibrations import effect_calibration, resting_calibration
from soleus.catalogue.folder import Catalogue, load_yaml
from soleus.catalogue.item import as_text, make_item, reference
from soleus.catalogue.lineages import lineage_entry, lineage_names
from soleus.catalogue.listing_assays import cause_items, marker_items, panel_items
from soleus.catalogue.listing_biology import (
    assay_items,
    body_items,
    dose_items,
    finding_items,
    index_items,
)
from soleus.catalogue.movement import movement_entries
from soleus.catalogue.store import citations, claims, evidence, quantities, quantity_groups
from soleus.catalogue.studies import study_entry, study_names
from soleus.errors import UnknownNameError, unknown_name
from soleus.schema.catalogue import CatalogueItem

__all__ = ["EFFECTS", "FINDINGS", "KINDS", "calibration_names", "items", "named"]

# Calibrations of effects carry the name of their study after this; all others are of lineages.
EFFECTS = "effects-"
FINDINGS = "findings"
_LISTED_AT_MOST = 30


def items(catalogue: Catalogue, kind: str | None = None) -> list[CatalogueItem]:
    """Return all entries of the catalogue, or those of one kind, in the order of the files.

    Raises
    ------
    UnknownNameError
        With the list of kinds and the nearest one.
    """
    if kind is None:
        return [item for make in _MAKERS.values() for item in make(catalogue)]
    if kind not in _MAKERS:
        raise unknown_name("kind of catalogue entry", kind, _MAKERS)
    return list(_MAKERS[kind](catalogue))


def named(catalogue: Catalogue, name: str, kind: str | None = None) -> list[CatalogueItem]:
    """Return the entries of that name; kinds may share one (a study and the work that it is from).

    Parameters
    ----------
    name
        Full (``svz.activation_rate``), or without its lineage (``activation_rate``).
    kind
        Look among the entries of this kind only.

    Raises
    ------
    UnknownNameError
        With the nearest names, and all of them where they are few.
    """
    known = items(catalogue, kind)
    found = [item for item in known if name in (item.name, item.name.partition(".")[2])]
    if not found:
        raise _unknown(name, kind, {item.name for item in known})
    return found


def _unknown(name: str, kind: str | None, known: Collection[str]) -> UnknownNameError:
    if len(known) <= _LISTED_AT_MOST:
        return unknown_name(kind or "catalogue entry", name, known)
    near = difflib.get_close_matches(name, sorted(known), n=5, cutoff=0.4)
    hint = f" Nearest: {', '.join(near)}." if near else ""
    return UnknownNameError(
        f"unknown {kind or 'catalogue entry'} {name!r}.{hint} All {len(known)} of them:"
        f" soleus catalogue list {kind or 'KIND'}"
    )


def calibration_names(catalogue: Catalogue) -> tuple[str, ...]:
    """Return the names of all stored calibrations."""
    folder = catalogue.folder / "calibrations"
    names = (f.name.rpartition(".") for f in folder.iterdir())
    return tuple(sorted(stem for stem, _, ending in names if ending in ("yaml", "json")))


def _studies(catalogue: Catalogue) -> Iterator[CatalogueItem]:
    for name in study_names(catalogue):
        entry = study_entry(catalogue, name)
        yield make_item(
            catalogue, "study", entry, name=name, label=entry.title, citation=entry.citation, skip=["title"]
        )


def _lineages(catalogue: Catalogue) -> Iterator[CatalogueItem]:
    hidden = ["parameters", "types", "cycles", "transitions", "age_laws", "variants"]
    for name in lineage_names(catalogue):
        entry = lineage_entry(catalogue, name)
        more = {
            "types": ", ".join(entry.types),
            "divisions": ", ".join(c.division for c in entry.cycles),
            "transitions": ", ".join(t.name for t in entry.transitions),
            **{f"variant {key}": f"{v.reason} ({v.citation})" for key, v in entry.variants.items()},
        }
        yield make_item(catalogue, "lineage", entry, name=name, label=entry.label, skip=hidden, more=more)


def _parameters(catalogue: Catalogue) -> Iterator[CatalogueItem]:
    for lineage in lineage_names(catalogue):
        for key, p in lineage_entry(catalogue, lineage).parameters.items():
            full = f"{lineage}.{key}"
            yield make_item(
                catalogue, "parameter", p, name=full, label=p.label, citation=p.citation, status=p.status
            )


def _activities(catalogue: Catalogue) -> Iterator[CatalogueItem]:
    for name, e in movement_entries(catalogue).activities.items():
        yield make_item(
            catalogue, "activity", e, name=name, label=e.label, citation=e.citation, status=e.status
        )


def _signals(catalogue: Catalogue) -> Iterator[CatalogueItem]:
    for name, e in movement_entries(catalogue).signals.items():
        yield make_item(
            catalogue, "signal", e, name=name, label=e.label, citation=e.citation, status=e.status
        )


def _mechanisms(catalogue: Catalogue) -> Iterator[CatalogueItem]:
    for name, e in movement_entries(catalogue).mechanisms.items():
        yield make_item(
            catalogue, "mechanism", e, name=name, label=e.label, citation=e.citation, status=e.status
        )


def _sets(catalogue: Catalogue) -> Iterator[CatalogueItem]:
    known = movement_entries(catalogue).mechanisms
    for name, shares in movement_entries(catalogue).sets.items():
        labels = [known[m].label if m in known else m for m in shares]
        yield CatalogueItem(
            kind="set",
            name=name,
            label="; ".join(labels),
            status=None,
            citation=None,
            doi=None,
            fields={f"share of {m}": f"{share:g}" for m, share in shares.items()},
        )


def _readouts(catalogue: Catalogue) -> Iterator[CatalogueItem]:
    for lineage, entries in load_yaml(catalogue, "readouts.yaml").items():
        for key, fields in entries.items():
            yield CatalogueItem(
                kind="readout",
                name=f"{lineage}.{key}",
                label=str(fields["label"]),
                status=None,
                citation=None,
                doi=None,
                fields=as_text({k: v for k, v in fields.items() if k != "label"}),
            )


def _claims(catalogue: Catalogue) -> Iterator[CatalogueItem]:
    for name, c in claims(catalogue).items():
        yield make_item(
            catalogue, "claim", c, name=name, label=c.words, citation=c.primary_citation, skip=["id", "words"]
        )


def _evidence(catalogue: Catalogue) -> Iterator[CatalogueItem]:
    for e in evidence(catalogue):
        label = f"{e.stance} {e.claim}: {e.reason}"
        skip = ["id", "reason"]
        yield make_item(
            catalogue, "evidence", e, name=e.id, label=label, citation=e.citation, status=e.status, skip=skip
        )


def _quantities(catalogue: Catalogue) -> Iterator[CatalogueItem]:
    for group in quantity_groups(catalogue):
        for name, q in quantities(catalogue, group).items():
            yield make_item(catalogue,
                "quantity", q, name=name, label=q.label, citation=q.citation, status=q.status,
                more={"group": group},
            )  # fmt: skip


def _citations(catalogue: Catalogue) -> Iterator[CatalogueItem]:
    for key, c in citations(catalogue).items():
        more = {"bibtex": reference(catalogue, key).bibtex()}
        yield make_item(
            catalogue, "citation", c, name=key, label=c.title, citation=key, skip=["key", "title"], more=more
        )


def _calibrations(catalogue: Catalogue) -> Iterator[CatalogueItem]:
    for name in calibration_names(catalogue):
        if name == FINDINGS:
            # Solved curves and nothing to read: the findings themselves are listed by their study.
            continue
        if name.startswith(EFFECTS):
            e = effect_calibration(catalogue, name.removeprefix(EFFECTS))
            if e is None:
                continue
            label = f"strengths behind the effects of {e.study}: {len(e.sets)} mechanism sets"
            yield make_item(
                catalogue, "calibration", e, name=name, label=label, status="fitted", skip=["sets", "sha256"]
            )
        else:
            c = resting_calibration(catalogue, name)
            label = f"{c.lineage} fitted to {c.dataset}: {c.n_points} points, {c.n_free} free numbers"
            yield make_item(
                catalogue, "calibration", c, name=name, label=label, status="fitted", skip=["points"]
            )


_MAKERS: Mapping[str, Callable[[Catalogue], Iterator[CatalogueItem]]] = MappingProxyType(
    {
        "study": _studies,
        "lineage": _lineages,
        "parameter": _parameters,
        "activity": _activities,
        "signal": _signals,
        "mechanism": _mechanisms,
        "set": _sets,
        "readout": _readouts,
        "assay": assay_items,
        "body": body_items,
        "dose": dose_items,
        "index": index_items,
        "marker": marker_items,
        "panel": panel_items,
        "cause": cause_items,
        "claim": _claims,
        "evidence": _evidence,
        "finding": finding_items,
        "quantity": _quantities,
        "citation": _citations,
        "calibration": _calibrations,
    }
)
KINDS = tuple(_MAKERS)
