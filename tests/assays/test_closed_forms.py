"""Classical formulas: against cells followed age class by age class, and fits that give back what went in."""

from __future__ import annotations

import math

import numpy as np
import pytest
from cycling_oracle import STEP, AgeClasses, ErlangChain
from scipy import stats

from soleus.assays.thymidine import (
    cumulative_labelling,
    dual_pulse,
    fit_cumulative,
    fit_labelled_mitoses,
    labelled_mitoses,
    phase_shares,
)
from soleus.errors import InputError

# Published cycles and S phases (hours) of stem cells, transit-amplifying cells and neuroblasts.
PUBLISHED = {"stem": (17.5, 4.0), "amplifying": (21.5, 15.5), "neuroblast": (18.0, 9.0)}
G2M = 2.5
PHASES = (7.5, 9.0, 2.5)
CYCLE = sum(PHASES)
TIMES = [0.5, 2.0, 4.0, 6.0, 9.0, 12.0, 16.0]


@pytest.mark.parametrize(("growing", "stay"), [(False, 1), (True, 2)])
@pytest.mark.parametrize("phases", [(7.5, 9.0, 2.5), (11.0, 4.0, 2.5), (0.0, 12.0, 3.0)])
def test_phase_shares_are_those_of_the_stable_population(phases, growing, stay):
    expected = AgeClasses(*phases, stay=stay).shares()
    assert list(phase_shares(*phases, growing=growing)) == pytest.approx(expected, abs=1e-9)


def test_growth_is_noticed_in_phase_shares():
    """Age classes that double would not pass for a population that keeps its number."""
    growing = AgeClasses(*PHASES, stay=2).shares()
    assert max(abs(np.subtract(phase_shares(*PHASES, growing=False), growing))) > 0.04


@pytest.mark.parametrize("phases", [(-1.0, 3.0, 2.0), (0.0, 0.0, 0.0)])
def test_impossible_phases_are_refused(phases):
    with pytest.raises(InputError, match="sum above 0"):
        phase_shares(*phases, growing=True)


@pytest.mark.parametrize("stay", [1, 2])
def test_cumulative_curve_follows_the_cells(stay):
    hours = [0.0, 1.0, 2.0, 4.0, 7.0, 9.5, 10.0, 14.0]
    expected = AgeClasses(*PHASES, stay=stay).cumulative(hours)
    curve = cumulative_labelling(
        np.array(hours), cycle_hours=CYCLE, s_hours=9.0, growing_g2m_hours=2.5 if stay == 2 else None
    )
    assert curve == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("kind", PUBLISHED)
@pytest.mark.parametrize("growth_fraction", [1.0, 0.3])
def test_cumulative_fit_gives_back_what_went_in(kind, growth_fraction):
    cycle, s = PUBLISHED[kind]
    hours = np.array([0.5, 1.5, 3.0, 4.5, 6.0, 9.0, 12.0, 15.0, 18.0, 24.0])
    curve = cumulative_labelling(hours, cycle_hours=cycle, s_hours=s, growth_fraction=growth_fraction)
    fit = fit_cumulative(hours, curve)
    found = (fit.cycle_hours.estimate, fit.s_hours.estimate, fit.growth_fraction.estimate)
    assert found == pytest.approx((cycle, s, growth_fraction), rel=1e-5)
    assert fit.break_hours == pytest.approx(cycle - s, rel=1e-5)


def _noisy_cumulative(seed: int, sd: float) -> tuple[np.ndarray, np.ndarray]:
    hours = np.repeat(TIMES, 3)
    curve = cumulative_labelling(hours, cycle_hours=12.0, s_hours=5.0, growth_fraction=0.8)
    rng = np.random.default_rng([11, seed])
    return hours, np.clip(curve + sd * rng.standard_normal(len(hours)), 0.0, 1.0)


def _covered(fits: list, truths: tuple[float, ...], names: tuple[str, ...]) -> list[int]:
    return [
        sum(getattr(f, name).contains(truth) for f in fits) for name, truth in zip(names, truths, strict=True)
    ]


def _is_95_percent(hits: int, of: int) -> bool:
    """Reject too few and too many, 1 in 1000 each."""
    return stats.binom.sf(hits - 1, of, 0.95) > 1e-3 and stats.binom.cdf(hits, of, 0.95) > 1e-3


CUMULATIVE = ("cycle_hours", "s_hours", "growth_fraction")


@pytest.mark.parametrize("known", [False, True])
def test_cumulative_intervals_cover(known):
    n = 40
    fits = []
    for seed in range(n):
        hours, fractions = _noisy_cumulative(seed, 0.03)
        fits.append(fit_cumulative(hours, fractions, errors=np.full(21, 0.03) if known else None))
    for hits in _covered(fits, (12.0, 5.0, 0.8), CUMULATIVE):
        assert _is_95_percent(hits, n), hits


