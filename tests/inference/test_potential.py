"""The potential of a bound study: prior plus likelihood, on coordinates that go there and back."""

from __future__ import annotations

import math

import numpy as np
import pytest

from soleus.api import packaged
from soleus.catalogue.datasets import resting_series, resting_study
from soleus.catalogue.lineages import niche
from soleus.inference import FreeParameter, Potential
from soleus.study import bind, log_prob

PARAMETERS = (
    FreeParameter("activation_rate", 0.1245, 0.5),
    FreeParameter("scale:scale_tap", 1.0, 0.7),
    FreeParameter("discrepancy_cv", 0.2, 0.5),
)


@pytest.fixture(scope="module")
def potential() -> Potential:
    series = resting_series(packaged())
    return Potential(
        bind(resting_study(packaged(), series, niche(packaged(), "svz"))), series.observations, PARAMETERS
    )


def test_coordinates_go_there_and_back(potential):
    x = np.array([0.3, -2.0, 1.7])
    theta = potential.theta(x)
    assert theta["activation_rate"] == pytest.approx(0.1245 * math.exp(0.15), rel=1e-12)
    np.testing.assert_allclose(potential.coordinates(theta), x, atol=1e-12)
    np.testing.assert_allclose(potential.coordinates({p.name: p.centre for p in PARAMETERS}), 0.0, atol=1e-15)


def test_it_is_prior_plus_likelihood(potential):
    x = np.array([0.3, -1.0, 0.5])
    likelihood = log_prob(potential.experiment, potential.observations, potential.theta(x))
    assert potential(x) == pytest.approx(likelihood - 0.5 * float(x @ x), rel=1e-12)


def test_a_model_that_cannot_be_built_has_no_probability():
    """A stem cell whose phases are longer than its cycle."""
    series = resting_series(packaged())
    experiment = bind(resting_study(packaged(), series, niche(packaged(), "svz")))
    cycle = Potential(experiment, series.observations, (FreeParameter("stem_cycle", 0.73, 1.0),))
    assert math.isfinite(cycle(np.array([0.0])))
    assert cycle(np.array([-5.0])) == -math.inf
