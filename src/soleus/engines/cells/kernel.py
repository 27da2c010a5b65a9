"""Compiled kernel of the exact engine: follow one cell to its end before the next begins.

Cells do not interact, so the order in which they are followed does not matter. A cell's next exit
is found by inverting its cumulated hazard piece by piece: no rejection, no event queue.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from soleus.engines.compiled import inner_kernel, kernel
from soleus.lineage.process import FloatArray, IntArray, ProcessArrays

__all__ = ["Timeline", "hazard_table", "run_cells"]


class Timeline(NamedTuple):
    """Pieces of time and what acts at their ends (see :mod:`soleus.engines.schedule`)."""

    times: FloatArray
    role_values: FloatArray
    jump_at: IntArray
    jump_matrices: FloatArray
    sample_of_cut: IntArray


@kernel
def hazard_table(arrays: ProcessArrays, role_values: FloatArray, n: int) -> FloatArray:
    """Return the total hazard of each microstate in each piece, shape (P, n)."""
    table = np.zeros((role_values.shape[0], n))
    for p in range(role_values.shape[0]):
        for e in range(arrays.exit_source.size):
            table[p, arrays.exit_source[e]] += arrays.exit_rate[e] * role_values[p, arrays.exit_role[e]]
    return table


@inner_kernel
def _draw_fate(
    arrays: ProcessArrays,
    exits_of: IntArray,
    role_value: FloatArray,
    state: int,
    total: float,
    rng: np.random.Generator,
) -> int:
    """Return the fate of a cell that leaves ``state``, by hazard and then by weight."""
    rest = rng.random() * total
    chosen = exits_of[state]
    for e in range(exits_of[state], exits_of[state + 1]):
        hazard = arrays.exit_rate[e] * role_value[arrays.exit_role[e]]
        if hazard > 0.0:
            chosen = e
            if rest < hazard:
                break
            rest -= hazard
    first, last = arrays.exit_fates[chosen], arrays.exit_fates[chosen + 1]
    if last - first == 1:
        return int(first)
    weight = 0.0
    for f in range(first, last):
        role = arrays.fate_role[f]
        weight += arrays.fate_probability[f] * (1.0 if role < 0 else role_value[role])
    rest = rng.random() * weight
    fate = first
    for f in range(first, last):
        role = arrays.fate_role[f]
        own = arrays.fate_probability[f] * (1.0 if role < 0 else role_value[role])
        if own > 0.0:
            fate = f
            if rest < own:
                break
            rest -= own
    return int(fate)


@inner_kernel
def _draw_jump(matrix: FloatArray, state: int, rng: np.random.Generator) -> int:
    """Return the microstate after a jump, or -1 if the cell leaves."""
    if matrix[state, state] >= 1.0:
        return state
    rest = rng.random()
    for j in range(matrix.shape[1]):
        rest -= matrix[state, j]
        if rest < 0.0:
            return j
    return -1


@inner_kernel
def _grow(state: IntArray, piece: IntArray, time: FloatArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Return a stack of twice the size with the same content."""
    new_state = np.empty(2 * state.size, dtype=np.int64)
    new_piece = np.empty(2 * state.size, dtype=np.int64)
    new_time = np.empty(2 * state.size)
    for k in range(state.size):
        new_state[k] = state[k]
        new_piece[k] = piece[k]
        new_time[k] = time[k]
    return new_state, new_piece, new_time


@kernel
def run_cells(  # noqa: C901 - a loop nest; each call in it would cost compile time
    arrays: ProcessArrays,
    exits_of: IntArray,
    hazards: FloatArray,
    line: Timeline,
    start: IntArray,
    samples: int,
    rng: np.random.Generator,
    max_events: int,
) -> tuple[IntArray, int]:
    """Return cells per sample and microstate, (D, n), and the number of events (-1: too many)."""
    n = start.size
    counts = np.zeros((samples, n), dtype=np.int64)
    stack_state = np.empty(256, dtype=np.int64)
    stack_piece = np.empty(256, dtype=np.int64)
    stack_time = np.empty(256)
    last = line.times.size - 1
    events = 0
    for founder in range(n):
        for _ in range(start[founder]):
            top = 1
            stack_state[0], stack_piece[0], stack_time[0] = founder, 0, line.times[0]
            if line.sample_of_cut[0] >= 0:
                counts[line.sample_of_cut[0], founder] += 1
            if line.jump_at[0] >= 0:
                stack_state[0] = _draw_jump(line.jump_matrices[line.jump_at[0]], founder, rng)
            while top > 0:
                top -= 1
                state, piece, t = stack_state[top], stack_piece[top], stack_time[top]
                wait = rng.standard_exponential()
                while state >= 0 and piece < last:
                    hazard = hazards[piece, state]
                    room = hazard * (line.times[piece + 1] - t)
                    if wait < room:
                        break
                    wait -= room
                    piece += 1
                    t = line.times[piece]
                    if line.sample_of_cut[piece] >= 0:
                        counts[line.sample_of_cut[piece], state] += 1
                    if line.jump_at[piece] >= 0:
                        state = _draw_jump(line.jump_matrices[line.jump_at[piece]], state, rng)
                if state < 0 or piece >= last:
                    continue
                t += wait / hazards[piece, state]
                events += 1
                if events > max_events:
                    return counts, -1
                role_value = line.role_values[piece]
                fate = _draw_fate(arrays, exits_of, role_value, state, hazards[piece, state], rng)
                first, stop = arrays.fate_daughters[fate], arrays.fate_daughters[fate + 1]
                while top + stop - first > stack_state.size:
                    stack_state, stack_piece, stack_time = _grow(stack_state, stack_piece, stack_time)
                for k in range(first, stop):
                    stack_state[top], stack_piece[top], stack_time[top] = arrays.daughters[k], piece, t
                    top += 1
    return counts, events
