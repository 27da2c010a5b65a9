"""How a cell is written: by the form of its column, and never otherwise on another face."""

from __future__ import annotations

import math

from soleus.report import numbers
from soleus.report.section import Cell, Chip, Form, Link, Strong, plain_text

__all__ = ["is_numeric", "written"]

_NONE = "–"


def written(cell: Cell, form: Form) -> str:
    """Write a cell as text.

    Parameters
    ----------
    cell
        A text, a number, a span or None.
    form
        Of its column; see :class:`~soleus.report.section.Column`.

    >>> written(0.305, "change"), written(None, "ratio"), written("unloaded", "ratio")
    ('−70\\u202f%', '–', 'unloaded')
    """
    if cell is None:
        return _NONE
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int | float):
        return _number(float(cell), form)
    if isinstance(cell, str | Link | Chip | Strong | tuple):
        return plain_text(cell)
    value, low, high = (_number(x, form) for x in (cell.value, cell.low, cell.high))
    if value == low == high:
        return value
    # A level of 1 is a range of cases, not a probability.
    return f"{value} ({'range ' if cell.level >= 1 else ''}{low} to {high})"


def is_numeric(form: Form) -> bool:
    """Tell whether cells of a form are figures, which stand to the right and never break."""
    return form != "text"


def _number(value: float, form: Form) -> str:
    if not math.isfinite(value):
        return _NONE
    match form:
        case "whole":
            return numbers.group_thousands(round(value))
        case "day":
            return f"{value:g}"
        case "ratio":
            return numbers.ratio_text(value)
        case "odds":
            return f"× {numbers.ratio_text(value)}"
        case "change":
            return numbers.change(value)
        case "percent":
            return numbers.percent(value)
        case "probability":
            return f"{value:.2f}" if value >= 0.01 or value == 0 else numbers.figures3(value, 1)
        case "p":
            return numbers.p_text(value).removeprefix("p = ").removeprefix("p ")
        case "fold":
            return numbers.fold_text(value)
        case "raw":
            return f"{value:.10g}"
        case _:
            return numbers.figures3(value)
