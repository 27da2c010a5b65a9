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

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from soleus.engines.generator import build_pattern, new_generator
from soleus.engines.moments.series import backward, forward, piece_steps
from soleus.engines.schedule import Schedule, build_schedule
from soleus.engines.start import Start
from soleus.errors import InputError, NumericalError
from soleus.lineage import Process
from soleus.lineage.process import FloatArray
from soleus.movement import Modifiers

__all__ = ["ReadoutMoments", "mean_cells", "nodes_for", "readout_moments"]

_THETA_MEAN = 24.0
_THETA_COVARIANCE = 2.0
_NO_NODES = np.zeros(0)
_NO_STATES = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class ReadoutMoments:
    """Means and covariances of read-outs.

    Attributes
    ----------
    days
        Shape (D,).
    mean
        Shape (D, R), in cells.
    covariance
        Shape (D, R, D, R), in cells squared.
    tolerance
        Bound of the relative error that the quadrature and the series were held to.
    """

    days: FloatArray
    mean: FloatArray
    covariance: FloatArray
    tolerance: float

    @property
    def flat_covariance(self) -> FloatArray:
        """The covariance as a matrix, shape (D R, D R), day-major."""
        size = self.mean.size
        return self.covariance.reshape(size, size)


def nodes_for(tolerance: float, theta: float = _THETA_COVARIANCE) -> int:
    """Return how many Gauss-Legendre nodes a step of ``theta`` needs.

    The integrand is a product of three solutions, so its 2m-th derivative on a step is at most
    ``(3 theta / h)**(2m)`` times its size; the m-node rule's error is that times
    ``h (m!)**4 / ((2m + 1) (2m)!**3)``.
    """
    for m in range(2, 20):
        factor = math.factorial(m) ** 4 / ((2 * m + 1) * math.factorial(2 * m) ** 3)
        if (3.0 * theta) ** (2 * m) * factor <= tolerance:
            return m
    return 20


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
    _check(process, start, tolerance)
    schedule = build_schedule(process, modifiers, days)
    at_cuts, _, _ = _run_forward(process, schedule, start, _THETA_MEAN, (_NO_NODES, _NO_STATES), tolerance)
    return np.asarray(at_cuts[schedule.sample_at])


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
        Bound of the relative error of the covariance.

    Raises
    ------
    InputError, ModelError, NumericalError
    """
    _check(process, start, tolerance)
    weights = np.atleast_2d(np.asarray(weights, dtype=float))
    if weights.shape[1] != process.n_states:
        raise InputError(
            f"weights must have shape (read-outs, {process.n_states} microstates), got {weights.shape}"
        )
    schedule = build_schedule(process, modifiers, days)
    u, covariance = _run_adjoint(process, schedule, start, weights, tolerance)
    shape = (len(schedule.sample_at), len(weights))
    mean = (start.mean @ u).reshape(shape)[::-1]
    full = np.tril(covariance) + np.tril(covariance, -1).T
    if not start.poisson:
        inside = start.mean.copy()
        if process.has_outside:
            inside[-1] = 0.0
        full -= u.T @ (inside[:, None] * u)
    full = full.reshape(*shape, *shape)[::-1, :, ::-1, :]
    if not (np.all(np.isfinite(mean)) and np.all(np.isfinite(full))):
        raise NumericalError("moments: the numbers of cells overflow; check growth rates and days")
    return ReadoutMoments(np.asarray(days, dtype=float), mean, np.ascontiguousarray(full), tolerance)


def _check(process: Process, start: Start, tolerance: float) -> None:
    if start.mean.shape != (process.n_states,):
        raise InputError(
            f"start has {start.mean.shape[0]} microstates, process {process.name!r} has {process.n_states}"
        )
    if not 1e-14 <= tolerance <= 0.1:
        raise InputError(f"tolerance must lie in [1e-14, 0.1], got {tolerance:g}")


def _run_forward(
    process: Process,
    schedule: Schedule,
    start: Start,
    theta: float,
    watch: tuple[FloatArray, np.ndarray],
    tolerance: float,
) -> tuple[FloatArray, FloatArray, np.ndarray]:
    pattern = build_pattern(process)
    gen = new_generator(process, pattern)
    steps = piece_steps(process.arrays, pattern, gen, schedule.times, schedule.role_values, theta)
    at_cuts, at_nodes = forward(
        process.arrays,
        pattern,
        gen,
        schedule.times,
        schedule.role_values,
        schedule.jump_at,
        schedule.jump_matrices,
        steps,
        start.mean,
        watch[0],
        watch[1],
        tolerance,
    )
    return at_cuts, at_nodes, steps


def _run_adjoint(
    process: Process, schedule: Schedule, start: Start, weights: FloatArray, tolerance: float
) -> tuple[FloatArray, FloatArray]:
    pattern = build_pattern(process)
    arrays = process.arrays
    x, w = np.polynomial.legendre.leggauss(nodes_for(tolerance))
    nodes, node_weights = 0.5 * (1.0 + x), 0.5 * w
    parents = np.repeat(arrays.exit_source, np.diff(arrays.exit_fates))[pattern.division]
    # The truncation error of each step adds up over the steps; leave the tolerance to the quadrature.
    fine = max(1e-14, tolerance * 1e-3)
    at_cuts, mu_nodes, steps = _run_forward(
        process, schedule, start, _THETA_COVARIANCE, (nodes, parents), fine
    )
    ends = [arrays.fate_daughters[f] for f in pattern.division]
    stops = [arrays.fate_daughters[f + 1] for f in pattern.division]
    born = [arrays.daughters[a:b] for a, b in zip(ends, stops, strict=True)]
    watched = np.unique(np.concatenate(born)) if born else np.zeros(0, dtype=np.int64)
    position = np.full(process.n_states, -1, dtype=np.int64)
    position[watched] = np.arange(len(watched))
    u, covariance = backward(
        arrays,
        pattern,
        new_generator(process, pattern),
        schedule.times,
        schedule.role_values,
        schedule.jump_at,
        schedule.jump_matrices,
        steps,
        at_cuts,
        mu_nodes,
        np.ascontiguousarray(schedule.sample_at[::-1]),
        np.ascontiguousarray(weights.T),
        nodes,
        node_weights,
        watched,
        position,
        fine,
    )
    return u, covariance
