"""Compiled kernels: propagate means forward and read-outs backward by a series of positive terms.

On a piece of time with generator A, ``exp(h A) = exp(-q h) exp(h (A + q I))`` with q at least the
largest total hazard, so every term of the series is non-negative: nothing cancels, and small
components keep their relative accuracy. Steps keep ``h * norm(A + q I) <= theta``; terms are added
until none matters at the given tolerance, component by component.
"""

from __future__ import annotations

import math

import numpy as np

from soleus.engines.compiled import kernel
from soleus.engines.generator import Generator, Pattern, fill_generator
from soleus.lineage.process import FloatArray, IntArray, ProcessArrays

__all__ = ["backward", "forward", "piece_steps"]

_MAX_TERMS = 400


@kernel
def _shift_and_norm(pattern: Pattern, gen: Generator) -> tuple[float, float]:
    shift = 0.0
    for i in range(gen.diagonal.size):
        shift = max(shift, -gen.diagonal[i])
    norm = 0.0
    for i in range(gen.diagonal.size):
        row = gen.diagonal[i] + shift
        for k in range(pattern.row_start[i], pattern.row_start[i + 1]):
            row += gen.off[k]
        norm = max(norm, row)
    return shift, norm


@kernel
def piece_steps(
    arrays: ProcessArrays,
    pattern: Pattern,
    gen: Generator,
    times: FloatArray,
    role_values: FloatArray,
    theta: float,
) -> IntArray:
    """Return the number of steps that each piece of time needs, shape (P,)."""
    steps = np.zeros(times.size - 1, dtype=np.int64)
    for p in range(times.size - 1):
        span = times[p + 1] - times[p]
        if span > 0.0:
            fill_generator(arrays, pattern, role_values[p], gen)
            _, norm = _shift_and_norm(pattern, gen)
            steps[p] = max(1, math.ceil(norm * span / theta))
    return steps


@kernel
def total_steps(steps: IntArray) -> int:
    """Return the number of steps of all pieces."""
    total = 0
    for p in range(steps.size):
        total += steps[p]
    return total


@kernel
def _jump_forward(matrix: FloatArray, y: FloatArray, work: FloatArray) -> None:
    n = y.size
    for j in range(n):
        work[j] = 0.0
        for i in range(n):
            work[j] += y[i] * matrix[i, j]
    for j in range(n):
        y[j] = work[j]


@kernel
def _jump_backward(matrix: FloatArray, u: FloatArray, work: FloatArray, active: int) -> None:
    n = u.shape[0]
    for i in range(n):
        for c in range(active):
            work[i, c] = 0.0
            for j in range(n):
                work[i, c] += matrix[i, j] * u[j, c]
    for i in range(n):
        for c in range(active):
            u[i, c] = work[i, c]


@kernel
def _forward_step(
    pattern: Pattern,
    gen: Generator,
    shift: float,
    h: float,
    y: FloatArray,
    term: FloatArray,
    work: FloatArray,
    nodes: FloatArray,
    watched: IntArray,
    at_nodes: FloatArray,
    tolerance: float,
) -> None:
    """Advance ``y`` by h in place; record the watched components at h * nodes."""
    n = y.size
    for i in range(n):
        term[i] = y[i]
    for m in range(nodes.size):
        for w in range(watched.size):
            at_nodes[m, w] = y[watched[w]]
    power = np.empty(nodes.size)
    for m in range(nodes.size):
        power[m] = 1.0
    for j in range(1, _MAX_TERMS):
        scale = h / j
        for i in range(n):
            work[i] = (gen.diagonal[i] + shift) * term[i]
        for i in range(n):
            value = term[i]
            if value != 0.0:
                for k in range(pattern.row_start[i], pattern.row_start[i + 1]):
                    work[pattern.column[k]] += gen.off[k] * value
        matters = False
        for i in range(n):
            term[i] = scale * work[i]
            y[i] += term[i]
            if term[i] > tolerance * y[i]:
                matters = True
        for m in range(nodes.size):
            power[m] *= nodes[m]
            for w in range(watched.size):
                at_nodes[m, w] += power[m] * term[watched[w]]
        if not matters:
            break
    decay = math.exp(-shift * h)
    for i in range(n):
        y[i] *= decay
    for m in range(nodes.size):
        fade = math.exp(-shift * h * nodes[m])
        for w in range(watched.size):
            at_nodes[m, w] *= fade


@kernel
def forward(
    arrays: ProcessArrays,
    pattern: Pattern,
    gen: Generator,
    times: FloatArray,
    role_values: FloatArray,
    jump_at: IntArray,
    jump_matrices: FloatArray,
    steps: IntArray,
    start: FloatArray,
    nodes: FloatArray,
    watched: IntArray,
    tolerance: float,
) -> tuple[FloatArray, FloatArray]:
    """Return the mean at each cut, before a jump there, (P + 1, n), and the watched components at
    the nodes of each step, (steps, nodes, watched)."""
    n = start.size
    y = start.copy()
    term = np.empty(n)
    work = np.empty(n)
    at_cuts = np.empty((times.size, n))
    at_nodes = np.empty((total_steps(steps), nodes.size, watched.size))
    step = 0
    for p in range(times.size):
        for i in range(n):
            at_cuts[p, i] = y[i]
        if jump_at[p] >= 0:
            _jump_forward(jump_matrices[jump_at[p]], y, work)
        if p == times.size - 1 or steps[p] == 0:
            continue
        fill_generator(arrays, pattern, role_values[p], gen)
        shift, _ = _shift_and_norm(pattern, gen)
        h = (times[p + 1] - times[p]) / steps[p]
        for _ in range(steps[p]):
            _forward_step(
                pattern, gen, shift, h, y, term, work, nodes, watched, at_nodes[step], tolerance
            )
            step += 1
    return at_cuts, at_nodes


