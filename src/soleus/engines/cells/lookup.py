"""Look-ups that the kernels of the exact engine share: pieces of time, cumulated hazards, jumps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soleus.engines.cells.random import Words, uniform
from soleus.engines.cells.tables import Hazards, Jumps
from soleus.engines.compiled import inner_kernel
from soleus.lineage.process import FloatArray

__all__ = ["cumulated_at", "find_piece", "invert", "land"]

# Indices that are never negative: numba then leaves out what negative ones would need.
_U = np.uint64


@inner_kernel
def find_piece(cumulated: FloatArray, guide: NDArray[np.int32], scale: float, value: float) -> np.uint64:
    """Return the piece in which a cumulated quantity passes a value, from where the guide points."""
    p = _U(guide[_U(np.int64((value - cumulated[0]) * scale))])
    while cumulated[p + _U(1)] <= value:
        p += _U(1)
    return p


@inner_kernel
def cumulated_at(hazards: Hazards, row: int, p: np.uint64, t: float) -> float:
    """Return a row's cumulated hazard at time t in piece p."""
    value: float = hazards.sum[row, p] + hazards.rate[row, p] * (t - hazards.cut[p])
    return value


@inner_kernel
def invert(hazards: Hazards, row: int, target: float) -> tuple[float, np.uint64]:
    """Return when a row's cumulated hazard reaches ``target``, and the piece."""
    total = hazards.sum[row]
    p = find_piece(total, hazards.guide[row], hazards.scale[row], target)
    return min(hazards.cut[p] + (target - total[p]) * hazards.inverse[row, p], hazards.latest), p


@inner_kernel
def land(jumps: Jumps, words: Words, cut: int, state: int) -> int:
    """Return the microstate after the jump at a cut, or -1 if the cell leaves."""
    jump = jumps.at[cut]
    first, end = jumps.first[jump, state], jumps.first[jump, state + 1]
    if end == first + 1 and jumps.share[first] >= 1.0:
        return int(jumps.target[first])
    rest = uniform(words)
    for k in range(first, end):
        rest -= jumps.share[k]
        if rest < 0.0:
            return int(jumps.target[k])
    return -1
