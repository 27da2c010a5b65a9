"""Activities and regimens: what an animal's legs do, and when."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from soleus.errors import ModelError, unknown_name

__all__ = ["DRIVES", "STRESSORS", "Activity", "Regimen", "RegimenInterval", "normal_level"]

STRESSORS = ("suspension", "isolation")
"""Drives that normal cage life lacks; all others are relative to it."""

DRIVES = (
    "load", "muscle_activity", "muscle_loading", "oxygen_demand", "movement", "exertion", *STRESSORS,
)  # fmt: skip
"""Drives of the catalogue's activities. Exertion is effort high enough to make lactate."""

# Long enough for every signal to have settled at what life before the study was like.
_SETTLED_DAYS = 3650.0


def normal_level(drive: str) -> float:
    """Return the level of a drive in normal cage life: 0 for stressors, 1 for all others."""
    return 0.0 if drive in STRESSORS else 1.0


@dataclass(frozen=True, slots=True)
class Activity:
    """A way of moving (or not), as constant levels of its drives.

    Parameters
    ----------
    drives
        Drive name to level, relative to free ambulation in the home cage. A drive that is not
        listed has the level that ``normal`` gives it (1 for loads and movement, 0 for stressors).
    voluntary
        Whether the animal itself sets how much of it it does, so that weak legs lower it. In a harness it
        may walk as it likes, but the harness sets the load: that is not voluntary.
    """

    name: str
    label: str
    drives: Mapping[str, float] = field(default_factory=dict)
    voluntary: bool = False

    def __post_init__(self) -> None:
        for drive, level in self.drives.items():
            if not math.isfinite(level) or level < 0.0:
                raise ModelError(
                    f"activity {self.name!r}: drive {drive!r} must be finite and at least 0, got {level}"
                )

    def housed_alone(self) -> Activity:
        """Return the same activity of an animal that lives alone: drive ``isolation`` at 1."""
        return replace(self, drives={**self.drives, "isolation": 1.0})


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
        """Return the start days and the levels of a drive, each shape (intervals,).

        Where the life before the first interval is not normal in this drive (an animal that has lived alone),
        that life comes first, from long before: then shape (intervals + 1,).
        """
        starts = [i.start_day for i in self.intervals]
        levels = [i.activity.drives.get(drive, normal) for i in self.intervals]
        before = self.resting.drives.get(drive, normal)
        if before != normal:
            starts, levels = [starts[0] - _SETTLED_DAYS, *starts], [before, *levels]
        return np.array(starts), np.array(levels)

    def until(self, end_day: float) -> Regimen:
        """Return the regimen with its last interval ending on another day.

        Raises
        ------
        ModelError
            If the last interval would not have begun.
        """
        return replace(self, intervals=(*self.intervals[:-1], replace(self.intervals[-1], end_day=end_day)))

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
