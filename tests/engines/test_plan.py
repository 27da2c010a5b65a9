"""The plan of steps and nodes, and what is kept between calls."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from engine_models import birth_death, svz_like

from soleus.engines.generator import dense_generator, pattern_of, tabulate
from soleus.engines.moments.plan import make_plan, node_tables
from soleus.engines.moments.solve import _THETA_COVARIANCE


@pytest.mark.parametrize("tolerance", [1e-14, 1e-8, 1e-2])
def test_no_step_asks_for_more_nodes_than_there_are(tolerance):
    from soleus.engines.moments.plan import _MAX_NODES, _reach

    assert _reach(tolerance)[_MAX_NODES - 1] > 3.0 * _THETA_COVARIANCE


def test_nodes_integrate_polynomials_of_twice_their_number():
    nodes, weights = node_tables(6)
    for m in range(1, 7):
        for power in range(2 * m):
            np.testing.assert_allclose(weights[m] @ nodes[m] ** power, 1.0 / (power + 1), rtol=1e-13)


def test_steps_follow_the_fastest_rate():
    process = birth_death(0.0, 10.0)
    pattern = pattern_of(process)
    table = tabulate(process, pattern, np.array([[1.0, 1.0], [1.0, 5.0], [1.0, 1.0]]))
    plan = make_plan(pattern, table, np.array([0.0, 6.0, 12.0, 12.0]), theta=2.0, tolerance=1e-6)
    # A population that only dies has nothing but its shift to be resolved: a third of 10 * 6, in twos.
    assert plan.steps.tolist() == [10, 50, 0]
    assert plan.first_step.tolist() == [0, 10, 60]
    assert plan.total_steps == 60
    mean_only = make_plan(pattern, table, np.array([0.0, 6.0, 12.0, 12.0]), theta=2.0, tolerance=None)
    assert mean_only.steps.tolist() == [1, 1, 0]
    assert mean_only.order.tolist() == [0, 0, 0]


def test_pattern_is_kept_as_long_as_its_process():
    process = birth_death(1.0, 0.5)
    assert pattern_of(process) is pattern_of(process)
    from soleus.engines import generator

    before = len(generator._PATTERNS)
    del process
    gc.collect()
    assert len(generator._PATTERNS) < before


def test_generator_of_a_large_process_by_the_plain_way():
    process = svz_like()
    values = np.linspace(0.5, 1.5, len(process.roles))
    wanted = np.zeros((process.n_states, process.n_states))
    a = process.arrays
    for e, i in enumerate(a.exit_source):
        hazard = a.exit_rate[e] * values[a.exit_role[e]]
        fates = range(a.exit_fates[e], a.exit_fates[e + 1])
        weight = [
            a.fate_probability[f] * (1.0 if a.fate_role[f] < 0 else values[a.fate_role[f]]) for f in fates
        ]
        wanted[i, i] -= hazard
        for f, w in zip(fates, weight, strict=True):
            for j in a.daughters[a.fate_daughters[f] : a.fate_daughters[f + 1]]:
                wanted[i, j] += hazard * w / sum(weight)
    np.testing.assert_allclose(dense_generator(process, values), wanted, rtol=1e-12, atol=1e-13)
