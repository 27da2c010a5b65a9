"""What the catalogue says of doses, of bouts and of what an activity was found to do."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from soleus.catalogue.quantity import Status
from soleus.movement import BoutRule, DosePart

__all__ = ["BoutEntry", "DoseEntry", "DosePartEntry", "Finding", "Number", "OnsetEntry"]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Number(_Entry):
    """A number with its unit, range and source."""

    value: float
    unit: str
    low: float
    high: float
    citation: str | None = None
    reason: str = Field(min_length=10)
    status: Status = "provisional"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.low <= self.value <= self.high:
            raise ValueError(f"value {self.value} must lie in its range [{self.low}, {self.high}]")
        if self.citation is None and self.status == "checked":
            raise ValueError("a checked number needs a citation")
        return self


class DosePartEntry(_Entry):
    """One number of a dose: its allowed range, its reference and the curve of its effect."""

    label: str
    unit: str
    least: float
    most: float
    shape: Literal["linear", "saturating", "hill"]
    reference: Number
    scale: Number | None = None
    power: Number | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.reference.unit != self.unit:
            raise ValueError(f"the reference is in {self.reference.unit}, the dose in {self.unit}")
        if (self.scale is None) != (self.shape == "linear"):
            raise ValueError(f"a {self.shape} dose has {'no' if self.shape == 'linear' else 'a'} scale")
        if self.scale is not None and self.scale.unit != self.unit:
            raise ValueError(f"the scale is in {self.scale.unit}, the dose in {self.unit}")
        if (self.power is None) != (self.shape != "hill"):
            raise ValueError("a Hill curve, and no other, has a power")
        return self

    def parse(self, name: str) -> DosePart:
        """Return the part of the dose that the entry declares."""
        return DosePart(
            name,
            self.label,
            self.unit,
            self.least,
            self.most,
            self.reference.value,
            self.shape,
            scale=1.0 if self.scale is None else self.scale.value,
            power=1.0 if self.power is None else self.power.value,
        )


class OnsetEntry(_Entry):
    """What an animal that is new to the activity does: a share of the dose, for some days."""

    days: Number
    share: Number


class DoseEntry(_Entry):
    """How an activity comes in doses.

    Parameters
    ----------
    activity
        The activity (the entry's own name).
    without
        What the animal does at a dose of 0.
    typical
        Sex to the dose that animals choose by themselves.
    """

    activity: str
    without: str
    parts: dict[str, DosePartEntry]
    onset: OnsetEntry | None = None
    typical: dict[Literal["female", "male"], Number] = Field(default_factory=dict)

    def numbers(self) -> dict[str, Number]:
        """Return every number of the entry by its dotted name."""
        found = {f"typical.{sex}": number for sex, number in self.typical.items()}
        if self.onset is not None:
            found |= {"onset.days": self.onset.days, "onset.share": self.onset.share}
        for key, part in self.parts.items():
            for name, number in (("reference", part.reference), ("scale", part.scale), ("power", part.power)):
                if number is not None:
                    found[f"{key}.{name}"] = number
        return found


class BoutEntry(_Entry):
    """How a daily bout adds up."""

    name: str
    scale: Number

    def rule(self) -> BoutRule:
        """Return the rule that the entry declares."""
        return BoutRule(self.scale.value)


class Finding(_Entry):
    """What a study found of an activity in a niche, as far as its source was seen."""

    species: str
    result: Literal["up", "down", "no change", "disputed"]
    citation: str
    reason: str = Field(min_length=10)
    status: Status = "provisional"
