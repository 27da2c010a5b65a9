"""Activities, doses and bouts of the catalogue, and regimens as study files state them."""

from __future__ import annotations

import itertools

import pytest

from soleus.api import packaged
from soleus.catalogue.movement import activities, dosed, findings, movement_entries, regimen, signals
from soleus.catalogue.movement_doses import DoseEntry, Number
from soleus.errors import InputError, ModelError, UnknownNameError
from soleus.movement import normal_level

SPAN = {"activity": "wheel_running", "from": 0, "to": 28, "dose": 5}


def labels(spans, **more):
    return [
        (i.activity.label, i.start_day, i.end_day) for i in regimen(packaged(), "g", spans, **more).intervals
    ]


def test_the_drives_that_stored_results_rest_on():
    known = activities(packaged())
    assert known["free_ambulation"].drives == {}
    assert known["hindlimb_unloading"].drives == {
        "load": 0.0, "muscle_activity": 0.39, "muscle_loading": 0.55, "oxygen_demand": 0.8, "movement": 0.5,
        "exertion": 0.5, "suspension": 1.0,
    }  # fmt: skip


def test_every_activity_of_the_account_is_there():
    wanted = {
        "free_ambulation", "hindlimb_unloading", "suspended_loaded", "partial_weight_bearing",
        "wheel_running", "treadmill", "resistance_ladder", "high_intensity_intervals",
        "reloading", "limb_standing",
    }  # fmt: skip
    assert wanted <= set(activities(packaged()))
    own_will = {name for name in wanted if activities(packaged())[name].voluntary}
    assert own_will == {"free_ambulation", "wheel_running", "reloading"}


def test_effort_rises_from_unloading_to_intervals():
    effort = [
        activities(packaged())[name].drives.get("exertion", 1.0)
        for name in (
            "hindlimb_unloading", "free_ambulation", "wheel_running", "treadmill", "high_intensity_intervals"
        )
    ]  # fmt: skip
    assert all(a < b for a, b in itertools.pairwise(effort))


def test_signals_are_normal_where_drives_are():
    for signal in signals(packaged()).values():
        assert signal.normal == normal_level(signal.drive), signal.name


@pytest.mark.parametrize("name", sorted(movement_entries(packaged()).doses))
def test_a_dose_gives_the_listed_drives_at_its_reference_and_none_at_0(name):
    found = dosed(packaged(), name)
    reference = {p.name: p.reference for p in found.parts}
    for drive, level in found.at(reference).drives.items():
        assert level == found.activity.drives.get(drive, normal_level(drive)), drive
    for part in found.parts:
        for drive, level in found.at({**reference, part.name: 0.0}).drives.items():
            assert level == found.without.drives.get(drive, normal_level(drive)), drive
        # No dose that is allowed is one that no activity can be.
        found.at({**reference, part.name: part.most})


def test_bearing_the_whole_weight_in_a_harness_is_hanging_but_loaded():
    whole, hanging = (
        dosed(packaged(), "partial_weight_bearing").at(1.0).drives,
        activities(packaged())["suspended_loaded"].drives,
    )
    for drive, level in whole.items():
        assert level == pytest.approx(hanging.get(drive, normal_level(drive)), rel=1e-12), drive
    assert dosed(packaged(), "partial_weight_bearing").at(0.55).drives["load"] == pytest.approx(
        0.55, rel=1e-12
    )


def test_every_number_of_a_dose_has_range_reason_and_status():
    count = 0
    for entry in movement_entries(packaged()).doses.values():
        for name, number in entry.numbers().items():
            assert number.low < number.high and len(number.reason) >= 10, name
            count += 1
    assert count >= 15
    scale = movement_entries(packaged()).bouts.scale
    assert scale.low < scale.value < scale.high and scale.status == "provisional"
    wheel = movement_entries(packaged()).doses["wheel_running"]
    assert wheel.typical["female"].value > wheel.typical["male"].value
    assert wheel.onset is not None and wheel.onset.share.status == "checked"


def test_what_studies_saw_stands_as_it_is():
    assert findings(packaged(), "resistance_ladder")["dg"].result == "no change"
    assert findings(packaged(), "resistance_ladder")["dg"].species == "rat"
    assert "svz" not in findings(packaged(), "resistance_ladder")
    assert not findings(packaged(), "partial_weight_bearing")
    assert findings(packaged(), "high_intensity_intervals")["svz"].result == "up"
    assert findings(packaged(), "wheel_running")["svz"].result == "no change"
    with pytest.raises(UnknownNameError, match="unknown activity"):
        findings(packaged(), "wheel")


def test_both_grammars():
    assert labels([["hindlimb_unloading", 0, 14], ["reloading", 14, 28]]) == [
        ("hind limbs unloaded", 0.0, 14.0),
        ("reloaded", 14.0, 28.0),
    ]
    assert labels([{"activity": "hindlimb_unloading", "from": 0, "to": 14}, ("reloading", 14, 28)]) == [
        ("hind limbs unloaded", 0.0, 14.0),
        ("reloaded", 14.0, 28.0),
    ]


