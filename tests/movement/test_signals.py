"""Signals in closed form against an ODE solver; regimens without gap; adapting signals peak and fade."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from soleus.errors import ModelError, UnknownNameError
from soleus.movement import Activity, Regimen, RegimenInterval, Signal

REST = Activity("free", "free", {})
HANG = Activity("hang", "unloaded", {"load": 0.1, "stress": 1.0})
RUN = Activity("run", "wheel", {"load": 1.6, "movement": 2.0})
KNOWN = {a.name: a for a in (REST, HANG, RUN)}


def regimen(*spans):
    return Regimen.of("r", list(spans), activities=KNOWN, resting="free")


SPANS = regimen(("hang", 0.0, 4.0), ("free", 4.0, 5.5), ("run", 5.5, 9.0), ("hang", 9.0, 12.0))
DAYS = np.linspace(-2.0, 14.0, 97)


def integrate(signal: Signal, plan: Regimen, days: np.ndarray, tau: float) -> np.ndarray:
    """Return the lag of the drive's deviation by an adaptive solver, from rest at the first start."""
    edges = [*plan.change_days, max(plan.end_day, days[-1])]
    level, found = 0.0, np.zeros(len(days))
    for start, end in zip(edges[:-1], edges[1:], strict=True):
        target = plan.activity_at(start).drives.get(signal.drive, signal.normal) - signal.normal
        inside = (days >= start) & (days <= end)
        solution = solve_ivp(
            lambda t, s, target=target: (target - s) / tau,
            (start, end),
            [level],
            t_eval=np.append(days[inside], end) if not np.any(days[inside] == end) else days[inside],
            method="DOP853",
            rtol=1e-11,
            atol=1e-13,
        )
        found[inside] = solution.y[0, : inside.sum()]
        level = solution.y[0, -1]
    return found


@pytest.mark.parametrize("drive", ["load", "stress", "movement"])
@pytest.mark.parametrize("tau", [0.05, 1.0, 7.0])
def test_lag_is_the_solution_of_its_equation(drive, tau):
    signal = Signal("s", "s", drive, normal=0.0 if drive == "stress" else 1.0, tau_days=tau)
    course = signal.course(SPANS)
    np.testing.assert_allclose(
        course.deviation(DAYS), integrate(signal, SPANS, DAYS, tau), rtol=1e-8, atol=1e-10
    )
    np.testing.assert_allclose(course(DAYS), signal.normal + course.deviation(DAYS), rtol=1e-14)
    np.testing.assert_array_equal(course.deviation(DAYS[DAYS <= 0.0]), 0.0)


def test_adapting_signal_is_the_difference_of_two_lags():
    signal = Signal("s", "s", "load", 1.0, 0.5, adaptation_tau_days=6.0, adapted_fraction=0.7)
    wanted = integrate(signal, SPANS, DAYS, 0.5) - 0.7 * integrate(signal, SPANS, DAYS, 6.0)
    np.testing.assert_allclose(signal.course(SPANS).deviation(DAYS), wanted, rtol=1e-8, atol=1e-10)


def test_adapting_signal_peaks_early_and_fades():
    fast, slow = 0.5, 5.0
    plan = regimen(("hang", 0.0, 200.0))
    days = np.linspace(0.0, 200.0, 20001)
    found = Signal("s", "s", "stress", 0.0, fast, adaptation_tau_days=slow).course(plan).deviation(days)
    peak = np.log(slow / fast) * fast * slow / (slow - fast)
    assert abs(days[np.argmax(found)] - peak) < 0.02
    np.testing.assert_allclose(found.max(), np.exp(-peak / slow) - np.exp(-peak / fast), rtol=1e-5)
    assert abs(found[-1]) < 1e-12
    partly = Signal("s", "s", "stress", 0.0, fast, adaptation_tau_days=slow, adapted_fraction=0.6)
    np.testing.assert_allclose(partly.course(plan).deviation(days)[-1], 0.4, rtol=1e-9)


def test_the_first_minutes_are_exact():
    course = Signal("s", "s", "stress", 0.0, tau_days=100.0).course(regimen(("hang", 0.0, 4.0)))
    np.testing.assert_allclose(course(np.array([1e-12])), 1e-14, rtol=1e-9)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tau_days": 0.0}, "'s': tau_days must be above 0, got 0.0"),
        ({"tau_days": -1.0}, "tau_days must be above 0"),
        ({"tau_days": float("nan")}, "tau_days must be above 0"),
        ({"adaptation_tau_days": 1.0}, r"adaptation_tau_days must be above tau_days \(1\), got 1.0"),
        ({"adaptation_tau_days": 3.0, "adapted_fraction": 1.2}, r"adapted_fraction must lie in \[0, 1\]"),
        ({"adaptation_tau_days": 3.0, "adapted_fraction": -0.1}, r"adapted_fraction must lie in \[0, 1\]"),
    ],
)
def test_signals_that_cannot_be_are_refused(changes, message):
    with pytest.raises(ModelError, match=message):
        Signal(**({"name": "s", "label": "s", "drive": "load", "normal": 1.0, "tau_days": 1.0} | changes))


