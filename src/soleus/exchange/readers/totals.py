"""Columns that are the sum of others: they are the same cells once more, not further cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["totals"]

_MOST_ROWS = 10_000


def totals(table: NDArray[np.float64], names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Find the columns that equal, in every row, the sum of two or more others.

    Parameters
    ----------
    table
        Counts, shape (rows, columns); rows with a missing count are left out.
    names
        Names of the columns.

    Returns
    -------
    dict
        Name of the total to the names of its parts. Empty where there are too few different rows to
        tell one set of parts from another.
    """
    whole = table[~np.isnan(table).any(axis=1)][:_MOST_ROWS]
    found: dict[str, tuple[str, ...]] = {}
    for target, name in enumerate(names):
        others = np.array([i for i in range(len(names)) if i != target and names[i] not in found], dtype=int)
        if len(others) < 2 or len(whole) < len(others) + 1:
            continue
        parts = whole[:, others]
        weights, _, rank, _ = np.linalg.lstsq(parts, whole[:, target], rcond=None)
        inside = np.round(weights) == 1
        exact = np.array_equal(parts[:, inside].sum(axis=1), whole[:, target])
        if rank == len(others) and np.abs(weights - inside).max() < 1e-6 and exact and inside.sum() > 1:
            found[name] = tuple(names[i] for i in others[inside])
    return found
