"""Moments prepared once and solved again and again: other rates, other starts, many animals.

Preparing chooses the steps (see ``plan_steps``); solving then only runs compiled code. The choice holds
for animals like the one it was made for; :meth:`PreparedMoments.error` measures how well for another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from soleus.engines.moments.plan_steps import Problem, ordered_jumps, plan_steps, route_error
from soleus.engines.moments.rational import rational_steps
from soleus.engines.moments.result import BatchMoments, ReadoutMoments
from soleus.engines.moments.steps import Route, run_batch
from soleus.engines.moments.structure import structure_of
from soleus.engines.moments.validate import check_start, check_tolerance, checked_weights
from soleus.engines.schedule import build_schedule
from soleus.engines.start import Start
from soleus.errors import InputError, NumericalError
from soleus.lineage import Process
from soleus.lineage.process import FloatArray
from soleus.movement import Modifiers, role_factors

__all__ = ["PreparedMoments", "prepare_days", "prepare_moments"]

_STAGES = (4, 6)


def prepare_moments(
    process: Process,
    modifiers: Modifiers,
    start: Start,
    *,
    weights: FloatArray,
    days: Sequence[float],
    tolerance: float = 1e-6,
) -> PreparedMoments:
    """Return means and covariances of read-outs, ready to be solved for many animals.

    Parameters
    ----------
    weights
        Shape (R, n): read-out r of a state x is ``weights[r] @ x``.
    days
        Increasing sampling days, shape (D,), within the modifiers' edges.
    tolerance
        Relative error of means and covariances that the steps are chosen for: of means relative to
        themselves or their standard deviation, of covariances to the standard deviations of a Poisson
        start; a standard deviation below a thousandth of a cell counts as that.

    Raises
    ------
    InputError, ModelError, NumericalError
    """
    rows = checked_weights(process, weights)
    return prepare_days(process, modifiers, start, of_day=[rows] * len(days), days=days, tolerance=tolerance)


def prepare_days(
    process: Process,
    modifiers: Modifiers,
    start: Start,
    *,
    of_day: Sequence[FloatArray],
    days: Sequence[float],
    tolerance: float,
) -> PreparedMoments:
    """As :func:`prepare_moments` with read-outs of their own for each day, shapes (R_d, n)."""
    check_start(process, start)
    check_tolerance(tolerance, lowest=1e-10)
    structure = structure_of(process)
    schedule = build_schedule(process, modifiers, days)
    routes = []
    for stages in _STAGES:
        problem = Problem(
            structure,
            rational_steps(stages),
            schedule,
            own=np.ones(len(process.roles)),
            start=start.mean[structure.order].astype(float),
            weights=np.ascontiguousarray(np.concatenate(of_day)[:, structure.order]),
            first=np.cumsum([0, *map(len, of_day)]).astype(np.int64),
        )
        routes.append((problem, plan_steps(problem, tolerance)))
    # A step costs one factorisation and solution per pair of stages.
    problem, route = min(routes, key=lambda r: len(r[1].piece) * len(r[0].rational.node))
    return PreparedMoments(process, start, np.asarray(days, dtype=float), tolerance, problem, route)


@dataclass(frozen=True, slots=True)
class PreparedMoments:
    """Means and covariances of read-outs on given days, ready to be solved; see :func:`prepare_moments`.

    Attributes
    ----------
    tolerance
        Relative error, in means and covariances, that the steps were chosen for.
    """

    process: Process
    start: Start
    days: FloatArray
    tolerance: float
    problem: Problem
    route: Route

    @property
    def steps(self) -> int:
        """Number of steps from the start to the last day."""
        return len(self.route.piece)

    def factors(self, of_roles: Mapping[str, float]) -> FloatArray:
        """Return factors on the process' roles, shape (R,), from roles or prefixes of them."""
        return role_factors(self.process.roles, of_roles)

    def solve(self, *, own: FloatArray | None = None, start: Start | None = None) -> ReadoutMoments:
        """Return the moments of one animal.

        Parameters
        ----------
        own
            Its factors on the process' roles, shape (R,); see :meth:`factors`.
        start
            Its start; the prepared one by default.
        """
        begin = self.start if start is None else start
        if begin.poisson != self.start.poisson:
            raise InputError(
                "a start with given numbers cannot take the place of a Poisson start, or it of one"
            )
        factors = None if own is None else np.atleast_2d(own)
        return self.batch(own=factors, starts=begin.mean[None, :]).animal(0)

    def batch(self, *, own: FloatArray | None = None, starts: FloatArray | None = None) -> BatchMoments:
        """Return the moments of many animals.

        Parameters
        ----------
        own
            Factors on the process' roles, shape (N, R); none by default.
        starts
            Mean cells per microstate at the start, shape (N, n), or (1, n) for all; the prepared start by
            default.

        Notes
        -----
        Runs without the interpreter lock: threads may solve parts of a cohort side by side.
        """
        mean, flat = self.columns(own=own, starts=starts)
        number, days = len(mean), len(self.days)
        readouts = mean.shape[1] // days
        if np.any(np.diff(self.problem.first) != readouts):
            raise InputError("the days have different read-outs; use columns instead")
        shape = (number, days, readouts)
        covariance = flat.reshape(*shape, days, readouts)
        return BatchMoments(self.days, mean.reshape(shape), covariance, self.tolerance)

    def columns(
        self, *, own: FloatArray | None = None, starts: FloatArray | None = None
    ) -> tuple[FloatArray, FloatArray]:
        """Return means, (N, C), and covariances, (N, C, C), of all read-outs of all days, day by day.

        Parameters
        ----------
        own, starts
            See :meth:`batch`.
        """
        given = self.start.mean[None, :] if starts is None else np.asarray(starts, dtype=float)
        factors = (
            np.ones((len(given), len(self.process.roles))) if own is None else np.asarray(own, dtype=float)
        )
        self._check(factors, given)
        number, problem = len(factors), self.problem
        begin = np.broadcast_to(given, (number, given.shape[1]))[:, problem.structure.order]
        mean, lower, _ = run_batch(
            problem.structure,
            problem.rational,
            self.route,
            problem.schedule.role_values,
            np.ascontiguousarray(factors),
            np.ascontiguousarray(begin),
            self._fixed(),
            problem.weights,
            False,
        )
        if not (np.all(np.isfinite(mean)) and np.all(np.isfinite(lower))):
            raise NumericalError(
                "moments: the numbers of cells overflow, or a factor of 0 leaves a transition no fate; check "
                "growth rates, days and factors"
            )
        # Columns were added going back in time, the last day first.
        place = np.argsort(problem.back)
        full = np.tril(lower) + np.swapaxes(np.tril(lower, -1), 1, 2)
        return mean[:, place], full[:, place[:, None], place]

    def at(self, process: Process, modifiers: Modifiers, start: Start) -> PreparedMoments:
        """Return the same steps for other numbers: another parameter set of the same lineage.

        Raises
        ------
        InputError
            If the process has other transitions, or the modifiers other edges, than the prepared ones.
        """
        check_start(process, start)
        structure, problem = structure_of(process), self.problem
        schedule = build_schedule(process, modifiers, self.days.tolist())
        same = process.roles == self.process.roles and structure.size == problem.structure.size
        for name in (
            "row",
            "column",
            "order",
            "exit_first",
            "exit_role",
            "fate_role",
            "landing",
            "pair_fate",
        ):
            same = same and np.array_equal(getattr(structure, name), getattr(problem.structure, name))
        if not same:
            raise InputError(
                f"process {process.name!r} is not {self.process.name!r} with other numbers; prepare it anew"
            )
        for name in ("times", "jump_at"):
            if not np.array_equal(getattr(schedule, name), getattr(problem.schedule, name)):
                raise InputError(
                    "the modifiers have other edges, or jumps other days, than the prepared; prepare anew"
                )
        changed = problem._replace(
            structure=structure, schedule=schedule, start=start.mean[structure.order].astype(float)
        )
        moves, target, share = ordered_jumps(changed)
        route = self.route._replace(moves=moves, target=target, share=share)
        return replace(self, process=process, start=start, problem=changed, route=route)

    def derivatives(
        self, roles: Sequence[str], *, own: FloatArray | None = None, step: float = 1e-4
    ) -> BatchMoments:
        """Return derivatives of means and covariances by the logarithm of factors on roles, (K, ...).

        Parameters
        ----------
        roles
            Roles, or prefixes of them, whose rates are scaled together; K of them.
        own
            The animal's factors, shape (R,).
        step
            Of the logarithm. The steps in time stay as they are, so the moments are smooth functions of the
            rates; central differences at ``step`` and ``step / 2``, extrapolated, leave about 1e-9.
        """
        base = np.ones(len(self.process.roles)) if own is None else np.asarray(own, dtype=float)
        moved = []
        for size in (step, -step, 0.5 * step, -0.5 * step):
            moved += [base * self.factors({role: np.exp(size)}) for role in roles]
        found = self.batch(own=np.array(moved))

        def slope(values: FloatArray) -> FloatArray:
            up, down, near_up, near_down = values.reshape(4, len(roles), *values.shape[1:])
            whole, half = (up - down) / (2.0 * step), (near_up - near_down) / step
            return np.asarray((4.0 * half - whole) / 3.0)

        return BatchMoments(self.days, slope(found.mean), slope(found.covariance), self.tolerance)

    def error(self, *, own: FloatArray | None = None) -> float:
        """Return the relative error of these steps for an animal with the given factors.

        Against half steps; larger than the tolerance if the animal is too unlike the prepared one.
        """
        if not self.steps:
            return 0.0
        if own is None:
            return route_error(self.problem, self.route)[1]
        factors = np.asarray(own, dtype=float)
        self._check(factors[None, ...], self.start.mean[None, :])
        return route_error(self.problem._replace(own=factors), self.route)[1]

    def _fixed(self) -> FloatArray:
        """Return 1 for microstates whose number at the start is known."""
        fixed = np.full(self.process.n_states, 0.0 if self.start.poisson else 1.0)
        if self.process.has_outside:
            fixed[-1] = 0.0
        return fixed[self.problem.structure.order]

    def _check(self, own: FloatArray, starts: FloatArray) -> None:
        roles, n = len(self.process.roles), self.process.n_states
        if own.ndim != 2 or own.shape[1] != roles:
            raise InputError(f"own must have shape (animals, {roles} roles), got {own.shape}")
        if starts.ndim != 2 or starts.shape[1] != n or len(starts) not in (1, len(own)):
            raise InputError(
                f"starts must have shape ({len(own)} or 1 animals, {n} microstates), got {starts.shape}"
            )
        for name, values in (("own", own), ("starts", starts)):
            if not np.all(np.isfinite(values)) or np.any(values < 0.0):
                raise InputError(f"{name} must hold finite numbers of at least 0")
        if self.process.has_outside and np.any(starts[:, -1] != 1.0):
            raise InputError(
                "starts must hold 1 for the outside world, the last microstate; scale its source by own"
            )
