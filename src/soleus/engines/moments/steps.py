"""Compiled kernel of the rational steps: rates, factors, solutions, and the covariance on the way.

Its inner functions take plain arrays: tuples of many arrays would be taken apart in each of them, which
costs seconds of compilation and the speed of small steps.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from soleus.engines.compiled import inner_kernel, kernel
from soleus.engines.moments.rational import Rational
from soleus.engines.moments.structure import Structure
from soleus.lineage.process import FloatArray, IntArray

__all__ = ["Path", "Route", "run_batch"]


class Route(NamedTuple):
    """How time is walked: steps, and what acts between them.

    ``piece``, ``length``: of each step, (S,); ``sample``: for each step boundary the day taken there or
    -1, ``jump``: the jump that acts there (after the sample) or -1, (S + 1,); ``moves``, ``target``,
    ``share``: rows of the jumps in the order of the structure (see ``schedule.jump_rows``); ``first``: first
    read-out of each day, and their number, (D + 1,).
    """

    piece: IntArray
    length: FloatArray
    sample: IntArray
    jump: IntArray
    moves: IntArray
    target: IntArray
    share: FloatArray
    first: IntArray


class Path(NamedTuple):
    """What was found on the way of one animal, for judging steps; empty unless asked for.

    ``mu``: means at boundaries, before a jump there, (S + 1, n); ``u``: read-outs per cell at boundaries,
    with those sampled there and taken back over a jump there, (S + 1, n, C); ``part``: variance that each
    step adds, (S, C).
    """

    mu: FloatArray
    u: FloatArray
    part: FloatArray


@inner_kernel
def _hazards(
    rate: FloatArray,
    role: IntArray,
    place: IntArray,
    multiplier: FloatArray,
    own: FloatArray,
    value: FloatArray,
) -> None:
    """Write minus the total hazards to the diagonal; clear the rest."""
    for k in range(value.size):
        value[k] = 0.0
    for e in range(rate.size):
        value[place[e]] -= rate[e] * multiplier[role[e]] * own[role[e]]


@inner_kernel
def _fate_rates(
    rate: FloatArray,
    role: IntArray,
    first: IntArray,
    probability: FloatArray,
    fate_role: IntArray,
    multiplier: FloatArray,
    own: FloatArray,
    fate_rate: FloatArray,
) -> None:
    """Write the hazard of each fate."""
    for e in range(rate.size):
        hazard = rate[e] * multiplier[role[e]] * own[role[e]]
        if first[e + 1] - first[e] == 1:
            fate_rate[first[e]] = hazard
            continue
        total = 0.0
        for f in range(first[e], first[e + 1]):
            weight = probability[f]
            if fate_role[f] >= 0:
                weight *= multiplier[fate_role[f]] * own[fate_role[f]]
            fate_rate[f] = weight
            total += weight
        for f in range(first[e], first[e + 1]):
            fate_rate[f] *= hazard / total


@inner_kernel
def _factorise(
    row: IntArray,
    middle: IntArray,
    column: IntArray,
    op_start: IntArray,
    op_to: IntArray,
    op_from: IntArray,
    value: FloatArray,
    h: float,
    pole_re: float,
    pole_im: float,
    re: FloatArray,
    im: FloatArray,
) -> None:
    """Factorise ``pole I - h A`` into unit lower times upper.

    ``re``, ``im``: the entries, then the inverses of the diagonal, (entries + n,).
    """
    n, entries = row.size - 1, column.size
    for k in range(entries):
        re[k] = -h * value[k]
        im[k] = 0.0
    for i in range(n):
        diagonal_re, diagonal_im = pole_re - h * value[entries + i], pole_im
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
    row: IntArray,
    middle: IntArray,
    column: IntArray,
    mixed: NDArray[np.bool_],
    re: FloatArray,
    im: FloatArray,
    u: FloatArray,
    columns: int,
    xr: FloatArray,
    xi: FloatArray,
    end_re: float,
    end_im: float,
    before: FloatArray,
) -> None:
    """Solve ``(pole I - h A) x = u`` for the first columns, and add ``2 Re(end x)`` to ``before``."""
    n, entries = row.size - 1, column.size
    for i in range(n):
        if mixed[i]:
            for c in range(columns):
                xr[i, c] = u[i, c]
                xi[i, c] = 0.0
            for k in range(row[i], middle[i]):
                d, e, j = re[k], im[k], column[k]
                if mixed[j]:
                    for c in range(columns):
                        xr[i, c] -= d * xr[j, c] - e * xi[j, c]
                        xi[i, c] -= d * xi[j, c] + e * xr[j, c]
                else:
                    for c in range(columns):
                        xr[i, c] -= d * u[j, c]
                        xi[i, c] -= e * u[j, c]
    f, g = 2.0 * end_re, 2.0 * end_im
    for i in range(n - 1, -1, -1):
        a, b = re[entries + i], im[entries + i]
        first, number = middle[i], row[i + 1] - middle[i]
        if number == 1 and not mixed[i]:
            # Most microstates lead to one other: all of it in one pass.
            d, j = re[first], column[first]
            for c in range(columns):
                r, m = u[i, c] - d * xr[j, c], -d * xi[j, c]
                p, q = a * r - b * m, a * m + b * r
                xr[i, c], xi[i, c] = p, q
                before[i, c] += f * p - g * q
            continue
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


@inner_kernel
def _solve_row(
    row: IntArray,
    middle: IntArray,
    column: IntArray,
    re: FloatArray,
    im: FloatArray,
    y: FloatArray,
    xr: FloatArray,
    xi: FloatArray,
) -> None:
    """Solve ``x (pole I - h A) = y``; ``xr``, ``xi``: (n, 1)."""
    n, entries = row.size - 1, column.size
    for i in range(n):
        xr[i, 0] = y[i]
        xi[i, 0] = 0.0
    for i in range(n):
        a, b = re[entries + i], im[entries + i]
        r, m = xr[i, 0], xi[i, 0]
        r, m = a * r - b * m, a * m + b * r
        xr[i, 0], xi[i, 0] = r, m
        for k in range(middle[i], row[i + 1]):
            j = column[k]
            xr[j, 0] -= re[k] * r - im[k] * m
            xi[j, 0] -= re[k] * m + im[k] * r
    for i in range(n - 1, -1, -1):
        r, m = xr[i, 0], xi[i, 0]
        for k in range(row[i], middle[i]):
            j = column[k]
            xr[j, 0] -= re[k] * r - im[k] * m
            xi[j, 0] -= re[k] * m + im[k] * r


@inner_kernel
def _at_nodes(
    places: IntArray,
    weights: FloatArray,
    j: int,
    columns: int,
    xr: FloatArray,
    xi: FloatArray,
    nodes: FloatArray,
) -> None:
    """Add what pole j gives at the nodes; ``nodes``: (s * places, C), node by node."""
    number = places.size
    for m in range(weights.shape[1]):
        a, b = 2.0 * weights[0, m, j], 2.0 * weights[1, m, j]
        for q in range(number):
            i, k = places[q], m * number + q
            for c in range(columns):
                nodes[k, c] += a * xr[i, c] - b * xi[i, c]


@inner_kernel
def _add_sisters(
    parent: IntArray,
    first: IntArray,
    second: IntArray,
    rate: FloatArray,
    h: float,
    weight: FloatArray,
    mu: FloatArray,
    seen: FloatArray,
    mixed: FloatArray,
    columns: int,
    part: FloatArray,
    covariance: FloatArray,
) -> None:
    """Add what pairs of sisters born in one step contribute to the covariance.

    ``mu``: parents' means at the nodes, (s * parents, 1); ``seen``: read-outs of the watched,
    (s * watched, C).
    """
    watched, parents = seen.shape[0] // weight.size, mu.shape[0] // weight.size
    for k in range(seen.shape[0]):
        for c in range(columns):
            mixed[k, c] = 0.0
    for m in range(weight.size):
        for k in range(parent.size):
            factor = h * weight[m] * rate[k] * mu[m * parents + parent[k], 0]
            q, other = m * watched + first[k], m * watched + second[k]
            for c in range(columns):
                mixed[q, c] += factor * seen[other, c]
    for k in range(seen.shape[0]):
        for c in range(columns):
            value = seen[k, c]
            part[c] += value * mixed[k, c]
            for b in range(columns):
                covariance[c, b] += value * mixed[k, b]


@inner_kernel
def _jump_back(
    moves: IntArray, target: IntArray, share: FloatArray, columns: int, u: FloatArray, room: FloatArray
) -> None:
    """Take read-outs back over a jump, in place."""
    n = u.shape[0]
    for i in range(n):
        for c in range(columns):
            room[i, c] = 0.0
        for k in range(moves[i], moves[i + 1]):
            for c in range(columns):
                room[i, c] += share[k] * u[target[k], c]
    for i in range(n):
        for c in range(columns):
            u[i, c] = room[i, c]


@inner_kernel
def _sample(
    first: int,
    last: int,
    weights: FloatArray,
    mu: FloatArray,
    columns: int,
    u: FloatArray,
    covariance: FloatArray,
) -> int:
    """Add the read-outs ``first`` to ``last`` as new columns; return how many there are now.

    Their covariance with all columns there is that of cells counted in both.
    """
    for r in range(first, last):
        for i in range(weights.shape[1]):
            u[i, columns] = weights[r, i]
        columns += 1
        for i in range(weights.shape[1]):
            share = mu[i] * weights[r, i]
            if share != 0.0:
                for b in range(columns):
                    covariance[columns - 1, b] += share * u[i, b]
    return columns


@kernel
def run_batch(  # noqa: C901, PLR0915 - one pass over time and back; a call layer more costs seconds to compile
    s: Structure,
    r: Rational,
    route: Route,
    roles: FloatArray,
    own: FloatArray,
    starts: FloatArray,
    fixed: FloatArray,
    weights: FloatArray,
    keep: bool,
) -> tuple[FloatArray, FloatArray, Path]:
    """Return means, (N, C), and lower covariances, (N, C, C), of animals; the last day's read-outs first.

    Parameters
    ----------
    roles
        Multipliers by piece, (P, R).
    own
        Each animal's factors on roles, (N, R).
    starts
        (N, n); like ``weights`` and ``fixed`` in the order of the structure.
    fixed
        1 where the start is a number, 0 where it is the mean of a Poisson number, (n,).
    weights
        Read-outs of all days, (C, n).
    keep
        Keep the path of the (last) animal.
    """
    row, middle, column, mixed_row = s.row, s.middle, s.column, s.mixed
    op_start, op_to, op_from = s.op_start, s.op_to, s.op_from
    fate_role, probability, exit_first = s.fate_role, s.probability, s.exit_first
    exit_rate, exit_role, exit_place = s.exit_rate, s.exit_role, s.exit_place
    landing, landing_fate, parents, watched = s.landing, s.landing_fate, s.parents, s.watched
    pair_fate, pair_parent, pair_first = s.pair_fate, s.pair_parent, s.pair_first
    pair_second, pair_number = s.pair_second, s.pair_number
    pole_re, pole_im, end_re, end_im = r.pole_re, r.pole_im, r.end_re, r.end_im
    forward, backward, weight = r.forward, r.backward, r.weight
    step_piece, length, sample, jump = route.piece, route.length, route.sample, route.jump
    moves, target, share, first_of_day = route.moves, route.target, route.share, route.first
    number, pieces, steps, n = own.shape[0], roles.shape[0], step_piece.size, starts.shape[1]
    columns, poles, stages, entries = weights.shape[0], pole_re.size, weight.size, column.size
    means, covariances = np.empty((number, columns)), np.empty((number, columns, columns))
    value, pair_rate = np.empty((pieces, entries + n)), np.empty((pieces, pair_fate.size))
    fate_rate = np.empty(probability.size)
    lu_re, lu_im = np.empty((poles, entries + n)), np.empty((poles, entries + n))
    line_re, line_im, y = np.empty((n, 1)), np.empty((n, 1)), np.empty(n)
    xr, xi = np.empty((n, columns)), np.empty((n, columns))
    mu, mu_nodes = np.empty((steps + 1, n)), np.empty((steps, stages * parents.size, 1))
    seen, mixed = np.empty((stages * watched.size, columns)), np.empty((stages * watched.size, columns))
    rows = steps + 1 if keep else 2
    u, part = np.empty((rows, n, columns)), np.zeros((steps if keep else 1, columns))
    for animal in range(number):
        covariance = covariances[animal]
        for c in range(columns):
            for b in range(columns):
                covariance[c, b] = 0.0
        for p in range(pieces):
            _hazards(exit_rate, exit_role, exit_place, roles[p], own[animal], value[p])
            _fate_rates(
                exit_rate,
                exit_role,
                exit_first,
                probability,
                fate_role,
                roles[p],
                own[animal],
                fate_rate,
            )
            for k in range(landing.size):
                value[p, landing[k]] += fate_rate[landing_fate[k]]
            for k in range(pair_fate.size):
                pair_rate[p, k] = fate_rate[pair_fate[k]] * pair_number[k]
        # Means forward, at boundaries and at the nodes of each step.
        last_piece, last_length = -1, -1.0
        for i in range(n):
            mu[0, i] = starts[animal, i]
        for step in range(steps):
            p, h = step_piece[step], length[step]
            if p != last_piece or h != last_length:
                for j in range(poles):
                    _factorise(
                        row,
                        middle,
                        column,
                        op_start,
                        op_to,
                        op_from,
                        value[p],
                        h,
                        pole_re[j],
                        pole_im[j],
                        lu_re[j],
                        lu_im[j],
                    )
                last_piece, last_length = p, h
            for i in range(n):
                y[i] = mu[step, i] if jump[step] < 0 else 0.0
                mu[step + 1, i] = 0.0
            if jump[step] >= 0:
                for i in range(n):
                    for k in range(moves[jump[step], i], moves[jump[step], i + 1]):
                        y[target[k]] += mu[step, i] * share[k]
            for k in range(mu_nodes.shape[1]):
                mu_nodes[step, k, 0] = 0.0
            for j in range(poles):
                _solve_row(row, middle, column, lu_re[j], lu_im[j], y, line_re, line_im)
                a, b = 2.0 * end_re[j], 2.0 * end_im[j]
                for i in range(n):
                    mu[step + 1, i] += a * line_re[i, 0] - b * line_im[i, 0]
                _at_nodes(parents, forward, j, 1, line_re, line_im, mu_nodes[step])
        # Read-outs backward, and what each step adds to their covariance.
        here = steps if keep else 0
        active = 0
        if sample[steps] >= 0:
            d = sample[steps]
            active = _sample(
                first_of_day[d], first_of_day[d + 1], weights, mu[steps], active, u[here], covariance
            )
        for step in range(steps - 1, -1, -1):
            p, h = step_piece[step], length[step]
            if p != last_piece or h != last_length:
                for j in range(poles):
                    _factorise(
                        row,
                        middle,
                        column,
                        op_start,
                        op_to,
                        op_from,
                        value[p],
                        h,
                        pole_re[j],
                        pole_im[j],
                        lu_re[j],
                        lu_im[j],
                    )
                last_piece, last_length = p, h
            after, here = u[here], step if keep else 1 - here
            before = u[here]
            for i in range(n):
                for c in range(active):
                    before[i, c] = 0.0
            for k in range(seen.shape[0]):
                for c in range(active):
                    seen[k, c] = 0.0
            for j in range(poles):
                _solve_columns(
                    row,
                    middle,
                    column,
                    mixed_row,
                    lu_re[j],
                    lu_im[j],
                    after,
                    active,
                    xr,
                    xi,
                    end_re[j],
                    end_im[j],
                    before,
                )
                _at_nodes(watched, backward, j, active, xr, xi, seen)
            _add_sisters(
                pair_parent,
                pair_first,
                pair_second,
                pair_rate[p],
                h,
                weight,
                mu_nodes[step],
                seen,
                mixed,
                active,
                part[step if keep else 0],
                covariance,
            )
            if jump[step] >= 0:
                _jump_back(moves[jump[step]], target, share, active, before, xr)
            if sample[step] >= 0:
                d = sample[step]
                active = _sample(
                    first_of_day[d], first_of_day[d + 1], weights, mu[step], active, before, covariance
                )
        for c in range(columns):
            total = 0.0
            for i in range(n):
                total += starts[animal, i] * u[here, i, c]
                known = fixed[i] * starts[animal, i] * u[here, i, c]
                if known != 0.0:
                    for b in range(c + 1):
                        covariance[c, b] -= known * u[here, i, b]
            means[animal, c] = total
    return means, covariances, Path(mu, u, part)
