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
    "ClaimPart",
    "ClaimScenario",
    "EvidenceEntry",
    "RuleLine",
    "Threshold",
    "VerdictRule",
]


Activity = Literal["running", "weights"]


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
    seen: Literal["whole", "part"] | None = Field(default=None, description="how much of it could be read")

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
    quantity: Literal["groups", "duration", "age"]


class ClaimPart(_Record):
    """What a part of a claim has of its own; all else is as the claim says."""

    label: str = Field(min_length=3, max_length=24)
    quote: str | None = None
    readout: str | None = None
    interval: ClaimInterval | None = None
    day: float | None = Field(default=None, ge=0)
    days: tuple[float, ...] | None = None
    species: tuple[str, ...] | None = None
    niche: str | None = None
    anywhere: bool = Field(default=False, description="the words of this part name no niche")
    other_readouts: tuple[str, ...] | None = None
    scenario: ClaimScenario | None = None
    design: ClaimDesign | None = None
    activity: Activity | None = None
    so: str | None = None

    def of_its_own(self) -> dict[str, object]:
        """Return the fields that it states itself, as fields of a claim."""
        own = {name: getattr(self, name) for name in self.model_fields_set - {"anywhere"}}
        return {**own, "niche": None} if self.anywhere else own


class Claim(_Record):
    """One statement of the account, with the read-out and interval that it is judged by.

    ``days``: the words are about the whole time, so the interval must hold on each of them. ``species``
    empty, or ``niche`` None, means that the words do not restrict it. A claim with ``parts`` is judged
    part by part; each part takes from the claim what it does not state itself.

    ``kind`` is what is judged, and how: a *design* against the cited paper's own methods, all others by
    what independent studies found. ``quote`` is the shortest wording of the account, ``label``
    what a narrow column has of it, ``so`` what follows
    from the evidence in the words of the claim.
    """

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)?$")
    kind: Literal["design", "finding", "mechanism", "general"]
    words: str = Field(min_length=10)
    quote: str = Field(min_length=5)
    label: str = ""
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
    activity: Activity | None = None
    so: str | None = None
    itself: str | None = None
    parts: dict[str, ClaimPart] = Field(default_factory=dict)

    @property
    def whole(self) -> str:
        """Id of the claim that this is, or is a part of."""
        return self.id.partition("/")[0]

    @property
    def part(self) -> str | None:
        """Name of the part that this is; None for a whole claim."""
        return self.id.partition("/")[2] or None

    @property
    def judged(self) -> tuple[Claim, ...]:
        """What is judged: each part as a claim of its own, or the claim itself where it has none."""
        if not self.parts:
            return (self,)
        # Field by field and not through a dump, which would forget what was set and what is a default.
        whole = {name: getattr(self, name) for name in type(self).model_fields if name != "parts"}
        return tuple(
            Claim.model_validate({**whole, "id": f"{self.id}/{name}", **part.of_its_own()})
            for name, part in self.parts.items()
        )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.design is not None and self.interval.scale != "value":
            raise ValueError(f"{self.id}: a quantity of a design is judged by its value")
        if (self.design is not None) != (self.kind == "design") and not self.parts:
            raise ValueError(
                f"{self.id}: a claim on a design names a quantity of it, and no other claim does"
            )
        if len(self.parts) == 1:
            raise ValueError(f"{self.id}: one part is no part; state it as the claim")
        assert self.judged  # builds the parts, so that a wrong one is told where it stands
        if self.readout in self.other_readouts:
            raise ValueError(f"{self.id}: {self.readout} cannot also be another read-out")
        return self


class EvidenceEntry(_Record):
    """One finding for or against one claim.

    ``log_ratio`` is intervention over control, natural logarithm; where the source gives no
    number, ``direction`` alone. ``direct`` None: computed from species, niche and read-out.
    ``independent``: neither the source that makes the claim nor the study that it reports. ``parts``:
    those of the claim that it bears on; none named, all. ``value``: what a paper's methods state, for
    claims on a design. ``before``: compared with the same animals before, and not with controls.
    ``marker``: the stain that stood for the read-out, where several were looked at and told different things.
    """

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    claim: str
    parts: tuple[str, ...] = ()
    readout: str | None
    niche: str | None
    species: str
    day: float | None = Field(ge=0)
    log_ratio: float | None = None
    se: float | None = Field(default=None, gt=0)
    value: float | None = None
    direction: Literal["down", "up", "none"] | None = None
    kind: Literal["primary", "review", "press", "interpretation"]
    independent: bool
    direct: bool | None = None
    before: bool = False
    marker: str | None = None
    stance: Literal["supports", "opposes"]
    manipulation: Literal["unloading", "exercise", "none", "other"] = "unloading"
    activity: Activity | None = None
    citation: str
    location: str | None = None
    status: Status
    reason: str = Field(min_length=10)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        sized = self.log_ratio is not None or self.value is not None
        if self.readout is not None and not sized and self.direction is None:
            raise ValueError(f"{self.id}: give a log_ratio or a direction, or the value that was stated")
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

    def bears_on(self, claim: Claim) -> bool:
        """Whether it is evidence on a claim, or on that part of one."""
        named = not self.parts or claim.part is None or claim.part in self.parts
        return self.claim == claim.whole and named

    @property
    def base_readout(self) -> str:
        """Its read-out; another niche's carries the niche in front, where the claim has one of that name."""
        name = self.readout or ""
        return name if self.niche in (None, "body") else name.removeprefix(f"{self.niche}_")

    @property
    def sense(self) -> Literal["down", "up", "none"]:
        """Which way it points; a stated size tells by its sign."""
        if self.direction is not None:
            return self.direction
        size = self.log_ratio or 0.0
        return "none" if size == 0.0 else "down" if size < 0.0 else "up"


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
    informed_from: Threshold
    lines: tuple[RuleLine, ...]
    design_lines: tuple[RuleLine, ...]

    def line(self, line_id: str) -> RuleLine:
        """Return the line with that id, its text filled with the thresholds."""
        found = next(line for line in (*self.lines, *self.design_lines) if line.id == line_id)
        thresholds = {name: t.value for name, t in self if isinstance(t, Threshold)}
        return found.model_copy(update={"text": found.text.format_map(thresholds)})
