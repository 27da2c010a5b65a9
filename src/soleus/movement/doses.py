"""Doses of an activity, and bouts of one activity inside another.

A dose says how much of an activity an animal does (km a day, share of body weight borne). Its drives
lie between those at no dose and those at the reference dose, and beyond:

``level(dose) = level(0) + (level(reference) - level(0)) * f(dose) / f(reference)``

where f is linear, saturating (``1 - exp(-dose / scale)``) or a Hill curve. A bout of minutes a day acts on
its animal out of proportion to its time; stressors are the exception, since they last as they last.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from soleus.errors import InputError, ModelError, unknown_name
from soleus.movement.regimen import STRESSORS, Activity, normal_level

__all__ = ["BoutRule", "DosePart", "DosedActivity", "Shape", "with_bouts"]

Shape = Literal["linear", "saturating", "hill"]

_MINUTES = 1440.0


@dataclass(frozen=True, slots=True)
class DosePart:
    """One number of a dose, and how much of the activity's effect each amount of it has.

    Parameters
    ----------
    least, most
        Allowed range, in ``unit``.
    reference
        The dose at which the activity has its listed drives.
    scale
        Of the saturating curve: the dose that gives 63 per cent of its ceiling; of the Hill curve: that
        which gives a half. Not used by the linear one.
    power
        Exponent of the Hill curve.
    """

    name: str
    label: str
    unit: str
    least: float
    most: float
    reference: float
    shape: Shape
    scale: float = 1.0
    power: float = 1.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.least < self.reference <= self.most < math.inf:
            raise ModelError(
                f"dose {self.name!r}: needs 0 <= least < reference <= most, got {self.least:g}, "
                f"{self.reference:g} and {self.most:g} {self.unit}"
            )
        if self.shape not in ("linear", "saturating", "hill"):
            raise ModelError(
                f"dose {self.name!r}: shape must be 'linear', 'saturating' or 'hill', got {self.shape!r}"
            )
        if not (0.0 < self.scale < math.inf and 0.0 < self.power < math.inf):
            raise ModelError(f"dose {self.name!r}: scale and power must be finite and above 0")

    def effect(self, dose: float) -> float:
        """Return the effect of a dose as a multiple of that of the reference dose: 0 at 0, 1 there.

        Raises
        ------
        InputError
            If the dose lies outside its range.
        """
        if not self.least <= dose <= self.most:
            raise InputError(
                f"{self.label} must lie in [{self.least:g}, {self.most:g}] {self.unit}, got {dose:g}; "
                "is it in another unit?"
            )
        return self._curve(dose) / self._curve(self.reference)

    def words(self, dose: float) -> str:
        """Return a dose in words, for labels."""
        return f"{self.label} {dose:g}" if self.unit == "1" else f"{dose:g} {self.unit}"

    def _curve(self, dose: float) -> float:
        if self.shape == "linear":
            return dose
        if self.shape == "saturating":
            return -math.expm1(-dose / self.scale)
        raised = math.pow(dose, self.power)
        return raised / (raised + math.pow(self.scale, self.power))


@dataclass(frozen=True, slots=True)
class DosedActivity:
    """An activity that comes in doses.

    Parameters
    ----------
    activity
        As listed: at the reference dose.
    without
        What the animal does at a dose of 0.
    parts
        Numbers of the dose. Their effects multiply: no minutes on the treadmill are no training at any
        speed.
    """

    activity: Activity
    without: Activity
    parts: tuple[DosePart, ...]

    def __post_init__(self) -> None:
        if not self.parts:
            raise ModelError(f"activity {self.activity.name!r}: a dose has at least one part")

    def at(self, dose: float | Mapping[str, float]) -> Activity:
        """Return the activity at a dose.

        Parameters
        ----------
        dose
            A number, where the dose has one part; else part to its number, parts that are not named
            being at their reference.

        Raises
        ------
        InputError
            If a part is unknown or outside its range, or one number is given for several parts.
        """
        given = self._by_part(dose)
        effect = math.prod(part.effect(given[part.name]) for part in self.parts)
        drives = {}
        for drive in {**self.without.drives, **self.activity.drives}:
            none, full = (a.drives.get(drive, normal_level(drive)) for a in (self.without, self.activity))
            # So written, effects of 0 and of 1 give their level to the last digit.
            drives[drive] = (1.0 - effect) * none + effect * full
        words = ", ".join(p.words(given[p.name]) for p in self.parts)
        return replace(self.activity, label=f"{self.activity.label}, {words}", drives=drives)

    def scaled(self, dose: float | Mapping[str, float], factor: float) -> dict[str, float]:
        """Return a dose of which the first part is multiplied: what an animal new to it does."""
        given = self._by_part(dose)
        first = self.parts[0].name
        return {**given, first: factor * given[first]}

    def _by_part(self, dose: float | Mapping[str, float]) -> dict[str, float]:
        known = {p.name: p.reference for p in self.parts}
        if not isinstance(dose, Mapping):
            if len(self.parts) > 1:
                names = ", ".join(f"{p.name} ({p.unit})" for p in self.parts)
                raise InputError(
                    f"activity {self.activity.name!r} has a dose of several parts, {names}: name them, as in "
                    f"dose: {{{self.parts[0].name}: {self.parts[0].reference:g}}}; got {dose:g}"
                )
            return {self.parts[0].name: float(dose)}
        for name in dose:
            if name not in known:
                raise unknown_name(f"part of the dose of {self.activity.name!r}", name, known)
        return {**known, **{name: float(value) for name, value in dose.items()}}


@dataclass(frozen=True, slots=True)
class BoutRule:
    """How much a daily bout does.

    Parameters
    ----------
    scale_minutes
        Minutes a day that give about 63 per cent of what the whole day would.
    by_time
        Drives that a bout moves in proportion to its time.
    """

    scale_minutes: float
    by_time: tuple[str, ...] = STRESSORS

    def __post_init__(self) -> None:
        if not 0.0 < self.scale_minutes < math.inf:
            raise ModelError(f"bouts: scale_minutes must be finite and above 0, got {self.scale_minutes}")

    def weight(self, drive: str, minutes_per_day: float) -> float:
        """Return the weight of the bout in the mix: 0 at no minute, 1 at 1440, rising between.

        Raises
        ------
        InputError
            If a day has not that many minutes.
        """
        if not 0.0 <= minutes_per_day <= _MINUTES:
            raise InputError(
                f"minutes_per_day of a bout must lie in [0, {_MINUTES:g}], got {minutes_per_day:g}"
            )
        if drive in self.by_time:
            return minutes_per_day / _MINUTES
        return math.expm1(-minutes_per_day / self.scale_minutes) / math.expm1(-_MINUTES / self.scale_minutes)


def with_bouts(activity: Activity, bout: Activity, *, minutes_per_day: float, rule: BoutRule) -> Activity:
    """Return an activity that is interrupted by daily bouts of another.

    The mix has the name of the main activity. At 0 minutes it has the drives of the main activity, at 1440
    those of the bout.

    Raises
    ------
    InputError
        If a day has not that many minutes.
    """
    drives = {}
    for drive in {**activity.drives, **bout.drives}:
        main, other = (a.drives.get(drive, normal_level(drive)) for a in (activity, bout))
        weight = rule.weight(drive, minutes_per_day)
        drives[drive] = (1.0 - weight) * main + weight * other
    label = f"{activity.label}, with {minutes_per_day:g} min/day {bout.label}"
    return replace(activity, label=label, drives=drives)
