"""Dose-response: monotone, saturating where declared, at the strengths given; else refused in words."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from soleus.api import packaged
from soleus.catalogue.movement import mechanism_sets, regimen
from soleus.catalogue.studies import load_study
from soleus.errors import InputError, UnknownNameError
from soleus.evidence.dose_response import at_half_range, dose_response, half_dose, table_rows
from soleus.study.response import MechanismSet

SETS = ("afferent-activation", "growth-factor-activation", "lactate-activation", "glucocorticoid-activation")
STRENGTH = 0.1


@pytest.fixture(scope="module")
def study():
    return load_study(packaged(), "leg-day")


@pytest.fixture(scope="module")
def predictions():
    """What dose_response reads of predictions, with strengths that are given here."""
    tables = {
        name: SimpleNamespace(
            set=MechanismSet(name, name.replace("-", " "), mechanism_sets(packaged(), name)[name])
        )
        for name in SETS
    }
    strengths = {name: STRENGTH * np.linspace(0.0, 2.0, 81) for name in SETS}
    return SimpleNamespace(
        tables=tables, strengths=strengths, carrying=SETS, prior_readout="ki67_density", prior_day=14.0
    )


@pytest.fixture(scope="module")
def wheel(study, predictions):
    return dose_response(
        packaged(), study, "wheel_running", [0.0, 1.0, 2.0, 4.0, 8.0, 12.0, 16.0], predictions=predictions
    )


@pytest.fixture(scope="module")
def harness(study, predictions):
    return dose_response(
        packaged(), study, "partial_weight_bearing", np.linspace(0, 1, 6), predictions=predictions
    )


@pytest.fixture(scope="module")
def standing(study, predictions):
    minutes = [0.0, 15.0, 60.0, 240.0, 720.0, 1440.0]
    return dose_response(
        packaged(), study, "limb_standing", minutes, predictions=predictions, within="hindlimb_unloading"
    )


def test_no_dose_is_no_change(wheel):
    for curve in wheel.curves:
        np.testing.assert_allclose([curve.ratio[0], curve.low[0], curve.high[0]], 1.0, rtol=1e-6)


@pytest.mark.parametrize("name", SETS[:2])
def test_more_load_never_makes_less(wheel, harness, standing, name):
    for response in (wheel, harness, standing):
        # A dip of a thousandth is the pool of resting cells that running has emptied a little.
        assert np.all(np.diff(response.curve(name).ratio) > -2e-3), response.activity
        assert response.curve(name).ratio[-1] > response.curve(name).ratio[0]


@pytest.mark.parametrize("name", SETS[:3])
def test_running_saturates_and_bearing_weight_does_not(wheel, harness, name):
    assert at_half_range(wheel.doses, wheel.curve(name).ratio) > 0.9
    assert half_dose(wheel.doses, wheel.curve(name).ratio) < 2.0
    # With drives in a straight line the headroom alone would put it at 1.7 km.
    slow = wheel.curve("growth-factor-activation")
    assert half_dose(wheel.doses, slow.ratio) < 1.3
    assert 0.35 < at_half_range(harness.doses, harness.curve(name).ratio) < 0.65
    assert 0.35 < half_dose(harness.doses, harness.curve(name).ratio) < 0.65


def test_an_hour_of_standing_does_more_than_its_share(standing):
    curve = standing.curve("growth-factor-activation")
    hour = np.log(curve.ratio[2] / curve.ratio[0]) / np.log(curve.ratio[-1] / curve.ratio[0])
    assert 0.25 < hour < 0.6
    # What hanging does stays for as long as the animal hangs.
    stress = standing.curve("glucocorticoid-activation")
    assert 0.0 < np.log(stress.ratio[2] / stress.ratio[0]) / np.log(stress.ratio[-1] / stress.ratio[0]) < 0.1


def test_adding_movement_does_less_than_taking_it(wheel, harness):
    """Above cage life a mechanism gains at most its headroom."""
    for name in SETS[:2]:
        assert np.log(wheel.curve(name).ratio[-1]) < -0.5 * np.log(harness.curve(name).ratio[0])


def test_the_band_is_that_of_the_strengths(wheel, study, predictions):
    curve = wheel.curve("lactate-activation")
    assert np.all(curve.low <= curve.ratio) and np.all(curve.ratio <= curve.high)
    assert curve.high[-1] > curve.ratio[-1] > 1.0
    narrow = SimpleNamespace(**{**vars(predictions), "strengths": {n: np.full(5, STRENGTH) for n in SETS}})
    same = dose_response(
        packaged(), study, "wheel_running", [0.0, 8.0], predictions=narrow, sets=["lactate-activation"]
    )
    assert same.curves[0].ratio[1] == pytest.approx(curve.ratio[4], rel=1e-4)
    assert same.curves[0].low[1] == same.curves[0].high[1]


def test_the_ends_are_other_activities(study, predictions, standing):
    """Standing all day is the bout itself; standing never is unloading."""
    from dataclasses import replace

    from soleus.study import GroupPlan, bind
    from soleus.study.response import Responder

    housing = "single" if "isolation" in study.control.regimen.resting.drives else None
    groups = [
        GroupPlan(
            a, a, False, 1, regimen(packaged(), a, [[a, 0, 28]], housing=housing), study.control.factors
        )
        for a in ("hindlimb_unloading", "limb_standing")
    ]
    asked = replace(study, groups=(study.control, *groups), reported=None)
    responder = Responder(bind(asked), groups[0].name, (14.0,))
    names = [r.name for r in asked.all_readouts()]
    chosen = predictions.tables["afferent-activation"].set
    gains = responder.gains(chosen, STRENGTH)
    control, *others = (responder.means(g.name, gains)[0, names.index("ki67_density")] for g in asked.groups)
    curve = standing.curve("afferent-activation")
    np.testing.assert_allclose(curve.ratio[[0, -1]], np.array(others) / control, rtol=1e-3)


def test_evidence_stands_as_it_is(study, predictions):
    ladder = dose_response(
        packaged(),
        study,
        "resistance_ladder",
        [0.0, 3.0],
        predictions=predictions,
        sets=["afferent-activation"],
    )
    assert ladder.found is None
    assert ladder.evidence == "resistance_ladder in svz: no study was found"
    wheel = dose_response(
        packaged(), study, "wheel_running", [0.0, 3.0], predictions=predictions, sets=SETS[:1]
    )
    assert wheel.evidence == "wheel_running in svz: no change (mouse, mastrorilli-2017)"


def test_parts_of_a_dose_are_named(study, predictions):
    with pytest.raises(InputError, match="several parts: speed, minutes"):
        dose_response(packaged(), study, "treadmill", [0.0, 10.0], predictions=predictions)
    belt = dose_response(
        packaged(),
        study,
        "treadmill",
        [0.0, 10.0, 20.0],
        predictions=predictions,
        part="speed",
        sets=SETS[2:3],
    )
    assert (belt.unit, belt.dose_label) == ("m/min", "belt speed")
    assert belt.curves[0].ratio[2] > belt.curves[0].ratio[1] > 1.0
    rows = table_rows(belt)
    assert len(rows) == 3 and rows[2]["dose"] == 20.0 and rows[2]["ratio"] == belt.curves[0].ratio[2]


def test_what_cannot_be_asked_is_refused(study, predictions):
    def ask(activity="wheel_running", doses=(0.0, 5.0), **more):
        return dose_response(packaged(), study, activity, list(doses), predictions=predictions, **more)

    for given, words in (
        ({"activity": "wheel"}, "unknown activity 'wheel'"),
        ({"activity": "reloading"}, "activity with doses"),
        ({"doses": (5.0, 2.0)}, "increasing"),
        ({"doses": (5.0,)}, "at least two"),
        ({"doses": (0.0, 50.0)}, "must lie in"),
        ({"part": "speed"}, "part of the dose"),
        ({"readout": "ki76"}, "read-out of study"),
        ({"sets": ["nothing"]}, "mechanism set that is on"),
        ({"within": "hanging"}, "unknown activity 'hanging'"),
    ):
        with pytest.raises(InputError, match=words):
            ask(**given)
    with pytest.raises(UnknownNameError, match="of the dose-response"):
        ask(sets=SETS[:1]).curve("stem-cycle")


def test_measures_of_a_curve_by_hand():
    doses = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
    line = np.exp(-0.3 * doses)
    assert at_half_range(doses, line) == pytest.approx(0.5, rel=1e-12)
    assert half_dose(doses, line) == pytest.approx(2.0, rel=1e-12)
    bent = np.exp(1.0 - np.exp(-doses / 0.5))
    assert at_half_range(doses, bent) > 0.95
    assert half_dose(doses, bent) == pytest.approx(0.5 * (1 - np.exp(-8)) / (1 - np.exp(-2)), rel=1e-9)
    with pytest.raises(InputError, match="changes nothing"):
        half_dose(doses, np.ones(5))
