"""An analysis of real or virtual counts: the object behind ``soleus analyse --json``."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "AnalysisGroup",
    "AnalysisPlanInfo",
    "AnalysisReading",
    "AnalysisResult",
    "AnalysisSource",
    "ArriveItem",
    "Comparison",
    "Effect",
    "Equivalence",
    "Finding",
    "GroupSummary",
    "LeaveOneOut",
    "ReadColumn",
    "ReadRows",
    "Severity",
    "UnitValue",
    "number_text",
]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def number_text(value: float, scale: str = "ratio") -> str:
    """Return a number with its zeros: two decimals for ratios about 1, else three significant digits."""
    if scale != "difference" and 0.095 <= value < 9.995:
        return f"{value:.2f}"
    if value == 0.0:
        return "0"
    shown = f"{value:#.3g}"
    if "e" in shown:
        return f"{value:.3g}" if abs(value) < 1.0 else f"{value:,.0f}"
    return shown.rstrip(".")


class AnalysisSource(_Model):
    """The file that was read."""

    file: str
    sha256: str
    format: str
    rows: int
    excluded: int
    notes: list[str] = Field(description="what was guessed, dropped or translated on the way in")


class AnalysisGroup(_Model):
    """A group of the table."""

    name: str
    control: bool
    n_animals: int


class GroupSummary(_Model):
    """A group as counted for one read-out, and the value that is drawn for it."""

    group: str
    n: int = Field(description="independent units")
    n_rows: int = Field(description="rows behind them")
    n_lost: int = Field(description="animals of which every row is excluded")
    mean: float | None = Field(description="of the units, of total over exposure, share or value")
    sd: float | None
    centre: float | None = Field(
        default=None, description="what the effect compares, and what is drawn; of ``centre_kind``"
    )
    centre_kind: Literal["mean", "geometric mean", "total over total"] = "mean"


class Effect(_Model):
    """One effect with its own interval.

    ``scale`` "ratio" and "odds ratio" have no effect at 1, "difference" at 0. ``p_value`` is two-sided, of no
    effect; ``df`` belongs to the t reference, and both it and ``se`` (of the log, the logit or the value) are
    null where the reference is simulated or a permutation.
    """

    scale: Literal["ratio", "odds ratio", "difference"]
    estimate: float
    low: float
    high: float
    level: float
    p_value: float
    df: float | None
    n: dict[str, int] = Field(description="independent units by group; ``unit`` says what they are")
    unit: str
    method: str
    key: str = Field(default="", description="short name of the method")
    assumptions: tuple[str, ...]
    se: float | None = None
    unit_of_difference: str = ""
    note: str | None = None

    @property
    def link_estimate(self) -> float:
        """The estimate on the scale of ``se``: the log of a ratio, a difference as it is."""
        if self.scale == "difference":
            return self.estimate
        return math.log(self.estimate) if self.estimate > 0.0 else -math.inf

    def shown(self, value: float) -> str:
        """Return a number on the scale of this effect, with its zeros."""
        return number_text(value, self.scale)


class Equivalence(_Model):
    """Two one-sided tests of a ratio against a declared margin m > 1; the lower margin is 1 / m."""

    margin: float
    low: float = Field(description="bounds of the ratio at ``level`` (0.9 for tests at 5 %)")
    high: float
    level: float
    p_value: float = Field(description="the larger of the two one-sided p values")
    verdict: Literal["equivalent", "beyond the margin", "undecided"]
    n_needed: int | None = Field(
        description="units a group at which a true ratio of 1 would be found equivalent with ``power``, at"
        " the spread seen; null where decided, or where 10,000 would not do"
    )
    power: float
    statement: str


class LeaveOneOut(_Model):
    """What the effect becomes when each unit in turn is left out; nothing is ever removed."""

    low: float = Field(description="smallest estimate")
    high: float = Field(description="largest estimate")
    without: str = Field(description="the unit that moves the estimate most")
    group: str
    value: float = Field(description="its value")
    estimate: float = Field(description="the estimate without it")
    estimate_low: float
    estimate_high: float
    p_value: float
    gross: bool = Field(description="the estimate without it lies far from all others")


class Comparison(_Model):
    """One read-out on one day (null: over all days), one contrast."""

    readout: str
    day: float | None
    niche: str | None
    assay: str
    unit_level: str
    value_kind: str
    unit: str
    within: str = Field(default="", description="region, session or second factor; empty where none")
    strata: dict[str, str] = Field(default_factory=dict, description="the columns that within is made of")
    shown_in: str = Field(description="what a unit's value is in, such as cells/mm2 or cells per field")
    contrast: str
    treated: str | None
    control: str | None
    weights: dict[str, float] = Field(default_factory=dict, description="of the groups in the contrast")
    groups: tuple[GroupSummary, ...]
    effect: Effect | None
    cannot: str | None = Field(default=None, description="why the effect cannot be told; null where it can")
    wrong: Effect | None = Field(
        default=None, description="sections taken for independent: for contrast only"
    )
    equivalence: Equivalence | None = None
    equivalence_cannot: str | None = None
    family: str
    p_adjusted: float | None = None
    low_adjusted: float | None = Field(
        default=None, description="bounds that hold for all comparisons together; null where there are none"
    )
    high_adjusted: float | None = None
    correction: str = "holm"
    leave_one_out: LeaveOneOut | None = None
    sensitivity: tuple[Effect, ...] = Field(default=(), description="the same contrast by other methods")
    sentence: str = Field(default="", description="for the results section of a paper")


class UnitValue(_Model):
    """One animal's (or litter's, or culture's) value as it is analysed and drawn, and its parts."""

    readout: str
    day: float | None
    assay: str
    niche: str | None = None
    animal: str
    group: str
    within: str = ""
    value: float
    total: float = Field(description="total count, marked cells, or the value itself; value is total / size")
    size: float = Field(description="total exposure, cells looked at, or 1")
    parts: tuple[float, ...]
    marks: dict[str, str | float] = Field(
        default_factory=dict, description="entries of the design columns that the analysis uses"
    )


