"""What is declared before the data are looked at, and what comes back: plans, comparisons, analyses."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from soleus.analysis.answers import Comparison, UnitValue
from soleus.analysis.methods import METHODS
from soleus.errors import InputError, unknown_name

if TYPE_CHECKING:
    from soleus.analysis.growth import GrowthBy

__all__ = ["Analysis", "AnalysisPlan", "Comparison", "Contrast", "Correction", "stratum_words"]

Correction = Literal["default", "holm", "dunnett", "dunnett-pooled", "none"]
Compared = Literal["control", "all", "trend"]
Contrast = tuple[str, str] | tuple[str, str, str, str]
_CORRECTIONS = ("default", "holm", "dunnett", "dunnett-pooled", "none")
_KINDS = ("count", "density", "fraction", "mass", "time", "level", "area", "score")
_METHOD_NAMES = ("default", *sorted({name for names in METHODS.values() for name in names}))


@dataclass(frozen=True, slots=True)
class AnalysisPlan:
    """What is compared, how, in which family and within which margin.

    Parameters
    ----------
    control
        Name of the control group; empty where the file, or the name of a group, says it.
    treated
        Groups compared with it; all others where empty.
    contrasts
        Pairs (treated, control) to compare instead of ``treated`` against ``control``; four names
        (a, b, c, d) for the ratio of ratios (a / b) / (c / d).
    compare
        "control": each group with the control; "all": all pairs (Games and Howell); "trend": one trend over
        the groups in order, or over the doses in their names.
    readouts, days
        What is analysed; everything where empty.
    methods
        Value kind to method (see :data:`soleus.analysis.methods.METHODS`); "fraction" is also that of marked
        cells among cells looked at. Kinds left out take the default.
    families
        Name to the read-outs whose p values are adjusted together, over their days and contrasts.
        A read-out without a family is one of its own.
    correction
        "dunnett" (several groups against one control, within each read-out and day, of unequal spread),
        "dunnett-pooled" (of one spread), "holm", "none"; "default" takes dunnett for several groups against
        one control on a single day, else holm.
    margins
        Read-out to the margin m > 1 within which, [1 / m, m], two groups count as equivalent.
    factorial
        Analyse two factors of two levels (or two groups and sex): main effects and interaction.
    unit
        What is independent: "animal", "cage", "litter" or a block; None lets the design say.
    cluster
        Cage, litter or block where animals of one are alike: a random effect where it holds several groups,
        else the unit.
    blocks, covariates
        Columns that stand beside the group: "sex", "batch", "weight"; a covariate may also be a read-out,
        which then is not compared itself.
    baseline
        The day of which the value is the covariate of all later days.
    paired
        The same animals are in both groups.
    growth
        Read-out to "day" or "passage": analyse the slope of the log of each animal's or culture's value.
    level
        Of all intervals but those of equivalence.
    draws
        Data sets simulated by a parametric bootstrap, at least 99.
    seed
        Of simulations; None draws one, which the analysis records.
    extras
        Also leave each unit out in turn, and analyse by other methods.
    """

    control: str = ""
    treated: tuple[str, ...] = ()
    contrasts: tuple[Contrast, ...] = ()
    compare: Compared = "control"
    readouts: tuple[str, ...] = ()
    days: tuple[float, ...] = ()
    methods: Mapping[str, str] = field(default_factory=dict)
    families: Mapping[str, Sequence[str]] = field(default_factory=dict)
    correction: Correction = "default"
    margins: Mapping[str, float] = field(default_factory=dict)
    factorial: bool = False
    unit: str | None = None
    cluster: str | None = None
    blocks: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ()
    baseline: float | None = None
    paired: bool = False
    growth: Mapping[str, GrowthBy] = field(default_factory=dict)
    level: float = 0.95
    draws: int = 999
    seed: int | None = None
    extras: bool = True

    def __post_init__(self) -> None:
        for name in ("methods", "families", "margins", "growth"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        for name in ("treated", "contrasts", "readouts", "days", "blocks", "covariates"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
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
        if self.correction not in _CORRECTIONS:
            raise unknown_name("correction", self.correction, _CORRECTIONS)
        if self.compare not in ("control", "all", "trend"):
            raise unknown_name("comparison", self.compare, ("control", "all", "trend"))
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
            if self.correction.startswith("dunnett") and len(readouts) > 1:
                raise InputError(
                    f"family {family!r} has {len(readouts)} read-outs; Dunnett's test corrects within one:"
                    " use correction 'holm', or one family a read-out"
                )

    def _check_contrasts(self) -> None:
        if self.treated and self.contrasts:
            raise InputError("give treated or contrasts, not both")
        for names in self.contrasts or tuple((name, self.control) for name in self.treated):
            for one, other in zip(names[::2], names[1::2], strict=True):
                if one == other:
                    raise InputError(f"group {one!r} cannot be compared with itself; name two groups")
        for refused, why in self._clashes():
            if refused:
                raise InputError(why)

    def _clashes(self) -> tuple[tuple[bool, str], ...]:
        pairs = bool(self.treated or self.contrasts)
        beside = bool(self.blocks or self.covariates or self.baseline is not None)
        dunnett = self.correction.startswith("dunnett")
        return (
            (
                self.factorial and bool(pairs or self.growth or self.compare != "control"),
                "a factorial plan takes no treated, contrasts, compare or growth; leave them out",
            ),
            (
                bool(self.cluster and self.growth),
                f"growth takes cultures for units, not {self.cluster}s; analyse the two apart",
            ),
            (
                bool(self.growth) and beside,
                "growth takes no blocks, covariates or baseline beside it; analyse the two apart",
            ),
            (
                self.paired and bool(beside or self.cluster or self.factorial or self.growth),
                "--paired takes no block, covariate, baseline, cluster, factorial or growth beside it; leave"
                " one of them out",
            ),
            (
                bool(self.unit and self.cluster) and self.unit not in ("animal", "animals", self.cluster),
                f"--unit {self.unit} and --cluster {self.cluster} cannot stand together; keep one",
            ),
            (
                self.compare != "control" and pairs,
                f"--compare {self.compare} takes all groups; leave treated and contrasts out",
            ),
            (
                self.compare != "control" and dunnett,
                f"Dunnett's test has one control; --compare {self.compare} has a correction of its own",
            ),
            (
                dunnett and bool(self.factorial or self.paired),
                "Dunnett's test knows neither factors nor pairs; use correction 'holm'",
            ),
            (
                dunnett and len({names[1:] for names in self.contrasts}) > 1,
                "Dunnett's test has one control; use correction 'holm' for other contrasts",
            ),
        )

    def pairs(self, groups: tuple[str, ...]) -> tuple[Contrast, ...]:
        """Return the groups of each contrast among the groups of a table.

        Raises
        ------
        UnknownNameError
            A group that the table does not have.
        """
        wanted: tuple[Contrast, ...] = self.contrasts or tuple(
            (name, self.control) for name in (self.treated or groups) if name != self.control
        )
        if self.compare == "all":
            order = (self.control, *(name for name in groups if name != self.control))
            wanted = tuple((b, a) for k, a in enumerate(order) for b in order[k + 1 :])
        for name in (self.control, *(part for pair in wanted for part in pair)):
            if name not in groups:
                raise unknown_name("group", name, groups)
        if not wanted and not self.factorial:
            raise InputError(f"the table has one group, {self.control!r}; a comparison needs two")
        return wanted


def stratum_words(name: str, word: str) -> str:
    """Return a stratum as it is shown: "session T0", or its word alone where the word says enough."""
    last = name.rpartition(" > ")[2]
    return f"{last} {word}"


@dataclass(frozen=True, slots=True)
class Analysis:
    """All comparisons of a plan, the values that they compare, and the seed of their simulations.

    Parameters
    ----------
    plan, comparisons, seed
        What was declared, what came out, and the seed of simulations.
    units
        Every value that was compared, as it is drawn.
    unit, chosen_unit
        What is independent, and whether the design said so rather than the plan.
    blocks, covariates, cluster
        Columns of the table that were used.
    """

    plan: AnalysisPlan
    comparisons: tuple[Comparison, ...]
    seed: int
    units: tuple[UnitValue, ...] = ()
    unit: str = "animal"
    chosen_unit: bool = False
    blocks: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ()
    cluster: str | None = None
