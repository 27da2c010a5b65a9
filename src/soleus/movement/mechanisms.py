"""Mechanisms: how a signal moves a role of the lineage. They are switchable and compete."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from soleus.errors import ModelError

__all__ = ["Mechanism"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mechanism:
    """``log m_role(t) = direction * log_gain * shape(signal(t) - normal)``.

    Parameters
    ----------
    role
        Role of the lineage, or a prefix of roles (``"division"`` moves ``"division.stem"`` too).
    niches
        Where it acts; in any other niche it is left out when a study is bound. One mechanism in two
        niches has one gain: that it is as strong in both is part of the hypothesis.
    direction
        +1 if the role rises with the signal, -1 if it falls.
    max_log_gain
        Bound of the gain: beyond it the mechanism is not believable.
    shape
        ``"saturating"``: linear below normal, and at most ``headroom`` above it (young animals hardly
        answer to more movement than normal cage life gives). ``"linear"``. ``"onset"``: linear above
        normal and nothing below it (a stressor; its end is not the opposite of stress).
    """

    name: str
    label: str
    signal: str
    role: str
    niches: tuple[str, ...]
    direction: int
    max_log_gain: float
    shape: Literal["linear", "saturating", "onset"] = "saturating"
    headroom: float = 0.2
    on: bool = True

    def __post_init__(self) -> None:
        if not self.niches:
            raise ModelError(f"mechanism {self.name!r}: it acts in no niche; give at least one")
        if self.direction not in (-1, 1):
            raise ModelError(f"mechanism {self.name!r}: direction must be +1 or -1, got {self.direction}")
        if not (np.isfinite(self.max_log_gain) and self.max_log_gain > 0.0):
            raise ModelError(f"mechanism {self.name!r}: max_log_gain must be above 0")
        if self.shape not in ("linear", "saturating", "onset"):
            raise ModelError(
                f"mechanism {self.name!r}: shape must be 'linear', 'saturating' or 'onset', "
                f"got {self.shape!r}"
            )
        if not (np.isfinite(self.headroom) and self.headroom > 0.0):
            raise ModelError(
                f"mechanism {self.name!r}: headroom must be finite and above 0, got {self.headroom}; "
                "shape 'linear' has no ceiling"
            )

    def response(self, deviation: FloatArray) -> FloatArray:
        """Return the log-modifier at a log-gain of 1, for a signal's deviation from normal."""
        deviation = np.asarray(deviation, dtype=float)
        if self.shape == "linear":
            return self.direction * deviation
        if self.shape == "onset":
            return self.direction * np.maximum(deviation, 0.0)
        above = self.headroom * -np.expm1(-np.maximum(deviation, 0.0) / self.headroom)
        return self.direction * (np.minimum(deviation, 0.0) + above)

    def acts_in(self, niche: str) -> bool:
        """Whether it is on and acts in a niche."""
        return self.on and niche in self.niches

    def switched(self, on: bool) -> Mechanism:
        """Return this mechanism switched on or off."""
        return replace(self, on=on)