Severity = Literal["error", "warning", "note"]


class Finding(_Model):
    """One weakness of a design, or what was done about it.

    ``severity`` "error": no analysis mends it; "warning": the answer changes if it is not minded; "note".
    """

    code: str = Field(description='stable name, such as "pseudoreplication"')
    severity: Severity
    where: str = Field(description="read-out and day, or the whole table")
    consequence: str = Field(description="what it does, in numbers")
    mend: str = Field(description="what to do")


class ArriveItem(_Model):
    """One of the Essential 10 of ARRIVE 2.0 (doi 10.1371/journal.pbio.3000410)."""

    number: int
    title: str
    filled: str | None = Field(description="what the data say; null where they say nothing")
    prompt: str


class AnalysisPlanInfo(_Model):
    """What was declared."""

    control: str
    correction: str
    level: float
    families: dict[str, list[str]]
    margins: dict[str, float]
    methods: dict[str, str]
    cluster: str | None
    factorial: bool
    seed: int
    unit: str | None = Field(default=None, description="what was declared to be independent")
    blocks: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ()
    baseline: float | None = None
    paired: bool = False
    compare: str = "control"
    block_columns: tuple[str, ...] = Field(default=(), description="of the table")
    covariate_columns: tuple[str, ...] = ()
    cluster_column: str | None = None


class ReadColumn(_Model):
    """What a column of the file was taken for."""

    column: str
    role: str
    reason: str
    told: Literal["header", "content", "confirmed", "mapping"]
    used: bool


class ReadRows(_Model):
    """Rows of the file that did not become values."""

    rows: list[int]
    why: str


class AnalysisReading(_Model):
    """How the file was read: the reading plan, on every run."""

    columns: list[ReadColumn]
    rows: int = Field(description="rows that became values")
    left_out: list[ReadRows]
    control: str | None
    control_reason: str
    summed: list[str] = Field(description="what was brought together within an animal")
    divided: list[str] = Field(description="what is divided by what")
    within: list[str] = Field(description="what groups are compared within")
    made_of: list[str] = Field(description="columns and values that are made of others")
    notes: list[str]
    answers: dict[str, str] = Field(description="what the user said")
    mapping: str | None = Field(description="the mapping file that was used, if any")


class AnalysisResult(_Model):
    """Effects, findings and every animal of one table."""

    schema_version: Literal["soleus.analysis/1"] = "soleus.analysis/1"
    source: AnalysisSource
    reading: AnalysisReading | None = Field(default=None, description="how the file was read, and why")
    against: str | None = Field(description="study whose virtual animals are drawn beside the real ones")
    plan: AnalysisPlanInfo
    groups: list[AnalysisGroup]
    comparisons: list[Comparison]
    animals: list[UnitValue]
    virtual: list[UnitValue]
    findings: list[Finding]
    legends: dict[str, str] = Field(
        default_factory=dict, description="legend of each read-out's figure, in words"
    )
    arrive: list[ArriveItem]
    warnings: list[str]
    versions: dict[str, str]

    @property
    def used_blocks(self) -> tuple[str, ...]:
        """Columns that stood beside the group as blocks."""
        return self.plan.block_columns

    @property
    def used_covariates(self) -> tuple[str, ...]:
        """Columns, and the value at baseline, that stood beside the group as covariates."""
        return self.plan.covariate_columns

    @property
    def used_cluster(self) -> str | None:
        """Column that was a random effect."""
        return self.plan.cluster_column
