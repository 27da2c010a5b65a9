"""Mechanisms' shape; modifiers' refusals; grids that keep the stated error."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soleus.errors import ModelError, NumericalError
from soleus.movement import LogTerm, Mechanism, ModifierGrid, Modifiers, refine
from soleus.movement.modifiers import matches


def mechanism(**changes) -> Mechanism:
    plain = {
        "name": "m", "label": "m", "signal": "load", "role": "division", "niches": ("svz",),
        "direction": 1, "max_log_gain": 3.0,
    }  # fmt: skip
    return Mechanism(**(plain | changes))


DEVIATION = np.linspace(-1.0, 4.0, 51)


@pytest.mark.parametrize("direction", [1, -1])
def test_saturating_is_linear_below_normal_and_bounded_above(direction):
    found = direction * mechanism(direction=direction, headroom=0.2).response(DEVIATION)
    below = DEVIATION <= 0.0
    np.testing.assert_allclose(found[below], DEVIATION[below], rtol=1e-15)
    above = found[~below]
    assert np.all(np.diff(found)[:12] > 0.0)
    assert np.all(above <= 0.2)
    np.testing.assert_allclose(above[-1], 0.2, rtol=1e-8)
    # The slope is 1 on both sides of normal.
    np.testing.assert_allclose(mechanism().response(np.array([1e-9, -1e-9])), [1e-9, -1e-9], rtol=1e-6)


@pytest.mark.parametrize("direction", [1, -1])
def test_linear_has_no_ceiling(direction):
    found = mechanism(direction=direction, shape="linear").response(DEVIATION)
    np.testing.assert_array_equal(found, direction * DEVIATION)


def test_switch():
    off = mechanism().switched(False)
    assert not off.on
    assert off.switched(True) == mechanism()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"direction": 0}, r"mechanism 'm': direction must be \+1 or -1, got 0"),
        ({"direction": 2}, r"direction must be \+1 or -1"),
        ({"max_log_gain": 0.0}, "max_log_gain must be above 0"),
        ({"max_log_gain": float("nan")}, "max_log_gain must be above 0"),
        ({"max_log_gain": float("inf")}, "max_log_gain must be above 0"),
        ({"shape": "step"}, "shape must be 'linear', 'saturating' or 'onset', got 'step'"),
        ({"headroom": 0.0}, "headroom must be finite and above 0, got 0.0"),
        ({"headroom": float("inf")}, "headroom must be finite and above 0, got inf; shape 'linear'"),
    ],
)
def test_mechanisms_that_cannot_be_are_refused(changes, message):
    with pytest.raises(ModelError, match=message):
        mechanism(**changes)


@pytest.mark.parametrize(
    ("role", "pattern", "wanted"),
    [
        ("division.stem", "division.stem", True),
        ("division.stem", "division", True),
        ("division.stem.S", "division.stem", True),
        ("division", "division.stem", False),
        ("divisions.stem", "division", False),
        ("division.stemlike", "division.stem", False),
        ("division.stem", "", False),
    ],
)
def test_a_role_is_named_by_itself_or_a_prefix_that_ends_at_a_dot(role, pattern, wanted):
    assert matches(role, pattern) is wanted


def table(edges, roles, values) -> Modifiers:
    return Modifiers(np.array(edges, dtype=float), tuple(roles), np.array(values, dtype=float))


@pytest.mark.parametrize(
    ("edges", "roles", "values", "message"),
    [
        ([0], ["a"], np.zeros((1, 0)), "at least two strictly increasing days"),
        ([0, 0], ["a"], [[1]], "strictly increasing"),
        ([0, 2, 1], ["a"], [[1, 1]], "strictly increasing"),
        ([0, np.nan], ["a"], [[1]], "strictly increasing"),
        ([0, np.inf], ["a"], [[1]], "edges must be finite days"),
        ([0, 1], ["a"], [[1, 1]], r"shape \(roles, intervals\) = \(1, 1\), got \(1, 2\)"),
        ([0, 1], ["a", "b"], [[1]], r"= \(2, 1\), got \(1, 1\)"),
        ([0, 1], ["a"], [[-0.1]], "values must be finite and at least 0"),
        ([0, 1], ["a"], [[np.nan]], "values must be finite and at least 0"),
        ([0, 1], ["a"], [[np.inf]], "values must be finite and at least 0"),
    ],
)
def test_modifiers_that_cannot_be_are_refused(edges, roles, values, message):
    with pytest.raises(ModelError, match=message):
        table(edges, roles, values)


def test_rows_reach_the_roles_that_they_name():
    modifiers = table([0, 1, 2], ["division", "division.stem", "death"], [[2, 3], [5, 7], [0.5, 0]])
    roles = ("death", "division.stem", "division.tap", "return")
    np.testing.assert_array_equal(modifiers.on_roles(roles), [[0.5, 0], [10, 21], [2, 3], [1, 1]])


def test_a_row_that_moves_nothing_is_refused():
    with pytest.raises(
        ModelError, match=r"role 'divison' moves nothing; roles of the lineage: \['death', 'division'\]"
    ):
        table([0, 1], ["divison"], [[2]]).on_roles(("division", "death"))


def test_scaled_multiplies():
    modifiers = table([0, 1, 2], ["a"], [[2, 3]]).scaled({"a": 0.5, "b": 4.0})
    np.testing.assert_array_equal(modifiers.on_roles(("b", "a")), [[4, 4], [1, 1.5]])
    assert modifiers.scaled({}) is modifiers
    with pytest.raises(ModelError, match="at least 0"):
        modifiers.scaled({"a": -1.0})


def at(modifiers: Modifiers, day: float) -> list[float]:
    k = np.searchsorted(modifiers.edges, day, side="right") - 1
    return modifiers.values[:, min(k, modifiers.values.shape[1] - 1)].tolist()


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(st.lists(st.floats(-3.0, 8.0), max_size=6))
def test_split_at_keeps_the_function(days):
    modifiers = table([-1, 0.5, 2, 5], ["a", "b"], [[1, 2, 3], [6, 5, 4]])
    split = modifiers.split_at(days)
    assert set(modifiers.edges) <= set(split.edges)
    assert {d for d in days if -1 < d < 5} <= set(split.edges)
    assert (split.edges[0], split.edges[-1]) == (-1.0, 5.0)
    for day in [*split.edges[:-1], *(0.5 * (split.edges[1:] + split.edges[:-1]))]:
        assert at(split, day) == at(modifiers, day)


@pytest.mark.parametrize("day", [-1.0, 0.2, 0.5, 4.9])
def test_after_keeps_the_function(day):
    modifiers = table([-1, 0.5, 2, 5], ["a"], [[1, 2, 3]])
    rest = modifiers.after(day)
    assert rest.edges[0] == day
    for later in (0.5 * (rest.edges[1:] + rest.edges[:-1])).tolist():
        assert at(rest, later) == at(modifiers, later)
    for outside in (-1.1, 5.0):
        with pytest.raises(ModelError, match="must lie in"):
            modifiers.after(outside)


def lag(days):
    return np.expm1(-days / 1.5)


@pytest.mark.parametrize("error", [0.2, 0.05, 0.01])
def test_refine_keeps_the_stated_error(error):
    terms = [
        LogTerm("m", "division", lag),
        LogTerm("n", "division", lambda d: -0.5 * lag(3 * d)),
        LogTerm("m", "death", lag),
    ]
    scales = {"m": 2.0}
    edges = refine(terms, edges=[0.0, 4.0, 20.0], scales=scales, error=error)
    assert {0.0, 4.0, 20.0} <= set(edges)
    fine = np.linspace(0.0, 1.0, 201)
    days = edges[:-1, None] + np.diff(edges)[:, None] * fine
    for total in (2.0 * lag(days) - 0.5 * lag(3 * days), 2.0 * lag(days)):
        assert np.ptp(total, axis=1).max() <= 2.0 * error * 1.05
    assert len(refine(terms, edges=[0.0, 20.0], scales={}, error=error)) < len(
        refine(terms, edges=[0.0, 20.0], scales={"m": 8.0}, error=error)
    )


def test_refine_leaves_what_is_flat_and_gives_up_by_name():
    flat = LogTerm("m", "death", np.zeros_like)
    np.testing.assert_array_equal(refine([flat], edges=[5, 0, 2, 2], scales={}, error=0.01), [0, 2, 5])
    np.testing.assert_array_equal(refine([], edges=[0, 5], scales={}, error=0.01), [0, 5])
    wild = LogTerm("m", "death", lambda d: np.sin(40.0 * d))
    with pytest.raises(NumericalError, match="more than 4096 intervals for an error of 0.001"):
        refine([wild], edges=[0, 500], scales={}, error=1e-3, shortest_days=1e-6)
    shortest = refine([wild], edges=[0, 4], scales={}, error=1e-9, shortest_days=0.1)
    assert np.diff(shortest).min() > 0.04


def test_grid_holds_the_interval_means():
    terms = [LogTerm("m", "division", lambda d: -0.4 * d), LogTerm("age", "division", lambda d: 0.1 * d)]
    edges = np.array([0.0, 1.0, 2.5, 6.0])
    grid = ModifierGrid.build([*terms, LogTerm("n", "death", lambda d: 0.2 * d)], edges)
    for scale in (0.0, 1.0, -2.0):
        modifiers = grid.modifiers({"m": scale})
        assert modifiers.roles == ("division", "death")
        for row, slope in zip(modifiers.values, (-0.4 * scale + 0.1, 0.2), strict=True):
            np.testing.assert_allclose(
                row, np.diff(np.exp(slope * edges)) / slope / np.diff(edges), rtol=1e-7
            )


def test_grid_without_terms_changes_nothing():
    modifiers = ModifierGrid.build([], np.array([0.0, 1.0, 3.0])).modifiers({})
    np.testing.assert_array_equal(modifiers.on_roles(("death",)), [[1, 1]])
