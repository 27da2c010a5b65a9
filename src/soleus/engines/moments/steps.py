"""Compiled kernels of the rational steps: rates, factors, solutions, and the covariance on the way."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from soleus.engines.compiled import inner_kernel, kernel
from soleus.engines.moments.rational import Rational
from soleus.engines.moments.structure import Structure
from soleus.lineage.process import FloatArray, IntArray

__all__ = ["Route", "Work", "probe_steps", "run_animal", "run_batch"]


# Steps whose contributions to the covariance are multiplied out together.
_AT_ONCE = 32


class Route(NamedTuple):
    """How time is walked: steps, and what acts between them.

    ``piece``, ``length``: of each step, (S,); ``sample``: for each step boundary the day taken there or
    -1, ``jump``: the jump that acts there (after the sample) or -1, (S + 1,); ``matrices``: (J, n, n) in
    the order of the structure; ``first``: first read-out of each day, and their number, (D + 1,).
    """

    piece: IntArray
    length: FloatArray
    sample: IntArray
    jump: IntArray
    matrices: FloatArray
    first: IntArray


class Work(NamedTuple):
    """Room to work in; ``mu``: means at boundaries, (S + 1, n); ``nodes``: parents at nodes, (S, s, parents).

    ``u``: read-outs per cell at boundaries, (S + 1, n, C), or two rows of them in turn;
    ``lu``: per pole the factors' entries and the inverses of their diagonal, (J, 2, entries + n), of
    piece and length ``last``; ``seen``, ``mixed``: see ``_step_backward``, of a batch of steps;
    ``part``: variance that each step adds, (S, C), where all boundaries are kept.
    """

    value: FloatArray
    pair_rate: FloatArray
    lu: FloatArray
    last: FloatArray
    x: FloatArray
    line: FloatArray
    mu: FloatArray
    nodes: FloatArray
    u: FloatArray
    seen: FloatArray
    mixed: FloatArray
    part: FloatArray


@inner_kernel
def _tabulate(
    s: Structure,
    role: FloatArray,
    own: FloatArray,
    value: FloatArray,
    pair: FloatArray,
    fate_rate: FloatArray,
) -> None:
    """Write the generator and the rates of sister pairs of one piece."""
    for k in range(value.size):
        value[k] = 0.0
    exit_rate, exit_role, exit_place, exit_first = s.exit_rate, s.exit_role, s.exit_place, s.exit_first
    probability, fate_role, landing, landing_fate = s.probability, s.fate_role, s.landing, s.landing_fate
    pair_fate, pair_number = s.pair_fate, s.pair_number
    for e in range(exit_rate.size):
        hazard = exit_rate[e] * role[exit_role[e]] * own[exit_role[e]]
        value[exit_place[e]] -= hazard
        if exit_first[e + 1] - exit_first[e] == 1:
            fate_rate[exit_first[e]] = hazard
            continue
        total = 0.0
        for f in range(exit_first[e], exit_first[e + 1]):
            weight = probability[f]
            if fate_role[f] >= 0:
                weight *= role[fate_role[f]] * own[fate_role[f]]
            fate_rate[f] = weight
            total += weight
        for f in range(exit_first[e], exit_first[e + 1]):
            fate_rate[f] *= hazard / total
    for k in range(landing.size):
        value[landing[k]] += fate_rate[landing_fate[k]]
    for k in range(pair.size):
        pair[k] = fate_rate[pair_fate[k]] * pair_number[k]


@inner_kernel
def _factorise(s: Structure, value: FloatArray, h: float, pole: complex, lu: FloatArray) -> None:
    """Factorise ``pole I - h A`` into unit lower times upper; ``lu``: (2, entries + n), see ``Work``."""
    row, middle, column = s.row, s.middle, s.column
    op_start, op_to, op_from = s.op_start, s.op_to, s.op_from
    re, im = lu[0], lu[1]
    n, entries = row.size - 1, column.size
    for k in range(entries):
        re[k] = -h * value[k]
        im[k] = 0.0
    for i in range(n):
        diagonal_re, diagonal_im = pole.real - h * value[entries + i], pole.imag
        for k in range(row[i], middle[i]):
            pivot = entries + column[k]
            a, b = re[pivot], im[pivot]
            l_re, l_im = re[k] * a - im[k] * b, re[k] * b + im[k] * a
            re[k], im[k] = l_re, l_im
            for m in range(op_start[k], op_start[k + 1]):
                source, to = op_from[m], op_to[m]
                d_re = l_re * re[source] - l_im * im[source]
                d_im = l_re * im[source] + l_im * re[source]
                if to >= entries:
                    diagonal_re -= d_re
                    diagonal_im -= d_im
                else:
                    re[to] -= d_re
                    im[to] -= d_im
        size = 1.0 / (diagonal_re * diagonal_re + diagonal_im * diagonal_im)
        re[entries + i] = diagonal_re * size
        im[entries + i] = -diagonal_im * size


@inner_kernel
def _solve_columns(  # noqa: C901 - rows of four kinds, each in one pass
    s: Structure, lu: FloatArray, u: FloatArray, columns: int, x: FloatArray, end: complex, before: FloatArray
) -> None:
    """Solve ``(pole I - h A) x = u`` for the first columns, and add ``2 Re(end x)`` to ``before``.

    ``x``: (2, n, C).
    """
    row, middle, column, mixed = s.row, s.middle, s.column, s.mixed
    re, im, xr, xi = lu[0], lu[1], x[0], x[1]
    n, entries = row.size - 1, column.size
    for i in range(n):
        if mixed[i]:
            _below(row[i], middle[i], column, mixed, re, im, u, columns, xr, xi, i)
    f, g = 2.0 * end.real, 2.0 * end.imag
    for i in range(n - 1, -1, -1):
        a, b = re[entries + i], im[entries + i]
        first, number = middle[i], row[i + 1] - middle[i]
        if mixed[i] or number > 1:
            if not mixed[i]:
                for c in range(columns):
                    xr[i, c] = u[i, c]
                    xi[i, c] = 0.0
            for k in range(first, first + number):
                d, e, j = re[k], im[k], column[k]
                for c in range(columns):
                    xr[i, c] -= d * xr[j, c] - e * xi[j, c]
                    xi[i, c] -= d * xi[j, c] + e * xr[j, c]
            for c in range(columns):
                r, m = xr[i, c], xi[i, c]
                p, q = a * r - b * m, a * m + b * r
                xr[i, c], xi[i, c] = p, q
                before[i, c] += f * p - g * q
        elif number == 1:
            # Most microstates lead to one other: all of it in one pass.
            d, j = re[first], column[first]
            for c in range(columns):
                r, m = u[i, c] - d * xr[j, c], -d * xi[j, c]
                p, q = a * r - b * m, a * m + b * r
                xr[i, c], xi[i, c] = p, q
                before[i, c] += f * p - g * q
        else:
            for c in range(columns):
                p, q = a * u[i, c], b * u[i, c]
                xr[i, c], xi[i, c] = p, q
                before[i, c] += f * p - g * q


@inner_kernel
def _below(
    first: int,
    last: int,
    column: IntArray,
    mixed: NDArray[np.bool_],
    re: FloatArray,
    im: FloatArray,
    u: FloatArray,
    columns: int,
    xr: FloatArray,
    xi: FloatArray,
    i: int,
) -> None:
    """Take the entries below the diagonal of row i from its right-hand side."""
    for c in range(columns):
        xr[i, c] = u[i, c]
        xi[i, c] = 0.0
    for k in range(first, last):
        d, e, j = re[k], im[k], column[k]
        if mixed[j]:
            for c in range(columns):
                xr[i, c] -= d * xr[j, c] - e * xi[j, c]
                xi[i, c] -= d * xi[j, c] + e * xr[j, c]
        else:
            for c in range(columns):
                xr[i, c] -= d * u[j, c]
                xi[i, c] -= e * u[j, c]


@inner_kernel
def _solve_row(s: Structure, lu: FloatArray, y: FloatArray, x: FloatArray) -> None:
    """Solve ``x (pole I - h A) = y``; ``x``: (2, n)."""
    row, middle, column = s.row, s.middle, s.column
    re, im, xr, xi = lu[0], lu[1], x[0], x[1]
    n, entries = row.size - 1, column.size
    for i in range(n):
        xr[i] = y[i]
        xi[i] = 0.0
    for i in range(n):
        a, b = re[entries + i], im[entries + i]
        r, m = xr[i], xi[i]
        r, m = a * r - b * m, a * m + b * r
        xr[i], xi[i] = r, m
        for k in range(middle[i], row[i + 1]):
            j = column[k]
            xr[j] -= re[k] * r - im[k] * m
            xi[j] -= re[k] * m + im[k] * r
    for i in range(n - 1, -1, -1):
        r, m = xr[i], xi[i]
        for k in range(row[i], middle[i]):
            j = column[k]
            xr[j] -= re[k] * r - im[k] * m
            xi[j] -= re[k] * m + im[k] * r


@inner_kernel
def _factors(s: Structure, r: Rational, w: Work, p: int, h: float) -> None:
    """Factorise for all poles, unless the last step was the same."""
    if w.last[0] == p and w.last[1] == h:
        return
    w.last[0], w.last[1] = p, h
    value = w.value[p]
    for j in range(r.pole_re.size):
        _factorise(s, value, h, complex(r.pole_re[j], r.pole_im[j]), w.lu[j])


@inner_kernel
def _step_forward(
    s: Structure, r: Rational, w: Work, p: int, h: float, y: FloatArray, after: FloatArray, nodes: FloatArray
) -> None:
    """Write the means one step after ``y``, and the parents' at its nodes."""
    parents, x, lu, weights = s.parents, w.line, w.lu, r.forward
    xr, xi = x[0], x[1]
    _factors(s, r, w, p, h)
    for i in range(after.size):
        after[i] = 0.0
    for m in range(nodes.shape[0]):
        for q in range(parents.size):
            nodes[m, q] = 0.0
    for j in range(r.pole_re.size):
        _solve_row(s, lu[j], y, x)
        a, b = 2.0 * r.end_re[j], 2.0 * r.end_im[j]
        for i in range(after.size):
            after[i] += a * xr[i] - b * xi[i]
        for m in range(nodes.shape[0]):
            a, b = 2.0 * weights[0, m, j], 2.0 * weights[1, m, j]
            for q in range(parents.size):
                nodes[m, q] += a * xr[parents[q]] - b * xi[parents[q]]


