"""A study as it is written down: groups, days, assays, published outcomes, and where each number is from."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from soleus.errors import unknown_name
from soleus.values import Status

__all__ = [
    "NO_WORDS",
    "AssayEntry",
    "FindingEntry",
    "GroupEntry",
    "LabelEntry",
    "LabelledEntry",
    "ShareAssayEntry",
    "StudyEntry",
]

NO_WORDS = "animals of another species or age need modelled_as, in words"
"""Why a study is refused whose animals are not those of its lineage."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class GroupEntry(_Entry):
    """A group: its regimen as (activity, first day, last day), or as a mapping with dose and bouts."""

    label: str
    n_animals: int
    regimen: tuple[tuple[str, float, float] | dict[str, Any], ...]
    control: bool = False
    silenced: tuple[str, ...] = ()
    housing: Literal["single", "group"] | None = None


class _ReportedEntry(_Entry):
    readout: str
    day: float
    ratio: float
    citation: str
    reason: str


class _VariationEntry(_Entry):
    niche_size_cv: float
    role_cv: dict[str, float]
    bound_sd: float | None = None


class LabelEntry(_Entry):
    """A thymidine analogue given on the study's days: (injection, clearance) of each pulse."""

    pulses: tuple[tuple[float, float], ...]
    detectable_divisions: int = 4
    citation: str | None
    reason: str
    status: Status


class LabelledEntry(_Entry):
    """A read-out of labelled cells of some types, seen without error."""

    label: str
    analogue: str
    types: tuple[str, ...]


class AssayEntry(_Entry):
    """An assay of a study with where its numbers come from."""

    label: str
    readout: str
    units: int
    fraction: float
    exposure: float
    exposure_unit: str
    unit_level: Literal["section", "animal", "culture", "well"]
    position_cv: float
    unit_cv: float
    citation: str | None
    reason: str
    status: Status


class ShareAssayEntry(_Entry):
    """An assay of shares of a culture's cells: one share, or several that add to the whole."""

    label: str
    shares: tuple[str, ...] = Field(min_length=1)
    events: int
    wells: int
    concentration: float
    citation: str | None
    reason: str
    status: Status


class FindingEntry(_Entry):
    """One published outcome of a study: a group against another, on one day.

    Parameters
    ----------
    direction
        What the authors report at 5 %: ``down``, ``up`` or ``none``.
    log_ratio, se
        Natural logarithm of the ratio where a size is published, and its standard error (None: as
        the effect model states for a study of its size).
    n
        Animals (or cultures) in a group where known.
    cv
        Coefficient of variation between them, where it is not that of a count in animals: shares vary less.
    """

    readout: str
    group: str
    against: str
    day: float
    direction: Literal["down", "up", "none"]
    log_ratio: float | None = None
    se: float | None = Field(default=None, gt=0.0)
    n: int | None = Field(default=None, gt=0)
    cv: float | None = Field(default=None, gt=0.0, le=2.0)
    citation: str | None = None
    reason: str = Field(min_length=10)
    status: Status

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        sign = {"down": -1.0, "up": 1.0}.get(self.direction)
        if sign is not None and self.log_ratio is not None and sign * self.log_ratio <= 0.0:
            raise ValueError(f"direction {self.direction!r} contradicts log_ratio {self.log_ratio:g}")
        if self.se is not None and self.log_ratio is None:
            raise ValueError("an se needs its log_ratio")
        return self


class StudyEntry(_Entry):
    """A study file.

    Parameters
    ----------
    species
        That of the animals; the lineage is the mouse's, and what another species adds is a discrepancy.
    modelled_as
        In words, where the animals are not those of the lineage: another species, or younger.
    passages
        Days after plating on which a culture is passaged, and the share of its cells that is plated again.
    longitudinal
        The same culture is counted on every sampling day.
    labelled
        Read-outs of cells that carry one of the ``labels``.
    body
        Read-outs of the body and the days on which each animal is measured (none: when it is killed).
    """

    name: str
    title: str
    summary: str
    citation: str | None
    species: str
    strain: str
    sex: Literal["male", "female"]
    age_days: float
    modelled_as: str | None = None
    other_age: bool = False
    lineage: str
    housing: Literal["single", "group"]
    part_of: str | None = None
    groups: dict[str, GroupEntry]
    sampling_days: tuple[float, ...]
    reported: _ReportedEntry | None = None
    set: str
    variation: _VariationEntry
    passages: tuple[float, ...] = ()
    plated_fraction: float = Field(default=1.0, gt=0.0, le=1.0)
    longitudinal: bool = False
    labels: dict[str, LabelEntry] = Field(default_factory=dict)
    labelled: dict[str, LabelledEntry] = Field(default_factory=dict)
    assays: tuple[str, ...]
    body: dict[str, tuple[float, ...]] = Field(default_factory=dict)
    findings: dict[str, FindingEntry] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.other_age and self.modelled_as is None:
            raise ValueError(NO_WORDS)
        for key, finding in self.findings.items():
            for group in (finding.group, finding.against):
                if group not in self.groups:
                    raise ValueError(f"finding {key!r}: {unknown_name('group', group, self.groups)}")
            if finding.day not in self.sampling_days:
                raise ValueError(f"finding {key!r}: day {finding.day:g} is no sampling day")
        for key, labelled in self.labelled.items():
            if labelled.analogue not in self.labels:
                raise ValueError(f"labelled {key!r}: {unknown_name('label', labelled.analogue, self.labels)}")
        return self

    @property
    def whole(self) -> str:
        """The study that this is (or is an arm of)."""
        return self.part_of or self.name
