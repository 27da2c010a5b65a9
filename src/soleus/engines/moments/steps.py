"""Compiled kernels of the rational steps: rates, factors, solutions, and the covariance on the way."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from soleus.engines.compiled import inner_kernel, kernel
from soleus.engines.moments.rational import Rational
from soleus.engines.moments.structure import Structure
from soleus.lineage.process import FloatArray, IntArray

__all__ = ["Route", "Work", "probe_steps", "run_animal", "run_batch"]


class Route(NamedTuple):
    """How time is walked: steps, and what acts between them.

    ``piece``, ``length``: of each step, (S,); ``sample``: for each step boundary the day taken there or
    -1, ``jump``: the jump that acts there (after the sample) or -1, (S + 1,); ``matrices``: (J, n, n) in
    the order of the structure.
    """

    piece: IntArray
    length: FloatArray
    sample: IntArray
    jump: IntArray
    matrices: FloatArray


class Work(NamedTuple):
    """Room to work in; ``mu``: means at boundaries, (S + 1, n); ``nodes``: parents at nodes, (S, s, parents).

    ``u``: read-outs per cell at boundaries, (S + 1, n, C), or only the last where ``S + 1`` is 1;
    ``part``: variance that each step adds, (S, C).
    """

    value: FloatArray
    pair_rate: FloatArray
    factor: FloatArray
    inverse: FloatArray
    x: FloatArray
    mu: FloatArray
    nodes: FloatArray
    u: FloatArray
    seen: FloatArray
    mixed: FloatArray
    part: FloatArray


@inner_kernel
def _tabulate(s: Structure, role: FloatArray, own: FloatArray, value: FloatArray, pair: FloatArray) -> None:
    """Write the generator and the rates of sister pairs of one piece."""
    for k in range(value.size):
        value[k] = 0.0
    fate_rate = np.empty(s.probability.size)
    for e in range(s.exit_rate.size):
        hazard = s.exit_rate[e] * role[s.exit_role[e]] * own[s.exit_role[e]]
        value[s.exit_place[e]] -= hazard
        total = 0.0
        for f in range(s.exit_first[e], s.exit_first[e + 1]):
            weight = s.probability[f]
            if s.fate_role[f] >= 0:
                weight *= role[s.fate_role[f]] * own[s.fate_role[f]]
            fate_rate[f] = weight
            total += weight
        for f in range(s.exit_first[e], s.exit_first[e + 1]):
            fate_rate[f] *= hazard / total
    for k in range(s.landing.size):
        value[s.landing[k]] += fate_rate[s.landing_fate[k]]
    for k in range(pair.size):
        pair[k] = fate_rate[s.pair_fate[k]] * s.pair_number[k]


@inner_kernel
def _factorise(
    s: Structure, value: FloatArray, h: float, pole: complex, factor: FloatArray, inverse: FloatArray
) -> None:
    """Factorise ``pole I - h A`` into unit lower times upper, in place of its entries.

    ``factor``: (2, entries), ``inverse``: of the diagonal, (2, n); real and imaginary parts.
    """
    n = s.order.size
    entries = s.column.size
    re, im = factor[0], factor[1]
    for k in range(entries):
        re[k] = -h * value[k]
        im[k] = 0.0
    for i in range(n):
        diagonal_re, diagonal_im = pole.real - h * value[entries + i], pole.imag
        for k in range(s.row[i], s.middle[i]):
            pivot = s.column[k]
            a, b = inverse[0, pivot], inverse[1, pivot]
            l_re, l_im = re[k] * a - im[k] * b, re[k] * b + im[k] * a
            re[k], im[k] = l_re, l_im
            for m in range(s.op_start[k], s.op_start[k + 1]):
                source, to = s.op_from[m], s.op_to[m]
                d_re = l_re * re[source] - l_im * im[source]
                d_im = l_re * im[source] + l_im * re[source]
                if to >= entries:
                    diagonal_re -= d_re
                    diagonal_im -= d_im
                else:
                    re[to] -= d_re
                    im[to] -= d_im
        size = diagonal_re * diagonal_re + diagonal_im * diagonal_im
        inverse[0, i] = diagonal_re / size
        inverse[1, i] = -diagonal_im / size


@inner_kernel
def _solve_columns(
    s: Structure, factor: FloatArray, inverse: FloatArray, u: FloatArray, columns: int, x: FloatArray
) -> None:
    """Solve ``(pole I - h A) x = u`` for the first columns; ``x``: (2, n, C)."""
    n = s.order.size
    re, im, row, middle, column = factor[0], factor[1], s.row, s.middle, s.column
    mixed = s.mixed
    xr, xi = x[0], x[1]
    for i in range(n):
        for c in range(columns):
            xr[i, c] = u[i, c]
            xi[i, c] = 0.0
        for k in range(row[i], middle[i]):
            a, b, j = re[k], im[k], column[k]
            for c in range(columns):
                xr[i, c] -= a * xr[j, c] - b * xi[j, c]
                xi[i, c] -= a * xi[j, c] + b * xr[j, c]
    for i in range(n - 1, -1, -1):
        if mixed[i]:
            for k in range(middle[i], row[i + 1]):
                a, b, j = re[k], im[k], column[k]
                for c in range(columns):
                    xr[i, c] -= a * xr[j, c] - b * xi[j, c]
                    xi[i, c] -= a * xi[j, c] + b * xr[j, c]
        else:
            for k in range(middle[i], row[i + 1]):
                a, j = re[k], column[k]
                for c in range(columns):
                    xr[i, c] -= a * xr[j, c]
                    xi[i, c] -= a * xi[j, c]
        a, b = inverse[0, i], inverse[1, i]
        for c in range(columns):
            r, m = xr[i, c], xi[i, c]
            xr[i, c] = a * r - b * m
            xi[i, c] = a * m + b * r


@inner_kernel
def _solve_row(s: Structure, factor: FloatArray, inverse: FloatArray, y: FloatArray, x: FloatArray) -> None:
    """Solve ``x (pole I - h A) = y``; ``x``: (2, n, at least 1), of which the first column is used."""
    n = s.order.size
    re, im = factor[0], factor[1]
    for i in range(n):
        x[0, i, 0] = y[i]
        x[1, i, 0] = 0.0
    for i in range(n):
        a, b = inverse[0, i], inverse[1, i]
        r, m = x[0, i, 0], x[1, i, 0]
        r, m = a * r - b * m, a * m + b * r
        x[0, i, 0], x[1, i, 0] = r, m
        for k in range(s.middle[i], s.row[i + 1]):
            j = s.column[k]
            x[0, j, 0] -= re[k] * r - im[k] * m
            x[1, j, 0] -= re[k] * m + im[k] * r
    for i in range(n - 1, -1, -1):
        r, m = x[0, i, 0], x[1, i, 0]
        for k in range(s.row[i], s.middle[i]):
            j = s.column[k]
            x[0, j, 0] -= re[k] * r - im[k] * m
            x[1, j, 0] -= re[k] * m + im[k] * r


@inner_kernel
def _step_forward(
    s: Structure, r: Rational, w: Work, p: int, h: float, y: FloatArray, after: FloatArray, nodes: FloatArray
) -> None:
    """Write the means one step after ``y``, and the parents' at its nodes."""
    n, parents = s.order.size, s.parents
    for i in range(n):
        after[i] = 0.0
    for m in range(nodes.shape[0]):
        for q in range(parents.size):
            nodes[m, q] = 0.0
    for j in range(r.pole_re.size):
        _factorise(s, w.value[p], h, complex(r.pole_re[j], r.pole_im[j]), w.factor, w.inverse)
        _solve_row(s, w.factor, w.inverse, y, w.x)
        a, b = 2.0 * r.end_re[j], 2.0 * r.end_im[j]
        for i in range(n):
            after[i] += a * w.x[0, i, 0] - b * w.x[1, i, 0]
        for m in range(nodes.shape[0]):
            a, b = 2.0 * r.forward[0, m, j], 2.0 * r.forward[1, m, j]
            for q in range(parents.size):
                nodes[m, q] += a * w.x[0, parents[q], 0] - b * w.x[1, parents[q], 0]


