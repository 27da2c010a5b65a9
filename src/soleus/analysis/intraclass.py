"""How alike sections of one animal are, and what it costs to take them for independent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Anova", "anova", "chance_found", "false_positives", "intraclass_correlation"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Anova:
    """One-way analysis of variance.

    Parameters
    ----------
    between, within
        Mean squares.
    df_between, df_within
        Their degrees of freedom.
    size
        Rows a unit: the mean, less a correction for unequal numbers.
    """

    between: float
    within: float
    df_between: int
    df_within: int
    size: float

    @property
    def f(self) -> float:
        """The F statistic."""
        return self.between / self.within


def anova(units: Sequence[Array]) -> Anova | None:
    """Split the variance of rows into that between and that within units.

    Parameters
    ----------
    units
        The rows of each unit.

    Returns
    -------
    Anova or None
        None with fewer than two units, or where no unit has two rows.
    """
    return _nested([units])


def _nested(groups: Sequence[Sequence[Array]]) -> Anova | None:
    kept = [[u for u in units if len(u)] for units in groups]
    sizes = np.array([len(u) for units in kept for u in units], dtype=float)
    df_between = len(sizes) - sum(1 for units in kept if units)
    df_within = int(sizes.sum()) - len(sizes)
    if df_between < 1 or df_within < 1:
        return None
    between = within = 0.0
    lost = 0.0
    for units in (units for units in kept if units):
        # Centred first: the certified examples have seven constant leading digits.
        centre = float(np.concatenate(units).mean())
        shifted = [u - centre for u in units]
        grand = float(np.concatenate(shifted).mean())
        between += sum(len(u) * (float(u.mean()) - grand) ** 2 for u in shifted)
        within += sum(float(((u - u.mean()) ** 2).sum()) for u in shifted)
        own = np.array([len(u) for u in units], dtype=float)
        lost += float((own**2).sum() / own.sum())
    size = (float(sizes.sum()) - lost) / df_between
    return Anova(between / df_between, within / df_within, df_between, df_within, size)


def intraclass_correlation(groups: Sequence[Sequence[Array]]) -> float | None:
    """Return the share of the variance of rows that lies between units of one group, in [0, 1].

    Parameters
    ----------
    groups
        For each group, the rows of each of its units.

    Notes
    -----
    The analysis-of-variance estimate (Donner 1986, doi 10.2307/1403259), 0 where negative. None
    where units or rows are too few, or nothing varies.
    """
    found = _nested(groups)
    if found is None:
        return None
    total = found.between + (found.size - 1.0) * found.within
    if total <= 0.0:
        return None
    return min(1.0, max(0.0, (found.between - found.within) / total))


def false_positives(icc: float, *, n: tuple[int, int], rows: float, alpha: float = 0.05) -> float:
    """Return how often a t test on rows rejects a true null.

    Parameters
    ----------
    icc
        Intraclass correlation of rows within their unit.
    n
        Units of the two groups.
    rows
        Rows a unit.
    alpha
        The rate that the test claims.

    Notes
    -----
    The test's variance is a sum of mean squares between and within units; its reference by
    Satterthwaite's degrees of freedom. Assumes normal values, as many rows in each unit. Within 1.5
    percentage points of simulation (tests). Kish's design effect (1965), made exact for few units.
    """
    from scipy.special import stdtr, stdtrit

    units = n[0] + n[1]
    df_between, df_within = units - 2.0, units * (rows - 1.0)
    a, b = 1.0 + (rows - 1.0) * icc, 1.0 - icc
    total = df_between * a + df_within * b
    seen = total / (df_between + df_within)
    df = total**2 / (df_between * a**2 + df_within * b**2)
    critical = float(stdtrit(df_between + df_within, 1.0 - alpha / 2.0))
    return float(2.0 * stdtr(df, -critical / math.sqrt(a / seen)))


def chance_found(log_ratio: float, *, spread: float, n: tuple[int, int], alpha: float = 0.05) -> float:
    """Return the chance that a two-sided t test on logs finds a shift (power).

    Parameters
    ----------
    log_ratio
        True shift of the logs.
    spread
        Standard deviation of the log of a unit's value within a group.
    n
        Units of the two groups, at least 2 in one of them.
    """
    from scipy.special import nctdtr, stdtrit

    df = n[0] + n[1] - 2.0
    centre = abs(log_ratio) / (spread * math.sqrt(1.0 / n[0] + 1.0 / n[1]))
    critical = float(stdtrit(df, 1.0 - alpha / 2.0))
    return float(1.0 - nctdtr(df, centre, critical) + nctdtr(df, centre, -critical))
