"""Contrasts: against SciPy, statsmodels and NIST's certified values, one data set or many."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.stats
from scipy import stats

from soleus.analysis.contrasts import quasi_binomial, quasi_poisson, welch
from soleus.analysis.intraclass import anova

NIST = Path(scipy.stats.__file__).parent / "tests" / "data" / "nist_anova"
# NIST StRD, analysis of variance, certified values (https://www.itl.nist.gov/div898/strd/anova/anova.html):
# mean square between, mean square within, F; and the relative error that constant leading digits allow.
CERTIFIED = {
    "AtmWtAg": (3.63834187500000e-09, 2.28155932971014e-10, 1.59467335677930e01, 1e-7),
    "SiRstv": (1.27865654000000e-02, 1.08318280000000e-02, 1.18046237440255e00, 1e-8),
    "SmLs01": (2.10000000000000e-01, 1.00000000000000e-02, 2.10000000000000e01, 1e-11),
    "SmLs04": (2.10000000000000e-01, 1.00000000000000e-02, 2.10000000000000e01, 1e-6),
}


def nist(name: str) -> list[np.ndarray]:
    path = NIST / f"{name}.dat"
    if not path.is_file():
        pytest.skip("this SciPy does not ship NIST's data")
    lines = path.read_text().splitlines()
    rows = np.array([line.split() for line in lines[60:] if line.strip()], dtype=float)
    return [rows[rows[:, 0] == level, 1] for level in np.unique(rows[:, 0])]


def draws(seed: int, sizes: tuple[int, ...]) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.lognormal(3.0, 0.2 + 0.2 * k, n) for k, n in enumerate(sizes)]


@pytest.mark.parametrize("sizes", [(3, 3), (5, 8), (2, 6)])
def test_welch_agrees_with_scipy(sizes: tuple[int, int]) -> None:
    one, other = draws(1, sizes)
    found, oracle = welch([one, other], (1.0, -1.0)), stats.ttest_ind(one, other, equal_var=False)
    assert found.p_value == pytest.approx(oracle.pvalue, rel=1e-10)
    assert found.df == pytest.approx(oracle.df, rel=1e-10)
    interval = oracle.confidence_interval(0.9)
    assert found.interval(0.9) == (
        pytest.approx(interval.low, rel=1e-9),
        pytest.approx(interval.high, rel=1e-9),
    )


WEIGHTS = [(1.0, -1.0, -1.0, 1.0), (-0.5, -0.5, 0.5, 0.5), (0.0, 1.0, 0.0, -1.0)]


def layout(sizes: tuple[int, ...]) -> np.ndarray:
    return np.repeat(np.eye(len(sizes)), sizes, axis=0)


@pytest.mark.parametrize("weights", WEIGHTS)
def test_quasi_poisson_contrasts_agree_with_statsmodels(weights: tuple[float, ...]) -> None:
    import statsmodels.api as sm

    sizes = (3, 5, 4, 6)
    rng = np.random.default_rng(3)
    exposure = [rng.uniform(0.3, 3.0, n) for n in sizes]
    counts = [rng.negative_binomial(3, 0.1, n).astype(float) for n in sizes]
    counts[0][0] = 0.0
    glm = sm.GLM(
        np.concatenate(counts),
        layout(sizes),
        family=sm.families.Poisson(),
        offset=np.log(np.concatenate(exposure)),
    ).fit(scale="X2", use_t=True, tol=1e-14)
    oracle, found = glm.t_test(np.array(weights)), quasi_poisson(counts, exposure, weights)
    assert found.estimate == pytest.approx(oracle.effect.item(), rel=1e-6)
    assert found.se == pytest.approx(oracle.sd.item(), rel=1e-6)
    assert found.p_value == pytest.approx(oracle.pvalue.item(), rel=1e-6)


@pytest.mark.parametrize("weights", WEIGHTS)
def test_quasi_binomial_contrasts_agree_with_statsmodels(weights: tuple[float, ...]) -> None:
    import statsmodels.api as sm

    sizes = (3, 5, 4, 6)
    rng = np.random.default_rng(4)
    trials = [rng.integers(20, 300, n).astype(float) for n in sizes]
    marked = [rng.binomial(t.astype(int), rng.beta(3, 7, len(t))).astype(float) for t in trials]
    looked = np.concatenate(trials)
    # As shares with weights: with two columns statsmodels leaves the trials out of Pearson's X2.
    glm = sm.GLM(
        np.concatenate(marked) / looked, layout(sizes), family=sm.families.Binomial(), var_weights=looked
    ).fit(scale="X2", use_t=True, tol=1e-14)
    oracle, found = glm.t_test(np.array(weights)), quasi_binomial(marked, trials, weights)
    assert found.estimate == pytest.approx(oracle.effect.item(), rel=1e-6)
    assert found.se == pytest.approx(oracle.sd.item(), rel=1e-6)
    assert found.p_value == pytest.approx(oracle.pvalue.item(), rel=1e-6)
    low, high = oracle.conf_int(0.05)[0]
    assert found.interval() == (pytest.approx(low, rel=1e-6), pytest.approx(high, rel=1e-6))


def test_welch_contrast_of_four_groups_by_hand() -> None:
    """The interaction's variance is the sum of s^2 / n; its df are Satterthwaite's."""
    groups = draws(5, (3, 5, 4, 6))
    found = welch(groups, (1.0, -1.0, -1.0, 1.0))
    shares = [np.var(g, ddof=1) / len(g) for g in groups]
    means = [g.mean() for g in groups]
    assert found.estimate == pytest.approx(means[0] - means[1] - means[2] + means[3], rel=1e-12)
    assert found.se == pytest.approx(np.sqrt(sum(shares)), rel=1e-12)
    df = sum(shares) ** 2 / sum(s**2 / (len(g) - 1) for s, g in zip(shares, groups, strict=True))
    assert found.df == pytest.approx(df, rel=1e-12)
    # A main effect halves each: the same t.
    halved = welch(groups, (0.5, -0.5, -0.5, 0.5))
    assert halved.p_value == pytest.approx(found.p_value, rel=1e-12)


def test_many_data_sets_give_what_each_gives() -> None:
    rng = np.random.default_rng(6)
    a, b = rng.poisson(20.0, (7, 4)).astype(float), rng.poisson(30.0, (7, 6)).astype(float)
    ones = [np.ones_like(a), np.ones_like(b)]
    many = quasi_poisson([a, b], ones, (1.0, -1.0)), welch([a, b], (1.0, -1.0))
    for k in range(7):
        single = (
            quasi_poisson([a[k], b[k]], [ones[0][k], ones[1][k]], (1.0, -1.0)),
            welch([a[k], b[k]], (1.0, -1.0)),
        )
        for whole, one in zip(many, single, strict=True):
            assert whole.se[k] == pytest.approx(float(one.se), rel=1e-12)
            assert whole.p_value[k] == pytest.approx(float(one.p_value), rel=1e-12)


@pytest.mark.parametrize("values", [[5.0, 5.0, 5.0], [0.1, 0.1, 0.1]])
def test_no_spread_gives_no_standard_error(values: list[float]) -> None:
    same = np.array(values)
    assert float(welch([same, 2.0 * same], (1.0, -1.0)).se) == 0.0
    ones = [np.ones(3)] * 2
    assert float(quasi_poisson([same, 2.0 * same], ones, (1.0, -1.0)).se) == 0.0


@pytest.mark.parametrize("name", CERTIFIED)
def test_anova_agrees_with_nist(name: str) -> None:
    between, within, f, digits = CERTIFIED[name]
    found = anova(nist(name))
    assert found is not None
    assert found.between == pytest.approx(between, rel=digits)
    assert found.within == pytest.approx(within, rel=digits)
    assert found.f == pytest.approx(f, rel=digits)


def test_welch_of_nists_silver_has_the_certified_f() -> None:
    """With equal numbers Welch's t is Student's, and its square the F of two groups."""
    groups = nist("AtmWtAg")
    found = welch(groups, (1.0, -1.0))
    assert float((found.estimate / found.se) ** 2) == pytest.approx(CERTIFIED["AtmWtAg"][2], rel=1e-7)
