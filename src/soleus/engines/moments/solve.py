"""Exact means and read-out covariances: the public face of the moments engine.

Cells do not interact, so two cells are correlated only through a division that both descend
from. With u_r(i, t) the expected read-out r on its day of one cell in microstate i at time t
(``du/dt = -A u``, backward) and mu the forward mean, a Poisson start gives

``Cov_rs = sum_i mu_i(T) w_ri u_s(i, T) + int_0^T sum_divisions a(mu) [U_r U_s - sum_d u_rd u_sd] dt``

with T the earlier of the two days, U the sum over a division's daughters d. Exits that replace one
cell by at most one (stages, maturation, death, jumps) add nothing. This equals the general adjoint
formula for first-order networks, in which every event contributes, after summing by parts.

The integral is taken by Gauss-Legendre quadrature on steps short enough that its error, and the
truncation of the series, stay below the stated tolerance.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from soleus.engines.generator import Generator, Pattern, pattern_of, tabulate
from soleus.engines.moments.plan import Plan, make_plan, node_tables
from soleus.engines.moments.result import ReadoutMoments
from soleus.engines.moments.series import Pairs, Pieces, run_backward, run_forward
from soleus.engines.moments.validate import check_start, check_tolerance, checked_weights
from soleus.engines.schedule import Schedule, build_schedule
from soleus.engines.start import Start
from soleus.errors import NumericalError
from soleus.lineage import Process
from soleus.lineage.process import FloatArray, IntArray
from soleus.movement import Modifiers

__all__ = ["mean_cells", "readout_moments"]

_THETA_MEAN = 24.0
_THETA_COVARIANCE = 16.0
_NO_STATES = np.zeros(0, dtype=np.int64)


def mean_cells(
    process: Process, modifiers: Modifiers, start: Start, *, days: Sequence[float], tolerance: float = 1e-12
) -> FloatArray:
    """Return the mean number of cells per microstate, shape (D, n).

    Parameters
    ----------
    days
        Increasing sampling days, shape (D,), within the modifiers' edges.
    tolerance
        Relative truncation error of the series per step, component by component.
    """
    check_start(process, start)
    check_tolerance(tolerance, lowest=1e-14)
    schedule = build_schedule(process, modifiers, days)
    pattern = pattern_of(process)
    table = tabulate(process, pattern, schedule.role_values)
    plan = make_plan(pattern, table, schedule.times, theta=_THETA_MEAN, tolerance=None)
    pieces = _pieces(pattern, table, plan, node_tables(0)[0])
    return _run_forward(pieces, schedule, start, parents=_NO_STATES, tolerance=tolerance)[0]


def readout_moments(
    process: Process,
    modifiers: Modifiers,
    start: Start,
    *,
    weights: FloatArray,
    days: Sequence[float],
    tolerance: float = 1e-8,
) -> ReadoutMoments:
    """Return exact means and covariances of read-outs (linear functions of the cell numbers).

    Parameters
    ----------
    weights
        Shape (R, n): read-out r of a state x is ``weights[r] @ x``.
    days
        Increasing sampling days, shape (D,).
    tolerance
        Bound of the error of the covariance, relative to that of a Poisson start; a fixed start
        subtracts from it, so early, small variances are relatively less exact.

    Raises
    ------
    InputError, ModelError, NumericalError
    """
    check_start(process, start)
    check_tolerance(tolerance, lowest=1e-14)
    weights = checked_weights(process, weights)
    schedule = build_schedule(process, modifiers, days)
    u, covariance = _run_adjoint(process, schedule, start, weights, tolerance)
    shape = (len(schedule.sample_at), len(weights))
    mean = (start.mean @ u).reshape(shape)[::-1]
    full = np.tril(covariance) + np.tril(covariance, -1).T
    if not start.poisson:
        inside = start.mean.copy()
        if process.has_outside:
            inside[-1] = 0.0
        expected = u.T @ (inside[:, None] * u)
        full -= 0.5 * (expected + expected.T)
    full = full.reshape(*shape, *shape)[::-1, :, ::-1, :]
    if not (np.all(np.isfinite(mean)) and np.all(np.isfinite(full))):
        raise NumericalError("moments: the numbers of cells overflow; check growth rates and days")
    return ReadoutMoments(np.asarray(days, dtype=float), mean, np.ascontiguousarray(full), tolerance)


def _pieces(pattern: Pattern, table: Generator, plan: Plan, nodes: FloatArray) -> Pieces:
    return Pieces(
        row_start=pattern.row_start,
        column=pattern.column,
        off=table.off,
        diagonal=table.diagonal,
        shift=plan.shift,
        length=plan.length,
        steps=plan.steps,
        first_step=plan.first_step,
        order=plan.order,
        nodes=nodes,
    )


def _stops(schedule: Schedule) -> list[int]:
    """Return the cuts at which something other than a rate changes: samples, jumps, both ends."""
    jumps = np.flatnonzero(schedule.jump_at >= 0)
    ends = [0, len(schedule.times) - 1]
    return sorted({*schedule.sample_at.tolist(), *jumps.tolist(), *ends})


def _run_forward(
    pieces: Pieces, schedule: Schedule, start: Start, *, parents: IntArray, tolerance: float
) -> tuple[FloatArray, FloatArray]:
    """Return the mean at each sample, (D, n), and of the parents at the nodes of each step."""
    total = int(pieces.steps.sum())
    at_nodes = np.empty((total, pieces.nodes.shape[1], len(parents)))
    samples = {cut: day for day, cut in enumerate(schedule.sample_at.tolist())}
    means = np.empty((len(samples), len(start.mean)))
    stops = _stops(schedule)
    y = start.mean.astype(np.float64)
    for begin, end in zip(stops, [*stops[1:], stops[-1]], strict=True):
        if begin in samples:
            means[samples[begin]] = y
        if schedule.jump_at[begin] >= 0:
            y = schedule.jumps[schedule.jump_at[begin]].forward(y)
        run_forward(pieces, begin, end, y, parents, at_nodes, tolerance)
    if not np.all(np.isfinite(means)):
        raise NumericalError("moments: the numbers of cells overflow; check growth rates and days")
    return means, at_nodes


def _run_adjoint(
    process: Process, schedule: Schedule, start: Start, weights: FloatArray, tolerance: float
) -> tuple[FloatArray, FloatArray]:
    """Return the read-outs' expectations per starting cell, and the covariance of a Poisson start.

    Shapes (n, D R) and (D R, D R), with the latest day first.
    """
    pattern = pattern_of(process)
    table = tabulate(process, pattern, schedule.role_values)
    plan = make_plan(pattern, table, schedule.times, theta=_THETA_COVARIANCE, tolerance=tolerance)
    nodes, node_weights = node_tables(int(plan.order.max()))
    pieces = _pieces(pattern, table, plan, nodes)
    # The truncation error of each step adds up over the steps; leave the tolerance to the quadrature.
    fine = max(1e-14, tolerance * 1e-3)
    means, mu_nodes = _run_forward(pieces, schedule, start, parents=pattern.parents, tolerance=fine)
    pairs = Pairs(
        rate=np.ascontiguousarray(table.fate_rate[:, pattern.pair_fate] * pattern.pair_number),
        parent=pattern.pair_parent,
        first=pattern.pair_first,
        second=pattern.pair_second,
        node_weights=node_weights,
    )
    samples = {cut: day for day, cut in enumerate(schedule.sample_at.tolist())}
    stops = _stops(schedule)[::-1]
    n, readouts = weights.shape[1], len(weights)
    columns = len(samples) * readouts
    covariance = np.zeros((columns, columns))
    u = np.zeros((n, 0))
    for end, begin in zip(stops, [*stops[1:], stops[-1]], strict=True):
        if schedule.jump_at[end] >= 0:
            u = schedule.jumps[schedule.jump_at[end]].back(u)
        if end in samples:
            u = np.hstack([u, weights.T])
            now = means[samples[end]][:, None] * weights.T
            size = u.shape[1]
            covariance[size - readouts : size, :size] += now.T @ u
        u = _back(pieces, pairs, (begin, end), u, pattern.watched, mu_nodes, covariance, fine)
    return u, covariance


def _back(
    pieces: Pieces,
    pairs: Pairs,
    span: tuple[int, int],
    u: FloatArray,
    watched: IntArray,
    mu_nodes: FloatArray,
    covariance: FloatArray,
    tolerance: float,
) -> FloatArray:
    """Return read-outs taken back over the pieces of ``span``; add to their covariance."""
    begin, end = span
    size = u.shape[1]
    if begin == end or size == 0:
        return u
    taken = np.ascontiguousarray(u)
    added = np.zeros((size, size))
    run_backward(pieces, pairs, begin, end, taken, watched, mu_nodes, added, tolerance)
    covariance[:size, :size] += added
    return taken
