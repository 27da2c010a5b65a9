"""Units: every entry of the closed table against pint, and what is refused."""

from __future__ import annotations

import math
import re
from typing import Any

import pint
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soleus import units
from soleus.errors import InputError, UnknownNameError
from soleus.units import QUANTITIES, parse, split, to_internal

ENTRIES = [
    (quantity, unit, factor)
    for quantity, kind in QUANTITIES.items()
    for unit, factor in kind.factors.items()
    if unit not in {"", "1", "fold"}
]
REGISTRY: Any = pint.UnitRegistry()
REGISTRY.define("cell = count = cells")


def in_pint(unit: str) -> Any:
    text = unit.replace("%", "percent")
    return REGISTRY.Quantity(1.0, re.sub(r"([a-z])([23])\b", r"\1**\2", text))


def test_the_table_is_not_empty() -> None:
    assert len(ENTRIES) >= 70


@pytest.mark.parametrize(("quantity", "unit", "factor"), ENTRIES)
def test_table_agrees_with_pint(quantity: str, unit: str, factor: float) -> None:
    internal = QUANTITIES[quantity].internal
    wanted = in_pint(unit).to(in_pint(internal)).magnitude
    assert math.isclose(factor, wanted, rel_tol=1e-12)
    # The largest value that every range allows: a probability cannot exceed 1.
    assert to_internal(0.5, unit, quantity=quantity) == pytest.approx(0.5 * wanted, rel=1e-12, abs=0.0)


@pytest.mark.parametrize(
    ("text", "quantity", "wanted"),
    [
        ("17.5 h", "time", 17.5 / 24),
        ("17.5h", "time", 17.5 / 24),
        ("0.1245 1/day", "rate", 0.1245),
        ("0.05 per h", "rate", 1.2),
        ("0.05 /h", "rate", 1.2),
        ("10 um", "length", 10.0),
        ("10 µm", "length", 10.0),
        ("10 μm", "length", 10.0),
        ("0.5 mm2", "area", 0.5),
        ("0.5 mm^2", "area", 0.5),
        ("0.5 mm**2", "area", 0.5),
        ("0.5 mm²", "area", 0.5),
        ("250 cells/mm2", "density", 250.0),
        ("250 cells per mm2", "density", 250.0),
        ("70 %", "fraction", 0.7),
        ("70%", "probability", 0.7),
        ("0.3", "ratio", 0.3),
        ("1e3 cells", "count", 1000.0),
        ("-2 days", "time", -2.0),
        ("1300 cells/day", "output", 1300.0),
    ],
)
def test_parse(text: str, quantity: str, wanted: float) -> None:
    assert parse(text, quantity=quantity) == pytest.approx(wanted, rel=1e-12, abs=0.0)


@pytest.mark.parametrize(
    ("text", "quantity", "wanted"),
    [
        ("2 fortnight", "time", 28.0),
        ("1 inch", "length", 25400.0),
        ("1 1/fortnight", "rate", 1 / 14),
        ("1 mg/kg", "ratio", None),
        ("1 mm*um", "area", 1e-3),
        ("3 cells/inch2", "density", 3 / 645.16),
    ],
)
def test_other_units_go_to_pint(text: str, quantity: str, wanted: float | None) -> None:
    if wanted is None:
        with pytest.raises(InputError, match="not a unit of a ratio"):
            parse(text, quantity=quantity)
        return
    assert parse(text, quantity=quantity) == pytest.approx(wanted, rel=1e-12, abs=0.0)


@pytest.mark.parametrize(
    ("text", "quantity", "message"),
    [
        ("17.5", "time", "needs a unit"),
        ("17.5 um", "time", "does not measure a time.*'h'"),
        ("17.5 blorb", "time", "not a known unit.*'day'"),
        ("17.5 h", "rate", "does not measure a rate"),
        ("0.1 1/day", "probability", "not a unit of a probability"),
        ("5 cells", "probability", "not a unit of a probability"),
        ("5 %", "count", "not a unit of a count"),
        ("-0.1 1/day", "rate", r"\[0, inf\]"),
        ("1.2", "probability", r"\[0, 1\]"),
        ("70", "fraction", r"\[0, 1\]"),
        ("-5 cells", "count", "must be finite"),
        ("1e400 h", "time", "must be finite"),
        ("nan h", "time", "does not begin with a number"),
        ("", "time", "does not begin with a number"),
        ("1 day**9**9**9**9", "time", "cannot be read as a unit"),
        ("1 __import__('os')", "time", "cannot be read as a unit"),
        ("1 " + "d" * 5000, "time", "cannot be read as a unit"),
        ("20 degC", "time", "does not measure a time"),
        ("1 day/", "time", "cannot be read as a unit"),
    ],
)
def test_refusals(text: str, quantity: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse(text, quantity=quantity)


def test_unknown_quantity_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'time'"):
        to_internal(1.0, "h", quantity="tim")


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        value = parse("1 " + text, quantity="time")
    except InputError:
        return
    assert math.isfinite(value)


def test_split_keeps_the_unit() -> None:
    assert split(" 1.5e-3  cells / mm2 ") == (1.5e-3, "cells / mm2")


def test_named_conversions() -> None:
    assert units.hours_to_days(36.0) == 1.5
    assert units.rate_from_mean(4.0) == 0.25
    # What is left after one half-life is a half; what has grown after one doubling is double.
    assert math.exp(-3.0 * units.rate_from_half_life(3.0)) == pytest.approx(0.5, rel=1e-14)
    assert math.exp(3.0 * units.rate_from_doubling(3.0)) == pytest.approx(2.0, rel=1e-14)
    assert units.probability_from_rate(0.5, days=2.0) == pytest.approx(1 - math.exp(-1.0), rel=1e-14)
    assert units.rate_from_probability(units.probability_from_rate(0.3, days=5.0), days=5.0) == pytest.approx(
        0.3, rel=1e-12
    )
    assert units.internal_unit("time") == "day"


@pytest.mark.parametrize("days", [0.0, -1.0, math.inf, math.nan])
def test_conversions_refuse_what_is_no_wait(days: float) -> None:
    for convert in (units.rate_from_mean, units.rate_from_half_life, units.rate_from_doubling):
        with pytest.raises(InputError, match="must be a positive finite number"):
            convert(days)
    with pytest.raises(InputError, match="percent"):
        units.rate_from_probability(70.0, days=1.0)
