"""Who, what and when: a study as it would be written down before it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from soleus.assays import (
    AnyReadout,
    BodyAssay,
    CellReadout,
    CountAssay,
    FractionAssay,
    PublishedMean,
    merge_tags,
)
from soleus.errors import ModelError, unknown_name
from soleus.lineage import Tag
from soleus.movement import Feedback, Mechanism, Regimen, Signal
from soleus.study.entries import StudyEntry
from soleus.study.niche import Niche

__all__ = ["Animal", "Assay", "GroupPlan", "LabAssay", "Losses", "ReportedEffect", "Study", "Variation"]

LabAssay = CountAssay | FractionAssay
"""What a laboratory does with each animal: it can be drawn and scored."""

Assay = LabAssay | PublishedMean


@dataclass(frozen=True, slots=True)
class Animal:
    """One animal of a study.

    Parameters
    ----------
    number
        Study-wide, from 0: the key of its random streams.
    niche_size
        Factor on its starting cells.
    effects
        Role to the factor of its own rates.
    observer
        Who counts it, where the study has more than one observer.
    """

    id: str
    number: int
    group: str
    age_days: float
    sex: str
    strain: str
    cage: str
    niche_size: float = 1.0
    effects: Mapping[str, float] = field(default_factory=dict)
    observer: str | None = None


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """One group: how many animals, and what their legs do.

    Parameters
    ----------
    silenced
        Signals that this group cannot receive: a knock-out of the receptor, an antagonist.
    asked
        Whether the number of animals was asked for, and is not the one that was written down.
    """

    name: str
    label: str
    control: bool
    n_animals: int
    regimen: Regimen
    factors: Mapping[str, str] = field(default_factory=dict)
    silenced: tuple[str, ...] = ()
    asked: bool = False

    def __post_init__(self) -> None:
        if self.n_animals < 1:
            raise ModelError(f"group {self.name!r}: needs at least 1 animal, got {self.n_animals}")

    def with_animals(self, number: int) -> GroupPlan:
        """Return the same group with another number of animals."""
        return replace(self, n_animals=number, asked=self.asked or number != self.n_animals)


@dataclass(frozen=True, slots=True)
class Variation:
    """How animals differ: log-normal effects on the size of the niche and on roles.

    Parameters
    ----------
    bound_sd
        Standard deviations beyond which no animal's effect lies; None: unbounded. A culture needs it: the
        cells of an exponentially growing population at a log-normal rate have no finite mean.
    """

    niche_size_cv: float = 0.0
    role_cv: Mapping[str, float] = field(default_factory=dict)
    bound_sd: float | None = None

    def __post_init__(self) -> None:
        if self.bound_sd is not None and not self.bound_sd > 0.0:
            raise ModelError(f"variation: bound_sd is above 0 (or None), got {self.bound_sd}")
        for name, cv in {"niche_size_cv": self.niche_size_cv, **self.role_cv}.items():
            if not 0.0 <= cv <= 2.0:
                raise ModelError(f"variation {name!r}: a coefficient of variation lies in [0, 2], got {cv}")


@dataclass(frozen=True, slots=True)
class Losses:
    """What gets lost by chance, whatever the animal's group: shares of animals and of their units.

    Lost values stay in the table as excluded rows with the reason; scores leave them out. Losses that
    depend on the outcome (an animal that was too sick to go on) are not of this kind.
    """

    animal: float = 0.0
    unit: float = 0.0

    def __post_init__(self) -> None:
        for name, share in (("animal", self.animal), ("unit", self.unit)):
            if not 0.0 <= share < 1.0:
                raise ModelError(f"losses: the share of each {name} lies in [0, 1), got {share}")


@dataclass(frozen=True, slots=True)
class ReportedEffect:
    """An effect as reported: the ratio of a read-out on a day, and who says so."""

    readout: str
    day: float
    ratio: float
    citation: str


@dataclass(frozen=True, slots=True)
class Study:
    """A study: animals, groups, regimens, niche, mechanisms, assays and days.

    ``derived`` read-outs are followed as true values besides those that the assays count. Days
    count from the start of the intervention. Each animal is killed on the last sampling day
    (or, with several sampling days, on one of them in turn). ``observers`` share the animals of
    each group out among them. ``body`` are repeated measures of each animal besides the niche;
    ``longitudinal``: the same culture is looked at on every sampling day, instead of each animal on one.
    ``feedbacks`` say how the body changes what the animal does of its own will. ``entry`` is the study as it
    is written down, with the sources of its numbers; None for one that was made by hand.
    """

    name: str
    title: str
    summary: str
    strain: str
    sex: str
    age_days: float
    groups: tuple[GroupPlan, ...]
    niche: Niche
    signals: Mapping[str, Signal]
    mechanisms: tuple[Mechanism, ...]
    assays: tuple[Assay, ...]
    sampling_days: tuple[float, ...]
    variation: Variation = Variation()
    reported: ReportedEffect | None = None
    citation: str | None = None
    housing: str = "single"
    derived: tuple[AnyReadout, ...] = ()
    losses: Losses = Losses()
    observers: tuple[str, ...] = ()
    longitudinal: bool = False
    body: tuple[BodyAssay, ...] = ()
    feedbacks: tuple[Feedback, ...] = ()
    entry: StudyEntry | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.groups:
            raise ModelError(f"study {self.name!r} has no group")
        names = [g.name for g in self.groups]
        if len(set(names)) < len(names):
            raise ModelError(f"study {self.name!r}: group names must differ, got {names}")
        days = self.sampling_days
        if not days or any(b <= a for a, b in zip(days, days[1:], strict=False)):
            raise ModelError(f"study {self.name!r}: sampling days must be a non-empty increasing list")
        if len(names) > 1 and sum(g.control for g in self.groups) != 1:
            raise ModelError(f"study {self.name!r}: exactly one group is the control")
        for group in self.groups:
            if group.regimen.end_day < days[-1]:
                raise ModelError(
                    f"study {self.name!r}: the regimen of {group.name!r} ends on day "
                    f"{group.regimen.end_day:g}, before the last sampling day {days[-1]:g}"
                )
        for mechanism in self.mechanisms:
            if mechanism.signal not in self.signals:
                raise unknown_name(f"signal of mechanism {mechanism.name!r}", mechanism.signal, self.signals)
        self._check_followed()
        self._check_silenced()
        assays = [a.name for a in (*self.assays, *self.body)]
        if len(set(assays)) < len(assays):
            raise ModelError(f"study {self.name!r}: assay names must differ, got {assays}")
        self._check_readouts()
        self._check_reported()
        self.niche.check_age(self.age_days)

    def _check_followed(self) -> None:
        if self.longitudinal and not self.niche.in_culture:
            raise ModelError(
                f"study {self.name!r}: only cultures can be looked at on every sampling day; an animal's "
                "niche is counted once, when it is killed"
            )
        if self.longitudinal and (self.losses.animal or self.losses.unit):
            raise ModelError(f"study {self.name!r}: losses of cultures that are followed are not modelled")

    def _check_silenced(self) -> None:
        for group in self.groups:
            for signal in group.silenced:
                if signal not in self.signals:
                    raise unknown_name(f"silenced signal of group {group.name!r}", signal, self.signals)

    def _check_readouts(self) -> None:
        found: dict[str, CellReadout] = {}
        for readout in (r for a in self.assays for r in a.readouts):
            if found.setdefault(readout.name, readout) != readout:
                raise ModelError(f"study {self.name!r}: two different read-outs are called {readout.name!r}")
        self.tags()
        if len(set(self.observers)) < len(self.observers):
            raise ModelError(f"study {self.name!r}: observers must differ, got {self.observers}")

    def _check_reported(self) -> None:
        if self.reported is None:
            return
        known = [r.name for r in self.all_readouts()]
        if self.reported.readout not in known:
            raise unknown_name(f"read-out of study {self.name!r}", self.reported.readout, known)
        if not self.reported.ratio > 0.0:
            raise ModelError(f"study {self.name!r}: a reported ratio is above 0, got {self.reported.ratio:g}")
        if not 0.0 < self.reported.day <= self.sampling_days[-1]:
            raise ModelError(
                f"study {self.name!r}: the reported effect is on day {self.reported.day:g}; it must lie "
                f"after day 0 and not after the last sampling day {self.sampling_days[-1]:g}"
            )

    @property
    def control(self) -> GroupPlan:
        """The control group (the only group, if there is one)."""
        return next((g for g in self.groups if g.control), self.groups[0])

    @property
    def treated(self) -> tuple[GroupPlan, ...]:
        """The groups that are compared with the control."""
        return tuple(g for g in self.groups if g is not self.control)

    def group(self, name: str) -> GroupPlan:
        """Return a group by name."""
        for group in self.groups:
            if group.name == name:
                return group
        raise unknown_name(f"group of study {self.name!r}", name, (g.name for g in self.groups))

    def with_animals(self, per_group: int) -> Study:
        """Return the same study with another number of animals in each group."""
        return replace(self, groups=tuple(g.with_animals(per_group) for g in self.groups))

    def readouts(self) -> tuple[CellReadout, ...]:
        """The read-outs that the assays count, each once."""
        return tuple({r.name: r for a in self.assays for r in a.readouts}.values())

    def tags(self) -> tuple[Tag, ...]:
        """What the process must be crossed with for these assays."""
        return merge_tags([tag for assay in self.assays for tag in assay.tags])

    def all_readouts(self) -> tuple[AnyReadout, ...]:
        """The counted read-outs, and those of which only the true value is followed."""
        found: dict[str, AnyReadout] = {r.name: r for r in self.readouts()}
        for readout in self.derived:
            found.setdefault(readout.name, readout)
        return tuple(found.values())
