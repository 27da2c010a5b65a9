"""Compiled kernels: propagate means forward and read-outs backward by a series of positive terms.

On a piece of time with generator A, ``exp(h A) = exp(-q h) exp(h (A + q I))`` with q at least the
largest total hazard, so every term of the series is non-negative: nothing cancels, and small
components keep their relative accuracy. Terms are added until none matters at the given tolerance,
component by component; once none does, no later one can.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from soleus.engines.compiled import inner_kernel, kernel
from soleus.lineage.process import FloatArray, IntArray

__all__ = ["Pairs", "Pieces", "run_backward", "run_forward"]

_MAX_TERMS = 1000


class Pieces(NamedTuple):
    """Pieces of time as kernels read them (see ``Pattern``, ``Generator`` and ``Plan``)."""

    row_start: IntArray
    column: IntArray
    off: FloatArray
    diagonal: FloatArray
    shift: FloatArray
    length: FloatArray
    steps: IntArray
    first_step: IntArray
    order: IntArray
    nodes: FloatArray


class Pairs(NamedTuple):
    """Pairs of sisters: rate of each per parent cell and piece, shape (P, pairs), and who they are."""

    rate: FloatArray
    parent: IntArray
    first: IntArray
    second: IntArray
    node_weights: FloatArray


@inner_kernel
def _forward_step(  # noqa: C901 - a loop nest; each call in it would cost compile time
    pieces: Pieces,
    p: int,
    y: FloatArray,
    term: FloatArray,
    work: FloatArray,
    parents: IntArray,
    at_nodes: FloatArray,
    tolerance: float,
) -> None:
    """Advance ``y`` by one step of piece p; write the parents' means at its nodes."""
    n, order, shift, h = y.size, pieces.order[p], pieces.shift[p], pieces.length[p]
    power = np.empty(order)
    for i in range(n):
        term[i] = y[i]
    for m in range(order):
        power[m] = 1.0
        for w in range(parents.size):
            at_nodes[m, w] = y[parents[w]]
    for j in range(1, _MAX_TERMS):
        scale = h / j
        for i in range(n):
            work[i] = scale * (pieces.diagonal[p, i] + shift) * term[i]
        for i in range(n):
            value = scale * term[i]
            if value != 0.0:
                for k in range(pieces.row_start[i], pieces.row_start[i + 1]):
                    work[pieces.column[k]] += pieces.off[p, k] * value
        matters = False
        for i in range(n):
            term[i] = work[i]
            y[i] += work[i]
            matters |= work[i] > tolerance * y[i]
        for m in range(order):
            power[m] *= pieces.nodes[order, m]
            for w in range(parents.size):
                at_nodes[m, w] += power[m] * term[parents[w]]
        if not matters:
            break
    for i in range(n):
        y[i] *= math.exp(-shift * h)
    for m in range(order):
        for w in range(parents.size):
            at_nodes[m, w] *= math.exp(-shift * h * pieces.nodes[order, m])


@kernel
def run_forward(
    pieces: Pieces,
    begin: int,
    end: int,
    y: FloatArray,
    parents: IntArray,
    at_nodes: FloatArray,
    tolerance: float,
) -> None:
    """Advance the mean ``y`` in place through pieces ``begin`` to ``end`` (excluded).

    Write the parents' means at the nodes of each step to ``at_nodes``, (steps, nodes, parents).
    """
    term = np.empty(y.size)
    work = np.empty(y.size)
    for p in range(begin, end):
        for step in range(pieces.first_step[p], pieces.first_step[p] + pieces.steps[p]):
            _forward_step(pieces, p, y, term, work, parents, at_nodes[step], tolerance)


@inner_kernel
def _next_term(pieces: Pieces, p: int, scale: float, term: FloatArray, work: FloatArray) -> None:
    """Set ``work`` to the term of the series that follows ``term``."""
    columns = term.shape[1]
    for i in range(term.shape[0]):
        own = scale * (pieces.diagonal[p, i] + pieces.shift[p])
        first, last = pieces.row_start[i], pieces.row_start[i + 1]
        if first == last:
            for c in range(columns):
                work[i, c] = own * term[i, c]
            continue
        # Most microstates lead to one other: one pass over both.
        rate, j = scale * pieces.off[p, first], pieces.column[first]
        for c in range(columns):
            work[i, c] = own * term[i, c] + rate * term[j, c]
        for k in range(first + 1, last):
            rate, j = scale * pieces.off[p, k], pieces.column[k]
            for c in range(columns):
                work[i, c] += rate * term[j, c]


