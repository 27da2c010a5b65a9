"""How a cell is written: by the form of its column, and never otherwise on another face."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

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
    return _WRITERS.get(form, numbers.figures3)(value) if math.isfinite(value) else _NONE


def _probability(value: float) -> str:
    return f"{value:.2f}" if value >= 0.01 or value == 0 else numbers.figures3(value, 1)


_WRITERS: Mapping[Form, Callable[[float], str]] = MappingProxyType(
    {
        "whole": lambda value: numbers.group_thousands(round(value)),
        "day": lambda value: f"{value:g}",
        "ratio": numbers.ratio_text,
        "odds": lambda value: f"× {numbers.ratio_text(value)}",
        "change": numbers.change,
        "percent": numbers.percent,
        "probability": _probability,
        "p": lambda value: numbers.p_text(value).removeprefix("p = ").removeprefix("p "),
        "fold": numbers.fold_text,
        "signed": numbers.signed,
        "raw": lambda value: f"{value:.10g}",
    }
)