@inner_kernel
def _step_backward(
    s: Structure, r: Rational, w: Work, p: int, h: float, u: FloatArray, columns: int, before: FloatArray
) -> None:
    """Write the read-outs one step before ``u``, and to ``w.seen`` those of the watched at its nodes."""
    n, watched, seen = s.order.size, s.watched, w.seen
    for i in range(n):
        for c in range(columns):
            before[i, c] = 0.0
    for m in range(seen.shape[0]):
        for q in range(watched.size):
            for c in range(columns):
                seen[m, q, c] = 0.0
    xr, xi = w.x[0], w.x[1]
    for j in range(r.pole_re.size):
        _factorise(s, w.value[p], h, complex(r.pole_re[j], r.pole_im[j]), w.factor, w.inverse)
        _solve_columns(s, w.factor, w.inverse, u, columns, w.x)
        a, b = 2.0 * r.end_re[j], 2.0 * r.end_im[j]
        for i in range(n):
            for c in range(columns):
                before[i, c] += a * xr[i, c] - b * xi[i, c]
        for m in range(seen.shape[0]):
            a, b = 2.0 * r.backward[0, m, j], 2.0 * r.backward[1, m, j]
            for q in range(watched.size):
                i = watched[q]
                for c in range(columns):
                    seen[m, q, c] += a * xr[i, c] - b * xi[i, c]