@inner_kernel
def _matters(u: FloatArray, term: FloatArray, tolerance: float, place: IntArray) -> bool:
    """Whether any component of the term matters; ``place`` is where to look first, and where it did.

    Weights may be negative (a difference of read-outs), so magnitudes are compared.
    """
    n, columns = u.shape
    for _ in range(n * columns):
        if abs(term[place[0], place[1]]) > tolerance * abs(u[place[0], place[1]]):
            return True
        place[1] += 1
        if place[1] == columns:
            place[1] = 0
            place[0] = (place[0] + 1) % n
    return False


@inner_kernel
def _add_sisters(
    pairs: Pairs,
    p: int,
    weight: float,
    mu: FloatArray,
    u: FloatArray,
    mixed: FloatArray,
    covariance: FloatArray,
) -> None:
    """Add to the covariance what pairs of sisters born at one node contribute.

    ``mu``: means of the parents; ``u``: read-outs of the watched microstates, one after the other.
    """
    watched, columns = mixed.shape
    for w in range(watched):
        for c in range(columns):
            mixed[w, c] = 0.0
    for k in range(pairs.parent.size):
        rate = weight * pairs.rate[p, k] * mu[pairs.parent[k]]
        if rate != 0.0:
            w, first = pairs.first[k], pairs.second[k] * columns
            for c in range(columns):
                mixed[w, c] += rate * u[first + c]
    for w in range(watched):
        for c in range(columns):
            value = u[w * columns + c]
            for b in range(c + 1):
                covariance[c, b] += value * mixed[w, b]


@inner_kernel
def _backward_step(  # noqa: C901 - as above
    pieces: Pieces,
    p: int,
    u: FloatArray,
    terms: FloatArray,
    watched: IntArray,
    at_nodes: FloatArray,
    tolerance: float,
) -> None:
    """Take ``u`` back by one step of piece p; write its watched rows at the nodes, but for the fading."""
    n, columns = u.shape
    order, h = pieces.order[p], pieces.length[p]
    power = np.empty(order)
    seen = np.empty(watched.size * columns)
    place = np.empty(2, dtype=np.int64)
    place[0] = place[1] = 0
    for i in range(n):
        for c in range(columns):
            terms[0, i, c] = u[i, c]
    for m in range(order):
        power[m] = 1.0
        for w in range(watched.size):
            for c in range(columns):
                at_nodes[m, w * columns + c] = u[watched[w], c]
    for j in range(1, _MAX_TERMS):
        term = terms[j % 2]
        _next_term(pieces, p, h / j, terms[(j - 1) % 2], term)
        for i in range(n):
            for c in range(columns):
                u[i, c] += term[i, c]
        for w in range(watched.size):
            for c in range(columns):
                seen[w * columns + c] = term[watched[w], c]
        for m in range(order):
            power[m] *= 1.0 - pieces.nodes[order, m]
            for s in range(seen.size):
                at_nodes[m, s] += power[m] * seen[s]
        if not _matters(u, term, tolerance, place):
            break
    decay = math.exp(-pieces.shift[p] * h)
    for i in range(n):
        for c in range(columns):
            u[i, c] *= decay


@kernel
def run_backward(
    pieces: Pieces,
    pairs: Pairs,
    begin: int,
    end: int,
    u: FloatArray,
    watched: IntArray,
    mu_nodes: FloatArray,
    covariance: FloatArray,
    tolerance: float,
) -> None:
    """Take the read-outs ``u``, (n, C), back in place from piece ``end`` (excluded) to ``begin``.

    Add what divisions on the way contribute to ``covariance``, (C, C).
    """
    terms = np.empty((2, u.shape[0], u.shape[1]))
    at_nodes = np.empty((pieces.nodes.shape[1], watched.size * u.shape[1]))
    mixed = np.empty((watched.size, u.shape[1]))
    for p in range(end - 1, begin - 1, -1):
        order, h = pieces.order[p], pieces.length[p]
        for step in range(pieces.first_step[p] + pieces.steps[p] - 1, pieces.first_step[p] - 1, -1):
            _backward_step(pieces, p, u, terms, watched, at_nodes, tolerance)
            for m in range(order):
                # Both read-outs have faded by exp(-q (h - t)) from the step's end to the node.
                fade = math.exp(-2.0 * pieces.shift[p] * h * (1.0 - pieces.nodes[order, m]))
                weight = h * pairs.node_weights[order, m] * fade
                _add_sisters(pairs, p, weight, mu_nodes[step, m], at_nodes[m], mixed, covariance)
