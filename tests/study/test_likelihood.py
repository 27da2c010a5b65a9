"""The other half of the hinge: what is simulated is scored best at the numbers that made it."""

from __future__ import annotations

import functools
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from study_models import CYCLING, SECTIONS, TOTAL, published_study, toy_study

from soleus.assays.quadrature import log_integral
from soleus.errors import InputError, ModelError, UnknownNameError
from soleus.observations import Observations
from soleus.study import Variation, bind, log_prob, pointwise_published, simulate

SEEDS = range(36)
TRUTH = {"gain:wake": 2.0, "activation": 0.2, "death": 0.3, "quiescent": 300.0}
STEP = {"gain:wake": 0.02, "activation": 0.002, "death": 0.003, "quiescent": 3.0}


@functools.cache
def experiment():
    return bind(toy_study(4), gains={"wake": 2.0})


@functools.cache
def table(seed: int) -> Observations:
    return simulate(experiment(), seed)


@functools.cache
def at_truth(seed: int) -> float:
    return log_prob(experiment(), table(seed))


def test_an_empty_theta_changes_nothing():
    assert log_prob(experiment(), table(0), {}) == at_truth(0)
    assert log_prob(experiment(), table(0), TRUTH) == pytest.approx(at_truth(0), abs=1e-9)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("gain:wake", 1.3),
        ("gain:wake", 2.7),
        ("gain:amplify", 0.8),
        ("activation", 0.14),
        ("activation", 0.29),
        ("quiescent", 200.0),
        ("quiescent", 450.0),
        ("death", 0.2),
        ("death", 0.45),
    ],
)
def test_the_truth_is_scored_best_on_average(name, value):
    seeds = SEEDS[:30]
    gap = np.array([at_truth(s) - log_prob(experiment(), table(s), {name: value}) for s in seeds])
    assert gap.mean() > 2.5 * gap.std(ddof=1) / math.sqrt(len(gap))


@functools.cache
def scores(name: str, around: float) -> np.ndarray:
    """Slope of the log-probability at a value, by central differences, over the seeds."""
    step = STEP[name]
    return np.array(
        [
            (
                log_prob(experiment(), table(s), {name: around + step})
                - log_prob(experiment(), table(s), {name: around - step})
            )
            / (2.0 * step)
            for s in SEEDS
        ]
    )


SLOW_SCORES = [pytest.param(n, marks=pytest.mark.slow) for n in ("activation", "death", "quiescent")]


@pytest.mark.parametrize("name", ["gain:wake", *SLOW_SCORES])
def test_the_score_has_mean_zero_at_the_truth(name):
    found = scores(name, TRUTH[name])
    assert abs(found.mean()) < 3.3 * found.std(ddof=1) / math.sqrt(len(found))


def test_the_score_is_not_zero_elsewhere():
    found = scores("gain:wake", 2.3)
    assert found.mean() < -3.3 * found.std(ddof=1) / math.sqrt(len(found))


@pytest.mark.parametrize("factor", [0.4, 3.0])
def test_the_spread_between_animals_is_scored(factor):
    """Scored with animals that differ too little, or too much, the tables become less probable."""
    study = experiment().study
    other = replace(
        experiment(), study=replace(study, variation=Variation(factor * 0.2, study.variation.role_cv))
    )
    gap = np.array([at_truth(s) - log_prob(other, table(s)) for s in SEEDS])
    assert gap.mean() > 2.5 * gap.std(ddof=1) / math.sqrt(len(gap))


@pytest.mark.parametrize("role_cv", [pytest.param(0.0, marks=pytest.mark.slow), 0.4])
def test_the_marginal_of_an_animal_is_the_simulated_one(role_cv):
    """Whole chain: many simulated animals against the distribution that log_prob integrates to."""
    study = toy_study(1, assays=(replace(SECTIONS, units=1, fraction=0.1),), derived=())
    study = replace(study, variation=Variation(0.2, {"activation": role_cv} if role_cv else {}))
    one = bind(study)
    many = replace(one, study=one.study.with_animals(250))
    frame = simulate(many, 5).frame
    rows = frame[frame["group"] == "free"]
    counts = rows["value"].to_numpy(dtype=int)
    reach = int(counts.max()) + 30
    probability = np.exp([log_prob(one, _one_row(rows, k)) for k in range(reach)])
    assert probability.sum() == pytest.approx(1.0, abs=1e-3)
    below = np.concatenate([[0.0], np.cumsum(probability)])
    u = below[counts] + np.random.default_rng(1).random(len(counts)) * probability[counts]
    assert stats.kstest(u, "uniform").pvalue > 1e-3
    # The spread as well as the place: normal scores have variance 1.
    assert np.var(stats.norm.ppf(np.clip(u, 1e-9, 1.0 - 1e-9))) == pytest.approx(
        1.0, abs=3.3 * math.sqrt(2.0 / 250)
    )
    shifted = below[counts + 2] + 0.5 * probability[counts + 2]
    assert stats.kstest(shifted, "uniform").pvalue < 1e-3


def _one_row(rows: pd.DataFrame, count: int) -> Observations:
    return Observations(rows.iloc[:1].assign(value=float(count)), {"Unloading": ("no", "yes")})


