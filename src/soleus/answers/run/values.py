"""What one simulated study is, once run: the object behind ``--json``, the report and the page.

Plain data with a version. The report knows only this model and the table of observations, never
the engines. All days count from the start of the study's intervention; all ratios are
intervention group over control group.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from soleus.answers.answer import AnswerValues
from soleus.answers.run.biology_values import BodyInfo, CultureInfo, DentateInfo, MaturationInfo
from soleus.schema.claim_rows import (
    Account,
    ClaimRow,
    IntervalBy,
)
from soleus.schema.values import EffectEstimate, Interval, ResultModel

__all__ = [
    "AnimalValue",
    "DayPrediction",
    "DesignInfo",
    "EffectInfo",
    "Flow",
    "GroupInfo",
    "Headline",
    "LineageType",
    "MechanismRow",
    "MovedRate",
    "ReadoutResult",
    "RegimenSpan",
    "RestingFit",
    "RestingPoint",
    "RunResult",
    "SignalSeries",
    "TranslationRow",
]


class RegimenSpan(ResultModel):
    """One stretch of a group's regimen."""

    activity: str
    label: str
    start_day: float
    end_day: float


class GroupInfo(ResultModel):
    """One group of the study; the control is ``control=True``."""

    name: str
    label: str
    control: bool
    n_animals: int
    regimen: list[RegimenSpan]
    silenced: list[str] = Field(default_factory=list, description="signals that it cannot receive")


class DesignInfo(ResultModel):
    """Who, what, when."""

    study: str
    title: str
    summary: str
    species: str
    strain: str
    sex: str
    age_days: float
    duration_days: float
    sampling_days: list[float]
    groups: list[GroupInfo]
    allocation: str
    citation: str | None = None
    niche: str = ""
    lineage: str = ""
    modelled_as: str | None = Field(default=None, description="where the animals are others")


class EffectInfo(ResultModel):
    """Which switch or prior decided the size of the effect in the animals that are drawn."""

    mode: Literal["reported", "prior", "calibrated", "off"]
    mechanisms: list[str]
    statement: str
    true_ratio: list[DayPrediction] = Field(description="true lead ratio of the cohort that is drawn, by day")
    readout: str = Field(default="ki67_density", description="the lead read-out, which stands for the effect")
    readout_label: str = "Ki67"
    group: str = Field(default="", description="treated group that the true ratio is of")


class DayPrediction(ResultModel):
    """A ratio at one day."""

    day: float
    ratio: float


class SignalSeries(ResultModel):
    """One signal over time in one group; 1 is normal cage life."""

    signal: str
    label: str
    group: str
    days: list[float]
    values: list[float]
    citations: list[str]
    status: str


class LineageType(ResultModel):
    """A cell type with the true mean number of cells per animal, by group, at the last day."""

    name: str
    label: str
    ontology: str | None
    column: int = Field(description="distance from the stem cell, for drawing")
    cells: dict[str, float]


class Flow(ResultModel):
    """Cells per day going from one type to another (target None: death), by group."""

    source: str
    target: str | None
    transition: str
    role: str
    cells_per_day: dict[str, float]


class AnimalValue(ResultModel):
    """One animal's value of a read-out, and the units (sections) that it is the mean of."""

    animal: str
    group: str
    value: float
    units: list[float]


class ReadoutResult(ResultModel):
    """One read-out on one day: every animal (or a summary above 500), and the effect."""

    readout: str
    label: str
    assay: str
    unit: str
    day: float
    n_by_group: dict[str, int]
    mean_by_group: dict[str, float]
    centre_by_group: dict[str, float | None] = Field(
        default_factory=dict, description="what the effect compares and the figure draws; of centre_kind"
    )
    centre_kind: Literal["mean", "geometric mean", "total over total"] = "mean"
    quantiles_by_group: dict[str, list[float]] = Field(description="5, 25, 50, 75 and 95 % of the animals")
    animals: list[AnimalValue]
    contrast: str = Field(description="'unloaded / control'")
    effect: EffectEstimate | None
    true_ratio: float | None = Field(description="None where control animals have no such cells")
    measure: Literal["ratio", "odds ratio"] = Field(
        default="ratio", description="what effect and true_ratio are; shares of cells give odds ratios"
    )


