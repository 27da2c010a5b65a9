"""The generator of the mean, sparse: where each fate's daughter lands, found once per process.

``d mu_j / dt = sum_i mu_i A[i, j]`` with ``A[i, j] = sum_exits hazard * sum_fates p * daughters_j``
and ``A[i, i]`` lowered by the total hazard. Kernels fill its values for one piece of time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from soleus.engines.compiled import kernel
from soleus.lineage import Process
from soleus.lineage.process import FloatArray, IntArray, ProcessArrays

__all__ = ["Generator", "Pattern", "build_pattern", "fill_generator", "new_generator"]


class Pattern(NamedTuple):
    """Sparsity pattern by source row.

    ``row_start``/``column`` list the off-diagonal entries; ``slot[k]`` is the entry of daughter k
    (-1: the diagonal). ``division[k]`` lists the fates with two or more daughters.
    """

    row_start: IntArray
    column: IntArray
    slot: IntArray
    division: IntArray


class Generator(NamedTuple):
    """Values of the pattern in one piece of time, and the hazard of each fate."""

    off: FloatArray
    diagonal: FloatArray
    fate_rate: FloatArray


def build_pattern(process: Process) -> Pattern:
    """Return the sparsity pattern of a process."""
    a = process.arrays
    rows: list[list[int]] = [[] for _ in range(process.n_states)]
    places: list[tuple[int, int]] = []
    for e, i in enumerate(a.exit_source):
        for f in range(a.exit_fates[e], a.exit_fates[e + 1]):
            for k in range(a.fate_daughters[f], a.fate_daughters[f + 1]):
                j = int(a.daughters[k])
                if j != i and j not in rows[i]:
                    rows[i].append(j)
                places.append((int(i), j))
    row_start = np.cumsum([0, *(len(r) for r in rows)]).astype(np.int64)
    slot = [-1 if i == j else int(row_start[i]) + rows[i].index(j) for i, j in places]
    number = np.diff(a.fate_daughters)
    outside = process.n_states - 1 if process.has_outside else -1
    source_of_fate = np.repeat(a.exit_source, np.diff(a.exit_fates))
    # Immigrants are independent of each other, so the outside's own "division" correlates nothing.
    division = np.flatnonzero((number >= 2) & (source_of_fate != outside))
    return Pattern(
        row_start=row_start,
        column=np.array([j for r in rows for j in r], dtype=np.int64),
        slot=np.array(slot, dtype=np.int64),
        division=division.astype(np.int64),
    )


@kernel
def fill_generator(arrays: ProcessArrays, pattern: Pattern, role_values: FloatArray, out: Generator) -> None:
    """Fill ``out`` with the generator under the multipliers ``role_values``, shape (R,)."""
    for k in range(out.off.size):
        out.off[k] = 0.0
    for i in range(out.diagonal.size):
        out.diagonal[i] = 0.0
    for e in range(arrays.exit_source.size):
        i = arrays.exit_source[e]
        hazard = arrays.exit_rate[e] * role_values[arrays.exit_role[e]]
        first, last = arrays.exit_fates[e], arrays.exit_fates[e + 1]
        total = 0.0
        for f in range(first, last):
            weight = 1.0 if arrays.fate_role[f] < 0 else role_values[arrays.fate_role[f]]
            out.fate_rate[f] = arrays.fate_probability[f] * weight
            total += out.fate_rate[f]
        out.diagonal[i] -= hazard
        for f in range(first, last):
            out.fate_rate[f] *= hazard / total
            for k in range(arrays.fate_daughters[f], arrays.fate_daughters[f + 1]):
                if pattern.slot[k] < 0:
                    out.diagonal[i] += out.fate_rate[f]
                else:
                    out.off[pattern.slot[k]] += out.fate_rate[f]


def new_generator(process: Process, pattern: Pattern) -> Generator:
    """Return an empty generator to be filled."""
    return Generator(
        off=np.zeros(len(pattern.column)),
        diagonal=np.zeros(process.n_states),
        fate_rate=np.zeros(len(process.arrays.fate_probability)),
    )
