"""Compiled kernel of the exact engine: follow one cell to its end before the next begins.

Cells do not interact, so the order in which they are followed does not matter, and the state of a
clone stays in the nearest cache. A cell's next exit is found by inverting its cumulated hazard
piece by piece: no rejection, no event queue. Sampling days cut no piece; a cell is counted on those
that its stay in a microstate spans.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from soleus.engines.cells.random import Words, exponential, uniform
from soleus.engines.compiled import inner_kernel, kernel
from soleus.lineage.process import FloatArray, IntArray

__all__ = ["Outcomes", "Timeline", "run_cells"]


class Timeline(NamedTuple):
    """Pieces of time and what acts at their ends.

    ``cut``: shape (P + 1,); ``jump_at``: jump that acts at each cut, or -1; ``days``: sampling days.
    A sample on the day of a jump is taken before it.
    """

    cut: FloatArray
    jump_at: IntArray
    jump_matrices: FloatArray
    days: FloatArray


class Outcomes(NamedTuple):
    """What can happen to a cell, by microstate: fates ``first[i]`` to ``first[i + 1]``.

    ``hazard``: total per day, shape (P, n); ``threshold``: cumulated share of each fate among its
    microstate's, shape (P, F); ``daughters[born[f]:born[f + 1]]`` replace the cell.
    """

    hazard: FloatArray
    threshold: FloatArray
    first: IntArray
    born: IntArray
    daughters: IntArray


@inner_kernel
def _jump(matrix: FloatArray, state: int, words: Words) -> int:
    """Return the microstate after a jump, or -1 if the cell leaves."""
    if matrix[state, state] >= 1.0:
        return state
    rest = uniform(words)
    for j in range(matrix.shape[1]):
        rest -= matrix[state, j]
        if rest < 0.0:
            return j
    return -1


@inner_kernel
def _grow(old: FloatArray) -> FloatArray:
    """Return a stack of twice the size with the same content."""
    new = np.empty((2 * old.shape[0], old.shape[1]))
    for i in range(old.shape[0]):
        for k in range(old.shape[1]):
            new[i, k] = old[i, k]
    return new


@inner_kernel
def _count(counts: IntArray, days: FloatArray, sample: int, state: int, until: float) -> int:
    """Count a cell on the sampling days from ``sample`` on up to ``until``; return the next one."""
    while sample < days.size and days[sample] <= until:
        counts[sample, state] += 1
        sample += 1
    return sample


@kernel
def run_cells(  # noqa: C901 - one loop nest
    outcomes: Outcomes, line: Timeline, start: IntArray, words: Words, max_events: int
) -> tuple[IntArray, int]:
    """Return cells per sampling day and microstate, (D, n), and the number of events (-1: too many)."""
    last = line.cut.size - 1
    counts = np.zeros((line.days.size, start.size), dtype=np.int64)
    # One row a waiting cell: microstate, piece, next sample, time of birth.
    stack = np.empty((256, 4))
    events = 0
    for founder in range(start.size):
        for _ in range(start[founder]):
            state, piece, sample, t = founder, 0, 0, line.cut[0]
            if line.jump_at[0] >= 0:
                sample = _count(counts, line.days, sample, state, t)
                state = _jump(line.jump_matrices[line.jump_at[0]], state, words)
            top = 0
            while True:
                wait = exponential(words)
                while state >= 0 and piece < last:
                    room = outcomes.hazard[piece, state] * (line.cut[piece + 1] - t)
                    if wait < room:
                        break
                    wait -= room
                    piece += 1
                    t = line.cut[piece]
                    if line.jump_at[piece] >= 0:
                        sample = _count(counts, line.days, sample, state, t)
                        state = _jump(line.jump_matrices[line.jump_at[piece]], state, words)
                born = end = 0
                if state >= 0 and piece == last:
                    sample = _count(counts, line.days, sample, state, t)
                elif state >= 0:
                    t += wait / outcomes.hazard[piece, state]
                    sample = _count(counts, line.days, sample, state, t)
                    events += 1
                    fate = outcomes.first[state]
                    if outcomes.first[state + 1] - fate > 1:
                        share = uniform(words)
                        while share >= outcomes.threshold[piece, fate]:
                            fate += 1
                    born, end = outcomes.born[fate], outcomes.born[fate + 1]
                # A cell whose last sample is taken need not be followed further.
                if end > born and sample < line.days.size:
                    for k in range(born + 1, end):
                        if top == stack.shape[0]:
                            stack = _grow(stack)
                        stack[top, 0], stack[top, 1] = outcomes.daughters[k], piece
                        stack[top, 2], stack[top, 3] = sample, t
                        top += 1
                    state = outcomes.daughters[born]
                elif top == 0:
                    break
                else:
                    top -= 1
                    state, piece = int(stack[top, 0]), int(stack[top, 1])
                    sample, t = int(stack[top, 2]), stack[top, 3]
                if events > max_events:
                    return counts, -1
    return counts, events
