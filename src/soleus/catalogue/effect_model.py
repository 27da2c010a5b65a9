"""The stated judgements behind the effect: its prior, and how published directions are scored."""

from __future__ import annotations

import functools
import math

from pydantic import BaseModel, ConfigDict

from soleus.catalogue.store import load_yaml, parse_record

__all__ = ["DirectionModel", "EffectModel", "effect_model"]

_FILE = "effect-model.yaml"


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _PriorEntry(_Entry):
    readout: str
    day: float
    median: float
    low: float
    high: float
    reason: str


class DirectionModel(_Entry):
    """How a published direction without a number is scored."""

    animals_per_group: int
    animal_cv: float
    discrepancy_sd: float
    other_species_sd: float
    critical: float
    reason: str

    @property
    def standard_error(self) -> float:
        """Standard error of a log-ratio in such a study."""
        return math.sqrt(2.0 * math.log1p(self.animal_cv**2) / self.animals_per_group)


class EffectModel(_Entry):
    """The whole file."""

    name: str
    prior: _PriorEntry
    direction_studies: DirectionModel


@functools.cache
def effect_model() -> EffectModel:
    """Return the stated judgements."""
    return parse_record(EffectModel, load_yaml(_FILE), file=_FILE, entry="effect-model", name_field="name")
