"""Doses and bouts: ends exact, monotone and saturating between, refused outside; what came before day 0."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soleus.errors import InputError, ModelError, UnknownNameError
from soleus.movement import (
    Activity,
    BoutRule,
    DosedActivity,
    DosePart,
    Regimen,
    RegimenInterval,
    Signal,
    normal_level,
    with_bouts,
)

FREE = Activity("free", "free", {}, voluntary=True)
HANG = Activity("hang", "hanging", {"load": 0.0, "movement": 0.5, "suspension": 1.0})
RUN = Activity("run", "wheel", {"load": 1.5, "movement": 3.0}, voluntary=True)
STAND = Activity("stand", "standing", {"load": 1.0, "movement": 0.5})
DISTANCE = DosePart("distance", "distance run", "km/day", 0.0, 20.0, 6.0, "saturating", scale=4.0)
SPEED = DosePart("speed", "belt speed", "m/min", 0.0, 30.0, 12.0, "hill", scale=10.0, power=2.0)
SHARE = DosePart("share", "share", "1", 0.0, 1.0, 0.4, "linear")
MINUTES = DosePart("minutes", "minutes", "min/day", 0.0, 240.0, 60.0, "saturating", scale=45.0)
WHEEL = DosedActivity(RUN, FREE, (DISTANCE,))
BELT = DosedActivity(RUN, FREE, (SPEED, MINUTES))
RULE = BoutRule(120.0)


@pytest.mark.parametrize("part", [DISTANCE, SPEED, SHARE, MINUTES], ids=lambda p: p.name)
def test_effect_is_0_without_and_1_at_the_reference_and_rises(part):
    assert part.effect(0.0) == 0.0
    assert part.effect(part.reference) == 1.0
    doses = np.linspace(0.0, part.most, 60)
    effects = np.array([part.effect(d) for d in doses])
    assert np.all(np.diff(effects) > 0.0)
    half = part.effect(0.5 * part.most) / part.effect(part.most)
    if part.shape == "linear":
        np.testing.assert_allclose(effects, doses / part.reference, rtol=1e-12)
    else:
        assert half > 0.75


def test_curves_by_hand():
    assert DISTANCE.effect(4.0) == pytest.approx((1 - np.exp(-1.0)) / (1 - np.exp(-1.5)), rel=1e-12)
    assert SPEED.effect(10.0) == pytest.approx(0.5 / (144.0 / 244.0), rel=1e-12)
    # Saturating: every further kilometre adds less.
    steps = np.diff([DISTANCE.effect(d) for d in range(21)])
    assert np.all(np.diff(steps) < 0.0)


def test_a_dose_moves_every_drive_between_none_and_reference():
    assert WHEEL.at(0.0).drives == {"load": 1.0, "movement": 1.0}
    assert WHEEL.at(6.0).drives == RUN.drives
    some = WHEEL.at(2.0)
    assert some.drives["movement"] == pytest.approx(1.0 + 2.0 * DISTANCE.effect(2.0), rel=1e-12)
    assert (some.name, some.voluntary, some.label) == ("run", True, "wheel, 2 km/day")
    harness = DosedActivity(Activity("h", "harness", {"load": 0.4, "suspension": 1.0}), HANG, (SHARE,))
    assert harness.at(0.7).drives["load"] == pytest.approx(0.7, rel=1e-12)
    assert harness.at(0.7).drives["suspension"] == 1.0
    assert harness.at(0.7).label == "harness, share 0.7"


def test_parts_of_a_dose_multiply():
    assert BELT.at({"speed": 0.0}).drives == {"load": 1.0, "movement": 1.0}
    assert BELT.at({"minutes": 0.0}).drives == {"load": 1.0, "movement": 1.0}
    both = BELT.at({"speed": 20.0, "minutes": 30.0}).drives["load"]
    assert both == pytest.approx(1.0 + 0.5 * SPEED.effect(20.0) * MINUTES.effect(30.0), rel=1e-12)
    assert WHEEL.scaled(8.0, 0.5) == {"distance": 4.0}


@pytest.mark.parametrize("dose", [-1.0, 20.5, float("nan"), float("inf")])
def test_a_dose_outside_its_range_is_refused(dose):
    with pytest.raises(InputError, match=r"distance run must lie in \[0, 20\] km/day"):
        WHEEL.at(dose)


def test_what_cannot_be_a_dose_is_refused():
    with pytest.raises(InputError, match="several parts, speed .* minutes"):
        BELT.at(12.0)
    with pytest.raises(UnknownNameError, match="Did you mean 'minutes'"):
        BELT.at({"minute": 3.0})
    with pytest.raises(ModelError, match="reference"):
        DosePart("d", "d", "km/day", 0.0, 5.0, 6.0, "linear")
    with pytest.raises(ModelError, match="shape"):
        DosePart("d", "d", "km/day", 0.0, 5.0, 2.0, "step")  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="scale"):
        DosePart("d", "d", "km/day", 0.0, 5.0, 2.0, "saturating", scale=0.0)
    with pytest.raises(ModelError, match="at least one part"):
        DosedActivity(RUN, FREE, ())


def test_a_bout_of_no_time_and_of_the_whole_day():
    assert with_bouts(HANG, STAND, minutes_per_day=0.0, rule=RULE).drives == HANG.drives
    whole = with_bouts(HANG, STAND, minutes_per_day=1440.0, rule=RULE).drives
    assert whole == {"load": 1.0, "movement": 0.5, "suspension": 0.0}
    hour = with_bouts(HANG, STAND, minutes_per_day=60.0, rule=RULE)
    expected = (1 - np.exp(-0.5)) / (1 - np.exp(-12.0))
    assert hour.drives["load"] == pytest.approx(expected, rel=1e-12)
    assert hour.drives["suspension"] == pytest.approx(1.0 - 60.0 / 1440.0, rel=1e-12)
    assert hour.name == "hang" and "60 min/day standing" in hour.label and not hour.voluntary


@settings(deadline=None, max_examples=60)
@given(
    a=st.floats(0.0, 1440.0), b=st.floats(0.0, 1440.0), scale=st.floats(5.0, 1000.0), drive=st.sampled_from(
        ["load", "suspension", "isolation"]
    )
)  # fmt: skip
def test_longer_bouts_weigh_more_and_out_of_proportion(a, b, scale, drive):
    rule, low, high = BoutRule(scale), min(a, b), max(a, b)
    first, second = rule.weight(drive, low), rule.weight(drive, high)
    assert 0.0 <= first <= second <= 1.0
    share = low / 1440.0
    if drive == "load":
        assert first >= share * (1.0 - 1e-12)
    else:
        assert first == share


@pytest.mark.parametrize("minutes", [-1.0, 1441.0, float("nan")])
def test_a_day_has_1440_minutes(minutes):
    with pytest.raises(InputError, match="1440"):
        with_bouts(HANG, STAND, minutes_per_day=minutes, rule=RULE)
    with pytest.raises(ModelError, match="scale_minutes"):
        BoutRule(0.0)


def test_who_has_lived_alone_is_used_to_it():
    """A life before day 0 that is not normal has settled in every signal; leaving it is the change."""
    alone = FREE.housed_alone()
    assert alone.drives == {"isolation": 1.0} and alone.voluntary
    still = Regimen("still", (RegimenInterval(alone, 0.0, 10.0),), alone)
    lag = Signal("isolation", "isolation", "isolation", 0.0, 1.0)
    adapting = Signal("a", "a", "isolation", 0.0, 0.5, adaptation_tau_days=4.0, adapted_fraction=0.8)
    days = np.linspace(-30.0, 10.0, 41)
    np.testing.assert_allclose(lag.course(still)(days), 1.0, rtol=1e-12)
    np.testing.assert_allclose(adapting.course(still)(days), 0.2, rtol=1e-12)
    joined = Regimen("joined", (RegimenInterval(FREE, 0.0, 10.0),), alone)
    after = days[days >= 0.0]
    np.testing.assert_allclose(lag.course(joined)(after), np.exp(-after), rtol=1e-9)
    # Nothing is put before a life that was normal.
    starts, levels = Regimen("r", (RegimenInterval(HANG, 0.0, 5.0),), FREE).levels("load", normal=1.0)
    assert (starts.tolist(), levels.tolist()) == ([0.0], [0.0])


def test_a_regimen_can_last_longer():
    plan = Regimen("r", (RegimenInterval(HANG, 0.0, 5.0), RegimenInterval(FREE, 5.0, 9.0)), FREE)
    assert plan.until(20.0).end_day == 20.0
    assert plan.until(20.0).intervals[0] == plan.intervals[0]
    with pytest.raises(ModelError, match="must end after day 5"):
        plan.until(4.0)


def test_normal_levels():
    assert [normal_level(d) for d in ("load", "exertion", "suspension", "isolation")] == [1.0, 1.0, 0.0, 0.0]
