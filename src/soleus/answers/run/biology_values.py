"""What one run shows of the body, of maturation, of the dentate gyrus and of a culture."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from soleus.schema.values import BodyCurve, EffectEstimate, ResultModel

__all__ = [
    "BodyInfo",
    "BodyMeasure",
    "BufferingInfo",
    "CultureInfo",
    "DentateInfo",
    "GrowthCurve",
    "LineStages",
    "MatureShareRow",
    "MaturationInfo",
    "NewbornInfo",
    "StageInfo",
]

Verdict = Literal["equivalent", "beyond the margin", "not shown"]


class BodyMeasure(ResultModel):
    """One read-out of the body on one day, treated over control, the animal as the unit."""

    readout: str
    label: str
    unit: str
    day: float
    contrast: str
    n_by_group: dict[str, int]
    mean_by_group: dict[str, float]
    effect: EffectEstimate | None
    true_ratio: float
    margin: float = Field(description="equivalence is a ratio within 1 / margin and margin")
    equivalence: Verdict | None = Field(description="None where no test is possible")
    animals_needed: int | None = Field(description="a group, for a power of 80 % at a true ratio of 1")
    words: str


class BodyInfo(ResultModel):
    """What was measured of the body, and what is predicted of it over the whole prior."""

    statement: str
    status: str
    measures: list[BodyMeasure]
    curves: list[BodyCurve]


class StageInfo(ResultModel):
    """A stage of a line of cells."""

    name: str
    label: str
    mature: bool


class LineStages(ResultModel):
    """A cohort of cells born on one day in the control group, by days since birth."""

    line: str
    label: str
    group: str
    ages: list[float]
    stages: list[StageInfo]
    cells: list[list[float]] = Field(description="mean cells by age and stage")


class MatureShareRow(ResultModel):
    """Cells of a line born since day 0, and the share of them that is mature."""

    line: str
    label: str
    group: str
    day: float
    born: float
    mature_share: float


class MaturationInfo(ResultModel):
    """How far the cells that were born in the study have come."""

    statement: str
    status: str
    stages: list[LineStages]
    shares: list[MatureShareRow]


class NewbornInfo(ResultModel):
    """A cohort of cells in S phase on day 0, per 100 that are there on day 1."""

    niche: str
    age_days: float
    days: list[float]
    types: list[str]
    labels: list[str]
    cells: list[list[float]] = Field(description="living cells by day and type")
    died: list[float]


class BufferingInfo(ResultModel):
    """SPECULATIVE: levels of the index of stress buffering, with their probabilities under the prior."""

    group: str
    day: float
    status: str
    niche: str
    readout: str
    levels: list[int]
    labels: list[str]
    ranges: list[str]
    reasons: list[str]
    probabilities: list[float]
    draws: int
    statement: str


class DentateInfo(ResultModel):
    """What is particular to the dentate gyrus."""

    statement: str
    status: str
    newborn: NewbornInfo
    buffering: list[BufferingInfo] = Field(description="one for each treated group; speculative")
    evidence: list[str] = Field(description="findings for and against the index, in words")


class GrowthCurve(ResultModel):
    """True mean cells of a culture by day, the day of a passage twice: before and after it."""

    group: str
    days: list[float]
    flask: list[float]
    cumulated: list[float]


class CultureInfo(ResultModel):
    """Growth of the cultures over passages."""

    statement: str
    status: str
    passages: list[float]
    plated_fraction: float
    readout: str
    curves: list[GrowthCurve]
