"""What the exact engine looks up: cumulated hazards and their inverses, fates, jumps.

Time is cut at modifier edges, jumps and sampling days; between two cuts every rate is constant. A
row of hazards is cumulated over the cuts, so that a wait is found by one look-up in the inverse: no
rejection, no piece-by-piece walk. Guides hold, for evenly spaced values, the piece to begin with.
"""

from __future__ import annotations

from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from soleus.engines.compiled import kernel
from soleus.engines.schedule import Schedule, jump_rows
from soleus.lineage import Process
from soleus.lineage.process import FloatArray, IntArray

__all__ = ["Fates", "Hazards", "Jumps", "changes_of", "tabulate_fates", "tabulate_hazards", "tabulate_jumps"]

_GUIDE = 512
_BLOCK = 1024
_PUSHED = 4096


class Hazards(NamedTuple):
    """Hazards by row and piece: one row a microstate (its memoryless exits), then one a gamma clock.

    ``cut``: (P + 1,); ``piece``, ``pace``: guide of time; ``rate``, ``inverse``: (rows, P);
    ``sum``: cumulated from the first cut, (rows, P + 1); ``guide``, ``scale``: guides of each sum;
    ``steady``: rate the same in all pieces; ``clock``: row of a microstate's gamma clock or -1;
    ``shape``: of that clock; ``latest``: the last moment before the last cut, so that rounding puts no
    event on it.
    """

    cut: FloatArray
    piece: NDArray[np.int32]
    pace: float
    rate: FloatArray
    inverse: FloatArray
    sum: FloatArray
    guide: NDArray[np.int32]
    scale: FloatArray
    steady: NDArray[np.bool_]
    clock: IntArray
    shape: FloatArray
    latest: float


class Fates(NamedTuple):
    """Fates ``first[i]`` to ``first[i + 1]`` of microstate i; those before ``middle[i]`` end its gamma clock.

    ``threshold``: cumulated share among its group by fate and piece, (F, P); ``daughters``: filled up
    with n, (F, W); ``wide``: most daughters of any fate of a microstate; ``block``: cells to take at once.
    """

    first: IntArray
    middle: IntArray
    threshold: FloatArray
    daughters: IntArray
    wide: IntArray
    block: IntArray


class Jumps(NamedTuple):
    """``at``: jump at each cut or -1, (P + 1,); ``following``: cut of the next jump after a piece, or P.

    Moves of jump k from microstate i are those from ``first[k, i]`` to before ``first[k, i + 1]``.
    """

    at: IntArray
    following: IntArray
    first: IntArray
    target: IntArray
    share: FloatArray


def tabulate_jumps(process: Process, schedule: Schedule) -> Jumps:
    """Return the jumps of a schedule."""
    last = len(schedule.times) - 1
    following = np.full(last, last, dtype=np.int64)
    for piece in range(last - 2, -1, -1):
        here = schedule.jump_at[piece + 1] >= 0
        following[piece] = piece + 1 if here else following[piece + 1]
    return Jumps(schedule.jump_at, following, *jump_rows(schedule.jumps, process.n_states))


def tabulate_hazards(process: Process, schedule: Schedule) -> Hazards:
    """Return the hazards of a process under a schedule that lasts longer than no time."""
    a, n = process.arrays, process.n_states
    clocks = np.flatnonzero(a.exit_shape > 0.0)
    row = a.exit_source.copy()
    row[clocks] = n + np.arange(len(clocks))
    rate = np.zeros((n + len(clocks), len(schedule.times) - 1))
    clock = np.full(n, -1, dtype=np.int64)
    clock[a.exit_source[clocks]] = row[clocks]
    shape = np.zeros(n)
    shape[a.exit_source[clocks]] = a.exit_shape[clocks]
    np.add.at(rate, row, (schedule.role_values[:, a.exit_role] * a.exit_rate).T)
    piece, pace, inverse, total, guide, scale = _inverses(schedule.times, rate, _GUIDE)
    steady = np.all(rate == rate[:, :1], axis=1)
    latest = float(np.nextafter(schedule.times[-1], -np.inf))
    return Hazards(
        schedule.times, piece, pace, rate, inverse, total, guide, scale, steady, clock, shape, latest
    )


