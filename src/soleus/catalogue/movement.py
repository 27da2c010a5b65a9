"""Activities, signals, mechanisms and mechanism sets of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from soleus.catalogue.folder import Catalogue, load_yaml, once, parse_record
from soleus.catalogue.movement_doses import BoutEntry, DoseEntry, Finding
from soleus.catalogue.quantity import Status
from soleus.catalogue.regimens import Repertoire, Span, read_regimen
from soleus.catalogue.store import require_citations
from soleus.errors import CatalogueError, unknown_name
from soleus.movement import Activity, DosedActivity, Mechanism, Regimen, Signal
from soleus.movement.regimen import DRIVES

__all__ = [
    "ActivityEntry",
    "MechanismEntry",
    "SignalEntry",
    "activities",
    "dosed",
    "findings",
    "mechanism_sets",
    "mechanisms",
    "movement_entries",
    "regimen",
    "signals",
]

_FILE = "movement.yaml"
_RESTING = "free_ambulation"


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    name: str
    label: str
    citation: str | None = None
    reason: str
    status: Status = "provisional"


class ActivityEntry(_Entry):
    """An activity, and the level of NASA's factor ``Hindlimb Unloading`` that it stands for.

    ``found`` says by niche what studies saw; a niche that is not listed had no study that was found.
    """

    drives: dict[str, float]
    factor: str
    voluntary: bool = False
    found: dict[str, Finding] = Field(default_factory=dict)


class SignalEntry(_Entry):
    """A signal with its time constants."""

    drive: str
    normal: float
    tau_days: float
    adaptation_tau_days: float | None = None
    adapted_fraction: float = 1.0
    return_tau_days: float | None = None


class MechanismEntry(_Entry):
    """A mechanism with the bound of its gain."""

    signal: str
    role: str
    niches: tuple[str, ...]
    direction: Literal[-1, 1]
    max_log_gain: float
    shape: Literal["linear", "saturating", "onset"] = "saturating"
    headroom: float = 0.2
    on: bool = Field(default=True)


_E = TypeVar("_E", bound=_Entry)


class _MovementFile(BaseModel):
    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)
    activities: Mapping[str, ActivityEntry]
    signals: Mapping[str, SignalEntry]
    mechanisms: Mapping[str, MechanismEntry]
    sets: Mapping[str, Mapping[str, float]]
    set_labels: Mapping[str, str]
    doses: Mapping[str, DoseEntry]
    bouts: BoutEntry


@once
def movement_entries(catalogue: Catalogue) -> _MovementFile:
    """Return the whole file, parsed and cross-checked."""
    content = load_yaml(catalogue, _FILE)
    found = _MovementFile(
        activities=_section(catalogue, content, "activities", ActivityEntry),
        signals=_section(catalogue, content, "signals", SignalEntry),
        mechanisms=_section(catalogue, content, "mechanisms", MechanismEntry),
        sets=content["sets"],
        set_labels=content.get("set_labels", {}),
        doses={
            key: parse_record(DoseEntry, fields, file=_FILE, entry=key, name_field="activity")
            for key, fields in content["doses"].items()
        },
        bouts=parse_record(BoutEntry, content["bouts"], file=_FILE, entry="bouts", name_field="name"),
    )
    require_citations(catalogue, found, file=_FILE)
    _check_activities(found)
    for mechanism in found.mechanisms.values():
        if mechanism.signal not in found.signals:
            raise CatalogueError(
                f"{_FILE}: mechanism {mechanism.name!r} uses unknown signal {mechanism.signal!r}"
            )
    for name in found.set_labels:
        if name not in found.sets:
            raise CatalogueError(f"{_FILE}: set_labels names unknown set {name!r}")
    for name, members in found.sets.items():
        for member in members:
            if member not in found.mechanisms:
                raise CatalogueError(f"{_FILE}: set {name!r} uses unknown mechanism {member!r}")
    return found


def _check_activities(found: _MovementFile) -> None:
    for name, activity in found.activities.items():
        for drive in activity.drives:
            if drive not in DRIVES:
                raise CatalogueError(f"{_FILE}: activity {name!r}: {unknown_name('drive', drive, DRIVES)}")
    for name, dose in found.doses.items():
        for used in (name, dose.without):
            if used not in found.activities:
                raise CatalogueError(f"{_FILE}: doses of {name!r} use unknown activity {used!r}")


def _section(
    catalogue: Catalogue, content: Mapping[str, Mapping[str, object]], section: str, model: type[_E]
) -> Mapping[str, _E]:
    entries: dict[str, _E] = {}
    for key, fields in content[section].items():
        entry = parse_record(model, fields, file=_FILE, entry=key, name_field="name")
        entries[key] = entry
    return MappingProxyType(entries)


def activities(catalogue: Catalogue) -> dict[str, Activity]:
    """Return all activities by name."""
    return {
        k: Activity(k, e.label, e.drives, e.voluntary)
        for k, e in movement_entries(catalogue).activities.items()
    }


def dosed(catalogue: Catalogue, name: str) -> DosedActivity:
    """Return an activity that comes in doses.

    Raises
    ------
    UnknownNameError
        If the activity has no doses; it lists those that have.
    """
    doses, known = movement_entries(catalogue).doses, activities(catalogue)
    if name not in doses:
        raise unknown_name("activity with doses", name, doses)
    parts = tuple(part.parse(key) for key, part in doses[name].parts.items())
    return DosedActivity(known[name], known[doses[name].without], parts)


def findings(catalogue: Catalogue, name: str) -> Mapping[str, Finding]:
    """Return what studies saw of an activity, by niche; of a niche that is not there none was found."""
    entries = movement_entries(catalogue).activities
    if name not in entries:
        raise unknown_name("activity", name, entries)
    return MappingProxyType(entries[name].found)


def regimen(
    catalogue: Catalogue,
    name: str,
    spans: Sequence[Sequence[object] | Mapping[str, object] | Span],
    *,
    housing: str | None = None,
) -> Regimen:
    """Return a regimen from the spans of a study file; before day 0 the animals are free, housed alike.

    Parameters
    ----------
    spans
        Each ``[activity, start, end]``, or a mapping such as
        ``{activity: wheel_running, from: 0, to: 28, dose: 5, bouts: {activity: limb_standing,
        minutes_per_day: 60}}``, of which dose, bouts and onset may be left out.
    housing
        ``"single"`` adds the drive ``isolation`` throughout; ``"pair"`` and ``"group"`` do not; None: not
        considered, as in company.

    Raises
    ------
    InputError
        If a span, a dose or the housing is not allowed; the message says which and what is.

    Examples
    --------
    >>> from soleus.catalogue import load_catalogue
    >>> days = {"activity": "wheel_running", "from": 0, "to": 28, "dose": 5}
    >>> plan = regimen(load_catalogue(), "runners", [days])
    >>> [(i.activity.label, i.start_day, i.end_day) for i in plan.intervals]
    [('voluntary wheel, 2.5 km/day', 0.0, 5.0), ('voluntary wheel, 5 km/day', 5.0, 28.0)]
    """
    return read_regimen(name, spans, housing=housing, repertoire=_repertoire(catalogue))


@once
def _repertoire(catalogue: Catalogue) -> Repertoire:
    entries = movement_entries(catalogue)
    onsets = {k: (e.onset.days.value, e.onset.share.value) for k, e in entries.doses.items() if e.onset}
    doses = {name: dosed(catalogue, name) for name in entries.doses}
    return Repertoire(activities(catalogue), doses, onsets, entries.bouts.rule(), _RESTING)


def signals(catalogue: Catalogue) -> dict[str, Signal]:
    """Return all signals by name."""
    return {
        k: Signal(
            k,
            e.label,
            e.drive,
            e.normal,
            e.tau_days,
            e.adaptation_tau_days,
            e.adapted_fraction,
            e.return_tau_days,
        )
        for k, e in movement_entries(catalogue).signals.items()
    }


def mechanisms(catalogue: Catalogue) -> dict[str, Mechanism]:
    """Return all mechanisms by name."""
    return {
        k: Mechanism(
            k,
            e.label,
            e.signal,
            e.role,
            e.niches,
            e.direction,
            e.max_log_gain,
            shape=e.shape,
            headroom=e.headroom,
            on=e.on,
        )
        for k, e in movement_entries(catalogue).mechanisms.items()
    }


def mechanism_sets(catalogue: Catalogue, name: str | None = None) -> dict[str, dict[str, float]]:
    """Return the mechanism sets (or one): mechanism to its share of its largest gain."""
    sets = {k: dict(v) for k, v in movement_entries(catalogue).sets.items()}
    if name is None:
        return sets
    if name not in sets:
        raise unknown_name("mechanism set", name, sets)
    return {name: sets[name]}
