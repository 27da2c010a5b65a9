"""An analysis of real or virtual counts: the object behind ``soleus analyse --json``."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "AnalysisAnimal",
    "AnalysisComparison",
    "AnalysisEffect",
    "AnalysisEquivalence",
    "AnalysisFinding",
    "AnalysisGroup",
    "AnalysisPlanInfo",
    "AnalysisReading",
    "AnalysisResult",
    "AnalysisSource",
    "ArriveItem",
    "GroupCount",
    "ReadColumn",
    "ReadRows",
]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


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


class GroupCount(_Model):
    """A group as counted for one read-out."""

    group: str
    n: int
    n_rows: int
    n_lost: int
    mean: float | None
    sd: float | None


class AnalysisEffect(_Model):
    """An effect with its own interval."""

    scale: Literal["ratio", "odds ratio", "difference"]
    estimate: float
    low: float
    high: float
    level: float
    p_value: float
    df: float | None
    n: dict[str, int]
    unit: str
    method: str
    assumptions: list[str]
    unit_of_difference: str = ""
    note: str | None = None


class AnalysisEquivalence(_Model):
    """Two one-sided tests against a declared margin."""

    margin: float
    low: float
    high: float
    level: float
    p_value: float
    verdict: Literal["equivalent", "beyond the margin", "undecided"]
    n_needed: int | None
    statement: str


class AnalysisComparison(_Model):
    """One read-out on one day, one contrast."""

    readout: str
    day: float | None
    niche: str | None
    assay: str
    unit_level: str
    value_kind: str
    unit: str
    within: str = Field(default="", description="region, session or second factor; empty where none")
    strata: dict[str, str] = Field(default_factory=dict, description="the columns that within is made of")
    shown_in: str = Field(description="what an animal's value is in, such as cells/mm2 or cells per field")
    contrast: str
    treated: str | None
    control: str | None
    groups: list[GroupCount]
    effect: AnalysisEffect | None
    cannot: str | None = Field(description="why the effect cannot be told; null where it can")
    wrong: AnalysisEffect | None = Field(description="sections taken for independent: for contrast only")
    equivalence: AnalysisEquivalence | None
    family: str
    p_adjusted: float | None
    correction: str
    sentence: str = Field(description="for the results section of a paper")


class AnalysisAnimal(_Model):
    """One animal's value of a read-out, with the parts that it is made of."""

    readout: str
    day: float
    assay: str
    animal: str
    group: str
    within: str = ""
    value: float
    parts: list[float]


class AnalysisFinding(_Model):
    """What the design linter found."""

    code: str
    severity: str
    where: str
    consequence: str
    mend: str


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
    comparisons: list[AnalysisComparison]
    animals: list[AnalysisAnimal]
    virtual: list[AnalysisAnimal]
    findings: list[AnalysisFinding]
    arrive: list[ArriveItem]
    warnings: list[str]
    versions: dict[str, str]
