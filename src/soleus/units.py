"""Units, parsed and checked at the border; inside, plain floats in one system.

The internal system: days, cells, micrometres. Areas and volumes of tissue stay in mm2 and mm3,
the exposure in which the field reports its counts. The units of the field stand in a closed
table; any other unit goes to pint, which is loaded only then.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from soleus.errors import InputError, unknown_name

__all__ = [
    "QUANTITIES",
    "QuantityKind",
    "hours_to_days",
    "internal_unit",
    "parse",
    "probability_from_rate",
    "rate_from_doubling",
    "rate_from_half_life",
    "rate_from_mean",
    "rate_from_probability",
    "split",
    "to_internal",
]


@dataclass(frozen=True, slots=True)
class QuantityKind:
    """A kind of quantity: its internal unit, its known units and the range that makes sense.

    Parameters
    ----------
    internal
        The internal unit.
    factors
        Unit to the factor that brings it to ``internal``.
    low, high
        Allowed range, in the internal unit.
    pint_unit
        The internal unit in pint's words; None where pint is not asked (a probability in hours
        makes no sense, and pint cannot tell a probability from a count).
    """

    internal: str
    factors: dict[str, float]
    low: float
    high: float
    pint_unit: str | None


_YEAR = 365.25
_TIME = {
    "s": 1 / 86400,
    "min": 1 / 1440,
    "h": 1 / 24,
    "hour": 1 / 24,
    "hours": 1 / 24,
    "d": 1.0,
    "day": 1.0,
    "days": 1.0,
    "week": 7.0,
    "weeks": 7.0,
    "month": _YEAR / 12,
    "months": _YEAR / 12,
    "year": _YEAR,
    "years": _YEAR,
}
_PER_TIME = {f"1/{unit}": 1 / days for unit, days in _TIME.items()}
_COUNT = {"": 1.0, "1": 1.0, "cell": 1.0, "cells": 1.0}
_PER_AREA = {"mm2": 1.0, "um2": 1e6, "cm2": 1e-2}
_PER_VOLUME = {"mm3": 1.0, "um3": 1e9, "cm3": 1e-3}
_SHARE = {"": 1.0, "1": 1.0, "%": 0.01, "percent": 0.01}


def _cells_per(denominators: dict[str, float]) -> dict[str, float]:
    return {f"{top}/{unit}": f for unit, f in denominators.items() for top in ("1", "cell", "cells")}


_INF = math.inf
QUANTITIES: dict[str, QuantityKind] = {
    "time": QuantityKind("day", _TIME, -_INF, _INF, "day"),
    "rate": QuantityKind("1/day", _PER_TIME, 0.0, _INF, "1/day"),
    "length": QuantityKind("um", {"nm": 1e-3, "um": 1.0, "mm": 1e3, "cm": 1e4, "m": 1e6}, 0.0, _INF, "um"),
    "area": QuantityKind("mm2", {"um2": 1e-6, "mm2": 1.0, "cm2": 1e2}, 0.0, _INF, "mm**2"),
    "volume": QuantityKind("mm3", {"um3": 1e-9, "mm3": 1.0, "ul": 1.0, "ml": 1e3}, 0.0, _INF, "mm**3"),
    "mass": QuantityKind("g", {"ug": 1e-6, "mg": 1e-3, "g": 1.0, "kg": 1e3}, 0.0, _INF, "g"),
    "count": QuantityKind("cells", _COUNT, 0.0, _INF, None),
    "probability": QuantityKind("1", _SHARE, 0.0, 1.0, None),
    "fraction": QuantityKind("1", _SHARE, 0.0, 1.0, None),
    "ratio": QuantityKind("1", {**_SHARE, "fold": 1.0}, 0.0, _INF, None),
    "density": QuantityKind("cells/mm2", _cells_per(_PER_AREA), 0.0, _INF, "1/mm**2"),
    "volume_density": QuantityKind("cells/mm3", _cells_per(_PER_VOLUME), 0.0, _INF, "1/mm**3"),
    "output": QuantityKind(
        "cells/day",
        {f"{top}/{unit}": 1 / days for unit, days in _TIME.items() for top in ("cell", "cells")},
        0.0,
        _INF,
        None,
    ),
}

_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*)", re.DOTALL)
_TYPOGRAPHY = str.maketrans({"µ": "u", "μ": "u", "²": "2", "³": "3", "·": "*", "⁻": "-", "¹": "1"})
# What may reach pint: letters with a one-digit power, joined by * or /. Nothing that computes.
_TERM = r"[A-Za-z]+(?:(?:\^|\*\*)?-?[1-9])?"
_PLAIN_UNIT = re.compile(rf"(?:1/)?{_TERM}(?:[*/]{_TERM})*")
_POWER = re.compile(r"([A-Za-z])(?:\^|\*\*)?(-?[1-9])")
_LONGEST = 40


def to_internal(value: float, unit: str, *, quantity: str) -> float:
    """Bring a value to the internal unit of its quantity.

    Parameters
    ----------
    value
        The number, in ``unit``.
    unit
        A unit as the field writes it: "h", "1/day", "um", "cells/mm2", "%". Empty for pure numbers.
    quantity
        One of :data:`QUANTITIES`: "time", "rate", "length", "area", "count", "probability", ...

    Returns
    -------
    float
        The value in days, 1/day, um, mm2, mm3, g, cells, cells/mm2, cells/day or as a pure number.

    Raises
    ------
    InputError
        Unknown unit, unit of another dimension, or a value outside the range of the quantity.
    """
    kind = _kind(quantity)
    factor = kind.factors.get(_normalise(unit))
    if factor is None:
        factor = _pint_factor(unit, quantity)
    internal = float(value) * factor
    if not (math.isfinite(internal) and kind.low <= internal <= kind.high):
        raise InputError(
            f"{value:g} {unit}".rstrip()
            + f" cannot be a {quantity.replace('_', ' ')}: it must be finite and lie in"
            f" [{kind.low:g}, {kind.high:g}] {kind.internal}"
        )
    return internal


def split(text: str) -> tuple[float, str]:
    """Split "17.5 h" into (17.5, "h"); the unit may be empty.

    Raises
    ------
    InputError
        The text does not begin with a number.
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise InputError(
            f"{text!r} does not begin with a number; write a number and a unit, such as '17.5 h'"
        )
    return float(match.group(1)), match.group(2).strip()


