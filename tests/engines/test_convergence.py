"""Errors fall as asked: with the tolerance, and with the square of the modifier grid's error."""

from __future__ import annotations

import numpy as np
import pytest
from engine_models import cell, divides
from forward_reference import forward_moments
from random_models import random_case
from scipy.integrate import solve_ivp

from soleus.engines import Start, mean_cells, readout_moments
from soleus.lineage import Fate, Lineage, Transition, compile_lineage
from soleus.movement import LogTerm, ModifierGrid, refine


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_covariance_error_falls_with_the_tolerance(seed):
    case = random_case(seed)
    weights = np.abs(case.weights)
    _, covariance = forward_moments(case.process, case.modifiers, case.start, days=case.days)
    wanted = np.einsum("ri,aibj,sj->arbs", weights, covariance, weights)
    errors = []
    for tolerance in (0.1, 1e-3, 1e-5, 1e-7):
        found = readout_moments(
            case.process, case.modifiers, case.start, weights=weights, days=case.days, tolerance=tolerance
        )
        errors.append(float(np.abs(found.covariance - wanted).max() / wanted.max()))
        assert errors[-1] < tolerance
    assert errors[-1] < 1e-2 * errors[0]


def continuous(day):
    """Return log-modifiers of division and of the fate at a day: a lag, and one that comes and goes."""
    return 1.2 * np.expm1(-day / 2.0), 1.5 * (np.exp(-day / 6.0) - np.exp(-day / 0.8))


def model():
    fates = (Fate("two", 0.6, {"s": 2}, role="fate.two"), Fate("out", 0.4, {"t": 2}))
    split = Transition("split", "division", "s", fates, rate_per_day=1.1)
    die = Transition("die", "death", "t", (Fate("gone", 1.0),), rate_per_day=0.3)
    return compile_lineage(Lineage("two", (cell("s"), cell("t")), (split, die)))


def reference(days: float) -> np.ndarray:
    def derivative(t, x):
        division, weight = np.exp(continuous(t))
        two = 0.6 * weight / (0.6 * weight + 0.4)
        rate = 1.1 * division
        return [rate * (2.0 * two - 1.0) * x[0], 2.0 * rate * (1.0 - two) * x[0] - 0.3 * x[1]]

    return solve_ivp(derivative, (0.0, days), [100.0, 0.0], method="DOP853", rtol=1e-12, atol=1e-12).y[:, -1]


def grid_error(error: float) -> float:
    terms = [
        LogTerm("lag", "division", lambda t: continuous(t)[0]),
        LogTerm("adapting", "fate.two", lambda t: continuous(t)[1]),
    ]
    edges = refine(terms, edges=[0.0, 8.0], scales={}, error=error, shortest_days=1e-4)
    modifiers = ModifierGrid.build(terms, edges).modifiers({})
    process = model()
    found = mean_cells(process, modifiers, Start.given(process, {"s": 100}), days=[8.0])[0]
    return float(np.abs(found / reference(8.0) - 1.0).max())


def test_mean_converges_to_continuous_time_at_second_order():
    # Bisection refines by factors of two and not everywhere alike, so the order is taken over 64-fold.
    coarse, fine = grid_error(0.128), grid_error(0.002)
    order = np.log(coarse / fine) / np.log(64.0)
    assert 1.7 < order < 2.3
    assert fine < 1e-5


def test_taking_the_modifier_at_one_end_would_be_first_order():
    """The planted fault: the left value in place of the interval's mean is seen by the same measure."""

    def left(intervals: int) -> float:
        from soleus.movement import Modifiers

        edges = np.linspace(0.0, 8.0, intervals + 1)
        values = np.exp(np.array(continuous(edges[:-1])))
        process = model()
        modifiers = Modifiers(edges, ("division", "fate.two"), values)
        found = mean_cells(process, modifiers, Start.given(process, {"s": 100}), days=[8.0])[0]
        return float(np.abs(found / reference(8.0) - 1.0).max())

    assert 0.8 < np.log(left(64) / left(512)) / np.log(8.0) < 1.2


def test_cumulated_hazard_is_exact_at_edges_on_any_grid():
    term = LogTerm("lag", "death", lambda t: continuous(t)[0])
    die = Transition("die", "death", "x", (Fate("gone", 1.0),), rate_per_day=0.7)
    process = compile_lineage(Lineage("decay", (cell("x"),), (die,)))
    found = []
    for intervals in (8, 64):
        modifiers = ModifierGrid.build([term], np.linspace(0.0, 8.0, intervals + 1)).modifiers({})
        found.append(mean_cells(process, modifiers, Start.given(process, {"x": 100}), days=[8.0]).item())
    np.testing.assert_allclose(found[0], found[1], rtol=1e-8, atol=0.0)


def test_growth_by_lag_alone_is_exact():
    # exp of a linear log-modifier integrates in closed form.
    process = compile_lineage(Lineage("yule", (cell("s"),), (divides("s", 0.4),)))
    term = LogTerm("line", "division", lambda t: 0.3 * t)
    modifiers = ModifierGrid.build([term], np.linspace(0.0, 3.0, 7)).modifiers({"line": -1.0})
    found = mean_cells(process, modifiers, Start.given(process, {"s": 10}), days=[3.0]).item()
    np.testing.assert_allclose(found, 10.0 * np.exp(0.4 * -np.expm1(-0.9) / 0.3), rtol=1e-10, atol=0.0)
