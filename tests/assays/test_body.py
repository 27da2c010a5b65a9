"""Repeated measures: what ``draw`` draws, ``log_prob`` scores; and how a signal moves a read-out.

The contract, as for assays that count: the Rosenblatt transforms of drawn animals (each day given the
days before) are uniform. ``PLANTED`` lists, for every spread, an error that has to be caught.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, stats

from soleus.assays import BodyAssay, BodyEffect, BodyReadout, log_responses, log_variance
from soleus.errors import InputError, ModelError, UnknownNameError, UnsupportedError
from soleus.movement import Activity, Feedback, Regimen, Signal

ANIMALS = 2000
LEVEL = 1e-3
FREE = Activity("free", "free", {}, voluntary=True)
HANG = Activity("hang", "hang", {"load": 0.4, "suspension": 1.0})
MUSCLE = Signal("muscle", "muscle", "load", 1.0, 6.0)
STRESS = Signal("stress", "stress", "suspension", 0.0, 0.3, 3.0, 1.0)
MASS = BodyReadout(
    "mass", "mass", "mass", "g", (BodyEffect("wasting", "wasting", MUSCLE, "log", 0.5),), baseline=25.0
)
ASSAY = BodyAssay("weighing", "weighing", MASS, (0.0, 3.0, 7.0, 14.0), 0.1, 0.04)
MEANS = np.array([25.0, 24.0, 23.0, 23.5])


def regimen(*spans):
    return Regimen.of("r", list(spans), activities={"free": FREE, "hang": HANG}, resting="free")


def words(seed: int, animals: int = ANIMALS) -> np.ndarray:
    return np.random.default_rng([7, seed]).integers(0, 2**64, size=(animals, 4), dtype=np.uint64)


def drawn(seed: int, **wrong) -> np.ndarray:
    return replace(ASSAY, **wrong).draw(np.tile(MEANS, (ANIMALS, 1)), words(seed))


def scores(values: np.ndarray) -> np.ndarray:
    """Normal scores of each day given the days before, from differences of log_prob alone, (N, D)."""
    found = []
    for day in range(values.shape[1]):
        logs = np.log(MEANS[: day + 1])
        # Gaussian on logs: centre and width of the conditional follow from three evaluations of it.
        at = np.array([logs[day] - 0.1, logs[day], logs[day] + 0.1])
        curve = np.empty((len(values), 3))
        for k, x in enumerate(at):
            series = np.hstack([values[:, :day], np.full((len(values), 1), math.exp(x))])
            curve[:, k] = [float(ASSAY.log_prob(row, means=MEANS[: day + 1])[0]) for row in series]
        bend = (curve[:, 0] - 2.0 * curve[:, 1] + curve[:, 2]) / 0.01
        slope = (curve[:, 2] - curve[:, 0]) / 0.2
        found.append((np.log(values[:, day]) - (at[1] - slope / bend)) * np.sqrt(-bend))
    return np.array(found).T


def p_value(z: np.ndarray) -> float:
    found = []
    for column in z.T:
        square = float(np.sum(column**2))
        tails = stats.chi2.cdf(square, len(column)), stats.chi2.sf(square, len(column))
        found += [stats.kstest(column, "norm").pvalue, 2.0 * min(tails)]
    return min(1.0, min(found) * len(found))


PLANTED = {
    "animals": {"animal_cv": 0.1 * 1.12},
    "animals, too alike": {"animal_cv": 0.1 / 1.12},
    "error": {"error_cv": 0.04 * 1.1},
    "error, too small": {"error_cv": 0.04 / 1.1},
}


def test_what_is_drawn_is_what_is_scored():
    assert p_value(scores(drawn(1))) > LEVEL


@pytest.mark.parametrize("planted", PLANTED)
def test_a_wrong_spread_is_caught(planted):
    assert p_value(scores(drawn(2, **PLANTED[planted]))) < LEVEL


def test_the_density_is_the_multivariate_normal_of_the_logs():
    own, error = log_variance(0.1), log_variance(0.04)
    covariance = own * np.ones((4, 4)) + error * np.eye(4)
    for row in drawn(3)[:20]:
        wanted = stats.multivariate_normal(np.log(MEANS) - 0.5 * (own + error), covariance).logpdf(
            np.log(row)
        )
        np.testing.assert_allclose(ASSAY.log_prob(row, means=MEANS)[0], wanted, rtol=1e-11)
        some = stats.multivariate_normal(
            np.log(MEANS[[0, 2]]) - 0.5 * (own + error), covariance[np.ix_([0, 2], [0, 2])]
        ).logpdf(np.log(row[[0, 2]]))
        np.testing.assert_allclose(ASSAY.log_prob(row[[0, 2]], means=MEANS[[0, 2]])[0], some, rtol=1e-11)


def test_the_density_adds_to_one_and_has_the_stated_mean():
    def density(x):
        return math.exp(ASSAY.log_prob(np.array([math.exp(x)]), means=np.array([25.0]))[0])

    centre = math.log(25.0)
    assert integrate.quad(density, centre - 1.5, centre + 1.5)[0] == pytest.approx(1.0, abs=1e-9)
    mean = integrate.quad(lambda x: math.exp(x) * density(x), centre - 1.5, centre + 1.5)[0]
    assert mean == pytest.approx(25.0, rel=1e-9)


def test_many_means_are_scored_at_once():
    values = drawn(4)[0]
    stacked = np.stack([MEANS, 1.1 * MEANS])
    one_by_one = [float(ASSAY.log_prob(values, means=m)[0]) for m in stacked]
    np.testing.assert_allclose(ASSAY.log_prob(values, means=stacked), one_by_one, rtol=1e-13)


def test_drawn_animals_have_the_stated_mean_spread_and_correlation():
    values = np.concatenate([drawn(s) for s in range(20, 30)])
    np.testing.assert_allclose(values.mean(axis=0), MEANS, rtol=0.004)
    correlation = np.corrcoef(np.log(values).T)
    own, error = log_variance(0.1), log_variance(0.04)
    off = correlation[~np.eye(4, dtype=bool)]
    np.testing.assert_allclose(off, own / (own + error), atol=0.01)
    np.testing.assert_allclose(
        np.log(values).std(), math.sqrt(ASSAY.log_sd**2 + np.log(MEANS).var()), rtol=0.02
    )


def test_a_change_is_free_of_what_differs_between_animals():
    logs = np.log(np.concatenate([drawn(s) for s in range(30, 35)]))
    np.testing.assert_allclose((logs[:, 3] - logs[:, 0]).std(), ASSAY.change_log_sd, rtol=0.03)
    assert ASSAY.change_log_sd < ASSAY.log_sd


def test_a_longer_series_begins_like_a_shorter_one():
    long = ASSAY.draw(np.tile(MEANS, (5, 1)), words(5, 5))
    short = ASSAY.draw(np.tile(MEANS[:2], (5, 1)), words(5, 5))
    np.testing.assert_array_equal(long[:, :2], short)


def test_a_dead_animal_is_not_weighed():
    assert ASSAY.days_until(7.0) == (0.0, 3.0, 7.0)
    assert replace(ASSAY, days=()).days_until(7.0) == (7.0,)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"days": (3.0, 3.0)}, "days must increase"),
        ({"days": (-1.0, 3.0)}, "days must be finite and at least 0"),
        ({"animal_cv": -0.1}, r"animal_cv must lie in \[0, 2\], got -0.1"),
        ({"error_cv": 2.5}, r"error_cv must lie in \[0, 2\], got 2.5"),
        ({"error_cv": 0.0}, "error_cv must be above 0"),
    ],
)
def test_assays_that_cannot_be_are_refused(changes, message):
    with pytest.raises(ModelError, match=message):
        replace(ASSAY, **changes)


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_values_that_cannot_be_are_refused(value):
    with pytest.raises(InputError, match="values must be finite and above 0"):
        ASSAY.log_prob(np.array([25.0, value]), means=MEANS[:2])


# --- how signals move a read-out


def test_the_log_of_a_read_out_is_the_sum_of_its_effects():
    readout = replace(MASS, effects=(*MASS.effects, BodyEffect("stress", "stress", STRESS, "onset", -0.2)))
    plan, days = regimen(("hang", 0.0, 5.0), ("free", 5.0, 20.0)), np.array([0.0, 2.0, 5.0, 6.0, 15.0])
    muscle = MUSCLE.course(plan).deviation(days)
    stress = np.maximum(STRESS.course(plan).deviation(days), 0.0)
    assert STRESS.course(plan).deviation(days)[3] < 0.0
    wanted = 0.5 * np.log1p(muscle) - 0.2 * stress
    np.testing.assert_allclose(readout.log_change(plan, days), wanted, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(readout.mean(plan, days), 25.0 * np.exp(wanted), rtol=1e-13)
    linear = replace(readout.effects[1], shape="linear")
    np.testing.assert_allclose(
        log_responses([linear], plan, days)[0], STRESS.course(plan).deviation(days), rtol=1e-13
    )


def test_a_read_out_of_a_voluntary_drive_feels_the_way_back():
    movement = Signal("movement", "movement", "movement", 1.0, 0.05)
    readout = BodyReadout("m", "m", "level", "1", (BodyEffect("m", "m", movement, "log", 1.0),))
    plan, days = regimen(("hang", 0.0, 10.0), ("free", 10.0, 30.0)), [9.0, 11.0]
    loop = (Feedback("w", "w", "muscle", "movement", 0.5),)
    back = readout.log_change(plan, days, signals={"muscle": MUSCLE}, feedbacks=loop)
    assert back[0] == 0.0
    muscle = 1.0 + MUSCLE.course(plan).deviation(np.array([11.0]))
    np.testing.assert_allclose(back[1], 0.5 * np.log(muscle[0]), rtol=0.04)
    assert np.all(readout.log_change(plan, days) == 0.0)


def test_a_signal_that_is_gone_still_has_a_log():
    gone = replace(MASS.effects[0], gain=1.0)
    assert np.isfinite(gone.response(np.array([-1.0, -2.0]))).all()


def test_without_a_baseline_only_ratios_are_given():
    bare = replace(MASS, baseline=None, no_baseline="no kit agrees with another")
    np.testing.assert_allclose(bare.mean(regimen(("free", 0.0, 5.0)), [1.0]), [1.0])
    with pytest.raises(UnsupportedError, match=r"'mass' has no baseline \(no kit agrees with another\)"):
        bare.known_baseline()
    assert MASS.known_baseline() == 25.0


def test_read_outs_that_cannot_be_are_refused():
    with pytest.raises(ModelError, match="a baseline is above 0, got 0"):
        replace(MASS, baseline=0.0)
    with pytest.raises(ModelError, match="two different signals have one name"):
        other = BodyEffect("b", "b", replace(MUSCLE, tau_days=1.0), "log", 1.0)
        replace(MASS, effects=(*MASS.effects, other))
    with pytest.raises(ModelError, match="shape 'log' needs a signal with a normal level above 0"):
        BodyEffect("s", "s", STRESS, "log", 1.0)
    with pytest.raises(ModelError, match="the gain must be finite"):
        BodyEffect("s", "s", STRESS, "onset", float("nan"))
    with pytest.raises(UnknownNameError, match="unknown effect on 'mass' 'wastin'. Did you mean 'wasting'"):
        MASS.with_gains({"wastin": 1.0})
    assert MASS.with_gains({"wasting": 0.9}).effects[0].gain == 0.9
