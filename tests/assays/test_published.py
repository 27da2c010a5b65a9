"""Published means: the density by hand, and what is refused."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from soleus.assays import PublishedMean, Readout
from soleus.errors import InputError, ModelError

READOUT = Readout("x", "x", ("A",))
MEAN = PublishedMean("m", "m", READOUT, "scale_m", scale=0.5, discrepancy_cv=0.2)


def test_the_density_by_hand():
    sd = math.sqrt((30.0 / 400.0) ** 2 + math.log(1.04))
    residual = (math.log(400.0) - math.log(0.5 * 1000.0)) / sd
    assert MEAN.log_sd(400.0, 30.0) == pytest.approx(sd, rel=1e-12)
    assert MEAN.standardised(400.0, 30.0, mean_cells=1000.0) == pytest.approx(residual, rel=1e-12)
    expected = stats.norm.logpdf(math.log(400.0), math.log(500.0), sd)
    assert MEAN.log_prob(400.0, 30.0, mean_cells=1000.0) == pytest.approx(expected, rel=1e-12)


def test_a_scale_factor_moves_the_mean_and_nothing_else():
    twice = PublishedMean("m", "m", READOUT, "scale_m", scale=1.0, discrepancy_cv=0.2)
    assert twice.log_prob(400.0, 30.0, mean_cells=500.0) == MEAN.log_prob(400.0, 30.0, mean_cells=1000.0)


@pytest.mark.parametrize(("value", "se"), [(0.0, 1.0), (-3.0, 1.0), (3.0, 0.0), (3.0, math.nan)])
def test_a_summary_without_size_or_error_is_refused(value, se):
    with pytest.raises(InputError, match="above 0"):
        MEAN.log_prob(value, se, mean_cells=100.0)


def test_a_prediction_of_no_cells_is_an_impossible_model():
    with pytest.raises(ModelError, match="predicts 0 cells where 400"):
        MEAN.log_prob(400.0, 30.0, mean_cells=0.0)


@pytest.mark.parametrize("change", [{"scale": 0.0}, {"scale": math.nan}, {"discrepancy_cv": -0.1}])
def test_an_assay_that_cannot_be_right_is_refused(change):
    with pytest.raises(ModelError):
        PublishedMean("m", "m", READOUT, "scale_m", **change)