@pytest.mark.slow
def test_cumulative_intervals_cover_95_percent():
    n = 400
    fits = [fit_cumulative(*_noisy_cumulative(seed, 0.03)) for seed in range(1000, 1000 + n)]
    for hits in _covered(fits, (12.0, 5.0, 0.8), CUMULATIVE):
        assert _is_95_percent(hits, n), hits
    assert np.mean([f.residual_sd for f in fits]) == pytest.approx(0.03, rel=0.03)


def test_intervals_for_too_small_errors_are_noticed():
    """Errors stated half as large make intervals that miss the truth more often: the check sees it."""
    n = 40
    fits = [fit_cumulative(*_noisy_cumulative(seed, 0.03), errors=np.full(21, 0.015)) for seed in range(n)]
    assert not any(_is_95_percent(h, n) for h in _covered(fits, (12.0, 5.0, 0.8), CUMULATIVE))


@pytest.mark.parametrize(
    ("hours", "message"),
    [
        ([0.5, 2.0, 3.0, 4.0, 5.0, 6.0], "without plateau"),
        ([0.5, 13.0, 15.0, 17.0, 19.0], "less than two times lie on the slope"),
        ([12.0, 13.0, 15.0, 17.0, 19.0], "without plateau"),
        ([1.0, 1.0, 2.0, 2.0, 9.0], "at least 4 different times"),
    ],
)
def test_what_the_data_do_not_hold_cannot_be_told(hours, message):
    curve = cumulative_labelling(np.array(hours), cycle_hours=12.0, s_hours=5.0, growth_fraction=0.8)
    with pytest.raises(InputError, match=f"cannot be told.*{message}"):
        fit_cumulative(np.array(hours), curve)


def test_noise_can_hide_the_plateau():
    hours, fractions = _noisy_cumulative(3, 0.25)
    with pytest.raises(InputError, match="cannot be told"):
        fit_cumulative(hours, fractions)


def test_growth_biases_the_straight_line():
    """A doubling culture read as one that keeps its number: cycle and S phase come out too short."""
    hours = np.linspace(0.25, 20.0, 40)
    culture = cumulative_labelling(hours, cycle_hours=CYCLE, s_hours=9.0, growing_g2m_hours=2.5)
    fit = fit_cumulative(hours, culture)
    assert fit.growth_fraction.estimate == pytest.approx(1.0, abs=0.01)
    assert fit.cycle_hours.estimate == pytest.approx(16.4, abs=0.1)
    assert fit.s_hours.estimate == pytest.approx(6.4, abs=0.1)


@pytest.mark.parametrize(
    ("hours", "fractions", "errors", "message"),
    [
        ([1.0, 2.0, 3.0], [10.0, 20.0, 30.0], None, "percentages"),
        ([1.0, 2.0], [0.1, 0.2, 0.3], None, "one length"),
        ([-1.0, 2.0], [0.1, 0.2], None, "at least 0"),
        ([1.0, 2.0], [0.1, math.nan], None, r"\[0, 1\]"),
        ([1.0, 2.0], [0.1, 0.2], [0.1, 0.0], "above 0"),
    ],
)
def test_unusable_fractions_are_refused(hours, fractions, errors, message):
    with pytest.raises(InputError, match=message):
        fit_cumulative(np.array(hours), np.array(fractions), errors=errors)


MITOSES = dict(g2_hours=2.0, s_hours=9.0, cycle_hours=19.0)


def test_ideal_mitoses_by_hand():
    curve = labelled_mitoses(np.array([0.0, 1.9, 2.1, 10.9, 11.1, 20.9, 21.1, 31.0]), **MITOSES)
    assert list(curve) == [0, 0, 1, 1, 0, 0, 1, 0]
    slope = labelled_mitoses(
        np.array([1.5, 1.75, 2.0, 10.5, 10.75, 11.0]), **(MITOSES | {"g2_hours": 1.5}), m_hours=0.5
    )
    assert list(slope) == pytest.approx([0, 0.5, 1, 1, 0.5, 0])


@pytest.mark.parametrize(("growing", "stay"), [(False, 1), (True, 2)])
def test_ideal_mitoses_follow_the_cells(growing, stay):
    """Mitosis is the last half hour of G2M; phases of fixed length, with and without growth."""
    hours = [1.0, 2.0, 2.25, 4.0, 11.0, 11.2, 11.4, 15.0, 21.1, 21.3, 25.0]
    cells = AgeClasses(*PHASES, stay=stay)
    mitosis = slice(-round(0.5 / STEP), None)
    expected = [a[mitosis].sum() / b[mitosis].sum() for a, b in cells.after_pulse(hours)]
    curve = labelled_mitoses(
        np.array(hours), g2_hours=2.0, s_hours=9.0, cycle_hours=CYCLE, m_hours=0.5, growing=growing
    )
    assert curve == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("growing", [False, True])
