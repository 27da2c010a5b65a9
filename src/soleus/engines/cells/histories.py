"""Compiled kernel of the exact engine that remembers: one cell followed to its end before the next.

The other kernel of this folder only counts. This one lets each cell carry what its line of descent
went through (labels, days in S phase, its clone) and writes living cells on sampling days, stays of
cells, or both. Waiting sisters lie on a stack, so memory follows generations and output, not events.

Everything that happens on one day happens in this order: sample, jump, pulse and clone label.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soleus.engines.cells.carried import ALIVE, JUMPED, STAY, Column, Labels, Limits, Recorded, Used
from soleus.engines.cells.lookup import invert, land
from soleus.engines.cells.random import Words, exponential, gamma, uniform
from soleus.engines.cells.tables import Fates, Hazards, Jumps
from soleus.engines.compiled import inner_kernel, kernel
from soleus.lineage.process import FloatArray, IntArray

__all__ = ["run_histories"]

# Compiled code reads plain numbers.
_STATE, _PIECE, _NOW, _LEFT = Column.STATE, Column.PIECE, Column.NOW, Column.LEFT
_ENTERED, _BORN, _FROM, _TO = Column.ENTERED, Column.BORN, Column.FROM, Column.TO
_CLONE, _CELL, _MOTHER, _PULSES = Column.CLONE, Column.CELL, Column.MOTHER, Column.PULSES
_ROWS, _STAYS, _CLONES = Used.ROWS, Used.STAYS, Used.CLONES
_WAITING, _CELLS, _EVENTS = Used.WAITING, Used.CELLS, Used.EVENTS


@inner_kernel
def _copy(table: FloatArray, row: int, other: FloatArray, origin: int) -> None:
    for c in range(table.shape[1]):
        table[row, c] = other[origin, c]


@inner_kernel
def _within(used: IntArray, most: IntArray) -> bool:
    for c in range(used.size):
        if used[c] > most[c]:
            return False
    return True


@inner_kernel
def _reach(
    cut: FloatArray,
    rate: FloatArray,
    inverse: FloatArray,
    total: FloatArray,
    guide: NDArray[np.int32],
    scale: FloatArray,
    row: int,
    target: float,
) -> tuple[float, int]:
    """Return when a row's cumulated hazard reaches ``target``, and the piece, as ``lookup.invert``.

    Plain arrays and no views of rows: both would count references, an event's whole cost.
    """
    p = int(guide[row, int(target * scale[row])])
    while total[row, p + 1] <= target:
        p += 1
    return cut[p] + (target - total[row, p]) * inverse[row, p], p


@inner_kernel
def _wait(
    cut: FloatArray,
    rate: FloatArray,
    inverse: FloatArray,
    total: FloatArray,
    guide: NDArray[np.int32],
    scale: FloatArray,
    clock: int,
    stop: int,
    words: Words,
    line: FloatArray,
) -> tuple[float, int, int]:
    """Return when the cell at hand leaves, in which piece, and how.

    How: 0 by its clock, 1 by another exit, -1 not before the next jump or the end, ``stop``.
    """
    i, p, t = int(line[0, _STATE]), int(line[0, _PIECE]), line[0, _NOW]
    end, q, how = cut[stop], stop, -1
    if clock >= 0:
        target = total[clock, p] + rate[clock, p] * (t - cut[p]) + line[0, _LEFT]
        line[0, _LEFT] = target - total[clock, stop]
        if target < total[clock, stop]:
            end, q = _reach(cut, rate, inverse, total, guide, scale, clock, target)
            how = 0
    if scale[i] > 0.0:
        target = total[i, p] + rate[i, p] * (t - cut[p]) + exponential(words)
        if target < total[i, stop]:
            other, at = _reach(cut, rate, inverse, total, guide, scale, i, target)
            if how < 0 or other < end:
                end, q, how = other, at, 1
    return max(end, t), q, how


@inner_kernel
def _draw_fate(threshold: FloatArray, words: Words, first: int, end: int, p: int) -> int:
    """Return one of the fates from ``first`` to before ``end`` in a piece."""
    f = first
    if end - f > 1:
        x = uniform(words)
        while x >= threshold[f, p]:
            f += 1
    return f


@inner_kernel
def _label(
    table: FloatArray,
    row: int,
    begins: FloatArray,
    ends: FloatArray,
    taken: NDArray[np.bool_],
    span: tuple[float, float],
) -> None:
    """Label the cell in a row by the pulses that it meets where it is between two days."""
    since, until = span
    for k in range(begins.size):
        begin = begins[k]
        if begin < until and (since < ends[k] or since <= begin) and taken[k, int(table[row, _STATE])]:
            table[row, _PULSES + k] = 0.0


@inner_kernel
def _sample(
    rows: FloatArray, used: IntArray, line: FloatArray, labels: Labels, limits: Limits, first: int, last: int
) -> None:
    """Write the cell at hand on the sampling days from one to before another."""
    since = line[0, _NOW]
    for s in range(first, last):
        row, day = used[_ROWS], limits.days[s]
        used[_ROWS] += 1
        _copy(rows, row, line, 0)
        _label(rows, row, labels.begins, labels.ends, labels.taken, (since, day))
        rows[row, _PIECE] = s
        # This stretch gives the clone its number when it ends: the next one.
        if since <= labels.clones_on < day:
            rows[row, _CLONE] = used[_CLONES]


@inner_kernel
def _found_clone(clones: FloatArray, used: IntArray, lines: FloatArray, row: int, day: float) -> None:
    """Make the cell in a row the founder of a clone."""
    lines[row, _CLONE] = used[_CLONES]
    clones[used[_CLONES], _STATE] = lines[row, _STATE]
    clones[used[_CLONES], _ENTERED] = day
    used[_CLONES] += 1


@inner_kernel
def _write_stay(stays: FloatArray, used: IntArray, line: FloatArray, day: float, ending: int) -> None:
    row = used[_STAYS]
    used[_STAYS] += 1
    stays[row, 0], stays[row, 1], stays[row, 2] = line[0, _CELL], line[0, _MOTHER], line[0, _CLONE]
    stays[row, 3], stays[row, 4] = line[0, _STATE], ending
    stays[row, 5], stays[row, 6] = line[0, _ENTERED], day


@inner_kernel
def _enter(
    lines: FloatArray, row: int, synthesis: NDArray[np.bool_], state: int, p: int, t: float, divided: bool
) -> None:
    """Let the cell in a row enter a microstate; a division begins its time in S phase anew."""
    was, now = synthesis[int(lines[row, _STATE])], synthesis[state]
    if was and not now:
        lines[row, _TO] = t
    if now and (divided or not was):
        lines[row, _FROM], lines[row, _TO] = t, np.nan
    lines[row, _STATE], lines[row, _PIECE], lines[row, _NOW], lines[row, _ENTERED] = state, p, t, t


@inner_kernel
def _wind(hazards: Hazards, words: Words, line: FloatArray) -> None:
    """Draw the gamma number at which the clock of the cell at hand will end, if it has one."""
    i = int(line[0, _STATE])
    if hazards.clock[i] >= 0:
        line[0, _LEFT] = gamma(words, hazards.shape[i])


@inner_kernel
def _divide(
    lines: FloatArray,
    used: IntArray,
    daughters: IntArray,
    synthesis: NDArray[np.bool_],
    f: int,
    number: int,
    p: int,
    t: float,
) -> None:
    """Put the daughters of the cell at hand on the stack; each is a new cell with half the label."""
    for j in range(number):
        used[_WAITING] += 1
        row = used[_WAITING]
        _copy(lines, row, lines, 0)
        _enter(lines, row, synthesis, daughters[f, j], p, t, True)
        lines[row, _BORN], lines[row, _CELL], lines[row, _MOTHER] = t, used[_CELLS], lines[0, _CELL]
        used[_CELLS] += 1
        for c in range(_PULSES, lines.shape[1]):
            if lines[row, c] >= 0.0:
                lines[row, c] += 1.0


@inner_kernel
def _descend(  # noqa: C901 - a cell's whole step, its arrays bound once: each binding counts a reference
    hazards: Hazards,
    fates: Fates,
    jumps: Jumps,
    words: Words,
    labels: Labels,
    limits: Limits,
    lines: FloatArray,
    rows: FloatArray,
    stays: FloatArray,
    clones: FloatArray,
    used: IntArray,
    room: IntArray,
) -> None:
    """Follow the cell at hand and those that wait, until none is left or room runs out."""
    cut, rate, inverse, total = hazards.cut, hazards.rate, hazards.inverse, hazards.sum
    guide, scale, clock, shape = hazards.guide, hazards.scale, hazards.clock, hazards.shape
    first, middle, threshold, daughters = fates.first, fates.middle, fates.threshold, fates.daughters
    following, passed, number, synthesis = jumps.following, limits.passed, labels.daughters, labels.synthesis
    begins, ends, taken, clones_on = labels.begins, labels.ends, labels.taken, labels.clones_on
    pulses, last = begins.size, cut.size - 1
    while used[_WAITING] >= 0 and _within(used, room):
        used[_EVENTS] += 1
        i, p, since = int(lines[0, _STATE]), int(lines[0, _PIECE]), lines[0, _NOW]
        stop = following[p]
        end, q, how = _wait(cut, rate, inverse, total, guide, scale, clock[i], stop, words, lines)
        if passed[p] < passed[q]:
            _sample(rows, used, lines, labels, limits, passed[p], passed[q])
        if pulses > 0:
            _label(lines, 0, begins, ends, taken, (since, end))
        if since <= clones_on < end:
            _found_clone(clones, used, lines, 0, clones_on)
        ending, lands = ALIVE, i
        if how == 0:
            ending = _draw_fate(threshold, words, first[i], middle[i], q)
        elif how == 1:
            ending = _draw_fate(threshold, words, middle[i], first[i + 1], q)
        elif q < last:
            lands, ending = land(jumps, words, q, i), JUMPED
            if lands == i:
                lines[0, _PIECE], lines[0, _NOW] = q, end
                continue
        if limits.stays:
            _write_stay(stays, used, lines, end, ending)
        keeps = False
        if ending >= 0 and number[ending] == 1:
            # One daughter is the same cell, moved on.
            lands = daughters[ending, 0]
            _enter(lines, 0, synthesis, lands, q, end, False)
        elif ending == JUMPED and lands >= 0:
            _enter(lines, 0, synthesis, lands, q, end, False)
            # What is left of a clock is kept at a clock of the same shape.
            keeps = shape[lands] == shape[i]
        else:
            if ending >= 0:
                _divide(lines, used, daughters, synthesis, ending, number[ending], q, end)
            if used[_WAITING] > 0:
                _copy(lines, 0, lines, used[_WAITING])
            used[_WAITING] -= 1
            lands = int(lines[0, _STATE])
        if clock[lands] >= 0 and not keeps:
            lines[0, _LEFT] = gamma(words, shape[lands])


@inner_kernel
def _begin(
    lines: FloatArray, clones: FloatArray, used: IntArray, labels: Labels, state: int, p: int, t: float
) -> None:
    """Put a cell without a mother on the stack."""
    used[_WAITING] += 1
    row = used[_WAITING]
    lines[row, _STATE], lines[row, _PIECE], lines[row, _NOW] = state, p, t
    lines[row, _LEFT], lines[row, _ENTERED], lines[row, _BORN] = 0.0, t, t
    lines[row, _FROM], lines[row, _TO] = t if labels.synthesis[state] else np.nan, np.nan
    lines[row, _CELL], lines[row, _MOTHER], lines[row, _CLONE] = used[_CELLS], -1, -1
    used[_CELLS] += 1
    for k in range(labels.begins.size):
        lines[row, _PULSES + k] = -1.0
    if np.isnan(labels.clones_on):
        _found_clone(clones, used, lines, row, t)


@inner_kernel
def _first_day(
    hazards: Hazards,
    jumps: Jumps,
    words: Words,
    labels: Labels,
    limits: Limits,
    lines: FloatArray,
    rows: FloatArray,
    stays: FloatArray,
    used: IntArray,
) -> None:
    """Let a founder meet what happens on the very first day: a sample, then a jump."""
    state, t = int(lines[0, _STATE]), lines[0, _NOW]
    _sample(rows, used, lines, labels, limits, 0, limits.passed[0])
    if jumps.at[0] >= 0:
        lands = land(jumps, words, 0, state)
        if lands != state and limits.stays:
            _write_stay(stays, used, lines, t, JUMPED)
        if lands < 0:
            used[_WAITING] = -1
            return
        if lands != state:
            _enter(lines, 0, labels.synthesis, lands, 0, t, False)
    _wind(hazards, words, lines)


@inner_kernel
def _arrive(
    hazards: Hazards,
    fates: Fates,
    words: Words,
    labels: Labels,
    lines: FloatArray,
    clones: FloatArray,
    used: IntArray,
    outside: int,
    so_far: float,
) -> None:
    """Let cells enter from outside, where its cumulated hazard has reached a number."""
    t, at = invert(hazards, outside, so_far)
    p = int(np.int64(at))
    f = _draw_fate(fates.threshold, words, fates.middle[outside], fates.first[outside + 1], p)
    for j in range(labels.daughters[f]):
        if fates.daughters[f, j] != outside:
            _begin(lines, clones, used, labels, fates.daughters[f, j], p, t)
    _wind(hazards, words, lines)


@inner_kernel
def _enlarged(table: FloatArray, used: int, spare: int) -> FloatArray:
    """Return a table with room for as much again, if little is left."""
    if used + spare < table.shape[0]:
        return table
    larger = np.empty((2 * (used + spare + 8), table.shape[1]))
    for row in range(min(used, table.shape[0])):
        _copy(larger, row, table, row)
    return larger


@kernel
def run_histories(
    hazards: Hazards,
    fates: Fates,
    jumps: Jumps,
    founders: IntArray,
    outside: int,
    words: Words,
    labels: Labels,
    limits: Limits,
) -> Recorded:
    """Follow all descendants of ``founders``, shape (n,), and of arrivals; stop beyond a limit.

    ``outside``: microstate of the Poisson stream of arrivals, or -1; it has no founders.
    """
    wide, most = _PULSES + labels.begins.size, limits.most
    days, born = limits.days.size, fates.daughters.shape[1] + 2
    lines, rows = np.empty((0, wide)), np.empty((0, wide))
    stays, clones = np.empty((0, len(STAY))), np.empty((0, _PULSES))
    used, room = np.zeros(6, dtype=np.int64), most.copy()
    used[_WAITING], room[_WAITING] = -1, -2
    state, left = 0, founders[0]
    so_far = exponential(words) if outside >= 0 else 0.0
    while _within(used, most):
        if not _within(used, room):
            lines = _enlarged(lines, used[_WAITING] + 1, born)
            rows = _enlarged(rows, used[_ROWS], days)
            stays = _enlarged(stays, used[_STAYS], 2)
            clones = _enlarged(clones, used[_CLONES], born)
            room[_WAITING] = lines.shape[0] - born
            room[_ROWS] = min(most[_ROWS], rows.shape[0] - days)
            room[_STAYS] = min(most[_STAYS], stays.shape[0] - 2)
            room[_CLONES] = clones.shape[0] - born
        elif used[_WAITING] >= 0:
            _descend(hazards, fates, jumps, words, labels, limits, lines, rows, stays, clones, used, room)
        elif left > 0:
            left -= 1
            _begin(lines, clones, used, labels, state, 0, hazards.cut[0])
            _first_day(hazards, jumps, words, labels, limits, lines, rows, stays, used)
        elif state < founders.size - 1:
            state += 1
            left = founders[state]
        elif outside >= 0 and so_far < hazards.sum[outside, -1]:
            _arrive(hazards, fates, words, labels, lines, clones, used, outside, so_far)
            so_far += exponential(words)
        else:
            break
    return Recorded(rows, stays, clones, used)
