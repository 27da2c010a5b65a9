"""Strength to response and back: monotone, not monotone, out of reach; against the experiment itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from study_models import toy_study

from soleus.errors import InputError, UnknownNameError
from soleus.study import bind
from soleus.study.response import MechanismSet, Responder, ResponseTable

WAKE = MechanismSet("wake", "wake", {"wake": 1.0})
BOTH = MechanismSet("both", "both", {"wake": 0.3, "amplify": 0.5})
STRENGTHS = np.array([-0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0])


@pytest.fixture(scope="module")
def responder() -> Responder:
    return Responder(bind(toy_study()), "unloaded", (7.0, 14.0))


@pytest.fixture(scope="module")
def table(responder) -> ResponseTable:
    return responder.table(WAKE)


def by_hand(values: list[float]) -> ResponseTable:
    column = np.array(values)[:, None, None]
    return ResponseTable(WAKE, STRENGTHS, (14.0,), ("k",), column)


def test_log_ratios_are_those_of_the_experiment(responder):
    """The responder starts at day 0 from the mean; the experiment runs in from the reference age."""
    gains = responder.gains(BOTH, 0.7)
    assert gains == pytest.approx({"wake": 0.7 * 0.3 * 6.0, "amplify": 0.7 * 0.5 * 6.0}, rel=1e-12)
    moved = bind(toy_study(), gains=gains)
    days = responder.days
    ratio = moved.true_means("unloaded", days=days) / moved.true_means("free", days=days)
    np.testing.assert_allclose(responder.log_ratios(gains)[:, :2], np.log(ratio), rtol=1e-6)


def test_the_table_holds_the_log_ratios(responder, table):
    assert table.readouts == ("cycling", "young", "old_share")
    assert np.all(np.diff(table.strengths) > 0.0)
    zero = int(np.flatnonzero(table.strengths == 0.0)[0])
    np.testing.assert_array_equal(table.log_ratios[zero], 0.0)
    np.testing.assert_allclose(
        table.log_ratios[-1], responder.log_ratios(responder.gains(WAKE, 1.0)), rtol=1e-12
    )
    assert table.strongest("cycling", 14.0) == table.column("cycling", 14.0)[-1]


def test_interpolation_is_close_to_the_truth(responder, table):
    for strength in (-0.31, 0.07, 0.33, 0.81):
        exact = responder.log_ratios(responder.gains(WAKE, strength))
        for d, day in enumerate(table.days):
            for r, name in enumerate(table.readouts):
                found = table.at(np.array([strength]), name, day)[0]
                assert found == pytest.approx(exact[d, r], abs=6e-3)


def test_inversion_gives_the_wanted_response(responder, table):
    wanted = np.array([0.1, 0.0, -0.05, -0.5, -1.2])
    strengths = table.strengths_for(wanted, "cycling", 14.0)
    assert strengths[1] == 0.0
    assert strengths[0] < 0.0
    assert np.all(strengths[2:] > 0.0)
    found = [responder.log_ratios(responder.gains(WAKE, float(s)))[1, 0] for s in strengths]
    np.testing.assert_allclose(found, wanted, atol=6e-3)


def test_a_response_that_turns_back_is_met_at_its_weakest_strength():
    turning = by_hand([0.1, 0.05, 0.0, -0.6, -1.0, -0.7, -0.9])
    strengths = turning.strengths_for(np.array([-0.6, -0.9, -1.0, -3.0]), "k", 14.0)
    assert strengths[0] == pytest.approx(0.25, abs=2e-3)
    assert strengths[1] < 0.5
    np.testing.assert_allclose(strengths[2:], 0.5, atol=2e-3)
    assert turning.strongest("k", 14.0) == -1.0


def test_a_set_that_first_rises_falls_only_later():
    strengths = by_hand([-0.2, -0.1, 0.0, 0.3, 0.1, -0.5, -1.0]).strengths_for(
        np.array([-0.5, -0.75]), "k", 14.0
    )
    assert strengths[0] == pytest.approx(0.75, abs=2e-3)
    assert 0.75 < strengths[1] < 1.0


def test_what_cannot_be_reached_gets_the_nearest():
    weak = by_hand([0.2, 0.1, 0.0, -0.1, -0.2, -0.3, -0.4])
    np.testing.assert_allclose(weak.strengths_for(np.array([-2.0, 2.0]), "k", 14.0), [1.0, -0.5])
    # A set that only falls has no answer to a rise but no effect.
    fall = by_hand([-0.2, -0.1, 0.0, -0.1, -0.2, -0.3, -0.4])
    assert fall.strengths_for(np.array([0.5]), "k", 14.0)[0] == 0.0


@pytest.mark.parametrize("ratio", [0.9, 0.3, 1.2])
@pytest.mark.parametrize("readout", ["cycling", "young"])
def test_the_strength_of_a_reported_ratio_is_exact(responder, table, ratio, readout):
    strength = responder.strength_of(table, readout=readout, day=14.0, log_ratio=math.log(ratio))
    assert strength is not None
    assert (strength > 0.0) == (ratio < 1.0)
    moved = bind(toy_study(), gains=responder.gains(WAKE, strength))
    found = moved.true_means("unloaded") / moved.true_means("free")
    assert found[0, ("cycling", "young").index(readout)] == pytest.approx(ratio, abs=1e-6)


def test_no_effect_needs_no_strength_and_too_much_has_none(responder, table):
    assert responder.strength_of(table, readout="cycling", day=14.0, log_ratio=0.0) == 0.0
    for log_ratio in (-12.0, 4.0):
        assert responder.strength_of(table, readout="cycling", day=14.0, log_ratio=log_ratio) is None


def test_unknown_names_and_days_are_refused(responder, table):
    with pytest.raises(UnknownNameError, match="cycling, old_share, young"):
        table.column("cyclin", 14.0)
    with pytest.raises(InputError, match=r"day 9 .*7.*14"):
        table.at(np.array([0.1]), "cycling", 9.0)
    with pytest.raises(UnknownNameError, match="amplify, wake"):
        responder.gains(MechanismSet("x", "x", {"asleep": 1.0}), 1.0)
