"""Signals: first-order lags of a drive, in closed form.

A drive is piecewise constant, so ``s' = (d - s) / tau`` has the solution
``s(t) = d + (s_k - d) exp(-(t - t_k) / tau)`` on each interval, exactly.
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
    """

    name: str
    label: str
    drive: str
    normal: float
    tau_days: float
    adaptation_tau_days: float | None = None
    adapted_fraction: float = 1.0

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

    def course(self, regimen: Regimen) -> SignalCourse:
        """Return the signal under a regimen."""
        return SignalCourse(self, *regimen.levels(self.drive, normal=self.normal))


@dataclass(frozen=True, slots=True)
class SignalCourse:
    """A signal over time; callable on days, shape (...,)."""

    signal: Signal
    starts: FloatArray
    levels: FloatArray

    def __call__(self, days: FloatArray) -> FloatArray:
        """Return the signal at ``days``; before the first start it is normal."""
        return self.signal.normal + self.deviation(days)

    def deviation(self, days: FloatArray) -> FloatArray:
        """Return the signal minus its normal level at ``days``."""
        days = np.asarray(days, dtype=float)
        deviation = self._lag(days, self.signal.tau_days)
        slow = self.signal.adaptation_tau_days
        if slow is not None:
            deviation = deviation - self.signal.adapted_fraction * self._lag(days, slow)
        return deviation

    def _lag(self, days: FloatArray, tau: float) -> FloatArray:
        targets = self.levels - self.signal.normal
        at_start = np.zeros(len(self.starts))
        for k in range(1, len(self.starts)):
            span = self.starts[k] - self.starts[k - 1]
            at_start[k] = targets[k - 1] + (at_start[k - 1] - targets[k - 1]) * np.exp(-span / tau)
        index = np.clip(np.searchsorted(self.starts, days, side="right") - 1, 0, None)
        since = np.maximum(days - self.starts[index], 0.0)
        # 1 - exp(-x) by expm1 keeps the first minutes after a change exact.
        return at_start[index] - (targets[index] - at_start[index]) * np.expm1(-since / tau)
