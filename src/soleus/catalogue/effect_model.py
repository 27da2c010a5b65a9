"""The stated judgements behind the effect: its prior, and how published directions are scored."""

from __future__ import annotations

import math

from pydantic import BaseModel, ConfigDict

from soleus.catalogue.folder import Catalogue, load_yaml, once, parse_record

__all__ = ["DirectionModel", "EffectModel", "MatrixModel", "effect_model"]

_FILE = "effect-model.yaml"


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _PriorEntry(_Entry):
    readout: str
    day: float
    median: float
    low: float
    high: float
    rests_on: tuple[str, ...]
    reason: str


class DirectionModel(_Entry):
    """How a published direction without a number is scored."""

    animals_per_group: int
    animal_cv: float
    discrepancy_sd: float
    other_species_sd: float
    other_niche_sd: float
    other_age_sd: float
    culture_sd: float
    critical: float
    reason: str

    @property
    def standard_error(self) -> float:
        """Standard error of a log-ratio in such a study."""
        return self.standard_error_of(self.animals_per_group)

    def standard_error_of(self, n: int, *, cv: float | None = None) -> float:
        """Standard error of a log-ratio with ``n`` animals in each group that vary by ``cv``."""
        return math.sqrt(2.0 * math.log1p((self.animal_cv if cv is None else cv) ** 2) / n)


class MatrixModel(_Entry):
    """How the matrix of mechanism sets by studies is made and read."""

    reference_study: str
    headrooms: tuple[float, ...]
    headrooms_reason: str
    refuted_below: float
    sensitive_above: float
    reason: str


class EffectModel(_Entry):
    """The whole file."""

    name: str
    prior: _PriorEntry
    direction_studies: DirectionModel
    matrix: MatrixModel


@once
def effect_model(catalogue: Catalogue) -> EffectModel:
    """Return the stated judgements."""
    return parse_record(
        EffectModel, load_yaml(catalogue, _FILE), file=_FILE, entry="effect-model", name_field="name"
    )
