"""What may be known of a culture's phases before its chase: ranges, and in what they are flat."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from scipy.special import ndtr

from soleus.errors import InputError, unknown_name

__all__ = ["RANGES", "Range", "merged_ranges"]

_EDGE = 1e-12


@dataclass(frozen=True, slots=True)
class Range:
    """A prior: between two bounds, flat in the value, in its logarithm or in its reciprocal (a rate)."""

    low: float
    high: float
    flat_in: str = "value"

    def __post_init__(self) -> None:
        if self.flat_in not in ("value", "log", "rate"):
            raise unknown_name("scale of a range", self.flat_in, ("value", "log", "rate"))
        if not (self.low < self.high and (self.flat_in == "value" or self.low > 0.0)):
            raise InputError(
                f"a range runs from low to high, above 0 in log and rate; got {self.low} to {self.high}"
            )

    def value(self, x: float) -> float:
        """Return the value at a coordinate whose prior is a standard normal."""
        share = min(max(float(ndtr(x)), _EDGE), 1.0 - _EDGE)
        if self.flat_in == "log":
            return math.exp(math.log(self.low) + share * math.log(self.high / self.low))
        if self.flat_in == "rate":
            return 1.0 / (1.0 / self.low + share * (1.0 / self.high - 1.0 / self.low))
        return self.low + share * (self.high - self.low)


# Those of Jolly et al. 2022 (their example) for S, G2M, the fading and the gates. They are flat in stages
# per hour, which favours long G1; these are flat in the logarithm of a length. At a rest_probability of
# 0.5 a culture no longer grows.
RANGES: Mapping[str, Range] = {
    "g1_hours": Range(1.0, 60.0, "log"),
    "s_hours": Range(3.0, 50.0, "log"),
    "g2m_hours": Range(1.5, 30.0, "log"),
    "fading_hours": Range(1.0, 5.0),
    "rest_probability": Range(0.0, 0.5),
    "early": Range(0.01, 0.35),
    "late": Range(0.01, 0.35),
}


def merged_ranges(given: Mapping[str, Range] | None) -> dict[str, Range]:
    """Return all ranges, those given in place of :data:`RANGES`.

    Raises
    ------
    InputError
        If a name is not known, the culture could not grow, or the gates could cover all of S.
    """
    for name in given or {}:
        if name not in RANGES:
            raise unknown_name("parameter of a chase", name, RANGES)
    merged = {**RANGES, **(given or {})}
    for name in ("g1_hours", "s_hours", "g2m_hours", "fading_hours"):
        if merged[name].low <= 0.0:
            raise InputError(f"the range of {name} must lie above 0, got {merged[name].low:g}")
    rest, early, late = (merged[name] for name in ("rest_probability", "early", "late"))
    if not 0.0 <= rest.low < rest.high <= 0.5:
        raise InputError(
            f"the range of rest_probability must lie in [0, 0.5], got {rest.low:g} to {rest.high:g}"
        )
    if min(early.low, late.low) < 0.0 or early.high + late.high > 1.0:
        raise InputError("the ranges of early and late must lie above 0 and their ends add to at most 1")
    return merged
