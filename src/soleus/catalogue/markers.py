"""Markers of the catalogue: what a stain shows in each lineage, with the source of every number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from soleus.assays import Marker
from soleus.catalogue.folder import Catalogue, load_yaml, once, parse_record
from soleus.catalogue.lineage_entries import LineageEntry
from soleus.catalogue.lineages import lineage_entry
from soleus.catalogue.quantity import Quantity
from soleus.catalogue.store import require_citations
from soleus.errors import CatalogueError, unknown_name
from soleus.lineage import Window

__all__ = ["MarkerEntry", "marker", "marker_entries", "marker_names", "marker_quantities", "markers"]

_FILE = "markers.yaml"


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _WindowEntry(_Entry):
    types: tuple[str, ...] = Field(min_length=1)
    phases: tuple[str, ...] | None = None
    cycling: bool | None = None
    from_stage: int = Field(default=0, ge=0)
    to_stage: int | None = None
    expression: Quantity

    def parse(self) -> Window:
        return Window(
            self.types, self.phases, self.cycling, self.from_stage, self.to_stage, self.expression.internal()
        )


class MarkerEntry(_Entry):
    """A marker as the data file states it: every number with range, source, reason and status."""

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9]*$")
    label: str = Field(min_length=3)
    aliases: tuple[str, ...] = ()
    sensitivity: Quantity
    false_positive: Quantity
    persistence: Quantity | None = None
    windows: tuple[_WindowEntry, ...] = Field(min_length=1)

    @property
    def quantities(self) -> Iterator[Quantity]:
        """All numbers of the marker."""
        yield from (self.sensitivity, self.false_positive)
        if self.persistence is not None:
            yield self.persistence
        yield from (window.expression for window in self.windows)

    def parse(self) -> Marker:
        """Return the marker that the entry declares."""
        return Marker(
            self.name,
            self.label,
            tuple(window.parse() for window in self.windows),
            sensitivity=self.sensitivity.internal(),
            false_positive=self.false_positive.internal(),
            persistence_days=0.0 if self.persistence is None else self.persistence.internal(kind="time"),
        )


@once
def marker_entries(catalogue: Catalogue, lineage: str) -> Mapping[str, MarkerEntry]:
    """Return the markers of a lineage as the file states them, by name, in its order.

    Raises
    ------
    UnknownNameError
        If the lineage has no markers.
    CatalogueError
        If a number lacks its source or is no share, a type or phase is not the lineage's, or two markers
        share a name.
    """
    content = load_yaml(catalogue, _FILE)
    if lineage not in content:
        raise unknown_name("lineage with markers", lineage, content)
    about = lineage_entry(catalogue, lineage)
    parsed = {
        str(key): _parse(catalogue, str(key), fields, about) for key, fields in content[lineage].items()
    }
    _check_names(parsed.values())
    return MappingProxyType(parsed)


def markers(catalogue: Catalogue, lineage: str) -> Mapping[str, Marker]:
    """Return the markers of a lineage by name, in the order of the file."""
    return MappingProxyType(
        {name: entry.parse() for name, entry in marker_entries(catalogue, lineage).items()}
    )


def marker_names(catalogue: Catalogue, lineage: str) -> Mapping[str, str]:
    """Return the name of the marker that each name or alias stands for."""
    entries = marker_entries(catalogue, lineage)
    return MappingProxyType({alias: name for name, e in entries.items() for alias in (name, *e.aliases)})


def marker(catalogue: Catalogue, lineage: str, name: str) -> Marker:
    """Return one marker by name or alias; an unknown one is answered with the nearest known one."""
    names = marker_names(catalogue, lineage)
    if name not in names:
        raise unknown_name(f"marker of lineage {lineage!r}", name, names)
    return marker_entries(catalogue, lineage)[names[name]].parse()


def marker_quantities(catalogue: Catalogue, lineage: str) -> Mapping[str, Quantity]:
    """Return every number of a lineage's markers by name, such as ``ki67_sensitivity``."""
    return MappingProxyType(
        {q.name: q for e in marker_entries(catalogue, lineage).values() for q in e.quantities}
    )


def _parse(catalogue: Catalogue, name: str, fields: object, about: LineageEntry) -> MarkerEntry:
    entry = parse_record(MarkerEntry, _named(name, fields, about), file=_FILE, entry=name, name_field="name")
    where = f"{_FILE}: marker {name!r}"
    require_citations(catalogue, entry, file=where)
    for number in entry.quantities:
        highest = number.value if number.high is None else number.high
        if number is not entry.persistence and not (number.unit == "1" and highest <= 1.0):
            raise CatalogueError(
                f"{where}: {number.name} is a share in [0, 1], got {highest:g} {number.unit}"
            )
        if number.value < 0.0:
            raise CatalogueError(f"{where}: {number.name} is at least 0, got {number.value:g}")
    for window in entry.windows:
        for cell_type in window.types:
            if cell_type not in about.types:
                raise CatalogueError(f"{where}: {unknown_name('cell type', cell_type, about.types)}")
            for phase in window.phases or ():
                known = about.types[cell_type].phases
                if phase not in known:
                    raise CatalogueError(f"{where}: {unknown_name(f'phase of {cell_type}', phase, known)}")
    return entry


def _named(name: str, fields: object, about: LineageEntry) -> object:
    """Give the numbers of an entry the names and labels that the file leaves out."""
    if not isinstance(fields, dict):
        return fields
    named: dict[str, Any] = dict(fields)
    for key in ("sensitivity", "false_positive", "persistence"):
        named[key] = _number(named.get(key), f"{name}_{key}", f"{name}: {key.replace('_', ' ')}", about)
    windows = named.get("windows")
    if isinstance(windows, list):
        named["windows"] = [
            {**w, "expression": _number(w.get("expression"), f"{name}_window_{k}", _in(name, w), about)}
            if isinstance(w, dict)
            else w
            for k, w in enumerate(windows, start=1)
        ]
    return named


def _in(name: str, window: Mapping[str, Any]) -> str:
    places = ", ".join(map(str, window.get("types") or ()))
    phases = f" in {' and '.join(map(str, window['phases']))}" if window.get("phases") else ""
    return f"{name}: share of {places}{phases}"


def _number(fields: object, name: str, label: str, about: LineageEntry) -> object:
    if not isinstance(fields, dict):
        return fields
    return {"name": name.lower(), "label": label, "unit": "1", "species": about.species, **fields}


def _check_names(entries: Any) -> None:
    owner: dict[str, str] = {}
    for entry in entries:
        for name in (entry.name, *entry.aliases):
            if name in owner:
                raise CatalogueError(f"{_FILE}: {name!r} names both {owner[name]!r} and {entry.name!r}")
            owner[name] = entry.name
