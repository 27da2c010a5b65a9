"""What an analysis answers with: an effect, a verdict of equivalence, or the reason why there is none."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from soleus.analysis.effects import Undetermined

__all__ = ["Effect", "Equivalence", "GroupSummary", "Scale", "Undetermined", "cannot", "plural"]

Scale = Literal["ratio", "odds ratio", "difference"]


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect with its own interval.

    Parameters
    ----------
    scale
        "ratio" and "odds ratio" have no effect at 1, "difference" at 0.
    estimate, low, high
        Estimate and bounds that hold ``level`` of the confidence, on ``scale``.
    level
        Of the interval.
    p_value
        Two-sided, of no effect.
    df
        Degrees of freedom of the t reference; None where the reference is simulated.
    n
        Independent units by group; ``unit`` says what they are.
    unit
        "animal", "cage", "litter", "culture", or, in a wrong analysis, what was taken for one.
    method
        In words.
    assumptions
        What the interval rests on, in words.
    se
        Standard error on the link scale (log, logit or raw); None where the reference is simulated.
    unit_of_difference
        Unit of a difference; empty for ratios.
    note
        What a reader must know besides; None where there is nothing.
    """

    scale: Scale
    estimate: float
    low: float
    high: float
    level: float
    p_value: float
    df: float | None
    n: Mapping[str, int]
    unit: str
    method: str
    assumptions: tuple[str, ...]
    se: float | None = None
    unit_of_difference: str = ""
    note: str | None = None

    @property
    def link_estimate(self) -> float:
        """The estimate on the scale of ``se``: the log of a ratio, a difference as it is."""
        return self.estimate if self.scale == "difference" else math.log(self.estimate)


@dataclass(frozen=True, slots=True)
class Equivalence:
    """Two one-sided tests of a ratio against a declared margin.

    Parameters
    ----------
    margin
        Upper margin m > 1 of the ratio; the lower one is 1 / m.
    low, high
        Bounds of the ratio at ``level`` (0.9 for tests at 5 %).
    level
        Of the interval.
    p_value
        The larger of the two one-sided p values.
    verdict
        "equivalent", "beyond the margin" or "undecided".
    n_needed
        Units per group at which a true ratio of 1 would be found equivalent with ``power``, at the
        spread seen; None where decided, or where 10,000 would not do.
    power
        The power that ``n_needed`` is for.
    statement
        In words.
    """

    margin: float
    low: float
    high: float
    level: float
    p_value: float
    verdict: Literal["equivalent", "beyond the margin", "undecided"]
    n_needed: int | None
    power: float
    statement: str


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """A group as counted.

    Parameters
    ----------
    group
        Its name.
    n, n_rows, n_lost
        Independent units, rows behind them, and animals of which every row is excluded.
    mean, sd
        Over units, of total over exposure, share or value; None where there are too few.
    """

    group: str
    n: int
    n_rows: int
    n_lost: int
    mean: float | None
    sd: float | None


def cannot(reason: str) -> Undetermined:
    """Return the answer of data that cannot carry one."""
    return Undetermined(f"cannot be told from these data, because {reason}")


def plural(number: int, thing: str) -> str:
    """Return "1 animal" or "3 animals"."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