def test_a_long_mitosis_is_weighed_alike_in_both_curves(growing):
    """Young mitoses are in excess where cells double: all of G2M taken as mitosis shows it."""
    hours = [0.5, 1.25, 2.0, 9.5, 10.5, 20.0]
    cells = AgeClasses(*PHASES, stay=2 if growing else 1)
    late = cells.phase["G2M"]
    expected = [a[late].sum() / b[late].sum() for a, b in cells.after_pulse(hours)]
    phases = dict(g2_hours=0.0, s_hours=9.0, cycle_hours=CYCLE, m_hours=2.5, growing=growing)
    assert labelled_mitoses(np.array(hours), **phases) == pytest.approx(expected, abs=1e-9)
    little = labelled_mitoses(np.array(hours), **phases, cvs=(0.003, 0.003, 0.003))
    assert little == pytest.approx(expected, abs=3e-3)


@pytest.mark.parametrize(("growing", "stay"), [(False, 1), (True, 2)])
@pytest.mark.parametrize("stages", [1, 4])
def test_distributed_mitoses_follow_a_chain_of_stages(growing, stay, stages):
    means = (7.0, 9.0, 2.0)
    hours = [0.5, 1.0, 2.0, 4.0, 8.0, 12.0, 17.0, 21.0, 30.0]
    cv = stages**-0.5
    curve = labelled_mitoses(
        np.array(hours), g2_hours=2.0, s_hours=9.0, cycle_hours=18.0, cvs=(cv, cv, cv), growing=growing
    )
    expected = ErlangChain(means, stages=stages, stay=stay).labelled_mitoses(hours)
    assert curve == pytest.approx(expected, abs=1e-4)


def test_a_wrong_phase_is_noticed_in_distributed_mitoses():
    hours = np.array([1.0, 4.0, 12.0, 21.0])
    expected = ErlangChain((7.0, 9.0, 2.0), stages=4, stay=1).labelled_mitoses(list(hours))
    wrong = labelled_mitoses(hours, g2_hours=2.2, s_hours=9.0, cycle_hours=18.0, cvs=(0.5, 0.5, 0.5))
    assert max(abs(wrong - expected)) > 0.01


def test_little_variation_gives_the_ideal_curve():
    hours = np.linspace(0.1, 30.0, 60)
    far = np.min(np.abs(hours[:, None] - np.array([2.0, 11.0, 21.0, 30.0])), axis=1) > 0.6
    little = labelled_mitoses(hours, **MITOSES, cvs=(0.01, 0.01, 0.01))
    assert little[far] == pytest.approx(labelled_mitoses(hours, **MITOSES)[far], abs=1e-3)


def test_mitoses_fit_gives_back_what_went_in():
    hours = np.arange(1.0, 31.0, 1.5)
    curve = labelled_mitoses(hours, **MITOSES, cvs=(0.3, 0.3, 0.3), m_hours=0.5)
    fit = fit_labelled_mitoses(hours, curve, m_hours=0.5)
    found = (fit.g2_hours.estimate, fit.s_hours.estimate, fit.cycle_hours.estimate, fit.cv)
    assert found == pytest.approx((2.0, 9.0, 19.0, 0.3), rel=2e-3)


@pytest.mark.slow
def test_without_a_second_wave_the_cycle_has_no_upper_bound():
    hours = np.array([1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 11.0, 12.0, 13.0])
    curve = labelled_mitoses(hours, **MITOSES, cvs=(0.2, 0.2, 0.2))
    fit = fit_labelled_mitoses(hours, curve, errors=np.full(10, 0.05))
    assert fit.cycle_hours.high == math.inf
    assert fit.s_hours.contains(9.0) and fit.g2_hours.contains(2.0)


def test_a_wave_that_does_not_fall_cannot_be_told():
    hours = np.array([0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0])
    rising = labelled_mitoses(hours, **MITOSES, cvs=(0.3, 0.3, 0.3))
    with pytest.raises(InputError, match="cannot be told.*does not fall"):
        fit_labelled_mitoses(hours, rising, errors=np.full(8, 0.03))


