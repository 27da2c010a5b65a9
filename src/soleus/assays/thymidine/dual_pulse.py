"""Two thymidine analogues given one after the other: S phase and cycle from one time point."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from soleus.assays.thymidine.intervals import CONFIDENCE, Interval
from soleus.errors import InputError
from soleus.lineage.process import FloatArray

__all__ = ["DualPulse", "dual_pulse"]


@dataclass(frozen=True, slots=True)
class DualPulse:
    """Result of :func:`dual_pulse`, hours."""

    s_hours: Interval
    cycle_hours: Interval


def dual_pulse(
    first_only: FloatArray, second: FloatArray, cycling: FloatArray, *, interval_hours: float
) -> DualPulse:
    """Return S phase and cycle length from two labels.

    ``T_s = T_i S / L`` and ``T_c = T_s P / S = T_i P / L``, with L the cells that left S between the labels.

    Parameters
    ----------
    first_only
        Cells with the first label and without the second (L), one count an animal, shape (A,).
    second
        Cells with the second label, alone or with the first (S), shape (A,).
    cycling
        All cycling cells (P), those with a label included, shape (A,).
    interval_hours
        Time T_i between the labels.

    Raises
    ------
    InputError
        If counts do not fit each other, or no cell left S between the labels.

    Notes
    -----
    Assumes a population that keeps its number, asynchronous, with all cycling cells alike; both labels
    seen for as long as S is touched; an interval, and time to the end, shorter than G2 and M, so that no
    cell of L has divided. In a population that doubles each cycle both come out too long: S is
    ``T_i (2**(T_s / T_c) - 1) / (1 - 2**(-T_i / T_c))`` and the cycle
    ``T_i / (2**(T_G2M / T_c) (1 - 2**(-T_i / T_c)))``, a fifth and a third more at usual lengths. P is often
    counted as Ki67+, which is not exactly the cycling cells. T_c does not depend on S.

    Intervals, 95 %: one animal, binomial with Jeffreys' prior (S / (S + L), L / P); several, the ratio of
    totals with the animals' residuals on the log scale and Student's t, so that the animal is the unit.
    Source: Martynoga et al. 2005, Developmental Biology 283:113 (doi unknown). Thymidine analogues gave the
    cycles of the SVZ in Ponti et al. 2013, doi 10.1073/pnas.1219563110.
    """
    left, in_s, all_cycling = (
        np.atleast_1d(np.asarray(c, dtype=float)) for c in (first_only, second, cycling)
    )
    if not (left.ndim == 1 and left.shape == in_s.shape == all_cycling.shape):
        raise InputError(
            f"needs one count of each kind an animal, got {left.shape}, {in_s.shape}, {all_cycling.shape}"
        )
    if not (np.all(left >= 0.0) and np.all(in_s >= 0.0) and np.all(left + in_s <= all_cycling)):
        raise InputError("counts are at least 0, and cells with a label are part of the cycling cells")
    if not (interval_hours > 0.0 and math.isfinite(interval_hours)):
        raise InputError(f"interval_hours must be above 0, got {interval_hours}")
    if left.sum() == 0.0 or in_s.sum() == 0.0:
        raise InputError(
            "cannot be told: no cell left S between the labels, or none took the second; count more"
        )
    ratio = _one_animal if len(left) == 1 else _several_animals
    s_low, s_high = ratio(in_s, left, disjoint=True)
    c_low, c_high = ratio(all_cycling, left, disjoint=False)
    scale = interval_hours / float(left.sum())
    return DualPulse(
        Interval(scale * float(in_s.sum()), interval_hours * s_low, interval_hours * s_high),
        Interval(scale * float(all_cycling.sum()), interval_hours * c_low, interval_hours * c_high),
    )


def _one_animal(top: FloatArray, bottom: FloatArray, *, disjoint: bool) -> tuple[float, float]:
    """Bounds of the ratio top / bottom of one animal's counts; ``bottom`` may be part of ``top``."""
    whole = float(top[0] + bottom[0]) if disjoint else float(top[0])
    part = float(bottom[0])
    tail = 0.5 * (1.0 - CONFIDENCE)
    share = stats.beta(part + 0.5, whole - part + 0.5)
    low, high = (float(1.0 / share.ppf(q)) for q in (1.0 - tail, tail))
    return (low - 1.0, high - 1.0) if disjoint else (low, high)


def _several_animals(top: FloatArray, bottom: FloatArray, *, disjoint: bool) -> tuple[float, float]:
    """Bounds of the ratio of totals, from how animals differ (``disjoint`` does not matter to that)."""
    n = len(top)
    residual = top / top.sum() - bottom / bottom.sum()
    sd = math.sqrt(n / (n - 1.0) * float(residual @ residual))
    reach = float(stats.t.ppf(0.5 + 0.5 * CONFIDENCE, n - 1)) * sd
    centre = float(top.sum() / bottom.sum())
    return centre * math.exp(-reach), centre * math.exp(reach)
