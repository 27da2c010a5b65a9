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
from soleus.engines.moments.steps import Path, Route, run_batch
from soleus.engines.moments.structure import Structure
from soleus.engines.schedule import Schedule, jump_rows
from soleus.errors import NumericalError
from soleus.lineage.process import CompiledJump, FloatArray, IntArray

__all__ = ["Problem", "ordered_jumps", "plan_steps", "route_error"]

_ROUNDS = 40
_MOST_STEPS = 20_000
_MOST_PARTS = 4
# Halvings of all steps that may leave the error as it is before that is called rounding.
_VAIN = 2
_BESIDE = 0.25
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
    before, in_vain = np.inf, 0
    for _ in range(_ROUNDS):
        route = _route(problem, lengths)
        if not lengths:
            return route
        with np.errstate(all="ignore"):  # what overflows is told in the next line
            local, overall = route_error(problem, route)
        if not np.isfinite(overall):
            raise NumericalError("moments: the numbers of cells overflow; check growth rates and days")
        if overall <= _MARGIN * tolerance or (in_vain and overall <= tolerance):
            return route
        if len(route.piece) > _MOST_STEPS:
            break
        number = _parts(problem, local, tolerance)
        if np.any(number > 1):
            in_vain = 0
        elif overall < 0.5 * before or in_vain < _VAIN:
            # Each step keeps to its share and yet the whole is off: by what no step shows. All are halved.
            in_vain = 0 if overall < 0.5 * before else in_vain + 1
            number[:] = 2
        else:
            raise NumericalError(
                f"moments: a relative error of {tolerance:g} is not reached; rounding leaves {overall:.1g} "
                "however short the steps; allow a larger tolerance"
            )
        before = overall
        lengths = _divided(lengths, number)
    raise NumericalError(
        f"moments: a relative error of {tolerance:g} is not reached with {sum(map(len, lengths))} steps; "
        "allow a larger tolerance, or check rates and units"
    )


def _parts(problem: Problem, local: FloatArray, tolerance: float) -> IntArray:
    """Return into how many parts each step is divided for its own error, (S,)."""
    # Errors rarely add up with one sign, so a step may take more than an even share.
    share = _MARGIN * tolerance / np.sqrt(len(local))
    # Steps beside a much worse one show some of its error; they wait until that is mended.
    own = np.where(local >= _BESIDE * local.max(), local, 0.0)
    parts = np.ceil((own / share) ** (1.0 / problem.order))
    number: IntArray = np.clip(np.nan_to_num(parts, posinf=_MOST_PARTS), 1, _MOST_PARTS).astype(np.int64)
    return number


def _divided(lengths: list[FloatArray], number: np.ndarray) -> list[FloatArray]:
    first, divided = 0, []
    for own in lengths:
        parts = number[first : first + len(own)]
        divided.append(np.repeat(own / parts, parts))
        first += len(own)
    return divided


def _route(problem: Problem, lengths: list[FloatArray]) -> Route:
    """Return the route through the pieces with the given steps in each."""
    schedule = problem.schedule
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
    return Route(piece, length, sample, jump, *ordered_jumps(problem), problem.first)


def ordered_jumps(problem: Problem) -> tuple[IntArray, IntArray, FloatArray]:
    """Return the rows of the jumps in the order of the structure (see ``schedule.jump_rows``)."""
    order, jumps = problem.structure.order, problem.schedule.jumps
    new = np.argsort(order)
    moved = [
        CompiledJump.of(j.name, j.day, [{int(new[k]): p for k, p in j.moves(int(i)).items()} for i in order])
        for j in jumps
    ]
    return jump_rows(moved, len(order))


def _halved(route: Route) -> Route:
    sample, jump = np.full((2, 2 * len(route.piece) + 1), -1, dtype=np.int64)
    sample[::2], jump[::2] = route.sample, route.jump
    return route._replace(
        piece=np.repeat(route.piece, 2), length=np.repeat(0.5 * route.length, 2), sample=sample, jump=jump
    )


def route_error(problem: Problem, route: Route) -> tuple[FloatArray, float]:
    """Return what each step misses on its own, (S,), and the error of the whole; both relative.

    Means are relative to themselves (or to their standard deviation where that is larger),
    covariances to the standard deviations under a Poisson start. A standard deviation counts for at least
    that of ``_LEAST_CELLS``: nobody asks for six digits of what is never there.
    """
    mean, lower, coarse = _run(problem, route)
    fine_mean, fine_lower, fine = _run(problem, _halved(route))
    least = _LEAST_CELLS * np.abs(problem.weights[problem.back]).max(axis=1)
    sd = np.maximum(np.sqrt(np.maximum(np.diag(fine_lower), 0.0)), least)
    mean_scale = _never_zero(np.maximum(np.abs(fine_mean), sd))
    sd_scale = _never_zero(sd)
    off = np.tril(lower - fine_lower) / np.outer(sd_scale, sd_scale)
    # numpy's maximum keeps what is not a number; Python's may drop it.
    overall = float(np.maximum(np.max(np.abs(mean - fine_mean) / mean_scale), np.max(np.abs(off))))
    in_mean, in_part = _missed(route, coarse, fine)
    local = np.maximum(np.abs(in_mean) / mean_scale, np.abs(in_part) / sd_scale**2).max(axis=1)
    return np.asarray(local), overall


def _run(problem: Problem, route: Route) -> tuple[FloatArray, FloatArray, Path]:
    mean, lower, path = run_batch(
        problem.structure,
        problem.rational,
        route,
        problem.schedule.role_values,
        problem.own[None, :],
        problem.start[None, :],
        np.zeros_like(problem.start),
        problem.weights,
        True,
    )
    return mean[0], lower[0], path


def _missed(route: Route, coarse: Path, fine: Path) -> tuple[FloatArray, FloatArray]:
    """Return what each coarse step misses on its own in means and in variances, (S, C).

    The fine means paired with the coarse read-outs change over a step by just what the step misses. What
    a step adds to a variance is also off by what its read-outs bring along from later steps, about twice
    their relative error, and its means from steps before; neither is its own.
    """
    mu = fine.mu[::2]
    pairing = np.einsum("si,sic->sc", mu, coarse.u)
    truth = np.einsum("si,sic->sc", mu, fine.u[::2])
    taken = np.where(route.sample >= 0, np.diff(route.first)[route.sample], 0)
    later = np.cumsum(taken[::-1])[::-1][1:]
    on_way = np.arange(pairing.shape[1]) < later[:, None]
    with np.errstate(all="ignore"):
        in_mean = np.where(on_way, pairing[:-1] - pairing[1:], 0.0)
    with np.errstate(all="ignore"):
        from_later = np.where(truth != 0.0, np.abs(pairing / truth - 1.0), 0.0)[1:]
        before = np.einsum("si,sic->sc", np.abs(coarse.mu - mu), np.abs(fine.u[::2]))
        from_before = np.where(truth != 0.0, before / np.abs(truth), 0.0)[:-1]
        exact = fine.part[::2] + fine.part[1::2]
        brought = (3.0 * from_later + 2.0 * from_before) * np.abs(exact)
        in_part = np.maximum(0.0, np.abs(coarse.part - exact) - brought)
    return in_mean, np.where(on_way, in_part, 0.0)


def _never_zero(scale: FloatArray) -> FloatArray:
    return np.where(scale > 0.0, scale, np.inf)
