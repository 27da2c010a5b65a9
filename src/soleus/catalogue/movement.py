"""Activities, signals, mechanisms and mechanism sets of the catalogue."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from soleus.catalogue.quantity import Status
from soleus.catalogue.store import citations, load_yaml, parse_record
from soleus.errors import CatalogueError, unknown_name
from soleus.movement import Activity, Mechanism, Signal

__all__ = [
    "ActivityEntry",
    "MechanismEntry",
    "SignalEntry",
    "activities",
    "mechanism_sets",
    "mechanisms",
    "movement_entries",
    "signals",
]

_FILE = "movement.yaml"


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    name: str
    label: str
    citation: str | None = None
    reason: str
    status: Status = "provisional"


class ActivityEntry(_Entry):
    """An activity, and the level of NASA's factor ``Hindlimb Unloading`` that it stands for."""

    drives: dict[str, float]
    factor: str


class SignalEntry(_Entry):
    """A signal with its time constants."""

    drive: str
    normal: float
    tau_days: float
    adaptation_tau_days: float | None = None
    adapted_fraction: float = 1.0


class MechanismEntry(_Entry):
    """A mechanism with the bound of its gain."""

    signal: str
    role: str
    niche: str
    direction: Literal[-1, 1]
    max_log_gain: float
    shape: Literal["linear", "saturating"] = "saturating"
    headroom: float = 0.2
    on: bool = Field(default=True)


_E = TypeVar("_E", bound=_Entry)


class _MovementFile(BaseModel):
    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)
    activities: Mapping[str, ActivityEntry]
    signals: Mapping[str, SignalEntry]
    mechanisms: Mapping[str, MechanismEntry]
    sets: Mapping[str, Mapping[str, float]]


@functools.cache
def movement_entries() -> _MovementFile:
    """Return the whole file, parsed and cross-checked."""
    content = load_yaml(_FILE)
    found = _MovementFile(
        activities=_section(content, "activities", ActivityEntry),
        signals=_section(content, "signals", SignalEntry),
        mechanisms=_section(content, "mechanisms", MechanismEntry),
        sets=content["sets"],
    )
    for mechanism in found.mechanisms.values():
        if mechanism.signal not in found.signals:
            raise CatalogueError(
                f"{_FILE}: mechanism {mechanism.name!r} uses unknown signal {mechanism.signal!r}"
            )
    for name, members in found.sets.items():
        for member in members:
            if member not in found.mechanisms:
                raise CatalogueError(f"{_FILE}: set {name!r} uses unknown mechanism {member!r}")
    return found


def _section(content: Mapping[str, Mapping[str, object]], section: str, model: type[_E]) -> Mapping[str, _E]:
    entries: dict[str, _E] = {}
    for key, fields in content[section].items():
        entry = parse_record(model, fields, file=_FILE, entry=key, name_field="name")
        if entry.citation is not None and entry.citation not in citations():
            raise CatalogueError(f"{_FILE}: {section} {key!r} cites unknown {entry.citation!r}")
        entries[key] = entry
    return MappingProxyType(entries)


def activities() -> dict[str, Activity]:
    """Return all activities by name."""
    return {k: Activity(k, e.label, e.drives) for k, e in movement_entries().activities.items()}


def signals() -> dict[str, Signal]:
    """Return all signals by name."""
    return {
        k: Signal(k, e.label, e.drive, e.normal, e.tau_days, e.adaptation_tau_days, e.adapted_fraction)
        for k, e in movement_entries().signals.items()
    }


def mechanisms() -> dict[str, Mechanism]:
    """Return all mechanisms by name."""
    return {
        k: Mechanism(
            k,
            e.label,
            e.signal,
            e.role,
            e.niche,
            e.direction,
            e.max_log_gain,
            shape=e.shape,
            headroom=e.headroom,
            on=e.on,
        )
        for k, e in movement_entries().mechanisms.items()
    }


def mechanism_sets(name: str | None = None) -> dict[str, dict[str, float]]:
    """Return the mechanism sets (or one): mechanism to its share of its largest gain."""
    sets = {k: dict(v) for k, v in movement_entries().sets.items()}
    if name is None:
        return sets
    if name not in sets:
        raise unknown_name("mechanism set", name, sets)
    return {name: sets[name]}
