"""Likelihoods: against quadrature by another rule, statsmodels, SciPy and their own derivatives."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from soleus.analysis.likelihoods import BetaBinomial, Likelihood, NegativeBinomialMixed, fit
from soleus.analysis.predictor import two_groups

RNG = np.random.default_rng(11)
EXPOSURE = RNG.uniform(0.5, 2.0, (7, 6))
EXPOSURE[1, 4:] = np.nan
EXPOSURE[5, 1:] = np.nan
TREATED = np.repeat([1.0, 0.0], [3, 4])
MIXED = NegativeBinomialMixed(
    EXPOSURE, two_groups(np.broadcast_to(TREATED[:, None], EXPOSURE.shape)) * ~np.isnan(EXPOSURE)[..., None]
)
BETA = BetaBinomial(np.array([40.0, 120.0, 75.0, 60.0, 200.0, 90.0]), two_groups(np.repeat([1.0, 0.0], 3)))


def integrated(theta: np.ndarray, data: np.ndarray) -> float:
    """The same log-likelihood, animal by animal, by SciPy's adaptive quadrature."""
    size, sigma = np.exp(theta[2]), np.exp(theta[3])
    total = 0.0
    for k, treated in enumerate(TREATED):
        there = ~np.isnan(EXPOSURE[k])
        y, area = data[k][there], EXPOSURE[k][there]

        def density(u: float, y: np.ndarray = y, area: np.ndarray = area, on: float = treated) -> float:
            mean = area * np.exp(theta[0] + theta[1] * on + u)
            log = stats.nbinom.logpmf(y, size, size / (size + mean)).sum() + stats.norm.logpdf(u, 0.0, sigma)
            return float(np.exp(log + 80.0))

        grid = np.linspace(-6 * sigma, 6 * sigma, 201)
        top = float(grid[np.argmax([density(u) for u in grid])])
        value, _ = integrate.quad(
            density, -8 * sigma, 8 * sigma, points=[top], epsabs=0.0, epsrel=1e-9, limit=200
        )
        total += np.log(value) - 80.0
    return total


@pytest.mark.parametrize(
    "theta",
    [(3.0, -0.5, 2.0, -1.2), (0.5, 0.7, 0.3, 0.3), (4.0, 0.0, 6.0, -3.0), (1.5, -1.0, -0.5, -0.2)],
)
def test_quadrature_agrees_with_scipys(theta: tuple[float, ...]) -> None:
    at = np.array([theta])
    data = MIXED.simulate(at, np.random.default_rng(5))
    found, _ = MIXED.log_prob(data, at)
    assert found[0] == pytest.approx(integrated(at[0], data[0]), abs=2e-4)


@pytest.mark.parametrize(("model", "theta"), [(MIXED, (2.0, -0.4, 1.5, -1.0)), (BETA, (-0.6, 0.8, 3.0))])
def test_gradients_are_derivatives(model: Likelihood, theta: tuple[float, ...]) -> None:
    at = np.array([theta])
    data = model.simulate(at + 0.1, np.random.default_rng(6))
    gradient = model.log_prob(data, at)[1][0]
    for k in range(len(theta)):
        step = 1e-5 * np.eye(len(theta))[k]
        slope = (model.log_prob(data, at + step)[0] - model.log_prob(data, at - step)[0])[0] / 2e-5
        assert gradient[k] == pytest.approx(slope, rel=2e-3, abs=2e-3)


def test_without_animal_spread_it_is_statsmodels_negative_binomial() -> None:
    import statsmodels.api as sm

    at = np.array([[3.0, -0.6, 1.0, np.log(1e-3)]])
    data = MIXED.simulate(at, np.random.default_rng(7))
    there = ~np.isnan(EXPOSURE)
    x = sm.add_constant(np.broadcast_to(TREATED[:, None], EXPOSURE.shape)[there])
    oracle = sm.NegativeBinomial(data[0][there], x, offset=np.log(EXPOSURE[there]))
    # Before a fit statsmodels takes the log of alpha.
    params = np.array([at[0, 0], at[0, 1], -at[0, 2]])
    assert MIXED.log_prob(data, at)[0][0] == pytest.approx(oracle.loglike(params), abs=1e-3)
    fitted = oracle.fit(disp=0, maxiter=500, method="bfgs")
    theta, top = fit(MIXED, data)
    assert top[0] >= fitted.llf - 1e-3
    if theta[0, 3] < np.log(5e-3):
        assert theta[0, 1] == pytest.approx(fitted.params[1], abs=1e-3)


def test_beta_binomial_agrees_with_scipys() -> None:
    at = np.array([[-0.6, 0.8, 3.0]])
    data = BETA.simulate(at, np.random.default_rng(8))
    share = 1.0 / (1.0 + np.exp(-(at[0, 0] + at[0, 1] * BETA.design[:, 1])))
    precision = np.exp(at[0, 2])
    oracle = stats.betabinom.logpmf(data[0], BETA.trials, share * precision, (1 - share) * precision).sum()
    assert BETA.log_prob(data, at)[0][0] == pytest.approx(oracle, rel=1e-10)


@pytest.mark.parametrize(("model", "theta"), [(MIXED, (3.0, -0.5, 2.0, -1.0)), (BETA, (-0.5, -0.7, 2.5))])
def test_fits_reach_the_top_that_scipy_reaches(model: Likelihood, theta: tuple[float, ...]) -> None:
    at = np.repeat(np.array([theta]), 6, axis=0)
    data = model.simulate(at, np.random.default_rng(9))
    found, top = fit(model, data)
    low, high = model.bounds()
    for k in range(6):
        one = data[k : k + 1]
        oracle = optimize.minimize(
            lambda x, one=one: -model.log_prob(one, x[None])[0][0],
            model.start(one)[0],
            method="L-BFGS-B",
            bounds=list(zip(low, high, strict=True)),
            options={"maxiter": 2000, "ftol": 1e-13},
        )
        assert top[k] >= -oracle.fun - 1e-4
        assert model.log_prob(one, found[k : k + 1])[0][0] == pytest.approx(top[k], rel=1e-12)


def test_a_held_effect_is_held() -> None:
    at = np.repeat(np.array([(3.0, -0.5, 2.0, -1.0)]), 3, axis=0)
    data = MIXED.simulate(at, np.random.default_rng(10))
    effects = np.array([0.0, -0.5, 2.0])
    theta, bare = fit(MIXED, data, effect=effects)
    assert (theta[:, 1] == effects).all()
    assert (fit(MIXED, data)[1] >= bare - 1e-6).all()


def test_truth_is_found_on_average() -> None:
    """200 animals a group: estimates within 4 standard errors of the truth, in both directions."""
    treated = np.repeat([1.0, 0.0], 200)
    model = NegativeBinomialMixed(np.ones((400, 8)), two_groups(np.repeat(treated[:, None], 8, axis=1)))
    truth = np.array([[np.log(20.0), -0.7, np.log(6.0), np.log(0.3)]])
    theta, _ = fit(model, model.simulate(truth, np.random.default_rng(12)))
    assert np.abs(theta[0] - truth[0]) == pytest.approx(np.zeros(4), abs=0.15)
    assert abs(theta[0, 1] + 0.7) < 4 * np.sqrt(2 * (0.09 + (1 / 20 + 1 / 6) / 8) / 200)
