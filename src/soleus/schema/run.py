"""What one simulated study is, once run: the object behind ``--json``, the report and the page.

Plain data with a version. The report knows only this model and the table of observations, never
the engines. All days count from the start of the study's intervention; all ratios are
intervention group over control group.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "AnimalValue",
    "Assumption",
    "ClaimRow",
    "ClaimedInterval",
    "CitationRow",
    "DayPrediction",
    "DesignInfo",
    "EffectEstimate",
    "EffectInfo",
    "Flow",
    "GroupInfo",
    "Headline",
    "Interval",
    "IntervalBy",
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


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Interval(_Model):
    """A central value with a lower and an upper bound that hold ``level`` of the probability."""

    value: float
    low: float
    high: float
    level: float = 0.95


class RegimenSpan(_Model):
    """One stretch of a group's regimen."""

    activity: str
    label: str
    start_day: float
    end_day: float


class GroupInfo(_Model):
    """One group of the study; the control is ``control=True``."""

    name: str
    label: str
    control: bool
    n_animals: int
    regimen: list[RegimenSpan]


class DesignInfo(_Model):
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


class EffectInfo(_Model):
    """Which switch or prior decided the size of the effect in the animals that are drawn."""

    mode: Literal["reported", "prior", "calibrated", "off"]
    mechanisms: list[str]
    statement: str
    true_ratio: list[DayPrediction] = Field(description="true Ki67 ratio of the cohort that is drawn, by day")


class DayPrediction(_Model):
    """A ratio at one day."""

    day: float
    ratio: float


class SignalSeries(_Model):
    """One signal over time in one group; 1 is normal cage life."""

    signal: str
    label: str
    group: str
    days: list[float]
    values: list[float]
    citations: list[str]
    status: str


class LineageType(_Model):
    """A cell type with the true mean number of cells per animal, by group, at the last day."""

    name: str
    label: str
    ontology: str | None
    column: int = Field(description="distance from the stem cell, for drawing")
    cells: dict[str, float]


class Flow(_Model):
    """Cells per day going from one type to another (target None: death), by group."""

    source: str
    target: str | None
    transition: str
    role: str
    cells_per_day: dict[str, float]


class AnimalValue(_Model):
    """One animal's value of a read-out, and the units (sections) that it is the mean of."""

    animal: str
    group: str
    value: float
    units: list[float]


class EffectEstimate(_Model):
    """Observed ratio of the intervention group over the control, animal as the unit."""

    ratio: Interval
    p_value: float | None
    method: str
    note: str | None = None


class ReadoutResult(_Model):
    """One read-out on one day: every animal (or a summary above 500), and the effect."""

    readout: str
    label: str
    assay: str
    unit: str
    day: float
    n_by_group: dict[str, int]
    mean_by_group: dict[str, float]
    quantiles_by_group: dict[str, list[float]] = Field(description="5, 25, 50, 75 and 95 % of the animals")
    animals: list[AnimalValue]
    contrast: str = Field(description="'unloaded / control'")
    effect: EffectEstimate | None
    true_ratio: float


class IntervalBy(_Model):
    """A prior-predicted ratio of a read-out under one mechanism set (or all, averaged)."""

    mechanism_set: str
    interval: Interval


class Headline(_Model):
    """One read-out in the two columns that always stand side by side."""

    readout: str
    label: str
    day: float
    face_value: Interval | None = Field(description="range over the mechanisms that reach the reported size")
    prior: Interval = Field(description="all evidence left open, averaged over the mechanism sets")
    prior_by_set: list[IntervalBy]
    observed: Interval | None = Field(description="what this virtual cohort shows")


class MechanismRow(_Model):
    """One competing mechanism: what it moves, how it was set, and whether it can reach the report."""

    name: str
    label: str
    signal: str
    role: str
    on: bool
    reaches_reported: bool
    strongest_ratio: float = Field(description="Ki67 ratio at the reported day at the bound of the gain")
    log_gain_reported: float | None
    ratio_by_day: list[DayPrediction] = Field(description="true Ki67 ratio under the reported effect")
    status: str
    citations: list[str]
    note: str


class TranslationRow(_Model):
    """What the reported Ki67 ratio means for every other read-out, under one mechanism."""

    mechanism: str
    label: str
    reaches: bool
    day: float
    ratios: dict[str, float] = Field(description="read-out name to true ratio")


class RestingPoint(_Model):
    """A published mean of the resting series, with its prediction."""

    source: str
    readout: str
    label: str
    age_days: float
    observed: float
    se: float
    predicted: Interval
    inside: bool


class MovedRate(_Model):
    """A published rate against what the counts made of it."""

    name: str
    label: str
    unit: str
    published: float
    fitted: float
    fold: float
    citation: str
    reason: str


class RestingFit(_Model):
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


class ClaimedInterval(_Model):
    """The values of the read-out under which the words of a claim would be true; bounds included."""

    scale: Literal["log_ratio", "ratio", "value"]
    low: float | None
    high: float | None
    reason: str


class ClaimRow(_Model):
    """One row of the account, judged by the rule."""

    id: str
    words: str
    source: str
    primary: str = Field(description="what the primary paper says")
    independent: str = Field(description="what independent studies say")
    readout: str
    value: Interval = Field(description="predicted without any work that the claim cites; it is judged")
    informed: Interval = Field(description="predicted with every source, cited ones too; judges nothing")
    value_scale: Literal["ratio", "cells", "index", "groups", "days"] = "ratio"
    unit: str
    claimed: ClaimedInterval
    by_mechanism: list[IntervalBy]
    probability_by_mechanism: dict[str, float]
    grade: str
    verdict: str
    inputs: dict[str, float]
    note: str
    citations: list[str]


class Assumption(_Model):
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


class CitationRow(_Model):
    """A work that was used, and what for."""

    key: str
    title: str
    authors: str
    year: int | None
    doi: str | None
    reasons: list[str]
    bibtex: str


class RunResult(_Model):
    """One run of one study."""

    schema_version: Literal["soleus.run/1"] = "soleus.run/1"
    run_id: str
    seed: int
    engine: str
    versions: dict[str, str]
    status: str = Field(description="'provisional' if any number used is provisional")
    design: DesignInfo
    effect: EffectInfo
    headline: list[Headline]
    signals: list[SignalSeries]
    lineage_types: list[LineageType]
    flows: list[Flow]
    readouts: list[ReadoutResult]
    mechanisms: list[MechanismRow]
    translation: list[TranslationRow]
    resting_fit: RestingFit
    claims: list[ClaimRow]
    verdict_rule: list[str] = Field(description="the lines of the rule, tried in order")
    verdict_thresholds: dict[str, float]
    prior_draws: int = Field(description="equally probable effect sizes behind each prior interval")
    assumptions: list[Assumption]
    citations: list[CitationRow]
    warnings: list[str]
    files: dict[str, str] = Field(description="what was written, relative to the run's folder")