def test_a_new_runner_runs_half_as_far_at_first():
    assert labels([SPAN]) == [
        ("voluntary wheel, 2.5 km/day", 0.0, 5.0),
        ("voluntary wheel, 5 km/day", 5.0, 28.0),
    ]
    assert labels([{**SPAN, "onset": False}]) == [("voluntary wheel, 5 km/day", 0.0, 28.0)]
    assert labels([{**SPAN, "to": 3}]) == [("voluntary wheel, 2.5 km/day", 0.0, 3.0)]
    assert labels([{**SPAN, "to": 5}]) == [("voluntary wheel, 2.5 km/day", 0.0, 5.0)]
    treadmill = {"activity": "treadmill", "from": 0, "to": 9, "dose": {"speed": 10, "minutes": 30}}
    assert labels([treadmill]) == [("treadmill, 10 m/min, 30 min/day", 0.0, 9.0)]


def test_bouts_inside_unloading():
    bouts = {"activity": "limb_standing", "minutes_per_day": 60}
    (one,) = regimen(
        packaged(), "g", [{"activity": "hindlimb_unloading", "from": 0, "to": 7, "bouts": bouts}]
    ).intervals
    unloaded = activities(packaged())["hindlimb_unloading"].drives
    assert 60 / 1440 < one.activity.drives["load"] < 1.0
    assert one.activity.drives["suspension"] == pytest.approx(1.0 - 60 / 1440, rel=1e-12)
    # Standing gives load and nothing of walking.
    for drive in ("movement", "exertion", "oxygen_demand"):
        assert one.activity.drives[drive] == pytest.approx(unloaded[drive], rel=1e-12)


def test_housing():
    alone = regimen(packaged(), "g", [["hindlimb_unloading", 0, 7], SPAN | {"from": 7}], housing="single")
    assert all(i.activity.drives["isolation"] == 1.0 for i in alone.intervals)
    assert alone.resting.drives == {"isolation": 1.0} and alone.resting.name == "free_ambulation"
    for housing in ("group", "pair", None):
        together = regimen(packaged(), "g", [["hindlimb_unloading", 0, 7]], housing=housing)
        assert together.resting.drives == {}
        assert "isolation" not in together.intervals[0].activity.drives


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (["wheel", 0, 3], "regimen 'g': unknown activity 'wheel'.*wheel_running"),
        (["wheel_running", 0], "is \\[activity, first day, last day\\]"),
        ("wheel_running", "is \\[activity, first day, last day\\]"),
        ({**SPAN, "dose": 60}, "regimen 'g': distance run must lie in \\[0, 20\\] km/day, got 60"),
        ({**SPAN, "activity": "reloading"}, "unknown activity with doses 'reloading'"),
        ({**SPAN, "activity": "treadmill"}, "several parts"),
        ({**SPAN, "doze": 3}, "doze"),
        ({**SPAN, "bouts": {"activity": "limb_standing", "minutes_per_day": 2000}}, "1440"),
        ({**SPAN, "bouts": {"activity": "standing", "minutes_per_day": 20}}, "unknown activity 'standing'"),
        ({"activity": "reloading", "from": 0}, "to: field required"),
        (["reloading", 0, float("nan")], "finite|end after"),
    ],
)
def test_what_is_no_span_is_refused_in_words(span, words):
    with pytest.raises(InputError, match=words):
        regimen(packaged(), "g", [span])


def test_gaps_and_unknown_housing_are_refused():
    with pytest.raises(ModelError, match="without gap or overlap"):
        regimen(packaged(), "g", [["reloading", 0, 3], ["reloading", 4, 5]])
    with pytest.raises(ModelError, match="must end after"):
        regimen(packaged(), "g", [SPAN | {"to": 0}])
    with pytest.raises(UnknownNameError, match="unknown housing 'alone'"):
        regimen(packaged(), "g", [SPAN], housing="alone")


def test_a_malformed_dose_entry_is_refused():
    number = {"value": 1.0, "unit": "km/day", "low": 0.5, "high": 2.0, "reason": "long enough"}
    part = {"label": "d", "unit": "km/day", "least": 0, "most": 3, "shape": "saturating", "reference": number}
    with pytest.raises(ValueError, match="has a scale"):
        DoseEntry.model_validate({"activity": "a", "without": "b", "parts": {"d": part}})
    with pytest.raises(ValueError, match="the scale is in m"):
        other = part | {"scale": number | {"unit": "m"}}
        DoseEntry.model_validate({"activity": "a", "without": "b", "parts": {"d": other}})
    with pytest.raises(ValueError, match="must lie in its range"):
        Number.model_validate(number | {"value": 3.0})
    with pytest.raises(ValueError, match="needs a citation"):
        Number.model_validate(number | {"status": "checked"})


@pytest.mark.parametrize("name", sorted(movement_entries(packaged()).doses))
def test_drives_saturate_where_the_dose_says_so(name):
    """Half of the highest dose gives half of the drive in a straight line, and most of it else."""
    found = dosed(packaged(), name)
    reference = {p.name: p.reference for p in found.parts}
    for part in found.parts:
        half = found.at({**reference, part.name: 0.5 * part.most}).drives
        full = found.at({**reference, part.name: part.most}).drives
        for drive, level in full.items():
            none = found.without.drives.get(drive, normal_level(drive))
            if level != none:
                share = (half[drive] - none) / (level - none)
                expected = pytest.approx(0.5, rel=1e-9) if part.shape == "linear" else share
                assert share == expected and (part.shape == "linear" or share > 0.65), (part.name, drive)
