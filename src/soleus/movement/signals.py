"""Signals: first-order lags of a drive, in closed form.

A drive is piecewise constant, so ``s' = (d - s) / tau`` has the solution
``s(t) = d + (s_k - d) exp(-(t - t_k) / tau)`` on each interval, exactly; the time constant may differ
between intervals, and does for a signal that is lost at one pace and regained at another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soleus.errors import ModelError
from soleus.movement.regimen import Regimen

__all__ = ["Signal", "SignalCourse"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Signal:
    """What the body makes of a drive.

    Parameters
    ----------
    drive
        The drive that it follows.
    normal
        Its level (and the drive's) in normal cage life.
    tau_days
        Time constant of the lag.
    adaptation_tau_days
        If given, the signal answers to *changes*: the deviation is the difference of a fast lag
        (``tau_days``) and a slow one (``adaptation_tau_days``), so it peaks early and fades while
        the drive persists, as an adapting stress response or a recovering afferent signal does.
    adapted_fraction
        How much of the deviation fades in the end (1: all of it).
    return_tau_days
        Time constant while the drive is at its normal level; None: ``tau_days``. What is quickly lost
        may be slowly regained, or not within a lifetime.
    """

    name: str
    label: str
    drive: str
    normal: float
    tau_days: float
    adaptation_tau_days: float | None = None
    adapted_fraction: float = 1.0
    return_tau_days: float | None = None

    def __post_init__(self) -> None:
        if not self.tau_days > 0.0:
            raise ModelError(f"signal {self.name!r}: tau_days must be above 0, got {self.tau_days}")
        slow = self.adaptation_tau_days
        if slow is not None and not slow > self.tau_days:
            raise ModelError(
                f"signal {self.name!r}: adaptation_tau_days must be above tau_days "
                f"({self.tau_days:g}), got {slow}"
            )
        if not 0.0 <= self.adapted_fraction <= 1.0:
            raise ModelError(f"signal {self.name!r}: adapted_fraction must lie in [0, 1]")
        back = self.return_tau_days
        if back is not None and not 0.0 < back < np.inf:
            raise ModelError(
                f"signal {self.name!r}: return_tau_days must be finite and above 0, got {back}; "
                "a very long one stands for what does not return"
            )
        if back is not None and slow is not None:
            raise ModelError(
                f"signal {self.name!r}: give return_tau_days or adaptation_tau_days, not both; "
                "a signal that adapts returns by its own two lags"
            )

    def pace(self, deviation: float, target: float) -> float:
        """Return the time constant on an interval that begins at ``deviation`` and leads to ``target``.

        Whatever moves back towards normal does so at the pace of return, also where the drive does not
        quite reach normal or goes beyond it; one pace holds for the whole interval.
        """
        returns = (target - deviation) * deviation < 0.0
        return self.return_tau_days if returns and self.return_tau_days is not None else self.tau_days

    def course(self, regimen: Regimen) -> SignalCourse:
        """Return the signal under a regimen."""
        starts, levels = regimen.levels(self.drive, normal=self.normal)
        return SignalCourse(self, starts, levels)


@dataclass(frozen=True, slots=True)
class SignalCourse:
    """A signal over time; callable on days, shape (...,).

    Attributes
    ----------
    starts, levels
        Start day and level of the drive of each interval, each shape (intervals,).
    """

    signal: Signal
    starts: FloatArray
    levels: FloatArray

    def __call__(self, days: FloatArray) -> FloatArray:
        """Return the signal at ``days``; before the first start it is normal."""
        return self.signal.normal + self.deviation(days)

    def deviation(self, days: FloatArray) -> FloatArray:
        """Return the signal minus its normal level at ``days``."""
        days = np.asarray(days, dtype=float)
        deviation = self._lag(days, None)
        slow = self.signal.adaptation_tau_days
        if slow is not None:
            deviation = deviation - self.signal.adapted_fraction * self._lag(days, slow)
        return deviation

    def _lag(self, days: FloatArray, tau: float | None) -> FloatArray:
        """Return the lag with one time constant, or (None) with the signal's own pace on each interval."""
        targets = self.levels - self.signal.normal
        at_start, taus = np.zeros(len(self.starts)), np.empty(len(self.starts))
        for k in range(len(self.starts)):
            if k > 0:
                left = np.exp(-(self.starts[k] - self.starts[k - 1]) / taus[k - 1])
                at_start[k] = targets[k - 1] + (at_start[k - 1] - targets[k - 1]) * left
            taus[k] = self.signal.pace(float(at_start[k]), float(targets[k])) if tau is None else tau
        index = np.clip(np.searchsorted(self.starts, days, side="right") - 1, 0, None)
        since = np.maximum(days - self.starts[index], 0.0)
        # 1 - exp(-x) by expm1 keeps the first minutes after a change exact.
        return at_start[index] - (targets[index] - at_start[index]) * np.expm1(-since / taus[index])
