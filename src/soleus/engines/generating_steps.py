"""Kernel of the generating functions: Taylor steps back in time.

Complex numbers are held as real columns, all real parts and then all imaginary ones: all but products is
linear with real coefficients, so one loop serves both.
"""

from __future__ import annotations

import numpy as np

from soleus.engines.compiled import inner_kernel, kernel
from soleus.lineage.process import FloatArray, IntArray

__all__ = ["walk"]


@inner_kernel
def _multiply(x: FloatArray, points: int, k: int, product: int, left: int, right: int) -> None:
    """Write coefficient k of a product of two series."""
    for b in range(x.shape[2]):
        x[k, product, b] = 0.0
    for j in range(k + 1):
        for b in range(points):
            x[k, product, b] += x[j, left, b] * x[k - j, right, b]
        for b in range(points, x.shape[2]):
            a = b - points
            x[k, product, a] -= x[j, left, b] * x[k - j, right, b]
            x[k, product, b] += x[j, left, a] * x[k - j, right, b] + x[j, left, b] * x[k - j, right, a]


@inner_kernel
def _expand(
    x: FloatArray,
    points: int,
    left: IntArray,
    right: IntArray,
    row: IntArray,
    node: IntArray,
    gain: FloatArray,
    death: FloatArray,
    hazard: FloatArray,
) -> None:
    """Write the coefficients of the series in time, from its values in the first."""
    n, width = hazard.size, x.shape[2]
    for k in range(x.shape[0] - 1):
        for m in range(left.size):
            _multiply(x, points, k, n + m, left[m], right[m])
        for i in range(n):
            for b in range(width):
                x[k + 1, i, b] = -hazard[i] * x[k, i, b]
            if k == 0:
                for b in range(points):
                    x[1, i, b] += death[i]
        for t in range(row.size):
            for b in range(width):
                x[k + 1, row[t], b] += gain[t] * x[k, node[t], b]
        share = 1.0 / (k + 1.0)
        for i in range(n):
            for b in range(width):
                x[k + 1, i, b] *= share


@inner_kernel
def _allowed(x: FloatArray, n: int, error: float, longest: float) -> float:
    """Return the step at which the last two terms of the series are at most ``error``."""
    step, order = longest, x.shape[0] - 1
    for k in (order - 1, order):
        largest = 0.0
        for i in range(n):
            for b in range(x.shape[2]):
                largest = max(largest, abs(x[k, i, b]))
        if largest > 0.0:
            step = min(step, (error / largest) ** (1.0 / k))
    return step


@inner_kernel
def _sum(value: FloatArray, x: FloatArray, step: float) -> None:
    """Write the values at the end of a step."""
    n, width = value.shape
    order = x.shape[0] - 1
    for i in range(n):
        for b in range(width):
            value[i, b] = x[order, i, b]
        for k in range(order - 1, -1, -1):
            for b in range(width):
                value[i, b] = value[i, b] * step + x[k, i, b]


@inner_kernel
def _leap(
    value: FloatArray, x: FloatArray, points: int, first: IntArray, target: IntArray, share: FloatArray
) -> None:
    """Take the values back over a jump; ``x[0]`` is scratch."""
    n, width = value.shape
    for i in range(n):
        lost = 1.0
        for b in range(width):
            x[0, i, b] = 0.0
        for k in range(first[i], first[i + 1]):
            lost -= share[k]
            for b in range(width):
                x[0, i, b] += share[k] * value[target[k], b]
        for b in range(points):
            x[0, i, b] += lost
    for i in range(n):
        for b in range(width):
            value[i, b] = x[0, i, b]


@kernel
def walk(
    value: FloatArray,
    x: FloatArray,
    points: int,
    left: IntArray,
    right: IntArray,
    row: IntArray,
    node: IntArray,
    gain: FloatArray,
    death: FloatArray,
    hazard: FloatArray,
    length: FloatArray,
    jump: IntArray,
    first: IntArray,
    target: IntArray,
    share: FloatArray,
    bounds: FloatArray,
) -> int:
    """Walk back over all pieces, in place; return the number of steps, -1 if there were too many.

    ``value``: (n, points), or (n, 2 points) for complex ones; ``x``: room for the series, (order + 1, n + m,
    columns); terms and pieces as in ``generating``; ``bounds``: of the last two terms of the series, of
    the step times the largest hazard, and of the number of steps.
    """
    n, width = value.shape
    steps = 0
    for p in range(length.size - 1, -1, -1):
        remaining, fastest = length[p], hazard[p].max()
        while remaining > 0.0:
            for i in range(n):
                for b in range(width):
                    x[0, i, b] = value[i, b]
            _expand(x, points, left, right, row, node, gain[p], death[p], hazard[p])
            longest = remaining if fastest == 0.0 else min(remaining, bounds[1] / fastest)
            parts = np.ceil(remaining / _allowed(x, n, bounds[0], longest) - 1e-9)
            step = remaining / parts
            _sum(value, x, step)
            remaining = remaining - step if parts > 1.0 else 0.0
            steps += 1
            if steps >= bounds[2]:
                return -1
        if jump[p] >= 0:
            _leap(value, x, points, first[jump[p]], target, share)
    return steps