@inner_kernel
def _add_sisters(
    s: Structure,
    r: Rational,
    w: Work,
    p: int,
    h: float,
    nodes: FloatArray,
    columns: int,
    part: FloatArray,
    covariance: FloatArray,
) -> None:
    """Add what pairs of sisters born in one step contribute to the covariance."""
    mixed, seen, pair_rate = w.mixed, w.seen, w.pair_rate[p]
    for m in range(nodes.shape[0]):
        for q in range(s.watched.size):
            for c in range(columns):
                mixed[q, c] = 0.0
        for k in range(s.pair_parent.size):
            rate = h * r.weight[m] * pair_rate[k] * nodes[m, s.pair_parent[k]]
            q, second = s.pair_first[k], s.pair_second[k]
            for c in range(columns):
                mixed[q, c] += rate * seen[m, second, c]
        for q in range(s.watched.size):
            for c in range(columns):
                value = seen[m, q, c]
                part[c] += value * mixed[q, c]
                for b in range(c + 1):
                    covariance[c, b] += value * mixed[q, b]


@inner_kernel
def _forward(s: Structure, r: Rational, route: Route, w: Work, start: FloatArray) -> None:
    """Write the means at boundaries (before a jump there) and at nodes."""
    n = s.order.size
    y = np.empty(n)
    for i in range(n):
        w.mu[0, i] = start[i]
    for step in range(route.piece.size):
        _after_jump(route, step, w.mu[step], y)
        _step_forward(s, r, w, route.piece[step], route.length[step], y, w.mu[step + 1], w.nodes[step])


@inner_kernel
def _after_jump(route: Route, boundary: int, y: FloatArray, after: FloatArray) -> None:
    jump = route.jump[boundary]
    for j in range(y.size):
        after[j] = y[j] if jump < 0 else 0.0
    if jump >= 0:
        for i in range(y.size):
            for j in range(y.size):
                after[j] += y[i] * route.matrices[jump, i, j]


