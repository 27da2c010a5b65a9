"""Several comparisons at once: Holm within a declared family, Dunnett against one control."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["DunnettResult", "dunnett", "holm"]

Array = NDArray[np.float64]


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Adjust p values by Holm's method (1979, jstor 4615733).

    Parameters
    ----------
    p_values
        One a comparison of the family, in any order; None for one that was declared and could not
        be told. It counts, as the largest p value would.

    Returns
    -------
    list
        Adjusted p values in the same order, None where None was given.
    """
    filled = np.array([1.0 if p is None or math.isnan(p) else p for p in p_values])
    order = np.argsort(filled, kind="stable")
    steps = np.arange(len(filled), 0, -1)
    adjusted = np.minimum(1.0, np.maximum.accumulate(filled[order] * steps))
    out = np.empty(len(filled))
    out[order] = adjusted
    return [None if p is None else float(value) for p, value in zip(p_values, out, strict=True)]


@dataclass(frozen=True, slots=True)
class DunnettResult:
    """One group against the control, with an interval that holds for all groups at once."""

    difference: float
    low: float
    high: float
    p_value: float
    se: float
    df: float


def dunnett(groups: Sequence[Array], control: Array, *, level: float, seed: int) -> list[DunnettResult]:
    """Compare several groups with one control, each interval valid for all at once.

    Parameters
    ----------
    groups
        One array a group; give logs for ratios.
    control
        The control's values.
    level
        Simultaneous.
    seed
        Of the quasi-random integration, whose error is about 1e-4 in p.

    Notes
    -----
    ``scipy.stats.dunnett`` (Dunnett 1955, doi 10.1080/01621459.1955.10501294). Unlike Welch's
    contrasts it assumes that all groups spread alike.
    """
    from scipy.stats import dunnett as scipy_dunnett

    found = scipy_dunnett(*groups, control=control, random_state=np.random.default_rng(seed))
    bounds = found.confidence_interval(level)
    df = float(sum(len(values) for values in groups) + len(control) - len(groups) - 1)
    pooled = sum(float(((v - v.mean()) ** 2).sum()) for v in (*groups, control)) / df
    out = []
    for k, values in enumerate(groups):
        se = math.sqrt(pooled * (1.0 / len(values) + 1.0 / len(control)))
        difference = float(values.mean() - control.mean())
        low, high, p = float(bounds.low[k]), float(bounds.high[k]), float(found.pvalue[k])
        out.append(DunnettResult(difference, low, high, p, se, df))
    return out
