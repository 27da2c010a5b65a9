"""Where ``lambda I - h A`` and its factors are not zero, found once for a process.

Lineages flow from stem cells to grown ones, so in the right order the generator is nearly upper
triangular: only microstates on a common cycle (the stages of a self-renewing type) fill in. The
factorisation needs no pivoting: the shifts are complex, the generator is real.
"""

from __future__ import annotations

from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from soleus.engines.generator import pattern_of
from soleus.lineage import Process
from soleus.lineage.process import FloatArray, IntArray

__all__ = ["Structure", "structure_of"]


class Structure(NamedTuple):
    """Sparsity of the factors, with microstates in the order ``order`` (new place to old).

    Values of a matrix lie in one array: entries by row, columns ascending, then the diagonal.

    ``row``: (n + 1,); ``middle``: first entry above the diagonal of each row; ``column``: of each
    entry; ``mixed``: rows whose upper entries become complex; ``place``: where each off-diagonal
    entry of the generator's pattern lies.
    ``op_start``: eliminations of each entry below the diagonal; ``op_to``, ``op_from``: value that is
    changed, value of the pivot row that is taken.
    ``fate_exit``, ``fate_role``, ``probability``, ``exit_first``, ``exit_rate``, ``exit_role``,
    ``exit_place``: the process; ``landing``, ``landing_fate``: value to which each daughter adds.
    ``parents``, ``watched``, ``pair_*``: see ``Pattern``, in the new order.
    """

    order: IntArray
    row: IntArray
    middle: IntArray
    column: IntArray
    mixed: NDArray[np.bool_]
    op_start: IntArray
    op_to: IntArray
    op_from: IntArray
    fate_role: IntArray
    probability: FloatArray
    exit_first: IntArray
    exit_rate: FloatArray
    exit_role: IntArray
    exit_place: IntArray
    landing: IntArray
    landing_fate: IntArray
    parents: IntArray
    watched: IntArray
    pair_fate: IntArray
    pair_parent: IntArray
    pair_first: IntArray
    pair_second: IntArray
    pair_number: FloatArray

    @property
    def size(self) -> int:
        """Number of microstates."""
        return len(self.order)


_STRUCTURES: WeakKeyDictionary[Process, Structure] = WeakKeyDictionary()


def structure_of(process: Process) -> Structure:
    """Return the structure of a process, found once."""
    structure = _STRUCTURES.get(process)
    if structure is None:
        structure = _STRUCTURES[process] = _build(process)
    return structure


def _build(process: Process) -> Structure:
    a, n, pattern = process.arrays, process.n_states, pattern_of(process)
    source = np.repeat(np.arange(n), np.diff(pattern.row_start))
    order = _flow_order(source, pattern.column, n)
    new = np.empty(n, dtype=np.int64)
    new[order] = np.arange(n)
    rows = _filled({(int(new[i]), int(new[j])) for i, j in zip(source, pattern.column, strict=True)}, n)
    entries = [(i, j) for i in range(n) for j in rows[i]]
    where = {pair: k for k, pair in enumerate(entries)} | {(i, i): len(entries) + i for i in range(n)}
    row = np.searchsorted([i for i, _ in entries], np.arange(n + 1)).astype(np.int64)
    middle = np.array([row[i] + sum(j < i for j in rows[i]) for i in range(n)], dtype=np.int64)
    op_start, op_to, op_from = _eliminations(entries, rows, where)
    ends = [(int(i), int(j)) for i, j in zip(source, pattern.column, strict=True)] + [
        (i, i) for i in range(n)
    ]
    landing = [where[int(new[ends[e][0]]), int(new[ends[e][1]])] for e in pattern.daughter_entry]
    return Structure(
        order=order,
        row=row,
        middle=middle,
        column=np.array([j for _, j in entries], dtype=np.int64),
        mixed=middle > row[:-1],
        op_start=op_start,
        op_to=op_to,
        op_from=op_from,
        fate_role=a.fate_role,
        probability=a.fate_probability,
        exit_first=a.exit_fates,
        exit_rate=a.exit_rate,
        exit_role=a.exit_role,
        exit_place=len(entries) + new[a.exit_source],
        landing=np.array(landing, dtype=np.int64),
        landing_fate=pattern.daughter_fate,
        parents=new[pattern.parents],
        watched=new[pattern.watched],
        pair_fate=pattern.pair_fate,
        pair_parent=pattern.pair_parent,
        pair_first=pattern.pair_first,
        pair_second=pattern.pair_second,
        pair_number=pattern.pair_number,
    )


def _flow_order(source: IntArray, target: IntArray, n: int) -> IntArray:
    """Return microstates so that flow goes forward, but for cycles, which stay together."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(source)), (source, target)), shape=(n, n))
    number, on = connected_components(graph, directed=True, connection="strong")
    first: IntArray = np.full(number, n, dtype=np.int64)
    np.minimum.at(first, on, np.arange(n))
    # Who comes later has more ancestors; those on one cycle have the same, and the same first of them.
    ancestors = _ancestors(on, on[source], on[target], number)
    return np.lexsort((np.arange(n), first[on], ancestors[on])).astype(np.int64)


def _ancestors(on: IntArray, source: IntArray, target: IntArray, number: int) -> IntArray:
    """Return how many microstates lead to each cycle, its own included; edges are between cycles."""
    sizes = np.bincount(on, minlength=number)
    steps = {(int(i), int(j)) for i, j in zip(source, target, strict=True) if i != j}
    onward: dict[int, list[int]] = {}
    waits = [0] * number
    for i, j in steps:
        onward.setdefault(i, []).append(j)
        waits[j] += 1
    # One bit a cycle: sets of thousands unite in a few machine words' time.
    above = [1 << c for c in range(number)]
    ready = [c for c in range(number) if waits[c] == 0]
    while ready:
        c = ready.pop()
        for j in onward.get(c, ()):
            above[j] |= above[c]
            waits[j] -= 1
            if waits[j] == 0:
                ready.append(j)
    found = np.zeros(number, dtype=np.int64)
    for c, bits in enumerate(above):
        members = np.frombuffer(bits.to_bytes(number // 8 + 1, "little"), dtype=np.uint8)
        found[c] = sizes[np.unpackbits(members, bitorder="little")[:number] == 1].sum()
    return found


def _filled(pairs: set[tuple[int, int]], n: int) -> list[list[int]]:
    """Return the columns of each row of the factors, ascending, fill included."""
    rows: list[set[int]] = [set() for _ in range(n)]
    for i, j in pairs:
        rows[i].add(j)
    for i in range(n):
        done: set[int] = set()
        while lower := sorted(j for j in rows[i] - done if j < i):
            k = lower[0]
            done.add(k)
            rows[i] |= {j for j in rows[k] if j > k and j != i}
    return [sorted(r) for r in rows]


def _eliminations(
    entries: list[tuple[int, int]], rows: list[list[int]], where: dict[tuple[int, int], int]
) -> tuple[IntArray, IntArray, IntArray]:
    """Return, for each entry below the diagonal, what subtracting its pivot row changes."""
    start, to, source = [0], [], []
    for i, k in entries:
        if k < i:
            for j in rows[k]:
                if j > k:
                    to.append(where[i, j])
                    source.append(where[k, j])
        start.append(len(to))
    return tuple(np.array(x, dtype=np.int64) for x in (start, to, source))  # type: ignore[return-value]
