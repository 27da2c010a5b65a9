"""Cells of an instrument's file as numbers, with the place in every message."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from pathlib import Path

from soleus.errors import InputError
from soleus.exchange.readers import numbers
from soleus.exchange.readers.files import refusal

__all__ = ["Place", "decimal_mark", "number", "whole"]

_COMMA = re.compile(r"[-+]?\d+,\d+([eE][-+]?\d+)?")
_POINT = re.compile(r"[-+]?\d*\.\d+([eE][-+]?\d+)?")

Place = tuple[Path, int, str]
"""File, row and column of a cell."""


def decimal_mark(cells: Iterable[str], path: Path) -> str:
    """Return the decimal mark of a file: a comma only where commas occur and points do not.

    Raises
    ------
    InputError
        Both occur, so that neither can be trusted.
    """
    comma = point = ""
    for cell in cells:
        if not comma and _COMMA.fullmatch(cell):
            comma = cell
        elif not point and _POINT.fullmatch(cell):
            point = cell
    if comma and point:
        both = f"holds numbers with a comma ({comma}) and with a point ({point})"
        raise refusal(path, f"{both}; write all numbers with a point")
    return "," if comma else "."


def number(cell: str, place: Place, *, mark: str = ".") -> float:
    """Read one cell as a number; NaN where it is empty, NaN or n.d.

    Parameters
    ----------
    cell
        Its text.
    place
        Where it stands.
    mark
        Decimal mark of the file.

    Raises
    ------
    InputError
        Not a number, or not finite.
    """
    if numbers.is_missing(cell):
        return math.nan
    try:
        # Programs write no marks of thousands: the mark of the file is certain.
        value = numbers.number(cell, decimal=mark, firm=True)
    except InputError as error:
        raise refusal(place[0], str(error), row=place[1], column=place[2]) from None
    if not math.isfinite(value):
        raise refusal(place[0], f"{cell!r} is not finite; mend the cell", row=place[1], column=place[2])
    return value


def whole(cell: str, place: Place, *, mark: str = ".") -> float:
    """Read one cell as a count; NaN where it is empty.

    Parameters
    ----------
    cell, place, mark
        As for :func:`number`.

    Raises
    ------
    InputError
        Negative, or not whole.
    """
    path, row, column = place
    value = number(cell, place, mark=mark)
    if math.isnan(value):
        return value
    if value < 0:
        raise refusal(path, f"{cell!r} is negative; a count is 0 or more", row=row, column=column)
    if value != round(value):
        mend = "a count is whole: is this a density, or a mark of thousands?"
        raise refusal(path, f"{cell!r} is not whole; {mend}", row=row, column=column)
    return value
