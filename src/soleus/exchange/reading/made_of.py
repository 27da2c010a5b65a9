"""Columns and values that are made of others, told by arithmetic.

The fault: a total, the mean of the sections beside it, or an estimate (counts x 6) is one more test of the
same cells; the sum of two regions is taken for a third region.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from soleus.exchange.readers.totals import totals
from soleus.exchange.reading.view import View

__all__ = ["means_of", "multiples", "sums_of", "total_levels"]

Array = NDArray[np.float64]
_MOST_ROWS = 10_000


def sums_of(columns: dict[str, Array]) -> dict[str, tuple[str, ...]]:
    """Return the columns that are in every row the sum of two or more others."""
    names = list(columns)
    if len(names) < 3:
        return {}
    table = np.stack([columns[name] for name in names], axis=1)[:_MOST_ROWS]
    found = totals(table, names)
    for target in names:  # few rows: pairs are tried by hand
        if target in found:
            continue
        pair = _pair_sum(columns, target, [n for n in names if n != target and n not in found])
        if pair is not None:
            found[target] = pair
    return found


def _pair_sum(columns: dict[str, Array], target: str, others: list[str]) -> tuple[str, str] | None:
    whole = columns[target]
    there = ~np.isnan(whole)
    if there.sum() < 4 or len(np.unique(whole[there])) < 3 or len(others) > 40:
        return None
    for k, one in enumerate(others):
        for other in others[k + 1 :]:
            both = columns[one] + columns[other]
            near = np.abs(both[there] - whole[there]) <= 1e-9 * (1.0 + np.abs(whole[there]))
            if near.all() and (columns[one][there] > 0).any() and (columns[other][there] > 0).any():
                return one, other
    return None


def means_of(columns: dict[str, Array], parts: Sequence[str]) -> dict[str, str]:
    """Return the columns that are the sum or the mean of numbered parts: column to "sum" or "mean"."""
    if len(parts) < 2:
        return {}
    table = np.stack([columns[name] for name in parts], axis=1)
    found = {}
    counted = (~np.isnan(table)).sum(axis=1)
    whole = np.where(counted > 0, np.nansum(table, axis=1), np.nan)
    ways = {"sum": whole, "mean": whole / np.maximum(counted, 1)}
    for name, values in columns.items():
        if name in parts:
            continue
        there = ~np.isnan(values)
        if there.sum() < 2:
            continue
        for way, made in ways.items():
            digits = max(len(f"{v:.10g}".partition(".")[2]) for v in values[there][:50])
            if (np.abs(made[there] - values[there]) <= 0.51 * 10.0**-digits).all():
                found[name] = way
    return found


def multiples(columns: dict[str, Array]) -> dict[str, tuple[str, float]]:
    """Return the columns that are in every row one number times an earlier one, which comes with it."""
    found: dict[str, tuple[str, float]] = {}
    names = list(columns)
    for k, name in enumerate(names):
        for other in names[:k]:
            if other in found:
                continue
            a, b = columns[other], columns[name]
            there = ~np.isnan(a) & ~np.isnan(b) & (a != 0)
            if there.sum() < 4 or len(np.unique(a[there])) < 3:
                continue
            ratio = b[there] / a[there]
            if np.ptp(ratio) <= 1e-6 * abs(ratio[0]) and ratio[0] > 0 and (np.isnan(a) == np.isnan(b)).all():
                found[name] = (other, float(ratio[0]))
                break
    return found


def total_levels(view: View, column: str, value: str, animal: str) -> dict[str, tuple[str, ...]]:
    """Return the words of a column whose value is, in every animal, the sum of those of other words."""
    words = view[column].words
    if not 3 <= len(words) <= 12:
        return {}
    numbers = view[value].lenient
    sums: dict[tuple[int, int], float] = {}
    for a, w, v in zip(
        view[animal].codes.tolist(), view[column].codes.tolist(), numbers.tolist(), strict=True
    ):
        if a >= 0 and w >= 0 and v == v:
            sums[a, w] = sums.get((a, w), 0.0) + v
    animals = sorted({a for a, _ in sums})
    table = {w: np.array([sums.get((a, k), np.nan) for a in animals]) for k, w in enumerate(words)}
    complete = {w: column for w, column in table.items() if not np.isnan(column).any()}
    if len(animals) < 3:
        return {}
    return sums_of(complete)
