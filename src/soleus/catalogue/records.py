"""Citations, claims and evidence entries as the catalogue's data files state them."""

from __future__ import annotations

import math
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from soleus.catalogue.quantity import Status

__all__ = [
    "CitationModel",
    "Claim",
    "ClaimAlso",
    "ClaimDesign",
    "ClaimInterval",
    "ClaimScenario",
    "EvidenceEntry",
    "RuleLine",
    "Threshold",
    "VerdictRule",
]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class CitationModel(_Record):
    """A work that numbers, claims or evidence come from.

    A title in square brackets describes a work whose title was not confirmed.
    """

    key: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    kind: Literal["article", "review", "abstract", "press", "account"] = "article"
    authors: str = Field(min_length=3)
    title: str = Field(min_length=3)
    journal: str = Field(min_length=3)
    year: int | None = Field(ge=1900, le=2100)
    doi: str | None = Field(pattern=r"^10\.\d{4,9}/\S+$")
    url: str | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _says_why_no_doi(self) -> Self:
        if self.doi is None and self.note is None:
            raise ValueError(f"{self.key}: a citation without DOI needs a note that says why")
        return self


class ClaimInterval(_Record):
    """The set of values of the declared read-out under which the claim's words would be true.

    Bounds are included; None means unbounded. ``log_ratio`` and ``ratio`` compare the
    intervention with its control; ``value`` is the control itself.
    """

    scale: Literal["log_ratio", "ratio", "value"]
    low: float | None = None
    high: float | None = None
    reason: str = Field(min_length=10)

    @model_validator(mode="after")
    def _has_an_inside(self) -> Self:
        if self.low is None and self.high is None:
            raise ValueError("an interval needs at least one bound")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(f"interval is empty: low {self.low} must be below high {self.high}")
        return self

    def contains(self, value: float) -> bool:
        """Whether ``value``, on the interval's own scale, makes the claim true."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


class ClaimScenario(_Record):
    """The study and groups that a claim is simulated in, where it is not the study asked for."""

    study: str
    group: str
    against: str


class ClaimAlso(_Record):
    """A further read-out of the body that shows another side of a claim; it judges nothing."""

    readout: str
    study: str
    group: str
    against: str
    day: float = Field(gt=0)
    words: str = Field(min_length=10)


class ClaimDesign(_Record):
    """A quantity of a study's design that a claim is about: it is read off, not simulated."""

    study: str
    quantity: Literal["groups", "duration"]


class Claim(_Record):
    """One statement of the account, with the read-out and interval that it is judged by.

    ``days``: the words are about the whole time, so the interval must hold on each of them. ``species``
    empty, or ``niche`` None, means that the words do not restrict it.
    """

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    words: str = Field(min_length=10)
    source: str
    primary: str = Field(min_length=10)
    primary_citation: str
    independent: str = Field(min_length=10)
    citations: tuple[str, ...] = ()
    readout: str
    interval: ClaimInterval
    day: float = Field(ge=0)
    days: tuple[float, ...] = ()
    species: tuple[str, ...]
    niche: str | None
    other_readouts: tuple[str, ...] = ()
    needs: tuple[str, ...]
    scenario: ClaimScenario | None = None
    design: ClaimDesign | None = None
    also: ClaimAlso | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.design is not None and self.interval.scale != "value":
            raise ValueError(f"{self.id}: a quantity of a design is judged by its value")
        if self.readout in self.other_readouts:
            raise ValueError(f"{self.id}: {self.readout} cannot also be another read-out")
        return self


class EvidenceEntry(_Record):
    """One finding for or against one claim.

    ``log_ratio`` is intervention over control, natural logarithm; where the source gives no
    number, ``direction`` alone. ``direct`` None: computed from species, niche and read-out.
    ``independent``: neither the source that makes the claim nor the study that it reports.
    """

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    claim: str
    readout: str | None
    niche: str | None
    species: str
    day: float | None = Field(ge=0)
    log_ratio: float | None = None
    se: float | None = Field(default=None, gt=0)
    direction: Literal["down", "up", "none"] | None = None
    kind: Literal["primary", "review", "press", "interpretation"]
    independent: bool
    direct: bool | None = None
    stance: Literal["supports", "opposes"]
    manipulation: Literal["unloading", "exercise", "other"] = "unloading"
    citation: str
    location: str | None = None
    status: Status
    reason: str = Field(min_length=10)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.readout is not None and self.log_ratio is None and self.direction is None:
            raise ValueError(f"{self.id}: give a log_ratio or a direction")
        if self.se is not None and self.log_ratio is None:
            raise ValueError(f"{self.id}: an se needs its log_ratio")
        if self.log_ratio is not None and self.direction in ("down", "up"):
            sign = -1.0 if self.direction == "down" else 1.0
            if math.copysign(1.0, self.log_ratio) != sign:
                raise ValueError(
                    f"{self.id}: direction {self.direction!r} contradicts log_ratio {self.log_ratio}"
                )
        if self.kind == "press" and self.independent:
            raise ValueError(f"{self.id}: a press report is never independent evidence")
        return self


class Threshold(_Record):
    """A number in the verdict rule, with the reason for it."""

    value: float
    reason: str = Field(min_length=10)


class RuleLine(_Record):
    """One line of the verdict rule: lines are tried in order and the first that holds decides."""

    id: str
    text: str
    verdict: str


class VerdictRule(_Record):
    """Thresholds and lines of the rule that turns counted evidence into a verdict.

    The text of a line names thresholds in braces, so that what is printed is what was applied.
    """

    opposing_entries: Threshold
    supporting_entries: Threshold
    other_readout_entries: Threshold
    contradicted_below: Threshold
    supported_at_least: Threshold
    lines: tuple[RuleLine, ...]

    def line(self, line_id: str) -> RuleLine:
        """Return the line with that id, its text filled with the thresholds."""
        found = next(line for line in self.lines if line.id == line_id)
        thresholds = {name: t.value for name, t in self if isinstance(t, Threshold)}
        return found.model_copy(update={"text": found.text.format_map(thresholds)})
