"""Counts: what is drawn is what is scored, for every assay of every study, to a stated error."""

from __future__ import annotations

import functools
import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from soleus.api import packaged
from soleus.assays import CountAssay, Readout, log_variance
from soleus.catalogue.studies import load_study, study_names
from soleus.errors import InputError, ModelError
from soleus.streams import Streams

ANIMALS = 3000
# An animal's own spread, small so that the assay's is what decides.
ANIMAL_LOG_VARIANCE = 0.001
UNIT_MEAN = 300.0
ALPHA = 1e-3
ASSAYS = [
    (study, assay)
    for study in study_names(packaged())
    for assay in load_study(packaged(), study).assays
    if isinstance(assay, CountAssay)
]


def assay(**changes) -> CountAssay:
    plain = CountAssay(
        name="a",
        label="a",
        readout=Readout("x", "x", ("A",)),
        units=2,
        fraction=0.1,
        exposure=0.5,
        exposure_unit="mm2",
        unit_level="section",
        position_cv=0.25,
        unit_cv=0.35,
    )
    return replace(plain, **changes)


def counts_of_animals(counter: CountAssay, *, unit_mean: float, seed: int) -> np.ndarray:
    """Counts of many animals whose true cells vary, shape (ANIMALS, units)."""
    rng = np.random.default_rng(seed)
    sd = math.sqrt(ANIMAL_LOG_VARIANCE)
    cells = unit_mean / counter.fraction * np.exp(sd * rng.standard_normal(ANIMALS) - 0.5 * sd * sd)
    return np.array([counter.sample(float(c), rng) for c in cells])


@functools.cache
def unit_probabilities(position_cv: float, unit_cv: float, fraction: float, unit_mean: float) -> np.ndarray:
    """Probability of each count of one unit under the scoring side."""
    counter = assay(position_cv=position_cv, unit_cv=unit_cv, fraction=fraction)
    reach = int(unit_mean * 6 + 60)
    mean = np.array([unit_mean / fraction])
    log_p = [
        counter.log_prob(np.array([k]), mean_cells=mean, animal_log_variance=ANIMAL_LOG_VARIANCE)[0]
        for k in range(reach)
    ]
    return np.exp(log_p)


def uniformity(counts: np.ndarray, probabilities: np.ndarray, seed: int) -> float:
    """p value of the randomised probability integral transform being uniform: shape and spread."""
    below = np.concatenate([[0.0], np.cumsum(probabilities)])
    dice = np.random.default_rng(seed).random(len(counts))
    u = below[counts] + dice * probabilities[counts]
    bins = np.bincount(np.minimum((u * 20).astype(int), 19), minlength=20)
    return 2.0 * min(stats.kstest(u, "uniform").pvalue, stats.chisquare(bins).pvalue)


def marginal(counter: CountAssay, *, unit_mean: float = UNIT_MEAN) -> np.ndarray:
    return unit_probabilities(counter.position_cv, counter.unit_cv, counter.fraction, unit_mean)


def test_every_assay_is_checked():
    assert len(ASSAYS) >= 20


@pytest.mark.parametrize(("study", "counter"), ASSAYS, ids=[f"{s}-{a.name}" for s, a in ASSAYS])
def test_drawn_counts_follow_the_scored_distribution(study, counter):
    first = counts_of_animals(counter, unit_mean=UNIT_MEAN, seed=7)[:, 0]
    assert uniformity(first, marginal(counter), seed=8) > ALPHA


@pytest.mark.parametrize("field", ["unit_cv", "position_cv"])
@pytest.mark.parametrize("name", ["ki67-sections", "stereology-nsc"])
def test_a_wrong_spread_is_noticed(name, field):
    counter = next(a for a in load_study(packaged(), "leg-day").assays if a.name == name)
    first = counts_of_animals(counter, unit_mean=UNIT_MEAN, seed=7)[:, 0]
    wrong = replace(counter, **{field: 1.5 * getattr(counter, field)})
    assert uniformity(first, marginal(wrong), seed=8) < ALPHA