@inner_kernel
def _step_backward(
    s: Structure,
    r: Rational,
    w: Work,
    p: int,
    h: float,
    u: FloatArray,
    columns: int,
    before: FloatArray,
    seen: FloatArray,
) -> None:
    """Write the read-outs one step before ``u``, and to ``seen`` those of the watched at its nodes.

    ``seen``: (nodes * watched, C), node by node.
    """
    watched, x, lu, weights = s.watched, w.x, w.lu, r.backward
    xr, xi, number = x[0], x[1], watched.size
    _factors(s, r, w, p, h)
    for i in range(before.shape[0]):
        for c in range(columns):
            before[i, c] = 0.0
    for k in range(seen.shape[0]):
        for c in range(seen.shape[1]):
            seen[k, c] = 0.0
    for j in range(r.pole_re.size):
        _solve_columns(s, lu[j], u, columns, x, complex(r.end_re[j], r.end_im[j]), before)
        for m in range(weights.shape[1]):
            a, b = 2.0 * weights[0, m, j], 2.0 * weights[1, m, j]
            for q in range(number):
                i, k = watched[q], m * number + q
                for c in range(columns):
                    seen[k, c] += a * xr[i, c] - b * xi[i, c]


@inner_kernel
def _mix_sisters(
    s: Structure,
    r: Rational,
    rates: FloatArray,
    h: float,
    nodes: FloatArray,
    seen: FloatArray,
    mixed: FloatArray,
) -> None:
    """Write to ``mixed`` what ``seen`` is to be multiplied with to give the covariance of one step."""
    parent, first, second, number = s.pair_parent, s.pair_first, s.pair_second, s.watched.size
    weight = r.weight
    for k in range(mixed.shape[0]):
        for c in range(mixed.shape[1]):
            mixed[k, c] = 0.0
    for m in range(weight.size):
        for k in range(parent.size):
            rate = h * weight[m] * rates[k] * nodes[m, parent[k]]
            q, other = m * number + first[k], m * number + second[k]
            for c in range(mixed.shape[1]):
                mixed[q, c] += rate * seen[other, c]


