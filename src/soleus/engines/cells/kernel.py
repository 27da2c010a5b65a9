"""Compiled kernel of the exact engine: cells of one microstate, a block at a time.

Cells do not interact, so the order in which they are followed does not matter. Waiting cells lie in
one pile per microstate. A block of cells leaves the fullest place downstream, all draw their waits
at once, and their daughters go on the piles: simple loops without surprises for the processor.
Founders enter only when no pile holds a block, and the newest cells of a pile leave first, so that
memory follows blocks and generations, not events.

An event is one mark at its fate and piece of time; counts on sampling days follow from the marks.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from soleus.engines.cells.lookup import cumulated_at, find_piece, invert, land
from soleus.engines.cells.random import (
    Words,
    exponential,
    fill_exponential,
    fill_gamma,
    fill_uniform,
    gamma,
    uniform,
)
from soleus.engines.cells.tables import Fates, Hazards, Jumps
from soleus.engines.compiled import inner_kernel, kernel
from soleus.lineage.process import FloatArray, IntArray

__all__ = ["Marks", "run_cells"]

_U = np.uint64  # see lookup


class Marks(NamedTuple):
    """What happened: events by fate and piece, (F, P), and cells gained at each jump, (J, n)."""

    fated: IntArray
    jumped: IntArray


class _Piles(NamedTuple):
    """Times of birth of waiting cells: microstate i from ``i * room`` to ``top[i]``."""

    born: FloatArray
    top: IntArray
    room: int


@inner_kernel
def _empty_piles(states: int, room: int) -> _Piles:
    top = np.empty(states + 1, dtype=np.int64)
    for i in range(states + 1):
        top[i] = i * room
    return _Piles(np.empty((states + 1) * room), top, room)


@inner_kernel
def _with_room(piles: _Piles, most: int) -> _Piles:
    """Return the piles with room for ``most`` more cells on each."""
    highest = 0
    for i in range(piles.top.size):
        highest = max(highest, piles.top[i] - i * piles.room)
    if highest + most <= piles.room:
        return piles
    larger = _empty_piles(piles.top.size - 1, 2 * (highest + most))
    for i in range(piles.top.size):
        for k in range(piles.top[i] - i * piles.room):
            larger.born[larger.top[i] + k] = piles.born[i * piles.room + k]
        larger.top[i] += piles.top[i] - i * piles.room
    return larger


@inner_kernel
def _next_pile(piles: _Piles, fates: Fates, founders_left: bool) -> int:
    """Return the lowest pile that holds a block; without founders the first with a cell; or -1."""
    for i in range(piles.top.size - 2, -1, -1):
        if piles.top[i] - i * piles.room >= fates.block[i]:
            return i
    if not founders_left:
        for i in range(piles.top.size - 1):
            if piles.top[i] > i * piles.room:
                return i
    return -1


@inner_kernel
def _move(jumps: Jumps, marks: Marks, words: Words, cut: int, state: int) -> int:
    """Return the microstate after the jump at a cut, or -1 if the cell leaves; mark the move."""
    lands = land(jumps, words, cut, state)
    if lands != state:
        marks.jumped[jumps.at[cut], state] -= 1
        if lands >= 0:
            marks.jumped[jumps.at[cut], lands] += 1
    return lands


@inner_kernel
def _put(piles: _Piles, state: int, t: float) -> None:
    piles.born[piles.top[state]] = t
    piles.top[state] += 1


@inner_kernel
def _found(
    piles: _Piles, hazards: Hazards, jumps: Jumps, marks: Marks, words: Words, state: int, number: int
) -> None:
    """Put founders on the piles; a jump at the very start moves them first."""
    for _ in range(number):
        lands = _move(jumps, marks, words, 0, state) if jumps.at[0] >= 0 else state
        if lands >= 0:
            _put(piles, lands, hazards.cut[0])


@inner_kernel
def _leave(
    piles: _Piles,
    hazards: Hazards,
    jumps: Jumps,
    marks: Marks,
    words: Words,
    i: int,
    number: int,
    when: FloatArray,
    piece: IntArray,
) -> int:
    """Draw when the last ``number`` cells of pile i leave; return how many do, the rest waits or jumps.

    Write times and pieces to ``when`` and ``piece``.
    """
    base = piles.top[i] - number
    piles.top[i] = base
    if hazards.scale[i] == 0.0 and jumps.first.shape[0] == 0:
        return 0
    fill_exponential(words, when, number)
    born, cut, leaving = piles.born, hazards.cut, 0
    days, pace = hazards.piece, hazards.pace
    inverse, pieces, latest = hazards.inverse[i], cut.size - 1, hazards.latest
    if hazards.steady[i] and jumps.first.shape[0] == 0:
        wait, end = inverse[0], cut[pieces]
        for k in range(number):
            t = born[_U(base + k)] + wait * when[_U(k)]
            when[_U(leaving)] = t
            leaving += 1 if t < end else 0
        for k in range(leaving):
            piece[_U(k)] = np.int64(find_piece(cut, days, pace, when[_U(k)]))
        return leaving
    total, rate, guide, scale = hazards.sum[i], hazards.rate[i], hazards.guide[i], hazards.scale[i]
    following, jumping = jumps.following, 0
    for k in range(number):
        t = born[_U(base + k)]
        p = find_piece(cut, days, pace, t)
        target = total[p] + rate[p] * (t - cut[p]) + when[_U(k)]
        stop = following[p]
        gone = target < total[_U(stop)]
        when[_U(leaving)] = target
        leaving += 1 if gone else 0
        piece[_U(jumping)] = stop
        jumping += 1 if not gone and stop < pieces else 0
    for k in range(jumping):
        lands = _move(jumps, marks, words, piece[k], i)
        if lands >= 0:
            _put(piles, lands, cut[piece[k]])
    for k in range(leaving):
        target = when[_U(k)]
        p = find_piece(total, guide, scale, target)
        when[_U(k)] = min(cut[p] + (target - total[p]) * inverse[p], latest)
        piece[_U(k)] = np.int64(p)
    return leaving


@inner_kernel
def _arrive(
    hazards: Hazards, words: Words, i: int, so_far: FloatArray, number: int, when: FloatArray, piece: IntArray
) -> int:
    """Draw the next arrivals from the outside, a Poisson stream; fewer than ``number`` at its end."""
    total, guide, scale = hazards.sum[i], hazards.guide[i], hazards.scale[i]
    fill_exponential(words, when, number)
    for k in range(number):
        so_far[0] += when[k]
        if so_far[0] >= total[-1]:
            return k
        p = find_piece(total, guide, scale, so_far[0])
        when[k] = min(hazards.cut[p] + (so_far[0] - total[p]) * hazards.inverse[i, p], hazards.latest)
        piece[k] = np.int64(p)
    return number


@inner_kernel
def _bear(
    piles: _Piles,
    fates: Fates,
    marks: Marks,
    words: Words,
    i: int,
    span: tuple[int, int],
    number: int,
    when: FloatArray,
    piece: IntArray,
    draw: FloatArray,
) -> None:
    """Draw the fates of ``number`` cells that left microstate i and put their daughters on the piles.

    ``span``: the fates that are drawn from.
    """
    born, top, fated = piles.born, piles.top, marks.fated
    threshold, daughters = fates.threshold, fates.daughters
    first, last = span
    wide = fates.wide[i]
    if last - first == 1:
        for k in range(number):
            fated[_U(first), _U(piece[_U(k)])] += 1
        for j in range(wide):
            d = daughters[first, j]
            place = top[d]
            for k in range(number):
                born[_U(place + k)] = when[_U(k)]
            top[d] = place + (number if d < top.size - 1 else 0)
        return
    fill_uniform(words, draw, number)
    nobody = _U(top.size - 1)
    for k in range(number):
        p, x, f = _U(piece[_U(k)]), draw[_U(k)], first
        for g in range(first, last - 1):
            f += 1 if x >= threshold[_U(g), p] else 0
        fated[_U(f), p] += 1
        for j in range(wide):
            d = _U(daughters[_U(f), _U(j)])
            place = top[d]
            born[_U(place)] = when[_U(k)]
            top[d] = place + (1 if d < nobody else 0)


@inner_kernel
def _run_out(
    piles: _Piles,
    hazards: Hazards,
    words: Words,
    i: int,
    number: int,
    when: FloatArray,
    piece: IntArray,
    draw: FloatArray,
) -> tuple[int, int]:
    """As ``_leave`` for a microstate with a gamma clock, where no jump comes between.

    Return how many cells leave by their clock and how many by another exit; these come last, from
    the far end of ``when`` and ``piece`` inward.
    """
    base, clock = piles.top[i] - number, hazards.clock[i]
    piles.top[i] = base
    fill_gamma(words, when, number, hazards.shape[i], draw)
    competed = hazards.scale[i] > 0.0
    if competed:
        fill_exponential(words, draw, number)
    born, cut, days, pace = piles.born, hazards.cut, hazards.piece, hazards.pace
    total, rate, inverse = hazards.sum[clock], hazards.rate[clock], hazards.inverse[clock]
    guide, scale = hazards.guide[clock], hazards.scale[clock]
    total_o, rate_o, inverse_o = hazards.sum[i], hazards.rate[i], hazards.inverse[i]
    guide_o, scale_o = hazards.guide[i], hazards.scale[i]
    pieces, latest, by_clock, by_other = cut.size - 1, hazards.latest, 0, 0
    far = when.size - 1
    for k in range(number):
        t = born[_U(base + k)]
        p = find_piece(cut, days, pace, t)
        end, at, other = cut[pieces], _U(0), False
        target = total[p] + rate[p] * (t - cut[p]) + when[_U(k)]
        if target < total[pieces]:
            at = find_piece(total, guide, scale, target)
            end = min(cut[at] + (target - total[at]) * inverse[at], latest)
        if competed:
            target = total_o[p] + rate_o[p] * (t - cut[p]) + draw[_U(k)]
            if target < total_o[pieces]:
                q = find_piece(total_o, guide_o, scale_o, target)
                until = cut[q] + (target - total_o[q]) * inverse_o[q]
                if until < end:
                    end, at, other = until, q, True
        if other:
            when[_U(far - by_other)] = end
            piece[_U(far - by_other)] = np.int64(at)
            by_other += 1
        elif end < cut[pieces]:
            when[_U(by_clock)] = end
            piece[_U(by_clock)] = np.int64(at)
            by_clock += 1
    return by_clock, by_other


@inner_kernel
def _time_out(  # noqa: C901 - one cell's whole step
    piles: _Piles, hazards: Hazards, fates: Fates, jumps: Jumps, marks: Marks, words: Words, i: int, t: float
) -> int:
    """Follow one cell with a gamma clock to its next event; return the number of events (0 or 1).

    A jump keeps what is left of the clock where the cell lands at a clock of the same shape.
    """
    shape = hazards.shape[i]
    left, last = gamma(words, shape), hazards.cut.size - 1
    while True:
        p, clock = find_piece(hazards.cut, hazards.piece, hazards.pace, t), hazards.clock[i]
        stop = jumps.following[p]
        begun, target = cumulated_at(hazards, clock, p, t), cumulated_at(hazards, i, p, t)
        end, until = hazards.cut[stop], hazards.sum[clock, stop] - begun
        group = -1
        if left < until:
            end, p = invert(hazards, clock, begun + left)
            group = 0
        if hazards.scale[i] > 0.0:
            target += exponential(words)
            if target < hazards.sum[i, stop]:
                other, q = invert(hazards, i, target)
                if other < end:
                    end, p, group = other, q, 1
        if group >= 0:
            f = fates.first[i] if group == 0 else fates.middle[i]
            x = uniform(words)
            while x >= fates.threshold[f, p]:
                f += 1
            marks.fated[f, p] += 1
            for j in range(fates.daughters.shape[1]):
                if fates.daughters[f, j] < piles.top.size - 1:
                    _put(piles, fates.daughters[f, j], end)
            return 1
        if stop == last:
            return 0
        t, left = hazards.cut[stop], left - until
        lands = _move(jumps, marks, words, stop, i)
        if lands < 0:
            return 0
        if hazards.shape[lands] != shape:
            _put(piles, lands, t)
            return 0
        i = lands


@kernel
def run_cells(
    hazards: Hazards,
    fates: Fates,
    jumps: Jumps,
    start: IntArray,
    outside: int,
    entries: tuple[IntArray, FloatArray],
    words: Words,
    max_events: int,
) -> tuple[Marks, int]:
    """Follow all descendants of ``start`` cells; return the marks and the number of events (-1: too many).

    ``entries``: microstates and days of cells that enter besides; ``outside``: microstate of the Poisson
    stream of arrivals, or -1; it has no founders.
    """
    n, pieces = start.size, hazards.cut.size - 1
    marks = Marks(
        np.zeros((fates.threshold.shape[0], pieces), dtype=np.int64),
        np.zeros((jumps.first.shape[0], n), dtype=np.int64),
    )
    most, block = fates.daughters.shape[1], 1
    for i in range(n):
        block = max(block, fates.block[i])
    when, draw = np.empty(2 * block + 1), np.empty(block)
    piece = np.empty(2 * block + 1, dtype=np.int64)
    piles = _with_room(_empty_piles(n, 4 * block), entries[0].size)
    for k in range(entries[0].size):
        _put(piles, entries[0][k], entries[1][k])
    left, founder, events, so_far = start.copy(), 0, 0, np.zeros(1)
    arriving = outside >= 0
    while events <= max_events:
        while founder < n and left[founder] == 0:
            founder += 1
        i = _next_pile(piles, fates, founder < n or arriving)
        if i < 0 and founder < n:
            piles = _with_room(piles, fates.block[founder])
            number = min(fates.block[founder], left[founder])
            left[founder] -= number
            _found(piles, hazards, jumps, marks, words, founder, number)
        elif i < 0 and arriving:
            piles = _with_room(piles, 2 * fates.block[outside])
            number = _arrive(hazards, words, outside, so_far, fates.block[outside], when, piece)
            arriving = number == fates.block[outside]
            span = (fates.first[outside], fates.first[outside + 1])
            _bear(piles, fates, marks, words, outside, span, number, when, piece, draw)
            piles.top[outside] = outside * piles.room
            events += number
        elif i < 0:
            return marks, events
        else:
            number = min(fates.block[i], piles.top[i] - i * piles.room)
            timed = hazards.clock[i] >= 0
            piles = _with_room(piles, number * max(most if timed else fates.wide[i], 1))
            span, middle = (fates.middle[i], fates.first[i + 1]), fates.first[i]
            if timed and jumps.first.shape[0] > 0:
                for _ in range(number):
                    piles.top[i] -= 1
                    t = piles.born[piles.top[i]]
                    events += _time_out(piles, hazards, fates, jumps, marks, words, i, t)
            elif timed:
                number, other = _run_out(piles, hazards, words, i, number, when, piece, draw)
                _bear(piles, fates, marks, words, i, (middle, span[0]), number, when, piece, draw)
                for k in range(other):
                    when[k], piece[k] = when[when.size - 1 - k], piece[when.size - 1 - k]
                _bear(piles, fates, marks, words, i, span, other, when, piece, draw)
                events += number + other
            else:
                number = _leave(piles, hazards, jumps, marks, words, i, number, when, piece)
                _bear(piles, fates, marks, words, i, span, number, when, piece, draw)
                events += number
    return marks, -1
