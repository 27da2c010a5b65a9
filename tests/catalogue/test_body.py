"""The body in the catalogue: what was stated comes back at its reference, and suspension is not unloading."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest

from soleus.api import packaged
from soleus.catalogue.body import (
    LogRatioPrior,
    body_assay,
    body_entries,
    body_readout,
    body_signals,
    effect_prior,
    feedbacks,
    unit_effects,
)
from soleus.catalogue.body_entries import parse_body
from soleus.catalogue.folder import load_yaml
from soleus.catalogue.movement import activities, signals
from soleus.errors import CatalogueError, UnknownNameError, UnsupportedError
from soleus.movement import Regimen

NAMES = (
    "body_mass", "food_intake", "corticosterone", "soleus_mass", "oxygen_capacity", "resting_oxygen_use",
    "afferent_activity", "voluntary_movement",
)  # fmt: skip
DAYS = np.arange(0.0, 43.0)


def regimen(*spans):
    return Regimen.of("r", list(spans), activities=activities(packaged()), resting="free_ambulation")


UNLOADED = regimen(("hindlimb_unloading", 0.0, 42.0))
LOADED = regimen(("suspended_loaded", 0.0, 42.0))
FREE = regimen(("free_ambulation", 0.0, 42.0))
RELOADED = regimen(("hindlimb_unloading", 0.0, 14.0), ("reloading", 14.0, 42.0))


def ratio(name, plan, course=None, **options):
    return np.exp(body_readout(packaged(), name, course=course).log_change(plan, DAYS, **options))


def test_every_read_out_is_there():
    assert tuple(body_entries(packaged()).readouts) == NAMES


CASES = [
    (n, c, e)
    for n, entry in body_entries(packaged()).readouts.items()
    for c, m in entry.sets.items()
    for e in m[:1]
]


@pytest.mark.parametrize(("name", "course", "effect"), CASES)
def test_an_effect_gives_its_stated_log_ratio_at_its_reference(name, course, effect):
    entry = body_entries(packaged()).readouts[name].effects[effect]
    plan = regimen((entry.activity, 0.0, 42.0))
    found = body_readout(packaged(), name, course=course).log_change(plan, [entry.day])
    assert found[0] == pytest.approx(entry.median, rel=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_free_animals_are_normal(name):
    for course in body_entries(packaged()).readouts[name].sets:
        np.testing.assert_array_equal(ratio(name, FREE, course), 1.0)


@pytest.mark.parametrize("name", ["body_mass", "food_intake", "corticosterone"])
def test_hanging_with_loaded_legs_moves_mass_food_and_corticosterone_as_unloading_does(name):
    for course in body_entries(packaged()).readouts[name].sets:
        np.testing.assert_array_equal(ratio(name, LOADED, course), ratio(name, UNLOADED, course))
        assert np.abs(np.log(ratio(name, LOADED, course))).max() > 0.02


def test_hanging_with_loaded_legs_spares_the_soleus():
    np.testing.assert_array_equal(ratio("soleus_mass", LOADED), 1.0)


def test_the_soleus_wastes_and_recovers_as_published():
    found = ratio("soleus_mass", UNLOADED)
    assert found[7] == pytest.approx(0.729, abs=0.002)
    assert 0.55 <= found[42] <= 0.60
    np.testing.assert_allclose(found[21], 0.57, atol=0.07)
    back = ratio("soleus_mass", RELOADED)
    assert back[28] > 0.9 > back[18]


def test_mass_is_lowest_in_the_first_week_and_partly_regained():
    found = ratio("body_mass", UNLOADED, "regained")
    assert 3 <= int(np.argmin(found)) <= 7
    assert 0.90 <= found.min() <= 0.95
    assert found.min() + 0.01 < found[21] < 0.99
    lasting = ratio("body_mass", UNLOADED, "lasting")
    assert np.all(np.diff(lasting) < 0.0)


def test_corticosterone_is_early_or_sustained():
    early = ratio("corticosterone", UNLOADED, "early")
    assert min(early[1], early[3]) > 2.0
    assert early[2] > 3.0
    assert early[7] < 1.25
    assert early[30] == pytest.approx(1.0, abs=0.01)
    sustained = ratio("corticosterone", UNLOADED, "sustained")
    assert sustained[30] == pytest.approx(math.exp(0.35), rel=1e-9)
    assert sustained[7] > 1.3


def test_stress_does_not_turn_into_its_opposite_when_it_ends():
    for name in ("corticosterone", "food_intake", "body_mass"):
        for course in body_entries(packaged()).readouts[name].sets:
            sign = np.sign(np.log(ratio(name, UNLOADED, course)[2]))
            assert np.all(sign * np.log(ratio(name, RELOADED, course)) >= 0.0)


def test_food_falls_in_the_first_days_only_or_stays_changed():
    early = ratio("food_intake", UNLOADED, "early")
    assert early[1:4].max() < 0.9
    assert early[14] > 0.99
    assert ratio("food_intake", UNLOADED, "lasting")[28] < 0.97


def test_oxygen_rises_at_rest_and_falls_at_the_limit():
    assert ratio("resting_oxygen_use", UNLOADED, "hanging")[7] == pytest.approx(1.25, abs=0.005)
    assert ratio("oxygen_capacity", UNLOADED)[9] == pytest.approx(0.857 / 0.99, abs=0.005)


def test_wasting_lowers_movement_on_reloading_and_only_then():
    loops = {"signals": body_signals(packaged()), "feedbacks": feedbacks(packaged())}
    with_loop = ratio("voluntary_movement", RELOADED, **loops)
    without = ratio("voluntary_movement", RELOADED)
    np.testing.assert_array_equal(with_loop[:14], without[:14])
    assert with_loop[16] < 0.93 * without[16]
    assert np.all(np.diff(with_loop[16:]) > 0.0)
    np.testing.assert_array_equal(
        ratio("voluntary_movement", UNLOADED, **loops), ratio("voluntary_movement", UNLOADED)
    )
    # The muscle that does not feed on movement is as without.
    np.testing.assert_array_equal(ratio("soleus_mass", RELOADED, **loops), ratio("soleus_mass", RELOADED))


def test_baselines_are_those_of_the_animals_or_refused_with_words():
    male = {"species": "mouse", "sex": "male", "strain": "C57BL/6", "age_days": 122.0}
    assert body_readout(packaged(), "body_mass", **male).known_baseline() == 29.0
    assert body_readout(packaged(), "body_mass", **(male | {"sex": "female"})).known_baseline() == 22.5
    assert body_readout(packaged(), "soleus_mass", **male).unit == "mg"
    for other in (
        {"sex": None},
        {"strain": "BALB/c"},
        {"age_days": 700.0},
        {"species": "rat"},
        {"age_days": None},
    ):
        found = body_readout(packaged(), "body_mass", **(male | other))
        assert (found.unit, found.value_kind) == ("relative to normal", "level")
        with pytest.raises(UnsupportedError, match="no body mass of this species sex and age"):
            found.known_baseline()
    assert body_readout(packaged(), "food_intake", **male).unit == "g/day"
    assert body_readout(packaged(), "food_intake", species="rat").unit == "relative to normal"
    with pytest.raises(UnsupportedError, match="depend on hour handling and kit"):
        body_readout(packaged(), "corticosterone", **male).known_baseline()
    rat = body_readout(packaged(), "corticosterone", species="rat", age_days=40.0)
    assert (rat.known_baseline(), rat.unit) == (87.4, "ng/day")


def test_assays_take_the_catalogues_variation():
    assay = body_assay(packaged(), body_readout(packaged(), "body_mass"), days=(0.0, 7.0))
    assert (assay.name, assay.animal_cv, assay.error_cv) == ("body-mass", 0.08, 0.015)
    assert body_assay(packaged(), body_readout(packaged(), "soleus_mass"), name="legs").name == "legs"
    with pytest.raises(
        UnsupportedError, match="'soleus_mass' can only be measured when the animal is killed"
    ):
        body_assay(packaged(), body_readout(packaged(), "soleus_mass"), days=(0.0,))


def test_unknown_names_are_answered_with_the_list():
    with pytest.raises(
        UnknownNameError, match="unknown read-out of the body 'body_mas'. Did you mean 'body_mass'"
    ):
        body_readout(packaged(), "body_mas")
    with pytest.raises(
        UnknownNameError, match="unknown course of 'body_mass' 'lastng'. Did you mean 'lasting'"
    ):
        body_readout(packaged(), "body_mass", course="lastng")
    with pytest.raises(UnknownNameError, match="unknown effect on 'food_intake' 'late'"):
        effect_prior(packaged(), "food_intake", "late")


def test_priors_hold_what_they_state():
    prior = LogRatioPrior(-0.3, -0.9, 0.1)
    found = prior.quantile(np.array([0.05, 0.5, 0.95]))
    np.testing.assert_allclose(found, [-0.9, -0.3, 0.1], rtol=1e-12)
    down = LogRatioPrior(-0.3, -0.9, -0.01, "down").quantile(np.linspace(0.001, 0.999, 999))
    assert down.max() == 0.0
    up = LogRatioPrior(0.3, 0.01, 0.9, "up").quantile(np.linspace(0.001, 0.999, 999))
    assert up.min() == 0.0
    wide = LogRatioPrior.open_around_zero(0.4).quantile((np.arange(4001) + 0.5) / 4001)
    assert wide.std() == pytest.approx(0.4, rel=0.005)


def content():
    return copy.deepcopy(load_yaml(packaged(), "body.yaml"))


def parse(changed):
    return parse_body(
        packaged(), changed, signals=signals(packaged()), activities=activities(packaged()), file="body.yaml"
    )


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("readouts", "body_mass", "effects", "lasting", "signal"), "mas", "uses unknown signal 'mas'"),
        (("readouts", "body_mass", "effects", "lasting", "activity"), "hang", "uses unknown activity 'hang'"),
        (
            ("readouts", "body_mass", "effects", "lasting", "citation"),
            "no-one",
            "unknown citation 'no-one'",
        ),
        (("readouts", "body_mass", "effects", "lasting", "high"), 0.1, "sign 'down' contradicts the range"),
        (("readouts", "body_mass", "effects", "lasting", "median"), -0.3, "needs low < median < high"),
        (("readouts", "body_mass", "effects", "lasting", "day"), None, "reference activity and its day"),
        (
            ("readouts", "body_mass", "sets", "lasting"),
            ["regained"],
            "sets must use every effect and no other",
        ),
        (("readouts", "body_mass", "animal_cv", "high"), 0.06, "must lie in its range"),
        (("readouts", "body_mass", "animal_cv", "status"), "checked", "a checked number needs a citation"),
        (("readouts", "body_mass", "kind"), "x", "Extra inputs are not permitted"),
        (("feedbacks", "wasting-movement", "signal"), "mussel", "uses unknown signal 'mussel'"),
    ],
)
def test_a_broken_file_is_refused_by_place(path, value, message):
    changed = content()
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    with pytest.raises(CatalogueError, match=message):
        parse(changed)


def test_a_course_may_not_take_the_name_of_a_signal():
    changed = content()
    changed["courses"]["muscle"] = changed["courses"]["stress_early"]
    with pytest.raises(CatalogueError, match="course 'muscle' is already a signal"):
        parse(changed)
    with pytest.raises(CatalogueError, match="needs the sections courses, feedbacks, readouts"):
        parse({"courses": {}})


def test_a_reference_at_which_the_signal_is_normal_is_refused(catalogue_with):
    changed = content()
    changed["readouts"]["soleus_mass"]["effects"]["wasting"]["activity"] = "suspended_loaded"
    with pytest.raises(
        CatalogueError, match="'suspended_loaded' on day 7, where its signal 'muscle' is normal"
    ):
        unit_effects(catalogue_with({"body.yaml": changed}), "soleus_mass")
