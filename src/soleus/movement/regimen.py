"""Activities and regimens: what an animal's legs do, and when."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from soleus.errors import ModelError, unknown_name

__all__ = ["Activity", "Regimen", "RegimenInterval"]


@dataclass(frozen=True, slots=True)
class Activity:
    """A way of moving (or not), as constant levels of its drives.

    Parameters
    ----------
    drives
        Drive name to level, relative to free ambulation in the home cage. A drive that is not
        listed has the level that ``normal`` gives it (1 for loads and movement, 0 for stressors).
    """

    name: str
    label: str
    drives: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for drive, level in self.drives.items():
            if not math.isfinite(level) or level < 0.0:
                raise ModelError(
                    f"activity {self.name!r}: drive {drive!r} must be finite and at least 0, got {level}"
                )


@dataclass(frozen=True, slots=True)
class RegimenInterval:
    """From ``start_day`` (included) to ``end_day`` (excluded) the animal does ``activity``."""

    activity: Activity
    start_day: float
    end_day: float


@dataclass(frozen=True, slots=True)
class Regimen:
    """A sequence of activities without gap or overlap, from day 0; before it the animal is at rest.

    Parameters
    ----------
    resting
        The activity before the first interval (normal cage life).
    """

    name: str
    intervals: tuple[RegimenInterval, ...]
    resting: Activity

    def __post_init__(self) -> None:
        if not self.intervals:
            raise ModelError(f"regimen {self.name!r} has no interval; give at least one")
        day = self.intervals[0].start_day
        for interval in self.intervals:
            if interval.start_day != day:
                raise ModelError(
                    f"regimen {self.name!r}: {interval.activity.name!r} starts on day "
                    f"{interval.start_day:g}, the interval before ends on day {day:g}; "
                    "intervals follow each other without gap or overlap"
                )
            if not interval.end_day > interval.start_day:
                raise ModelError(
                    f"regimen {self.name!r}: {interval.activity.name!r} must end after day "
                    f"{interval.start_day:g}, got {interval.end_day:g}"
                )
            day = interval.end_day

    @property
    def change_days(self) -> tuple[float, ...]:
        """Days at which the activity changes, the first start included."""
        return tuple(i.start_day for i in self.intervals)

    @property
    def end_day(self) -> float:
        """Where the last interval ends."""
        return self.intervals[-1].end_day

    def levels(self, drive: str, *, normal: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the start days and the levels of a drive, each shape (intervals,)."""
        starts = np.array([i.start_day for i in self.intervals])
        levels = np.array([i.activity.drives.get(drive, normal) for i in self.intervals])
        return starts, levels

    def activity_at(self, day: float) -> Activity:
        """Return what the animal does on a day."""
        for interval in reversed(self.intervals):
            if day >= interval.start_day:
                return interval.activity
        return self.resting

    @staticmethod
    def of(
        name: str, spans: list[tuple[str, float, float]], *, activities: Mapping[str, Activity], resting: str
    ) -> Regimen:
        """Build a regimen from (activity name, start day, end day) and the known activities."""
        for activity, _, _ in [*spans, (resting, 0.0, 0.0)]:
            if activity not in activities:
                raise unknown_name("activity", activity, activities)
        intervals = tuple(RegimenInterval(activities[a], s, e) for a, s, e in spans)
        return Regimen(name, intervals, activities[resting])