def test_sections_of_an_animal_share_its_position():
    """The total of two sections follows the joint probability, not the product of the marginals."""
    counter = assay(position_cv=0.6, unit_cv=0.3)
    mean, reach = 5.0, 60
    pairs = np.array(list(itertools.combinations_with_replacement(range(reach), 2)))
    log_p = [
        counter.log_prob(pair, mean_cells=np.array([mean / counter.fraction]), animal_log_variance=0.001)[0]
        for pair in pairs
    ]
    weight = np.where(pairs[:, 0] == pairs[:, 1], 1.0, 2.0)
    totals = np.bincount(pairs.sum(axis=1), weights=weight * np.exp(log_p))
    drawn = counts_of_animals(counter, unit_mean=mean, seed=3).sum(axis=1)
    assert uniformity(drawn, totals, seed=4) > ALPHA
    alone = np.convolve(*[unit_probabilities(0.6, 0.3, counter.fraction, mean)] * 2)
    assert uniformity(drawn, alone, seed=4) < ALPHA


@pytest.mark.parametrize("units", [1, 2])
def test_probabilities_of_a_small_count_add_to_1(units):
    counter = assay(position_cv=0.3, unit_cv=0.2)
    mean = np.array([2.0 / counter.fraction])
    total = sum(
        math.exp(counter.log_prob(np.array(k), mean_cells=mean, animal_log_variance=0.05)[0])
        for k in itertools.product(range(40), repeat=units)
    )
    assert total == pytest.approx(1.0, abs=1e-7)


def brute(counter: CountAssay, counts: np.ndarray, mean: float, animal_log_variance: float) -> float:
    """The same probability by a very fine trapezium rule in the log of the unit's mean."""
    variance = math.log1p(counter.position_cv**2) + animal_log_variance
    log_mean = math.log(mean * counter.fraction) - 0.5 * variance

    def log_f(z):
        log_m = log_mean + math.sqrt(variance) * z
        if counter.unit_cv == 0.0:
            with np.errstate(over="ignore"):
                given = sum(stats.poisson.logpmf(y, np.exp(log_m)) for y in counts)
        else:
            size = 1.0 / counter.unit_cv**2
            given = sum(stats.nbinom.logpmf(y, size, 1.0 / (1.0 + np.exp(log_m) / size)) for y in counts)
        return given - 0.5 * z * z

    low, high = -60.0, 60.0
    for _ in range(8):
        z = np.linspace(low, high, 2001)
        with np.errstate(invalid="ignore", over="ignore"):
            y = np.nan_to_num(log_f(z), nan=-np.inf)
        kept = np.flatnonzero(y > y.max() - 60.0)
        low, high = z[max(kept[0] - 1, 0)], z[min(kept[-1] + 1, 2000)]
    z = np.linspace(low, high, 20001)
    y = log_f(z)
    top = y.max()
    return float(top + math.log(np.exp(y - top).sum() * (z[1] - z[0])) - 0.5 * math.log(2.0 * math.pi))


HARD = list(
    itertools.product(
        (0.0, 0.1, 0.5, 2.0), (0.0, 0.05, 0.35, 2.0), (1, 10), (0.3, 40.0, 5e4), (0.0, 1.0, 5.0)
    )
)


@pytest.mark.parametrize("position_cv", [0.0, 0.1, 0.5, 2.0])
def test_the_quadrature_holds_its_error(position_cv):
    """Over all allowed dispersions, and counts far from what was predicted: 1e-6 against brute force."""
    worst, checked = 0.0, 0
    for position, unit, units, mean, ratio in HARD:
        if position != position_cv:
            continue
        counter = assay(position_cv=position, unit_cv=unit, units=units, fraction=1.0)
        counts = np.full(units, round(mean * ratio))
        found = counter.log_prob(counts, mean_cells=np.array([mean]), animal_log_variance=0.03)[0]
        finer = replace(counter, nodes=4 * counter.nodes)
        fine = finer.log_prob(counts, mean_cells=np.array([mean]), animal_log_variance=0.03)[0]
        truth = brute(counter, counts, mean, 0.03)
        worst = max(worst, abs(found - fine), abs(found - truth))
        checked += 1
    assert checked == len(HARD) // 4
    assert worst < 1e-6


@pytest.mark.parametrize("unit_cv", [1e-2, 1e-4, 1e-6])
def test_a_tiny_unit_spread_nears_poisson_without_cancellation(unit_cv):
    counts, mean = np.array([900, 1050]), np.array([1000.0])
    found = assay(unit_cv=unit_cv, fraction=1.0).log_prob(counts, mean_cells=mean, animal_log_variance=0.01)
    poisson = assay(unit_cv=0.0, fraction=1.0).log_prob(counts, mean_cells=mean, animal_log_variance=0.01)
    # The variance is mean + (unit_cv mean)^2, so the difference falls with the square.
    assert abs(found[0] - poisson[0]) < 1e4 * unit_cv**2 + 1e-8


