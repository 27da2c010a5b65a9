"""Posteriors from their modes: known integrals come back, and what cannot be trusted says so."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import genpareto, multivariate_t

from soleus.errors import InputError, NumericalError
from soleus.inference.laplace import importance_sample, laplace_sample, sample_about
from soleus.inference.mixture import TMixture
from soleus.inference.pareto import fit_pareto_tail, smooth_weights
from soleus.inference.peaks import find_peaks, find_square_peaks

P = 5
MEAN = np.linspace(-1.0, 1.0, P)
_ROOT = np.random.default_rng(3).normal(size=(P, P))
COVARIANCE = 0.05 * _ROOT @ _ROOT.T / P + 0.02 * np.eye(P)
PRECISION = np.linalg.inv(COVARIANCE)
LOG_EVIDENCE = 3.0


def gaussian(x):
    away = x - MEAN
    volume = 0.5 * np.linalg.slogdet(2.0 * math.pi * COVARIANCE)[1]
    return LOG_EVIDENCE - volume - 0.5 * float(away @ PRECISION @ away)


def banana(x):
    """A normal bent along a parabola: mean 0 in both, standard deviations 1 and sqrt(0.5 + 0.09)."""
    bent = x[1] - 0.5 * (x[0] ** 2 - 1.0)
    return -0.5 * (x[0] ** 2 + (bent / 0.3) ** 2) - math.log(2.0 * math.pi * 0.3)


def two_humps(x):
    """Normals of sd 0.3 at -1.5 and 1.5 with a quarter and three quarters of the mass."""
    left = -0.5 * np.sum(((x + 1.5) / 0.3) ** 2) + math.log(0.25)
    right = -0.5 * np.sum(((x - 1.5) / 0.3) ** 2) + math.log(0.75)
    return float(np.logaddexp(left, right)) - len(x) * math.log(0.3 * math.sqrt(2.0 * math.pi))


def rng(seed=1):
    return np.random.default_rng(seed)


def moments(draws):
    mean = draws.weights @ draws.points
    away = draws.points - mean
    return mean, (away * draws.weights[:, None]).T @ away


def test_the_mode_and_the_width_of_a_normal_are_exact():
    (peak,) = find_peaks(gaussian, starts=[np.zeros(P), np.full(P, 2.0)])
    np.testing.assert_allclose(peak.centre, MEAN, atol=1e-3)
    np.testing.assert_allclose(peak.covariance, COVARIANCE, rtol=1e-3, atol=1e-6)
    assert peak.log_evidence == pytest.approx(LOG_EVIDENCE, abs=1e-3)


def test_least_squares_find_the_same_peak():
    factor = np.linalg.cholesky(PRECISION).T
    (peak,) = find_square_peaks(lambda x: factor @ (x - MEAN), starts=[np.zeros(P)])
    np.testing.assert_allclose(peak.centre, MEAN, atol=1e-5)
    np.testing.assert_allclose(peak.covariance, COVARIANCE, rtol=1e-5, atol=1e-9)
    volume = 0.5 * np.linalg.slogdet(2.0 * math.pi * COVARIANCE)[1]
    assert peak.log_evidence == pytest.approx(volume, abs=1e-6)


def test_a_normal_comes_back():
    found = laplace_sample(gaussian, starts=[np.zeros(P)], rng=rng())
    mean, covariance = moments(found)
    sd = np.sqrt(np.diag(COVARIANCE))
    # Four standard errors, both ways.
    assert np.all(np.abs(mean - MEAN) < 4.0 * sd / math.sqrt(found.effective))
    assert np.all(np.abs(np.diag(covariance) / sd**2 - 1.0) < 4.0 * math.sqrt(2.0 / found.effective))
    assert found.log_evidence == pytest.approx(LOG_EVIDENCE, abs=0.06)
    assert found.reliable and found.k_hat < 0.5
    assert found.effective > 1000 and found.rounds == 1
    assert found.weights.sum() == pytest.approx(1.0) and len(found.weights) == len(found.points)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_banana_comes_back(seed):
    found = laplace_sample(banana, starts=[np.zeros(2)], rng=rng(seed))
    mean, covariance = moments(found)
    assert found.reliable
    assert abs(found.log_evidence) < 0.1
    assert np.all(np.abs(mean) < 0.12)
    assert covariance[0, 0] == pytest.approx(1.0, rel=0.15)
    assert covariance[1, 1] == pytest.approx(0.59, rel=0.3)


def test_two_humps_need_two_starts():
    both = laplace_sample(two_humps, starts=[np.full(3, -1.0), np.full(3, 1.0)], rng=rng())
    assert len(both.centres) == 2
    assert both.log_evidence == pytest.approx(0.0, abs=0.06)
    assert both.weights @ (both.points[:, 0] > 0.0) == pytest.approx(0.75, abs=0.04)
    one = laplace_sample(two_humps, starts=[np.full(3, -1.0)], rng=rng(), rounds=1)
    assert len(one.centres) == 1
    # Either the far hump is met by a wide draw, which the tail shows, or its mass is missing.
    assert not one.reliable or one.log_evidence < -1.0


@pytest.mark.parametrize("narrowing", [0.1, 0.2])
def test_a_proposal_too_narrow_is_told(narrowing):
    """Nearly normal tails and too little width: the weights have no variance (planted)."""
    narrow = TMixture.of([MEAN], [narrowing * COVARIANCE], shares=[1.0], df=100.0)
    found = importance_sample(gaussian, narrow, rng=rng(), draws=2000, rounds=1)
    assert found.k_hat > 0.7
    assert not found.reliable
    assert abs(found.log_evidence - LOG_EVIDENCE) > 0.1
    # More rounds mend it, by adding what is missing.
    mended = importance_sample(gaussian, narrow, rng=rng(), draws=2000, rounds=25)
    assert mended.rounds > 1
    assert mended.reliable
    assert mended.log_evidence == pytest.approx(LOG_EVIDENCE, abs=0.1)


def test_a_wide_tailed_proposal_of_the_right_width_is_trusted():
    right = TMixture.of([MEAN], [COVARIANCE], shares=[1.0])
    found = importance_sample(gaussian, right, rng=rng(), draws=500, rounds=1)
    assert found.reliable and found.k_hat < 0.3


def test_the_same_stream_gives_the_same_numbers():
    one, two = (laplace_sample(banana, starts=[np.zeros(2)], rng=rng(9), draws=400) for _ in range(2))
    np.testing.assert_array_equal(one.points, two.points)
    np.testing.assert_array_equal(one.weights, two.weights)
    other = laplace_sample(banana, starts=[np.zeros(2)], rng=rng(10), draws=400)
    assert other.log_evidence != one.log_evidence


def test_a_mode_at_a_bound_keeps_a_finite_width():
    """A density that still rises at the end of the search: its width is that of the search, not infinite."""
    (peak,) = find_peaks(lambda x: float(x[0] - 0.5 * x[1] ** 2), starts=[np.zeros(2)])
    assert peak.centre[0] == pytest.approx(4.0)
    assert peak.covariance[0, 0] == pytest.approx(16.0, rel=0.01)
    assert peak.covariance[1, 1] == pytest.approx(1.0, rel=0.01)


def test_what_is_not_a_number_has_no_probability():
    found = laplace_sample(
        lambda x: math.nan if x[0] > 0.5 else -0.5 * float(x @ x), starts=[np.zeros(2)], rng=rng(), draws=1000
    )
    share = 0.6914624612740131  # of a standard normal below 0.5
    assert found.log_evidence == pytest.approx(math.log(2.0 * math.pi * share), abs=0.1)
    assert np.all(found.weights[found.points[:, 0] > 0.5] == 0.0)


def test_impossible_densities_and_settings_are_refused():
    with pytest.raises(NumericalError, match="not finite at any start"):
        laplace_sample(lambda x: -math.inf, starts=[np.zeros(2)], rng=rng())
    with pytest.raises(NumericalError, match="not finite at any start"):
        find_square_peaks(lambda x: x + math.nan, starts=[np.zeros(2)])
    with pytest.raises(NumericalError, match="0 at every draw"):
        importance_sample(
            lambda x: -math.inf, TMixture.of([MEAN], [COVARIANCE], shares=[1.0]), rng=rng(), rounds=1
        )
    with pytest.raises(InputError, match="at least one start"):
        laplace_sample(banana, starts=[], rng=rng())
    with pytest.raises(InputError, match="draws must be at least 50"):
        sample_about(banana, find_peaks(banana, starts=[np.zeros(2)]), rng=rng(), draws=10)
    with pytest.raises(InputError, match="shares"):
        TMixture.of([MEAN], [COVARIANCE], shares=[0.0])


def test_a_mixture_has_the_density_that_it_draws_from():
    centres, scales = [np.zeros(2), np.array([3.0, 1.0])], [np.eye(2), np.array([[2.0, 0.9], [0.9, 0.5]])]
    mixture = TMixture.of(centres, scales, shares=[1.0, 3.0], df=7.0)
    points = mixture.draw(rng(), 4000)
    exact = sum(
        share * multivariate_t(c, s, df=7.0).pdf(points)
        for share, c, s in zip((0.25, 0.75), centres, scales, strict=True)
    )
    np.testing.assert_allclose(np.exp(mixture.log_density(points)), exact, rtol=1e-10)
    # Three quarters about (3, 1); a t's mean is its centre. Standard errors: 0.03 and 0.014.
    np.testing.assert_allclose(points.mean(axis=0), [2.25, 0.75], atol=0.12)
    grown = mixture.with_component(np.array([0.0, 5.0]), np.eye(2), share=0.2)
    np.testing.assert_allclose(grown.shares, [0.2, 0.6, 0.2])
    np.testing.assert_allclose(
        np.exp(grown.part(-1).log_density(points[:5])),
        multivariate_t([0.0, 5.0], np.eye(2), df=7.0).pdf(points[:5]),
    )


@pytest.mark.parametrize("k", [-0.3, 0.0, 0.3, 0.7, 1.2])
def test_the_shape_of_a_pareto_tail_is_found(k):
    """The mean of 40 fits of 500 exceedances: standard error below 0.02, drawn to 0.5 by 2 %."""
    stream = rng(4)
    fits = [
        fit_pareto_tail(np.sort(genpareto.rvs(k, scale=2.0, size=500, random_state=stream)))
        for _ in range(40)
    ]
    shape, scale = np.mean(fits, axis=0)
    assert shape == pytest.approx(k + 0.02 * (0.5 - k), abs=0.05)
    assert scale == pytest.approx(2.0, rel=0.08)


@pytest.mark.parametrize("k", [0.2, 0.9])
def test_weights_with_a_pareto_tail_are_judged(k):
    """Weights that are themselves Pareto: k_hat is their shape, and 0.7 divides good from bad."""
    found = [
        smooth_weights(np.log1p(genpareto.rvs(k, size=4000, random_state=rng(seed)))) for seed in range(20)
    ]
    assert np.mean([f.k_hat for f in found]) == pytest.approx(k, abs=0.12)
    assert (np.mean([f.k_hat <= f.k_limit for f in found]) > 0.9) == (k < 0.7)


def test_smoothing_keeps_what_is_no_tail_and_never_passes_the_largest():
    logs = rng(2).standard_t(4, size=1000)
    found = smooth_weights(logs)
    raw = np.exp(logs - logs.max())
    raw /= raw.sum()
    order = np.argsort(logs)
    # 3 sqrt(1000) = 95 in the tail; below it only the normalisation differs.
    ratio = found.weights[order[:905]] / raw[order[:905]]
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-9)
    assert np.all(np.diff(found.weights[order[905:]]) >= 0.0)
    assert found.effective == pytest.approx(1.0 / np.sum(found.weights**2))
    assert found.k_limit == pytest.approx(1.0 - 1.0 / 3.0)


def test_equal_and_degenerate_weights():
    equal = smooth_weights(np.zeros(400))
    assert equal.k_hat == 0.0 and equal.effective == pytest.approx(400.0)
    assert equal.log_mean == pytest.approx(0.0)
    one = np.full(400, -800.0)
    one[7] = 0.0
    lone = smooth_weights(one)
    assert lone.k_hat > 0.7
    few = smooth_weights(np.zeros(10))
    assert few.k_hat == math.inf
    for bad in (np.full(5, -math.inf), np.array([0.0, math.nan]), np.array([0.0, math.inf]), np.zeros(1)):
        with pytest.raises(InputError):
            smooth_weights(bad)
    with pytest.raises(InputError, match="ascending"):
        fit_pareto_tail(np.zeros(20))
