from __future__ import annotations

import numpy as np
import pytest
from benchmarks.cases import bench_case, law_modifiers
from benchmarks.lowcopy import MOLECULES, SMOOTH, STEP, expected_left, grids, verdict
from benchmarks.models import MOVEMENT
from scipy.integrate import quad

from soleus.engines import mean_cells


def test_the_expected_numbers_left_are_those_of_theory():
    assert expected_left(SMOOTH.law, 10.0) == pytest.approx(6.551, abs=5e-4)
    assert expected_left(STEP.law, 7.0) == pytest.approx(20.0 * np.exp(-0.0025 - 2.0), rel=1e-12)
    assert expected_left(STEP.law, 7.0) == pytest.approx(2.700, abs=5e-4)


@pytest.mark.parametrize("day", [0.5, 3.0, 10.0])
def test_the_closed_forms_are_the_integrals_of_the_laws(day):
    a, b, c = SMOOTH.law.a, SMOOTH.law.b, SMOOTH.law.c
    hazard = quad(lambda t: a + (t / b) ** c, 0.0, day)[0]
    assert expected_left(SMOOTH.law, day) == pytest.approx(MOLECULES * np.exp(-hazard), rel=1e-9)
    a, b, c = MOVEMENT.law.a, MOVEMENT.law.b, MOVEMENT.law.c
    hazard = quad(lambda t: a + b * np.exp(-t / c), 0.0, day)[0]
    assert expected_left(MOVEMENT.law, day) == pytest.approx(MOLECULES * np.exp(-hazard), rel=1e-9)


@pytest.mark.parametrize("grid", grids(), ids=lambda g: g.label)
def test_our_case_has_the_expected_mean_on_every_output_grid(grid):
    case = bench_case(grid.network, "exact", grid.days)
    cells = mean_cells(case.process, case.modifiers, case.start, days=list(grid.days))
    left = float((case.weights @ cells[-1])[grid.network.species.index("X")])
    assert left == pytest.approx(expected_left(grid.network.law, grid.days[-1]), rel=1e-8)


def test_the_step_is_an_edge_and_lies_off_the_coarse_output_grids():
    assert 5.0 in law_modifiers(STEP.law, (0.0, 7.0)).edges
    coarse = [g for g in grids() if g.network is STEP and "71" not in g.label]
    assert coarse and all(5.0 not in g.days for g in coarse)


def test_the_verdict_passes_binomial_draws_and_fails_a_few_per_cent_off_either_way():
    rng = np.random.default_rng(11)
    p = expected_left(STEP.law, 7.0) / MOLECULES
    right = rng.binomial(MOLECULES, p, size=4000).astype(float).tolist()
    assert verdict(right, STEP.law, 7.0)["passed"]
    for factor in (0.93, 1.07):
        wrong = rng.binomial(MOLECULES, p * factor, size=4000).astype(float).tolist()
        found = verdict(wrong, STEP.law, 7.0)
        assert not found["passed"]
        assert np.sign(found["z"]) == np.sign(factor - 1.0)
