"""A quantity refuses what cannot be right, and converts what can."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from soleus.catalogue import Quantity
from soleus.errors import InputError

GOOD: dict[str, Any] = {
    "name": "b1_cycle_length",
    "label": "Cycle length",
    "value": 18,
    "unit": "hour",
    "low": 17,
    "high": 18,
    "species": "mouse",
    "citation": "ponti-2013",
    "reason": "Read in the paper.",
    "status": "checked",
}


def test_value_at_either_end_of_its_range_is_allowed() -> None:
    assert Quantity(**GOOD).value == 18
    assert Quantity(**{**GOOD, "value": 17}).value == 17


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"value": 18.01}, "must lie in its range"),
        ({"value": 16.99}, "must lie in its range"),
        ({"value": float("nan")}, "finite"),
        ({"high": None}, "both low and high"),
        ({"low": None}, "both low and high"),
        ({"citation": None}, "needs a citation"),
        ({"status": "derived"}, "needs its formula"),
        ({"status": "sure"}, "status"),
        ({"unit": "fortnight"}, "not one that the model computes with"),
        ({"unit": "1", "value": -0.1, "low": -1, "high": 1}, "cannot be a ratio"),
        ({"unit": "1/day", "low": -1}, "cannot be a rate"),
        ({"flavour": "up"}, "flavour"),
        ({"species": ""}, "species"),
        ({"name": "B1 cycle"}, "name"),
    ],
)
def test_refuses(change: dict[str, Any], part: str) -> None:
    with pytest.raises(ValidationError, match=part):
        Quantity(**{**GOOD, **change})


@pytest.mark.parametrize("status", ["provisional", "derived", "fitted"])
def test_only_unsure_numbers_may_lack_a_citation(status: str) -> None:
    quantity = Quantity(**{**GOOD, "citation": None, "status": status, "formula": "17 + 1"})
    assert quantity.citation is None


def test_is_frozen() -> None:
    with pytest.raises(ValidationError):
        Quantity(**GOOD).value = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("unit", "value", "expected"),
    [
        ("hour", 18.0, 0.75),
        ("day", 2.0, 2.0),
        ("1/hour", 0.5, 12.0),
        ("mm", 0.3, 300.0),
        ("cells/cm2", 1e4, 100.0),
    ],
)
def test_internal_units(unit: str, value: float, expected: float) -> None:
    quantity = Quantity(**{**GOOD, "unit": unit, "value": value, "low": value, "high": 2 * value})
    assert quantity.internal() == pytest.approx(expected, rel=1e-12)
    assert quantity.internal_range() == pytest.approx((expected, 2 * expected), rel=1e-12)


def test_kind_is_checked_when_given() -> None:
    share = Quantity(**{**GOOD, "unit": "1", "value": 1.5, "low": 1.0, "high": 2.0})
    assert share.internal() == 1.5
    with pytest.raises(InputError, match="cannot be a probability"):
        share.internal(kind="probability")


def test_units_kept_as_published_are_not_computed_with() -> None:
    lactate = Quantity(**{**GOOD, "unit": "mmol/L"})
    with pytest.raises(InputError, match="mmol/L"):
        lactate.internal()
