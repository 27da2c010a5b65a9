"""Choose the steps of the moments: divide pieces of time until each step keeps to its share of the error.

A plan is judged against itself with every step halved, whose error is smaller by 2 to the order. What a
step misses in the means follows from the pairing of means and backward read-outs, which the exact
solution conserves; what it misses in the variances from what it adds to them. The error at the end is
then measured on the whole.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from soleus.engines.moments.rational import Rational
from soleus.engines.moments.steps import Route, probe_steps, run_animal
from soleus.engines.moments.structure import Structure
from soleus.engines.schedule import Schedule
from soleus.errors import NumericalError
from soleus.lineage.process import FloatArray, IntArray

__all__ = ["Problem", "plan_steps", "route_error"]

_ROUNDS = 14
_MOST_STEPS = 20_000
_MOST_PARTS = 4
# Half steps tell the error of coarse steps to within a factor of about 1.6 (random processes, tests).
_MARGIN = 0.5
_LEAST_CELLS = 1e-3


class Problem(NamedTuple):
    """One animal as kernels read it; arrays over microstates are in the order of the structure.

    ``weights``: read-outs of all days, (C, n); ``first``: where each day's begin, and C, (D + 1,).
    """

    structure: Structure
    rational: Rational
    schedule: Schedule
    own: FloatArray
    start: FloatArray
    weights: FloatArray
    first: IntArray

    @property
    def order(self) -> int:
        """Order of the steps."""
        return 2 * len(self.rational.node) - 1

    @property
    def back(self) -> IntArray:
        """Read-outs in the order in which they are met going back in time, the last day first, (C,)."""
        days = np.arange(len(self.first) - 1)
        return np.lexsort((np.arange(len(self.weights)), -np.repeat(days, np.diff(self.first))))


def plan_steps(problem: Problem, tolerance: float) -> Route:
    """Return a route on which means and variances are within a relative ``tolerance``.

    Raises
    ------
    NumericalError
        If that cannot be reached.
    """
    times = problem.schedule.times
    lengths = [np.array([span]) for span in np.diff(times)] if times[-1] > times[0] else []
    target = _MARGIN * tolerance
    for _ in range(_ROUNDS):
        route = _route(problem, lengths)
        if not lengths:
            return route
        local, overall = route_error(problem, route)
        if not np.isfinite(overall):
            raise NumericalError("moments: the numbers of cells overflow; check growth rates and days")
        if overall <= _MARGIN * tolerance:
            return route
        if len(route.piece) > _MOST_STEPS:
            break
        # Errors rarely add up with one sign, so a step may take more than an even share.
        share = target / np.sqrt(len(local))
        parts = np.ceil((local / share) ** (1.0 / problem.order))
        number = np.clip(np.nan_to_num(parts, posinf=_MOST_PARTS), 1, _MOST_PARTS).astype(np.int64)
        if not np.any(number > 1):
            target *= 0.2
            number[np.argmax(local)] = 2
        lengths = _divided(lengths, number)
    raise NumericalError(
        f"moments: a relative error of {tolerance:g} is not reached with {sum(map(len, lengths))} steps; "
        "allow a larger tolerance, or check rates and units"
    )


def _divided(lengths: list[FloatArray], number: np.ndarray) -> list[FloatArray]:
    first, divided = 0, []
    for own in lengths:
        parts = number[first : first + len(own)]
        divided.append(np.repeat(own / parts, parts))
        first += len(own)
    return divided


def _route(problem: Problem, lengths: list[FloatArray]) -> Route:
    """Return the route through the pieces with the given steps in each."""
    schedule, order = problem.schedule, problem.structure.order
    at = np.concatenate([[0], np.cumsum([len(own) for own in lengths], dtype=np.int64)]).astype(np.int64)
    total = int(at[-1])
    sample, jump = np.full((2, total + 1), -1, dtype=np.int64)
    if lengths:
        sample[at[schedule.sample_at]] = np.arange(len(schedule.sample_at))
        jump[at] = schedule.jump_at
    else:
        sample[0] = 0
    piece = np.repeat(np.arange(len(lengths)), [len(own) for own in lengths]).astype(np.int64)
    length = np.concatenate(lengths) if lengths else np.zeros(0)
    matrices = np.ascontiguousarray(schedule.jump_matrices[:, order][:, :, order])
    return Route(piece, length, sample, jump, matrices, problem.first)


def _halved(route: Route) -> Route:
    sample, jump = np.full((2, 2 * len(route.piece) + 1), -1, dtype=np.int64)
    sample[::2], jump[::2] = route.sample, route.jump
    return Route(
        np.repeat(route.piece, 2), np.repeat(0.5 * route.length, 2), sample, jump, route.matrices, route.first
    )


def route_error(problem: Problem, route: Route) -> tuple[FloatArray, float]:
    """Return what each step misses on its own, (S,), and the error of the whole; both relative.

    Means are relative to themselves (or to their standard deviation where that is larger),
    covariances to the standard deviations under a Poisson start. A standard deviation counts for at least
    that of ``_LEAST_CELLS``: nobody asks for six digits of what is never there.
    """
    s, columns = problem.structure, len(problem.weights)
    poisson = np.zeros(s.size)
    given = (problem.schedule.role_values, problem.own, problem.start, poisson, problem.weights, columns)
    mean, lower, _ = run_animal(s, problem.rational, route, *given, False)
    fine_mean, fine_lower, work = run_animal(s, problem.rational, _halved(route), *given, True)
    least = _LEAST_CELLS * np.abs(problem.weights[problem.back]).max(axis=1)
    sd = np.maximum(np.sqrt(np.maximum(np.diag(fine_lower), 0.0)), least)
    mean_scale = _never_zero(np.maximum(np.abs(fine_mean), sd))
    sd_scale = _never_zero(sd)
    off = np.tril(lower - fine_lower) / np.outer(sd_scale, sd_scale)
    overall = max(float(np.max(np.abs(mean - fine_mean) / mean_scale)), float(np.max(np.abs(off))))
    taken = np.where(route.sample >= 0, np.diff(route.first)[route.sample], 0)
    later = np.cumsum(taken[::-1])[::-1].astype(np.int64)
    boundaries = 2 * np.arange(len(route.piece) + 1)
    in_mean, in_part = probe_steps(s, problem.rational, route, work, boundaries, later[1:])
    local = np.maximum(np.abs(in_mean) / mean_scale, np.abs(in_part) / sd_scale**2).max(axis=1)
    return np.asarray(local), overall


def _never_zero(scale: FloatArray) -> FloatArray:
    return np.where(scale > 0.0, scale, np.inf)