@kernel
def _inverses(cut: FloatArray, rate: FloatArray, size: int):  # type: ignore[no-untyped-def]
    """Return the fields of ``Hazards`` that follow from cuts and rates."""
    rows, pieces = rate.shape
    piece = np.empty(size + 1, dtype=np.int32)
    pace = size / (cut[pieces] - cut[0])
    # A guide may point too low, never too high: rounding must not pass a piece over.
    low = 1.0 - 1e-12
    p = 0
    for g in range(size + 1):
        while p + 1 < pieces and cut[p + 1] - cut[0] <= low * g / pace:
            p += 1
        piece[g] = p
    inverse = np.empty((rows, pieces))
    total = np.empty((rows, pieces + 1))
    guide = np.empty((rows, size + 1), dtype=np.int32)
    scale = np.empty(rows)
    for r in range(rows):
        total[r, 0] = 0.0
        for q in range(pieces):
            inverse[r, q] = 1.0 / rate[r, q] if rate[r, q] > 0.0 else 0.0
            total[r, q + 1] = total[r, q] + rate[r, q] * (cut[q + 1] - cut[q])
        scale[r] = size / total[r, pieces] if total[r, pieces] > 0.0 else 0.0
        p = 0
        for g in range(size + 1):
            while scale[r] > 0.0 and p + 1 < pieces and total[r, p + 1] <= low * g / scale[r]:
                p += 1
            guide[r, g] = p
    return piece, pace, inverse, total, guide, scale


def tabulate_fates(process: Process, schedule: Schedule) -> Fates:
    """Return the fates of a process under a schedule."""
    layout = _layout_of(process)
    a, values = process.arrays, schedule.role_values.T
    weight = np.where(a.fate_role[:, None] < 0, 1.0, values[a.fate_role]) * a.fate_probability[:, None]
    hazard = a.exit_rate[:, None] * values[a.exit_role]
    threshold = _cumulated_shares(weight, hazard, a.exit_fates, layout.group)
    return Fates(
        layout.first, layout.middle, threshold, layout.daughters, wide=layout.wide, block=layout.block
    )


class _Layout(NamedTuple):
    """What of ``Fates`` depends on the process alone; ``group``: of exits whose fates share one draw.

    ``changes``: see :func:`changes_of`.
    """

    first: IntArray
    middle: IntArray
    daughters: IntArray
    wide: IntArray
    block: IntArray
    group: IntArray
    changes: FloatArray


_LAYOUTS: WeakKeyDictionary[Process, _Layout] = WeakKeyDictionary()


def _layout_of(process: Process) -> _Layout:
    layout = _LAYOUTS.get(process)
    if layout is None:
        layout = _LAYOUTS[process] = _lay_out(process)
    return layout


def changes_of(process: Process) -> FloatArray:
    """Return the cells that each fate adds to each microstate, shape (F, n)."""
    return _layout_of(process).changes


def _lay_out(process: Process) -> _Layout:
    a, n = process.arrays, process.n_states
    number = np.diff(a.exit_fates)
    source = np.repeat(a.exit_source, number)
    born = np.diff(a.fate_daughters)
    widest = int(max(born, default=0))
    daughters = np.full((len(born), widest), n, dtype=np.int64)
    daughters[np.arange(widest) < born[:, None]] = a.daughters
    wide = np.zeros(n, dtype=np.int64)
    np.maximum.at(wide, source, born)
    first = np.searchsorted(source, np.arange(n + 1)).astype(np.int64)
    of_clock = np.repeat(a.exit_shape > 0.0, number)
    middle = (first[:-1] + np.bincount(source[of_clock], minlength=n)).astype(np.int64)
    block = np.clip(_PUSHED // np.maximum(wide, 1), 1, _BLOCK)
    changes = np.zeros((len(source), n))
    np.add.at(changes, (np.repeat(np.arange(len(source)), born), a.daughters), 1.0)
    changes[np.arange(len(source)), source] -= 1.0
    group = 2 * a.exit_source + (a.exit_shape == 0.0)
    return _Layout(first, middle, daughters, wide, block, group, changes)


@kernel
def _cumulated_shares(
    weight: FloatArray, hazard: FloatArray, exit_fates: IntArray, group: IntArray
) -> FloatArray:
    """Return the cumulated share of each fate among those of its exits' group, (F, P)."""
    exits, pieces = hazard.shape
    share = np.empty(weight.shape)
    begin = 0
    for end in range(1, exits + 1):
        if end < exits and group[end] == group[begin]:
            continue
        for p in range(pieces):
            total, possible = 0.0, exit_fates[end] - 1
            for e in range(begin, end):
                own = 0.0
                for f in range(exit_fates[e], exit_fates[e + 1]):
                    own += weight[f, p]
                for f in range(exit_fates[e], exit_fates[e + 1]):
                    chance = hazard[e, p] * weight[f, p] / own
                    total += chance
                    share[f, p] = total
                    if chance > 0.0:
                        possible = f
            for f in range(exit_fates[begin], exit_fates[end]):
                # The last possible fate takes what rounding leaves, so that no draw falls beyond it.
                share[f, p] = np.inf if f >= possible else share[f, p] / total
        begin = end
    return share
