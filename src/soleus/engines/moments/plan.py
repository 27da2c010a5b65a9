"""How time is stepped through: steps per piece, and Gauss-Legendre nodes per step.

The integrand of the covariance on a step of length h is a product of one forward and two backward
solutions. Shifted by q they are series of positive terms that grow at most at rate ``norm``, and
the shifts leave one factor ``exp(q t)``; so its k-th derivative is at most ``(q + 3 norm)**k`` times
its bound, and the m-node rule's error at most ``h (m!)**4 / ((2m + 1) (2m)!**3) ((q + 3 norm) h)**2m``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from soleus.engines.generator import Generator, Pattern
from soleus.errors import NumericalError
from soleus.lineage.process import FloatArray, IntArray

__all__ = ["Plan", "make_plan", "node_tables"]

_MAX_NODES = 32
_MAX_STEPS = 5e6


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps and quadrature of each piece of time.

    Attributes
    ----------
    steps, first_step
        Steps of each piece, and how many come before it, shape (P,).
    length
        Days per step, shape (P,).
    shift
        q, at least every total hazard per day that the diagonal leaves, shape (P,).
    order
        Nodes per step, shape (P,); 0 where no integral is taken.
    """

    steps: IntArray
    first_step: IntArray
    length: FloatArray
    shift: FloatArray
    order: IntArray

    @property
    def total_steps(self) -> int:
        """Number of steps in all."""
        return int(self.steps.sum())


def make_plan(
    pattern: Pattern, table: Generator, times: FloatArray, *, theta: float, tolerance: float | None
) -> Plan:
    """Return the plan for steps of size ``theta``; without ``tolerance`` no integral is planned."""
    span = np.diff(times)
    shift = np.maximum(0.0, -table.diagonal).max(axis=1)
    rows = table.diagonal.copy()
    inner = np.flatnonzero(np.diff(pattern.row_start))
    if len(inner):
        rows[:, inner] += np.add.reduceat(table.off, pattern.row_start[inner], axis=1)
    norm = np.maximum(0.0, rows.max(axis=1) + shift)
    pace = norm if tolerance is None else norm + shift / 3.0
    wanted = np.where(span > 0.0, np.maximum(1.0, np.ceil(pace * span / theta)), 0.0)
    if not wanted.sum() <= _MAX_STEPS:
        raise NumericalError(
            f"the moments need {wanted.sum():.3g} steps, more than {_MAX_STEPS:.3g}: the fastest rate is "
            f"{pace.max():.3g} per day over {span.sum():.3g} days; check rates, modifiers and units"
        )
    steps = wanted.astype(np.int64)
    length = span / np.maximum(steps, 1)
    order = np.zeros(len(span), dtype=np.int64)
    if tolerance is not None:
        order = 1 + np.searchsorted(_reach(tolerance), (3.0 * norm + shift) * length).astype(np.int64)
    return Plan(steps, np.cumsum(steps) - steps, length, shift, np.minimum(order, _MAX_NODES))


@cache
def _reach(tolerance: float) -> FloatArray:
    """Return the largest ``(q + 3 norm) h`` that m = 1, 2, ... nodes integrate to the tolerance."""
    reach = []
    for m in range(1, _MAX_NODES + 1):
        log_factor = 4.0 * math.lgamma(m + 1) - math.log(2 * m + 1) - 3.0 * math.lgamma(2 * m + 1)
        reach.append(math.exp((math.log(tolerance) - log_factor) / (2 * m)))
    return np.array(reach)


@cache
def node_tables(largest: int) -> tuple[FloatArray, FloatArray]:
    """Return nodes on [0, 1] and weights of the rules with 0 to ``largest`` nodes, one a row."""
    nodes, weights = np.zeros((2, largest + 1, largest))
    for m in range(1, largest + 1):
        x, w = np.polynomial.legendre.leggauss(m)
        nodes[m, :m], weights[m, :m] = 0.5 * (1.0 + x), 0.5 * w
    return nodes, weights
