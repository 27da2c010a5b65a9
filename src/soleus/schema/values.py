"""The pieces that results are made of, whatever they answer: strict models, intervals, effects, sources."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Assumption", "BodyCurve", "CitationRow", "EffectEstimate", "Interval", "ResultModel"]


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


class Assumption(ResultModel):
    """A number that the result stands on, and how sure it is."""

    name: str
    label: str
    value: float
    unit: str
    low: float | None
    high: float | None
    status: Literal["checked", "provisional", "derived", "fitted", "superseded"]
    reason: str
    citation: str | None
    source: str | None = Field(default=None, description="author and year, or whose judgement it is")
    doi: str | None = None
    url: str | None = None
    no_doi: str | None = Field(default=None, description="why there is no DOI, in words")


class CitationRow(ResultModel):
    """A work that was used, and what for."""

    key: str
    title: str
    authors: str
    year: int | None
    doi: str | None
    reasons: list[str]
    bibtex: str


class BodyCurve(ResultModel):
    """One read-out of the body in one group under one competing course, relative to the control group.

    Attributes
    ----------
    low, high
        Central 95 % over the prior of the gains; None where only the middle is drawn.
    """

    readout: str
    label: str
    course: str
    course_label: str
    group: str
    days: tuple[float, ...]
    median: tuple[float, ...]
    low: tuple[float, ...] | None = None
    high: tuple[float, ...] | None = None