@inner_kernel
def _before_jump(route: Route, boundary: int, columns: int, u: FloatArray, room: FloatArray) -> None:
    """Take the read-outs back over the jump at a boundary, in place."""
    jump = route.jump[boundary]
    if jump < 0:
        return
    n = u.shape[0]
    for i in range(n):
        for c in range(columns):
            room[i, c] = 0.0
        for j in range(n):
            share = route.matrices[jump, i, j]
            if share != 0.0:
                for c in range(columns):
                    room[i, c] += share * u[j, c]
    for i in range(n):
        for c in range(columns):
            u[i, c] = room[i, c]


@inner_kernel
def _take_sample(
    route: Route,
    w: Work,
    boundary: int,
    columns: int,
    weights: FloatArray,
    u: FloatArray,
    covariance: FloatArray,
) -> int:
    """Add the read-outs of the day at a boundary as new columns; return how many there are now.

    Their covariance with all columns there is that of cells counted in both.
    """
    if route.sample[boundary] < 0:
        return columns
    readouts, n = weights.shape
    for r in range(readouts):
        for i in range(n):
            u[i, columns + r] = weights[r, i]
    for r in range(readouts):
        c = columns + r
        for i in range(n):
            share = w.mu[boundary, i] * weights[r, i]
            if share != 0.0:
                for b in range(c + 1):
                    covariance[c, b] += share * u[i, b]
    added: int = columns + readouts
    return added


@inner_kernel
def _backward(
    s: Structure, r: Rational, route: Route, w: Work, weights: FloatArray, covariance: FloatArray
) -> int:
    """Take all read-outs back to the start, add up their covariance; return the boundary row of ``w.u``.

    The result lies in that row; with room for all boundaries each keeps its own (after its sample and
    before its jump).
    """
    steps, keep = route.piece.size, w.u.shape[0] > 2
    here = steps if keep else 0
    u = w.u[here]
    columns = _take_sample(route, w, steps, 0, weights, u, covariance)
    for step in range(steps - 1, -1, -1):
        p, h = route.piece[step], route.length[step]
        here = step if keep else 1 - here
        before = w.u[here]
        _step_backward(s, r, w, p, h, u, columns, before)
        for c in range(columns):
            w.part[step, c] = 0.0
        _add_sisters(s, r, w, p, h, w.nodes[step], columns, w.part[step], covariance)
        _before_jump(route, step, columns, before, w.x[0])
        columns = _take_sample(route, w, step, columns, weights, before, covariance)
        u = before
    return here


@inner_kernel
def _room(s: Structure, r: Rational, pieces: int, steps: int, columns: int, keep: bool) -> Work:
    n, nodes = s.order.size, r.node.size
    return Work(
        np.empty((pieces, s.column.size + n)),
        np.empty((pieces, s.pair_fate.size)),
        np.empty((2, s.column.size)),
        np.empty((2, n)),
        np.empty((2, n, max(columns, 1))),
        np.empty((steps + 1, n)),
        np.empty((steps, nodes, s.parents.size)),
        np.zeros((max(steps + 1, 3) if keep else 2, n, columns)),
        np.empty((nodes, s.watched.size, columns)),
        np.empty((s.watched.size, columns)),
        np.zeros((steps, columns)),
    )


@inner_kernel
def _one(
    s: Structure,
    r: Rational,
    route: Route,
    w: Work,
    roles: FloatArray,
    own: FloatArray,
    start: FloatArray,
    fixed: FloatArray,
    weights: FloatArray,
    mean: FloatArray,
    covariance: FloatArray,
) -> None:
    """Write mean and lower covariance of all read-outs, the last day first.

    ``fixed``: 1 where the start is a number, 0 where it is the mean of a Poisson number.
    """
    for p in range(roles.shape[0]):
        _tabulate(s, roles[p], own, w.value[p], w.pair_rate[p])
    _forward(s, r, route, w, start)
    for c in range(mean.size):
        for b in range(mean.size):
            covariance[c, b] = 0.0
    u = w.u[_backward(s, r, route, w, weights, covariance)]
    for c in range(mean.size):
        total = 0.0
        for i in range(start.size):
            total += start[i] * u[i, c]
            known = fixed[i] * start[i] * u[i, c]
            if known != 0.0:
                for b in range(c + 1):
                    covariance[c, b] -= known * u[i, b]
        mean[c] = total


