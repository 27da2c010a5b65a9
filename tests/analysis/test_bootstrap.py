"""Parametric bootstrap: its test, its interval, and that they agree."""

from __future__ import annotations

import math

import numpy as np
import pytest

from soleus.analysis.bootstrap import bootstrap_tests, parametric_bootstrap
from soleus.analysis.likelihoods import BetaBinomial, NegativeBinomialMixed
from soleus.analysis.predictor import two_groups

TREATED = np.repeat([1.0, 0.0], 5)
SECTIONS = np.repeat(TREATED[:, None], 6, axis=1)
MIXED = NegativeBinomialMixed(np.ones((10, 6)), two_groups(SECTIONS))
BETA = BetaBinomial(np.full(10, 120.0), two_groups(TREATED))


@pytest.mark.parametrize("effect", [0.0, -0.4, -0.8])
def test_p_and_interval_agree(effect: float) -> None:
    theta = np.array([[-0.8, effect, 3.5]])
    for seed in range(6):
        rng = np.random.default_rng(seed)
        found = parametric_bootstrap(BETA, BETA.simulate(theta, rng)[0], draws=199, rng=rng)
        assert found.low < found.estimate < found.high
        outside = not found.low <= 0.0 <= found.high
        assert outside == (found.p_value <= 0.05), (found, seed)


def test_a_strong_effect_is_found_and_a_swap_inverts_it() -> None:
    theta = np.array([[math.log(40.0), math.log(0.3), math.log(8.0), math.log(0.2)]])
    data = MIXED.simulate(theta, np.random.default_rng(3))[0]
    one = parametric_bootstrap(MIXED, data, draws=99, rng=np.random.default_rng(1))
    assert one.p_value == 0.01
    assert one.low < math.log(0.3) < one.high < 0.0
    swapped = NegativeBinomialMixed(np.ones((10, 6)), two_groups(1.0 - SECTIONS))
    two = parametric_bootstrap(swapped, data, draws=99, rng=np.random.default_rng(1))
    assert two.estimate == pytest.approx(-one.estimate, abs=1e-3)
    # The critical value is simulated anew, so that the bounds agree only within its error.
    assert two.low == pytest.approx(-one.high, abs=0.12)


def test_the_same_seed_gives_the_same_answer() -> None:
    data = BETA.simulate(np.array([[-0.8, 0.3, 3.5]]), np.random.default_rng(2))[0]
    once, again = (parametric_bootstrap(BETA, data, draws=99, rng=np.random.default_rng(7)) for _ in range(2))
    assert once == again


@pytest.mark.slow
def test_the_simulated_reference_holds_its_rate_and_the_chi_square_does_not() -> None:
    """600 null studies of 3 + 3 animals: about 5 % by simulation, twice that by chi-square.

    Bounds are 4 standard errors around 5 %, and 10 % from below.
    """
    model = BetaBinomial(np.full(6, 150.0), two_groups(np.repeat([1.0, 0.0], 3)))
    rng = np.random.default_rng(20)
    data = model.simulate(np.repeat(np.array([[-0.8, 0.0, 2.5]]), 600, axis=0), rng)
    _, observed, simulated = bootstrap_tests(model, data, draws=99, rng=rng)
    p = (1 + (simulated >= observed[:, None]).sum(axis=1)) / 100
    rate = float((p <= 0.05).mean())
    assert abs(rate - 0.05) < 4 * math.sqrt(0.05 * 0.95 / 600), rate
    assert float((observed > 3.8415).mean()) > 0.10
