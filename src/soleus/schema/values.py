"""The pieces that every part of a result is made of: strict models, intervals, effects."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["EffectEstimate", "Interval", "ResultModel"]


class ResultModel(BaseModel):
    """A frozen model without unknown fields, infinities or numbers that are none."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Interval(ResultModel):
    """A central value with a lower and an upper bound that hold ``level`` of the probability."""

    value: float
    low: float
    high: float
    level: float = 0.95


class EffectEstimate(ResultModel):
    """Observed ratio of the intervention group over the control, animal as the unit."""

    ratio: Interval
    p_value: float | None
    method: str
    note: str | None = None
