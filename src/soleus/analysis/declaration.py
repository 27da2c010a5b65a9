"""What is declared before the data are looked at, and what comes back: plans, comparisons, analyses."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from soleus.analysis.answers import Effect, Equivalence, GroupSummary, Undetermined
from soleus.analysis.compare import METHODS
from soleus.errors import InputError, unknown_name

if TYPE_CHECKING:
    from soleus.analysis.growth import GrowthBy

__all__ = ["Analysis", "AnalysisPlan", "Comparison", "Correction", "stratum_words"]

Correction = Literal["holm", "dunnett", "none"]
_KINDS = ("count", "density", "fraction", "mass", "time", "level", "area", "score")
_METHOD_NAMES = ("default", *sorted({name for names in METHODS.values() for name in names}))


@dataclass(frozen=True, slots=True)
class AnalysisPlan:
    """What is compared, how, in which family and within which margin.

    Parameters
    ----------
    control
        Name of the control group.
    treated
        Groups compared with it; all others where empty.
    contrasts
        Pairs (treated, control) to compare instead of ``treated`` against ``control``.
    readouts, days
        What is analysed; everything where empty.
    methods
        Value kind to method: count and density "welch-log", "quasi-poisson", "nb-mixed"; fraction
        "quasi-binomial", "beta-binomial"; any other "welch-log" or "welch". Kinds left out take
        the default.
    families
        Name to the read-outs whose p values are adjusted together, over their days and contrasts.
        A read-out without a family is one of its own.
    correction
        "holm"; "dunnett" (several groups against one control, within each read-out and day);
        "none".
    margins
        Read-out to the margin m > 1 within which, [1 / m, m], two groups count as equivalent.
    factorial
        Analyse the table's two factors of two levels: main effects and interaction.
    cluster
        "cage" or "litter" where animals of one are alike; None takes animals for independent.
    growth
        Read-out to "day" or "passage": analyse the slope of log cell number of each culture.
    level
        Of all intervals but those of equivalence.
    draws
        Data sets simulated by a parametric bootstrap, at least 99.
    seed
        Of simulations; None draws one, which the analysis records.
    """

    control: str
    treated: tuple[str, ...] = ()
    contrasts: tuple[tuple[str, str], ...] = ()
    readouts: tuple[str, ...] = ()
    days: tuple[float, ...] = ()
    methods: Mapping[str, str] = field(default_factory=dict)
    families: Mapping[str, Sequence[str]] = field(default_factory=dict)
    correction: Correction = "holm"
    margins: Mapping[str, float] = field(default_factory=dict)
    factorial: bool = False
    cluster: Literal["cage", "litter"] | None = None
    growth: Mapping[str, GrowthBy] = field(default_factory=dict)
    level: float = 0.95
    draws: int = 999
    seed: int | None = None

    def __post_init__(self) -> None:
        for name in ("methods", "families", "margins", "growth"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        self._check_words()
        if not 0.5 <= self.level < 1.0:
            raise InputError(f"level must lie in [0.5, 1), got {self.level:g}; per cent? divide by 100")
        if self.draws < 99:
            raise InputError(f"draws must be at least 99, got {self.draws}; 999 is usual")
        for readout, margin in self.margins.items():
            if not (math.isfinite(margin) and margin > 1.0):
                raise InputError(
                    f"the margin of {readout!r} is a ratio above 1, such as 1.25, got {margin:g}"
                )
        self._check_families()
        self._check_contrasts()

    def _check_words(self) -> None:
        for kind, method in self.methods.items():
            if kind not in _KINDS:
                raise unknown_name("value kind", kind, _KINDS)
            if method not in _METHOD_NAMES:
                raise unknown_name("method", method, _METHOD_NAMES)
        if self.correction not in ("holm", "dunnett", "none"):
            raise unknown_name("correction", self.correction, ("holm", "dunnett", "none"))
        if self.cluster not in (None, "cage", "litter"):
            raise unknown_name("cluster", str(self.cluster), ("cage", "litter"))
        for readout, by in self.growth.items():
            if by not in ("day", "passage"):
                raise unknown_name(f"time of growth of {readout!r}", by, ("day", "passage"))

    def _check_families(self) -> None:
        seen: dict[str, str] = {}
        for family, readouts in self.families.items():
            if isinstance(readouts, str):
                raise InputError(f"family {family!r} needs a list of read-outs, got the text {readouts!r}")
            for readout in readouts:
                if readout in seen:
                    raise InputError(
                        f"read-out {readout!r} is in the families {seen[readout]!r} and {family!r}; keep one"
                    )
                seen[readout] = family
            if self.correction == "dunnett" and len(readouts) > 1:
                raise InputError(
                    f"family {family!r} has {len(readouts)} read-outs; Dunnett's test corrects within one:"
                    " use correction 'holm', or one family a read-out"
                )

    def _check_contrasts(self) -> None:
        if self.treated and self.contrasts:
            raise InputError("give treated or contrasts, not both")
        pairs = self.contrasts or tuple((name, self.control) for name in self.treated)
        for one, other in pairs:
            if one == other:
                raise InputError(f"group {one!r} cannot be compared with itself; name two groups")
        if self.factorial and (pairs or self.cluster or self.growth):
            raise InputError(
                "a factorial plan takes no treated, contrasts, cluster or growth; leave them out"
            )
        if self.cluster and self.growth:
            raise InputError(f"growth takes cultures for units, not {self.cluster}s; analyse the two apart")
        if self.correction == "dunnett":
            if self.factorial or self.cluster:
                raise InputError(
                    "Dunnett's test knows neither factors nor cages or litters; use correction 'holm'"
                )
            if len({control for _, control in pairs}) > 1:
                raise InputError("Dunnett's test has one control; use correction 'holm' for other contrasts")

    def pairs(self, groups: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        """Return the (treated, control) pairs among the groups of a table.

        Raises
        ------
        UnknownNameError
            A group that the table does not have.
        """
        wanted = self.contrasts or tuple(
            (name, self.control) for name in (self.treated or groups) if name != self.control
        )
        for name in (self.control, *(part for pair in wanted for part in pair)):
            if name not in groups:
                raise unknown_name("group", name, groups)
        if not wanted and not self.factorial:
            raise InputError(f"the table has one group, {self.control!r}; a comparison needs two")
        return wanted


@dataclass(frozen=True, slots=True)
class Comparison:
    """One read-out on one day (None: growth over all days), one contrast.

    Parameters
    ----------
    readout, day, niche, assay, unit_level, value_kind, unit
        What was compared, as in the table.
    contrast
        "hu / free", or the name of a factor or "A x B".
    treated, control
        The two groups; None for factors.
    groups
        Each group as counted.
    effect
        The analysis: independent units, with its own interval.
    wrong
        What comes out if sections, fields or wells are taken for independent units, for contrast only;
        its ``method`` begins with "WRONG". None where each unit has one row.
    equivalence
        Within the declared margin; None where none was declared.
    strata
        What else groups were compared within: name of the column and its word.
    family, p_adjusted, correction
        The p value adjusted within its family, and how; None where the effect cannot be told.
    """

    readout: str
    day: float | None
    niche: str | None
    assay: str
    unit_level: str
    value_kind: str
    unit: str
    contrast: str
    treated: str | None
    control: str | None
    groups: tuple[GroupSummary, ...]
    effect: Effect | Undetermined
    wrong: Effect | Undetermined | None
    equivalence: Equivalence | Undetermined | None
    family: str
    p_adjusted: float | None = None
    correction: Correction = "holm"
    strata: tuple[tuple[str, str], ...] = ()

    @property
    def within(self) -> str:
        """Where groups were compared, beside the day: "SVZ, session T0"; empty if nowhere."""
        parts = [] if self.niche is None else [self.niche]
        return ", ".join([*parts, *(stratum_words(name, word) for name, word in self.strata)])


def stratum_words(name: str, word: str) -> str:
    """Return a stratum as it is shown: "session T0", or its word alone where the word says enough."""
    last = name.rpartition(" > ")[2]
    return f"{last} {word}"


@dataclass(frozen=True, slots=True)
class Analysis:
    """All comparisons of a plan, with the seed of its simulations."""

    plan: AnalysisPlan
    comparisons: tuple[Comparison, ...]
    seed: int
