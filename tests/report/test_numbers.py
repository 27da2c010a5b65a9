"""How numbers are written, and where they stand on a logarithmic axis."""

from __future__ import annotations

import math

import pytest

from soleus.report import numbers
from soleus.schema.claim_rows import ClaimedInterval
from soleus.schema.values import Interval


@pytest.mark.parametrize(
    "value, text",
    [
        (0, "0"), (0.5, "0.5"), (1234.4, "1\u202f234"), (19573, "19\u202f573"), (0.0012345, "0.00123"),
        (-1.9, "−1.9"),
        (99.96, "100"), (2e9, "2.00 × 10⁹"), (3.2e-7, "3.20 × 10⁻⁷"), (-4500, "−4\u202f500"),
    ],
)  # fmt: skip
def test_significant_figures(value: float, text: str) -> None:
    assert numbers.figures3(value) == text


@pytest.mark.parametrize(
    "ratio, text",
    [(0.3, "−70"), (1.0, "±0"), (1.004, "±0"), (1.2, "+20"), (0.0, "−100"), (12.0, "+1\u202f100")],
)
def test_change_has_a_sign(ratio: float, text: str) -> None:
    assert numbers.change(ratio) == f"{text}\u202f%"


def test_interval_text() -> None:
    assert numbers.between(Interval(value=0.305, low=0.052, high=1.5)) == "0.30 (0.052 to 1.50)"
    assert numbers.change_between(Interval(value=0.3, low=0.2, high=1.1)) == "−80\u202f% to +10\u202f%"


@pytest.mark.parametrize(
    "p, text", [(None, "no p value"), (0.034, "p = 0.034"), (1e-7, "p < 0.0001"), (1.0, "p = 1")]
)
def test_p_values(p: float | None, text: str) -> None:
    assert numbers.p_text(p) == text


@pytest.mark.parametrize("bounds", [(0.9, 1.1), (0.2, 1.4), (0.02, 50.0), (0.0, 2.0), (1e-3, 1e3)])
def test_ratio_axis_holds_its_values_and_one(bounds: tuple[float, float]) -> None:
    low, high = numbers.ratio_domain(bounds)
    assert low < max(bounds[0], 1e-3) and high > bounds[1]
    ticks = numbers.ratio_ticks((low, high))
    assert 1.0 in ticks and len(ticks) <= 7
    assert all(low <= tick <= high for tick in ticks)


def test_log2_of_a_ratio_is_held_within_its_limit() -> None:
    assert numbers.log2_ratio(0.5) == -1 and numbers.log2_ratio(2) == 1
    assert numbers.log2_ratio(0) == -10


def test_thinning_keeps_both_ends() -> None:
    kept = numbers.thinned([float(k) for k in range(1000)], 90)
    assert kept[0] == 0 and kept[-1] == 999 and len(kept) <= 91
    assert numbers.thinned([1.0, 2.0]) == [0, 1]


@pytest.mark.parametrize(
    ("scale", "low", "high", "text"),
    [
        ("log_ratio", None, math.log(0.3), "the ratio is at most 0.3"),
        ("log_ratio", math.log(0.5), math.log(2.0), "the ratio is 0.5 to 2"),
        ("ratio", 0.25, 0.35, "the ratio is 0.25 to 0.35"),
        ("ratio", 1.2, None, "the ratio is at least 1.2"),
        ("value", None, 3.0, "it is at most 3"),
    ],
)
def test_what_would_make_a_claim_true(scale: str, low: float | None, high: float | None, text: str) -> None:
    assert numbers.claimed(ClaimedInterval(scale=scale, low=low, high=high, reason="made up")) == text