def test_without_any_spread_the_count_is_poisson():
    counter = assay(position_cv=0.0, unit_cv=0.0, fraction=0.5)
    found = counter.log_prob(np.array([3, 5]), mean_cells=np.array([8.0]), animal_log_variance=0.0)
    assert found[0] == pytest.approx(stats.poisson.logpmf([3, 5], 4.0).sum(), abs=1e-12)


def test_zero_counts_and_no_cells():
    counter = assay()
    means = np.array([0.0, 3.0])
    none = counter.log_prob(np.array([0, 0]), mean_cells=means, animal_log_variance=0.1)
    assert none[0] == 0.0
    assert none[1] == pytest.approx(brute(counter, np.array([0, 0]), 3.0, 0.1), abs=1e-8)
    some = counter.log_prob(np.array([0, 2]), mean_cells=means, animal_log_variance=0.1)
    assert some[0] < -1e200
    assert math.isfinite(some[1])
    assert counter.sample(0.0, np.random.default_rng(0)).tolist() == [0, 0]


def test_a_missing_section_is_left_out():
    counter = assay()
    one = counter.log_prob(np.array([7]), mean_cells=np.array([60.0]), animal_log_variance=0.1)[0]
    both = [
        counter.log_prob(np.array([7, k]), mean_cells=np.array([60.0]), animal_log_variance=0.1)[0]
        for k in range(200)
    ]
    assert math.fsum(np.exp(both)) == pytest.approx(math.exp(one), rel=1e-7)


def test_mean_and_variance_of_what_is_drawn():
    counter = assay(position_cv=0.3, unit_cv=0.4, units=1)
    rng = np.random.default_rng(11)
    drawn = np.array([counter.sample(1000.0, rng)[0] for _ in range(20000)])
    mean = 100.0
    variance = mean + mean**2 * ((1.0 + 0.3**2) * (1.0 + 0.4**2) - 1.0)
    assert drawn.mean() == pytest.approx(mean, rel=0.015)
    assert drawn.var() == pytest.approx(variance, rel=0.08)


def test_log_variance_of_a_log_normal():
    assert log_variance(0.5) == pytest.approx(math.log(1.25), rel=1e-12)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"units": 0}, "at least 1 unit"),
        ({"fraction": 0.0}, "fraction"),
        ({"fraction": 1.5}, "fraction"),
        ({"exposure": 0.0}, "exposure"),
        ({"position_cv": -0.1}, "position_cv"),
        ({"unit_cv": 2.1}, "unit_cv"),
        ({"unit_cv": math.nan}, "unit_cv"),
    ],
)
def test_an_assay_that_cannot_be_right_is_refused(change, says):
    with pytest.raises(ModelError, match=says):
        assay(**change)


def test_a_negative_count_is_refused():
    with pytest.raises(InputError, match="at least 0, got -1"):
        assay().log_prob(np.array([3, -1]), mean_cells=np.array([9.0]), animal_log_variance=0.0)


@pytest.mark.parametrize("mean", [0.3, 4.0, 9.9, 10.1, 37.0, 2500.0])
def test_the_compiled_poisson_numbers_have_the_right_distribution(mean):
    """Without spread of positions and units a count is Poisson; both ways of drawing it, and their seam."""
    counter = assay(fraction=0.5, units=4, position_cv=0.0, unit_cv=0.0)
    words = Streams(9).words("poisson", range(5000))
    drawn = counter.sample_many(np.full(5000, 2.0 * mean), words).ravel()
    edges = np.unique(stats.poisson.ppf(np.linspace(0.02, 0.98, 25), mean))
    expected = np.diff(np.concatenate([[0.0], stats.poisson.cdf(edges, mean), [1.0]])) * len(drawn)
    found = np.histogram(drawn, np.concatenate([[-0.5], edges + 0.5, [np.inf]]))[0]
    assert stats.chisquare(found, expected).pvalue > 1e-3
    shifted = np.diff(np.concatenate([[0.0], stats.poisson.cdf(edges, 1.05 * mean + 0.02), [1.0]])) * len(
        drawn
    )
    assert stats.chisquare(found, shifted).pvalue < 1e-3
