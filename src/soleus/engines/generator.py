"""The generator of the mean, sparse: where each fate's daughter lands, and how fast, piece by piece.

``d mu_j / dt = sum_i mu_i A[i, j]`` with ``A[i, j] = sum_exits hazard * sum_fates p * daughters_j``
and ``A[i, i]`` lowered by the total hazard. The pattern is found once per process; its values are
tabulated for all pieces of time at once.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from soleus.errors import UnsupportedError
from soleus.lineage import Process
from soleus.lineage.process import FloatArray, IntArray

__all__ = ["Generator", "Pattern", "dense_generator", "pattern_of", "tabulate"]


class Pattern(NamedTuple):
    """Where the generator of a process is not zero, and which fates make pairs of sisters.

    Attributes
    ----------
    row_start, column
        Off-diagonal entries by source row.
    daughter_fate, daughter_entry
        Fate and entry (the diagonal follows the off-diagonal entries) of each daughter, sorted by entry.
    source_of_fate
        Shape (F,).
    parents, watched
        Microstates that divide, and those that daughters of divisions enter.
    pair_fate, pair_parent, pair_first, pair_second, pair_number
        For each division and ordered pair of its daughters' microstates: the fate, its parent's
        index in ``parents``, both indices in ``watched``, and how many such pairs of sisters.
    """

    row_start: IntArray
    column: IntArray
    daughter_fate: IntArray
    daughter_entry: IntArray
    source_of_fate: IntArray
    parents: IntArray
    watched: IntArray
    pair_fate: IntArray
    pair_parent: IntArray
    pair_first: IntArray
    pair_second: IntArray
    pair_number: FloatArray


class Generator(NamedTuple):
    """Values of the pattern in each piece of time.

    Attributes
    ----------
    off
        Off-diagonal entries, shape (P, entries).
    diagonal
        Shape (P, n).
    fate_rate
        Hazard of each fate per cell of its source, shape (P, F).
    """

    off: FloatArray
    diagonal: FloatArray
    fate_rate: FloatArray


_PATTERNS: WeakKeyDictionary[Process, Pattern] = WeakKeyDictionary()


def pattern_of(process: Process) -> Pattern:
    """Return the sparsity pattern of a process, found once."""
    pattern = _PATTERNS.get(process)
    if pattern is None:
        if process.gamma_transitions:
            raise UnsupportedError(
                f"process {process.name!r}: transitions {list(process.gamma_transitions)} have gamma waits, "
                "whose moments have no finite equations; give them stages (a whole shape), or use "
                "simulate_cells"
            )
        pattern = _PATTERNS[process] = _build_pattern(process)
    return pattern


def _daughters(process: Process) -> list[Counter[int]]:
    """Return the daughters of each fate: microstate to number."""
    a = process.arrays
    spans = zip(a.fate_daughters[:-1], a.fate_daughters[1:], strict=True)
    return [Counter(a.daughters[first:last].tolist()) for first, last in spans]


def _build_pattern(process: Process) -> Pattern:
    a, born = process.arrays, _daughters(process)
    n = process.n_states
    sources = np.repeat(a.exit_source, np.diff(a.exit_fates)).astype(np.int64)
    places = [(int(i), j, f) for f, i in enumerate(sources) for j in born[f].elements()]
    off = sorted({(i, j) for i, j, _ in places if i != j})
    entry = {pair: k for k, pair in enumerate(off)} | {(i, i): len(off) + i for i in range(n)}
    landing = sorted((entry[i, j], f) for i, j, f in places)
    outside = n - 1 if process.has_outside else -1
    # Immigrants are independent of each other, so the outside's own "division" correlates nothing.
    dividing = [f for f, i in enumerate(sources) if i != outside and born[f].total() >= 2]
    parents = sorted({int(sources[f]) for f in dividing})
    watched = sorted({j for f in dividing for j in born[f]})
    pairs = [
        (
            f,
            parents.index(int(sources[f])),
            watched.index(i),
            watched.index(j),
            born[f][i] * (born[f][j] - (i == j)),
        )
        for f in dividing
        for i in born[f]
        for j in born[f]
    ]
    columns = np.array([p for p in pairs if p[-1] > 0], dtype=np.int64).reshape(-1, 5).T.copy()
    return Pattern(
        row_start=np.searchsorted([i for i, _ in off], np.arange(n + 1)).astype(np.int64),
        column=np.array([j for _, j in off], dtype=np.int64),
        daughter_fate=np.array([f for _, f in landing], dtype=np.int64),
        daughter_entry=np.array([e for e, _ in landing], dtype=np.int64),
        source_of_fate=sources,
        parents=np.array(parents, dtype=np.int64),
        watched=np.array(watched, dtype=np.int64),
        pair_fate=columns[0],
        pair_parent=columns[1],
        pair_first=columns[2],
        pair_second=columns[3],
        pair_number=columns[4].astype(np.float64),
    )


def _group_sums(values: FloatArray, groups: IntArray, number: int) -> FloatArray:
    """Return the sums of columns of equal group (sorted), shape (P, number)."""
    sums = np.zeros((values.shape[0], number))
    if len(groups):
        first = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
        sums[:, groups[first]] = np.add.reduceat(values, first, axis=1)
    return sums


def tabulate(process: Process, pattern: Pattern, role_values: FloatArray) -> Generator:
    """Return the generator under the multipliers ``role_values``, shape (P, R), piece by piece."""
    a, n = process.arrays, process.n_states
    hazard = a.exit_rate * role_values[:, a.exit_role]
    weight = np.where(a.fate_role < 0, 1.0, role_values[:, a.fate_role]) * a.fate_probability
    exit_of_fate = np.repeat(np.arange(len(a.exit_source)), np.diff(a.exit_fates))
    total = _group_sums(weight, exit_of_fate, len(a.exit_source))
    fate_rate = weight * (hazard / total)[:, exit_of_fate]
    entries = len(pattern.column)
    landed = _group_sums(fate_rate[:, pattern.daughter_fate], pattern.daughter_entry, entries + n)
    diagonal = landed[:, entries:] - _group_sums(hazard, a.exit_source, n)
    return Generator(np.ascontiguousarray(landed[:, :entries]), diagonal, fate_rate)


def dense_generator(process: Process, role_values: FloatArray) -> FloatArray:
    """Return A with ``d mu / dt = mu A``, shape (n, n), under multipliers of shape (R,)."""
    pattern = pattern_of(process)
    table = tabulate(process, pattern, np.atleast_2d(np.asarray(role_values, dtype=float)))
    dense: FloatArray = np.diag(table.diagonal[0])
    rows = np.repeat(np.arange(process.n_states), np.diff(pattern.row_start))
    dense[rows, pattern.column] += table.off[0]
    return dense
