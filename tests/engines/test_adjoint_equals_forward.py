"""The adjoint engine against the forward reference on random models."""

from __future__ import annotations

import numpy as np
from forward_reference import forward_moments
from hypothesis import given, settings
from hypothesis import strategies as st
from random_models import Case, random_case

from soleus.engines import mean_cells, readout_moments

AGREE = 1e-7


def difference(case: Case, other: Case | None = None) -> tuple[float, float]:
    """Return the largest difference of mean and covariance, relative to each matrix' own scale."""
    mean, covariance = forward_moments(case.process, case.modifiers, case.start, days=case.days)
    mean = mean @ case.weights.T
    covariance = np.einsum("ri,aibj,sj->arbs", case.weights, covariance, case.weights)
    other = other or case
    found = readout_moments(
        other.process, other.modifiers, other.start, weights=other.weights, days=other.days, tolerance=1e-9
    )
    sd = np.sqrt(np.einsum("arar->ar", covariance)).ravel()
    scale = np.outer(sd, sd) + 1e-3 * np.max(sd) ** 2
    size = len(sd)
    off = np.abs(found.covariance - covariance).reshape(size, size) / scale
    means = np.abs(found.mean - mean) / (np.max(np.abs(mean)))
    return float(means.max()), float(off.max())


@settings(max_examples=30, deadline=None, derandomize=True, database=None)
@given(st.integers(0, 2**32 - 1))
def test_adjoint_equals_forward(seed):
    mean, covariance = difference(random_case(seed))
    assert mean < AGREE
    assert covariance < AGREE


def test_a_rate_2_percent_off_is_seen():
    seen = [difference(random_case(seed), random_case(seed, faster=1.02)) for seed in range(8)]
    assert min(m for m, _ in seen) > 100 * AGREE
    assert min(c for _, c in seen) > 100 * AGREE


@settings(max_examples=10, deadline=None, derandomize=True, database=None)
@given(st.integers(0, 2**32 - 1))
def test_mean_cells_equals_forward(seed):
    case = random_case(seed)
    mean, _ = forward_moments(case.process, case.modifiers, case.start, days=case.days)
    found = mean_cells(case.process, case.modifiers, case.start, days=case.days)
    np.testing.assert_allclose(found, mean, rtol=1e-7, atol=1e-9 * mean.max())


def test_covariance_is_symmetric_and_not_negative():
    for seed in range(8):
        case = random_case(seed)
        flat = readout_moments(
            case.process, case.modifiers, case.start, weights=case.weights, days=case.days
        ).flat_covariance
        np.testing.assert_array_equal(flat, flat.T)
        values = np.linalg.eigvalsh(flat)
        assert values.min() > -1e-7 * values.max()
