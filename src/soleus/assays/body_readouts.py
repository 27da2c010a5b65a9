"""Read-outs of the body: how the signals move them.

``log value = log baseline + sum gain * response(signal)``: the same for all animals of a group; how
animals and measurements differ is the assay's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from soleus.errors import ModelError, UnsupportedError, unknown_name
from soleus.lineage.process import FloatArray
from soleus.movement import Feedback, Regimen, Signal, signal_courses

__all__ = ["BodyEffect", "BodyReadout", "Shape", "log_responses"]

Shape = Literal["linear", "log", "onset"]
# A level of 0 (a signal that is gone) has no log; a thousandth of normal stands for it.
_LEAST = 1e-3


@dataclass(frozen=True, slots=True)
class BodyEffect:
    """How one signal moves a read-out of the body: ``gain * response(deviation)`` on its log.

    Parameters
    ----------
    signal
        Its own course; need not be one that the niche receives.
    shape
        ``"linear"`` in the deviation; ``"log"`` of the signal relative to normal (an elasticity);
        ``"onset"``: linear, and nothing below normal (a stress response does not turn into its
        opposite when the stress ends).
    """

    name: str
    label: str
    signal: Signal
    shape: Shape
    gain: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.gain):
            raise ModelError(f"effect {self.name!r}: the gain must be finite, got {self.gain}")
        if self.shape == "log" and not self.signal.normal > 0.0:
            raise ModelError(
                f"effect {self.name!r}: shape 'log' needs a signal with a normal level above 0; "
                f"{self.signal.name!r} has {self.signal.normal:g}, use 'linear'"
            )

    def response(self, deviation: FloatArray) -> FloatArray:
        """Return the log-change at a gain of 1, for a signal's deviation from normal."""
        deviation = np.asarray(deviation, dtype=float)
        if self.shape == "log":
            return np.asarray(np.log(np.maximum(1.0 + deviation / self.signal.normal, _LEAST)))
        return np.maximum(deviation, 0.0) if self.shape == "onset" else deviation


@dataclass(frozen=True, slots=True)
class BodyReadout:
    """A read-out of the body.

    Parameters
    ----------
    value_kind, unit
        As the table of observations has them.
    baseline
        Its mean in normal cage life, in ``unit``; None where no number was found: values are then
        relative to normal (1), and ``no_baseline`` says why.
    effects
        Those that act together (one of the competing courses, and what all of them share).
    """

    name: str
    label: str
    value_kind: str
    unit: str
    effects: tuple[BodyEffect, ...]
    baseline: float | None = None
    no_baseline: str = "no baseline is known"

    def __post_init__(self) -> None:
        if self.baseline is not None and not 0.0 < self.baseline < math.inf:
            raise ModelError(f"read-out {self.name!r}: a baseline is above 0, got {self.baseline}")
        signals = {e.signal.name: e.signal for e in self.effects}
        if any(signals[e.signal.name] != e.signal for e in self.effects):
            raise ModelError(f"read-out {self.name!r}: two different signals have one name")

    def known_baseline(self) -> float:
        """Return the baseline, or refuse with the reason why there is none."""
        if self.baseline is None:
            raise UnsupportedError(
                f"read-out {self.name!r} has no baseline ({self.no_baseline}); only its ratio to the control "
                "group can be predicted"
            )
        return self.baseline

    def with_gains(self, gains: Mapping[str, float]) -> BodyReadout:
        """Return the read-out with other gains of its effects, by name."""
        known = {e.name for e in self.effects}
        for name in gains:
            if name not in known:
                raise unknown_name(f"effect on {self.name!r}", name, known)
        changed = tuple(replace(e, gain=gains.get(e.name, e.gain)) for e in self.effects)
        return replace(self, effects=changed)

    def log_change(
        self,
        regimen: Regimen,
        days: Sequence[float],
        *,
        signals: Mapping[str, Signal] | None = None,
        feedbacks: Sequence[Feedback] = (),
    ) -> FloatArray:
        """Return the log of the ratio to normal cage life, shape (D,)."""
        responses = log_responses(self.effects, regimen, days, signals=signals, feedbacks=feedbacks)
        return np.asarray(np.array([e.gain for e in self.effects]) @ responses)

    def mean(
        self,
        regimen: Regimen,
        days: Sequence[float],
        *,
        signals: Mapping[str, Signal] | None = None,
        feedbacks: Sequence[Feedback] = (),
    ) -> FloatArray:
        """Return the mean by day, shape (D,); relative to normal where no baseline is known."""
        change = self.log_change(regimen, days, signals=signals, feedbacks=feedbacks)
        return np.asarray((self.baseline or 1.0) * np.exp(change))


def log_responses(
    effects: Sequence[BodyEffect],
    regimen: Regimen,
    days: Sequence[float],
    *,
    signals: Mapping[str, Signal] | None = None,
    feedbacks: Sequence[Feedback] = (),
) -> FloatArray:
    """Return each effect's log-change at a gain of 1, shape (effects, D).

    Parameters
    ----------
    signals
        Of the study: those that the feedbacks follow must be among them or among the effects'.
    """
    wanted = {**(signals or {}), **{e.signal.name: e.signal for e in effects}}
    courses = signal_courses(wanted, regimen, feedbacks)
    at = np.asarray(days, dtype=float)
    found = [e.response(courses[e.signal.name].deviation(at)) for e in effects]
    return np.array(found).reshape(len(effects), len(at))
