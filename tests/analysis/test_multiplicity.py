"""Holm against statsmodels, Dunnett against SciPy and its published example."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from soleus.analysis.multiplicity import dunnett, holm

# Dunnett (1955), table 1: blood counts, control and two drugs; p values as in SciPy's documentation.
CONTROL = np.array([7.40, 8.50, 7.20, 8.24, 9.84, 8.32])
DRUGS = [np.array([9.76, 8.80, 7.68, 9.36]), np.array([12.80, 9.68, 12.16, 9.20, 10.55])]


@pytest.mark.parametrize("seed", range(5))
def test_holm_agrees_with_statsmodels(seed: int) -> None:
    from statsmodels.stats.multitest import multipletests

    p = np.random.default_rng(seed).uniform(0.0, 0.2, 7)
    assert holm(p.tolist()) == pytest.approx(multipletests(p, method="holm")[1].tolist(), rel=1e-12)


def test_a_comparison_that_cannot_be_told_counts() -> None:
    assert holm([0.01, None, 0.04]) == [pytest.approx(0.03), None, pytest.approx(0.08)]
    assert holm([0.01, 0.04]) == [pytest.approx(0.02), pytest.approx(0.04)]
    assert holm([]) == []


def test_dunnett_agrees_with_the_published_example() -> None:
    found = dunnett(DRUGS, CONTROL, level=0.95, seed=1)
    assert [each.p_value for each in found] == pytest.approx([0.62004941, 0.0059035], abs=1e-3)
    oracle = stats.dunnett(*DRUGS, control=CONTROL)
    for k, each in enumerate(found):
        assert each.difference / each.se == pytest.approx(oracle.statistic[k], rel=1e-10)
        assert each.low < each.difference < each.high
        assert each.df == 12.0
    assert found[0].low < 0.0 < found[1].low


def test_dunnett_is_between_no_correction_and_holms() -> None:
    groups = [np.log(d) for d in DRUGS]
    found = dunnett(groups, np.log(CONTROL), level=0.95, seed=1)
    pooled = [2 * stats.t.sf(abs(each.difference / each.se), each.df) for each in found]
    for each, alone in zip(found, pooled, strict=True):
        assert alone < each.p_value < 2 * alone
    assert dunnett(groups, np.log(CONTROL), level=0.95, seed=1) == found
