"""Signals that return at their own pace, and the way back from a signal to voluntary drives."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from soleus.api import packaged
from soleus.catalogue import body, movement
from soleus.catalogue.studies import load_study
from soleus.errors import ModelError, UnknownNameError
from soleus.movement import Activity, Feedback, Regimen, Signal, signal_courses

FREE = Activity("free", "free", {}, voluntary=True)
HANG = Activity("hang", "unloaded", {"load": 0.4, "movement": 0.5})
RUN = Activity("run", "wheel", {"load": 1.5, "movement": 3.0}, voluntary=True)
FORCED = Activity("forced", "treadmill", {"movement": 2.0})
KNOWN = {a.name: a for a in (FREE, HANG, RUN, FORCED)}
MUSCLE = Signal("muscle", "muscle", "load", 1.0, 6.0)
SIGNALS = {
    "muscle": MUSCLE,
    "lactate": Signal("lactate", "lactate", "movement", 1.0, 0.1),
    "habit": Signal("habit", "habit", "movement", 1.0, 0.5, 4.0, 0.8),
    "trophic": Signal("trophic", "trophic", "load", 1.0, 3.0),
}
WASTING = Feedback("wasting", "wasting", "muscle", "movement", 0.7)
LOADING = Feedback("loading", "loading", "muscle", "load", 0.4)
DAYS = np.linspace(-1.0, 32.0, 167)


def regimen(*spans):
    return Regimen.of("r", list(spans), activities=KNOWN, resting="free")


RELOADED = regimen(("hang", 0.0, 10.0), ("free", 10.0, 30.0))


# --- the pace of return


def test_a_signal_returns_at_its_own_pace():
    signal = Signal("s", "s", "load", 1.0, 2.0, return_tau_days=9.0)
    plan = regimen(("hang", 0.0, 5.0), ("free", 5.0, 12.0), ("hang", 12.0, 13.0), ("free", 13.0, 40.0))
    course = signal.course(plan)
    lowest = -0.6 * -np.expm1(-5.0 / 2.0)
    np.testing.assert_allclose(course.deviation(np.array([5.0])), lowest, rtol=1e-13)
    back = lowest * np.exp(-7.0 / 9.0)
    again = -0.6 + (back + 0.6) * np.exp(-1.0 / 2.0)
    np.testing.assert_allclose(course.deviation(np.array([12.0])), back, rtol=1e-13)
    np.testing.assert_allclose(course.deviation(np.array([13.0])), again, rtol=1e-13)
    np.testing.assert_allclose(course.deviation(np.array([31.0])), again * np.exp(-2.0), rtol=1e-13)


def test_the_default_pace_of_return_is_that_of_loss_bit_by_bit():
    plan = regimen(("hang", 0.0, 5.0), ("free", 5.0, 12.0), ("run", 12.0, 30.0))
    plain = Signal("s", "s", "load", 1.0, 2.0).course(plan).deviation(DAYS)
    same = Signal("s", "s", "load", 1.0, 2.0, return_tau_days=2.0).course(plan).deviation(DAYS)
    np.testing.assert_array_equal(plain, same)


def test_intrinsic_states_stay_or_fade_with_a_half_life_of_a_week():
    plan = Regimen.of(
        "r",
        [("hindlimb_unloading", 0.0, 14.0), ("free_ambulation", 14.0, 60.0)],
        activities=movement.activities(packaged()),
        resting="free_ambulation",
    )
    days = np.array([14.0, 21.0, 50.0])
    stays = movement.signals(packaged())["intrinsic"].course(plan).deviation(days)
    fades = movement.signals(packaged())["intrinsic_fading"].course(plan).deviation(days)
    assert stays[0] == fades[0] < -0.7
    np.testing.assert_allclose(stays[2] / stays[0], 1.0, atol=0.005)
    np.testing.assert_allclose(fades[1] / fades[0], 0.5, atol=0.001)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"return_tau_days": 0.0}, "return_tau_days must be finite and above 0, got 0"),
        ({"return_tau_days": float("inf")}, "a very long one stands for what does not return"),
        ({"return_tau_days": 1.0, "adaptation_tau_days": 3.0}, "give return_tau_days or adaptation_tau_days"),
    ],
)
def test_returns_that_cannot_be_are_refused(changes, message):
    with pytest.raises(ModelError, match=message):
        Signal("s", "s", "load", 1.0, 1.0, **changes)


# --- the way back


def values(courses):
    return {name: course.deviation(DAYS) for name, course in courses.items()}


@pytest.mark.parametrize(
    "feedbacks",
    [
        (),
        (Feedback("f", "f", "muscle", "movement", 0.7, on=False),),
        (Feedback("f", "f", "muscle", "load", 0.0),),
    ],
)
def test_without_feedback_each_course_is_the_signals_own_bit_by_bit(feedbacks):
    courses = signal_courses(SIGNALS, RELOADED, feedbacks)
    for name, signal in SIGNALS.items():
        own = signal.course(RELOADED)
        np.testing.assert_array_equal(courses[name].starts, own.starts)
        np.testing.assert_array_equal(courses[name].deviation(DAYS), own.deviation(DAYS))


@pytest.mark.parametrize(
    "plan",
    [
        regimen(("hang", 0.0, 30.0)),
        regimen(("free", 0.0, 30.0)),
        regimen(("run", 0.0, 30.0)),
        regimen(("hang", 0.0, 10.0), ("forced", 10.0, 30.0)),
        regimen(("free", 0.0, 10.0), ("hang", 10.0, 30.0)),
    ],
)
def test_nothing_changes_where_nothing_voluntary_follows_a_loss(plan):
    courses = signal_courses(SIGNALS, plan, (WASTING, LOADING))
    for name, signal in SIGNALS.items():
        own = signal.course(plan)
        np.testing.assert_array_equal(courses[name].starts, own.starts)
        np.testing.assert_array_equal(courses[name].deviation(DAYS), own.deviation(DAYS))


def test_leg_day_is_the_same_with_and_without_the_way_back():
    study = load_study(packaged(), "leg-day")
    for group in study.groups:
        courses = signal_courses(study.signals, group.regimen, body.feedbacks(packaged()))
        for name, signal in study.signals.items():
            np.testing.assert_array_equal(
                courses[name].deviation(DAYS), signal.course(group.regimen).deviation(DAYS)
            )


def test_signals_of_other_drives_are_left_alone():
    courses = signal_courses(SIGNALS, RELOADED, (WASTING,))
    for name in ("muscle", "trophic"):
        np.testing.assert_array_equal(
            courses[name].deviation(DAYS), SIGNALS[name].course(RELOADED).deviation(DAYS)
        )
    assert np.any(courses["lactate"].deviation(DAYS) != SIGNALS["lactate"].course(RELOADED).deviation(DAYS))


def solved(feedbacks, days) -> dict[str, np.ndarray]:
    """Return muscle and a fast signal of movement by an adaptive solver, the feedback being continuous."""

    def slope(t, y):
        activity = RELOADED.activity_at(t)
        drives = {d: activity.drives.get(d, 1.0) for d in ("load", "movement")}
        if activity.voluntary:
            for f in feedbacks:
                drives[f.drive] *= min(1.0, y[0]) ** f.elasticity
        return [(drives["load"] - y[0]) / 6.0, (drives["movement"] - y[1]) / 0.1]

    options = {"method": "LSODA", "rtol": 1e-10, "atol": 1e-12}
    first = solve_ivp(slope, (0.0, 10.0 - 1e-12), [1.0, 1.0], **options)
    found = solve_ivp(slope, (10.0, 30.0), first.y[:, -1], t_eval=days, **options)
    return {"muscle": found.y[0] - 1.0, "lactate": found.y[1] - 1.0}


@pytest.mark.parametrize("feedbacks", [(WASTING,), (WASTING, LOADING)])
def test_the_grid_converges_to_the_continuous_feedback_with_the_square_of_its_step(feedbacks):
    days = np.array([11.0, 12.0, 16.0, 20.0, 29.0])
    truth = solved(feedbacks, days)
    errors = []
    for step in (1.0, 0.5, 0.25, 0.125):
        courses = signal_courses(SIGNALS, RELOADED, feedbacks, step_days=step)
        errors.append(np.abs(courses["muscle"].deviation(days) - truth["muscle"]).max())
    if len(feedbacks) == 1:
        assert max(errors) < 1e-9
    else:
        # Halving the step quarters the error of the muscle that loads itself.
        assert errors[2] < 2.5e-5
        assert 3.2 < errors[1] / errors[2] < 4.8
        assert 3.2 < errors[2] / errors[3] < 4.8


def test_movement_follows_the_muscle_within_a_step():
    days = 10.0 + 0.25 * np.arange(2, 79) + 0.125
    courses = signal_courses(SIGNALS, RELOADED, (WASTING,))
    truth = solved((WASTING,), days)
    # In the middle of a step the fast signal is that of the continuous feedback, but for its own lag.
    assert np.abs(courses["lactate"].deviation(days) - truth["lactate"]).max() < 4e-3
    muscle = 1.0 + MUSCLE.course(RELOADED).deviation(days)
    wanted = muscle**0.7 - 1.0
    assert np.abs(courses["lactate"].deviation(days) - wanted).max() < 8e-3
    assert wanted[0] < -0.2


def test_a_stronger_feedback_moves_less_and_heals_later():
    by_elasticity = [
        signal_courses(
            SIGNALS,
            RELOADED,
            (Feedback("f", "f", "muscle", "movement", e), Feedback("l", "l", "muscle", "load", e / 3)),
        )
        for e in (0.3, 0.9)
    ]
    day = np.array([14.0, 20.0])
    weak, strong = ({n: c.deviation(day) for n, c in one.items()} for one in by_elasticity)
    assert np.all(strong["lactate"] < weak["lactate"])
    assert np.all(strong["muscle"] < weak["muscle"])
    assert np.all(weak["muscle"] < MUSCLE.course(RELOADED).deviation(day))


def test_an_adapting_signal_keeps_both_its_lags_under_feedback():
    fine = signal_courses(SIGNALS, RELOADED, (WASTING,), step_days=0.01)["habit"].deviation(DAYS)
    usual = signal_courses(SIGNALS, RELOADED, (WASTING,))["habit"].deviation(DAYS)
    np.testing.assert_allclose(usual, fine, atol=1e-3)
    assert np.abs(fine - SIGNALS["habit"].course(RELOADED).deviation(DAYS)).max() > 0.05


def test_what_returns_slowly_does_so_although_it_is_not_loaded_quite_normally():
    slow = {"muscle": Signal("muscle", "muscle", "load", 1.0, 6.0, return_tau_days=15.0)}
    day = np.array([25.0])
    with_loop = signal_courses(slow, RELOADED, (Feedback("f", "f", "muscle", "load", 0.01),))[
        "muscle"
    ].deviation(day)
    np.testing.assert_allclose(with_loop, slow["muscle"].course(RELOADED).deviation(day), rtol=0.03)


def test_feedbacks_that_cannot_be_are_refused():
    with pytest.raises(ModelError, match="elasticity must be finite and at least 0, got -0.1"):
        Feedback("f", "f", "muscle", "movement", -0.1)
    with pytest.raises(UnknownNameError, match="signal of feedback 'f' 'muscel'. Did you mean 'muscle'"):
        signal_courses(SIGNALS, RELOADED, (Feedback("f", "f", "muscel", "movement", 1.0),))
    stress = {"stress": Signal("stress", "stress", "suspension", 0.0, 1.0)}
    with pytest.raises(ModelError, match="normal level above 0; 'stress' has 0"):
        signal_courses(stress, RELOADED, (Feedback("f", "f", "stress", "movement", 1.0),))
    with pytest.raises(ModelError, match="step_days must be finite and above 0, got 0"):
        signal_courses(SIGNALS, RELOADED, (WASTING,), step_days=0.0)
