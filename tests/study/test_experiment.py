"""Binding: one grid for all groups, names that are checked, numbers that are replaced."""

from __future__ import annotations

import numpy as np
import pytest
from study_models import ACTIVITIES, PARAMETERS, published_study, toy_study

from soleus.errors import InputError, ModelError, UnknownNameError
from soleus.movement import Regimen
from soleus.study import Experiment, GroupPlan, bind


def test_all_groups_share_one_grid():
    experiment = bind(toy_study())
    first, second = (experiment.modifiers(g).edges for g in ("free", "unloaded"))
    np.testing.assert_array_equal(first, second)
    assert {-40.0, 0.0, 14.0} <= set(experiment.edges)


def test_regimen_changes_and_sampling_days_are_edges():
    spans = [("unloaded", 0.0, 5.5), ("free", 5.5, 20.0)]
    changing = Regimen.of("back", spans, activities=ACTIVITIES, resting="free")
    control = toy_study().control
    plain = Regimen.of("free", [("free", 0.0, 20.0)], activities=ACTIVITIES, resting="free")
    groups = (
        GroupPlan("free", "Free", True, 2, plain, control.factors),
        GroupPlan("back", "Back", False, 2, changing, control.factors),
    )
    experiment = bind(toy_study(groups=groups, sampling_days=(3.25, 14.0)))
    assert {0.0, 3.25, 5.5, 14.0} <= set(experiment.edges)
    assert experiment.edges[-1] == 14.0


def test_a_finer_grid_gives_the_same_means():
    gains = {"wake": 2.0, "amplify": 1.0}
    fine = bind(toy_study(), gains=gains, grid_error=1e-3).true_means("unloaded")
    misses = [
        np.abs(bind(toy_study(), gains=gains, grid_error=e).true_means("unloaded") / fine - 1.0).max()
        for e in (0.2, 0.05, 0.01)
    ]
    assert misses == sorted(misses, reverse=True)
    assert misses[1] < 1e-2
    assert misses[2] < 2e-3


def test_without_gains_the_groups_are_equal_bit_by_bit():
    experiment = bind(toy_study())
    np.testing.assert_array_equal(
        experiment.modifiers("free").values, experiment.modifiers("unloaded").values
    )
    np.testing.assert_array_equal(experiment.true_means("free"), experiment.true_means("unloaded"))


def test_a_gain_moves_the_treated_group_and_not_the_control():
    off, on = bind(toy_study()), bind(toy_study(), gains={"wake": 2.0})
    np.testing.assert_array_equal(off.true_means("free"), on.true_means("free"))
    ratio = on.true_means("unloaded") / off.true_means("unloaded")
    assert np.all(ratio < 0.9)
    rise = bind(toy_study(), gains={"wake": -1.0}).true_means("unloaded")
    assert np.all(rise > off.true_means("unloaded"))


def test_only_mechanisms_of_this_niche_that_are_on_take_part():
    assert [m.name for m in bind(toy_study()).mechanisms] == ["wake", "amplify"]


@pytest.mark.parametrize("name", ["asleep", "elsewhere", "wakes"])
def test_a_gain_of_another_mechanism_is_refused(name):
    for call in (
        lambda: bind(toy_study(), gains={name: 1.0}),
        lambda: bind(toy_study()).modifiers("free", {name: 1.0}),
        lambda: bind(toy_study()).at({f"gain:{name}": 1.0}),
    ):
        with pytest.raises(UnknownNameError, match="amplify, wake"):
            call()


def test_unknown_groups_are_refused():
    with pytest.raises(UnknownNameError, match="free, unloaded"):
        bind(toy_study()).modifiers("fre")


@pytest.mark.parametrize("error", [0.0, 1.0, float("nan")])
def test_a_grid_error_out_of_range_is_refused(error):
    with pytest.raises(InputError, match=r"\[1e-4, 0.5\]"):
        bind(toy_study(), grid_error=error)


def test_theta_replaces_what_it_names_and_nothing_else():
    experiment = bind(toy_study(), gains={"wake": 1.0})
    other = experiment.at({"activation": 0.1, "gain:amplify": 2.0})
    assert dict(other.study.niche.parameters) == {**PARAMETERS, "activation": 0.1}
    assert dict(other.gains) == {"wake": 1.0, "amplify": 2.0}
    assert experiment.study.niche.parameters["activation"] == 0.2
    assert dict(experiment.gains) == {"wake": 1.0}
    again = bind(
        toy_study(niche=experiment.study.niche.with_parameters({"activation": 0.1})), gains=other.gains
    )
    np.testing.assert_allclose(other.true_means("unloaded"), again.true_means("unloaded"), rtol=1e-12)


def test_scales_and_discrepancy_belong_to_published_means():
    experiment = bind(published_study()).at({"scale:scale_young": 2.0, "discrepancy_cv": 0.3})
    assert [(a.scale, a.discrepancy_cv) for a in experiment.study.assays] == [(1.0, 0.3), (2.0, 0.3)]
    with pytest.raises(UnknownNameError, match="scale_cycling, scale_young"):
        bind(published_study()).at({"scale:scale_old": 2.0})


@pytest.mark.parametrize("name", ["activatoin", "discrepancy_cv", "position_cv"])
def test_a_parameter_that_nothing_uses_is_refused(name):
    with pytest.raises(UnknownNameError, match="activation, again, cycle, death, quiescent"):
        bind(toy_study()).at({name: 0.1})


@pytest.mark.parametrize("theta", [{"activation": -0.1}, {"again": 1.5}, {"cycle": float("nan")}])
def test_numbers_that_make_no_lineage_are_refused(theta):
    experiment = bind(toy_study()).at(theta)
    with pytest.raises(ModelError):
        experiment.true_means("free")


def test_unknown_niche_parameters_are_refused():
    with pytest.raises(UnknownNameError, match="parameter of lineage 'toy'"):
        toy_study().niche.with_parameters({"x": 1.0})


def test_an_experiment_is_frozen():
    experiment = bind(toy_study())
    assert isinstance(experiment, Experiment)
    with pytest.raises(AttributeError):
        experiment.gains = {}  # type: ignore[misc]