class Headline(ResultModel):
    """One read-out in the two columns that always stand side by side."""

    readout: str
    label: str
    day: float
    face_value: Interval | None = Field(description="range over the mechanisms that reach the reported size")
    prior: Interval = Field(description="all evidence left open, averaged over the mechanism sets")
    prior_by_set: list[IntervalBy]
    observed: Interval | None = Field(description="what this virtual cohort shows")
    group: str = Field(default="", description="treated group; empty: the only one")


class MechanismRow(ResultModel):
    """One competing mechanism: what it moves, how it was set, and whether it can reach the report."""

    name: str
    label: str
    signal: str
    role: str
    on: bool
    reaches_reported: bool
    strongest_ratio: float = Field(description="lead ratio at its day at the bound of the gain")
    log_gain_reported: float | None
    ratio_by_day: list[DayPrediction] = Field(description="true lead ratio under the reported effect")
    status: str
    citations: list[str]
    note: str


class TranslationRow(ResultModel):
    """What the reported ratio means for every other read-out, under one mechanism.

    Without a reported ratio: at the middle of the prior.
    """

    mechanism: str
    label: str
    reaches: bool
    day: float
    ratios: dict[str, float] = Field(description="read-out name to true ratio")


class RestingPoint(ResultModel):
    """A published mean of the resting series, with its prediction."""

    source: str
    readout: str
    label: str
    age_days: float
    observed: float
    se: float
    predicted: Interval
    inside: bool


class MovedRate(ResultModel):
    """A published rate against what the counts made of it."""

    name: str
    label: str
    unit: str
    published: float
    fitted: float
    fold: float
    citation: str
    reason: str


class RestingFit(ResultModel):
    """How the resting lineage fits the published counts by age."""

    points: list[RestingPoint]
    fraction_inside: float
    discrepancy_cv: float
    discrepancy_without_scale: dict[str, float]
    log_posterior_lost_without_scale: dict[str, float] = Field(
        default_factory=dict, description="what holding a scale factor at 1 costs; other rates move instead"
    )
    scale_factors: dict[str, float]
    n_points: int
    n_free: int
    trend_slope: Interval = Field(description="slope of the standardised residuals with age, per year")
    trend_by_readout: dict[str, Interval] = Field(
        default_factory=dict, description="slope of the residuals of each read-out, per year"
    )
    moved: list[MovedRate]
    variants: list[str]
    made_by: str


class RunResult(AnswerValues):
    """One run of one study."""

    schema_version: Literal["soleus.run/3"] = "soleus.run/3"
    engine: str
    design: DesignInfo
    effect: EffectInfo
    headline: list[Headline]
    signals: list[SignalSeries]
    lineage_types: list[LineageType]
    flows: list[Flow]
    readouts: list[ReadoutResult]
    translation_of: Literal["reported", "prior"] = Field(
        default="reported", description="the size behind the translation: as reported, or the prior's middle"
    )
    mechanisms: list[MechanismRow]
    translation: list[TranslationRow]
    resting_fit: RestingFit | None = Field(description="None: no calibration of this lineage is stored")
    body: BodyInfo | None = None
    maturation: MaturationInfo | None = None
    dentate: DentateInfo | None = None
    culture: CultureInfo | None = None
    claims: list[ClaimRow]
    account: Account | None = Field(default=None, description="None where claims are not judged here")
    claims_note: str = Field(default="", description="why claims are not judged here, where they are not")
    verdict_rule: list[str] = Field(description="the lines of the rule, tried in order")
    verdict_thresholds: dict[str, float]
    prior_draws: int = Field(description="equally probable effect sizes behind each prior interval")
    warnings: list[str]
