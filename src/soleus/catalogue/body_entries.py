"""The file of the body, entry by entry, and the references within it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from soleus.assays.body_readouts import Shape
from soleus.catalogue.folder import Catalogue, parse_record
from soleus.catalogue.quantity import Status
from soleus.catalogue.store import require_citations
from soleus.errors import CatalogueError
from soleus.movement import Signal

__all__ = [
    "BaselineEntry",
    "BodyEntries",
    "BodyReadoutEntry",
    "EffectEntry",
    "FeedbackEntry",
    "parse_body",
]

_SECTIONS = ("courses", "feedbacks", "readouts")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _Sourced(_Model):
    citation: str | None
    location: str | None = None
    reason: str = Field(min_length=10)
    status: Status

    @model_validator(mode="after")
    def _has_source(self) -> Self:
        if self.status == "checked" and self.citation is None:
            raise ValueError("a checked number needs a citation")
        return self


class _Number(_Sourced):
    value: float = Field(gt=0)
    low: float
    high: float

    @model_validator(mode="after")
    def _in_range(self) -> Self:
        if not self.low <= self.value <= self.high:
            raise ValueError(f"value {self.value} must lie in its range [{self.low}, {self.high}]")
        return self


class _Judgement(_Model):
    value: float = Field(gt=0)
    reason: str = Field(min_length=10)


class CourseEntry(_Sourced):
    """A signal that only the body follows."""

    name: str
    label: str
    drive: str
    normal: float
    tau_days: float
    adaptation_tau_days: float | None = None
    adapted_fraction: float = 1.0
    return_tau_days: float | None = None


class FeedbackEntry(_Sourced):
    """A feedback with the range of its elasticity."""

    name: str
    label: str
    signal: str
    drive: str
    elasticity: float
    low: float
    high: float
    on: bool = True


class BaselineEntry(_Number):
    """The mean of a read-out in control animals of a kind."""

    unit: str | None = None
    species: str
    sex: Literal["male", "female"] | None
    strain: str | None
    age_days: tuple[float, float]


class EffectEntry(_Sourced):
    """An effect on the log of a read-out at its reference; without an activity, per unit of the signal."""

    label: str
    signal: str
    shape: Shape
    sign: Literal["down", "up", "open"]
    activity: str | None
    day: float | None = Field(gt=0)
    median: float
    low: float
    high: float

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.low < self.median < self.high:
            raise ValueError(f"needs low < median < high, got {self.low}, {self.median}, {self.high}")
        if (self.activity is None) != (self.day is None):
            raise ValueError("a reference activity and its day come together")
        if (self.sign == "down" and self.high > 0.0) or (self.sign == "up" and self.low < 0.0):
            raise ValueError(f"sign {self.sign!r} contradicts the range [{self.low}, {self.high}]; use open")
        return self


class BodyReadoutEntry(_Model):
    """A read-out of the body."""

    name: str
    label: str
    value_kind: Literal["mass", "level"]
    unit: str
    terminal: bool = False
    margin: _Judgement
    animal_cv: _Number
    error_cv: _Number
    before_evidence_sd: _Judgement
    no_baseline: str = Field(min_length=10)
    baselines: tuple[BaselineEntry, ...]
    effects: dict[str, EffectEntry]
    sets: dict[str, tuple[str, ...]]

    @model_validator(mode="after")
    def _sets_know_their_effects(self) -> Self:
        used = {effect for members in self.sets.values() for effect in members}
        if used != set(self.effects) or not self.sets:
            raise ValueError(f"sets must use every effect and no other; sets use {sorted(used)}")
        return self

    @property
    def log_margin(self) -> float:
        """Log of the margin of equivalence."""
        return math.log(self.margin.value)


@dataclass(frozen=True)
class BodyEntries:
    """The whole file."""

    courses: Mapping[str, Signal]
    course_entries: Mapping[str, CourseEntry]
    feedbacks: Mapping[str, FeedbackEntry]
    readouts: Mapping[str, BodyReadoutEntry]


def parse_body(
    catalogue: Catalogue,
    content: Mapping[str, Any],
    *,
    signals: Mapping[str, Signal],
    activities: Collection[str],
    file: str,
) -> BodyEntries:
    """Parse the file and check every name in it.

    Raises
    ------
    CatalogueError
        Malformed entries, unknown sections, signals, activities or citations.
    """
    if set(content) != set(_SECTIONS):
        raise CatalogueError(f"{file}: needs the sections {', '.join(_SECTIONS)}, got {sorted(content)}")
    entries = {k: _entry(CourseEntry, v, k, file) for k, v in content["courses"].items()}
    taken = set(entries) & set(signals)
    if taken:
        raise CatalogueError(f"{file}: course {min(taken)!r} is already a signal of movement.yaml; rename it")
    found = BodyEntries(
        courses={k: _signal(k, e) for k, e in entries.items()},
        course_entries=entries,
        feedbacks={k: _entry(FeedbackEntry, v, k, file) for k, v in content["feedbacks"].items()},
        readouts={
            k: parse_record(BodyReadoutEntry, v, file=file, entry=k, name_field="name")
            for k, v in content["readouts"].items()
        },
    )
    known = {*signals, *found.courses}
    for name, feedback in found.feedbacks.items():
        _must_know(feedback.signal, signals, f"feedback {name!r}", "signal", file)
    for name, readout in found.readouts.items():
        for key, effect in readout.effects.items():
            _must_know(effect.signal, known, f"effect {key!r} of {name!r}", "signal", file)
            if effect.activity is not None:
                _must_know(effect.activity, activities, f"effect {key!r} of {name!r}", "activity", file)
    require_citations(catalogue, found, file=file)
    return found


_E = TypeVar("_E", bound=_Model)


def _entry(model: type[_E], fields: object, entry: str, file: str) -> _E:
    return parse_record(model, fields, file=file, entry=entry, name_field="name")


def _signal(name: str, e: CourseEntry) -> Signal:
    return Signal(
        name,
        e.label,
        e.drive,
        e.normal,
        e.tau_days,
        e.adaptation_tau_days,
        e.adapted_fraction,
        e.return_tau_days,
    )


def _must_know(name: str, known: Collection[str], place: str, kind: str, file: str) -> None:
    if name not in known:
        raise CatalogueError(
            f"{file}: {place} uses unknown {kind} {name!r}; known: {', '.join(sorted(known))}"
        )