@pytest.mark.parametrize("sd", [1e-4, 0.013, 0.3, 2.0])
@pytest.mark.parametrize("centre", [0.0, -7.3, 12.0])
def test_the_grid_closes_in_on_any_peak(sd, centre):
    found = log_integral(lambda x: 5.0 - 0.5 * ((x - centre) / sd) ** 2)
    assert found == pytest.approx(5.0 + math.log(sd * math.sqrt(2.0 * math.pi)), abs=1e-9)
    if sd < 1.0:  # the long tail must fit into the widest grid

        def gumbel(x):
            z = (x - centre) / sd
            return z - np.exp(np.minimum(z, 700.0))

        assert log_integral(gumbel) == pytest.approx(math.log(sd), abs=1e-5)


def test_many_precise_readouts_do_not_outrun_the_grid_of_sizes():
    """The niche size is known far better from the counts than beforehand; brute force agrees."""
    precise = [
        replace(TOTAL, name=f"t{k}", fraction=1.0, position_cv=0.01, unit_cv=0.0, readout=CYCLING)
        for k in range(12)
    ]
    study = toy_study(1, assays=tuple(precise), derived=(), variation=Variation(0.5))
    large = bind(replace(study, niche=study.niche.with_parameters({"quiescent": 1e6})))
    observations = simulate(large, 4)
    found = log_prob(large, observations)
    total = 0.0
    for _, animal in observations.frame.groupby("animal"):
        alone = Observations(animal, {"Unloading": ("no", "yes")})
        spread = math.log1p(0.25)
        z = np.linspace(-6.0, 6.0, 4001)
        none = replace(large, study=replace(large.study, variation=Variation()))
        # The width of the peak is a few thousandths; only around it does it pay to look.
        near = np.log(animal["value"].mean() / large.true_means("free")[0, 0])
        z = near / math.sqrt(spread) + 0.5 * math.sqrt(spread) + np.linspace(-0.16, 0.16, 161)
        sizes = np.exp(math.sqrt(spread) * z - 0.5 * spread)
        log_f = np.array([log_prob(none, alone, {"quiescent": 1e6 * s}) for s in sizes]) - 0.5 * z * z
        top = log_f.max()
        total += top + math.log(np.exp(log_f - top).sum() * (z[1] - z[0])) - 0.5 * math.log(2 * math.pi)
    assert found == pytest.approx(total, abs=0.02)


def test_excluded_rows_do_not_count():
    frame = table(0).frame.copy()
    out = frame["animal"] == frame["animal"].iloc[0]
    kept = Observations(frame[~out].reset_index(drop=True), {"Unloading": ("no", "yes")})
    marked = frame.assign(excluded=out, exclusion_reason=[("lost" if o else None) for o in out])
    assert log_prob(experiment(), Observations(marked, {"Unloading": ("no", "yes")})) == pytest.approx(
        log_prob(experiment(), kept), abs=1e-9
    )


def test_animals_are_independent():
    frame = table(0).frame
    alone = [
        log_prob(experiment(), Observations(part, {"Unloading": ("no", "yes")}))
        for _, part in frame.groupby("animal")
    ]
    assert math.fsum(alone) == pytest.approx(at_truth(0), abs=1e-9)


@pytest.mark.parametrize(
    ("column", "value", "known"),
    [("assay", "sectoins", "sections, total"), ("group", "fre", "free, unloaded")],
)
def test_rows_that_the_study_does_not_know_are_refused(column, value, known):
    frame = table(0).frame
    one = Observations(frame.iloc[:1].assign(**{column: value}), {"Unloading": ("no", "yes")})
    with pytest.raises(UnknownNameError, match=known):
        log_prob(experiment(), one)


def test_a_day_after_the_study_is_refused():
    changed = Observations(table(0).frame.assign(day=40.0), {"Unloading": ("no", "yes")})
    with pytest.raises(InputError, match="40"):
        log_prob(experiment(), changed)


def published(values: list[tuple[str, float, float]]) -> Observations:
    rows = [
        {
            "study": "toy",
            "group": "free",
            "day": 14.0,
            "age_days": 114.0,
            "niche": "svz",
            "assay": f"mean-{readout}",
            "readout": readout,
            "unit_level": "group",
            "value": value,
            "value_kind": "count",
            "unit": "cells",
            "se": se,
            "n_units": 5,
            "excluded": False,
            "source": "file:" + "0" * 64,
        }
        for readout, value, se in values
    ]
    return Observations(pd.DataFrame(rows))


def test_published_means_are_scored_by_hand():
    here = bind(published_study())
    mean = dict(zip(("cycling", "young"), here.true_means("free")[0], strict=True))
    observations = published([("cycling", 30.0, 4.0), ("young", 90.0, 6.0)])
    sds = {r: math.sqrt(q**2 + math.log(1.01)) for r, q in (("cycling", 4.0 / 30.0), ("young", 6.0 / 90.0))}
    expected = stats.norm.logpdf(math.log(30.0), math.log(mean["cycling"]), sds["cycling"])
    expected += stats.norm.logpdf(math.log(90.0), math.log(2.0 * mean["young"]), sds["young"])
    found = log_prob(here, observations, {"scale:scale_young": 2.0})
    assert found == pytest.approx(expected, rel=1e-9)
    points = pointwise_published(here.at({"scale:scale_young": 2.0}), observations)
    assert points[1][0] == pytest.approx(2.0 * mean["young"], rel=1e-9)
    assert points[1][1] == pytest.approx(math.log(90.0 / (2.0 * mean["young"])) / sds["young"], rel=1e-9)


def test_a_model_without_cells_is_refused_where_cells_were_published():
    with pytest.raises(ModelError, match="predicts 0 cells"):
        log_prob(bind(published_study()), published([("cycling", 30.0, 4.0)]), {"quiescent": 0.0})
