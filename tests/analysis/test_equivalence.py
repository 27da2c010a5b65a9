"""Equivalence: against statsmodels, published sample sizes and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tables import sample

from soleus.analysis.answers import Effect, Equivalence, Undetermined
from soleus.analysis.compare import Settings, compare
from soleus.analysis.equivalence import equivalence, n_for_equivalence, tost_p_value, tost_power
from soleus.errors import InputError

ALIKE = [100.0, 110.0, 95.0, 104.0, 99.0], [101.0, 96.0, 107.0, 100.0, 98.0, 103.0]
APART = [30.0, 21.0, 48.0, 26.0, 15.0], [80.0, 64.0, 122.0, 71.0, 90.0]
WIDE = [60.0, 100.0, 170.0, 90.0], [150.0, 70.0, 110.0, 95.0]


def effect(pair: tuple[list[float], list[float]], method: str = "default") -> Effect:
    groups = [sample("hu", pair[0]), sample("free", pair[1])]
    found = compare(groups, (1.0, -1.0), what="mean", method=method, settings=Settings())
    assert isinstance(found, Effect)
    return found


def verdict(pair: tuple[list[float], list[float]], margin: float = 1.25) -> Equivalence:
    found = equivalence(effect(pair), margin=margin)
    assert isinstance(found, Equivalence)
    return found


@pytest.mark.parametrize("pair", [ALIKE, APART, WIDE])
def test_p_values_agree_with_statsmodels(pair: tuple[list[float], list[float]]) -> None:
    from statsmodels.stats.weightstats import ttost_ind

    p, lower, upper = ttost_ind(
        np.array(pair[0]), np.array(pair[1]), 0.8, 1.25, usevar="unequal", transform=np.log
    )
    assert verdict(pair).p_value == pytest.approx(p, rel=1e-6)
    assert p == pytest.approx(max(lower[1], upper[1]))


def test_the_power_is_that_of_powertost() -> None:
    """PowerTOST's first example: CV 0.3, true ratio 0.95, 2 x 2 crossover, n = 40: power 0.8158453.

    A crossover's log ratio has standard error sigma sqrt(2 / n) on n - 2 degrees of freedom.
    """
    sigma = math.sqrt(math.log(1.0 + 0.3**2))
    found = tost_power(
        se=sigma * math.sqrt(2 / 40), df=38.0, log_margin=math.log(1.25), log_ratio=math.log(0.95)
    )
    assert found == pytest.approx(0.8158453, abs=2e-6)


def test_the_power_is_that_of_simulated_studies() -> None:
    rng = np.random.default_rng(1)
    studies, n, spread = 4000, 9, 0.15
    logs = rng.normal(0.0, spread, (studies, 2, n))
    difference = logs.mean(axis=2)[:, 0] - logs.mean(axis=2)[:, 1]
    se = np.sqrt(logs.var(axis=2, ddof=1).mean(axis=1) * 2 / n)
    margin = math.log(1.25)
    found = [
        tost_p_value(d, se=s, df=2.0 * n - 2, log_margin=margin) <= 0.05
        for d, s in zip(difference, se, strict=True)
    ]
    expected = tost_power(se=spread * math.sqrt(2 / n), df=2.0 * n - 2, log_margin=margin)
    assert 0.5 < expected < 0.95
    assert abs(np.mean(found) - expected) < 4 * math.sqrt(expected * (1 - expected) / studies)


def test_the_number_needed_is_the_smallest_that_does() -> None:
    needed = n_for_equivalence(0.3, margin=1.25)
    assert needed is not None

    def power(n: int) -> float:
        return tost_power(se=0.3 * math.sqrt(2 / n), df=2.0 * n - 2, log_margin=math.log(1.25))

    assert power(needed) >= 0.8 > power(needed - 1)
    assert n_for_equivalence(5.0, margin=1.01) is None
    assert n_for_equivalence(0.6, margin=1.25) > needed  # type: ignore[operator]


def test_verdicts() -> None:
    assert verdict(ALIKE).verdict == "equivalent"
    assert verdict(ALIKE).n_needed is None
    assert verdict(APART).verdict == "beyond the margin"
    undecided = verdict(WIDE)
    assert undecided.verdict == "undecided"
    assert undecided.n_needed is not None and undecided.n_needed > 4
    assert f"{undecided.n_needed} animals per group" in undecided.statement
    assert undecided.level == pytest.approx(0.9)


def test_the_verdict_is_the_intervals() -> None:
    """Equivalent exactly where the 90 % interval lies within the margin."""
    for margin in np.linspace(1.02, 1.6, 40):
        found = verdict(ALIKE, margin)
        inside = 1.0 / margin < found.low and found.high < margin
        assert (found.verdict == "equivalent") == inside == (found.p_value <= 0.05)


def test_what_has_no_margin_is_refused() -> None:
    found = equivalence(effect(ALIKE, "welch"), margin=1.25)
    assert isinstance(found, Undetermined) and "difference" in found.note
    for margin in (1.0, 0.8, math.inf, math.nan):
        with pytest.raises(InputError, match="ratio above 1"):
            equivalence(effect(ALIKE), margin=margin)
