"""A lineage file as it stands: types, transitions and numbers, each number with its source."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from soleus.catalogue.quantity import Quantity
from soleus.study.niche import StartForm
from soleus.units import to_internal

__all__ = ["CycleEntry", "FateEntry", "LineageEntry", "LineageParameter", "TransitionEntry", "Variant"]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class LineageParameter(Quantity):
    """A number of a lineage.

    ``free`` numbers are fitted, with a log-normal prior of ``log_sd`` around the value. Where
    ``published`` is false the value is our judgement, even if a citation supports it.
    """

    kind: str
    published: bool = True
    free: bool = False
    log_sd: float | None = None

    @property
    def internal_value(self) -> float:
        """The value in days, cells or per day."""
        return to_internal(self.value, self.unit, quantity=self.kind)


class _TypeEntry(_Entry):
    label: str
    ontology: str | None
    column: int
    phases: tuple[str, ...]


class FateEntry(_Entry):
    """What becomes of a cell, and the number that says how probable that is."""

    p: str
    daughters: dict[str, int]
    role: str | None = None


class CycleEntry(_Entry):
    """A cell cycle: its phases, their stages, and the division that ends it."""

    type: str
    role: str
    cycle: str
    s_phase: str
    g2m: str
    stages: dict[str, int]
    division: str
    fates: dict[str, FateEntry]


class TransitionEntry(_Entry):
    """A transition that is no part of a cycle."""

    name: str
    role: str
    source: str | tuple[str, ...]
    rate: str | None = None
    mean: str | None = None
    stages: int = 1
    fates: dict[str, FateEntry]


class _AgeLawEntry(_Entry):
    role: str
    form: Literal["exponential", "saturating"]
    sign: Literal[-1, 1]
    slope: str | None = None
    gain: str | None = None
    scale: str | None = None
    at_reference: str | None = None
    reference_age_days: float | None = None


class _StartEntry(_Entry):
    """How a lineage starts; ``totals``, ``total`` and ``under`` name parameters."""

    form: StartForm = "quasi-stationary"
    totals: dict[str, str] = Field(default_factory=dict)
    slaved: tuple[str, ...] = ()
    total: str | None = None
    under: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits_form(self) -> Self:
        balanced, growing = bool(self.totals or self.slaved), self.total is not None or bool(self.under)
        if self.form == "stable-growth" and (balanced or self.total is None):
            raise ValueError("a start in stable growth has a total (and under), no totals and no slaved")
        if self.form == "quasi-stationary" and (growing or not self.totals):
            raise ValueError("a quasi-stationary start has totals (and slaved), no total and no under")
        return self


class _PassageEntry(_Entry):
    survival: str


class Variant(_Entry):
    """Named alternative numbers where sources disagree: values to set, or factors on fitted values."""

    reason: str
    citation: str
    set: dict[str, float] = Field(default_factory=dict)
    scale: dict[str, float] = Field(default_factory=dict)


class LineageEntry(_Entry):
    """One lineage file."""

    name: str
    label: str
    niche: str
    words: str = Field(min_length=3, description="what the niche is called in running text")
    species: str
    ontology: str
    reference_age_days: float
    founders: tuple[str, ...]
    parameters: dict[str, LineageParameter]
    types: dict[str, _TypeEntry]
    cycles: tuple[CycleEntry, ...] = ()
    transitions: tuple[TransitionEntry, ...]
    age_laws: tuple[_AgeLawEntry, ...] = ()
    start: _StartEntry
    passage: _PassageEntry | None = None
    variants: dict[str, Variant] = Field(default_factory=dict)

    @property
    def in_culture(self) -> bool:
        """Whether it begins when it is plated."""
        return self.start.form == "stable-growth"