@pytest.mark.parametrize(
    ("spans", "message"),
    [
        ([], "regimen 'r' has no interval; give at least one"),
        ([("hang", 0, 4), ("free", 5, 6)], "'free' starts on day 5, the interval before ends on day 4"),
        ([("hang", 0, 4), ("free", 3, 6)], "'free' starts on day 3, .* without gap or overlap"),
        ([("hang", 0, 0)], "'hang' must end after day 0, got 0"),
        ([("hang", 2, 1)], "'hang' must end after day 2, got 1"),
    ],
)
def test_regimens_with_gaps_are_refused(spans, message):
    with pytest.raises(ModelError, match=message):
        regimen(*spans)


def test_unknown_activities_are_answered_with_the_list():
    with pytest.raises(
        UnknownNameError, match="unknown activity 'hangs'. Did you mean 'hang'.*Known: free, hang, run"
    ):
        regimen(("hangs", 0, 1))
    with pytest.raises(UnknownNameError, match="unknown activity 'sleep'"):
        Regimen.of("r", [("hang", 0, 1)], activities=KNOWN, resting="sleep")


@pytest.mark.parametrize("level", [-0.1, float("nan"), float("inf")])
def test_drives_that_cannot_be_are_refused(level):
    with pytest.raises(ModelError, match="activity 'x': drive 'load' must be finite and at least 0"):
        Activity("x", "x", {"load": level})


def test_what_the_animal_does_on_a_day():
    assert [SPANS.activity_at(d).name for d in (-1.0, 0.0, 3.999, 4.0, 5.5, 11.9)] == [
        "free", "hang", "hang", "free", "run", "hang",
    ]  # fmt: skip
    assert (SPANS.change_days, SPANS.end_day) == ((0.0, 4.0, 5.5, 9.0), 12.0)
    starts, levels = SPANS.levels("load", normal=1.0)
    assert (starts.tolist(), levels.tolist()) == ([0.0, 4.0, 5.5, 9.0], [0.1, 1.0, 1.6, 0.1])
    one = Regimen("one", (RegimenInterval(HANG, 0.0, 1.0),), REST)
    assert one.activity_at(-0.1) is REST


def loads(*spans: tuple[float, float, float]) -> Regimen:
    """Return a regimen of loads, each from a day to another."""
    return Regimen(
        "loads", tuple(RegimenInterval(Activity("a", "a", {"load": x}), a, b) for x, a, b in spans), REST
    )


@pytest.mark.parametrize("level", [0.4, 1.0, 1.01, 1.5], ids=["part", "normal", "hardly above", "above"])
def test_what_does_not_return_stays_wherever_the_drive_leads_back_to(level: float) -> None:
    """Not only at exactly the normal level: a little exercise must not wipe out a lasting state."""
    lasting = Signal("s", "s", "load", 1.0, 10.0, return_tau_days=1e4)
    plan = loads((0.0, 0.0, 14.0), (level, 14.0, 60.0))
    at_end = float(lasting.course(plan)(np.array([60.0]))[0])
    at_14 = float(lasting.course(plan)(np.array([14.0]))[0])
    assert at_end == pytest.approx(at_14, abs=0.01)


def test_away_from_normal_the_signal_goes_at_its_own_pace() -> None:
    lasting = Signal("s", "s", "load", 1.0, 10.0, return_tau_days=1e4)
    plain = Signal("s", "s", "load", 1.0, 10.0)
    days = np.linspace(0.0, 40.0, 81)
    deeper = loads((0.5, 0.0, 14.0), (0.0, 14.0, 40.0))
    np.testing.assert_array_equal(lasting.course(deeper)(days), plain.course(deeper)(days))


def test_returning_at_its_own_pace_is_exact() -> None:
    fading = Signal("s", "s", "load", 1.0, 5.0, return_tau_days=20.0)
    plan = loads((0.0, 0.0, 10.0), (0.8, 10.0, 30.0))
    low = -1.0 + np.exp(-10.0 / 5.0)
    expected = 1.0 + (-0.2 + (low + 0.2) * np.exp(-15.0 / 20.0))
    assert float(fading.course(plan)(np.array([25.0]))[0]) == pytest.approx(expected, rel=1e-12)
