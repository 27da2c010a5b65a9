"""Mechanism sets by studies: what each set makes of what was published (``soleus catalogue check``).

Plain data with a version. A set is one or more mechanisms that act together; a finding is one published
outcome of a study. Nothing stands here without the DOI of its source, or the words that say why there is
none.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from soleus.schema.values import Assumption, CitationRow

__all__ = [
    "NO_EFFECT",
    "CheckResult",
    "MatrixArm",
    "MatrixCell",
    "MatrixCount",
    "MatrixFinding",
    "MatrixMechanism",
    "MatrixPrediction",
    "MatrixPrior",
    "MatrixProblem",
    "MatrixResult",
    "MatrixSet",
    "MatrixStudy",
]

NO_EFFECT = "no-effect"
"""Name of the row against which all sets are compared: nothing that legs do moves anything."""

_RESOLVER = "https://doi.org/"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _Sourced(_Model):
    """Something that comes from a work, or from nobody but us."""

    citation: str | None = Field(description="key of the work; None where none is cited")
    source: str = Field(description="author and year, or whose judgement it is")
    doi: str | None
    url: str | None = Field(description="where to find the work: the DOI if it has one")
    no_doi: str | None = Field(description="why there is no DOI; None where there is one")

    @model_validator(mode="after")
    def _has_doi_or_words(self) -> Self:
        if (self.doi is None) == (not self.no_doi):
            raise ValueError(f"{self.citation}: either a DOI or the words that say why there is none")
        if self.doi is not None and not (self.citation and (self.url or "").startswith(_RESOLVER)):
            raise ValueError(f"{self.citation}: a DOI belongs to a cited work and is its address")
        return self


class MatrixFinding(_Sourced):
    """One published outcome: a read-out of one group against another on one day."""

    id: str
    label: str = Field(description="the outcome in words")
    panel: str = Field(description="the same without the outcome")
    arm: str
    niche: str
    readout: str
    day: float
    direction: Literal["down", "none", "up"]
    ratio: float | None = Field(description="published size; None where only a direction was seen")
    low: float | None = Field(description="lower 95 % bound of the published size by the se used")
    high: float | None
    se: float = Field(description="standard error of the log-ratio that it is scored with")
    spread: float = Field(description="standard deviation of the published log-ratio around the model's")
    none_low: float = Field(description="ratios between these two are reported as no difference")
    none_high: float
    differs_by: list[str] = Field(description="what else than a laboratory the animals differ by")
    scored: str = Field(description="how it is scored, in words")
    status: str
    reason: str


class MatrixArm(_Model):
    """One file of a study that findings are of: a niche, an age, a part of the animals."""

    name: str
    title: str
    species: str
    niche: str
    lineage: str
    age_days: float
    modelled_as: str | None


class MatrixStudy(_Sourced):
    """One study with its findings, and how far it tells the sets apart."""

    name: str
    title: str
    species: list[str]
    niches: list[str]
    arms: list[MatrixArm]
    findings: list[MatrixFinding] = Field(min_length=1)
    log10_range: float = Field(ge=0.0, description="log10 of the best row's probability over the worst's")
    best: str
    worst: str


class MatrixMechanism(_Sourced):
    """One mechanism of a set."""

    name: str
    label: str
    signal: str
    role: str
    status: str
    reason: str


class MatrixPrediction(_Model):
    """What a set makes of one finding, its strength weighted by the findings of all other studies."""

    finding: str
    probability: float = Field(ge=0.0, le=1.0, description="predictive probability of what was found")
    ratio: float = Field(description="median of the predicted ratio")
    low: float = Field(description="lower 95 % bound of the model's own ratio")
    high: float
    sensitive: bool = Field(description="whether the set moves the read-out at the prior's median strength")


class MatrixCell(_Model):
    """One set and one study."""

    study: str
    probability: float = Field(ge=0.0, le=1.0, description="of all findings of the study together")
    per_finding: float = Field(ge=0.0, le=1.0, description="geometric mean of it over the findings")
    sensitive: bool = Field(description="whether any finding of the study is sensitive to the set")
    p_without: float = Field(ge=0.0, le=1.0, description="posterior predictive p of all other studies")
    predictions: list[MatrixPrediction]


class MatrixSet(_Model):
    """One mechanism set over all studies."""

    name: str
    label: str
    mechanisms: list[MatrixMechanism] = Field(description="empty for the row without any effect")
    predictive_p: float = Field(ge=0.0, le=1.0, description="posterior predictive p")
    refuted: bool
    refuted_by: list[str] = Field(description="studies without which the set would not be refuted")
    log10_evidence: float = Field(description="relative to no effect at all")
    log10_for_sign: float = Field(description="for the declared sign, against the opposite one")
    opposite: bool = Field(description="whether the findings favour the opposite of the declared sign")
    reach: float = Field(description="largest size of the reference log-ratio that the set reaches")
    cells: list[MatrixCell]


class MatrixPrior(_Model):
    """From where every set starts, and the thresholds by which the matrix is read."""

    study: str
    readout: str
    readout_label: str
    day: float
    median: float = Field(description="of the size of the reference log-ratio, with its sign")
    low: float = Field(description="central 90 %")
    high: float
    reason: str
    headrooms: list[float] = Field(
        description="equally probable ceilings of what goes above normal cage life"
    )
    headrooms_reason: str
    refuted_below: float
    sensitive_above: float
    thresholds_reason: str


class MatrixCount(_Model):
    """How many entries of a kind the matrix stands on, and how many of them are provisional."""

    kind: str
    total: int = Field(ge=0)
    provisional: int = Field(ge=0)


class MatrixResult(_Model):
    """Mechanism sets by studies, in the order of the evidence for the sets."""

    schema_version: Literal["soleus.matrix/1"] = "soleus.matrix/1"
    run_id: str
    versions: dict[str, str]
    status: str = Field(description="'provisional' if anything that it stands on is provisional")
    statements: list[str] = Field(description="what the matrix says, in sentences")
    refuted: list[str]
    opposite: list[str] = Field(description="sets whose declared sign the findings speak against")
    silent: list[str] = Field(description="sets that no finding of any study is sensitive to")
    most_discriminating: str = Field(description="the study that tells the sets apart most")
    prior: MatrixPrior
    studies: list[MatrixStudy] = Field(min_length=1)
    rows: list[MatrixSet] = Field(min_length=1)
    counts: list[MatrixCount]
    numbers: list[Assumption] = Field(description="the judgements behind prior and scoring")
    assumptions: list[str] = Field(description="what is assumed, in words")
    citations: list[CitationRow]
    files: dict[str, str] = Field(description="what was written, relative to the folder")

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        findings = {s.name: [f.id for f in s.findings] for s in self.studies}
        for row in self.rows:
            tested = row.name not in self.silent
            if row.refuted != (tested and row.predictive_p < self.prior.refuted_below):
                raise ValueError(f"set {row.name!r}: refuted must mean tested, and a p below the threshold")
            if row.refuted_by and not row.refuted:
                raise ValueError(f"set {row.name!r} is not refuted, so no study refutes it")
            held = {c.study: [p.finding for p in c.predictions] for c in row.cells}
            if held != findings:
                raise ValueError(f"set {row.name!r}: a cell for each study, a prediction for each finding")
        names = [row.name for row in self.rows]
        if self.refuted != [row.name for row in self.rows if row.refuted]:
            raise ValueError("refuted must list the rows that are marked")
        named = {*self.opposite, *self.silent, *(n for s in self.studies for n in (s.best, s.worst))}
        if not named <= set(names):
            raise ValueError(f"sets that are named must be rows: {sorted(named - set(names))}")
        if self.most_discriminating not in findings:
            raise ValueError(f"{self.most_discriminating!r} is no study of the matrix")
        return self

    def row(self, name: str) -> MatrixSet:
        """Return the row of a set."""
        return next(row for row in self.rows if row.name == name)

    def study(self, name: str) -> MatrixStudy:
        """Return a study."""
        return next(study for study in self.studies if study.name == name)


class MatrixProblem(_Model):
    """A reference of the catalogue that leads nowhere."""

    where: str
    message: str


class CheckResult(_Model):
    """The whole check of the catalogue: broken references, then the matrix."""

    schema_version: Literal["soleus.check/1"] = "soleus.check/1"
    problems: list[MatrixProblem] = Field(description="references that lead nowhere")
    matrix: MatrixResult | None = Field(description="None where references are broken or alone asked for")
