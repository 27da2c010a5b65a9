"""The way back: what a signal of the body does to what the animal does of its own will.

A wasted muscle lowers voluntary movement. A :class:`Feedback` multiplies a drive of voluntary activities
by a power of a signal below its normal level; forced activities (hanging, a treadmill) keep their
drives. It is explicit on a stated grid: each voluntary interval is cut into steps and the factor is held
over each of them, so that drives stay piecewise constant and signals keep their closed form. The factor
of a step is that of the signal at its middle, reached with the factor at its start, so that the error
falls with the square of the step.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from soleus.errors import ModelError, unknown_name
from soleus.movement.regimen import Regimen
from soleus.movement.signals import FloatArray, Signal, SignalCourse

__all__ = ["STEP_DAYS", "Feedback", "signal_courses"]

STEP_DAYS = 0.25
"""Step of the grid, unless another is stated."""

# A muscle is never gone; a power of 0 would stop all movement for good.
_LEAST = 1e-3


@dataclass(frozen=True, slots=True)
class Feedback:
    """While an activity is voluntary: ``drive = own level * min(1, signal / normal) ** elasticity``.

    Parameters
    ----------
    signal
        What it follows; above its normal level it does nothing.
    drive
        The drive that it lowers.
    elasticity
        Per cent of the drive that one per cent of the signal takes along; at least 0. Where the
        drive feeds the signal itself, 1 or more would leave the animal below normal for good.
    """

    name: str
    label: str
    signal: str
    drive: str
    elasticity: float
    on: bool = True

    def __post_init__(self) -> None:
        if not (math.isfinite(self.elasticity) and self.elasticity >= 0.0):
            raise ModelError(
                f"feedback {self.name!r}: elasticity must be finite and at least 0, got {self.elasticity}"
            )

    def factor(self, relative: float) -> float:
        """Return the factor on the drive at a level of the signal relative to normal."""
        return float(min(1.0, max(relative, _LEAST)) ** self.elasticity)


def signal_courses(
    signals: Mapping[str, Signal],
    regimen: Regimen,
    feedbacks: Sequence[Feedback] = (),
    *,
    step_days: float = STEP_DAYS,
) -> dict[str, SignalCourse]:
    """Return every signal under a regimen, with the feedbacks that are on.

    A signal whose drive no feedback moves, in this regimen, has exactly the course that
    :meth:`Signal.course` gives it.

    Parameters
    ----------
    step_days
        Step of the grid within voluntary intervals.

    Raises
    ------
    UnknownNameError
        If a feedback follows a signal that is not among ``signals``.
    ModelError
        If that signal's normal level is not above 0, or the step is not.
    """
    courses = {name: signal.course(regimen) for name, signal in signals.items()}
    active = tuple(f for f in feedbacks if f.on and f.elasticity > 0.0)
    if not active:
        return courses
    _check(active, signals, step_days)
    voluntary = [getattr(i.activity, "voluntary", False) for i in regimen.intervals]
    if not any(voluntary):
        return courses
    starts, owner = _grid(regimen, voluntary, step_days)
    factors = _factors(active, courses, starts, owner, np.array(voluntary)[owner], regimen.end_day)
    for name, course in courses.items():
        moved = factors.get(course.signal.drive)
        if moved is not None and np.any(moved != 1.0):
            courses[name] = SignalCourse(course.signal, starts, course.levels[owner] * moved)
    return courses


def _check(active: Sequence[Feedback], signals: Mapping[str, Signal], step_days: float) -> None:
    if not (math.isfinite(step_days) and step_days > 0.0):
        raise ModelError(f"feedback: step_days must be finite and above 0, got {step_days}")
    for feedback in active:
        if feedback.signal not in signals:
            raise unknown_name(f"signal of feedback {feedback.name!r}", feedback.signal, signals)
        if not signals[feedback.signal].normal > 0.0:
            raise ModelError(
                f"feedback {feedback.name!r} needs a signal with a normal level above 0; "
                f"{feedback.signal!r} has {signals[feedback.signal].normal:g}"
            )


def _grid(
    regimen: Regimen, voluntary: Sequence[bool], step_days: float
) -> tuple[FloatArray, np.ndarray[tuple[int], np.dtype[np.intp]]]:
    """Return the starts of all steps, and the interval that each lies in, each shape (steps,)."""
    starts: list[float] = []
    owner: list[int] = []
    for k, interval in enumerate(regimen.intervals):
        span = interval.end_day - interval.start_day
        steps = max(1, math.ceil(span / step_days - 1e-9)) if voluntary[k] else 1
        starts += [interval.start_day + span * i / steps for i in range(steps)]
        owner += [k] * steps
    return np.array(starts), np.array(owner, dtype=np.intp)


def _factors(
    active: Sequence[Feedback],
    courses: Mapping[str, SignalCourse],
    starts: FloatArray,
    owner: np.ndarray[tuple[int], np.dtype[np.intp]],
    voluntary: np.ndarray[tuple[int], np.dtype[np.bool_]],
    end_day: float,
) -> dict[str, FloatArray]:
    """Return the factor of each drive that is fed back on, step by step, shape (steps,)."""
    middles = 0.5 * (starts + np.append(starts[1:], end_day))
    factors = {f.drive: np.ones(len(starts)) for f in active}
    sources = {f.signal: courses[f.signal] for f in active}
    closed = {name for name, course in sources.items() if course.signal.drive in factors}
    # What no feedback moves is known beforehand; the rest follows step by step, by the midpoint rule.
    known = {n: (c(starts), c(middles)) for n, c in sources.items() if n not in closed}
    states = {name: _State.at_rest(sources[name], owner) for name in closed}
    for k in range(len(starts)):
        half = middles[k] - starts[k]
        if voluntary[k]:
            first = {n: float(at[0][k]) for n, at in known.items()}
            first |= {n: state.ahead(k, 0.0, 1.0) for n, state in states.items()}
            guess = _combined(active, sources, first)
            here = {n: float(at[1][k]) for n, at in known.items()}
            here |= {n: s.ahead(k, half, guess[sources[n].signal.drive]) for n, s in states.items()}
            for drive, factor in _combined(active, sources, here).items():
                factors[drive][k] = factor
        states = {
            n: s.after(k, 2.0 * half, float(factors[sources[n].signal.drive][k])) for n, s in states.items()
        }
    return factors


def _combined(
    active: Sequence[Feedback], sources: Mapping[str, SignalCourse], levels: Mapping[str, float]
) -> dict[str, float]:
    """Return the factor of each drive at levels of the signals that are followed."""
    found = {f.drive: 1.0 for f in active}
    for f in active:
        found[f.drive] *= f.factor(levels[f.signal] / sources[f.signal].signal.normal)
    return found


@dataclass(frozen=True, slots=True)
class _State:
    """Deviation of a signal's fast and slow lag at the start of a step."""

    course: SignalCourse
    owner: np.ndarray[tuple[int], np.dtype[np.intp]]
    fast: float = 0.0
    slow: float = 0.0

    @staticmethod
    def at_rest(course: SignalCourse, owner: np.ndarray[tuple[int], np.dtype[np.intp]]) -> _State:
        return _State(course, owner)

    def after(self, step: int, span: float, factor: float) -> _State:
        """Return the state ``span`` days into a step whose drive has this factor."""
        signal, k = self.course.signal, self.owner[step]
        target = float(self.course.levels[k]) * factor - signal.normal
        fast = target + (self.fast - target) * math.exp(-span / signal.pace(self.fast, target))
        slow = self.slow
        if signal.adaptation_tau_days is not None:
            slow = target + (self.slow - target) * math.exp(-span / signal.adaptation_tau_days)
        return replace(self, fast=fast, slow=slow)

    def ahead(self, step: int, span: float, factor: float) -> float:
        """Return the signal ``span`` days into a step."""
        there, signal = self.after(step, span, factor), self.course.signal
        adapted = signal.adapted_fraction if signal.adaptation_tau_days is not None else 0.0
        return signal.normal + there.fast - adapted * there.slow
