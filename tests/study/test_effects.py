"""The prior of the effect: its closed form, and who carries it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from soleus.api import packaged
from soleus.catalogue.effect_model import effect_model
from soleus.errors import ModelError
from soleus.study.effects import EffectPrior, carries
from soleus.study.response import MechanismSet, ResponseTable

PRIOR = EffectPrior(-0.5, -1.39, 0.0)


def table(top: float) -> ResponseTable:
    strengths = np.array([-0.5, 0.0, 0.25, 1.0])
    values = np.array([0.4, 0.0, 0.2 * top, top])
    return ResponseTable(MechanismSet("m", "m", {}), strengths, (14.0,), ("k",), values[:, None, None])


def test_the_three_points_that_define_it():
    found = PRIOR.quantile(np.array([0.05, 0.5, 0.95]))
    np.testing.assert_allclose(found, [-1.39, -0.5, 0.0], atol=1e-12)


def test_it_is_a_shifted_log_normal():
    """Closed form: the distance below the upper bound is log-normal."""
    distance = PRIOR.shift - PRIOR.quantile((np.arange(20000) + 0.5) / 20000)
    assert distance.min() > 0.0
    logs = np.log(distance)
    assert logs.mean() == pytest.approx(math.log(PRIOR.shift + 0.5), abs=1e-3)
    assert logs.std() == pytest.approx(PRIOR.sigma, rel=2e-3)
    # shift = median + a b / (b - a), by hand for a = 0.5 and b = 0.89.
    assert PRIOR.shift == pytest.approx(-0.5 + 0.445 / 0.39, rel=1e-12)
    assert stats.norm.cdf(
        math.log((PRIOR.shift + 1.39) / (PRIOR.shift + 0.5)) / PRIOR.sigma
    ) == pytest.approx(0.95)


def test_the_grid_is_equally_probable_down_to_the_bound():
    grid = PRIOR.grid(400)
    assert len(grid) == 400
    assert PRIOR.quantile(np.array([0.025]))[0] == PRIOR.bound == grid[0]
    assert np.mean(grid == PRIOR.bound) == pytest.approx(0.025, abs=1e-9)
    above = grid[grid > PRIOR.bound]
    assert np.all(np.diff(above) > 0.0)
    assert np.mean(grid < -1.39) == pytest.approx(0.05, abs=1e-9)
    assert np.mean(grid < -0.5) == pytest.approx(0.5, abs=1e-9)
    assert np.mean(grid > 0.0) == pytest.approx(0.05, abs=1e-9)


def test_the_shipped_prior_is_the_stated_one():
    model = effect_model(packaged()).prior
    assert (model.readout, model.day) == ("ki67_density", 14.0)
    assert EffectPrior(model.median, model.low, model.high) == PRIOR


@pytest.mark.parametrize(
    "numbers", [(-0.5, -0.4, 0.0), (0.1, -1.0, 0.0), (-0.5, -0.9, 0.0), (-0.5, -1.0, 0.0)]
)
def test_numbers_without_such_a_prior_are_refused(numbers):
    with pytest.raises(ModelError, match="effect prior"):
        EffectPrior(*numbers)


@pytest.mark.parametrize(("beyond", "does"), [(0.01, True), (0.0, True), (-0.01, False)])
def test_a_set_carries_the_prior_if_it_reaches_its_bound(beyond, does):
    top = PRIOR.bound - beyond
    assert carries(table(top), PRIOR, readout="k", day=14.0) is does
