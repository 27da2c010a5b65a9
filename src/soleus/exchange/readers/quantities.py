"""Values, exposures and denominators: numbers of the file in the units of the observations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from soleus.errors import InputError
from soleus.exchange.readers.mapping import Exposure, Mapping, Values
from soleus.exchange.readers.numbers import numbers
from soleus.units import internal_unit, to_internal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from soleus.exchange.readers.raw import RawTable

__all__ = ["denominators", "exposures", "values"]

_PERCENT = ("%", "percent", "per cent")
_SHARES = ("1", "fraction", "share", "ratio", *_PERCENT)
_QUANTITIES = {
    "density": ("density", "volume_density"),
    "mass": ("mass",),
    "time": ("time",),
    "exposure": ("area", "volume", "length"),
}
_COUNTED_UNITS = ("section", "field", "image", "well")


def values(raw: RawTable, entry: Values, mapping: Mapping) -> tuple[NDArray[np.float64], str]:
    """Return one column of values and its unit; all but densities keep theirs.

    Raises
    ------
    InputError
        No number, a unit that does not fit the kind, or per cent that are fractions.
    """
    percent = entry.kind == "fraction" and entry.unit.strip().casefold() in _PERCENT
    found = numbers(
        raw,
        entry.column,
        decimal=mapping.decimal,
        missing=mapping.missing,
        percent=percent,
        whole=entry.kind == "count",
    )
    if entry.kind in ("count", "level", "score", "area"):
        return found, entry.unit
    if entry.kind == "fraction":
        if entry.unit.strip().casefold() not in _SHARES:
            text = f'a fraction has the unit "1" or "%", the mapping says {entry.unit!r}'
            raise raw.refusal(text, column=entry.column)
        return _share(raw, entry.column, found, percent=percent), "1"
    factor, unit = _factor(raw, entry.unit, what=entry.kind, column=entry.column)
    if entry.kind in ("mass", "time"):
        # Differences are told in the unit of the file: 14 s, not 0.000162 days.
        return found, entry.unit.strip()
    return found * factor, unit


def _share(raw: RawTable, column: str, found: NDArray[np.float64], *, percent: bool) -> NDArray[np.float64]:
    if percent:
        over = np.flatnonzero(found > 100)
        if over.size:
            text = f"a share cannot exceed 100 %, got {found[over[0]]:g}"
            raise raw.refusal(text, row=raw.row_numbers[over[0]], column=column)
        return found / 100
    over = np.flatnonzero(found > 1)
    if over.size:
        text = f'a fraction lies in [0, 1], got {found[over[0]]:g}; per cent? Write unit: "%" in the mapping'
        raise raw.refusal(text, row=raw.row_numbers[over[0]], column=column)
    return found


def exposures(raw: RawTable, entry: Values, mapping: Mapping) -> tuple[NDArray[np.float64], str | None]:
    """Return the exposure of each value and its unit; NaN and None where there is none."""
    given: Exposure | None = entry.exposure or mapping.exposure
    if given is None or entry.kind in ("mass", "time", "level", "area", "score"):
        return np.full(len(raw), np.nan), None
    if given.value is not None:
        found, column = np.full(len(raw), given.value), None
    else:
        column = str(given.column)
        found = numbers(raw, column, decimal=mapping.decimal, missing=mapping.missing)
    if given.unit.strip().casefold() in _SHARES:
        scale = 0.01 if given.unit.strip().casefold() in _PERCENT else 1.0
        over = np.flatnonzero(found * scale > 1)
        if over.size:
            text = f"the share of the tissue that was counted lies in (0, 1], got {found[over[0]]:g}"
            raise raw.refusal(text, row=raw.row_numbers[over[0]], column=column)
        return found * scale, "1"
    if given.unit in _COUNTED_UNITS:
        return found, given.unit
    if given.unit == "?":
        return found, "unit of area that is not given"
    factor, unit = _factor(raw, given.unit, what="exposure", column=column)
    return found * factor, unit


def denominators(raw: RawTable, entry: Values, mapping: Mapping) -> NDArray[np.float64]:
    """Return the number of cells that each value was taken of; NaN where there is none."""
    if entry.denominator is None:
        return np.full(len(raw), np.nan)
    return numbers(raw, entry.denominator, decimal=mapping.decimal, missing=mapping.missing, whole=True)


def _factor(raw: RawTable, unit: str, *, what: str, column: str | None) -> tuple[float, str]:
    """Return the factor that brings a unit to the internal one, and that unit."""
    if unit.strip().casefold().rstrip("^23²³") in ("px", "pixel", "pixels"):
        text = "is in pixels, the image was not calibrated; set the pixel size and export again"
        raise raw.refusal(text, column=column)
    reasons = []
    for quantity in _QUANTITIES[what]:
        try:
            return to_internal(1.0, unit, quantity=quantity), internal_unit(quantity)
        except InputError as error:
            reasons.append(str(error))
    raise raw.refusal(f"unit of the mapping: {' '.join(reasons)}", column=column)
