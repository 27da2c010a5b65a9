"""Guess which columns hold values, what kind they are, and what area or total belongs to them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from soleus.errors import InputError
from soleus.exchange.readers import synonyms
from soleus.exchange.readers.grid import JOINER
from soleus.exchange.readers.mapping import Constants, Exposure, ValueKind, Values
from soleus.exchange.readers.numbers import is_missing, numbers
from soleus.exchange.readers.synonyms import plain, split_unit

if TYPE_CHECKING:
    from soleus.exchange.readers.raw import RawTable

__all__ = ["Found", "columns_of_values", "numeric"]

_AREA_UNITS = ("um2", "mm2", "cm2", "px2", "um3", "mm3", "cm3", "px")
_MASS_UNITS = ("g", "mg", "kg", "ug")
_TIME_UNITS = ("h", "min", "d", "day", "days", "s")
_DAY = re.compile(r"(.*?)(?<![A-Za-z])(?:day|d|tag|dpi)[\s_-]*(\d+)", re.IGNORECASE)
_TYPOGRAPHY = str.maketrans({"µ": "u", "μ": "u", "²": "2", "³": "3", "^": None, " ": None})


@dataclass
class Found:
    """What was found among the columns that name nothing."""

    values: list[Values] = field(default_factory=list)
    areas: list[tuple[str, str]] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def numeric(raw: RawTable, name: str) -> bool:
    """Tell whether most cells of a column are meant as numbers, sound or not."""
    import pandas as pd

    column = raw.column(name)
    if pd.api.types.is_float_dtype(column.dtype):
        return bool(column.notna().any())
    words = [word for word in column.dropna().unique() if not (isinstance(word, str) and is_missing(word))]
    like = [
        w
        for w in words
        if not isinstance(w, str) or w.strip()[:1].isdigit() or w.strip()[:1] in "#+-−.,<>≤≥~"
    ]
    return len(words) > 0 and 2 * len(like) >= len(words)


def columns_of_values(raw: RawTable, names: list[str], *, named: bool) -> Found:
    """Sort columns into values, areas and what is not used.

    Parameters
    ----------
    raw
        The table.
    names
        Columns that hold no identity.
    named
        A column names the read-out row by row: then one column of values is expected.
    """
    found = Found()
    for name in names:
        word, unit = split_unit(name)
        if plain(word) in synonyms.IGNORED or name.startswith("column ") or not numeric(raw, name):
            found.unused.append(name)
            continue
        unit = None if unit is None else unit.translate(_TYPOGRAPHY)
        if _is_area(word, unit):
            if unit is None:
                found.doubts.append(
                    f"column {name!r} seems an area, in which unit? Write exposure:"
                    f" {{column: {name!r}, unit: mm2}}"
                )
            else:
                found.areas.append((name, unit))
            continue
        _add(raw, found, name=name, word=word, unit=unit, named=named)
    _pair(found)
    _by_day(found)
    _tell_apart(found)
    return found


def _by_day(found: Found) -> None:
    """Read "weight day 0", "weight day 7" as one read-out on several days."""
    matches = {entry.column: _DAY.fullmatch(split_unit(entry.column)[0]) for entry in found.values}
    stems = [match[1].strip(" |_-") for match in matches.values() if match is not None]
    values = []
    for entry in found.values:
        match = matches[entry.column]
        stem = "" if match is None else match[1].strip(" |_-")
        if match is not None and entry.readout is not None and stems.count(stem) > 1:
            given = Constants(day=float(match[2]))
            entry = entry.model_copy(update={"readout": stem or "?", "given": given})
        values.append(entry)
    if any(entry.readout == "?" for entry in values):
        found.doubts.append("columns are named by days only: what was measured? Write readout in values")
    found.values = values


def _tell_apart(found: Found) -> None:
    """Name read-outs of one name (a count and its density) by their whole headers."""
    names = [(entry.readout, entry.given.day) for entry in found.values]
    found.values = [
        entry.model_copy(update={"readout": entry.column})
        if entry.readout is not None and names.count((entry.readout, entry.given.day)) > 1
        else entry
        for entry in found.values
    ]


def _is_area(word: str, unit: str | None) -> bool:
    if unit is not None and unit in _AREA_UNITS:
        return True
    letters = plain(word.rpartition(JOINER)[2])
    return unit is None and any(letters.startswith(a) or letters.endswith(a) for a in synonyms.AREA)


def _add(raw: RawTable, found: Found, *, name: str, word: str, unit: str | None, named: bool) -> None:
    try:
        cells = numbers(raw, name, percent=unit in ("%", "percent"))
    except InputError:
        # It is a column of numbers with a faulty cell: reading it will name the cell.
        cells = np.array([])
    kind = _kind(word, unit, cells)
    if kind is None:
        found.doubts.append(
            f"column {name!r} holds numbers: what are they? Write its kind and unit in values, or"
            " remove it there"
        )
    sort, of = kind or ("density", "1/mm2")
    if of == "%" and cells.size and 0.0 < np.nanmax(cells, initial=0.0) <= 1.0:
        found.doubts.append(
            f"column {name!r} is in %, and no value is above 1: are these fractions? Write unit: '1' or '%'"
        )
    readout = None if named else _readout(raw, word)
    found.values.append(Values(column=name, readout=readout, kind=sort, unit=of))


def _readout(raw: RawTable, word: str) -> str:
    """Name a read-out: the header; where that says only "count", what stands above it, or the sheet."""
    above, _, own = word.rpartition(JOINER)
    generic = plain(own) in (*synonyms.VALUE, *synonyms.COUNT, *synonyms.DENSITY)
    return above if generic and above else word


def _kind(word: str, unit: str | None, cells: np.ndarray) -> tuple[ValueKind, str] | None:
    letters = plain(word)
    there = cells[~np.isnan(cells)]
    if unit is not None:
        low = unit.casefold()
        if "/" in low and low.rpartition("/")[2] in _AREA_UNITS:
            return "density", unit
        if low in ("%", "percent", "prozent"):
            return "fraction", "%"
        if low in _MASS_UNITS:
            return "mass", unit
        if low in _TIME_UNITS:
            return "time", unit
        if low not in ("cells", "cell", "n", "count", "counts", "#"):
            return None
    elif any(share in letters for share in synonyms.SHARE) or "%" in word:
        return "fraction", "%" if "%" in word or there.max(initial=0.0) > 1.0 else "1"
    elif any(other in letters for other in (*synonyms.DENSITY, *synonyms.MASS, *synonyms.TIME)):
        return None
    whole = bool((there == np.round(there)).all())
    return ("count", "cells") if whole else None


def _pair(found: Found) -> None:
    """Give each area to the values whose header begins alike; one area belongs to all."""
    if len(found.areas) < 2:
        return
    values = []
    for entry in found.values:
        fitting = [(n, u) for n, u in found.areas if _stem(n) and _stem(n) == _stem(entry.column)]
        if len(fitting) == 1:
            exposure = Exposure(column=fitting[0][0], unit=fitting[0][1])
            entry = entry.model_copy(update={"exposure": exposure})
        elif entry.kind == "count":
            listed = ", ".join(repr(n) for n, _ in found.areas)
            found.doubts.append(
                f"which area belongs to {entry.column!r}: {listed}? Write its exposure in values"
            )
        values.append(entry)
    found.values = values


def _stem(name: str) -> str:
    """Return what stands before the last word of a header: "SVZ" of "SVZ area (mm2)"."""
    word = split_unit(name)[0]
    above, joiner, _ = word.rpartition(JOINER)
    if joiner:
        return plain(above)
    parts = word.replace("_", " ").split()
    return plain(" ".join(parts[:-1]))
