"""Animals are dealt to groups at random, on record, and not by what they are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from study_models import toy_study

from soleus.errors import ModelError
from soleus.streams import Streams
from soleus.study import GroupPlan, Variation, allocate, describe_allocation

SEEDS = range(400)


def test_groups_get_the_numbers_that_the_study_says():
    study = toy_study(6)
    animals = allocate(study, Streams(3))
    assert [a.number for a in animals] == list(range(12))
    assert [a.id for a in animals] == [f"M{k:03d}" for k in range(1, 13)]
    assert len({a.cage for a in animals}) == 12
    assert sorted(a.group for a in animals) == ["free"] * 6 + ["unloaded"] * 6
    assert {(a.age_days, a.sex, a.strain) for a in animals} == {(100.0, "male", "C57BL/6")}


def test_unequal_groups_keep_their_sizes():
    first, second = toy_study().groups
    unequal = (first, GroupPlan(second.name, second.label, False, 9, second.regimen, second.factors))
    animals = allocate(toy_study(groups=unequal), Streams(0))
    assert sum(a.group == "unloaded" for a in animals) == 9
    assert len(animals) == 14


def test_the_order_is_random_and_repeats_with_its_seed():
    study = toy_study(4)
    dealt = [tuple(a.group for a in allocate(study, Streams(s))) for s in SEEDS]
    assert dealt[7] == tuple(a.group for a in allocate(study, Streams(7)))
    # 70 ways to deal 4 of 8: every animal is as often in one group as in the other.
    assert len(set(dealt)) > 60
    treated = np.array([[g == "unloaded" for g in order] for order in dealt]).sum(axis=0)
    tails = [stats.binomtest(int(k), len(SEEDS), 0.5).pvalue for k in treated]
    assert min(tails) > 1e-3


def test_effects_are_independent_of_the_group():
    study = toy_study(4, variation=Variation(0.3, {"activation": 0.3}))
    sizes: dict[str, list[float]] = {"free": [], "unloaded": []}
    for seed in SEEDS:
        for animal in allocate(study, Streams(seed)):
            sizes[animal.group].append(animal.niche_size)
    assert stats.ks_2samp(sizes["free"], sizes["unloaded"]).pvalue > 1e-3
    together = np.array(sizes["free"] + sizes["unloaded"])
    # A log-normal factor of mean 1 with the stated coefficient of variation.
    assert together.mean() == pytest.approx(1.0, abs=4 * 0.3 / np.sqrt(len(together)))
    assert together.std() == pytest.approx(0.3, rel=0.06)
    assert (
        stats.kstest(np.log(together), "norm", args=(-0.5 * np.log(1.09), np.sqrt(np.log(1.09)))).pvalue
        > 1e-3
    )


def test_an_animal_is_the_same_in_a_larger_study():
    """Animal k draws its effects from its own stream, whatever the size of the study."""
    few, many = allocate(toy_study(3), Streams(5)), allocate(toy_study(30), Streams(5))
    for a, b in zip(few, many, strict=False):
        assert a.niche_size == b.niche_size
        assert dict(a.effects) == dict(b.effects)


def test_without_variation_animals_are_alike():
    animals = allocate(toy_study(3, variation=Variation()), Streams(5))
    assert {a.niche_size for a in animals} == {1.0}
    assert all(not a.effects for a in animals)


def test_the_allocation_is_described():
    said = describe_allocation(toy_study(6), 42)
    assert "6 Free, 6 Unloaded" in said
    assert "random order" in said
    assert "seed 42" in said


@pytest.mark.parametrize("variation", [{"niche_size_cv": -0.1}, {"role_cv": {"activation": 3.0}}])
def test_a_variation_that_cannot_be_is_refused(variation):
    with pytest.raises(ModelError, match=r"lies in \[0, 2\]"):
        Variation(**variation)


@pytest.mark.parametrize(("cv", "bound"), [(0.2, 2.5), (0.5, 1.0), (1.0, 3.0), (0.05, 0.5)])
def test_bounded_effects_stay_inside_and_have_mean_1(cv: float, bound: float):
    study = toy_study(200, variation=Variation(cv, {"activation": cv}, bound_sd=bound))
    animals = [a for seed in range(20) for a in allocate(study, Streams(seed))]
    sd = np.sqrt(np.log1p(cv**2))
    # Mean of a truncated log-normal by quadrature, to which the factors are scaled.
    z = np.linspace(-bound, bound, 20_001)
    density = stats.norm.pdf(z) / (stats.norm.cdf(bound) - stats.norm.cdf(-bound))
    mean = np.trapezoid(np.exp(sd * z) * density, z)
    for factors in ([a.niche_size for a in animals], [a.effects["activation"] for a in animals]):
        drawn = np.array(factors)
        assert np.all(drawn >= np.exp(-sd * bound) / mean - 1e-9)
        assert np.all(drawn <= np.exp(sd * bound) / mean + 1e-9)
        assert drawn.mean() == pytest.approx(1.0, abs=4.5 * drawn.std() / np.sqrt(len(drawn)))
        # The whole range is used, evenly as a truncated normal does.
        inside = stats.truncnorm(-bound, bound)
        assert stats.kstest(np.log(drawn * mean) / sd, inside.cdf).pvalue > 1e-3


def test_a_wide_bound_is_no_bound():
    far, none = (
        allocate(toy_study(5, variation=Variation(0.3, {}, bound_sd=b)), Streams(2)) for b in (8.0, None)
    )
    for a, b in zip(far, none, strict=True):
        assert a.niche_size == pytest.approx(b.niche_size, rel=1e-6)


@pytest.mark.parametrize("bound", [0.0, -1.0])
def test_a_bound_lies_above_0(bound: float):
    with pytest.raises(ModelError, match="bound_sd is above 0"):
        Variation(0.2, {}, bound_sd=bound)