@kernel
def run_animal(
    s: Structure,
    r: Rational,
    route: Route,
    roles: FloatArray,
    own: FloatArray,
    start: FloatArray,
    fixed: FloatArray,
    weights: FloatArray,
    columns: int,
    keep: bool,
) -> tuple[FloatArray, FloatArray, Work]:
    """Return mean, (C,), and lower covariance, (C, C), of one animal, and what was worked with.

    ``roles``: multipliers by piece, (P, R); ``own``: the animal's factors, (R,); ``start``, ``fixed`` and
    ``weights`` (R', n) in the order of the structure; ``keep``: all boundaries in ``Work.u``.
    """
    w = _room(s, r, roles.shape[0], route.piece.size, columns, keep)
    mean, covariance = np.empty(columns), np.empty((columns, columns))
    _one(s, r, route, w, roles, own, start, fixed, weights, mean, covariance)
    return mean, covariance, w


@kernel
def run_batch(
    s: Structure,
    r: Rational,
    route: Route,
    roles: FloatArray,
    own: FloatArray,
    starts: FloatArray,
    fixed: FloatArray,
    weights: FloatArray,
    columns: int,
) -> tuple[FloatArray, FloatArray]:
    """Return means, (N, C), and lower covariances, (N, C, C), of animals with own factors and starts."""
    number = own.shape[0]
    means, covariances = np.empty((number, columns)), np.empty((number, columns, columns))
    w = _room(s, r, roles.shape[0], route.piece.size, columns, False)
    for k in range(number):
        _one(s, r, route, w, roles, own[k], starts[k], fixed, weights, means[k], covariances[k])
    return means, covariances


@kernel
def probe_steps(
    s: Structure, r: Rational, route: Route, w: Work, first: IntArray, columns: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return what each step of a coarse route misses, against a finer solution ``w``.

    ``first``: boundary of ``w`` at which each coarse step begins, and the last, (S + 1,);
    ``columns``: read-outs that are on their way in each step. Returns the error of the means,
    (S, C), and of the variances, (S, C), that the step makes on its own.
    """
    steps, most, n = route.piece.size, w.part.shape[1], s.order.size
    mean_error, part_error = np.zeros((steps, most)), np.zeros((steps, most))
    y, after = np.empty(n), np.empty(n)
    before, covariance = np.empty((n, most)), np.zeros((most, most))
    u, part = np.empty((n, most)), np.empty(most)
    nodes = np.empty((r.node.size, s.parents.size))
    for step in range(steps):
        p, h, active = route.piece[step], route.length[step], columns[step]
        _after_jump(route, step, w.mu[first[step]], y)
        _step_forward(s, r, w, p, h, y, after, nodes)
        for i in range(n):
            for c in range(active):
                u[i, c] = w.u[first[step + 1], i, c]
        _step_backward(s, r, w, p, h, u, active, before)
        for c in range(active):
            part[c] = 0.0
        _add_sisters(s, r, w, p, h, nodes, active, part, covariance)
        for c in range(active):
            exact = 0.0
            for k in range(first[step], first[step + 1]):
                exact += w.part[k, c]
            part_error[step, c] = part[c] - exact
        _before_jump(route, step, active, before, w.x[0])
        for c in range(active):
            total = 0.0
            for i in range(n):
                total += w.mu[first[step], i] * (before[i, c] - w.u[first[step], i, c])
                total += (after[i] - w.mu[first[step + 1], i]) * u[i, c]
            mean_error[step, c] = total
    return mean_error, part_error
