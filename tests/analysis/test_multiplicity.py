"""Holm against statsmodels, Dunnett against SciPy and its published example."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from soleus.analysis.multiplicity import Simultaneous, all_pairs, holm, many_to_one

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


def pooled(groups: list[np.ndarray], control: np.ndarray) -> list[Simultaneous]:
    df = float(sum(map(len, groups)) + len(control) - len(groups) - 1)
    spread = sum(float(((v - v.mean()) ** 2).sum()) for v in (*groups, control)) / df
    se = [math.sqrt(spread * (1 / len(v) + 1 / len(control))) for v in groups]
    t = [(float(v.mean()) - float(control.mean())) / s for v, s in zip(groups, se, strict=True)]
    shared = [math.sqrt(spread / len(control)) / s for s in se]
    return many_to_one(t, [df] * len(groups), shared, level=0.95, pooled=True)


def test_dunnett_agrees_with_the_published_example_and_scipy() -> None:
    found = pooled(DRUGS, CONTROL)
    assert [each.p_value for each in found] == pytest.approx([0.62004941, 0.0059035], abs=1e-3)
    oracle = stats.dunnett(*DRUGS, control=CONTROL, random_state=np.random.default_rng(1))
    assert [each.p_value for each in found] == pytest.approx(oracle.pvalue.tolist(), abs=5e-4)
    # Tables of Dunnett (1955): two treatments, 12 degrees of freedom, two-sided 5 %, equal numbers: 2.50.
    (equal, _) = many_to_one([1.0, 1.0], [12.0] * 2, [math.sqrt(0.5)] * 2, level=0.95, pooled=True)
    assert equal.critical == pytest.approx(2.50, abs=0.005)


def test_one_comparison_is_a_t_test() -> None:
    (found,) = many_to_one([2.3], [7.5], [0.6], level=0.95, pooled=False)
    assert found.p_value == pytest.approx(2 * stats.t.sf(2.3, 7.5), rel=1e-6)
    assert found.critical == pytest.approx(stats.t.ppf(0.975, 7.5), rel=1e-6)


def test_dunnett_is_between_no_correction_and_bonferroni() -> None:
    for each, alone in zip(
        many_to_one([2.1, -3.0], [9.0, 4.3], [0.7, 0.5], level=0.95, pooled=False),
        (0.0651, 0.0367),
        strict=True,
    ):
        assert alone < each.p_value < 2 * alone


def test_unequal_spread_is_the_chance_of_independent_spreads() -> None:
    """Drawn: three contrasts that share a control's mean, each with a spread of its own."""
    rng = np.random.default_rng(4)
    df, shared = np.array([3.2, 5.0, 9.0]), np.array([0.3, 0.6, 0.7])
    common = rng.normal(size=(400_000, 1))
    z = shared * common + np.sqrt(1.0 - shared**2) * rng.normal(size=(400_000, 3))
    t = z / np.sqrt(rng.chisquare(df, (400_000, 3)) / df)
    smallest = (2.0 * stats.t.sf(np.abs(t), df)).min(axis=1)
    found = many_to_one([4.5, 2.9, 2.6], df.tolist(), shared.tolist(), level=0.95, pooled=False)
    for each, value, own in zip(found, (4.5, 2.9, 2.6), df, strict=True):
        alone = 2.0 * stats.t.sf(value, own)
        assert each.p_value == pytest.approx(float((smallest <= alone).mean()), abs=0.001)
    held = (np.abs(t) <= [each.critical for each in found]).all(axis=1).mean()
    assert float(held) == pytest.approx(0.95, abs=0.0015)
    one_spread = many_to_one([4.5] * 3, [3.2] * 3, shared.tolist(), level=0.95, pooled=True)
    assert found[0].critical > one_spread[0].critical


def test_all_pairs_are_referred_to_the_studentized_range() -> None:
    found = all_pairs([2.0, 3.0], [10.3, 5.2], groups=4, level=0.95)
    for each, t, df in zip(found, (2.0, 3.0), (10.3, 5.2), strict=True):
        assert each.p_value == pytest.approx(stats.studentized_range.sf(t * math.sqrt(2), 4, df), rel=1e-6)
        assert each.critical * math.sqrt(2) == pytest.approx(
            stats.studentized_range.ppf(0.95, 4, df), rel=1e-5
        )