@inner_kernel
def _add_diagonal(seen: FloatArray, mixed: FloatArray, part: FloatArray) -> None:
    for k in range(seen.shape[0]):
        for c in range(part.size):
            part[c] += seen[k, c] * mixed[k, c]


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
    day = route.sample[boundary]
    if day < 0:
        return columns
    for r in range(route.first[day], route.first[day + 1]):
        for i in range(weights.shape[1]):
            u[i, columns] = weights[r, i]
        columns += 1
        for i in range(weights.shape[1]):
            share = w.mu[boundary, i] * weights[r, i]
            if share != 0.0:
                for b in range(columns):
                    covariance[columns - 1, b] += share * u[i, b]
    return columns


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
    columns, filled = _take_sample(route, w, steps, 0, weights, u, covariance), 0
    for step in range(steps - 1, -1, -1):
        p, h = route.piece[step], route.length[step]
        here = step if keep else 1 - here
        before, seen, mixed = w.u[here], w.seen[filled], w.mixed[filled]
        _step_backward(s, r, w, p, h, u, columns, before, seen)
        _mix_sisters(s, r, w.pair_rate[p], h, w.nodes[step], seen, mixed)
        if keep:
            _add_diagonal(seen, mixed, w.part[step])
        filled += 1
        if filled == _AT_ONCE or step == 0:
            _add_products(w.seen, w.mixed, filled, covariance)
            filled = 0
        _before_jump(route, step, columns, before, w.x[0])
        columns = _take_sample(route, w, step, columns, weights, before, covariance)
        u = before
    return here