@kernel
def _backward_step(
    pattern: Pattern,
    gen: Generator,
    shift: float,
    h: float,
    u: FloatArray,
    term: FloatArray,
    work: FloatArray,
    active: int,
    nodes: FloatArray,
    watched: IntArray,
    at_nodes: FloatArray,
    tolerance: float,
) -> None:
    """Take the first ``active`` columns of ``u`` back by h in place; record the watched rows at
    h * nodes after the step's start."""
    n = u.shape[0]
    for i in range(n):
        for c in range(active):
            term[i, c] = u[i, c]
    for m in range(nodes.size):
        for w in range(watched.size):
            for c in range(active):
                at_nodes[m, w, c] = u[watched[w], c]
    power = np.empty(nodes.size)
    for m in range(nodes.size):
        power[m] = 1.0
    for j in range(1, _MAX_TERMS):
        scale = h / j
        matters = False
        for i in range(n):
            own = scale * (gen.diagonal[i] + shift)
            for c in range(active):
                work[i, c] = own * term[i, c]
            for k in range(pattern.row_start[i], pattern.row_start[i + 1]):
                rate = scale * gen.off[k]
                other = pattern.column[k]
                for c in range(active):
                    work[i, c] += rate * term[other, c]
        for i in range(n):
            for c in range(active):
                term[i, c] = work[i, c]
                u[i, c] += work[i, c]
                # Weights may be negative (a difference of read-outs), so magnitudes are compared.
                if abs(work[i, c]) > tolerance * abs(u[i, c]):
                    matters = True
        for m in range(nodes.size):
            power[m] *= 1.0 - nodes[m]
            for w in range(watched.size):
                for c in range(active):
                    at_nodes[m, w, c] += power[m] * term[watched[w], c]
        if not matters:
            break
    decay = math.exp(-shift * h)
    for i in range(n):
        for c in range(active):
            u[i, c] *= decay
    for m in range(nodes.size):
        fade = math.exp(-shift * h * (1.0 - nodes[m]))
        for w in range(watched.size):
            for c in range(active):
                at_nodes[m, w, c] *= fade


@kernel
def _add_divisions(
    arrays: ProcessArrays,
    pattern: Pattern,
    gen: Generator,
    position: IntArray,
    mu: FloatArray,
    u: FloatArray,
    active: int,
    weight: float,
    covariance: FloatArray,
) -> None:
    """Add the pairs of daughters that divisions make at one node to the covariance."""
    sums = np.empty(active)
    for d in range(pattern.division.size):
        f = pattern.division[d]
        rate = weight * gen.fate_rate[f] * mu[d]
        if rate == 0.0:
            continue
        first, last = arrays.fate_daughters[f], arrays.fate_daughters[f + 1]
        for c in range(active):
            sums[c] = 0.0
            for k in range(first, last):
                sums[c] += u[position[arrays.daughters[k]], c]
        for c in range(active):
            for b in range(c + 1):
                pairs = sums[c] * sums[b]
                for k in range(first, last):
                    row = position[arrays.daughters[k]]
                    pairs -= u[row, c] * u[row, b]
                covariance[c, b] += rate * pairs


@kernel
def backward(
    arrays: ProcessArrays,
    pattern: Pattern,
    gen: Generator,
    times: FloatArray,
    role_values: FloatArray,
    jump_at: IntArray,
    jump_matrices: FloatArray,
    steps: IntArray,
    at_cuts: FloatArray,
    mu_nodes: FloatArray,
    day_cut: IntArray,
    weights: FloatArray,
    nodes: FloatArray,
    node_weights: FloatArray,
    watched: IntArray,
    position: IntArray,
    tolerance: float,
) -> tuple[FloatArray, FloatArray]:
    """Return u at the start, (n, C), and the covariance of a Poisson start, (C, C), lower half.

    Columns are (day, read-out) with the *latest* day first: ``day_cut`` falls.
    """
    n, readouts = weights.shape
    columns = day_cut.size * readouts
    u = np.zeros((n, columns))
    term = np.zeros((n, columns))
    work = np.zeros((n, columns))
    u_nodes = np.zeros((nodes.size, watched.size, columns))
    covariance = np.zeros((columns, columns))
    active = np.int64(0)
    day = 0
    step = total_steps(steps)
    for p in range(times.size - 1, -1, -1):
        if p < times.size - 1 and steps[p] > 0:
            fill_generator(arrays, pattern, role_values[p], gen)
            shift, _ = _shift_and_norm(pattern, gen)
            h = (times[p + 1] - times[p]) / steps[p]
            for _ in range(steps[p]):
                step -= 1
                _backward_step(
                    pattern, gen, shift, h, u, term, work, active, nodes, watched, u_nodes, tolerance
                )
                for m in range(nodes.size):
                    _add_divisions(
                        arrays,
                        pattern,
                        gen,
                        position,
                        mu_nodes[step, m],
                        u_nodes[m],
                        active,
                        h * node_weights[m],
                        covariance,
                    )
        if jump_at[p] >= 0:
            _jump_backward(jump_matrices[jump_at[p]], u, work, active)
        while day < day_cut.size and day_cut[day] == p:
            new = active
            active += readouts
            for r in range(readouts):
                for i in range(n):
                    u[i, new + r] = weights[i, r]
            for c in range(new, active):
                for b in range(c + 1):
                    total = 0.0
                    for i in range(n):
                        total += at_cuts[p, i] * u[i, c] * u[i, b]
                    covariance[c, b] += total
            day += 1
    return u, covariance
