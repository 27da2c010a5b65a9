"""A published number with everything that is needed to trust it, or not to.

Inside the model numbers are plain floats; this is where they come from.
"""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from soleus.errors import InputError
from soleus.values import MAY_LACK_CITATION, Number, Status

__all__ = ["Quantity", "Status"]

# Units of measurements that the model never computes with; kept as they were published.
_AS_PUBLISHED = frozenset({"km/day", "mmol/L", "mmHg", "ng/day"})
# In this order, because a pure number is read as a ratio before it is read as a count.
_KINDS = (
    "time", "rate", "length", "area", "volume", "mass", "output", "density", "volume_density",
    "ratio", "count",
)  # fmt: skip


class Quantity(BaseModel):
    """One number: value, unit, range, whom it was measured in, source, reason and status.

    Parameters
    ----------
    name
        Identifier, unique in the catalogue.
    label
        The number in words, for tables.
    value
        Central value, in ``unit``.
    unit
        Unit as text: one that :mod:`soleus.units` knows by heart, or one of the few that are kept
        as published (km/day, mmol/L, mmHg, ng/day). A pure number is "1".
    low, high
        Range, in ``unit``; both or neither. ``reason`` says whether it was published, is two
        standard errors, or is a judgement.
    species, sex, strain, age
        Whom it was measured in, as far as the source says.
    citation
        Key in the catalogue's citations; None only for provisional, derived and fitted numbers.
    location
        Page, table or figure.
    formula
        How it was computed, for derived numbers.
    reason
        Why this number, and what is known against it.
    status
        ``checked``: seen in the source. ``provisional``: recalled, or seen in a copy.
        ``derived``: computed from checked numbers. ``fitted``: result of a fit made here.
        ``superseded``: kept for the record.

    Raises
    ------
    pydantic.ValidationError
        If a field is unknown or missing, the value lies outside its range, the unit cannot be read,
        or a source is missing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: str = Field(min_length=3)
    value: float
    unit: str = Field(min_length=1)
    low: float | None = None
    high: float | None = None
    species: str = Field(min_length=3)
    sex: str | None = None
    strain: str | None = None
    age: str | None = None
    citation: str | None = None
    location: str | None = None
    formula: str | None = None
    reason: str = Field(min_length=10)
    status: Status

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.low is None) != (self.high is None):
            raise ValueError(f"{self.name}: give both low and high, or neither")
        if self.low is not None and self.high is not None and not self.low <= self.value <= self.high:
            raise ValueError(
                f"{self.name}: value {self.value} must lie in its range [{self.low}, {self.high}]"
            )
        if self.citation is None and self.status not in MAY_LACK_CITATION:
            raise ValueError(f"{self.name}: a {self.status} number needs a citation")
        if self.status == "derived" and self.formula is None:
            raise ValueError(f"{self.name}: a derived number needs its formula")
        if self.unit not in _AS_PUBLISHED:
            for number in (self.value, self.low, self.high):
                self._convert(number, None)
        return self

    def number(self, name: str | None = None, *, ours: bool = False) -> Number:
        """Return it as a number, under another name if one is given."""
        return Number(
            name or self.name, self.label, self.value, self.reason, self.unit, self.low, self.high,
            self.status, self.citation, ours,
        )  # fmt: skip

    def internal(self, *, kind: str | None = None) -> float:
        """Value in the model's own units (days, cells, micrometres).

        Parameters
        ----------
        kind
            Kind of quantity in :mod:`soleus.units` ("time", "rate", "probability", ...). None:
            told from the unit, where a pure number counts as a ratio.

        Raises
        ------
        soleus.errors.InputError
            If the unit is kept as published, or does not fit ``kind``.
        """
        converted = self._convert(self.value, kind)
        assert converted is not None
        return converted

    def internal_range(self, *, kind: str | None = None) -> tuple[float, float] | None:
        """Range in the model's own units; None where there is none."""
        low, high = self._convert(self.low, kind), self._convert(self.high, kind)
        return None if low is None or high is None else (low, high)

    def _convert(self, number: float | None, kind: str | None) -> float | None:
        # Units are needed when a number is used; whoever only lists names does not load them.
        from soleus.units import QUANTITIES, to_internal

        if kind is None:
            kind = next((k for k in _KINDS if self.unit in QUANTITIES[k].factors), None)
        if kind is None:
            known = sorted({unit for k in _KINDS for unit in QUANTITIES[k].factors if unit})
            raise InputError(
                f"{self.name}: unit {self.unit!r} is not one that the model computes with;"
                f" known: {', '.join(known)}"
            )
        return None if number is None else to_internal(number, self.unit, quantity=kind)
