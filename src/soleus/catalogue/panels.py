"""Panels of the catalogue: labels, gates of markers and how they are read, for one lineage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from soleus.assays import CountAssay, FractionAssay, Gate, Marker
from soleus.catalogue.folder import Catalogue, load_yaml, once, parse_record
from soleus.catalogue.markers import markers
from soleus.catalogue.quantity import Status
from soleus.catalogue.store import require_citations
from soleus.errors import unknown_name
from soleus.lineage import Label, Window
from soleus.units import hours_to_days
from soleus.values import cited

__all__ = ["Panel", "PanelEntry", "load_panel", "panel_entry", "panel_names"]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _Sourced(_Entry):
    citation: str | None
    reason: str
    status: Status


class _LabelEntry(_Sourced):
    hours_before: tuple[tuple[float, float], ...]
    detectable_divisions: int
    sensitivity: float
    false_positive: float


class _WindowEntry(_Entry):
    types: tuple[str, ...]


class _GateEntry(_Entry):
    window: str
    positive: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()
    phases: tuple[str, ...] | None = None


class _CountEntry(_GateEntry):
    label: str
    fraction: float | None = None


class _CountDefaults(_Sourced):
    units: int
    fraction: float
    unit_level: Literal["section", "animal"]
    position_cv: float
    unit_cv: float


class _ShareEntry(_Entry):
    label: str
    events: int
    concentration: float
    categories: dict[str, _GateEntry]
    confusion: tuple[tuple[float, ...], ...] | None = None


class _ShareDefaults(_Sourced):
    units: int
    unit_level: Literal["animal", "well"]


class PanelEntry(_Entry):
    """A panel file."""

    name: str
    label: str
    lineage: str
    study: str
    leading: str
    labels: dict[str, _LabelEntry]
    windows: dict[str, _WindowEntry]
    counts: dict[str, _CountEntry]
    count_defaults: _CountDefaults
    shares: dict[str, _ShareEntry]
    share_defaults: _ShareDefaults


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel of assays that end on one day.

    Attributes
    ----------
    study
        Whose resting animals are looked at.
    leading
        The read-out by whose fall the strength of a cause is set.
    citations
        Keys of the works that its numbers come from.
    """

    name: str
    label: str
    lineage: str
    study: str
    leading: str
    assays: tuple[CountAssay | FractionAssay, ...]
    citations: tuple[str, ...]


def panel_names(catalogue: Catalogue) -> tuple[str, ...]:
    """Return the names of all panels."""
    folder = catalogue.folder / "panels"
    return tuple(sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")))


def load_panel(catalogue: Catalogue, name: str, *, end_day: float) -> Panel:
    """Return a panel whose animals are killed on a day; its labels are given before it.

    Raises
    ------
    UnknownNameError
        If there is no such panel, or a gate names a marker or window that there is not.
    """
    entry = panel_entry(catalogue, name)
    known = _markers(catalogue, entry, end_day)
    assays: list[CountAssay | FractionAssay] = [_count(entry, key, known) for key in entry.counts]
    assays += [_share(entry, key, known) for key in entry.shares]
    return Panel(
        name, entry.label, entry.lineage, entry.study, entry.leading, tuple(assays), tuple(cited(entry))
    )


@once
def panel_entry(catalogue: Catalogue, name: str) -> PanelEntry:
    """Return a panel file, parsed and checked.

    Raises
    ------
    UnknownNameError
        With the list of panels and the nearest name.
    """
    if name not in panel_names(catalogue):
        raise unknown_name("panel", name, panel_names(catalogue))
    file = f"panels/{name}.yaml"
    entry = parse_record(PanelEntry, load_yaml(catalogue, file), file=file, entry=name, name_field="name")
    require_citations(catalogue, entry, file=file)
    return entry


def _markers(catalogue: Catalogue, entry: PanelEntry, end_day: float) -> Mapping[str, Marker]:
    found = dict(markers(catalogue, entry.lineage))
    for name, label in entry.labels.items():
        pulses = tuple(
            (end_day - hours_to_days(start), end_day - hours_to_days(end))
            for start, end in label.hours_before
        )
        analogue = Label(name, pulses, detectable_divisions=label.detectable_divisions)
        found[name] = Marker(
            name,
            name,
            sensitivity=label.sensitivity,
            false_positive=label.false_positive,
            analogue=analogue,
        )
    return found


def _gate(
    entry: PanelEntry, name: str, wanted: _GateEntry, *, label: str, known: Mapping[str, Marker]
) -> Gate:
    if wanted.window not in entry.windows:
        raise unknown_name(f"window of panel {entry.name!r}", wanted.window, entry.windows)
    for marker in (*wanted.positive, *wanted.negative):
        if marker not in known:
            raise unknown_name(f"marker of panel {entry.name!r}", marker, known)
    return Gate(
        name,
        label,
        tuple(known[m] for m in wanted.positive),
        tuple(known[m] for m in wanted.negative),
        Window(entry.windows[wanted.window].types, wanted.phases),
    )


def _count(entry: PanelEntry, key: str, known: Mapping[str, Marker]) -> CountAssay:
    wanted, usual = entry.counts[key], entry.count_defaults
    fraction = usual.fraction if wanted.fraction is None else wanted.fraction
    return CountAssay(
        name=key,
        label=wanted.label,
        readout=_gate(entry, key, wanted, label=wanted.label, known=known),
        units=usual.units,
        fraction=fraction,
        exposure=fraction,
        exposure_unit="fraction",
        unit_level=usual.unit_level,
        position_cv=usual.position_cv,
        unit_cv=usual.unit_cv,
    )


def _share(entry: PanelEntry, key: str, known: Mapping[str, Marker]) -> FractionAssay:
    wanted, usual = entry.shares[key], entry.share_defaults
    names = list(wanted.categories)
    gates = [
        _gate(entry, f"{key}: {name}", wanted.categories[name], label=name, known=known) for name in names
    ]
    return FractionAssay(
        name=key,
        label=wanted.label,
        categories=tuple(gates),
        events=wanted.events,
        units=usual.units,
        unit_level=usual.unit_level,
        confusion=wanted.confusion,
        concentration=wanted.concentration,
    )
