"""Effects: against other programs, at the nominal error rate, and with the animal as the unit."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats

from soleus.analysis import Undetermined, ratio_effect
from soleus.analysis.effects import quasi_poisson, welch_of_logs
from soleus.errors import InputError, UnknownNameError
from soleus.observations import Observations
from soleus.schema.run import EffectEstimate

Values = NDArray[np.float64]


def observe(treated: Any, control: Any, **changes: Any) -> Observations:
    """One row for each animal (a number) or for each section of an animal (a list)."""
    rows = []
    for group, animals in (("hu", treated), ("free", control)):
        for k, value in enumerate(animals):
            sections = value if isinstance(value, list) else [value]
            rows += [
                {"group": group, "animal": f"{group}{k}", "unit_id": f"s{s}", "value": float(count)}
                for s, count in enumerate(sections)
            ]
    same = {
        "study": "s",
        "day": 28.0,
        "assay": "sections",
        "readout": "Ki67+",
        "unit_level": "section",
        "value_kind": "count",
        "unit": "cells",
        "source": "virtual:x",
    }
    return Observations(pd.DataFrame(rows).assign(**{**same, **changes}))


def effect(observations: Observations) -> EffectEstimate | Undetermined:
    return ratio_effect(observations, readout="Ki67+", day=28.0, treated="hu", control="free")


def sure(observations: Observations) -> EffectEstimate:
    found = effect(observations)
    assert isinstance(found, EffectEstimate), found
    return found


TREATED, CONTROL = [30, 21, 48, 26, 15], [80, 64, 122, 71, 90, 55]


def test_welch_agrees_with_scipy() -> None:
    found = sure(observe(TREATED, CONTROL))
    oracle = stats.ttest_ind(np.log(TREATED), np.log(CONTROL), equal_var=False)
    low, high = np.exp(oracle.confidence_interval(0.95))
    assert found.p_value == pytest.approx(oracle.pvalue, rel=1e-10, abs=0.0)
    assert found.ratio.value == pytest.approx(stats.gmean(TREATED) / stats.gmean(CONTROL), rel=1e-12, abs=0.0)
    assert (found.ratio.low, found.ratio.high) == pytest.approx((low, high), rel=1e-10, abs=0.0)
    assert found.ratio.level == 0.95
    assert found.method == "Welch t test on log animal means"
    assert found.note is None


@pytest.mark.parametrize("seed", range(4))
def test_quasi_poisson_agrees_with_statsmodels(seed: int) -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(seed)
    exposure = rng.uniform(0.2, 2.0, 11)
    treatment = np.repeat([1.0, 0.0], [5, 6])
    counts = rng.negative_binomial(1.5, 1.5 / (1.5 + 4.0 * exposure)).astype(float)
    counts[[0, 7]] = [0.0, 3.0]
    fit = sm.GLM(
        counts, sm.add_constant(treatment), family=sm.families.Poisson(), offset=np.log(exposure)
    ).fit(scale="X2", use_t=True, tol=1e-14)
    low, high = np.exp(fit.conf_int()[1])
    found = sure(observe(counts[:5], counts[5:], exposure=exposure, exposure_unit="mm2"))
    assert found.method.startswith("quasi-Poisson")
    assert found.ratio.value == pytest.approx(math.exp(fit.params[1]), rel=1e-8, abs=0.0)
    assert (found.ratio.low, found.ratio.high) == pytest.approx((low, high), rel=1e-8, abs=0.0)
    assert found.p_value == pytest.approx(fit.pvalues[1], rel=1e-8, abs=0.0)


def test_swapping_the_groups_inverts_the_ratio() -> None:
    for treated, control in ((TREATED, CONTROL), ([0, *TREATED], CONTROL)):
        one, two = sure(observe(treated, control)), sure(observe(control, treated))
        assert one.ratio.value < 1.0 < two.ratio.value
        assert one.ratio.value * two.ratio.value == pytest.approx(1.0, rel=1e-12)
        assert one.ratio.low * two.ratio.high == pytest.approx(1.0, rel=1e-12)
        assert one.p_value == pytest.approx(two.p_value, rel=1e-12)


def test_exposure_is_an_offset() -> None:
    """Twice the area with twice the cells is the same density."""
    areas = [1.0] * 5 + [2.0] * 6
    doubled = observe(TREATED, [2 * count for count in CONTROL], exposure=areas, exposure_unit="mm2")
    assert sure(doubled).ratio.value == pytest.approx(sure(observe(TREATED, CONTROL)).ratio.value, rel=1e-12)
    shares = observe(TREATED, [2 * count for count in CONTROL], denominator=[1000.0] * 5 + [2000.0] * 6)
    assert sure(shares).ratio.value == pytest.approx(sure(observe(TREATED, CONTROL)).ratio.value, rel=1e-12)


@pytest.mark.parametrize("zero", [False, True])
def test_sections_are_summed_within_their_animal(zero: bool) -> None:
    """Cutting each animal into ever more sections must not make the result any surer."""
    treated = [0, *TREATED] if zero else TREATED
    whole = sure(observe(treated, CONTROL, exposure=1.0, exposure_unit="mm2"))

    def cut(count: int) -> list[int]:
        return [count // 8] * 7 + [count - 7 * (count // 8)]

    cut_up = [cut(c) for c in treated], [cut(c) for c in CONTROL]
    sections = sure(observe(*cut_up, exposure=0.125, exposure_unit="mm2"))
    assert sections.method == whole.method
    assert sections.p_value == pytest.approx(whole.p_value, rel=1e-12)
    assert sections.ratio.low == pytest.approx(whole.ratio.low, rel=1e-12)


def null_cohorts(rng: np.random.Generator, repeats: int, *, mean: float) -> Values:
    """Animal totals of 2 x 5 animals, 8 sections each: animal CV 0.3, section gamma shape 8, Poisson."""
    sigma = math.sqrt(math.log(1 + 0.3**2))
    animals = rng.lognormal(-(sigma**2) / 2, sigma, (repeats, 10, 1))
    sections = rng.gamma(8.0, 1 / 8.0, (repeats, 10, 8))
    return rng.poisson(mean * animals * sections).astype(float)


def rejections(p_values: list[float]) -> float:
    return float(np.mean(np.array(p_values) < 0.05))


@pytest.mark.parametrize(("method", "mean", "expected"), [("welch", 40.0, 0.0444), ("quasi", 40.0, 0.0495)])
def test_false_positives_are_near_the_nominal_rate(method: str, mean: float, expected: float) -> None:
    """Null cohorts are rejected at about 5 %, neither more nor less.

    ``expected`` from 200,000 cohorts of another seed and another program; the bounds are 4
    standard errors, a false-alarm rate of 6e-5.
    """
    repeats = 4000
    totals = null_cohorts(np.random.default_rng(20260), repeats, mean=mean).sum(axis=2)
    ones = (np.ones(5), np.ones(5))
    found = [
        welch_of_logs(row[:5], row[5:])
        if method == "welch"
        else quasi_poisson(row[:5], row[5:], exposures=ones)
        for row in totals
    ]
    rate = rejections([each.p_value for each in found if each is not None])
    assert len([each for each in found if each is not None]) == repeats
    assert abs(expected - 0.05) < 0.006
    assert abs(rate - expected) < 4 * math.sqrt(expected * (1 - expected) / repeats), rate


def test_the_same_cohorts_convict_pseudoreplication() -> None:
    """The test above can fail: sections taken for animals are rejected in a third of null studies."""
    sections = null_cohorts(np.random.default_rng(20260), 1000, mean=40.0)
    found = [welch_of_logs(1 + row[:5].ravel(), 1 + row[5:].ravel()) for row in sections]
    assert rejections([each.p_value for each in found if each is not None]) > 0.25


def test_intervals_cover_the_true_ratio() -> None:
    repeats, truth = 2000, 0.3
    rng = np.random.default_rng(7)
    totals = null_cohorts(rng, repeats, mean=40.0).sum(axis=2)
    treated = rng.binomial(totals[:, :5].astype(int), truth).astype(float)
    inside = 0
    for few, many in zip(treated, totals[:, 5:], strict=True):
        found = welch_of_logs(few, many)
        assert found is not None
        low, high = found.interval()
        inside += low <= truth <= high
    assert abs(inside / repeats - 0.95) < 4 * math.sqrt(0.95 * 0.05 / repeats)


@pytest.mark.parametrize(
    ("treated", "control", "changes", "reason"),
    [
        ([5], CONTROL, {}, "group 'hu' has 1 animal and its spread needs at least 2"),
        (TREATED, [0, 0, 0], {}, "all 3 animals of group 'free' have the value 0"),
        ([0, 0], [0, 0], {}, "all 2 animals of group 'hu' have the value 0"),
        ([7, 7, 7], [9, 9], {}, "no animal differs from another"),
        ([0, 1], [1, 1], {"exposure": [1e-9, 1.0, 1.0, 1.0], "exposure_unit": "mm2"}, None),
        ([0.0, 0.5], [0.5, 0.6], {"value_kind": "density"}, "has no log; give the counts"),
        ([1e-200, 1e200], [1e-200, 1e200], {"value_kind": "density"}, "no finite bounds"),
    ],
)
def test_what_cannot_be_told_is_said(
    treated: list[float], control: list[float], changes: dict[str, Any], reason: str | None
) -> None:
    found = effect(observe(treated, control, **changes))
    if reason is None:
        assert isinstance(found, EffectEstimate)
        return
    assert isinstance(found, Undetermined)
    assert not found
    assert found.note.startswith("cannot be told from these data, because ")
    assert reason in found.note


def test_a_group_that_is_excluded_whole_cannot_be_told() -> None:
    lost = {"excluded": [True] * 5 + [False] * 6, "exclusion_reason": ["lost"] * 5 + [None] * 6}
    found = effect(observe(TREATED, CONTROL, **lost))
    assert isinstance(found, Undetermined) and "has 0 animals" in found.note


def test_two_animals_are_said_to_be_few() -> None:
    assert sure(observe([20, 30], [50, 60, 70])).note == "only 2 animals in the smaller group"


def test_densities_are_compared_as_they_are() -> None:
    found = sure(observe(TREATED, CONTROL, value_kind="density", exposure=range(1, 12), exposure_unit="mm2"))
    assert found.ratio.value == pytest.approx(stats.gmean(TREATED) / stats.gmean(CONTROL), rel=1e-12)


def test_names_are_checked() -> None:
    table = observe(TREATED, CONTROL)
    with pytest.raises(UnknownNameError, match="unknown group 'hux'"):
        ratio_effect(table, readout="Ki67+", day=28.0, treated="hux", control="free")
    with pytest.raises(InputError, match="both 'hu'"):
        ratio_effect(table, readout="Ki67+", day=28.0, treated="hu", control="hu")
    with pytest.raises(InputError, match="no value on day 14"):
        ratio_effect(table, readout="Ki67+", day=14.0, treated="hu", control="free")


def test_published_summaries_are_refused() -> None:
    table = observe(TREATED, CONTROL, se=1.0, n_units=5)
    with pytest.raises(InputError, match="published summaries"):
        effect(table)