@inner_kernel
def _add_products(seen: FloatArray, mixed: FloatArray, filled: int, covariance: FloatArray) -> None:
    """Add the products of all rows of a batch of steps: one call of the linear algebra library."""
    columns = covariance.shape[0]
    rows = filled * seen.shape[1]
    if rows == 0 or columns == 0:
        return
    left = seen[:filled].reshape((rows, columns))
    right = mixed[:filled].reshape((rows, columns))
    product = np.dot(left.T, right)
    for c in range(columns):
        for b in range(columns):
            covariance[c, b] += product[c, b]


@inner_kernel
def _room(s: Structure, r: Rational, pieces: int, steps: int, columns: int, keep: bool) -> Work:
    n, nodes = s.order.size, r.node.size
    return Work(
        np.empty((pieces, s.column.size + n)),
        np.empty((pieces, s.pair_fate.size)),
        np.empty((r.pole_re.size, 2, s.column.size + n)),
        np.full(2, -1.0),
        np.empty((2, n, columns)),
        np.empty((2, n)),
        np.empty((steps + 1, n)),
        np.empty((steps, nodes, s.parents.size)),
        np.zeros((max(steps + 1, 3) if keep else 2, n, columns)),
        np.empty((_AT_ONCE, nodes * s.watched.size, columns)),
        np.empty((_AT_ONCE, nodes * s.watched.size, columns)),
        np.zeros((steps if keep else 0, columns)),
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
    w.last[0], fate_rate = -1.0, np.empty(s.probability.size)
    for p in range(roles.shape[0]):
        _tabulate(s, roles[p], own, w.value[p], w.pair_rate[p], fate_rate)
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
    before, seen, mixed = np.empty((n, most)), w.seen[0], w.mixed[0]
    u, part = np.empty((n, most)), np.empty(most)
    nodes = np.empty((r.node.size, s.parents.size))
    for step in range(steps):
        p, h, active = route.piece[step], route.length[step], columns[step]
        _after_jump(route, step, w.mu[first[step]], y)
        _step_forward(s, r, w, p, h, y, after, nodes)
        for i in range(n):
            for c in range(active):
                u[i, c] = w.u[first[step + 1], i, c]
        _step_backward(s, r, w, p, h, u, active, before, seen)
        for c in range(most):
            part[c] = 0.0
        _mix_sisters(s, r, w.pair_rate[p], h, nodes, seen, mixed)
        _add_diagonal(seen, mixed, part)
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
