"""The agreement tests must accept the right engine and reject a rate that is 2 % off, either way."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from benchmarks.agreement import judge
from benchmarks.cases import bench_case
from benchmarks.models import BENCH, with_rate
from scipy.stats import kstest

from soleus.engines import readout_moments, simulate_cells
from soleus.streams import Streams

DAYS = [0.0, 28.0]
ANIMALS = 300


@cache
def exact() -> tuple[np.ndarray, np.ndarray]:
    case = bench_case(BENCH, "exact", DAYS)
    found = readout_moments(
        case.process, case.modifiers, case.start, weights=case.weights, days=[28.0], tolerance=1e-9
    )
    return found.mean[0], found.covariance[0, :, 0, :]


@cache
def animals(reaction: str = "commit", factor: float = 1.0) -> np.ndarray:
    case = bench_case(with_rate(BENCH, reaction, factor), "exact", DAYS)
    streams = Streams(20_240)
    drawn = []
    for mouse in range(ANIMALS):
        rng = streams.generator("cells", mouse)
        cells = simulate_cells(case.process, case.modifiers, case.start, days=DAYS, rng=rng)
        drawn.append(case.weights @ cells[-1])
    return np.array(drawn)


def test_the_exact_engine_agrees_with_the_exact_moments():
    found = judge(animals(), *exact())
    assert found.means_agree and found.variances_agree and found.agrees
    assert found.animals == ANIMALS


@pytest.mark.parametrize("factor", [0.98, 1.02])
@pytest.mark.parametrize("reaction", ["commit", "n2_ripens"])
def test_a_rate_that_is_two_per_cent_off_is_rejected(reaction, factor):
    found = judge(animals(reaction, factor), *exact())
    assert not found.means_agree and not found.agrees


@pytest.mark.parametrize("spread", [0.75, 1.3])
def test_right_means_with_wrong_variances_are_rejected(spread):
    x = animals()
    found = judge(x.mean(axis=0) + spread * (x - x.mean(axis=0)), *exact())
    assert not found.variances_agree and not found.agrees
    assert np.sign(found.worst_variance_z) == np.sign(spread - 1.0)


def test_p_values_are_uniform_for_draws_with_the_stated_moments():
    mean, covariance = exact()
    root = np.linalg.cholesky(covariance)
    rng = np.random.default_rng(17)
    found = [
        judge(mean + rng.standard_normal((60, len(mean))) @ root.T, mean, covariance) for _ in range(400)
    ]
    assert kstest([v.mean_p for v in found], "uniform").pvalue > 1e-3
    rejected = sum(not v.agrees for v in found)
    assert rejected <= 4


def test_animals_that_are_not_independent_are_rejected():
    mean, covariance = exact()
    root = np.linalg.cholesky(covariance)
    z = np.random.default_rng(3).standard_normal((50, len(mean)))
    antithetic = mean + np.concatenate([z, -z]) @ root.T
    assert judge(antithetic, mean, covariance).mean_p > 0.9995
    assert not judge(antithetic, mean, covariance).means_agree


def test_readouts_that_follow_from_others_are_counted_once():
    mean, covariance = exact()
    weights = np.vstack([np.eye(len(mean)), np.ones(len(mean))])
    found = judge(animals() @ weights.T, weights @ mean, weights @ covariance @ weights.T)
    assert found.mean_p == pytest.approx(judge(animals(), mean, covariance).mean_p, rel=1e-3)


def test_too_few_animals_and_numbers_that_are_not_finite_are_refused():
    mean, covariance = exact()
    with pytest.raises(ValueError, match="at least 20"):
        judge(animals()[:19], mean, covariance)
    broken = animals().copy()
    broken[3, 2] = np.nan
    with pytest.raises(ValueError, match="finite"):
        judge(broken, mean, covariance)