@pytest.mark.slow
@pytest.mark.parametrize("known", [False, True])
def test_mitoses_intervals_cover(known):
    """Cut off at 0 and 1 the noise is not equal, so unknown errors are a little short and known ones wide."""
    n, fits = 20 if known else 40, []
    hours = np.repeat(np.arange(1.0, 31.0, 2.0), 2)
    curve = labelled_mitoses(hours, **MITOSES, cvs=(0.25, 0.25, 0.25))
    for seed in range(n):
        rng = np.random.default_rng([13, seed])
        noisy = np.clip(curve + 0.04 * rng.standard_normal(30), 0.0, 1.0)
        fits.append(fit_labelled_mitoses(hours, noisy, errors=np.full(30, 0.04) if known else None))
    for hits in _covered(fits, (2.0, 9.0, 19.0), ("g2_hours", "s_hours", "cycle_hours")):
        assert stats.binom.cdf(hits, n, 0.95 if known else 0.9) > 1e-3, hits
        # Intervals that never miss at all would be too wide.
        assert known or hits < n, hits


def _dual_counts(stay: int, interval: float) -> tuple[float, float, float]:
    """Expected shares that left S, are in S and cycle, one interval after the first label."""
    cells = AgeClasses(*PHASES, stay=stay)
    labelled, whole = cells.after_pulse([interval])[0]
    in_s = cells.phase["S"]
    return float(labelled.sum() - labelled[in_s].sum()), float(whole[in_s].sum()), float(whole.sum())


def test_dual_pulse_gives_back_what_went_in():
    left, in_s, everyone = _dual_counts(1, 1.5)
    found = dual_pulse([1e6 * left], [1e6 * in_s], [1e6 * everyone], interval_hours=1.5)
    assert found.s_hours.estimate == pytest.approx(9.0, rel=1e-3)
    assert found.cycle_hours.estimate == pytest.approx(CYCLE, rel=1e-3)


def test_dual_pulse_is_biased_by_growth_as_stated():
    left, in_s, everyone = _dual_counts(2, 1.5)
    found = dual_pulse([1e6 * left], [1e6 * in_s], [1e6 * everyone], interval_hours=1.5)
    leaving = 1.0 - 2.0 ** (-1.5 / CYCLE)
    assert found.s_hours.estimate == pytest.approx(1.5 * (2.0 ** (9.0 / CYCLE) - 1.0) / leaving, rel=5e-3)
    assert found.cycle_hours.estimate == pytest.approx(1.5 / 2.0 ** (2.5 / CYCLE) / leaving, rel=5e-3)
    assert found.s_hours.estimate > 1.15 * 9.0


def test_a_cycle_is_never_shorter_than_the_interval():
    """Cells that left S are cycling cells, so P / L is at least 1 and so are its bounds."""
    found = dual_pulse([4], [1], [5], interval_hours=1.5)
    assert 1.5 < found.cycle_hours.low < found.cycle_hours.estimate == 1.5 * 5 / 4


@pytest.mark.parametrize(("animals", "spread"), [(1, 0.0), (5, 0.25)])
def test_dual_pulse_intervals_cover(animals, spread):
    """One animal: counting alone. Five: each has its own share of cells in S that left it."""
    n, fits = 400, []
    rng = np.random.default_rng(17)
    for _ in range(n):
        own = np.exp(spread * rng.standard_normal(animals) - 0.5 * spread**2)
        counts = np.array([rng.multinomial(800, [0.08 * o, 0.47, 0.53 - 0.08 * o]) for o in own])
        fits.append(dual_pulse(counts[:, 0], counts[:, 1], np.full(animals, 800), interval_hours=1.5))
    for hits in _covered(fits, (1.5 * 0.47 / 0.08, 1.5 / 0.08), ("s_hours", "cycle_hours")):
        assert _is_95_percent(hits, n), hits


def test_pooling_animals_is_noticed():
    """Animals that differ, added up as if they were one, make intervals that are too short."""
    n, fits = 200, []
    rng = np.random.default_rng(18)
    for _ in range(n):
        own = np.exp(0.4 * rng.standard_normal(5) - 0.08)
        counts = np.array([rng.multinomial(800, [0.08 * o, 0.4, 0.6 - 0.08 * o]) for o in own]).sum(axis=0)
        fits.append(dual_pulse([counts[0]], [counts[1]], [4000], interval_hours=1.5))
    assert not any(_is_95_percent(h, n) for h in _covered(fits, (7.5, 18.75), ("s_hours", "cycle_hours")))


@pytest.mark.parametrize(
    ("counts", "interval", "message"),
    [
        (([0], [10], [20]), 1.5, "no cell left S"),
        (([5], [10], [12]), 1.5, "part of the cycling cells"),
        (([5], [10, 11], [20]), 1.5, "one count of each kind"),
        (([5], [10], [20]), 0.0, "above 0"),
    ],
)
def test_unusable_dual_counts_are_refused(counts, interval, message):
    with pytest.raises(InputError, match=message):
        dual_pulse(*counts, interval_hours=interval)