def parse(text: str, *, quantity: str) -> float:
    """Parse "17.5 h", "0.1245 1/day", "10 um" or "0.5 mm2" to the internal unit.

    Parameters
    ----------
    text
        A number and a unit. Only counts and pure numbers may go without a unit.
    quantity
        One of :data:`QUANTITIES`.

    Raises
    ------
    InputError
        No number, no unit where one is needed, or whatever :func:`to_internal` refuses.
    """
    value, unit = split(text)
    return to_internal(value, unit, quantity=quantity)


def internal_unit(quantity: str) -> str:
    """Return the internal unit of a quantity ("day" for "time")."""
    return _kind(quantity).internal


def hours_to_days(hours: float) -> float:
    """Convert hours to days."""
    return hours / 24.0


def rate_from_mean(mean_days: float) -> float:
    """Return the rate (1/day) of an exponential wait with a mean of ``mean_days``."""
    return 1.0 / _positive(mean_days, "mean_days")


def rate_from_half_life(half_life_days: float) -> float:
    """Return the rate (1/day) at which half is gone after ``half_life_days``."""
    return math.log(2.0) / _positive(half_life_days, "half_life_days")


def rate_from_doubling(doubling_days: float) -> float:
    """Return the net growth rate (1/day) that doubles a number in ``doubling_days``."""
    return math.log(2.0) / _positive(doubling_days, "doubling_days")


def probability_from_rate(rate_per_day: float, *, days: float) -> float:
    """Return the probability that an exit of constant rate happens within ``days``."""
    return -math.expm1(-rate_per_day * days)


def rate_from_probability(probability: float, *, days: float) -> float:
    """Return the constant rate (1/day) whose exit happens within ``days`` with ``probability``.

    Raises
    ------
    InputError
        ``probability`` outside [0, 1), or ``days`` not positive.
    """
    if not 0.0 <= probability < 1.0:
        raise InputError(f"probability must lie in [0, 1), got {probability:g}; percent? divide by 100")
    return -math.log1p(-probability) / _positive(days, "days")


def _positive(value: float, name: str) -> float:
    if not (math.isfinite(value) and value > 0.0):
        raise InputError(f"{name} must be a positive finite number of days, got {value:g}")
    return value


def _kind(quantity: str) -> QuantityKind:
    try:
        return QUANTITIES[quantity]
    except KeyError:
        raise unknown_name("quantity", quantity, QUANTITIES) from None


def _normalise(unit: str) -> str:
    text = re.sub(r"(?:^|\s+)per\s+", "/", unit.strip().translate(_TYPOGRAPHY))
    text = re.sub(r"\s*([*/])\s*", r"\1", text)
    text = f"1{text}" if text.startswith("/") else text
    return re.sub(r"(?<=[A-Za-z])(?:\^|\*\*)(?=[1-9])", "", text)


def _refuse(unit: str, quantity: str, why: str) -> InputError:
    allowed = ", ".join(repr(known) for known in _kind(quantity).factors if known)
    return InputError(f"{why} Allowed for a {quantity.replace('_', ' ')}: {allowed}.")


@lru_cache(maxsize=256)
def _pint_factor(unit: str, quantity: str) -> float:
    kind = _kind(quantity)
    text = _normalise(unit)
    if not text:
        raise _refuse(unit, quantity, f"a {quantity.replace('_', ' ')} needs a unit.")
    if kind.pint_unit is None:
        raise _refuse(unit, quantity, f"{unit!r} is not a unit of a {quantity}.")
    if len(text) > _LONGEST or _PLAIN_UNIT.fullmatch(text) is None:
        raise _refuse(unit, quantity, f"{unit[:_LONGEST]!r} cannot be read as a unit.")
    import pint

    try:
        expression = _POWER.sub(r"\1**\2", text)
        return float(_registry().Quantity(1.0, expression).to(kind.pint_unit).magnitude)
    except pint.errors.DimensionalityError:
        raise _refuse(unit, quantity, f"{unit!r} does not measure a {quantity.replace('_', ' ')}.") from None
    except (pint.errors.PintError, AttributeError, ValueError, TypeError):
        raise _refuse(unit, quantity, f"{unit!r} is not a known unit.") from None


@lru_cache(maxsize=1)
def _registry() -> Any:
    import pint

    registry: Any = pint.UnitRegistry()
    registry.define("cell = count = cells")
    return registry
